# Where sops' format or behaviour surprises, T1 to T45: each told by its test, beside the real sops.
# "sops does this" is tested, too: a newer sops that no longer does fails here, not at a user's.
. "${0%/*}/sops.sh"
seen=
trap_() { # NUMBER TEXT: the tests from here on are about this trap
	seen="$seen $1"
	about "$1: $2"
}

trap_ T1 "a comment in a list is an element there, and not in the MAC"
both p.yaml <<'END'
l:
    # about a
    - a
END
check "sops writes an element" grep -q '^ *- ENC\[.*type:comment\]$' theirs.p.yaml
check "we leave it where it stands" grep -q '^ *#ENC\[.*type:comment\]$' ours.p.yaml
for file in ours theirs; do
	opened "$(cat plain)" $file.p.yaml
	sed -i '/type:comment/d' $file.p.yaml
	opened "$(sed /about/d plain)" $file.p.yaml
done

trap_ T2 "list indices are not in the additional data, comments have their container's, keys are not escaped"
both p.yaml <<'END'
l:
    - - one
    - - two
    - k: three
      j: four
m:
    a:b: five
    a:
        b: six
END
for file in ours theirs; do
	opened "$(cat plain)" $file.p.yaml
	exchange $file.p.yaml 0 1
	exchange $file.p.yaml 4 5
	sed 's/one/ONE/; s/two/one/; s/ONE/two/; s/five/FIVE/; s/six/five/; s/FIVE/six/' plain >exchanged
	opened "$(cat exchanged)" --ignore-mac $file.p.yaml
	open_fails 51 51 $file.p.yaml
	exchange $file.p.yaml 2 3
	open_fails 25 51 --ignore-mac $file.p.yaml
done
both p.yaml <<'END'
# top
a: 1
# other
b: 2
m:
    # inner
    c: 3
    # innermost
    d: 4
END
for file in ours theirs; do # comments of the same container change places, unnoticed
	exchange $file.p.yaml 0 2
	exchange $file.p.yaml 4 6
	sed 's/top/X/; s/other/top/; s/X/other/; s/inner$/X/; s/innermost/inner/; s/X/innermost/' plain >exchanged
	opened "$(cat exchanged)" $file.p.yaml
done

printf '[s]\na = one\n[t]\na = two\n[s]\na = three\n' | both p.ini
for file in ours theirs; do # sections of one name are one path, others are not
	exchange $file.p.ini 0 2
	expect_output $'[s]\na = three\n\n[t]\na = two\n\n[s]\na = one' sops decrypt --ignore-mac $file.p.ini
	check "sections of one name" sh -c '"$BOOTSEAL" decrypt --ignore-mac $0.p.ini | tr -d "\n" | grep -q three.*two.*one' $file
	exchange $file.p.ini 0 1
	open_fails 25 51 --ignore-mac $file.p.ini
done

trap_ T3 "an IV is written with 32 bytes, and read with any length"
both p.yaml <<'END'
a: 1
b: x # c
END
check "32 bytes" test "$(grep -o 'iv:[^,]*' ours.p.yaml | grep -c 'iv:[A-Za-z0-9+/]\{43\}=$')" = 4
cp "$vectors/enc/iv_lengths.yaml" file.yaml
check "12 and 16 in the sample" test "$(grep -o 'iv:[^,]*' file.yaml | awk '{ printf "%d ", length }')" = "19 27 47 47 "
opened "$(cat "$vectors/dec/iv_lengths.yaml")" file.yaml
set_string file.yaml '["c"]' changed
opened "$(sed s/three/changed/ "$vectors/dec/iv_lengths.yaml")" file.yaml
check "they keep their sealed texts" test "$(grep -cFx -f "$vectors/enc/iv_lengths.yaml" <(grep '^[ab]:' file.yaml))" = 2

trap_ T4 "empty strings and comments stay empty, and weigh nothing in the MAC"
both p.yaml <<'END'
a: ""
#
b: x
END
for file in ours theirs; do
	check "neither is sealed" test "$(values $file.p.yaml | head -n 2)" = "$(head -n 2 plain)"
	opened "$(cat plain)" $file.p.yaml
	sed -i 's/^a: ""/a: null/' $file.p.yaml
	opened "$(sed 's/""/null/' plain)" $file.p.yaml
	sed -i '/^a:/d' $file.p.yaml
	opened "$(sed '/^a:/d' plain)" $file.p.yaml
done

trap_ T5 "null, empty maps and lists and keys are not in the MAC, and nothing separates values"
both p.yaml <<'END'
e: null
m: {}
l: []
k_unencrypted:
    - ab
    - c
s: sealed
END
for file in ours theirs; do
	check "null and empty ones stay" test "$(values $file.p.yaml | head -n 3)" = "$(head -n 3 plain)"
	sed -i '/^[eml]:/d; s/- ab/- a/; s/- c/- bc/; s/^k_/other_/' $file.p.yaml
	opened "$(sed '/^[eml]:/d; s/- ab/- a/; s/- c/- bc/; s/^k_/other_/' plain)" $file.p.yaml
	sed -i 's/^s:/t:/' $file.p.yaml # the key of a sealed value is bound to it
	open_fails 25 51 --ignore-mac $file.p.yaml
done

trap_ T6 "the MAC is bound to the time of lastmodified, not to how it is written"
both p.yaml <<<'a: 1'
for file in ours theirs; do
	sed -i 's/\(lastmodified: ".*\)Z"/\1.25+00:00"/' $file.p.yaml
	check "respelt" grep -q '\.25+00:00"' $file.p.yaml
	opened "a: 1" $file.p.yaml
	sed -i 's/\(lastmodified: "20\)../\199/' $file.p.yaml
	open_fails 51 51 $file.p.yaml
done

trap_ T7 "new keys change neither values nor MAC; new values do"
printf 'creation_rules:\n- age: %s,%s\n' "$recipient" "$recipient2" >.sops.yaml
both p.yaml --age "$recipient" <<<'a: 1'
body() { grep -E '^(a|    (mac|lastmodified|version)):' "$1"; }
for program in sops "$BOOTSEAL"; do
	for file in ours theirs; do
		sed 's/^    version: .*/    version: 3.9.0/' $file.p.yaml >file.yaml
		body file.yaml >before
		"$program" updatekeys -y file.yaml >/dev/null 2>&1 || fail "updatekeys"
		expect_same before <(body file.yaml)
		opened "a: 1" file.yaml
		check "two recipients" test "$(grep -c recipient: file.yaml)" = 2
		SOPS_AGE_KEY_FILE=all.txt "$program" groups add -i -f file.yaml --age "$recipient3" >/dev/null 2>&1 || fail "groups add"
		expect_same before <(body file.yaml)
		check "a group" grep -q '^    key_groups:$' file.yaml
		printf 1 | SOPS_AGE_KEY_FILE=all.txt "$BOOTSEAL" set --ignore-rule --value-stdin file.yaml '["a"]'
		check "set makes a new MAC" test "$(body file.yaml | grep -cFx -f before)" -lt 4
		check "and the old value's text stays" grep -qFx "$(grep ^a: before)" file.yaml
	done
done
rm .sops.yaml
sed '/lastmodified/s/20../1999/' ours.p.yaml >file.yaml
open_fails 51 51 file.yaml

trap_ T8 "what does not change keeps its sealed text, equal values theirs each"
both p.yaml <<'END'
l:
    - same
    - same
a: 1
END
for file in ours theirs; do
	cp $file.p.yaml file.yaml
	set_string file.yaml '["a"]' new
	check "set" test "$(grep -c same <(values file.yaml | diff - <(values $file.p.yaml)) || : none)$(values file.yaml |
		grep -cFx -f <(values $file.p.yaml))" = 03
	EDITOR="sed -i s/new/newer/" "$BOOTSEAL" edit file.yaml
	check "edit" test "$(values file.yaml | head -n 3)" = "$(values $file.p.yaml | head -n 3)"
	check "equal values differ" test "$(grep '^ *- ENC' file.yaml | sort -u | wc -l)" = 2
	opened_by_sops "$(sed 's/a: 1/a: newer/' plain)" file.yaml
done
sops set theirs.p.yaml '["a"]' '"x"'
check "sops gives them one" test "$(grep '^ *- ENC' theirs.p.yaml | sort -u | wc -l)" = 1
ivs() { grep -o 'iv:[^,]*' "$1" | sort -u; }
cp ours.p.yaml file.yaml
sops rotate -i file.yaml
check "sops' rotate keeps IVs" test "$(comm -12 <(ivs ours.p.yaml) <(ivs file.yaml) | wc -l)" -gt 0
cp ours.p.yaml file.yaml
"$BOOTSEAL" rotate -y -i file.yaml 2>/dev/null
check "ours does not" test -z "$(comm -12 <(ivs ours.p.yaml) <(ivs file.yaml))"
opened "$(cat plain)" file.yaml

trap_ T9 "what follows a sealed text is nothing, unknown types are errors"
both p.yaml <<<'a: x'
for file in ours theirs; do
	sed 's/^\(a: .*type:str\]\).*/\1 junk/' $file.p.yaml >file.yaml
	opened "a: x" file.yaml
	for type in bytes blob ''; do
		sed "/^a:/s/type:str/type:$type/" $file.p.yaml >file.yaml
		expect_error "bootseal: cannot open \"file.yaml\": line 1, key \"a\": the sealed value is of the type \"$type\"" "$BOOTSEAL" decrypt file.yaml
		check "verify says so, too" sh -c '! "$BOOTSEAL" verify file.yaml && "$BOOTSEAL" verify file.yaml 2>&1 | grep -qF "of \"a\" is of the type \"$0\""' "$type"
		check "not by sops, either" sh -c '! sops decrypt file.yaml'
	done
	sed '/^a:/s/,tag:[^,]*//' $file.p.yaml >file.yaml
	expect_error "key \"a\": the sealed value is damaged" "$BOOTSEAL" decrypt file.yaml
	sed 's/^a:.*/a: x/' $file.p.yaml >file.yaml
	expect_error "key \"a\": the value is not sealed" "$BOOTSEAL" decrypt file.yaml
done

trap_ T10 "no MAC, no opening, unless told"
both p.yaml <<<'a: x'
for file in ours theirs; do
	for mac in '' '    mac: ""' '    mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]'; do
		sed "s|^    mac: .*|$mac|" $file.p.yaml >file.yaml
		open_fails 51 51 file.yaml
		opened "a: x" --ignore-mac file.yaml
	done
done

trap_ T11 "minus zero opens again"
printf 'a_unencrypted: -0.0\nb: -0.0\n' | both p.yaml
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml
opened_by_sops "$(printf 'a_unencrypted: -0\nb: -0')" ours.p.yaml
open_fails 51 51 theirs.p.yaml
for _ in 1 2; do
	set_string ours.p.yaml '["c"]' x
	set_json ours.p.yaml '["d_unencrypted"]' -0.0
	check "after set" "$BOOTSEAL" decrypt ours.p.yaml
	check "and for sops" sops decrypt ours.p.yaml
done

both p.json <<<'{"a_unencrypted": -0.0, "b": -0.0}'
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.json
opened_by_sops $'{\n\t"a_unencrypted": -0,\n\t"b": -0\n}' ours.p.json
open_fails 51 51 theirs.p.json
both p.yaml <<<'a_unencrypted: -0.0'
"$BOOTSEAL" encrypt --age "$recipient" --output-type json --filename-override p.yaml plain >ours.p.json
opened_by_sops $'{\n\t"a_unencrypted": -0\n}' ours.p.json

trap_ T12 "equal keys, and a top level that is no map, are refused"
for plain in 'a: 1\na: 2' 'm:\n  n: {a: 1, a: 2}' '- 1' 'text' '{a: 1}: 2'; do
	printf -- "$plain\n" >p.yaml
	expect_status 2 sops encrypt --age "$recipient" p.yaml
	expect_status 2 "$BOOTSEAL" encrypt --age "$recipient" p.yaml
done
expect_error 'the key "a" is there already, on line 1' "$BOOTSEAL" encrypt --age "$recipient" --filename-override p.yaml <<<$'a: 1\na: 2'
both p.yaml <<<$'a: 1\n---\nb: 2\nb: 3\nm:\n    k: x\n    k: z' # in a later document all are kept
for file in ours theirs; do
	opened "$(cat plain)" $file.p.yaml
	echo '"new"' | "$BOOTSEAL" set --value-stdin $file.p.yaml '["a"]'
	opened "$(sed 's/a: 1/a: new/' plain)" $file.p.yaml
	cp $file.p.yaml before
	check "edit, nothing is lost" env EDITOR='sed -i s/new/newer/' "$BOOTSEAL" edit $file.p.yaml
	opened "$(sed 's/a: 1/a: newer/' plain)" $file.p.yaml
	# and each document's copy of lastmodified and mac
	check "only a changes" test "$(diff before $file.p.yaml | grep -c "^>")" -le 5
done
printf 'a: 1\n---\nsops: 2\nsops: 3\n' >p.yaml
expect_error 'line 4: the key "sops" is there already, on line 3' "$BOOTSEAL" decrypt p.yaml

trap_ T13 "plain values have the types that they have for sops"
both p.yaml <<'END'
a: yes
b: no
c: on
d: off
e: y
f: N
g: TRUE
h: True
i: true
j: 0777
k: 0o17
l: 0b11
m: 0x1F
n: 1_000
o: 08
p: 2024-01-02
q: 2024-01-01T10:00:00+02:00
r: 2024-01-01T10:00:00
s: 12:30:45
t: 9223372036854775807
u: -9223372036854775808
v: 18446744073709551616
w: .inf
x: -.Inf
z: !!str 12
A: !!float 1
B: "2"
C: !!binary aGVsbG8=
END
types theirs.p.yaml >expected
types ours.p.yaml >seen_types
expect_same expected seen_types
check "all of them" test "$(wc -l <seen_types)" = 28
check "of each type one" test "$(cut -d' ' -f2 seen_types | sort -u | tr '\n' ' ')" = "bool float int str time "
sops decrypt theirs.p.yaml >expected
opened_by_sops "$(cat expected)" ours.p.yaml
for number in 9223372036854775808 18446744073709551615; do
	echo "a_unencrypted: $number" >p.yaml
	expect_status 23 sops encrypt --age "$recipient" p.yaml
	expect_error "line 1: an integer from 2^63 to 2^64 - 1" "$BOOTSEAL" encrypt --age "$recipient" p.yaml
done

trap_ T14 "floats keep their spelling and their type"
both p.yaml <<'END'
a: 1.0
b: 1e3
c: 1e21
d: 123456789.0
x: 1
END
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml
opened_by_sops $'a: 1\nb: 1000\nc: 1e+21\nd: 1.23456789e+08\nx: 1' ours.p.yaml
for file in ours theirs; do
	"$BOOTSEAL" decrypt $file.p.yaml | theirs p.yaml >again.yaml
	sops decrypt again.yaml >again
	sops decrypt $file.p.yaml >expected
	expect_same expected again
	EDITOR="sed -i s/x:/y:/" "$BOOTSEAL" edit $file.p.yaml
	check "floats after edit" test "$(types $file.p.yaml | tr '\n' ' ')" = "a float b float c float d float y int "
done

trap_ T15 "aliases and merge keys are written out, and sops' spelling of a merge is read"
both p.yaml <<'END'
d: &b
    x: 1
d2:
    <<: *b
    z: 2
e: *b
l:
    - &s text
    - *s
END
check "sops' spelling" grep -q '^    !!merge <<:$' theirs.p.yaml
sops decrypt theirs.p.yaml >expected
opened "$(cat expected)" theirs.p.yaml
opened_by_sops "$(cat expected)" ours.p.yaml
exchange ours.p.yaml 1 3 # d2:<<:x: is not e:x:
open_fails 25 51 --ignore-mac ours.p.yaml
both p.yaml <<<'"<<": text'
expect_status 1 sops decrypt theirs.p.yaml
expect_output '!!merge <<: text' "$BOOTSEAL" decrypt theirs.p.yaml
expect_output '"<<": text' "$BOOTSEAL" decrypt ours.p.yaml
check "sops reads ours" sops decrypt ours.p.yaml

trap_ T16 "keys that are no strings are refused"
for key in 1 true '~' 1.5 2024-01-02; do
	echo "$key: x" >p.yaml
	expect_status 23 sops encrypt --age "$recipient" p.yaml
	expect_error "line 1: a key that is no string" "$BOOTSEAL" encrypt --age "$recipient" p.yaml
done
both p.yaml <<<$'"1": x\n!!str 2: y\n0x: z'
check "strings are taken" sops decrypt ours.p.yaml

trap_ T17 "a comment behind a value stays there"
both p.yaml <<<$'a: 1 # inline\nl:\n    - 2 # item'
for file in ours theirs; do
	expect_output $'# inline\na: 1\nl:\n    # item\n    - 2' sops decrypt $file.p.yaml
done
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml
expect_output $'a: 1 # inline\nl:\n    # item\n    - 2' "$BOOTSEAL" decrypt theirs.p.yaml
check "sealed where it stands" grep -q '^a: ENC.*\] #ENC.*type:comment\]$' ours.p.yaml

trap_ T18 "a comment that does not open stays as it is, with a word about it"
both p.yaml <<'END'
m:
    # inner
    a: 1
o:
    # other
    b: 2
END
for file in ours theirs; do
	exchange $file.p.yaml 0 2
	sops decrypt $file.p.yaml >expected 2>warnings
	check "sops warns" test "$(grep -c 'possibly unencrypted comment' warnings)" = 2
	expect_output "$(cat expected)" "$BOOTSEAL" decrypt $file.p.yaml
	check "we do" grep -q comment .err
	check "one line" test "$(wc -l <.err)" = 1
done
printf '# of old\na: 1\n' | theirs p.yaml --encrypted-regex '^a$' >file.yaml
sed -i '/encrypted_regex/d' file.yaml # as if sealed before comments were
expect_output $'# of old\na: 1' "$BOOTSEAL" decrypt file.yaml

trap_ T19 "no document, an empty one, and comments in odd places"
printf '# only\n' >p.yaml
expect_status 2 sops encrypt --age "$recipient" p.yaml
check "only comments: refused" sh -c '! "$BOOTSEAL" encrypt --age "$0" p.yaml' "$recipient"
: >p.yaml
expect_status 92 sops encrypt --age "$recipient" p.yaml
expect_status 92 "$BOOTSEAL" encrypt --age "$recipient" p.yaml
both p.yaml <<<'---'
expect_output --- "$BOOTSEAL" decrypt ours.p.yaml
opened_by_sops '{}' ours.p.yaml
both p.yaml <<<$'# one\n---\n# two\na: 1\n# end\n...'
opened_by_sops $'# one\n# two\na: 1\n# end' ours.p.yaml
opened_by_sops $'# one\n# two\na: 1\n# end' theirs.p.yaml
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml
both p.yaml <<<$'a: [ # after a bracket\n    1]'
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml
opened_by_sops $'a:\n    - 1' ours.p.yaml
printf 'creation_rules:\n- age: %s\n  unencrypted_comment_regex: mark\n' "$recipient" >.sops.yaml
cat >p.yaml <<'END'
a: [ # mark
    1, 2]
b: { # mark
    c: 3, d: 4}
e: [
    # mark
    5, 6]
END
sops encrypt p.yaml >theirs.p.yaml
"$BOOTSEAL" encrypt p.yaml >ours.p.yaml
check "one that is lost selects nothing" test "$(sops decrypt ours.p.yaml)" = "$(sops decrypt theirs.p.yaml)"
check "all but 5" test "$(grep -o 'type:int' ours.p.yaml | wc -l)" = 5
rm .sops.yaml

trap_ T20 "what sops prints with escapes comes back as written"
both p.yaml <<'END'
a: face 😀
b: |
    ends in a blank 
    next
END
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml
opened_by_sops $'a: "face \\U0001F600"\nb: "ends in a blank \\nnext\\n"' ours.p.yaml
check "and sops' opens to the same" test "$("$BOOTSEAL" decrypt theirs.p.yaml | theirs p.yaml | sops decrypt --filename-override p.yaml)" = "$(sops decrypt ours.p.yaml)"

trap_ T21 "metadata are read from the first document alone, sops writes them to all"
both p.yaml <<<$'a: 1\n---\nb: 2'
check "sops writes two" test "$(grep -c ^sops: theirs.p.yaml)" = 2
check "we, too" test "$(grep -c ^sops: ours.p.yaml)" = 2
for file in ours theirs; do
	opened "$(cat plain)" $file.p.yaml
done
awk '/^---/ { n = 1 } !(n == 0 && /^sops:/) { if (!(n == 0 && s)) print } /^sops:/ { s = 1 }' theirs.p.yaml >file.yaml
check "the second document's alone" sh -c 'test "$(grep -c ^sops: file.yaml)" = 1 && ! "$BOOTSEAL" decrypt file.yaml && ! sops decrypt file.yaml'

trap_ T22 "--extract and set are about the first document"
both p.yaml <<<$'a:\n    x: 1\n---\nb: 2'
for file in ours theirs; do
	open_fails 1 1 --extract '["b"]' $file.p.yaml
	expect_output "x: 1" "$BOOTSEAL" decrypt --extract '["a"]' $file.p.yaml
	set_string $file.p.yaml '["b"]' new
	opened $'a:\n    x: 1\nb: new\n---\nb: 2' $file.p.yaml
done
expect_output $'x: 1\n---\nb: 2' sops decrypt --extract '["a"]' theirs.p.yaml

trap_ T23 "an index counts a list's values, called as sops its comments, too"
both p.yaml <<<$'l:\n    # c\n    - a\n    - b'
for file in ours theirs; do
	expect_output $'value: \' c\'\ninline: false' sops decrypt --extract '["l"][0]' $file.p.yaml
	expect_output "a" sh -c '"$BOOTSEAL" decrypt --extract "[\"l\"][0]" $0.p.yaml; echo' $file
	expect_status 1 "$BOOTSEAL" decrypt --extract '["l"][2]' $file.p.yaml
done
mkdir as
ln -s "$BOOTSEAL" as/sops
both p.yaml <<'END'
l:
    # c
    - x
    - y # inline
    # d
    - z
m:
    - a: 1
      # in a
      b: 2
    # between
    - - x
      # inner
      - [7, 8]
      - q
    # after
f: [ # lost
    1, # one
    2,
    # two
    # three
    3]
# foot
END
count=0
for file in ours theirs; do
	for index in '["l"]'[{0..6}] '["f"]'[{0..6}] '["m"]'[{0..3}] '["m"][2]'[{0..5}] '["m"][2][2]'[{0..2}] '["m"][0]["b"]'; do
		sops decrypt --output-type json --extract "$index" $file.p.yaml >expected 2>/dev/null || : an error leaves nothing >expected
		if grep -qF '"Value":' expected; then # a comment
			expect_status 91 as/sops decrypt --extract "$index" $file.p.yaml
			check "it says so" grep -q "$(sed 's/[][]/\\&/g' <<<"$index") is a comment" .err
			expect_status 7 as/sops unset $file.p.yaml "$index"
			expect_status 7 as/sops set $file.p.yaml "$index" '"new"'
			count=$((count + 1))
			continue
		fi
		as/sops decrypt --output-type json --extract "$index" $file.p.yaml >seen 2>/dev/null || : an error leaves nothing >seen
		expect_same expected seen
		for words in "unset" "set"; do
			for program in sops as/sops; do
				cp $file.p.yaml file.yaml
				if [ $words = unset ]; then
					$program unset file.yaml "$index" >/dev/null 2>&1 || echo "fails"
				else
					$program set file.yaml "$index" '"new"' 2>/dev/null || echo "fails"
				fi >status
				sops decrypt --output-type json file.yaml >>status
				mv status "seen.${program%/sops}"
			done
			expect_same seen.sops seen.as
		done
	done
done
check "comments" test $count = 18
check "as bootseal, values count" test "$("$BOOTSEAL" get ours.p.yaml '["l"][1]')" = y
"$BOOTSEAL" unset ours.p.yaml '["l"][1]'
check "and without y" test "$(sops decrypt --output-type json --extract '["l"]' ours.p.yaml | tr -d '\n\t ')" = '["x","z"]'

trap_ T24 "metadata are written in alphabetical order, and read in any"
both p.yaml <<<'a: 1'
for file in ours theirs; do
	sed -n '/^sops:/,$s/^    \([a-z_]*\):.*/\1/p' $file.p.yaml >names
	expect_same names <(sort names)
	check "enc before recipient" test "$(grep -n ' enc: ' $file.p.yaml | cut -d: -f1)" -lt "$(grep -n ' recipient: ' $file.p.yaml | cut -d: -f1)"
	python3 - $file.p.yaml >file.yaml <<'END'
import re, sys
head, meta = open(sys.argv[1]).read().split("sops:\n")
parts = re.split(r"(?m)^(?=    \w)", meta)[1:]
entry = re.search(r"(?s)        - (enc: .*)          (recipient: .*\n)", parts[0])
parts[0] = "    age:\n        - " + entry[2] + "          " + entry[1]
sys.stdout.write(head + "sops:\n" + "".join(reversed(parts)))
END
	check "reversed" grep -q '^        - recipient:' file.yaml
	opened "a: 1" file.yaml
done

trap_ T25 "metadata that nobody knows stay, and comments there"
both p.yaml <<<'a: 1'
for file in ours theirs; do
	sed 's/^    version:/    # kept\n    unknown: {x: 1}\n&/; s/^\( *\)recipient: /\1# in it\n\1other: z\n&/' $file.p.yaml >file.yaml
	set_string file.yaml '["a"]' new
	opened "a: new" file.yaml
	check "all four lines" test "$(grep -cE '^ +(# kept|unknown: \{x: 1\}|# in it|other: z)$' file.yaml)" = 4
	sops set file.yaml '["a"]' '"newer"'
	check "sops drops them" test "$(grep -cE '# kept|unknown:|# in it|other:' file.yaml)" = 0
done

trap_ T26 "the version must be one"
both p.yaml <<<'a: 1'
for version in 3 3.10 '"3.10"' abc '""' 3.13.3.4; do
	sed "s/^    version:.*/    version: $version/" theirs.p.yaml >file.yaml
	check "sops refuses $version" sh -c '! sops decrypt file.yaml'
	expect_error version "$BOOTSEAL" decrypt file.yaml
done
sed '/^    version:/d' theirs.p.yaml >file.yaml
expect_status 1 sops decrypt file.yaml
expect_error version "$BOOTSEAL" decrypt file.yaml
for version in v3.10.1 3.13.3-rc1 1.5 '"3.9.0"'; do
	sed "s/^    version:.*/    version: $version/" theirs.p.yaml >file.yaml
	opened "a: 1" file.yaml
done

trap_ T27 "a file that names no selector has _unencrypted for one"
both p.yaml <<<$'a_unencrypted: 1\nb: 2'
for file in ours theirs; do
	sed '/^    unencrypted_suffix:/d' $file.p.yaml >file.yaml
	opened "$(cat plain)" file.yaml
	set_string file.yaml '["c_unencrypted"]' x
	opened "$(cat plain; echo c_unencrypted: x)" file.yaml
	check "it stays open" grep -q '^c_unencrypted: x$' file.yaml
done
both p.bin <<<data
for file in ours theirs; do check "a binary file names none" sh -c '! grep _suffix $0.p.bin' $file; done

trap_ T28 "a pattern that sops cannot compile is refused"
printf 'a: 1\n' >p.yaml
for pattern in '(?=a)' '(?<!b)a' '(a)\1' 'a(' 'a++' '(?>a)' '\K'; do
	expect_output "a: 1" sh -c 'sops encrypt --age "$0" --encrypted-regex "$1" p.yaml | head -n 1' "$recipient" "$pattern"
	expect_error "encrypted_regex" "$BOOTSEAL" encrypt --age "$recipient" --encrypted-regex "$pattern" p.yaml
	printf 'creation_rules:\n- age: %s\n  unencrypted_regex: "%s"\n' "$recipient" "${pattern//\\/\\\\}" >.sops.yaml
	expect_error "unencrypted_regex" "$BOOTSEAL" encrypt p.yaml
	rm .sops.yaml
done

trap_ T29 "rules are looked for from the working directory upward"
mkdir -p tree/sub/deep
printf 'creation_rules:\n- age: %s\n' "$recipient" >tree/.sops.yaml
echo 'a: 1' >tree/sub/p.yaml
for program in sops "$BOOTSEAL"; do
	check "below them, $program" sh -c 'cd tree/sub/deep && "$0" encrypt ../p.yaml' "$program"
done
printf 'creation_rules:\n- age: %s\n' "$recipient2" >.sops.yaml
for program in sops "$BOOTSEAL"; do
	check "those of the working directory, $program" test "$("$program" encrypt tree/sub/p.yaml | grep -c "recipient: $recipient2")" = 1
done
rm .sops.yaml
expect_status 1 sops encrypt tree/sub/p.yaml
check "we then look from the file's folder upward" "$BOOTSEAL" encrypt tree/sub/p.yaml
mv tree/.sops.yaml tree/.sops.yml
expect_status 1 sh -c 'cd tree/sub && sops encrypt p.yaml'
check "sops warns of .sops.yml" grep -q 'must be called' .err
expect_status 1 sh -c 'cd tree/sub && "$BOOTSEAL" encrypt p.yaml'

trap_ T30 "rules must match even where --age is given; a broken file of rules is no matter to decrypt"
both p.yaml <<<'a: 1'
cp plain p.yaml
printf 'creation_rules:\n- path_regex: other\n  age: %s\n' "$recipient" >.sops.yaml
for program in sops "$BOOTSEAL"; do
	expect_status 1 "$program" encrypt --age "$recipient" p.yaml
	check "no matching creation rules found" grep -q 'no matching creation rules found' .err
done
printf 'creation_rules: [\n' >.sops.yaml
expect_status 1 sops decrypt theirs.p.yaml
expect_output "a: 1" "$BOOTSEAL" decrypt theirs.p.yaml
expect_error ".sops.yaml" "$BOOTSEAL" encrypt p.yaml
rm .sops.yaml

trap_ T31 "updatekeys follows the rule's threshold, and locks nobody out unasked"
ours p.yaml <<<'a: 1' >ours.p.yaml
printf 'creation_rules:\n- shamir_threshold: 2\n  key_groups:\n  - age: [%s]\n  - age: [%s]\n  - age: [%s]\n' \
	"$recipient" "$recipient2" "$recipient3" >.sops.yaml
cp ours.p.yaml file.yaml
sops updatekeys -y file.yaml >/dev/null 2>&1
check "sops wants all three" grep -q '^    shamir_threshold: 3$' file.yaml
cp ours.p.yaml file.yaml
expect_status 32 "$BOOTSEAL" updatekeys -y file.yaml
check "why" grep -q 'lock you out' .err
expect_same ours.p.yaml file.yaml
expect_status 0 env SOPS_AGE_KEY_FILE=all.txt "$BOOTSEAL" updatekeys -y file.yaml
check "we what the rule says" grep -q '^    shamir_threshold: 2$' file.yaml
cat "$vectors/keys/age1.txt" "$vectors/keys/age3.txt" >two.txt
for program in sops "$BOOTSEAL"; do
	expect_output "a: 1" env SOPS_AGE_KEY_FILE=two.txt "$program" decrypt file.yaml
	expect_status 128 "$program" decrypt file.yaml
done
rm .sops.yaml

trap_ T32 "a recipient given twice gets one entry"
echo 'a: 1' >p.yaml
check "from sops two" test "$(sops encrypt --age "$recipient,$recipient" p.yaml | grep -c recipient:)" = 2
check "from us one" test "$("$BOOTSEAL" encrypt --age "$recipient, $recipient" p.yaml | grep -c recipient:)" = 1
for program in sops "$BOOTSEAL"; do
	check "a comma at the end of --age, $program" sh -c '! "$0" encrypt --age "$1," p.yaml' "$program" "$recipient"
done
for list in "\"$recipient,\"" "[\"$recipient\", \"$recipient\"]"; do
	printf 'creation_rules:\n- age: %s\n' "$list" >.sops.yaml
	check "in rules: sops" sops encrypt p.yaml
	check "in rules" test "$("$BOOTSEAL" encrypt p.yaml | grep -c recipient:)" = 1
done
rm .sops.yaml

trap_ T33 "an SSH recipient is kept with its comment, which cannot hold a comma"
ssh=$(cut -d' ' -f1,2 "$vectors/keys/ssh_ed25519.pub")
for program in sops "$BOOTSEAL"; do
	check "the whole line, $program" test "$("$program" encrypt --age "$ssh joe@host" p.yaml | sed -n 's/^ *recipient: //p')" = "$ssh joe@host"
	check "a comma ends it, $program" sh -c '! "$0" encrypt --age "$1 joe, host" p.yaml' "$program" "$ssh"
done

trap_ T34 "keys are tried in the order asked for, age first"
"$BOOTSEAL" encrypt --age "$recipient2,$recipient" --filename-override p.yaml <<<'a: 1' >file.yaml
for program in sops "$BOOTSEAL"; do
	for order in pgp,age age,pgp age pgp other; do
		expect_output "a: 1" "$program" decrypt --decryption-order "$order" file.yaml
	done
	expect_output "a: 1" env SOPS_DECRYPTION_ORDER=pgp,age "$program" decrypt file.yaml
	expect_status 112 "$program" decrypt --decryption-order age,age file.yaml
	check "it says so" grep -q 'Duplicate decryption key type' .err
done
check "recipients stay in their order" test "$(sed -n 's/.*recipient: //p' file.yaml | head -n 1)" = "$recipient2"

trap_ T35 "where keys stand at the top, key_groups do not count"
both p.yaml <<<'a: 1'
for file in ours theirs; do
	python3 - $file.p.yaml >file.yaml <<'END'
import re, sys
text = open(sys.argv[1]).read()
entry = re.search(r"(?s)(    age:\n.*?)    lastmodified", text)[1]
entry = entry.replace("BEGIN AGE", "BEGIN BAD")  # they hold no key
group = re.sub(r"(?m)^(?=.)", "      ", entry)
group = "        - " + group[10:]
sys.stdout.write(text.replace("    lastmodified", "    key_groups:\n" + group + group + "    lastmodified", 1))
END
	opened "a: 1" file.yaml
done

trap_ T36 "a name that ends otherwise is binary; a type that is none is refused"
for name in foo.yaml.enc .env.production x.json5 x.YAML; do
	printf 'A=1\n' | both "$name"
	for file in ours theirs; do
		check "$name" python3 -c 'import json, sys; assert set(json.load(open(sys.argv[1]))) == {"data", "sops"}' $file.$name
		opened "A=1" $file.$name
	done
done
for name in a.env .env; do
	printf 'A=1\n' | both "$name"
	for file in ours theirs; do check "$name" grep -q '^A=ENC' $file.$name; done
done
check "sops takes no notice of --input-type=yml" sops encrypt --age "$recipient" --input-type yml p.yaml
expect_error '"yml" is no format' "$BOOTSEAL" encrypt --age "$recipient" --input-type yml p.yaml

trap_ T37 "integers in JSON are integers, and those that older sops sealed as floats are read"
both p.json <<<'{"a": 25, "b": 9007199254740993, "c": 1.0, "d": 9223372036854775808}'
for file in ours theirs; do
	check "types" test "$(grep -o 'type:[a-z]*' $file.p.json | head -n 4 | tr '\n' ' ')" = "type:int type:int type:float type:float "
	opened_by_sops $'{\n\t"a": 25,\n\t"b": 9007199254740993,\n\t"c": 1,\n\t"d": 9223372036854776000\n}' $file.p.json
done
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.json
sops set theirs.p.json '["a"]' 25 # a float, as all were up to 3.13.1
check "a float" grep -q '"a":.*type:float' theirs.p.json
opened $'{\n\t"a": 25,\n\t"b": 9007199254740993,\n\t"c": 1,\n\t"d": 9223372036854776000\n}' theirs.p.json
opened $'a: 25\nb: 9007199254740993\nc: 1\nd: 9.223372036854776e+18' --output-type yaml theirs.p.json

trap_ T38 "in place: mode and link stay, and the file is whole at any time"
both p.yaml <<<'a: 1'
cp ours.p.yaml file.yaml
chmod 640 file.yaml
ln -s file.yaml link.yaml
ln file.yaml before.yaml
set_string link.yaml '["a"]' new
opened "a: new" file.yaml
check "mode and link" test "$(stat -c %a file.yaml) $(readlink link.yaml)" = "640 file.yaml"
expect_same before.yaml ours.p.yaml # the old text was not written over
sops set file.yaml '["a"]' '"x"'
ln -f file.yaml before.yaml
sops set file.yaml '["a"]' '"y"'
expect_same before.yaml file.yaml # sops does that
(umask 027 && cp plain p.yaml && "$BOOTSEAL" encrypt --age "$recipient" --output sealed.yaml p.yaml &&
	"$BOOTSEAL" decrypt --output opened.yaml sealed.yaml)
check "--output: the umask's mode, and 0600 for plaintext" test "$(stat -c %a sealed.yaml opened.yaml | tr '\n' ' ')" = "640 600 "

trap_ T39 "a second comment before a list's element, under a selector of comments"
printf 'creation_rules:\n- age: %s\n  encrypted_comment_regex: mark\n' "$recipient" >.sops.yaml
cat >p.yaml <<'END'
l:
    # first
    - a
    # mark
    # second
    - b
    - c
END
sops encrypt p.yaml >theirs.p.yaml
"$BOOTSEAL" encrypt p.yaml >ours.p.yaml
expect_status 51 sops decrypt theirs.p.yaml
expect_output "$(cat p.yaml)" "$BOOTSEAL" decrypt theirs.p.yaml
opened "$(cat p.yaml)" ours.p.yaml
check "the same is sealed" test "$(grep -c 'ENC\[' ours.p.yaml)" = "$(grep -c 'ENC\[' theirs.p.yaml)"

trap_ T45 "a selector of comments sees the one behind the value, and the last one's foot"
for selector in encrypted unencrypted; do
	sed -i "s/[a-z]*_comment_regex/${selector}_comment_regex/" .sops.yaml
	cat >p.yaml <<'END'
a: 1
# mark

b: 2
c: 3 # mark
d: 4
m:
    x: 5
    # mark

    z: 6
e: 7
END
	sops encrypt p.yaml >theirs.p.yaml
	"$BOOTSEAL" encrypt p.yaml >ours.p.yaml
	expect_same <(types theirs.p.yaml) <(types ours.p.yaml)
	sops decrypt theirs.p.yaml >expected
	opened_by_sops "$(cat expected)" ours.p.yaml
	expect_output "$(cat p.yaml)" "$BOOTSEAL" decrypt ours.p.yaml
done
check "unencrypted: b, c and z" test "$(types ours.p.yaml | cut -d' ' -f1 | tr '\n' ' ')" = "a d x e "
rm .sops.yaml

trap_ T40 "what is changed in edit is changed"
both p.yaml <<<'a: old'
EDITOR="sed -i s/old/new/" sops edit -s theirs.p.yaml
expect_output "a: old" sops decrypt theirs.p.yaml
EDITOR="sed -i s/old/new/" "$BOOTSEAL" edit ours.p.yaml
opened "a: new" ours.p.yaml

trap_ T41 "a number that is set keeps its type"
both p.yaml <<<'a: 1'
sops set theirs.p.yaml '["a"]' 5
check "sops makes it a float" test "$(types theirs.p.yaml)" = "a float"
opened "a: 5" theirs.p.yaml
set_json ours.p.yaml '["a"]' 9007199254740993
check "we do not" test "$(types ours.p.yaml)" = "a int"
opened "a: 9007199254740993" ours.p.yaml
set_json ours.p.yaml '["a"]' 5.0
check "a float is one" test "$(types ours.p.yaml)" = "a float"

trap_ T42 "options may stand behind the file"
for program in sops "$BOOTSEAL"; do
	cp ours.p.yaml file.yaml
	"$program" decrypt file.yaml -i
	check "$program" grep -q '^a: 5' file.yaml
done
cp ours.p.yaml file.yaml
expect_status 7 sops set file.yaml --idempotent '["a"]' 5
expect_status 0 sh -c 'echo 5.0 | "$BOOTSEAL" set file.yaml --idempotent --value-stdin "[\"a\"]"'
expect_same file.yaml ours.p.yaml

trap_ T43 "--ignore-mac"
both p.yaml <<<'a: 1'
sed -i 's/^a: .*/&\nb: ""/; s/\(lastmodified: "20\)../\199/' ours.p.yaml
expect_status 51 "$BOOTSEAL" decrypt ours.p.yaml
cp ours.p.yaml file.yaml
expect_status 0 sh -c 'echo x | "$BOOTSEAL" set --ignore-mac file.yaml "[\"b\"]"'
opened_by_sops $'a: 1\nb: x' file.yaml
cp ours.p.yaml file.yaml
expect_status 0 env EDITOR='sed -i s/1/2/' "$BOOTSEAL" edit --ignore-mac file.yaml
opened $'a: 2\nb: ""' file.yaml

expect_status 1 sops exec-env --ignore-mac ours.p.yaml true # sops' has no such option
expect_status 51 "$BOOTSEAL" exec-env ours.p.yaml true
expect_output 1 "$BOOTSEAL" exec-env --ignore-mac ours.p.yaml 'echo $a'
expect_output 1 "$BOOTSEAL" exec-file --ignore-mac --output-type json ours.p.yaml 'grep -c \"a\" {}'

trap_ T44 "null in the environment is empty"
both p.yaml <<<$'n: null\ns: "x\\ny"\ni: 1'
for file in ours theirs; do
	expect_output $'[<nil>][x\ny][1]' sops exec-env $file.p.yaml 'printf "[%s][%s][%s]\n" "$n" "$s" "$i"'
	expect_output $'[][x\ny][1]' "$BOOTSEAL" exec-env $file.p.yaml 'printf "[%s][%s][%s]\n" "$n" "$s" "$i"'
done

about "exec-env as sops writes values"
both p.yaml <<'END'
a: 1.0
b: 1e30
c: 2024-01-01
d: 0x1F
e: TRUE
f: 2024-01-01T10:00:00.5+02:00
g: -1.5e-7
h: 1_000
i: .inf
j: 123456.5
k: 0.1
n: null
o: ""
p_unencrypted: 1.0
q_unencrypted: 2024-01-01
r_unencrypted: 1e30
s_unencrypted: off
t_unencrypted: ~
END
for file in ours theirs; do
	for program in sops as/sops; do
		"$program" exec-env --pristine $file.p.yaml 'env | grep "^[a-t]\(_unencrypted\)*=" | sort' >"seen.${program%/sops}"
	done
	check "all of them" test "$(wc -l <seen.sops)" = 18
	expect_same seen.sops seen.as
done
check "as bootseal, as written" test "$("$BOOTSEAL" exec-env ours.p.yaml 'echo $a $b $c $d')" = "1.0 1e30 2024-01-01 0x1F"

about "the indentation of another format"
both p.yaml <<<$'a: 1\nl:\n    - x\n    - m:\n        k: v'
both p.json <<<'{"a": {"b": ["c", {"d": "e"}]}}'
for stores in '{}' '{json: {indent: 0}}' '{json: {indent: 3}, yaml: {indent: 2}}' '{yaml: {indent: 6}}'; do
	echo "stores: $stores" >.sops.yaml
	for words in '' '--indent 2' '--indent 5'; do
		for file in ours theirs; do
			# shellcheck disable=SC2086 # two words
			for program in sops as/sops; do
				{
					"$program" $words decrypt --output-type json $file.p.yaml
					"$program" $words decrypt --output-type json --extract '["l"]' $file.p.yaml
					"$program" $words decrypt --output-type yaml $file.p.json
					"$program" $words exec-file --no-fifo --output-type json $file.p.yaml 'cat {}'
					cp $file.p.yaml file.yaml
					"$program" $words set --output-type json file.yaml '["b"]' 1
					sed 's/ENC\[.*//' file.yaml | head -n 8
				} >"seen.${program%/sops}"
			done
			expect_same seen.sops seen.as
		done
	done
done
rm .sops.yaml

about "every trap"
for number in $(seq 45); do
	case " $seen " in
	*" T$number "*) ok "T$number" ;;
	*) fail "T$number has no test" ;;
	esac
done
