/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

static int run(const struct invocation *invocation, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not part of this version",
			 invocation->command->name);
}

const struct command cmd_openclaw_run = {
	.name = "openclaw run",
	.group = "OpenClaw",
	.summary = "run OpenClaw's own commands with the sealed token",
	.synopsis = "[OPTION...] -- ARGUMENT...",
	.example = "bootseal openclaw run -- secrets audit",
	.max_args = 1,
	.run = run,
};
