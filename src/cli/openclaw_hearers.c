/* SPDX-License-Identifier: MIT */
/* Who may hear a token: while the gateway is down, any user of the host may listen on its port. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activate/manifest.h"
#include "activate/owner.h"
#include "cli/openclaw.h"
#include "openclaw/listener.h"
#include "util/child.h"
#include "util/text.h"

#define SYSTEMCTL_SECONDS 20
#define USER_MAX ((size_t)4096)

void openclaw_hearers_release(struct openclaw_hearers *hearers)
{
	free(hearers->uids);
	*hearers = OPENCLAW_HEARERS_INIT;
}

/* Root may hear it anyway, and says nothing about whose the gateway is. */
static int add(struct openclaw_hearers *hearers, const char *name, struct error *err)
{
	struct owner owner;

	if (owner_find(name, NULL, &owner, err) < 0)
		return -1;
	if (owner.uid != 0)
		hearers->uids[hearers->len++] = owner.uid;
	return 0;
}

/* No systemd, no such unit, no user, or one that is there only while it runs: nothing is added. */
static int add_users_of(const struct names *units, struct openclaw_hearers *hearers,
			struct error *err)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin:/run/current-system/sw/bin",
						   NULL };

	for (size_t i = 0; i < units->len; i++) {
		const char *const words[] = { "systemctl", "show", "--property=User",
					      "--value",   "--",   units->items[i],
					      NULL };
		const struct child_command command = { .argv = words,
						       .environment = environment,
						       .timeout_seconds = SYSTEMCTL_SECONDS,
						       .quiet = true };
		AUTO(secret) said = SECRET_INIT;
		struct error unsaid = ERROR_INIT;
		int status;

		if (child_run(&command, USER_MAX, &said, &status, &unsaid) < 0 || status != 0)
			continue;
		if (said.len > 0 && said.data[said.len - 1] == '\n')
			secret_truncate(&said, said.len - 1);
		if (said.len == 0)
			continue;
		if (secret_append(&said, "", 1, err) < 0)
			return -1;
		(void)!add(hearers, (const char *)said.data, &unsaid);
	}
	return 0;
}

int openclaw_find_hearers(const char *user, const struct single_place *place,
			  struct openclaw_hearers *ret_hearers, struct error *err)
{
	AUTO(openclaw_hearers) hearers = OPENCLAW_HEARERS_INIT;
	const size_t most =
		2 + (place ? place->owners.len + place->units.len + place->told.len : 0);

	hearers.uids = calloc(most, sizeof(*hearers.uids));
	if (hearers.uids == NULL)
		return error_memory(err);
	if (user != NULL && add(&hearers, user, err) < 0)
		return -1;
	for (size_t i = 0; place != NULL && i < place->owners.len; i++)
		if (add(&hearers, place->owners.items[i], err) < 0)
			return -1;
	if (place != NULL && hearers.len == 0 &&
	    (add_users_of(&place->units, &hearers, err) < 0 ||
	     add_users_of(&place->told, &hearers, err) < 0))
		return -1;
	hearers.uids[hearers.len++] = geteuid(); /* an ssh tunnel of his, for one */
	*ret_hearers = hearers;
	hearers = OPENCLAW_HEARERS_INIT;
	return 0;
}

int openclaw_check_hearers(const struct openclaw_options *options, struct error *err)
{
	const char *url = options->url != NULL ? options->url : OPENCLAW_URL;
	const char *key = options->key != NULL ? options->key : OPENCLAW_TOKEN;
	const char *manifest = options->manifest != NULL ? options->manifest : MANIFEST_DEFAULT;
	AUTO(openclaw_hearers) hearers = OPENCLAW_HEARERS_INIT;
	AUTO(single_place) place = SINGLE_PLACE_INIT;
	const bool has_place = options->file == NULL;
	struct http_url parsed;

	if (strncmp(url, "ws://", 5) != 0)
		return 0;
	if (gateway_url_parse(url, &parsed, err) < 0 ||
	    (has_place && single_find(manifest, key, &place, err) < 0) ||
	    openclaw_find_hearers(options->user, has_place ? &place : NULL, &hearers, err) < 0)
		return -1;
	return listener_check_up(&parsed, hearers.uids, hearers.len, err);
}
