/* SPDX-License-Identifier: MIT */
#include "activate/link.h"

#include "activate/ancestors.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as the kernel follows. */
#define LINK_FOLLOWED_MAX 40
#define LINK_PARENT_MODE 0755

/* The way to a link's parent, part by part. */
struct link_walk {
	const struct link_wish *wish;
	int fd;       /* where it has come to */
	bool trusted; /* up to here nobody but root and we could have changed the way */
	bool makes;   /* parents that are missing are made; else ERROR_NOT_FOUND */
	bool foreign; /* it has come to directories of another user, */
	uid_t uid;    /* this one, with whose rights, and whose group, it goes on */
	gid_t gid;
	unsigned followed;
};

/* With another's rights as to files, root's capabilities for them are gone, too (capabilities(7)). */
static void link_act_as(uid_t uid, gid_t gid)
{
	(void)setfsgid(gid);
	(void)setfsuid(uid);
}

static void link_walk_release(struct link_walk *walk)
{
	file_close_pointer(&walk->fd);
	if (walk->foreign)
		link_act_as(geteuid(), getegid());
	walk->foreign = false;
}

static bool link_is_own(const struct stat *status)
{
	return status->st_uid == 0 || status->st_uid == geteuid() ||
	       ancestors_is_unmapped(status->st_uid);
}

/* Whose is the directory that it has come to? */
static int link_judge(struct link_walk *walk, const char *name, struct error *err)
{
	struct stat status;

	if (fstat(walk->fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", name);
	if (!link_is_own(&status) || (status.st_mode & 022) != 0)
		walk->trusted = false;
	if (link_is_own(&status))
		return 0;
	if (walk->foreign && walk->uid != status.st_uid)
		return error_set(err, ERROR_DENIED,
				 "\"%s\" belongs to uid %u, in a directory of uid %u", name,
				 (unsigned)status.st_uid, (unsigned)walk->uid);
	if (!walk->foreign && geteuid() == 0) {
		walk->foreign = true;
		walk->uid = status.st_uid;
		walk->gid = status.st_gid;
		link_act_as(status.st_uid, status.st_gid);
	}
	return 0;
}

static int link_go(struct link_walk *walk, const char *name, struct error *err)
{
	int fd = openat(walk->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, "cannot enter \"%s\"", name);
	file_close_pointer(&walk->fd);
	walk->fd = fd;
	return link_judge(walk, name, err);
}

/* An absolute way begins at the root, or where it can be written; what is behind is not to do any more. */
static int link_begin(struct link_walk *walk, char *todo, struct error *err)
{
	const char *root = walk->wish->root;
	const size_t len = root == NULL ? 0 : strlen(root);
	const bool below = len > 0 && strncmp(todo, root, len) == 0 && todo[len] == '/';

	file_close_pointer(&walk->fd);
	walk->trusted = true;
	walk->fd = below ? openat(walk->wish->root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)
			 : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (below)
		memmove(todo, todo + len, strlen(todo + len) + 1);
	return walk->fd < 0 ? error_sys(err, "cannot open \"%s\"", below ? root : "/")
			    : link_judge(walk, "/", err);
}

/* What a link on the way holds takes its place before the rest. */
static int link_follow(struct link_walk *walk, const char *name, const char *rest, char **ret_todo,
		       struct error *err)
{
	char text[PATH_MAX];
	ssize_t len = readlinkat(walk->fd, name, text, sizeof(text) - 1);

	if (!walk->trusted)
		return error_set(err, ERROR_DENIED,
				 "\"%s\" is a link that others than root may have made", name);
	if (++walk->followed > LINK_FOLLOWED_MAX)
		errno = ELOOP;
	if (len < 0 || walk->followed > LINK_FOLLOWED_MAX)
		return error_sys(err, "cannot follow \"%s\"", name);
	text[len] = '\0';
	if (asprintf(ret_todo, "%s/%s", text, rest) < 0) {
		*ret_todo = NULL;
		return error_memory(err);
	}
	return text[0] == '/' ? link_begin(walk, *ret_todo, err) : 0;
}

/* Not with fchmodat(), which would go by the name: it may be another's by then. */
static int link_make_parent(int dir_fd, const char *name)
{
	const mode_t mask = umask(0);
	const int result = mkdirat(dir_fd, name, LINK_PARENT_MODE);

	umask(mask);
	return result;
}

/* One part; ret_todo is new where it was a link. */
static int link_step(struct link_walk *walk, const char *name, const char *rest, char **ret_todo,
		     struct error *err)
{
	struct stat status;

	if (fstatat(walk->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		return S_ISLNK(status.st_mode) ? link_follow(walk, name, rest, ret_todo, err)
					       : link_go(walk, name, err);
	if (errno != ENOENT)
		return error_sys(err, "cannot look at \"%s\"", name);
	if (!walk->makes)
		return error_set(err, ERROR_NOT_FOUND, "there is no \"%s\"", name);
	if (link_make_parent(walk->fd, name) < 0)
		return error_sys(err, "cannot make the directory \"%s\"", name);
	return link_go(walk, name, err);
}

static int link_walk_to(struct link_walk *walk, const char *directory, struct error *err)
{
	AUTO_FREE char *todo = strdup(directory);
	char *part, *rest;

	if (todo == NULL)
		return error_memory(err);
	if (link_begin(walk, todo, err) < 0)
		return -1;
	for (rest = todo; (part = strsep(&rest, "/")) != NULL;) {
		AUTO_FREE char *more = NULL;
		int result = 0;

		if (*part != '\0' && strcmp(part, ".") != 0)
			result = link_step(walk, part, rest == NULL ? "" : rest, &more, err);
		if (more != NULL) {
			free(todo);
			todo = rest = more;
			more = NULL;
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

static bool link_is_there(const struct link_walk *walk, const char *name,
			  const struct link_wish *wish)
{
	char text[PATH_MAX];
	ssize_t len = readlinkat(walk->fd, name, text, sizeof(text));
	struct stat status;

	return len >= 0 && span_equal_text(span_of(text, (size_t)len), wish->target) &&
	       fstatat(walk->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       status.st_uid == wish->owner.uid && status.st_gid == wish->owner.gid;
}

/*
 * By its descriptor, and only what is a link that we can have made: the directory's owner could have
 * put another file's name there.
 */
static int link_give(const struct link_walk *walk, const char *name, struct owner owner,
		     struct error *err)
{
	const uid_t maker = walk->foreign ? walk->uid : geteuid();
	AUTO_FD int fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	int result;

	if (geteuid() != 0)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", name);
	if (!S_ISLNK(status.st_mode) || status.st_uid != maker)
		return error_set(err, ERROR_DENIED, "\"%s\" was put in the place of ours", name);
	if (status.st_uid == owner.uid && status.st_gid == owner.gid)
		return 0;
	if (walk->foreign)
		link_act_as(0, getegid());
	result = fchownat(fd, "", owner.uid, owner.gid, AT_EMPTY_PATH);
	if (result < 0)
		error_sys(err, "cannot give it to uid %u and gid %u", (unsigned)owner.uid,
			  (unsigned)owner.gid);
	if (walk->foreign)
		link_act_as(walk->uid, walk->gid);
	return result;
}

/* A slip in a manifest must not cost the host a device or a socket. */
static int link_check_place(const struct link_walk *walk, const char *name, struct error *err)
{
	struct stat status;

	if (fstatat(walk->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || S_ISREG(status.st_mode) ||
	    S_ISLNK(status.st_mode) || S_ISDIR(status.st_mode))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is neither a file nor a link", name);
	return error_hint(err, "move it away, or choose another place");
}

static int link_put(const struct link_walk *walk, const char *name, const struct link_wish *wish,
		    struct error *err)
{
	AUTO_FREE char *spare = NULL;

	if (asprintf(&spare, ".%s.bootseal", name) < 0) {
		spare = NULL;
		return error_memory(err);
	}
	/* A killed run may have left it. */
	if (unlinkat(walk->fd, spare, 0) < 0 && errno != ENOENT)
		return error_sys(err, "\"%s\" is in the way", spare);
	if (symlinkat(wish->target, walk->fd, spare) < 0)
		return error_sys(err, "cannot make it");
	if (link_give(walk, spare, wish->owner, err) == 0) {
		if (renameat(walk->fd, spare, walk->fd, name) == 0 ||
		    (errno == EISDIR && unlinkat(walk->fd, name, AT_REMOVEDIR) == 0 &&
		     renameat(walk->fd, spare, walk->fd, name) == 0))
			return 0;
		error_sys(err, "cannot put it in its place");
	}
	(void)!unlinkat(walk->fd, spare, 0);
	return -1;
}

/* To the directory that the link lies in, or shall; ret_name is its own name there. */
static int link_walk_to_parent(struct link_walk *walk, const char **ret_name, struct error *err)
{
	const char *path = walk->wish->path, *name = strrchr(path, '/') + 1;
	AUTO_FREE char *directory = strndup(path, (size_t)(name - path));

	if (directory == NULL)
		return error_memory(err);
	if (link_walk_to(walk, directory, err) < 0)
		return error_wrap(err, "link \"%s\"", path);
	*ret_name = name;
	return 0;
}

int link_make(const struct link_wish *wish, bool *ret_made, struct error *err)
{
	AUTO(link_walk) walk = { .wish = wish, .fd = -1, .makes = true };
	const char *name;

	*ret_made = false;
	if (link_walk_to_parent(&walk, &name, err) < 0)
		return -1;
	if (link_is_there(&walk, name, wish))
		return 0;
	if (link_check_place(&walk, name, err) < 0 || link_put(&walk, name, wish, err) < 0)
		return error_wrap(err, "link \"%s\"", wish->path);
	*ret_made = true;
	return 0;
}

static bool link_leads_below(int dir_fd, const char *name, const char *directory)
{
	char text[PATH_MAX];
	const size_t len = strlen(directory);
	const ssize_t held = readlinkat(dir_fd, name, text, sizeof(text));

	return held > 0 && (size_t)held > len && memcmp(text, directory, len) == 0 &&
	       text[len] == '/';
}

static int link_take_away(const struct link_wish *wish, struct error *err)
{
	AUTO(link_walk) walk = { .wish = wish, .fd = -1, .makes = false };
	const char *name;

	if (link_walk_to_parent(&walk, &name, err) < 0)
		return -1;
	if (!link_leads_below(walk.fd, name, wish->target) || unlinkat(walk.fd, name, 0) == 0)
		return 0;
	error_sys(err, "cannot remove it");
	return error_wrap(err, "link \"%s\", which no secret has any more", wish->path);
}

int link_remove(const struct link_wish *wish, struct error *err)
{
	if (link_take_away(wish, err) == 0)
		return 0;
	/* A way that we do not go is no matter where it leads to none of ours: it may never have been made. */
	if (link_leads_below(AT_FDCWD, wish->path, wish->target))
		return -1;
	error_clear(err);
	return 0;
}
