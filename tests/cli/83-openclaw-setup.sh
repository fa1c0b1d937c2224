#!/usr/bin/env bash
# openclaw setup --dry-run: a plan that holds no secret, and that changes nothing.
. "${0%/*}/lib.sh"

S=$HOME/.openclaw
unset OPENCLAW_HOME OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_GATEWAY_PORT
setup() { "$BOOTSEAL" openclaw setup --state "$S" "$@"; }
mkdir -m 700 "$S"

about "without --dry-run"
expect_error 'changes no installation' setup

about "the plan"
printf "// mine\n{ gateway: { auth: { token: 'plain-token-1' } } }\n" >"$S/openclaw.json"
printf 'ANTHROPIC_API_KEY=plain-key-1\nOPENCLAW_GATEWAY_TOKEN=plain-token-2\n' >"$S/.env"
chmod 600 "$S"/.env "$S"/openclaw.json
(cd "$S" && sha256sum .env openclaw.json && stat -c '%n %i %Y %a' .env openclaw.json) >before
expect_status 0 setup --dry-run --unit my-gateway.service
cp .out plan
for line in "bootseal set secrets/openclaw.yaml '\[\"OPENCLAW_GATEWAY_TOKEN\"\]'" 'keys: \[OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY\]' \
	'unit: my-gateway.service' 'models.providers.anthropic.apiKey: { source: "file", provider: "bootseal", id: "/ANTHROPIC_API_KEY" }' \
	'\.env, line 2: OPENCLAW_GATEWAY_TOKEN (another value than the one in use)'; do
	check "$line" grep -q -- "$line" plan
done
check "it holds no secret" test "$(cat plan .err | grep -c plain-)" -eq 0
(cd "$S" && sha256sum .env openclaw.json && stat -c '%n %i %Y %a' .env openclaw.json) >after
expect_same before after
check "nothing else is there" test "$(ls -A "$S" | wc -l)" -eq 2

about "what it cannot rest on"
printf '{ gateway: { auth: { token: "plain-token-1 } } }' >"$S/openclaw.json"
expect_error 'line 1: not valid JSON5' setup --dry-run
rm "$S/openclaw.json"
expect_error 'no configuration' setup --dry-run
printf '{}' >"$S/openclaw.json"
rm "$S/.env"
expect_output "no secret stands in plain text where OpenClaw looks for one" setup --dry-run
