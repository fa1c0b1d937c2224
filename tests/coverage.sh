#!/usr/bin/env bash
# coverage.sh BUILD: a table of the lines of each source file that the tests of a COVERAGE=1 build reached.
set -eu
cd "$(dirname "$0")/.."
find "$1/src" -name '*.gcno' | while read -r data; do
	gcov -n -o "${data%/*}" "$data" 2>/dev/null
done | awk '
	/^File .src\// { file = $2; gsub(/\047/, "", file) }
	/^Lines executed:/ && file != "" {
		split($0, part, /[:% ]+/)
		lines = $NF; hit = part[3] / 100 * lines
		printf "%6.1f %%  %5d  %s\n", part[3], lines, file
		all += lines; reached += hit; file = ""
	}
	END { printf "%6.1f %%  %5d  %s\n", all ? reached / all * 100 : 0, all, "in all" }' | sort -k4
