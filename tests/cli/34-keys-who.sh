#!/usr/bin/env bash
# keys who: whose a file is, and which of the keys here opens it.
. "${0%/*}/lib.sh"

for n in 1 2 3; do "$BOOTSEAL" keygen -o key$n 2>/dev/null; done
r() { "$BOOTSEAL" keygen -y key"$1"; }
mkdir keys
r 1 >keys/alice.pub
r 2 >keys/web1.pub
printf 'creation_rules:\n  - age: %s,%s\n' "$(r 1)" "$(r 2)" >.sops.yaml
printf 'a: 1\n' >plain.yaml
"$BOOTSEAL" encrypt plain.yaml >sealed.yaml
"$BOOTSEAL" encrypt --input-type yaml --output-type json plain.yaml >sealed.json

about "one group"
cat >want <<END
sealed.yaml: 2 recipients
  alice  $(r 1): no identity here
  web1   $(r 2): $TMP/key2 opens it
1 identity here
  $TMP/key2 (web1, $(r 2)): opens one of them
END
expect_status 0 env SOPS_AGE_KEY_FILE=key2 "$BOOTSEAL" keys who sealed.yaml
expect_same want .out
sed -i 's/sealed.yaml/sealed.json/' want
expect_status 0 env SOPS_AGE_KEY_FILE=key2 "$BOOTSEAL" keys who sealed.json
expect_same want .out
cat key3 key1 key2 >keys3
expect_status 0 env SOPS_AGE_KEY_FILE=keys3 "$BOOTSEAL" keys who sealed.yaml
cat >want <<END
sealed.yaml: 2 recipients
  alice  $(r 1): $TMP/keys3 opens it
  web1   $(r 2): $TMP/keys3 opens it
3 identities here
  $TMP/keys3 ($(r 3)): not a recipient
  $TMP/keys3 (alice, $(r 1)): opens one of them
  $TMP/keys3 (web1, $(r 2)): opens one of them
END
expect_same want .out
expect_error 'no identity here opens "sealed.yaml"' env SOPS_AGE_KEY_FILE=key3 "$BOOTSEAL" keys who sealed.yaml
check "and it is said why" grep -q "key3 ($(r 3)): not a recipient" .out
expect_status 128 "$BOOTSEAL" keys who sealed.yaml
check "no identity at all" grep -q "^0 identities here" .out
expect_status 128 env SOPS_AGE_KEY_FILE=missing "$BOOTSEAL" keys who sealed.yaml
check "what could not be read" grep -q '^not used: .*missing' .out
expect_output "{\"file\":\"sealed.yaml\",\"opens\":\"yes\",\"groups\":1,\"needed\":1,\"recipients\":[{\"kind\":\"age\",\"recipient\":\"$(r 1)\",\"name\":\"alice\",\"opens\":\"no\"},{\"kind\":\"age\",\"recipient\":\"$(r 2)\",\"name\":\"web1\",\"opens\":\"yes\",\"by\":\"$TMP/key2\"}],\"identities\":[{\"source\":\"$TMP/key2\",\"recipient\":\"$(r 2)\",\"name\":\"web1\",\"opens\":\"yes\"}],\"problems\":\"\"}" \
	env SOPS_AGE_KEY_FILE=key2 "$BOOTSEAL" keys who --json sealed.yaml
sed 's/^            Y/            Z/' sealed.yaml >damaged.yaml
expect_status 128 env SOPS_AGE_KEY_FILE=key2 "$BOOTSEAL" keys who damaged.yaml
check "what is broken" grep -q "broken: not an age file" .out
expect_error "keys who" env SOPS_AGE_KEY_FILE=key3 "$BOOTSEAL" decrypt sealed.yaml

about "age files"
head -c 9000000 /dev/zero >zeros
for armor in "" -a; do
	"$BOOTSEAL" age $armor -r "$(r 1)" -o large.age zeros
	expect_status 0 env SOPS_AGE_KEY_FILE=key1 "$BOOTSEAL" keys who large.age
	check "it opens $armor" grep -q "X25519: $TMP/key1 opens it" .out
	expect_status 0 env SOPS_AGE_KEY_FILE=key1 sh -c '"$BOOTSEAL" keys who - <large.age'
	head -c 150 large.age >cut.age
	expect_error 'cannot look at "cut.age": malformed age' env SOPS_AGE_KEY_FILE=key1 "$BOOTSEAL" keys who cut.age
done
(umask 077 && echo secret >pass)
BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" age -p -o sealed.age plain.yaml
expect_status 128 "$BOOTSEAL" keys who sealed.age
check "a passphrase" grep -q 'scrypt: a passphrase, which "bootseal age -d" asks for' .out
expect_status 128 env SOPS_AGE_KEY_CMD="cat key1" "$BOOTSEAL" keys who large.age
check "no program was run" grep -q "^not used: no program that prints keys was run" .out
expect_status 0 env SOPS_AGE_KEY_CMD="cat key1" "$BOOTSEAL" keys who sealed.yaml
check "what it prints for each is one key" grep -q "^1 identity here" .out
printf '\377\376a\0g\0e\0-\0' >shell.age
expect_error "a redirection of PowerShell changed it" env SOPS_AGE_KEY_FILE=key1 "$BOOTSEAL" age -d -i key1 shell.age
if command -v ssh-keygen >/dev/null; then
	ssh-keygen -q -t rsa -b 2048 -m PEM -N secret -f locked_rsa
	ssh-keygen -q -t ed25519 -N secret -f locked
	rm locked_rsa.pub
	expect_status 128 env SOPS_AGE_SSH_PRIVATE_KEY_FILE=locked_rsa "$BOOTSEAL" keys who sealed.yaml
	check "an RSA key is none of age1…" grep -q "locked_rsa (locked): not a recipient" .out
	expect_status 128 env SOPS_AGE_SSH_PRIVATE_KEY_FILE=locked_rsa "$BOOTSEAL" keys who large.age
	"$BOOTSEAL" encrypt --age "$(cut -d' ' -f1,2 locked.pub)" plain.yaml >ssh.yaml
	expect_error "locked (age1" env SOPS_AGE_SSH_PRIVATE_KEY_FILE=locked setsid -w "$BOOTSEAL" decrypt ssh.yaml
	check "a locked key may be the one" grep -q ", under a passphrase)" .err
else
	skip_one "locked SSH keys" "ssh-keygen is not installed"
fi

about "groups"
printf 'creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n      - age: [%s]\n      - age: [%s]\n      - age: [%s]\n' \
	"$(r 1)" "$(r 2)" "$(r 3)" >.sops.yaml
"$BOOTSEAL" encrypt plain.yaml >groups.yaml
expect_status 128 env SOPS_AGE_KEY_FILE=key2 "$BOOTSEAL" keys who groups.yaml
check "how many" grep -q "^2 of its 3 key groups are needed" .out
check "one alone" grep -A1 "^ group 1" .out
cat key1 key3 >keys2
expect_status 0 env SOPS_AGE_KEY_FILE=keys2 "$BOOTSEAL" keys who groups.yaml
expect_status 0 env SOPS_AGE_KEY_FILE=keys2 "$BOOTSEAL" keys who --json groups.yaml
check "the group of each" grep -q '"group":2' .out

about "age files"
printf 'hello\n' >plain
"$BOOTSEAL" age -a -r "$(r 1)" -r "$(cat "$ROOT/tests/vectors/activate/host_key.pub")" -o file.age plain
expect_status 0 env SOPS_AGE_KEY_FILE=key1 "$BOOTSEAL" keys who file.age
check "the stanza" grep -q "X25519: $TMP/key1 opens it" .out
cp "$ROOT/tests/vectors/activate/host_key" . && chmod 600 host_key
expect_status 0 env SOPS_AGE_SSH_PRIVATE_KEY_FILE=host_key "$BOOTSEAL" keys who file.age
check "the other" grep -q "ssh-ed25519.*: $TMP/host_key opens it" .out
cp "$ROOT/tests/vectors/activate/host_key.pub" keys/host.pub
expect_status 128 env SOPS_AGE_KEY_FILE=key3 "$BOOTSEAL" keys who file.age
check "an SSH key's stanza tells whose it is" grep -q "^  host  ssh-ed25519: no identity here" .out
"$BOOTSEAL" age -r "$(r 1)" -o file2.age plain
expect_status 0 env SOPS_AGE_KEY_FILE=key1 SOPS_AGE_KEY_CMD=false "$BOOTSEAL" keys who file2.age

about "plugins"
mkdir bin
cp "$ROOT/tests/cli/age-plugin-test" bin/ && chmod 755 bin/age-plugin-test
export PATH=$TMP/bin:$PATH PLUGIN_LOG=$TMP/log
rm .sops.yaml
"$BOOTSEAL" encrypt --age age1test1vfhk7arnv4skcgr5v4ehggp3ndfl73 plain.yaml >plugin.yaml
echo AGE-PLUGIN-TEST-1VFHK7ARNV4SKCGR5V4EHGGP3R3CK4M >id
: >log
expect_status 0 env SOPS_AGE_KEY_FILE=id "$BOOTSEAL" keys who plugin.yaml
check "it may" grep -q "id may open it, and asks a plugin" .out
check "and was not asked" test ! -s log
echo AGE-PLUGIN-OTHER-1W258LR >id
expect_status 128 env SOPS_AGE_KEY_FILE=id "$BOOTSEAL" keys who plugin.yaml

about "refused"
expect_error "not sealed" "$BOOTSEAL" keys who plain.yaml
expect_status 100 "$BOOTSEAL" keys who nothing.yaml
