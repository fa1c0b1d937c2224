/* SPDX-License-Identifier: MIT */
/* What exec-env and exec-file share: a file opened in a child, a command run with what is in it. */
#ifndef CLI_EXEC_H
#define CLI_EXEC_H

#include "cli/command.h"
#include "cli/sealed.h"
#include "cli/shell.h"

/* Everything about one run, for the job in the child and for the command. */
struct exec {
	const struct invocation *invocation;
	struct sealed sealed;
	bool ignore_mac;
	struct secret kept; /* "NAME=VALUE" entries that go back into the environment */
	struct shell_user user;
	bool has_user;
};

#define EXEC_INIT ((struct exec){ NULL, SEALED_INIT, false, SECRET_INIT, SHELL_USER_INIT, false })

/*
 * Reads args[0] with what may open it, and looks user up (NULL: none). The keys in SOPS_AGE_KEY are taken
 * out of the environment; the command gets them back where we are called as sops.
 */
MUST_USE int exec_read(const struct invocation *invocation, enum doc_format format,
		       const char *user, struct exec *ret_exec, struct error *err);
void exec_release(struct exec *exec);

#endif
