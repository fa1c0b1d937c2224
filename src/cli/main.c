/* SPDX-License-Identifier: MIT */
/*
 * bootseal: hardens the process, finds the command, parses its options, runs
 * it, and prints its one error. Nothing else prints errors.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/sops.h"
#include "cli/sops_nix.h"
#include "cli/tools.h"
#include "cli/usage.h"
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

/* How the program was called. */
struct call {
	bool as_sops, as_sops_nix, verbose;
	const struct command *command; /* NULL: none was found yet */
	const struct tool *tool; /* called as age, ssh-to-age, …; NULL: not so (cli/tools.h) */
	bool options_read;
	int status;      /* to end with where all went well */
	int sops_status; /* as sops, to end with where it did not; 0: as the error says */
};

static int run_command(struct call *call, int argc, const char *const *argv, struct error *err)
{
	AUTO(options) options = OPTIONS_INIT;
	const struct command *command = call->command;

	if (options_parse(command, call->tool != NULL, argc, argv, &options, err) < 0) {
		if (command->refused != NULL)
			command->refused(argc, argv);
		return -1;
	}
	call->options_read = true;
	if (options.help) {
		usage_command(stdout, command, call->tool ? call->tool->name : NULL);
		return 0;
	}
	if (call->tool &&
	    tools_check_arguments(call->tool, options.args, options.args_len, err) < 0)
		return -1;
	if (call->verbose || options.verbose)
		tell_protection();
	if (!command->late_start && command_start(err) < 0)
		return -1;
	return command->run(&(struct invocation){ .command = command,
						  .options = options.values,
						  .args = options.args,
						  .args_len = options.args_len,
						  .verbose = call->verbose || options.verbose,
						  .as_sops = call->as_sops,
						  .version = tools_version(call->tool),
						  .status = &call->status },
			    err);
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

/* The words before the command: -v, --help, --version. */
static int run(struct call *call, int argc, const char *const *argv, struct error *err)
{
	int words;

	for (; argc > 0 && argv[0][0] == '-'; argc--, argv++) {
		if (strcmp(argv[0], "-v") == 0 || strcmp(argv[0], "--verbose") == 0) {
			call->verbose = true;
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
	if (options_find_command(argc, argv, &call->command, &words, err) < 0)
		return -1;
	return run_command(call, argc - words, argv + words, err);
}

/* The same with sops' command line. */
static int run_as_sops(struct call *call, int argc, const char *const *argv, struct error *err)
{
	AUTO(sops_call) sops = SOPS_CALL_INIT;
	const int result = sops_call_parse(argc, argv, &sops, err);

	call->command = sops.command;
	call->verbose = sops.verbose;
	call->sops_status = sops.status;
	if (result < 0)
		return -1;
	if (sops.answer) {
		puts(sops.answer);
		return 0;
	}
	if (sops.help) {
		if (sops.command)
			usage_command(stdout, sops.command, NULL);
		else
			usage_sops(stdout, sops.group);
		return 0;
	}
	return run_command(call, (int)sops.words_len, sops.words, err);
}

static int run_as_tool(struct call *call, int argc, const char *const *argv, struct error *err)
{
	call->command = call->tool->command;
	if (argc > 0 || !call->tool->wants_words)
		return run_command(call, argc, argv, err);
	usage_command(stderr, call->command, call->tool->name);
	call->status = TOOLS_FAILED;
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

static void print_error(const char *program, const struct error *err)
{
	if (err->hint[0] != '\0')
		fprintf(stderr, "%s: %s; %s\n", program, err->message, err->hint);
	else
		fprintf(stderr, "%s: %s\n", program, err->message);
}

static int fail(const struct call *call, const struct error *err)
{
	if (call->as_sops_nix) {
		print_error(SOPS_NIX_NAME, err);
		return SOPS_NIX_FAILED;
	}
	if (call->tool) {
		tools_print_error(stderr, call->tool, call->options_read, err);
		return call->options_read ? TOOLS_FAILED : TOOLS_BAD_OPTIONS;
	}
	if (!call->as_sops) {
		print_error("bootseal", err);
		return exit_status_of(err->kind);
	}
	sops_print_error(stderr, call->command, err);
	return call->sops_status ? call->sops_status : sops_status_of(call->command, err->kind);
}

/*
 * Nobody reads what we print any more ("| head"): no error to speak of. As if SIGPIPE had ended us, which is ignored
 * so that nothing is left behind.
 */
static void end_if_unread(const struct error *err)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	if (err->kind == ERROR_SYSTEM && strstr(err->message, strerror(EPIPE)) != NULL &&
	    poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0) {
		(void)signal(SIGPIPE, SIG_DFL);
		(void)raise(SIGPIPE);
	}
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct call call = { .as_sops = strcmp(base_name(argv[0]), "sops") == 0,
			     .as_sops_nix = strcmp(base_name(argv[0]), SOPS_NIX_NAME) == 0,
			     .tool = tools_find(base_name(argv[0])) };
	const char *const *words = (const char *const *)argv + (argc > 0);
	const int len = argc > 0 ? argc - 1 : 0;
	int result = process_harden(&err);

	if (result == 0)
		result = call.as_sops       ? run_as_sops(&call, len, words, &err)
			 : call.as_sops_nix ? sops_nix_run(SOPS_NIX_NAME, len, words, &err)
			 : call.tool        ? run_as_tool(&call, len, words, &err)
					    : run(&call, len, words, &err);
	secret_wipe_traces();
	if (result == 0 && fflush(stdout) != 0)
		result = error_sys(&err, "cannot write to stdout");
	if (result < 0)
		end_if_unread(&err);
	return result == 0 ? call.status : fail(&call, &err);
}
