#!/usr/bin/env bash
# What is published until a unit is ready, with the drop-in of contrib/examples: a boot, a crash, a rotation, a reboot;
# gateways that die before they are ready, never get ready, or cannot be given their secrets.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"

token=tok-$(random) new=new-$(random)
recipient=$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")
for name in sealed changed; do
	value=$token
	[ $name = sealed ] || value=$new
	echo "TOKEN: $value" >$name.yaml
	"$BOOTSEAL" encrypt -i --age "$recipient" $name.yaml
done
head -c 200 sealed.yaml >broken.yaml
# The host's network is ours: ports that nobody has.
port=$((30000 + RANDOM % 2700)) # below those that connections are given

install_host
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
install -m 755 "$TOOLS/gateway" tree/usr/local/bin/gateway
mkdir -p tree/root
cp sealed.yaml tree/etc/bootseal/
cp changed.yaml broken.yaml sealed.yaml tree/root/
for user in openclaw dying never other; do add_user $user $((4100 + ${#user})); done
cat >tree/etc/bootseal/host.yaml <<'EOF'
documents:
  openclaw/secrets.json:
    file: sealed.yaml
    keys: [TOKEN]
    owner: openclaw
    lifetime: until-ready
    unit: openclaw-gateway.service
  dying.json: {file: sealed.yaml, keys: [TOKEN], owner: dying, lifetime: until-ready, unit: dying.service}
secrets:
  never: {file: sealed.yaml, key: TOKEN, owner: never, lifetime: until-ready, unit: never.service}
EOF
gateway() { # UNIT DOCUMENT GATEWAY-OPTIONS SERVICE-LINES
	unit "$1.service" <<-EOF
		[Service]
		ExecStart=/usr/local/bin/gateway -f /run/secrets.ready/$2 $3
		$4
	EOF
	mkdir -p "tree/etc/systemd/system/$1.service.d"
	sed "s/^User=.*/User=${1%-gateway}/; s/18789/$port/; ${5-}" "$ROOT/contrib/examples/openclaw-gateway.conf" \
		>"tree/etc/systemd/system/$1.service.d/50-bootseal.conf"
}
# Its user's own: what runs as root beside the gateway is led by none of it.
printf 'LD_%s\n' PRELOAD=/nowhere/preloaded.so TRACE_LOADED_OBJECTS=1 DEBUG=files >tree/etc/gateway.env
gateway openclaw-gateway openclaw/secrets.json "-w 400 $port" "Restart=on-failure
EnvironmentFile=/etc/gateway.env
RestartSec=100ms
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET
SystemCallFilter=@system-service"
gateway dying dying.json "-n -e 700 $((port + 1))" ""
sed -i "s/:$port/:$((port + 1))/" tree/etc/systemd/system/dying.service.d/50-bootseal.conf
gateway never never "-n $((port + 2))" "" 's/^TimeoutStartSec=.*/TimeoutStartSec=3/'
sed -i "s/:$port/:$((port + 2))/" tree/etc/systemd/system/never.service.d/50-bootseal.conf
enable multi-user.target openclaw-gateway.service

# Between what publishes and the gateway itself, as long as is wanted.
cat >tree/etc/systemd/system/openclaw-gateway.service.d/60-hold.conf <<'EOF'
[Service]
ExecStartPre=/bin/sh -c 'while [ -e /run/hold ]; do sleep 0.1; done'
EOF

cat >>on-host-lib.sh <<'EOF'
port=$1 token=$2 new=$3
gateway=openclaw-gateway.service
# By this start of our unit: of the last boot's the kernel's number is the same here.
said() { journalctl --sync; journalctl --no-pager -o cat "_SYSTEMD_INVOCATION_ID=$(when bootseal InvocationID)" | grep -F -- "$1"; }
has() { # TEXT: the gateway read it
	local line
	exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
	printf 'GET /has/%s HTTP/1.1\r\n\r\n' "$1" >&3
	read -r line <&3
	exec 3>&-
	[[ $line = *" 200 "* ]] || { echo "$line"; return 1; }
}
ready() { [ "$(systemctl is-active $gateway)" = active ] && has "$1"; }
withdrawn() { [ -z "$(find /run/secrets.ready -mindepth 1 ! -name .bootseal.ready)" ] || { find /run/secrets.ready; return 1; }; }
# In no file of a memory file system, and in no environment; by any uid.
nowhere() { ! grep -rlaF -e "$token" -e "$new" /run /dev/shm /tmp && ! grep -laF -e "$token" -e "$new" /proc/[0-9]*/environ; }
EOF

mkdir state
boot first 41 --state state -- "$port" "$token" "$new" <<'EOF'
is_whole
is "the gateway has its token" ready "$token"
is "it is withdrawn" withdrawn
is "it is nowhere" nowhere
is "no library of the user's is loaded" not journal_says preloaded.so
is "activation came first" test "$(when bootseal ActiveEnterTimestampMonotonic)" -lt "$(when $gateway ExecMainStartTimestampMonotonic)"
is "a mount of its own" grep -qE ' /run/secrets\.ready ro,.* - (ramfs |tmpfs .*noswap)' /proc/self/mountinfo
is "nobody was told at boot" not said "restart $gateway"
is "status" bash -c 'bootseal status | grep -x "/run/secrets.ready/openclaw/secrets.json: withdrawn, for openclaw-gateway.service"'
is "bootseal is content" not said note:

# --- published for the time of the start alone, for its owner alone
systemctl stop $gateway
is "stopped" withdrawn
touch /run/hold
systemctl start --no-block $gateway
is "published while it starts" later test -e /run/secrets.ready/openclaw/secrets.json
is "for its owner" runuser -u openclaw -- cat /run/secrets.ready/openclaw/secrets.json
is "for nobody else" not runuser -u other -- cat /run/secrets.ready/openclaw/secrets.json
is "who cannot change it" not runuser -u openclaw -- chmod 600 /run/secrets.ready/openclaw/secrets.json
rm /run/hold
is "it is ready" later ready "$token"
is "and withdrawn" later withdrawn

# --- a crash
pid=$(when $gateway MainPID)
kill -SEGV "$pid"
started_anew() { [ "$(when $gateway MainPID)" != "$pid" ] && systemctl is-active $gateway; }
is "started anew" later started_anew
is "a crash publishes again" later ready "$token"
is "and withdraws" later withdrawn
is "it is nowhere" nowhere

# --- gateways that do not get there
is "one that dies" not systemctl start dying.service
is "failed" same "$(systemctl is-failed dying.service)" failed
is "withdrawn" withdrawn
is "why is told" journal_says "dying.service: its main process ended before it was ready"
start=$SECONDS
is "one that never is" not systemctl start never.service
is "at the limit of its start" test $((SECONDS - start)) -ge 2 -a $((SECONDS - start)) -le 60
is "withdrawn" withdrawn
# systemd ends all processes of the unit at once: whichever is seen first
is "why is told" journal_says "bootseal: never.service: it"
# not ended by its limit meanwhile
mkdir -p /run/systemd/system/never.service.d
printf '[Service]\nTimeoutStartSec=300\n' >/run/systemd/system/never.service.d/60-limit.conf
systemctl daemon-reload
systemctl start --no-block never.service
waits() { pid=$(when never.service ControlPID) && grep -qzx release "/proc/$pid/cmdline"; }
later waits
is "the one that waits" waits
is "it is published meanwhile" test -e /run/secrets.ready/never
kill -KILL "$pid"
later systemctl is-failed never.service
is "killed outright: ExecStopPost= withdraws" later withdrawn
systemctl reset-failed

# --- a changed value
invocation=$(when $gateway InvocationID)
is "a reload without a change" systemctl reload bootseal
sleep 0.5
is "restarts nothing" same "$(when $gateway InvocationID)" "$invocation"
cp /root/changed.yaml /etc/bootseal/sealed.yaml
is "a reload with a change" systemctl reload bootseal
is "the gateway has the new token" later ready "$new"
is "not the old one" not has "$token"
is "withdrawn" later withdrawn
is "others, which do not run, stay so" same "$(systemctl is-active dying.service never.service | sort -u)" inactive
invocation=$(when $gateway InvocationID)
is "again" systemctl reload bootseal
sleep 0.5
is "once" same "$(when $gateway InvocationID)" "$invocation"

# --- what cannot be opened is not published, and the gateway does not start without it
cp /root/broken.yaml /etc/bootseal/sealed.yaml
is "a reload fails" not systemctl reload bootseal
is "the gateway runs on" ready "$new"
systemctl restart $gateway
is "a restart of it fails closed" not ready "$new"
is "nothing is published" withdrawn
cp /root/sealed.yaml /etc/bootseal/sealed.yaml
systemctl reset-failed $gateway
is "healed" systemctl restart $gateway
is "with what is there now" ready "$token"
is "withdrawn" withdrawn
is "it is nowhere" nowhere
systemctl stop $gateway
is "deactivate" bootseal deactivate
is "takes it away" test ! -e /run/secrets.ready
is "the journal tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2"' - "$token" "$new"
EOF
cp changed.yaml tree/etc/bootseal/sealed.yaml
boot second 5 --state state -- "$port" "$token" "$new" <<'EOF'
is_whole
is "the gateway has its token" ready "$new"
is "it is withdrawn" withdrawn
is "it is nowhere" nowhere
is "nobody was told at boot" not said "restart $gateway"
EOF
no_plaintext state/upper "$token" "$new"
