/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/usage.h"

struct help_options {
	bool dump;
};

static const struct option_spec help_options[] = {
	{ "dump", 0, NULL, "all commands and options, for programs", OPTION_FLAG,
	  offsetof(struct help_options, dump) },
	{ .name = NULL },
};

static int run(const struct invocation *invocation, struct error *err)
{
	const struct help_options *options = invocation->options;
	const struct command *command;
	int used;

	if (options->dump) {
		usage_dump(stdout);
		return 0;
	}
	if (invocation->args_len == 0) {
		usage_overview(stdout, NULL);
		return 0;
	}
	if (options_find_command((int)invocation->args_len, invocation->args, &command, &used,
				 err) == 0) {
		usage_command(stdout, command, NULL);
		return 0;
	}
	if (!usage_is_group(invocation->args[0]))
		return -1;
	error_clear(err);
	usage_overview(stdout, invocation->args[0]);
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.group = "more",
	.summary = "say what a command does and takes",
	.synopsis = "[--dump] [COMMAND]",
	.example = "bootseal help decrypt",
	.options = help_options,
	.options_size = sizeof(struct help_options),
	.max_args = 2,
	.run = run,
};
