/* SPDX-License-Identifier: MIT */
#include "openclaw/search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/rights.h"
#include "util/text.h"

#define CHUNK ((size_t)1 << 20)

/* What is shorter stands in many a text. */
#define LINE_LEN_MIN 16

/* No sentence, and nothing of the JSON around a key. */
static bool is_word(struct span line)
{
	return line.len > 0 && !memchr(line.data, ' ', line.len) &&
	       !memchr(line.data, '"', line.len);
}

/* Of lines of one word that end with a line break, or with "\\n" as JSON has it. */
static struct span longest_line(struct span text)
{
	struct span longest = SPAN_INIT;
	size_t start = 0;

	for (size_t i = 0; i <= text.len; i++) {
		const bool is_end = i == text.len || text.data[i] == '\n';

		if (!is_end && !span_starts_with(span_slice(text, i, 2), "\\n"))
			continue;
		if (i - start > longest.len && is_word(span_slice(text, start, i - start)))
			longest = span_slice(text, start, i - start);
		start = i + (is_end ? 1 : 2);
	}
	return longest;
}

static void add(struct search_values *values, struct span value)
{
	for (size_t i = 0; i < values->len; i++)
		if (span_equal(values->items[i], value))
			return;
	if (values->len < SEARCH_VALUES_MAX && value.len > 0 && value.len < CHUNK / 2)
		values->items[values->len++] = value;
}

void search_add(struct search_values *values, struct span value)
{
	const struct span line = longest_line(value);

	add(values, value);
	if (line.len < value.len && line.len >= LINE_LEN_MIN)
		add(values, line);
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
	if (names_have(s->passed_over, path))
		return 0;
	if (S_ISDIR(status.st_mode)) {
		const int own = fd;

		fd = -1;
		return search_names(s, own, path, err);
	}
	if (++s->files > SEARCH_FILES_MAX || s->bytes > SEARCH_BYTES_MAX) {
		s->whole = false;
		return 0;
	}
	return search_file(s, fd, path, err);
}

static bool is_passed_over(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	       strcmp(name, "node_modules") == 0;
}

/* Takes fd over. Files first: those near the top are looked at, however much is below. */
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
	for (int pass = 0; result == 0 && pass < 2; pass++) {
		rewinddir(directory);
		while (result == 0 && (entry = readdir(directory)) != NULL)
			if (!is_passed_over(entry->d_name) &&
			    (entry->d_type == DT_DIR) == (pass == 1))
				result =
					search_entry(s, dirfd(directory), path, entry->d_name, err);
	}
	s->depth--;
	closedir(directory);
	return result;
}

/* Takes fd over, which is directory. */
static int search_opened(int fd, const char *directory, const struct stat *status,
			 const struct search_values *values, const struct names *passed_over,
			 struct names *ret_found, bool *ret_whole, struct error *err)
{
	struct search s = { .values = values,
			    .passed_over = passed_over,
			    .found = ret_found,
			    .device = status->st_dev,
			    .whole = true };
	int result;

	for (size_t i = 0; i < values->len; i++)
		if (values->items[i].len > s.longest)
			s.longest = values->items[i].len;
	if (secret_reserve(&s.chunk, CHUNK, err) < 0) {
		close(fd);
		return -1;
	}
	result = search_names(&s, fd, directory, err);
	secret_release(&s.chunk);
	*ret_whole = s.whole;
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
	struct stat status;
	AUTO_FD int fd = file_open_inert(AT_FDCWD, directory,
					 owner == SEARCH_ANY_OWNER ? 0 : O_NOFOLLOW, &status);
	int own;

	*ret_whole = fd >= 0 || errno == ENOENT || errno == ENXIO;
	if (fd < 0 || !is_searched(&status, owner))
		return 0;
	own = fd;
	fd = -1;
	return search_opened(own, directory, &status, values, passed_over, ret_found, ret_whole,
			     err);
}

/*
 * One that the user may have named, or led elsewhere: opened with his rights. What lies in a directory of his own, no link
 * being followed, is his, whoever owns it.
 */
static int search_users(const struct search_places *places, const char *directory,
			const struct search_values *values, const struct names *passed_over,
			struct names *ret_found, bool *ret_whole, struct error *err)
{
	AUTO(rights) rights = RIGHTS_INIT;
	AUTO_FD int fd = -1;
	struct stat status;
	int own;

	if (places->user != NULL &&
	    rights_take(places->user, places->uid, places->gid, &rights, err) < 0)
		return -1;
	fd = file_open_inert(AT_FDCWD, directory, 0, &status);
	*ret_whole = fd >= 0 || errno == ENOENT || errno == ENXIO;
	if (fd < 0 || !is_searched(&status, SEARCH_ANY_OWNER))
		return 0;
	if (status.st_uid == places->uid)
		rights_release(&rights);
	own = fd;
	fd = -1;
	return search_opened(own, directory, &status, values, passed_over, ret_found, ret_whole,
			     err);
}

/* The user's logs, and where root alone writes. */
static int search_systems(const char *logs, const struct search_places *places,
			  const struct search_values *values, const struct names *passed_over,
			  struct names *found, bool *whole, struct error *err)
{
	const char *const directories[] = { logs,
					    "/etc/systemd",
					    "/etc/default",
					    "/run/systemd/system",
					    "/usr/local/lib/systemd",
					    "/etc/containers/systemd" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		bool all = true;

		if (search_directory(directories[i], i == 0 ? places->uid : SEARCH_ANY_OWNER,
				     values, passed_over, found, &all, err) < 0)
			return -1;
		*whole = *whole && all;
	}
	return 0;
}

int search_all(const struct search_places *places, const struct search_values *values,
	       const struct names *passed_over, struct names *ret_found, bool *ret_whole,
	       struct error *err)
{
	const bool has_home = places->home != NULL && strcmp(places->home, "/") != 0;
	const char *const own[] = { places->state, has_home ? places->home : NULL };
	AUTO(names) found = NAMES_INIT;
	char logs[48];

	*ret_whole = true;
	if (values->len == 0)
		return 0;
	if (places->uid == 0)
		(void)snprintf(logs, sizeof(logs), "/tmp/openclaw");
	else
		(void)snprintf(logs, sizeof(logs), "/tmp/openclaw-%u", (unsigned)places->uid);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		bool all = true;

		if (own[i] != NULL &&
		    search_users(places, own[i], values, passed_over, &found, &all, err) < 0)
			return -1;
		*ret_whole = *ret_whole && all;
	}
	if (search_systems(logs, places, values, passed_over, &found, ret_whole, err) < 0)
		return -1;
	return names_add_all(ret_found, &found, err);
}
