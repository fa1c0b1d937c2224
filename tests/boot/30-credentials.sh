#!/usr/bin/env bash
# systemd credentials on a booted host: LoadCredential= from our socket, opened on demand, and from a file of
# the live generation; to a DynamicUser=; what is not a unit's own, or cannot be opened, is not given, and the
# unit does not start.
. "${0%/*}/../cli/lib.sh"

machine=$ROOT/tests/boot/host.sh
reason=$(bash "$machine" reason)
[ -z "$reason" ] || skip "$reason"
if ldd "$BOOTSEAL" | grep -qE 'lib(asan|ubsan|tsan)'; then skip "this is a build with sanitizers"; fi

# --- the operator's side
vectors=$ROOT/tests/vectors/activate
cp "$vectors/host_key" .
chmod 600 host_key
random() { head -c 18 /dev/urandom | base64 | tr '+/' '-_'; }
token=tok-$(random) other=oth-$(random)
printf 'TOKEN: %s\nOTHER: %s\n' "$token" "$other" >sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")" sealed.yaml
head -c 200 sealed.yaml >broken.yaml

# --- the host's disk
mkdir -p tree/{etc/{ssh,bootseal,systemd/system},usr/{bin,local/bin,lib/systemd/system},var/log/journal}
mkdir -p tree/etc/systemd/system/{sysinit,sockets,multi-user}.target.wants
install -m 600 host_key tree/etc/ssh/ssh_host_ed25519_key
cp sealed.yaml broken.yaml tree/etc/bootseal/
install -m 755 "$BOOTSEAL" tree/usr/bin/bootseal
install -m 755 "$TOOLS/peer" tree/usr/local/bin/peer
for unit in bootseal.service bootseal-credentials.socket bootseal-credentials@.service; do
	sed 's|@bindir@|/usr/bin|g' "$ROOT/contrib/systemd/$unit" >"tree/usr/lib/systemd/system/$unit"
done
ln -s /usr/lib/systemd/system/bootseal.service tree/etc/systemd/system/sysinit.target.wants/
ln -s /usr/lib/systemd/system/bootseal-credentials.socket tree/etc/systemd/system/sockets.target.wants/
cat >tree/etc/bootseal/host.yaml <<'EOF'
secrets:
  app/token: {file: sealed.yaml, key: TOKEN}
credentials:
  demand.service: {token: {file: sealed.yaml, key: TOKEN}}
  dynamic.service:
    token: {file: sealed.yaml, key: TOKEN}
    second: {file: sealed.yaml, key: OTHER}
  early.service: {token: {file: sealed.yaml, key: TOKEN}}
  broken.service: {token: {file: broken.yaml, key: TOKEN}}
  victim.service: {token: {file: sealed.yaml, key: OTHER}}
EOF

# Leaves in memory who read what.
cat >tree/usr/local/bin/read-token <<'EOF'
#!/bin/sh
for file in "$CREDENTIALS_DIRECTORY"/*; do
	echo "${file##*/} $(cat "$file")"
done >"$RUNTIME_DIRECTORY/got" && id -u >"$RUNTIME_DIRECTORY/user"
EOF
chmod 755 tree/usr/local/bin/read-token
unit() { # NAME SERVICE-LINES [UNIT-LINES]
	printf '[Unit]\n%s\n[Service]\nType=oneshot\nRemainAfterExit=yes\nRuntimeDirectory=%s\nRuntimeDirectoryPreserve=yes\nExecStart=/usr/local/bin/read-token\n%s\n' \
		"${3-}" "$1" "$2" >"tree/etc/systemd/system/$1.service"
}
socket=/run/bootseal.credentials
unit demand "LoadCredential=token:$socket"
unit dynamic "DynamicUser=yes
LoadCredential=token:$socket
LoadCredential=second:$socket"
unit early "LoadCredential=token:$socket" "DefaultDependencies=no
After=bootseal-credentials.socket
Requires=bootseal-credentials.socket
Before=sysinit.target"
ln -s /etc/systemd/system/early.service tree/etc/systemd/system/sysinit.target.wants/
for boot in demand dynamic; do ln -s /etc/systemd/system/$boot.service tree/etc/systemd/system/multi-user.target.wants/; done
unit live "DynamicUser=yes
LoadCredential=token:/run/secrets/app/token" "Wants=bootseal.service
After=bootseal.service"
ln -s /etc/systemd/system/live.service tree/etc/systemd/system/multi-user.target.wants/
unit foreign "LoadCredential=token:$socket"
unit unnamed "LoadCredential=second:$socket" ''
unit defaulted "SetCredential=token:made-up
LoadCredential=token:$socket"
unit broken "LoadCredential=token:$socket"
unit missing "LoadCredential=token:/run/secrets/app/none"
unit victim "LoadCredential=token:$socket"

cat >on-host.sh <<'EOF'
#!/bin/bash
token=$1 other=$2
is() { # NAME COMMAND...
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then echo "ok $name"; else echo "not $name: $(head -c 300 <<<"$said" | tr '\n' ' ')"; fi
}
same() { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }
later() { for _ in {1..100}; do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; "$@"; }
said() { journalctl --sync; journalctl -b --no-pager -o cat | grep -F -- "$1"; }

is "the boot is whole" same "$(systemctl is-system-running)" running
[ "$(systemctl is-system-running)" = running ] || systemctl --failed --no-legend
is "on demand" same "$(cat /run/demand/got)" "token $token"
is "two, to a user made for it" same "$(cat /run/dynamic/got)" "second $other
token $token"
is "who is not root" test "$(cat /run/dynamic/user)" -ge 61184
is "before sysinit.target" same "$(cat /run/early/got)" "token $token"
is "from a file of the live generation" same "$(cat /run/live/got)" "token $token"
is "to a user made for it" test "$(cat /run/live/user)" -ge 61184
is "it is told" said 'credential "token" given to demand.service'

for unit in foreign unnamed defaulted broken missing; do
	is "$unit does not start" bash -c "! systemctl start $unit"
	is "$unit was told why by systemd" same "$(systemctl show -P ExecMainStatus $unit)" 243
	is "$unit read nothing" test ! -e /run/$unit/got
done
is "why: not its own" said 'credential "token" of foreign.service: the manifest does not give it to that unit'
is "why: broken" said 'credential "token" of broken.service: cannot open "broken.yaml"'
systemctl reset-failed foreign unnamed defaulted broken missing
is "no instance of ours stays" later bash -c '[ -z "$(systemctl list-units --all --no-legend "bootseal-credentials@*")" ]'
is "what is refused is no failure of the host's" same "$(systemctl is-system-running)" running

# Another user, who knows how to ask.
is "another user cannot connect" bash -c '! LC_ALL=C setpriv --reuid=1234 --regid=1234 --clear-groups peer -c /run/bootseal.credentials a/unit/victim.service/token'
chmod 0666 /run/bootseal.credentials
is "nor gets anything where he can" same "$(peer -u 1234 -c /run/bootseal.credentials a/unit/victim.service/token | wc -c)" 0
is "it is told" later said 'the peer is uid 1234, not root or you'
is "nor does root without systemd's name" same "$(peer -c /run/bootseal.credentials victim.service/token | wc -c)" 0
is "root with it does" same "$(peer -c /run/bootseal.credentials a/unit/victim.service/token)" "$other"
chmod 0600 /run/bootseal.credentials
is "and so does the unit" bash -c 'systemctl start victim && cat /run/victim/got'

# A new value counts at the next start.
is "nothing is stored" bash -c '! find /run /tmp /var/tmp -xdev -type f ! -path "/run/*/got" -exec grep -lF -e "$1" {} + | grep .' - "$other"
cp /etc/bootseal/broken.yaml /etc/bootseal/sealed.yaml
is "a unit that runs keeps its own" cat /run/credentials/demand.service/token
is "and is not started again with a broken file" bash -c '! systemctl restart demand'
is "the journal tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2"' - "$token" "$other"
systemd-analyze security --no-pager bootseal-credentials@x.service | tail -n 1 | sed 's/^/note /'
systemd-analyze security --no-pager bootseal.service | tail -n 1 | sed 's/^/note /'
EOF

mkdir state
if ! bash "$machine" run --tree tree --state state --journal journal on-host.sh "$token" "$other" >said 2>said.err; then
	fail boot "$(tail -n 5 said said.err)"
fi
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#ok }" ;;
	"note "*) ;;
	*) fail boot "$line" ;;
	esac
done <said
[ "$(grep -c . said)" -gt 30 ] && ok "all was looked at" || fail "too few lines" "$(cat said.err)"
for value in "$token" "$other"; do
	if grep -rqaF -- "$value" state/upper; then
		fail "plaintext on the disk" "$(grep -rlaF -- "$value" state/upper)"
	else
		ok "no plaintext on the disk"
	fi
done
[ -z "${BOOT_KEEP-}" ] || cp said said.err journal "$BOOT_KEEP/"
