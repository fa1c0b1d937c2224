/* SPDX-License-Identifier: MIT */
/* The gateway's unit where it is its user's own: only root can publish secrets and withdraw them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/openclaw_setup.h"
#include "openclaw/edit.h"
#include "util/child.h"
#include "util/text.h"

#define USER_UNITS "/.config/systemd/user/"
#define SAID_MAX ((size_t)1 << 20)
#define SECONDS 120

static bool is_system_unit(const char *unit)
{
	static const char *const directories[] = { "/etc/systemd/system", "/run/systemd/system",
						   "/usr/local/lib/systemd/system",
						   "/usr/lib/systemd/system",
						   "/lib/systemd/system" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		AUTO(buf) text = BUF_INIT;
		struct error ignored = ERROR_INIT;
		const char *path;

		if (buf_printf(&text, &ignored, "%s/%s", directories[i], unit) < 0 ||
		    buf_text(&text, &path, &ignored) < 0 || access(path, F_OK) == 0)
			return true;
	}
	return false;
}

struct unit_job {
	struct span text;
	const char *home;
};

static int job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct unit_job *unit = argument;

	return edit_system_unit(unit->text, unit->home, ret_answer, err);
}

/* What it would take over from there is not known. */
static int check_drop_ins(const struct setup *setup, const char *path, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const struct inventory_item *item;
	struct span names, name;
	const char *directory;

	if (buf_printf(&text, err, "%s.d", path) < 0 || buf_text(&text, &directory, err) < 0)
		return -1;
	item = inventory_find(&setup->inventory, directory);
	names = item && item->is_read ? secret_span(&item->bytes) : SPAN_INIT;
	while (span_take_until(&names, '\0', &name)) {
		if (!span_ends_with(name, ".conf"))
			continue;
		error_set(err, ERROR_UNSUPPORTED,
			  "\"%s\" has drop-ins, and is to become a system unit",
			  text_printable_text(path).text);
		return error_hint(err, "put what is in them into the unit itself");
	}
	return 0;
}

int setup_find_user_unit(struct setup *setup, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const struct inventory_item *item;
	struct unit_job unit = { .home = setup->found.home };
	const char *path;

	if (buf_printf(&text, err, "%s" USER_UNITS "%s", setup->found.home, setup->unit) < 0 ||
	    buf_text(&text, &path, err) < 0)
		return -1;
	item = inventory_find(&setup->inventory, path);
	if (item == NULL || !item->is_read || is_system_unit(setup->unit))
		return 0;
	unit.text = secret_span(&item->bytes);
	if (check_drop_ins(setup, path, err) < 0)
		return -1;
	if (child_job(job, &unit, &setup->system_unit, err) < 0)
		return error_wrap(err, "\"%s\"", text_printable_text(path).text);
	setup->user_unit = strdup(path);
	return setup->user_unit ? 0 : error_memory(err);
}

/* --- systemd --- */

/* "systemctl --user" of the gateway's user. */
static int tell_user(const struct change *change, const char *word, const char *unit,
		     struct error *err)
{
	AUTO_FREE char *machine = NULL;
	AUTO(secret) said = SECRET_INIT;
	const char *words[] = { "systemctl", "--user", NULL, word, unit, NULL };
	int status;

	if (asprintf(&machine, "--machine=%s@.host", change->user.name) < 0) {
		machine = NULL;
		return error_memory(err);
	}
	words[2] = machine;
	if (child_run(&(struct child_command){ .argv = words,
					       .timeout_seconds = SECONDS,
					       .quiet = true },
		      SAID_MAX, &said, &status, err) < 0)
		return -1;
	return status == 0 ? 0 : error_set(err, ERROR_FINDINGS, "systemctl: status %d", status);
}

/* The user unit among the files of a change. */
static bool has_user_unit(const struct change *change)
{
	for (size_t i = 0; i < change->len; i++)
		if (change->files[i].kind == CHANGE_REMOVE &&
		    strstr(change->files[i].path, USER_UNITS) != NULL &&
		    span_ends_with(span_of_text(change->files[i].path), ".service"))
			return true;
	return false;
}

struct setup_service setup_service_find(const struct setup *setup)
{
	struct setup_service service = { .before = SETUP_IS_NOT };
	struct error unsaid = ERROR_INIT;
	bool active;

	service.by_systemd =
		prove_has_systemd() &&
		(setup->user_unit != NULL || prove_systemctl("cat", setup->unit, &unsaid) == 0);
	if (!service.by_systemd)
		return service;
	active = setup->user_unit
			 ? tell_user(&setup->change, "is-active", setup->unit, &unsaid) == 0
			 : prove_systemctl("is-active", setup->unit, &unsaid) == 0;
	service.before = active ? SETUP_IS_ACTIVE : SETUP_IS_NOT;
	return service;
}

void setup_service_move(const struct setup *setup, const struct setup_service *service)
{
	struct error unsaid = ERROR_INIT;

	if (setup->user_unit == NULL || !service->by_systemd)
		return;
	(void)!tell_user(&setup->change, "stop", setup->unit, &unsaid);
	(void)!tell_user(&setup->change, "daemon-reload", NULL, &unsaid);
}

void setup_service_moved(const struct setup *setup, const struct setup_service *service)
{
	struct error unsaid = ERROR_INIT;

	if (!service->by_systemd)
		return;
	if (setup->user_unit != NULL)
		(void)!prove_systemctl("enable", setup->unit, &unsaid);
	if (service->before == SETUP_IS_NOT)
		(void)!prove_systemctl("stop", setup->unit, &unsaid);
}

void setup_service_leave(const struct change *change, const char *unit)
{
	struct error unsaid = ERROR_INIT;

	if (!prove_has_systemd() || !has_user_unit(change))
		return;
	(void)!prove_systemctl("disable", unit, &unsaid);
	(void)!prove_systemctl("stop", unit, &unsaid);
}

/* One whose state is not known starts anew where it runs. */
void setup_service_back(const struct change *change, const char *unit, enum setup_state before)
{
	const char *word = before == SETUP_IS_ACTIVE ? "restart"
			   : before == SETUP_IS_NOT  ? "stop"
						     : "try-restart";
	struct error unsaid = ERROR_INIT;

	if (!prove_has_systemd() || prove_systemctl("daemon-reload", NULL, &unsaid) < 0)
		return;
	if (!has_user_unit(change)) {
		(void)!prove_systemctl(word, unit, &unsaid);
		return;
	}
	(void)!tell_user(change, "daemon-reload", NULL, &unsaid);
	if (before != SETUP_IS_NOT)
		(void)!tell_user(change, "start", unit, &unsaid);
}
