/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "activate/json.h"
#include "cli/commands.h"
#include "cli/host.h"

#include <stdio.h>
#include <stdio_ext.h>

struct activate_options {
	bool check;
	bool dry_run;
	bool json;
};

static const struct option_spec activate_options[] = {
	{ "check", 0, NULL, "only check manifest, sealed files and owners; needs no key",
	  OPTION_FLAG, offsetof(struct activate_options, check) },
	{ "dry-run", 0, NULL, "open everything and say what would change; write nothing",
	  OPTION_FLAG, offsetof(struct activate_options, dry_run) },
	{ "json", 0, NULL, "the report as one JSON object", OPTION_FLAG,
	  offsetof(struct activate_options, json) },
	{ .name = NULL },
};

static void print_list(const char *verb, const struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		printf("%s %s\n", verb, names->items[i]);
}

static void print_text(const struct activate_options *options, const struct activate_report *report)
{
	bool dry = options->dry_run;
	const char *files = report->files == 1 ? "file" : "files";

	if (options->check)
		printf("%zu %s for %s: nothing wrong\n", report->files, files, report->directory);
	else if (dry)
		printf("%zu %s for %s\n", report->files, files, report->directory);
	else
		printf("%s: generation %llu, %zu %s\n", report->directory,
		       (unsigned long long)report->generation, report->files, files);
	print_list(dry ? "would add" : "added", &report->added);
	print_list(dry ? "would change" : "changed", &report->changed);
	print_list(dry ? "would remove" : "removed", &report->removed);
	print_list(dry ? "would keep" : "kept", &report->kept);
	print_list(dry ? "would leave out" : "left out", &report->missing);
	print_list(dry ? "would restart" : "restart", &report->units.restart);
	print_list(dry ? "would reload" : "reload", &report->units.reload);
}

static int print_json(const struct activate_options *options, const struct activate_report *report,
		      struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	struct json_object object;

	if (json_open(&out, &object, err) < 0 ||
	    json_text(&object, "directory", span_of_text(report->directory), err) < 0 ||
	    json_flag(&object, "checked", options->check, err) < 0 ||
	    json_flag(&object, "dryRun", options->dry_run, err) < 0 ||
	    json_number(&object, "generation", report->generation, err) < 0 ||
	    json_number(&object, "files", report->files, err) < 0 ||
	    json_names(&object, "added", &report->added, err) < 0 ||
	    json_names(&object, "changed", &report->changed, err) < 0 ||
	    json_names(&object, "removed", &report->removed, err) < 0 ||
	    json_names(&object, "kept", &report->kept, err) < 0 ||
	    json_names(&object, "leftOut", &report->missing, err) < 0 ||
	    json_names(&object, "restart", &report->units.restart, err) < 0 ||
	    json_names(&object, "reload", &report->units.reload, err) < 0 ||
	    json_names(&object, "notes", &report->notes, err) < 0 || json_close(&object, err) < 0)
		return -1;
	printf("%.*s\n", (int)out.len, (const char *)out.data);
	return 0;
}

static int print_report(const struct activate_options *options,
			const struct activate_report *report, struct error *err)
{
	for (size_t i = 0; i < report->notes.len; i++)
		fprintf(stderr, "bootseal: note: %s\n", report->notes.items[i]);
	if (options->json)
		return print_json(options, report, err);
	print_text(options, report);
	return 0;
}

/* What cannot be printed is no error any more; main() must not take it for one. */
static void print_done(const struct activate_options *options, const struct activate_report *report)
{
	struct error unsaid = ERROR_INIT;

	if (print_report(options, report, &unsaid) == 0 && fflush(stdout) == 0 && !ferror(stdout))
		return;
	fprintf(stderr, "bootseal: note: \"%s\" is live, but the report could not be written\n",
		report->directory);
	__fpurge(stdout);
	clearerr(stdout);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct activate_options *options = invocation->options;
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	const char *manifest = host_manifest(invocation);
	struct error unsaid = ERROR_INIT;
	int result;

	if (options->check && options->dry_run)
		return error_set(err, ERROR_CONFLICT, "--check and --dry-run exclude each other");
	if (options->check)
		result = activate_check(manifest, &report, err);
	else if (options->dry_run)
		result = activate_dry_run(manifest, &report, err);
	else
		result = activate_run(manifest, &report, err);
	if (result < 0 && err->kind != ERROR_PARTIAL)
		return -1;
	/* The generation is live, whoever hears of it. */
	if (!options->check && !options->dry_run)
		print_done(options, &report);
	else if (print_report(options, &report, result < 0 ? &unsaid : err) < 0)
		return -1;
	return result;
}

const struct command cmd_activate = {
	.name = "activate",
	.group = "host",
	.summary = "open what a manifest names onto a memory file system",
	.synopsis = "[--check | --dry-run] [--json] [MANIFEST]",
	.example = "bootseal activate /etc/bootseal/host.yaml",
	.options = activate_options,
	.options_size = sizeof(struct activate_options),
	.max_args = 1,
	.run = run,
};
