# SSH private keys of every type, format and cipher, and what ssh-rsa keys can be used for.
. "${0%/*}/lib.sh"
need ssh-keygen setsid

vectors=$ROOT/tests/vectors/ssh/keys
cp "$vectors"/* .
find . -type f -exec chmod 600 {} +
(umask 077 && echo hunter2 >pass && echo hunter3 >wrong)
echo "the plain text" >plain
with() { BOOTSEAL_PASSPHRASE_FILE=$1 "${@:2}"; }
# without a terminal, whoever runs the tests
alone() { setsid -w "$@" </dev/null; }

# what age sealed opens with the key in every form
for form in ed25519 ed25519-pkcs8 rsa rsa-pem rsa-pkcs8; do
	expect_output "sealed by age" alone "$BOOTSEAL" age -d -i $form "sealed-to-${form%%-*}.age"
done
for form in ed25519-{3des-cbc,aes{128,192,256}-{cbc,ctr},aes128-gcm,aes256-gcm,chacha20-poly1305,pkcs8-aes256} \
	rsa-aes256-ctr rsa-pem-{aes128,aes192,aes256,des,des3} rsa-pkcs8-{aes256,aes256-cfb,aes128-ofb,camellia256,des3,pbe-3des,scrypt,sha1,sha224,sha384,sha512,sha512-224,sha512-256}; do
	sealed=sealed-to-${form%%-*}.age
	expect_output "sealed by age" with pass "$BOOTSEAL" age -d -i $form "$sealed"
	expect_error "\"$form\": the passphrase is wrong" with wrong "$BOOTSEAL" age -d -i $form "$sealed"
	expect_status 51 with wrong "$BOOTSEAL" age -d -i $form "$sealed"
	expect_error "there is no terminal to ask: Passphrase of SSH key \"$form\"" alone "$BOOTSEAL" age -d -i $form "$sealed"
	# with a .pub file beside it too
	cp "${form%%-*}.pub" "$form.pub"
	expect_output "sealed by age" with pass "$BOOTSEAL" age -d -i $form "$sealed"
	check "seal to $form, which tells its public half" alone "$BOOTSEAL" age -e -i $form -o sealed plain
	expect_output "the plain text" alone "$BOOTSEAL" age -d -i "${form%%-*}" sealed
done

# converted to age's form from any of them; and no message shows the key
age=$("$BOOTSEAL" ssh-to-age -private-key -i ed25519)
expect_output "$age" "$BOOTSEAL" ssh-to-age -private-key -i ed25519-pkcs8
for form in ed25519-{chacha20-poly1305,aes256-gcm,pkcs8-aes256}; do
	expect_output "$age" env SSH_TO_AGE_PASSPHRASE=hunter2 "$BOOTSEAL" ssh-to-age -private-key -i $form
	expect_error "the passphrase is wrong" env SSH_TO_AGE_PASSPHRASE=hunter3 "$BOOTSEAL" ssh-to-age -private-key -i $form
	check "no line of $form in it" sh -c '! grep -qF "$(sed -n 2p "$0")" .err' $form
done
sed '2s/^......../AAAAAAAA/' ed25519 >bent
chmod 600 bent
expect_error 'cannot convert "bent": broken SSH private key' "$BOOTSEAL" ssh-to-age -private-key -i bent
check "no line of it" sh -c '! grep -qF -e "$(sed -n 2p bent)" -e "$(sed -n 3p bent)" .err'

# sizes and oddities of what ssh-keygen makes
for bits in 2048 3072 4096; do
	ssh-keygen -q -t rsa -b $bits -N hunter2 -a 1 -C "ä \"quoted\" # $bits" -f "made $bits"
	expect_status 0 "$BOOTSEAL" age -R "made $bits.pub" -o sealed plain
	expect_output "the plain text" with pass "$BOOTSEAL" age -d -i "made $bits" sealed
done
ssh-keygen -q -t ed25519 -N 'ein Paßwort mit  Leerzeichen ' -a 1 -C '' -f spaces
(umask 077 && echo 'ein Paßwort mit  Leerzeichen ' >spaced)
"$BOOTSEAL" age -R spaces.pub -o sealed plain
expect_output "the plain text" with spaced "$BOOTSEAL" age -d -i spaces sealed

# nobody is asked where it is of no use, or not needed
"$BOOTSEAL" keygen -o key 2>/dev/null
"$BOOTSEAL" age -r "$("$BOOTSEAL" keygen -y key)" -R ed25519.pub -o both plain
expect_output "the plain text" alone "$BOOTSEAL" age -d -i ed25519-aes256-ctr -i key both
"$BOOTSEAL" age -R spaces.pub -o other plain
expect_status 128 alone "$BOOTSEAL" age -d -i ed25519-aes256-ctr other
expect_status 128 alone "$BOOTSEAL" age -d -i rsa-pem-aes128 other
# the key behind the converted recipient
"$BOOTSEAL" age -r "$("$BOOTSEAL" ssh-to-age -i ed25519.pub)" -o converted plain
expect_output "the plain text" with pass "$BOOTSEAL" age -d -i ed25519-aes256-ctr converted
# a key that a stanza names is asked for before one that only may be meant
"$BOOTSEAL" age -r "$("$BOOTSEAL" keygen -y key)" -R spaces.pub -o mixed plain
expect_error 'Passphrase of SSH key "spaces"' alone "$BOOTSEAL" age -d -i ed25519-aes256-ctr -i spaces mixed
expect_error 'Passphrase of SSH key "ed25519-aes256-ctr"' alone "$BOOTSEAL" age -d -i ed25519-aes256-ctr converted
expect_output "the plain text" with spaced "$BOOTSEAL" age -d -i ed25519-aes256-ctr -i spaces mixed
# what "keys who" tells of a locked key without asking
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=ed25519-aes256-ctr
"$BOOTSEAL" age -R spaces.pub -R rsa.pub -r "$("$BOOTSEAL" keygen -y key)" -o three plain
"$BOOTSEAL" keys who three >out
check "none of its own" test "$(grep -c 'ssh-.*: no identity here' out)" = 2
check "it might be" grep -q 'X25519: .*ed25519-aes256-ctr may open it, and asks for its passphrase' out
expect_status 128 "$BOOTSEAL" keys who other
expect_status 0 "$BOOTSEAL" keys who both
unset SOPS_AGE_SSH_PRIVATE_KEY_FILE
# the first key of a .pub file counts; one without a key tells nothing
{ echo '# ours'; echo; cat rsa.pub spaces.pub; } >rsa-pem-aes128.pub
expect_status 128 alone "$BOOTSEAL" age -d -i rsa-pem-aes128 other
"$BOOTSEAL" age -R rsa.pub -o sealed plain
expect_output "the plain text" with pass "$BOOTSEAL" age -d -i rsa-pem-aes128 sealed
echo '# none' >rsa-pem-aes128.pub
expect_output "the plain text" with pass "$BOOTSEAL" age -d -i rsa-pem-aes128 sealed
# a .pub file of another key
cp spaces.pub rsa-pem-des3.pub
"$BOOTSEAL" age -R spaces.pub -R rsa.pub -o sealed plain
expect_error "the public key beside the private one belongs to another" with pass "$BOOTSEAL" age -d -i rsa-pem-des3 sealed

# what cannot be used
expect_error "an SSH key on a hardware token (sk-…) can only sign; use an age plugin" "$BOOTSEAL" age -d -i sk-ed25519 both
for form in ecdsa ecdsa-pem ecdsa-pkcs8; do
	expect_error "an ECDSA SSH key can only sign; use an ed25519 or RSA key" "$BOOTSEAL" age -d -i $form both
	expect_status 33 "$BOOTSEAL" age -d -i $form both
done
for form in dsa dsa-pem; do
	expect_error "a DSA SSH key can only sign" "$BOOTSEAL" age -d -i $form both
done
expect_error "an RSA key of 1024 bits is too short; age and sops want 2048 bits" "$BOOTSEAL" age -d -i rsa-1024 both
expect_error "an RSA key of 1024 bits is too short" "$BOOTSEAL" age -r "$(cat rsa-1024.pub)" plain
expect_error "an ECDSA SSH key can only sign" "$BOOTSEAL" age -r "$(cat "$ROOT/tests/vectors/ssh/id_ecdsa.pub")" plain
cat rsa-1024.pub rsa.pub >recipients
check "a key that is too short is skipped in a list" sh -c '"$BOOTSEAL" age -R recipients -o sealed plain 2>err'
expect_output 'bootseal: warning: recipients file "recipients": ignoring unsupported SSH key of type "ssh-rsa" at line 1' cat err
expect_output "the plain text" "$BOOTSEAL" age -d -i rsa sealed

# readable by others
chmod 640 rsa
"$BOOTSEAL" age -d -i rsa sealed >out 2>err
expect_same plain out
expect_output 'bootseal: warning: the private key in "rsa" can be read by others (mode 0640)' cat err
chmod 600 rsa

# sealed YAML
password() { "$BOOTSEAL" get secret.yaml '["password"]' && echo; }
mkdir -p repo "$HOME/.ssh"
cd repo
printf 'creation_rules:\n  - age: "%s"\n' "$(cut -d' ' -f 1-2 ../rsa.pub)" >.sops.yaml
printf 'password: open sesame\n' >secret.yaml
check "seal to an ssh-rsa key of a rule" "$BOOTSEAL" encrypt -i secret.yaml
check "it is named in the file" grep -q "recipient: ssh-rsa AAAA" secret.yaml
cp ../rsa "$HOME/.ssh/id_rsa"
expect_output "open sesame" password
cp ../rsa-aes256-ctr "$HOME/.ssh/id_rsa"
expect_output "open sesame" with ../pass password
expect_error "the passphrase is wrong" with ../wrong "$BOOTSEAL" get secret.yaml '["password"]'
cp ../rsa-pkcs8-aes256 "$HOME/.ssh/id_rsa"
expect_output "open sesame" with ../pass password
cp ../rsa.pub "$HOME/.ssh/id_rsa.pub"
expect_output "open sesame" with ../pass password
# one that is not meant for it is not asked for
mv "$HOME/.ssh/id_rsa" "$HOME/.ssh/away"
cp ../ed25519-aes256-ctr "$HOME/.ssh/id_ed25519"
expect_status 128 alone "$BOOTSEAL" get secret.yaml '["password"]'
cd ..
