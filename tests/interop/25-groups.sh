# Key groups, PGP and foreign entries beside the real sops: what one seals or changes, the other opens.
. "${0%/*}/../cli/lib.sh"
own_memory
need sops python3

vectors=$ROOT/tests/vectors/sops
export SOPS_DISABLE_VERSION_CHECK=1
for n in 1 2 3; do
	eval "r$n=$(sed -n 's/^# public key: //p' "$vectors/keys/age$n.txt")"
done
keys() { # NUMBER...: a file with these keys
	for n; do cat "$vectors/keys/age$n.txt"; done >"$TMP/keys.txt"
	export SOPS_AGE_KEY_FILE=$TMP/keys.txt
}
opens() { # NAME FILE: both open it to the same data, without a warning
	if "$BOOTSEAL" decrypt "$2" >ours.txt 2>err && [ ! -s err ] && sops decrypt "$2" >theirs.txt 2>err && [ ! -s err ] &&
		sops encrypt --age "$r1" --input-type yaml --output-type yaml ours.txt >n.yaml &&
		sops encrypt --age "$r1" --input-type yaml --output-type yaml theirs.txt >m.yaml &&
		SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt sops decrypt n.yaml >n.txt &&
		SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt sops decrypt m.yaml >m.txt && cmp -s n.txt m.txt; then
		ok "$1"
	else
		fail "$1" "$(cat err; diff n.txt m.txt)"
	fi
}
refuses() { # NAME FILE: neither does
	"$BOOTSEAL" decrypt "$2" >/dev/null 2>&1 && fail "$1" "ours opens it"
	sops decrypt "$2" >/dev/null 2>&1 && fail "$1" "sops opens it"
	ok "$1"
}
# The metadata, in which all that is random or a time becomes the same.
masked() { sed -e '1,/^sops:$/d' -e 's/ENC\[[^]]*\]/ENC/g' -e 's/"20[^"]*Z"/TIME/' -e 's/^\( *\)[A-Za-z0-9+\/=]\{1,64\}$/\1B/' "$1" | uniq; }
same_layout() { # NAME FILE FILE
	masked "$2" >a.masked
	masked "$3" >b.masked
	cmp -s a.masked b.masked && ok "$1" || fail "$1" "$(diff a.masked b.masked)"
}

cat >plain.yaml <<'EOF'
db:
    password: hunter2
    ports:
        - 5432
        # the second
        - 5433
note: |
    one
    two
EOF

# sops splits it by a rule: any two of three open it here
cat >.sops.yaml <<EOF
creation_rules:
  - shamir_threshold: 2
    key_groups:
      - age: [$r1]
      - age: [$r2]
      - age: [$r3]
EOF
sops encrypt plain.yaml >split.yaml
"$BOOTSEAL" encrypt plain.yaml >ours.yaml
same_layout "a rule with groups" ours.yaml split.yaml
keys 1 3
opens "our 2 of 3" ours.yaml
keys 2
refuses "our 2 of 3 with one key" ours.yaml
rm .sops.yaml
for pair in "1 2" "1 3" "2 3" "1 2 3"; do
	# shellcheck disable=SC2086
	keys $pair
	opens "sops' 2 of 3 with keys $pair" split.yaml
done
keys 2
refuses "sops' 2 of 3 with one key" split.yaml
keys 1 3
printf new | "$BOOTSEAL" set split.yaml '["db"]["password"]'
opens "set in sops' 2 of 3" split.yaml
sops set split.yaml '["db"]["user"]' '"me"'
opens "sops sets behind us" split.yaml
EDITOR="sed -i s/one/more/" "$BOOTSEAL" edit split.yaml
opens "edit in sops' 2 of 3" split.yaml

# groups made here and there are written the same
keys 1 2
"$BOOTSEAL" encrypt --age "$r1" plain.yaml >one.yaml
cp one.yaml theirs.yaml
"$BOOTSEAL" groups add -i -f one.yaml --age "$r2" 2>/dev/null
sops groups add -i -f theirs.yaml --age "$r2"
same_layout "groups add: the second group" one.yaml theirs.yaml
opens "2 of 2" one.yaml
"$BOOTSEAL" groups add -i -f one.yaml --age "$r3" 2>/dev/null
sops groups add -i -f theirs.yaml --age "$r3"
same_layout "groups add: the third, 2 of 3" one.yaml theirs.yaml
keys 2 3
opens "2 of our 3" one.yaml
sops rotate -i one.yaml
opens "rotated by sops" one.yaml
keys 1 2 3
"$BOOTSEAL" groups add -i -f one.yaml --age "$r1,$r2" --shamir-secret-sharing-threshold 4 2>/dev/null
opens "4 of 4" one.yaml
keys 1 3
refuses "4 of 4 with too few" one.yaml
keys 1 2 3
"$BOOTSEAL" groups delete -i -f one.yaml --shamir-secret-sharing-threshold 3 3 2>/dev/null
sops groups delete -i -f one.yaml --shamir-secret-sharing-threshold 2 0
opens "groups deleted here and there" one.yaml
"$BOOTSEAL" groups delete -i -f one.yaml --shamir-secret-sharing-threshold 1 1 2>/dev/null
"$BOOTSEAL" encrypt --age "$r2" plain.yaml >theirs.yaml
keys 2
opens "one group is left, with a threshold" one.yaml
check "a single group is written flat" grep -q '^    age:$' one.yaml
check "and its threshold stays" grep -q '^    shamir_threshold: 1$' one.yaml

# a threshold beside one group: as sops writes it, and of no consequence
keys 1
"$BOOTSEAL" encrypt --age "$r1" --shamir-secret-sharing-threshold 3 plain.yaml >one.yaml
sops encrypt --age "$r1" --shamir-secret-sharing-threshold 3 plain.yaml >theirs.yaml
same_layout "a threshold with one group" one.yaml theirs.yaml
opens "a threshold with one group opens" one.yaml

# entries of all kinds: kept by our set, and sops reads the file as before
cp "$vectors/enc/foreign_keys.yaml" foreign.yaml
chmod u+w foreign.yaml
printf new | "$BOOTSEAL" set foreign.yaml '["a"]'
opens "foreign entries" foreign.yaml
diff <(grep -v -e '^a: ' -e '^    mac: ' -e '^    lastmodified: ' "$vectors/enc/foreign_keys.yaml") \
	<(grep -v -e '^a: ' -e '^    mac: ' -e '^    lastmodified: ' foreign.yaml) >diff.txt && ok "nothing else changed" ||
	fail "set changes foreign entries" "$(cat diff.txt)"

# as sops 3.7 wrote it
keys 1
for name in legacy373_shape comments multidoc; do
	cp "$vectors/enc/$name.yaml" other.yaml
	chmod u+w other.yaml
	"$BOOTSEAL" groups add -i -f other.yaml --age "$r2" --lock-out 2>/dev/null
	keys 1 2
	opens "groups of $name" other.yaml
	keys 1
done

# the other formats: their metadata are written as sops writes them
printf '{\n\t"a": 1,\n\t"b": {\n\t\t"c": "x"\n\t}\n}\n' >plain.json
printf '# c\nA=1\nB=two\n' >plain.env
printf '[x]\na = 1\n\n[y]\nb = two\n' >plain.ini
printf 'bin\0data' >plain.bin
for format in json env ini bin; do
	keys 1 2
	"$BOOTSEAL" encrypt --age "$r1" plain.$format >sealed.$format
	cp sealed.$format theirs.$format
	"$BOOTSEAL" groups add -i -f sealed.$format --age "$r2" 2>/dev/null
	sops groups add -i -f theirs.$format --age "$r2"
	for tool in "$BOOTSEAL" sops; do
		"$tool" decrypt sealed.$format >opened.$format && cmp -s plain.$format opened.$format && ok || fail "$format: 2 of 2 by $tool"
	done
	# what is random apart, and the selector that sops gives a binary file on its way (trap T27)
	[ $format != bin ] || sed -i '/unencrypted_suffix/d' theirs.bin
	sed -e 's/ENC\[[^]]*\]/ENC/g' -e 's/FILE-----.*-----END/FILE-----END/' sealed.$format >a.masked
	sed -e 's/ENC\[[^]]*\]/ENC/g' -e 's/FILE-----.*-----END/FILE-----END/' theirs.$format >b.masked
	expect_same b.masked a.masked
	"$BOOTSEAL" groups delete -i -f theirs.$format --shamir-secret-sharing-threshold 1 0 2>/dev/null
	keys 2
	for tool in "$BOOTSEAL" sops; do
		"$tool" decrypt theirs.$format >opened.$format && cmp -s plain.$format opened.$format && ok || fail "$format: one group by $tool"
	done
done

# PGP
command -v gpg >/dev/null || { skip_one "PGP" "gpg is not installed"; exit 0; }
export GNUPGHOME=$TMP/gnupg
mkdir -m 700 "$GNUPGHOME"
at_exit 'gpgconf --kill gpg-agent 2>/dev/null'
gpg --batch --quiet --passphrase '' --quick-generate-key 'Test <test@example.org>' rsa2048 default never 2>/dev/null
fp=$(gpg --list-keys --with-colons 2>/dev/null | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -n 1)
gpg --batch --quiet --passphrase '' --quick-add-key "$fp" rsa2048 encrypt never 2>/dev/null
unset SOPS_AGE_KEY_FILE
"$BOOTSEAL" encrypt --pgp "$fp" plain.yaml >pgp.yaml
opens "PGP alone" pgp.yaml
sops encrypt --pgp "$fp" plain.yaml >theirs.yaml
opens "PGP alone, by sops" theirs.yaml
masked pgp.yaml | grep -v '^ *=' | grep -v "^ *B$" >a.masked
masked theirs.yaml | grep -v '^ *=' | grep -v "^ *B$" >b.masked
expect_same a.masked b.masked
cat >.sops.yaml <<EOF
creation_rules:
  - shamir_threshold: 2
    key_groups:
      - pgp: [$fp]
      - age: [$r1]
        pgp: [$fp]
EOF
"$BOOTSEAL" encrypt plain.yaml >ruled.yaml
opens "PGP in a rule's groups" ruled.yaml
rm .sops.yaml
SOPS_PGP_FP=$fp "$BOOTSEAL" encrypt --age "$r1" plain.yaml >both.yaml
opens "PGP of the two" both.yaml
keys 1
GNUPGHOME=/nonexistent opens "age of the two" both.yaml
"$BOOTSEAL" groups add -i -f both.yaml --pgp "$fp" --age "$r2" 2>/dev/null
opens "a group with PGP and age" both.yaml
sops groups delete -i -f both.yaml --shamir-secret-sharing-threshold 1 0
GNUPGHOME=/nonexistent refuses "neither key of the group" both.yaml
opens "PGP of the group that is left" both.yaml
keys 2
GNUPGHOME=/nonexistent opens "age of the group that is left" both.yaml
