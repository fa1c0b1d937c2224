/* SPDX-License-Identifier: MIT */
#include "cli/exec.h"

#include <stdlib.h>

#define KEY_VARIABLE "SOPS_AGE_KEY"

/* Nested commands of sops' users open other files with the same keys. */
static int keep_key(struct secret *kept, struct error *err)
{
	const char *value = getenv(KEY_VARIABLE);

	if (!value)
		return 0;
	if (secret_append_text(kept, KEY_VARIABLE "=", err) < 0 ||
	    secret_append_text(kept, value, err) < 0)
		return -1;
	return secret_append(kept, "", 1, err);
}

int exec_read(const struct invocation *invocation, enum doc_format format, const char *user,
	      struct exec *ret_exec, struct error *err)
{
	AUTO(exec) exec = EXEC_INIT;

	exec.invocation = invocation;
	exec.has_user = user != NULL;
	if ((user && shell_find_user(user, &exec.user, err) < 0) ||
	    (invocation->as_sops && keep_key(&exec.kept, err) < 0) ||
	    sealed_read(invocation->args[0], format, &exec.sealed, err) < 0)
		return -1;
	*ret_exec = exec;
	exec = EXEC_INIT;
	return 0;
}

void exec_release(struct exec *exec)
{
	sealed_release(&exec->sealed);
	secret_release(&exec->kept);
	shell_user_release(&exec->user);
}
