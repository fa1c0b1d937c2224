# What a debugger finds in a core dump at the end of a command: the output that was asked for, and no
# copy of plaintext, data key or identity beside it. (The program forbids dumps; root's gdb can make one.)
. "${0%/*}/../cli/lib.sh"
need gdb python3
[ "$(id -u)" = 0 ] || skip "a process that is not dumpable is read by root alone"
case $(strings -a "$BOOTSEAL" 2>/dev/null | grep -c __asan_init) in
0) ;;
*) skip "a sanitizer keeps copies of its own" ;;
esac

vectors=$ROOT/tests/vectors/sops
recipient=$(sed -n 's/^# public key: //p' "$vectors/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt

# marks that stand nowhere else: short and long, all styles, in comments, too
python3 - >plain.yaml <<'END'
import random
r = random.Random(7)
mark = lambda n: "MARK" + "".join(r.choice("abcdefghijkmnpqrstuvwxyz") for _ in range(n))
print("# " + mark(12))
for i in range(40):
    print(f"plain{i}: {mark(12)}")
    print(f"double{i}: \"{mark(20)}\\n{mark(8)}\" # {mark(9)}")
    print(f"single{i}: '{mark(300)}'")
    print(f"block{i}: |\n  {mark(40)}\n  {mark(900)}")
    print(f"flow{i}: [{mark(14)}, {{k: {mark(15)}}}]")
# longer than a library's first guesses, so that their texts grow
print("key: |\n" + "".join(f"  {mark(63)}\n" for i in range(40)), end="")
for i in range(4):
    print(f"long{i}: |-\n  {mark(30)}\n  {mark(2000)}")
print("map: {k: is asked for}")
print("last: the value that is asked for")
END
python3 - >plain.json <<'END'
import json, re
words = re.findall("MARK[a-z]+", open("plain.yaml").read())
print(json.dumps({"key": "\n".join(words[:60]), "list": words, "map": {"k": "is asked for"}}, indent=2))
END
"$BOOTSEAL" encrypt --age "$recipient" plain.json >sealed.json
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml

# The needles: each mark, the identity in text and as a scalar, and the data key.
cat >look.py <<'END'
import re, sys, subprocess, base64
core = open("core", "rb").read()
secret = open(sys.argv[1]).read().split("AGE-SECRET-KEY-1")[1].split()[0]
charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
bits = "".join(format(charset.index(c.lower()), "05b") for c in secret[:-6])
scalar = bytes(int(bits[i:i + 8], 2) for i in range(0, 256, 8))
text = open("sealed.yaml").read()
armor = re.search(r"-----BEGIN.*?END AGE ENCRYPTED FILE-----", text, re.S).group(0)
armor = "\n".join(line.strip() for line in armor.split("\n")) + "\n"
key = subprocess.run([sys.argv[2], "age", "-d", "-i", sys.argv[1]], input=armor.encode(), capture_output=True).stdout
assert len(key) == 32, key
needles = {"identity as text": secret.encode(), "identity": scalar, "data key": key}
needles.update((m, m.encode()) for m in re.findall(r"MARK[a-z]+", open("plain.yaml").read()))
# pieces of the long ones, which a text that grew may have left
for m in [m for m in needles if m.startswith("MARK") and len(m) > 40]:
    needles.update((m[i:i + 16], m[i:i + 16].encode()) for i in range(0, min(len(m) - 16, 400), 32))
allowed = set(sys.argv[3:])
found = 0
for name, needle in needles.items():
    count = core.count(needle) if name not in allowed else 0
    if count:
        found += 1
        if found < 10:
            print("%d copies of %s" % (count, name[:40]))
print("%d needles, core of %d bytes" % (len(needles), len(core)))
sys.exit(found > 0)
END

# Stops at a function, by default when the process ends and all was released, and dumps all memory: also what is
# locked and left out of ordinary dumps.
at=exit
dump() { # ARGUMENT...
	rm -f core
	gdb -q -batch -nx -ex 'set pagination off' -ex 'set confirm off' -ex 'set breakpoint pending on' \
		-ex 'set use-coredump-filter off' -ex 'set dump-excluded-mappings on' -ex "break $at" \
		-ex "run $(printf '%q ' "$@") >out 2>err" -ex 'generate-core-file core' -ex kill "$BOOTSEAL" \
		>gdb.log 2>&1 || : the core tells
	[ -s core ] || skip "gdb cannot dump here: $(tail -n 1 gdb.log)"
}

at=sops_file_extract dump decrypt sealed.yaml
python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL" >found || : it fails where it finds something
check "this test finds what is there" grep -q "copies of MARK" found
check "and keys" grep -q "copies of data key" found
dump decrypt sealed.yaml
check "it was opened" cmp -s out plain.yaml
check "after decrypt" python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL"
dump get sealed.yaml '["last"]'
check "it was read" grep -q "asked for" out
check "after get" python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL"
for type in yaml json; do
	dump get sealed.$type '["map"]'
	check "it was read" grep -q "k.*: .*is asked for" out
	check "after get of a map ($type)" python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL"
	dump decrypt --extract '["map"]' sealed.$type
	check "after extracting a map ($type)" python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL"
done
dump encrypt --age "$recipient" plain.json
check "after encrypt of JSON" python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL"
dump encrypt --age "$recipient" plain.yaml
check "after encrypt" python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL"
cp sealed.yaml set.yaml
printf '"MARKset"' >value.json
dump set --value-file set.yaml '["plain1"]' value.json
check "after set" python3 look.py "$SOPS_AGE_KEY_FILE" "$BOOTSEAL"
SOPS_AGE_KEY=$(grep AGE-SECRET "$SOPS_AGE_KEY_FILE")
key_file=$SOPS_AGE_KEY_FILE
unset SOPS_AGE_KEY_FILE
export SOPS_AGE_KEY
dump decrypt sealed.yaml
check "with the identity in the environment" python3 look.py "$key_file" "$BOOTSEAL"
