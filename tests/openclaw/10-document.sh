#!/usr/bin/env bash
# The document for OpenClaw's file provider, with the real gateway, until that is ready: the token, and a key for a
# provider of models. Then what an operator does, when nothing is published any more.
. "${0%/*}/openclaw.sh"
sealed_host <<'END'
identities: [host_key]
documents:
  openclaw/secrets.json: {file: gateway.yaml, keys: all, lifetime: until-ready, unit: openclaw-gateway.service, WHOSE}
END

MODEL_PORT=$(own_port)
document=/run/secrets.ready/openclaw/secrets.json
providers="sealed: { source: 'file', path: '$document' }"
models=", agents: { defaults: { model: 'fake/m1' } }, models: { providers: { fake: { baseUrl: 'http://127.0.0.1:$MODEL_PORT/v1',
	api: 'openai-completions', apiKey: $(ref file /LLM_API_KEY), models: [ { id: 'm1', name: 'm1', contextWindow: 128000, maxTokens: 1024 } ] } } }"
chat=", http: { endpoints: { chatCompletions: { enabled: true } } }"
config "$(ref file /OPENCLAW_GATEWAY_TOKEN)" "$providers" "$models" "$chat" | gateway_config document

publish() { "$BOOTSEAL" activate --for openclaw-gateway.service host.yaml; }
withdraw() { "$BOOTSEAL" release --for openclaw-gateway.service host.yaml; }

about "nothing is there"
expect_status 1 gateway_start document
check "it says that a secret is missing" grep -q 'required secrets are unavailable' "$LOG"

about "the document is published"
expect_status 0 publish
model_start
expect_status 0 gateway_start document
[ -n "$PID" ] || { tail -n 5 "$LOG"; exit 1; }
takes "$TOKEN"

about "it is withdrawn"
expect_status 0 withdraw
expect_absent "$document"
takes "$TOKEN"
expect_status 0 helper chat "$PORT" "$TOKEN"
check "the model answers" grep -q '^200 .*pong' .out
check "its provider got the sealed key" grep -qx "POST /v1/chat/completions Bearer $KEY" model.log
check "and no other" test "$(sort -u model.log | wc -l)" -eq 1
for process in $(processes); do
	check "neither is in an environment" test "$(tr '\0' '\n' <"$process/environ" | grep -cF -e "$TOKEN" -e "$KEY")" -eq 0
done
cat >look.sh <<'END'
# Prints each file below a directory that may be read and holds one of the two.
grep -rlaF -e "$1" -e "$2" "${@:3}" 2>/dev/null # what this user may not read
END
check "neither is in a file that its user can read" test -z "$(as_gateway bash look.sh "$TOKEN" "$KEY" "$TMP" /run/secrets* /dev/shm /var/tmp)"

about "openclaw run"
cat >openclaw <<END
#!/bin/sh
exec $NODE $OPENCLAW "\$@"
END
chmod 755 openclaw
export OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1
operator() { "$BOOTSEAL" openclaw run --manifest host.yaml --program "$TMP/openclaw" --url "ws://127.0.0.1:$PORT" -- "$@"; }
expect_status 0 operator gateway health
check "the gateway is well" grep -q '^OK' .out
printf 'OPENCLAW_GATEWAY_TOKEN: another\n' >another.yaml
seal another.yaml
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key
expect_status 1 "$BOOTSEAL" openclaw run --file another.yaml --for "$USER_OF_GATEWAY" --program "$TMP/openclaw" --url "ws://127.0.0.1:$PORT" -- gateway health
check "another token is refused" grep -q 'token mismatch' .out .err

about "a reload"
expect_status 1 operator secrets reload
takes "$TOKEN"
expect_status 0 publish
expect_status 0 operator secrets reload
expect_status 0 withdraw
takes "$TOKEN"
