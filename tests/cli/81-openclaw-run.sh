#!/usr/bin/env bash
# openclaw run: OpenClaw's command line with the sealed token, in the environment of that process alone.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
own_memory
[ -x "$TOOLS/gateway" ] || skip "tests/tools/gateway is not built"

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

install -m 755 "$TOOLS/gateway" gateway
mkdir -m 777 ports
pid=
at_exit '[ -z "$pid" ] || kill "$pid"'
stop() {
	[ -z "$pid" ] || kill "$pid"
	[ -z "$pid" ] || wait "$pid" || : by our signal
	pid=
}
listen() { # COMMAND...: somebody listens on $port, who is run by it
	stop
	rm -f ports/port
	"$@" "$TMP/gateway" "$TMP/ports/port" 2>>gateway.said &
	pid=$!
	for _ in {1..1200}; do [ ! -s ports/port ] || break; sleep 0.1; done
	port=$(cat ports/port)
}
openclaw() { "$BOOTSEAL" openclaw run --manifest host.yaml --url "ws://127.0.0.1:$port" "$@"; }
listen exec

about "by the manifest"
export OPENCLAW_CONFIG_PATH=x OPENCLAW_HOME=x OPENCLAW_PROFILE=x OPENCLAW_GATEWAY_PORT=1 OPENCLAW_GATEWAY_PASSWORD=x
expect_output "word: gateway
word: health
word: --json
word: a b
token: $token
url: ws://127.0.0.1:$port
others: 
state: 0 700
from stdin" openclaw -- gateway health --json "a b" <<<"from stdin"
expect_absent "$(cat seen/state)"
check "the directory is in memory" test "$(stat -f -c %T "$XDG_RUNTIME_DIR")" = tmpfs
case $(cat seen/state) in "$XDG_RUNTIME_DIR"/*) ok "it is below the runtime directory" ;; *) fail "elsewhere" "$(cat seen/state)" ;; esac
check "the token is in no command line" test "$(grep -c "$token" seen/argv)" -eq 0
STATUS=7 expect_status 7 openclaw -- x </dev/null
expect_status 0 "$BOOTSEAL" openclaw run --manifest host.yaml --url wss://gateway.example/ --key bot-token -- x </dev/null
check "another key" grep -qx 'token: 123456:telegram' .out
check "another URL" grep -qx 'url: wss://gateway.example/' .out

about "by a file"
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key
expect_status 0 "$BOOTSEAL" openclaw run --file openclaw.yaml --url "ws://127.0.0.1:$port" -- x </dev/null
check "its own key" grep -qx "token: $token" .out
expect_status 0 "$BOOTSEAL" openclaw run --file openclaw.yaml --url "ws://127.0.0.1:$port" --key telegram/bot-token --program "$TMP/bin/openclaw" -- x </dev/null
check "another one" grep -qx 'token: 123456:telegram' .out
expect_error 'cannot' "$BOOTSEAL" openclaw run --file missing.yaml -- x

about "errors"
ran() { [ -e seen/state ]; }
rm -f seen/state
expect_error 'the manifest has no value "NONE"' "$BOOTSEAL" openclaw run --manifest host.yaml --key NONE -- x
expect_error '--file and --manifest exclude each other' "$BOOTSEAL" openclaw run --manifest host.yaml --file flat.yaml -- x
expect_error 'the token would go unencrypted' "$BOOTSEAL" openclaw run --manifest host.yaml --url ws://gateway.example -- x
expect_error 'is no URL of a gateway' "$BOOTSEAL" openclaw run --manifest host.yaml --url http://127.0.0.1 -- x
expect_error 'cannot start "no-such-program"' openclaw --program no-such-program -- x
expect_error 'is empty' "$BOOTSEAL" openclaw run --file openclaw.yaml --key empty -- x
expect_status 30 "$BOOTSEAL" openclaw run --manifest host.yaml
cp host.yaml right.yaml
sed -i 's/key: A}/key: OPENCLAW_GATEWAY_TOKEN}/' host.yaml
expect_error 'more than one value "OPENCLAW_GATEWAY_TOKEN"' "$BOOTSEAL" openclaw run --manifest host.yaml -- x
if ran; then fail "OpenClaw was run all the same"; else ok "OpenClaw was not run"; fi
check "no directory is left" test -z "$(ls -A "$XDG_RUNTIME_DIR")"

about "who listens"
cp right.yaml host.yaml
stop
expect_status 35 openclaw -- x
check "nobody" grep -q "nobody listens on port $port: is the gateway up?" .err
expect_status 35 "$BOOTSEAL" openclaw run --file openclaw.yaml --url "ws://127.0.0.1:$port" -- x
expect_error 'unknown owner "nobody-of-that-name"' openclaw --for nobody-of-that-name -- x
if [ "$(id -u)" -ne 0 ] || ! setpriv --reuid=4242 --regid=4242 --clear-groups true 2>/dev/null; then
	skip_one "another user" "needs root"
	if ran; then fail "OpenClaw was run all the same"; else ok "OpenClaw was not run"; fi
	exit
fi
chmod 755 .
another() { listen exec setpriv --reuid=4242 --regid=4242 --clear-groups; }
another
expect_status 32 openclaw -- x
check "another user" grep -q "another user than the gateway's listens on port $port" .err
expect_error "another user than the gateway's" "$BOOTSEAL" openclaw run --file openclaw.yaml --url "ws://localhost:$port" -- x
expect_error "another user than the gateway's" openclaw --for 4343 -- x
if ran; then fail "OpenClaw was run all the same"; else ok "OpenClaw was not run"; fi
expect_status 0 openclaw --for 4242 -- x </dev/null
check "it was run" ran
sed -i 's/ANTHROPIC_API_KEY]}/ANTHROPIC_API_KEY], owner: 4242}/' host.yaml
expect_status 0 openclaw -- x </dev/null
sed -i 's/owner: 4242/owner: 4343/' host.yaml
expect_error "another user than the gateway's" openclaw -- x
if [ -z "${OWN_MOUNTS-}" ] || [ ! -x /usr/bin/systemctl ]; then
	skip_one "the user of a unit" "needs a mount namespace and systemctl"
else
	printf '#!/bin/sh\n[ "$*" = "show --property=User --value -- gw.service" ] && echo 4242\n' >systemctl
	chmod 755 systemctl
	mount --bind systemctl /usr/bin/systemctl
	sed -i 's/owner: 4343/restart: [gw.service]/' host.yaml
	expect_status 0 openclaw -- x </dev/null
	sed -i 's/restart: .gw.service./restart: [other.service]/' host.yaml
	expect_error "another user than the gateway's" openclaw -- x
fi

about "whose the program is"
cp right.yaml host.yaml
listen exec
rm -f seen/state
refused() { # WHY COMMAND...
	expect_status 32 "${@:2}"
	check "it says why" grep -qF "OpenClaw would run as root, and $1" .err
	if ran; then fail "it was run all the same"; else ok "it was not run"; fi
}
mkdir his open sticky
cp bin/openclaw open
install -o 4242 -m 755 bin/openclaw its
refused "\"$TMP/its\" belongs to uid 4242" openclaw --program "$TMP/its" -- x
refused "\"$TMP/its\" belongs to uid 4242" openclaw --program ./its -- x
chown 0 its
chmod 775 its
refused "others may write \"$TMP/its\"" openclaw --program "$TMP/its" -- x
chmod 777 open
refused "others may write \"$TMP/open\"" openclaw --program "$TMP/open/openclaw" -- x
PATH=$TMP/open:$PATH refused "others may write \"$TMP/open\"" openclaw -- x
ln -s "$TMP/open/openclaw" link
refused "others may write \"$TMP/open\"" openclaw --program "$TMP/link" -- x
chmod 1777 sticky
ln -s "$TMP/bin/openclaw" sticky/openclaw
chown -h 4242 sticky/openclaw
refused "\"$TMP/sticky/openclaw\" belongs to uid 4242" openclaw --program "$TMP/sticky/openclaw" -- x
chown -h 0 sticky/openclaw
expect_status 0 openclaw --program "$TMP/sticky/openclaw" -- x </dev/null
rm seen/state
cp /bin/sh his/runs-it
chown -R 4242 his
{ echo "#!$TMP/his/runs-it" && tail -n +2 bin/openclaw; } >by-his
{ echo "#!/usr/bin/env -S runs-it" && tail -n +2 bin/openclaw; } >by-env
chmod 755 by-his by-env
refused "\"$TMP/his\" belongs to uid 4242" openclaw --program "$TMP/by-his" -- x
PATH=$TMP/his:$PATH refused "no directory of PATH that is root's alone has \"runs-it\"" openclaw --program "$TMP/by-env" -- x
cp /bin/sh bin/runs-it
PATH=$TMP/his:$PATH expect_status 0 openclaw --program "$TMP/by-env" -- x </dev/null
check "by root's own" ran
sed -i '1s/-S /-S PATH=.:his /' by-env
rm seen/state
refused "the first line of \"$TMP/by-env\" is more than bootseal follows" openclaw --program "$TMP/by-env" -- x
