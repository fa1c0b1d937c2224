/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "activate/json.h"
#include "cli/commands.h"
#include "cli/host.h"
#include "util/text.h"

#include <stdio.h>

struct status_options {
	const char *directory;
	const char *root;
	bool json;
};

static const struct option_spec status_options[] = {
	{ "directory", 0, "DIRECTORY", "what to look at, instead of what MANIFEST names",
	  OPTION_TEXT, offsetof(struct status_options, directory) },
	HOST_OPTION_ROOT(struct status_options),
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

static void print_source(const struct record_source *source, enum activate_source_state state)
{
	printf("%s: %s", text_printable_text(source->path).text, source_state(state));
	if (record_is_older(source))
		printf(", of %s and older than what was opened before, of %s",
		       text_printable_text(source->time).text,
		       text_printable_text(source->newest).text);
	putchar('\n');
}

static void print_older(const struct activate_generation *generation)
{
	printf("older generation %llu of %s\n", (unsigned long long)generation->number,
	       text_printable_text(generation->record.time).text);
	if (*generation->record.revision != '\0')
		printf("\tcommit %s\n", text_printable_text(generation->record.revision).text);
	for (size_t i = 0; i < generation->record.len; i++) {
		putchar('\t');
		print_source(&generation->record.sources[i], generation->sources[i]);
	}
}

static void print_text(const struct activate_status *status)
{
	const struct record *record = &status->generations[0].record;

	printf("%s: generation %llu of %s (%s)\n", status->target.directory,
	       (unsigned long long)status->generations[0].number,
	       text_printable_text(record->time).text, mount_name(status));
	if (status->rolled_back_from != 0)
		printf("rolled back from generation %llu, until the next activation or boot\n",
		       (unsigned long long)status->rolled_back_from);
	if (*record->revision != '\0')
		printf("commit %s\n", text_printable_text(record->revision).text);
	for (size_t i = 0; i < record->len; i++)
		print_source(&record->sources[i], status->generations[0].sources[i]);
	for (size_t i = 0; i < record->files_len; i++)
		printf("%s/%s%s\n", status->target.directory,
		       text_printable_text(record->files[i].name).text,
		       record->files[i].kept ? ": kept, because it could not be renewed" : "");
	for (size_t i = 0; i < status->ready.record.len; i++)
		printf("%s" READY_SUFFIX "/%s: %s for %s\n", status->target.directory,
		       text_printable_text(status->ready.record.items[i].name).text,
		       status->ready.published[i] ? "published" : "withdrawn,",
		       status->ready.record.items[i].unit);
	for (size_t i = 1; i < status->len; i++)
		print_older(&status->generations[i]);
}

static int format_sources(const struct activate_generation *generation, struct secret *out,
			  struct error *err)
{
	for (size_t i = 0; i < generation->record.len; i++) {
		const struct record_source *source = &generation->record.sources[i];
		const char *state = source_state(generation->sources[i]);
		struct json_object object;

		if ((i > 0 && secret_append(out, ",", 1, err) < 0) ||
		    json_open(out, &object, err) < 0 ||
		    json_text(&object, "path", span_of_text(source->path), err) < 0 ||
		    json_text(&object, "sha256", span_of_text(source->digest), err) < 0 ||
		    json_text(&object, "lastmodified", span_of_text(source->time), err) < 0 ||
		    json_text(&object, "newest", span_of_text(source->newest), err) < 0 ||
		    json_text(&object, "state", span_of_text(state), err) < 0 ||
		    json_close(&object, err) < 0)
			return -1;
	}
	return 0;
}

/* All names, or those that were kept. */
static int format_names(const struct record *record, const char *key, bool kept_only,
			struct json_object *object, struct error *err)
{
	AUTO(names) names = NAMES_INIT;

	for (size_t i = 0; i < record->files_len; i++)
		if ((record->files[i].kept || !kept_only) &&
		    names_add(&names, span_of_text(record->files[i].name), err) < 0)
			return -1;
	return json_names(object, key, &names, err);
}

static int format_generation(const struct activate_generation *generation,
			     struct json_object *object, struct error *err)
{
	const struct record *record = &generation->record;

	if (json_number(object, "generation", generation->number, err) < 0 ||
	    json_text(object, "time", span_of_text(record->time), err) < 0 ||
	    json_text(object, "revision", span_of_text(record->revision), err) < 0 ||
	    format_names(record, "files", false, object, err) < 0 ||
	    format_names(record, "kept", true, object, err) < 0 ||
	    json_key(object, SPAN_LITERAL("sources"), err) < 0 ||
	    secret_append(object->out, "[", 1, err) < 0 ||
	    format_sources(generation, object->out, err) < 0)
		return -1;
	return secret_append(object->out, "]", 1, err);
}

static int format_older(const struct activate_status *status, struct secret *out, struct error *err)
{
	for (size_t i = 1; i < status->len; i++) {
		struct json_object object;

		if ((i > 1 && secret_append(out, ",", 1, err) < 0) ||
		    json_open(out, &object, err) < 0 ||
		    format_generation(&status->generations[i], &object, err) < 0 ||
		    json_close(&object, err) < 0)
			return -1;
	}
	return 0;
}

static int format_ready(const struct ready_state *ready, struct secret *out, struct error *err)
{
	for (size_t i = 0; i < ready->record.len; i++) {
		const struct ready_document *document = &ready->record.items[i];
		struct json_object object;

		if ((i > 0 && secret_append(out, ",", 1, err) < 0) ||
		    json_open(out, &object, err) < 0 ||
		    json_text(&object, "name", span_of_text(document->name), err) < 0 ||
		    json_text(&object, "unit", span_of_text(document->unit), err) < 0 ||
		    json_flag(&object, "published", ready->published[i], err) < 0 ||
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
	    json_flag(&object, "mount", status->target.kind == TARGET_MOUNT, err) < 0 ||
	    json_flag(&object, "readOnly", status->read_only, err) < 0 ||
	    json_number(&object, "rolledBackFrom", status->rolled_back_from, err) < 0 ||
	    format_generation(&status->generations[0], &object, err) < 0 ||
	    json_key(&object, SPAN_LITERAL("untilReady"), err) < 0 ||
	    secret_append(&out, "[", 1, err) < 0 || format_ready(&status->ready, &out, err) < 0 ||
	    secret_append(&out, "]", 1, err) < 0 ||
	    json_key(&object, SPAN_LITERAL("older"), err) < 0 ||
	    secret_append(&out, "[", 1, err) < 0 || format_older(status, &out, err) < 0 ||
	    secret_append(&out, "]", 1, err) < 0 || json_close(&object, err) < 0)
		return -1;
	printf("%.*s\n", (int)out.len, (const char *)out.data);
	return 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct status_options *options = invocation->options;
	AUTO(activate_status) status = ACTIVATE_STATUS_INIT;
	AUTO(host_place) place = HOST_PLACE_INIT;

	if (host_enter_root(options->root, err) < 0 ||
	    host_find_place(invocation, options->directory, &place, err) < 0 ||
	    activate_status_read(place.directory, place.root, &status, err) < 0)
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
	.synopsis = "[--json] [--root DIRECTORY] [--directory DIRECTORY | MANIFEST]",
	.example = "bootseal status /etc/bootseal/host.yaml",
	.options = status_options,
	.options_size = sizeof(struct status_options),
	.max_args = 1,
	.run = run,
};
