#!/usr/bin/env bash
# updatekeys and rotate, killed at every one of their system calls (tests/tools/killed.c says what must hold then):
# over 3 files, or with BOOTSEAL_KILLED_FILES=50 over so many, which takes half an hour; and 50 files at random.
. "${0%/*}/lib.sh"

files=50
for i in 1 2; do "$BOOTSEAL" keygen -o key$i 2>/dev/null; done
recipient() { sed -n 's/^# public key: //p' "$TMP/key$1"; }
export SOPS_AGE_KEY_FILE=$TMP/key1
one=$(recipient 1) two=$(recipient 2)
rules() { printf 'creation_rules:\n- age: %s\n' "$1" >.sops.yaml; }
name() { if [ $(($1 % 2)) -eq 0 ]; then echo "secrets/$1.yaml"; else echo "secrets/deep/$1.json"; fi; }
seal() { # TREE COUNT
	local i
	mkdir -p "$1/.git" "$1/secrets/deep"
	cd "$1"
	rules "$one"
	for ((i = 0; i < $2; i++)); do
		case $((i % 2)) in
		0) echo "token: value-$i # in plain text" >"$(name $i)" ;;
		1) echo "{\"token\": \"value-$i\"}" >"$(name $i)" ;;
		esac
		"$BOOTSEAL" encrypt -i "$(name $i)"
	done
	chmod 640 secrets/0.yaml
	cd ..
}

# --- at every call
# The program's own locked memory is counted in bytes for each user, and a sanitizer's calls are not ours.
killed=$TOOLS/killed
count=${BOOTSEAL_KILLED_FILES:-3}
if [ ! -x "$killed" ]; then
	skip_one "killed at every call" "tests/tools/killed is not built"
elif ! "$killed" -t; then
	skip_one "killed at every call" "ptrace is not allowed here"
else
	for victim in "" -a; do
		for command in "updatekeys -y -r" "rotate -i -r"; do
			rm -rf tree
			seal tree "$count"
			[ "${command%% *}" = rotate ] || printf 'creation_rules:\n- age: %s\n' "$one,$two" >tree/.sops.yaml
			# shellcheck disable=SC2086 # no victim, and several words of a command
			"$killed" $victim "$BOOTSEAL" "$TMP/tree" "$TMP/key1" value- $command >said &&
				ok "$command" || fail "$command${victim:+, all of its processes}" "$(cat said)"
			echo "$SUITE: $command${victim:+, all of its processes}: $(tail -n 1 said)"
		done
	done
	rm -rf tree
fi

# --- at random, and a second command that changes something, too
# All of them open to what was put in, and no file is left that does not belong there.
all_whole() {
	local i
	for ((i = 0; i < files; i++)); do
		[ "$("$BOOTSEAL" get "$(name $i)" '["token"]')" = "value-$i" ] || { name $i; return 1; }
	done
	[ "$(stat -c %a secrets/0.yaml)" = 640 ] || { echo "the mode of 0.yaml"; return 1; }
	[ "$(find . -type f | wc -l)" -eq $((files + 1)) ] || { find . -type f; return 1; }
}

seal tree $files
cd tree
for round in {1..10}; do
	rules "$one,$two"
	"$BOOTSEAL" updatekeys -y -r secrets >/dev/null 2>&1 &
	pid=$!
	sleep 0.0$((RANDOM % 10))$((RANDOM % 10))
	kill -KILL $pid 2>/dev/null || : it was faster
	wait $pid 2>/dev/null || : killed
	rules "$one"
	"$BOOTSEAL" updatekeys -y -r secrets >/dev/null 2>&1 || fail "round $round: updatekeys"
done
check "after 10 kills at random" all_whole
