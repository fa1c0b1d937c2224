/* SPDX-License-Identifier: MIT */
#include "util/rights.h"

#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util/text.h"

/*
 * As to files alone (capabilities(7)): whoever it is to others is root still, whom nobody may send signals, or trace,
 * and whose locked memory has no limit.
 */
static bool act_as(uid_t uid, gid_t gid)
{
	(void)setfsgid(gid);
	(void)setfsuid(uid);
	/* which say who it was before, and nothing of a failure */
	return (gid_t)setfsgid((gid_t)-1) == gid && (uid_t)setfsuid((uid_t)-1) == uid;
}

int rights_take(const char *name, uid_t uid, gid_t gid, struct rights *rights, struct error *err)
{
	if (geteuid() != 0)
		return 0;
	rights->taken = true;
	if (setgroups(1, &gid) < 0 || !act_as(uid, gid))
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
	if (!act_as(0, root) || setgroups(1, &root) < 0)
		_exit(1);
	(void)prctl(PR_SET_DUMPABLE, 0);
	rights->taken = false;
}
