# .sops.yaml beside the real sops: the same keys in the same groups, the same selector, threshold and
# indentation, for rules of every form.
. "${0%/*}/../cli/lib.sh"
need sops

vectors=$ROOT/tests/vectors
for n in 1 2 3; do
	declare "r$n=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age$n.txt")"
done
export SOPS_DISABLE_VERSION_CHECK=1 SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt
printf 'token: t\nopen: o\n' >plain.yaml

# What is not random: keys, and who is in which group.
shape() { sed -n '/^sops:/,$p' "$1" | grep -v 'lastmodified:\|mac: ENC\|version:' |
	sed '/BEGIN AGE/,/END AGE/d; s/^\( *\)- enc: |$/\1-/'; }
same() { # NAME: both make the same metadata of .sops.yaml
	local ours=0 theirs=0
	"$BOOTSEAL" encrypt plain.yaml >ours.yaml 2>ours.err || ours=$?
	sops encrypt plain.yaml >theirs.yaml 2>theirs.err || theirs=$?
	if [ $ours != $theirs ]; then
		fail "$1" "status $ours, and $theirs: $(cat ours.err theirs.err)"
	elif [ $ours = 0 ]; then
		shape ours.yaml >ours.shape
		shape theirs.yaml >theirs.shape
		expect_same ours.shape theirs.shape
		check "$1: sops opens ours" sh -c 'sops decrypt ours.yaml 2>err >opened && cmp opened plain.yaml && ! grep . err'
	else
		ok
	fi
}
rules() { printf 'creation_rules:\n%s\n' "$1" >.sops.yaml; }

rules "- age: $r1"; same "one key"
rules "- age: $r1, $r2,"; same "a list with commas"
rules "- age: [$r1, '$r2']"; same "a list"
rules "- age: [$r1, '$r2,$r3']"; same "both"
rules "- path_regex: nothing
  age: $r2
- path_regex: ^plain\\.yaml\$
  age: $r1
- age: $r3"; same "the first that matches"
rules "- path_regex: nothing
  age: $r1"; same "none that matches"
rules "- age: $r1
  encrypted_regex: ^token"; same "encrypted_regex"
rules "- age: $r1
  unencrypted_regex: ^open"; same "unencrypted_regex"
rules "- age: $r1
  encrypted_suffix: ken"; same "encrypted_suffix"
rules "- age: $r1
  unencrypted_suffix: pen"; same "unencrypted_suffix"
rules "- age: $r1
  encrypted_comment_regex: sec"; same "encrypted_comment_regex"
rules "- age: $r1
  unencrypted_comment_regex: sec"; same "unencrypted_comment_regex"
rules "- age: $r1
  mac_only_encrypted: true
  encrypted_regex: tok"; same "mac_only_encrypted"
rules "- age: $r1
  encrypted_regex: a
  unencrypted_regex: b"; same "two selectors"
rules "- key_groups:
  - age: [$r1]"; same "one group"
rules "- shamir_threshold: 1
  age: $r1"; same "one group with a threshold"
rules "- key_groups:
  - age: [$r1, $r1]
  - age: [$r2]
    merge: [{age: [$r3]}, {merge: [{age: [$r1]}]}]"
SOPS_AGE_KEY_FILE=two.txt
cat "$vectors"/sops/keys/age[12].txt >two.txt
same "two groups"
rules "- shamir_threshold: 2
  key_groups:
  - age: [$r1]
  - age: ['$r2,$r3']
  - age: [$r3]"; same "two of three"
rules "- shamir_threshold: 4
  key_groups: [{age: [$r1]}, {age: [$r2]}]"; same "a threshold that is too high"
rules "- shamir_threshold: 1
  key_groups: [{age: [$r1]}, {age: [$r2]}]"; same "a threshold that is too low"
rules "- key_groups: [{age: [$r1]}, {}]"; same "an empty group"
rules "- key_groups: []
  age: $r1"; same "no groups"
rules "- path_regex: ''"; same "no keys"
rules "- key_groups: [{age: $r1}]"; same "a text for a group's list"
rules "- key_groups: [{age: [$r1], pgp: x}]"; same "a text for a group's keys of PGP"
rules "- age: $r1
- key_groups: [{merge: [{age: $r1}]}]"; same "a text for a list, in a rule that is not asked for"
for list in "['']" "[$r1, '']" "[$r1, ' ']" "['$r1,']" "['$r1,,$r2']" "[$r1, null]"; do
	rules "- age: $list"; same "age: $list"
	rules "- key_groups: [{age: $list}]"; same "age: $list, in a group"
done
rules "- age: '$r1,,$r2'"; same "two commas in a text"
rules "- age: {a: b}"; same "keys of another kind"
rules "- age: agenonsense"; same "nonsense"
rules "- path_regex: '['
  age: $r1"; same "a broken expression"
printf 'creation_rules: []\n' >.sops.yaml; same "no rules"
printf 'stores: {yaml: {indent: 2}}\ncreation_rules: [{age: %s}]\n' "$r1" >.sops.yaml; same "an indentation"
for indent in 9 10 100; do
	printf 'stores: {yaml: {indent: %s}}\ncreation_rules: [{age: %s}]\n' $indent "$r1" >.sops.yaml; same "indented by $indent"
done
printf 'a: &a %s\nb: &b {age: *a}\ncreation_rules: [{<<: *b}]\n' "$r1" >.sops.yaml; same "anchors and merge keys"
printf 'creation_rules:\n- age: [\n' >.sops.yaml; same "no YAML"
rm .sops.yaml; same "nothing at all"
