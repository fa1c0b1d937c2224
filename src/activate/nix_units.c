/* SPDX-License-Identifier: MIT */
#include "nix_units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#define NIX_LISTS "/run/nixos"
#define NIX_SYSTEMCTL_TIMEOUT 30
#define NIX_SYSTEMCTL_OUTPUT_MAX 65536

static int nix_list_append(int dir_fd, const char *name, const struct names *units,
			   struct error *err)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
	AUTO_FD int fd = -1;

	if (units->len == 0)
		return 0;
	fd = openat(dir_fd, name, flags, 0600);
	if (fd < 0)
		return error_sys(err, "cannot open \"" NIX_LISTS "/%s\"", name);
	for (size_t i = 0; i < units->len; i++)
		if (file_write_all(fd, span_of_text(units->items[i]), name, err) < 0 ||
		    file_write_all(fd, SPAN_LITERAL("\n"), name, err) < 0)
			return -1;
	return 0;
}

int nix_units_list(const struct units *units, bool dry_run, struct error *err)
{
	AUTO_FD int dir_fd = open(NIX_LISTS, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir_fd < 0)
		return errno == ENOENT ? 0 : error_sys(err, "cannot open \"" NIX_LISTS "\"");
	if (nix_list_append(dir_fd,
			    dry_run ? "dry-activation-restart-list" : "activation-restart-list",
			    &units->restart, err) < 0)
		return -1;
	return nix_list_append(dir_fd,
			       dry_run ? "dry-activation-reload-list" : "activation-reload-list",
			       &units->reload, err);
}

static int nix_systemctl(const char *verb, const struct names *units, bool user_mode,
			 struct error *err)
{
	AUTO_FREE const char **argv = calloc(units->len + 5, sizeof(*argv));
	struct child_command command = { .argv = argv, .timeout_seconds = NIX_SYSTEMCTL_TIMEOUT };
	AUTO(secret) said = SECRET_INIT;
	size_t len = 0;
	int status;

	if (argv == NULL)
		return error_memory(err);
	if (units->len == 0)
		return 0;
	argv[len++] = "systemctl";
	if (user_mode)
		argv[len++] = "--user";
	argv[len++] = "--no-block";
	argv[len++] = verb;
	for (size_t i = 0; i < units->len; i++)
		argv[len++] = units->items[i];
	if (child_run(&command, NIX_SYSTEMCTL_OUTPUT_MAX, &said, &status, err) < 0)
		return error_wrap(err, "the secrets are in place, but no unit was told");
	if (status == 0)
		return 0;
	error_set(err, ERROR_PARTIAL,
		  "the secrets are in place, but \"systemctl --no-block %s\" of %s%s ended with "
		  "status %d",
		  verb, text_printable_text(units->items[0]).text, units->len > 1 ? ", …" : "",
		  status);
	return error_hint(err, "the next activation tells them, or restart them yourself");
}

int nix_units_tell(const struct units *units, bool user_mode, struct error *err)
{
	if (nix_systemctl("try-restart", &units->restart, user_mode, err) < 0)
		return -1;
	return nix_systemctl("try-reload-or-restart", &units->reload, user_mode, err);
}
