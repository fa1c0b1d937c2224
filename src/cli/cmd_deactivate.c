/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "cli/commands.h"
#include "cli/host.h"

#include <stdio.h>

struct deactivate_options {
	const char *directory;
};

static const struct option_spec deactivate_options[] = {
	{ "directory", 0, "DIRECTORY", "what to remove, instead of what MANIFEST names",
	  OPTION_TEXT, offsetof(struct deactivate_options, directory) },
	{ .name = NULL },
};

static int run(const struct invocation *invocation, struct error *err)
{
	const struct deactivate_options *options = invocation->options;
	AUTO(host_place) place = HOST_PLACE_INIT;
	bool was_there = false;

	if (host_find_place(invocation, options->directory, &place, err) < 0 ||
	    activate_remove(place.directory, place.root, &was_there, err) < 0)
		return -1;
	printf("%s: %s\n", place.directory, was_there ? "removed" : "nothing was live");
	return 0;
}

const struct command cmd_deactivate = {
	.name = "deactivate",
	.group = "host",
	.summary = "remove what activate made: link, files and mount",
	.synopsis = "[--directory DIRECTORY | MANIFEST]",
	.example = "bootseal deactivate /etc/bootseal/host.yaml",
	.options = deactivate_options,
	.options_size = sizeof(struct deactivate_options),
	.max_args = 1,
	.run = run,
};
