/* SPDX-License-Identifier: MIT */
#include "activate/credential.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/host.h"
#include "util/text.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Less than RuntimeMaxSec= in bootseal-credentials@.service, which would end it without an answer. */
#define CREDENTIALS_SECONDS 25

/* An end without an answer would count as an empty credential, and one amid the value as a short one. */
static void refuse_and_end(int signal UNUSED)
{
	static const char why[] = "bootseal: ended before the credential was given: refused\n";

	(void)credential_refuse(STDIN_FILENO);
	(void)!write(STDERR_FILENO, why, sizeof(why) - 1);
	_exit(exit_status_of(ERROR_SYSTEM));
}

/* A child of ours that gets the signal, too, refuses twice. */
static void refuse_when_ended(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGALRM };
	struct sigaction action = { .sa_handler = refuse_and_end };
	sigset_t handled;

	sigemptyset(&handled);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&handled, signals[i]);
	action.sa_mask = handled;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	sigprocmask(SIG_UNBLOCK, &handled, NULL);
	alarm(CREDENTIALS_SECONDS);
}

static int give(const struct invocation *invocation, const struct credential *credential,
		struct error *err)
{
	AUTO(secret) value = SECRET_INIT;
	AUTO(names) notes = NAMES_INIT;

	if (credential_open(host_manifest(invocation), credential, &value, &notes, err) < 0)
		return -1;
	for (size_t i = 0; i < notes.len; i++)
		fprintf(stderr, "bootseal: note: %s\n", notes.items[i]);
	/* from here on it is the reader that is waited for */
	alarm(0);
	return credential_give(STDIN_FILENO, secret_span(&value), err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	struct text_shown unit, name;
	struct credential credential;

	refuse_when_ended();
	if (credential_ask(STDIN_FILENO, &credential, err) < 0)
		return -1;
	unit = text_printable_text(credential.unit);
	name = text_printable_text(credential.name);
	if (give(invocation, &credential, err) == 0) {
		printf("credential \"%s\" given to %s\n", name.text, unit.text);
		return 0;
	}
	(void)credential_refuse(STDIN_FILENO);
	return error_wrap(err, "credential \"%s\" of %s", name.text, unit.text);
}

const struct command cmd_credentials = {
	.name = "credentials",
	.group = "host",
	.summary = "give systemd a unit's credential, opened on demand",
	.synopsis = "[MANIFEST]",
	.example = "bootseal credentials /etc/bootseal/host.yaml",
	.max_args = 1,
	.run = run,
};
