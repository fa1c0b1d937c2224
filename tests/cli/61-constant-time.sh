# Branches and addresses that depend on secrets: tests/unit/test_constant_time.c under valgrind.
. "${0%/*}/lib.sh"
need valgrind

program=${BOOTSEAL%/*}/tests/unit/test_constant_time
[ -x "$program" ] || skip "test_constant_time is not built"
case $BOOTSEAL in *-address* | *-thread* | *-memory*) skip "valgrind does not run what sanitizers instrument" ;; esac
echo '#include <valgrind/memcheck.h>' | cc -E -x c - >/dev/null 2>&1 || skip "valgrind's headers are not there"

# without its lines: valgrind does not read each compiler's
strip -g -o stripped "$program"
check "nothing secret decides" env CK_FORK=no valgrind -q --error-exitcode=9 --leak-check=no ./stripped

# the method finds what it looks for
cat >leak.c <<'END'
#include <valgrind/memcheck.h>
int main(int argc, char **argv)
{
	volatile int secret = argc;
	(void)argv;
	VALGRIND_MAKE_MEM_UNDEFINED(&secret, sizeof(secret));
	return secret == 17 ? 1 : VALGRIND_COUNT_ERRORS;
}
END
cc -O0 -o leak leak.c
expect_status 9 valgrind -q --error-exitcode=9 ./leak
