/* SPDX-License-Identifier: MIT */
#include "activate/generation.h"

#include "util/buf.h"
#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GENERATION_DIGITS_MAX 18

uint64_t generation_number(const char *name)
{
	uint64_t number = 0;
	size_t len = strlen(name);

	if (len == 0 || len > GENERATION_DIGITS_MAX || name[0] == '0')
		return 0;
	for (; *name != '\0'; name++) {
		if (*name < '0' || *name > '9')
			return 0;
		number = number * 10 + (uint64_t)(*name - '0');
	}
	return number;
}

struct generation_name generation_name(uint64_t number)
{
	struct generation_name name;

	snprintf(name.text, sizeof(name.text), "%llu", (unsigned long long)number);
	return name;
}

/* --- Walking over the generations --- */

struct walk {
	DIR *directory;
};

static void walk_release(struct walk *walk)
{
	if (walk->directory != NULL)
		closedir(walk->directory);
}

static int walk_open(int root_fd, struct walk *walk, struct error *err)
{
	int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	walk->directory = fd < 0 ? NULL : fdopendir(fd);
	if (walk->directory != NULL)
		return 0;
	error_sys(err, "cannot list the generations");
	file_close_pointer(&fd);
	return -1;
}

/* The next generation's number; 0 at the end. */
static uint64_t walk_next(struct walk *walk)
{
	struct dirent *entry;
	uint64_t number;

	while ((entry = readdir(walk->directory)) != NULL) {
		number = generation_number(entry->d_name);
		if (number != 0)
			return number;
	}
	return 0;
}

int generation_remove(int root_fd, uint64_t number, struct error *err)
{
	return file_remove_tree(root_fd, generation_name(number).text, err);
}

int generation_remove_beyond(int root_fd, uint64_t oldest, uint64_t newest, struct error *err)
{
	AUTO(walk) walk = { NULL };
	uint64_t number;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	while ((number = walk_next(&walk)) != 0)
		if ((number < oldest || number > newest) &&
		    generation_remove(root_fd, number, err) < 0)
			return -1;
	return 0;
}

int generation_remove_all(int root_fd, struct error *err)
{
	return generation_remove_beyond(root_fd, UINT64_MAX, 0, err);
}

int generation_before(int root_fd, uint64_t below, uint64_t *ret_number, struct error *err)
{
	AUTO(walk) walk = { NULL };
	uint64_t number, best = 0;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	while ((number = walk_next(&walk)) != 0)
		if (number < below && number > best)
			best = number;
	*ret_number = best;
	return 0;
}

int generation_is_empty(int fd, bool *ret_empty, struct error *err)
{
	AUTO(walk) walk = { NULL };
	struct dirent *entry;

	if (walk_open(fd, &walk, err) < 0)
		return -1;
	*ret_empty = true;
	while ((entry = readdir(walk.directory)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			*ret_empty = false;
	return 0;
}

/* A killed run may have left one without the record, which comes first, but then with nothing else. */
static int generation_is_ours(int root_fd, uint64_t number, bool *ret_ours, struct error *err)
{
	struct stat status;
	AUTO_FD int fd = openat(root_fd, generation_name(number).text,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	*ret_ours = false;
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP
			       ? 0
			       : error_sys(err, "cannot open generation %s",
					   generation_name(number).text);
	if (fstatat(fd, GENERATION_RECORD, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return generation_is_empty(fd, ret_ours, err);
	*ret_ours = S_ISREG(status.st_mode);
	return 0;
}

int generation_all_ours(int root_fd, bool *ret_ours, struct error *err)
{
	AUTO(walk) walk = { NULL };
	uint64_t number;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	*ret_ours = true;
	while (*ret_ours && (number = walk_next(&walk)) != 0)
		if (generation_is_ours(root_fd, number, ret_ours, err) < 0)
			return -1;
	return 0;
}

int generation_close_others(int root_fd, uint64_t current, struct error *err)
{
	AUTO(walk) walk = { NULL };
	uint64_t number;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	while ((number = walk_next(&walk)) != 0)
		if (number != current &&
		    fchmodat(root_fd, generation_name(number).text, 0700, 0) < 0)
			return error_sys(err, "cannot close generation %s",
					 generation_name(number).text);
	return 0;
}

int generation_prune(int root_fd, uint64_t current, unsigned keep, struct error *err)
{
	uint64_t oldest = current > keep ? current - keep : 1;

	if (generation_close_others(root_fd, current, err) < 0)
		return -1;
	return generation_remove_beyond(root_fd, oldest, current, err);
}
