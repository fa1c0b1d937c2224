#!/usr/bin/env bash
# dotenv and INI on the command line: byte for byte, only the lines that must change, and bad input.
. "${0%/*}/lib.sh"
own_memory

"$BOOTSEAL" keygen -o key.txt 2>/dev/null
recipient=$(sed -n 's/^# public key: //p' key.txt)
export SOPS_AGE_KEY_FILE=$TMP/key.txt
seal() { "$BOOTSEAL" encrypt --age "$recipient" "$@"; }
lines() { diff "$1" "$2" | grep -c '^>' || : none; }

printf '# the-base\r\nDB_PASSWORD=s3cret # not a comment\r\nEMPTY=\nCERT=a\\nb\n\nPLAIN_unencrypted=1' >f.env
printf '; top\n\n;  and-more\n[db] ; the-main\npassword = "s3cret"\nport=543210987 ; by-tcp\ncert = """a\nb"""\nempty =\n\nplain_unencrypted: 1\n; end' >f.ini
for type in env ini; do
	seal f.$type >sealed.$type 2>notes || fail "seal $type" "$(cat notes)"
	check "$type: nothing is readable" sh -c '! grep -e s3cret -e the-base -e and-more -e the-main -e 543210987 -e by-tcp sealed.'$type
	check "$type: but what is not to be sealed" grep -qi 'plain_unencrypted.*1' sealed.$type
	expect_output '{"encrypted":true}' "$BOOTSEAL" filestatus sealed.$type
	expect_status 203 "$BOOTSEAL" encrypt --age "$recipient" sealed.$type
done
"$BOOTSEAL" decrypt sealed.env >back.env
expect_same f.env back.env
"$BOOTSEAL" decrypt sealed.ini >back.ini
expect_same f.ini back.ini
printf '[a] ; note\nk = b \\\n c\n' >otherwise.ini
seal otherwise.ini 2>notes >/dev/null
check "lines that come back otherwise are named" grep -q 'as written.*: 1 2$' notes

expect_output 's3cret # not a comment' sh -c '"$BOOTSEAL" get sealed.env "[\"DB_PASSWORD\"]" | tr -d "\r"; echo'
expect_output 543210987 sh -c '"$BOOTSEAL" get sealed.ini "[\"db\"][\"port\"]"; echo'
expect_status 1 "$BOOTSEAL" get sealed.env '["DB_PASSWORD"][0]'
expect_status 1 "$BOOTSEAL" get sealed.env '["sops_mac"]'
expect_status 1 "$BOOTSEAL" get sealed.ini '["sops"]'

# set: its own line, lastmodified and mac
for set in 'env ["EMPTY"] 3' 'env ["CERT"] 3' 'env ["NEW"] 3' 'ini ["db"]["port"] 3' 'ini ["db"]["empty"] 3' 'ini ["db"]["cert"] 3' \
	'ini ["db"]["new"] 3' 'ini ["DEFAULT"]["new"] 3' 'ini ["other"]["new"] 5'; do
	# shellcheck disable=SC2086
	set -- $set
	cp sealed.$1 before
	printf 'n#w "x" ' | "$BOOTSEAL" set sealed.$1 "$2" || fail "set $2"
	sleep 0.01
	changed=$(lines before sealed.$1)
	check "set $2 changes no other line" test "$changed" -le "$3"
	expect_output 'n#w "x" .' sh -c '"$BOOTSEAL" get sealed.'"$1 '$2'"'; echo .'
done
"$BOOTSEAL" decrypt sealed.ini >back.ini
check "quotes where they are needed" grep -q '^port=`n#w "x" `$' back.ini
expect_status 203 sh -c 'printf x | "$BOOTSEAL" set sealed.env "[\"sops_x\"]"'
expect_status 203 sh -c 'printf x | "$BOOTSEAL" set sealed.ini "[\"sops\"][\"mac\"]"'
expect_status 4 sh -c 'printf x | "$BOOTSEAL" set sealed.env "[\"a\"][\"b\"]"'
expect_status 4 sh -c 'printf x | "$BOOTSEAL" set sealed.ini "[\"a\"]"'
expect_status 4 sh -c 'printf x | "$BOOTSEAL" set sealed.env "[\"a=b\"]"'
expect_status 4 sh -c 'printf x | "$BOOTSEAL" set sealed.ini "[\"db\"][\"-\"]"'

# edit: what did not change keeps its ciphertext
cp sealed.env before
EDITOR='sed -i s/^EMPTY=.*/EMPTY=1/' "$BOOTSEAL" edit sealed.env
check "edit changes no other line" test "$(lines before sealed.env)" -le 3

# metadata: any order, anywhere; and what 3.13.0 wrote into INI
{ grep '^sops_' sealed.env | sort -r; grep -v '^sops_' sealed.env; echo; } >moved.env
check "metadata may stand first" "$BOOTSEAL" decrypt moved.env
python3 - <<'END' || skip_one "real line breaks in INI's metadata" "no python3"
import re
text = open('sealed.ini').read()
open('old.ini', 'w').write(re.sub(r'(age__list_0__map_enc *= )(.*)', lambda m: m[1] + '"""' + m[2].replace('\\n', '\n') + '"""', text))
END
[ ! -f old.ini ] || {
	"$BOOTSEAL" decrypt old.ini >old || fail "open INI of sops 3.13.0"
	expect_same back.ini old
}

# reserved names, and what is malformed: status and line
bad() { # STATUS TEXT NAME CONTENT
	printf "$4" >bad.$3
	expect_status "$1" "$BOOTSEAL" encrypt --age "$recipient" bad.$3
	expect_error "$2" "$BOOTSEAL" encrypt --age "$recipient" bad.$3
}
bad 203 'sealed already' env 'sops_x=1\n'
bad 203 'sealed already' ini '[sops]\nx=1\n'
bad 2 'line 2: neither KEY=VALUE' env 'A=1\nB\n'
bad 2 'carriage return' env 'A=1\r\n\r\n'
bad 2 'line 3: neither "=" nor ":"' ini '[a]\nk=1\nvalueless\n'
bad 2 'line 3: the key "k" is there already, on line 2' ini '[a]\nk=1\nk=2\n'
bad 2 'line 1: the bracket' ini '[a\n'
bad 2 'line 1: the quote' ini 'k = """a\n'
bad 2 'line 1: sops drops' ini 'k = `a` ; b\n'
bad 2 'UTF-16' ini '\377\376k\000'
check "sops alone is a key of dotenv" sh -c 'echo sops=1 >ok.env && "$BOOTSEAL" encrypt --age "'$recipient'" ok.env >ok2.env && "$BOOTSEAL" decrypt ok2.env | grep -qx sops=1'
for at in mac= lastmodified= version=; do
	sed "s/^sops_$at/sops_x$at/" sealed.env >bad.env
	expect_status "$([ $at = mac= ] && echo 51 || echo 2)" "$BOOTSEAL" decrypt bad.env
done
sed 's/^sops_version=/&1.0\n&/' sealed.env >bad.env
expect_error '"version" is there twice' "$BOOTSEAL" decrypt bad.env
sed 's/^sops_age__list_0/sops_age__list_1/' sealed.env >bad.env
expect_error 'lacks an entry' "$BOOTSEAL" decrypt bad.env
sed 's/^NEW=/OLD=/' sealed.env >bad.env
expect_status 51 "$BOOTSEAL" decrypt bad.env

# the other formats
expect_output '{"DB":"1","N":"a\nb"}' sh -c 'printf "# c\nDB=1\nN=a\\\\nb\n" >c.env && "$BOOTSEAL" encrypt --age "'$recipient'" c.env >c2.env &&
	"$BOOTSEAL" decrypt --output-type json c2.env | tr -d " \t\n"; echo'
printf 's:\n  a: 1\n  b: 1.0\n  c: true\n  d: x;y\n  e: null\n' >c.yaml
seal c.yaml >c2.yaml
printf '[s]\na = 1\nb = 1.0\nc = true\nd = `x;y`\ne = <nil>\n' >want.ini
"$BOOTSEAL" decrypt --output-type ini c2.yaml >got.ini || fail "YAML as INI"
expect_same want.ini got.ini
expect_status 4 "$BOOTSEAL" decrypt --output-type dotenv c2.yaml

# from YAML to INI no comment of a section or key is lost
printf '# top\nsec:\n  # first\n  a: 1\n  # second\n  b: 2\n# next\nother:\n  c: 3\n# end\n' >comments.yaml
"$BOOTSEAL" encrypt --age "$recipient" --output-type ini comments.yaml >comments.ini
check "all are there" test "$("$BOOTSEAL" decrypt comments.ini | grep '^;' | tr -d '\n')" = '; top; first; second; next; end'
"$BOOTSEAL" encrypt --age "$recipient" comments.yaml >sealed.yaml
check "opened as INI, too" test "$("$BOOTSEAL" decrypt --output-type ini sealed.yaml | grep '^;' | tr -d '\n')" = '; top; first; second; next; end'

# what would be lost or not open is refused
printf 'a: 1\n---\nb: 2\n' >two.yaml
cp two.yaml two.before
expect_error "json has no place for 2 documents" "$BOOTSEAL" encrypt -i --age "$recipient" --output-type json two.yaml
expect_same two.before two.yaml
printf 'A=1\n' | "$BOOTSEAL" encrypt --age "$recipient" --filename-override a.env >one.env
for type in json yaml; do
	expect_error "a sealed file of dotenv does not become one of $type; decrypt it, and encrypt it with --output-type" \
		sh -c 'echo x | "$BOOTSEAL" set --output-type '$type' one.env "[\"A\"]"'
	expect_status 4 sh -c 'echo x | "$BOOTSEAL" set --output-type '$type' one.env "[\"A\"]"'
done
# a readable value is no place for what dotenv has for a line break
printf 'b_x=x\nc=y\n' >readable.env
"$BOOTSEAL" encrypt -i --age "$recipient" --unencrypted-suffix _x readable.env
cp readable.env before.env
expect_error 'dotenv has it for a line break' sh -c 'printf "a\\\\nb" | "$BOOTSEAL" set readable.env "[\"b_x\"]"'
expect_status 4 sh -c 'printf "a\\\\nb" | "$BOOTSEAL" set readable.env "[\"b_x\"]"'
expect_same before.env readable.env
expect_status 0 sh -c 'printf "a\\\\nb" | "$BOOTSEAL" set readable.env "[\"c\"]"'
check "a sealed one is" test "$("$BOOTSEAL" get readable.env '["c"]')" = 'a\nb'
for file in one.env one.ini; do
	[ -e $file ] || printf '[s]\nA=1\n' | "$BOOTSEAL" encrypt --age "$recipient" --filename-override a.ini >$file
	index=$([ $file = one.env ] && echo '["A"]' || echo '["s"]["A"]')
	cp $file before
	expect_error "has no null" sh -c 'echo null | "$BOOTSEAL" set --value-stdin "$0" "$1"' $file "$index"
	expect_same before $file
done
# a plain binary file is not sealed, whatever its bytes
head -c 50 /dev/urandom >plain.bin
expect_status 35 sh -c '"$BOOTSEAL" verify plain.bin >said 2>&1'
check "and that is what is told" grep -q "plain.bin.*the file is not sealed" said
