#!/usr/bin/env bash
# systemd credentials on a booted host: LoadCredential= from our socket, opened on demand, and from a file of
# the live generation; to a DynamicUser=; what is not a unit's own, or cannot be opened, is not given, and the
# unit does not start.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"

# --- the operator's side
token=tok-$(random) other=oth-$(random)
printf 'TOKEN: %s\nOTHER: %s\n' "$token" "$other" >sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")" sealed.yaml
head -c 200 sealed.yaml >broken.yaml

# --- the host's disk
install_host
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
cp sealed.yaml broken.yaml tree/etc/bootseal/
install -m 755 "$TOOLS/peer" tree/usr/local/bin/peer
enable sockets.target bootseal-credentials.socket
cat >tree/etc/bootseal/host.yaml <<'EOF'
secrets:
  app/token: {file: sealed.yaml, key: TOKEN, link: /run/credstore/app.token}
credentials:
  demand.service: {token: {file: sealed.yaml, key: TOKEN}}
  dynamic.service:
    token: {file: sealed.yaml, key: TOKEN}
    second: {file: sealed.yaml, key: OTHER}
  early.service: {token: {file: sealed.yaml, key: TOKEN}}
  runs.service: {token: {file: sealed.yaml, key: TOKEN}}
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
reader() { # NAME SERVICE-LINES [UNIT-LINES]
	unit "$1.service" <<-EOF
		[Unit]
		${3-}
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		RuntimeDirectory=$1
		RuntimeDirectoryPreserve=yes
		ExecStart=/usr/local/bin/read-token
		$2
	EOF
}
socket=/run/bootseal.credentials
reader demand "LoadCredential=token:$socket"
reader dynamic "DynamicUser=yes
LoadCredential=token:$socket
LoadCredential=second:$socket"
reader early "LoadCredential=token:$socket" "DefaultDependencies=no
After=bootseal-credentials.socket
Requires=bootseal-credentials.socket
Before=local-fs.target"
enable local-fs.target early.service
enable multi-user.target demand.service dynamic.service live.service stored.service
reader live "DynamicUser=yes
LoadCredential=token:/run/secrets/app/token" "Wants=bootseal.service
After=bootseal.service"
reader stored "DynamicUser=yes
LoadCredential=app.token" "Wants=bootseal.service
After=bootseal.service"
reader foreign "LoadCredential=token:$socket"
reader unnamed "LoadCredential=second:$socket" ''
reader defaulted "SetCredential=token:made-up
LoadCredential=token:$socket"
reader broken "LoadCredential=token:$socket"
reader missing "LoadCredential=token:/run/secrets/app/none"
reader victim "LoadCredential=token:$socket"
for name in killed unstarted ended unloaded guarded; do
	reader $name "LoadCredential=token:$socket"
	sed -i "s/^  victim.service/  $name.service: {token: {file: sealed.yaml, key: TOKEN}}\n&/" tree/etc/bootseal/host.yaml
done
# The line of bootseal-credentials(8), for what systemd itself cannot make.
sed -n 's/^\.Dl \(ExecStartPre=test .*\)/\1/p' "$ROOT/man/bootseal-credentials.8" >>tree/etc/systemd/system/guarded.service
check "a line of the manual" grep -q ^ExecStartPre= tree/etc/systemd/system/guarded.service
# It runs on: newer systemd takes the credentials from a unit whose last process has ended.
unit runs.service <<EOF2
[Service]
Type=exec
LoadCredential=token:$socket
ExecStart=/bin/sleep infinity
EOF2
enable multi-user.target runs.service

mkdir state
boot credentials 57 --state state -- "$token" "$other" <<'EOF'
token=$1 other=$2
is_whole
is "on demand" same "$(cat /run/demand/got)" "token $token"
is "two, to a user made for it" same "$(cat /run/dynamic/got)" "second $other
token $token"
is "who is not root" test "$(cat /run/dynamic/user)" -ge 61184
is "before local-fs.target" same "$(cat /run/early/got)" "token $token"
is "from a file of the live generation" same "$(cat /run/live/got)" "token $token"
is "to a user made for it" test "$(cat /run/live/user)" -ge 61184
is "by its name alone" same "$(cat /run/stored/got)" "app.token $token"
is "it is told" journal_says 'credential "token" given to demand.service'

for unit in foreign unnamed defaulted broken missing; do
	is "$unit does not start" not systemctl start $unit
	is "$unit was told why by systemd" same "$(systemctl show -P ExecMainStatus $unit)" 243
	is "$unit read nothing" test ! -e /run/$unit/got
done
is "why: not its own" journal_says 'credential "token" of foreign.service: the manifest does not give it to that unit'
is "why: broken" journal_says 'credential "token" of broken.service: cannot open "broken.yaml"'
systemctl reset-failed foreign unnamed defaulted broken missing
is "no instance of ours stays" later bash -c '[ -z "$(systemctl list-units --all --no-legend "bootseal-credentials@*")" ]'
is "what is refused is no failure of the host's" same "$(systemctl is-system-running)" running

# Behind its own limits systemd would close connections unanswered. (Tried with 600 units at once; that takes a minute.)
for limit in MaxConnections=65536 TriggerLimitIntervalUSec=0; do
	is "$limit" same "$(systemctl show -P "${limit%=*}" bootseal-credentials.socket)" "${limit#*=}"
done

# A provider that does not come to answer at all.
provider() { # COMMAND
	mkdir -p /run/systemd/system/bootseal-credentials@.service.d
	printf '[Service]\nExecStart=\nExecStart=%s\n' "$1" >/run/systemd/system/bootseal-credentials@.service.d/other.conf
	systemctl daemon-reload
}
provider "/bin/sh -c 'kill -KILL \$\$\$\$'"
is "killed: the unit does not start" not systemctl start killed
provider /usr/bin/no-such-program
is "not there: the unit does not start" not systemctl start unstarted
provider "/bin/sh -c 'kill -TERM \$\$\$\$'"
is "ended: the unit does not start" not systemctl start ended
provider "/bin/sh -c 'exit 127'" # as the loader, where a library is not there
is "not loaded: the unit does not start" not systemctl start unloaded
for unit in killed unstarted ended unloaded; do
	is "$unit was told why by systemd" same "$(systemctl show -P ExecMainStatus $unit)" 243
	is "$unit read nothing" test ! -e /run/$unit/got
done
# Nor can systemd run anything: what it gives is empty then.
for line in BindReadOnlyPaths=/no/such User=nobody-of-that-name; do
	printf '[Service]\n%s\n' $line >/run/systemd/system/bootseal-credentials@.service.d/other.conf
	systemctl daemon-reload
	is "with $line: a unit that looks for itself does not start" not systemctl start guarded
	is "with $line: it read nothing" test ! -e /run/guarded/got
done
rm -r /run/systemd/system/bootseal-credentials@.service.d
systemctl daemon-reload
is "as before: guarded starts" systemctl start guarded
is "guarded reads it" same "$(cat /run/guarded/got)" "token $token"
is "as before: it does" systemctl start killed
is "and reads it" same "$(cat /run/killed/got)" "token $token"
systemctl reset-failed

# Another user, who knows how to ask.
is "another user cannot connect" bash -c '! LC_ALL=C setpriv --reuid=1234 --regid=1234 --clear-groups peer -c /run/bootseal.credentials a/unit/victim.service/token'
chmod 0666 /run/bootseal.credentials
is "nor gets anything where he can" same "$(peer -u 1234 -c /run/bootseal.credentials a/unit/victim.service/token | wc -c)" 0
is "it is told" later journal_says 'the peer is uid 1234, not root or you'
is "nor does root without systemd's name" same "$(peer -c /run/bootseal.credentials victim.service/token | wc -c)" 0
is "root with it does" same "$(peer -c /run/bootseal.credentials a/unit/victim.service/token)" "$other"
chmod 0600 /run/bootseal.credentials
is "and so does the unit" bash -c 'systemctl start victim && cat /run/victim/got'

# A new value counts at the next start.
is "nothing is stored" bash -c '! find /run /tmp /var/tmp -xdev -type f ! -path "/run/*/got" -exec grep -lF -e "$1" {} + | grep .' - "$other"
cp /etc/bootseal/broken.yaml /etc/bootseal/sealed.yaml
is "a unit that runs keeps its own" same "$(cat /run/credentials/runs.service/token)" "$token"
is "and is not started again with a broken file" not systemctl restart runs
is "the journal tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2"' - "$token" "$other"
systemd-analyze security --no-pager bootseal-credentials@x.service | tail -n 1 | sed 's/^/note /'
systemd-analyze security --no-pager bootseal.service | tail -n 1 | sed 's/^/note /'
EOF
no_plaintext state/upper "$token" "$other"
