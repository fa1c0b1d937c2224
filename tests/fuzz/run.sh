#!/usr/bin/env bash
# run.sh SECONDS TARGET...: runs libFuzzer targets for some seconds each, two at a time, from their corpus.
# With FUZZ_SEED a run is much like the last one with that number; 0, the default, is another one each time.
# What crashes one is kept in build/fuzz/NAME/ and counts as a failure.
set -u
cd "$(dirname "$0")/../.." || exit 2
seconds=$1
shift
results=$(mktemp)
trap 'rm -f "$results"' EXIT

fuzz_one() { # TARGET
	local name=${1##*/fuzz_} status=0
	local work=build/fuzz/$name log=build/fuzz/$name.log options=()
	mkdir -p "$work"
	[ ! -d "tests/fuzz/corpus/$name" ] || options+=("tests/fuzz/corpus/$name")
	[ ! -f "tests/fuzz/dict/$name" ] || options+=("-dict=tests/fuzz/dict/$name")
	"$1" -seed="${FUZZ_SEED:-0}" -max_total_time="$seconds" -max_len=65536 -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="$work/" "$work" ${options[@]+"${options[@]}"} >"$log" 2>&1 </dev/null || status=$?
	if [ $status -eq 0 ]; then
		echo "fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, no crash"
		printf 'count\tfuzz/%s\t1\t0\t0\n' "$name" >>"$results"
	else
		grep -E 'ERROR|SUMMARY|Test unit written|Assertion' "$log" | head -n 8
		echo "FAIL fuzz_$name: see $log"
		printf 'count\tfuzz/%s\t0\t1\t0\nfail\tfuzz/%s\t%s\n' "$name" "$name" "$log" >>"$results"
	fi
}

for target; do
	fuzz_one "$target" &
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
done
wait
[ -z "${BOOTSEAL_RESULTS-}" ] || cat "$results" >>"$BOOTSEAL_RESULTS"
! grep -q '^fail' "$results"
