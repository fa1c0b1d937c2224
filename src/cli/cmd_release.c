/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activate/ready.h"
#include "activate/ready_wait.h"
#include "cli/commands.h"
#include "cli/host.h"
#include "util/file.h"

struct release_options {
	const char *unit;
	const char *when;
	unsigned long timeout;
	const char *directory;
};

static const struct option_spec release_options[] = {
	{ "for", 0, "UNIT", "the service whose documents are withdrawn", OPTION_TEXT,
	  offsetof(struct release_options, unit) },
	{ "when", 0, "URL|PATH",
	  "wait until URL on this host answers with 200 to 299, or PATH exists", OPTION_TEXT,
	  offsetof(struct release_options, when) },
	{ "timeout", 0, "SECONDS", "wait no longer", OPTION_NUMBER,
	  offsetof(struct release_options, timeout) },
	{ "directory", 0, "DIRECTORY", "where they are, instead of what MANIFEST names",
	  OPTION_TEXT, offsetof(struct release_options, directory) },
	{ .name = NULL },
};

/* systemd's word (systemd.exec(5)); 0 where there is none. */
static int find_main_process(pid_t *ret_pid, struct error *err)
{
	const char *text = getenv("MAINPID");
	char *end = NULL;
	long pid = text == NULL || *text == '\0' ? 0 : strtol(text, &end, 10);

	if (end != NULL && (*end != '\0' || pid <= 0 || pid > INT_MAX))
		return error_set(err, ERROR_USAGE, "MAINPID is no process");
	*ret_pid = (pid_t)pid;
	return 0;
}

static int wait_until_ready(const struct release_options *options, struct error *err)
{
	struct ready_wish wish = { options->when, 0, options->timeout };
	AUTO_FD int signal_fd = -1;

	if (find_main_process(&wish.main_pid, err) < 0 || ready_wait_block(&signal_fd, err) < 0 ||
	    ready_wait(&wish, signal_fd, err) < 0)
		return error_wrap(err, "%s", options->unit);
	return 0;
}

/*
 * A manifest that cannot be read, or that has another directory by now, must not keep a secret where it is.
 * What lies elsewhere may be anybody's: it is no error where it cannot be looked at.
 */
static int withdraw(const struct invocation *invocation, struct ready_report *report,
		    struct error *err)
{
	const struct release_options *options = invocation->options;
	AUTO(host_place) place = HOST_PLACE_INIT;
	struct error unsaid = ERROR_INIT;
	int result = host_find_place(invocation, options->directory, &place, err);

	if (result == 0)
		result = ready_withdraw(place.directory, options->unit, report, err);
	if (result < 0 || options->directory == NULL)
		(void)!ready_withdraw_everywhere(options->unit, report, &unsaid);
	return result;
}

/* Whatever became of the unit: they go. */
static int run(const struct invocation *invocation, struct error *err)
{
	const struct release_options *options = invocation->options;
	AUTO(ready_report) report = READY_REPORT_INIT;
	struct error waited = ERROR_INIT;
	int result;

	if (options->unit == NULL)
		return error_set(err, ERROR_USAGE, "--for UNIT is missing");
	if (options->when == NULL && options->timeout > 0)
		result = error_set(&waited, ERROR_USAGE, "--timeout is for --when");
	else
		result = options->when != NULL ? wait_until_ready(options, &waited) : 0;
	if (withdraw(invocation, &report, err) == 0 && result < 0)
		*err = waited;
	else if (err->kind != ERROR_NONE)
		result = -1;
	for (size_t i = 0; i < report.documents.len; i++)
		printf("%s: withdrawn\n", report.documents.items[i]);
	if (result == 0)
		host_said(0, options->unit, "released");
	return result;
}

static const char *find_unit(int argc, const char *const *argv)
{
	static const char option[] = "--for";
	const size_t len = sizeof(option) - 1;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], option) == 0 && i + 1 < argc)
			return argv[i + 1];
		if (strncmp(argv[i], option, len) == 0 && argv[i][len] == '=')
			return argv[i] + len + 1;
	}
	return NULL;
}

/* A slip in a unit's file would leave them published, and in its ExecStopPost= for good. */
static void withdraw_refused(int argc, const char *const *argv)
{
	AUTO(ready_report) report = READY_REPORT_INIT;
	struct error unsaid = ERROR_INIT;
	const char *unit = find_unit(argc, argv);

	if (unit != NULL && command_start(&unsaid) == 0)
		(void)!ready_withdraw_everywhere(unit, &report, &unsaid);
}

const struct command cmd_release = {
	.name = "release",
	.group = "host",
	.summary = "withdraw what was published for a unit, when that is ready",
	.synopsis = "--for UNIT [--when URL|PATH [--timeout SECONDS]] [--directory DIRECTORY | "
		    "MANIFEST]",
	.example = "bootseal release --for openclaw-gateway.service",
	.options = release_options,
	.options_size = sizeof(struct release_options),
	.max_args = 1,
	.run = run,
	.refused = withdraw_refused,
};
