/* SPDX-License-Identifier: MIT */
#include "activate/needs.h"

#include "activate/network.h"
#include "activation.h"
#include "util/buf.h"
#include "util/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many as the kernel follows. */
#define NEEDS_LINKS_MAX 40

struct needs {
	struct names *paths, *notes;
};

static int needs_add(const struct needs *needs, const char *path, struct error *err)
{
	struct text_shown shown = text_printable_text(path);

	if (names_have(needs->paths, path))
		return 0;
	if (strcmp(shown.text, path) != 0)
		return names_printf(needs->notes, err, "\"%s\" cannot be named in a unit",
				    shown.text);
	if (network_has(path))
		return names_printf(needs->notes, err,
				    "\"%s\" is on the network, which comes after bootseal.service: "
				    "it is not waited for",
				    path);
	return names_add(needs->paths, span_of_text(path), err);
}

/* Appends the parts of text to path, which begins with a slash and has none at its end; ".." by name. */
static bool needs_append(char path[PATH_MAX], struct span text)
{
	struct span part;

	while (span_take_until(&text, '/', &part)) {
		size_t len = strlen(path);

		if (part.len == 0 || span_equal_text(part, "."))
			continue;
		if (span_equal_text(part, "..")) {
			while (len > 0 && path[len - 1] != '/')
				len--;
			path[len > 0 ? len - 1 : 0] = '\0';
			continue;
		}
		if (len + 1 + part.len >= PATH_MAX)
			return false;
		path[len] = '/';
		memcpy(path + len + 1, part.data, part.len);
		path[len + 1 + part.len] = '\0';
	}
	return true;
}

/*
 * The first part of path that is a symbolic link is replaced by what it says. False where none is, or where
 * the rest is not there yet.
 */
static bool needs_follow(char path[PATH_MAX])
{
	char result[PATH_MAX] = "", before[PATH_MAX], target[PATH_MAX];
	struct span rest = span_of_text(path), part;
	ssize_t len;

	while (span_take_until(&rest, '/', &part)) {
		memcpy(before, result, sizeof(before));
		if (!needs_append(result, part))
			return false;
		len = *result == '\0' ? -1 : readlink(result, target, sizeof(target));
		if (len <= 0)
			continue;
		if (target[0] == '/')
			before[0] = '\0';
		if (!needs_append(before, span_of(target, (size_t)len)) ||
		    !needs_append(before, rest))
			return false;
		memcpy(path, before, sizeof(before));
		return true;
	}
	return false;
}

static int needs_add_all(const struct needs *needs, const char *path, struct error *err)
{
	char now[PATH_MAX] = "";

	if (!needs_append(now, span_of_text(path)))
		return error_set(err, ERROR_LIMIT, "a path of more than %d bytes", PATH_MAX);
	for (int links = 0; links <= NEEDS_LINKS_MAX; links++) {
		if (needs_add(needs, *now == '\0' ? "/" : now, err) < 0)
			return -1;
		if (!needs_follow(now))
			break;
	}
	return 0;
}

/* Of the manifest and of sealed files it is the directory that matters, and where a link leads. */
static int needs_add_files(const struct needs *needs, const struct activation *run,
			   const struct names *files, struct error *err)
{
	for (size_t i = 0; i < files->len; i++) {
		AUTO_FREE char *path = NULL;

		if (activation_path(run, files->items[i], &path, err) < 0 ||
		    needs_add_all(needs, path, err) < 0)
			return -1;
	}
	return 0;
}

int needs_find(const char *manifest, struct names *paths, struct names *notes, struct error *err)
{
	const struct needs needs = { paths, notes };
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&report);

	if (needs_add_all(&needs, manifest, err) < 0 ||
	    activation_read_manifest(&run, manifest, err) < 0 ||
	    needs_add_files(&needs, &run, &run.manifest.identities, err) < 0 ||
	    needs_add_files(&needs, &run, &run.manifest.files, err) < 0)
		return -1;
	return run.manifest.credentials == NULL
		       ? 0
		       : needs_add_files(&needs, &run, &run.manifest.credentials->files, err);
}

/* In quotes, because of blanks; "%" begins a specifier. */
static int needs_format_path(const char *path, struct secret *out, struct error *err)
{
	if (secret_append_text(out, "RequiresMountsFor=\"", err) < 0)
		return -1;
	for (; *path != '\0'; path++)
		if (secret_append(out, path, 1, err) < 0 ||
		    (*path == '%' && secret_append(out, "%", 1, err) < 0))
			return -1;
	return secret_append_text(out, "\"\n", err);
}

int needs_format(const struct names *paths, struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (secret_append_text(&text, "[Unit]\n", err) < 0)
		return -1;
	for (size_t i = 0; i < paths->len; i++)
		if (needs_format_path(paths->items[i], &text, err) < 0)
			return -1;
	*ret_text = secret_move(&text);
	return 0;
}
