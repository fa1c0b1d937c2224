#!/usr/bin/env bash
# The document for OpenClaw's file provider, with the real gateway: the token, and a key for a provider of models.
. "${0%/*}/openclaw.sh"
sealed_host

model_port=$(helper port)
providers="sealed: { source: 'file', path: '/run/secrets/openclaw/secrets.json' }"
models=", agents: { defaults: { model: 'fake/m1' } }, models: { providers: { fake: { baseUrl: 'http://127.0.0.1:$model_port/v1',
	api: 'openai-completions', apiKey: $(ref file /LLM_API_KEY), models: [ { id: 'm1', name: 'm1', contextWindow: 128000, maxTokens: 1024 } ] } } }"
chat=", http: { endpoints: { chatCompletions: { enabled: true } } }"
config "$(ref file /OPENCLAW_GATEWAY_TOKEN)" "$providers" "$models" "$chat" | gateway_config document

about "nothing is there"
expect_status 1 gateway_start document
check "it says that a secret is missing" grep -q 'required secrets are unavailable' "$LOG"

about "the document is there"
expect_status 0 "$BOOTSEAL" activate host.yaml
helper model "$model_port" "$TMP/model.log" &
at_exit "kill $!"
expect_status 0 gateway_start document
[ -n "$PID" ] || { tail -n 5 "$LOG"; exit 1; }
takes "$TOKEN"
expect_status 0 helper chat "$PORT" "$TOKEN"
check "the model answers" grep -q '^200 .*pong' .out
check "its provider got the sealed key" grep -qx "POST /v1/chat/completions Bearer $KEY" model.log
check "and no other" test "$(sort -u model.log | wc -l)" -eq 1
for process in $(processes); do
	check "neither is in an environment" test "$(tr '\0' '\n' <"$process/environ" | grep -cF -e "$TOKEN" -e "$KEY")" -eq 0
done
check "neither is in a file of its" bash -c '! grep -rlaF -e "$1" -e "$2" document openclaw.log' - "$TOKEN" "$KEY"
