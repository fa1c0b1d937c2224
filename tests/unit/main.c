/* SPDX-License-Identifier: MIT */
/*
 * main() of every unit test: runs the file's suite() with libcheck and prints
 * its totals. Where BOOTSEAL_RESULTS names a file, the totals go there too, for
 * tests/run.sh: "count", suite, passed, failed, skipped, with tabs between.
 */
#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

Suite *suite(void);

static int record(const char *name, int passed, int failed)
{
	const char *path = getenv("BOOTSEAL_RESULTS");
	FILE *results = path ? fopen(path, "a") : NULL;

	if (!results)
		return path ? -1 : 0;
	fprintf(results, "count\t%s\t%d\t%d\t0\n", name, passed, failed);
	return fclose(results);
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "unit";
	int failed, run;
	SRunner *runner;

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	runner = srunner_create(suite());
	srunner_run_all(runner, CK_SILENT);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	if (failed > 0)
		srunner_print(runner, CK_NORMAL);
	srunner_free(runner);
	printf("%s: %d passed, %d failed\n", name, run - failed, failed);
	return record(name, run - failed, failed) == 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
