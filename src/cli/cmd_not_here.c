/* SPDX-License-Identifier: MIT */
/* Commands of sops that are not part of this program, and say so. */
#include "cli/commands.h"

#define ANY 4096

static int run(const struct invocation *invocation, struct error *err)
{
	(void)error_set(err, ERROR_UNSUPPORTED,
			"\"%s\" is not part of this program, which talks to no network",
			invocation->command->name);
	return error_hint(err, "it is one of sops' own commands: run sops itself");
}

const struct command cmd_publish = {
	.name = "publish",
	.group = "sops alone",
	.summary = "not part of this program: sops uploads files to clouds",
	.synopsis = "FILE",
	.max_args = ANY,
	.run = run,
};

const struct command cmd_keyservice = {
	.name = "keyservice",
	.group = "sops alone",
	.summary = "not part of this program: keys lent over the network",
	.synopsis = "",
	.max_args = ANY,
	.run = run,
};
