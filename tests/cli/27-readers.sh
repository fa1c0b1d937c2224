# Who reads a value that set, unset and edit put into a file: whom the file names, compared with its rule.
. "${0%/*}/../cli/lib.sh"
own_memory

"$BOOTSEAL" keygen -o me.key
"$BOOTSEAL" keygen -o eve.key
me=$("$BOOTSEAL" keygen -y me.key)
eve=$("$BOOTSEAL" keygen -y eve.key)
export SOPS_AGE_KEY_FILE=$TMP/me.key
index='["token"]'
cat >.sops.yaml <<END
creation_rules:
    - path_regex: ^secrets/
      age: $me
END
mkdir secrets other
printf 'token: old\nmore: x\n' >plain.yaml

# all that eve needs: the public keys, and to write the file
replace() { SOPS_AGE_KEY_FILE=$TMP/eve.key "$BOOTSEAL" encrypt --filename-override secrets/f.yaml --age "$me,$eve" plain.yaml >"$1"; }
cat >editor <<'END'
#!/bin/sh
touch edited
sed -i 's/^token: .*/token: new/' "$1"
END
chmod +x editor
export EDITOR=$TMP/editor

replace secrets/f.yaml
cp secrets/f.yaml before.yaml
for command in set unset; do
	expect_error "is sealed to $eve too" sh -c 'echo new | "$BOOTSEAL" "$0" secrets/f.yaml "$1"' $command "$index"
	expect_status 32 sh -c 'echo new | "$BOOTSEAL" "$0" secrets/f.yaml "$1"' $command "$index"
done
expect_error "bootseal updatekeys secrets/f.yaml" "$BOOTSEAL" edit secrets/f.yaml
expect_status 32 "$BOOTSEAL" edit secrets/f.yaml
expect_absent edited
expect_same secrets/f.yaml before.yaml
if command -v expect >/dev/null; then
	. "$ROOT/tests/cli/terminal.sh"
	expect_status 32 on_terminal y "$BOOTSEAL" set secrets/f.yaml "$index"
	check "refused before the value is asked for" sh -c '! grep -q "Value:" typed'
	expect_status 100 on_terminal y "$BOOTSEAL" set secrets/missing.yaml "$index"
	check "a missing file, too" sh -c '! grep -q "Value:" typed'
else
	skip_one "the prompt" "expect is not installed"
fi

expect_error "is sealed to $eve too" "$BOOTSEAL" groups add -i -f secrets/f.yaml --age "$me" --shamir-secret-sharing-threshold 2
expect_status 32 "$BOOTSEAL" groups add -f secrets/f.yaml --age "$me"
expect_same secrets/f.yaml before.yaml
expect_status 0 "$BOOTSEAL" groups add --ignore-rule -f secrets/f.yaml --age "$me"
SOPS_AGE_KEY_FILE=$TMP/me.key "$BOOTSEAL" encrypt --filename-override secrets/f.yaml plain.yaml >secrets/f.yaml
expect_status 0 "$BOOTSEAL" groups add -f secrets/f.yaml --age "$eve" --lock-out
check "a new group that the rule lacks is told" grep -q "warning: \"secrets/f.yaml\" is sealed to $eve too" "$TMP/.err"
replace secrets/f.yaml

# the ways out
printf new | "$BOOTSEAL" set --ignore-rule secrets/f.yaml "$index"
check "insisted on" test "$("$BOOTSEAL" get secrets/f.yaml "$index")" = new
replace secrets/f.yaml
"$BOOTSEAL" edit --ignore-rule secrets/f.yaml
check "edit, insisted on" test "$("$BOOTSEAL" get secrets/f.yaml "$index")" = new
replace secrets/f.yaml
"$BOOTSEAL" unset --ignore-rule secrets/f.yaml "$index"
expect_status 1 "$BOOTSEAL" get secrets/f.yaml "$index"
replace secrets/f.yaml
check "as the message says" sh -c '"$BOOTSEAL" updatekeys -y secrets/f.yaml && "$BOOTSEAL" rotate -i secrets/f.yaml'
printf new | "$BOOTSEAL" set secrets/f.yaml "$index"
expect_status 128 env SOPS_AGE_KEY_FILE="$TMP/eve.key" "$BOOTSEAL" decrypt secrets/f.yaml
replace secrets/f.yaml
sed "s/age: .*/age: $me,$eve/" .sops.yaml >named.yaml
printf new | "$BOOTSEAL" set --config named.yaml secrets/f.yaml "$index"
check "named in the rule" test "$("$BOOTSEAL" get secrets/f.yaml "$index")" = new

# where there is no rule, nothing is compared; nor with one that names no key
replace other/f.yaml
printf new | "$BOOTSEAL" set other/f.yaml "$index"
check "no rule" test "$("$BOOTSEAL" get other/f.yaml "$index")" = new
printf 'creation_rules:\n    - encrypted_regex: x\n' >none.yaml
printf newer | "$BOOTSEAL" set --config none.yaml secrets/f.yaml "$index"
check "a rule without keys" test "$("$BOOTSEAL" get secrets/f.yaml "$index")" = newer

# fewer groups than the rule says
cat >groups.yaml <<END
creation_rules:
    - shamir_threshold: 2
      key_groups:
        - age: [$me]
        - age: [$eve]
END
"$BOOTSEAL" encrypt --filename-override secrets/g.yaml --age "$me" plain.yaml >secrets/g.yaml
expect_error "opens with 1 of its key groups, and its rule says 2" \
	sh -c 'echo new | "$BOOTSEAL" set --config groups.yaml secrets/g.yaml "$0"' "$index"

# as sops: a warning
ln -s "$BOOTSEAL" sops
replace secrets/f.yaml
expect_status 0 ./sops set secrets/f.yaml "$index" '"warned"'
check "with a warning" test "$(grep -c "warning: .* is sealed to $eve too" .err)" = 1
expect_status 0 ./sops edit secrets/f.yaml
check "and a warning" test "$(grep -c "warning: .* is sealed to $eve too" .err)" = 1
check "new" test "$("$BOOTSEAL" get secrets/f.yaml "$index")" = new

# one key in two spellings is one key
if command -v ssh-keygen >/dev/null; then
	ssh-keygen -q -t ed25519 -N '' -C me@laptop -f ssh
	age=$("$BOOTSEAL" ssh-to-age -i ssh.pub)
	sed "s|age: .*|age: $(cut -d' ' -f1,2 ssh.pub)|" .sops.yaml >native.yaml
	export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/ssh
	"$BOOTSEAL" encrypt --filename-override secrets/s.yaml --age "$age" plain.yaml >secrets/s.yaml
	printf new | "$BOOTSEAL" set --config native.yaml secrets/s.yaml "$index"
	check "age1 in the file, ssh-ed25519 in the rule" test "$("$BOOTSEAL" get secrets/s.yaml "$index")" = new
else
	skip_one "two spellings" "ssh-keygen is not installed"
fi

# edit: what is for new files, and a directory that is not there
expect_error "is there already" "$BOOTSEAL" edit --age "$me" secrets/f.yaml
rm -f edited
expect_error 'no matching creation rules found' "$BOOTSEAL" edit nd/x.yaml
expect_error 'cannot open the directory "secrets/nd"' "$BOOTSEAL" edit secrets/nd/x.yaml
expect_absent edited
