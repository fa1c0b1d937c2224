# What sops' own tests assert, item by item, beside the real sops: with documents of ours.
. "${0%/*}/sops.sh"

# Both seal stdin; sops opens both to the same, ours comes back to the same bytes, theirs to the same data.
alike() { # FILE ARGS...
	both "$@"
	sops decrypt "theirs.$1" >expected
	opened_by_sops "$(cat expected)" "ours.$1"
	"$BOOTSEAL" decrypt "ours.$1" >back
	expect_same plain back
	"$BOOTSEAL" decrypt "theirs.$1" | theirs "$1" >again
	expect_output "$(cat expected)" sops decrypt --filename-override "$1" again
}
from_rules() { # RULE: makes a .sops.yaml of one rule, of which this is a line
	printf 'creation_rules:\n- age: %s\n  %s\n' "$recipient" "$1" >.sops.yaml
}
sealed_the_same() { expect_same <(grep -c 'ENC\[' ours.p.yaml; types ours.p.yaml) <(grep -c 'ENC\[' theirs.p.yaml; types theirs.p.yaml); }

about "AES: the known answer; under another key it does not open"
{
	printf 'KEY: %s\nsops:\n    age:\n        - recipient: %s\n          enc: |\n' \
		'ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]' "$recipient"
	printf 'ffffffffffffffffffffffffffffffff' | "$BOOTSEAL" age -a -r "$recipient" | sed 's/^/            /'
	printf '    lastmodified: "2024-01-01T00:00:00Z"\n    version: 3.13.3\n'
} >known.yaml
sed s/^KEY/bar/ known.yaml >file.yaml
opened "bar: foo" --ignore-mac file.yaml
sed s/^KEY/baz/ known.yaml >file.yaml
open_fails 25 51 --ignore-mac file.yaml

about "AES: every type comes back, times with odd offsets, empty strings and comments"
alike p.yaml <<'END'
s: text
u: "é \n"
i: -12
f: 1.5
g: 1.5e-07
b: false
t: 2024-01-02T03:04:05Z
v: 2024-01-02T03:04:05.123456789+05:45
w: 2024-01-02T03:04:05-09:30
#
e: ""
END
sealed_the_same

about "Tree: suffixes and patterns, and what stands below a key that matches"
for selector in --unencrypted-suffix=_open --encrypted-suffix=_open --unencrypted-regex=^o --encrypted-regex=^o; do
	alike p.yaml $selector <<'END'
open:
    a: 1
    l:
        - 2
        - k: 3
a_open: 4
m:
    k: 5
    o_open:
        k: 6
l:
    - other: 7
      k: 8
END
	sealed_the_same
	check "some, not all" test "$(types ours.p.yaml | wc -l)" -gt 1 -a "$(types ours.p.yaml | wc -l)" -lt 8
done

about "Tree: mac_only_encrypted, a MAC over the selected values alone, and none of the others"
from_rules "mac_only_encrypted: true"
both p.yaml <<<$'a_unencrypted: 1\nb: 2'
for file in ours theirs; do
	"$BOOTSEAL" encrypt --mac-only-encrypted --age "$recipient" --filename-override p.yaml plain >ours.p.yaml
	sed -i 's/^a_unencrypted: 1/a_unencrypted: 7\nc_unencrypted: 8/' $file.p.yaml
	opened $'a_unencrypted: 7\nc_unencrypted: 8\nb: 2' $file.p.yaml
	sed -i '/^    mac_only_encrypted/d' $file.p.yaml
	open_fails 51 51 $file.p.yaml # also with the values as they were:
	sed -i 's/^a_unencrypted: 7/a_unencrypted: 1/; /^c_/d' $file.p.yaml
	open_fails 51 51 $file.p.yaml
done
both p.yaml --unencrypted-suffix= <<<$'a: 1\nb: 2' # all selected: still not the MAC of all
sed -i '/^    mac_only_encrypted/d' ours.p.yaml theirs.p.yaml
for file in ours theirs; do open_fails 51 51 $file.p.yaml; done
rm .sops.yaml

about "Tree: patterns of comments, in lists, before and after"
for selector in encrypted unencrypted; do
	from_rules "${selector}_comment_regex: mark"
	alike p.yaml <<'END'
# mark
a: 1
m:
    b: 2
    # before
    # mark
    c: 3
    d: 4
l:
    - 5
    # mark
    - 6
    - 7
# mark
# after
n:
    - 8
    - k: 9
e: 10
END
	sealed_the_same
done
about "Tree: patterns of comments, random documents"
cat >each <<'END'
f=$1 n=${1##*/}
for selector in encrypted unencrypted; do
	s="$n.$selector"
	sops --config $selector.sops.yaml encrypt "$f" >$s.s 2>/dev/null || continue
	sops decrypt --input-type yaml --output-type yaml $s.s >$s.t 2>$s.err || continue # what sops cannot open
	[ ! -s $s.err ] || continue
	"$BOOTSEAL" encrypt --config $selector.sops.yaml "$f" >$s.o 2>$s.err || echo "$s: $(cat $s.err)"
	sops decrypt --input-type yaml --output-type yaml $s.o >$s.q 2>$s.err && [ ! -s $s.err ] || echo "$s: sops: $(cat $s.err)"
	cmp -s $s.q $s.t || cmp -s <(sops decrypt --input-type yaml --output-type json $s.o 2>&1) \
		<(sops decrypt --input-type yaml --output-type json $s.s 2>&1) || echo "$s: other data"
	"$BOOTSEAL" decrypt --input-type yaml $s.s >$s.q 2>$s.err || echo "$s: $(cat $s.err)"
	echo done >&2
done
END
for selector in encrypted unencrypted; do
	printf 'creation_rules:\n- age: %s\n  %s_comment_regex: "[13579]$"\n' "$recipient" $selector >$selector.sops.yaml
done
count=$((${BOOTSEAL_DOCUMENTS:-500} / 10))
mkdir random
python3 "$ROOT/tests/interop/gen_yaml.py" --seed "${BOOTSEAL_SEED:-1}" --count $count random
printf '%s\n' random/*.yaml | xargs -P "$(nproc)" -n 1 bash ./each >wrong 2>done
check "of $count, both ways" test ! -s wrong
head -n 20 wrong
check "and most of them went the whole way" test "$(grep -c done done)" -gt $count

about "Tree: a pattern of comments that matches a sealed text"
from_rules "unencrypted_comment_regex: ENC"
printf '# c\na: 1\n' >p.yaml
expect_status 23 sops encrypt p.yaml
expect_error "matches the text of a sealed comment" "$BOOTSEAL" encrypt p.yaml
rm .sops.yaml

about "Tree: several documents are one, null is not touched"
alike p.yaml <<<$'a: 1\nn: null\n---\nb: 2\n---\nc: 3'
check "null" grep -qx 'n: null' ours.p.yaml
exchange ours.p.yaml 0 1
open_fails 25 51 --ignore-mac ours.p.yaml

about "Tree: an unknown type"
printf 'a_unencrypted: 18446744073709551615\n' >p.yaml # sops' trees hold no such number
check "sops" sh -c '! sops encrypt --age "$0" p.yaml' "$recipient"
check "we" sh -c '! "$BOOTSEAL" encrypt --age "$0" p.yaml' "$recipient"

about "Tree: truncate: found, missing key, index of a scalar, out of bounds"
both p.yaml <<<$'m:\n    l:\n        - a\n        - k: b\ns: c'
for file in ours theirs; do
	for program in sops "$BOOTSEAL"; do
		check "found" test "$("$program" decrypt --extract '["m"]["l"][1]["k"]' $file.p.yaml)" = b
		expect_output "k: b" "$program" decrypt --extract '["m"]["l"][1]' $file.p.yaml
		for index in '["x"]' '["m"]["x"]' '["m"]["l"][2]' '["s"][0]' '["m"]["l"]["k"]'; do
			check "not found $index" sh -c '! "$0" decrypt --extract "$1" $2.p.yaml' "$program" "$index" $file
			check "no panic $index" sh -c '! grep -q "^goroutine" .check'
		done
	done
done

about "Tree: comments are sealed in maps and lists, readable ones stay"
both p.yaml <<<$'# at-top\na: 1\nm:\n    # in-it\n    b: 2\nl:\n    # of-list\n    - 3'
for file in ours theirs; do
	check "none is left" sh -c '! grep -E "at-top|in-it|of-list" $0.p.yaml' $file
	opened "$(cat plain)" $file.p.yaml
	sed -i '1s/.*/# readable/' $file.p.yaml
	expect_output "$(sed '1s/.*/# readable/' plain)" "$BOOTSEAL" decrypt $file.p.yaml
done

about "Tree: Set"
set_both() { # INDEX JSON: sops set and ours come to the same
	cp theirs.p.yaml theirs.set.yaml
	cp ours.p.yaml ours.set.yaml
	sops set theirs.set.yaml "$1" "$2"
	printf %s "$2" | "$BOOTSEAL" set --value-stdin ours.set.yaml "$1" || fail "set $1"
	sops decrypt theirs.set.yaml >expected
	opened_by_sops "$(cat expected)" ours.set.yaml
	cp theirs.p.yaml ours.set.yaml # ours, in a file of sops'
	printf %s "$2" | "$BOOTSEAL" set --value-stdin ours.set.yaml "$1" || fail "set $1"
	opened_by_sops "$(cat expected)" ours.set.yaml
}
both p.yaml <<'END'
m:
    a: one
    k:
        b: two
l:
    - x
    - z
e: {}
END
for index in '["m"]["new"]' '["m"]["a"]' '["new"]["branch"]["leaf"]' '["m"]["k"]["deep"]["er"]' '["l"][0]' '["l"][2]' \
	'["m"]["k"]' '["n"][0][0]' '["e"]["a"]' '["l"]'; do
	set_both "$index" '"hello"'
done
both p.yaml <<<'{}'
set_both '["a"]["b"][0]' '"hello"'

about "Tree: Unset"
both p.yaml <<'END'
m:
    a: 1
    k:
        b: 2
l:
    - 3
    - 4
    - c: 5
      d: 6
s: 7
o:
    last: 8
END
for index in '["s"]' '["m"]["a"]' '["m"]["k"]' '["m"]["k"]["b"]' '["o"]["last"]' '["l"][1]' '["l"][2]["c"]' '["l"]'; do
	cp theirs.p.yaml theirs.set.yaml
	sops unset theirs.set.yaml "$index"
	sops decrypt theirs.set.yaml >expected
	for file in ours theirs; do
		cp $file.p.yaml file.yaml
		expect_status 0 "$BOOTSEAL" unset file.yaml "$index"
		opened_by_sops "$(cat expected)" file.yaml
	done
done
check "the last leaf leaves an empty map" test "$("$BOOTSEAL" unset ours.p.yaml '["o"]["last"]'; sops decrypt --extract '["o"]' ours.p.yaml)" = '{}'
for index in '["x"]' '["m"]["x"]' '["l"][9]' '["l"][2]["x"]' '["s"]["x"]'; do
	for program in sops "$BOOTSEAL"; do
		cp theirs.p.yaml file.yaml
		check "not found $index" sh -c '! "$0" unset file.yaml "$1"' "$program" "$index"
		expect_same file.yaml theirs.p.yaml
	done
done
for index in '["x"]' '["l"][9]'; do
	for program in sops "$BOOTSEAL"; do
		expect_status 0 "$program" unset --idempotent file.yaml "$index"
		expect_same file.yaml theirs.p.yaml
	done
done

about "Tree: decryption order: default, full, empty, partial, unknown names"
for order in age,pgp pgp,age,kms,gcp_kms,hckms,azure_kv,hc_vault '' pgp unknown,age; do
	for program in sops "$BOOTSEAL"; do
		check "$order" "$program" decrypt --decryption-order "$order" theirs.p.yaml
	done
done

about "Tree: Set: on its way through a value, that goes"
both p.yaml <<<$'s: one\nl:\n    - two'
for index in '["s"]["k"]' '["l"][0]["k"]' '["l"][0][0]'; do
	cp theirs.p.yaml file.yaml
	expect_status 0 sops set file.yaml "$index" '"new"'
	sops decrypt file.yaml >expected
	cp theirs.p.yaml file.yaml
	expect_status 0 sh -c 'echo new | "$BOOTSEAL" set file.yaml "$0"' "$index"
	opened_by_sops "$(cat expected)" file.yaml
done

about "YAML: two documents, head and foot comments"
alike p.yaml <<<$'---\n# head\nkey: value\nother: value\n# foot\n---\nsecond: value'

about "YAML: aliases of lists and maps are written out"
both p.yaml <<<$'---\na: &l\n  - x\nb: *l\nc: &m\n  k: 1\n  j: 2\nd: *m'
opened $'a:\n    - x\nb:\n    - x\nc:\n    k: 1\n    j: 2\nd:\n    k: 1\n    j: 2' theirs.p.yaml
opened_by_sops "$(sops decrypt theirs.p.yaml)" ours.p.yaml

about "YAML: comments at the end of a nested map, and before its first key"
alike p.yaml <<<$'# top\na:\n    b: null\n    # foot of b'
alike p.yaml <<<$'a:\n    # head of b\n    b: null'
expect_output $'a:\n    # head of b\n    b: null' sops decrypt ours.p.yaml

about "YAML: long blocks of comments"
alike p.yaml <<'END'
## Two signs
##
some-chart:
  labels:
    ## A line that is rather long, longer than what others would break into two, and which goes on and on for longer
    ##

    label: value
  arguments:
    - --pattern=^/(dev|proc|sys|var/lib/x/.+)($|/)
END

about "YAML: a comment before an empty map in a list is there once"
alike p.yaml <<<$'a:\n    - a\n    # only once\n    - {}'
check "once" test "$(sops decrypt ours.p.yaml | grep -c 'only once')" = 1

about "YAML: a comment between the end of a nested map and the next key"
both p.yaml <<<$'a:\n    b:\n        c: d\n    # comment\n\ne:\n    - f'
opened_by_sops "$(sed '/^$/d' plain)" ours.p.yaml
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml
expect_output "$(sed '/^$/d' plain)" "$BOOTSEAL" decrypt theirs.p.yaml
sops decrypt theirs.p.yaml 2>/dev/null >expected # sops gives it to another map as it reads it again
check "sops cannot open its own" grep -q '#ENC' expected

about "YAML: comments behind values: in a map, a list, both, nested"
both p.yaml --encrypted-regex=none <<'END'
# head
a: 1 # behind
b: 2
l:
    - 3 # of an item
    - 4
m:
    c: 5 # nested
    d: 6
    # and a head
    e: 7 # and behind
END
for file in ours theirs; do opened "$(cat plain)" $file.p.yaml; done

about "YAML: no document, an empty one"
: >p.yaml
expect_status 92 "$BOOTSEAL" encrypt --age "$recipient" p.yaml
both p.yaml <<<'{}'
for file in ours theirs; do opened '{}' $file.p.yaml; done

about "YAML: indented by 2"
printf 'stores:\n  yaml:\n    indent: 2\ncreation_rules:\n- age: %s\n' "$recipient" >.sops.yaml
both p.yaml <<<$'a:\n  b:\n    - c'
for file in ours theirs; do
	check "age below sops" grep -q '^  age:$' $file.p.yaml
	check "entries" grep -q '^    - enc: |$' $file.p.yaml
	opened "$(cat plain)" $file.p.yaml
done
rm .sops.yaml
check "--indent" test "$(ours p.yaml --indent 2 <<<'a: 1' | grep -c '^  age:$')" = 1

about "YAML: sops is reserved, sops_ is not"
printf 'sops: 1\n' >p.yaml
expect_status 203 sops encrypt --age "$recipient" p.yaml
expect_status 203 "$BOOTSEAL" encrypt --age "$recipient" p.yaml
alike p.yaml <<<$'sops_: 1\nm:\n    sops: 2'
printf 'a: 1\n---\nsops: 2\n' >p.yaml
expect_status 4 sops encrypt --age "$recipient" p.yaml
expect_error "document 2" "$BOOTSEAL" encrypt --age "$recipient" p.yaml

about "YAML: both lines of equal keys are told"
printf 'a: 1\nb: 2\na: 3\n' >p.yaml
expect_error 'line 3: the key "a" is there already, on line 1' "$BOOTSEAL" encrypt --age "$recipient" p.yaml

about "JSON: 64-bit integers, and larger numbers"
both p.json <<<'{"max": 9223372036854775807, "min": -9223372036854775808, "more": 9223372036854775808, "f": 1.5e300}'
for file in ours theirs; do
	check "types" test "$(grep -o 'type:[a-z]*' $file.p.json | head -n 4 | tr '\n' ' ')" = "type:int type:int type:float type:float "
	opened_by_sops $'{\n\t"max": 9223372036854775807,\n\t"min": -9223372036854775808,\n\t"more": 9223372036854776000,\n\t"f": 1.5e+300\n}' $file.p.json
done
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.json

about "JSON: the top level is an object"
for plain in 1 '"x"' '[1]' null '{"a": 1' ''; do
	printf %s "$plain" >p.json
	expect_status 2 sops encrypt --age "$recipient" p.json
	expect_status 2 "$BOOTSEAL" encrypt --age "$recipient" p.json
done
printf '{"a":1}{"b":2}' >p.json # sops loses b
check "sops takes the first of two" sops encrypt --age "$recipient" p.json
expect_error "something stands behind the end" "$BOOTSEAL" encrypt --age "$recipient" p.json

about "JSON: objects and arrays in each other; signs that need escapes"
alike p.json <<'END'
{"a": {"b": [1, [2, [], [[3]]], {"c": {}, "d": [{"e": null}, {"f": true}]}]},
 "<&> \u2028 \" \\ \t é 😀": "</x> \u2029 \u0000 \" \\ \n é 😀", "": "",
 "a_unencrypted": ["</x>", "\u00e9\/"]}
END

about "JSON: indented by a tab, by nothing, by 2"
alike p.json <<<'{"a": [1]}'
for indent in '' -1 0 2; do
	printf 'stores:\n  json:\n    indent: %s\ncreation_rules:\n- age: %s\n' "$indent" "$recipient" >.sops.yaml
	sops encrypt --output-type json --filename-override p.yaml <<<'a: [1]' /dev/stdin | sed 's/".*//' | head -n 3 >expected
	"$BOOTSEAL" encrypt --output-type json --filename-override p.yaml <<<'a: [1]' | sed 's/".*//' | head -n 3 >found
	expect_same expected found
done
rm .sops.yaml

about "JSON: comments are dropped, in arrays, too"
both p.yaml <<<$'# top\na: 1 # behind\nl:\n    # of x\n    - x\n    - y # of y'
for file in ours theirs; do
	opened $'{\n\t"a": 1,\n\t"l": [\n\t\t"x",\n\t\t"y"\n\t]\n}' --output-type json $file.p.yaml
done

about "Binary: one document, with a string at data"
for plain in 'a: 1' 'data: 1' $'data:\n    a: 1' $'data: x\n---\na: 1'; do
	both p.yaml <<<"$plain"
	for file in ours theirs; do
		for program in sops "$BOOTSEAL"; do
			expect_status 4 "$program" decrypt --output-type binary $file.p.yaml
			check "a hint" grep -qE -- 'output-type|data' .err
		done
	done
done
both p.yaml <<<'data: x'
for file in ours theirs; do
	for program in sops "$BOOTSEAL"; do
		check "$program" test "$("$program" decrypt --output-type binary $file.p.yaml)" = x
	done
done
about "Binary: JSON in it is not touched"
alike p.txt <<<'{"a": [1, {"b": "\u0041"}],   "c":1.0}'

about "dotenv: a sample with a comment and a line break"
alike p.env <<'END'
VAR1=val1
VAR2=val2
#comment
VAR3_unencrypted=val3
VAR4=val4\nval4
VAR5=
END

about "dotenv: no metadata"
echo A=1 >p.env
for program in sops "$BOOTSEAL"; do
	expect_status 1 "$program" decrypt p.env
	check "$program" grep -q 'sops metadata not found' .err
done

about "dotenv: the same each time"
both p.yaml <<<$'A: 1\nB: x\nC: true\nD: 1.0'
for file in ours theirs; do
	for n in 1 2 3; do "$BOOTSEAL" decrypt --output-type dotenv $file.p.yaml; done | sort | uniq -c >found
	check "three times the same" test "$(awk '{ print $1 }' found | sort -u)" = 3
	expect_output $'A=1\nB=x\nC=true\nD=1.0' "$BOOTSEAL" decrypt --output-type dotenv $file.p.yaml
done

about "dotenv: sops_ is reserved, sops is not"
for program in sops "$BOOTSEAL"; do
	echo sops_a=1 >p.env
	expect_status 203 "$program" encrypt --age "$recipient" p.env
	echo sops=1 >p.env
	expect_status 0 "$program" encrypt --age "$recipient" p.env
done

about "INI: comments of sections and keys, quotes, blanks at the end"
both p.ini <<'END'
; last modified 1 April 2001 by John Doe
[owner]
; comment
name = John Doe
organization="Acme Widgets; Inc."
blanks = x   

[database]
; use IP address
server=192.0.2.62
port = 143
END
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.ini
sops decrypt theirs.p.ini >expected
opened_by_sops "$(cat expected)" ours.p.ini
expect_output "$(cat expected)" "$BOOTSEAL" decrypt theirs.p.ini

about "INI: escaped keys, and sections that are there twice"
printf '[a]\n`x=y` = 1\n"q:r" = 2\n[b]\nk = 3\n[a]\nk = 4\n' | both p.ini
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.ini
sops decrypt theirs.p.ini >expected
opened_by_sops "$(cat expected)" ours.p.ini
expect_output "$(cat expected)" "$BOOTSEAL" decrypt theirs.p.ini

about "INI: from YAML: numbers, true, dates and times"
cat >p.yaml <<'END'
s:
    i: 95
    f: 108.5
    w: 1.0
    b: true
    d: 2024-01-01
    t: 2024-01-01T10:00:00+02:00
    s: text
END
for program in sops "$BOOTSEAL"; do
	"$program" encrypt --age "$recipient" --output-type ini p.yaml >file.ini
	opened $'[s]\ni = 95\nf = 108.5\nw = 1.0\nb = true\nd = 2024-01-01T00:00:00Z\nt = 2024-01-01T10:00:00+02:00\ns = text' file.ini
done
printf 'a: 1\n' >p.yaml
for program in sops "$BOOTSEAL"; do
	check "not a map of maps" sh -c '! "$0" encrypt --age "$1" --output-type ini p.yaml' "$program" "$recipient"
done

about "Flatten: maps and lists, at every level"
printf 'creation_rules:\n- key_groups:\n  - age: [%s]\n  - age: [%s]\n' "$recipient" "$recipient2" >.sops.yaml
for program in sops "$BOOTSEAL"; do
	printf 'A=1\n' >p.env
	"$program" encrypt p.env >file.env
	check "the names" test "$(sed -n 's/^\(sops_[a-z_0-9]*\)=.*/\1/p' file.env | tr '\n' ' ')" = "sops_key_groups__list_0__map_age__list_0__map_enc \
sops_key_groups__list_0__map_age__list_0__map_recipient sops_key_groups__list_1__map_age__list_0__map_enc \
sops_key_groups__list_1__map_age__list_0__map_recipient sops_lastmodified sops_mac sops_shamir_threshold \
sops_unencrypted_suffix sops_version "
	for opener in sops "$BOOTSEAL"; do
		expect_output A=1 env SOPS_AGE_KEY_FILE=all.txt "$opener" decrypt file.env
	done
done
rm .sops.yaml

about "Flatten: a value twice, lists with gaps, a node of two kinds"
both p.env <<<A=1
for file in ours theirs; do
	for change in 's/^sops_version=.*/&\nsops_version=1/' 's/__list_0/__list_1/' 's/__list_0/__list_999999999999/' \
		's/^\(sops_age\)__list_0__map_recipient.*/\1=1\n&/' 's/^sops_age__list_0__map_recipient/sops_age__map_0/'; do
		sed "$change" $file.p.env >file.env
		for program in sops "$BOOTSEAL"; do
			check "$change" sh -c '! "$0" decrypt file.env' "$program"
		done
	done
done

about "Metadata: every selector is written and read, numbers and flags from text"
for selector in unencrypted_suffix encrypted_suffix unencrypted_regex encrypted_regex; do
	alike p.env "--${selector//_/-}=x" <<<$'A=1\nBx=2\nxC=3'
	for file in ours theirs; do check "$selector" grep -q "^sops_$selector=x\$" $file.p.env; done
done
from_rules "mac_only_encrypted: true"
alike p.env <<<$'A_unencrypted=1\nB=2'
for file in ours theirs; do
	check "mac_only_encrypted" grep -qx 'sops_mac_only_encrypted=true' $file.p.env
	sed -i 's/^A_unencrypted=1/A_unencrypted=7/' $file.p.env
	opened $'A_unencrypted=7\nB=2' $file.p.env
done
rm .sops.yaml

about "Metadata: all kinds of keys"
cp "$vectors/enc/foreign_keys.yaml" file.yaml
chmod u+w file.yaml
kinds() { sed -n '/^sops:/,$s/^    \([a-z_]*\):$/\1/p' "$1" | grep -v future | tr '\n' ' '; }
check "seven" test "$(kinds file.yaml)" = "age azure_kv gcp_kms hc_vault hckms kms pgp "
sops decrypt file.yaml >expected 2>/dev/null
opened_by_sops "$(cat expected)" file.yaml
expect_output "$(cat expected)" "$BOOTSEAL" decrypt file.yaml
set_string file.yaml '["new"]' x
check "they stay" test "$(kinds file.yaml)" = "age azure_kv gcp_kms hc_vault hckms kms pgp "
check "and sops reads them" sops decrypt file.yaml
cp file.yaml before.yaml
check "rotate refuses" sh -c '! "$BOOTSEAL" rotate -y -i file.yaml'
expect_same before.yaml file.yaml

about "Metadata: what an entry of KMS has beside its key stays: context, role, profile"
cp "$vectors/enc/foreign_keys.yaml" file.yaml
chmod u+w file.yaml
entry() { sed -n '/^    kms:/,/^    last/{/^     /p}' "$1"; }
entry file.yaml >expected
check "there is one" sh -c 'grep -q context: expected && grep -q role: expected && grep -q aws_profile: expected'
set_string file.yaml '["new"]' x
expect_same expected <(entry file.yaml)
EDITOR='sed -i s/^new:.*/new:\ y/' "$BOOTSEAL" edit file.yaml
expect_same expected <(entry file.yaml)
expect_output y sh -c 'sops decrypt --extract "[\"new\"]" file.yaml; echo'
sops set file.yaml '["new"]' '"z"'
expect_output z sh -c '"$BOOTSEAL" get file.yaml "[\"new\"]"; echo'

about "Metadata: missing, not a map, empty, no keys, two selectors"
both p.yaml <<<'a: 1'
printf 'a: 1\n' >file.yaml
open_fails 1 1 file.yaml
for metadata in text '{}' '[]' null '{version: 3.13.3, mac: x, lastmodified: "2024-01-01T00:00:00Z", age: []}'; do
	printf 'a: 1\nsops: %s\n' "$metadata" >file.yaml
	check "sops: $metadata" sh -c '! sops decrypt file.yaml'
	expect_error 'cannot open "file.yaml"' "$BOOTSEAL" decrypt file.yaml
done
sed 's/^    unencrypted_suffix:.*/&\n    encrypted_regex: a/' theirs.p.yaml >file.yaml
expect_status 1 sops decrypt file.yaml
expect_error 'encrypted_regex' "$BOOTSEAL" decrypt file.yaml

about "Config: found here and above, the first match, none, ambiguous beginnings"
mkdir -p foo/foo/bar
cat >foo/.sops.yaml <<END
creation_rules:
- path_regex: ^foo/bar/
  age: $recipient2
- path_regex: foo/
  age: $recipient
END
echo 'a: 1' >foo/foo/bar/p.yaml
for program in sops "$BOOTSEAL"; do # "foo/" is taken off once: it is the first rule
	check "$program" test "$(cd foo && "$program" encrypt foo/bar/p.yaml | sed -n 's/.*recipient: //p')" = "$recipient2"
	check "below, $program" test "$(cd foo/foo/bar && "$program" encrypt p.yaml | sed -n 's/.*recipient: //p')" = "$recipient2"
	cp foo/foo/bar/p.yaml foo/p.yaml
	check "no match, $program" sh -c 'cd foo && "$0" encrypt p.yaml >out 2>err; test $? = 1 && grep -q "no matching creation rules found" err' "$program"
done

rm foo/.sops.yaml

about "Config: patterns that cannot be compiled are told"
printf 'creation_rules:\n- path_regex: ^foo(?<!bar)\\K\n  age: %s\n' "$recipient" >.sops.yaml
for program in sops "$BOOTSEAL"; do
	expect_status 1 "$program" encrypt foo/p.yaml
	check "names it" grep -qF '(?<!bar)' .err
done

about "Config: empty, without rules, with destinations alone"
printf 'creation_rules: []\n' >.sops.yaml
for program in sops "$BOOTSEAL"; do
	check "a list of none" sh -c '"$0" encrypt --age "$1" foo/p.yaml 2>&1 | grep -q "no matching creation rules found"' "$program" "$recipient"
done
for config in '' 'creation_rules:' 'destination_rules: []' "destination_rules:
- path_regex: x
  s3_bucket: b
  s3_prefix: p/"; do
	printf '%s\n' "$config" >.sops.yaml
	for program in sops "$BOOTSEAL"; do
		check "$config" sh -c '"$0" encrypt --age "$1" foo/p.yaml' "$program" "$recipient"
		expect_status 1 "$program" encrypt foo/p.yaml
		check "no keys" grep -q 'config file not found, or has no creation rules, and no keys provided' .err
	done
done

about "Config: two destinations in a rule: publish alone looks at them"
printf 'creation_rules:\n- age: %s\ndestination_rules:\n- path_regex: foo\n  s3_bucket: b\n  gcs_bucket: c\n' "$recipient" >.sops.yaml
for program in sops "$BOOTSEAL"; do
	check "encrypt" sh -c '"$0" encrypt foo/p.yaml >foo/e.yaml' "$program"
done
expect_status 1 sops publish foo/e.yaml
expect_status 33 "$BOOTSEAL" publish foo/e.yaml
expect_error '"publish" is not part of this program' "$BOOTSEAL" publish foo/e.yaml
sops publish foo/e.yaml >theirs.out 2>&1 || grep -q 'more than one destinations' theirs.out && ok "sops tells" || fail "sops tells" "$(cat theirs.out)"
rm foo/e.yaml .sops.yaml

about "Config: recipients as text and as a list"
for list in "$recipient,$recipient2" "[$recipient, $recipient2]" "[\"$recipient,$recipient2\"]" \
	">-
    $recipient,
    $recipient2"; do
	printf 'creation_rules:\n- age: %s\n' "$list" >.sops.yaml
	sops encrypt foo/p.yaml 2>&1 | sed -n 's/.*recipient: //p' >expected
	"$BOOTSEAL" encrypt foo/p.yaml 2>&1 | sed -n 's/.*recipient: //p' >found
	expect_same expected found
done

about "Config: two selectors in a rule"
printf 'creation_rules:\n- age: %s\n  encrypted_suffix: x\n  encrypted_regex: y\n' "$recipient" >.sops.yaml
expect_status 1 sops encrypt foo/p.yaml
expect_status 1 "$BOOTSEAL" encrypt foo/p.yaml
printf 'creation_rules:\n- age: %s\n  encrypted_suffix: x\n' "$recipient" >.sops.yaml
expect_status 8 sops encrypt --encrypted-regex y foo/p.yaml
expect_status 8 "$BOOTSEAL" encrypt --encrypted-regex y foo/p.yaml
rm .sops.yaml

about "Config: groups that are merged: in order, each key once"
echo "a: 1" >p.yaml
cat >.sops.yaml <<END
creation_rules:
- key_groups:
  - merge:
    - merge:
      - age: [$recipient3]
      age: [$recipient2]
    - age: [$recipient3, $recipient]
    age: [$recipient2, $recipient]
  - age: [$recipient3]
END
sops encrypt p.yaml | sed -n 's/.*recipient: //p' >expected
"$BOOTSEAL" encrypt p.yaml | sed -n 's/.*recipient: //p' >found
expect_same expected found
check "four" test "$(wc -l <found)" = 4
rm .sops.yaml

about "age: recipients with blanks, SSH keys, and what is none"
ssh=$(cut -d' ' -f1,2 "$vectors/keys/ssh_ed25519.pub")
for program in sops "$BOOTSEAL"; do
	"$program" encrypt --age "  $recipient , $ssh " foo/p.yaml | sed -n 's/.*recipient: //p' >found
	expect_same found <(printf '%s\n' "$recipient" "$ssh")
	for bad in age1invalid age1plugin1xyz AGE-SECRET-KEY-1 ssh-dss nothing; do
		check "$bad, $program" sh -c '! "$0" encrypt --age "$1" foo/p.yaml' "$program" "$bad"
	done
done

about "age: every place where keys are looked for"
both p.yaml <<<'a: 1'
ours ssh.yaml <plain --age "$ssh" >ours.ssh.yaml
theirs ssh.yaml <plain --age "$ssh" >theirs.ssh.yaml
key=$(grep -v '^#' "$SOPS_AGE_KEY_FILE")
other=$(grep -v '^#' "$vectors/keys/age2.txt")
printf '%s\n' "$other" "$key" >two.txt
mkdir -p "$HOME/.config/sops/age" "$HOME/.ssh" xdg/sops/age
cp "$SOPS_AGE_KEY_FILE" xdg/sops/age/keys.txt
cat >print-key <<'END'
#!/bin/sh
test -n "$SOPS_AGE_RECIPIENT" && echo "$SOPS_AGE_RECIPIENT" >>asked && cat "$1"
END
chmod +x print-key
without() { env -u SOPS_AGE_KEY_FILE "$@"; }
for program in sops "$BOOTSEAL"; do
	for file in ours theirs; do
		expect_status 128 without "$program" decrypt $file.p.yaml
		expect_output "a: 1" without SOPS_AGE_KEY="$key" "$program" decrypt $file.p.yaml
		expect_output "a: 1" without SOPS_AGE_KEY="$other
$key" "$program" decrypt $file.p.yaml
		expect_output "a: 1" without SOPS_AGE_KEY_FILE=two.txt "$program" decrypt $file.p.yaml
		expect_output "a: 1" without XDG_CONFIG_HOME="$TMP/xdg" "$program" decrypt $file.p.yaml
		rm -f asked
		expect_output "a: 1" without SOPS_AGE_KEY_CMD="./print-key two.txt" "$program" decrypt $file.p.yaml
		check "it is told the recipient" grep -qx "$recipient" asked
		expect_output "a: 1" without SOPS_AGE_SSH_PRIVATE_KEY_FILE="$vectors/keys/ssh_ed25519" "$program" decrypt $file.ssh.yaml
		expect_output "a: 1" without SOPS_AGE_SSH_PRIVATE_KEY_CMD="cat $vectors/keys/ssh_ed25519" "$program" decrypt $file.ssh.yaml
	done
done
for place in .config/sops/age/keys.txt .ssh/id_ed25519; do
	case $place in
	.ssh/*) cp "$vectors/keys/ssh_ed25519" "$HOME/$place"; file=ssh.yaml ;;
	*) cp "$SOPS_AGE_KEY_FILE" "$HOME/$place"; file=p.yaml ;;
	esac
	chmod 600 "$HOME/$place"
	for program in sops "$BOOTSEAL"; do
		expect_output "a: 1" without "$program" decrypt ours.$file
	done
	rm "$HOME/$place"
done

about "age: a bad key names where it comes from, a failing command what it said"
echo nonsense >bad.txt
for program in sops "$BOOTSEAL"; do
	expect_status 128 without SOPS_AGE_KEY_FILE=bad.txt "$program" decrypt ours.p.yaml
	check "SOPS_AGE_KEY_FILE or its name" grep -qE 'SOPS_AGE_KEY_FILE|bad.txt' .err
	expect_status 128 without SOPS_AGE_KEY=nonsense "$program" decrypt ours.p.yaml
	check "SOPS_AGE_KEY" grep -q SOPS_AGE_KEY .err
	check "the key is not shown" sh -c '! grep -q nonsense .err'
	expect_status 128 without SOPS_AGE_KEY_CMD="sh -c 'exit 3'" "$program" decrypt ours.p.yaml
	check "SOPS_AGE_KEY_CMD" grep -qE 'SOPS_AGE_KEY_CMD|exit status 3|status 3' .err
done

about "Functional: from stdin, with --filename-override and a type"
for program in sops "$BOOTSEAL"; do
	check "no name, $program" sh -c 'echo "a: 1" | "$0" encrypt --age "$1"; test $? != 0' "$program" "$recipient"
	check "$program" sh -c 'echo "a: 1" | "$0" encrypt --age "$1" --filename-override x.yaml --output-type yaml >file.yaml' "$program" "$recipient"
	for opener in sops "$BOOTSEAL"; do
		check "stdin to $opener" test "$("$opener" decrypt --input-type yaml --output-type yaml <file.yaml)" = "a: 1"
	done
done

about "Functional: set: update, insert, text, a file, stdin"
both p.yaml <<<$'a: 2\nb: ba'
set_both '["a"]' '{"aa": "aaa"}'
set_both '["b"]' '"{\"x\": [1,2]}"'
set_both '["c"]' '{"cc": "ccc"}'
set_both '["c"]' '{"cc": [{"k": true}, null, 1.5]}'
printf '"v"' >value.json
for program in sops "$BOOTSEAL"; do
	cp ours.p.yaml file.yaml
	expect_status 0 "$program" set --value-file file.yaml '["a"]' value.json
	opened $'a: v\nb: ba' file.yaml
	expect_status 0 sh -c '"$0" set --value-stdin file.yaml "[\"b\"]" <value.json' "$program"
	opened $'a: v\nb: v' file.yaml
done
about "Functional: set --idempotent writes what changes, and nothing else"
cp file.yaml before.yaml
expect_status 0 "$BOOTSEAL" set --idempotent --value-file file.yaml '["a"]' value.json
expect_same before.yaml file.yaml
printf '"w"' >value.json
expect_status 0 "$BOOTSEAL" set --idempotent --value-file file.yaml '["a"]' value.json
opened $'a: w\nb: v' file.yaml

about "Functional: times"
both p.yaml <<<$'a: 2024-01-01\nb: 2006-01-02T15:04:05+07:00\nc_unencrypted: 2024-01-01'
for file in ours theirs; do
	opened_by_sops $'a: 2024-01-01T00:00:00Z\nb: 2006-01-02T15:04:05+07:00\nc_unencrypted: 2024-01-01T00:00:00Z' $file.p.yaml
done
expect_output "$(cat plain)" "$BOOTSEAL" decrypt ours.p.yaml

about "Functional: --extract gives several lines without the last line break"
both p.yaml <<<$'a: |\n    one\n    two'
for program in sops "$BOOTSEAL"; do
	check "$program" test "$("$program" decrypt --extract '["a"]' ours.p.yaml | od -c)" = "$(printf 'one\ntwo\n' | od -c)"
done
both p.yaml <<<$'a: |-\n    one\n    two'
for program in sops "$BOOTSEAL"; do
	check "$program" test "$("$program" decrypt --extract '["a"]' ours.p.yaml | od -c)" = "$(printf 'one\ntwo' | od -c)"
done

about "Functional: --output leaves stdout empty"
for program in sops "$BOOTSEAL"; do
	check "$program" test -z "$("$program" encrypt --age "$recipient" --output sealed.yaml foo/p.yaml)"
	check "$program" test -z "$("$program" decrypt --output opened.yaml sealed.yaml)"
	expect_same opened.yaml foo/p.yaml
done

about "Functional: several keys, each of which opens"
ours p.yaml --age "$recipient2" <<<'a: 1' >file.yaml
for number in 1 2; do
	for program in sops "$BOOTSEAL"; do
		expect_output "a: 1" env SOPS_AGE_KEY_FILE="$vectors/keys/age$number.txt" "$program" decrypt file.yaml
	done
done
expect_status 128 env SOPS_AGE_KEY_FILE="$vectors/keys/age3.txt" "$BOOTSEAL" decrypt file.yaml

about "Functional: Shamir: sealed and opened; a key is missing"
printf 'creation_rules:\n- shamir_threshold: 2\n  key_groups:\n  - age: [%s]\n  - age: [%s]\n' "$recipient" "$recipient2" >.sops.yaml
printf 'a: secret\n' >p.yaml
for program in sops "$BOOTSEAL"; do
	"$program" encrypt p.yaml >file.yaml
	for opener in sops "$BOOTSEAL"; do
		expect_output "a: secret" env SOPS_AGE_KEY_FILE=all.txt "$opener" decrypt file.yaml
		expect_status 128 "$opener" decrypt file.yaml
	done
done

rm .sops.yaml
for pair in 1,2 1,3 2,3; do
	cat "$vectors/keys/age${pair%,*}.txt" "$vectors/keys/age${pair#*,}.txt" >two.txt
	for name in shamir_select.yaml shamir_types.json; do
		SOPS_AGE_KEY_FILE=two.txt sops decrypt "$vectors/enc/$name" >expected
		SOPS_AGE_KEY_FILE=two.txt "$BOOTSEAL" decrypt "$vectors/enc/$name" | theirs "$name" >again
		expect_output "$(cat expected)" sops decrypt --filename-override "$name" again
		expect_status 128 "$BOOTSEAL" decrypt "$vectors/enc/$name"
	done
done

about "Functional: no keys, no groups, an empty group"
for rule in 'path_regex: p' 'key_groups: []' 'key_groups: [{}]' 'key_groups: [{age: []}]'; do
	printf 'creation_rules:\n- %s\n' "$rule" >.sops.yaml
	for program in sops "$BOOTSEAL"; do
		expect_status 1 "$program" encrypt p.yaml
		check "$rule" grep -q 'Could not generate data key: \[empty key group provided\]' .err
	done
done
rm .sops.yaml

about "Functional: unset: a key, a list's item; the same bytes with --idempotent, YAML and JSON"
for format in yaml json; do
	both p.$format <<<'{"a": {"b": 1, "c": 2}, "l": [3, 4]}'
	for file in ours theirs; do
		"$BOOTSEAL" unset $file.p.$format '["a"]["b"]'
		"$BOOTSEAL" unset $file.p.$format '["l"][0]'
		expect_output '{"a":{"c":2},"l":[4]}' sh -c 'sops decrypt --output-type json "$0" | tr -d " \t\n"; echo' $file.p.$format
		cp $file.p.$format before
		expect_status 0 "$BOOTSEAL" unset --idempotent $file.p.$format '["a"]["b"]'
		expect_same before $file.p.$format
	done
done

about "Functional: set in JSON"
both p.json <<<'{"a": 2, "b": "ba"}'
for file in ours theirs; do
	set_json $file.p.json '["a"]' '{"aa": "aaa", "bb": [true]}'
	set_json $file.p.json '["c"]["cc"]' '"ccc"'
	expect_output '{"a":{"aa":"aaa","bb":[true]},"b":"ba","c":{"cc":"ccc"}}' sh -c 'sops decrypt $0.p.json | tr -d " \t\n"; echo' $file
done

about "Functional: a binary file, with quotes"
printf '"quotes"\n\000\377 \\ {"a":1}' >p.bin
for program in sops "$BOOTSEAL"; do
	"$program" encrypt --age "$recipient" p.bin >file.bin
	for opener in sops "$BOOTSEAL"; do
		"$opener" decrypt file.bin >back
		expect_same p.bin back
	done
done

about "Functional: exec-env: values of one and of several lines"
both p.yaml <<<$'foo: bar\nlines: |\n    one\n    two'
for file in ours theirs; do
	for program in sops "$BOOTSEAL"; do
		expect_output bar "$program" exec-env $file.p.yaml 'echo "$foo"'
		expect_output $'one\ntwo\n' "$program" exec-env $file.p.yaml 'echo "$lines"'
	done
done

about "Functional: exec-file: JSON, --no-fifo --filename"
both p.json <<<'{"a": {"b": 1}}'
for file in ours theirs; do
	for program in sops "$BOOTSEAL"; do
		expect_output $'{\n\t"a": {\n\t\t"b": 1\n\t}\n}' "$program" exec-file --output-type json theirs.p.json 'cat {}'
		expect_output "foo.json 2" "$program" exec-file --no-fifo --filename foo.json $file.p.json 'n=$(cat {} {} | grep -c b); basename {} | tr "\n" " "; echo $n'
	done
done

about "Functional: files of all formats that older sops wrote"
for name in comments.yaml scalars.yaml multi_age.yaml legacy373_shape.yaml types.json indent2.json basic.env \
	default.ini blob.bin text.txt; do
	sops decrypt "$vectors/enc/$name" >expected 2>/dev/null
	"$BOOTSEAL" decrypt "$vectors/enc/$name" >found
	cmp -s expected found || { # spelled otherwise: sops makes the same of it
		theirs "$name" <found >again
		sops decrypt --filename-override "$name" again >found
	}
	expect_same expected found
done
