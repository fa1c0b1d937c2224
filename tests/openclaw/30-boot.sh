#!/usr/bin/env bash
# The real gateway under a real systemd: its document is there until it is ready, also when it starts again after a
# crash; what systemd gives it as a credential, and in its environment.
. "${0%/*}/peers.sh"
. "$ROOT/tests/boot/boot.sh"
export BOOT_SECONDS=180

token=tok-$(random) key=sk-$(random) other=oth-$(random)
port() { "$OPENCLAW_DIR/node_modules/node/bin/node" "$ROOT/tests/openclaw/gateway.mjs" port; }
ports=("$(port)" "$(port)" "$(port)")
printf 'OPENCLAW_GATEWAY_TOKEN: %s\nLLM_API_KEY: %s\n' "$token" "$key" >sealed.yaml
printf 'OPENCLAW_GATEWAY_TOKEN: %s\n' "$other" >other.yaml
for file in sealed.yaml other.yaml; do
	"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")" "$file"
done

install_host
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
cp sealed.yaml other.yaml tree/etc/bootseal/
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
  environment.env: {file: other.yaml, keys: all}
credentials:
  openclaw-credential.service:
    token: {file: other.yaml, key: OPENCLAW_GATEWAY_TOKEN}
EOF

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
		Restart=on-failure
		RestartSec=1
		NoNewPrivileges=yes
		Environment=OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1 OPENCLAW_DISABLE_BONJOUR=1 OPENCLAW_SKIP_CHANNELS=1
		ExecStart=/opt/openclaw/node_modules/node/bin/node /opt/openclaw/node_modules/openclaw/openclaw.mjs gateway run --port ${ports[$1]} --bind loopback
		$6
	END
}
ref() { echo "{ source: 'file', provider: 'sealed', id: '$1' }"; }
gateway 0 openclaw-gateway openclaw "$(ref /OPENCLAW_GATEWAY_TOKEN)" "sealed: { source: 'file', path: '/run/secrets.ready/openclaw/secrets.json' }" ""
mkdir -p tree/etc/systemd/system/openclaw-gateway.service.d
sed "s/:18789/:${ports[0]}/" "$ROOT/contrib/examples/openclaw-gateway.conf" >tree/etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf
check "the drop-in is for this port" grep -q "127.0.0.1:${ports[0]}/healthz" tree/etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf
gateway 1 openclaw-credential openclaw-b "$(ref value)" \
	"sealed: { source: 'file', path: '/run/credentials/openclaw-credential.service/token', mode: 'singleValue' }" \
	"LoadCredential=token:/run/bootseal.credentials"
gateway 2 openclaw-environment openclaw-c "{ source: 'env', provider: 'default', id: 'OPENCLAW_GATEWAY_TOKEN' }" "" \
	"EnvironmentFile=/run/secrets/environment.env"
enable multi-user.target openclaw-gateway.service

boot gateway 27 --bind "$OPENCLAW_DIR" /opt/openclaw -- "$token" "$other" "$key" "${ports[@]}" <<'EOF'
token=$1 other=$2 key=$3 ports=("${@:4}")
document=/run/secrets.ready/openclaw/secrets.json
helper() { /opt/openclaw/node_modules/node/bin/node /usr/local/lib/gateway.mjs "$@"; }
takes() { # NAME PORT TOKEN
	is "$1: the sealed token" same "$(helper ask "$2" "$3")" 200
	is "$1: another token" same "$(helper ask "$2" "x$3")" 401
	is "$1: no token" same "$(helper ask "$2" "")" 401
}
as() { setpriv --reuid="$1" --regid="$1" --clear-groups --no-new-privs -- "${@:2}"; }
# All that a command of the agent could look at: the files, and the processes' environments, of the gateway's user.
cat >/run/look <<'END'
#!/bin/bash
{
	grep -rlaF -e "$1" -e "$2" / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --exclude-dir=opt --exclude-dir=usr
	grep -laF -e "$1" -e "$2" /proc/[0-9]*/environ
	grep -rlaF -e "$1" -e "$2" /dev/shm
} 2>/dev/null # what this user may not read
true
END
chmod 755 /run/look
sees_nothing() { # NAME
	is "$1: nothing of it can be read" same "$(as 1500 /run/look "$token" "$key")" ""
}
is_whole
is "the gateway is up" systemctl is-active openclaw-gateway.service
is "its document is withdrawn" test ! -e $document
takes "after the boot" "${ports[0]}" "$token"
sees_nothing "after the boot"
echo "$token" >/run/seen && chown 1500 /run/seen
is "what can be read is found" same "$(as 1500 /run/look "$token" "$key")" /run/seen
rm /run/seen

# --- a crash
pid=$(when openclaw-gateway MainPID)
kill -SEGV "$pid"
started_again() { [ "$(when openclaw-gateway MainPID)" != "$pid" ] && [ "$(when openclaw-gateway ActiveState)" = active ]; }
for _ in {1..60}; do ! started_again || break; sleep 1; done
is "it starts again after a crash" started_again
is "its document is withdrawn again" test ! -e $document
takes "after a crash" "${ports[0]}" "$token"
sees_nothing "after a crash"

# --- a sealed file that does not open: it does not start, and does once that is mended
cp /etc/bootseal/sealed.yaml /root/good.yaml
head -c 300 /root/good.yaml >/etc/bootseal/sealed.yaml
is "it does not start without its secrets" not systemctl restart openclaw-gateway.service
systemctl stop openclaw-gateway.service
is "nothing is published" test ! -e $document
cat /root/good.yaml >/etc/bootseal/sealed.yaml
systemctl reset-failed openclaw-gateway.service
is "it starts with them" systemctl start openclaw-gateway.service
takes "mended" "${ports[0]}" "$token"
is "nor then" test ! -e $document
systemctl stop openclaw-gateway.service

# --- the two other ways
for unit in openclaw-credential openclaw-environment; do systemctl start $unit.service; done
for i in 1 2; do helper wait "${ports[i]}" 1 120; done
takes "LoadCredential=" "${ports[1]}" "$other"
takes "EnvironmentFile=" "${ports[2]}" "$other"
EOF
