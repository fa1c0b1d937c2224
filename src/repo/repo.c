/* SPDX-License-Identifier: MIT */
#include "repo/repo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sops/rules.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

void repo_release(struct repo *repo)
{
	lock_release(&repo->lock);
	file_close_pointer(&repo->fd);
	free(repo->path);
	*repo = REPO_INIT;
}

/* path becomes its parent; false at the root. */
static bool cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

static int holds(const char *directory, const char *name, bool *ret_holds, struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	const char *text;

	if (buf_printf(&path, err, "%s/%s", directory, name) < 0 || buf_text(&path, &text, err) < 0)
		return -1;
	*ret_holds = faccessat(AT_FDCWD, text, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return 0;
}

static bool is_home(const char *directory)
{
	const char *home = getenv("HOME");
	struct stat here, other;

	return home && home[0] == '/' && stat(home, &other) == 0 && stat(directory, &here) == 0 &&
	       here.st_dev == other.st_dev && here.st_ino == other.st_ino;
}

/* Anybody could have put a mark there, as in /tmp, and could hold its lock. */
static bool is_open_to_all(const char *directory)
{
	struct stat status;

	return stat(directory, &status) == 0 && (status.st_mode & S_IWOTH);
}

/* directory becomes the top that is marked above it; ret_marked false: there is none. */
static int find_marked(char *directory, bool *ret_marked, struct error *err)
{
	AUTO_FREE char *here = strdup(directory);
	bool has_git, has_rules;

	*ret_marked = false;
	if (!here)
		return error_memory(err);
	for (int level = 0; level < SOPS_RULES_LEVELS_MAX; level++) {
		if (level > 0 && is_open_to_all(here))
			break;
		if (holds(here, ".git", &has_git, err) < 0 ||
		    holds(here, SOPS_RULES_FILE, &has_rules, err) < 0)
			return -1;
		if (has_git || has_rules) {
			directory[strlen(here)] = '\0';
			*ret_marked = true;
		}
		if (has_git || is_home(here) || !cut(here))
			break;
	}
	return 0;
}

/* The top for one path; a new string. */
static int top_of(const char *path, char **ret_top, bool *ret_marked, struct error *err)
{
	AUTO_FREE char *top = strdup(path);
	struct stat status;

	if (!top)
		return error_memory(err);
	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		cut(top);
	if (find_marked(top, ret_marked, err) < 0)
		return -1;
	*ret_top = top;
	top = NULL;
	return 0;
}

/* a is shortened to the directory that both are in. */
static void share(char *a, const char *b)
{
	while (strncmp(a, b, strlen(a)) != 0 ||
	       (a[1] != '\0' && b[strlen(a)] != '/' && b[strlen(a)] != '\0'))
		if (!cut(a))
			break;
}

static int fail_several(const char *a, const char *b, struct error *err)
{
	(void)error_set(err, ERROR_USAGE,
			"the files belong to different repositories: \"%s\" and \"%s\"",
			text_printable_text(a).text, text_printable_text(b).text);
	return error_hint(err, "run it once for each");
}

int repo_find(const char *const *paths, size_t len, struct repo *ret_repo, struct error *err)
{
	AUTO(repo) repo = REPO_INIT;
	bool marked = false;

	for (size_t i = 0; i < len; i++) {
		AUTO_FREE char *top = NULL;
		bool is_marked = false;

		if (top_of(paths[i], &top, &is_marked, err) < 0)
			return -1;
		if (!repo.path) {
			repo.path = top;
			top = NULL;
			marked = is_marked;
		} else if (!marked && !is_marked) {
			share(repo.path, top);
		} else if (strcmp(repo.path, top) != 0) {
			return fail_several(repo.path, top, err);
		}
	}
	repo.fd = repo.path ? open(repo.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (repo.fd < 0)
		return error_sys(err, "cannot open the directory \"%s\"",
				 text_printable_text(repo.path ? repo.path : "").text);
	*ret_repo = repo;
	repo = REPO_INIT;
	return 0;
}

int repo_lock(struct repo *repo, struct error *err)
{
	return lock_take_directory(repo->fd, repo->path, &repo->lock, err);
}

int repo_try_lock(struct repo *repo, bool *ret_locked, struct error *err)
{
	if (lock_try_directory(repo->fd, repo->path, &repo->lock, err) < 0)
		return -1;
	*ret_locked = repo->lock.fd >= 0;
	return 0;
}

const char *repo_relative(const struct repo *repo, const char *path)
{
	const size_t len = strcmp(repo->path, "/") == 0 ? 0 : strlen(repo->path);

	if (strncmp(path, repo->path, len) != 0 || path[len] != '/' || path[len + 1] == '\0')
		return NULL;
	return path + len + 1;
}
