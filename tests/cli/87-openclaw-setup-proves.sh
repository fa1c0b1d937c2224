#!/usr/bin/env bash
# openclaw setup: what the proof takes and what not, and that whatever cuts it off is brought to an end by the next run.
. "${0%/*}/installation.sh"

begin() { # FIELDS [HOW]: an installation with what that function says
	new_installation
	config_of "$($1)"
	finish_installation
	echo "${2-}" >how
}
fails() { # TEXT: and all is as before
	expect_error "$1" setup --yes --recipient "$OPERATOR"
	check "it says how all is" grep -q 'all is as it was before' .err
	is_as_before
}
works() { expect_status 0 setup --yes --recipient "$OPERATOR"; }
token() { echo "auth: { mode: 'token', token: '$SECRET-token' },"; }

about "the audit"
with_hook() {
	new_installation
	config_of "$(token) }, hooks: { token: 'hook-token-1',"
	finish_installation
	echo "$1" >how
}
with_hook "finds PLAINTEXT_FOUND $S/openclaw.json hooks.token"
works
check "the plan names what stays" grep -q "	$S/openclaw.json: hooks.token: line [0-9]*: a secret in plain text, for which" .out
undo
for finding in "PLAINTEXT_FOUND $S/openclaw.json models.providers.x.apiKey" "PLAINTEXT_FOUND $S/.env \$env.X" \
	"REF_SHADOWED $S/openclaw.json hooks.token" "REF_UNRESOLVED $S/openclaw.json hooks.token" "LEGACY_RESIDUE $S/agents/a <root>"; do
	with_hook "finds $finding"
	fails "finds what was not to stay: $(cut -d ' ' -f 2 <<<"$finding"): $(cut -d ' ' -f 3 <<<"$finding")"
done
for said in '' clean '{"version":2,"findings":[]}' '{"version":1}' '{"version":1,"findings":[{"code":"PLAINTEXT_FOUND"}]}'; do
	begin token "says $said"
	fails "audit"
done

about "a gateway that is up before it takes calls"
begin token busy
works
undo

about "a password"
password() { echo "auth: { mode: 'password', password: '$SECRET$ends' },"; }
ends=' two words'
begin password
works
check "it was asked" test "$(grep -c 'not proven' .out)" -eq 0
undo
ends=
begin password other
fails 'the gateway does not take the sealed password'
ends=Ä
begin password
works
check "it says what is not proven" grep -q 'not proven: that the gateway takes its password, which has characters that cannot stand' .out
undo

: >plan # holds_no_secret looks into it
about "a copy that cannot be read as one"
begin token
echo "{ gateway: { auth: { token: 'another" >"$S/openclaw.json.bak.9"
echo "{ gateway: { auth: { token: '$SECRET-token" >"$S/openclaw.json.bak.8"
finish_installation
works
check "one that holds no secret of these is named" grep -q "	$S/openclaw.json.bak.9: it may hold secrets: " .out
check "and stays" test -s "$S/openclaw.json.bak.9"
check "the other is named" grep -q "	$S/openclaw.json.bak.8, whole: a copy" .out
holds_no_secret
undo

about "what the gateway's user leads elsewhere"
mkdir -p /etc/othersvc
install -m 600 /dev/stdin /etc/othersvc/.env <<<"PAYROLL_API_KEY=$SECRET-payroll"
for way in symlink "hard link" directory; do
	begin token
	case $way in
	symlink) ln -s /etc/othersvc/.env "$S/.env" ;;
	"hard link")
		install -m 600 /dev/stdin "$TMP/roots" <<<"PAYROLL_API_KEY=$SECRET-payroll"
		ln "$TMP/roots" "$S/.env"
		;;
	directory)
		mkdir "$HOME_OF_GATEWAY/.config"
		ln -s /etc/othersvc "$HOME_OF_GATEWAY/.config/openclaw"
		mv /etc/othersvc/.env /etc/othersvc/gateway.env
		;;
	esac
	installation >before
	expect_error 'env: it cannot be read from here' setup --yes --recipient "$OPERATOR"
	is_as_before
done
rm -r /etc/othersvc "$TMP/roots"

about "where nothing can be written"
refuses() { # TEXT: a dry run, too, before anything is changed
	expect_error "$1" setup --dry-run --recipient "$OPERATOR"
	expect_error "$1" setup --yes --recipient "$OPERATOR"
	check "nothing was put back" test "$(grep -c 'all is as it was before' .err)" -eq 0
	is_as_before
}
for place in "$S" /etc/systemd; do
	begin token
	mount --bind "$place" "$place"
	mount -o remount,bind,ro "$place"
	refuses 'Read-only file system'
	umount "$place"
	is_as_before
done
begin token
chmod 500 "$S"
installation >before
refuses "/openclaw.json\" cannot be changed by \"openclaw\": Permission denied"
chmod 700 "$S"
# what only shows itself when it is done
for place in "$S" /etc/systemd/system; do
	begin token
	mkdir full
	cp -a "$place/." full
	mount -t tmpfs -o size=64k,mode=755 tmpfs "$place"
	cp -a full/. "$place"
	chown --reference=full "$place"
	head -c 100k /dev/zero >"$place/filler" 2>/dev/null || : "it is full"
	finish_installation
	fails 'No space left on device'
	umount "$place"
	rm -r full
done

about "attributes"
begin token
if command -v setfattr getfattr >/dev/null && setfattr -n user.mark -v mine "$S/openclaw.json"; then
	touch -d '2026-01-02 03:04:05.678901234' "$S/openclaw.json"
	works
	check "it has it still" test "$(getfattr --only-values --absolute-names -n user.mark "$S/openclaw.json")" = mine
	undo
	check "it has it still" test "$(getfattr --only-values --absolute-names -n user.mark "$S/openclaw.json")" = mine
else
	skip_one "attributes that a file has" "setfattr is not installed, or there are none here"
fi

about "killed"
killed_while() { # FILE: that something has made
	local pid
	# no function: the process is the program itself
	"$BOOTSEAL" openclaw setup --for openclaw --program "$TMP/openclaw" --yes --recipient "$OPERATOR" >out 2>&1 &
	pid=$!
	for _ in {1..600}; do [ ! -s "$1" ] || break; sleep 0.1; done
	check "it came that far" test -s "$1"
	kill -KILL $pid
	{ wait $pid; } 2>/dev/null || : "it was killed"
	check "a record of it is there" test -e /etc/bootseal/openclaw-setup.pending.age
}
begin token waits
killed_while "$HOME_OF_GATEWAY/waits"
# told to end with its caller: gone, or yet to be waited for by init
ended() { ! grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null; }
for _ in {1..600}; do ! ended "$(cat "$HOME_OF_GATEWAY/waits")" || break; sleep 0.1; done
check "what it had started as the gateway's user ends with it" ended "$(cat "$HOME_OF_GATEWAY/waits")"
rm "$HOME_OF_GATEWAY/waits"
expect_status 0 setup --undo --yes
check "--undo says that it did it" grep -q 'a setup had been cut off; all is as it was before it' .err
is_as_before
expect_error 'nothing is to be undone' setup --undo --yes

mkdir -p /run/systemd/system bin
cat >bin/systemctl <<END
#!/bin/bash
echo "\$*" >>"$TMP/systemctl.log"
unit=/etc/systemd/system/openclaw-gateway.service
stop() { [ ! -s "$TMP/pid" ] || kill -KILL "\$(cat "$TMP/pid")" 2>/dev/null; rm -f "$TMP/pid"; } # it ignores what we ignore
case "\$*" in
'--user stop'*) [ ! -e "$TMP/stays" ] ;;
*--user*) ;;
cat*) [ -e \$unit ] ;;
is-active*) [ -s "$TMP/pid" ] ;;
stop*) stop ;;
enable*)
	[ "\$(cat "$TMP/how")" != "wait" ] || { echo \$\$ >"$TMP/enabling" && exec sleep 300; }
	[ "\$(cat "$TMP/how")" != "not" ]
	;;
start* | restart*)
	stop
	drop_in=\$unit.d/50-bootseal.conf
	[ -e "\$drop_in" ] || exit 0
	"$BOOTSEAL" activate --for openclaw-gateway.service || exit 1
	setpriv --reuid=4343 --regid=4343 --clear-groups "$TMP/gateway" -f /run/secrets.ready/openclaw/secrets.json "\$(cat "$TMP/port")" 2>/dev/null >&2 &
	echo \$! >"$TMP/pid"
	"$BOOTSEAL" release --for openclaw-gateway.service --when "\$(sed -n 's/^ExecStartPost=.*--when //p' "\$drop_in")"
	;;
esac
END
chmod 755 bin/systemctl
install -m 666 /dev/null systemctl.log # the gateway's user asks his own manager
PATH=$TMP/bin:$PATH
at_exit '[ ! -s "$TMP/pid" ] || kill -KILL "$(cat "$TMP/pid")"'
user_unit() { # HOW
	new_installation
	unit_with_environment
	finish_installation
	echo "$PORT" >port
	echo "$1" >how
	rm -f enabling
}
user_unit wait
killed_while "$TMP/enabling"
kill "$(cat enabling)"
: >systemctl.log
echo >how
expect_status 0 setup --yes --recipient "$OPERATOR"
check "the next run does it all again" grep -q 'cut off; all is as it was before it' .err
check "the unit is enabled" grep -qx 'enable openclaw-gateway.service' systemctl.log
holds_no_secret
undo
user_unit not
fails '"systemctl enable openclaw-gateway.service" ended with status 1'

about "another gateway beside the unit"
user_unit ""
setpriv --reuid=4343 --clear-groups "$TMP/gateway" "$PORT" 2>/dev/null & # that of before, which goes on
busy=$!
for _ in {1..1200}; do ! (: <"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || break; sleep 0.1; done
fails "somebody listens on port $PORT, and \"openclaw-gateway.service\" is stopped"
kill $busy
user_unit ""
touch stays
fails 'the user unit could not be stopped'
rm stays
