#!/usr/bin/env bash
# updatekeys and rotate over 50 files, killed at each of the system calls that change something: every file is
# whole and opens throughout, what is left only its owner may enter, and the next command finishes it.
. "${0%/*}/lib.sh"
need strace
strace -f -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
# LeakSanitizer cannot work under strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

files=50
for i in 1 2; do "$BOOTSEAL" keygen -o key$i 2>/dev/null; done
recipient() { sed -n 's/^# public key: //p' "key$1"; }
export SOPS_AGE_KEY_FILE=$TMP/key1
mkdir tree tree/secrets tree/secrets/deep
touch tree/.git
one=$(recipient 1) two=$(recipient 2)
rules() { printf 'creation_rules:\n- age: %s\n' "$1" >.sops.yaml; }
cd tree
rules "$one"
for ((i = 0; i < files; i++)); do
	[ $((i % 2)) -eq 0 ] && name=secrets/$i.yaml || name=secrets/deep/$i.json
	[ $((i % 2)) -eq 0 ] && echo "token: value-$i" >"$name" || echo "{\"token\": \"value-$i\"}" >"$name"
	"$BOOTSEAL" encrypt -i "$name"
done
chmod 640 secrets/0.yaml
cp -a secrets ../before

# Every file opens with the key that all of them have, to what was put in.
whole() {
	local i name count=0
	for ((i = 0; i < files; i++)); do
		[ $((i % 2)) -eq 0 ] && name=secrets/$i.yaml || name=secrets/deep/$i.json
		grep -q '"\?sops"\?:' "$name" || { echo "$name is not sealed"; return 1; }
		count=$((count + 1))
	done
	# three of them, wherever the run was when it died
	for i in 0 $((RANDOM % files)) $((files - 1)); do
		[ $((i % 2)) -eq 0 ] && name=secrets/$i.yaml || name=secrets/deep/$i.json
		# a copy: opening it here would finish what was interrupted
		cp "$name" "../copy.${name##*.}"
		[ "$("$BOOTSEAL" get "../copy.${name##*.}" '["token"]')" = "value-$i" ] || { echo "$name"; return 1; }
	done
	[ "$(stat -c %a secrets/0.yaml)" = 640 ] || { echo "the mode of 0.yaml"; return 1; }
	[ ! -e .bootseal-journal ] || [ "$(stat -c %a .bootseal-journal)" = 700 ] || { echo "the journal's mode"; return 1; }
	[ ! -e .bootseal-journal ] || ! grep -rqs value- .bootseal-journal || { echo "plaintext in the journal"; return 1; }
}

# All of them open to what was put in, and no file is left that does not belong there.
all_whole() {
	local i name
	for ((i = 0; i < files; i++)); do
		[ $((i % 2)) -eq 0 ] && name=secrets/$i.yaml || name=secrets/deep/$i.json
		[ "$("$BOOTSEAL" get "$name" '["token"]')" = "value-$i" ] || { echo "$name"; return 1; }
	done
	[ "$(find . -type f | wc -l)" -eq $((files + 2)) ] || { find . -type f; return 1; }
}

# The next command finishes it, or the one that had done nothing yet is run again.
finished() { # COMMAND...
	local changed
	"$BOOTSEAL" filestatus secrets/0.yaml >/dev/null 2>../said || return
	[ ! -e .bootseal-journal ] || { echo "a journal is left"; return 1; }
	changed=$(diff -rq ../before secrets | wc -l)
	if [ "$changed" -eq $files ]; then
		cat ../said
	elif [ "$changed" -ne 0 ]; then
		echo "$changed of $files files changed"
		return 1
	fi
}

for command in "updatekeys -y -r secrets" "rotate -i -r secrets"; do
	[ "${command%% *}" = rotate ] && rules "$one" || rules "$one,$two"
	total=0 forward=0
	for call in clone mkdirat openat write fchmod fchown syncfs fsync renameat unlinkat; do
		# The count is each process' own. Not each of 50 times the same: the first, then ever more apart.
		for ((when = 1; when < 400; when += 1 + when / 4)); do
			rm -rf secrets
			cp -a ../before secrets
			killed=0
			# shellcheck disable=SC2086
			(strace -f -q -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$when \
				"$BOOTSEAL" $command || exit 1) >/dev/null 2>&1 || killed=1
			[ $killed -eq 1 ] || break
			whole >../why 2>&1 || fail "$command killed at $call $when" "$(cat ../why)"
			finished >../why 2>&1 || fail "$command killed at $call $when: the next" "$(cat ../why)"
			! grep -q "interrupted ${command%% *} was finished" ../why || forward=$((forward + 1))
			total=$((total + 1))
		done
		all_whole >../why 2>&1 || fail "$command killed at $call" "$(cat ../why)"
	done
	[ $total -gt 30 ] && ok "$command killed at $total calls" || fail "$command: only $total calls were found"
	[ $forward -gt 5 ] && ok "$command: $forward rolled forward" || fail "$command: $forward were rolled forward"
	rm -rf secrets
	cp -a ../before secrets
done

# at random, and a second command that changes something, too
for round in {1..10}; do
	rules "$one,$two"
	"$BOOTSEAL" updatekeys -y -r secrets >/dev/null 2>&1 &
	pid=$!
	sleep 0.0$((RANDOM % 10))$((RANDOM % 10))
	kill -KILL $pid 2>/dev/null || true
	wait $pid 2>/dev/null || true
	whole >../why || fail "round $round" "$(cat ../why)"
	rules "$one"
	"$BOOTSEAL" updatekeys -y -r secrets >/dev/null 2>&1 || fail "round $round: updatekeys"
done
check "after 10 kills at random" all_whole
