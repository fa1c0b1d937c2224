#!/usr/bin/env bash
# Large files, which are opened and sealed in pieces: the same bytes, messages and exit statuses as of small ones.
. "${0%/*}/lib.sh"

"$BOOTSEAL" keygen -o key.txt 2>/dev/null
recipient=$(sed -n 's/^# public key: //p' key.txt)
export SOPS_AGE_KEY_FILE=$TMP/key.txt

awk 'BEGIN { for (i = 0; i < 20000; i++) {
	if (i % 100 == 0) print "# what these are for\n"
	printf "TOKEN%d%s=sk-%d\\nsecond line %d\n", i, (i % 7 == 0 ? "_unencrypted" : ""), i * 7919, i } }' >f.env
awk 'BEGIN { print "{"; for (g = 0; g < 200; g++) {
	printf "  \"group%d\": {", g
	for (i = 0; i < 60; i++) printf "%s\n    \"t,}%d\": %s", (i ? "," : ""), i, (i % 5 ? "\"a \\\"quote\\\" and {a-brace, " g "\"" : i * 1.5)
	printf "\n  }%s\n", (g < 199 ? "," : "") }; print "}" }' >f.json

for type in env json; do
	"$BOOTSEAL" encrypt --age "$recipient" f.$type >sealed.$type || fail "seal $type"
	check "$type is large" test "$(wc -c <sealed.$type)" -gt 1100000
	check "$type: nothing is readable" sh -c '! grep -e "sk-79190" -e a-brace sealed.'$type
	"$BOOTSEAL" decrypt sealed.$type >back.$type || fail "open $type"
	expect_same f.$type back.$type
	"$BOOTSEAL" decrypt --output there.$type sealed.$type
	expect_same f.$type there.$type
	"$BOOTSEAL" decrypt --input-type $([ $type = env ] && echo dotenv || echo json) --output-type $([ $type = env ] && echo dotenv || echo json) - <sealed.$type >back.$type
	expect_same f.$type back.$type
	cp sealed.$type inplace.$type
	"$BOOTSEAL" decrypt -i inplace.$type
	expect_same f.$type inplace.$type

	# what is wrong is said as of a small file
	sed '3000{s/data:A/data:B/;t;s/data:./data:A/}' sealed.$type >changed.$type
	expect_error 'line 3000' "$BOOTSEAL" decrypt changed.$type
	sed 2999,3000d sealed.$type >removed.$type
	expect_error 'MAC mismatch' "$BOOTSEAL" decrypt removed.$type
	check "$type: nothing comes out" sh -c '"$BOOTSEAL" decrypt removed.'$type' 2>/dev/null | cmp -s - /dev/null'
	check "$type: unless it is asked for" sh -c '"$BOOTSEAL" decrypt --ignore-mac removed.'$type' >/dev/null'
	expect_error 'no identity here matches' env SOPS_AGE_KEY_FILE=/dev/null "$BOOTSEAL" decrypt sealed.$type
	expect_error '' "$BOOTSEAL" decrypt f.$type
done
{ cat f.env; echo "no value"; } >bad.env
expect_error 'neither KEY=VALUE' "$BOOTSEAL" encrypt --age "$recipient" bad.env
check "a bad text is not begun" sh -c '"$BOOTSEAL" encrypt --age '"$recipient"' bad.env 2>/dev/null | cmp -s - /dev/null'
expect_status 203 "$BOOTSEAL" encrypt --age "$recipient" sealed.env
cp f.env seal.env
"$BOOTSEAL" encrypt -i --age "$recipient" seal.env
"$BOOTSEAL" decrypt seal.env >back.env
expect_same f.env back.env
# rules that select by comments, and metadata that are not at the end
"$BOOTSEAL" encrypt --age "$recipient" --encrypted-comment-regex 'what these' f.env >comment.env
"$BOOTSEAL" decrypt comment.env >back.env
expect_same f.env back.env
{ grep '^sops_' sealed.env; grep -v '^sops_' sealed.env; } >first.env
"$BOOTSEAL" decrypt first.env >back.env
expect_same f.env back.env
{ sed 30q sealed.env; grep '^sops_' sealed.env; sed 1,30d sealed.env | grep -v '^sops_'; } >middle.env
"$BOOTSEAL" decrypt middle.env >back.env
expect_same f.env back.env

# JSON in pieces is as it is whole (by a rule that cannot be in pieces), but for what is random
form() { grep -v '"unencrypted_' "$1" | tr 'A-Za-z0-9+/=' x; }
"$BOOTSEAL" encrypt --age "$recipient" f.json >pieces.json
"$BOOTSEAL" encrypt --age "$recipient" --unencrypted-comment-regex 'no such comment' f.json >whole.json
expect_same <(form pieces.json) <(form whole.json)
# what is to be said of it is said, and nothing is begun where it cannot be ended
sed '3000s/"a /"\\u0061 /' f.json >spelled.json
expect_status 0 "$BOOTSEAL" encrypt --age "$recipient" --output spelled.sealed.json spelled.json
check "a spelling that does not come back is told of" grep -q 'line.* 3000' .err
"$BOOTSEAL" decrypt spelled.sealed.json >back.json
expect_same <(sed '3000s/\\u0061/a/' spelled.json) back.json
sed '12000s/,$/,,/' f.json >bad.json
expect_error 'line 1200' "$BOOTSEAL" encrypt --age "$recipient" bad.json
check "bad JSON is not begun" sh -c '"$BOOTSEAL" encrypt --age '"$recipient"' bad.json 2>/dev/null | cmp -s - /dev/null'
expect_status 203 "$BOOTSEAL" encrypt --age "$recipient" sealed.json
