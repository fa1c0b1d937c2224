/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "cli/commands.h"
#include "cli/host.h"

#include <stdio.h>

struct deactivate_options {
	const char *directory;
	const char *root;
	bool all;
};

static const struct option_spec deactivate_options[] = {
	{ "directory", 0, "DIRECTORY", "what to remove, instead of what MANIFEST names",
	  OPTION_TEXT, offsetof(struct deactivate_options, directory) },
	HOST_OPTION_ROOT(struct deactivate_options),
	{ "all", 0, NULL, "what was made for any manifest, by all mounts that are bootseal's",
	  OPTION_FLAG, offsetof(struct deactivate_options, all) },
	{ .name = NULL },
};

static int remove_one(const char *directory, const char *root, struct error *err)
{
	AUTO(names) notes = NAMES_INIT;
	bool was_there = false;

	if (activate_remove(directory, root, &was_there, &notes, err) < 0)
		return -1;
	for (size_t i = 0; i < notes.len; i++)
		fprintf(stderr, "bootseal: note: %s\n", notes.items[i]);
	printf("%s: %s\n", directory, was_there ? "removed" : "nothing was live");
	return 0;
}

/* One that stays keeps no other from going; the first reason is told. */
static int remove_all(struct error *err)
{
	AUTO(names) directories = NAMES_INIT;
	int result = activate_directories(&directories, err);

	for (size_t i = 0; i < directories.len; i++) {
		struct error other = ERROR_INIT;

		if (remove_one(directories.items[i], NULL, result < 0 ? &other : err) < 0)
			result = -1;
	}
	if (result == 0 && directories.len == 0)
		puts("nothing was live");
	return result;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct deactivate_options *options = invocation->options;
	AUTO(host_place) place = HOST_PLACE_INIT;

	if (options->all && (options->directory != NULL || invocation->args_len > 0))
		return error_set(err, ERROR_CONFLICT,
				 "--all and a manifest or --directory exclude each other");
	if (host_enter_root(options->root, err) < 0)
		return -1;
	if (options->all)
		return remove_all(err);
	if (host_find_place(invocation, options->directory, &place, err) < 0)
		return -1;
	return remove_one(place.directory, place.root, err);
}

const struct command cmd_deactivate = {
	.name = "deactivate",
	.group = "host",
	.summary = "remove what activate made: link, files and mount",
	.synopsis = "[--root DIRECTORY] [--all | --directory DIRECTORY | MANIFEST]",
	.example = "bootseal deactivate /etc/bootseal/host.yaml",
	.options = deactivate_options,
	.options_size = sizeof(struct deactivate_options),
	.max_args = 1,
	.run = run,
};
