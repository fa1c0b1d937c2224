/* SPDX-License-Identifier: MIT */
#include "activate/units.h"

#include "internal.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNITS_RESTART "restart "
#define UNITS_RELOAD "reload "
#define UNITS_TIMEOUT 30
#define UNITS_OUTPUT_MAX 65536

int units_add(struct units *units, const struct names *restart, const struct names *reload,
	      struct error *err)
{
	if (names_add_all(&units->restart, restart, err) < 0)
		return -1;
	return names_add_all(&units->reload, reload, err);
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

	if (units_format_list(UNITS_RESTART, &units->restart, &text, err) < 0 ||
	    units_format_list(UNITS_RELOAD, &units->reload, &text, err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

static int units_parse_line(struct span line, const char *verb, struct names *names,
			    struct error *err)
{
	struct text_shown shown;
	struct span unit;

	if (!span_starts_with(line, verb))
		return 0;
	unit = span_slice(line, strlen(verb), line.len);
	shown = text_printable(unit);
	if (reader_is_unit(unit))
		snprintf(shown.text, sizeof(shown.text), "%.*s", SPAN_PRINT(unit));
	return names_add_once(names, shown.text, err);
}

int units_parse(struct span text, struct units *units, struct error *err)
{
	struct span line;

	while (span_take_line(&text, &line))
		if (units_parse_line(line, UNITS_RESTART, &units->restart, err) < 0 ||
		    units_parse_line(line, UNITS_RELOAD, &units->reload, err) < 0)
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

/* What systemctl said of one unit. */
enum units_answer {
	UNITS_TOLD,
	UNITS_REFUSED, /* it answered, and will say the same again: no such unit, masked */
	UNITS_UNHEARD, /* it never came to ask systemd */
};

/* systemctl, and whose systemd it asks. */
struct units_manager {
	const char *program;
	char *runtime; /* "XDG_RUNTIME_DIR=…", by which a user's is found; NULL: the system's */
};

/*
 * systemctl's statuses are those of init scripts: 1 is "could not ask", 2 to 6 are about the unit.
 */
static enum units_answer units_call(const struct units_manager *manager, const char *verb,
				    const char *unit)
{
	const char *const argv[] = { manager->program, "--no-block", verb, "--", unit, NULL };
	const char *const user_argv[] = {
		manager->program, "--user", "--no-block", verb, "--", unit, NULL
	};
	/* No variable of the caller's steers what root runs. */
	const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", manager->runtime,
					    NULL };
	struct child_command command = { .argv = manager->runtime == NULL ? argv : user_argv,
					 .environment = environment,
					 .timeout_seconds = UNITS_TIMEOUT,
					 .clean = true };
	struct error unread = ERROR_INIT;
	int status = 0;

	if (child_run(&command, UNITS_OUTPUT_MAX, NULL, &status, &unread) < 0)
		return UNITS_UNHEARD;
	if (status == 0)
		return UNITS_TOLD;
	return status > 1 && status < 8 ? UNITS_REFUSED : UNITS_UNHEARD;
}

/* Going through the lines that units_format() wrote. */
struct units_round {
	struct units_manager manager;
	int pending_fd;
	off_t offset; /* of the line */
	size_t unheard;
	struct names failed;
};

static void units_round_release(struct units_round *round)
{
	names_release(&round->failed);
	free(round->manager.runtime);
}

/* One byte at once: a line that begins otherwise is nobody's. */
static void units_strike(const struct units_round *round)
{
	if (round->pending_fd >= 0)
		(void)!pwrite(round->pending_fd, "-", 1, round->offset);
}

/* Each unit by itself: what is wrong with one keeps no other from being told. */
static int units_tell_list(struct units_round *round, const char *line, const char *verb,
			   const struct names *names, const struct names *without,
			   struct error *err)
{
	for (size_t i = 0; i < names->len; i++) {
		enum units_answer answer = UNITS_TOLD;
		const char *unit = names->items[i];

		if (!names_have(without, unit))
			answer = units_call(&round->manager, verb, unit);
		if (answer != UNITS_UNHEARD)
			units_strike(round);
		round->unheard += answer == UNITS_UNHEARD;
		if (answer != UNITS_TOLD && names_add_once(&round->failed, unit, err) < 0)
			return -1;
		round->offset += (off_t)(strlen(line) + strlen(unit) + sizeof("\n") - 1);
	}
	return 0;
}

static int units_fail(const struct units_round *round, struct error *err)
{
	const char *first = round->failed.items[0];

	if (round->failed.len == 1)
		error_set(err, ERROR_PARTIAL, "the secrets are in place, but %s was not told",
			  first);
	else
		error_set(err, ERROR_PARTIAL,
			  "the secrets are in place, but %s and %zu more units were not told",
			  first, round->failed.len - 1);
	return error_hint(err, round->unheard > 0
				       ? "the next activation tells them, or restart them yourself"
				       : "correct the manifest, or restart them yourself");
}

/* What cannot even be looked at may be there: its units must not be forgotten for that. */
static int units_is_there(const char *path, bool *ret_is_there, struct error *err)
{
	*ret_is_there = access(path, F_OK) == 0;
	if (*ret_is_there || errno == ENOENT || errno == ENOTDIR)
		return 0;
	error_sys(err, "the secrets are in place, but no unit was told: cannot look at \"%s\"",
		  text_printable_text(path).text);
	err->kind = ERROR_PARTIAL;
	return error_hint(err, "the next activation tells them, or restart them yourself");
}

/* Root's units are the system's. ret_reason: why nobody can be asked, or NULL. */
static int units_find_manager(struct units_manager *ret_manager, const char **ret_reason,
			      struct error *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	AUTO_FREE char *socket = NULL;
	bool runs;

	ret_manager->program = units_program();
	if (geteuid() == 0) {
		if (units_is_there("/run/systemd/system", &runs, err) < 0)
			return -1;
		*ret_reason = runs ? NULL : "systemd does not run here";
	} else if (runtime == NULL || runtime[0] != '/') {
		*ret_reason = "not root, and XDG_RUNTIME_DIR is not set";
	} else {
		if (asprintf(&socket, "%s/systemd/private", runtime) < 0 ||
		    asprintf(&ret_manager->runtime, "XDG_RUNTIME_DIR=%s", runtime) < 0)
			return error_memory(err);
		if (units_is_there(socket, &runs, err) < 0)
			return -1;
		*ret_reason = runs ? NULL : "no systemd of yours runs here";
	}
	if (*ret_reason == NULL && ret_manager->program == NULL)
		*ret_reason = "there is no systemctl";
	return 0;
}

int units_tell(const struct units *units, int pending_fd, bool *ret_all_heard, struct names *notes,
	       struct error *err)
{
	static const struct names none = { NULL, 0, 0 };
	AUTO(units_round) round = { .pending_fd = pending_fd };
	const char *reason = NULL;

	*ret_all_heard = units->restart.len == 0 && units->reload.len == 0;
	if (*ret_all_heard)
		return 0;
	if (units_find_manager(&round.manager, &reason, err) < 0)
		return -1;
	*ret_all_heard = reason != NULL;
	if (reason != NULL)
		return names_printf(notes, err, "%s, so no unit was told", reason);
	if (units_tell_list(&round, UNITS_RESTART, "try-restart", &units->restart, &none, err) <
		    0 ||
	    units_tell_list(&round, UNITS_RELOAD, "try-reload-or-restart", &units->reload,
			    &units->restart, err) < 0)
		return -1;
	*ret_all_heard = round.unheard == 0;
	return round.failed.len == 0 ? 0 : units_fail(&round, err);
}

void units_release(struct units *units)
{
	names_release(&units->restart);
	names_release(&units->reload);
}
