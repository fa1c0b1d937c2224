# What must be refused, or told: values that no reader of YAML takes, files that would be waited for, output
# that goes nowhere. And comments that are sealed though they look it.
. "${0%/*}/../cli/lib.sh"
own_memory

recipient=$(sed -n 's/^# public key: //p' "$ROOT/tests/vectors/sops/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$ROOT/tests/vectors/sops/keys/age1.txt
set_value() { printf '%s' "$3" | "$BOOTSEAL" set --value-stdin "$1" "$2"; }

# --- "<<" takes maps alone
printf 'b: &x {c: 1}\nd:\n  <<: [*x]\n  e: 1\n' >plain.yaml
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml 2>/dev/null
cp sealed.yaml merge.yaml
for place in '["d"]["<<"][2]' '["d"]["<<"][1]' '["d"]["<<"][0]' '["d"]["<<"]' '["new"]["<<"]' '["d"]["<<"][1][0]'; do
	for value in '"v"' 5 null '["v"]'; do
		expect_error 'what "<<" merges are maps' set_value merge.yaml "$place" "$value"
	done
done
expect_same sealed.yaml merge.yaml
expect_status 0 set_value merge.yaml '["d"]["<<"][1]' '{"n": "v"}'
expect_status 0 set_value merge.yaml '["d"]["<<"][0]["c"]' '"v"'
if command -v sops >/dev/null; then
	expect_status 0 env SOPS_DISABLE_VERSION_CHECK=1 sops decrypt merge.yaml
else
	skip_one "merged maps" "no sops to read them"
fi
echo '{"d": {"<<": [1]}}' >merge.json
"$BOOTSEAL" encrypt -i --age "$recipient" merge.json
expect_status 0 set_value merge.json '["d"]["<<"][1]' '"v"'

# --- a comment that is typed in the form of a sealed one is sealed, as encrypt does it
printf 'a: b # x\n' >comment.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" comment.yaml
pasted=$(sed -n 's/^a: .*\(#ENC.*\)/\1/p' comment.yaml)
printf '#!/bin/sh\necho "%s" >>"$1"\n' "$pasted" >editor
chmod +x editor
EDITOR=$TMP/editor "$BOOTSEAL" edit comment.yaml
printf 'a: b # x\n%s\n' "$pasted" >want
"$BOOTSEAL" decrypt comment.yaml >got
expect_same want got

# --- a FIFO that was not named is not waited for
mkdir fifo
mkfifo fifo/.sops.yaml
echo 'a: b' >fifo/a.yaml
expect_error 'cannot read ".sops.yaml": it is no regular file' sh -c 'cd fifo && exec timeout 120 "$BOOTSEAL" encrypt a.yaml'
mkdir -p config/sops/age
mkfifo config/sops/age/keys.txt
expect_error 'keys.txt": it is no regular file' env -u SOPS_AGE_KEY_FILE HOME="$TMP" XDG_CONFIG_HOME="$TMP/config" timeout 120 "$BOOTSEAL" decrypt sealed.yaml
# one that was named is read
expect_output b sh -c '"$BOOTSEAL" encrypt --age "$1" --input-type yaml /dev/stdin <fifo/a.yaml | "$BOOTSEAL" get --input-type yaml /dev/stdin "[\"a\"]"; echo' - "$recipient"
mkfifo named
cat fifo/a.yaml >named &
expect_status 0 timeout 120 "$BOOTSEAL" encrypt --age "$recipient" --input-type yaml named

# --- output that is closed
for command in "decrypt sealed.yaml" "encrypt --age $recipient fifo/a.yaml" 'get sealed.yaml ["b"]' help --version; do
	expect_status 3 sh -c '"$BOOTSEAL" $1 >&-' - "$command"
done
expect_status 0 sh -c '"$BOOTSEAL" encrypt -i --age "$1" plain.yaml >&-' - "$recipient"

# a file that lost its MAC is mended by whoever looks at it and changes it
for type in yaml json env ini; do
	case $type in
	yaml) echo 'a: old' ;;
	json) printf '{\n"a": "old"\n}\n' ;;
	env) echo 'a=old' ;;
	ini) printf '[s]\na = old\n' ;;
	esac >mended.$type
	"$BOOTSEAL" encrypt --age "$recipient" -i mended.$type
	sed -i -E '/^ *"?(sops_)?mac"?( *=|:)/d' mended.$type
	cp mended.$type broken.$type
	index='["a"]'
	[ $type != ini ] || index='["s"]["a"]'
	expect_status 51 "$BOOTSEAL" decrypt mended.$type
	expect_status 0 sh -c 'printf x | "$BOOTSEAL" set --ignore-mac "$0" "$1"' mended.$type "$index"
	expect_output x sh -c '"$BOOTSEAL" get "$0" "$1"; echo' mended.$type "$index"
	if command -v sops >/dev/null; then
		expect_status 0 env SOPS_DISABLE_VERSION_CHECK=1 sops decrypt mended.$type
	else
		skip_one "a mended $type" "no sops to read it"
	fi
	cp broken.$type mended.$type
	check "edit --ignore-mac" env EDITOR="sed -i s/old/new/" "$BOOTSEAL" edit --ignore-mac mended.$type
	expect_output new sh -c '"$BOOTSEAL" get "$0" "$1"; echo' mended.$type "$index"
done
# also where the metadata do not end their line, or stand in between
printf 'a=old\n' | "$BOOTSEAL" encrypt --age "$recipient" --filename-override x.env |
	sed '/sops_mac=/d' >between.env
printf 'b_unencrypted=x' >>between.env
printf %s "$(cat between.env)" >unended.env
for file in between.env unended.env; do
	expect_status 0 sh -c 'printf x | "$BOOTSEAL" set --ignore-mac "$0" "[\"a\"]"' $file
	expect_output x sh -c '"$BOOTSEAL" get "$0" "[\"a\"]"; echo' $file
done

# --- what ends too early does so in the last line that there is
for text in 'a: 1\nb: [\n' 'a: 1\nb: "x\n' 'a: [\nb: 2' 'a: 1\nb' 'a: 1\nb: [\n\n\n'; do
	printf "$text" >early.yaml
	expect_error 'line 2: while' "$BOOTSEAL" encrypt --age "$recipient" early.yaml
done
printf '{"a": 1,\n"b"\n' >early.json
expect_error 'line 2: not valid JSON: the text ends too early' "$BOOTSEAL" encrypt --age "$recipient" early.json

# --- a file of identities that is missing is told with its whole path
SOPS_AGE_KEY_FILE=no-such-file expect_error "cannot open \"$TMP/no-such-file\"" "$BOOTSEAL" decrypt sealed.yaml

# --- verify judges a comment by where sops puts it
printf 'b:\n    # in\n    c: two\nd: x\n' >comment.yaml
"$BOOTSEAL" encrypt --age "$recipient" --unencrypted-regex ^b comment.yaml >readable.yaml
expect_status 0 "$BOOTSEAL" verify readable.yaml
check "no warning" test ! -s .err
sed 's/^d: /# open\n&/' readable.yaml >open.yaml
"$BOOTSEAL" verify open.yaml 2>err || :  # a warning; the status is not looked at
check "one that is open" grep -q 'open.yaml:4: warning: this comment is not sealed' err

# --- where no new file can be made, it is said why one is
if [ "$(id -u)" = 0 ]; then
	skip_one "a directory that cannot be written to" "root writes anywhere"
else
	mkdir closed
	cp sealed.yaml closed/file.yaml
	chmod 500 closed
	expect_error 'its directory must be writable' set_value closed/file.yaml '["d"]["e"]' 2
	chmod 700 closed
fi

# --- a list of nothing but sealed comments, as sops writes "c: [] # x": a comment behind it stays behind it
printf 'c: [] # x\n# y\nm:\n  c: [] # z\n  # y\n  d: 1\n' >list.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" list.yaml
sed -i 's/^\( *c:\) \[\] #\(ENC.*\)/\1\n      - \2/' list.yaml
printf 'c: []\n# x\n# y\nm:\n  c: []\n  # z\n  # y\n  d: 1\n' >want
"$BOOTSEAL" decrypt list.yaml >got
expect_same want got
if command -v sops >/dev/null; then
	# sops drops the first comment when it opens such a list
	printf 'c: [] # x\n# y\nd: 1\n' >list.yaml
	"$BOOTSEAL" encrypt -i --age "$recipient" list.yaml
	SOPS_DISABLE_VERSION_CHECK=1 sops set list.yaml '["d"]' 2
	SOPS_DISABLE_VERSION_CHECK=1 sops decrypt list.yaml >want
	"$BOOTSEAL" decrypt list.yaml | grep -v '^# x$' >got
	expect_same want got
else
	skip_one "a list of comments" "no sops to write one"
fi

# --- what "<<" stands for in a plain text must be maps, as sops has it
merges() { # STATUS TEXT: of encrypt, the same as sops'
	printf '%b' "$2" >key.yaml
	for type in yaml json; do
		expect_status "$1" "$BOOTSEAL" encrypt --age "$recipient" --output-type $type key.yaml
	done
	if command -v sops >/dev/null; then
		expect_status "$1" env SOPS_DISABLE_VERSION_CHECK=1 sops encrypt --age "$recipient" key.yaml
	else
		skip_one "$2" "no sops to compare with"
	fi
}
for text in '<<: 5' '<<:' '<<: [x]' 'a: {<<: [{b: c}, 5]}' 'b: [{<<: x}]' '<<: [[{a: b}]]' '!!merge "<<": 5' '! <<: 5' '? <<\n: 5' \
	'b: &b 5\nc: {<<: *b}' 'b: &b [{x: 1}]\n<<: *b' 'c: &c [{x: 1}]\n<<: [*c]' '&k <<: 5'; do
	merges 2 "$text\n"
done
for text in '"<<": 5' "'<<': [x]" '!!str <<: 5' '! "<<": 5' '<<: []' '<<: [{a: 1}, {b: 2}]' '<<: {a: 1}' 'b: &b {x: 1}\nc: {<<: [*b, {y: 2}]}' \
	'a: 1\n---\n<<: 5'; do
	case $text in
	*---*) printf '%b\n' "$text" >key.yaml && expect_status 0 "$BOOTSEAL" encrypt --age "$recipient" key.yaml ;;
	*) merges 0 "$text\n" ;;
	esac
done
printf 'a: b\nc:\n  <<: 5\n' >key.yaml
expect_error 'line 3: what "<<" merges is neither a map nor a list of maps' "$BOOTSEAL" encrypt --age "$recipient" key.yaml
# sops writes such a file where it is told to set one, and cannot open it; we can
if command -v sops >/dev/null; then
	printf 'a: b\n' >key.yaml
	"$BOOTSEAL" encrypt -i --age "$recipient" key.yaml
	SOPS_DISABLE_VERSION_CHECK=1 sops set key.yaml '["<<"]' 2
	expect_status 0 "$BOOTSEAL" decrypt key.yaml
else
	skip_one "a merge that sops wrote" "no sops to write one"
fi
