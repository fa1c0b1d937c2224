#!/usr/bin/env bash
# openclaw setup: other gateways are left alone, what is not understood stops it before it changes anything, no value is
# shown, and what still has a secret in it is named.
. "${0%/*}/installation.sh"
UNITS=$HOME_OF_GATEWAY/.config/systemd/user

user_unit() { # LINE...: of [Service]
	mkdir -p "$UNITS"
	printf '%s\n' "[Service]" "ExecStart=$TMP/openclaw gateway run --port $PORT" "$@" >"$UNITS/openclaw-gateway.service"
}
system_unit() {
	printf '%s\n' "[Service]" "ExecStart=$TMP/openclaw gateway run --port $PORT" "$@" >/etc/systemd/system/openclaw-gateway.service
}
shows_none() { check "no value is shown" test -z "$(grep -hF "$SECRET" .out .err)"; }
refuses() { # TEXT: and nothing has changed
	finish_installation
	expect_error "$1" setup --dry-run
	shows_none
	expect_error "$1" setup --yes --recipient "$OPERATOR"
	shows_none
	is_as_before
}
begin() {
	about "$1"
	new_installation
	config_of "auth: { mode: 'token', token: '$SECRET-token' },"
}

begin "another user's gateway"
printf '[Service]\nUser=bob\nExecStart=/bin/true gateway run --port 18999\nEnvironment=OPENCLAW_GATEWAY_TOKEN=bobs-own-token ANTHROPIC_API_KEY=bobs-own-key\n' >/etc/systemd/system/openclaw-bob.service
printf '[Service]\nUser=openclaw\nExecStart=/bin/true\nEnvironment=GROQ_API_KEY=another-own-key\n' >/etc/systemd/system/openclaw-second.service
finish_installation
sha256sum /etc/systemd/system/openclaw-*.service >units
expect_status 0 setup --yes --recipient "$OPERATOR"
check "one of the same user is named" grep -q 'openclaw-second.service: another unit' .out
check "his is not" test "$(sed "s,$TMP,," .out | grep -c bob)" -eq 0
sha256sum /etc/systemd/system/openclaw-*.service >units.after
expect_same units units.after
SOPS_AGE_KEY_FILE=$TMP/operator.key "$BOOTSEAL" decrypt /etc/bootseal/openclaw.yaml >opened
check "what is sealed is the user's" test "$(grep -cE 'bobs-own|another-own' opened)" -eq 0
undo

begin "what may be a secret"
for line in "Environment=DATABASE_URL=postgres://u:$SECRET@h/x" "Environment=ODD=$SECRET" "Environment=LANG=https://u:$SECRET@h" \
	"# Environment=OPENAI_API_KEY=$SECRET-comment" "SetCredential=a:$SECRET"; do
	user_unit "$line"
	refuses 'openclaw-gateway.service: line 3: '
done
for arguments in "--token $SECRET-token" "--password=$SECRET" "$SECRET-in-a-word-alone" "--x=$SECRET-in-an-option"; do
	user_unit "ExecStart=$TMP/openclaw gateway run $arguments"
	refuses 'an argument of a command may be a secret'
done
rm -r "$HOME_OF_GATEWAY/.config"
for line in "ExecStartPre=/bin/x --token $SECRET-arg" "Environment=ODD=$SECRET" "# Environment=OPENCLAW_GATEWAY_TOKEN=$SECRET-comment" \
	"User=bob" "EnvironmentFile=/etc/oc.d/*.env"; do
	system_unit "User=openclaw" "$line"
	refuses 'openclaw-gateway.service: line 4: '
done
system_unit "Environment=HOME=$HOME_OF_GATEWAY"
refuses "it has no User="
mkdir /etc/systemd/system/openclaw-gateway.service.d
echo "User=bob" | sed '1i[Service]' >/etc/systemd/system/openclaw-gateway.service.d/a.conf
finish_installation
expect_error "another gateway's: User=bob" setup --yes --recipient "$OPERATOR"
rm -r /etc/systemd/system/openclaw-gateway.service*

about "files of variables of a user unit"
printf 'GROQ_API_KEY=%s\nHTTPS_PROXY=http://%s:3128\n' "$SECRET-groq" "$SECRET" >"$S/gateway.systemd.env"
user_unit "EnvironmentFile=-%h/.openclaw/gateway.systemd.env"
refuses 'gateway.systemd.env: line 2: the user unit becomes a system unit, which would not have HTTPS_PROXY'
rm -r "$UNITS" "$S/gateway.systemd.env"
mkdir -p "$HOME_OF_GATEWAY/.config/environment.d"
echo "OPENAI_API_KEY=$SECRET-d" >"$HOME_OF_GATEWAY/.config/environment.d/10-oc.conf"
refuses "10-oc.conf: line 1: for all of the user's units: OPENAI_API_KEY"
for name in 1 2 3 4; do echo "EDITOR=vi" >"$HOME_OF_GATEWAY/.config/environment.d/0$name-oc.conf"; done
refuses "10-oc.conf: line 1: for all of the user's units: OPENAI_API_KEY"
rm -r "$HOME_OF_GATEWAY/.config"

about "what of a user unit would be root's doing"
user_unit $'Environment=TZ=x\r[Service]\rExecStartPre=+/bin/touch /root/cr'
refuses 'openclaw-gateway.service, line 3: a control character'
user_unit "Type=oneshot" "ExecStart=/bin/true ; +/bin/touch /root/semi"
refuses 'line 4: a second command'
mkdir -p "$UNITS"
printf '%s\n' "[Unit]" "Wants=debug-shell.service" "After=x.service" "[Service]" "ExecStart=$TMP/openclaw gateway run --port $PORT" >"$UNITS/openclaw-gateway.service"
finish_installation
expect_status 0 setup --dry-run
check "Wants= is not taken over" test -z "$(grep -F debug-shell .out)"
rm -r "$HOME_OF_GATEWAY/.config"

about "units by name"
expect_error '"openclaw-gateway" is no unit' setup --dry-run --unit openclaw-gateway
expect_error 'is an instance of a template' setup --dry-run --unit openclaw-gateway@main.service

about "a name that old files are set aside under"
echo another >"$S/.openclaw.json.bootseal-old"
finish_installation
expect_error '".openclaw.json.bootseal-old" beside it' setup --dry-run
expect_error '".openclaw.json.bootseal-old" beside it' setup --yes --recipient "$OPERATOR"
installation >after
check "all is as before" test -z "$(grep -vxFf after before)"
expect_absent /etc/bootseal
rm "$S/.openclaw.json.bootseal-old"

about "no device is opened"
ln -s /dev "$TMP/tree"
mv "$S" "$S.real"
ln -s "$TMP/tree" "$S"
if strace -o /dev/null true 2>strace.said; then
	strace -f -o opens -e trace=open,openat "$BOOTSEAL" openclaw check --for openclaw >checked 2>&1 || : "it finds that there is none"
	check "not for its directory" test -z "$(grep -E '"/dev/[^"]*"|"(zero|full|console|watchdog)"' opens | grep -vE 'O_PATH|/dev/(null|tty|urandom)"')"
fi
rm "$S"
mv "$S.real" "$S"

about "files of root's that the user named"
mkdir -p /etc/othersvc
chmod 755 /etc/othersvc
install -m 600 /dev/stdin /etc/othersvc/.env <<<"PAYROLL_API_KEY=$SECRET-payroll"
for line in "Environment=OPENCLAW_STATE_DIR=/etc/othersvc OPENCLAW_CONFIG_PATH=$S/openclaw.json" "EnvironmentFile=/etc/othersvc/.env"; do
	rm -rf "$HOME_OF_GATEWAY/.config"
	user_unit "$line"
	finish_installation
	# read with his rights; and what all may read is not his either
	for mode in 600 644; do
		chmod $mode /etc/othersvc/.env
		why='"/etc/othersvc/.env" does not belong to "openclaw"'
		[ $mode = 644 ] || why='/etc/othersvc/.env: it cannot be read from here'
		expect_error "$why" setup --yes --recipient "$OPERATOR"
		shows_none
		is_as_before
		expect_output "PAYROLL_API_KEY=$SECRET-payroll" cat /etc/othersvc/.env
	done
	chmod 600 /etc/othersvc/.env
done
rm -r "$HOME_OF_GATEWAY/.config"
system_unit "User=openclaw" "EnvironmentFile=/etc/othersvc/.env"
finish_installation
expect_status 0 setup --yes --recipient "$OPERATOR"
check "it is taken out there" test ! -s /etc/othersvc/.env
undo
rm -r /etc/othersvc

begin "what still has it"
echo "remember $SECRET-token" >"$S/notes.md"
echo "export X=$SECRET-token" >"$HOME_OF_GATEWAY/.bashrc"
finish_installation
expect_error '2 files with one in plain text are left' setup --yes --recipient "$OPERATOR"
check "it was planned" grep -q "	$S/notes.md: holds one of these secrets, too" .out
check "it says where" grep -qx "	$HOME_OF_GATEWAY/.bashrc" .out
undo

about "what stays, and comments that go"
new_installation
config_of "auth: { mode: 'token', token: '$SECRET-token' } }, mcp: { servers: { a: { env: { A_TOKEN: '$SECRET-mcp' } } },"
printf '%s\n' "# my keys" "#OPENAI_API_KEY=$SECRET-before" "OPENAI_API_KEY=$SECRET-openai" "# was $SECRET-token" "GROQ_API_KEY=short" \
	"DATABASE_URL=postgres://me:$SECRET-url@host/x" >"$S/.env"
mkdir -p "$S/credentials"
echo "{\"a\":{\"access\":\"$SECRET-access\"}}" >"$S/credentials/oauth.json"
echo "export XAI_API_KEY=$SECRET-rc" >"$HOME_OF_GATEWAY/.profile"
echo "OPENAI_API_KEY=$SECRET-openai" >"$S/notes"
echo "# $SECRET-token" >/etc/systemd/system/other.service
finish_installation
expect_status 0 setup --dry-run
shows_none
cp .out plan
expect_error '2 files with one in plain text are left' setup --yes --recipient "$OPERATOR"
shows_none
check "what was agreed to is what the plan said" test -z "$(grep -vxFf .out plan)"
for line in "$S/.env, line 2: a comment with a secret in it" "$S/.env, line 4: a comment with a secret in it" \
	"$S/openclaw.json: mcp.servers.a.env.A_TOKEN: line 5: a secret in plain text, for which OpenClaw takes no SecretRef" \
	"$S/.env: line 6: DATABASE_URL seems to hold a secret in plain text" \
	"$S/credentials/oauth.json: 1 token of a login in plain text" \
	"$HOME_OF_GATEWAY/.profile: line 1: XAI_API_KEY in plain text" \
	"$S/notes: holds one of these secrets, too" "/etc/systemd/system/other.service: holds one of these secrets, too"; do
	check "the plan names it: ${line#"$HOME_OF_GATEWAY"}" grep -qxF "	$line" plan
done
for file in "$S/notes" /etc/systemd/system/other.service; do check "it is left: ${file##*/}" grep -qx "	$file" .out; done
check "what could not be searched for is told" grep -qx 'GROQ_API_KEY is shorter than 8 bytes: it was not searched for' .out
expect_output "# my keys
DATABASE_URL=postgres://me:$SECRET-url@host/x" cat "$S/.env"
undo

about "an account as an object"
new_installation
config_of "auth: { mode: 'token', token: '$SECRET-token' } }, channels: { googlechat: { serviceAccount: { /* mine */
	type: 'service_account', private_key: '-----BEGIN PRIVATE KEY-----\\n$SECRET-0123456789\\n' } },"
echo "{\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n$SECRET-0123456789\\n\"}" >"$S/account.json"
finish_installation
expect_error '1 file with one in plain text is left' setup --yes --recipient "$OPERATOR"
check "its copy is named" grep -qx "	$S/account.json" .out
check "it is a SecretRef" grep -qF 'serviceAccount: { "source": "file", "provider": "bootseal", "id": "/GOOGLECHAT_SERVICE_ACCOUNT" }' "$S/openclaw.json"
SOPS_AGE_KEY_FILE=$TMP/operator.key "$BOOTSEAL" get /etc/bootseal/openclaw.yaml '["GOOGLECHAT_SERVICE_ACCOUNT"]' >opened
check "what is sealed is its JSON" grep -qF '"private_key": "-----BEGIN PRIVATE KEY-----\n'"$SECRET"'-0123456789\n"' opened
rm opened
undo

about "drop-ins of several units"
for directory in service.d openclaw-.service.d; do
	new_installation
	config_of "auth: { mode: 'token', token: '$SECRET-token' },"
	system_unit "User=openclaw"
	mkdir "/etc/systemd/system/$directory"
	printf '[Service]\nEnvironment=XAI_API_KEY=%s\n' "$SECRET-xai" >"/etc/systemd/system/$directory/a.conf"
	refuses 'a.conf: line 2: a drop-in of several units, with a secret in it'
done

about "two at once"
new_installation
token_in_config
finish_installation
setup --yes --recipient "$OPERATOR" >one 2>&1 &
one=$!
setup --yes --recipient "$OPERATOR" >two 2>&1 || : "it comes too late"
wait $one || : "or that"
: >plan # holds_no_secret looks into it
check "one did it" test "$(cat one two | grep -c '^done')" -eq 1
check "and the other found nothing to do" test "$(cat one two | grep -c 'no secret stands')" -eq 1
holds_no_secret
expect_absent /etc/bootseal/openclaw-setup.pending.age
undo
