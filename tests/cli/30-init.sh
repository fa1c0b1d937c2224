# init: keys/, .sops.yaml and a first sealed file; nothing that exists is overwritten.
. "${0%/*}/../cli/lib.sh"
need ssh-keygen

unset USER SOPS_AGE_KEY_FILE
ssh-keygen -q -t ed25519 -N '' -C root@web1 -f host
ssh-keygen -q -t ed25519 -N '' -C root@web2 -f host2
ssh-keygen -q -t ed25519 -N '' -C alice@laptop -f alice
ssh-keygen -q -t ed25519 -N 'a passphrase' -C locked -f locked

repository() { # a new, empty working directory
	cd "$TMP"
	rm -rf repository
	mkdir repository
	cd repository
}
nothing_made() { expect_absent keys .sops.yaml secrets; }

# With files named: all that a script needs.
repository
expect_status 0 "$BOOTSEAL" init --operator alice=../alice.pub --host web1=../host.pub
check "who is listed" grep -qx 'keys/ says who exists, .sops.yaml who may read what, secrets/openclaw.yaml is sealed to all of them' "$TMP/.err"
cut -d' ' -f1-3 ../alice.pub >want
expect_same want keys/alice.pub
rm want
check "what sops needs for an SSH key" grep -qx 'alice: sops opens files with this SSH key from its version 3.10 on' "$TMP/.err"
alice=$(cut -d' ' -f1,2 ../alice.pub)
web1=$("$BOOTSEAL" ssh-to-age -i ../host.pub)
cat >want <<END
# Who may read what; "bootseal keys" keeps it in step with keys/.
keys:
  - &alice $alice
  - &web1 $web1
creation_rules:
  - path_regex: ^secrets/.*\\.yaml\$
    age:
      - *alice
      - *web1
END
expect_same want .sops.yaml
rm want
check "it is sealed to both" test "$(grep -cE 'recipient: (age1|ssh-ed25519 )' secrets/openclaw.yaml)" -eq 2
check "modes" test "$(stat -c %a .sops.yaml keys/alice.pub secrets/openclaw.yaml | sort -u)" = 644
check "nothing is left" test -z "$(find . -name '.*.bootseal-*')"

# What is there stays.
find . -type f -exec sha256sum {} + | sort >"$TMP/before"
expect_error '".sops.yaml" is there already; add names to it with "bootseal keys add"' "$BOOTSEAL" init --operator alice=../alice.pub
expect_status 32 "$BOOTSEAL" init --operator bob=../host2.pub
find . -type f -exec sha256sum {} + | sort >"$TMP/after"
expect_same "$TMP/before" "$TMP/after"
repository
ln -s /nonexistent .sops.yaml
expect_error 'there already' "$BOOTSEAL" init --operator alice=../alice.pub
expect_absent keys secrets
repository
mkdir keys secrets
printf 'mine\n' | tee keys/alice.pub >secrets/openclaw.yaml
expect_error '"alice" is there already, with another key' "$BOOTSEAL" init --operator alice=../alice.pub
expect_absent .sops.yaml
cp ../alice.pub keys/alice.pub
expect_status 0 "$BOOTSEAL" init --operator alice=../alice.pub
check "it says so" grep -q 'secrets/openclaw.yaml is there already, and stays as it is' "$TMP/.err"
check "the file stays" test "$(cat secrets/openclaw.yaml)" = mine
expect_same keys/alice.pub ../alice.pub

# One lost host must not be all secrets lost.
repository
expect_error 'no key of your own was found' "$BOOTSEAL" init --host web1=../host.pub
expect_status 128 "$BOOTSEAL" init --host web1=../host.pub
expect_error '"alice" and "web1" have the same key; somebody who is not the host' "$BOOTSEAL" init --operator alice=../host.pub --host web1=../host.pub
expect_status 32 "$BOOTSEAL" init --operator alice=../host.pub --host web1=../host.pub
nothing_made

# The operator's own key: where opening finds it, and only one that opening can use.
mkdir -p "$HOME/.ssh" "$HOME/.config/sops/age"
expect_error 'no key of your own was found' "$BOOTSEAL" init --operator alice
nothing_made
cp ../locked "$HOME/.ssh/id_ed25519"
expect_status 0 "$BOOTSEAL" init --operator alice
check "a key with a passphrase tells its public half" grep -q "^$(cut -d' ' -f1,2 ../locked.pub)" keys/alice.pub
repository
"$BOOTSEAL" keygen -o "$HOME/.config/sops/age/keys.txt" 2>/dev/null
expect_error "there is no terminal to ask: Seal to your own key in $HOME/.config/sops/age/keys.txt, as \"operator\"?; say whose key" "$BOOTSEAL" init
expect_status 30 "$BOOTSEAL" init
nothing_made
expect_status 0 "$BOOTSEAL" init --operator alice
check "the age key" grep -qx "$("$BOOTSEAL" keygen -y "$HOME/.config/sops/age/keys.txt")" keys/alice.pub
check "no private key" test -z "$(grep -r SECRET .)"
check "it opens" "$BOOTSEAL" keys list
repository
cp ../alice "$HOME/.ssh/id_ed25519"
expect_status 0 "$BOOTSEAL" init --operator alice
check "the age key comes before the SSH key" grep -q '^age1' keys/alice.pub
repository
mv "$HOME/.config" "$HOME/away"
expect_status 0 "$BOOTSEAL" init --operator alice
check "the SSH key" grep -q "^$(cut -d' ' -f1,2 ../alice.pub)" keys/alice.pub
check "it opens" "$BOOTSEAL" get secrets/openclaw.yaml '["example"]'
mv "$HOME/away" "$HOME/.config"
repository
export SOPS_AGE_KEY_FILE=$HOME/.config/sops/age/keys.txt
expect_status 0 "$BOOTSEAL" init --operator alice
check "SOPS_AGE_KEY_FILE comes first" grep -q '^age1' keys/alice.pub
# ... relative to here, too; and what it names is taken or told, never another key instead.
repository
cp "$HOME/.config/sops/age/keys.txt" relative.txt
SOPS_AGE_KEY_FILE=relative.txt expect_status 0 "$BOOTSEAL" init --operator alice
check "a relative one" grep -q '^age1' keys/alice.pub
repository
printf 'neither\n' >"$TMP/broken.txt"
for named in nowhere.txt "$TMP" "$TMP/broken.txt"; do
	SOPS_AGE_KEY_FILE=$named expect_error 'SOPS_AGE_KEY_FILE: ' "$BOOTSEAL" init --operator alice
	nothing_made
done
unset SOPS_AGE_KEY_FILE

# What is wrong on the command line.
repository
expect_status 30 "$BOOTSEAL" init --operator web1.example=../alice.pub
expect_error 'try "web1-example"' "$BOOTSEAL" init --operator web1.example=../alice.pub
expect_error '--host "web1" is not NAME=FILE' "$BOOTSEAL" init --operator alice --host web1
expect_error '--host "web1=" is not NAME=FILE' "$BOOTSEAL" init --operator alice --host web1=
expect_error '--scan "web1" is not NAME=HOST' "$BOOTSEAL" init --operator alice --scan web1
expect_error 'the name "web1" is given twice' "$BOOTSEAL" init --operator alice --host web1=../host.pub --host web1=../host2.pub
expect_error 'have the same key' "$BOOTSEAL" init --operator alice --host web1=../host.pub --host web2=../host.pub
expect_error 'not one --fingerprint for each --scan' "$BOOTSEAL" init --operator alice --fingerprint SHA256:x
expect_error 'this is a private key' "$BOOTSEAL" init --operator alice=../alice
for secret in "$(grep -o 'AGE-SECRET-KEY-.*' "$HOME/.config/sops/age/keys.txt")" AGE-SECRET-KEY-1QQQ age-Secret-key-1qqq; do
	for operator in "$secret" "$secret=../alice.pub"; do
		expect_error 'a private key is given as a name' "$BOOTSEAL" init --operator "$operator"
		if grep -qi 'secret-key-1' "$TMP/.err"; then fail "the key is in the message"; else ok "the key is not told"; fi
	done
done
expect_error 'a name of 70 characters is longer than 64' "$BOOTSEAL" init --operator "$(printf '%070d' 1)=../alice.pub"
expect_error 'nowhere.pub' "$BOOTSEAL" init --operator alice=nowhere.pub
expect_error 'directory' "$BOOTSEAL" init --operator alice=..
nothing_made

# Standard input for one of them.
from_stdin() { "$BOOTSEAL" init --operator alice --host web1=- <../host.pub; }
check "a host from stdin" from_stdin
expect_status 0 "$BOOTSEAL" keys show web1

# The question, on a terminal.
if command -v expect >/dev/null; then
	. "$ROOT/tests/cli/terminal.sh"
	for answer in '' n no x yess 'y e s'; do
		repository
		expect_status 34 on_terminal "$answer" "$BOOTSEAL" init
		nothing_made
	done
	for answer in y yes Y; do
		repository
		expect_status 0 on_terminal "$answer" "$BOOTSEAL" init
		check "the default name" test -f keys/operator.pub
	done
	repository
	USER='al.ice' expect_status 0 on_terminal y "$BOOTSEAL" init
	check "a name that would do" test -f keys/al-ice.pub
else
	skip_one "the question on a terminal" "expect is not installed"
fi

# What is in the way is told before anything is made.
repository
echo x >secrets
expect_error '"secrets" is there already, and is no directory; move it away' "$BOOTSEAL" init --operator alice=../alice.pub
expect_absent keys .sops.yaml
rm secrets
ln -s nowhere secrets
expect_error '"secrets" is there already, and is no directory' "$BOOTSEAL" init --operator alice=../alice.pub
expect_absent keys .sops.yaml
rm secrets
echo x >keys
expect_error '"keys" is there already, and is no directory' "$BOOTSEAL" init --operator alice=../alice.pub
expect_absent secrets .sops.yaml

# Directories that are symlinks are followed, wherever they lead.
repository
rm -rf ../elsewhere ../out
mkdir ../elsewhere ../out
ln -s ../elsewhere keys
ln -s ../out secrets
expect_status 0 "$BOOTSEAL" init --operator alice=../alice.pub
check "the key" test -f ../elsewhere/alice.pub
check "the sealed file" grep -q 'recipient: ssh-ed25519 ' ../out/openclaw.yaml
check "they are symlinks still" test -L keys -a -L secrets

# A full disk: what this run made is taken back.
if [ "$(id -u)" -eq 0 ] && mkdir "$TMP/full" && mount -t tmpfs -o size=64k none "$TMP/full" 2>/dev/null; then
	at_exit 'umount "$TMP/full"'
	for left in 0 1 2; do
		cd "$TMP/full"
		dd if=/dev/zero of=filler bs=4k 2>/dev/null || : until it is full
		truncate -s -$((left * 4096)) filler
		expect_error 'o space left' "$BOOTSEAL" init --operator alice="$TMP/alice.pub"
		expect_absent keys secrets .sops.yaml
		mkdir keys
		expect_error 'o space left' "$BOOTSEAL" init --operator alice="$TMP/alice.pub"
		check "a directory that was there stays" rmdir keys
		rm filler
	done
	cd "$TMP"
else
	skip_one "a full disk" "no tmpfs can be mounted here"
fi

# A directory that cannot be written.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	repository
	chmod 755 "$TMP" "$HOME"
	cp ../alice.pub .
	check "readable for all" chmod 755 . "$TMP"
	as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$BOOTSEAL" init --operator alice=alice.pub; }
	if setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$BOOTSEAL"; then
		expect_error 'ermission denied' as_nobody
	else
		skip_one "a directory that cannot be written" "the program is not readable for others"
	fi
	nothing_made
fi

# Killed at any change of a file: what is there is whole, and the same run made again completes it.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	for call in linkat renameat renameat2 rename mkdirat fsync fchmod; do
		for when in 1 2 3 4 5; do
			repository
			bash -c 'strace -f -qq -o /dev/null -e "inject=$1:signal=KILL:when=$2" "$3" init --operator alice=../alice.pub --host web1=../host.pub; :' - $call $when "$BOOTSEAL" >/dev/null 2>&1
			if [ -e .sops.yaml ]; then
				expect_status 32 "$BOOTSEAL" init --operator alice=../alice.pub --host web1=../host.pub
			else
				expect_status 0 "$BOOTSEAL" init --operator alice=../alice.pub --host web1=../host.pub
			fi
			[ "$(grep -c '\*' .sops.yaml)" -eq 3 ] || fail "killed at $call $when" ".sops.yaml is not whole"
			[ "$(grep -cE 'recipient: (age1|ssh-ed25519 )' secrets/openclaw.yaml)" -eq 2 ] || fail "killed at $call $when" "the file is not whole"
			[ "$("$BOOTSEAL" keys list | wc -l)" -eq 2 ] || fail "killed at $call $when" "not both names"
			[ -z "$(find . -name '.*bootseal-*')" ] || fail "killed at $call $when" "something is left"
		done
	done
else
	skip_one "killed at any change of a file" "strace cannot be used"
fi
