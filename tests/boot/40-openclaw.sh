#!/usr/bin/env bash
# The real OpenClaw under a real systemd: boot, crash, a death before it is ready, sealed files that are broken or lack
# the token, a rotation, a rollback, a reboot. Its document is there until it is ready; the two other ways are those of
# systemd itself, a credential and an environment file.
. "${0%/*}/../openclaw/peers.sh"
. "$ROOT/tests/boot/boot.sh"

token=tok-$(random) key=sk-$(random) other=oth-$(random) changed=cha-$(random)
node=$OPENCLAW_DIR/node_modules/node/bin/node
port() { "$node" "$ROOT/tests/openclaw/gateway.mjs" port 20000; }
ports=(0 0 0)
until [ "$(printf '%s\n' "${ports[@]}" | sort -u | wc -l)" -eq 3 ]; do ports=("$(port)" "$(port)" "$(port)"); done
recipient=$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")
seal() { cat >"$1" && "$BOOTSEAL" encrypt -i --age "$recipient" "$1"; } # FILE

install_host
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
mkdir -p tree/root
seal tree/etc/bootseal/sealed.yaml <<<"OPENCLAW_GATEWAY_TOKEN: $token
LLM_API_KEY: $key"
seal tree/root/lacking.yaml <<<"LLM_API_KEY: $key"
seal tree/etc/bootseal/other.yaml <<<"OTHER_TOKEN: $other"
seal tree/root/changed.yaml <<<"OTHER_TOKEN: $changed"
install -D -m 644 "$ROOT/tests/openclaw/gateway.mjs" tree/usr/local/lib/gateway.mjs
enable sockets.target bootseal-credentials.socket
cat >tree/etc/bootseal/host.yaml <<'EOF'
documents:
  openclaw/secrets.json:
    file: sealed.yaml
    keys: all
    owner: openclaw
    lifetime: until-ready
    unit: openclaw-gateway.service
environments:
  environment.env: {file: other.yaml, keys: [OTHER_TOKEN], restart: [openclaw-environment.service]}
credentials:
  openclaw-credential.service:
    token: {file: other.yaml, key: OTHER_TOKEN}
EOF
# The operator's command line, as rotate-token calls it.
cat >tree/usr/local/bin/openclaw <<'EOF'
#!/bin/sh
export OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1
exec /opt/openclaw/node_modules/node/bin/node /opt/openclaw/node_modules/openclaw/openclaw.mjs "$@"
EOF
chmod 755 tree/usr/local/bin/openclaw

# A user, a state directory and a configuration for each; the first has the example's drop-in.
gateway() { # NUMBER NAME USER REF PROVIDER SERVICE-LINES
	local state=tree/var/lib/$3
	add_user "$3" $((1500 + $1)) "/var/lib/$3"
	mkdir -p "$state/.openclaw"
	cat >"$state/.openclaw/openclaw.json" <<-END
		{ gateway: { mode: 'local', auth: { mode: 'token', token: $4 } }, secrets: { providers: { $5 } } }
	END
	chown -R $((1500 + $1)):$((1500 + $1)) "$state"
	chmod -R go= "$state"
	unit "$2.service" <<-END
		[Unit]
		Wants=bootseal.service
		After=bootseal.service
		[Service]
		User=$3
		TimeoutStartSec=120
		NoNewPrivileges=yes
		Environment=OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1 OPENCLAW_DISABLE_BONJOUR=1 OPENCLAW_SKIP_CHANNELS=1
		ExecStart=/opt/openclaw/node_modules/node/bin/node /opt/openclaw/node_modules/openclaw/openclaw.mjs gateway run --port ${ports[$1]} --bind loopback
		$6
	END
}
ref() { echo "{ source: 'file', provider: 'sealed', id: '$1' }"; }
gateway 0 openclaw-gateway openclaw "$(ref /OPENCLAW_GATEWAY_TOKEN)" "sealed: { source: 'file', path: '/run/secrets.ready/openclaw/secrets.json' }" \
	"Restart=on-failure
RestartSec=1"
mkdir -p tree/etc/systemd/system/openclaw-gateway.service.d
sed "s/:18789/:${ports[0]}/" "$ROOT/contrib/examples/openclaw-gateway.conf" >tree/etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf
check "the drop-in is for this port" grep -q "127.0.0.1:${ports[0]}/healthz" tree/etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf
gateway 1 openclaw-credential openclaw-b "$(ref value)" \
	"sealed: { source: 'file', path: '/run/credentials/openclaw-credential.service/token', mode: 'singleValue' }" \
	"LoadCredential=token:/run/bootseal.credentials"
gateway 2 openclaw-environment openclaw-c "{ source: 'env', provider: 'default', id: 'OTHER_TOKEN' }" "" \
	"EnvironmentFile=/run/secrets/environment.env"
enable multi-user.target openclaw-gateway.service

cat >>on-host-lib.sh <<'EOF'
token=$1 other=$2 key=$3 changed=$4 ports=("${@:5}")
document=/run/secrets.ready/openclaw/secrets.json
gateway=openclaw-gateway.service
helper() { /opt/openclaw/node_modules/node/bin/node /usr/local/lib/gateway.mjs "$@"; }
takes() { # NAME PORT TOKEN
	is "$1: the sealed token" same "$(helper ask "$2" "$3")" 200
	is "$1: another token" same "$(helper ask "$2" "x$3")" 401
	is "$1: no token" same "$(helper ask "$2" "")" 401
}
withdrawn() { test ! -e $document; }
as() { setpriv --reuid="$1" --regid="$1" --clear-groups --no-new-privs -- "${@:2}"; }
# All that a command of the agent could look at: the files, and the processes' environments, of the gateway's user.
cat >/run/look <<'END'
#!/bin/bash
patterns=()
for text; do patterns+=(-e "$text"); done
{
	grep -rlaF "${patterns[@]}" / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --exclude-dir=opt --exclude-dir=usr
	grep -laF "${patterns[@]}" /proc/[0-9]*/environ
	grep -rlaF "${patterns[@]}" /dev/shm
} 2>/dev/null # what this user may not read
true
END
chmod 755 /run/look
sees_nothing() { # NAME VALUE...
	is "$1: nothing of it can be read" same "$(as 1500 /run/look "${@:2}")" ""
}
is_up() { [ "$(when $gateway ActiveState)" = active ]; }
wait_for() { for _ in {1..600}; do ! "$@" >/dev/null 2>&1 || return 0; sleep 0.2; done; "$@"; }
new_value() { SOPS_AGE_SSH_PRIVATE_KEY_FILE=/etc/ssh/ssh_host_ed25519_key bootseal get /etc/bootseal/sealed.yaml '["OPENCLAW_GATEWAY_TOKEN"]'; }
EOF

mkdir state
arguments=("$token" "$other" "$key" "$changed" "${ports[@]}")
boot gateway 51 --state state --bind "$OPENCLAW_DIR" /opt/openclaw -- "${arguments[@]}" <<'EOF'
is_whole
is "the gateway is up" is_up
is "its document is withdrawn" withdrawn
takes "after the boot" "${ports[0]}" "$token"
sees_nothing "after the boot" "$token" "$key"
echo "$token" >/run/seen && chown 1500 /run/seen
is "what can be read is found" same "$(as 1500 /run/look "$token" "$key")" /run/seen
rm /run/seen

# --- a crash; and when it starts again, one before it is ready
pid=$(when $gateway MainPID)
kill -SEGV "$pid"
wait_for test -e $document
is "a crash publishes again" test -e $document
is "for the gateway" as 1500 grep -q "$token" $document
started_again() { again=$(when $gateway MainPID) && [ "$again" -ne "$pid" ] && [ "$again" -gt 0 ]; }
wait_for started_again
is "it starts" test "$again" -ne "$pid" -a "$again" -gt 0
kill -KILL "$again"
is "dead before it was ready: withdrawn" wait_for withdrawn
is "why is told" wait_for journal_says "$gateway: its main process ended before it was ready"
died_and_is_up() { [ "$(when $gateway NRestarts)" -ge 2 ] && is_up; }
is "it starts again" wait_for died_and_is_up
is "its document is withdrawn again" withdrawn
takes "after the crashes" "${ports[0]}" "$token"
sees_nothing "after the crashes" "$token" "$key"

# --- a sealed file that does not open: what runs runs on, and nothing starts
cp /etc/bootseal/sealed.yaml /root/good.yaml
head -c 300 /root/good.yaml >/etc/bootseal/sealed.yaml
is "a reload fails" not systemctl reload bootseal
takes "it runs on" "${ports[0]}" "$token"
is "it does not start without its secrets" not systemctl restart $gateway
systemctl stop $gateway
is "nothing is published" withdrawn
# --- one without the token: the gateway ends by itself
cat /root/lacking.yaml >/etc/bootseal/sealed.yaml
systemctl reset-failed $gateway
is "it does not start without its token" not systemctl start $gateway
systemctl stop $gateway
is "it says why" journal_says 'required secrets are unavailable'
is "nothing is published then" withdrawn
cat /root/good.yaml >/etc/bootseal/sealed.yaml
systemctl reset-failed $gateway
is "it starts with it" systemctl start $gateway
is "its document is withdrawn then" withdrawn

# --- a rotation: nothing is restarted
is "it is ready for all" helper wait "${ports[0]}" 1 600 /readyz
invocation=$(when $gateway InvocationID)
is "rotate-token" bootseal openclaw rotate-token --url "ws://127.0.0.1:${ports[0]}"
new=$(new_value)
is "a new token" test -n "$new" -a "$new" != "$token"
takes "rotated" "${ports[0]}" "$new"
is "not the old one" same "$(helper ask "${ports[0]}" "$token")" 401
is "withdrawn" withdrawn
sees_nothing "rotated" "$token" "$key" "$new"
is "an activation" systemctl reload bootseal
sleep 0.5
is "does not start it anew" same "$(when $gateway InvocationID)" "$invocation"
systemctl stop $gateway

# --- the two other ways
systemctl start openclaw-credential openclaw-environment
# Newer systemd leaves it to root and gives the user an ACL, which OpenClaw refuses.
credential=/run/credentials/openclaw-credential.service/token
is "LoadCredential=: it is there" wait_for test -e $credential # a start does not wait for it
owner=$(stat -c %u $credential)
echo "note the credential: $(stat -c '%u %A' $credential), $(systemctl --version | head -n 1)"
pids=("$(when openclaw-credential MainPID)" "$(when openclaw-environment MainPID)")
if [ "$owner" = 1501 ]; then
	is "LoadCredential=: it answers" helper wait "${ports[1]}" "${pids[0]}" 600
	takes "LoadCredential=" "${ports[1]}" "$other"
	systemctl stop openclaw-credential
else
	is "LoadCredential=: root's" same "$owner" 0
	is "LoadCredential=: it is refused" wait_for systemctl is-failed openclaw-credential
	is "LoadCredential=: it does not start without" bash -c 'journalctl --sync; journalctl -b -u openclaw-credential -o cat | grep -F "required secrets are unavailable"'
	is "LoadCredential=: nor answers" not helper wait "${ports[1]}" "${pids[0]}" 1
fi
is "EnvironmentFile=: it answers" helper wait "${ports[2]}" "${pids[1]}" 600
takes "EnvironmentFile=" "${ports[2]}" "$other"

# --- another value, by an activation, which starts it anew; and back
in_force() { # TOKEN OTHER-TOKEN
	[ "$(helper ask "${ports[2]}" "$1")" = 200 ] && [ "$(helper ask "${ports[2]}" "$2")" = 401 ]
}
cat /root/changed.yaml >/etc/bootseal/other.yaml
is "an activation with another token" systemctl reload bootseal
is "is in force" wait_for in_force "$changed" "$other"
is "a rollback" bootseal rollback
is "the token of before is in force" wait_for in_force "$other" "$changed"
is "the journal tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2" -e "$3" -e "$4" -e "$5"' - "$token" "$other" "$key" "$changed" "$new"
EOF
rm -rf tree && mkdir tree # all is on the disk
boot reboot 9 --state state --bind "$OPENCLAW_DIR" /opt/openclaw -- "${arguments[@]}" <<'EOF'
is_whole
new=$(new_value)
is "the rotated token is sealed" test -n "$new" -a "$new" != "$token"
is "the gateway is up" is_up
is "its document is withdrawn" withdrawn
takes "after the reboot" "${ports[0]}" "$new"
is "not the token of before" same "$(helper ask "${ports[0]}" "$token")" 401
sees_nothing "after the reboot" "$token" "$key" "$new"
EOF
no_plaintext state/upper "$token" "$key" "$other" "$changed"
