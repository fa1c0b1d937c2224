#!/usr/bin/env bash
# Speed and memory, beside sops and age in the same run: medians of PAIRS=5 pairs, each pair one run of ours and
# one of theirs. "make bench" sets BOOTSEAL and BENCH (the folder of measure and baseline). VALUES=100000, FILES=1000.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:${GOBIN:-$HOME/go/bin}
bootseal=$(realpath "$BOOTSEAL") bench=$(realpath "$BENCH")
pairs=${PAIRS:-5} values=${VALUES:-100000}
work=$(mktemp -d "${TMPDIR:-/tmp}/bootseal-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# A file of N values in groups of a hundred, as a real one has them: keys, tokens, numbers, a few comments.
generate() { # N
	awk -v n="$1" 'BEGIN {
		srand(7)
		for (i = 0; i < n; i++) {
			if (i % 100 == 0)
				printf "group%d:\n", i / 100
			if (i % 50 == 0)
				print "    # what these are for"
			if (i % 10 == 0)
				printf "    number%d: %d\n", i, rand() * 1e9
			else
				printf "    token%d: sk-%08x%08x%08x%08x\n", i, rand() * 2^31, rand() * 2^31, rand() * 2^31, rand() * 2^31
		}
	}'
}

# The same as dotenv and as INI.
to_env() { sed -e '/^[^ ]/d' -e 's/^ *//' -e 's/: /=/' "$1"; }
to_ini() { sed -e 's/^\([a-z0-9]*\):$/[\1]/' -e 's/^ *//' -e 's/: / = /' "$1"; }

# The same as JSON, as programs write it; sops' own indentation would be a tab.
to_json() { # FILE
	awk 'BEGIN { print "{" }
		/^#|^ *#/ { next }
		/^[a-z]/ {
			if (group != "") print "\n  },"
			group = substr($1, 1, length($1) - 1)
			printf "  \"%s\": {", group
			comma = ""
			next
		}
		{ printf "%s\n    \"%s\": %s", comma, substr($1, 1, length($1) - 1), ($2 ~ /^[0-9]+$/ ? $2 : "\"" $2 "\""); comma = "," }
		END { print "\n  }\n}" }' "$1"
}

"$bootseal" keygen -o key.txt 2>/dev/null
recipient=$(sed -n 's/^# public key: //p' key.txt)
export SOPS_AGE_KEY_FILE=$work/key.txt HOME=$work

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# Runs pairs of "ours" and "theirs", and prints six medians: our seconds, KiB and seconds of processors, and theirs.
compare() { # RUNS: uses the arrays ours and theirs
	local i
	: >ours.log
	: >theirs.log
	for ((i = 0; i < pairs; i++)); do
		"$bench/measure" "$1" "${ours[@]}" >>ours.log
		"$bench/measure" "$1" "${theirs[@]}" >>theirs.log
	done
	for i in 1 2 3; do cut -d' ' -f$i ours.log | median; done
	for i in 1 2 3; do cut -d' ' -f$i theirs.log | median; done
}

# One line of the table; GOAL is what their time (and memory) divided by ours must reach.
row() { # NAME PEER RUNS GOAL [MEMORY-GOAL]
	# shellcheck disable=SC2046
	set -- "$1" "$2" "$4" "${5-}" $(compare "$3")
	awk -v name="$1" -v peer="$2" -v goal="$3" -v mgoal="$4" -v t="$5" -v m="$6" -v c="$7" -v pt="$8" -v pm="$9" \
		-v pc="${10}" 'BEGIN {
		printf "%-34s %9.2f ms %9.2f ms  %6.2f x (goal %s: %s)", name, t * 1e3, pt * 1e3, pt / t, goal, \
			(pt / t >= goal ? "met" : "MISSED")
		printf "  processors %.2f x", pc / (c > 0 ? c : 1e-6)
		printf "  %6.1f / %6.1f MiB", m / 1024, pm / 1024
		if (mgoal != "")
			printf "  %.1f x (goal %s: %s)", pm / m, mgoal, (pm / m >= mgoal ? "met" : "MISSED")
		printf "  beside %s\n", peer
	}'
}

# Our own time alone, in seconds, the median of as many runs.
alone() { # RUNS COMMAND...
	local i runs=$1
	shift
	for ((i = 0; i < pairs; i++)); do "$bench/measure" "$runs" "$@"; done | cut -d' ' -f1 | median
}

# Changes of keys over FILES=1000 files, which sops makes with a process each. One pair: theirs takes a minute.
many() {
	local files=${FILES:-1000} pairs=1 other dir
	"$bootseal" keygen -o other.txt 2>/dev/null
	other=$(sed -n 's/^# public key: //p' other.txt)
	for dir in ours theirs; do
		mkdir -p $dir/secrets
		cp small.sealed.yaml $dir/secrets/0.yaml
		for ((i = 1; i < files; i++)); do cp $dir/secrets/0.yaml $dir/secrets/$i.yaml; done
	done
	# $0 is the program, and each call takes the other key in or out
	cat >turn <<'END'
	cd "$1" && if grep -qs , .sops.yaml; then keys=$2; else keys=$2,$3; fi
	printf 'creation_rules:\n- age: %s\n' "$keys" >.sops.yaml
END
	printf 'creation_rules:\n- age: %s\n' "$recipient" | tee ours/.sops.yaml >theirs/.sops.yaml
	ours=(sh -c "set -- ours $recipient $other; . ./turn && exec '$bootseal' updatekeys -y -r secrets 2>/dev/null")
	theirs=(sh -c "set -- theirs $recipient $other; . ./turn && for f in secrets/*; do sops updatekeys -y \$f 2>/dev/null || exit; done")
	row "updatekeys of $files files" "$sops, one by one" 1 10
	theirs=(sh -c "set -- theirs $recipient $other; . ./turn && exec sops updatekeys -y secrets/* 2>/dev/null")
	row "updatekeys of $files files" "$sops, all in one run" 1 1
	printf 'creation_rules:\n- age: %s\n' "$recipient" | tee ours/.sops.yaml >theirs/.sops.yaml
	(cd ours && "$bootseal" updatekeys -y -r secrets >/dev/null 2>&1)
	ours=(sh -c "cd ours && exec '$bootseal' rotate -i -r secrets 2>/dev/null")
	theirs=(sh -c "cd theirs && for f in secrets/*; do sops rotate -i \$f || exit; done")
	row "rotate of $files files" "$sops, one by one" 1 10
	printf "%-34s %9.2f ms (sops has none)\n" "verify of $files files" \
		"$(alone 1 sh -c "cd ours && exec '$bootseal' verify -r secrets 2>/dev/null" | awk '{ print $1 * 1e3 }')"
}

# What sops-install-secrets does at boot, in user mode: neither root nor a mount is needed. Theirs opens a file anew for
# each of its secrets: a minute and more for a thousand.
activated() {
	local memory one
	if ! command -v sops-install-secrets >/dev/null; then
		echo "skipped: no sops-install-secrets to compare with"
		return
	fi
	memory=$(mktemp -d /dev/shm/bootseal-bench.XXXXXX)
	mkdir -p bin one
	ln -sf "$bootseal" bin/sops-install-secrets
	awk 'BEGIN { srand(3); for (i = 0; i < 1000; i++) printf "token%d: sk-%08x%08x%08x\n", i, rand() * 2^31, rand() * 2^31, rand() * 2^31 }' >all.yaml
	head -n 100 all.yaml >hundred.yaml
	for ((one = 0; one < 100; one++)); do echo "token$one: sk-$one-5ea1ed" >one/$one.yaml; done
	"$bootseal" encrypt -i --age "$recipient" all.yaml
	"$bootseal" encrypt -i --age "$recipient" hundred.yaml
	"$bootseal" encrypt -i --age "$recipient" one/*.yaml
	activated_row "1 file with 100 secrets" 100 0 hundred.yaml
	activated_row "100 files with 1 secret" 100 0
	activated_own
	pairs=1 activated_row "1,000 secrets, 50 templates" 1000 50 all.yaml
	rm -rf "$memory"
}

activated_row() { # NAME SECRETS TEMPLATES [FILE]
	awk -v n="$2" -v templates="$3" -v file="${4-}" -v here="$PWD" 'BEGIN {
		printf "{\"userMode\":true,\"symlinkPath\":\"%%r/secrets\",\"secretsMountPoint\":\"%%r/secrets.d\",\"keepGenerations\":1,"
		printf "\"ageKeyFile\":\"%s/key.txt\",\"secrets\":[", here
		for (i = 0; i < n; i++)
			printf "%s{\"name\":\"s%d\",\"key\":\"token%d\",\"path\":\"%%r/secrets/s%d\",\"mode\":\"0400\",\"sopsFile\":\"%s/%s\"}", \
				i ? "," : "", i, i, i, here, file ? file : "one/" i ".yaml"
		printf "],\"templates\":["
		for (t = 0; t < templates; t++) {
			printf "%s{\"name\":\"t%d\",\"path\":\"%%r/secrets/rendered/t%d\",\"mode\":\"0400\",\"content\":\"", t ? "," : "", t, t
			for (i = 0; i < 20; i++) printf "KEY%d=<SOPS:%d:PLACEHOLDER>\\n", i, (t * 20 + i) % n
			printf "\"}"
		}
		printf "],\"placeholderBySecretName\":{"
		for (i = 0; i < n; i++) printf "%s\"s%d\":\"<SOPS:%d:PLACEHOLDER>\"", i ? "," : "", i, i
		print "}}"
	}' >m.json
	mkdir -p "$memory/ours" "$memory/theirs"
	ours=(env XDG_RUNTIME_DIR="$memory/ours" "$PWD/bin/sops-install-secrets" -ignore-passwd m.json)
	theirs=(env XDG_RUNTIME_DIR="$memory/theirs" sops-install-secrets -ignore-passwd m.json)
	row "activate: $1" "sops-install-secrets" 1 20 10
	diff -r "$memory/ours/secrets/" "$memory/theirs/secrets/" --exclude='.bootseal*' >/dev/null || echo "activate: $1: NOT THE SAME"
}

# Our own manifest for the same 100 files, beside theirs of the row before.
activated_own() {
	local i
	chmod go-w one one/*
	{
		printf 'directory: %s/ours/own/secrets\nidentities: [%s]\nsecrets:\n' "$memory" "$PWD/key.txt"
		for ((i = 0; i < 100; i++)); do echo "  s$i: {file: one/$i.yaml, key: token$i}"; done
	} >own.yaml
	mkdir -p "$memory/ours/own"
	ours=("$bootseal" activate own.yaml)
	row "activate: our manifest, 100 files" "sops-install-secrets" 1 20 10
	diff -r "$memory/ours/own/secrets/" "$memory/theirs/secrets/" --exclude='.bootseal*' >/dev/null || echo "activate: ours: NOT THE SAME"
	"$bootseal" deactivate own.yaml >/dev/null
}

# To pipes and files of a gibibyte; each is to take less than 8 MiB of memory.
gibibyte() {
	local pairs=${GIBIBYTE_PAIRS:-3} kib
	rm -f stream stream.age
	head -c $((1 << 30)) /dev/zero >stream
	ours=("$bootseal" age -r "$recipient" stream) theirs=(age -r "$recipient" stream)
	row "age -e of 1 GiB" "age $(age --version)" 1 1
	"$bootseal" age -r "$recipient" -o stream.age stream
	rm stream
	ours=("$bootseal" age -d -i key.txt stream.age) theirs=(age -d -i key.txt stream.age)
	row "age -d of 1 GiB" "age $(age --version)" 1 1
	kib=$("$bench/measure" 1 "${ours[@]}" | cut -d' ' -f2)
	echo "memory for 1 GiB: $kib KiB (goal 8192: $([ "$kib" -le 8192 ] && echo met || echo MISSED))"
	rm stream.age
}

generate "$values" >large.yaml
generate 1000 >thousand.yaml
printf 'OPENCLAW_GATEWAY_TOKEN: %s\nANTHROPIC_API_KEY: sk-%s\nOPENAI_API_KEY: sk-%s\n' 5ea1ed 0001 0002 >small.yaml
to_json large.yaml >large.json
"$bootseal" encrypt --age "$recipient" large.json >large.sealed.json
to_env large.yaml >large.env
to_ini large.yaml >large.ini
for type in env ini; do "$bootseal" encrypt --age "$recipient" large.$type >large.sealed.$type; done
for f in large thousand small; do
	"$bootseal" encrypt --age "$recipient" $f.yaml >$f.sealed.yaml
done
head -c $((256 << 20)) /dev/urandom >stream
"$bootseal" age -r "$recipient" -o stream.age stream

echo "$(nproc) cores; medians of $pairs pairs; ours, theirs, theirs / ours; peak memory ours / theirs"
if command -v sops >/dev/null; then
	sops=$(sops --version --disable-version-check 2>/dev/null | head -n 1)
	ours=("$bootseal" encrypt --age "$recipient" large.yaml) theirs=(sops encrypt --age "$recipient" large.yaml)
	row "seal $values values" "$sops" 1 15 8
	ours=("$bootseal" decrypt large.sealed.yaml) theirs=(sops decrypt large.sealed.yaml)
	row "open $values values" "$sops" 1 10 8
	ours=("$bootseal" encrypt --age "$recipient" large.json) theirs=(sops encrypt --age "$recipient" large.json)
	row "seal $values values of JSON" "$sops" 1 15 8
	ours=("$bootseal" decrypt large.sealed.json) theirs=(sops decrypt large.sealed.json)
	row "open $values values of JSON" "$sops" 1 10 8
	ours=("$bootseal" encrypt --age "$recipient" large.env) theirs=(sops encrypt --age "$recipient" large.env)
	row "seal $values values of dotenv" "$sops" 1 15 8
	ours=("$bootseal" decrypt large.sealed.env) theirs=(sops decrypt large.sealed.env)
	row "open $values values of dotenv" "$sops" 1 10 8
	printf "%-34s %9.2f ms (cipher, hash and the start of the libraries alone)\n" "the floor of sealing $values" \
		"$(alone 1 "$bench/floor" "$values" | awk '{ print $1 * 1e3 }')"
	ours=("$bootseal" encrypt --age "$recipient" large.ini) theirs=(sops encrypt --age "$recipient" large.ini)
	row "seal $values values of INI" "$sops" 1 1
	ours=("$bootseal" decrypt large.sealed.ini) theirs=(sops decrypt large.sealed.ini)
	row "open $values values of INI" "$sops" 1 1
	ours=("$bootseal" decrypt small.sealed.yaml) theirs=(sops decrypt small.sealed.yaml)
	row "open a small file" "$sops" 20 5
	many
else
	echo "skipped: no sops to compare with"
fi
ours=("$bootseal" decrypt small.sealed.yaml) theirs=("$bench/baseline")
row "open a small file" "the libraries' start alone" 50 0.4
if command -v age >/dev/null; then
	ours=("$bootseal" age -d -i key.txt stream.age) theirs=(age -d -i key.txt stream.age)
	row "age -d of 256 MiB" "age $(age --version)" 1 1
	# to a file, which neither waits to see on the disk
	ours=("$bootseal" age -d -i key.txt -o opened stream.age) theirs=(age -d -i key.txt -o opened.theirs stream.age)
	row "age -d -o of 256 MiB" "age $(age --version)" 1 1
	rm -f opened opened.theirs
	ours=("$bootseal" age -r "$recipient" stream) theirs=(age -r "$recipient" stream)
	row "age -e of 256 MiB" "age $(age --version)" 1 1
	gibibyte
	"$bootseal" age -a -r "$recipient" -o note.age small.yaml
	ours=("$bootseal" age -d -i key.txt note.age) theirs=(age -d -i key.txt note.age)
	row "age -d of a small armored file" "age $(age --version)" 50 3
else
	echo "skipped: no age to compare with"
fi

activated

small=$(alone 20 "$bootseal" decrypt small.sealed.yaml)
for what in encrypt decrypt; do
	if [ $what = encrypt ]; then suffix="" options=(--age "$recipient"); else suffix=.sealed options=(); fi
	one=$(alone 5 "$bootseal" $what ${options[@]+"${options[@]}"} thousand$suffix.yaml)
	all=$(alone 1 "$bootseal" $what ${options[@]+"${options[@]}"} large$suffix.yaml)
	awk -v what=$what -v one="$one" -v all="$all" -v start="$small" -v n="$values" 'BEGIN {
		printf "%-34s %9.2f us a value in a file of 1000, %.2f us in one of %d (start taken off)\n", \
			what ": growth", (one - start) / 1000 * 1e6, (all - start) / n * 1e6, n
	}'
done
