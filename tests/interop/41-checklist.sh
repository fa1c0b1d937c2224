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
sealed_the_same() { expect_same <(grep -c ENC ours.p.yaml; types ours.p.yaml) <(grep -c ENC theirs.p.yaml; types theirs.p.yaml); }

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
both p.yaml <<<$'# top\na: 1\nm:\n    # inner\n    b: 2\nl:\n    # item\n    - 3'
for file in ours theirs; do
	check "none is left" sh -c '! grep -E "top|inner|item" $0.p.yaml' $file
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
	'["l"][0]["hello"]' '["l"][1][0]' '["m"]["k"]' '["n"][0][0]' '["e"]["a"]' '["l"]'; do
	set_both "$index" '"hello"'
done
both p.yaml <<<'{}'
set_both '["a"]["b"][0]' '"hello"'

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
