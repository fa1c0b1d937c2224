#!/usr/bin/env bash
# activate takes age files, as agenix has them: each is one secret, whole.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
fake_systemctl

host <<'END'
identities: [host_key]
secrets:
  armored: {file: armored.age}
  binary: {file: binary.age, format: age, key: ""}
  again: {file: binary.age, mode: "0440"}
  named: {file: odd.name, format: age, restart: [odd.service]}
  native: {file: native.age}
  empty: {file: empty.age}
  beside: {file: s.json, key: a}
END
printf 'hello\n' >hello
head -c 200000 /dev/urandom >large
: >nothing
printf '{"a": "b"}' >s.json
seal s.json
key="$(cat host_key.pub 2>/dev/null || cat "$VECTORS/host_key.pub")"
"$BOOTSEAL" age -a -r "$key" -o armored.age hello
"$BOOTSEAL" age -r "$key" -o binary.age large
"$BOOTSEAL" age -r "$key" -o odd.name hello
"$BOOTSEAL" age -r "$("$BOOTSEAL" ssh-to-age <<<"$key")" -o native.age hello
"$BOOTSEAL" age -r "$key" -o empty.age nothing

about "age files"
expect_output "7 files for /run/secrets: nothing wrong" "$BOOTSEAL" activate --check host.yaml
run "activate" "$BOOTSEAL" activate host.yaml
expect_same hello /run/secrets/armored
expect_same large /run/secrets/binary
expect_same large /run/secrets/again
expect_output 440 stat -c %a /run/secrets/again
expect_same hello /run/secrets/named
expect_same hello /run/secrets/native
expect_same nothing /run/secrets/empty
expect_output b sh -c 'cat /run/secrets/beside; echo'
printf 'changed\n' >hello
"$BOOTSEAL" age -r "$key" -o odd.name hello
run "activate again" "$BOOTSEAL" activate host.yaml
expect_same hello /run/secrets/named
check "its unit is told" grep -q odd.service "$TMP/systemctl.log"

about "agenix's own"
cp "$ROOT"/tests/vectors/agenix/*.age "$ROOT"/tests/vectors/agenix/keys/user1 .
chmod 600 user1
printf 'identities: [user1]\nsecrets:\n  one: {file: secret1.age}\n  two: {file: armored-secret.age}\n' >agenix.yaml
run "activate" "$BOOTSEAL" activate agenix.yaml
expect_output hello cat /run/secrets/one
expect_output "Hello World!" cat /run/secrets/two

about "refused"
printf 'secrets: {a: {file: hello, format: age}}\nidentities: [host_key]\n' >bad.yaml
expect_error '"hello": not an age file' "$BOOTSEAL" activate --check bad.yaml
expect_error 'cannot open "hello": not an age file' "$BOOTSEAL" activate bad.yaml
head -c 300000 binary.age | tail -c +2 >cut.age
sed -i 's/hello, format: age/cut.age/' bad.yaml
expect_error 'not an age file' "$BOOTSEAL" activate --check bad.yaml
head -c 100000 binary.age >cut.age
expect_error 'cannot open "cut.age"' "$BOOTSEAL" activate bad.yaml
"$BOOTSEAL" age -r age17044m9wgakla6pzftf4srtl3h5mcsr85jysgt5fg23zpnta8sfdqhzn452 -o cut.age hello
expect_error 'no identity' "$BOOTSEAL" activate bad.yaml
printf 'secrets: {a: {file: a.age, key: k}}\n' >bad.yaml
expect_error 'an age file has no keys' "$BOOTSEAL" activate --check bad.yaml
printf 'environments: {a: {file: a.age, keys: all}}\n' >bad.yaml
expect_error 'values of an age file' "$BOOTSEAL" activate --check bad.yaml

about "identities that cannot be used"
cp "$ROOT"/tests/vectors/ssh/keys/{ecdsa,ed25519-aes256-ctr,rsa-pem-aes128} "$ROOT"/tests/vectors/ssh/keys/rsa.pub .
chmod 600 ecdsa ed25519-aes256-ctr rsa-pem-aes128
unusable() { sed "s/^identities:.*/identities: [$1]/" agenix.yaml >bad.yaml; }
unusable "ecdsa, user1"
run "an ECDSA key is passed over" "$BOOTSEAL" activate bad.yaml
expect_output hello cat /run/secrets/one
unusable ecdsa
expect_error '"ecdsa": an ECDSA SSH key can only sign; use an ed25519 or RSA key' "$BOOTSEAL" activate bad.yaml
unusable "ecdsa, host_key"
expect_error '; not used: "ecdsa": an ECDSA SSH key can only sign' "$BOOTSEAL" activate bad.yaml
# with a passphrase: no word of it where it is none of the file's, and else one line that says what to do
unusable "ed25519-aes256-ctr, user1"
run "a locked key is not needed" "$BOOTSEAL" activate bad.yaml
(umask 077 && echo hunter2 >pass)
unusable "ed25519-aes256-ctr"
"$BOOTSEAL" age -R "$ROOT/tests/vectors/ssh/keys/ed25519.pub" -R rsa.pub -o secret1.age hello
expect_error 'nobody is asked for a passphrase at boot: Passphrase of SSH key "ed25519-aes256-ctr"; name a key without one under "identities"' "$BOOTSEAL" activate bad.yaml
expect_error 'nobody is asked for a passphrase at boot' env BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" activate bad.yaml
# what hides its public half has it beside it
unusable rsa-pem-aes128
expect_error 'nobody is asked for a passphrase at boot' "$BOOTSEAL" activate bad.yaml
"$BOOTSEAL" age -R "$ROOT/tests/vectors/ssh/keys/ed25519.pub" -o secret1.age hello
expect_error 'opens one of its 1 stanzas (ssh-ed25519); tried rsa-pem-aes128 (locked)' "$BOOTSEAL" activate bad.yaml
cp rsa.pub rsa-pem-aes128.pub
expect_error 'no identity of the 1 here opens one of its 1 stanzas' "$BOOTSEAL" activate bad.yaml
