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
changed_lines() { diff sealed.yaml file.yaml | grep -c '^>' || : none; }
own_memory
leftovers() { find "$XDG_RUNTIME_DIR" -mindepth 1 -name '.bootseal-edit-*' -prune; }

# a file that lost its MAC gets one, where that is insisted on
fresh
sed -i '/^    mac: /d' file.yaml
for command in set unset; do
	cp file.yaml lost.yaml
	expect_status 51 sh -c 'echo n | "$BOOTSEAL" "$0" lost.yaml "$1"' $command '["db"]["port"]'
	check "$command without a MAC" sh -c 'echo n | "$BOOTSEAL" "$0" --ignore-mac lost.yaml "$1"' $command '["db"]["port"]'
	check "$command: it has one" "$BOOTSEAL" decrypt lost.yaml
done
cp file.yaml lost.yaml
check "edit without a MAC" env EDITOR="sed -i s/hunter2/x/" "$BOOTSEAL" edit --ignore-mac lost.yaml
check "edit: it has one" "$BOOTSEAL" decrypt lost.yaml

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

printf 'line\r\n' | "$BOOTSEAL" set file.yaml '["x"]'
check "one of Windows', too" test "$(get '["x"]' | od -c | head -n 1)" = "$(printf line | od -c | head -n 1)"
printf 'a\r\nb\r\n' | "$BOOTSEAL" set file.yaml '["x"]'
check "several keep them" test "$(get '["x"]' | wc -c)" = 6

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
fresh
printf deep | "$BOOTSEAL" set file.yaml '["db"]["password"]["is"][0]["now"]'
check "a value gives way to what path names in it" test "$("$BOOTSEAL" decrypt file.yaml | head -n 5 | tr -d '\n')" = \
	'db:  password: {is: [{now: "deep"}]}  # inline  port: 5432list: [a, b]multi: |'
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
for empty in '\n' '\r\n'; do
	expect_error "no value on stdin" sh -c 'printf "$0" | "$BOOTSEAL" set file.yaml "[\"a\"]"' "$empty"
done
printf '\377' >bytes
expect_error "UTF-8" sh -c '"$BOOTSEAL" set file.yaml "[\"a\"]" <bytes'
for index in '["sops"]' '["sops"]["mac"]'; do
	expect_status 203 sh -c 'echo x | "$BOOTSEAL" set file.yaml "$0"' "$index"
done
for index in '["list"]["a"]' '["db"][0]' '[0]' db '[]' '["a"' '["a"]x'; do
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
EDITOR="sed -i '1isops: 1'" expect_error "what you wrote is kept" setsid "$BOOTSEAL" edit file.yaml
check "also what has a key \"sops\"" grep -q 'top-level key "sops".*, in "/' "$TMP/.err"
expect_same file.yaml sealed.yaml

# on a terminal: back to the editor, or give up
if command -v expect >/dev/null; then
	. "$ROOT/tests/cli/terminal.sh"
	cat >editor <<'END'
#!/bin/sh
if [ -e first ]; then sed s/hunter2/mended/ first >"$1"; else cp "$1" first; echo 'a: [' >"$1"; fi
END
	fresh
	cp file.yaml before.yaml
	for typed in $'\r' $'\x04'; do
		expect_status 7 at_prompt "$typed" "$BOOTSEAL" set file.yaml '["list"]'
		check "no value on the terminal" grep -q "no value on the terminal" typed
	done
	# what is pasted: one line is taken only where there is but one, and nothing of it reaches the shell
	for typed in $'one\rtouch pasted\r' $'one\rtouch pasted' $'one\r\r'; do
		expect_status 34 at_prompt "$typed" "$BOOTSEAL" set file.yaml '["list"]'
		check "several lines are refused" grep -q "more than one line was typed or pasted" typed
	done
	expect_status 34 at_prompt $'one\rtouch pasted\r' \
		bash --norc -c '"$BOOTSEAL" set file.yaml "[\"list\"]"; s=$?; read -r -t 1 rest && eval "$rest"; exit $s'
	expect_absent pasted
	expect_status 2 at_prompt "$(printf %5000s | tr " " x)"$'\r' "$BOOTSEAL" set file.yaml '["list"]'
	expect_same file.yaml before.yaml
	expect_status 0 at_prompt $'one line\r' "$BOOTSEAL" set file.yaml '["list"]'
	check "one line" test "$(get '["list"]')" = "one line"
	EDITOR=$TMP/editor check "edit again" on_terminal y "$BOOTSEAL" edit file.yaml
	expect_output mended sh -c '"$BOOTSEAL" get file.yaml "[\"db\"][\"password\"]"; echo'
	rm first
	fresh
	EDITOR=$TMP/editor check "Enter goes back to the editor" on_terminal "" "$BOOTSEAL" edit file.yaml
	expect_output mended sh -c '"$BOOTSEAL" get file.yaml "[\"db\"][\"password\"]"; echo'
	check "the reason is told once" test "$(grep -c 'cannot be sealed' typed)" = 1
	rm first
	fresh
	EDITOR=$TMP/editor expect_status 2 on_terminal n "$BOOTSEAL" edit file.yaml
	expect_same file.yaml sealed.yaml
	check "the reason is told once" test "$(grep -c 'cannot be sealed' typed)" = 1
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
printf '#!/bin/sh\necho $$ >started.new\nmv started.new started\nexec sleep 60 >/dev/null 2>&1\n' >editor
for signal in TERM HUP KILL; do
	rm -f started
	EDITOR=$TMP/editor "$BOOTSEAL" edit file.yaml 2>/dev/null &
	pid=$!
	for i in $(seq 1200); do [ ! -e started ] || break; sleep 0.05; done
	check "the plaintext is there" test -n "$(leftovers)"
	kill -$signal $pid
	wait $pid 2>/dev/null || : killed
	for i in $(seq 1200); do [ -n "$(leftovers)" ] || break; sleep 0.05; done
	kill "$(cat started)" # which nobody else does: it would outlive this test
	check "and gone after SIG$signal" test -z "$(leftovers)"
done
# nobody is left to clean up: the next run does
rm -f started
EDITOR=$TMP/editor "$BOOTSEAL" edit file.yaml 2>/dev/null &
pid=$!
for i in $(seq 1200); do [ ! -e started ] || break; sleep 0.05; done
kill -STOP $pid # or it might end by itself, once its children have
for child in $(cat /proc/$pid/task/$pid/children); do kill -KILL "$child"; done
kill -KILL $pid
wait $pid 2>/dev/null || : killed
left=$(leftovers)
check "what was killed with its cleaner leaves a directory" test -n "$left"
check "which its owner alone may enter" test "$(stat -c %a "$left")" = 700
touch -d '1 minute ago' "$left"
EDITOR=true expect_status 200 "$BOOTSEAL" edit file.yaml
check "and which the next run removes" test ! -e "$left"
expect_same file.yaml sealed.yaml

# a file shared with a group stays theirs, whoever of them changes it; plaintext is given to nobody
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && setpriv --reuid 2222 --clear-groups test -x "$BOOTSEAL"; then
	chmod 755 "$TMP"
	as() { setpriv --reuid 2222 --regid 2222 --groups "$1" env SOPS_AGE_KEY_FILE="$TMP/shared.key" "${@:2}"; }
	owner() { stat -c %u:%g:%a "$1"; }
	cp "$SOPS_AGE_KEY_FILE" shared.key
	chmod 644 shared.key
	mkdir shared
	chown 1111:4444 shared
	for directory in 2775 00777; do
		for old in 664:0664 660:0660 644:0644; do
			chmod $directory shared
			cp sealed.yaml shared/f.yaml
			chown 1111:4444 shared/f.yaml
			chmod "${old#*:}" shared/f.yaml
			expect_status 0 as 4444 sh -c 'printf x | "$BOOTSEAL" set shared/f.yaml "[\"a\"]"'
			check "$old in $directory" test "$(owner shared/f.yaml)" = 2222:4444:"${old%:*}"
		done
	done
	chmod 00777 shared
	for old in 640 660; do
		cp sealed.yaml shared/f.yaml
		chown 2222:4444 shared/f.yaml
		chmod $old shared/f.yaml
		expect_error "its group (4444) reads it" as 2222 sh -c 'printf x | "$BOOTSEAL" set shared/f.yaml "[\"a\"]"'
		expect_same shared/f.yaml sealed.yaml
	done
	chown 1111:4444 shared/f.yaml
	chmod 664 shared/f.yaml
	expect_error "its group (4444) reads it" as 2222 sh -c 'printf x | "$BOOTSEAL" set shared/f.yaml "[\"a\"]"'
	chmod 644 shared/f.yaml
	expect_status 0 as 2222 sh -c 'printf x | "$BOOTSEAL" set shared/f.yaml "[\"a\"]"'
	check "what everybody reads" test "$(owner shared/f.yaml)" = 2222:2222:644
	cp sealed.yaml shared/f.yaml
	chown 1111:4444 shared/f.yaml
	chmod 666 shared/f.yaml
	expect_status 0 as 4444 "$BOOTSEAL" decrypt --output shared/f.yaml sealed.yaml
	check "plaintext" test "$(owner shared/f.yaml | cut -d: -f1,3)" = 2222:600
else
	skip_one "a file shared with a group" "not root, or without setpriv"
fi

# what the format cannot hold is refused for what it is
printf '[s]\na = 1\n' >plain.ini
printf 'A=1\n' >plain.env
for format in ini env; do "$BOOTSEAL" encrypt --age "$recipient" plain.$format >file.$format; done
fresh
value() { printf %s "$3" | "$BOOTSEAL" set --value-stdin "$1" "$2"; } # FILE INDEX JSON
expect_error 'the value cannot stand in yaml: a map has the key "a" twice' value file.yaml '["x"]' '{"a":1,"b":{"a":2},"a":3}'
expect_status 4 value file.yaml '["x"]' '[{"a":{"b":1,"b":2}}]'
expect_error 'the value cannot stand in ini: a map has the key "A" twice' value file.ini '["n"]' '{"A":1,"A":2}'
expect_error 'ini has no null' value file.ini '["n"]' '{"A":null}'
expect_error 'ini has no null' value file.ini '["s"]["a"]' null
expect_error 'dotenv has no null' value file.env '["A"]' null
expect_status 7 value file.env '["A"]' null
check "keys of two maps" value file.yaml '["x"]' '{"a":1,"b":{"a":2}}'

# what is only written otherwise keeps its MAC; what holds something else does not
stamp() { grep -E '^    "?(mac|lastmodified)"?:' "$1"; }
edited() { # SED-SCRIPT: file.yaml from kept.yaml, whose stamp is old
	cp kept.yaml file.yaml
	printf '#!/bin/sh\nsed -i %q "$1"\n' "$1" >editor.sh
	chmod +x editor.sh
	EDITOR=$TMP/editor.sh "$BOOTSEAL" edit file.yaml && "$BOOTSEAL" decrypt file.yaml >/dev/null
}
cat >plain.yaml <<'END'
# c
a: s
n:
e: ""
l: [x, y]
m:
  r_unencrypted: 12
  s_unencrypted: 3
  t: "5"
END
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >kept.yaml
for script in 's/^  /      /' 's/^a: s/a: "s"/' 's/^a/\n&/' 's/12/+12/' 's/: 3/: 3 # new/;s/ # new//;s/^e: ""/e:   ""/'; do
	check "written otherwise: $script" edited "$script"
	expect_same <(stamp kept.yaml) <(stamp file.yaml)
done
for script in '1d' '1i# more' 's/^a: s/b: s/' 's/x, y/y, x/' 's/12/1/;s/: 3/: 23/' 's/^n:/n: ""/' 's/^e: ""/e:/' 's/"5"/5/' 's/r_un/q_un/' \
	's/: 3/: 4/' '2{h;d};3G'; do
	check "something else: $script" edited "$script"
	check "has another MAC: $script" sh -c '! [ "$1" = "$2" ]' . "$(stamp kept.yaml | grep mac)" "$(stamp file.yaml | grep mac)"
done
sed 's/^    r_unencrypted: 12/    r_unencrypted: 13/; s/^  r_unencrypted: 12/  r_unencrypted: 13/' kept.yaml >broken.yaml
cp broken.yaml file.yaml
check "a MAC that was wrong is made anew" env EDITOR='sed -i s/^e:/e:\\x20/' "$BOOTSEAL" edit --ignore-mac file.yaml
check "and is right then" "$BOOTSEAL" decrypt file.yaml
