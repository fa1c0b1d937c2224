/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "activate/json.h"
#include "cli/commands.h"
#include "cli/host.h"
#include "util/buf.h"
#include "util/text.h"

#include <stdio.h>

struct status_options {
	const char *directory;
	bool json;
};

static const struct option_spec status_options[] = {
	{ "directory", 0, "DIRECTORY", "what to look at, instead of what MANIFEST names",
	  OPTION_TEXT, offsetof(struct status_options, directory) },
	{ "json", 0, NULL, "the answer as one JSON object", OPTION_FLAG,
	  offsetof(struct status_options, json) },
	{ .name = NULL },
};

static const char *mount_name(const struct activate_status *status)
{
	if (status->target.kind != TARGET_MOUNT)
		return "folder";
	return status->read_only ? "mount, read-only" : "mount, writable";
}

static const char *source_state(enum activate_source_state state)
{
	switch (state) {
	case ACTIVATE_SAME:
		return "as activated";
	case ACTIVATE_DIFFERS:
		return "changed since";
	case ACTIVATE_GONE:
		return "cannot be read";
	}
	return "unknown";
}

static void print_text(const struct activate_status *status)
{
	printf("%s: generation %llu of %s (%s)\n", status->target.directory,
	       (unsigned long long)status->generation,
	       text_printable_text(status->record.time).text, mount_name(status));
	for (size_t i = 0; i < status->record.len; i++)
		printf("%s: %s\n", text_printable_text(status->record.sources[i].path).text,
		       source_state(status->sources[i]));
	for (size_t i = 0; i < status->record.files.len; i++)
		printf("%s/%s\n", status->target.directory,
		       text_printable_text(status->record.files.items[i]).text);
	for (size_t i = 0; i < status->older.len; i++)
		printf("older generation %s\n", status->older.items[i]);
}

static int format_sources(const struct activate_status *status, struct secret *out,
			  struct error *err)
{
	for (size_t i = 0; i < status->record.len; i++) {
		const struct record_source *source = &status->record.sources[i];
		const char *state = source_state(status->sources[i]);
		struct json_object object;

		if ((i > 0 && secret_append(out, ",", 1, err) < 0) ||
		    json_open(out, &object, err) < 0 ||
		    json_text(&object, "path", span_of_text(source->path), err) < 0 ||
		    json_text(&object, "sha256", span_of_text(source->digest), err) < 0 ||
		    json_text(&object, "lastmodified", span_of_text(source->time), err) < 0 ||
		    json_text(&object, "state", span_of_text(state), err) < 0 ||
		    json_close(&object, err) < 0)
			return -1;
	}
	return 0;
}

static int print_json(const struct activate_status *status, struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	struct json_object object;

	if (json_open(&out, &object, err) < 0 ||
	    json_text(&object, "directory", span_of_text(status->target.directory), err) < 0 ||
	    json_number(&object, "generation", status->generation, err) < 0 ||
	    json_text(&object, "time", span_of_text(status->record.time), err) < 0 ||
	    json_flag(&object, "mount", status->target.kind == TARGET_MOUNT, err) < 0 ||
	    json_flag(&object, "readOnly", status->read_only, err) < 0 ||
	    json_names(&object, "files", &status->record.files, err) < 0 ||
	    json_names(&object, "older", &status->older, err) < 0 ||
	    json_key(&object, SPAN_LITERAL("sources"), err) < 0 ||
	    secret_append(&out, "[", 1, err) < 0 || format_sources(status, &out, err) < 0 ||
	    secret_append(&out, "]", 1, err) < 0 || json_close(&object, err) < 0)
		return -1;
	printf("%.*s\n", (int)out.len, (const char *)out.data);
	return 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct status_options *options = invocation->options;
	AUTO(activate_status) status = ACTIVATE_STATUS_INIT;
	AUTO_FREE char *directory = NULL;

	if (host_directory(invocation, options->directory, &directory, err) < 0 ||
	    activate_status_read(directory, &status, err) < 0)
		return -1;
	if (options->json)
		return print_json(&status, err);
	print_text(&status);
	return 0;
}

const struct command cmd_status = {
	.name = "status",
	.group = "host",
	.summary = "say what is live, and whether what it was made from has changed",
	.synopsis = "[--json] [--directory DIRECTORY | MANIFEST]",
	.example = "bootseal status /etc/bootseal/host.yaml",
	.options = status_options,
	.options_size = sizeof(struct status_options),
	.max_args = 1,
	.run = run,
};
