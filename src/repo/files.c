/* SPDX-License-Identifier: MIT */
#include "repo/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/keyring.h"
#include "repo/journal.h"
#include "sops/rules.h"
#include "util/file.h"
#include "util/text.h"

void repo_files_release(struct repo_files *files)
{
	for (size_t i = 0; i < files->len; i++) {
		free(files->items[i].shown);
		free(files->items[i].path);
	}
	free(files->items);
	*files = REPO_FILES_INIT;
}

static int append(struct repo_files *files, const char *shown, const char *path, bool named,
		  struct error *err)
{
	struct repo_file *file;

	if (files->len == REPO_FILES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d files", REPO_FILES_MAX);
	if (files->len == files->cap) {
		const size_t cap = files->cap > 0 ? files->cap * 2 : 64;
		struct repo_file *larger = reallocarray(files->items, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		files->items = larger;
		files->cap = cap;
	}
	file = &files->items[files->len++];
	*file = (struct repo_file){ strdup(shown), strdup(path), named };
	return file->shown && file->path ? 0 : error_memory(err);
}

/* "a/b"; of "." it is "b", and of "/" "/b". */
static int join(const char *directory, const char *name, char **ret_path, struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	const char *text;
	const bool is_here = strcmp(directory, ".") == 0;
	const size_t len = strlen(directory);

	if ((!is_here && buf_append(&path, directory, len, err) < 0) ||
	    (!is_here && directory[len - 1] != '/' && buf_append_text(&path, "/", err) < 0) ||
	    buf_append_text(&path, name, err) < 0 || buf_text(&path, &text, err) < 0)
		return -1;
	*ret_path = strdup(text);
	return *ret_path ? 0 : error_memory(err);
}

static bool holds(int dir_fd, const char *name)
{
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Does the walk leave the entry name of a directory alone, whatever it is? */
static bool is_left_out(int dir_fd, const char *name)
{
	static const char *const never[] = {
		".", "..", ".git", SOPS_RULES_FILE, ".sops.yml", REPO_JOURNAL,
	};

	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (strcmp(name, never[i]) == 0)
			return true;
	if (name[0] == '.' && strstr(name, ".bootseal-"))
		return true; /* on its way to replace a file */
	return strcmp(name, KEYRING_DIRECTORY) == 0 && holds(dir_fd, SOPS_RULES_FILE);
}

/* A directory in a walk. */
struct place {
	const char *shown, *path;
	unsigned depth;
};

static int walk(struct repo_files *files, const struct place *place, struct error *err);

static int visit(struct repo_files *files, const struct place *place, int dir_fd, const char *name,
		 struct error *err)
{
	AUTO_FREE char *shown = NULL;
	AUTO_FREE char *path = NULL;
	struct stat status;

	if (is_left_out(dir_fd, name) || fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (files->entries++ == REPO_ENTRIES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d files and directories below",
				 REPO_ENTRIES_MAX);
	if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
		return 0;
	if (join(place->shown, name, &shown, err) < 0 || join(place->path, name, &path, err) < 0)
		return -1;
	if (S_ISREG(status.st_mode))
		return append(files, shown, path, false, err);
	return walk(files, &(struct place){ shown, path, place->depth + 1 }, err);
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int walk(struct repo_files *files, const struct place *place, struct error *err)
{
	AUTO_FD int fd = open(place->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	__attribute__((cleanup(close_directory))) DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!directory)
		return error_sys(err, "cannot read the directory \"%s\"",
				 text_printable_text(place->shown).text);
	fd = -1;
	if (place->depth > 0 && holds(dirfd(directory), ".git"))
		return 0;
	if (place->depth > REPO_DEPTH_MAX)
		return error_set(err, ERROR_LIMIT, "directories are nested deeper than %d: \"%s\"",
				 REPO_DEPTH_MAX, text_printable_text(place->shown).text);
	while ((entry = readdir(directory)))
		if (visit(files, place, dirfd(directory), entry->d_name, err) < 0)
			return -1;
	return 0;
}

/* What the user wrote, without the slashes at its end. */
static char *trimmed(const char *name)
{
	size_t len = strlen(name);

	while (len > 1 && name[len - 1] == '/')
		len--;
	return strndup(name, len);
}

int repo_files_add(struct repo_files *files, const char *name, bool recursive, struct error *err)
{
	AUTO_FREE char *path = realpath(name, NULL);
	AUTO_FREE char *shown = NULL;
	struct stat status;

	if (!path || stat(path, &status) < 0)
		return file_fail_open(name, err);
	if (!S_ISDIR(status.st_mode))
		return append(files, name, path, true, err);
	if (!recursive) {
		(void)error_set(err, ERROR_USAGE, "\"%s\" is a directory",
				text_printable_text(name).text);
		return error_hint(err, "say --recursive for the files in it");
	}
	shown = trimmed(name);
	if (!shown)
		return error_memory(err);
	return walk(files, &(struct place){ shown, path, 0 }, err);
}

static int compare(const void *a, const void *b)
{
	const struct repo_file *x = a, *y = b;
	const int order = strcmp(x->path, y->path);

	/* of two that are one, the named one first */
	return order ? order : y->named - x->named;
}

void repo_files_sort(struct repo_files *files)
{
	size_t kept = 0;

	if (files->len == 0)
		return;
	qsort(files->items, files->len, sizeof(*files->items), compare);
	for (size_t i = 1; i < files->len; i++) {
		struct repo_file *file = &files->items[i];

		if (strcmp(file->path, files->items[kept].path) != 0) {
			const struct repo_file free_one = files->items[++kept];

			files->items[kept] = *file;
			*file = free_one;
		}
	}
	while (files->len > kept + 1) {
		struct repo_file *last = &files->items[--files->len];

		free(last->shown);
		free(last->path);
	}
}
