/* SPDX-License-Identifier: MIT */
/*
 * The user's command line, run by /bin/sh as the caller would have run it: outside of any sandbox, with
 * the caller's umask and limits. Its environment may hold secrets; nothing else of it does.
 */
#ifndef CLI_SHELL_H
#define CLI_SHELL_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

/* No program can be started with more (the kernel's limit on arguments and environment). */
#define SHELL_VALUES_MAX 16384

/* Whom to run it as. */
struct shell_user {
	char *name;
	uid_t uid;
	gid_t gid;
	char *home, *user, *logname; /* "HOME=…", "USER=…", "LOGNAME=…" */
};

#define SHELL_USER_INIT ((struct shell_user){ NULL, 0, 0, NULL, NULL, NULL })

/* ERROR_CONFIG for a name that nobody has. */
MUST_USE int shell_find_user(const char *name, struct shell_user *ret_user, struct error *err);
void shell_user_release(struct shell_user *user);

/* Everything that the command sees: borrowed strings, NULL-terminated. */
struct shell_environment {
	char **items;
	size_t len;
};

#define SHELL_ENVIRONMENT_INIT ((struct shell_environment){ NULL, 0 })

struct shell_setting {
	bool pristine;                 /* nothing of our own environment */
	const struct shell_user *user; /* NULL: who we are */
	struct secret *values;         /* "NAME=VALUE", each with a NUL behind it; stays borrowed */
};

/* What comes later wins: our environment, the user's, the values. ERROR_LIMIT. */
MUST_USE int shell_environment_make(const struct shell_setting *setting,
				    struct shell_environment *ret_environment, struct error *err);
void shell_environment_release(struct shell_environment *environment);

struct shell_command {
	const char *line;
	const struct shell_environment *environment;
	const struct shell_user *user; /* NULL: who we are */
	const char *const *
		words; /* without a shell, in the place of line: found in our PATH; NULL-terminated */
};

/*
 * Runs it and waits. Signals that another process sends to us are passed on to it; those of the terminal
 * reach it anyway. ret_status: its exit status, 128+N for signal N.
 */
MUST_USE int shell_run(const struct shell_command *command, int *ret_status, struct error *err);
/* Becomes it: returns only where that fails. */
int shell_become(const struct shell_command *command, struct error *err);

#endif
