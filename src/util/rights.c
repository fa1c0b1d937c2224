/* SPDX-License-Identifier: MIT */
#include "util/rights.h"

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util/text.h"

int rights_take(const char *name, uid_t uid, gid_t gid, struct rights *rights, struct error *err)
{
	if (geteuid() != 0)
		return 0;
	rights->taken = true;
	/* the real and the saved user stay root: nobody else may send signals, or trace */
	if (setgroups(1, &gid) < 0 || setegid(gid) < 0 || seteuid(uid) < 0)
		return error_sys(err, "cannot take on the rights of \"%s\"",
				 text_printable_text(name).text);
	/* which the kernel may have changed */
	(void)prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

void rights_release(struct rights *rights)
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
