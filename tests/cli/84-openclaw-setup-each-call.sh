#!/usr/bin/env bash
# openclaw setup and --undo, killed at each of their system calls, and each call failing: one --undo makes all as it was
# before. In each run every 211th call, beginning elsewhere for each way; with BOOTSEAL_EACH_CALL=1 all.
. "${0%/*}/installation.sh"
. "$ROOT/tests/cli/each_call.sh" 211 1499
new_installation
keys_in_env
rm "$S/.env.old"
finish_installation
export SAID=$TMP/said

cat >common <<END
S='$S' HOME_OF_GATEWAY='$HOME_OF_GATEWAY'
setup() { "$BOOTSEAL" openclaw setup --for openclaw --program "$TMP/openclaw" --yes "\$@" >"\$TMP/next" 2>&1; }
$(declare -f installation)
wrong() { echo "call \$CALL, status \$STATUS: \$*"; cat "\$SAID" "\$TMP/next"; exit 1; }
is_before() {
	installation >"\$TMP/after"
	left=\$(grep -vxFf "\$TMP/after" "\$TMP/before" || cat /dev/null)
	[ -z "\$left" ] || wrong "not as before: \$left"
	left=\$(sed "s,\$TMP,," "\$TMP/after" | grep 'bootseal-\\(old\\|new\\)' || cat /dev/null)
	[ -z "\$left" ] || wrong "left: \$left"
	[ ! -e /etc/bootseal ] || [ -z "\$(ls -A /etc/bootseal)" ] || wrong "left: \$(ls -A /etc/bootseal)"
	[ ! -e /run/secrets.ready/openclaw/secrets.json ] || wrong "it is published"
}
END
cat >before.setup <<'END'
. "$TMP/common"
rm -rf /etc/bootseal
END
# What failed, and says that all is as before, is; then, too, what was killed, or failed to put it back.
cat >after.setup <<'END'
. "$TMP/common"
: >"$TMP/next"
! grep -q 'all is as it was before' "$SAID" || is_before
setup --undo || grep -q 'nothing is to be undone' "$TMP/next" || wrong "the next --undo fails"
is_before
END
cat >before.undo <<'END'
. "$TMP/common"
rm -rf /etc/bootseal
setup --recipient "$OPERATOR" || exit 1
END
cp after.setup after.undo

first=1
at_each() { # NAME SCENARIO OPTIONS -- COMMAND...
	local name=$1 scenario=$2 options=()
	shift 2
	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	if nice "$each_call" -s "$step" -f $((1 + first % step)) "${options[@]}" ". $TMP/before.$scenario" ". $TMP/after.$scenario" \
		"$BOOTSEAL" openclaw setup --for openclaw --program "$TMP/openclaw" --yes "$@" >out 2>&1; then
		ok "$name: $(tail -n 1 out)"
	else
		fail "$name" "$(head -n 40 out)"
	fi
	tail -n 1 out
	first=$((first + 67))
}
export TMP OPERATOR
at_each "setup killed" setup -- --recipient "$OPERATOR"
at_each "setup EIO" setup -e EIO -- --recipient "$OPERATOR"
at_each "undo killed" undo -- --undo
at_each "undo ENOSPC" undo -e ENOSPC -- --undo
if [ -n "${BOOTSEAL_EACH_CALL-}" ]; then
	at_each "setup killed with its children" setup -a -- --recipient "$OPERATOR"
	at_each "setup ENOSPC" setup -e ENOSPC -- --recipient "$OPERATOR"
	at_each "undo EIO" undo -e EIO -- --undo
fi
