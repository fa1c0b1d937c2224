#!/usr/bin/env bash
# A real boot, and a reboot: secrets are there before the services that need them, each as its own user;
# nobody else reads them; nothing of the plaintext is on the disk or in the journal; a changed value restarts
# the unit concerned and no other.
. "${0%/*}/../cli/lib.sh"

machine=$ROOT/tests/boot/host.sh
reason=$(bash "$machine" reason)
[ -z "$reason" ] || skip "$reason"
# A sanitizer's libraries are not on the host.
if ldd "$BOOTSEAL" | grep -qE 'lib(asan|ubsan|tsan)'; then skip "this is a build with sanitizers"; fi
root=$(bash "$machine" root)

# --- the operator's side
vectors=$ROOT/tests/vectors/activate
cp "$vectors/host_key" "$vectors/host_key.pub" .
chmod 600 host_key
random() { head -c 18 /dev/urandom | base64 | tr '+/' '-_'; }
token=gw-$(random) anthropic=sk-ant-$(random) openai=sk-openai-$(random) openai_new=sk-openai-$(random)
cat >openclaw.yaml <<EOF
OPENCLAW_GATEWAY_TOKEN: $token
ANTHROPIC_API_KEY: $anthropic
OPENAI_API_KEY: $openai
AWKWARD: "a\"b\\\\c\$d\`e\`\\n#f ;g 'h' é€ \\\\\\n\\t=z "
EOF
awkward=$(printf 'a"b\\c$d`e`\n#f ;g '"'h'"' é€ \\\n\t=z ' | base64 -w0)
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age <host_key.pub)" openclaw.yaml
cp openclaw.yaml changed.yaml
printf %s "$openai_new" |
	SOPS_AGE_SSH_PRIVATE_KEY_FILE=$PWD/host_key "$BOOTSEAL" set changed.yaml '["OPENAI_API_KEY"]'
head -c 700 openclaw.yaml >broken.yaml

# --- the host's disk
mkdir -p tree/{etc/{ssh,bootseal,systemd/system},usr/{bin,lib/systemd/system},usr/local/bin,var/log/journal,root} tree/etc/systemd/system/{sysinit,multi-user}.target.wants
install -m 600 host_key tree/etc/ssh/ssh_host_ed25519_key
cp openclaw.yaml tree/etc/bootseal/
cp changed.yaml broken.yaml tree/root/
install -m 755 "$BOOTSEAL" tree/usr/bin/bootseal
sed 's|@bindir@|/usr/bin|g' "$ROOT/contrib/systemd/bootseal.service" >tree/usr/lib/systemd/system/bootseal.service
ln -s /usr/lib/systemd/system/bootseal.service tree/etc/systemd/system/sysinit.target.wants/bootseal.service
cp "$root/etc/passwd" "$root/etc/group" tree/etc/
uid=4001
for user in gateway worker plain other; do
	echo "$user:x:$uid:$uid::/nonexistent:/bin/sh" >>tree/etc/passwd
	echo "$user:x:$uid:" >>tree/etc/group
	uid=$((uid + 1))
done
cat >tree/etc/bootseal/host.yaml <<'EOF'
secrets:
  plain/key: {file: openclaw.yaml, key: ANTHROPIC_API_KEY, owner: plain}
environments:
  worker.env: {file: openclaw.yaml, keys: [OPENAI_API_KEY], restart: [worker.service]}
  awkward.env: {file: openclaw.yaml, keys: [AWKWARD]}
documents:
  openclaw/secrets.json:
    file: openclaw.yaml
    keys: [OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY]
    owner: gateway
    restart: [gateway.service]
EOF

# Each start leaves a line in memory: who, and what was read.
service() { # NAME UNIT-LINES SERVICE-LINES COMMAND
	cat >"tree/usr/local/bin/$1" <<-EOF
		#!/bin/sh
		value=\$($4) && [ -n "\$value" ] || exit 1
		echo "\$(id -un) \$value" >>/run/$1/starts
		exec sleep infinity
	EOF
	chmod 755 "tree/usr/local/bin/$1"
	cat >"tree/etc/systemd/system/$1.service" <<-EOF
		[Unit]
		$2
		[Service]
		User=$1
		RuntimeDirectory=$1
		RuntimeDirectoryPreserve=yes
		ExecStart=/usr/local/bin/$1
		$3
	EOF
	ln -s "/etc/systemd/system/$1.service" "tree/etc/systemd/system/multi-user.target.wants/$1.service"
}
ordered=$'Wants=bootseal.service\nAfter=bootseal.service'
service worker "$ordered" EnvironmentFile=/run/secrets/worker.env 'echo "$OPENAI_API_KEY"'
service gateway "$ordered" "" 'cat /run/secrets/openclaw/secrets.json'
# A service that says nothing of bootseal comes after it all the same.
service plain "" EnvironmentFile=/run/secrets/awkward.env \
	'printf %s "$AWKWARD" | base64 -w0 >/run/plain/awkward; cat /run/secrets/plain/key'

# --- what is looked at on the host; "ok" and "not" lines are counted here
cat >on-host.sh <<'EOF'
#!/bin/bash
boot=$1 openai=$2 openai_new=$3 token=$4 anthropic=$5 awkward=$6
is() { # NAME COMMAND...
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then echo "ok $name"; else echo "not $name: $(head -c 300 <<<"$said" | tr '\n' ' ')"; fi
}
same() { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }
when() { systemctl show -P "$2" "$1"; }
starts_last() { [ "$(tail -n 1 "/run/$1/starts")" = "$2" ]; }
pid() { systemctl show -P MainPID "$1"; }
not_by() { ! runuser -u "$1" -- cat "$2" 2>&1; }
later() { for _ in {1..600}; do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; "$@"; }
document="{\"OPENCLAW_GATEWAY_TOKEN\":\"$token\",\"ANTHROPIC_API_KEY\":\"$anthropic\"}"

# a service is active when it is started, and then leaves its line
for unit in worker gateway plain; do later test -s /run/$unit/starts; done
is "the boot is whole" same "$(systemctl is-system-running)" running
[ "$(systemctl is-system-running)" = running ] || systemctl --failed --no-legend
for unit in bootseal worker gateway plain; do is "$unit is active" systemctl is-active $unit; done
is "worker started once, with its value" same "$(cat /run/worker/starts)" "worker $openai"
is "gateway started once, with its document" same "$(cat /run/gateway/starts)" "gateway $document"
is "plain started once, with its value" same "$(cat /run/plain/starts)" "plain $anthropic"
is "systemd reads back an awkward value" same "$(cat /run/plain/awkward)" "$awkward"
for unit in worker gateway plain; do
	is "$unit came after" test "$(when bootseal ActiveEnterTimestampMonotonic)" -lt "$(when $unit ExecMainStartTimestampMonotonic)"
done
is "before sysinit.target" test "$(when bootseal ActiveEnterTimestampMonotonic)" -le "$(when sysinit.target ActiveEnterTimestampMonotonic)"
is "a generation of this boot" same "$(readlink /run/secrets)" secrets.d/1
journalctl --sync
said=$(journalctl --no-pager -o cat "_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID bootseal)")
is "no unit was told at boot" bash -c 'grep -q "generation 1, 4 files" <<<"$1" && ! grep -E "^re(start|load)" <<<"$1"' - "$said"
is "ramfs, or tmpfs with noswap; read-only" grep -qE ' /run/secrets\.d ro,.* - (ramfs |tmpfs .*noswap)' /proc/self/mountinfo
for user in other worker plain; do is "$user cannot read the document" not_by $user /run/secrets/openclaw/secrets.json; done
for user in other worker gateway plain; do is "$user cannot read the environment file" not_by $user /run/secrets/worker.env; done
is "gateway reads its document" runuser -u gateway -- cat /run/secrets/openclaw/secrets.json
is "gateway cannot change it" bash -c '! runuser -u gateway -- sh -c "chmod 600 /run/secrets/openclaw/secrets.json"'
is "status" bootseal status

if [ "$boot" = first ]; then
	gateway=$(pid gateway) worker=$(pid worker)
	is "reload without a change" systemctl reload bootseal
	sleep 0.5
	is "nobody was restarted" same "$(pid gateway) $(pid worker)" "$gateway $worker"
	install -m 644 /root/changed.yaml /etc/bootseal/openclaw.yaml
	is "reload with a change" systemctl reload bootseal
	is "worker was restarted with the new value" later grep -qx "worker $openai_new" /run/worker/starts
	is "once" same "$(wc -l </run/worker/starts)" 2
	is "gateway was not" same "$(pid gateway) $(wc -l </run/gateway/starts)" "$gateway 1"
	is "back to the generation before" bootseal rollback
	is "worker was restarted with the old value" later starts_last worker "worker $openai"
	is "its status says so" bash -c 'bootseal status | grep "rolled back from generation"'
	is "the next activation ends it" systemctl reload bootseal
	is "worker has the new value again" later starts_last worker "worker $openai_new"
	is "four starts by now" same "$(wc -l </run/worker/starts)" 4
	worker=$(pid worker)
	is "restart of bootseal" systemctl restart bootseal
	cp /etc/bootseal/openclaw.yaml /tmp/good.yaml
	cp /root/broken.yaml /etc/bootseal/openclaw.yaml
	is "reload with a broken file fails" bash -c '! systemctl reload bootseal'
	is "restart with it, too" bash -c '! systemctl restart bootseal'
	is "the secrets stay" grep -q "$openai_new" /run/secrets/worker.env
	sleep 0.5
	is "consumers do not go down with it" same "$(pid gateway) $(pid worker)" "$gateway $worker"
	cp /tmp/good.yaml /etc/bootseal/openclaw.yaml
	is "and it comes back" systemctl restart bootseal
	# What one bad secret leaves behind at boot: a unit that is active, and can be told of the mended file.
	cp /etc/bootseal/host.yaml /tmp/host.yaml
	sed -i 's/^secrets:/onError: keep\n&\n  lost: {file: none.yaml, key: A}/' /etc/bootseal/host.yaml
	is "with one secret missing: restart" systemctl restart bootseal
	is "it ended with 31" same "$(systemctl show -P ExecMainStatus bootseal)" 31
	is "and is active" systemctl is-active bootseal
	is "the host is whole" later systemctl is-system-running
	cp /tmp/host.yaml /etc/bootseal/host.yaml
	is "mended: reload" systemctl reload bootseal
	systemctl stop bootseal
	# so many starts in so short a time are systemd's limit
	systemctl reset-failed bootseal
	is "stopped: no reload" bash -c '! systemctl reload bootseal'
	is "but reload-or-restart" systemctl reload-or-restart bootseal
	is "and is active again" systemctl is-active bootseal
	is "the generation before, up to the reboot" bootseal rollback
fi
journalctl --sync
is "the journal speaks of bootseal" bash -c 'journalctl -b --no-pager | grep -q "/run/secrets: generation"'
is "and tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2" -e "$3" -e "$4"' - "$openai" "$openai_new" "$token" "$anthropic"
EOF

boot() { # NAME EXPECTED-OPENAI [HOST-OPTIONS...]
	local line name=$1 value=$2
	shift 2
	if ! bash "$machine" run --state state "$@" on-host.sh "$name" "$value" "$openai_new" "$token" "$anthropic" "$awkward" >"$name" 2>"$name.err"; then
		fail "$name boot" "$(tail -n 5 "$name" "$name.err")"
	fi
	while IFS= read -r line; do
		case $line in
		"ok "*) ok "$name boot: ${line#ok }" ;;
		*) fail "$name boot" "$line" ;;
		esac
	done <"$name"
	[ "$(wc -l <"$name")" -gt 20 ] && ok "$name boot: all was looked at" || fail "$name boot" "too few lines: $(cat "$name.err")"
	# Every file that the host wrote, the journal's included.
	for value in "$openai" "$openai_new" "$token" "$anthropic"; do
		if grep -rqaF -- "$value" state/upper; then
			fail "plaintext on the disk after the $name boot" "$(grep -rlaF -- "$value" state/upper)"
		else
			ok "no plaintext on the disk after the $name boot"
		fi
	done
	[ -n "$(find state/upper/var/log/journal -name '*.journal')" ] && ok "a journal is on the disk" || fail "no journal on the disk"
}

mkdir state
boot first "$openai" --tree tree
boot second "$openai_new"
