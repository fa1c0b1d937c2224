#!/usr/bin/env bash
# YAML files of several documents beside the real sops: the metadata in each of them, as sops writes them.
# A twentieth of BOOTSEAL_DOCUMENTS (240) is how many random files go each way; each tenth is changed by each command.
. "${0%/*}/sops.sh"
export recipient recipient2 BOOTSEAL
key2=$vectors/keys/age2.txt
mkdir bin
ln -s "$BOOTSEAL" bin/sops
export OURS=$TMP/bin/sops

# How many documents have metadata, and are these the same? In blocks and in braces, under a key in quotes or not.
cat >copies.py <<'EOF'
import re, sys
text = open(sys.argv[1], encoding="utf-8", newline="").read().replace("\r\n", "\n")
macs = re.findall(r'^"?sops"?:.*?\bmac: (ENC\[[^]]*\])|\bsops: \{.*?\bmac: .?(ENC\[[^]]*\])', text, re.S | re.M)
enc = re.findall(r"-----BEGIN AGE ENCRYPTED FILE-----(?:\\n|\s)(.*?)-----END", text, re.S)
enc = [re.sub(r"\\n|\s", "", e) for e in enc]
print(len(macs), len(set(a or b for a, b in macs)), len(enc) // max(1, len(macs)) == len(set(enc)))
EOF
copies() { python3 "$TMP/copies.py" "$1"; }

# --- by hand
cat >plain.yaml <<'END1'
%YAML 1.1
---
a: &x 1
b: *x
# the end of the first
---
---
# an empty one with a comment
--- # behind a mark
c: # of c
  d: two
  # deep
# the end
...
---
{e: 3}
---
f: |
  text
END1
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml 2>/dev/null
expect_output "6 1 True" copies sealed.yaml
"$BOOTSEAL" decrypt sealed.yaml >back.yaml
sed 's/ &x 1/ 1/; s/\*x/1/' plain.yaml | sed 's/^a: 1/a: \&x 1/' | cmp -s - back.yaml &&
	ok "back byte for byte, but for the alias" || fail "back" "$(diff plain.yaml back.yaml)"
sops encrypt --age "$recipient" plain.yaml | sops decrypt --input-type yaml --output-type yaml >theirs.yaml
opened_by_sops "$(cat theirs.yaml)" sealed.yaml
printf 'a: 1\n---' >bare.yaml
"$BOOTSEAL" encrypt --age "$recipient" bare.yaml >sealed.bare.yaml
"$BOOTSEAL" decrypt sealed.bare.yaml >back.yaml
expect_same bare.yaml back.yaml
opened_by_sops "$(printf 'a: 1\n---\n{}')" sealed.bare.yaml
# what was empty for sops, too, comes back as sops has it
sops encrypt --age "$recipient" bare.yaml >theirs.bare.yaml
opened "$(printf 'a: 1\n---\n{}')" theirs.bare.yaml

# --- each command, ours and then sops', and the other way round
change() { # sops|ours FILE COMMAND: one change, with what it is to be seen by
	local tool=(sops) file=$2
	[ "$1" = sops ] || tool=("$OURS")
	case $3 in
	set) "${tool[@]}" set "$file" '["new"]' '"value"' ;;
	unset) "${tool[@]}" unset "$file" '["new"]' ;;
	edit) EDITOR="sed -i '\$s/\$/ /; 1s/^/# edited\n/'" "${tool[@]}" edit "$file" ;;
	rotate) "${tool[@]}" rotate -i "$file" ;;
	updatekeys)
		printf 'creation_rules:\n- age: %s,%s\n' "$recipient" "$recipient2" >.sops.yaml
		"${tool[@]}" updatekeys -y "$file"
		;;
	groups) SOPS_AGE_KEY_FILE=$TMP/all.txt "${tool[@]}" groups add -f "$file" -i --age "$recipient3" --shamir-secret-sharing-threshold 2 ;;
	esac >/dev/null 2>err
}
rm -f .sops.yaml
for tool in ours sops; do
	cp sealed.yaml f.yaml
	for command in set edit rotate unset updatekeys groups; do
		change $tool f.yaml $command || fail "$tool $command" "$(cat err)"
		case $(copies f.yaml) in
		"6 1 "*) ok "$tool $command: in each document, and the same" ;;
		*) fail "$tool $command" "$(copies f.yaml)" ;;
		esac
		SOPS_AGE_KEY_FILE=$TMP/all.txt sops decrypt f.yaml >theirs 2>warned && [ ! -s warned ] && ok "sops opens it" ||
			fail "sops opens it after $tool $command" "$(cat warned)"
		SOPS_AGE_KEY_FILE=$TMP/all.txt check "and we" "$BOOTSEAL" decrypt f.yaml
		check "nothing to say" test ! -s .err
	done
	rm -f .sops.yaml
done

# --- in the first alone, as earlier versions wrote it
awk '/^"?sops"?:/ { n++ } /^(---|\.\.\.)/ { skip = 0 } n > 1 && /^"?sops"?:/ { skip = 1 } !skip' sealed.yaml |
	sed "s/, sops: {.*/}/" >first.yaml
expect_output "1 1 True" copies first.yaml
"$BOOTSEAL" decrypt first.yaml >back2.yaml
"$BOOTSEAL" decrypt sealed.yaml >back.yaml
expect_same back.yaml back2.yaml
expect_status 0 "$BOOTSEAL" verify first.yaml
for command in set edit rotate updatekeys groups; do
	cp first.yaml f.yaml
	change ours f.yaml $command || fail "$command where one has them" "$(cat err)"
	case $(copies f.yaml) in
	"6 1 "*) ok "$command completes them" ;;
	*) fail "$command completes them" "$(copies f.yaml)" ;;
	esac
	SOPS_AGE_KEY_FILE=$TMP/all.txt sops decrypt f.yaml >theirs 2>warned && [ ! -s warned ] && ok "sops opens it" ||
		fail "sops opens it after $command" "$(cat warned)"
	rm -f .sops.yaml
done

# --- a copy that differs: the first counts, for sops too; it is told, and the next change makes it the same
awk -v other="$recipient2" '/recipient: / && ++n == 2 { sub(/age1.*/, other) } { print }' sealed.yaml >differs.yaml
line=$(grep -n -A 1 '^"sops"' differs.yaml | sed -n '2s/-.*//p')
"$BOOTSEAL" decrypt differs.yaml >back2.yaml 2>err
expect_same back.yaml back2.yaml
echo "bootseal: warning: \"differs.yaml\": line $line: this document's metadata are not those of the first one, which count" >expected
expect_same expected err
check "as sops opens it" sops decrypt differs.yaml
check "which says nothing" test ! -s .err
expect_status 35 "$BOOTSEAL" verify differs.yaml
check "verify says it" grep -qx "differs.yaml:$line: this document's metadata are not those of the first one" .out
for command in set edit rotate updatekeys groups; do
	cp differs.yaml f.yaml
	change ours f.yaml $command || fail "$command where one differs" "$(cat err)"
	check "$command tells it" grep -q "line $line: this document's metadata" err
	case $(copies f.yaml) in
	"6 1 "*) ok "$command makes it the same" ;;
	*) fail "$command makes it the same" "$(copies f.yaml)" ;;
	esac
	rm -f .sops.yaml
done
# one for somebody else alone opens nothing: the first counts
SOPS_AGE_KEY_FILE=$key2 expect_status 128 "$BOOTSEAL" decrypt differs.yaml

# --- random files
cat >each <<'END1'
f=$1 n=${1##*/} n=${n%.yaml}
tell() { echo "$n: $*"; }
# Values and their order, without comments, which sops moves itself.
data() {
	sed -E 's/[ \t]*#[ \t#]*c[0-9]+.*$//; s/[ \t]*#ENC\[.*$//; /^[ \t]*$/d' "$1" |
		sed -zE 's/\{\n *\}/{}/g; s/\[\n *\]/[]/g; s/-\n +/- /g; s/([-:])\n *([[{])/\1 \2/g'
}
same() { cmp -s "$1" "$2" || { data "$1" >$n.1; data "$2" >$n.2; cmp -s $n.1 $n.2; }; }
theirs() { sops decrypt --input-type yaml --output-type yaml "$1" 2>$n.err; }
# What sops makes of what we changed: without a word, and with the same metadata in each document.
changed() {
	theirs $n.c >$n.o || tell "after $1 sops cannot open it: $(cat $n.err)"
	[ ! -s $n.err ] || [ -s $n.warned ] || tell "after $1 sops warns: $(cat $n.err)"
	same $n.o $n.t || tell "after $1 it is other data: $(diff $n.1 $n.2 | head -n 3)"
	set -- "$1" $(python3 ../copies.py $n.c) $(python3 ../copies.py $n.s)
	[ "$2 $3 $4" = "$5 1 True" ] || tell "after $1 the copies are: $2 $3 $4, sops' $5"
}
if ! "$BOOTSEAL" encrypt --age "$recipient" "$f" >$n.e 2>$n.notes; then
	sops encrypt --age "$recipient" "$f" >$n.s 2>/dev/null && tell "we refuse it: $(cat $n.notes)"
	exit 0
fi
"$BOOTSEAL" decrypt --input-type yaml $n.e >$n.d 2>$n.err || tell "we cannot open it: $(cat $n.err)"
[ -s $n.notes ] || cmp -s "$f" $n.d || tell "does not come back byte for byte"
sops encrypt --age "$recipient" "$f" >$n.s 2>/dev/null || exit 0
theirs $n.s >$n.t || exit 0 # what sops itself cannot open
cp $n.err $n.warned # or not without a warning about comments
cp $n.e $n.c
changed sealing
"$BOOTSEAL" decrypt --input-type yaml $n.s >$n.m 2>$n.err || tell "we cannot open sops': $(cat $n.err)"
[ ! -s $n.err ] || tell "opening sops': $(cat $n.err)"
same $n.m $n.t || { sops encrypt --input-type yaml --output-type yaml --age "$recipient" $n.m >$n.r 2>$n.err
	theirs $n.r >$n.q; same $n.q $n.t; } || tell "sops' opens to other data: $(diff $n.1 $n.2 | head -n 3)"
case $n in
*0)
	for from in e s; do
		cp $n.$from $n.c
		"$OURS" rotate --input-type yaml --output-type yaml -i $n.c 2>$n.err && changed rotate || grep -q "how the" $n.err || tell "rotate: $(cat $n.err)"
		"$BOOTSEAL" updatekeys --input-type yaml -y --config ../two.yaml $n.c >/dev/null 2>$n.err && changed updatekeys ||
			tell "updatekeys: $(cat $n.err)"
		"$OURS" set --input-type yaml --output-type yaml $n.c '["new"]' '"value"' 2>$n.err &&
			"$OURS" unset --input-type yaml --output-type yaml $n.c '["new"]' 2>>$n.err && changed "set and unset" ||
			grep -q "how the" $n.err || tell "set: $(cat $n.err)"
	done
	;;
esac
rm -f $n.*
echo done >&2
END1
printf 'creation_rules:\n- age: %s,%s\n' "$recipient" "$recipient2" >two.yaml
count=$((${BOOTSEAL_DOCUMENTS:-240} / 20))
mkdir random work
python3 "$ROOT/tests/interop/gen_yaml.py" --several --seed "${BOOTSEAL_SEED:-1}" --count "$count" random
(cd work && printf '%s\n' ../random/*.yaml | xargs -P "$(nproc)" -n 1 sh ../each >../wrong 2>../done)
check "of $count random files of several documents, each way" test ! -s wrong
head -n 20 wrong
check "and most of them went the whole way" test "$(grep -c ^done done)" -gt $((count * 8 / 10))
