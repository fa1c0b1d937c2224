/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "activate/json.h"
#include "activate/nix.h"
#include "activate/ready.h"
#include "cli/commands.h"
#include "cli/host.h"
#include "util/process.h"

#include <stdio.h>
#include <unistd.h>

struct activate_options {
	bool check;
	bool dry_run;
	bool json;
	const char *root;
	const char *unit;
};

static const struct option_spec activate_options[] = {
	{ "check", 0, NULL, "only check manifest, sealed files and owners; needs no key",
	  OPTION_FLAG, offsetof(struct activate_options, check) },
	{ "dry-run", 0, NULL, "open everything and say what would change; write nothing",
	  OPTION_FLAG, offsetof(struct activate_options, dry_run) },
	{ "json", 0, NULL, "the report as one JSON object", OPTION_FLAG,
	  offsetof(struct activate_options, json) },
	HOST_OPTION_ROOT(struct activate_options),
	{ "for", 0, "UNIT", "publish what is for that service until it is ready, and no more",
	  OPTION_TEXT, offsetof(struct activate_options, unit) },
	{ .name = NULL },
};

static int print_published(const char *unit, const struct ready_report *report, bool json,
			   struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	struct json_object object;

	for (size_t i = 0; !json && i < report->documents.len; i++)
		printf("%s: published for %s\n", report->documents.items[i], unit);
	if (!json)
		return 0;
	if (json_open(&out, &object, err) < 0 ||
	    json_text(&object, "directory", span_of_text(report->directory), err) < 0 ||
	    json_text(&object, "unit", span_of_text(unit), err) < 0 ||
	    json_names(&object, "published", &report->documents, err) < 0 ||
	    json_names(&object, "notes", &report->notes, err) < 0 || json_close(&object, err) < 0)
		return -1;
	printf("%.*s\n", (int)out.len, (const char *)out.data);
	return 0;
}

static int run_for(const struct activate_options *options, const char *manifest, struct error *err)
{
	AUTO(ready_report) report = READY_REPORT_INIT;
	struct error unsaid = ERROR_INIT;

	if (options->check || options->dry_run)
		return error_set(err, ERROR_CONFLICT, "--for and %s exclude each other",
				 options->check ? "--check" : "--dry-run");
	if (nix_is_manifest(manifest))
		return error_set(err, ERROR_UNSUPPORTED,
				 "sops-nix' manifest has nothing that is for one unit alone");
	/* a unit's "+" command has the unit's variables, and these may come from a file of its user's */
	if (geteuid() == 0 && process_forget_environment(err) < 0)
		return -1;
	if (ready_publish(manifest, options->unit, &report, err) < 0)
		return -1;
	for (size_t i = 0; i < report.notes.len; i++)
		fprintf(stderr, "bootseal: note: %s\n", report.notes.items[i]);
	/* It is there, whoever hears of it: the unit must not fail for that. */
	host_said(print_published(options->unit, &report, options->json, &unsaid), report.directory,
		  "published");
	return 0;
}

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
	if (host_enter_root(options->root, err) < 0)
		return -1;
	if (options->unit != NULL)
		return run_for(options, manifest, err);
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
	.synopsis = "[--check | --dry-run | --for UNIT] [--json] [--root DIRECTORY] [MANIFEST]",
	.example = "bootseal activate /etc/bootseal/host.yaml",
	.options = activate_options,
	.options_size = sizeof(struct activate_options),
	.max_args = 1,
	.run = run,
};
