# Vocabulary of the scripts in tests/cli, tests/interop and tests/boot. Each begins with
#
#	. "${0%/*}/../cli/lib.sh"
#
# and then runs in bash with "set -eu": a command that fails outside of the functions below
# ends the script, and that counts as a failure.
#
#   $BOOTSEAL        the program under test         $ROOT    the source tree
#   $TOOLS           programs of tests/tools
#   $TMP             a fresh directory: the working directory, removed at the end; HOME is in it
#
#   about TEXT                     what the tests from here on are about: failures tell it
#   ok NAME                        counts a success
#   fail NAME [WHY]                counts a failure and goes on
#   check NAME COMMAND...          ok if the command succeeds, else fail (with its output)
#   expect_status N COMMAND...     the command must end with status N
#   expect_error TEXT COMMAND...   it must fail, with TEXT in its stderr, and that be one line
#   expect_output TEXT COMMAND...  it must succeed and print exactly TEXT (and a line feed)
#   expect_same FILE FILE          both must hold the same bytes
#   expect_absent PATH...          none of them may exist
#   skip REASON                    the rest of this script is skipped, and says so
#   skip_one NAME REASON           one test is skipped, and says so
#   own_memory                     edited texts are below $XDG_RUNTIME_DIR, removed at the end: no test leaves any
#                                  behind, nor sees those of another that runs at the same time
#   need COMMAND...                skips the rest unless all of these programs are there
#   at_exit COMMAND                runs at the end too (as text, in reverse order)
#
# After an expect_ the command's output is in $TMP/.out and $TMP/.err.

[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
set -eu

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SUITE=${BASH_SOURCE[-1]#"$ROOT"/}
SUITE=${SUITE#./}
BOOTSEAL=$(realpath "${BOOTSEAL:-$ROOT/build/bootseal}")
# What was built beside it; or, where it is installed, beside the last one that was built.
TOOLS=${BOOTSEAL%/*}/tests/tools
[ -d "$TOOLS" ] || TOOLS=$(realpath -m "$ROOT/build/bootseal/../tests/tools")
# Rules, keys and repositories are looked for upward: a stray one above the tests would be used in them.
_is_bare() { # DIRECTORY
	local here name
	here=$(realpath "$1") || return
	while :; do
		for name in .sops.yaml .sops.yml .git .bootseal-journal keys; do
			[ ! -e "${here%/}/$name" ] || return 1
		done
		[ "$here" != / ] || return 0
		here=$(dirname "$here")
	done
}
for _base in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm; do ! _is_bare "$_base" || break; done
_is_bare "$_base" || { echo "FAIL $SUITE: /tmp and others are in a repository, or hold .sops.yaml or keys"; exit 2; }
TMP=$(mktemp -d "$_base/bootseal-test.XXXXXX")
TMP=$(realpath "$TMP")
PATH=$PATH:${GOBIN:-$HOME/go/bin}
export PATH BOOTSEAL ROOT TMP HOME=$TMP/home LC_ALL=C.UTF-8
export GOGC=off # sops lives too short for collecting garbage
unset XDG_CONFIG_HOME XDG_RUNTIME_DIR EDITOR VISUAL SOPS_EDITOR NO_COLOR
for _name in $(compgen -e | grep -E "^(SOPS|BOOTSEAL)_"); do
	case $_name in BOOTSEAL_RESULTS | BOOTSEAL_DOCUMENTS | BOOTSEAL_SEED | BOOTSEAL_KILLED_FILES | BOOTSEAL_EACH_CALL | BOOTSEAL_MANIFESTS) ;; *) unset "$_name" ;; esac
done
mkdir "$HOME"
cd "$TMP"
umask 022

_passed=0 _failed=0 _skipped=0 _done= _at_exit= _line=0 _about=

_record() { # KIND FIELD...
	[ -z "${BOOTSEAL_RESULTS-}" ] || (IFS=$'\t'; printf '%s\n' "$*") >>"$BOOTSEAL_RESULTS"
}

_finish() {
	local status=$?
	trap - EXIT
	set +e
	if [ -z "$_done" ] && [ $status -ne 0 ]; then
		fail "stopped early" "status $status in line $_line"
	fi
	eval "$_at_exit"
	cd /
	chmod -R u+rwX "$TMP" 2>/dev/null
	rm -rf "$TMP"
	_record count "$SUITE" $_passed $_failed $_skipped
	echo "$SUITE: $_passed passed, $_failed failed, $_skipped skipped"
	[ $_failed -eq 0 ]
	exit
}
trap _finish EXIT
trap '_line=$LINENO' ERR
trap 'exit 130' INT TERM

at_exit() {
	_at_exit="$1
$_at_exit"
}

about() {
	_about="$1: "
}

ok() {
	_passed=$((_passed + 1))
}

fail() {
	_failed=$((_failed + 1))
	echo "FAIL $SUITE: $_about$1${2:+: $2}"
	_record fail "$SUITE" "$_about$1"
}

skip_one() {
	_skipped=$((_skipped + 1))
	echo "SKIP $SUITE: $_about$1: $2"
	_record skip "$SUITE" "$_about$1: $2"
}

skip() {
	_skipped=$((_skipped + 1))
	echo "SKIP $SUITE: $1"
	_record skip "$SUITE" "$1"
	_done=1
	exit 0
}

own_memory() {
	XDG_RUNTIME_DIR=$(mktemp -d /dev/shm/bootseal-test.XXXXXX)
	export XDG_RUNTIME_DIR
	at_exit 'rm -rf "$XDG_RUNTIME_DIR"'
}

need() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}

_run() { # COMMAND...: sets _status
	_status=0
	"$@" >"$TMP/.out" 2>"$TMP/.err" || _status=$?
}

_shown() { # the command and what it said, for a failure
	printf '%q ' "$@"
	printf 'ended with status %s\n' "$_status"
	head -c 2000 "$TMP/.out" | sed 's/^/    out: /'
	head -c 2000 "$TMP/.err" | sed 's/^/    err: /'
}

check() {
	local name=$1 status=0
	shift
	"$@" >"$TMP/.check" 2>&1 || status=$?
	if [ $status -eq 0 ]; then ok "$name"; else fail "$name" "$(printf '%q ' "$@"; head -c 2000 "$TMP/.check")"; fi
}

expect_status() {
	local want=$1
	shift
	_run "$@"
	if [ $_status -eq "$want" ]; then ok "$*"; else fail "status $want expected" "$(_shown "$@")"; fi
}

expect_error() {
	local want=$1
	shift
	_run "$@"
	if [ $_status -eq 0 ]; then
		fail "an error expected" "$(_shown "$@")"
	elif ! grep -qF -- "$want" "$TMP/.err"; then
		fail "error \"$want\" expected" "$(_shown "$@")"
	elif [ "$(wc -l <"$TMP/.err")" -ne 1 ]; then
		fail "one line of error expected" "$(_shown "$@")"
	else
		ok "$*"
	fi
}

expect_output() {
	local want=$1
	shift
	_run "$@"
	if [ $_status -eq 0 ] && printf '%s\n' "$want" | cmp -s - "$TMP/.out"; then
		ok "$*"
	else
		fail "output \"$want\" expected" "$(_shown "$@")"
	fi
}

expect_same() {
	if cmp -s "$1" "$2"; then ok "$1 = $2"; else fail "$1 and $2 differ" "$(diff "$1" "$2" | head -n 20)"; fi
}

expect_absent() {
	local path
	for path; do
		if [ -e "$path" ] || [ -L "$path" ]; then fail "$path exists"; else ok "$path"; fi
	done
}
