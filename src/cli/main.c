/* SPDX-License-Identifier: MIT */
/*
 * bootseal: hardens the process, finds the command, parses its options, runs
 * it, and prints its one error. Nothing else prints errors.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/usage.h"
#include "crypto/lib.h"
#include "util/process.h"
#include "util/sandbox.h"
#include "util/secret.h"

/* What is weaker here than it could be. */
static void tell_protection(void)
{
	if (!sandbox_is_supported())
		fputs("bootseal: this kernel has no Landlock: foreign bytes are parsed without a "
		      "sandbox\n",
		      stderr);
	if (!process_lock_memory())
		fputs("bootseal: memory is locked secret by secret, as far as the limit allows\n",
		      stderr);
}

static int run_command(const struct command *command, int argc, const char *const *argv,
		       bool verbose, int *ret_status, struct error *err)
{
	AUTO(options) options = OPTIONS_INIT;

	if (options_parse(command, argc, argv, &options, err) < 0)
		return -1;
	if (options.help) {
		usage_command(stdout, command);
		return 0;
	}
	if (verbose || options.verbose)
		tell_protection();
	if (crypto_init(err) < 0)
		return -1;
	return command->run(&(struct invocation){ .command = command,
						  .options = options.values,
						  .args = options.args,
						  .args_len = options.args_len,
						  .verbose = verbose || options.verbose,
						  .status = ret_status },
			    err);
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

/* The words before the command: -v, --help, --version. */
static int run(int argc, const char *const *argv, int *ret_status, struct error *err)
{
	const struct command *command;
	bool verbose = false;
	int words;

	for (; argc > 0 && argv[0][0] == '-'; argc--, argv++) {
		if (strcmp(argv[0], "-v") == 0 || strcmp(argv[0], "--verbose") == 0) {
			verbose = true;
		} else if (asks_for_help(argv[0])) {
			usage_overview(stdout, NULL);
			return 0;
		} else if (strcmp(argv[0], "--version") == 0) {
			puts("bootseal " BOOTSEAL_VERSION);
			return 0;
		} else {
			error_set(err, ERROR_USAGE, "an option stands before the command");
			return error_hint(err, "see \"bootseal help\"");
		}
	}
	if (argc == 0) {
		error_set(err, ERROR_USAGE, "no command is given");
		return error_hint(err, "see \"bootseal help\"");
	}
	if (argc > 1 && usage_is_group(argv[0]) && asks_for_help(argv[1])) {
		usage_overview(stdout, argv[0]);
		return 0;
	}
	if (options_find_command(argc, argv, &command, &words, err) < 0)
		return -1;
	return run_command(command, argc - words, argv + words, verbose, ret_status, err);
}

static void print_error(const struct error *err)
{
	if (err->hint[0] != '\0')
		fprintf(stderr, "bootseal: %s; %s\n", err->message, err->hint);
	else
		fprintf(stderr, "bootseal: %s\n", err->message);
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	int status = 0, result = process_harden(&err);

	if (result == 0)
		result = run(argc - 1, (const char *const *)argv + 1, &status, &err);
	secret_wipe_traces();
	if (result == 0 && fflush(stdout) != 0)
		result = error_sys(&err, "cannot write to stdout");
	if (result == 0)
		return status;
	print_error(&err);
	return exit_status_of(err.kind);
}
