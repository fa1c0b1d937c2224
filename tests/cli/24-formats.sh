# JSON and binary files, formats by name and by option, and one format made of another.
. "${0%/*}/../cli/lib.sh"
own_memory

vectors=$ROOT/tests/vectors/sops
recipient=$(sed -n 's/^# public key: //p' "$vectors/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt

seal() { "$BOOTSEAL" encrypt --age "$recipient" "$@"; }

# files that sops sealed
for name in types.json indent2.json blob.bin empty.bin text.txt; do
	"$BOOTSEAL" decrypt "$vectors/enc/$name" >opened || fail "open $name"
	case $name in
	*.json) # sops prints large floats with an exponent, and its own indentation
		sed 's/^[\t ]*//; s/1000000000000000000000/1e+21/' opened >a
		sed 's/^[\t ]*//' "$vectors/dec/$name" >b
		expect_same b a
		;;
	*) expect_same "$vectors/dec/$name" opened ;;
	esac
done
"$BOOTSEAL" decrypt --output-type yaml "$vectors/enc/types.json" | sed '/^s: /d' >a
sed '/^s: /d' "$vectors/dec/types.json.as.yaml" >b
expect_same b a
"$BOOTSEAL" decrypt --output-type json "$vectors/enc/comments.yaml" >a
expect_same "$vectors/dec/comments.yaml.as.json" a

# JSON: the text stays, also where it is sealed
cat >plain.json <<'END'
{
  "db": {"password": "a & b", "port": 543210987, "ratio": 2.50},
  "list": [ "x", null, true, {} ],
  "url": "http:\/\/x\/", "name": "f\u00fcr",
  "open_unencrypted": "seen"
}
END
seal plain.json >sealed.json 2>notes
check "no notes" test ! -s notes
"$BOOTSEAL" decrypt sealed.json >back.json
expect_same plain.json back.json
check "the layout stays" grep -q '^  "list": \[ "ENC\[.*\]", null, "ENC\[.*type:bool\]", {} \],$' sealed.json
check "metadata are indented as the document is" grep -q '^    "lastmodified": "' sealed.json
check "no plaintext in it" sh -c '! grep -q 543210987 sealed.json && grep -q "\"open_unencrypted\": \"seen\"" sealed.json'
printf '{"a":1,"b":"x"}' >line.json
seal line.json >line.sealed.json
check "one line stays one line" test "$(wc -l <line.sealed.json)" = 0
"$BOOTSEAL" decrypt line.sealed.json >back.json
expect_same line.json back.json
printf '{"a": "\\u0041", "b": "x"}' >odd.json
seal odd.json >/dev/null 2>notes
check "what comes back otherwise is named" grep -q 'these lines as written (their values are the same): 1$' notes

# parts, set, edit, get
expect_output 'a & b' sh -c '"$BOOTSEAL" get sealed.json "[\"db\"][\"password\"]"; echo'
expect_output 2.50 sh -c '"$BOOTSEAL" get sealed.json "[\"db\"][\"ratio\"]"; echo'
expect_output 2.5 sh -c '"$BOOTSEAL" decrypt --extract "[\"db\"][\"ratio\"]" sealed.json; echo'
expect_output '{"password": "a & b", "port": 543210987, "ratio": 2.50}' "$BOOTSEAL" get sealed.json '["db"]'
cp sealed.json file.json
printf new | "$BOOTSEAL" set file.json '["db"]["password"]'
printf more | "$BOOTSEAL" set file.json '["db"]["added"]'
printf last | "$BOOTSEAL" set file.json '["top"]'
"$BOOTSEAL" decrypt file.json >changed
sed 's/a & b/new/; s/2.50}/2.50, "added": "more"}/; s/"seen"/"seen",\n  "top": "last"/' plain.json >expected
expect_same expected changed
check "set changes few lines" test "$(diff sealed.json file.json | grep -c '^>')" -le 5
cp sealed.json file.json
EDITOR="sed -i s/543210987/5433/" "$BOOTSEAL" edit file.json
check "edit changes few lines" test "$(diff sealed.json file.json | grep -c '^>')" -le 3
expect_output 5433 sh -c '"$BOOTSEAL" get file.json "[\"db\"][\"port\"]"; echo'
EDITOR=true expect_status 200 "$BOOTSEAL" edit file.json
EDITOR="sed -i s/example_value/mine/" "$BOOTSEAL" edit --age "$recipient" fresh.json
expect_output mine sh -c '"$BOOTSEAL" get fresh.json "[\"example_key\"]"; echo'
EDITOR="sed -i s/All/None/" "$BOOTSEAL" edit --age "$recipient" fresh.bin
check "a new binary file" sh -c '"$BOOTSEAL" decrypt fresh.bin | grep -q "^None of this"'
expect_output '{"encrypted":true}' "$BOOTSEAL" filestatus sealed.json
expect_output '{"encrypted":false}' "$BOOTSEAL" filestatus plain.json

# binary
printf 'x\0y\377\n' >blob
seal blob >blob.sealed
"$BOOTSEAL" decrypt blob.sealed >back
expect_same blob back
check "a binary file is JSON with data and sops" sh -c 'grep -q "^	\"data\": \"ENC\[.*type:str\]\",$" blob.sealed && grep -q "^	\"sops\": {$" blob.sealed'
check "and has no selector" sh -c '! grep -q _suffix blob.sealed'
"$BOOTSEAL" decrypt <blob.sealed >back
expect_same blob back
: >empty
seal empty >empty.sealed
"$BOOTSEAL" decrypt empty.sealed >back
expect_same empty back
cp plain.json inside.txt
seal inside.txt >inside.sealed.txt
"$BOOTSEAL" decrypt inside.sealed.txt >back
expect_same inside.txt back
seal --encrypted-regex '^x$' --mac-only-encrypted blob >selected 2>notes
check "selectors are said to be ignored" grep -q "selectors do not apply to a binary file" notes
check "and are not there" sh -c '! grep -q _regex selected && ! grep -q mac_only selected'
"$BOOTSEAL" decrypt selected >back
expect_same blob back
printf 'new' | "$BOOTSEAL" set blob.sealed '["data"]'
expect_output new sh -c '"$BOOTSEAL" decrypt blob.sealed; echo'
expect_output '{"encrypted":false}' "$BOOTSEAL" filestatus blob
expect_status 203 seal sealed.json
check "a sealed binary file is bytes, too" sh -c 'seal() { "$BOOTSEAL" encrypt --age "$1" selected >twice; }; seal '"$recipient"' && "$BOOTSEAL" decrypt twice | cmp - selected'

# the format is that of the name, unless an option says otherwise
printf 'a: 1\n' >t.yaml
for name in x.yaml.enc x.json5 .env.production X.YAML x; do
	cp t.yaml "$name"
	seal "$name" >o
	check "$name is binary" grep -q '"data": "ENC' o
done
seal --filename-override x.json plain.json >o
"$BOOTSEAL" decrypt --filename-override x.json o >back.json
expect_same plain.json back.json
"$BOOTSEAL" decrypt --input-type json o >back.json
expect_same plain.json back.json
seal --input-type yaml x >o
"$BOOTSEAL" decrypt --input-type yaml o >back
expect_same t.yaml back
seal --filename-override s.json <plain.json >o
"$BOOTSEAL" decrypt --input-type json <o >back.json
expect_same plain.json back.json

# one format made of another
cat >doc.yaml <<'END'
# top
a: 0x1F
b: [x, 2.50, ~]
t: 2020-01-01
s: "x\ny"
END
printf '{\n\t"a": 31,\n\t"b": [\n\t\t"x",\n\t\t2.5,\n\t\tnull\n\t],\n\t"t": "2020-01-01T00:00:00Z",\n\t"s": "x\\ny"\n}\n' >doc.json
seal doc.yaml >doc.sealed.yaml
"$BOOTSEAL" decrypt --output-type json doc.sealed.yaml >o.json
expect_same doc.json o.json
seal --output-type json doc.yaml >o
"$BOOTSEAL" decrypt --input-type json o >o.json
expect_same doc.json o.json
expect_output '31' sh -c '"$BOOTSEAL" decrypt --extract "[\"a\"]" --output-type json doc.sealed.yaml; echo'
expect_output '"2020-01-01T00:00:00Z"' sh -c '"$BOOTSEAL" decrypt --extract "[\"t\"]" --output-type json doc.sealed.yaml; echo'
printf 'a: 31\nb:\n    - x\n    - 2.5\n    - null\nt: "2020-01-01T00:00:00Z"\ns: |-\n    x\n    y\n' >doc2.yaml
seal doc.json >doc.sealed.json
"$BOOTSEAL" decrypt --output-type yaml doc.sealed.json >o.yaml
expect_same doc2.yaml o.yaml
printf 'A=1\nB=x\\ny\n' >flat.env
printf '{"A": "1", "B": "x\\ny"}' >flat.json
seal flat.json >flat.sealed.json
"$BOOTSEAL" decrypt --output-type dotenv flat.sealed.json >o.env
expect_same flat.env o.env
printf '{"data": "raw\\n"}' >data.json
seal data.json >data.sealed.json
expect_output raw "$BOOTSEAL" decrypt --output-type binary data.sealed.json
expect_output raw "$BOOTSEAL" decrypt --input-type binary data.sealed.json --output-type binary
expect_output 'data: raw' sh -c 'printf raw >r; "$BOOTSEAL" encrypt --age '"$recipient"' r >r.s; "$BOOTSEAL" decrypt --output-type yaml r.s'
expect_status 4 "$BOOTSEAL" decrypt --output-type dotenv doc.sealed.yaml
# in place the documents behind the first would be lost
printf 'a: 1\n---\nb: 2\n' >several.yaml
seal several.yaml >sealed.several.yaml
cp sealed.several.yaml several.yaml
expect_error 'json has no place for 2 documents: in place, all but the first would be lost' \
	"$BOOTSEAL" decrypt -i --output-type json several.yaml
for command in 'decrypt -i' 'rotate -i --yes'; do
	# shellcheck disable=SC2086
	expect_status 4 "$BOOTSEAL" $command --output-type json several.yaml
done
expect_status 4 "$BOOTSEAL" unset --output-type json several.yaml '["a"]'
expect_status 4 sh -c 'echo 1 | "$BOOTSEAL" set --output-type json several.yaml "[\"a\"]"'
expect_same sealed.several.yaml several.yaml
check "elsewhere the first one" sh -c '"$BOOTSEAL" decrypt --output-type json several.yaml 2>/dev/null | grep -q "\"a\": 1"'
expect_status 4 "$BOOTSEAL" decrypt --output-type ini doc.sealed.yaml
expect_error 'no key "data"' "$BOOTSEAL" decrypt --output-type binary doc.sealed.yaml
expect_status 4 "$BOOTSEAL" decrypt --output-type binary doc.sealed.yaml
expect_status 4 seal --output-type dotenv doc.yaml
expect_status 203 seal --output-type json doc.sealed.yaml
printf 'a: .inf\n' >inf.yaml
expect_error "a number that JSON does not have" seal --output-type json inf.yaml

# bad input: one line that says where, and nothing written
expect_status 30 seal --input-type jsonc plain.json
expect_status 30 "$BOOTSEAL" decrypt --output-type YAML sealed.json
bad() { # TEXT MESSAGE
	# shellcheck disable=SC2059
	printf "$1" >bad.json
	expect_error "$2" seal --output made.json bad.json
	expect_absent made.json
}
bad '' 'the file is empty'
bad '[1]' 'line 1: not valid JSON: the top level must be an object'
bad '{"a": 1}\n{"b": 2}' 'line 2: not valid JSON: something stands behind the end'
bad '{"a": 1' 'the text ends too early'
bad '{"a": 1,}' 'a key in double quotes must stand here'
bad '{"a": "\\ud800"}' 'half of a surrogate pair'
bad '{"a":\n "\377"}' 'line 2: not valid JSON: bytes that are no UTF-8'
bad '{"a": 1e999}' 'a number that 64 bits cannot hold'
bad '\357\273\277{}' 'a byte order mark'
bad '{"sops": 1}' 'sealed already'
expect_error 'input-type' "$BOOTSEAL" decrypt <doc.sealed.yaml
expect_error 'sops metadata not found' "$BOOTSEAL" decrypt plain.json
sed 's/"ENC\[/"XNC[/' sealed.json >broken.json
expect_status 2 "$BOOTSEAL" decrypt broken.json
sed 's/"seen"/"changed"/' sealed.json >broken.json
expect_status 51 "$BOOTSEAL" decrypt broken.json
sed 's/"data": "ENC/"dada": "ENC/' selected >broken
expect_status 51 "$BOOTSEAL" decrypt broken

# what is written anew is indented as an option or the rules say; a binary file keeps it when it is edited
seal --indent 2 blob >two.bin
check "--indent, for a binary file" grep -q '^  "data": "ENC' two.bin
EDITOR="sed -i s/y/z/" "$BOOTSEAL" edit two.bin
check "and it stays" grep -q '^  "data": "ENC' two.bin
seal --indent 3 --output-type json doc.yaml >o
check "--indent, for JSON made of YAML" grep -q '^   "a": "ENC' o

# opened into another format, likewise
seal doc.yaml >doc.sealed.yaml
indented() { # TEXT ARGS...: the first line that has "a" stands so, in the file's other format
	local text=$1
	shift
	check "indented: $*" test "$("$@" | sed -n 's/[^ \t].*//; 2p')" = "$text"
}
as_json() { "$BOOTSEAL" decrypt --output-type json "$@" doc.sealed.yaml; }
file_as_json() { "$BOOTSEAL" exec-file --output-type json "$@" doc.sealed.yaml 'cat {}'; }
indented $'\t' as_json
indented '   ' as_json --indent 3
indented $'\t' file_as_json
indented '   ' file_as_json --indent 3
printf 'stores: {json: {indent: 2}, yaml: {indent: 6}}\n' >other.yaml
indented '  ' as_json --config other.yaml
indented '  ' env SOPS_CONFIG=other.yaml "$BOOTSEAL" decrypt --output-type json doc.sealed.yaml
mkdir rules
(cd rules && mv ../other.yaml .sops.yaml && cp ../doc.sealed.yaml .
	indented '  ' as_json
	indented '    ' as_json --indent 4
	indented '  ' file_as_json
	printf '{"m": {"a": 1}}' >m.json
	seal m.json >m.sealed.json
	indented '      ' "$BOOTSEAL" decrypt --output-type yaml m.sealed.json
	printf 1 | "$BOOTSEAL" set --output-type json doc.sealed.yaml '["b"]'
	indented '  ' cat doc.sealed.yaml
	echo 'stores: {json: {indent: x}}' >.sops.yaml
	expect_error '"indent" is no number' as_json
	expect_status 0 "$BOOTSEAL" decrypt m.sealed.json
)

# of several documents the first is written, with a word about it
printf 'a: 1\n---\nb: 2\n---\nc: 3\n' >three.yaml
seal three.yaml >three.sealed.yaml
mkdir as
ln -s "$BOOTSEAL" as/sops
told() { # TYPE COMMAND...: it says so
	local type=$1
	shift
	expect_status 0 "$@"
	check "$*" grep -q "^bootseal: \".*three.*\" has 3 documents, and $type holds one: only the first is written$" .err
}
for type in json dotenv ini; do
	value=three.sealed.yaml
	[ $type != ini ] || { # it has sections
		printf 's: {a: 1}\n---\nb: 2\n---\nc: 3\n' >three.yaml
		seal three.yaml >three.sealed.yaml
	}
	for program in "$BOOTSEAL" as/sops; do
		told $type "$program" decrypt --output-type $type $value
		told $type "$program" encrypt --age "$recipient" --output-type $type three.yaml
		told $type "$program" exec-file --output-type $type $value 'cat {}'
	done
done
for words in "decrypt three.sealed.yaml" "decrypt --output-type yaml three.sealed.yaml" "decrypt --output-type json --extract ['s'] three.sealed.yaml" \
	"decrypt --output-type json doc.sealed.yaml"; do
	# shellcheck disable=SC2086 # words
	expect_status 0 "$BOOTSEAL" $words
	check "nothing to say: $words" test ! -s .err
done
