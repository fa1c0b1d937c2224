/* SPDX-License-Identifier: MIT */
#include "nix_links.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/random.h"
#include "util/file.h"
#include "util/text.h"

/* Of directories that are made on the way, whatever the umask. */
#define NIX_PARENT_MODE 0755
/* Links that may be followed on the way. */
#define NIX_LINKS_MAX 40

/* Where a walk has come to. */
struct nix_walk {
	const struct nix_mount *mount;
	int fd;
	bool trusted;        /* nobody but root can change what is in it */
	struct owner owner;  /* of the directory */
	char rest[PATH_MAX]; /* the parts still to go, the last of them is the link's name */
	unsigned links;
};

static void nix_walk_release(struct nix_walk *walk)
{
	file_close_pointer(&walk->fd);
}

/* What is done in a directory of another's is done as that user. */
static void nix_act_as(const struct nix_walk *walk)
{
	if (geteuid() != 0 || walk->trusted)
		return;
	setfsgid(walk->owner.gid);
	setfsuid(walk->owner.uid);
}

static void nix_act_as_ourselves(void)
{
	if (geteuid() != 0)
		return;
	setfsuid(0);
	setfsgid(getegid());
}

/* Takes over fd, a directory. */
static int nix_walk_enter(struct nix_walk *walk, int fd, struct error *err)
{
	struct stat status;

	file_close_pointer(&walk->fd);
	walk->fd = fd;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_sys(err, "cannot open a directory");
	walk->owner = (struct owner){ status.st_uid, status.st_gid };
	walk->trusted = geteuid() != 0 || (status.st_uid == 0 && (status.st_mode & 022) == 0);
	return 0;
}

/* path is absolute. */
static int nix_walk_start(struct nix_walk *walk, const char *path, struct error *err)
{
	const size_t len = strlen(walk->mount->path);
	const bool mounted = strncmp(path, walk->mount->path, len) == 0 && path[len] == '/';
	const size_t skipped = mounted ? len + 1 : strspn(path, "/");

	if (snprintf(walk->rest, sizeof(walk->rest), "%s", path + skipped) >=
	    (int)sizeof(walk->rest))
		return error_set(err, ERROR_LIMIT, "the path is too long");
	return nix_walk_enter(walk,
			      mounted ? fcntl(walk->mount->fd, F_DUPFD_CLOEXEC, 0)
				      : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
			      err);
}

/* What a link of root's says goes before the rest. */
static int nix_walk_follow(struct nix_walk *walk, const char *part, struct error *err)
{
	char link[PATH_MAX], whole[2 * PATH_MAX];
	const ssize_t len = readlinkat(walk->fd, part, link, sizeof(link) - 1);

	if (len < 0)
		return error_sys(err, "cannot open the directory \"%s\"",
				 text_printable_text(part).text);
	if (!walk->trusted || ++walk->links > NIX_LINKS_MAX)
		return error_set(err, ERROR_DENIED,
				 "\"%s\" on the way is a link, in a directory that others may "
				 "change",
				 text_printable_text(part).text);
	link[len] = '\0';
	snprintf(whole, sizeof(whole), "%s/%s", link, walk->rest);
	if (link[0] == '/')
		return nix_walk_start(walk, whole, err);
	if (strlen(whole) >= sizeof(walk->rest))
		return error_set(err, ERROR_LIMIT, "the path is too long");
	strncpy(walk->rest, whole, sizeof(walk->rest));
	return 0;
}

static int nix_walk_make(const struct nix_walk *walk, const char *part, struct error *err)
{
	int result;

	nix_act_as(walk);
	result = mkdirat(walk->fd, part, NIX_PARENT_MODE);
	if (result == 0)
		result = fchmodat(walk->fd, part, NIX_PARENT_MODE, 0);
	nix_act_as_ourselves();
	return result == 0 || errno == EEXIST ? 0
					      : error_sys(err, "cannot make the directory \"%s\"",
							  text_printable_text(part).text);
}

/* One part further, which is made where it is not there. */
static int nix_walk_step(struct nix_walk *walk, const char *part, struct error *err)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd;

	if (*part == '\0' || strcmp(part, ".") == 0)
		return 0;
	fd = openat(walk->fd, part, flags);
	if (fd < 0 && errno == ENOENT) {
		if (nix_walk_make(walk, part, err) < 0)
			return -1;
		fd = openat(walk->fd, part, flags);
	}
	return fd < 0 ? nix_walk_follow(walk, part, err) : nix_walk_enter(walk, fd, err);
}

/* Up to the directory that the link is to lie in. */
static int nix_walk_to(struct nix_walk *walk, const char *path, struct error *err)
{
	char *slash;

	if (nix_walk_start(walk, path, err) < 0)
		return -1;
	while ((slash = strchr(walk->rest, '/')) != NULL) {
		char part[PATH_MAX];
		const size_t len = (size_t)(slash - walk->rest);

		memcpy(part, walk->rest, len);
		part[len] = '\0';
		memmove(walk->rest, slash + 1, strlen(slash + 1) + 1);
		if (nix_walk_step(walk, part, err) < 0)
			return -1;
	}
	return 0;
}

/* Is it there already, as it should be? */
static bool nix_link_is_good(const struct nix_walk *walk, const char *target,
			     const struct owner *owner)
{
	char link[PATH_MAX];
	const ssize_t len = readlinkat(walk->fd, walk->rest, link, sizeof(link));
	struct stat status;

	return len >= 0 && (size_t)len == strlen(target) &&
	       memcmp(link, target, (size_t)len) == 0 &&
	       fstatat(walk->fd, walk->rest, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (owner == NULL || (status.st_uid == owner->uid && status.st_gid == owner->gid));
}

/* Only what is a link, whatever somebody put in its place meanwhile, is given away. */
static int nix_link_give(const struct nix_walk *walk, const char *name, const struct owner *owner,
			 struct error *err)
{
	AUTO_FD int fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (owner == NULL)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISLNK(status.st_mode))
		return error_set(err, ERROR_DENIED, "somebody changes it at the same time");
	if (fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH) < 0)
		return error_sys(err, "cannot give it to uid %u and gid %u", (unsigned)owner->uid,
				 (unsigned)owner->gid);
	return 0;
}

/* In the place of a file the new link is renamed; an empty directory goes before. */
static int nix_link_put(const struct nix_walk *walk, const char *name, struct error *err)
{
	int result;

	nix_act_as(walk);
	result = renameat(walk->fd, name, walk->fd, walk->rest);
	if (result < 0 && errno == EISDIR && unlinkat(walk->fd, walk->rest, AT_REMOVEDIR) == 0)
		result = renameat(walk->fd, name, walk->fd, walk->rest);
	nix_act_as_ourselves();
	return result == 0 ? 0 : error_sys(err, "cannot put it in the place of what is there");
}

static int nix_link_replace(const struct nix_walk *walk, const char *target,
			    const struct owner *owner, struct error *err)
{
	char name[64];
	uint64_t number;
	int result;

	random_bytes(&number, sizeof(number));
	snprintf(name, sizeof(name), ".bootseal-%016llx", (unsigned long long)number);
	nix_act_as(walk);
	result = symlinkat(target, walk->fd, name);
	nix_act_as_ourselves();
	if (result < 0)
		return error_sys(err, "cannot make the link");
	if (nix_link_give(walk, name, owner, err) == 0 && nix_link_put(walk, name, err) == 0)
		return 0;
	nix_act_as(walk);
	(void)!unlinkat(walk->fd, name, 0);
	nix_act_as_ourselves();
	return -1;
}

int nix_link_make(const char *path, const char *target, const struct owner *owner,
		  const struct nix_mount *mount, struct error *err)
{
	AUTO(nix_walk) walk = { .mount = mount, .fd = -1 };

	if (nix_walk_to(&walk, path, err) < 0 || (!nix_link_is_good(&walk, target, owner) &&
						  nix_link_replace(&walk, target, owner, err) < 0))
		return error_wrap(err, "path \"%s\"", text_printable_text(path).text);
	return 0;
}
