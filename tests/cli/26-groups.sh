# Key groups, thresholds, decryption order and PGP, with a program in the place of gpg.
. "${0%/*}/../cli/lib.sh"
own_memory

vectors=$ROOT/tests/vectors/sops
for n in 1 2 3; do
	eval "r$n=$(sed -n 's/^# public key: //p' "$vectors/keys/age$n.txt")"
done
keys() {
	for n; do cat "$vectors/keys/age$n.txt"; done >"$TMP/keys.txt"
	export SOPS_AGE_KEY_FILE=$TMP/keys.txt
}
opens() { # NAME FILE
	if "$BOOTSEAL" decrypt "$2" >opened.yaml 2>err && cmp -s plain.yaml opened.yaml; then ok; else fail "$1" "$(cat err)"; fi
}
fp=FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4

printf 'a: hunter2\nb:\n  - 1\n' >plain.yaml
keys 1
"$BOOTSEAL" encrypt --age "$r1" plain.yaml >sealed.yaml
fresh() { cp sealed.yaml file.yaml; }

# a plan that would lock the caller out
fresh
expect_error "you could not open the file any more: 2 of 2 groups would be needed" \
	"$BOOTSEAL" groups add -i -f file.yaml --age "$r2"
expect_same sealed.yaml file.yaml
expect_status 32 "$BOOTSEAL" groups add -f file.yaml --age "$r2"
check "insisted on" "$BOOTSEAL" groups add -i -f file.yaml --age "$r2" --lock-out
expect_error "2 of its 2 key groups are needed, and 1 opened (Group 0: SUCCESS; Group 1: FAILED ($r2))" \
	"$BOOTSEAL" decrypt file.yaml
expect_status 128 "$BOOTSEAL" decrypt file.yaml
# as sops each group is a paragraph
mkdir bin
ln -s "$BOOTSEAL" bin/sops
expect_status 128 bin/sops decrypt file.yaml
printf 'Error: Failed to get the data key required to decrypt the SOPS file.\n\nGroup 0: SUCCESS\n\nGroup 1: FAILED\n\n' >expected
head -n 6 .err >told
expect_same expected told
keys 1 2
opens "with both keys" file.yaml

# without -i: on stdout, and who can open it on stderr
"$BOOTSEAL" groups add -f file.yaml --age "$r3" >three.yaml 2>told
check "the file stays" test "$(grep -c recipient: file.yaml)" = 2
check "three groups" test "$(grep -c recipient: three.yaml)" = 3
cat >expected <<EOF
Group 0
    $r1
Group 1
    $r2
Group 2
    $r3
2 of 3 groups are needed to open it
EOF
expect_same expected told
for pair in "1 2" "1 3" "2 3"; do
	# shellcheck disable=SC2086
	keys $pair
	check "keys $pair of 2 of 3" "$BOOTSEAL" decrypt three.yaml
done

# the threshold was lost: as in sops, what opens is tried, and too few of it is told as such
sed '/shamir_threshold/d' three.yaml >unsaid.yaml
for pair in "1 2" "1 3" "2 3" "1 2 3"; do
	# shellcheck disable=SC2086
	keys $pair
	opens "keys $pair, threshold unsaid" unsaid.yaml
done
keys 1
expect_error "and 1 opened" "$BOOTSEAL" decrypt unsaid.yaml
keys 1 2 3
"$BOOTSEAL" groups add -f three.yaml --age "$r1" --shamir-secret-sharing-threshold 3 2>told |
	sed '/shamir_threshold/d' >unsaid.yaml
keys 2 3
expect_error "and 2 opened" "$BOOTSEAL" decrypt unsaid.yaml
expect_status 128 "$BOOTSEAL" decrypt unsaid.yaml

# what cannot be
keys 1 2 3
expect_error "there is no group 3: it has 3" "$BOOTSEAL" groups delete -f three.yaml 3
expect_error "is no number of a group" "$BOOTSEAL" groups delete -f three.yaml x
expect_error "a Shamir threshold of 9 cannot be met" "$BOOTSEAL" groups add -f three.yaml --age "$r1" --shamir-secret-sharing-threshold 9
expect_error "a Shamir threshold of 1" "$BOOTSEAL" groups add -f three.yaml --age "$r1" --shamir-secret-sharing-threshold 1
expect_error "a group needs a key" "$BOOTSEAL" groups add -f three.yaml
expect_error "an empty recipient" "$BOOTSEAL" groups add -f three.yaml --age "$r1,"
expect_error "no file specified" "$BOOTSEAL" groups add --age "$r1"
expect_error "nobody could open it" "$BOOTSEAL" groups delete -f sealed.yaml 0
check "one goes" "$BOOTSEAL" groups delete -i -f three.yaml 0
expect_error "removing this key group will make the Shamir threshold impossible to satisfy: Shamir threshold is 2, but we only have 1 key groups" \
	"$BOOTSEAL" groups delete -i -f three.yaml 0
expect_status 1 "$BOOTSEAL" groups delete -i -f three.yaml 0
keys 3
expect_status 128 "$BOOTSEAL" groups delete -i -f three.yaml 0
expect_error "an argument is missing" "$BOOTSEAL" groups delete -f three.yaml

# foreign entries: what needs their keys is refused before anything changes
keys 1
cp "$vectors/enc/foreign_keys.yaml" foreign.yaml
expect_error 'to the kms key "arn:aws:kms:us-east-1:' "$BOOTSEAL" groups add -i -f foreign.yaml --age "$r2"
expect_status 33 "$BOOTSEAL" groups add -i -f foreign.yaml --age "$r2"
expect_same "$vectors/enc/foreign_keys.yaml" foreign.yaml

# PGP: a gpg that turns letters
cat >gpg-like <<'EOF'
#!/bin/sh
printf '%s\n' "$*" >>"$HOME/calls"
env >"$HOME/environment"
case $1 in
-d) sed -e '/PGP MESSAGE/d' | tr '[A-Za-z]' '[N-ZA-Mn-za-m]' | base64 -d ;;
*) echo '-----BEGIN PGP MESSAGE-----'; base64 -w 0 | tr '[A-Za-z]' '[N-ZA-Mn-za-m]'; echo; echo '-----END PGP MESSAGE-----' ;;
esac
EOF
chmod +x gpg-like
export SOPS_GPG_EXEC=$TMP/gpg-like
keys 1
"$BOOTSEAL" encrypt --pgp "FBC7 B9E2 A4F9 289A C0C1  D484 3D16 CEE4 A273 81B4" plain.yaml >pgp.yaml
expect_output "--no-default-recipient --yes --encrypt -a -r $fp --trusted-key 3D16CEE4A27381B4 --no-encrypt-to" cat "$HOME/calls"
check "only what gpg needs is in its environment" sh -c '! grep -q "^SOPS" "$HOME/environment" && grep -q "^HOME=" "$HOME/environment"'
opens "opened by the program" pgp.yaml
expect_output hunter2 sh -c '"$BOOTSEAL" get pgp.yaml "[\"a\"]"; echo'
check "set, too" sh -c 'printf new | "$BOOTSEAL" set pgp.yaml "[\"a\"]"'
EDITOR="sed -i s/new/newer/" check "and edit" "$BOOTSEAL" edit pgp.yaml
expect_output newer sh -c '"$BOOTSEAL" get pgp.yaml "[\"a\"]"; echo'

# which is tried first
SOPS_PGP_FP=$fp "$BOOTSEAL" encrypt --age "$r1" plain.yaml >both.yaml
: >"$HOME/calls"
check "age first" "$BOOTSEAL" decrypt both.yaml
expect_output "" sh -c 'cat "$HOME/calls"; echo'
check "PGP first" "$BOOTSEAL" decrypt --decryption-order pgp,age both.yaml
expect_output -d cat "$HOME/calls"
check "PGP first, by the environment" env SOPS_DECRYPTION_ORDER=pgp "$BOOTSEAL" decrypt both.yaml
check "twice now" test "$(wc -l <"$HOME/calls")" = 2
expect_error "Duplicate decryption key type: age" "$BOOTSEAL" decrypt --decryption-order age,pgp,age both.yaml
expect_status 112 "$BOOTSEAL" decrypt --decryption-order age,age both.yaml

# it fails, is missing, hangs back
expect_error 'ended with status 1' env -u SOPS_AGE_KEY_FILE SOPS_GPG_EXEC=false "$BOOTSEAL" decrypt pgp.yaml
expect_status 128 env -u SOPS_AGE_KEY_FILE SOPS_GPG_EXEC=false "$BOOTSEAL" decrypt pgp.yaml
expect_status 128 env -u SOPS_AGE_KEY_FILE SOPS_GPG_EXEC=/nonexistent "$BOOTSEAL" decrypt pgp.yaml
cat >gpg-refusing <<'END'
#!/bin/sh
printf 'gpg: encrypted with a key\ngpg: decryption failed: No \033secret key\n\n' >&2
exit 2
END
chmod +x gpg-refusing
expect_error '" ended with status 2: decryption failed: No \x1bsecret key; "gpg --list-secret-keys" lists' \
	env SOPS_GPG_EXEC="$TMP/gpg-refusing" "$BOOTSEAL" decrypt pgp.yaml
check "nothing about age" sh -c '! grep -q "SOPS_AGE\|identity at all" .err'
expect_error 'status 0 and no output' env SOPS_GPG_EXEC=true "$BOOTSEAL" encrypt --pgp "$fp" plain.yaml
expect_error "is no PGP fingerprint" "$BOOTSEAL" encrypt --pgp=--output plain.yaml
SOPS_GPG_EXEC=/nonexistent check "its other key does" "$BOOTSEAL" decrypt both.yaml

# a group of both kinds
"$BOOTSEAL" groups add -i -f both.yaml --pgp "$fp" --age "$r2" 2>told
opens "2 of 2 with PGP" both.yaml
