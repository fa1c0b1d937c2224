#!/usr/bin/env bash
# rotate-token with the real gateway: under load no request is lost, and none is taken with the token of before; a key
# for a provider of models is in force at once; what fails leaves all as it was.
. "${0%/*}/openclaw.sh"
sealed_host <<'END'
identities: [host_key]
documents:
  openclaw/secrets.json: {file: gateway.yaml, keys: all, lifetime: until-ready, unit: openclaw-gateway.service, WHOSE}
END
document=/run/secrets.ready/openclaw/secrets.json
MODEL_PORT=$(own_port)
models=", agents: { defaults: { model: 'fake/m1' } }, models: { providers: { fake: { baseUrl: 'http://127.0.0.1:$MODEL_PORT/v1',
	api: 'openai-completions', apiKey: $(ref file /LLM_API_KEY), models: [ { id: 'm1', name: 'm1', contextWindow: 128000, maxTokens: 1024 } ] } } }"
chat=", http: { endpoints: { chatCompletions: { enabled: true } } }"
config "$(ref file /OPENCLAW_GATEWAY_TOKEN)" "sealed: { source: 'file', path: '$document' }" "$models" "$chat" | gateway_config rotate
model_start
expect_status 0 "$BOOTSEAL" activate --for openclaw-gateway.service host.yaml
expect_status 0 gateway_start rotate
[ -n "$PID" ] || { tail -n 5 "$LOG"; exit 1; }
expect_status 0 "$BOOTSEAL" release --for openclaw-gateway.service host.yaml
takes "$TOKEN"

cat >openclaw <<END
#!/bin/sh
exec $NODE $OPENCLAW "\$@"
END
chmod 755 openclaw
export OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1 SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key
rotate() { "$BOOTSEAL" openclaw rotate-token --manifest host.yaml --program "$TMP/openclaw" --url "ws://127.0.0.1:$PORT" "$@"; }

about "under load"
# It takes calls before all of it is there, and answers some with 503 then.
expect_status 0 helper wait "$PORT" "$PID" 600 /readyz
new=token-under-load-$RANDOM
cp -p gateway.yaml next.yaml
"$BOOTSEAL" set next.yaml '["OPENCLAW_GATEWAY_TOKEN"]' <<<"$new"
printf '%s\n%s\n' "$TOKEN" "$new" >tokens
"$NODE" "$HELPER" load "$PORT" 1000 <tokens >load 2>load.err &
load=$!
at_exit "kill $load 2>/dev/null || : it has ended"
for _ in {1..1200}; do [ ! -s load ] || break; sleep 0.1; done
expect_status 0 rotate --with next.yaml
expect_absent "$document"
expect_output 401 status_of "$TOKEN"
takes "$new"
expect_status 0 wait $load
read -r first _ second _ lost _ late _ < <(tail -n 1 load)
check "a thousand requests" test $((first + second)) -ge 1000
check "before and after the switch" test "$first" -gt 0 -a "$second" -ge 250
check "none is lost: $(sort load.err | uniq -c | head -n 3)" test "$lost" -eq 0
check "none is taken with the token of before" test "$late" -eq 0
echo "under load: $(tail -n 1 load)"
TOKEN=$new

about "a new token"
expect_status 0 rotate
new=$("$BOOTSEAL" get gateway.yaml '["OPENCLAW_GATEWAY_TOKEN"]')
check "it is another" test "$new" != "$TOKEN"
expect_output 401 status_of "$TOKEN"
TOKEN=$new
takes "$TOKEN"

about "a key for a provider of models"
expect_status 0 helper chat "$PORT" "$TOKEN"
check "before, the provider gets the key of before" grep -qx "POST /v1/chat/completions Bearer $KEY" model.log
: >model.log
expect_status 0 rotate --key LLM_API_KEY <<<sk-rotated
expect_status 0 helper chat "$PORT" "$TOKEN"
check "then it gets the new one" grep -qx "POST /v1/chat/completions Bearer sk-rotated" model.log
check "and no other" test "$(sort -u model.log | wc -l)" -eq 1
takes "$TOKEN"

about "a file without the key of a provider"
cp -p gateway.yaml before.yaml
cp -p gateway.yaml next.yaml
"$BOOTSEAL" unset next.yaml '["LLM_API_KEY"]'
"$BOOTSEAL" set next.yaml '["OPENCLAW_GATEWAY_TOKEN"]' <<<"x$TOKEN"
expect_error 'all is as it was before' rotate --with next.yaml
expect_same gateway.yaml before.yaml
expect_absent "$document"
takes "$TOKEN"
