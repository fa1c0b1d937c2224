#!/usr/bin/env bash
# What is published until a unit is ready: activate --for, release --for --when, and what a plain activation,
# status and deactivate make of it.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
gateway=$TOOLS/gateway
[ -x "$gateway" ] || skip "tests/tools/gateway is not built"
place=/run/secrets.ready
token=gateway-token-4f1d

host <<'EOF'
identities: [host_key]
secrets:
  a: {file: flat.yaml, key: A}
  single: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN, owner: 4242, group: 4343, lifetime: until-ready, unit: gw.service}
documents:
  openclaw/secrets.json:
    file: openclaw.yaml
    keys: [OPENCLAW_GATEWAY_TOKEN, OPENAI_API_KEY]
    owner: 4242
    mode: "0600"
    lifetime: until-ready
    unit: gw.service
  other.json: {file: flat.yaml, keys: [B], lifetime: until-ready, unit: other.service, reload: [other.service]}
EOF
cp host.yaml good.yaml
not() { ! "$@"; }
none() { [ "$(ls -A $place)" = .bootseal.ready ]; }
published="openclaw d 0:0 751
openclaw/secrets.json f 4242:0 600
single f 4242:4343 400"
all_there() { [ "$(find $place -mindepth 1 ! -name .bootseal.ready ! -name other.json -printf '%P %y %U:%G %m\n' | sort)" = "$published" ]; }
publish() { "$BOOTSEAL" activate --for gw.service host.yaml; }
release() { "$BOOTSEAL" release --for gw.service "$@" host.yaml; }

# --- a plain activation publishes nothing
about "plain activation"
run activate "$BOOTSEAL" activate host.yaml
check "they are told as added" grep -qx 'added openclaw/secrets.json' said
check "nothing is published" none
check "nothing of it is in the generation" [ "$(ls /run/secrets)" = a ]
check "its place is a mount" grep -q " $place ro,.* - ramfs bootseal " /proc/self/mountinfo
check "that nobody lists" [ "$(stat -c %a:%u $place)" = 751:0 ]
check "the record is root's" [ "$(stat -c %a:%u $place/.bootseal.ready)" = 400:0 ]
for value in $token sk-openai-old value-of-b "$(printf %s $token | sha256sum | cut -d' ' -f1)"; do
	check "no value, and no digest of one, is in it" not grep -qF "$value" $place/.bootseal.ready
done

# --- published
about "activate --for"
run publish publish
check "says what" grep -qx "$place/openclaw/secrets.json: published for gw.service" said
check "all of the unit's, and no more" all_there
check "as JSON" [ "$(cat $place/openclaw/secrets.json)" = '{"OPENCLAW_GATEWAY_TOKEN":"gateway-token-4f1d","OPENAI_API_KEY":"sk-openai-old"}' ]
check "a single value" [ "$(cat $place/single)" = $token ]
check "one link each" [ "$(stat -c %h $place/openclaw/secrets.json $place/single | sort -u)" = 1 ]
check "no generation was made" [ "$(readlink /run/secrets)" = secrets.d/1 ]
as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }
# Behind "as X &" a shell stands between $! and X, which would outlive it.
instead_as() { exec setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }
if command -v setpriv >/dev/null; then
	check "its owner reads it" as 4242 cat $place/openclaw/secrets.json
	check "nobody else does" not as 4343 cat $place/openclaw/secrets.json
	check "nobody lists the place" not as 4242 ls $place
	check "its owner cannot write it" not as 4242 sh -c "chmod 600 $place/single || echo x >>$place/openclaw/secrets.json"
else
	skip_one "as others" "there is no setpriv"
fi
before=$(listing $place; cat $place/single)
run "publish again" publish
# What is done is done: the unit does not fail because nobody could be told.
if [ -c /dev/full ]; then
	expect_status 0 sh -c '"$BOOTSEAL" activate --for gw.service host.yaml >/dev/full'
	check "noted" grep -q "\"$place\" is published, but the report could not be written" .err
	expect_status 0 sh -c '"$BOOTSEAL" release --for gw.service host.yaml >/dev/full'
	check "noted" grep -q '"gw.service" is released, but the report could not be written' .err
	check "it is" [ ! -e $place/single ]
	run "publish again" publish
else
	skip_one "a full device" "/dev/full is not there"
fi
check "the same" [ "$before" = "$(listing $place; cat $place/single)" ]
expect_output '{"directory":"/run/secrets.ready","unit":"other.service","published":["/run/secrets.ready/other.json"],"notes":[]}' \
	"$BOOTSEAL" activate --for other.service --json host.yaml
expect_error 'has nothing to publish for "no.service"' "$BOOTSEAL" activate --for no.service host.yaml
expect_status 1 "$BOOTSEAL" activate --for no.service host.yaml
expect_error '--for and --check exclude each other' "$BOOTSEAL" activate --for gw.service --check host.yaml
expect_error '--for and --dry-run exclude each other' "$BOOTSEAL" activate --for gw.service --dry-run host.yaml
echo '{}' >nix.json
expect_error "sops-nix' manifest has nothing that is for one unit alone" "$BOOTSEAL" activate --for gw.service nix.json

# --- shown
about status
run status "$BOOTSEAL" status host.yaml
check "published" grep -qx "$place/openclaw/secrets.json: published for gw.service" said
run "status --json" "$BOOTSEAL" status --json host.yaml
check "as JSON" grep -qF '"untilReady":[{"name":"single","unit":"gw.service","published":true},{"name":"openclaw/secrets.json","unit":"gw.service","published":true},{"name":"other.json","unit":"other.service","published":true}]' said

# --- withdrawn
about release
run release release
check "says what" grep -qx "$place/single: withdrawn" said
check "other units keep theirs" [ "$(ls -A $place | tr '\n' ' ')" = ".bootseal.ready other.json " ]
run "twice" release
check "says nothing" [ ! -s said ]
run "release --directory" "$BOOTSEAL" release --for other.service --directory /run/secrets
check "nothing is there" none
run status "$BOOTSEAL" status host.yaml
check "withdrawn" grep -qx "$place/openclaw/secrets.json: withdrawn, for gw.service" said
expect_status 0 "$BOOTSEAL" release --for no.service host.yaml
expect_error '--for UNIT is missing' "$BOOTSEAL" release host.yaml
expect_error '--timeout is for --when' release --timeout 3

# --- a gateway that gets ready, or does not
about "release --when"
start() { # GATEWAY-OPTIONS...
	rm -f ports/port
	publish >/dev/null
	instead_as 4242 "$gateway" -f $place/openclaw/secrets.json "$@" "$TMP/ports/port" 2>gateway.err &
	MAINPID=$!
	export MAINPID
}
# It may have ended by itself, and ends with a status of its own.
end() {
	kill "$MAINPID" 2>/dev/null || true
	wait "$MAINPID" || true
	unset MAINPID
}
url() {
	for _ in {1..1200}; do [ ! -s ports/port ] || break; sleep 0.05; done
	echo "http://127.0.0.1:$(cat ports/port)/healthz"
}
# Signals are its to take by now, SIGALRM among them: they no longer end it as they would end any program. (Until it is
# the program, it is a shell that forks, for which newer C libraries block all of them for a moment.)
takes_signals() { # PID
	local blocked=
	until [ $((0x0${blocked:-0} & 0x2000)) -ne 0 ]; do
		blocked=$(sed -n '/^Name:/{/bootseal/!q}; s/^SigBlk:.//p' "/proc/$1/status") && sleep 0.01 || return
	done
}
if command -v setpriv >/dev/null; then
	mkdir -m 777 ports
	start
	run "ready" release --when "$(url)"
	check "withdrawn" none
	exec 3<>"/dev/tcp/127.0.0.1/$(cat ports/port)"
	printf 'GET /has/%s HTTP/1.1\r\n\r\n' $token >&3
	check "it has what it read" grep -q '^HTTP/1.1 200' <&3
	exec 3>&-
	end
	start -n
	expect_status 35 release --when "$(url)" --timeout 1
	check "says why" grep -qx 'bootseal: gw.service: it was not ready in time' .err
	check "withdrawn all the same" none
	end
	start -n -e 500
	expect_status 35 release --when "$(url)"
	check "says why" grep -qx 'bootseal: gw.service: its main process ended before it was ready' .err
	check "withdrawn all the same" none
	end
	start -n
	"$BOOTSEAL" release --for gw.service --when "$(url)" host.yaml >out 2>err &
	pid=$!
	takes_signals $pid
	check "published meanwhile" all_there
	kill -TERM $pid
	wait $pid && status=0 || status=$?
	check "told to end" [ $status = 35 ]
	check "says why" grep -qx 'bootseal: gw.service: it was not ready when a signal ended the wait' err
	check "withdrawn all the same" none
	for signal in USR1 USR2 ALRM; do
		publish >/dev/null
		"$BOOTSEAL" release --for gw.service --when "$TMP/never" host.yaml >out 2>err &
		pid=$!
		takes_signals $pid
		kill -$signal $pid
		wait $pid && status=0 || status=$?
		check "SIG$signal" [ $status = 35 ]
		check "withdrawn all the same" none
	done
	end
	start -n
	(sleep 0.5; touch "$TMP/up") &
	run "a path" release --when "$TMP/up"
	check "withdrawn" none
	end
else
	skip_one "a gateway" "there is no setpriv"
fi
publish >/dev/null
expect_status 30 release --when https://127.0.0.1/
check "a bad URL keeps nothing" none
publish >/dev/null
expect_error 'is not of this host' release --when http://192.0.2.1/
check "nor does one elsewhere" none
publish >/dev/null
expect_error '--timeout is for --when' release --timeout 3
check "nor a time for nothing" none
publish >/dev/null
MAINPID=x expect_error 'MAINPID is no process' release --when /
check "nor a main process that is none" none
for bad in "--timeout x" "--timeout=1" "--no-such-option" "one two"; do
	publish >/dev/null
	expect_status 30 "$BOOTSEAL" release --for=gw.service $bad host.yaml
	check "nor release $bad" none
done
publish >/dev/null
expect_status 30 "$BOOTSEAL" release --no-such-option --for gw.service
check "wherever the unit stands" none
publish >/dev/null
expect_status 30 "$BOOTSEAL" release --no-such-option --for other.service
check "another unit's stay" all_there
release >/dev/null

# --- beside other runs
about "beside an activation that takes its time"
publish >/dev/null
"$BOOTSEAL" activate --for other.service host.yaml >/dev/null
mkfifo held
flock -F -x /run/.secrets.lock sh -c ': >held; exec sleep 600' & # one process, which ends with the signal
holder=$!
: <held
run "it is not waited for" timeout -s KILL 120 "$BOOTSEAL" release --for gw.service host.yaml
check "says what" grep -qx "$place/single: withdrawn" said
check "withdrawn" [ "$(find $place -type f -printf '%P ' | xargs -n1 | sort | xargs)" = ".bootseal.ready other.json" ]
mount -o remount,bind,rw $place
cp $place/.bootseal.ready good-record
printf 'key x\n' >$place/.bootseal.ready
run "whose they are is not known" timeout -s KILL 120 "$BOOTSEAL" release --for gw.service host.yaml
check "all are withdrawn" none
cat good-record >$place/.bootseal.ready
kill $holder
wait $holder || : by our signal
run "afterwards" publish
check "all there" all_there
publish >/dev/null
flock -F -x /run/.secrets.lock sh -c ': >held; exec sleep 600' & # one process, which ends with the signal
holder=$!
: <held
"$BOOTSEAL" release --for gw.service --when "$TMP/never" host.yaml >out 2>err &
pid=$!
takes_signals $pid
kill -TERM $pid
wait $pid && status=0 || status=$?
check "SIGTERM ends the wait" [ $status = 35 ]
check "withdrawn meanwhile" [ ! -e $place/single ]
kill $holder
wait $holder || : by our signal

about "another unit's documents"
"$BOOTSEAL" activate --for other.service host.yaml >/dev/null
: >failed
chmod 666 failed
if command -v setpriv >/dev/null; then
	sed 's/keys: \[B\],/keys: [B], owner: 4243,/' good.yaml >host.yaml
	"$BOOTSEAL" activate --for other.service host.yaml >/dev/null
	instead_as 4243 bash -c 'while :; do read -r text <"$0" || echo "$text" >>"$1"; done' $place/other.json "$TMP/failed" 2>/dev/null &
	reader=$!
	for _ in {1..60}; do
		publish >/dev/null
		release >/dev/null
	done
	kill $reader
	wait $reader || : by our signal
	check "are in reach all the while" [ ! -s failed ]
	cp good.yaml host.yaml
	"$BOOTSEAL" activate --for other.service host.yaml >/dev/null
else
	skip_one "in reach all the while" "there is no setpriv"
fi

about "a manifest that gives the place to another"
"$BOOTSEAL" activate --for gw.service host.yaml >/dev/null
cat >host.yaml <<'END'
identities: [host_key]
documents:
  openclaw: {file: openclaw.yaml, keys: [OPENAI_API_KEY], lifetime: until-ready, unit: gw2.service}
  single/deep: {file: openclaw.yaml, keys: [OPENAI_API_KEY], lifetime: until-ready, unit: gw2.service}
END
run "publishes there" "$BOOTSEAL" activate --for gw2.service host.yaml
check "what was there is gone" [ "$(find $place -type f -printf '%P ' | xargs -n1 | sort | xargs)" = ".bootseal.ready openclaw other.json single/deep" ]
cp good.yaml host.yaml
run "and back" publish
check "all there" all_there
"$BOOTSEAL" release --for gw2.service host.yaml >/dev/null
"$BOOTSEAL" release --for gw.service host.yaml >/dev/null
"$BOOTSEAL" release --for other.service host.yaml >/dev/null

# --- fails closed
about "what fails"
publish >/dev/null
cp openclaw.yaml kept.yaml
cp foreign.yaml openclaw.yaml
expect_status 128 publish
check "what was published before is gone" none
cp kept.yaml openclaw.yaml
sed 's/OPENAI_API_KEY/NO_SUCH_KEY/' good.yaml >host.yaml
expect_status 1 publish
check "one of two cannot be: neither is" none
cp good.yaml host.yaml
publish >/dev/null
echo 'broken: [' >host.yaml
expect_status 2 release
check "the manifest cannot be read: withdrawn all the same" none
cp good.yaml host.yaml
publish >/dev/null
sed '1i directory: /run/elsewhere' good.yaml >host.yaml
run "the directory is another now" release
check "says what" grep -qx "$place/single: withdrawn" said
check "withdrawn all the same" none
cp good.yaml host.yaml

# --- changes are told
about changes
fake_systemctl
told() { if [ -e systemctl.log ]; then sort systemctl.log && rm systemctl.log; fi; }
run "the same" "$BOOTSEAL" activate host.yaml
check "nobody is told" [ -z "$(told)" ]
cp changed.yaml openclaw.yaml
run "dry run" "$BOOTSEAL" activate --dry-run host.yaml
check "would be" grep -qx 'would restart gw.service' said
check "would change" grep -qx 'would change openclaw/secrets.json' said
run "changed" "$BOOTSEAL" activate host.yaml
check "the unit is told" [ "$(told)" = '--no-block try-restart -- gw.service' ]
check "nothing is published by that" none
run "again" "$BOOTSEAL" activate host.yaml
check "once" [ -z "$(told)" ]
cp kept.yaml openclaw.yaml
run "the unit starts by itself" publish
run "and has it" "$BOOTSEAL" activate host.yaml
check "so it is not told" [ -z "$(told)" ]
sed 's/keys: \[B\]/keys: [A, B]/' good.yaml >host.yaml
run "another key" "$BOOTSEAL" activate host.yaml
check "reloaded, as it says" [ "$(told)" = '--no-block try-reload-or-restart -- other.service' ]
sed -i 's/owner: 4242/owner: 4244/' host.yaml
run "another owner" "$BOOTSEAL" activate host.yaml
check "restarted" [ "$(told)" = '--no-block try-restart -- gw.service' ]
cp good.yaml host.yaml
publish >/dev/null
sed '/^  single/d' good.yaml >host.yaml
run "one less" "$BOOTSEAL" activate host.yaml
check "said" grep -qx 'removed single' said
expect_absent $place/single
sed -i '/^documents/,$d' host.yaml
run "none" "$BOOTSEAL" activate host.yaml
expect_absent $place
cp good.yaml host.yaml
told >/dev/null
run "new ones" "$BOOTSEAL" activate host.yaml
check "their units are told" [ "$(told | tr '\n' ' ')" = '--no-block try-reload-or-restart -- other.service --no-block try-restart -- gw.service ' ]

# A unit may have got its value before anything was activated.
run deactivate "$BOOTSEAL" deactivate host.yaml
publish >/dev/null
cp openclaw.yaml kept.yaml
told >/dev/null
run "the first activation" "$BOOTSEAL" activate host.yaml
check "nobody is told of what it has" [ -z "$(told)" ]
run deactivate "$BOOTSEAL" deactivate host.yaml
cp changed.yaml openclaw.yaml
publish >/dev/null
cp kept.yaml openclaw.yaml
run "another value at the first activation" "$BOOTSEAL" activate host.yaml
check "its unit is told" [ "$(told)" = '--no-block try-restart -- gw.service' ]

# --- names as systemd-escape makes them
sed 's/gw\.service/gw@a\\x2db.service/' good.yaml >host.yaml
run "published" "$BOOTSEAL" activate --for 'gw@a\x2db.service' host.yaml
check "all there" all_there
run status "$BOOTSEAL" status host.yaml
check "shown" grep -qxF "$place/single: published for gw@a\x2db.service" said
cp changed.yaml openclaw.yaml
told >/dev/null
run "changed" "$BOOTSEAL" activate host.yaml
check "the unit is told" [ "$(told)" = '--no-block try-restart -- gw@a\x2db.service' ]
run "withdrawn" "$BOOTSEAL" release --for 'gw@a\x2db.service' host.yaml
check "all of it" [ ! -e $place/single ]
cp kept.yaml openclaw.yaml
cp good.yaml host.yaml
run "as before" "$BOOTSEAL" activate host.yaml
told >/dev/null

# --- onError: keep
sed 's/^identities/onError: keep\nidentities/; s/file: flat.yaml, keys/file: foreign.yaml, keys/' good.yaml >host.yaml
expect_status 31 "$BOOTSEAL" activate host.yaml
check "said" grep -qx 'left out other.json' .out
check "the good ones are there" [ "$(cat /run/secrets/a)" = value-of-a ]
expect_status 128 "$BOOTSEAL" activate --for other.service host.yaml
run "another unit's" publish
cp good.yaml host.yaml

# --- given for the whole boot, too
about "shared values"
sed -i 's/^  single/  b: {file: openclaw.yaml, key: OPENAI_API_KEY, owner: 4242}\n  single/' host.yaml
expect_error '"openclaw/secrets.json" is withdrawn when gw.service is ready, but "b" gives OPENAI_API_KEY to it, or to its owner, for the whole boot' \
	"$BOOTSEAL" activate --check host.yaml
expect_status 32 "$BOOTSEAL" activate --check host.yaml
run "an activation goes on" "$BOOTSEAL" activate host.yaml
check "and notes it" grep -qF 'note: "openclaw/secrets.json" is withdrawn when gw.service is ready, but "b"' noted
sed 's/^  single/  b: {file: linked.yaml, key: OPENAI_API_KEY, owner: 4242}\n  single/' good.yaml >host.yaml
ln -s openclaw.yaml linked.yaml
expect_error 'but "b" gives OPENAI_API_KEY to it' "$BOOTSEAL" activate --check host.yaml
rm linked.yaml
cp openclaw.yaml linked.yaml
expect_error 'but "b" gives OPENAI_API_KEY to it' "$BOOTSEAL" activate --check host.yaml
rm linked.yaml
# Users and groups of our own: /etc's are the machine's.
cp /etc/passwd /etc/group .
printf 'first:x:4242:4243::/:/bin/false\nsecond:x:4242:4243::/:/bin/false\n' >>passwd
printf 'primary:x:4243:\nmore:x:4244:first\nothers:x:4245:root\nmore-still:x:4246:root,second\n' >>group
mount --bind passwd /etc/passwd
mount --bind group /etc/group
for group in primary more 4244 more-still; do
	sed "s/^  single/  b: {file: openclaw.yaml, key: OPENAI_API_KEY, group: $group, mode: \"0440\"}\n  single/" good.yaml >host.yaml
	expect_error 'but "b" gives OPENAI_API_KEY to it' "$BOOTSEAL" activate --check host.yaml
done
run "an activation" "$BOOTSEAL" activate host.yaml
check "notes it" grep -qF 'is withdrawn when gw.service is ready, but "b"' noted
sed 's/^  single/  b: {file: openclaw.yaml, key: OPENAI_API_KEY, group: others, mode: "0440"}\n  single/' good.yaml >host.yaml
run "another group" "$BOOTSEAL" activate --check host.yaml
umount /etc/passwd /etc/group
cp good.yaml host.yaml
expect_output '4 files for /run/secrets: nothing wrong' "$BOOTSEAL" activate --check host.yaml

# --- what lies there
about "the place"
run "published" publish
mount -o remount,bind,rw $place
rm $place/.bootseal.ready
printf 'key x\n' >$place/.bootseal.ready
run "a damaged record" release
check "all is withdrawn" [ "$(listing $place)" = "" ] || ls -la $place
run "activated" "$BOOTSEAL" activate host.yaml
check "it is read-only again" grep -q " $place ro," /proc/self/mountinfo
run "published" publish
mount -o remount,bind,rw $place
rm $place/.bootseal.ready
run "a lost record" release
check "all is withdrawn" [ "$(listing $place)" = "" ] || ls -la $place
run "published" publish
mount -o remount,bind,rw $place
rm $place/.bootseal.ready
run "published anew" publish
check "all there" all_there
run "published" publish
mount -o remount,bind,rw $place
mkdir $place/.bootseal.new
chmod 700 $place
run "another unit's run" "$BOOTSEAL" activate --for other.service host.yaml
check "what a killed run had closed is emptied, and opened" \
	[ "$(ls -A $place | tr '\n' ' ')$(stat -c %a $place)" = ".bootseal.ready other.json 751" ]
run "deactivate" "$BOOTSEAL" deactivate host.yaml
expect_absent $place /run/secrets /run/secrets.d /run/.secrets.lock
run "without an activation" publish
check "all there" all_there
run "deactivate --all" "$BOOTSEAL" deactivate --all
expect_absent $place /run/.secrets.lock
mkdir $place
touch $place/mine
expect_error 'has something in it that is not bootseal' publish
expect_error 'has something in it that is not bootseal' "$BOOTSEAL" activate host.yaml
expect_error 'has something in it that is not bootseal' release
expect_error 'has something in it that is not bootseal' "$BOOTSEAL" deactivate host.yaml
check "untouched" [ "$(ls -A $place)" = mine ]
rm -r $place

# --- where nothing can be mounted, as in a container: a folder of the tmpfs
about "without a mount"
confined() { setpriv --bounding-set -sys_admin "$@"; }
if command -v setpriv >/dev/null; then
	run "published" confined "$BOOTSEAL" activate --for gw.service host.yaml
	check "noted" grep -q "\"$place\" is not a mount of its own (this process may not mount)" noted
	check "all there" all_there
	run "activated" confined "$BOOTSEAL" activate host.yaml
	run "published again" confined "$BOOTSEAL" activate --for gw.service host.yaml
	check "all there" all_there
	run "withdrawn" confined "$BOOTSEAL" release --for gw.service host.yaml
	check "nothing is there" none
	run "published again" confined "$BOOTSEAL" activate --for gw.service host.yaml
	echo 'broken: [' >host.yaml
	expect_status 2 confined "$BOOTSEAL" release --for gw.service host.yaml
	check "withdrawn without a manifest" none
	cp good.yaml host.yaml
	run "published again" confined "$BOOTSEAL" activate --for gw.service host.yaml
	echo 'broken: [' >host.yaml
	expect_status 2 confined "$BOOTSEAL" activate --for gw.service host.yaml
	check "withdrawn without a manifest" none
	cp good.yaml host.yaml
	about "with rights to mount behind such a one"
	run "activated" "$BOOTSEAL" activate host.yaml
	check "noted" grep -q "\"$place\" is not a mount of its own (it was live as a folder" noted
	run "published" publish
	check "all there" all_there
	run "withdrawn" release
	check "nothing is there" none
	run "removed" confined "$BOOTSEAL" deactivate host.yaml
	expect_absent $place /run/secrets.d
else
	skip_one "a folder" "there is no setpriv"
fi

# --- as the root that is yet to be
about "--root"
mkdir -p sysroot/run sysroot/etc/bootseal
cp ./*.yaml ./*_key sysroot/etc/bootseal/
mount -t tmpfs -o mode=755 tmpfs sysroot/run
run "published" "$BOOTSEAL" activate --root "$TMP/sysroot" --for gw.service /etc/bootseal/host.yaml
check "there" [ "$(cat sysroot$place/single)" = $token ]
expect_absent $place
umount -R sysroot/run

# --- many at once: each on its own may find what another has left, but none leaves anything half done
about "at once"
for _ in {1..6}; do
	publish >>at-once 2>&1 &
	"$BOOTSEAL" activate --for other.service host.yaml >>at-once 2>&1 &
	"$BOOTSEAL" activate host.yaml >>at-once 2>&1 &
	release >>at-once 2>&1 &
done
wait
check "none failed" not grep -v 'published for\|: withdrawn\|^/run/secrets: generation\|^added\|^restart\|^reload\|^bootseal: note: ' at-once
run "then" publish
check "whole" all_there
