#!/usr/bin/env bash
# What a compiler does not see: run by "make lint", which sets CC, CFLAGS and BOOTSEAL. Each part passes or
# fails as one; a part whose program is not installed is skipped, visibly.
set -u
cd "$(dirname "$0")/.." || exit 2
: "${CC:?run it by make lint}" "${CFLAGS:?}" "${BOOTSEAL:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
sources=$(find src -name '*.c' | sort)
headers=$(find include src -name '*.h' | sort)
cores=$(nproc)

part() { # NAME FUNCTION [PROGRAM [VERSION]]: FUNCTION prints what is wrong; nothing is right
	local start=$SECONDS reason=
	if [ -n "${3-}" ] && ! command -v "$3" >/dev/null; then
		reason="$3 is not installed"
	elif [ -n "${4-}" ] && ! "$3" --version | grep -q " version $4\."; then
		reason="$3 is not version $4, and others have other opinions"
	fi
	if [ -n "$reason" ]; then
		skipped=$((skipped + 1))
		echo "  skip $1: $reason"
		record skip "$1" "$reason"
		return
	fi
	if "$2" >"$work/out" 2>&1 && [ ! -s "$work/out" ]; then
		passed=$((passed + 1))
		echo "  ok   $1 ($((SECONDS - start)) s)"
	else
		failed=$((failed + 1))
		echo "  FAIL $1 ($((SECONDS - start)) s)"
		sed 's/^/       /' "$work/out" | head -n 60
		record fail "$1"
	fi
}

record() { # KIND NAME [REASON]
	[ -z "${BOOTSEAL_RESULTS-}" ] || printf '%s\tlint/%s\t%s\n' "$1" "$2" "${3-}" >>"$BOOTSEAL_RESULTS"
}

# Every header brings what it needs.
headers_alone() {
	local header
	for header in $headers; do
		echo "#include \"$header\"" |
			eval "$CC $CFLAGS -I. -Wno-unused -Wno-pedantic -Werror -fsyntax-only -x c -" || echo "$header does not stand alone"
	done
}

# Who may include whom: the architecture, in one table.
layers() {
	# shellcheck disable=SC2086
	awk '
		BEGIN {
			may["util"] = ""
			may["crypto"] = "util"
			may["ssh"] = "util crypto"
			may["age"] = "util crypto ssh"
			may["doc"] = "util"
			may["sops"] = "util crypto ssh age doc"
			may["keyring"] = "util ssh age doc sops"
			may["repo"] = "util crypto doc sops keyring"
			may["activate"] = "util crypto ssh age doc sops keyring"
			may["openclaw"] = "util doc sops keyring repo activate"
			may["cli"] = "util crypto ssh age doc sops keyring repo activate openclaw"
		}
		FNR == 1 {
			split(FILENAME, part, "/")
			module = part[2]
			if (!(module in may))
				print FILENAME ": module " module " is not in the table of tests/lint.sh"
		}
		/^#include "/ {
			split($2, part, /["\/]/)
			target = part[2]
			if (part[3] == "" && FILENAME ~ /^src/)
				next # of the same folder
			if (target == module || index(" " may[module] " ", " " target " "))
				next
			print FILENAME ":" FNR ": " module " may not include " $2
		}
		/^#include <yaml\.h>/ && FILENAME !~ /^src\/doc\/yaml/ { print FILENAME ":" FNR ": libyaml belongs to doc/yaml" }
		/^#include <(gcrypt|sodium)\.h>/ && module !~ /^(crypto|util)$/ {
			print FILENAME ":" FNR ": " $2 " belongs to crypto (and sodium also to util)"
		}
		/^#include <(fcntl|sys\/stat|dirent|sys\/mount)\.h>/ && module ~ /^(crypto|ssh|age|doc|sops)$/ {
			print FILENAME ":" FNR ": " module " knows no files"
		}
	' $sources $headers
}

# Calls that this code base does without.
forbidden() {
	grep -nE '\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca|system|popen|tmpnam|mktemp)\(|\bgoto\b' \
		$sources $headers
	grep -nE '\bmemcmp\([^)]*(mac|tag|key|secret)' $sources
	grep -nE '\b(TODO|FIXME|XXX)\b' $sources $headers
	grep -nE '\b(printf|puts|perror|exit)\(|\bfprintf\(' $(grep -v '^src/cli/' <<<"$sources")
	return 0
}

# Keys on the stack are a struct key32, which is wiped.
keys_on_stack() {
	grep -nE '^	+(static )?(uint8_t|unsigned char) [a-z0-9_]*(key|seed|scalar|shared|secret|kek|okm|prk|passphrase)[a-z0-9_]*\[' \
		$sources | grep -vE 'public|\bpub_'
	return 0
}

# The two directions between src/cli/exit.c and bootseal(1).
exit_statuses() {
	sed -nE 's/^.*\{ *ERROR_[A-Z_]+, *([0-9]+), *"(.*)".*$/\1 \2/p' src/cli/exit.c | sort -u >"$work/table"
	[ -s "$work/table" ] || echo "no exit status found in src/cli/exit.c"
	awk '/^\.Sh /{ on = /EXIT STATUS/ } on && /^\.It [0-9]+$/ {
		number = $2
		getline
		for (i = split($0, meaning, "; "); i > 0; i--)
			print number, meaning[i]
	}' \
		man/bootseal.1 | sort -u >"$work/page"
	diff "$work/table" "$work/page" | sed -n 's/^</only in src\/cli\/exit.c:/p; s/^>/only in man\/bootseal.1:/p'
}

# The page of a command: that of its words, or of its first word.
page_of() { # WORDS
	local name
	for name in "bootseal-${1// /-}" "bootseal-${1%% *}" $([ "$1" != help ] || echo bootseal); do
		ls "man/$name".[1-8] 2>/dev/null && return
	done
}

# mdoc has two spellings of --long.
flags_of() { sed 's/Fl Fl /Fl -/g' "$1"; }

# The two directions between the command tables and the pages.
commands() {
	local kind name long letter page text
	"$BOOTSEAL" help --dump >"$work/dump" || return
	[ -s "$work/dump" ] || echo "bootseal help --dump says nothing"
	: >"$work/known"
	: >"$work/pages"
	while IFS=$'\t' read -r kind name long letter _; do
		page=$(page_of "$name" | head -n 1)
		if [ -z "$page" ]; then
			[ "$kind" = option ] || echo "command \"$name\" has no page"
			continue
		fi
		printf '%s\t%s\n' "$page" "$name" >>"$work/pages"
		if [ "$kind" = command ]; then
			grep -qw -- "${name##* }" "$page" || echo "$page does not name \"$name\""
			continue
		fi
		long=${long#-}
		long=${long#-}
		printf '%s\t%s\n' "$page" "$long" >>"$work/known"
		text=$(flags_of "$page")
		grep -qE -- "Fl -?$long( |$)" <<<"$text" || echo "$page lacks --$long of \"$name\""
		case $letter in
		-?) grep -qE -- "Fl ${letter#-}( |$)" <<<"$text" || echo "$page lacks $letter of \"$name\"" ;;
		esac
	done <"$work/dump"
	for page in $(ls man/bootseal-*.[18] 2>/dev/null); do
		grep -q "^$page	" "$work/pages" || echo "$page is about no command"
		flags_of "$page" | grep -E '^\.It .*Fl -' | grep -oE 'Fl -[a-z0-9-]+' | sed 's/^Fl -//' | sort -u | while read -r long; do
			grep -qxF -- "$page	$long" "$work/known" || [ "$long" = help ] || [ "$long" = verbose ] ||
				echo "$page tells of --$long, which its commands do not have"
		done
	done
}

pages() { mandoc -Tlint -Wwarning man/*.[1-8]; }

format() {
	# shellcheck disable=SC2046
	clang-format --dry-run -Werror $sources $headers $(find tests bench -name '*.[ch]' | sort) 2>&1 | grep -E 'error:|warning:'
	return 0
}

tidy() {
	local checks='-*,bugprone-*,clang-analyzer-*,cert-flp30-c,misc-redundant-expression,performance-*'
	checks+=,readability-misleading-indentation,readability-redundant-declaration
	checks+=,readability-inconsistent-declaration-parameter-name,readability-duplicate-include
	# Not: swappable parameters (pointer and length, everywhere), Annex K (glibc has none), va_list (clang 14
	# gets it wrong), leaks and dead stores (it does not know the cleanup attribute; the sanitizers do), pointers
	# to pointers from calloc(), and what system calls make of a descriptor that is -1 (an error, as wanted).
	checks+=,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-branch-clone
	checks+=,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-valist.Uninitialized,-clang-analyzer-valist.Unterminated
	checks+=,-clang-analyzer-unix.Malloc,-clang-analyzer-deadcode.DeadStores,-performance-no-int-to-ptr,-bugprone-not-null-terminated-result,-bugprone-posix-return
	checks+=,-bugprone-multi-level-implicit-pointer-conversion,-clang-analyzer-unix.StdCLibraryFunctions
	local flags="-std=c17 -D_GNU_SOURCE -DBOOTSEAL_VERSION=\"0\" -Iinclude $(grep -oE -- '-I */[^ ]+' <<<"$CFLAGS" | tr '\n' ' ')"
	# How long the analyzer may think about one function: more of it takes minutes, and found nothing more.
	local budget='-Xclang -analyzer-config -Xclang max-nodes=30000'
	{
		grep -v '^src/util/error\.c$' <<<"$sources" |
			xargs -P "$cores" -n 2 clang-tidy --quiet --warnings-as-errors='*' --checks="$checks" \
				$(printf -- '--extra-arg=%s ' $flags -include tests/lint.h $budget)
		clang-tidy --quiet --warnings-as-errors='*' --checks="$checks" src/util/error.c -- $flags
	} 2>/dev/null
	return 0
}

check_cpp() {
	# It does not know the cleanup attribute, nor that a struct may point to a caller's locals for a while.
	local wrong='--suppress=memleak --suppress=autoVariables --suppress=duplicateAssignExpression'
	# shellcheck disable=SC2086
	cppcheck --quiet --enable=warning,performance,portability --std=c11 --inline-suppr -j "$cores" -Iinclude \
		-D_GNU_SOURCE --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches $wrong --template='{file}:{line}: {id}: {message}' $sources 2>&1
	return 0
}

part "headers stand alone" headers_alone
part "layers" layers
part "forbidden calls" forbidden
part "keys on the stack" keys_on_stack
part "exit statuses and man page" exit_statuses
part "commands, options and man pages" commands
part "man pages" pages mandoc
part "format" format clang-format 14
part "clang-tidy" tidy clang-tidy
part "cppcheck" check_cpp cppcheck
[ -z "${BOOTSEAL_RESULTS-}" ] || printf 'count\tlint\t%s\t%s\t%s\n' $passed $failed $skipped >>"$BOOTSEAL_RESULTS"
echo "lint: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
