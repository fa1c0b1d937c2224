/* SPDX-License-Identifier: MIT */
/* What systemd calls as bootseal-generator (systemd.generator(7)), early in the boot and at each reload. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "activate/manifest.h"
#include "activate/needs.h"
#include "cli/commands.h"
#include "util/file.h"

/* There is no journal yet: the kernel's log, as a warning; else standard error. */
static void tell(const char *text)
{
	AUTO_FD int fd = getuid() == 0 && getppid() == 1
				 ? open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY)
				 : -1;

	if (fd < 0 || dprintf(fd, "<4>bootseal-generator: %s\n", text) < 0)
		fprintf(stderr, "bootseal-generator: %s\n", text);
}

static void tell_error(struct error *err)
{
	tell(err->message);
	error_clear(err);
}

static int write_for(const char *directory, const char *unit, struct span text, struct error *err)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s.d/50-bootseal-mounts.conf", directory, unit);

	if (len < 0 || (size_t)len >= sizeof(path))
		return error_set(err, ERROR_LIMIT, "a path of more than %d bytes", PATH_MAX);
	*strrchr(path, '/') = '\0';
	if (file_make_directories(AT_FDCWD, path, 0755, err) < 0)
		return -1;
	path[strlen(path)] = '/';
	return file_write(AT_FDCWD, path, text, 0644, err);
}

/* Whatever is wrong is told, and no error: the boot goes on, and the unit itself will say the same. */
static int run(const struct invocation *invocation, struct error *err)
{
	static const char *const units[] = { "bootseal.service", "bootseal-credentials@.service" };
	const char *manifest = invocation->args_len > 3 ? invocation->args[3] : MANIFEST_DEFAULT;
	AUTO(names) paths = NAMES_INIT;
	AUTO(names) notes = NAMES_INIT;
	AUTO(secret) text = SECRET_INIT;

	if (needs_find(manifest, &paths, &notes, err) < 0) {
		/* A host without a manifest is one on which there is nothing to do. */
		if (access(manifest, F_OK) == 0)
			tell(err->message);
		error_clear(err);
	}
	for (size_t i = 0; i < notes.len; i++)
		tell(notes.items[i]);
	if (needs_format(&paths, &text, err) < 0)
		tell_error(err);
	for (size_t i = 0; text.len > 0 && i < sizeof(units) / sizeof(units[0]); i++)
		if (write_for(invocation->args[0], units[i], secret_span(&text), err) < 0)
			tell_error(err);
	return 0;
}

const struct command cmd_generator = {
	.name = "generator",
	.group = "host",
	.summary = "tell systemd which mounts an activation needs",
	.synopsis = "DIRECTORY [EARLY-DIRECTORY LATE-DIRECTORY [MANIFEST]]",
	.example = "bootseal generator units units units /etc/bootseal/host.yaml",
	.min_args = 1,
	.max_args = 4,
	.run = run,
};
