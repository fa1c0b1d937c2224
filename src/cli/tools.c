/* SPDX-License-Identifier: MIT */
#include "cli/tools.h"

#include <string.h>

#include "cli/commands.h"

static const struct {
	const char *name;
	const struct command *command;
} tools[] = {
	{ "age", &cmd_age },
	{ "age-keygen", &cmd_keygen },
	{ "age-inspect", &cmd_age_inspect },
	{ "ssh-to-age", &cmd_ssh_to_age },
	{ "bootseal-generator", &cmd_generator },
};

const struct command *tools_command_of(const char *name)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(tools[i].name, name) == 0)
			return tools[i].command;
	return NULL;
}

bool tools_wants_words(const struct command *command)
{
	return command == &cmd_age;
}
