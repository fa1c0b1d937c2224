# A host whose token tests/tools/gateway takes, and questions to that: sourced by the tests of openclaw rotate-token, behind
# activate.sh and lib.sh.
document=/run/secrets.ready/openclaw/secrets.json

rotation_host() {
	empty_run
	[ -x "$TOOLS/gateway" ] || skip "tests/tools/gateway is not built"
	host <<-'EOF'
		identities: [host_key]
		documents:
		  openclaw/secrets.json:
		    file: openclaw.yaml
		    keys: [OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY]
		    owner: 4242
		    lifetime: until-ready
		    unit: gw.service
	EOF
	mkdir -m 777 ports
	install -m 755 "$TOOLS/gateway" gateway
}
gateway=
gateway_start() { # UID DOCUMENT [OPTION...]: in the place of one before; sets gateway, its process, and port
	[ -z "$gateway" ] || kill "$gateway"
	rm -f ports/port
	setpriv --reuid="$1" --regid="$1" --clear-groups "$TMP/gateway" -f "$2" "${@:3}" "$TMP/ports/port" 2>>gateway.said &
	gateway=$!
	for _ in {1..1200}; do [ ! -s ports/port ] || break; sleep 0.1; done
	port=$(cat ports/port)
}
at_exit '[ -z "$gateway" ] || kill "$gateway"'
# What bash says to the gateway itself: nothing else with HTTP is on every host. A question is answered when a reload
# before it is done.
status_of() { # REQUEST-LINE [TOKEN]
	local status
	exec 3<>"/dev/tcp/127.0.0.1/$port" || return
	printf '%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n' "$1" "${2-}" >&3
	read -r _ status _ <&3
	exec 3>&-
	echo "$status"
}
