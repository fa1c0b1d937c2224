#!/usr/bin/env bash
# openclaw setup and --undo on a host with a real systemd and the real OpenClaw: a user unit with secrets in its
# Environment=, which becomes a system unit, and a system unit. The gateways run on what was sealed, after a reboot, too;
# then each file is as it was, and the gateways of before answer.
. "${0%/*}/../openclaw/peers.sh"
. "$ROOT/tests/boot/boot.sh"

one=tok-$(random) two=tok-$(random) key=sk-$(random)
node=$OPENCLAW_DIR/node_modules/node/bin/node
port() { "$node" "$ROOT/tests/openclaw/gateway.mjs" port 20100; }
ports=(0 0)
until [ "${ports[0]}" != "${ports[1]}" ]; do ports=("$(port)" "$(port)"); done
quiet='OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1 OPENCLAW_DISABLE_BONJOUR=1 OPENCLAW_SKIP_CHANNELS=1'
run='/opt/openclaw/node_modules/node/bin/node /opt/openclaw/node_modules/openclaw/openclaw.mjs gateway run --bind loopback --port'
expect_status 0 "$BOOTSEAL" keygen -o operator.key
operator=$(sed -n 's/^# public key: //p' operator.key)

install_host
rm -r tree/etc/bootseal # there is none yet
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
install -D -m 644 "$ROOT/tests/openclaw/gateway.mjs" tree/usr/local/lib/gateway.mjs
printf '#!/bin/sh\nexec %s "$@"\n' "${run%% gateway *}" >tree/usr/local/bin/openclaw
chmod 755 tree/usr/local/bin/openclaw
# What pam_systemd does, which is not on the host.
mkdir -p tree/etc/systemd/system/user@.service.d tree/var/lib/systemd/linger
printf '[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%%i\n' >tree/etc/systemd/system/user@.service.d/test.conf
touch tree/var/lib/systemd/linger/claw

home() { # NAME UID HOME FIELDS: of a gateway's user
	add_user "$1" "$2" "$3"
	mkdir -p "tree$3/.openclaw"
	printf '// mine\n{ gateway: { mode: "local", %s } }\n' "$4" >"tree$3/.openclaw/openclaw.json"
}
# systemd has a meaning for most of what is in this name
home="/home/it's 50% of \"a\\b\" \$HOME;"
home claw 1601 "$home" ""
units=tree$home/.config/systemd/user
mkdir -p "$units/default.target.wants"
cat >"$units/openclaw-gateway.service" <<END
[Unit]
Description=OpenClaw Gateway
[Service]
ExecStart=/usr/local/bin/run-gateway '%h' --port ${ports[0]}
WorkingDirectory=%h
Restart=always
RestartSec=1
Environment="HOME=%h" "OPENCLAW_GATEWAY_TOKEN=$one" $quiet
Environment=OPENAI_API_KEY=$key
[Install]
WantedBy=default.target
END
printf '#!/bin/sh\n[ "$PWD" = "$HOME" ] && [ "$1" = "$HOME" ] && exec %s "$3"\n' "$run" >tree/usr/local/bin/run-gateway
chmod 755 tree/usr/local/bin/run-gateway
ln -s ../openclaw-gateway.service "$units/default.target.wants/"
home other 1602 /home/other "auth: { mode: 'token', token: '$two' }"
unit openclaw-other.service <<END
[Service]
User=other
Environment=HOME=/home/other $quiet
ExecStart=$run ${ports[1]}
Restart=always
RestartSec=1
END
enable multi-user.target openclaw-other.service
chown -R 1601:1601 "tree$home"
chown -R 1602:1602 tree/home/other
chmod -R go= "tree$home" tree/home/other

cat >>on-host-lib.sh <<'EOF'
one=$1 two=$2 key=$3 operator=$4 home=$5 ports=("${@:6}")
manifest="/etc/of 50% the \"others'\" \$HOME/host.yaml"
helper() { /opt/openclaw/node_modules/node/bin/node /usr/local/lib/gateway.mjs "$@"; }
takes() { # NAME NUMBER TOKEN
	is "$1: it is up" helper wait "${ports[$2]}" 1 600
	is "$1: the sealed token" same "$(helper ask "${ports[$2]}" "$3")" 200
	is "$1: another token" same "$(helper ask "${ports[$2]}" "x$3")" 401
}
their() { setpriv --reuid=1601 --regid=1601 --clear-groups env HOME="$home" XDG_RUNTIME_DIR=/run/user/1601 systemctl --user "$@"; }
claw() { bootseal openclaw setup --for claw --yes "$@"; }
other() { bootseal openclaw setup --for other --unit openclaw-other.service --manifest "$manifest" --yes "$@"; }
# The installations: each file with all that is said of it, and its content. Not what OpenClaw itself writes.
installation() {
	local files=(/etc/systemd/system/openclaw-* /home/*/.openclaw/openclaw.json)
	[ ! -d "$home/.config" ] || files+=("$home/.config/systemd")
	find "${files[@]}" ! -type d -printf '%p %y %U:%G %m %T@ %l\n' | sort
	find "${files[@]}" -type f -exec sha256sum {} + | sort
	ls -d /etc/bootseal "${manifest%/*}" /etc/systemd/system/*.wants/openclaw* 2>&1
}
holds_none() { ! grep -rlaF -e "$one" -e "$two" -e "$key" /etc /home /run/secrets* /var/lib; }
withdrawn() { same "$(find /run/secrets.ready/ -type f ! -name '.*')" ""; }
EOF

mkdir state
arguments=("$one" "$two" "$key" "$operator" "$home" "${ports[@]}")
boot setup 16 --state state --bind "$OPENCLAW_DIR" /opt/openclaw -- "${arguments[@]}" <<'EOF'
if ! later systemctl is-active user@1601.service; then
	echo "skip a user's manager does not start on this host"
	exit 0
fi
is "the user's gateway runs" later their is-active openclaw-gateway
is "the other one runs" systemctl is-active openclaw-other
helper wait "${ports[0]}" 1 600 # what OpenClaw itself makes of its configuration, it has
helper wait "${ports[1]}" 1 600
installation >/root/before
is "setup of a user unit" claw --recipient "$operator"
takes "sealed, of a user unit" 0 "$one"
is "it is a system unit" same "$(when openclaw-gateway User)" claw
is "of the next boot, too" same "$(systemctl is-enabled openclaw-gateway)" enabled
is "the user's manager runs none" not their is-active openclaw-gateway
is "setup of a system unit" other --recipient "$operator"
takes "sealed, of a system unit" 1 "$two"
is "no file has a secret" holds_none
is "what was published is withdrawn" withdrawn
is "the journal tells no secret" bash -c 'journalctl --sync; ! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2" -e "$3"' - "$one" "$two" "$key"
EOF
rm -rf tree && mkdir tree # all is on the disk
boot reboot 15 --state state --bind "$OPENCLAW_DIR" /opt/openclaw -- "${arguments[@]}" <<'EOF'
takes "after a reboot, of a user unit" 0 "$one"
takes "after a reboot, of a system unit" 1 "$two"
is "withdrawn after a reboot" withdrawn
is "no process has the key" bash -c '! grep -laF "$1" /proc/[0-9]*/environ' - "$key"
is "undone" claw --undo
is "the other, too" other --undo
installation >/root/after
is "each file is as it was" diff /root/before /root/after
is "the user's manager runs it again" later their is-active openclaw-gateway
takes "as before, of a user unit" 0 "$one"
takes "as before, of a system unit" 1 "$two"
is "its process has the key again" bash -c 'grep -laF "$1" /proc/[0-9]*/environ' - "$key"
EOF
