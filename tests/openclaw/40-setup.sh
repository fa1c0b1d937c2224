#!/usr/bin/env bash
# openclaw setup with the real OpenClaw, on installations as people have them: it ends as its plan said, or stops
# before it changes anything; then no secret of before is in any file; and --undo makes each file what it was.
. "${0%/*}/openclaw.sh"
. "$ROOT/tests/openclaw/setup.sh"

# It is started as its unit would start it: published before, withdrawn when it is up. On a busy machine OpenClaw gives
# up after five seconds ("state lease heartbeat did not become ready"), and its unit would start it again.
runs_on_sealed() { # TOKEN
	local GATEWAY_ENVIRONMENT tries
	gateway_environment setup
	GATEWAY_ENVIRONMENT+=(HOME="$HOME_OF_GATEWAY" OPENCLAW_STATE_DIR="$S" TMPDIR=/tmp)
	expect_status 0 "$BOOTSEAL" activate --for openclaw-gateway.service /etc/bootseal/host.yaml
	for tries in 1 2 3 4; do
		(cd "$HOME_OF_GATEWAY" && exec "${as_user[@]}" env -i "${GATEWAY_ENVIRONMENT[@]}" "$NODE" "$OPENCLAW" \
			gateway run --port "$PORT" --bind loopback) >gateway.log 2>&1 </dev/null &
		PID=$!
		! helper wait "$PORT" $PID 600 || break
		gateway_stop || grep -q 'heartbeat did not become ready' gateway.log || break
	done
	check "it is up" test -n "$PID"
	expect_status 0 "$BOOTSEAL" release --for openclaw-gateway.service /etc/bootseal/host.yaml
	takes "$1"
	gateway_stop || : "it was told to"
	holds_no_secret
}

# An account as a whole, as people copy it from where they got it.
account_in_config() {
	sed -i "s|^  gateway: {|  channels: { googlechat: { serviceAccount: { type: 'service_account', client_email: 'a@b.example',\n    private_key: '-----BEGIN PRIVATE KEY-----\\\\n$SECRET-0123456789\\\\n-----END PRIVATE KEY-----\\\\n' } } },\n&|" "$S/openclaw.json"
}

for installation in token_in_config keys_in_env unit_with_environment token_in_three_places; do
	about "$installation"
	new_installation
	$installation
	[ "$installation" != token_in_config ] || account_in_config
	finish_installation
	expect_status 0 setup --dry-run
	cp .out plan
	is_as_before
	expect_status 0 setup --yes --recipient "$OPERATOR"
	ends_as_planned
	opens_for_operator
	[ "$installation" != token_in_config ] || check "the account is a SecretRef" grep -qF '"id": "/GOOGLECHAT_SERVICE_ACCOUNT"' "$S/openclaw.json"
	[ "$installation" != token_in_three_places ] || runs_on_sealed "$SECRET-config"
	undo
done

about "a password, and what stays"
new_installation
config_of "auth: { mode: 'password', password: '$SECRET two words' },"
mkdir -p "$S/agents/main/agent"
echo '{"version":1,"profiles":{"x:default":{"type":"api_key","provider":"x","key":"another-key-1"}}}' >"$S/agents/main/agent/auth-profiles.json"
finish_installation
expect_status 0 setup --yes --recipient "$OPERATOR"
check "the plan names it" grep -q "	$S/agents/main/agent/auth-profiles.json: 1 secret in plain text" .out
check "the password was asked" test "$(grep -c 'not proven' .out)" -eq 0
: >plan # holds_no_secret looks into it
holds_no_secret
undo

# What the gateway takes without gateway.auth.mode; and a home whose name systemd and others would take apart.
about "a password in .env, with a token beside it"
USUAL=$HOME_OF_GATEWAY
HOME_OF_GATEWAY="$TMP/home/it's 50% \"of a\\b\" \$HOME"
S=$HOME_OF_GATEWAY/.openclaw
sed "/^openclaw:/d" /etc/passwd >passwd
printf 'openclaw:x:4343:4343::%s:/bin/sh\n' "$HOME_OF_GATEWAY" >>passwd
cp passwd /etc/passwd
for token in "" OPENCLAW_GATEWAY_TOKEN; do
	new_installation
	config_of ""
	printf '%s\n' "OPENCLAW_GATEWAY_PASSWORD=$SECRET-password" ${token:+"$token=$SECRET-token"} >"$S/.env"
	finish_installation
	expect_status 0 setup --dry-run --recipient "$OPERATOR"
	cp .out plan
	expect_status 0 setup --yes --recipient "$OPERATOR"
	check "what was agreed to is what the plan said" test -z "$(grep -vxFf .out plan)"
	check "the plan says the mode" grep -q '	gateway.auth.mode: "password"' plan
	check "the password was asked" test "$(grep -c 'not proven' .out)" -eq 0
	holds_no_secret
	[ -z "$token" ] || runs_on_sealed "$SECRET-password"
	undo
done
HOME_OF_GATEWAY=$USUAL
S=$HOME_OF_GATEWAY/.openclaw
sed -i "s|^\(openclaw:.*:\)[^:]*:/bin/sh|\1$HOME_OF_GATEWAY:/bin/sh|" passwd
cp passwd /etc/passwd

about "already on SecretRefs"
new_installation
on_references
finish_installation
expect_output "no secret stands in plain text where OpenClaw looks for one" setup --yes --recipient "$OPERATOR"
is_as_before

about "broken JSON5"
new_installation
broken
finish_installation
expect_error 'not valid JSON5' setup --yes --recipient "$OPERATOR"
is_as_before

about "no token at all"
new_installation
config_of ""
finish_installation
expect_status 0 setup --yes --recipient "$OPERATOR"
check "it has one now" grep -q '"id": "/OPENCLAW_GATEWAY_TOKEN"' "$S/openclaw.json"
undo
