/* SPDX-License-Identifier: MIT */
/*
 * A setup carried out, and undone. Before the first file is changed there is a record of all, sealed; as long as it is
 * called pending, the next command puts everything back. It gets its name when the new way is proven: from then on
 * the next command removes what was set aside.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activate/ready.h"
#include "cli/openclaw_setup.h"
#include "openclaw/gateway.h"
#include "util/file.h"
#include "util/text.h"
#include "util/tty.h"

int setup_path(const struct setup *setup, const char *name, char **ret_path, struct error *err)
{
	if (asprintf(ret_path, "%s/%s", setup->directory, name) < 0) {
		*ret_path = NULL;
		return error_memory(err);
	}
	return 0;
}

int setup_confirm(const struct setup *setup, const char *question, struct error *err)
{
	bool yes = true;

	fflush(stdout);
	if (!setup->options->yes &&
	    tty_confirm(question, "say so in a script: --yes", &yes, err) < 0)
		return -1;
	return yes ? 0 : error_set(err, ERROR_CANCELLED, "nothing was changed");
}

/* The two names of the record. */
struct names_of_record {
	char *pending, *record;
};

static void names_of_record_release(struct names_of_record *names)
{
	free(names->pending);
	free(names->record);
}

#define NAMES_OF_RECORD_INIT ((struct names_of_record){ NULL, NULL })

static int find_names(const struct setup *setup, struct names_of_record *names, struct error *err)
{
	return setup_path(setup, SETUP_PENDING, &names->pending, err) < 0 ||
			       setup_path(setup, SETUP_RECORD, &names->record, err) < 0
		       ? -1
		       : 0;
}

static bool exists(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int sync_directory(const char *path, struct error *err)
{
	AUTO_FD int fd = -1;
	const char *name;

	if (file_open_parent(AT_FDCWD, path, &fd, &name, err) < 0)
		return -1;
	return fsync(fd) < 0 ? error_sys(err, "cannot write the directory of \"%s\"",
					 text_printable_text(path).text)
			     : 0;
}

/* With its directory, where that was made for it. */
static int remove_record(const struct change *change, const char *path, struct error *err)
{
	if ((unlink(path) < 0 && errno != ENOENT) || sync_directory(path, err) < 0)
		return error_sys(err, "cannot remove \"%s\"", text_printable_text(path).text);
	for (size_t i = change->len; i-- > 0;)
		if (change->files[i].kind == CHANGE_DIRECTORY && !change->files[i].as_user)
			(void)rmdir(change->files[i].path);
	return 0;
}

/* --- Carried out --- */

/* As it was: the files, and the unit with them. */
static int put_back(const struct change *change, const char *pending, struct error *err)
{
	AUTO(ready_report) report = READY_REPORT_INIT;
	AUTO_FREE char *unit = NULL;
	struct error ignored = ERROR_INIT;

	if (setup_service_name(change, &unit, err) < 0)
		return -1;
	(void)!ready_withdraw_everywhere(unit, &report, &ignored);
	setup_service_leave(change, unit);
	if (change_take_back(change, err) < 0)
		return -1;
	/* who is killed here does it again */
	setup_service_back(change, unit, change->ran);
	return remove_record(change, pending, err);
}

static int fail_and_put_back(const struct setup *setup, const char *pending, struct error *err)
{
	struct error why = ERROR_INIT;

	if (put_back(&setup->change, pending, &why) == 0)
		return error_hint(err, "all is as it was before");
	error_wrap(err, "not all could be put back (%s)", why.message);
	return error_hint(err, "the next \"bootseal openclaw setup\" tries again");
}

/* What has no field is given to the trial in its environment. */
static int collect_variables(const struct setup *setup, struct secret *out, struct error *err)
{
	for (size_t i = 0; i < setup->plan.len; i++) {
		const struct seal_place *place = &setup->plan.places[i];

		if (place->counts && place->field[0] == '\0' &&
		    (secret_append_text(out, place->key, err) < 0 ||
		     secret_append_text(out, "=", err) < 0 ||
		     secret_append_span(out, place->value, err) < 0 ||
		     secret_append(out, "", 1, err) < 0))
			return -1;
	}
	return 0;
}

/* What the gateway is asked with; empty where it cannot be, and that is said. */
static struct span credential_of(const struct setup *setup)
{
	const struct seal_place *place =
		setup->takes_password ? seal_plan_chosen(&setup->plan, KNOWN_PASSWORD)
		: setup->takes_token  ? seal_plan_chosen(&setup->plan, KNOWN_TOKEN)
				      : NULL;
	const struct span value = place ? place->value : SPAN_INIT;

	return gateway_can_be_told(value) ? value : SPAN_INIT;
}

static void tell_unproven(const struct setup *setup)
{
	if (credential_of(setup).len > 0)
		return;
	if (setup->takes_password || setup->takes_token)
		printf("not proven: that the gateway takes its %s, which %s; it refuses another\n",
		       setup->takes_password ? "password" : "token",
		       seal_plan_chosen(&setup->plan,
					setup->takes_password ? KNOWN_PASSWORD : KNOWN_TOKEN)
			       ? "has characters that cannot stand in a request"
			       : "was not sealed here");
	else
		puts("not proven: that the gateway takes its clients; it refuses a token that "
		     "nobody knows");
}

static int prove(const struct setup *setup, bool by_systemd, struct error *err)
{
	const struct change_user *user = &setup->change.user;
	AUTO(secret) variables = SECRET_INIT;

	if (collect_variables(setup, &variables, err) < 0)
		return -1;
	return prove_all(&(struct prove){ .user = { user->name, user->uid, user->gid },
					  .home = setup->found.home,
					  .state = setup->state,
					  .config = setup->config,
					  .program = setup->options->program
							     ? setup->options->program
							     : "openclaw",
					  .manifest = setup->manifest,
					  .unit = setup->unit,
					  .port = setup->facts.port,
					  .credential = credential_of(setup),
					  .credential_name =
						  setup->takes_password ? "password" : "token",
					  .variables = secret_span(&variables),
					  .by_systemd = by_systemd,
					  .stays = &setup->plan.stays_at },
			 err);
}

static int write_record(const struct setup *setup, const char *pending, struct error *err)
{
	AUTO(secret) record = SECRET_INIT;

	if (setup_seal_record(setup, &record, err) < 0)
		return -1;
	return file_write(AT_FDCWD, pending, secret_span(&record), 0600, err);
}

/* From here on what is new counts. */
static int commit(const struct names_of_record *names, struct error *err)
{
	if (rename(names->pending, names->record) < 0)
		return error_sys(err, "cannot write \"%s\"",
				 text_printable_text(names->record).text);
	return sync_directory(names->record, err);
}

static int forget(const struct setup *setup, const struct change *change, struct error *err)
{
	if (change_forget(change, err) == 0)
		return 0;
	error_wrap(err, "the new way is in force, but old plain text is still there");
	return error_hint(err, "once more: bootseal openclaw setup --for %s", setup->found.user);
}

static void hold_off_signals(void)
{
	static const int held_off[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof(held_off) / sizeof(*held_off); i++)
		(void)signal(held_off[i], SIG_IGN);
}

/* All that can fail, before it counts. */
static int change_and_prove(const struct setup *setup, const struct setup_service *service,
			    struct error *err)
{
	if (setup_service_move(setup, service, err) < 0 || change_apply(&setup->change, err) < 0 ||
	    prove(setup, service->by_systemd, err) < 0)
		return -1;
	return setup_service_moved(setup, service, err);
}

int setup_carry_out(struct setup *setup, const struct setup_service *service, struct error *err)
{
	AUTO(names_of_record) names = NAMES_OF_RECORD_INIT;

	if (find_names(setup, &names, err) < 0)
		return -1;
	hold_off_signals();
	if (file_make_directories(AT_FDCWD, setup->directory, 0755, err) < 0 ||
	    write_record(setup, names.pending, err) < 0)
		return -1;
	if (change_and_prove(setup, service, err) < 0 || commit(&names, err) < 0)
		return fail_and_put_back(setup, names.pending, err);
	if (forget(setup, &setup->change, err) < 0)
		return -1;
	tell_unproven(setup);
	return 0;
}

/* --- What a killed run has left --- */

int setup_recover(const struct setup *setup, bool *ret_is_before, struct error *err)
{
	AUTO(names_of_record) names = NAMES_OF_RECORD_INIT;
	AUTO(change) change = CHANGE_INIT;
	bool is_aside = false;

	*ret_is_before = false;
	if (find_names(setup, &names, err) < 0)
		return -1;
	if (exists(names.pending)) {
		if (setup_open_record(setup, names.pending, &change, err) < 0 ||
		    put_back(&change, names.pending, err) < 0)
			return -1;
		*ret_is_before = true;
		fputs("bootseal: a setup had been cut off; all is as it was before it\n", stderr);
		return 0;
	}
	if (!exists(names.record))
		return 0;
	if (setup_open_record(setup, names.record, &change, err) < 0 ||
	    change_is_aside(&change, &is_aside, err) < 0)
		return -1;
	if (!is_aside)
		return 0;
	if (forget(setup, &change, err) < 0)
		return -1;
	fputs("bootseal: a setup had been cut off; its old plain text is removed now\n", stderr);
	return 0;
}

/* --- Undone --- */

static int show(const struct change *change, struct error *err)
{
	AUTO(buf) changed = BUF_INIT;
	struct span rest, line;

	if (change_compare(change, &changed, err) < 0)
		return -1;
	puts("As before the setup, with all secrets in plain text:");
	for (size_t i = 0; i < change->len; i++)
		printf("\t%s%s\n", text_printable_text(change->files[i].path).text,
		       change->files[i].existed ? "" : ": removed");
	rest = buf_span(&changed);
	if (rest.len > 0)
		puts("Changed since then, which is lost:");
	while (span_take_line(&rest, &line))
		printf("\t%.*s\n", SPAN_PRINT(line));
	return 0;
}

static int restore(const struct change *change, const char *record, struct error *err)
{
	AUTO(ready_report) report = READY_REPORT_INIT;
	AUTO_FREE char *unit = NULL;
	struct error unsaid = ERROR_INIT;
	bool runs;

	if (setup_service_name(change, &unit, err) < 0)
		return -1;
	/* one that was killed had stopped it */
	runs = change->ran || setup_service_runs(unit);
	hold_off_signals();
	setup_service_leave(change, unit);
	if (change_restore(change, err) < 0)
		return error_hint(err, "nothing is lost: once more, when that is mended");
	(void)!ready_withdraw_everywhere(unit, &report, &unsaid);
	setup_service_back(change, unit, runs);
	return remove_record(change, record, err);
}

int setup_undo(const struct setup *setup, struct error *err)
{
	AUTO(names_of_record) names = NAMES_OF_RECORD_INIT;
	AUTO(change) change = CHANGE_INIT;

	if (find_names(setup, &names, err) < 0)
		return -1;
	if (!exists(names.record))
		return error_set(err, ERROR_NO_FILE, "\"%s\" is not there: nothing is to be undone",
				 text_printable_text(names.record).text);
	if (setup_open_record(setup, names.record, &change, err) < 0 || show(&change, err) < 0 ||
	    setup_confirm(setup, "Undo it?", err) < 0 || restore(&change, names.record, err) < 0)
		return -1;
	puts("all is as it was before the setup");
	return 0;
}
