# rotate and updatekeys beside the real sops: it opens what they made, and they what it made.
. "${0%/*}/../cli/lib.sh"
need sops

for i in 1 2 3; do "$BOOTSEAL" keygen -o key$i 2>/dev/null; done
recipient() { sed -n 's/^# public key: //p' "$TMP/key$1"; }
one=$(recipient 1) two=$(recipient 2) three=$(recipient 3)
export SOPS_AGE_KEY_FILE=$TMP/key1 SOPS_DISABLE_VERSION_CHECK=1
rules() { printf 'creation_rules:\n- age: %s\n' "$1" >.sops.yaml; }
quietly() { # COMMAND...: without a word on stderr
	"$@" 2>warnings && [ ! -s warnings ] || { cat warnings; return 1; }
}

# every format there and back, sealed by either
rules "$one"
printf 'a: secret # c\nl: [x, {y: 1.50}]\n# d\nb_unencrypted: open\n' >f.yaml
printf '{"a": "secret", "n": [1, null, true]}\n' >f.json
printf '# c\na=secret\nb=2\n' >f.env
printf '[s]\n; c\na = secret\n' >f.ini
printf 'secret\0\377' >f.bin
for name in f.yaml f.json f.env f.ini f.bin; do
	for who in ours theirs; do
		rules "$one"
		if [ $who = ours ]; then "$BOOTSEAL" encrypt $name >$who.$name; else sops encrypt $name >$who.$name; fi
		quietly sops decrypt $who.$name >expected
		rules "$one,$two"
		cp $who.$name before
		check "updatekeys $who $name" "$BOOTSEAL" updatekeys -y $who.$name
		for key in 1 2; do
			SOPS_AGE_KEY_FILE=$TMP/key$key check "sops opens $who $name with key $key" quietly sops decrypt --output out $who.$name
			expect_same expected out
		done
		check "sops agrees that $who $name is up to date" sh -c 'sops updatekeys -y "$1" 2>&1 | grep -q "already up to date"' - $who.$name
		check "rotate $who $name" "$BOOTSEAL" rotate -i $who.$name
		SOPS_AGE_KEY_FILE=$TMP/key2 check "sops opens the rotated $who $name" quietly sops decrypt --output out $who.$name
		expect_same expected out
		check "sops rotates it" sops rotate -i $who.$name
		check "and we" "$BOOTSEAL" rotate -i $who.$name
		check "we verify it" "$BOOTSEAL" verify $who.$name
		check "sops takes a key out" sops rotate -i --rm-age "$two" $who.$name
		rules "$one,$three"
		check "sops updates" sops updatekeys -y $who.$name
		check "we agree" "$BOOTSEAL" updatekeys --check $who.$name
		check "we open it" quietly "$BOOTSEAL" decrypt --output out $who.$name
		"$BOOTSEAL" verify $who.$name >said || fail "verify $who $name of sops" "$(cat said)"
		SOPS_AGE_KEY_FILE=$TMP/key3 sops decrypt --output theirs.out $who.$name 2>/dev/null
		SOPS_AGE_KEY_FILE=$TMP/key3 "$BOOTSEAL" decrypt --output out $who.$name 2>/dev/null
		expect_same theirs.out out
	done
done

# the same words and the same question
for pair in "$one:$one,$two" "$one,$two:$two,$three,$one" "$one,$two:$one"; do
	rules "${pair%%:*}"
	sops encrypt f.yaml >g.yaml
	rules "${pair##*:}"
	cp g.yaml theirs.yaml
	echo y | sops updatekeys theirs.yaml >theirs.out 2>theirs.err
	echo y | "$BOOTSEAL" updatekeys g.yaml >ours.out 2>ours.err
	expect_same theirs.out ours.out
	expect_same <(sed 's/^[0-9/]* [0-9:]* //; s/theirs/g/' theirs.err) ours.err
done

# key groups: sops opens what the rule's threshold made of it (trap T31)
rules "$one"
sops encrypt f.yaml >g.yaml
printf 'creation_rules:\n- shamir_threshold: 2\n  key_groups:\n  - age: [%s]\n  - age: [%s]\n  - age: [%s]\n' "$one" "$two" "$three" >.sops.yaml
cat key1 key3 >key13
cp g.yaml theirs.yaml
sops updatekeys -y theirs.yaml >/dev/null 2>&1
check "T31 is there still" sh -c '! SOPS_AGE_KEY_FILE=key13 sops decrypt theirs.yaml'
SOPS_AGE_KEY_FILE=key13 check "T31" "$BOOTSEAL" updatekeys -y g.yaml
SOPS_AGE_KEY_FILE=key13 check "T31: two of three" quietly sops decrypt --output out g.yaml
SOPS_AGE_KEY_FILE=key13 check "T31: rotate" "$BOOTSEAL" rotate -i g.yaml
SOPS_AGE_KEY_FILE=key13 check "T31: rotated" quietly sops decrypt --output out2 g.yaml
expect_same out out2
