# keys add --scan: what a host shows is compared with what ssh knows, shown, and asked about.
. "${0%/*}/../cli/lib.sh"
need ssh-keygen

for name in alice host other; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f $name; done
ssh-keygen -q -t ecdsa -N '' -C ecdsa -f ecdsa
key_of() { cut -d' ' -f1,2 "$TMP/$1.pub"; }
print_of() { ssh-keygen -lf "$TMP/$1.pub" | cut -d' ' -f2; }
print=$(print_of host)
mkdir repository bin "$HOME/.ssh"
cd repository
"$BOOTSEAL" init --operator alice=../alice.pub 2>/dev/null
PATH=$TMP/bin:$PATH
# A stand-in that notes its arguments and shows what it is told to.
cat >../bin/ssh-keyscan <<END
#!/bin/sh
echo "\$*" >"$TMP/asked"
env >"$TMP/environment"
echo "# banner \033[31m" >&2
cat "$TMP/shown" 2>/dev/null
END
chmod +x ../bin/ssh-keyscan
shows() { printf '%s\n' "$@" >"$TMP/shown"; }
knows() { printf '%s\n' "$@" >"$HOME/.ssh/known_hosts"; }
all() { find . -type f -exec sha256sum {} + | sort; }
unchanged() { if [ "$(all)" = "$before" ]; then ok "nothing changed"; else fail "something changed" "$1"; fi; }
added() { expect_status 0 "$BOOTSEAL" keys add web1 --scan "$1" --fingerprint "$print"; "$BOOTSEAL" keys remove web1 2>/dev/null; }
before=$(all)

# Without a terminal only a fingerprint is taken.
shows "web1.example $(key_of ecdsa)" "web1.example $(key_of host)"
expect_error "there is no terminal to ask: \"web1.example\" shows ssh-ed25519 $print (it is in no known_hosts file). Is it the key of web1?; give its --fingerprint SHA256:" "$BOOTSEAL" keys add web1 --scan web1.example
expect_status 30 "$BOOTSEAL" keys add web1 --scan web1.example
check "how it asked" test "$(cat "$TMP/asked")" = "-T 10 -p 22 -- web1.example"
expect_error "the key's fingerprint is $print, not SHA256:x" "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint SHA256:x
expect_status 32 "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$(print_of other)"
expect_error 'no fingerprint of the form' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "${print#SHA256:}"
unchanged "without a terminal"
expect_status 0 "$BOOTSEAL" keys add web1 --scan web1.example:2222 --fingerprint "$print"
check "how it asked" test "$(cat "$TMP/asked")" = "-T 10 -p 2222 -- web1.example"
check "the key" test "$(cat keys/web1.pub)" = "$(key_of host) web1.example"
check "what was skipped is told" grep -qx 'web1: skipped a key of type ecdsa-sha2-nistp256: only ssh-ed25519 and ssh-rsa can be sealed to' "$TMP/.err"
check "the name is in the rule" grep -q '\*web1' .sops.yaml
expect_status 0 "$BOOTSEAL" keys remove web1
unchanged "added and removed"

# Nothing of the user's own keys goes to it, on its command line or in its environment.
export SOPS_AGE_KEY=AGE-SECRET-KEY-1Q SOPS_AGE_KEY_FILE=keys.txt SOPS_AGE_KEY_CMD=x SOPS_AGE_SSH_PRIVATE_KEY_FILE=x SOPS_AGE_SSH_PRIVATE_KEY_CMD=x OTHER=y
expect_status 0 "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
unset SOPS_AGE_KEY SOPS_AGE_KEY_FILE SOPS_AGE_KEY_CMD SOPS_AGE_SSH_PRIVATE_KEY_FILE SOPS_AGE_SSH_PRIVATE_KEY_CMD
check "no keys in its environment" test -z "$(grep SOPS_ "$TMP/environment")"
check "all else is there" grep -qx OTHER=y "$TMP/environment"
rm "$TMP/asked"
expect_error 'a private key is given as a host' "$BOOTSEAL" keys add web2 --scan AGE-SECRET-KEY-1QQQ
expect_absent "$TMP/asked"
expect_status 0 "$BOOTSEAL" keys remove web1
unchanged "its environment"

# What ssh knows decides first, even before a fingerprint.
knows "web1.example $(key_of other)"
expect_error 'the ssh-ed25519 key that "web1.example" shows is not the one in ~/.ssh/known_hosts; somebody may be in between' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
expect_status 32 "$BOOTSEAL" keys add web1 --scan web1.example
ssh-keygen -q -H -f "$HOME/.ssh/known_hosts" >/dev/null 2>&1
expect_error 'is not the one in' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
knows "*.example $(key_of other)"
expect_error 'is not the one in' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
ssh-keygen -q -t ecdsa -N '' -C ecdsa -f ../ecdsa2
knows "web1.example $(key_of ecdsa2)"
expect_error 'the ecdsa-sha2-nistp256 key that "web1.example" shows is not the one' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
knows "@revoked * $(key_of host)"
expect_error 'is revoked in ~/.ssh/known_hosts' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
rm "$HOME/.ssh/known_hosts"
mkdir "$HOME/.ssh/known_hosts"
expect_error 'directory' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
rmdir "$HOME/.ssh/known_hosts"
unchanged "what is known differs"
knows "web1.example $(key_of host)"
added web1.example
knows "web1.example $(key_of other)"
added web1.example:2222
added other.example
knows 'broken line' $'\xff\xfe'
added web1.example
unchanged "added and removed"

# What a host may show.
rm -f "$HOME/.ssh/known_hosts"
shows "web1 $(key_of ecdsa)"
expect_error 'no key that can be sealed to' "$BOOTSEAL" keys add web1 --scan web1 --fingerprint "$print"
shows "web1 $(key_of host)" "web1 $(key_of other)"
expect_error 'the keys of more than one host' "$BOOTSEAL" keys add web1 --scan web1 --fingerprint "$print"
shows "web1 ssh-ed25519 $(printf '\033[31m')"
expect_error '"web1": line 1' "$BOOTSEAL" keys add web1 --scan web1 --fingerprint "$print"
rm ../shown
expect_error '"web1", port 22, showed no key; run "ssh-keyscan -p 22 web1" to see why' "$BOOTSEAL" keys add web1 --scan web1
for host in -oProxyCommand=x 'a b' root@web1 web1: web1:x '' '[::1'; do expect_status 30 "$BOOTSEAL" keys add web1 --scan "$host"; done
without() { PATH=$TMP/none "$BOOTSEAL" keys add web1 --scan web1; }
expect_error 'ssh-keyscan is part of OpenSSH' without
unchanged "what a host may show"

# A host without an ed25519 key: its RSA key as it is, with a word on what that means.
ssh-keygen -q -t rsa -b 2048 -N '' -C rsa -f ../rsa
ssh-keygen -q -t rsa -b 1024 -N '' -C short -f ../short
shows "web1.example $(key_of ecdsa)" "web1.example $(key_of rsa)"
expect_error "shows ssh-rsa $(print_of rsa) (it is in no known_hosts file). Is it the key of web1?; give its --fingerprint SHA256:…, as \"ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub\"" "$BOOTSEAL" keys add web1 --scan web1.example
expect_status 0 "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$(print_of rsa)"
check "it says what sops makes of it" grep -q '^web1: an ssh-rsa key has no age1… form and is sealed to as it is: sops opens that from 3.10 on' "$TMP/.err"
check "the RSA key" test "$(cat keys/web1.pub)" = "$(key_of rsa) web1.example"
check "as it is in the rules" grep -qF "$(key_of rsa)" .sops.yaml
echo 'password: hunter2' | "$BOOTSEAL" encrypt --filename-override secrets/x.yaml --input-type yaml --output-type yaml >../sealed.yaml
mv "$TMP/home/.ssh" "$TMP/home/ssh.away"
expect_output 'password: hunter2' env SOPS_AGE_SSH_PRIVATE_KEY_FILE="$TMP/rsa" "$BOOTSEAL" decrypt ../sealed.yaml
if command -v sops >/dev/null; then
	expect_output 'password: hunter2' env SOPS_AGE_SSH_PRIVATE_KEY_FILE="$TMP/rsa" sops decrypt ../sealed.yaml
else
	skip_one "sops with an RSA host key" "sops is not installed"
fi
mv "$TMP/home/ssh.away" "$TMP/home/.ssh"
expect_status 0 "$BOOTSEAL" keys remove web1
shows "web1.example $(key_of rsa)" "web1.example $(key_of host)"
added web1.example
expect_status 30 "$BOOTSEAL" keys add web1 --scan web1.example --type ecdsa
expect_status 0 "$BOOTSEAL" keys add web1 --scan web1.example --type ssh-rsa --fingerprint "$(print_of rsa)"
check "the key of the type" test "$(cat keys/web1.pub)" = "$(key_of rsa) web1.example"
expect_status 0 "$BOOTSEAL" keys remove web1
knows "web1.example $(key_of other)"
expect_error 'the ssh-ed25519 key that "web1.example" shows is not the one' "$BOOTSEAL" keys add web1 --scan web1.example --type ssh-rsa --fingerprint "$(print_of rsa)"
rm "$HOME/.ssh/known_hosts"
shows "web1.example $(key_of short)"
expect_error 'no key that can be sealed to: skipped a key of type ssh-rsa: an RSA key of 1024 bits is too short' "$BOOTSEAL" keys add web1 --scan web1.example --fingerprint "$print"
expect_status 0 "$BOOTSEAL" keys add web1 --from ../rsa.pub
check "the same of a file" grep -q '^web1: an ssh-rsa key has no age1… form' "$TMP/.err"
expect_status 0 "$BOOTSEAL" keys remove web1
unchanged "RSA keys"

# The question.
shows "web1.example $(key_of host)"
if command -v expect >/dev/null; then
	. "$ROOT/tests/cli/terminal.sh"
	for answer in '' n no x; do expect_status 34 on_terminal "$answer" "$BOOTSEAL" keys add web1 --scan web1.example; done
	unchanged "not accepted"
	expect_status 0 on_terminal y "$BOOTSEAL" keys add web1 --scan web1.example
	check "the fingerprint is shown" grep -qF "shows ssh-ed25519 $print (it is in no known_hosts file)" "$TMP/typed"
	"$BOOTSEAL" keys remove web1 2>/dev/null
	knows "web1.example $(key_of host)"
	expect_status 0 on_terminal y "$BOOTSEAL" keys add web1 --scan web1.example
	check "it is known" grep -qF "(the ssh-ed25519 key is the one in ~/.ssh/known_hosts)" "$TMP/typed"
	"$BOOTSEAL" keys remove web1 2>/dev/null
	unchanged "added and removed"
else
	skip_one "the question on a terminal" "expect is not installed"
fi

# init scans too.
mkdir ../second
cd ../second
expect_status 0 "$BOOTSEAL" init --operator alice=../alice.pub --scan web1=web1.example --fingerprint "$print"
check "the host's key" test "$(cat keys/web1.pub)" = "$(key_of host) web1.example"
cd ../repository

# A real host, here.
rm -f ../bin/ssh-keyscan "$HOME/.ssh/known_hosts"
if ! [ -x /usr/sbin/sshd ]; then
	skip_one "a real sshd" "it is not installed"
elif ! command -v ssh-keyscan >/dev/null; then
	skip_one "a real sshd" "ssh-keyscan is not installed"
else
	[ -d /run/sshd ] || ! mkdir -m 0755 /run/sshd 2>/dev/null || at_exit 'rmdir /run/sshd'
	chmod 600 ../host ../ecdsa
	port=$((25000 + $$ % 5000)) # below those that connections are given
	printf 'Port %s\nListenAddress 127.0.0.1\nHostKey %s\nHostKey %s\nPidFile none\nUsePAM no\n' $port "$TMP/host" "$TMP/ecdsa" >../sshd.conf
	/usr/sbin/sshd -D -f ../sshd.conf -E "$TMP/sshd.log" &
	daemon=$!
	at_exit 'kill $daemon 2>/dev/null'
	for _ in {1..300}; do
		ssh-keyscan -p $port 127.0.0.1 2>/dev/null | grep -q ed25519 && break
		sleep 0.3
	done
	if ! kill -0 $daemon 2>/dev/null; then
		skip_one "a real sshd" "it does not start here"
	else
		expect_status 0 "$BOOTSEAL" keys add web1 --scan 127.0.0.1:$port --fingerprint "$print"
		check "the real host's key" grep -qF "$(key_of host)" keys/web1.pub
		"$BOOTSEAL" keys remove web1 2>/dev/null
		printf '[127.0.0.1]:%s %s\n' $port "$(key_of other)" >"$HOME/.ssh/known_hosts"
		expect_error 'is not the one in ~/.ssh/known_hosts' "$BOOTSEAL" keys add web1 --scan 127.0.0.1:$port --fingerprint "$print"
		unchanged "the real host is another"
	fi
fi
