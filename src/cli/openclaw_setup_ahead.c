/* SPDX-License-Identifier: MIT */
/* What would keep a setup from being done or proven: known before anything is changed, for a dry run, too. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/openclaw_setup.h"
#include "openclaw/listener.h"
#include "util/buf.h"
#include "util/rights.h"
#include "util/span.h"
#include "util/text.h"

/* The one of before: taken back first, or moved away. */
int setup_check_before(const struct setup *setup, struct error *err)
{
	AUTO_FREE char *record = NULL;
	AUTO_FREE char *pending = NULL;

	if (setup_path(setup, SETUP_RECORD, &record, err) < 0 ||
	    setup_path(setup, SETUP_PENDING, &pending, err) < 0)
		return -1;
	/* the real one has put all back by now */
	if (access(pending, F_OK) == 0) {
		error_set(err, ERROR_DENIED, "a setup had been cut off: \"%s\" is its record",
			  text_printable_text(pending).text);
		return error_hint(err, "--undo puts all back, and so does a setup, to begin with");
	}
	if (access(record, F_OK) < 0)
		return 0;
	error_set(err, ERROR_DENIED, "there was a setup before: \"%s\" is its record",
		  text_printable_text(record).text);
	return error_hint(err, "take that one back (--undo), or move its record away");
}

/* A gateway of its own takes the port: nobody else may have it. */
static int check_port(const struct setup *setup, struct error *err)
{
	enum listener_state state;

	if (listener_find(setup->facts.port, setup->survey.uid, &state, err) < 0)
		return -1;
	if (state == LISTENER_DOWN)
		return 0;
	error_set(err, ERROR_FINDINGS, "somebody listens on port %u, and no unit \"%s\" is known",
		  setup->facts.port, text_printable_text(setup->unit).text);
	return error_hint(err, "stop the gateway, and start it when this is done");
}

/* May the gateway's user start it, with this PATH? Who is neither he nor root tells for himself. */
static bool can_start(const char *program)
{
	const char *path = getenv("PATH");
	struct span rest = span_of_text(path ? path : "/usr/local/bin:/usr/bin:/bin"), directory;

	if (strchr(program, '/') != NULL)
		return faccessat(AT_FDCWD, program, X_OK, AT_EACCESS) == 0;
	while (span_take_until(&rest, ':', &directory)) {
		AUTO(buf) text = BUF_INIT;
		struct error ignored = ERROR_INIT;
		const char *name;

		if (buf_append_span(&text, directory.len > 0 ? directory : SPAN_LITERAL("."),
				    &ignored) == 0 &&
		    buf_printf(&text, &ignored, "/%s", program) == 0 &&
		    buf_text(&text, &name, &ignored) == 0 &&
		    faccessat(AT_FDCWD, name, X_OK, AT_EACCESS) == 0)
			return true;
	}
	return false;
}

static int check_program(const struct setup *setup, struct error *err)
{
	const char *program = setup->options->program ? setup->options->program : "openclaw";
	const struct change_user *user = &setup->change.user;
	AUTO(rights) rights = RIGHTS_INIT;

	if (rights_take(user->name, user->uid, user->gid, &rights, err) < 0)
		return -1;
	if (can_start(program))
		return 0;
	error_set(err, ERROR_CONFIG, "\"%s\" cannot start \"%s\", which is to prove it", user->name,
		  text_printable_text(program).text);
	return error_hint(err, "say where OpenClaw is: --program FILE");
}

int setup_check_ahead(const struct setup *setup, const struct setup_service *service,
		      struct error *err)
{
	if (change_check(&setup->change, err) < 0 || check_program(setup, err) < 0)
		return -1;
	return service->by_systemd ? 0 : check_port(setup, err);
}

void setup_tell_unchecked(const struct setup *setup)
{
	if (setup->options->recipients.len == 0)
		fputs("bootseal: to be said yet: who opens the secrets besides the host "
		      "(--recipient)\n",
		      stderr);
	if (geteuid() != 0)
		fputs("bootseal: not looked at, as only root can: the host's key, and whether each "
		      "file can be changed\n",
		      stderr);
}
