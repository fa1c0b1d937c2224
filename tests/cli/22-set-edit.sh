# set and edit: what changes in the file, where values come from, what becomes of the plaintext.
. "${0%/*}/../cli/lib.sh"

vectors=$ROOT/tests/vectors
recipient=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt

cat >plain.yaml <<'END'
db:
  password: "hunter2"  # inline
  port: 5432
list: [a, b]
multi: |
  one
  two
END
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml
fresh() { cp sealed.yaml file.yaml; }
get() { "$BOOTSEAL" get file.yaml "$1"; }
changed_lines() { diff sealed.yaml file.yaml | grep -c '^>' || :; }
workspaces() { find /dev/shm /run/user/"$(id -u)" -maxdepth 1 -name '.bootseal-edit-*' 2>/dev/null | sort || :; }
workspaces >others # of somebody else who edits
leftovers() { workspaces | comm -13 "$TMP/others" -; }

# set: from stdin, only its lines
fresh
sleep 1 # so that lastmodified changes, too
printf 'n3w value' | "$BOOTSEAL" set file.yaml '["db"]["password"]'
check "three lines change" test "$(changed_lines)" = 3
expect_output "n3w value" sh -c '"$BOOTSEAL" get file.yaml "[\"db\"][\"password\"]"; echo'
"$BOOTSEAL" decrypt file.yaml >opened.yaml
sed 's/"hunter2"/"n3w value"/' plain.yaml >expected.yaml
expect_same expected.yaml opened.yaml
expect_absent .file.yaml.*
echo line | "$BOOTSEAL" set file.yaml '["x"]'
check "a single line loses its line break" test "$(get '["x"]' | od -c | head -n 1)" = "$(printf line | od -c | head -n 1)"
printf 'a\nb\n' | "$BOOTSEAL" set file.yaml '["x"]'
check "several lines keep theirs" test "$(get '["x"]' | wc -l)" = 2

# JSON, files, made up ones
echo ' 17 ' | "$BOOTSEAL" set --value-stdin file.yaml '["db"]["port"]'
check "an integer" sh -c '"$BOOTSEAL" decrypt file.yaml | grep -q "^  port: 17$"'
echo '"a\"b\u00e9\ud83d\ude00\n"' >value.json
"$BOOTSEAL" set --value-file file.yaml '["list"][0]' value.json
check "a JSON string" test "$(get '["list"][0]')" = 'a"bé😀'
for json in true false null 1.5 -3 1e3; do
	echo "$json" | "$BOOTSEAL" set --value-stdin file.yaml '["j"]'
	check "JSON $json" sh -c "\"\$BOOTSEAL\" decrypt file.yaml | grep -q '^j: $json\$'"
done
for json in '' '{' '[1' '{"a":1' '1, "x": 2' '1} {' '"a' '"\x"' '"\ud800"' 01 1. .5 +1 nul "'a'" '"a" b'; do
	fresh
	printf '%s' "$json" >value.json
	expect_status 7 "$BOOTSEAL" set --value-file file.yaml '["j"]' value.json
	expect_same file.yaml sealed.yaml
done
fresh
"$BOOTSEAL" set --generate 32 file.yaml '["token"]'
check "a made up value" sh -c '"$BOOTSEAL" get file.yaml "[\"token\"]" | grep -Eqx "[A-Za-z0-9]{32}"'
expect_status 30 "$BOOTSEAL" set --generate 3 file.yaml '["token"]'

# what is refused leaves the file alone
fresh
expect_error "can be read by every user" "$BOOTSEAL" set file.yaml '["db"]["password"]' '"x"'
expect_error "no value on stdin" "$BOOTSEAL" set file.yaml '["a"]' </dev/null
printf '\377' >bytes
expect_error "UTF-8" sh -c '"$BOOTSEAL" set file.yaml "[\"a\"]" <bytes'
for index in '["sops"]' '["sops"]["mac"]'; do
	expect_status 203 sh -c 'echo x | "$BOOTSEAL" set file.yaml "$0"' "$index"
done
for index in '["multi"]["a"]' '["list"]["a"]' '["db"][0]' '[0]' db '[]' '["a"' '["a"]x'; do
	expect_status 7 sh -c 'echo x | "$BOOTSEAL" set file.yaml "$0"' "$index"
done
expect_same file.yaml sealed.yaml
expect_status 100 sh -c 'echo x | "$BOOTSEAL" set missing.yaml "[\"a\"]"'
cp plain.yaml clear.yaml
expect_status 1 sh -c 'echo x | "$BOOTSEAL" set clear.yaml "[\"a\"]"'

# idempotent, and new places
fresh
printf hunter2 | "$BOOTSEAL" set --idempotent file.yaml '["db"]["password"]'
expect_same file.yaml sealed.yaml
echo 5432 | "$BOOTSEAL" set --idempotent --value-stdin file.yaml '["db"]["port"]'
expect_same file.yaml sealed.yaml
echo '"5432"' | "$BOOTSEAL" set --idempotent --value-stdin file.yaml '["db"]["port"]'
check "another type is another value" sh -c '! cmp -s file.yaml sealed.yaml'
fresh
printf 1 | "$BOOTSEAL" set file.yaml '["new"]["deep"][0]["x"]'
printf 2 | "$BOOTSEAL" set file.yaml '["list"][9]'
printf 3 | "$BOOTSEAL" set file.yaml '["open_unencrypted"]'
check "new maps and lists" test "$(get '["new"]["deep"][0]["x"]')$(get '["list"][2]')" = 12
check "the rules decide about a new value" grep -q '^open_unencrypted: "3"$' file.yaml

# two at once: both get in
fresh
for i in 1 2 3 4 5 6; do
	printf "$i" | "$BOOTSEAL" set file.yaml "[\"k$i\"]" &
done
wait
for i in 1 2 3 4 5 6; do check "set at once: k$i" test "$(get "[\"k$i\"]")" = "$i"; done

# a flow map as the top level; keys without a colon have no place for a value
for plain in '{a: b}' '{}' '{a}'; do
	echo "$plain" >flow.yaml
	"$BOOTSEAL" encrypt --age "$recipient" -i flow.yaml
	printf 1 | "$BOOTSEAL" set flow.yaml '["c"]["d"][0]'
	expect_output 1 sh -c '"$BOOTSEAL" get flow.yaml "[\"c\"][\"d\"][0]"; echo'
done
for plain in '? k' '{k}' '{? k}' '{k, c: d}' '{"k", c: d}'; do
	echo "$plain" >flow.yaml
	"$BOOTSEAL" encrypt --age "$recipient" -i flow.yaml
	cp flow.yaml before.yaml
	expect_error "line 1: a key without a colon" sh -c 'echo x | "$BOOTSEAL" set flow.yaml "[\"k\"]"'
	expect_same flow.yaml before.yaml
done
printf 'k: |' >flow.yaml
"$BOOTSEAL" encrypt --age "$recipient" -i flow.yaml
echo '"a\n b\n\n\n"' | "$BOOTSEAL" set --value-stdin flow.yaml '["k"]'
printf 'k: |+\n  a\n   b\n\n\n' >expected.yaml
"$BOOTSEAL" decrypt flow.yaml >opened.yaml
expect_same expected.yaml opened.yaml

# a map or list gives way to a value, past a comment behind its key
printf 'a: # c\n  b: 1\nl: # d\n- 1\nf: [k: v]\n' >flow.yaml
"$BOOTSEAL" encrypt --age "$recipient" -i flow.yaml
printf new | "$BOOTSEAL" set flow.yaml '["a"]'
printf newer | "$BOOTSEAL" set flow.yaml '["l"]'
expect_error "line 5: a map without brackets" sh -c 'echo x | "$BOOTSEAL" set flow.yaml "[\"f\"][0][\"n\"]"'
printf 'a: # c\n  "new"\nl: # d\n "newer"\nf: [k: v]\n' >expected.yaml
"$BOOTSEAL" decrypt flow.yaml >opened.yaml
expect_same expected.yaml opened.yaml

printf 'a: !!binary |\n  aGVsbG8=\n' >flow.yaml
"$BOOTSEAL" encrypt --unencrypted-suffix a --age "$recipient" -i flow.yaml
expect_error "line 1: how the text is written" sh -c 'echo "not base64" | "$BOOTSEAL" set flow.yaml "[\"a\"]"'

# what sops could not read afterwards
for plain in '%%YAML 1.2\n---\na: b' '"a\\/b": c' 'a_unencrypted: "\\/"'; do
	printf "$plain\n" >flow.yaml
	expect_error "sops" "$BOOTSEAL" encrypt --age "$recipient" flow.yaml
done

# edit: unchanged values keep their ciphertext
fresh
cat >editor <<'END'
#!/bin/sh
sed -i -e 's/hunter2/changed/' -e 's/^list:/added: x\nlist:/' "$1"
ls -ld "${1%/*}" | cut -c1-10 >seen
df --output=fstype "$1" | tail -n 1 >>seen
END
chmod +x editor
EDITOR=$TMP/editor "$BOOTSEAL" edit file.yaml
check "four lines differ" test "$(changed_lines)" -le 4
sed -e 's/hunter2/changed/' -e 's/^list:/added: x\nlist:/' plain.yaml >expected.yaml
"$BOOTSEAL" decrypt file.yaml >opened.yaml
expect_same expected.yaml opened.yaml
check "in a private directory" grep -qx 'drwx------' seen
check "in memory" grep -qxE 'tmpfs|ramfs' seen
check "nothing is left behind" test -z "$(leftovers)"
fresh
SOPS_EDITOR="'$TMP/editor'" EDITOR=false "$BOOTSEAL" edit file.yaml
check "SOPS_EDITOR comes first" sh -c '! cmp -s file.yaml sealed.yaml'

fresh
EDITOR=true expect_status 200 "$BOOTSEAL" edit file.yaml
EDITOR=true expect_error "File has not changed" "$BOOTSEAL" edit file.yaml
EDITOR=false expect_status 201 "$BOOTSEAL" edit file.yaml
EDITOR=/nonexistent expect_status 201 "$BOOTSEAL" edit file.yaml
expect_error "no editor" sh -c 'PATH=/nonexistent "$BOOTSEAL" edit file.yaml'
expect_same file.yaml sealed.yaml
check "nothing is left behind" test -z "$(leftovers)"

# invalid text, without a terminal: kept, and said where
cat >editor <<'END'
#!/bin/sh
printf 'typed: [for hours\n' >"$1"
END
EDITOR=$TMP/editor expect_error "what you wrote is kept" setsid "$BOOTSEAL" edit file.yaml
kept=$(sed -n 's/.*kept, unsealed, in "\(.*\)"$/\1/p' "$TMP/.err")
check "it is there" grep -q "for hours" "$kept"
rm -rf "${kept%/*}"
expect_same file.yaml sealed.yaml

# on a terminal: back to the editor, or give up
if command -v expect >/dev/null; then
	. "$ROOT/tests/cli/terminal.sh"
	cat >editor <<'END'
#!/bin/sh
if [ -e first ]; then sed s/hunter2/mended/ first >"$1"; else cp "$1" first; echo 'a: [' >"$1"; fi
END
	EDITOR=$TMP/editor check "edit again" on_terminal y "$BOOTSEAL" edit file.yaml
	expect_output mended sh -c '"$BOOTSEAL" get file.yaml "[\"db\"][\"password\"]"; echo'
	rm first
	fresh
	EDITOR=$TMP/editor expect_status 2 on_terminal n "$BOOTSEAL" edit file.yaml
	expect_same file.yaml sealed.yaml
	check "what was dropped is gone" test -z "$(leftovers)"
else
	skip_one "edit on a terminal" "expect is not installed"
fi

# somebody else was faster
cat >editor <<'END'
#!/bin/sh
sed -i s/hunter2/mine/ "$1"
printf theirs | "$BOOTSEAL" set file.yaml '["db"]["password"]'
END
EDITOR=$TMP/editor expect_error "was changed while you were editing" "$BOOTSEAL" edit file.yaml
kept=$(sed -n 's/.*kept, unsealed, in "\(.*\)"$/\1/p' "$TMP/.err")
check "the text is kept" grep -q mine "$kept"
rm -rf "${kept%/*}"
check "theirs stays" test "$(get '["db"]["password"]')" = theirs

# a new file
printf '#!/bin/sh\nprintf "fresh: start\\n" >"$1"\n' >editor
EDITOR=$TMP/editor "$BOOTSEAL" edit --age "$recipient" new.yaml
expect_output start sh -c '"$BOOTSEAL" get new.yaml "[\"fresh\"]"; echo'
EDITOR=true expect_status 200 "$BOOTSEAL" edit --age "$recipient" other.yaml
EDITOR=$TMP/editor expect_status 1 "$BOOTSEAL" edit other.yaml
expect_absent other.yaml

# killed in the middle: the plaintext goes, too
fresh
printf '#!/bin/sh\ntouch started\nexec sleep 30\n' >editor
for signal in TERM HUP KILL; do
	rm -f started
	EDITOR=$TMP/editor "$BOOTSEAL" edit file.yaml 2>/dev/null &
	pid=$!
	for i in $(seq 100); do [ ! -e started ] || break; sleep 0.05; done
	check "the plaintext is there" test -n "$(leftovers)"
	kill -$signal $pid
	wait $pid 2>/dev/null || :
	for i in $(seq 40); do [ -n "$(leftovers)" ] || break; sleep 0.05; done
	check "and gone after SIG$signal" test -z "$(leftovers)"
done
expect_same file.yaml sealed.yaml
