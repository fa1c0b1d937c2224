# dotenv and INI beside the real sops, as 20-sops.sh: BOOTSEAL_DOCUMENTS (500) random documents a format, each way.
. "${0%/*}/../cli/lib.sh"
need sops python3

vectors=$ROOT/tests/vectors/sops
recipient=$(sed -n 's/^# public key: //p' "$vectors/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt recipient BOOTSEAL ROOT
export SOPS_DISABLE_VERSION_CHECK=1

# sops' own files: sealed there, opened here, to the bytes that sops opens them to
for file in "$vectors"/enc/*.env "$vectors"/enc/*.ini; do
	name=${file##*/}
	"$BOOTSEAL" decrypt "$file" >ours 2>err || fail "open $name" "$(cat err)"
	expect_same "$vectors/dec/$name" ours
done
for file in "$vectors"/plain/*.env "$vectors"/plain/*.ini; do
	type=${file##*.}
	"$BOOTSEAL" encrypt --age "$recipient" "$file" >sealed.$type || fail "seal $file"
	"$BOOTSEAL" decrypt sealed.$type >back.$type
	expect_same "$file" back.$type
	sops decrypt sealed.$type >theirs.$type 2>warnings || fail "sops opens $file" "$(cat warnings)"
	sops encrypt --age "$recipient" "$file" >theirs.sealed.$type
	sops decrypt theirs.sealed.$type >expected.$type
	check "no warning" test ! -s warnings
	expect_same expected.$type theirs.$type
done

# a file that each of them changes in turn
for type in env ini; do
	case $type in
	env) printf '# c\nA=1\n\nB=two\\nlines' >file.$type; key='["A"]' new='["N"]' ;;
	ini) printf '; c\n[s]\nA=1\n\nB = "2" ; two' >file.$type; key='["s"]["A"]' new='["s"]["N"]' ;;
	esac
	"$BOOTSEAL" encrypt --in-place --age "$recipient" file.$type
	printf '"by sops"' >value.json
	sops set --value-file file.$type "$key" value.json
	printf 'by us' | "$BOOTSEAL" set file.$type "$new"
	EDITOR="sed -i s/sops/both/" sops edit file.$type
	EDITOR="sed -i s/us/both/" "$BOOTSEAL" edit file.$type
	sops rotate -i file.$type
	expect_output "by both" sh -c '"$BOOTSEAL" get file.'$type" '$key'; echo"
	expect_output "by both" sh -c 'sops decrypt --extract '"'$new'"' file.'$type'; echo'
done

cat >each <<'END'
f=$1 n=${1##*/} type=${1##*.} n=${n%.*}
tell() { echo "$n.$type: $*"; }
# as sops prints JSON: the metadata come last, with a comma before them
plain() { sops encrypt --age "$recipient" --unencrypted-regex . --output-type json "$1" 2>/dev/null | sed '/^\t"sops": {$/,$d; s/,$//'; }
json() { sops decrypt --output-type json "$1" 2>/dev/null | sed '/^}$/d; s/^{}$/{/; s/,$//'; }
done_with() {
	rm -f $n.*
	echo done >&2
	exit
}
# sops loses marks of INI's comments that it does not seal, and comments that are nothing else
printed() { if [ $type = env ]; then cat "$1"; else sed 's/^[;#][;# ]*/; /; /^; *$/d' "$1"; fi; }
# how long each sealed value is, and its type; of comments, where sops loses marks, what is printed tells more
shape() {
	awk '{ gsub(/ENC\[[^]]*type:comment\]/, "") }
		match($0, /ENC\[AES256_GCM,data:[^,]*/) {
			text = substr($0, RSTART + 20, RLENGTH - 20)
			gsub(/[A-Za-z0-9+\/]/, ".", text)
			match($0, /type:[a-z]*\]/)
			print text, substr($0, RSTART, RLENGTH)
		}' "$1"
}
if ! "$BOOTSEAL" encrypt --age "$recipient" "$f" >$n.e.$type 2>$n.notes; then
	sops encrypt --age "$recipient" "$f" >/dev/null 2>&1 && tell "we refuse it: $(cat $n.notes)"
	exit 0
fi
"$BOOTSEAL" decrypt $n.e.$type >$n.d.$type 2>$n.err || tell "we cannot open it: $(cat $n.err)"
[ -s $n.notes ] || cmp -s "$f" $n.d.$type || tell "does not come back byte for byte"
sops decrypt $n.e.$type >$n.o 2>$n.err
ours=$?
sops encrypt --age "$recipient" "$f" >$n.s.$type 2>/dev/null
# Where what sops makes of ours is what we make of sops', sealed as the same, there is nothing more to ask;
# sops takes longer than all of the rest.
[ $ours = 0 ] && [ ! -s $n.err ] && cmp -s "$f" $n.d.$type && "$BOOTSEAL" decrypt $n.s.$type >$n.m.$type 2>&1 &&
	[ "$(printed $n.o)" = "$(printed $n.m.$type)" ] && [ "$(shape $n.e.$type)" = "$(shape $n.s.$type)" ] && done_with
echo asked more >&2
plain "$f" >$n.1
cp $n.1 $n.2
cmp -s "$f" $n.d.$type || plain $n.d.$type >$n.2
json $n.e.$type >$n.3
cmp -s $n.1 $n.2 || tell "comes back as other data"
cmp -s $n.1 $n.3 || tell "is other data for sops"
grep -q warning $n.err && tell "sops warns: $(cat $n.err)"
if sops decrypt $n.s.$type >$n.t 2>/dev/null; then # what sops itself can open
	[ $ours = 0 ] || tell "sops cannot open ours: $(head -n 1 $n.err)"
	[ "$(printed $n.o)" = "$(printed $n.t)" ] || tell "sops prints ours otherwise"
	"$BOOTSEAL" decrypt $n.s.$type >$n.m.$type 2>$n.err || tell "we cannot open sops': $(cat $n.err)"
	[ ! -s $n.err ] || tell "opening sops': $(cat $n.err)"
	[ "$(printed $n.m.$type)" = "$(printed $n.t)" ] || { plain $n.m.$type >$n.2; json $n.s.$type >$n.3; cmp -s $n.2 $n.3; } || tell "sops' opens to other data"
fi
done_with
END
count=${BOOTSEAL_DOCUMENTS:-500}
for type in env ini; do
	mkdir -p $type work
	python3 "$ROOT/tests/interop/gen_flat.py" --format $type --seed "${BOOTSEAL_SEED:-1}" --count "$count" $type
	(cd work && printf '%s\n' ../$type/* | xargs -P "$(nproc)" -n 1 sh ../each >../wrong 2>../done)
	check "of $count random $type documents, each way" test ! -s wrong
	head -n 20 wrong
	check "and most of them went the whole way" test "$(grep -c ^done done)" -gt $((count * 8 / 10))
done
