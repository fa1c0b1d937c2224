/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

static int run(const struct invocation *invocation, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not part of this version",
			 invocation->command->name);
}

const struct command cmd_openclaw_setup = {
	.name = "openclaw setup",
	.group = "OpenClaw",
	.summary = "move an OpenClaw's secrets into a sealed file",
	.synopsis = "[OPTION...]",
	.example = "bootseal openclaw setup --dry-run",
	.max_args = 1,
	.run = run,
};
