#!/usr/bin/env bash
# openclaw check beside the real OpenClaw: what it says of a gateway that is up, and that it refuses what OpenClaw's own
# audit refuses.
. "${0%/*}/openclaw.sh"
sealed_host <<'END'
identities: [host_key]
documents:
  openclaw/secrets.json: {file: gateway.yaml, keys: all, lifetime: until-ready, unit: openclaw-gateway.service, WHOSE}
END
document=/run/secrets.ready/openclaw/secrets.json
config "$(ref file /OPENCLAW_GATEWAY_TOKEN)" "sealed: { source: 'file', path: '$document' }" | gateway_config check
user=$(id -nu "$USER_OF_GATEWAY")
STATE=$TMP/check/state
oc() { "$BOOTSEAL" openclaw check --for "${WHOSE:-$user}" --state "$STATE" --json "$@" >.json 2>.err || [ $? -eq 35 ]; }
kinds() { # what is no "ok", but for what this host alone has; an OpenClaw of another test may run
	grep -o '"level":"[a-z]*","kind":"[^"]*"' .json | sed '/"ok"/d; s/.*"kind":"//; s/"//' | grep -vxE 'ptrace|identity|environ' | sort | paste -sd' '
}
says() { # NAME KINDS [OPTION...]
	check "$1: it runs" oc "${@:3}"
	if [ "$(kinds)" = "$2" ]; then ok "$1"; else fail "$1" "$(cat .json)"; fi
	if grep -qF -e "$TOKEN" -e "$KEY" .json; then fail "$1: a secret is shown"; else ok "$1: no secret"; fi
}
audit() { gateway_cli check -- secrets audit --json --allow-exec >audit || : "its status is that of its findings"; }

about "before it is published"
says "not there" unpublished --no-gateway

about "the gateway is up"
expect_status 0 "$BOOTSEAL" activate --for openclaw-gateway.service host.yaml
expect_status 0 gateway_start check
[ -n "$PID" ] || { tail -n 5 "$LOG"; exit 1; }
says "the document is still there" file-left --port "$PORT"
check "nothing is in its environment" test "$(grep -c "/proc/$PID/environ" .json)" -eq 0
check "it takes its token" grep -q 'takes its token and refuses another' .json
expect_status 0 "$BOOTSEAL" release --for openclaw-gateway.service host.yaml
says "withdrawn, and the token opened by the manifest" "" --port "$PORT" --manifest host.yaml
check "it takes the sealed token" grep -q 'takes its token and refuses another' .json
WHOSE=root
check "another user's: it runs" oc --port "$PORT" --manifest host.yaml
check "another user's is told nothing" grep -q '"kind":"gateway-other"' .json
WHOSE=
gateway_stop || : "it was told to"
says "nobody is there" "gateway-down unpublished" --port "$PORT" --manifest host.yaml

about "as OpenClaw's audit"
PLACE=$TMP/check/oc.json
config "$(ref file /OPENCLAW_GATEWAY_TOKEN)" "sealed: { source: 'file', path: '$PLACE' }" | gateway_config check
put() { # OWNER MODE
	rm -f "$PLACE" "$PLACE".*
	printf '{"OPENCLAW_GATEWAY_TOKEN":"%s"}' "$TOKEN" >"$PLACE"
	chown "$1" "$PLACE"
	chmod "$2" "$PLACE"
}
agrees() { # NAME yes|no: does OpenClaw take it? And we?
	audit
	if { [ "$2" = yes ] && ! grep -q 'REF_UNRESOLVED' audit; } || { [ "$2" = no ] && grep -q 'REF_UNRESOLVED' audit; }; then
		ok "OpenClaw: $1"
	else
		fail "OpenClaw: $1" "$(cat audit)"
	fi
	oc --no-gateway
	if { [ "$2" = yes ] && ! grep -q 'OpenClaw refuses' .json; } || { [ "$2" = no ] && grep -q 'OpenClaw refuses\|it has no text at\|does not start without it' .json; }; then
		ok "we: $1"
	else
		fail "we: $1" "$(cat .json)"
	fi
}
put "$USER_OF_GATEWAY" 400
agrees "its own, 0400" yes
put root 444
agrees "root's" no
put "$USER_OF_GATEWAY" 440
agrees "for its group, too" no
put "$USER_OF_GATEWAY" 400
mv "$PLACE" "$PLACE.real"
ln -s oc.json.real "$PLACE"
agrees "a symlink" no
put "$USER_OF_GATEWAY" 400
ln "$PLACE" "$PLACE.second"
agrees "a second name" no

about "what OpenClaw writes by itself"
mkdir -p fresh/home fresh/state
chown -R "$USER_OF_GATEWAY:$USER_OF_GATEWAY" fresh
expect_status 0 gateway_cli fresh -- onboard --non-interactive --accept-risk --auth-choice apiKey --anthropic-api-key "$KEY" \
	--mode local --no-install-daemon --skip-health --gateway-token "$TOKEN"
STATE=$TMP/fresh/state
says "a token and a key that it was given, and nothing else" "database plaintext" --no-gateway
