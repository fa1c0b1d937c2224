/* SPDX-License-Identifier: MIT */
#include "cli/editor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/child.h"
#include "util/text.h"

/* vim without its swap and info files, which would be copies on a disk. */
static const char *const usual[] = { "vim -n -i NONE", "nano", "vi" };

/* Is the first word of line a program in PATH? */
static bool is_there(const char *line)
{
	const char *path = getenv("PATH");
	struct span rest = span_of_text(path ? path : "/usr/bin:/bin"), directory;

	while (span_take_until(&rest, ':', &directory)) {
		AUTO(buf) file = BUF_INIT;
		struct error ignored = ERROR_INIT;
		const char *text;

		if (buf_printf(&file, &ignored, "%.*s/%.*s", SPAN_PRINT(directory),
			       (int)strcspn(line, " "), line) == 0 &&
		    buf_text(&file, &text, &ignored) == 0 && access(text, X_OK) == 0)
			return true;
	}
	return false;
}

static int choose(const char **ret_line, struct error *err)
{
	static const char *const variables[] = { "SOPS_EDITOR", "EDITOR" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *line = getenv(variables[i]);

		if (line && line[0] != '\0') {
			*ret_line = line;
			return 0;
		}
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (is_there(usual[i])) {
			*ret_line = usual[i];
			return 0;
		}
	(void)error_set(err, ERROR_EDITOR,
			"there is no editor: neither vim, nano nor vi is in PATH");
	return error_hint(err, "set EDITOR");
}

static int start(char **words, size_t len, const char *path, struct error *err)
{
	const char **argv = calloc(len + 2, sizeof(*argv));
	struct child_command command = { .argv = argv, .terminal = true };
	int status = 0, result;

	if (!argv)
		return error_memory(err);
	for (size_t i = 0; i < len; i++)
		argv[i] = words[i];
	argv[len] = path;
	result = child_run(&command, 0, NULL, &status, err);
	if (result < 0)
		err->kind = ERROR_EDITOR;
	else if (status != 0)
		result = error_set(err, ERROR_EDITOR, "the editor \"%s\" ended with status %d",
				   text_printable_text(words[0]).text, status);
	free(argv);
	return result;
}

int editor_run(const char *directory, const char *name, struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	const char *line = NULL, *text;
	char **words;
	size_t len;
	int result;

	if (choose(&line, err) < 0 || buf_printf(&path, err, "%s/%s", directory, name) < 0 ||
	    buf_text(&path, &text, err) < 0 || child_split(line, &words, &len, err) < 0)
		return -1;
	result = start(words, len, text, err);
	free(words);
	return result;
}
