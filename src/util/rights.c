/* SPDX-License-Identifier: MIT */
#include "util/rights.h"

#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util/buf.h"
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

/* All groups that he is in, gid among them. */
static int list_groups(const char *name, gid_t gid, gid_t **ret_groups, int *ret_len,
		       struct error *err)
{
	int len = 16;

	for (;;) {
		const int room = len;
		gid_t *groups = calloc((size_t)room, sizeof(*groups));

		if (groups == NULL)
			return error_memory(err);
		if (getgrouplist(name, gid, groups, &len) >= 0) {
			*ret_groups = groups;
			*ret_len = len;
			return 0;
		}
		free(groups);
		if (len <= room || len > NGROUPS_MAX)
			return error_set(err, ERROR_SYSTEM, "cannot tell the groups of \"%s\"",
					 text_printable_text(name).text);
	}
}

int rights_take(const char *name, uid_t uid, gid_t gid, struct rights *rights, struct error *err)
{
	AUTO_FREE gid_t *groups = NULL;
	int len;

	if (geteuid() != 0 || uid == 0)
		return 0;
	if (list_groups(name, gid, &groups, &len, err) < 0)
		return -1;
	rights->taken = true;
	if (setgroups((size_t)len, groups) < 0 || !act_as(uid, gid))
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
