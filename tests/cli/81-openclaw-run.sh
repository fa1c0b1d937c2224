#!/usr/bin/env bash
# openclaw run: OpenClaw's command line with the sealed token, in the environment of that process alone.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
own_memory

host <<'END'
identities: [host_key]
directory: /run/secrets
secrets:
  bot: {file: openclaw.yaml, key: telegram/bot-token}
  other: {file: flat.yaml, key: A}
environments:
  same: {file: openclaw.yaml, keys: [OPENCLAW_GATEWAY_TOKEN]}
documents:
  openclaw/secrets.json: {file: openclaw.yaml, keys: [OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY]}
END
token=gateway-token-4f1d

# Stands in for OpenClaw: says how it was called, and ends with the status that it is told.
mkdir bin
cat >bin/openclaw <<'END'
#!/bin/sh
printf 'word: %s\n' "$@"
echo "token: $OPENCLAW_GATEWAY_TOKEN"
echo "url: $OPENCLAW_GATEWAY_URL"
echo "others: ${OPENCLAW_CONFIG_PATH-}${OPENCLAW_HOME-}${OPENCLAW_PROFILE-}${OPENCLAW_GATEWAY_PORT-}${OPENCLAW_GATEWAY_PASSWORD-}"
echo "state: $(ls -A "$OPENCLAW_STATE_DIR" | wc -l) $(stat -c %a "$OPENCLAW_STATE_DIR")"
echo "$OPENCLAW_STATE_DIR" >"$SEEN/state"
touch "$OPENCLAW_STATE_DIR/left"
tr '\0' ' ' </proc/$$/cmdline >"$SEEN/argv"
tr '\0' ' ' </proc/$PPID/cmdline >>"$SEEN/argv"
cat
exit "${STATUS:-0}"
END
chmod 755 bin/openclaw
mkdir seen
export PATH=$TMP/bin:$PATH SEEN=$TMP/seen

about "by the manifest"
export OPENCLAW_CONFIG_PATH=x OPENCLAW_HOME=x OPENCLAW_PROFILE=x OPENCLAW_GATEWAY_PORT=1 OPENCLAW_GATEWAY_PASSWORD=x
expect_output "word: gateway
word: health
word: --json
word: a b
token: $token
url: ws://127.0.0.1:18789
others: 
state: 0 700
from stdin" bash -c 'echo from stdin | "$BOOTSEAL" openclaw run --manifest host.yaml -- gateway health --json "a b"'
expect_absent "$(cat seen/state)"
check "the directory is in memory" test "$(stat -f -c %T "$XDG_RUNTIME_DIR")" = tmpfs
case $(cat seen/state) in "$XDG_RUNTIME_DIR"/*) ok "it is below the runtime directory" ;; *) fail "elsewhere" "$(cat seen/state)" ;; esac
check "the token is in no command line" test "$(grep -c "$token" seen/argv)" -eq 0
STATUS=7 expect_status 7 "$BOOTSEAL" openclaw run --manifest host.yaml -- x </dev/null
expect_status 0 "$BOOTSEAL" openclaw run --manifest host.yaml --url wss://gateway.example/ --key bot-token -- x </dev/null
check "another key" grep -qx 'token: 123456:telegram' .out
check "another URL" grep -qx 'url: wss://gateway.example/' .out

about "by a file"
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key
expect_status 0 "$BOOTSEAL" openclaw run --file openclaw.yaml -- x </dev/null
check "its own key" grep -qx "token: $token" .out
expect_status 0 "$BOOTSEAL" openclaw run --file openclaw.yaml --key telegram/bot-token --program "$TMP/bin/openclaw" -- x </dev/null
check "another one" grep -qx 'token: 123456:telegram' .out
expect_error 'cannot' "$BOOTSEAL" openclaw run --file missing.yaml -- x

about "errors"
ran() { [ -e seen/state ]; }
rm -f seen/state
expect_error 'the manifest has no value "NONE"' "$BOOTSEAL" openclaw run --manifest host.yaml --key NONE -- x
expect_error '--file and --manifest exclude each other' "$BOOTSEAL" openclaw run --manifest host.yaml --file flat.yaml -- x
expect_error 'the token would go unencrypted' "$BOOTSEAL" openclaw run --manifest host.yaml --url ws://gateway.example -- x
expect_error 'is no URL of a gateway' "$BOOTSEAL" openclaw run --manifest host.yaml --url http://127.0.0.1 -- x
expect_error 'cannot start "no-such-program"' "$BOOTSEAL" openclaw run --manifest host.yaml --program no-such-program -- x
expect_error 'is empty' "$BOOTSEAL" openclaw run --file openclaw.yaml --key empty -- x
expect_status 30 "$BOOTSEAL" openclaw run --manifest host.yaml
sed -i 's/key: A}/key: OPENCLAW_GATEWAY_TOKEN}/' host.yaml
expect_error 'more than one value "OPENCLAW_GATEWAY_TOKEN"' "$BOOTSEAL" openclaw run --manifest host.yaml -- x
if ran; then fail "OpenClaw was run all the same"; else ok "OpenClaw was not run"; fi
check "no directory is left" test -z "$(ls -A "$XDG_RUNTIME_DIR")"
