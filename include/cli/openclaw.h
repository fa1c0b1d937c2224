/* SPDX-License-Identifier: MIT */
/* What the OpenClaw commands share: the gateway's token, and how its command line is run with it. */
#ifndef CLI_OPENCLAW_H
#define CLI_OPENCLAW_H

#include <sys/types.h>

#include "activate/single.h"
#include "cli/command.h"
#include "openclaw/gateway.h"
#include "util/secret.h"

#define OPENCLAW_TOKEN "OPENCLAW_GATEWAY_TOKEN"
#define OPENCLAW_PROGRAM "openclaw"
#define OPENCLAW_URL "ws://127.0.0.1:18789"

/* Where the token is, and whose it is. */
struct openclaw_options {
	const char *manifest; /* NULL: the host's */
	const char *file;     /* a sealed file, in the place of the manifest */
	const char *copy;     /* of the manifest's sealed file, in that one's place */
	const char *key;      /* NULL: OPENCLAW_TOKEN */
	const char *url;      /* NULL: OPENCLAW_URL */
	const char *program;  /* NULL: OPENCLAW_PROGRAM */
	const char *user;     /* whom the gateway runs as; NULL: as the manifest says */
};

/*
 * Opens the token: the value that the manifest delivers by that name, with the manifest's identities, or, of a
 * file, with the caller's keys. Its white space at both ends goes, as OpenClaw has it. ERROR_CONFIG where it
 * could not stand in an environment.
 */
MUST_USE int openclaw_open_token(const struct invocation *invocation,
				 const struct openclaw_options *options, struct secret *ret_token,
				 struct error *err);

/* OpenClaw, as it is to be started. */
struct openclaw_program {
	char *path;   /* as it was named; for root where it is, which root alone can change */
	char *search; /* for root what of PATH is root's alone, in the place of PATH; else NULL */
};

#define OPENCLAW_PROGRAM_INIT ((struct openclaw_program){ NULL, NULL })

/*
 * ERROR_DENIED where root would run what others than root can change: the program (NULL: OPENCLAW_PROGRAM), a link or a
 * directory on the way to it, or what a script's first line says. ERROR_SYSTEM where it is not there.
 */
MUST_USE int openclaw_find_program(const char *program, struct openclaw_program *ret_program,
				   struct error *err);
void openclaw_program_release(struct openclaw_program *program);

/* Who may listen where a token is told, besides root. */
struct openclaw_hearers {
	uid_t *uids;
	size_t len;
};

#define OPENCLAW_HEARERS_INIT ((struct openclaw_hearers){ NULL, 0 })

/*
 * The caller; the user of that name or number (NULL: none is named); whom place (NULL: no manifest) has as owners; and where
 * none is known by that but root, the User= of the units that it has. ERROR_CONFIG for a user that there is not.
 */
MUST_USE int openclaw_find_hearers(const char *user, const struct single_place *place,
				   struct openclaw_hearers *ret_hearers, struct error *err);
void openclaw_hearers_release(struct openclaw_hearers *hearers);
/*
 * Before openclaw_run(): listener_check_up() (openclaw/listener.h) of the URL's port. Nothing is looked at for wss://, where who
 * answers must prove who it is.
 */
MUST_USE int openclaw_check_hearers(const struct openclaw_options *options, struct error *err);

/* ERROR_DENIED for a URL over which the token would go unencrypted to another host. */
MUST_USE int openclaw_check_url(const char *url, struct error *err);
/*
 * Runs OpenClaw's own command line with words, with token and URL in its environment alone and an empty state
 * directory in memory, which is removed then. ret_status is its exit status.
 */
MUST_USE int openclaw_run(const struct openclaw_options *options, const struct secret *token,
			  const char *const *words, int *ret_status, struct error *err);

/*
 * The same without the terminal, for at most some seconds; ret_said (of at most max bytes) is what it wrote to
 * stdout. ERROR_FINDINGS where its status is not 0.
 */
#define OPENCLAW_SECONDS 120
MUST_USE int openclaw_tell(const struct openclaw_options *options, const struct secret *token,
			   const char *const *words, size_t max, struct secret *ret_said,
			   struct error *err);

/* Has the gateway read its secrets anew. ret_warnings: how many it could not have, and goes on without. */
MUST_USE int openclaw_reload(const struct openclaw_options *options, const struct secret *token,
			     unsigned *ret_warnings, struct error *err);

#endif
