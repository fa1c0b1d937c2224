#!/usr/bin/env bash
# openclaw check run by root: whose rights files are read with, what cannot be read, and units whatever their names.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
unset OPENCLAW_HOME OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_GATEWAY_PORT
empty_run

cp -a /etc etc
mount --bind etc /etc
H=$TMP/home/oc
S=$H/.openclaw
echo "oc:x:4344:4344::$H:/bin/sh" >>/etc/passwd
printf 'oc:x:4344:\nkeys:x:4345:oc\n' >>/etc/group
mkdir -p /etc/systemd/system bin
printf '#!/bin/sh\necho "$@" >>"%s"\n' "$TMP/asked" >bin/journalctl
chmod 755 bin/journalctl
PATH=$TMP/bin:$PATH

fresh() { # MORE of the configuration
	rm -rf "$H"
	mkdir -p "$S" "$H/.config/systemd/user"
	printf "{ gateway: { auth: { token: 'plain-of-the-gateway' } }, %s }\n" "${1-}" >"$S/openclaw.json"
	chmod 600 "$S/openclaw.json"
	chmod 755 home
}
given() { chown -hR 4344:4344 "$H"; } # what there is to the user
oc() {                                # one finding a line; a device that is waited for ends it
	local status=0
	timeout 120 "$BOOTSEAL" openclaw check --for oc --no-gateway --json >.json 2>.err || status=$?
	[ $status -eq 35 ] || [ $status -eq 0 ] || fail "it ran" "status $status: $(cat .err)"
	sed 's/},{/},\n{/g' .json >found
	if grep -qF plain- found .err; then fail "a secret is shown" "$(cat found)"; fi
}
finds() { check "$1: $2" grep -q "\"kind\":\"\($2\)\",\"where\":\"$1[\":]" found; }       # PATH KIND
finds_not() { check "$1: not $2" test "$(grep -c "\"kind\":\"\($2\)\",\"where\":\"$1[\":]" found)" -eq 0; }

about "what the user's files name"
install -m 600 /dev/stdin /etc/roots.env <<<'PAYROLL_API_KEY=plain-payroll-1'
fresh "channels: { line: { tokenFile: '/etc/roots.env' }, telegram: { tokenFile: '/proc/kmsg' } },
  secrets: { providers: { a: { source: 'file', path: '/etc/roots.env' }, b: { source: 'file', path: '$H/fifo' } } }"
mkfifo "$H/fifo" "$S/.env.fifo"
ln -s /etc/roots.env "$S/.env"
ln -s /dev/zero "$S/.env.zero"
printf '[Service]\nExecStart=/opt/openclaw\nEnvironmentFile=/etc/roots.env\n' >"$H/.config/systemd/user/openclaw.service"
echo 'I say PAYROLL_API_KEY=plain-payroll-1' >"$H/note"
given
oc
finds /etc/roots.env unread
finds_not /etc/roots.env 'plaintext\|environment-file\|secret-file'
finds /proc/kmsg unread
finds "$S/.env" unread
check "nothing is told that would harm what it leads to" test "$(grep "\"where\":\"$S/.env\"" found | grep -c 'shred\|chmod\|chown')" -eq 0
finds "$S/.env.fifo" unread
finds "$S/.env.zero" unread
finds "$H/fifo" file
finds_not "$H/note" left
finds "$S/openclaw.json" plaintext
rm "$H/.config/systemd/user/openclaw.service"
printf '[Service]\nUser=oc\nExecStart=/opt/openclaw\nEnvironmentFile=/etc/roots.env\n' >/etc/systemd/system/openclaw.service
oc
finds /etc/roots.env 'plaintext\|environment-file' # root named it
chmod 666 /etc/systemd/system/openclaw.service
oc
finds_not /etc/roots.env 'plaintext\|environment-file' # anybody may have
rm /etc/systemd/system/openclaw.service
fresh
mv "$S" "$TMP/roots"
chmod 700 roots
echo 'OPENAI_API_KEY=plain-openai-1' >roots/.env
ln -s "$TMP/roots" "$S"
given
oc
finds "$S" unread
finds_not "$S/.env" 'plaintext\|environment-file'
rm -r roots

about "links of the kernel's own, past directories that are closed to him"
mkdir -m 700 closed
install -D -m 644 /dev/stdin closed/here/roots.env <<<'PAYROLL_API_KEY=plain-payroll-1'
fresh "channels: { line: { tokenFile: '/proc/self/cwd/roots.env' }, telegram: { tokenFile: '/proc/$$/maps' } },"
ln -s /proc/self/cwd/roots.env "$S/.env"
ln -s "/proc/$$/cwd/closed/here/roots.env" "$H/.bashrc"
given
(cd closed/here && "$BOOTSEAL" openclaw check --for oc --no-gateway --json >"$TMP/found" 2>"$TMP/.err") || [ $? -eq 35 ] || fail "it ran" "$(cat .err)"
check "nothing of it is told" test "$(grep -c PAYROLL found)" -eq 0
check "the link is" grep -q "\"kind\":\"unread\",\"where\":\"$S/.env\"" found
chmod 711 closed
oc
finds "$H/.bashrc" unread # as he could not either: a process of root's
rm -r closed

about "by a group of his"
fresh "channels: { line: { tokenFile: '$TMP/line.token' } },"
given
install -m 640 -g 4345 /dev/stdin line.token <<<plain-of-the-line
oc
finds "$TMP/line.token" secret-file-mode
chgrp 4346 line.token
oc
finds "$TMP/line.token" unread
finds_not "$TMP/line.token" secret-file

about "what he cannot read in his own directories"
fresh
echo 'OPENAI_API_KEY=plain-openai-1' >"$S/.env"
given
install -m 600 "$S/openclaw.json" "$S/openclaw.json.bak" # by root
chmod 0 "$S/.env"
oc
finds "$S/.env" 'plaintext\|environment-file'
finds "$S/.env" closed
check "with its mode, and what to do" grep -q "/.env\",\"what\":\"the gateway's user cannot read it (mode 0000, of the user 4344), and OpenClaw does not start\",\"do\":\".*mode 0600" found
finds "$S/openclaw.json.bak" backup
finds "$S/openclaw.json.bak" closed
finds_not "$S/openclaw.json" 'closed\|unread'
check "OpenClaw's own file: a problem" grep -q "\"problem\",\"kind\":\"closed\",\"where\":\"$S/.env\"" found
check "a copy of root's: a note" grep -q "\"note\",\"kind\":\"closed\",\"where\":\"$S/openclaw.json.bak\"" found
install -m 600 /dev/stdin "$S/.env.first" <<<'XAI_API_KEY=plain-xai-12'
ln "$S/.env.first" "$S/.env.second"
oc
finds "$S/.env.second" unread # a second name of what is another's
chmod 0 "$S"
oc
check "a state that nobody may enter" grep -q "\"where\":\"$S[\"/]" found
chmod 700 "$S"
cp "$BOOTSEAL" "$TMP/bootseal"
chmod 755 "$TMP/bootseal"
if setpriv --reuid=4344 --regid=4344 --clear-groups "$TMP/bootseal" --version >/dev/null 2>&1; then
	HOME=$H setpriv --reuid=4344 --regid=4344 --clear-groups "$TMP/bootseal" openclaw check --no-gateway --json 2>/dev/null | sed 's/},{/},\n{/g' >found || :
	finds "$S/.env" unread
	check "his own file is his to open" grep -q "/.env\",\"what\":\"it cannot be read from here.*\"do\":\"chmod 600" found
	finds "$S/openclaw.json.bak" unread
else
	skip_one "as the user himself" "he cannot run the program"
fi

about "units, whatever they are called"
U=/etc/systemd/system
unit() { # NAME LINE... (of [Service])
	mkdir -p "$(dirname "$U/$1")"
	{ echo '[Service]' && printf '%s\n' "${@:2}"; } >"$U/$1"
}
key=Environment=OPENAI_API_KEY=plain-openai-9
fresh
unit gw1.service "User=oc" "ExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway" $key
unit gw2.service "User=4344" "ExecStart=/opt/start" "Environment=OPENCLAW_HOME=$H" $key
unit gw3.service "ExecStart=/opt/start --state $S" $key
unit gw4.service "ExecStart=/opt/start" $key
unit gw4.service.d/run.conf "ExecStart=" "ExecStart=sh -c 'exec openclaw gateway'"
unit gw4.service.d/key.conf $key
unit gw5@.service "ExecStart=/opt/openclaw"
unit gw5@one.service.d/key.conf $key
unit gw6-.service.d/key.conf $key
unit gw6-a.service "ExecStart=/opt/openclaw"
unit gw7.service.bak "ExecStart=/opt/openclaw" $key
unit no1.service "User=other" "ExecStart=/opt/openclaw" $key
unit no2.service "ExecStart=/usr/bin/systemctl restart openclaw" $key
unit no3.service "# openclaw" "ExecStart=/bin/true" $key
printf '[Unit]\nAfter=openclaw.service\nDescription=of OpenClaw\n[Service]\nExecStart=/bin/true\n%s\n' $key >$U/no4.service
mkdir -p /run/systemd/transient /etc/containers/systemd
printf '[Service]\nExecStart=/opt/openclaw\n%s\n' $key >/run/systemd/transient/run-1.service
printf '[Container]\nImage=ghcr.io/openclaw/openclaw:latest\n%s\n' $key >/etc/containers/systemd/box.container
printf '[Service]\nExecStart=%%h/bin/openclaw\n%s\n' $key >"$H/.config/systemd/user/mine.service"
mkdir "$H/.config/systemd/user/mine.service.d"
chmod 600 $U/gw1.service $U/gw4.service.d/key.conf
given
oc
for is in $U/gw1.service $U/gw2.service $U/gw3.service $U/gw4.service $U/gw4.service.d/key.conf $U/gw5@one.service.d/key.conf \
	$U/gw6-.service.d/key.conf $U/gw7.service.bak /run/systemd/transient/run-1.service /etc/containers/systemd/box.container \
	"$H/.config/systemd/user/mine.service"; do
	finds "$is" unit-plaintext
done
unit payroll.service "ExecStart=/opt/payroll" "Environment=DB_PASSWORD=plain-of-the-db" EnvironmentFile=/etc/roots.env
chmod 600 $U/payroll.service
printf '[Service]\nExecStart=/opt/openclaw\n' >"$H/.config/systemd/user/payroll.service"
given
oc
finds_not $U/payroll.service '.*' # of that name, and not his
finds_not /etc/roots.env 'plaintext\|environment-file'
check "nor is its journal" test "$(grep -c -e '--unit=payroll' asked)" -eq 0
rm $U/payroll.service "$H/.config/systemd/user/payroll.service"
for is in no1 no2 no3 no4; do finds_not $U/$is.service unit-plaintext; done
for is in --unit=gw1.service '--unit=gw5@\*.service' --user-unit=mine.service; do
	check "the journal of those is looked into: $is" grep -q -e " $is" asked
done
sed -i 's/gateway: {/& port: 20881,/' "$S/openclaw.json" # where nobody listens
expect_status 0 "$BOOTSEAL" openclaw setup --dry-run --for oc --unit openclaw-gateway.service --identity "$VECTORS/host_key" --program true
cat .out .err >plan
check "a setup names them, and does not look into them" grep -qF "$U/gw1.service: another unit of OpenClaw's for this user" plan
check "and the user's" grep -qF "/mine.service: another unit of OpenClaw's for this user" plan
check "but not another's" test "$(grep -c /no1.service plan)" -eq 0
