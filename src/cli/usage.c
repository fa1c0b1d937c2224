/* SPDX-License-Identifier: MIT */
#include "cli/usage.h"

#include <string.h>

#include "sops/meta.h"

#define OPTION_COLUMN 30
#define WIDTH 80

bool usage_is_group(const char *word)
{
	const size_t len = strlen(word);

	for (const struct command *const *c = commands; *c != NULL; c++)
		if (strncmp((*c)->name, word, len) == 0 && (*c)->name[len] == ' ')
			return true;
	return false;
}

void usage_overview(FILE *out, const char *prefix)
{
	const char *group = "";

	if (prefix == NULL)
		fputs("bootseal: sealed in git, open at boot\n\n"
		      "usage: bootseal COMMAND [OPTION...] [ARGUMENT...]\n",
		      out);
	for (const struct command *const *c = commands; *c != NULL; c++) {
		if (prefix != NULL && (strncmp((*c)->name, prefix, strlen(prefix)) != 0 ||
				       (*c)->name[strlen(prefix)] != ' '))
			continue;
		if (strcmp(group, (*c)->group) != 0)
			fprintf(out, "\n%s\n", (*c)->group);
		group = (*c)->group;
		fprintf(out, "  %-21s %s\n", (*c)->name, (*c)->summary);
	}
	if (prefix == NULL)
		fputs("\n\"bootseal help COMMAND\" says more; so does \"man bootseal\".\n", out);
}

void usage_sops(FILE *out, const char *prefix)
{
	fputs("This is bootseal " BOOTSEAL_VERSION
	      ", called as sops: it takes the command line of sops " SOPS_FORMAT_VERSION
	      ",\nold form included; see \"man bootseal-sops\".\n\n",
	      out);
	usage_overview(out, prefix);
}

/* Prints text from column on, at most WIDTH wide, broken at blanks; further lines begin at indent. */
static void print_wrapped(FILE *out, const char *text, size_t column, size_t indent)
{
	while (*text != '\0') {
		const size_t len = strcspn(text, " ");
		const bool first = column == indent;

		if (!first && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, len, out);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const char *head, const char *help)
{
	if (strlen(head) < OPTION_COLUMN)
		fprintf(out, "%-*s", OPTION_COLUMN, head);
	else
		fprintf(out, "%s\n%*s", head, OPTION_COLUMN, "");
	print_wrapped(out, help, OPTION_COLUMN, OPTION_COLUMN);
}

static void print_option(FILE *out, const struct option_spec *option, bool single_dash)
{
	char head[WIDTH];
	int len;

	if (option->letter != 0)
		len = snprintf(head, sizeof(head), "  -%c, --%s", option->letter, option->name);
	else
		len = snprintf(head, sizeof(head), "      %s%s", single_dash ? "-" : "--",
			       option->name);
	if (option->value != NULL && len > 0 && (size_t)len < sizeof(head))
		snprintf(head + len, sizeof(head) - (size_t)len, " %s", option->value);
	print_row(out, head, option->help);
}

void usage_command(FILE *out, const struct command *command, const char *called)
{
	const struct option_spec *option = command->options;
	const char *before = called ? "" : "bootseal ", *name = called ? called : command->name;
	const size_t indent = strlen("usage:  ") + strlen(before) + strlen(name);

	fprintf(out, "%s%s: %s\n\nusage: %s%s ", before, name, command->summary, before, name);
	print_wrapped(out, command->synopsis, indent, indent);
	fputc('\n', out);
	for (; option != NULL && option->name != NULL; option++)
		print_option(out, option, command->single_dash);
	print_row(out, "  -v, --verbose", "say more on stderr");
	print_row(out, "  -h, --help", "print this");
	if (command->example != NULL)
		fprintf(out, "\nexample:\n  %s\n", command->example);
}

/* "-" for what there is not: a field that is empty would be lost on a shell's "read". */
static void dump_option(FILE *out, const struct command *command, const struct option_spec *option)
{
	const char letter[] = { '-', option->letter, '\0' };

	fprintf(out, "option\t%s\t%s%s\t%s\t%s\t%s\n", command->name,
		command->single_dash ? "-" : "--", option->name, letter,
		option->value != NULL ? option->value : "-", option->help);
}

void usage_dump(FILE *out)
{
	for (const struct command *const *c = commands; *c != NULL; c++) {
		fprintf(out, "command\t%s\t%s\n", (*c)->name, (*c)->summary);
		for (const struct option_spec *option = (*c)->options;
		     option != NULL && option->name != NULL; option++)
			dump_option(out, *c, option);
	}
}
