/* SPDX-License-Identifier: MIT */
#include "openclaw/search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#define CHUNK ((size_t)1 << 20)

void search_add(struct search_values *values, struct span value)
{
	for (size_t i = 0; i < values->len; i++)
		if (span_equal(values->items[i], value))
			return;
	if (values->len < SEARCH_VALUES_MAX && value.len > 0 && value.len < CHUNK / 2)
		values->items[values->len++] = value;
}

bool search_text(struct span text, const struct search_values *values)
{
	for (size_t i = 0; i < values->len; i++)
		if (text.len > 0 &&
		    memmem(text.data, text.len, values->items[i].data, values->items[i].len))
			return true;
	return false;
}

struct search {
	const struct search_values *values;
	const struct names *passed_over;
	struct names *found;
	size_t longest, files;
	uint64_t bytes;
	unsigned depth;
	dev_t device;
	bool whole;
	struct secret chunk;
};

/* Piece by piece; the end of one is the start of the next, as long as the longest value. */
static int search_file(struct search *s, int fd, const char *path, struct error *err)
{
	size_t kept = 0;

	for (;;) {
		const ssize_t got = read(fd, s->chunk.data + kept, s->chunk.cap - kept);
		struct span text;

		if (got < 0 && errno == EINTR)
			continue;
		s->whole = s->whole && got >= 0;
		if (got <= 0)
			return 0;
		s->bytes += (uint64_t)got;
		text = span_of(s->chunk.data, kept + (size_t)got);
		if (search_text(text, s->values))
			return names_add(s->found, span_of_text(path), err);
		if (s->bytes > SEARCH_BYTES_MAX) {
			s->whole = false;
			return 0;
		}
		kept = text.len < s->longest ? text.len : s->longest;
		memmove(s->chunk.data, text.data + text.len - kept, kept);
	}
}

static int search_names(struct search *s, int fd, const char *path, struct error *err);

/* A file or directory below the one that is open; what is neither, or of another file system, is passed over. */
static int search_entry(struct search *s, int directory_fd, const char *directory, const char *name,
			struct error *err)
{
	struct stat status;
	AUTO_FD int fd = file_open_inert(directory_fd, name, O_NOFOLLOW, &status);
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (fd < 0) {
		s->whole = s->whole && (errno == ENOENT || errno == ENXIO);
		return 0;
	}
	if (status.st_dev != s->device)
		return 0;
	if (buf_printf(&text, err, "%s/%s", directory, name) < 0 || buf_text(&text, &path, err) < 0)
		return -1;
	if (S_ISDIR(status.st_mode)) {
		const int own = fd;

		fd = -1;
		return search_names(s, own, path, err);
	}
	if (names_have(s->passed_over, path))
		return 0;
	if (++s->files > SEARCH_FILES_MAX || s->bytes > SEARCH_BYTES_MAX) {
		s->whole = false;
		return 0;
	}
	return search_file(s, fd, path, err);
}

/* Takes fd over. */
static int search_names(struct search *s, int fd, const char *path, struct error *err)
{
	DIR *directory = s->depth < SEARCH_DEPTH_MAX ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL) {
		close(fd);
		s->whole = false;
		return 0;
	}
	s->depth++;
	while (result == 0 && (entry = readdir(directory)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = search_entry(s, dirfd(directory), path, entry->d_name, err);
	s->depth--;
	closedir(directory);
	return result;
}

/* Whose a directory in /tmp is, anybody can say; one that is another's is not this user's log. */
static bool is_searched(const struct stat *status, uid_t owner)
{
	return S_ISDIR(status->st_mode) && (owner == SEARCH_ANY_OWNER || status->st_uid == owner);
}

int search_directory(const char *directory, uid_t owner, const struct search_values *values,
		     const struct names *passed_over, struct names *ret_found, bool *ret_whole,
		     struct error *err)
{
	struct search s = {
		.values = values, .passed_over = passed_over, .found = ret_found, .whole = true
	};
	struct stat status;
	AUTO_FD int fd = file_open_inert(AT_FDCWD, directory,
					 owner == SEARCH_ANY_OWNER ? 0 : O_NOFOLLOW, &status);
	int own, result;

	*ret_whole = fd >= 0 || errno == ENOENT || errno == ENXIO;
	if (fd < 0 || !is_searched(&status, owner))
		return 0;
	for (size_t i = 0; i < values->len; i++)
		if (values->items[i].len > s.longest)
			s.longest = values->items[i].len;
	if (secret_reserve(&s.chunk, CHUNK, err) < 0)
		return -1;
	s.device = status.st_dev;
	own = fd;
	fd = -1;
	result = search_names(&s, own, directory, err);
	secret_release(&s.chunk);
	*ret_whole = s.whole;
	return result;
}
