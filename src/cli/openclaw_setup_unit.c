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

/* "systemctl --user" of the gateway's user, as whom it asks his own manager, where that runs. */
static int tell_user(const struct change *change, const char *word, const char *unit,
		     struct error *err)
{
	const struct child_user user = { change->user.name, change->user.uid, change->user.gid };
	const char *const words[] = { "systemctl", "--user", word, unit, NULL };
	const char *path = getenv("PATH");
	AUTO_FREE char *directory = NULL, *paths = NULL;
	AUTO(secret) said = SECRET_INIT;
	int status;

	if (asprintf(&directory, "XDG_RUNTIME_DIR=/run/user/%u", (unsigned)user.uid) < 0)
		directory = NULL;
	if (asprintf(&paths, "PATH=%s", path ? path : "/usr/bin:/bin") < 0)
		paths = NULL;
	if (directory == NULL || paths == NULL)
		return error_memory(err);
	if (child_run(&(struct child_command){ .argv = words,
					       .environment =
						       (const char *[]){ directory, paths, NULL },
					       .timeout_seconds = SECONDS,
					       .quiet = true,
					       .clean = true,
					       .user = &user },
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

/* Of the drop-in, which each has. */
int setup_service_name(const struct change *change, char **ret_unit, struct error *err)
{
	*ret_unit = NULL;
	for (size_t i = 0; i < change->len; i++) {
		const char *path = change->files[i].path;
		const size_t len = strlen(path), behind = strlen(SETUP_DROP_IN);

		if (strncmp(path, SETUP_UNITS, strlen(SETUP_UNITS)) != 0 || len <= behind ||
		    strcmp(path + len - behind, SETUP_DROP_IN) != 0)
			continue;
		path += strlen(SETUP_UNITS);
		*ret_unit = strndup(path, strlen(path) - behind);
		return *ret_unit ? 0 : error_memory(err);
	}
	return error_set(err, ERROR_FORMAT, "it names no unit");
}

bool setup_service_runs(const char *unit)
{
	struct error unsaid = ERROR_INIT;

	return prove_has_systemd() && prove_systemctl("is-active", unit, &unsaid) == 0;
}

struct setup_service setup_service_find(struct setup *setup)
{
	struct error unsaid = ERROR_INIT;
	struct setup_service service = { false };

	service.by_systemd =
		prove_has_systemd() &&
		(setup->user_unit != NULL || prove_systemctl("cat", setup->unit, &unsaid) == 0);
	if (service.by_systemd)
		setup->change.ran = setup->user_unit ? tell_user(&setup->change, "is-active",
								 setup->unit, &unsaid) == 0
						     : setup_service_runs(setup->unit);
	return service;
}

int setup_service_move(const struct setup *setup, const struct setup_service *service,
		       struct error *err)
{
	struct error unsaid = ERROR_INIT;

	if (setup->user_unit == NULL || !service->by_systemd)
		return 0;
	/* one that is about to start again is not active, and is stopped, too */
	if (tell_user(&setup->change, "stop", setup->unit, &unsaid) < 0 && setup->change.ran) {
		*err = unsaid;
		return error_wrap(err, "the user unit could not be stopped");
	}
	(void)!tell_user(&setup->change, "daemon-reload", NULL, &unsaid);
	return 0;
}

int setup_service_moved(const struct setup *setup, const struct setup_service *service,
			struct error *err)
{
	if (!service->by_systemd)
		return 0;
	if (setup->user_unit != NULL && prove_systemctl("enable", setup->unit, err) < 0)
		return -1;
	return setup->change.ran ? 0 : prove_systemctl("stop", setup->unit, err);
}

void setup_service_leave(const struct change *change, const char *unit)
{
	struct error unsaid = ERROR_INIT;

	if (!prove_has_systemd() || !has_user_unit(change))
		return;
	(void)!prove_systemctl("disable", unit, &unsaid);
	(void)!prove_systemctl("stop", unit, &unsaid);
}

void setup_service_back(const struct change *change, const char *unit, bool runs)
{
	struct error unsaid = ERROR_INIT;

	if (!prove_has_systemd() || prove_systemctl("daemon-reload", NULL, &unsaid) < 0)
		return;
	if (!has_user_unit(change)) {
		(void)!prove_systemctl(runs ? "restart" : "stop", unit, &unsaid);
		return;
	}
	(void)!tell_user(change, "daemon-reload", NULL, &unsaid);
	if (runs)
		(void)!tell_user(change, "start", unit, &unsaid);
}
