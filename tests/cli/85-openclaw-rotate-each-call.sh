#!/usr/bin/env bash
# openclaw rotate-token, killed at each of its system calls, and each call failing: all is as it was, or the new value is
# in force, or the next rotation ends what was begun. In each run every 211th call, beginning elsewhere for each way; with
# BOOTSEAL_EACH_CALL=1 all.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
[ -x "$TOOLS/gateway" ] || skip "tests/tools/gateway is not built"
. "$ROOT/tests/cli/each_call.sh" 211 997

host <<'EOF'
identities: [host_key]
documents:
  openclaw/secrets.json:
    file: openclaw.yaml
    keys: [OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY]
    owner: 4242
    lifetime: until-ready
    unit: gw.service
EOF
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key SAID=$TMP/said
export old=gateway-token-4f1d old_key=sk-of-before # what JSON would not escape
"$BOOTSEAL" set openclaw.yaml '["ANTHROPIC_API_KEY"]' <<<"$old_key"
cp openclaw.yaml old.yaml
cp old.yaml next.yaml
printf token-from-elsewhere | "$BOOTSEAL" set next.yaml '["OPENCLAW_GATEWAY_TOKEN"]'

mkdir -m 777 ports
install -m 755 "$TOOLS/gateway" gateway
export document=/run/secrets.ready/openclaw/secrets.json
"$BOOTSEAL" activate --for gw.service host.yaml >said
setpriv --reuid=4242 --regid=4242 --clear-groups "$TMP/gateway" -f $document "$TMP/ports/port" 2>gateway.said &
at_exit "kill $!"
export gateway=$!
for _ in {1..1200}; do [ ! -s ports/port ] || break; sleep 0.1; done
port=$(cat ports/port)
export TMP port
cat >ask <<'END'
# What the gateway answers; a question is answered when a reload before it is done.
status_of() { # REQUEST-LINE [TOKEN]
	local status
	exec 3<>"/dev/tcp/127.0.0.1/$port" || return
	printf '%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n' "$1" "${2-}" >&3
	read -r _ status _ <&3
	exec 3>&-
	echo "$status"
}
takes() { [ "$(status_of "POST /tools/invoke" "$1")" = 200 ]; }
has() { [ "$(status_of "GET /has/$1")" = 200 ]; }
reload() { kill -HUP "$gateway" && status_of "GET /healthz" >/dev/null; }
sealed() { "$BOOTSEAL" get openclaw.yaml "[\"$1\"]"; }
END
# OpenClaw's command line: reloads.
cat >openclaw <<END
#!/bin/bash
kill -HUP $gateway || exit
exec 3<>/dev/tcp/127.0.0.1/$port
printf 'GET /healthz HTTP/1.1\r\n\r\n' >&3
read -r answer <&3
echo '{"ok":true,"warningCount":0}'
END
chmod 755 openclaw

# All is as it was: by a reload, of what was there at first.
cat >before <<'END'
. "$TMP/ask"
cp "$TMP/old.yaml" openclaw.yaml
rm -rf /run/bootseal.rotation
"$BOOTSEAL" activate --for gw.service host.yaml >/dev/null && reload && "$BOOTSEAL" release --for gw.service host.yaml >/dev/null &&
	takes "$old" && has "$old_key"
END
cat >after <<'END'
. "$TMP/ask"
wrong() { echo "call $CALL, status $STATUS: $*"; cat "$SAID"; ls -lR /run/secrets.ready /run/bootseal.rotation; exit 1; }
is_old() { cmp -s openclaw.yaml "$TMP/old.yaml"; }
# What the gateway has: the value that is sealed, or that of before.
look() {
	value=$(sealed "$wanted") || wrong "the sealed file does not open"
	token=$(sealed OPENCLAW_GATEWAY_TOKEN) || wrong "the token does not open"
	if [ $wanted = OPENCLAW_GATEWAY_TOKEN ]; then
		sealed=$(takes "$value" && echo 1) before=$(takes "$old" && echo 1)
	else
		takes "$old" || wrong "the token is not taken"
		sealed=$(has "$value" && echo 1) before=$(has "$old_key" && echo 1)
	fi
	[ -n "$sealed$before" ] || wrong "it has neither"
	is_old || [ -z "$sealed" ] || [ -z "$before" ] || wrong "it has both"
}
nothing_is_left() { # WHEN
	[ ! -e "$document" ] || wrong "$1: it is published"
	# but where removing them was what failed
	[ -n "$failed" ] || [ -z "$(find /run/bootseal.rotation -type f)" ] || wrong "$1: copies are left"
}
look
case $STATUS in
0)
	! is_old && [ -n "$sealed" ] || wrong "done, and not"
	failed=1
	[ -z "$killed" ] || failed=
	nothing_is_left "done"
	;;
# killed; or it was never loaded, or ended by a library
137 | 127 | 134) ;;
*)
	if [ -n "$killed" ]; then
		: a part of it was
	elif grep -q 'not all could be taken back' "$SAID"; then
		is_old || wrong "the file is another"
	elif grep -q 'cannot write to stdout' "$SAID"; then
		# done, and then only what is to be done on other hosts could not be told
		! is_old && [ -n "$sealed" ] || wrong "it is neither done nor taken back"
		nothing_is_left "not told"
	else
		is_old || wrong "the file is another"
		[ -n "$before" ] || wrong "the gateway has something else"
		[ ! -e "$document" ] || wrong "it is published"
	fi
	;;
esac
# The next one brings it to its end, and goes on.
"$TMP/rotation" >"$SAID.next" 2>&1 || wrong "the next rotation fails: $(cat "$SAID.next")"
last=$value failed=
look
[ -n "$sealed" ] && ! is_old || wrong "the next rotation is not in force"
! takes "$last" || [ $wanted != OPENCLAW_GATEWAY_TOKEN ] || [ "$value" = "$last" ] || wrong "the one before is still taken"
nothing_is_left "next"
END

first=1
at_each() { # NAME OPTIONS...
	local name=$1
	shift
	if nice "$each_call" -s "$step" -f $((1 + first % step)) "$@" "exec bash $TMP/before" "exec bash $TMP/after" "$TMP/struck" >out 2>&1; then
		ok "$name: $(tail -n 1 out)"
	else
		fail "$name" "$(head -n 60 out)"
	fi
	first=$((first + 67))
}
# What is struck, and the next one, which always makes a new value.
rotation() { # NAME STDIN [OPTIONS...]
	export wanted=$1
	local command="exec '$BOOTSEAL' openclaw rotate-token --manifest host.yaml --program '$TMP/openclaw' --url 'ws://127.0.0.1:$port'"
	printf '#!/bin/sh\n%s %s <%s\n' "$command" "${*:3}" "$2" >struck
	[ "$wanted" = OPENCLAW_GATEWAY_TOKEN ] && set -- "$wanted" /dev/null || echo 'sk-of-the-next' >next-key
	[ "$wanted" = OPENCLAW_GATEWAY_TOKEN ] || set -- "$wanted" next-key --key "$wanted"
	printf '#!/bin/sh\n%s %s <%s\n' "$command" "${*:3}" "$2" >rotation
	chmod 755 struck rotation
}
export killed
rotation OPENCLAW_GATEWAY_TOKEN /dev/null
killed=1
at_each "the token, killed with its children" -a
at_each "the token, killed alone"
killed=
for error in EIO ENOSPC EPERM; do at_each "the token, $error" -e $error; done
rotation OPENCLAW_GATEWAY_TOKEN /dev/null --with next.yaml
killed=1
at_each "--with, killed" -a
killed=
at_each "--with, EIO" -e EIO
echo sk-of-stdin >new-key
rotation ANTHROPIC_API_KEY new-key --key ANTHROPIC_API_KEY
killed=1
at_each "--key, killed" -a
killed=
at_each "--key, EIO" -e EIO
