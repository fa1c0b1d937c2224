/* SPDX-License-Identifier: MIT */
/* The half of cli/host.h that says what was done. */
#include "activate/json.h"
#include "cli/host.h"

#include <stdio.h>
#include <stdio_ext.h>

static void print_list(const char *verb, const struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		printf("%s %s\n", verb, names->items[i]);
}

static void print_heading(enum host_way way, const struct activate_report *report)
{
	const char *files = report->files == 1 ? "file" : "files";

	if (report->before != 0)
		printf("%s: generation %llu of %s%s%s, %s of generation %llu, until the next "
		       "activation or boot\n",
		       report->directory, (unsigned long long)report->generation, report->time,
		       *report->revision == '\0' ? "" : ", commit ", report->revision,
		       way == HOST_DRY ? "would be live instead" : "is live again instead",
		       (unsigned long long)report->before);
	else if (way == HOST_CHECK)
		printf("%zu %s for %s%s: nothing wrong\n", report->files, files, report->directory,
		       report->has_credentials ? ", and credentials" : "");
	else if (way == HOST_DRY)
		printf("%zu %s for %s\n", report->files, files, report->directory);
	else
		printf("%s: generation %llu, %zu %s\n", report->directory,
		       (unsigned long long)report->generation, report->files, files);
}

static void print_text(enum host_way way, const struct activate_report *report)
{
	const bool dry = way == HOST_DRY;

	print_heading(way, report);
	print_list(dry ? "would add" : "added", &report->added);
	print_list(dry ? "would change" : "changed", &report->changed);
	print_list(dry ? "would remove" : "removed", &report->removed);
	print_list(dry ? "would keep" : "kept", &report->kept);
	print_list(dry ? "would leave out" : "left out", &report->missing);
	print_list(dry ? "would restart" : "restart", &report->units.restart);
	print_list(dry ? "would reload" : "reload", &report->units.reload);
}

static int format_report(enum host_way way, const struct activate_report *report,
			 struct secret *out, struct error *err)
{
	struct json_object object;

	if (json_open(out, &object, err) < 0 ||
	    json_text(&object, "directory", span_of_text(report->directory), err) < 0 ||
	    json_flag(&object, "checked", way == HOST_CHECK, err) < 0 ||
	    json_flag(&object, "dryRun", way == HOST_DRY, err) < 0 ||
	    json_number(&object, "generation", report->generation, err) < 0 ||
	    json_number(&object, "before", report->before, err) < 0 ||
	    json_text(&object, "time", span_of_text(report->time), err) < 0 ||
	    json_text(&object, "revision", span_of_text(report->revision), err) < 0 ||
	    json_number(&object, "files", report->files, err) < 0 ||
	    json_names(&object, "added", &report->added, err) < 0 ||
	    json_names(&object, "changed", &report->changed, err) < 0 ||
	    json_names(&object, "removed", &report->removed, err) < 0 ||
	    json_names(&object, "kept", &report->kept, err) < 0 ||
	    json_names(&object, "leftOut", &report->missing, err) < 0 ||
	    json_names(&object, "restart", &report->units.restart, err) < 0 ||
	    json_names(&object, "reload", &report->units.reload, err) < 0 ||
	    json_names(&object, "notes", &report->notes, err) < 0)
		return -1;
	return json_close(&object, err);
}

static int print_report(enum host_way way, bool json, const struct activate_report *report,
			struct error *err)
{
	AUTO(secret) out = SECRET_INIT;

	for (size_t i = 0; i < report->notes.len; i++)
		fprintf(stderr, "bootseal: note: %s\n", report->notes.items[i]);
	if (!json) {
		print_text(way, report);
		return 0;
	}
	if (format_report(way, report, &out, err) < 0)
		return -1;
	printf("%.*s\n", (int)out.len, (const char *)out.data);
	return 0;
}

/* main() must not take it for an error. */
void host_said(int result, const char *what, const char *is)
{
	if (result == 0 && fflush(stdout) == 0 && !ferror(stdout))
		return;
	fprintf(stderr, "bootseal: note: \"%s\" is %s, but the report could not be written\n", what,
		is);
	__fpurge(stdout);
	clearerr(stdout);
}

static void print_done(bool json, const struct activate_report *report)
{
	struct error unsaid = ERROR_INIT;

	host_said(print_report(HOST_DONE, json, report, &unsaid), report->directory, "live");
}

int host_report(enum host_way way, bool json, const struct activate_report *report, int result,
		struct error *err)
{
	struct error unsaid = ERROR_INIT;

	if (result < 0 && err->kind != ERROR_PARTIAL)
		return -1;
	/* The generation is live, whoever hears of it. */
	if (way == HOST_DONE)
		print_done(json, report);
	else if (print_report(way, json, report, result < 0 ? &unsaid : err) < 0)
		return -1;
	return result;
}
