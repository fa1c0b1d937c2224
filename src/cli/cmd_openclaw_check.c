/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

static int run(const struct invocation *invocation, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not part of this version",
			 invocation->command->name);
}

const struct command cmd_openclaw_check = {
	.name = "openclaw check",
	.group = "OpenClaw",
	.summary = "say what of an OpenClaw is not safe, or would not start",
	.synopsis = "[--json] [--for USER] [--config FILE] [MANIFEST]",
	.example = "bootseal openclaw check --for openclaw",
	.max_args = 1,
	.run = run,
};
