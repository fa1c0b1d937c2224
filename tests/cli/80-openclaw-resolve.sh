#!/usr/bin/env bash
# openclaw resolve: what OpenClaw's exec provider is told, and by whom it may be asked.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"

ask() { # ID... : a request
	local ids
	printf -v ids ',"%s"' "$@"
	echo "{\"protocolVersion\":1,\"provider\":\"sealed\",\"ids\":[${ids#,}]}"
}
answered() { # NAME ANSWER COMMAND...: asked for what is in the file request
	expect_status 0 "${@:3}" <request
	if printf '%s\n' "$2" | cmp -s - .out; then ok "$1"; else fail "$1" "$(cat .out)"; fi
}
manifest() {
	cat >host.yaml <<-END
		identities: [host_key]
		directory: $1
		secrets:
		  telegram/bot-token: {file: openclaw.yaml, key: telegram/bot-token, owner: $2}
		  multi: {file: openclaw.yaml, key: multi, owner: $2}
		documents:
		  openclaw/secrets.json: {file: openclaw.yaml, keys: [OPENCLAW_GATEWAY_TOKEN, OPENAI_API_KEY, ANTHROPIC_API_KEY], owner: $2}
	END
	chmod 644 host.yaml
}

about "any user"
mkdir live live/telegram live/openclaw live.ready
manifest "$TMP/live" root
ask OPENCLAW_GATEWAY_TOKEN >request
answered "nothing is published" '{"protocolVersion":1,"values":{},"errors":{"OPENCLAW_GATEWAY_TOKEN":{"code":"NOT_FOUND"}}}' \
	"$BOOTSEAL" openclaw resolve host.yaml
printf '{"OPENCLAW_GATEWAY_TOKEN":"of\\u0020the gateway","OPENAI_API_KEY":"one","ANTHROPIC_API_KEY":""}\n' >live/openclaw/secrets.json
printf '123456:telegram' >live/telegram/bot-token
printf 'first\nsecond\n' >live/multi
ask OPENCLAW_GATEWAY_TOKEN telegram/bot-token OPENAI_API_KEY ANTHROPIC_API_KEY OTHER multi openclaw/secrets.json >request
answered "each id by itself" '{"protocolVersion":1,"values":{"OPENCLAW_GATEWAY_TOKEN":"of the gateway","telegram/bot-token":"123456:telegram","OPENAI_API_KEY":"one","multi":"first\nsecond"},"errors":{"ANTHROPIC_API_KEY":{"code":"UNUSABLE_VALUE"},"OTHER":{"code":"NOT_FOUND"},"openclaw/secrets.json":{"code":"NOT_FOUND"}}}' \
	"$BOOTSEAL" openclaw resolve host.yaml
answered "with no variable at all, as OpenClaw runs it" "$(cat .out)" env -i ${ASAN_OPTIONS+"ASAN_OPTIONS=$ASAN_OPTIONS"} "$BOOTSEAL" openclaw resolve "$TMP/host.yaml"

about "links"
echo outside >outside
rm live/multi
ln -s ../outside live/multi
ask multi >request
answered "are not followed" '{"protocolVersion":1,"values":{},"errors":{"multi":{"code":"NOT_FOUND"}}}' "$BOOTSEAL" openclaw resolve host.yaml

about "what is no request"
refused() { expect_error "$1" bash -c 'printf "%s" "$1" | "$BOOTSEAL" openclaw resolve "${2:-host.yaml}"' - "${@:2}"; }
refused 'the request' ''
refused 'the request has no number "protocolVersion"' '{"ids":["a"]}'
refused 'is of protocol version 2' '{"protocolVersion":2,"ids":["a"]}'
refused 'id number 1 of the request is none' '{"protocolVersion":1,"ids":["../outside"]}'
refused 'id number 2 of the request is none' '{"protocolVersion":1,"ids":["a","/etc/shadow"]}'
refused 'is in the request twice' '{"protocolVersion":1,"ids":["a","a"]}'
refused 'missing.yaml' '{"protocolVersion":1,"ids":["a"]}' missing.yaml
refused 'from a manifest of bootseal.yaml(5) alone' '{"protocolVersion":1,"ids":["a"]}' manifest.json
chmod 666 host.yaml
refused 'others may write the manifest' '{"protocolVersion":1,"ids":["a"]}'
chmod 644 host.yaml
head -c 262145 /dev/zero | tr '\0' ' ' >large
expect_error "stdin" bash -c '"$BOOTSEAL" openclaw resolve host.yaml <large'

about "what was activated"
empty_run
host </dev/null
manifest /run/secrets nobody
expect_status 0 "$BOOTSEAL" activate host.yaml
install -m 755 "$BOOTSEAL" bootseal
ask OPENCLAW_GATEWAY_TOKEN telegram/bot-token >request
as() { setpriv --reuid="$1" --regid=65534 --clear-groups --no-new-privs -- "${@:2}"; }
all='{"protocolVersion":1,"values":{"OPENCLAW_GATEWAY_TOKEN":"gateway-token-4f1d","telegram/bot-token":"123456:telegram"}}'
none='{"protocolVersion":1,"values":{},"errors":{"OPENCLAW_GATEWAY_TOKEN":{"code":"NOT_FOUND"},"telegram/bot-token":{"code":"NOT_FOUND"}}}'
answered "its owner gets it" "$all" as 65534 ./bootseal openclaw resolve "$TMP/host.yaml"
answered "another user does not" "$none" as 4242 ./bootseal openclaw resolve "$TMP/host.yaml"
