/* SPDX-License-Identifier: MIT */
/* Units that may run OpenClaw: no more than their bytes is looked at, as a child judges them (check_units.c). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "openclaw/units.h"
#include "survey.h"
#include "util/buf.h"
#include "util/file.h"

#define UNIT_FILES_MAX 8192
#define UNIT_BYTES_MAX ((size_t)1 << 20)

struct scan {
	const char *state; /* NULL: it has no place of its own */
	struct names *paths;
	bool is_users; /* a directory of the user's */
	size_t files, unread;
};

static bool speaks(const struct scan *scan, struct span text)
{
	return units_names_openclaw(text) ||
	       (scan->state != NULL && text.len > 0 &&
		memmem(text.data, text.len, scan->state, strlen(scan->state)) != NULL);
}

/* One that cannot be read may be any: of the user's each is named, of the others how many there are. */
static int scan_file(struct scan *scan, int fd, const char *path, bool is_ours, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	struct error why = ERROR_INIT;
	const bool is_read = fd >= 0 && file_read_fd(fd, path, UNIT_BYTES_MAX, &text, &why) == 0;

	if (!is_read && !scan->is_users)
		scan->unread++;
	if (is_ours || (is_read ? speaks(scan, secret_span(&text)) : scan->is_users))
		return names_add(scan->paths, span_of_text(path), err);
	return 0;
}

static int scan_directory(struct scan *scan, const char *path, bool is_top, struct error *err);

/* Drop-ins of a unit of OpenClaw's are looked into by its name; of others, for what they make it run. */
static int scan_entry(struct scan *scan, int directory, const char *path, const char *name,
		      bool is_top, struct error *err)
{
	const struct span text = span_of_text(name);
	struct stat status = { .st_mode = S_IFREG };
	AUTO_FD int fd = file_open_inert(directory, name, 0, &status);
	AUTO(buf) whole = BUF_INIT;
	const char *file;

	if (fd < 0 && errno != EACCES)
		return 0;
	if (buf_printf(&whole, err, "%s/%s", path, name) < 0 || buf_text(&whole, &file, err) < 0)
		return -1;
	if (S_ISDIR(status.st_mode))
		return is_top && span_ends_with(text, ".d") ? scan_directory(scan, file, false, err)
							    : 0;
	return scan_file(scan, fd, file, units_names_openclaw(text), err);
}

static int scan_directory(struct scan *scan, const char *path, bool is_top, struct error *err)
{
	struct stat status;
	const int fd = file_open_inert(AT_FDCWD, path, 0, &status);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL) {
		scan->unread += errno == EACCES ? 1 : 0;
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (result == 0 && (entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.' && scan->files++ < UNIT_FILES_MAX)
			result = scan_entry(scan, fd, path, entry->d_name, is_top, err);
	closedir(directory);
	return result;
}

static int scan_all(struct scan *scan, const struct names *places, struct error *err)
{
	for (size_t i = 0; i < places->len; i++)
		if (scan_directory(scan, places->items[i], true, err) < 0)
			return -1;
	return 0;
}

static int report(const struct scan *scan, struct secret *findings, struct error *err)
{
	char what[96];

	if (scan->files > UNIT_FILES_MAX &&
	    check_report(findings, CHECK_NOTE, "units", "the directories of units",
			 "there is too much to look at all of it", "name the gateway's unit",
			 err) < 0)
		return -1;
	if (scan->unread == 0)
		return 0;
	(void)snprintf(what, sizeof(what), "%zu of them could not be looked into", scan->unread);
	return check_report(findings, CHECK_NOTE, "units", "the directories of units", what,
			    "run this as root, or look whether they run OpenClaw", err);
}

int survey_units(const struct survey *survey, struct names *ret_paths, struct secret *findings,
		 struct error *err)
{
	AUTO(rights) rights = RIGHTS_INIT;
	AUTO(names) roots = NAMES_INIT;
	AUTO(names) users = NAMES_INIT;
	struct scan scan = { .state = survey->state, .paths = ret_paths };

	if (units_places(survey->home, survey->uid, &roots, &users, err) < 0 ||
	    scan_all(&scan, &roots, err) < 0 || survey_take_rights(survey, &rights, err) < 0)
		return -1;
	scan.is_users = true;
	if (scan_all(&scan, &users, err) < 0)
		return -1;
	return report(&scan, findings, err);
}
