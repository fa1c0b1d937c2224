/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "activate/nix.h"
#include "activate/root.h"
#include "cli/commands.h"
#include "cli/host.h"

struct activate_options {
	bool check;
	bool dry_run;
	bool json;
	const char *root;
};

static const struct option_spec activate_options[] = {
	{ "check", 0, NULL, "only check manifest, sealed files and owners; needs no key",
	  OPTION_FLAG, offsetof(struct activate_options, check) },
	{ "dry-run", 0, NULL, "open everything and say what would change; write nothing",
	  OPTION_FLAG, offsetof(struct activate_options, dry_run) },
	{ "json", 0, NULL, "the report as one JSON object", OPTION_FLAG,
	  offsetof(struct activate_options, json) },
	{ "root", 0, "DIRECTORY", "as if DIRECTORY were the root, with MANIFEST in it", OPTION_TEXT,
	  offsetof(struct activate_options, root) },
	{ .name = NULL },
};

/* sops-nix' manifest, in our own manner: no variable steers it, and units are told as ours are. */
static int run_nix(const char *manifest, enum host_way way, bool json, struct error *err)
{
	AUTO(nix_report) report = NIX_REPORT_INIT;
	const struct nix_options options = {
		.check = way == HOST_CHECK ? NIX_CHECK_FILES : NIX_CHECK_OFF,
		.dry_run = way == HOST_DRY,
		.way = NIX_BY_UNITS,
	};
	const int result = nix_activate(manifest, &options, &report, err);

	return host_report(way, json, &report.base, result, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct activate_options *options = invocation->options;
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	const char *manifest = host_manifest(invocation);
	enum host_way way = HOST_DONE;
	int result;

	if (options->check && options->dry_run)
		return error_set(err, ERROR_CONFLICT, "--check and --dry-run exclude each other");
	if (options->check || options->dry_run)
		way = options->check ? HOST_CHECK : HOST_DRY;
	if (options->root != NULL && root_enter(options->root, err) < 0)
		return -1;
	if (nix_is_manifest(manifest))
		return run_nix(manifest, way, options->json, err);
	if (way == HOST_CHECK)
		result = activate_check(manifest, &report, err);
	else if (way == HOST_DRY)
		result = activate_dry_run(manifest, &report, err);
	else
		result = activate_run(manifest, &report, err);
	return host_report(way, options->json, &report, result, err);
}

const struct command cmd_activate = {
	.name = "activate",
	.group = "host",
	.summary = "open what a manifest names onto a memory file system",
	.synopsis = "[--check | --dry-run] [--json] [--root DIRECTORY] [MANIFEST]",
	.example = "bootseal activate /etc/bootseal/host.yaml",
	.options = activate_options,
	.options_size = sizeof(struct activate_options),
	.max_args = 1,
	.run = run,
};
