/* SPDX-License-Identifier: MIT */
#include "activate/owner.h"

#include "util/text.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Room for one line of a user database, twice what glibc suggests. */
#define OWNER_LINE_MAX 65536

static void owner_close(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

/* Decimal, below 2^32 - 1 (which means "nobody" to chown). */
static bool owner_number(const char *text, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || number > UINT32_MAX)
			return false;
		number = number * 10 + (uint64_t)(*text - '0');
	}
	*ret_number = (uint32_t)number;
	return number < UINT32_MAX;
}

/* In /etc/passwd: by name, or by uid where name is NULL. */
static bool owner_user_in_file(const char *name, uid_t uid, struct owner *ret_owner)
{
	__attribute__((cleanup(owner_close))) FILE *file = fopen("/etc/passwd", "re");
	char line[OWNER_LINE_MAX];
	struct passwd entry, *found = NULL;

	while (file != NULL && fgetpwent_r(file, &entry, line, sizeof(line), &found) == 0) {
		if (name != NULL ? strcmp(entry.pw_name, name) != 0 : entry.pw_uid != uid)
			continue;
		*ret_owner = (struct owner){ entry.pw_uid, entry.pw_gid };
		return true;
	}
	return false;
}

static bool owner_user_anywhere(const char *name, uid_t uid, struct owner *ret_owner)
{
	char line[OWNER_LINE_MAX];
	struct passwd entry, *found = NULL;

	if (owner_user_in_file(name, uid, ret_owner))
		return true;
	if (name != NULL)
		(void)getpwnam_r(name, &entry, line, sizeof(line), &found);
	else
		(void)getpwuid_r(uid, &entry, line, sizeof(line), &found);
	if (found == NULL)
		return false;
	*ret_owner = (struct owner){ entry.pw_uid, entry.pw_gid };
	return true;
}

static bool owner_group_in_file(const char *name, gid_t *ret_gid)
{
	__attribute__((cleanup(owner_close))) FILE *file = fopen("/etc/group", "re");
	char line[OWNER_LINE_MAX];
	struct group entry, *found = NULL;

	while (file != NULL && fgetgrent_r(file, &entry, line, sizeof(line), &found) == 0) {
		if (strcmp(entry.gr_name, name) != 0)
			continue;
		*ret_gid = entry.gr_gid;
		return true;
	}
	return false;
}

static bool owner_group_anywhere(const char *name, gid_t *ret_gid)
{
	char line[OWNER_LINE_MAX];
	struct group entry, *found = NULL;

	if (owner_group_in_file(name, ret_gid))
		return true;
	(void)getgrnam_r(name, &entry, line, sizeof(line), &found);
	if (found != NULL)
		*ret_gid = entry.gr_gid;
	return found != NULL;
}

static int owner_find_user(const char *user, struct owner *ret_owner, struct error *err)
{
	uint32_t number;

	if (user == NULL) {
		*ret_owner = (struct owner){ geteuid(), getegid() };
		return 0;
	}
	if (owner_number(user, &number)) {
		/* A number needs no user; where there is one it gives the group. */
		if (!owner_user_anywhere(NULL, number, ret_owner))
			*ret_owner = (struct owner){ number, getegid() };
		return 0;
	}
	if (owner_user_anywhere(user, 0, ret_owner))
		return 0;
	error_set(err, ERROR_CONFIG, "unknown owner \"%s\"", text_printable_text(user).text);
	return error_hint(err, "make the user first, or give the owner as a number");
}

int owner_find(const char *user, const char *group, struct owner *ret_owner, struct error *err)
{
	struct owner owner = { 0, 0 };
	uint32_t number;

	if (owner_find_user(user, &owner, err) < 0)
		return -1;
	if (group != NULL && owner_number(group, &number)) {
		owner.gid = number;
	} else if (group != NULL && !owner_group_anywhere(group, &owner.gid)) {
		error_set(err, ERROR_CONFIG, "unknown group \"%s\"",
			  text_printable_text(group).text);
		return error_hint(err, "make the group first, or give it as a number");
	}
	*ret_owner = owner;
	return 0;
}

/* By name, because a uid may have several. */
static bool owner_is_member(const struct group *group, uid_t uid)
{
	struct owner member;

	for (char **name = group->gr_mem; *name != NULL; name++)
		if (owner_user_anywhere(*name, 0, &member) && member.uid == uid)
			return true;
	return false;
}

/* A file may have several lines of one number. ret_known: it has one. */
static bool owner_is_member_in_file(gid_t gid, uid_t uid, bool *ret_known)
{
	__attribute__((cleanup(owner_close))) FILE *file = fopen("/etc/group", "re");
	char line[OWNER_LINE_MAX];
	struct group entry, *found = NULL;

	*ret_known = false;
	while (file != NULL && fgetgrent_r(file, &entry, line, sizeof(line), &found) == 0) {
		if (entry.gr_gid != gid)
			continue;
		*ret_known = true;
		if (owner_is_member(&entry, uid))
			return true;
	}
	return false;
}

bool owner_is_in_group(const char *user, gid_t gid)
{
	struct error ignored = ERROR_INIT;
	char line[OWNER_LINE_MAX];
	struct group entry, *found = NULL;
	struct owner owner, known;
	bool listed;

	if (owner_find_user(user, &owner, &ignored) < 0)
		return false;
	if (owner_user_anywhere(NULL, owner.uid, &known) && known.gid == gid)
		return true;
	if (owner_is_member_in_file(gid, owner.uid, &listed))
		return true;
	if (!listed)
		(void)getgrgid_r(gid, &entry, line, sizeof(line), &found);
	return found != NULL && owner_is_member(found, owner.uid);
}
