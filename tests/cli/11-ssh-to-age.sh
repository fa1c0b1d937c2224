# ssh-to-age: the flags, output and statuses of the tool of that name.
. "${0%/*}/lib.sh"

vectors=$ROOT/tests/vectors
age=age17044m9wgakla6pzftf4srtl3h5mcsr85jysgt5fg23zpnta8sfdqhzn452
secret=AGE-SECRET-KEY-1K3VN4N03PTHJWSJSCCMQCN33RY5FSKQPJ4KRRTG3JMQUYE0TUSEQEDH6V8
cp "$vectors"/ssh-to-age/[ik]* "$vectors"/ssh/id_* "$vectors"/ssh/known_hosts .
chmod 600 id_*

expect_output $age "$BOOTSEAL" ssh-to-age -i id_ed25519.pub
expect_output $age sh -c '"$BOOTSEAL" ssh-to-age <id_ed25519.pub'
expect_output $age "$BOOTSEAL" ssh-to-age -i=id_ed25519.pub
expect_output $age "$BOOTSEAL" ssh-to-age --i id_ed25519.pub
expect_error '-private-key converts a private key' sh -c '"$BOOTSEAL" ssh-to-age <id_ed25519'
expect_output $age sh -c '"$BOOTSEAL" ssh-to-age -i - -o - <id_ed25519.pub'
for flag in -private-key --private-key -private-key=true --private-key=1; do
	expect_output $secret "$BOOTSEAL" ssh-to-age $flag -i id_ed25519
	expect_output $secret sh -c '"$BOOTSEAL" ssh-to-age '$flag' <id_ed25519'
done
"$BOOTSEAL" ssh-to-age -private-key -i id_ed25519 -o out
expect_output $secret cat out
expect_output 600 stat -c %a out
"$BOOTSEAL" ssh-to-age -i id_ed25519.pub -o out.pub
expect_output $age cat out.pub
expect_output 644 stat -c %a out.pub
expect_status 0 "$BOOTSEAL" ssh-to-age -version

# ssh-keyscan prints keys of all types: the others are told of and skipped
expect_output "age1hjm3aujg9e79f5yth8a2cejzdjg5n9vnu96l05p70uvfpeltnpms7yy3pp
age1v8zjc47jmlqwefyu66s0d4ke98qr4vnuj3cpvs4z9npfdw833dxqwjrhzv" "$BOOTSEAL" ssh-to-age -i keyscan.txt
expect_status 0 "$BOOTSEAL" ssh-to-age -i id_rsa.pub
check "a skipped key is told of" sh -c \
	'[ "$("$BOOTSEAL" ssh-to-age -i id_rsa.pub 2>&1)" = "skipped key: got ssh-rsa key type, but only ed25519 keys are supported" ]'
expect_status 0 "$BOOTSEAL" ssh-to-age -i id_ecdsa.pub
expect_status 0 sh -c '"$BOOTSEAL" ssh-to-age </dev/null'

# what cannot be read is an error, and is not shown
echo "not a key" >bad
expect_error 'cannot convert "bad": line 1: no SSH public key' "$BOOTSEAL" ssh-to-age -i bad -o new
expect_absent new
expect_status 1 "$BOOTSEAL" ssh-to-age -i bad
expect_status 1 "$BOOTSEAL" ssh-to-age -private-key -i bad
expect_error "line 1: no SSH public key" "$BOOTSEAL" ssh-to-age -i id_ed25519
expect_error "no SSH private key" "$BOOTSEAL" ssh-to-age -private-key -i id_ed25519.pub
expect_error "an RSA key has no form that is age's own" "$BOOTSEAL" ssh-to-age -private-key -i id_rsa
expect_error "an RSA key has no form that is age's own" "$BOOTSEAL" ssh-to-age -private-key -i id_rsa_pem
expect_error "an ECDSA SSH key can only sign" "$BOOTSEAL" ssh-to-age -private-key -i id_ecdsa

# a passphrase: as ssh-to-age takes it, or from a file
locked=AGE-SECRET-KEY-1EJQ0DZ679RZ4MF6KDC8L8F327SHUULYD5XP53C08ZHYT0KQLNWJQHG7X8P
expect_error "there is no terminal to ask: Passphrase of the SSH private key" setsid -w "$BOOTSEAL" ssh-to-age -private-key -i id_ed25519_passphrase
expect_output "$locked" env SSH_TO_AGE_PASSPHRASE=test "$BOOTSEAL" ssh-to-age -private-key -i id_ed25519_passphrase
expect_output "$locked" sh -c 'printf "test\r\n" | "$BOOTSEAL" ssh-to-age -private-key -stdinpass -i id_ed25519_passphrase'
expect_output "$locked" sh -c 'echo test | SSH_TO_AGE_PASSPHRASE=wrong "$BOOTSEAL" ssh-to-age -private-key -stdinpass -i id_ed25519_passphrase'
(umask 077 && echo test >pass)
expect_output "$locked" env BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" ssh-to-age -private-key -i id_ed25519_passphrase
expect_error "the passphrase is wrong" env SSH_TO_AGE_PASSPHRASE=wrong "$BOOTSEAL" ssh-to-age -private-key -i id_ed25519_passphrase
expect_status 1 env SSH_TO_AGE_PASSPHRASE=wrong "$BOOTSEAL" ssh-to-age -private-key -i id_ed25519_passphrase
expect_error "cannot read both the private key and its passphrase" sh -c '"$BOOTSEAL" ssh-to-age -private-key -stdinpass <id_ed25519_passphrase'
expect_output $secret env SSH_TO_AGE_PASSPHRASE=unneeded "$BOOTSEAL" ssh-to-age -private-key -i id_ed25519
chmod 644 id_ed25519
"$BOOTSEAL" ssh-to-age -private-key -i id_ed25519 >out 2>err
expect_output $secret cat out
expect_output 'bootseal: warning: the private key in "id_ed25519" can be read by others (mode 0644)' cat err
chmod 600 id_ed25519
expect_error "marked as revoked" "$BOOTSEAL" ssh-to-age -i known_hosts
expect_status 1 "$BOOTSEAL" ssh-to-age -i nowhere
expect_error 'cannot open "nowhere"' "$BOOTSEAL" ssh-to-age -i nowhere
expect_status 1 "$BOOTSEAL" ssh-to-age -i .
expect_output $age "$BOOTSEAL" ssh-to-age -private-key=false -i id_ed25519.pub
expect_error "--private-key takes no value" "$BOOTSEAL" ssh-to-age -private-key=maybe -i id_ed25519
for file in id_ed25519 id_ed25519_passphrase id_rsa bad; do
	"$BOOTSEAL" ssh-to-age -private-key -i $file -o /dev/null 2>err || : only the first can be converted
	expect_status 1 "$BOOTSEAL" ssh-to-age -i $file
	cat "$TMP/.out" "$TMP/.err" >>err
	check "nothing of $file in a message" sh -c "! sed -n 2p $file | cut -c1-20 | grep -v '^\$' | grep -qFf - err"
done

sed '/^@/d' known_hosts >hosts
expect_output "$age
$age
$age
$age
$age" "$BOOTSEAL" ssh-to-age -i hosts
