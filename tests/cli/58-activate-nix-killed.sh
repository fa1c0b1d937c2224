#!/usr/bin/env bash
# sops-nix' manifest, killed at each of its system calls that change something, and each of them failing: the old
# generation is whole and in force, or the new one is; the next run does all of it.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
. "$ROOT/tests/interop/sops-nix-cases.sh"
empty_run
command -v strace >/dev/null && strace -f -o /dev/null true 2>/dev/null || skip "strace is not to be had"
# LeakSanitizer cannot work under strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
mkdir bin /run/w /run/nixos
ln -s "$BOOTSEAL" bin/sops-install-secrets
cp "$VECTORS/host_key" "$VECTORS/openclaw.yaml" "$VECTORS/changed.yaml" /run/w
cd /run/w
MOUNT=/run/secrets.d LINK=/run/secrets
file='"sopsFile":"/run/w/sealed.yaml"'
manifest "$(secret key OPENAI_API_KEY "$file" '"owner":"daemon"' '"path":"/run/links/of/key"' '"restartUnits":["u.service"]'),$(
	secret deep/token OPENCLAW_GATEWAY_TOKEN "$file")" '"ageKeyFile":null' '"ageSshKeyPaths":["/run/w/host_key"]' \
	"\"templates\":[$(template t "KEY=$(placeholder key)")]" "$(placeholders key deep/token)" >m.json
old=sk-openai-old new=sk-openai-new

activate() { "$TMP/bin/sops-install-secrets" m.json; }

# All of one generation, and none that is half made may be entered by others.
whole() {
	local value generation
	value=$(cat /run/secrets/key) || return
	[ "$value" = $old ] || [ "$value" = $new ] || { echo "key is $value"; return 1; }
	[ "$(cat /run/secrets/rendered/t)" = "KEY=$value" ] || { echo "the template is another's"; return 1; }
	[ "$(stat -Lc %U:%a /run/secrets/key)" = daemon:400 ] || { echo "owner"; return 1; }
	[ "$(cat /run/secrets/deep/token)" = gateway-token-4f1d ] || { echo "token"; return 1; }
	for generation in /run/secrets.d/*; do
		[ "$(stat -c %a "$generation")" = 700 ] || [ -f "$generation/rendered/t" ] ||
			{ echo "others may enter $generation, which is not complete"; return 1; }
	done
}

# The next run is complete, and leaves nothing else. The unit was told by one of the runs, if its secret is new.
clean() { # VALUE
	activate >out 2>&1 || { cat out; return 1; }
	[ "$(cat /run/links/of/key)" = "$1" ] || { echo "the link"; return 1; }
	[ "$(ls /run/secrets.d | wc -l)" -eq 1 ] || { ls /run/secrets.d; return 1; }
	[ "$(find /run/links /run/nixos ! -type d | sort | tr '\n' ' ')" = '/run/links/of/key /run/nixos/activation-restart-list ' ] ||
		{ find /run/links /run/nixos; return 1; }
	[ "$(ls -A /run | grep -vcxE 'secrets|secrets\.d|\.secrets\.lock|mount|w|nixos|links')" -eq 0 ] || { ls -A /run; return 1; }
}

# strace's words for what is injected; prints 1 where it was not met any more.
struck() { # CALL HOW WHEN
	(strace -f -q -o trace -e trace="$1" -e inject="$1:$2:when=$3" "$TMP/bin/sops-install-secrets" m.json || exit 1) >/dev/null 2>&1 ||
		: it failed, or was killed
	grep -q 'INJECTED\|killed by' trace
}

back() {
	cp openclaw.yaml sealed.yaml
	activate >out 2>&1
}

expect_status 0 back
total=0 calls='mkdirat fchown fchownat fchmod fchmodat symlinkat renameat unlinkat write mount_setattr open_tree clone flock'
for how in signal=KILL error=EIO error=ENOSPC error=EPERM error=EROFS; do
	for call in $calls; do
		for ((when = 1; when < 40; when++)); do
			cp changed.yaml sealed.yaml
			rm -f /run/nixos/*
			struck $call $how $when || { back; break; }
			whole >why 2>&1 || fail "$call $when, $how" "$(cat why)"
			clean $new >why 2>&1 || fail "$call $when, $how: the next run" "$(cat why)"
			total=$((total + 1))
			back || fail "$call $when, $how: and back"
			# each kind of error at a third of the places, a kill at all
			[ $how = signal=KILL ] || when=$((when + 2))
		done
	done
done
[ $total -gt 60 ] && ok "$total calls" || fail "only $total calls were found"

# --- And at each call of any kind, as 60-activate-each-call.sh has it: every 53rd, or with BOOTSEAL_EACH_CALL=1 all.
each_call=$TOOLS/each_call
[ -x "$each_call" ] && "$each_call" -t || { skip_one "each call" "each_call is not built, or calls cannot be made to fail"; exit 0; }
step=${BOOTSEAL_EACH_CALL:-53} first=1
! grep -q __asan_init "$BOOTSEAL" || step=97
export SAID=$TMP/said TMP old new
{
	echo 'wrong() { echo "call $CALL: $*"; cat "$SAID" "$TMP/why"; ls -lRA /run/secrets.d; exit 1; }'
	declare -f activate whole clean
} >"$TMP/functions"
cat >"$TMP/before" <<'END'
. "$TMP/functions"
cp openclaw.yaml sealed.yaml
activate >"$SAID" 2>&1 || exit 1
cp changed.yaml sealed.yaml
rm -f /run/nixos/*
END
cat >"$TMP/after" <<'END'
. "$TMP/functions"
whole >"$TMP/why" 2>&1 || wrong "not whole"
[ "$STATUS" != 0 ] || [ "$(cat /run/secrets/key)" = "$new" ] || wrong "status 0, and it is old"
clean "$new" >"$TMP/why" 2>&1 || wrong "the next run"
END
for options in "" -a "-e EIO" "-e ENOSPC" "-e EPERM" "-e EROFS"; do
	if nice "$each_call" -s "$step" -f $((1 + first % step)) $options ". $TMP/before" ". $TMP/after" \
		"$TMP/bin/sops-install-secrets" m.json >"$TMP/struck" 2>&1; then
		ok "each call $options: $(tail -n 1 "$TMP/struck")"
	else
		fail "each call ${options:-killed}" "$(head -n 60 "$TMP/struck")"
	fi
	first=$((first + 9))
done
