/* SPDX-License-Identifier: MIT */
#include "activate/units.h"

#include "util/buf.h"
#include "util/child.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNITS_TIMEOUT 30
#define UNITS_OUTPUT_MAX 65536

int units_add(struct units *units, const struct manifest_entry *entry, struct error *err)
{
	for (size_t i = 0; i < entry->restart.len; i++)
		if (names_add_once(&units->restart, entry->restart.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < entry->reload.len; i++)
		if (names_add_once(&units->reload, entry->reload.items[i], err) < 0)
			return -1;
	return 0;
}

static int units_format_list(const char *verb, const struct names *names, struct secret *out,
			     struct error *err)
{
	for (size_t i = 0; i < names->len; i++)
		if (secret_append_text(out, verb, err) < 0 ||
		    secret_append_text(out, names->items[i], err) < 0 ||
		    secret_append_text(out, "\n", err) < 0)
			return -1;
	return 0;
}

int units_format(const struct units *units, struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (units_format_list("restart ", &units->restart, &text, err) < 0 ||
	    units_format_list("reload ", &units->reload, &text, err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

static int units_parse_line(struct span line, const char *verb, struct names *names,
			    struct error *err)
{
	struct text_shown shown;

	if (!span_starts_with(line, verb))
		return 0;
	shown = text_printable(span_slice(line, strlen(verb), line.len));
	return names_add_once(names, shown.text, err);
}

int units_parse(struct span text, struct units *units, struct error *err)
{
	struct span line;

	while (span_take_line(&text, &line))
		if (units_parse_line(line, "restart ", &units->restart, err) < 0 ||
		    units_parse_line(line, "reload ", &units->reload, err) < 0)
			return -1;
	return 0;
}

/* Where systemctl is; PATH does not decide what root runs at boot. */
static const char *units_program(void)
{
	static const char *const paths[] = { "/usr/bin/systemctl", "/bin/systemctl",
					     "/run/current-system/sw/bin/systemctl" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	return NULL;
}

/* names without those in without. */
static int units_call(const char *program, const char *verb, const struct names *names,
		      const struct names *without, struct error *err)
{
	struct child_command command = { .timeout_seconds = UNITS_TIMEOUT };
	AUTO_FREE const char **argv = calloc(names->len + 5, sizeof(*argv));
	size_t len = 0;
	int status = 0;

	if (argv == NULL)
		return error_memory(err);
	argv[len++] = program;
	argv[len++] = "--no-block";
	argv[len++] = verb;
	argv[len++] = "--";
	for (size_t i = 0; i < names->len; i++)
		if (!names_have(without, names->items[i]))
			argv[len++] = names->items[i];
	if (argv[4] == NULL)
		return 0;
	command.argv = argv;
	if (child_run(&command, UNITS_OUTPUT_MAX, NULL, &status, err) < 0)
		return -1;
	if (status != 0)
		return error_set(err, ERROR_SYSTEM, "\"systemctl %s\" failed with status %d", verb,
				 status);
	return 0;
}

int units_tell(const struct units *units, struct names *notes, struct error *err)
{
	static const struct names none = { NULL, 0, 0 };
	const char *program = units_program();

	if (units->restart.len == 0 && units->reload.len == 0)
		return 0;
	if (program == NULL || geteuid() != 0 || access("/run/systemd/system", F_OK) < 0)
		return names_printf(notes, err, "%s, so no unit was told",
				    geteuid() != 0 ? "not root" : "systemd does not run here");
	if (units_call(program, "try-restart", &units->restart, &none, err) == 0 &&
	    units_call(program, "try-reload-or-restart", &units->reload, &units->restart, err) == 0)
		return 0;
	error_wrap(err, "the secrets are in place, but units were not told");
	err->kind = ERROR_PARTIAL;
	return -1;
}

void units_release(struct units *units)
{
	names_release(&units->restart);
	names_release(&units->reload);
}
