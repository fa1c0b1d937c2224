#!/usr/bin/env bash
# activate --for and release --for, killed at each of their system calls, and each call failing: all of a unit's
# documents can be reached, or none, but where it was killed between the renames of the first and the last: then the next
# run, whosever it is, takes away what is there, as all else that was left. Another unit's documents stay in reach all
# the while. And a plain activation, of which no unit is forgotten. In each run every 41st call, beginning elsewhere for each way; with BOOTSEAL_EACH_CALL=1 all.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
. "$ROOT/tests/cli/each_call.sh" 41 97

host <<'END'
identities: [host_key]
secrets:
  a: {file: flat.yaml, key: A}
documents:
  one.json: {file: openclaw.yaml, keys: [OPENAI_API_KEY], owner: 4242, lifetime: until-ready, unit: gw.service}
  deep/two.json: {file: openclaw.yaml, keys: [OPENAI_API_KEY], owner: 4242, lifetime: until-ready, unit: gw.service}
  other.json: {file: flat.yaml, keys: [B], owner: 4243, lifetime: until-ready, unit: other.service}
END
# Where there is but one it is put in its place by one rename, with nothing closed meanwhile.
sed '/two.json/d' host.yaml >single.yaml
cp changed.yaml new.yaml
cp "$VECTORS/openclaw.yaml" old.yaml
export SAID=$TMP/said

: >struck
cat >whole <<'END'
place=/run/secrets.ready
mended=
wrong() { echo "call $CALL: $*"; cat "$SAID" "$TMP/struck"; ls -lRA $place; exit 1; }
# What the owner can reach of a document, in a place that is never closed.
reach() {
	case $(stat -c %a $place 2>/dev/null) in
	751) ;;
	'') return ;;
	*) wrong "the place is not open" ;;
	esac
	[ ! -e "$place/$1" ] || { cat "$place/$1" && stat -c %U:%a "$place/$1" | sed 's/UNKNOWN/4242/'; }
}
look() {
	one=$(reach one.json)
	two=$(reach deep/two.json)
	[ "$manifest" = host.yaml ] || two=$one
	if [ "$one" != "$two" ]; then
		[ $STATUS = 137 ] && [ -z "$mended" ] || wrong "one is $one, two is $two"
		mended=1
		"$BOOTSEAL" activate --for other.service "$manifest" >"$SAID" 2>&1 || wrong "another unit's run fails"
		look
		[ $state = none ] || wrong "another unit's run leaves $state"
		return
	fi
	case $one in
	'') state=none ;;
	'{"OPENAI_API_KEY":"sk-openai-old"}
4242:400') state=old ;;
	'{"OPENAI_API_KEY":"sk-openai-new"}
4242:400') state=new ;;
	*) wrong "one is $one" ;;
	esac
	for left in $(find $place -mindepth 1 -maxdepth 1 -name '.bootseal*' -perm /077 ! -name '.bootseal-*' 2>/dev/null); do
		wrong "$left can be entered"
	done
}
# The next runs: nothing, all, nothing; and nothing is left.
next() {
	"$BOOTSEAL" release --for gw.service "$manifest" >"$SAID" 2>&1 || wrong "the next release fails"
	look
	[ $state = none ] || wrong "the next release leaves $state"
	"$BOOTSEAL" activate --for gw.service "$manifest" >"$SAID" 2>&1 || wrong "the next run fails"
	look
	[ $state = new ] || wrong "the next run publishes $state"
	"$BOOTSEAL" release --for gw.service "$manifest" >"$SAID" 2>&1 || wrong "the last release fails"
	"$BOOTSEAL" release --for other.service "$manifest" >"$SAID" 2>&1 || wrong "the other release fails"
	set -- $(ls -A $place)
	[ "$*" = ".bootseal.ready" ] || wrong "left: $*"
	[ "$(stat -c %a $place)" = 751 ] || wrong "left closed"
}
END
# Old documents are published, of another unit too; or nothing ever was.
cat >before.over <<'END'
. "$TMP/whole"
cp "$TMP/old.yaml" openclaw.yaml
"$BOOTSEAL" activate --for gw.service "$manifest" >/dev/null 2>&1 || exit 1
"$BOOTSEAL" activate --for other.service "$manifest" >/dev/null 2>&1 || exit 1
cp "$TMP/new.yaml" openclaw.yaml
END
cat >before.fresh <<'END'
"$BOOTSEAL" deactivate "$manifest" >/dev/null 2>&1 || exit 1
cp "$TMP/new.yaml" openclaw.yaml
END
cat >after.publish <<'END'
. "$TMP/whole"
look
case $STATUS in
0) [ $state = new ] || wrong "status 0, and $state" ;;
# killed; or it was never loaded, or ended by a library
137 | 127 | 134) ;;
# what it is told before it looks at its options is told of no unit
*) [ $state = none ] || [ -n "$killed" ] || grep -q 'resource limits\|undumpable\|/dev/null\|AddressSanitizer' "$SAID" || wrong "status $STATUS, and $state" ;;
esac
[ $STATUS = 137 ] || [ -n "$killed" ] || [ $fresh ] || [ -e $place/other.json ] || wrong "the other unit's is gone"
next
END
cp after.publish after.over
# An empty place has nothing that could be closed.
sed 's/^look$/[ -z "$(ls -A $place 2>\/dev\/null)" ] || look; : ${state:=none}/' after.publish >after.fresh
# Withdrawn one by one: of a killed run some may be left, whole, for their owner.
cat >before.release <<'END'
. "$TMP/before.over"
"$BOOTSEAL" activate --for gw.service "$manifest" >/dev/null 2>&1
END
cat >after.release <<'END'
. "$TMP/whole"
for name in one.json deep/two.json; do
	said=$(reach $name)
	[ -z "$said" ] || [ $STATUS != 0 ] || wrong "status 0, and $name is there"
done
next
END
# A changed value: over both runs its unit is told.
cat >before.tell <<'END'
rm -f "$TMP/systemctl.log"
cp "$TMP/old.yaml" openclaw.yaml
"$BOOTSEAL" activate "$manifest" >/dev/null 2>&1 || exit 1
rm -f "$TMP/systemctl.log"
cp "$TMP/new.yaml" openclaw.yaml
END
cat >after.tell <<'END'
. "$TMP/whole"
cp "$SAID" "$TMP/struck"
"$BOOTSEAL" activate "$manifest" >"$SAID" 2>&1 || wrong "the next activation fails"
# but where it was systemctl that was struck
[ $STATUS = 31 ] || grep -q '/systemctl' "$TMP/struck" || grep -q -- '-- gw.service' "$TMP/systemctl.log" || wrong "status $STATUS: the unit was not told"
look
[ $state = none ] || wrong "it is published: $state"
set -- $(ls -A $place)
[ "$*" = ".bootseal.ready" ] || wrong "left: $*"
END

first=1
at_each() { # NAME SCENARIO OPTIONS -- COMMAND...
	local name=$1 scenario=$2 options=()
	shift 2
	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	if nice "$each_call" -s "$step" -f $((1 + first % step)) "${options[@]}" ". $TMP/before.$scenario" ". $TMP/after.$scenario" \
		"$BOOTSEAL" "$@" "$manifest" >out 2>&1; then
		ok "$name: $(tail -n 1 out)"
	else
		fail "$name" "$(head -n 60 out)"
	fi
	first=$((first + 5))
}
export TMP manifest killed fresh
for manifest in host.yaml single.yaml; do
	killed=1 fresh=
	at_each "$manifest killed with its children" over -a -- activate --for gw.service
	fresh=1
	at_each "$manifest killed at first" fresh -a -- activate --for gw.service
	fresh=
	at_each "$manifest release killed" release -a -- release --for gw.service
	killed=
	at_each "$manifest EIO" over -e EIO -- activate --for gw.service
done
manifest=host.yaml killed=1
at_each "killed alone" over -- activate --for gw.service
killed=
for error in EIO ENOSPC EPERM EROFS; do
	[ $error = EIO ] || at_each "$error" over -e $error -- activate --for gw.service
	at_each "release $error" release -e $error -- release --for gw.service
done
fake_systemctl
manifest=host.yaml killed=1
"$BOOTSEAL" activate host.yaml >/dev/null 2>&1
at_each "activation killed" tell -a -- activate
at_each "activation killed alone" tell -- activate
killed=
for error in EIO ENOSPC EPERM EROFS; do at_each "activation $error" tell -e $error -- activate; done

# Whether systemd runs cannot be seen: that is told, and its units are not forgotten. (The sweep of all calls came upon it.)
about "no look at systemd"
if command -v strace >/dev/null && strace -f -o /dev/null true 2>/dev/null; then
	cp old.yaml openclaw.yaml
	"$BOOTSEAL" activate host.yaml >/dev/null 2>&1
	cp new.yaml openclaw.yaml
	rm -f systemctl.log
	expect_error 'the secrets are in place, but no unit was told: cannot look at "/run/systemd/system"' \
		strace -f -q -o trace -P /run/systemd/system -e trace=?access,?faccessat,?faccessat2 \
		-e inject=?access,?faccessat,?faccessat2:error=EIO "$BOOTSEAL" activate host.yaml
	expect_absent systemctl.log
	expect_status 0 "$BOOTSEAL" activate host.yaml
	check "the next activation tells it" grep -q -- '-- gw.service' systemctl.log
else
	skip_one "systemd unseen" "strace is not to be had"
fi
