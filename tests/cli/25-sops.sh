# Called as sops: its command line, statuses, texts; and the calls that helm-secrets and the editors' plugins make.
# Beside the real sops: tests/interop/25-sops.sh
. "${0%/*}/../cli/lib.sh"
own_memory

vectors=$ROOT/tests/vectors
key=$vectors/sops/keys/age1.txt
recipient=$(sed -n 's/^# public key: //p' "$key")
recipient2=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age2.txt")
export SOPS_AGE_KEY_FILE=$key
mkdir bin
ln -s "$BOOTSEAL" bin/sops
export PATH=$TMP/bin:$PATH
cat >plain.yaml <<'END'
# about a
a: 1
b: "text"
l: [x, y]
m:
  k: v
z_unencrypted: open
END
sops --encrypt --age "$recipient" plain.yaml >sealed.yaml
fresh() { cp sealed.yaml file.yaml; }
ended() { # STATUS TEXT COMMAND...: it fails so, and says so
	local wanted=$1 text=$2 got=0
	shift 2
	"$@" >out 2>err </dev/null || got=$?
	if [ $got = "$wanted" ] && grep -qF -- "$text" err; then ok; else fail "$*" "status $got: $(cat err)"; fi
}

# a list's index counts comments, too (beside the real sops: tests/interop/40-traps.sh)
printf 'l:\n  # c\n  - x # d\n  - y\n' >list.yaml
sops --encrypt -i --age "$recipient" list.yaml
check "--extract" test "$(sops -d --extract '["l"][2]' list.yaml)" = x
check "get, as bootseal" test "$("$BOOTSEAL" get list.yaml '["l"][0]')" = x
ended 91 'Error: ["l"][1] is a comment, no value: sops counts comments, too' sops -d --extract '["l"][1]' list.yaml
ended 7 'Error: ["l"][0] is a comment' sops set list.yaml '["l"][0]' '"z"'
ended 7 'Error: ["l"][0] is a comment' sops unset list.yaml '["l"][0]'
ended 1 'there is no ["l"][4]' sops -d --extract '["l"][4]' list.yaml
sops set list.yaml '["l"][3]' '"z"'
sops unset list.yaml '["l"][2]'
check "set and unset" test "$(sops -d list.yaml | tr -d ' \n')" = 'l:#c-"z"'

# version and help: no network, and a form that programs read
expect_output "sops 3.13.3" sops --version
expect_output 3.13.3 sh -c 'sops -v | grep -oE "[0-9]+(\.[0-9]+)+"'
check "--help" sh -c 'sops --help | grep -q "exec-env"'
check "decrypt --help" sh -c 'sops decrypt --help | grep -q -- "--extract"'
ended 1 "flag provided but not defined: -nonsense" sops --nonsense
ended 1 "flag provided but not defined: -nonsense" sops decrypt --nonsense file.yaml
ended 1 "flag needs an argument: -output" sops decrypt --output
ended 3 "No help topic for 'remove'" sops groups remove -f sealed.yaml -i 0
ended 3 "No help topic for 'nonsense'" sops help nonsense
ended 1 "flag provided but not defined: -nonsense" sops groups --nonsense add
for call in h help "groups" "groups h" "groups --help" "help groups"; do
	# shellcheck disable=SC2086
	check "$call" sh -c 'sops '"$call"' | grep -q "groups delete"'
done
check "groups are none of the files" sh -c '! sops groups | grep -q exec-env'
check "groups help add" sh -c 'sops groups help add | grep -q -- --shamir-secret-sharing-threshold'
check "--help says who speaks" sh -c 'sops --help | grep -q "This is bootseal"'
ended 1 '"completion" is not part of this program' sops completion bash
check "completion: where there is some" sh -c "sops completion bash 2>&1 | grep -q 'own completion scripts are installed with it'"
cp sealed.yaml file.yaml
ended 1 'invalid boolean value "maybe" for -i' sops decrypt -i=maybe file.yaml
expect_same sealed.yaml file.yaml
ended 1 "--background is not supported; sops itself gives it up" sops exec-env --background file.yaml true

# before a command only what sops looks for there counts
check "decrypt, not in place" sh -c 'sops -i decrypt file.yaml | cmp - plain.yaml'
expect_same sealed.yaml file.yaml
ended 1 "flag provided but not defined: -yes" sops --yes updatekeys file.yaml
ended 1 "flag provided but not defined: -d" sops decrypt -d file.yaml
ended 1 "no keys provided through command line options" sops --age "$recipient" encrypt plain.yaml
check "off again" sh -c 'sops decrypt -i -i=false file.yaml | cmp - plain.yaml'
check "flags behind the file are left out, with a warning" sh -c 'sops -d file.yaml -i 2>err | cmp - plain.yaml && grep -q "\"-i\" stands behind the file" err'
expect_same sealed.yaml file.yaml
check "nothing is extracted" sh -c 'sops --extract "[\"b\"]" decrypt file.yaml | cmp - plain.yaml'
ended 51 "MAC mismatch" sh -c 'sed "s/open/closed/" sealed.yaml >file.yaml; sops --ignore-mac decrypt file.yaml'

# statuses and texts that scripts look for
ended 100 "Error: no file specified" sops
ended 100 "Error: no file specified" sops -d
ended 100 "Error: cannot operate on non-existent file \"$TMP/missing.yaml\"" sops -d missing.yaml
ended 100 "Error: cannot operate on non-existent file \"$TMP/missing.yaml\"" sops encrypt --age "$recipient" missing.yaml
ended 49 "non-existent file" sops -r --add-age "$recipient2" missing.yaml
ended 8 "Error: cannot operate on both --output and --in-place" sops -d -i --output x sealed.yaml
ended 8 "Error: must specify --filename-override when reading from stdin" sops encrypt --age "$recipient"
ended 1 "sops metadata not found" sops -d plain.yaml
ended 1 "config file not found, or has no creation rules, and no keys provided through command line options" sops -e plain.yaml
ended 203 "Error: " sops -e --age "$recipient" sealed.yaml
ended 1 "Error: " sops -e --age nonsense plain.yaml
ended 1 "Error: " sops -e --age "$recipient," plain.yaml
ended 8 "Error: " sops -e --age "$recipient" --encrypted-regex a --unencrypted-regex b plain.yaml
sed 's/open/closed/' sealed.yaml >changed.yaml
ended 51 "MAC mismatch" sops -d changed.yaml
check "--ignore-mac" sops -d --ignore-mac changed.yaml
sed '/^    mac: /d' sealed.yaml >nomac.yaml
ended 51 "MAC mismatch" sops -d nomac.yaml
sed 's/^    mac: .*/    mac: text/' sealed.yaml >notmac.yaml
ended 51 "no sealed value" sops -d notmac.yaml
check "--ignore-mac" sops -d --ignore-mac notmac.yaml
# a in the place of b
sed "s|^b: .*|b: $(sed -n 's/^a: //p' sealed.yaml)|" sealed.yaml >broken.yaml
ended 25 "Error decrypting tree: Error walking tree" sops -d broken.yaml
ended 128 "Failed to get the data key required to decrypt the SOPS file." env SOPS_AGE_KEY_FILE=/dev/null sops -d sealed.yaml
ended 128 "Group 0: FAILED" env SOPS_AGE_KEY_FILE=/dev/null sops -d sealed.yaml
ended 91 "" sops -d --extract 'nonsense' sealed.yaml
ended 1 "error truncating tree" sops -d --extract '["none"]' sealed.yaml
printf '1: x\n' >keys.yaml
ended 23 "Error encrypting tree" sops -e --age "$recipient" keys.yaml
printf 'a: 18446744073709551615\n' >large.yaml
ended 23 "Error encrypting tree" sops -e --age "$recipient" large.yaml
printf 'a: 1\n---\nsops: 1\n' >later.yaml
ended 4 "sops" sops -e --age "$recipient" later.yaml
: >empty.yaml
ended 92 "" sops -e --age "$recipient" empty.yaml
printf '# c\n' >comment.yaml
ended 2 "" sops -e --age "$recipient" comment.yaml
printf 'a: [\n' >bad.yaml
ended 2 "Error unmarshalling file" sops -e --age "$recipient" bad.yaml
printf 'creation_rules: [{path_regex: x, age: %s}]\n' "$recipient" >.sops.yaml
ended 1 "no matching creation rules found" sops -e plain.yaml
printf 'creation_rules: [{key_groups: [{}]}]\n' >.sops.yaml
ended 1 "Could not generate data key: [empty key group provided]" sops -e plain.yaml
check "and nothing else" grep -qx "Could not generate data key: \[empty key group provided\]" err
rm .sops.yaml
ended 1 "--kms is not supported" sops -e --kms arn:x plain.yaml
ended 1 "SOPS_KMS_ARN" env SOPS_KMS_ARN=arn:x sops -e plain.yaml
check "an empty flag is none" sops -e --kms '' --age "$recipient" plain.yaml

# the old form, and flags before and after the file
sops -d sealed.yaml >opened.yaml
expect_same plain.yaml opened.yaml
for call in "--decrypt sealed.yaml" "decrypt sealed.yaml" "-d --output opened.yaml sealed.yaml" "decrypt sealed.yaml --output=opened.yaml" \
	"decrypt -output opened.yaml sealed.yaml" "--verbose=false --enable-local-keyservice=true -d sealed.yaml"; do
	rm opened.yaml
	# shellcheck disable=SC2086
	sops $call >opened.out
	[ -e opened.yaml ] || mv opened.out opened.yaml
	expect_same plain.yaml opened.yaml
done
fresh
sops -d -i file.yaml
expect_same plain.yaml file.yaml
sops -e -i -a "$recipient" file.yaml
check "in place, and back" sh -c 'sops decrypt -i=false file.yaml | cmp - plain.yaml'
expect_output text sh -c 'sops -d --extract "[\"b\"]" sealed.yaml; echo'
printf '1\n' >one
check "a number ends its line" sh -c 'sops -d --extract "[\"a\"]" sealed.yaml | cmp - one'
check "as bootseal it does not" sh -c '"$1" decrypt --extract "[\"a\"]" sealed.yaml | wc -c | grep -qx 1' - "$BOOTSEAL"
expect_output y sh -c 'sops decrypt --extract "[\"l\"][1]" sealed.yaml; echo'
check "global flags go to the command" sh -c 'sops --indent 2 --mac-only-encrypted encrypt --age '"$recipient"' plain.yaml | grep -q "^  mac_only_encrypted: true"'
check "the last of one kind counts" sh -c 'sops -e --age nonsense --age '"$recipient"' plain.yaml'
check "an unknown type is as if it were not given" sh -c 'sops -d --input-type nonsense sealed.yaml | cmp - plain.yaml'
check "a second file is left out, with a warning" sh -c 'sops -d sealed.yaml other 2>&1 >/dev/null | grep -q "only the first one is used"'

printf 'm: "x\n  y"\na: 1_000\n' >lines.yaml
check "encrypt says nothing of lines" sh -c 'sops -e --age '"$recipient"' lines.yaml 2>&1 >/dev/null | wc -c | grep -qx 0'
"$BOOTSEAL" encrypt --age "$recipient" lines.yaml >/dev/null 2>err
check "they are told from the top down" grep -q 'same): 1 3$' err

# set and unset, with the value in the argument
for call in 'set file.yaml ["b"] "new"' '--set ["b"]_"new" file.yaml' 'set --idempotent file.yaml ["b"] "new"'; do
	fresh
	read -ra words <<<"$call"
	sops "${words[@]//_/ }"
	expect_output new sh -c 'sops -d --extract "[\"b\"]" file.yaml; echo'
done
fresh
sops set file.yaml '["m"]' '{"x": [1, 2.5, null]}'
expect_output 2.5 sops -d --extract '["m"]["x"][1]' file.yaml
printf '"from stdin"' | sops set --value-stdin file.yaml '["b"]'
expect_output "from stdin" sh -c 'sops -d --extract "[\"b\"]" file.yaml; echo'
printf '"from a file"' >value
sops set --value-file file.yaml '["b"]' value
expect_output "from a file" sh -c 'sops -d --extract "[\"b\"]" file.yaml; echo'
sops set --shamir-secret-sharing-threshold 2 file.yaml '["n"]' -5
sops --set '["o"] -6' file.yaml
expect_output "-5-6" sh -c 'printf %s "$(sops -d --extract "[\"n\"]" file.yaml)$(sops -d --extract "[\"o\"]" file.yaml)"; echo'
sops unset --shamir-secret-sharing-threshold=2 file.yaml '["n"]'
cp file.yaml before.yaml
sops set --idempotent file.yaml '["b"]' '"from a file"'
expect_same before.yaml file.yaml
ended 7 "not valid JSON" sops set file.yaml '["b"]' nonsense
ended 7 "Invalid --set format" sops --set '["b"]' file.yaml
ended 100 "no file specified, or index and value are missing" sops set file.yaml '["b"]'
cp sealed.yaml other.yaml
sops set --output-type json other.yaml '["b"]' '"new"'
expect_output new sh -c 'sops -d --input-type json --extract "[\"b\"]" other.yaml; echo'
check "in the other format" grep -q '^{' other.yaml
sops unset file.yaml '["b"]'
ended 1 "Key not found" sops unset file.yaml '["b"]'
check "--idempotent" sops unset --idempotent file.yaml '["b"]'
ended 203 "" sops set file.yaml '["sops"]' 1

# exec: null as sops says it, the keys are passed on
printf 'A: b\nN: null\n' | sops encrypt --age "$recipient" --filename-override env.yaml >env.yaml
expect_output "b <nil>" sops exec-env env.yaml 'echo "$A $N"'
expect_status 7 sops exec-env env.yaml 'exit 7'
expect_output "b" env -u SOPS_AGE_KEY_FILE SOPS_AGE_KEY="$(grep ^AGE "$key")" sops exec-env env.yaml 'sops exec-env env.yaml "echo \$A"'
expect_output "A: b" sops exec-file env.yaml 'head -n 1 {}'
ended 1 "missing file to decrypt" sops exec-env env.yaml
ended 1 "not part of this program" sops publish env.yaml
ended 1 "not part of this program" sops keyservice

# filestatus
expect_output '{"encrypted":true}' sops filestatus sealed.yaml
expect_output '{"encrypted":false}' sops filestatus plain.yaml
ended 1 "" sops filestatus missing.yaml
printf 'a: [\n' >broken.yaml
ended 1 'cannot look at "broken.yaml": line 1: ' sops filestatus broken.yaml
printf '{"a": ' >broken.json
ended 1 'cannot look at "broken.json": ' sops filestatus broken.json
printf 'a: 1\nsops: 5\n' >odd.yaml
ended 1 'cannot look at "odd.yaml": line 2: the metadata' sops filestatus odd.yaml
printf '# c\n' >comments.yaml
ended 1 'empty but for comments' sops filestatus comments.yaml
: >nothing.yaml
expect_output '{"encrypted":false}' sops filestatus nothing.yaml
printf 'no JSON' >text
expect_output '{"encrypted":false}' sops filestatus text

# a negative indent: YAML has none, JSON's -1 is a tab
printf '{"a": 1}' >plain.json
for words in "--indent -1 encrypt --age $recipient plain.yaml" "--indent=-2 -e --age $recipient plain.yaml" "--indent -1 decrypt sealed.yaml"; do
	# shellcheck disable=SC2086 # words
	ended 4 'YAML Negative indentation not accepted' sops $words
done
check "of JSON" sh -c "sops --indent -1 encrypt --age $recipient plain.json | grep -q sops"
check "YAML as JSON" sh -c "sops --indent -1 decrypt --output-type json sealed.yaml | grep -q '^	\"a\"'"
ended 4 'smaller than -1 is not accepted' sops --indent -2 encrypt --age "$recipient" plain.json
check "where nothing is written" sops --indent -1 filestatus sealed.yaml

# rules that are a directory
mkdir directory
ended 1 'could not read config file: cannot open "directory": Is a directory' sops --config directory -e plain.yaml
ended 1 'could not read config file: cannot open "directory": Is a directory' env SOPS_CONFIG=directory sops -d sealed.yaml

# sealed YAML as INI, and the last value taken out
printf 's:\n  k: v\n  l: w\n' >sections.yaml
sops encrypt -i --age "$recipient" sections.yaml
cp sections.yaml section.ini
check "unset as INI" sops unset --input-type yaml --output-type ini section.ini '["s"]["k"]'
expect_output $'[s]\nl = w' sops decrypt section.ini
cp sections.yaml section.ini
check "unset of all as INI" sops unset --input-type yaml --output-type ini section.ini '["s"]'
check "only the metadata are left" test "$(head -n 1 section.ini)" = "[sops]"
check "it opens" sops decrypt section.ini

# rotate, as scripts call it
fresh
sops -r -i file.yaml 2>err
check "rotated" sh -c 'sops -d file.yaml | cmp - plain.yaml && ! cmp -s file.yaml sealed.yaml'
sops rotate -i --output-type yaml --add-age "$recipient2" file.yaml 2>err
check "--add-age" grep -q "$recipient2" file.yaml
sops rotate -i --rm-age "$recipient2" file.yaml 2>err
check "--rm-age" sh -c '! grep -q '"$recipient2"' file.yaml'

fresh
sops rotate -i --output-type json file.yaml 2>err
check "rotate --output-type" sh -c 'grep -q "^{" file.yaml && sops -d --input-type json --extract "[\"b\"]" file.yaml | grep -qx text'
fresh
sops unset --output-type json file.yaml '["a"]'
check "unset --output-type" sh -c 'grep -q "^{" file.yaml && sops -d --input-type json --extract "[\"b\"]" file.yaml | grep -qx text'
fresh
ended 1 "edit writes a file in the format that it has" sops edit --output-type json file.yaml
ended 1 "edit writes a file in the format that it has" sops --output-type json file.yaml
ended 200 "File has not changed" env EDITOR=true sops edit --output-type yaml file.yaml
expect_same sealed.yaml file.yaml

# the entries of keys in clouds, which nothing here reaches
cat >cloud <<'END'
    kms:
        - arn: arn:aws:kms:us-east-1:1:key/k
          role: arn:aws:iam::1:role/r
          created_at: "2024-01-01T00:00:00Z"
          enc: AAAA
          aws_profile: ""
    gcp_kms:
        - resource_id: projects/p/locations/l/keyRings/r/cryptoKeys/k
          created_at: "2024-01-01T00:00:00Z"
          enc: AAAA
    hckms:
        - key_id: region:id
          created_at: "2024-01-01T00:00:00Z"
          enc: AAAA
    azure_kv:
        - vault_url: https://v.invalid
          name: n
          version: v
          created_at: "2024-01-01T00:00:00Z"
          enc: AAAA
    hc_vault:
        - vault_address: https://vault.invalid:8200
          engine_path: transit
          key_name: dev
          created_at: "2024-01-01T00:00:00Z"
          enc: AAAA
END
sed '/^sops:/r cloud' sealed.yaml >cloud.yaml
cp cloud.yaml file.yaml
ended 1 'the kms key "arn:aws:kms:us-east-1:1:key/k+arn:aws:iam::1:role/r"' sops rotate -i --rm-gcp-kms projects/p/locations/l/keyRings/r/cryptoKeys/k file.yaml
expect_same cloud.yaml file.yaml
sops rotate -i --rm-kms arn:aws:kms:us-east-1:1:key/k+arn:aws:iam::1:role/r --rm-gcp-kms projects/p/locations/l/keyRings/r/cryptoKeys/k \
	--rm-hckms region:id --rm-azure-kv https://v.invalid/keys/n/v --rm-hc-vault-transit https://vault.invalid:8200/v1/transit/keys/dev file.yaml 2>err
check "clouds' keys are gone" sh -c '! grep -e kms: -e azure_ -e _vault -e vault_ -e "\.invalid" file.yaml'
check "and it opens" sh -c 'sops -d file.yaml | cmp - plain.yaml'

# helm-secrets (scripts/lib/backends/sops.sh)
cp plain.yaml values.yaml
sops --encrypt --input-type yaml --output-type yaml --age "$recipient" --in-place values.yaml
check "helm-secrets knows it" grep -q 'mac.*,type:str]' values.yaml
check "and its type" grep -xq 'sops:\s*' values.yaml
sops --decrypt --input-type yaml --output-type yaml --output values.yaml.dec values.yaml
expect_same plain.yaml values.yaml.dec
sops --decrypt --input-type yaml --output-type yaml values.yaml >values.dec
expect_same plain.yaml values.dec
sops --encrypt --age "$recipient" --output-type json plain.yaml >literal.json
check "a literal on /dev/stdin" sh -c 'sops --decrypt --input-type json --output-type json /dev/stdin <literal.json | grep -q "\"text\""'
cat >editor.sh <<'END'
#!/bin/sh
sed 's/text/edited/' "$1" >"$TMP/edited" && cat "$TMP/edited" >"$1"
END
chmod +x editor.sh
EDITOR=$TMP/editor.sh sops --input-type yaml --output-type yaml values.yaml
expect_output edited sh -c 'sops -d --extract "[\"b\"]" values.yaml; echo'

# VS Code's extension (signageos): a temporary file without an ending, an editor that is a script
cp sealed.yaml 0123456789abcdef
sops --aws-profile p --output-type yaml --input-type yaml --decrypt 0123456789abcdef >vscode.dec
expect_same plain.yaml vscode.dec
sed 's/text/typed/' plain.yaml >vscode.new
cat >fake.sh <<'END'
#!/bin/sh
cat "$VSCODE_SOPS_DECRYPTED_FILE_PATH" >"$1"
END
chmod +x fake.sh
EDITOR=$TMP/fake.sh VSCODE_SOPS_DECRYPTED_FILE_PATH=$TMP/vscode.new sops --output-type yaml --input-type yaml 0123456789abcdef
check "VS Code saves" sh -c 'sops --input-type yaml -d 0123456789abcdef | cmp - vscode.new'
printf 'creation_rules: [{age: %s}]\n' "$recipient" >rules.yaml
check "VS Code makes a new file" sh -c 'sops --config rules.yaml --output-type yaml --input-type yaml --encrypt vscode.new | sops -d --input-type yaml --output-type yaml /dev/stdin | cmp - vscode.new'

# Emacs' sops-mode, and plugins of Neovim
check "Emacs encrypts a buffer" sh -c 'sops --filename-override '"$TMP"'/plain.yaml --encrypt --age '"$recipient"' /dev/stdin <plain.yaml | sops decrypt --filename-override plain.yaml | cmp - plain.yaml'
fresh
SOPS_EDITOR=$TMP/editor.sh sops edit "$TMP/file.yaml"
expect_output edited sh -c 'sops -d --extract "[\"b\"]" file.yaml; echo'
fresh
sops --decrypt --in-place file.yaml
sops --encrypt --in-place --age "$recipient" file.yaml
check "Neovim, both ways" sh -c 'sops --decrypt --input-type yaml --output-type yaml file.yaml | cmp - plain.yaml'

# edit: what it ends with
ended 200 "File has not changed, exiting." env EDITOR=true sops file.yaml
check "as it stands" grep -qx "File has not changed, exiting." err
ended 201 "" env EDITOR=false sops edit file.yaml
ended 201 "" env EDITOR=/nonexistent sops file.yaml
