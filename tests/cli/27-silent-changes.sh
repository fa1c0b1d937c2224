# bootseal-format(7), WHAT IS NOT PROTECTED: each change that is on the list, and opens without an error, here as
# with sops. One that is an error from some day on is to be taken off the list; those beside them are errors.
. "${0%/*}/../cli/lib.sh"

recipient=$(sed -n 's/^# public key: //p' "$ROOT/tests/vectors/sops/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$ROOT/tests/vectors/sops/keys/age1.txt SOPS_DISABLE_VERSION_CHECK=1

cat >plain.yaml <<'END'
number: 5
truth: true
text: hello
map:
    inner: secret
list:
    - one
null_value: null
empty: ""
open_unencrypted: 5
none: {}
# a comment
last: end
END
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml

# NAME SED LINES...: the change is made, and the plaintext has these lines instead of what stood there.
silent() {
	local name=$1 script=$2 line
	shift 2
	sed -E "$script" sealed.yaml >changed.yaml
	if cmp -s sealed.yaml changed.yaml; then
		fail "$name" "nothing was changed"
		return
	fi
	if ! "$BOOTSEAL" decrypt changed.yaml >out 2>err; then
		fail "$name" "an error: $(cat err)"
		return
	fi
	for line; do
		grep -qxF -e "$line" out || {
			fail "$name" "no line \"$line\": $(cat out)"
			return
		}
	done
	if ! command -v sops >/dev/null; then
		skip_one "$name" "no sops to compare with"
	elif sops decrypt changed.yaml >theirs 2>err; then
		ok "$name"
	else
		fail "$name" "sops does refuse it: $(cat err)"
	fi
}

# NAME SED: what is an error.
refused() {
	sed -E "$2" sealed.yaml >changed.yaml
	expect_status 51 "$BOOTSEAL" decrypt changed.yaml
}

# --- the type of a sealed value
silent "int to str" '/^number:/s/type:int/type:str/' 'number: "5"'
silent "bool to str" '/^truth:/s/type:bool/type:str/' 'truth: "True"'
refused "bytes of a value" '/^text:/s/tag:.{6}/tag:AAAAAA/'

# --- lists: they have no part in the name that a value is bound to
silent "a value to a list of one" "/^text:/s/: (.*)/: ['\\1']/" "text: [hello]"
silent "a list more" '/^    - ENC/s/- /- - /' '    - - one'
silent "a list less" '/^list:/{N;s/\n    - / /;}' 'list: one'

# --- a name of two parts, and two names
silent "a map to a key with a colon" '/^map:$/{N;s/map:\n    inner:/"map:inner":/;}' '"map:inner": secret'
refused "another name" 's/^text:/other:/'
refused "moved into a map" 's/^text: (.*)/text: {x: "\1"}/'

# --- values that are not sealed: type, list and name
silent "open: int to text" '/^open_/s/5/"5"/' 'open_unencrypted: "5"'
silent "open: to a list" '/^open_/s/5/[5]/' 'open_unencrypted: [5]'
silent "open: to a map" '/^open_/s/5/{x: 5}/' 'open_unencrypted: {x: 5}'
silent "open: another name" 's/^open_/closed_/' 'closed_unencrypted: 5'
refused "open: another value" '/^open_/s/5/6/'

# --- what counts nothing
silent "null to empty" '/^null_value:/s/null$/""/' 'null_value: ""'
silent "empty to null" '/^empty:/s/""/null/' 'empty: null'
silent "an empty map to an empty list" '/^none:/s/\{\}/[]/' 'none: []'
silent "empty things added" '/^none:/s/$/\nmore: {}\nmuch: null/' 'more: {}' 'much: null'
silent "a comment taken out" '/^#ENC/d' 'last: end'
silent "a comment added" '/^last:/s/$/ # changed/' 'last: end # changed'

# --- documents
sed -E '/^last:/d;$a---' sealed.yaml >changed.yaml
grep '^last:' sealed.yaml >>changed.yaml
"$BOOTSEAL" decrypt changed.yaml >out 2>err && ok || fail "a document more" "$(cat err)"
check "values go to another document" sh -c 'sed -n "/^---$/,\$p" out | grep -qx "last: end"'
if command -v sops >/dev/null; then
	check "for sops, too" sops decrypt changed.yaml
else
	skip_one "a document more" "no sops to compare with"
fi
