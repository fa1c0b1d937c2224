# SSH keys: what the real age, ssh-to-age and sops make of them, and we of theirs.
. "${0%/*}/../cli/lib.sh"
need age ssh-keygen expect

umask 077
echo hunter2 >pass
with() { BOOTSEAL_PASSPHRASE_FILE=pass "$@"; }
ssh-keygen -q -t ed25519 -N '' -f ed25519
ssh-keygen -q -t ed25519 -N hunter2 -a 1 -f ed25519-locked
for bits in 2048 3072 4096; do ssh-keygen -q -t rsa -b $bits -N '' -f rsa$bits; done
ssh-keygen -q -t rsa -b 2048 -N hunter2 -a 1 -f rsa-locked
ssh-keygen -q -t rsa -b 2048 -N hunter2 -m PEM -f rsa-pem-locked
keys="ed25519 ed25519-locked rsa2048 rsa3072 rsa4096 rsa-locked rsa-pem-locked"

# age asks on its terminal
cat >answer.exp <<'END'
set timeout 120
log_user 0
spawn -noecho {*}$argv
expect {
	-re {assphrase} { send "hunter2\r"; exp_continue }
	timeout { exit 97 }
	eof { }
}
exit [lindex [wait] 3]
END
answered() { expect -f answer.exp -- "$@"; }

recipients=
for key in $keys; do recipients="$recipients -R $key.pub"; done
for size in 0 1 65535 65536 65537; do
	head -c $size /dev/urandom >plain
	for armor in "" -a; do
		check "seal $size $armor" "$BOOTSEAL" age $armor $recipients -o ours plain
		age $armor $recipients -o theirs plain
		for key in $keys; do
			rm -f opened
			check "age opens ours, $size $armor, $key" answered age -d -i $key -o opened ours
			expect_same plain opened
			rm -f opened
			check "ours opens age's, $size $armor, $key" with "$BOOTSEAL" age -d -i $key -o opened theirs
			expect_same plain opened
		done
	done
done

# what stands around a key
{ cat ed25519 ed25519.pub; } >behind
{ cat ed25519; echo '# a comment'; cat rsa2048; } >two
{ echo 'Key Attributes: <No Attributes>'; cat ed25519; } >before
head -c 100 /dev/urandom >plain
age -R ed25519.pub -o theirs plain
for key in behind two; do
	check "age opens with $key" age -d -i $key -o opened theirs
	check "and ours" "$BOOTSEAL" age -d -i $key -o opened theirs
	expect_same plain opened
done
if command -v sops >/dev/null; then
	echo '{"a": "b"}' | sops encrypt --age "$(cat ed25519.pub)" --filename-override x.json >sealed.json
	for key in behind two before; do
		for sops in sops "$BOOTSEAL"; do
			SOPS_AGE_SSH_PRIVATE_KEY_FILE=$key "$sops" decrypt --extract '["a"]' sealed.json >opened
			check "${sops##*/} opens with $key" test "$(cat opened)" = b
		done
	done
else
	skip_one "what stands around a key, in sops" "sops is not installed"
fi
# under DES, which old files have
cp "$ROOT"/tests/vectors/ssh/keys/rsa-pem-des rsa-des
cp "$ROOT"/tests/vectors/ssh/keys/rsa.pub rsa-des.pub
age -R rsa-des.pub -o theirs plain
check "age opens with a key under DES" answered age -d -i rsa-des -o opened theirs
rm opened
check "and ours" with "$BOOTSEAL" age -d -i rsa-des -o opened theirs
expect_same plain opened

# an identity stands for its recipient: nothing is asked
for key in $keys; do
	check "seal to the identity $key" setsid -w "$BOOTSEAL" age -e -i $key -o ours plain
	check "age opens what was sealed to the identity $key" answered age -d -i $key -o opened ours
	expect_same plain opened
	if command -v age-inspect >/dev/null; then
		check "of the key's own kind: $key" sh -c "age-inspect ours | grep -q ssh-${key%%[0-9-]*}"
	fi
done

if command -v ssh-to-age >/dev/null; then
	expect_output "$(SSH_TO_AGE_PASSPHRASE=hunter2 ssh-to-age -private-key -i ed25519-locked)" \
		env SSH_TO_AGE_PASSPHRASE=hunter2 "$BOOTSEAL" ssh-to-age -private-key -i ed25519-locked
	expect_output "$(echo hunter2 | ssh-to-age -private-key -stdinpass -i ed25519-locked)" \
		sh -c 'echo hunter2 | "$BOOTSEAL" ssh-to-age -private-key -stdinpass -i ed25519-locked'
else
	skip_one "ssh-to-age of a key with a passphrase" "ssh-to-age is not there"
fi

command -v sops >/dev/null || skip "sops is not there"
for key in rsa2048 ed25519; do
	printf 'password: open sesame\nport: 22\n' >plain.yaml
	printf 'creation_rules:\n  - age: "%s"\n' "$(cut -d' ' -f 1-2 $key.pub)" >.sops.yaml
	check "sops seals to $key" sh -c 'sops -e plain.yaml >theirs.yaml'
	check "we seal to $key" sh -c '"$BOOTSEAL" encrypt plain.yaml >ours.yaml'
	for file in ours.yaml theirs.yaml; do
		SOPS_AGE_SSH_PRIVATE_KEY_FILE=$key check "sops opens $file, $key" sh -c "sops -d $file >opened.yaml"
		expect_same plain.yaml opened.yaml
		SOPS_AGE_SSH_PRIVATE_KEY_FILE=$key check "we open $file, $key" sh -c "\"\$BOOTSEAL\" decrypt $file >opened.yaml"
		expect_same plain.yaml opened.yaml
	done
done
