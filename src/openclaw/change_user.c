/* SPDX-License-Identifier: MIT */
/* This process with another user's rights on files, for a while. */
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "change.h"

int change_become(const struct change *change, bool as_user, struct change_rights *rights,
		  struct error *err)
{
	if (!as_user || geteuid() != 0)
		return 0;
	/* the real and the saved user stay root: nobody else may send signals, or trace */
	if (setgroups(1, &change->user.gid) < 0 || setegid(change->user.gid) < 0 ||
	    seteuid(change->user.uid) < 0) {
		error_sys(err, "cannot take on the rights of \"%s\"", change->user.name);
		rights->taken = true;
		return -1;
	}
	rights->taken = true;
	/* which the kernel may have changed */
	(void)prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

void change_rights_release(struct change_rights *rights)
{
	const gid_t root = 0;

	if (!rights->taken)
		return;
	/* going on as another than root would be going on with half of what is to be done */
	if (seteuid(0) < 0 || setegid(0) < 0 || setgroups(1, &root) < 0)
		_exit(1);
	(void)prctl(PR_SET_DUMPABLE, 0);
	rights->taken = false;
}
