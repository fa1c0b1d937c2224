#!/usr/bin/env bash
# activate killed at each of its system calls that change something, and at random: what is live stays
# whole, and the next run takes away what was left.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
# LeakSanitizer cannot work under strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

host <<'EOF'
identities: [host_key]
keep: 1
secrets:
  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN, owner: 4242}
  deep/multi: {file: openclaw.yaml, key: multi, mode: "0444"}
  openai: {file: openclaw.yaml, key: OPENAI_API_KEY}
environments:
  worker.env: {file: openclaw.yaml, keys: [OPENAI_API_KEY], mode: "0444"}
templates:
  deep/worker.json: {content: '{{ openai | json }}', owner: 4242}
EOF
old='OPENAI_API_KEY="sk-openai-old"' new='OPENAI_API_KEY="sk-openai-new"'

# The live generation is whole and open, every other one is root's alone (one that is complete may already
# be open, as the next one's first and only sign).
whole() {
	local value generation mode
	[ -e /run/secrets ] || { echo "nothing is live"; return 1; }
	value=$(cat /run/secrets/worker.env)
	[ "$value" = "$old" ] || [ "$value" = "$new" ] || { echo "worker.env is $value"; return 1; }
	[ "OPENAI_API_KEY=$(cat /run/secrets/deep/worker.json)" = "$value" ] || { echo "the template is another's"; return 1; }
	[ "$(stat -c %u:%a /run/secrets/deep/worker.json)" = 4242:400 ] || { echo "the template's owner"; return 1; }
	[ "$(cat /run/secrets/token)" = gateway-token-4f1d ] || { echo "token"; return 1; }
	[ "$(stat -c %u:%a /run/secrets/token)" = 4242:400 ] || { echo "token's owner"; return 1; }
	[ "$(stat -c %a /run/secrets/deep/multi)" = 444 ] || { echo "multi's mode"; return 1; }
	[ "$(wc -l </run/secrets/deep/multi)" = 2 ] || { echo "multi"; return 1; }
	for generation in /run/secrets.d/*; do
		mode=$(stat -c %a "$generation")
		[ "$mode" != 700 ] || continue
		[ -f "$generation/.bootseal.json" ] && [ "$(cat "$generation/token")" = gateway-token-4f1d ] ||
			{ echo "others may enter $generation, which is not complete"; return 1; }
	done
}

clean() {
	"$BOOTSEAL" activate host.yaml >/dev/null 2>&1 || return
	[ "$(ls /run/secrets.d | wc -l)" -eq 2 ] || { ls /run/secrets.d; return 1; }
	[ "$(ls -A /run | grep -vcxE 'secrets|secrets\.d|\.secrets\.lock|mount')" -eq 0 ] || { ls -A /run; return 1; }
	cmp -s /run/secrets/worker.env <(echo "$1")
}

expect_status 0 "$BOOTSEAL" activate host.yaml
expect_status 0 "$BOOTSEAL" activate host.yaml
[ -e /run/secrets ] || exit 1

# --- at each system call
if command -v strace >/dev/null && strace -f -o /dev/null true 2>/dev/null; then
	total=0
	for call in flock mkdirat openat fchown fchmod fchmodat write symlinkat renameat unlinkat mount_setattr open_tree clone; do
		# The count is each process' own: parent and children die at their nth such call.
		for ((when = 1; when < 60; when++)); do
			cp "$VECTORS/changed.yaml" openclaw.yaml
			killed=0
			(strace -f -q -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$when \
				"$BOOTSEAL" activate host.yaml || exit 1) >/dev/null 2>&1 || killed=1
			whole >why || fail "killed at $call $when" "$(cat why)"
			[ $killed -eq 1 ] || break
			clean "$new" >why 2>&1 || fail "killed at $call $when: the next run" "$(cat why)"
			total=$((total + 1))
			cp "$VECTORS/openclaw.yaml" openclaw.yaml
			# A generation more or less: openat is called mostly before anything is changed.
			[ $call != openat ] || when=$((when + 2))
		done
	done
	[ $total -gt 40 ] && ok "killed at $total calls" || fail "only $total calls were found"
else
	skip_one "killed at each call" "strace is not to be had"
fi

# --- the very first activation, killed: nothing is live, and it can be done again
if command -v strace >/dev/null; then
	for call in flock mkdirat fsmount mount_setattr move_mount open_tree fchown fchmodat symlinkat renameat; do
		when=1
		"$BOOTSEAL" deactivate host.yaml >/dev/null
		(strace -f -q -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$when \
			"$BOOTSEAL" activate host.yaml || exit 1) >/dev/null 2>&1 || : killed
		check "first, killed at $call" "$BOOTSEAL" activate host.yaml
		check "first, killed at $call: whole" whole
		[ "$(grep -c ' /run/secrets.d ' /proc/self/mountinfo)" -eq 1 ] && ok "one mount" || fail "mounts: $(grep -c secrets.d /proc/self/mountinfo)"
	done
fi
"$BOOTSEAL" activate host.yaml >/dev/null

# --- at random
for round in {1..30}; do
	cp "$VECTORS/changed.yaml" openclaw.yaml
	"$BOOTSEAL" activate host.yaml >/dev/null 2>&1 &
	pid=$!
	sleep 0.0$((RANDOM % 3))$((RANDOM % 10))
	kill -KILL $pid 2>/dev/null || : it was faster
	wait $pid 2>/dev/null || : killed
	whole >why || fail "round $round" "$(cat why)"
	cp "$VECTORS/openclaw.yaml" openclaw.yaml
	clean "$old" >why || fail "round $round: not cleaned" "$(cat why)"
done
ok "30 kills at random"
expect_output "/run/secrets: removed" "$BOOTSEAL" deactivate host.yaml
rm -rf /run/mount
expect_output "" sh -c 'ls -A /run | tr -d "\n"; echo'
