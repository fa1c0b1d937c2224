# set and edit where the file's selector is not the rule's: they say so, and no new value stays readable by it.
. "${0%/*}/../cli/lib.sh"
own_memory

vectors=$ROOT/tests/vectors
recipient=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt
cat >plain.yaml <<'END'
token: t
open: o
list: [a]
map: {token: x, y: z}
END
"$BOOTSEAL" encrypt --age "$recipient" --encrypted-regex '^token$' plain.yaml >sealed.yaml
fresh() { cp sealed.yaml file.yaml; }
rule() { printf 'creation_rules: [{age: %s, %s}]\n' "$recipient" "$1" >.sops.yaml; }
put() { printf '%s' "$2" | "$BOOTSEAL" set --value-stdin file.yaml "$1" 2>err; }
cat >editor.sh <<'END'
#!/bin/sh
sed "$EDIT" "$1" >"$TMP/edited" && cat "$TMP/edited" >"$1"
END
chmod +x editor.sh
edit() { EDIT=$1 EDITOR=$TMP/editor.sh setsid -w "$BOOTSEAL" edit file.yaml 2>err </dev/null; }

# no rule, or the same one: nothing is said
fresh
check "no rule" put '["new"]' '"v"'
check "nothing is said" test ! -s err
rule 'encrypted_regex: ^token$'
fresh
check "the same selector" put '["new"]' '"v"'
check "nothing is said of it" test ! -s err

# another one
rule 'encrypted_regex: ^(token|password)$'
fresh
check "what the file seals" put '["token"]' '"v"'
check "the difference is told" grep -q '"file.yaml" is sealed by encrypted_regex "^token$", and its rule says encrypted_regex "^(token|password)$"' err
check "what neither seals" put '["other"]' '"v"'
fresh
for value in '"v"' '{"a": 1}' '[1]'; do
	check "a new key that the rule would seal: $value" sh -c '! printf "%s" "$0" | "$BOOTSEAL" set --value-stdin file.yaml "[\"password\"]" 2>err' "$value"
	check "is refused" grep -q 'key "\(password\|a\)": a new value that the rule says must be sealed (encrypted_regex "^(token|password)$")' err
done
expect_status 32 sh -c 'echo x | "$BOOTSEAL" set file.yaml "[\"map\"][\"password\"]"'
expect_status 32 sh -c 'echo "{\"password\": 1}" | "$BOOTSEAL" set --value-stdin file.yaml "[\"open\"]"'
check "an empty one says nothing" put '["password"]' '""'
expect_same sealed.yaml <(grep -v '^password' file.yaml | sed "s|^    lastmodified:.*|$(grep '^    lastmodified' sealed.yaml)|; s|^    mac:.*|$(grep '^    mac' sealed.yaml)|")
rule 'unencrypted_suffix: _open'
fresh
expect_status 32 sh -c 'echo x | "$BOOTSEAL" set file.yaml "[\"new\"]"'
check "one that the rule leaves readable, too" put '["x_open"]' '"v"'
cp file.yaml before.yaml
expect_status 32 sh -c 'echo x | "$BOOTSEAL" set file.yaml "[\"open\"]" 2>err'
check "an old one that is readable: the advice" grep -q 'key "open": a new value that the rule says must be sealed .*"bootseal updatekeys --selectors" applies' err
expect_status 32 sh -c 'echo x | "$BOOTSEAL" set file.yaml "[\"list\"][0]"'
expect_same before.yaml file.yaml
check "the same again" put '["open"]' '"o"'
check "what stays sealed may change" put '["token"]' '"v"'
check "what the rule leaves readable may change" put '["x_open"]' '"w"'
check "against the rule, where that is said" "$BOOTSEAL" set --ignore-rule --value-stdin file.yaml '["open"]' <<<'"v"'
expect_status 32 sh -c 'echo x | "$BOOTSEAL" set file.yaml "[\"list\"][1]"'
check "unset goes on" "$BOOTSEAL" unset file.yaml '["open"]'
rule 'encrypted_comment_regex: secret'
fresh
check "a rule by comments" put '["new"]' '"v"'

# edit
rule 'encrypted_regex: ^(token|password)$'
fresh
check "edit seals as the file does" edit 's/^token: t/token: u/'
check "and says so" grep -q 'its rule says' err
check "what neither seals" edit '$ a\
more: m'
cp file.yaml before.yaml
check "a new value that the rule would seal" sh -c '! EDIT="\$ a\\
password: p" EDITOR="$TMP/editor.sh" setsid -w "$BOOTSEAL" edit file.yaml 2>err </dev/null'
check "is refused" grep -q 'line 6, key "password": a new value that the rule says must be sealed' err
expect_same before.yaml file.yaml
check "what was typed is kept" grep -q 'applies the rule to the file; what you wrote is kept, unsealed, in "/' err

check "what neither seals may change" edit 's/^open: o/open: p/'
rule 'unencrypted_suffix: _open'
fresh
check "another text for what is readable, which the rule would seal" sh -c '! EDIT="s/^open: o/open: p/" EDITOR="$TMP/editor.sh" setsid -w "$BOOTSEAL" edit file.yaml 2>err </dev/null'
check "is refused" grep -q 'line 2, key "open": a new value that the rule says must be sealed (unencrypted_suffix "_open")' err
expect_same sealed.yaml file.yaml
check "an item of a list that goes" edit 's/^list: .*/list: []/'
check "against the rule, where that is said" env EDIT='s/^open: o/open: p/' EDITOR="$TMP/editor.sh" setsid -w "$BOOTSEAL" edit --ignore-rule file.yaml

# a readable number that is only written otherwise is no new value
rm .sops.yaml
printf 'token: t\nnum: 31\nyes: true\nlist: [5, 6]\n' | "$BOOTSEAL" encrypt --age "$recipient" --encrypted-regex '^token$' \
	--filename-override file.yaml >numbers.yaml
rule 'unencrypted_suffix: _open'
for change in 's/31/0x1F/' 's/31/+31/' 's/31/31.0/' 's/true/True/' 's/5/0b101/'; do
	cp numbers.yaml file.yaml
	check "$change" edit "$change"
	check "it opens" "$BOOTSEAL" decrypt file.yaml
done
for change in 's/31/32/' 's/31/"31"/' 's/true/false/' 's/5/50/'; do
	cp numbers.yaml file.yaml
	check "$change is refused" sh -c '! EDIT="$1" EDITOR=$TMP/editor.sh setsid -w "$BOOTSEAL" edit file.yaml 2>err </dev/null' - "$change"
	check "$change: as a new value" grep -q 'a new value that the rule says must be sealed' err
done

# rules that cannot be read say nothing about what must be sealed
printf 'creation_rules: [\n' >.sops.yaml
fresh
expect_status 1 sh -c 'echo x | "$BOOTSEAL" set file.yaml "[\"new\"]"'
printf 'creation_rules: [{path_regex: other, age: %s}]\n' "$recipient" >.sops.yaml
check "no rule for this file" put '["new"]' '"v"'

# what was sealed and becomes readable is told
exposing() { # SELECTOR PLAINTEXT: file.yaml
	printf 'creation_rules:\n- {age: %s, %s}\n' "$recipient" "$1" >.sops.yaml
	printf "$2" | "$BOOTSEAL" encrypt --filename-override file.yaml >file.yaml
}
exposing 'encrypted_regex: ^pass' 'password: s3\nopen: v\n'
check "a key gets another name" edit 's/^password/pasword/'
check "a key: it is told" grep -q 'file.yaml": what was sealed is readable now, by encrypted_regex "^pass", in line 1$' err
exposing 'encrypted_comment_regex: secret' '# secret\na: s3\nopen: v\n'
check "a comment goes" edit '/secret/d'
check "a comment: it is told" grep -q 'is readable now, by encrypted_comment_regex "secret", in line 1$' err
exposing 'encrypted_comment_regex: secret' 'a: s3\n# secret\nb: s3\nc: v\n'
check "another value of that text" edit 's/^c: .*/c: w/'
check "is not told" test ! -s err
exposing 'unencrypted_comment_regex: public' '# public\na: v\nb: s3\n'
cp file.yaml before.yaml
"$BOOTSEAL" unset file.yaml '["a"]' 2>err
check "unset" grep -q 'is readable now, by unencrypted_comment_regex "public", in line 2$' err
printf 'creation_rules:\n- {age: %s, encrypted_regex: b}\n' "$recipient" >.sops.yaml
cp before.yaml file.yaml
expect_status 32 "$BOOTSEAL" unset file.yaml '["a"]'
expect_same before.yaml file.yaml
