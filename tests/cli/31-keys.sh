# keys add, list, show, remove: keys/ and .sops.yaml stay in step.
. "${0%/*}/../cli/lib.sh"
need ssh-keygen

for name in alice web1 web2 web3; do ssh-keygen -q -t ed25519 -N '' -C "root@$name" -f $name; done
ssh-keygen -q -t ecdsa -N '' -C ecdsa -f ecdsa
ssh-keygen -q -t rsa -b 2048 -N '' -C rsa -f rsa
age_of() { "$BOOTSEAL" ssh-to-age -i "$TMP/$1.pub"; }
alice=$(age_of alice) web1=$(age_of web1) web2=$(age_of web2)
print_of() { ssh-keygen -lf "$TMP/$1.pub" | cut -d' ' -f2; }

mkdir empty repository
cd empty
expect_error 'neither keys/ nor .sops.yaml here or in a directory above; run "bootseal init"' "$BOOTSEAL" keys list
expect_status 100 "$BOOTSEAL" keys add web1 --from ../web1.pub
# The search ends at a repository's top and at the home directory: what is above is another project's.
mkdir -p ../above/keys ../above/inner/.git ../above/inner/sub ../above/home/sub
cd ../above/inner/sub
expect_error 'neither keys/ nor .sops.yaml from here up to "..", the top of the repository or the home directory; run "bootseal init"' "$BOOTSEAL" keys add web1 --from "$TMP/web1.pub"
cd ../../home/sub
HOME=$TMP/above/home expect_error 'from here up to ".."' "$BOOTSEAL" keys list
expect_absent "$TMP/above/keys/web1.pub"
mkdir ../../.git
expect_status 0 "$BOOTSEAL" keys add web1 --from "$TMP/web1.pub"
check "where it is written is told" grep -qx 'web1: written in ../../keys/web1.pub' "$TMP/.err"
cd "$TMP/repository"
"$BOOTSEAL" init --operator alice=../alice.pub 2>/dev/null
cat >.sops.yaml <<END
# Our rules.

keys:
  # people
  - &alice $alice   # her laptop

creation_rules:
  - path_regex: ^secrets/.*\\.yaml\$   # all of them
    age:
      - *alice
    # here is room
END
all() { find . -type f -exec sha256sum {} + | sort; }
unchanged() { if [ "$(all)" = "$before" ]; then ok "nothing changed"; else fail "something changed" "$1"; fi; }
before=$(all)
cp .sops.yaml ../rules

# add, from a subdirectory; only the new lines are new.
mkdir sub
cd sub
expect_status 0 "$BOOTSEAL" keys add web1 --from ../../web1.pub
cd ..
rmdir sub
expect_same keys/web1.pub ../web1.pub
diff ../rules .sops.yaml >../diff || : they differ
cat >../want <<END
5a6
>   - &web1 $web1
10a12
>       - *web1
END
expect_same ../want ../diff
check "the fingerprint is told" grep -qxF "web1: ssh-ed25519 $(print_of web1)" "$TMP/.err"
check "the rule is told" grep -qxF 'web1: is in rule 1 of .sops.yaml (^secrets/.*\.yaml$)' "$TMP/.err"
check "what it cannot open is told" grep -qx 'web1: cannot open this file yet: secrets/openclaw.yaml' "$TMP/.err"

# Once more is no change; another key or another name for it is refused.
before=$(all)
expect_status 0 "$BOOTSEAL" keys add web1 --from ../web1.pub
unchanged again
expect_error '"web1" is there already, with another key' "$BOOTSEAL" keys add web1 --from ../web2.pub
expect_status 32 "$BOOTSEAL" keys add web1 --from ../web2.pub
expect_error "this key is there already: it is \"web1\"'s" "$BOOTSEAL" keys add web9 --from ../web1.pub
printf '%s\n' "$web1" >../converted
expect_error "it is \"web1\"'s" "$BOOTSEAL" keys add web9 --from ../converted
unchanged "a key under two names"
# ... but what a killed run left out is completed.
cp ../rules .sops.yaml
expect_status 0 "$BOOTSEAL" keys add web1 --from ../web1.pub
check "the rules are completed" grep -q '&web1' .sops.yaml

# Several keys of a person, comments and keys of other kinds.
{ cat ../ecdsa.pub ../ecdsa.pub; echo; echo '# a comment'; cat ../web2.pub ../web2.pub; printf '%s \033[31mred\n' "$(cut -d' ' -f1,2 ../web3.pub)"; } >../many
expect_status 0 "$BOOTSEAL" keys add bob --from ../many
check "what was skipped is told" test "$(grep -c '^bob: skipped a key of type' "$TMP/.err")" -eq 2
check "two keys" test "$(wc -l <keys/bob.pub)" -eq 2
if grep -q $'\e' keys/bob.pub "$TMP/.err"; then fail "an escape came through"; else ok "no escape"; fi
check "one anchor for both" grep -qx "  - &bob $web2,$(age_of web3)" .sops.yaml
printf 'a: b\n' >../plain.yaml
check "show --recipients is for --age" sh -c '"$BOOTSEAL" encrypt --filename-override secrets/x.yaml --age "$("$BOOTSEAL" keys show --recipients bob)" ../plain.yaml >../two.yaml'
check "both of them" test "$(grep -c 'recipient: age1' ../two.yaml)" -eq 2
expect_status 0 "$BOOTSEAL" keys remove bob

# Standard input.
from_stdin() { "$BOOTSEAL" keys add web2 --from - <../web2.pub; }
check "from stdin" from_stdin
expect_status 0 "$BOOTSEAL" keys remove web2
known_line() { printf '[web2.example]:2222 %s\n' "$(cut -d' ' -f1,2 ../web2.pub)" | "$BOOTSEAL" keys add web2 --from - --fingerprint "$1"; }
expect_error "the key's fingerprint is $(print_of web2), not $(print_of web1)" known_line "$(print_of web1)"
expect_status 32 known_line "$(print_of web1)"
expect_status 0 known_line "$(print_of web2)"
expect_output "$web2" "$BOOTSEAL" keys show --recipients web2
expect_status 0 "$BOOTSEAL" keys remove web2

# Bad input: one line, no change, and never a word of a private key.
before=$(all)
for private in web3 rsa ecdsa; do
	expect_error 'this is a private key; only the public one is wanted here' "$BOOTSEAL" keys add x --from ../$private
done
"$BOOTSEAL" keygen -o ../identity 2>/dev/null
expect_error 'this is a private key' "$BOOTSEAL" keys add x --from ../identity
if grep -q "$(grep -o 'SECRET-KEY-1.*' ../identity)" "$TMP/.err"; then fail "the key is in the message"; else ok "the key is not told"; fi
sed 1d ../web3 >../body
expect_error 'this is a private key' "$BOOTSEAL" keys add x --from ../body
expect_error 'no key that can be sealed to' "$BOOTSEAL" keys add x --from ../ecdsa.pub
expect_error 'line 3' "$BOOTSEAL" keys add x --from ../rules
expect_error 'no key that can be sealed to' "$BOOTSEAL" keys add x --from /dev/null
expect_error 'nowhere' "$BOOTSEAL" keys add x --from nowhere
expect_error 'directory' "$BOOTSEAL" keys add x --from ..
head -c 5000000 /dev/zero | tr '\0' a >../huge
expect_error 'larger than' "$BOOTSEAL" keys add x --from ../huge
{ printf x; head -c 200000 /dev/urandom; } >../random # whose first line is neither empty nor a comment
expect_error 'line 1' "$BOOTSEAL" keys add x --from ../random
printf 'ssh-ed25519 \033[31mAAAA\n' >../escape
expect_error 'line 1' "$BOOTSEAL" keys add x --from ../escape
printf 'a %s\nb %s\n' "$(cut -d' ' -f1,2 ../web2.pub)" "$(cut -d' ' -f1,2 ../web3.pub)" >../hosts
expect_error 'the keys of more than one host' "$BOOTSEAL" keys add x --from ../hosts
printf '@revoked a %s\n' "$(cut -d' ' -f1,2 ../web2.pub)" >../revoked
expect_error 'revoked' "$BOOTSEAL" keys add x --from ../revoked
for name in web1.example 'a b' ../x -x _x '' $'\e[31m' ä; do expect_status 30 "$BOOTSEAL" keys add --from ../web2.pub -- "$name"; done
expect_error 'try "web1-example"' "$BOOTSEAL" keys add web1.example --from ../web2.pub
expect_error '\x1b[31m' "$BOOTSEAL" keys add $'\e[31m' --from ../web2.pub
expect_error 'longer than 64' "$BOOTSEAL" keys add "$(printf '%065d' 0)" --from ../web2.pub
expect_error 'no key is given' "$BOOTSEAL" keys add x
expect_error 'exclude each other' "$BOOTSEAL" keys add x --from ../web2.pub --scan h
expect_error 'exclude each other' "$BOOTSEAL" keys add x --from ../web2.pub --rule 1 --no-rule
expect_error 'no creation rule "7"; there are 1 (^secrets/.*\.yaml$)' "$BOOTSEAL" keys add x --from ../web2.pub --rule 7
unchanged "bad input"

# Which rule.
cat >>.sops.yaml <<END
  - path_regex: other
    age: "$alice"
END
before=$(all)
expect_error '.sops.yaml has 2 creation rules; say which: --rule' "$BOOTSEAL" keys add web2 --from ../web2.pub
unchanged "no rule named"
expect_status 0 "$BOOTSEAL" keys add web2 --from ../web2.pub --rule other
check "in that rule" grep -qxF "    age: \"$alice,$web2\"" .sops.yaml
check "not in the other" test "$(grep -cF '*web2' .sops.yaml)" -eq 0
expect_status 0 "$BOOTSEAL" keys remove web2
unchanged "added and removed"
expect_status 0 "$BOOTSEAL" keys add web2 --from ../web2.pub --rule 1 --rule 1 --rule 2
check "once in the first" test "$(grep -cF '*web2' .sops.yaml)" -eq 1
expect_status 0 "$BOOTSEAL" keys remove web2
expect_status 0 "$BOOTSEAL" keys add web2 --from ../web2.pub --no-rule
check "an anchor alone" test "$(grep -c web2 .sops.yaml)" -eq 1
expect_status 0 "$BOOTSEAL" keys remove web2
unchanged "recorded only"
# What is written in a way that is not edited is left alone.
cp .sops.yaml ../good
printf 'keys: {a: b}\ncreation_rules:\n  - age: %s\n' "$alice" >.sops.yaml
before=$(all)
expect_error 'cannot edit "./.sops.yaml": line 1 is written in a way that is not edited here: "keys" is no list; by hand, write "- &web2 age1' "$BOOTSEAL" keys add web2 --from ../web2.pub
expect_status 1 "$BOOTSEAL" keys add web2 --from ../web2.pub
printf 'creation_rules: [\n' >.sops.yaml
before=$(all)
expect_error 'cannot read "./.sops.yaml"' "$BOOTSEAL" keys add web2 --from ../web2.pub
unchanged "rules that cannot be edited"
rm .sops.yaml
expect_status 0 "$BOOTSEAL" keys add web2 --from ../web2.pub
check "it says that there are no rules" grep -q 'there is no .sops.yaml: run "bootseal init"' "$TMP/.err"
expect_absent .sops.yaml
expect_status 0 "$BOOTSEAL" keys remove web2
cp ../good .sops.yaml

# A private key in the place of a name is not told, nor is a part of it.
for secret in "$(grep -o 'AGE-SECRET-KEY-.*' ../identity)" AGE-SECRET-KEY-1QQQ age-secret-key-1qqq; do
	expect_error 'a private key is given as a name' "$BOOTSEAL" keys add "$secret" --from ../web2.pub
	expect_error 'a private key is given as a name' "$BOOTSEAL" keys remove "$secret"
	if grep -qi 'secret-key-1' "$TMP/.err"; then fail "the key is in the message"; else ok "the key is not told"; fi
done

# .sops.yaml, keys/ and what is in it may be symlinks that lead elsewhere.
mkdir ../linked ../far ../far/keys
cp -P .sops.yaml ../far/rules.yaml
cp keys/* ../far/keys
mv ../far/keys/alice.pub ../far/alice.pub
ln -s ../alice.pub ../far/keys/alice.pub
ln -s ../far/rules.yaml ../linked/.sops.yaml
ln -s ../far/keys ../linked/keys
cd ../linked
expect_status 0 "$BOOTSEAL" keys add web2 --from ../web2.pub --rule 1
check "the rules elsewhere" grep -q '\*web2' ../far/rules.yaml
check "the key elsewhere" test -f ../far/keys/web2.pub
check "it is a symlink still" test -L .sops.yaml
expect_status 0 "$BOOTSEAL" keys remove web2
expect_absent ../far/keys/web2.pub
expect_same ../far/rules.yaml ../repository/.sops.yaml
expect_error "it is \"alice\"'s" "$BOOTSEAL" keys add web9 --from ../alice.pub
cd ../repository

# A private key where none belongs is told, and not shown.
cp ../web3 keys/web3
printf '# age-secret-key-1qqq\n' >>.sops.yaml
printf 'AGE-SECRET-KEY-1QQQ\n' >keys/leak.pub
expect_status 31 "$BOOTSEAL" keys list
check "in another file" grep -q '^warning: keys/web3: a private key is in it' "$TMP/.err"
check "in the rules" grep -q '^warning: .sops.yaml: a private key is in it' "$TMP/.err"
expect_status 0 "$BOOTSEAL" keys add web2 --from ../web2.pub --no-rule
for file in .sops.yaml keys/web3 keys/leak.pub; do
	check "$file" grep -q "^warning: $file: a private key is in it" "$TMP/.err"
done
if grep -qi 'key-1qqq' "$TMP/.err"; then fail "the key is in the message"; else ok "the key is not told"; fi
rm keys/web3 keys/leak.pub
"$BOOTSEAL" keys remove web2 2>/dev/null
sed -i '$d' .sops.yaml

# list and show.
printf '%-5s  ssh-ed25519  %s  %s\n' alice "$alice" "$(print_of alice)" web1 "$web1" "$(print_of web1)" >../want
"$BOOTSEAL" keys list >../got
expect_same ../want ../got
check "JSON" test "$("$BOOTSEAL" keys list --json | tr -d '\n')" = "[{\"name\":\"alice\",\"keys\":[{\"kind\":\"ssh-ed25519\",\"recipient\":\"$alice\",\"fingerprint\":\"$(print_of alice)\"}]},{\"name\":\"web1\",\"keys\":[{\"kind\":\"ssh-ed25519\",\"recipient\":\"$web1\",\"fingerprint\":\"$(print_of web1)\"}]}]"
cat >../want <<END
key          $(cat ../web1.pub)
recipient    $web1
fingerprint  $(print_of web1)
rule         1 (^secrets/.*\\.yaml\$)
END
"$BOOTSEAL" keys show web1 >../got
expect_same ../want ../got
expect_output "$web1" "$BOOTSEAL" keys show --recipients web1
expect_error 'there is no "nobody" in "./keys"; there are: alice, web1' "$BOOTSEAL" keys show nobody
expect_status 1 "$BOOTSEAL" keys show nobody
# A file that is no good stops nothing, and is told.
printf 'AGE-SECRET-KEY-1QQQ\n' >keys/leak.pub
mkdir keys/dir.pub
mkfifo keys/fifo.pub
printf 'x\n' >"keys/$(printf '\033[31m').pub"
printf 'text\n' >keys/README
expect_status 31 "$BOOTSEAL" keys list
check "the good ones are listed" test "$(wc -l <"$TMP/.out")" -eq 2
if grep -q $'\e' "$TMP/.out" "$TMP/.err"; then fail "an escape came through"; else ok "no escape"; fi
expect_error 'a private key is in it' "$BOOTSEAL" keys show leak
if grep -q KEY-1QQQ "$TMP/.err"; then fail "the key is in the message"; else ok "the key is not told"; fi
if "$BOOTSEAL" keys list --json 2>/dev/null | grep -q $'\e'; then fail "an escape came through"; else ok "no escape in JSON"; fi
if command -v python3 >/dev/null; then
	check "it is JSON" sh -c '"$1" keys list --json 2>/dev/null | python3 -c "import json,sys; assert len(json.load(sys.stdin)) == 6"' - "$BOOTSEAL"
fi
rm -r keys/leak.pub keys/*.pub/ keys/fifo.pub "keys/$(printf '\033[31m').pub"
expect_status 0 "$BOOTSEAL" keys list

# Which files are told: those whose rule gives them to the name, and that were sealed without it.
mkdir -p secrets/deep/er other .hidden
printf 'a: b\n' >../plain.yaml
(cd .. && "$BOOTSEAL" encrypt --age "$alice" plain.yaml) >secrets/deep/er/a.yaml
for copy in other/a.yaml .hidden/a.yaml secrets/deep/a.txt; do cp secrets/deep/er/a.yaml $copy; done
ln -s ../.. secrets/deep/loop
ln -s er/a.yaml secrets/deep/link.yaml
printf 'a: ENC[AES256_GCM,data:x\nb: [\n' >secrets/broken.yaml
expect_status 0 "$BOOTSEAL" keys add web2 --from ../web2.pub --rule 1
grep -o 'cannot open this file yet: .*' "$TMP/.err" | cut -d: -f2 | sort >../told
printf ' %s\n' secrets/deep/er/a.yaml secrets/openclaw.yaml >../want
expect_same ../want ../told
check "what could not be read is told" grep -q 'not all files below "." could be looked at' "$TMP/.err"
expect_status 0 "$BOOTSEAL" keys remove web2
check "no file is left to web2" test "$(grep -c 'can still open' "$TMP/.err")" -eq 0
rm -r secrets/deep secrets/broken.yaml .hidden

# remove: what the name can still open is told; the last recipient stays.
sed -i '/path_regex: other/,$d' .sops.yaml
cp .sops.yaml ../good
expect_status 0 "$BOOTSEAL" keys remove alice
check "it can still open" grep -qx 'alice: can still open this file: secrets/openclaw.yaml' "$TMP/.err"
check "whatever the rules say" grep -qx 'alice: can still open this file: other/a.yaml' "$TMP/.err"
check "and that values must change" grep -q 'change the values themselves' "$TMP/.err"
expect_absent keys/alice.pub
check "not in the rules" test "$(grep -c alice .sops.yaml)" -eq 0
before=$(all)
expect_error 'web1 is the last recipient of rule 1 (^secrets/.*\.yaml$); add another one first' "$BOOTSEAL" keys remove web1
expect_status 32 "$BOOTSEAL" keys remove web1
expect_error 'there is no "alice" in "./keys"; there are: web1' "$BOOTSEAL" keys remove alice
expect_status 30 "$BOOTSEAL" keys remove ../web1
unchanged "nothing removed"
# What a killed run left: the rules without the name, then the file goes; or the other way round.
"$BOOTSEAL" keys add alice --from ../alice.pub 2>/dev/null
rm keys/alice.pub
expect_status 0 "$BOOTSEAL" keys remove alice
check "the anchor alone is removed" test "$(grep -c alice .sops.yaml)" -eq 0

# Two at once: each waits for the other, and both are in.
ssh-keygen -q -t ed25519 -N '' -C '' -f ../a
for i in 1 2 3 4; do
	for j in 1 2 3; do
		ssh-keygen -q -t ed25519 -N '' -C '' -f "../n$i$j"
		"$BOOTSEAL" keys add "n$i$j" --from "../n$i$j.pub" 2>/dev/null &
	done
	wait
done
check "twelve anchors" test "$(grep -c '&n[0-9]' .sops.yaml)" -eq 12
check "twelve aliases" test "$(grep -c '\*n[0-9]' .sops.yaml)" -eq 12

# Killed at any change of a file: .sops.yaml is whole, and the next run completes it.
cp .sops.yaml ../old
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	for call in linkat renameat renameat2 rename mkdirat fsync fchmod write; do
		for when in 1 2 3 4; do
			cp ../old .sops.yaml
			rm -f keys/web2.pub
			bash -c 'strace -f -qq -o /dev/null -e "inject=$1:signal=KILL:when=$2" "$3" keys add web2 --from ../web2.pub; :' - $call $when "$BOOTSEAL" >/dev/null 2>&1
			if ! cmp -s ../old .sops.yaml && ! grep -q '\*web2' .sops.yaml; then fail "killed at $call $when" ".sops.yaml is neither old nor new"; fi
			if [ -e keys/web2.pub ] && ! cmp -s keys/web2.pub ../web2.pub; then fail "killed at $call $when" "keys/web2.pub is not whole"; fi
			"$BOOTSEAL" keys add web2 --from ../web2.pub 2>/dev/null || fail "again after $call $when"
			grep -q '\*web2' .sops.yaml || fail "completed after $call $when"
		done
	done
	ok "killed"
	check "nothing is left" test -z "$(find . -name '.*bootseal-*')"
else
	skip_one "killed at any change of a file" "strace cannot be used"
fi

# A full disk: nothing is half done.
if [ "$(id -u)" -eq 0 ] && mkdir "$TMP/full" && mount -t tmpfs -o size=64k none "$TMP/full" 2>/dev/null; then
	at_exit 'umount "$TMP/full"'
	cp -r .sops.yaml keys "$TMP/full"
	cd "$TMP/full"
	rm -f keys/web2.pub
	cp "$TMP/old" .sops.yaml
	dd if=/dev/zero of=filler bs=1k 2>/dev/null || : until it is full
	before=$(all)
	expect_error 'o space left' "$BOOTSEAL" keys add web2 --from "$TMP/web2.pub"
	unchanged "on a full disk"
	rm -r keys
	dd if=/dev/zero of=filler2 bs=1k 2>/dev/null || : until it is full
	before=$(all)
	expect_error 'o space left' "$BOOTSEAL" keys add web2 --from "$TMP/web2.pub"
	unchanged "on a full disk"
	expect_absent keys
	cd "$TMP"
else
	skip_one "a full disk" "no tmpfs can be mounted here"
fi

# Who may still open what a rule is for, after a name has gone: told, and refused where it is nobody here.
cd "$TMP"
rm -rf repository
mkdir -p repository "$HOME/.config/sops/age"
cd repository
rm -f "$HOME/.config/sops/age/keys.txt" "$HOME/.ssh/id_ed25519"
"$BOOTSEAL" keygen -o "$HOME/.config/sops/age/keys.txt" 2>/dev/null
check "init" "$BOOTSEAL" init --operator me --host web1=../web1.pub
before=$(all)
expect_error 'no key of yours is left in rule 1' "$BOOTSEAL" keys remove me
expect_status 32 "$BOOTSEAL" keys remove me
unchanged "the last operator"
expect_status 0 "$BOOTSEAL" keys remove --lock-out me
check "one key is left" grep -q 'rule 1 (.*) has one key left' "$TMP/.err"
check "what to do" grep -q 'bootseal updatekeys FILE... && bootseal rotate -i FILE...' "$TMP/.err"
rm -rf .sops.yaml keys secrets
check "init" "$BOOTSEAL" init --operator me --operator you="../web3.pub" --host web1=../web1.pub
expect_status 0 "$BOOTSEAL" keys remove web1
check "two are left: nothing to say" sh -c '! grep -q "one key left" "$1"' - "$TMP/.err"
check "as its message says" sh -c '"$BOOTSEAL" updatekeys -y secrets/openclaw.yaml && "$BOOTSEAL" rotate -i secrets/openclaw.yaml'
expect_status 128 env HOME="$TMP/nowhere" SOPS_AGE_SSH_PRIVATE_KEY_FILE="$TMP/web1" "$BOOTSEAL" decrypt secrets/openclaw.yaml
expect_status 0 "$BOOTSEAL" keys remove you
check "without you" "$BOOTSEAL" updatekeys -y secrets/openclaw.yaml

# A person's SSH key is written as it is; either spelling is that name's.
expect_status 0 "$BOOTSEAL" keys add you --person --from ../web3.pub
check "as it is" grep -qx "  - &you $(cut -d' ' -f1,2 ../web3.pub)" .sops.yaml
check "what to run" grep -q 'bootseal updatekeys FILE...' "$TMP/.err"
check "as its message says" "$BOOTSEAL" updatekeys -y secrets/openclaw.yaml
expect_status 0 env HOME="$TMP/nowhere" SOPS_AGE_SSH_PRIVATE_KEY_FILE="$TMP/web3" "$BOOTSEAL" decrypt secrets/openclaw.yaml
expect_status 0 "$BOOTSEAL" keys add you --person --from ../web3.pub
check "show has its rule" sh -c '"$BOOTSEAL" keys show you | grep -q "^rule  *1 "'
expect_status 0 "$BOOTSEAL" keys remove you
check "it is gone" sh -c '! grep -q "you\|ssh-ed25519" .sops.yaml'

# With the last name the list of names goes, unless there is a comment in it.
mkdir ../last
cd ../last
for comment in '' ' # those'; do
	rm -rf keys
	mkdir keys
	printf '# rules\ncreation_rules:\n- age:\n  - %s\n' "$alice" >.sops.yaml
	cp .sops.yaml before.yaml
	"$BOOTSEAL" keys add web1 --from ../web1.pub --rule 1 2>/dev/null
	sed -i "s/^  - &web1.*/&$comment/" .sops.yaml
	"$BOOTSEAL" keys remove web1 2>/dev/null
	if [ -z "$comment" ]; then expect_same before.yaml .sops.yaml; else check "a comment" grep -qx keys: .sops.yaml; fi
done
