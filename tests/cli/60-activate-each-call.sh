#!/usr/bin/env bash
# activate and rollback, killed at each of their system calls, and each call failing: what is live stays whole, old
# or new; nothing else can be entered; the next run succeeds and takes away what was left. In each run every 29th
# call, beginning elsewhere for each way; with BOOTSEAL_EACH_CALL=1 all of them, which takes ten minutes.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
. "$ROOT/tests/cli/each_call.sh" 29 97

host <<'END'
identities: [host_key]
keep: 1
onError: stop
secrets:
  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN, owner: 4242}
  openai: {file: openclaw.yaml, key: OPENAI_API_KEY, mode: "0444"}
  a: {file: flat.yaml, key: A}
environments:
  deep/worker.env: {file: openclaw.yaml, keys: [OPENAI_API_KEY]}
templates:
  t.conf: {content: "{{ a }} {{ openai }}", mode: "0440", owner: 4242}
END
sed 's/stop/keep/; s/key: A}/key: A}\n  bad: {file: foreign.yaml, key: A}/' host.yaml >keep.yaml
cp changed.yaml new.yaml
cp "$VECTORS/openclaw.yaml" old.yaml
export SAID=$TMP/said

# What is live is whole: all of it old, or all of it new; but kept ones may be old.
cat >whole <<'END'
wrong() { echo "call $CALL: $*"; cat "$SAID"; ls -lRA /run/secrets.d; exit 1; }
take() { read -r "$1" <"/run/secrets/$2" || [ -n "$(eval echo \$$1)" ] || wrong "no $2"; }
whole() {
	take token token
	take openai openai
	take a a
	take env deep/worker.env
	take template t.conf
	[ "$token/$a" = gateway-token-4f1d/value-of-a ] || wrong "token $token, a $a"
	case $openai in sk-openai-old | sk-openai-new) ;; *) wrong "openai $openai" ;; esac
	[ "$env" = "OPENAI_API_KEY=\"$openai\"" ] || [ -n "$mixed" ] || wrong "$env with $openai"
	[ "$template" = "value-of-a $openai" ] || [ -n "$mixed" ] || wrong "$template with $openai"
	# Owners and modes, and no other generation that anyone else may enter, unless it is whole.
	find -L /run/secrets -type f ! -name '.bootseal.[ru]*' -printf '%P %U:%m\n' >"$TMP/modes"
	[ "$(sort "$TMP/modes")" = ".bootseal.json 0:400
a 0:400
deep/worker.env 0:400
openai 0:444
t.conf 4242:440
token 4242:400" ] || wrong "$(sort "$TMP/modes")"
	for generation in $(find /run/secrets.d -mindepth 1 -maxdepth 1 -perm /077); do
		[ -f "$generation/t.conf" ] && [ -f "$generation/token" ] || wrong "$generation can be entered"
	done
}
# The next run: all new, and nothing is left.
next() {
	"$BOOTSEAL" activate "$manifest" >"$SAID" 2>&1 || [ $? = $next ] || wrong "the next run fails"
	whole
	[ "$openai" = sk-openai-new ] || wrong "$openai after the next run"
	[ "$(find /run/secrets.d -mindepth 1 -maxdepth 1 | wc -l)" -le 2 ] || wrong "too many generations"
	set -- $(ls -A /run)
	[ "$*" = ".secrets.lock secrets secrets.d" ] || wrong "left: $*"
}
END
cat >before.run <<'END'
. "$TMP/whole"
rm -rf /run/mount
cp "$TMP/old.yaml" openclaw.yaml
"$BOOTSEAL" activate "$manifest" >/dev/null 2>&1 || [ $? = $next ] || exit 1
cp "$TMP/new.yaml" openclaw.yaml
END
cat >after.run <<'END'
. "$TMP/whole"
whole
case $STATUS in
0) [ "$openai" = sk-openai-new ] || wrong "status 0, and $openai" ;;
31) [ -n "$mixed" ] || [ "$openai" = sk-openai-new ] || wrong "status 31, and $openai" ;;
137) ;;
*) [ "$openai" = sk-openai-old ] || [ -n "$killed" ] || wrong "status $STATUS, and $openai" ;;
esac
next
END
# Back to the old from the new.
cat >before.back <<'END'
. "$TMP/before.run"
"$BOOTSEAL" activate "$manifest" >/dev/null 2>&1
END
cat >after.back <<'END'
. "$TMP/whole"
whole
case $STATUS in
0) [ "$openai" = sk-openai-old ] || wrong "status 0, and $openai" ;;
137) ;;
*) [ "$openai" = sk-openai-new ] || [ -n "$killed" ] || wrong "status $STATUS, and $openai" ;;
esac
next
END
# The very first: nothing is live, or all of it.
cat >before.first <<'END'
. "$TMP/whole"
rm -rf /run/mount
"$BOOTSEAL" deactivate "$manifest" >/dev/null 2>&1
[ -z "$(ls -A /run)" ] || exit 1
END
cat >after.first <<'END'
. "$TMP/whole"
rm -rf /run/mount
[ ! -e /run/secrets ] || whole
[ "$STATUS" != 0 ] || [ -e /run/secrets ] || wrong "status 0, and nothing is live"
next
[ "$(grep -c ' /run/secrets.d ' /proc/self/mountinfo)" -le 1 ] || wrong "mounts"
END

first=1
at_each() { # NAME SCENARIO COMMAND [OPTIONS...]
	local name=$1 scenario=$2 command=$3
	shift 3
	if nice "$each_call" -s "$step" -f $((1 + first % step)) "$@" ". $TMP/before.$scenario" ". $TMP/after.$scenario" \
		"$BOOTSEAL" "$command" "$manifest" >out 2>&1; then
		ok "$name: $(tail -n 1 out)"
	else
		fail "$name" "$(head -n 60 out)"
	fi
	first=$((first + 1))
}
export TMP manifest mixed killed next
for manifest in host.yaml keep.yaml; do
	next=0 mixed=
	[ $manifest = host.yaml ] || next=31 mixed=1
	killed=1
	at_each "$manifest killed" run activate
	at_each "$manifest killed with its children" run activate -a
	at_each "$manifest killed at first" first activate -a
	killed=
	for error in EIO ENOSPC EPERM EROFS; do at_each "$manifest $error" run activate -e $error; done
done
manifest=host.yaml next=0 mixed= killed=1
at_each "rollback killed" back rollback -a
killed=
for error in EIO ENOSPC EPERM EROFS; do at_each "rollback $error" back rollback -e $error; done
