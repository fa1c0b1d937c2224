/* SPDX-License-Identifier: MIT */
#include "cli/tools.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/usage.h"
#include "util/buf.h"
#include "util/text.h"

static const struct tool tools[] = {
	{ "age", &cmd_age, true, true },
	{ "age-keygen", &cmd_keygen, false, true },
	{ "age-inspect", &cmd_age_inspect, false, true },
	{ "ssh-to-age", &cmd_ssh_to_age, false, false },
	{ "bootseal-generator", &cmd_generator, false, false },
};

const struct tool *tools_find(const char *name)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

const char *tools_version(const struct tool *tool)
{
	return tool && tool->is_age ? "v1.3.1" : "bootseal " BOOTSEAL_VERSION;
}

static int too_many_inputs(const char *const *args, struct error *err)
{
	AUTO(buf) list = BUF_INIT;
	const char *text;

	for (; *args; args++)
		if (buf_printf(&list, err, " \"%s\"", text_printable_text(*args).text) < 0)
			return -1;
	if (buf_text(&list, &text, err) < 0)
		return -1;
	error_set(err, ERROR_USAGE, "too many INPUT arguments:%s", text);
	return error_hint(err, "only a single input file may be specified at a time");
}

int tools_check_arguments(const struct tool *tool, const char *const *args, size_t len,
			  struct error *err)
{
	if (len < tool->command->min_args)
		return error_set(err, ERROR_USAGE, "too few arguments");
	if (len <= tool->command->max_args)
		return 0;
	if (tool->command == &cmd_age)
		return too_many_inputs(args, err);
	if (tool->is_age || tool->command == &cmd_generator)
		return error_set(err, ERROR_USAGE, "too many arguments");
	/* it does not look at them */
	fprintf(stderr, "%s: \"%s\" is not used: a file is named with -i\n", tool->name,
		text_printable_text(args[0]).text);
	return 0;
}

void tools_print_error(FILE *out, const struct tool *tool, bool options_read,
		       const struct error *err)
{
	const char *name = tool->command->name, *message = err->message;

	if (!options_read) {
		fprintf(out, "%s\n", message);
		usage_command(out, tool->command, tool->name);
		return;
	}
	/* the tool's name stands in front as it is */
	if (strncmp(message, name, strlen(name)) == 0 &&
	    strncmp(message + strlen(name), ": ", 2) == 0)
		message += strlen(name) + 2;
	fprintf(out, "%s: %s%s", tool->name, tool->is_age ? "error: " : "", message);
	if (err->hint[0] != '\0' && tool->is_age)
		fprintf(out, "\n%s: hint: %s\n", tool->name, err->hint);
	else
		fprintf(out, "%s%s\n", err->hint[0] != '\0' ? "; " : "", err->hint);
}
