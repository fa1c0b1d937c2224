/* SPDX-License-Identifier: MIT */
/* What the OpenClaw commands share: the gateway's token, and how its command line is run with it. */
#ifndef CLI_OPENCLAW_H
#define CLI_OPENCLAW_H

#include "cli/command.h"
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
};

/*
 * Opens the token: the value that the manifest delivers by that name, with the manifest's identities, or, of a
 * file, with the caller's keys. Its white space at both ends goes, as OpenClaw has it. ERROR_CONFIG where it
 * could not stand in an environment.
 */
MUST_USE int openclaw_open_token(const struct invocation *invocation,
				 const struct openclaw_options *options, struct secret *ret_token,
				 struct error *err);
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
