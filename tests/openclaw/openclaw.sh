# For the scripts with the real OpenClaw; sourced in the place of lib.sh. As root, in a mount namespace of its own with
# an empty /run.
#
#   USER_OF_GATEWAY            the uid that gateways run as
#   own_port                   prints a port that is free, and that no other script asks for
#   gateway_config NAME        the configuration on stdin is that of gateway NAME; its folder is new
#   gateway_start NAME [VARIABLE=VALUE...] [-- COMMAND...]
#                              starts it, and waits until it answers; COMMAND... is put before its own
#                              command line, and becomes it. Its status is that of the start.
#   gateway_stop               stops it
#   gateway_cli NAME [VARIABLE=VALUE...] -- ARGUMENT...
#                              runs OpenClaw's own command line with the gateway's folder
#   sealed_host                the manifest is that on stdin, with WHOSE for the gateway's user; $TOKEN and $KEY are
#                              sealed in gateway.yaml
#   config REF [PROVIDERS [MORE [MORE OF gateway]]]
#                              prints a configuration whose token is REF, as "ref SOURCE ID" makes it
#   model_start                starts a provider of models on $MODEL_PORT; model.log says what it was asked
#   takes TOKEN                checks that it takes this token, and neither another nor none
#   $PORT $LOG $PID            of the gateway that was started last

. "${BASH_SOURCE[0]%/*}/../cli/activate.sh"
own_mounts
. "${BASH_SOURCE[0]%/*}/peers.sh"

HELPER=$ROOT/tests/openclaw/gateway.mjs
USER_OF_GATEWAY=65534
PID=

empty_run
# Where they lie, other users may not be able to go.
mkdir /run/peers
mount --bind "$OPENCLAW_DIR" /run/peers
mkdir /run/helper
cp "$HELPER" /run/helper/
HELPER=/run/helper/gateway.mjs
NODE=/run/peers/node_modules/node/bin/node
OPENCLAW=/run/peers/node_modules/openclaw/openclaw.mjs
at_exit gateway_stop
# What Node makes of OpenClaw's text is kept for the next start, by uid, beside it or here.
mkdir -m 1777 "$OPENCLAW_DIR/compiled" 2>/dev/null || : it is there
export NODE_COMPILE_CACHE=$OPENCLAW_DIR/compiled
[ -k "$NODE_COMPILE_CACHE" ] || { NODE_COMPILE_CACHE=$TMP/compiled && mkdir -m 1777 "$NODE_COMPILE_CACHE"; }
mkdir /run/compiled
mount --bind "$NODE_COMPILE_CACHE" /run/compiled
NODE_COMPILE_CACHE=/run/compiled

helper() { "$NODE" "$HELPER" "$@"; }
own_port() {
	local script=${SUITE##*/}
	helper port $((12000 + 100 * ${script%%-*}))
}

as_user=(setpriv --reuid="$USER_OF_GATEWAY" --regid="$USER_OF_GATEWAY" --clear-groups --no-new-privs --)
as_gateway() { "${as_user[@]}" "$@"; }

gateway_config() { # NAME
	mkdir -p "$TMP/$1/home" "$TMP/$1/state"
	cat >"$TMP/$1/state/openclaw.json"
	chmod 700 "$TMP/$1/home" "$TMP/$1/state"
	chmod 600 "$TMP/$1/state/openclaw.json"
	chown -R "$USER_OF_GATEWAY:$USER_OF_GATEWAY" "$TMP/$1"
}

# INVOCATION_ID: as under systemd, or a start that failed goes looking for reasons for ten seconds.
gateway_environment() { # NAME
	GATEWAY_ENVIRONMENT=(PATH="${NODE%/*}:/usr/bin:/bin" HOME="$TMP/$1/home" OPENCLAW_STATE_DIR="$TMP/$1/state" TMPDIR="$TMP/$1"
		NODE_COMPILE_CACHE="$NODE_COMPILE_CACHE" OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1 OPENCLAW_DISABLE_BONJOUR=1 OPENCLAW_SKIP_CHANNELS=1 INVOCATION_ID=test)
}

gateway_start() { # NAME [VARIABLE=VALUE...] [-- COMMAND...]
	local name=$1 status=0
	shift
	gateway_environment "$name"
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		GATEWAY_ENVIRONMENT+=("$1")
		shift
	done
	shift $(($# > 0))
	LOG=$TMP/$name/log
	PORT=$(own_port)
	# exec: the process is the gateway itself, or what becomes it
	(cd "$TMP/$name" && exec "${as_user[@]}" env -i "${GATEWAY_ENVIRONMENT[@]}" "$@" "$NODE" "$OPENCLAW" \
		gateway run --port "$PORT" --bind loopback) >"$LOG" 2>&1 </dev/null &
	PID=$!
	helper wait "$PORT" $PID 600 && return
	gateway_stop || status=$?
	[ $status -ne 0 ] || status=99
	return $status
}

# Its status is the gateway's own, where that had ended by itself; 143 is that of our signal.
gateway_stop() {
	local pid=$PID status=0
	PID=
	[ -n "$pid" ] || return 0
	kill "$pid" 2>/dev/null || : it has ended
	wait "$pid" || status=$?
	[ $status -eq 143 ] || return $status # by our signal
}

gateway_cli() { # NAME [VARIABLE=VALUE...] -- ARGUMENT...
	gateway_environment "$1"
	shift
	while [ "$1" != -- ]; do
		GATEWAY_ENVIRONMENT+=("$1")
		shift
	done
	shift
	as_gateway env -i "${GATEWAY_ENVIRONMENT[@]}" "$NODE" "$OPENCLAW" "$@"
}

sealed_host() {
	# with the number of the test, beside which others run
	TOKEN=sealed-token-$$-$RANDOM$RANDOM KEY=sk-sealed-$$-$RANDOM$RANDOM
	sed "s/^\([^#]*\)WHOSE/\1owner: $USER_OF_GATEWAY, group: $USER_OF_GATEWAY/" | host
	printf 'OPENCLAW_GATEWAY_TOKEN: %s\nLLM_API_KEY: %s\n' "$TOKEN" "$KEY" >gateway.yaml
	seal gateway.yaml
	chmod 644 host.yaml
	touch openclaw.log
	chmod 666 openclaw.log
}

ref() { echo "{ source: '$1', provider: 'sealed', id: '$2' }"; } # SOURCE ID

config() { # REF [PROVIDERS [MORE [MORE OF gateway]]]
	echo "{ gateway: { mode: 'local', auth: { mode: 'token'${1:+, token: $1} } ${4-} },
		logging: { file: '$TMP/openclaw.log' }, secrets: { providers: { ${2-} } } ${3-} }"
}

# A provider of models on port $MODEL_PORT, which writes to model.log what it was asked.
model_start() {
	(umask 077 && : >model.log)
	"$NODE" "$HELPER" model "$MODEL_PORT" "$TMP/model.log" &
	at_exit "kill $!"
}

status_of() { helper ask "$PORT" "$1"; } # TOKEN

takes() { # TOKEN
	expect_output 200 status_of "$1"
	expect_output 401 status_of "x$1"
	expect_output 401 status_of ""
}

# The gateway and those that it has started.
processes() {
	local pid
	for pid in $PID $(cat "/proc/$PID/task"/*/children); do
		echo "/proc/$pid"
	done
}
