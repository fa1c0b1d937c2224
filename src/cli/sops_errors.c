/* SPDX-License-Identifier: MIT */
/* What sops says, and ends with, where something went wrong. */
#include <string.h>

#include "cli/exit.h"
#include "cli/sops.h"

struct sops_status {
	const char *command; /* NULL: any other */
	enum error_kind kind;
	int status;
};

/* clang-format off */
/* Where sops' statuses differ from ours; the first that fits counts. */
static const struct sops_status statuses[] = {
	{ "filestatus", ERROR_NO_FILE,     1 },
	{ "filestatus", ERROR_EMPTY,       1 },
	{ "filestatus", ERROR_COMMENTS,    1 },
	{ "rotate",     ERROR_NO_FILE,     2 },
	{ "set",        ERROR_NO_FILE,     2 },
	{ "unset",      ERROR_NO_FILE,     2 },
	{ "updatekeys", ERROR_NO_FILE,     1 },
	{ "groups add", ERROR_NO_FILE,     2 },
	{ "groups delete", ERROR_NO_FILE,  2 },
	{ "exec-env",   ERROR_NO_FILE,     2 },
	{ "exec-file",  ERROR_NO_FILE,     2 },
	/* what is to be opened must be sealed first of all */
	{ "encrypt",    ERROR_FORMAT,      2 },
	{ NULL,         ERROR_FORMAT,      1 },
	{ "decrypt",    ERROR_EMPTY,       1 },
	{ "decrypt",    ERROR_COMMENTS,    1 },
	{ "set",        ERROR_CONFLICT,    1 },
	{ "updatekeys", ERROR_CANCELLED,   0 },
	{ "get",        ERROR_BAD_EXTRACT, 1 },
	{ "unset",      ERROR_SEALED,      1 },
	{ "encrypt",    ERROR_TYPE,        23 },
	{ NULL,         ERROR_TYPE,        25 },
	{ NULL,         ERROR_COMMENTS,    2 },
	{ NULL,         ERROR_USAGE,       1 },
	{ NULL,         ERROR_FINDINGS,    1 },
	{ NULL,         ERROR_PARTIAL,     1 },
	{ NULL,         ERROR_DENIED,      1 },
	{ NULL,         ERROR_UNSUPPORTED, 1 },
	{ NULL,         ERROR_CANCELLED,   1 },
	{ NULL,         ERROR_BUG,         1 },
	{ NULL,         ERROR_AUTH,        25 },
};

#define NO_DATA_KEY "Failed to get the data key required to decrypt the SOPS file.\n\n"

struct sops_text {
	enum error_kind kind;
	const char *command; /* NULL: any other */
	const char *before;  /* what sops says; our message follows */
};

static const struct sops_text texts[] = {
	{ ERROR_NO_KEY,    NULL,      NO_DATA_KEY "Group 0: FAILED\n  " },
	{ ERROR_TYPE,      "decrypt", "Error decrypting tree: Error walking tree: " },
	{ ERROR_TYPE,      "encrypt", "Error encrypting tree: Error walking tree: " },
	{ ERROR_EMPTY,     "decrypt", "sops metadata not found: " },
	{ ERROR_AUTH,      NULL,      "Error decrypting tree: Error walking tree: " },
	{ ERROR_NOT_FOUND, "decrypt", "error truncating tree: " },
	{ ERROR_NOT_FOUND, "unset",   "Key not found: " },
	{ ERROR_FORMAT,    "encrypt", "Error unmarshalling file: " },
	{ ERROR_FORMAT,    "decrypt", "Error unmarshalling file: " },
};
/* clang-format on */

static bool is_for(const char *name, const struct command *command)
{
	return !name || (command && strcmp(name, command->name) == 0);
}

int sops_status_of(const struct command *command, enum error_kind kind)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i].kind == kind && is_for(statuses[i].command, command))
			return statuses[i].status;
	return exit_status_of(kind);
}

/* What sops says as it stands, and others compare with the whole line; NULL: it is none of these. */
static const char *find_whole_line(const struct error *err)
{
	static const char *const lines[] = { "Could not generate data key: ",
					     "File has not changed, exiting.",
					     "No help topic for '" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const char *line = strstr(err->message, lines[i]);

		if (line)
			return line;
	}
	return NULL;
}

/* What becomes of "cannot seal the data key to KEY: why". */
static bool print_unsealed(FILE *out, const struct error *err)
{
	static const char ours[] = "cannot seal the data key to ";
	const char *key = strstr(err->message, ours), *why;

	if (!key || !(why = strstr(key, ": ")))
		return false;
	key += strlen(ours);
	fprintf(out,
		"Could not generate data key: [failed to encrypt new data key with master key "
		"\"%.*s\"%s]\n",
		(int)(why - key), key, why);
	return true;
}

/* Of several key groups our message says which ones opened: each is a paragraph of sops'. */
static bool print_groups(FILE *out, const struct error *err)
{
	const char *at = strstr(err->message, "(Group 0: ");

	if (err->kind != ERROR_NO_KEY || !at)
		return false;
	fputs("Error: " NO_DATA_KEY, out);
	for (unsigned i = 0; at; i++) {
		const char *state = strstr(at, ": ");
		char next[32];

		fprintf(out, "Group %u: %s\n\n", i,
			state && strncmp(state, ": SUCCESS", 9) == 0 ? "SUCCESS" : "FAILED");
		snprintf(next, sizeof(next), "; Group %u: ", i + 1);
		at = strstr(at, next);
	}
	fprintf(out, "%s%s%s\n", err->message, err->hint[0] != '\0' ? "; " : "", err->hint);
	return true;
}

void sops_print_error(FILE *out, const struct command *command, const struct error *err)
{
	const char *before = "", *line = find_whole_line(err);

	if (print_unsealed(out, err) || print_groups(out, err))
		return;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].kind == err->kind && is_for(texts[i].command, command)) {
			before = texts[i].before;
			break;
		}
	if (line)
		fprintf(out, "%s\n", line);
	else if (err->hint[0] != '\0')
		fprintf(out, "Error: %s%s; %s\n", before, err->message, err->hint);
	else
		fprintf(out, "Error: %s%s\n", before, err->message);
}
