#!/usr/bin/env bash
# What the agent of the real gateway can read: a stand-in for a provider of models has it run commands, by its own tool
# for that. While its secrets are published it can read them, as bootseal-openclaw-resolve(1) says; when they are
# withdrawn it finds them in no file and in no environment that its user can read.
. "${0%/*}/openclaw.sh"
sealed_host <<'END'
identities: [host_key]
documents:
  openclaw/secrets.json: {file: gateway.yaml, keys: all, lifetime: until-ready, unit: openclaw-gateway.service, WHOSE}
END
MODEL_PORT=$(own_port)
document=/run/secrets.ready/openclaw/secrets.json
# The token by the exec provider, the key by the file provider.
install -o "$USER_OF_GATEWAY" -m 500 "$BOOTSEAL" provider
models=", agents: { defaults: { model: 'fake/m1' } }, models: { providers: { fake: { baseUrl: 'http://127.0.0.1:$MODEL_PORT/v1',
	api: 'openai-completions', apiKey: $(ref file /LLM_API_KEY), models: [ { id: 'm1', name: 'm1', contextWindow: 128000, maxTokens: 1024 } ] } } }"
chat=", http: { endpoints: { chatCompletions: { enabled: true } } }"
config "{ source: 'exec', provider: 'asked', id: 'OPENCLAW_GATEWAY_TOKEN' }" "sealed: { source: 'file', path: '$document' },
	asked: { source: 'exec', command: '$TMP/provider', args: [ 'openclaw', 'resolve', '$TMP/host.yaml' ] }" "$models" "$chat" | gateway_config agent
model_start
touch model.log.texts
chmod 600 model.log.texts
# What the agent's command finds, in found: its user, and each place that holds the token or the key. It is not told
# them: it looks for a text that both begin with.
mkdir -m 777 agent/looks
cat >agent/look.sh <<END
exec 2>/dev/null # what this user may not read
text='sealed-token-$$-[0-9]|sk-sealed-$$-[0-9]'
{
	echo "uid \$(id -u)"
	grep -rlaE "\$text" / --exclude-dir={proc,sys,dev,peers,usr,lib,var,root,work,home,tmp}
	grep -rlaE "\$text" "$TMP" /var/tmp /dev/shm
	grep -laE "\$text" $document # whose directory can be entered, and not listed
	grep -laE "\$text" /proc/[0-9]*/environ
	env | grep -E "\$text"
	echo '{"protocolVersion":1,"ids":["OPENCLAW_GATEWAY_TOKEN","LLM_API_KEY"]}' | "$TMP/provider" openclaw resolve "$TMP/host.yaml"
} >"$TMP/agent/looks/new"
mv "$TMP/agent/looks/new" "$TMP/agent/looks/found"
END
found=agent/looks/found
agent_looks() {
	rm -f $found
	expect_status 0 helper chat "$PORT" "$TOKEN" "run: bash $TMP/agent/look.sh"
	# a command that takes long goes on while the agent has its answer
	for _ in {1..1500}; do [ ! -e $found ] || break; sleep 0.2; done
	check "the agent has run it" test -s $found
	check "as the gateway's user" grep -qx "uid $USER_OF_GATEWAY" $found
}
not() { ! "$@"; }

expect_status 0 "$BOOTSEAL" activate --for openclaw-gateway.service host.yaml
expect_status 0 gateway_start agent
[ -n "$PID" ] || { tail -n 5 "$LOG"; exit 1; }
takes "$TOKEN"

about "while it is published"
agent_looks
check "the agent can read the document" grep -qx "$document" $found
check "and nothing else has it" test "$(grep -c ^/ $found)" -eq 1
check "it can ask for the token" grep -qF "\"OPENCLAW_GATEWAY_TOKEN\":\"$TOKEN\"" $found
rm $found

about "when it is withdrawn"
expect_status 0 "$BOOTSEAL" release --for openclaw-gateway.service host.yaml
expect_absent "$document"
takes "$TOKEN"
agent_looks
check "the agent sees neither" not grep -E 'sealed-|^/' $found
check "it can ask for neither" test "$(grep -o NOT_FOUND $found | wc -l)" -eq 2

about "the provider of models"
check "it was asked with the sealed key alone" test "$(sort -u model.log)" = "POST /v1/chat/completions Bearer $KEY"
check "it was told neither" not grep -qF -e "$TOKEN" -e "$KEY" model.log.texts
