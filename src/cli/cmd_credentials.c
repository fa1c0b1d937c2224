/* SPDX-License-Identifier: MIT */
#include "activate/credential.h"
#include "cli/commands.h"
#include "cli/host.h"
#include "util/text.h"

#include <stdio.h>
#include <unistd.h>

/* Opened and given; where it cannot be opened, nothing is written. */
static int give(const struct invocation *invocation, const struct credential *credential,
		bool *ret_opened, struct error *err)
{
	AUTO(secret) value = SECRET_INIT;
	AUTO(names) notes = NAMES_INIT;

	if (credential_open(host_manifest(invocation), credential, &value, &notes, err) < 0)
		return -1;
	*ret_opened = true;
	for (size_t i = 0; i < notes.len; i++)
		fprintf(stderr, "bootseal: note: %s\n", notes.items[i]);
	return credential_give(STDIN_FILENO, secret_span(&value), err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	struct text_shown unit, name;
	struct credential credential;
	struct error unsaid = ERROR_INIT;
	bool opened = false;

	if (credential_ask(STDIN_FILENO, &credential, err) < 0)
		return -1;
	unit = text_printable_text(credential.unit);
	name = text_printable_text(credential.name);
	if (give(invocation, &credential, &opened, err) == 0) {
		printf("credential \"%s\" given to %s\n", name.text, unit.text);
		return 0;
	}
	/* Nothing written would count as an empty one. */
	if (!opened)
		(void)!credential_refuse(STDIN_FILENO, &unsaid);
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
