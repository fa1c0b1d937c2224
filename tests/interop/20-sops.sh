# Beside the real sops: its files open here, ours open there, to the same data and without a warning.
# BOOTSEAL_DOCUMENTS (500) is how many random documents go each way.
. "${0%/*}/../cli/lib.sh"
need sops python3

vectors=$ROOT/tests/vectors/sops
recipient=$(sed -n 's/^# public key: //p' "$vectors/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt recipient BOOTSEAL ROOT
export SOPS_DISABLE_VERSION_CHECK=1

# What sops makes of a plaintext: read and written once. Two files with the same data come to the same.
cat >normal <<'END'
sops encrypt --age "$recipient" "$1" >"$2.n" 2>/dev/null && sops decrypt --input-type yaml --output-type yaml "$2.n" >"$2" 2>/dev/null
END
normal() { sh ./normal "$1" "$2"; }

# sops sealed, we open: to what sops opens it to
for file in "$vectors"/enc/*.yaml; do
	name=${file##*/}
	key=
	case $name in
	shamir_*) continue ;; # 25-groups.sh
	ssh_*) key=$vectors/keys/ssh_ed25519 ;;
	esac
	SOPS_AGE_SSH_PRIVATE_KEY_FILE=$key "$BOOTSEAL" decrypt "$file" >ours.yaml 2>err || fail "open $name" "$(cat err)"
	if cmp -s ours.yaml "$vectors/dec/$name"; then
		ok "$name"
	elif normal ours.yaml a.yaml && normal "$vectors/dec/$name" b.yaml && cmp -s a.yaml b.yaml; then
		ok "$name: the same data"
	else
		fail "$name opens to other data" "$(diff ours.yaml "$vectors/dec/$name" | head -n 10)"
	fi
done
for key in SOPS_AGE_KEY_FILE=$ROOT/tests/vectors/sops-nix/age-keys.txt \
	SOPS_AGE_SSH_PRIVATE_KEY_FILE=$ROOT/tests/vectors/sops-nix/ssh-ed25519-key; do
	expect_output test_value env -u SOPS_AGE_KEY_FILE "$key" \
		sh -c '"$BOOTSEAL" get "$ROOT/tests/vectors/sops-nix/secrets.yaml" "[\"test_key\"]"; echo'
done

printf 'a: 1\nm:\n  k: v # of the last entry\n' >comment.yaml
sops encrypt -i --age "$recipient" comment.yaml
expect_output 'k: v # of the last entry' "$BOOTSEAL" decrypt --extract '["m"]' comment.yaml
check "sops gives that comment, too" sh -c "sops decrypt --extract '[\"m\"]' comment.yaml | grep -q 'of the last entry'"

# floats are shown as sops shows them, in what it sealed; in ours as they were written
printf '{"a":1e22,"b":1.7976931348623157e308,"c":1e-9,"d":5e-324,"e":1e6,"f":1e20,"g":0.000001}' >floats.json
printf '%s\n' 'a: 1e21' 'b: 1.5e300' 'c: 1e-5' 'd: 1e6' 'e: 123456789.5' 'f: -1e20' 'g: 100000.0' 'h: 0.0001' >floats.yaml
for type in json yaml; do
	sops encrypt --age "$recipient" floats.$type >sealed.$type
	sops decrypt sealed.$type >theirs.$type
	"$BOOTSEAL" decrypt sealed.$type | tr -d ' \t\n' >ours
	tr -d ' \t\n' <theirs.$type | cmp - ours && ok "floats of $type" || fail "floats of $type" "$(cat ours)"
	cp sealed.$type edited.$type
	EDITOR="sed -i 's/300/301/'" "$BOOTSEAL" edit edited.$type 2>edit.err || [ $? = 200 ]
	check "an edit keeps the floats of $type" test "$(diff sealed.$type edited.$type | grep -c '^>')" -le 3
done
printf '{"a": 0.0000001, "b": 100000000000000000000000}\n' >digits.json
printf 'a: 0.00001\nb: 100000000000000000000\n' >digits.yaml
for type in json yaml; do
	"$BOOTSEAL" encrypt --age "$recipient" digits.$type >sealed.$type
	"$BOOTSEAL" decrypt sealed.$type >ours
	expect_same digits.$type ours
	sops decrypt sealed.$type >theirs.$type
	sops encrypt --age "$recipient" digits.$type | sops decrypt --input-type $type --output-type $type >own.$type
	expect_same own.$type theirs.$type
done

# we seal, sops opens: to what it makes of the plaintext itself; and back byte for byte
for file in "$vectors"/plain/*.yaml; do
	name=${file##*/}
	"$BOOTSEAL" encrypt --age "$recipient" "$file" >sealed.yaml 2>notes || fail "seal $name" "$(cat notes)"
	"$BOOTSEAL" decrypt sealed.yaml >back.yaml
	[ -s notes ] || expect_same "$file" back.yaml
	if sops decrypt sealed.yaml >theirs.yaml 2>warnings && [ ! -s warnings ]; then
		ok "$name"
	else
		fail "sops opens $name" "$(cat warnings)"
	fi
	sops encrypt --age "$recipient" "$file" >theirs.sealed.yaml
	sops decrypt theirs.sealed.yaml >expected.yaml 2>/dev/null
	expect_same expected.yaml theirs.yaml
done

# every selector means the same to both
for selector in --unencrypted-suffix=_x --encrypted-suffix=_x '--encrypted-regex=^(a|b)$' '--unencrypted-regex=^(a|b)$'; do
	printf 'a: 1\nb_x:\n  c: 2\n  a: 3\nd: [4, {a: 5}]\n' >plain.yaml
	"$BOOTSEAL" encrypt --age "$recipient" "$selector" plain.yaml >sealed.yaml
	sops encrypt --age "$recipient" "$selector" plain.yaml >theirs.sealed.yaml
	check "$selector" test "$(grep -o type:int sealed.yaml | wc -l)" = "$(grep -o type:int theirs.sealed.yaml | wc -l)"
	check "sops opens $selector" sops decrypt sealed.yaml
	check "and we sops' $selector" "$BOOTSEAL" decrypt theirs.sealed.yaml
done
for selector in unencrypted encrypted; do
	printf 'a: 1\n# mark\nb:\n  c: 2 # no\n  d: 3\n# other\ne: 4 # mark\nf: 5\nl:\n- 6\n# mark\n- 7\n- 8\n' >plain.yaml
	printf 'creation_rules:\n- age: %s\n  %s_comment_regex: mark\n' "$recipient" $selector >.sops.yaml
	"$BOOTSEAL" encrypt plain.yaml >sealed.yaml
	sops encrypt plain.yaml >theirs.sealed.yaml
	check "$selector comment regex" sh -c 'sed -n "s/^ *-* *\(\([a-z]*\): \)*.*\(type:int\).*/\2 \3/p" sealed.yaml >a
		sed -n "s/^ *-* *\(\([a-z]*\): \)*.*\(type:int\).*/\2 \3/p" theirs.sealed.yaml >b; cmp a b'
	check "sops opens it" sh -c 'sops decrypt sealed.yaml 2>&1 >/dev/null | grep . && exit 1 || exit 0'
	check "and we sops'" "$BOOTSEAL" decrypt theirs.sealed.yaml
	rm .sops.yaml
done

# what set and edit write; and each reads what the other changed
printf 'a: 1 # c\nb: [x, y]\nc:\n    d: |\n        text\n' >plain.yaml
"$BOOTSEAL" encrypt --age "$recipient" --mac-only-encrypted plain.yaml >file.yaml
printf 'new' | "$BOOTSEAL" set file.yaml '["b"][1]'
echo '{"x":[1,2]}' >value.json
sops set --value-file file.yaml '["n"]' value.json
printf 'more' | "$BOOTSEAL" set file.yaml '["n"]["x"][2]'
EDITOR="sed -i s/text/other/" "$BOOTSEAL" edit file.yaml
EDITOR="sed -i s/other/third/" sops edit file.yaml
expect_output "third" sh -c '"$BOOTSEAL" get file.yaml "[\"c\"][\"d\"]"'
expect_output '{"x":[1,2,"more"]}' sh -c 'sops decrypt --extract "[\"n\"]" --output-type json file.yaml | tr -d " \t\n"; echo'
sops rotate -i file.yaml
expect_output "new" sh -c '"$BOOTSEAL" get file.yaml "[\"b\"][1]"; echo'

# random documents, each way
cat >each <<'END'
f=$1 n=${1##*/} n=${n%.yaml}
tell() { echo "$n: $*"; }
json() { sops decrypt --input-type yaml --output-type json "$1" 2>/dev/null; }
done_with() {
	rm -f $n.*
	echo done >&2
	exit
}
if ! "$BOOTSEAL" encrypt --age "$recipient" "$f" >$n.e 2>$n.notes; then
	sops encrypt --age "$recipient" "$f" >$n.s 2>/dev/null && tell "we refuse it: $(cat $n.notes)"
	exit 0
fi
"$BOOTSEAL" decrypt --input-type yaml $n.e >$n.d 2>$n.err || tell "we cannot open it: $(cat $n.err)"
[ -s $n.notes ] || cmp -s "$f" $n.d || tell "does not come back byte for byte"
sops encrypt --age "$recipient" "$f" >$n.s 2>/dev/null || exit 0
sops decrypt --input-type yaml --output-type yaml $n.e >$n.o 2>$n.err
ours=$?
# Where what sops makes of ours is what we make of sops', there is nothing more to ask; it takes longest.
[ $ours = 0 ] && [ ! -s $n.err ] && "$BOOTSEAL" decrypt --input-type yaml $n.s >$n.m 2>&1 &&
	cmp -s $n.o $n.m && done_with
echo asked more >&2
sops decrypt --input-type yaml --output-type yaml $n.s >$n.t 2>/dev/null || exit 0 # what sops itself cannot open
[ $ours = 0 ] || tell "sops cannot open ours: $(cat $n.err)"
[ ! -s $n.err ] || tell "sops warns: $(cat $n.err)"
cmp -s $n.o $n.t || { json $n.e >$n.1; json $n.s >$n.2; cmp -s $n.1 $n.2; } || tell "is other data for sops"
"$BOOTSEAL" decrypt --input-type yaml $n.s >$n.m 2>$n.err || tell "we cannot open sops': $(cat $n.err)"
[ ! -s $n.err ] || tell "opening sops': $(cat $n.err)"
cmp -s $n.m $n.t || { "$BOOTSEAL" encrypt --input-type yaml --age "$recipient" $n.m >$n.r 2>/dev/null
	sops decrypt --input-type yaml --output-type yaml $n.r >$n.q 2>/dev/null; cmp -s $n.q $n.t; } ||
	{ json $n.r >$n.1; json $n.s >$n.2; cmp -s $n.1 $n.2; } || tell "sops' opens to other data"
done_with
END
count=${BOOTSEAL_DOCUMENTS:-500}
mkdir random work
python3 "$ROOT/tests/interop/gen_yaml.py" --seed "${BOOTSEAL_SEED:-1}" --count "$count" random
(cd work && printf '%s\n' ../random/*.yaml | xargs -P "$(nproc)" -n 1 sh ../each >../wrong 2>../done)
check "of $count random documents, each way" test ! -s wrong
head -n 20 wrong
check "and most of them went the whole way" test "$(grep -c ^done done)" -gt $((count * 9 / 10))
