# For tests that strike a program at its system calls, one after the other. Read behind lib.sh, with two numbers:
#
#	. each_call.sh STEP STEP_WITH_A_SANITIZER
#
# Sets each_call, and step: every STEPth call is struck; each with BOOTSEAL_EACH_CALL=1. Without the tool, or what it
# needs, the test is skipped.
each_call=$TOOLS/each_call
[ -x "$each_call" ] || skip "tests/tools/each_call is not built"
"$each_call" -t || skip "ptrace is not allowed here, or calls cannot be made to fail"
# LeakSanitizer cannot work under ptrace; most calls of a program with a sanitizer are the sanitizer's.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
step=${BOOTSEAL_EACH_CALL:-$1}
! grep -q __asan_init "$BOOTSEAL" || step=$2
