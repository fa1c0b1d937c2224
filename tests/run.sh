#!/usr/bin/env bash
# Runs tests and sums them up: unit tests and fuzz targets (programs), and scripts.
#
#	tests/run.sh [-j N] [-w WRAPPER] TEST...
#
# Each TEST is a program, run by itself (by WRAPPER, for example valgrind), or NAME.sh. A fuzz target is given
# tests/fuzz/corpus/NAME. Each writes its totals to the file $BOOTSEAL_RESULTS; one that writes none, or ends
# with a status that its totals do not tell, counts as one failure. Where the caller set BOOTSEAL_RESULTS, all
# is appended there too. Before the last line, "N passed, N failed, N skipped", come the tests that took longest,
# and what all of them took.
set -u
cd "$(dirname "$0")/.." || exit 2
# one more than there are processors: now and then a script waits for something else
jobs=$(($(nproc) + 1)) wrapper=()
while getopts j:w: option; do
	case $option in
	j) jobs=$OPTARG ;;
	w) read -ra wrapper <<<"$OPTARG" ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
work=$(mktemp -d "${TMPDIR:-/tmp}/bootseal-run.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
all=${BOOTSEAL_RESULTS-}
# A script that waits for something that does not come fails, and the others are run.
limit=${TEST_SECONDS:-3600}
# Check stops a test after four seconds otherwise: not enough on a busy machine, under a sanitizer.
export CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-600}
# By the clock, and of processors, in seconds
TIMEFORMAT='%1R %1U %1S'

run_one() { # NUMBER TEST
	local results=$work/$1.results output=$work/$1.output test=$2 status=0 command
	export BOOTSEAL_RESULTS=$results
	: >"$results"
	command=("$test")
	case $test in
	# The program is undumpable and sandboxed: LeakSanitizer cannot look at it.
	*.sh) command=(timeout -k 30 "$limit" env "ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" bash "$test") ;;
	*/fuzz_*)
		command=(${wrapper[@]+"${wrapper[@]}"} "$test")
		corpus=tests/fuzz/corpus/${test##*/fuzz_}
		[ ! -d "$corpus" ] || command+=("$corpus")
		;;
	*) command=(${wrapper[@]+"${wrapper[@]}"} "$test") ;;
	esac
	{ time "${command[@]}" </dev/null >"$output" 2>&1; } 2>"$work/$1.time" || status=$?
	echo "$(<"$work/$1.time") $test" >"$work/$1.time"
	if ! grep -q '^count' "$results" ||
		{ [ $status -ne 0 ] && ! awk -F'\t' '$1 == "count" && $4 > 0 { bad = 1 } END { exit !bad }' "$results"; }; then
		echo "FAIL $test: ended with status $status" >>"$output"
		printf 'fail\t%s\tended with status %s\ncount\t%s\t0\t1\t0\n' "$test" $status "$test" >>"$results"
	fi
	cat "$output"
}

# Those that take longest come first, so that at the end no processor has to wait for one of them alone.
slow="21-flat 40-setup 21-sops-json 40-openclaw 20-sops 11-other-ways test_sops_formats test_sops_pieces 10-document 22-set
	20-rotate test_doc_flat test_sops_verify 41-recipes 12-agent 13-check 24-documents 40-traps 41-checklist
	58-activate-nix-killed 60-activate-each-call 67-ready-each-call 13-passphrase 29-repo-killed 00-frame"
longest_first() { # TEST...
	local name test
	for name in $slow; do
		for test; do case $test in */"$name" | */"$name.sh") echo "$test" ;; esac; done
	done
	for test; do
		name=${test##*/}
		case " ${slow//[$'\n\t']/ } " in *" ${name%.sh} "*) ;; *) echo "$test" ;; esac
	done
}

number=0
mapfile -t tests < <(longest_first "$@")
for test in "${tests[@]}"; do
	number=$((number + 1))
	run_one $number "$test" &
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
done
wait
cat "$work"/*.results >"$work/all" 2>/dev/null
[ -z "$all" ] || cat "$work/all" >>"$all"
awk '{ printf "%6.0f s of processors (%.0f by the clock)  %s\n", $2 + $3, $1, $4 }' "$work"/*.time |
	sort -rn | awk 'NR <= 10 && $1 >= 10'
awk -v clock=$SECONDS '{ all += $2 + $3 } END { if (clock >= 10) printf "%6.0f s of processors (%d by the clock)  all\n", all, clock }' "$work"/*.time
awk -F'\t' '
	$1 == "skip" { skips[++n] = $2 ": " $3 }
	$1 == "count" { passed += $3; failed += $4; skipped += $5 }
	END {
		for (i = 1; i <= n; i++)
			print "skipped " skips[i]
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0 || passed == 0
	}' "$work/all"
