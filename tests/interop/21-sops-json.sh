# JSON and binary files beside the real sops, and documents that become another format.
# BOOTSEAL_DOCUMENTS (200) is how many random documents of each format go each way.
. "${0%/*}/../cli/lib.sh"
own_memory
need sops python3

vectors=$ROOT/tests/vectors/sops
recipient=$(sed -n 's/^# public key: //p' "$vectors/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt recipient BOOTSEAL ROOT
export SOPS_DISABLE_VERSION_CHECK=1

# the same data, types and order, however it is spelled: what sops makes of it
normal() { # FILE TO
	sops encrypt --age "$recipient" "$1" >normal.json 2>/dev/null && sops decrypt normal.json >"$2" 2>/dev/null
}

# sops sealed, we open: to what sops opens it to
for file in "$vectors"/enc/*.json "$vectors"/enc/*.bin "$vectors"/enc/*.txt; do
	name=${file##*/}
	case $name in shamir_*) continue ;; esac
	"$BOOTSEAL" decrypt "$file" >"ours.$name" 2>err || fail "open $name" "$(cat err)"
	sops decrypt "$file" >"theirs.$name"
	if cmp -s "ours.$name" "$vectors/dec/$name" || cmp -s "ours.$name" "theirs.$name"; then
		ok "$name"
	elif normal "ours.$name" a && normal "theirs.$name" b && cmp -s a b; then
		ok "$name: the same data"
	else
		fail "$name opens to other data" "$(diff "ours.$name" "theirs.$name" | head -n 10)"
	fi
done

# we seal, sops opens without a warning; and back byte for byte
for file in "$vectors"/plain/*.json "$vectors"/plain/*.bin "$vectors"/plain/*.txt; do
	name=${file##*/}
	"$BOOTSEAL" encrypt --age "$recipient" "$file" >"sealed.$name" 2>err || fail "seal $name" "$(cat err)"
	"$BOOTSEAL" decrypt "sealed.$name" >"back.$name"
	expect_same "$file" "back.$name"
	sops decrypt "sealed.$name" >"theirs.$name" 2>warnings && [ ! -s warnings ] || fail "sops opens $name" "$(cat warnings)"
	sops encrypt --age "$recipient" "$file" >"again.$name"
	sops decrypt "again.$name" >"expected.$name"
	expect_same "expected.$name" "theirs.$name"
done

# what one tool writes as another format, the other one writes
cat >doc.yaml <<'END'
# top
a: 1
b: [x, "y", {c: 2.50, d: ~}]
e:
  t: 2020-01-01
  big: 1e30
  s: "x\ny <&>"
  yes: "yes"
f: true
END
sops encrypt --age "$recipient" doc.yaml >doc.enc.yaml 2>/dev/null
sops encrypt --age "$recipient" "$vectors/plain/types.json" >doc.enc.json 2>/dev/null
for file in doc.enc.yaml doc.enc.json; do
	for type in json yaml; do
		[ "${file##*.}" != $type ] || continue
		sops decrypt --output-type $type $file >theirs.$type
		"$BOOTSEAL" decrypt --output-type $type $file >ours.$type
		# whatever the spelling, sops reads the same
		sops encrypt --age "$recipient" ours.$type >ours.e.$type
		sops encrypt --age "$recipient" theirs.$type >theirs.e.$type
		sops decrypt ours.e.$type >ours.n.$type
		sops decrypt theirs.e.$type >theirs.n.$type
		expect_same theirs.n.$type ours.n.$type
	done
done
"$BOOTSEAL" decrypt --output-type json doc.enc.yaml >ours.json
sops decrypt --output-type json doc.enc.yaml >theirs.json
expect_same theirs.json ours.json
"$BOOTSEAL" encrypt --age "$recipient" --output-type json doc.yaml >converted.json
sops decrypt converted.json >theirs.json
expect_same ours.json theirs.json
"$BOOTSEAL" encrypt --age "$recipient" --output-type yaml "$vectors/plain/types.json" >converted.yaml
check "sops opens JSON that we sealed as YAML" sh -c 'sops decrypt converted.yaml 2>&1 >/dev/null | grep . && exit 1 || exit 0'
for index in '["a"]' '["b"]' '["b"][2]["d"]' '["e"]["t"]' '["e"]["s"]' '["f"]' '["e"]["big"]' '["e"]'; do
	sops decrypt --extract "$index" --output-type json doc.enc.yaml >theirs.part
	"$BOOTSEAL" decrypt --extract "$index" --output-type json doc.enc.yaml >ours.part
	expect_same theirs.part ours.part
done

# sops seals, we change it, sops changes it, we open it
three_ways() { # FILE INDEX
	sops encrypt -i --age "$recipient" "$1"
	printf 'ours' | "$BOOTSEAL" set "$1" "$2"
	[ "$(sops decrypt --extract "$2" "$1" 2>err)" = ours ] && [ ! -s err ] || fail "sops reads what we set in $1" "$(cat err)"
	sops set "$1" "$2" '"theirs & <co>"'
	"$BOOTSEAL" get "$1" "$2" >got
	[ "$(cat got)" = 'theirs & <co>' ] && ok "three ways: $1" || fail "three ways: $1" "$(cat got)"
}
printf '{"a": {"b": [1, "x"]}, "c": "/&"}\n' >three.json
three_ways three.json '["a"]["b"][1]'
"$BOOTSEAL" decrypt three.json | tr -d ' \n\t' >got
printf '%s' '{"a":{"b":[1,"theirs\u0026\u003cco\u003e"]},"c":"/\u0026"}' >expected
expect_same expected got
printf 'a\0b\377' >three.bin
three_ways three.bin '["data"]'
EDITOR="sed -i s/theirs/edited/" "$BOOTSEAL" edit three.json
EDITOR="sed -i s/edited/third/" sops edit three.json
expect_output "third & <co>" sh -c '"$BOOTSEAL" get three.json "[\"a\"][\"b\"][1]"; echo'

# random documents, each way
cat >each <<'END'
f=$1 n=${1##*/}
tell() { echo "$n: $*"; }
done_with() {
	rm -f ?.$n $n.*
	echo done >&2
	exit
}
if ! "$BOOTSEAL" encrypt --age "$recipient" "$f" >e.$n 2>$n.notes; then
	sops encrypt --age "$recipient" "$f" >s.$n 2>/dev/null && tell "we refuse it: $(cat $n.notes)"
	exit 0
fi
"$BOOTSEAL" decrypt e.$n >d.$n 2>$n.err || tell "we cannot open it: $(cat $n.err)"
[ -s $n.notes ] || cmp -s "$f" d.$n || tell "does not come back byte for byte"
sops encrypt --age "$recipient" "$f" >s.$n 2>/dev/null || exit 0
sops decrypt e.$n >o.$n 2>$n.err
ours=$?
# Where what sops makes of ours is what we make of sops', there is nothing more to ask; it takes longest.
[ $ours = 0 ] && [ ! -s $n.err ] && "$BOOTSEAL" decrypt s.$n >m.$n 2>&1 && cmp -s o.$n m.$n && done_with
echo asked more >&2
sops decrypt s.$n >t.$n 2>/dev/null || exit 0 # what sops itself cannot open
[ $ours = 0 ] || tell "sops cannot open ours: $(cat $n.err)"
[ ! -s $n.err ] || tell "sops warns: $(cat $n.err)"
cmp -s o.$n t.$n || tell "is other data for sops"
"$BOOTSEAL" decrypt s.$n >m.$n 2>$n.err || tell "we cannot open sops': $(cat $n.err)"
[ ! -s $n.err ] || tell "opening sops': $(cat $n.err)"
cmp -s m.$n t.$n || { sops encrypt --age "$recipient" m.$n >r.$n 2>/dev/null
	sops decrypt r.$n >q.$n 2>/dev/null; cmp -s q.$n t.$n; } || tell "sops' opens to other data"
done_with
END
count=${BOOTSEAL_DOCUMENTS:-200}
random() { # KIND
	(cd work && find ../random -type f | xargs -P "$(nproc)" -n 1 sh ../each >../wrong 2>../done)
	check "of $count random $1 documents, each way" test ! -s wrong
	head -n 20 wrong
	check "and most of them went the whole way" test "$(grep -c ^done done)" -gt $((count * 9 / 10))
	rm -f random/*
}
mkdir random work
python3 "$ROOT/tests/interop/gen_json.py" --seed "${BOOTSEAL_SEED:-1}" --count "$count" random
random JSON
python3 - "${BOOTSEAL_SEED:-1}" "$count" <<'END'
import random, sys
rng = random.Random(int(sys.argv[1]))
for i in range(int(sys.argv[2])):
    size = rng.choice([0, 1, 2, 15, 16, 17, 100, 1000, 5000])
    data = bytes(rng.randrange(256) for _ in range(size)) if rng.random() < 0.6 else \
        rng.choice([b"{}", b'{"data": "x"}', b"a: 1\n", b"\n", b"\r\n", b"text \xff\n", b"\x00", b"ENC[", b"\xef\xbb\xbf{}"])
    open("random/%05d.bin" % i, "wb").write(data)
END
random binary
