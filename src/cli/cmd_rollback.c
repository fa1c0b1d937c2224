/* SPDX-License-Identifier: MIT */
#include "activate/rollback.h"
#include "cli/commands.h"
#include "cli/host.h"

struct rollback_options {
	const char *directory;
	const char *root;
	bool dry_run;
	bool json;
};

static const struct option_spec rollback_options[] = {
	{ "directory", 0, "DIRECTORY", "what to bring back, instead of what MANIFEST names",
	  OPTION_TEXT, offsetof(struct rollback_options, directory) },
	HOST_OPTION_ROOT(struct rollback_options),
	{ "dry-run", 0, NULL, "say what would come back; write nothing", OPTION_FLAG,
	  offsetof(struct rollback_options, dry_run) },
	{ "json", 0, NULL, "the report as one JSON object", OPTION_FLAG,
	  offsetof(struct rollback_options, json) },
	{ .name = NULL },
};

static int run(const struct invocation *invocation, struct error *err)
{
	const struct rollback_options *options = invocation->options;
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(host_place) place = HOST_PLACE_INIT;
	int result;

	if (host_enter_root(options->root, err) < 0 ||
	    host_find_place(invocation, options->directory, &place, err) < 0)
		return -1;
	result = rollback_run(place.directory, place.root, options->dry_run, &report, err);
	return host_report(options->dry_run ? HOST_DRY : HOST_DONE, options->json, &report, result,
			   err);
}

const struct command cmd_rollback = {
	.name = "rollback",
	.group = "host",
	.summary = "make the generation before the live one live again",
	.synopsis = "[--dry-run] [--json] [--root DIRECTORY] [--directory DIRECTORY | MANIFEST]",
	.example = "bootseal rollback /etc/bootseal/host.yaml",
	.options = rollback_options,
	.options_size = sizeof(struct rollback_options),
	.max_args = 1,
	.run = run,
};
