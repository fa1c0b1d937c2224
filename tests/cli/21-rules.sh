# .sops.yaml: which rule, which recipients, which selector.
. "${0%/*}/../cli/lib.sh"

vectors=$ROOT/tests/vectors
for n in 1 2 3; do
	declare "r$n=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age$n.txt")"
done
recipients() { grep -o 'recipient: .*' "$1" | cut -d' ' -f2 | sort; }
seals_to() { # FILE RECIPIENT...: encrypt succeeds and seals to exactly these
	local file=$1
	shift
	"$BOOTSEAL" encrypt "$file" >sealed || return
	[ "$(recipients sealed)" = "$(printf '%s\n' "$@" | sort)" ]
}

mkdir -p secrets/deep other
cat >.sops.yaml <<END
keys:
  - &alice $r1
  - &web1 $r2
creation_rules:
  - path_regex: ^secrets/web.*\.yaml\$
    age: *web1
    encrypted_regex: ^(token|password)\$
  - path_regex: ^secrets/deep/
    age: [*alice, "$r2, $r3"]
    mac_only_encrypted: true
  - path_regex: ^other/
    key_groups:
      - age: [*alice, *web1, *alice]
  - path_regex: kms
    kms: arn:aws:kms:eu-west-1:1:key/x
  - path_regex: both
    age: *alice
    kms: [arn:aws:kms:eu-west-1:1:key/x]
  - path_regex: groups
    shamir_threshold: 2
    key_groups:
      - age: [*alice]
      - age: [*web1]
      - merge:
          - age: ["$r3"]
  - path_regex: empty
    key_groups: [{age: [*alice]}, {}]
  - path_regex: nobody
    age: ""
stores:
  yaml:
    indent: 2
END
for file in secrets/web1.yaml secrets/deep/x.yaml other/y.yaml kms.yaml both.yaml groups.yaml empty.yaml nobody.yaml none.yaml; do
	printf 'token: t\nopen: o\n' >"$file"
done
check "a recipient by alias" seals_to secrets/web1.yaml "$r2"
check "its selector" grep -q '^open: o$' sealed
check "which is kept in the metadata" grep -q 'encrypted_regex: ^(token|password)\$' sealed
check "stores.yaml.indent" grep -q '^  age:$' sealed
check "a list of recipients, with commas" seals_to secrets/deep/x.yaml "$r1" "$r2" "$r3"
check "mac_only_encrypted" grep -q 'mac_only_encrypted: true' sealed
check "one key group, each key once" seals_to other/y.yaml "$r1" "$r2"
expect_error 'arn:aws:kms:eu-west-1:1:key/x' "$BOOTSEAL" encrypt kms.yaml
expect_error 'arn:aws:kms:eu-west-1:1:key/x' "$BOOTSEAL" encrypt both.yaml
expect_status 33 "$BOOTSEAL" encrypt both.yaml
check "what cannot be sealed to is read" "$BOOTSEAL" encrypt --age "$r1" both.yaml
check "key groups" "$BOOTSEAL" encrypt groups.yaml
"$BOOTSEAL" encrypt groups.yaml >sealed
check "a threshold" grep -q 'shamir_threshold: 2' sealed
check "three of them" test "$(recipients sealed | wc -l)" = 3
expect_error 'empty key group provided' "$BOOTSEAL" encrypt empty.yaml
expect_status 1 "$BOOTSEAL" encrypt empty.yaml
expect_error 'empty key group provided' "$BOOTSEAL" encrypt nobody.yaml
mkdir lines
cd lines
for rule in '{}' 'agee: x' "age: ''" 'key_groups: [{age: []}]' 'key_groups: [null]'; do
	printf 'creation_rules:\n  - path_regex: other\n    age: %s\n  - %s\n' "$r1" "$rule" >.sops.yaml
	printf 'a: 1\n' >f.yaml
	expect_error '".sops.yaml", line 4: Could not generate data key: [empty key group provided]' "$BOOTSEAL" encrypt f.yaml
done
cd ..
expect_error "no matching creation rules found" "$BOOTSEAL" encrypt none.yaml
expect_status 1 "$BOOTSEAL" encrypt none.yaml

# from another directory, and for names
cd secrets
check "found above, and the path seen from there" seals_to web1.yaml "$r2"
cd ..
cp none.yaml stdin.yaml
check "--filename-override chooses the rule" \
	sh -c '"$BOOTSEAL" encrypt --filename-override secrets/web9.yaml stdin.yaml | grep -q "^open: o$"'

# options win
"$BOOTSEAL" encrypt --age "$r3" secrets/web1.yaml >sealed
check "--age wins over the rule's keys" test "$(recipients sealed)" = "$r3"
check "and not over its selector" grep -q '^open: o$' sealed
"$BOOTSEAL" encrypt --encrypted-regex open secrets/web1.yaml >sealed
check "a selector wins over the rule's own" grep -q '^token: t$' sealed
expect_status 8 "$BOOTSEAL" encrypt --unencrypted-suffix _x secrets/web1.yaml
expect_status 1 "$BOOTSEAL" encrypt --age "$r1" none.yaml
SOPS_AGE_RECIPIENTS=$r1,$r3 "$BOOTSEAL" encrypt secrets/web1.yaml >sealed
check "SOPS_AGE_RECIPIENTS" test "$(recipients sealed)" = "$(printf '%s\n' "$r1" "$r3" | sort)"
"$BOOTSEAL" encrypt --indent 3 secrets/web1.yaml >sealed
check "--indent" grep -q '^   age:$' sealed
"$BOOTSEAL" encrypt --age "$r1" --age "$r2" --age "$r3" secrets/web1.yaml >sealed
check "--age more than once" test "$(recipients sealed | wc -l)" = 3

# another file of rules
printf 'creation_rules:\n  - age: %s\n' "$r3" >rules.yaml
"$BOOTSEAL" encrypt --config rules.yaml none.yaml >sealed
check "--config" test "$(recipients sealed)" = "$r3"
SOPS_CONFIG=rules.yaml "$BOOTSEAL" encrypt none.yaml >sealed
check "SOPS_CONFIG" test "$(recipients sealed)" = "$r3"
printf 'destination_rules: []\n' >rules.yaml
expect_error "has no creation rules" "$BOOTSEAL" encrypt --config rules.yaml none.yaml
check "no rules at all, but --age" "$BOOTSEAL" encrypt --config rules.yaml --age "$r1" none.yaml
: >rules.yaml
check "an empty file of rules, but --age" "$BOOTSEAL" encrypt --config rules.yaml --age "$r1" none.yaml

# malformed rules name the line
bad() { # TEXT WORDS: the rules TEXT are refused, with WORDS
	printf "$1" >rules.yaml
	expect_error "$2" "$BOOTSEAL" encrypt --config rules.yaml none.yaml
	expect_status 1 "$BOOTSEAL" encrypt --config rules.yaml none.yaml
}
bad 'creation_rules:\n  - age: [\n' 'rules.yaml'
bad 'creation_rules: 5\n' 'line 1: "creation_rules" is no list'
bad "creation_rules:\n  - age: {a: b}\n" 'line 2: "age" is neither'
bad "creation_rules:\n  - age: $r1\n    encrypted_regex: 'a(?=b)'\n" 'line 3: the regular expression of encrypted_regex'
bad "creation_rules:\n  - path_regex: 'a(?=b)'\n    age: $r1\n" 'line 2: the regular expression of path_regex'
bad "creation_rules:\n  - age: $r1\n    encrypted_regex: a\n    unencrypted_regex: b\n" 'only one selector'
bad "creation_rules:\n  - age: $r1\n    encrypted_regex: 'a(?=b)'\n" 'look-ahead'
bad "creation_rules:\n  - age: $r1\n    mac_only_encrypted: perhaps\n" 'line 3: "mac_only_encrypted"'
bad "creation_rules:\n  - a\n" 'no map'
for word in yes on y true; do # as yaml.v3 has it where it wants a boolean
	printf "creation_rules:\n  - age: $r1\n    mac_only_encrypted: $word\n" >rules.yaml
	check "mac_only_encrypted: $word" sh -c '"$BOOTSEAL" encrypt --config rules.yaml none.yaml | grep -q "mac_only_encrypted: true"'
done
for word in no off n false; do
	printf "creation_rules:\n  - age: $r1\n    mac_only_encrypted: $word\n" >rules.yaml
	check "mac_only_encrypted: $word" sh -c '! "$BOOTSEAL" encrypt --config rules.yaml none.yaml | grep -q mac_only'
done
printf "creation_rules:\n  - pgp: [FBC7 B9E2 A4F9 289A C0C1 D484 3D16 CEE4 A273 81B4]\n" >rules.yaml
expect_error 'FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4: "false" ended' env SOPS_GPG_EXEC=false "$BOOTSEAL" encrypt --config rules.yaml none.yaml
bad "stores: {yaml: {indent: x}}\ncreation_rules: [{age: $r1}]\n" '"indent"'
printf "creation_rules:\n  - age: agenonsense\n" >rules.yaml
expect_error 'line 2' "$BOOTSEAL" encrypt --config rules.yaml none.yaml

# numbers, and the indentation of the other formats
bad "stores: {json: {indent: -2}}\ncreation_rules: [{age: $r1}]\n" '"indent" is no number from -1 to 99'
bad "creation_rules:\n  - age: $r1\n    shamir_threshold: many\n" 'line 3: "shamir_threshold" is no number'
bad "creation_rules:\n  - key_groups: [{age: [$r1]}, {age: [$r2]}]\n    shamir_threshold: 3\n" 'cannot be met'
bad "creation_rules:\n  - key_groups: [{kms: [{arn: [a]}]}]\n" 'line 2: "arn" is no text'
bad "creation_rules:\n  - key_groups: [5]\n" 'line 2: "key_groups" holds an entry that is no map'

for indent in 10 12 100 1000000; do
	printf 'stores: {yaml: {indent: %s}}\ncreation_rules: [{age: %s}]\n' $indent "$r1" >rules.yaml
	printf 'a: s\n' >indented.yaml
	check "indent: $indent" "$BOOTSEAL" encrypt -i --config rules.yaml indented.yaml
	check "which is too much, and therefore 2" grep -q '^  mac: ' indented.yaml
	expect_output 'a: s' env SOPS_AGE_KEY_FILE="$ROOT/tests/vectors/sops/keys/age1.txt" "$BOOTSEAL" decrypt indented.yaml
done
expect_output '            "a": "s"' env SOPS_AGE_KEY_FILE="$ROOT/tests/vectors/sops/keys/age1.txt" sh -c '"$BOOTSEAL" decrypt --indent 12 --output-type json indented.yaml | grep a'
expect_error '--indent takes a number from 1 to 99' "$BOOTSEAL" decrypt --indent 100 --output-type json indented.yaml
bad "stores: {yaml: {indent: -1}}\ncreation_rules: [{age: $r1}]\n" '"indent" is no number from 0'

# what sops would not read: it would lock out who works with it
bad "creation_rules:\n  - key_groups:\n      - age: $r1\n" 'line 3: "age" is no list'
bad "creation_rules:\n  - age: $r1\n  - path_regex: nothing\n    key_groups:\n      - merge: [{pgp: x}]\n" 'line 5: "pgp" is no list'
bad "creation_rules:\n  - age: [$r1, '']\n" 'line 2: "age" holds an empty recipient'
bad "creation_rules:\n  - key_groups:\n      - age: ['$r1,']\n" 'line 3: "age" holds an empty recipient'

# from the file's directory upward, where there is nothing from here on
mkdir -p away/here repo/sub
printf 'creation_rules:\n  - path_regex: ^sub/\n    age: %s\n' "$r2" >repo/.sops.yaml
printf 'token: t\n' >repo/sub/a.yaml
mv .sops.yaml kept.yaml
cd away/here
check "beside the file" seals_to ../../repo/sub/a.yaml "$r2"
check "an absolute path" seals_to "$TMP/repo/sub/a.yaml" "$r2"
printf 'creation_rules:\n  - age: %s\n' "$r3" >../.sops.yaml
check "the one from here on wins" seals_to ../../repo/sub/a.yaml "$r3"
mv ../.sops.yaml ../.sops.yml
check "another name is not looked into" seals_to ../../repo/sub/a.yaml "$r2"
check "and pointed out" sh -c '"$BOOTSEAL" encrypt ../../repo/sub/a.yaml 2>&1 >/dev/null | grep -q "ignoring \"../.sops.yml\""'
cd ../..
