/* SPDX-License-Identifier: MIT */
#include "openclaw/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activate/json.h"
#include "activate/plan.h"
#include "activate/ready.h"
#include "doc/doc.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

enum resolve_outcome { RESOLVE_NONE, RESOLVE_FOUND, RESOLVE_AMBIGUOUS, RESOLVE_UNUSABLE };

enum resolve_state { RESOLVE_UNREAD, RESOLVE_ABSENT, RESOLVE_BROKEN, RESOLVE_READ };

/* A document of the manifest; read once, whatever number of ids are in it. */
struct resolve_document {
	enum resolve_state state;
	struct doc doc;
};

struct resolve {
	const struct manifest *manifest;
	const struct resolve_place *place;
	struct resolve_document *documents; /* one an entry */
};

static void resolve_release(struct resolve *run)
{
	for (size_t i = 0; run->documents != NULL && i < run->manifest->len; i++)
		doc_release(&run->documents[i].doc);
	free(run->documents);
}

/* --- The directories --- */

static bool resolve_is_absent(void)
{
	return errno == ENOENT || errno == EACCES || errno == ENOTDIR || errno == ELOOP;
}

static int resolve_open_directory(const char *directory, const char *suffix, int *ret_fd,
				  struct error *err)
{
	AUTO_FREE char *path = NULL;

	if (asprintf(&path, "%s%s", directory, suffix) < 0) {
		path = NULL;
		return error_memory(err);
	}
	*ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0 && !resolve_is_absent())
		return error_sys(err, "cannot open \"%s\"", path);
	return 0;
}

int resolve_open(const struct manifest *manifest, struct resolve_place *ret_place,
		 struct error *err)
{
	AUTO(resolve_place) place = RESOLVE_PLACE_INIT;

	if (resolve_open_directory(manifest->directory, "", &place.live_fd, err) < 0 ||
	    resolve_open_directory(manifest->directory, READY_SUFFIX, &place.ready_fd, err) < 0)
		return -1;
	*ret_place = place;
	place = RESOLVE_PLACE_INIT;
	return 0;
}

void resolve_place_release(struct resolve_place *place)
{
	file_close_pointer(&place->live_fd);
	file_close_pointer(&place->ready_fd);
	*place = RESOLVE_PLACE_INIT;
}

/* --- Files --- */

/* A name of the manifest's has no part ".."; and no link is followed: it stays in the directory. -1 with errno. */
static int resolve_open_beneath(int dir_fd, const char *name)
{
	struct span rest = span_of_text(name), part;
	AUTO_FD int parent = -1;

	while (span_take_until(&rest, '/', &part)) {
		char here[NAME_MAX + 1] = "";
		int fd;

		if (part.len > NAME_MAX)
			break;
		memcpy(here, part.data, part.len);
		if (rest.len == 0)
			return openat(dir_fd, here,
				      O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		fd = openat(dir_fd, here, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -1;
		file_close_pointer(&parent);
		dir_fd = parent = fd;
	}
	errno = ENOENT;
	return -1;
}

/* The published file of an entry. Too long, or no regular file: RESOLVE_BROKEN. */
static int resolve_read(const struct resolve *run, size_t entry, struct secret *ret_text,
			enum resolve_state *ret_state, struct error *err)
{
	const struct manifest_entry *wanted = &run->manifest->entries[entry];
	const int dir_fd = wanted->lifetime == MANIFEST_UNTIL_READY ? run->place->ready_fd
								    : run->place->live_fd;
	AUTO_FD int fd = dir_fd < 0 ? -1 : resolve_open_beneath(dir_fd, wanted->name);

	*ret_state = RESOLVE_ABSENT;
	if (fd < 0)
		return dir_fd < 0 || resolve_is_absent()
			       ? 0
			       : error_sys(err, "cannot open \"%s\"", wanted->name);
	*ret_state = RESOLVE_READ;
	if (file_read_fd(fd, wanted->name, PLAN_DOCUMENT_MAX, ret_text, err) == 0)
		return 0;
	if (err->kind != ERROR_LIMIT)
		return -1;
	error_clear(err);
	*ret_state = RESOLVE_BROKEN;
	return 0;
}

static int resolve_load(const struct resolve *run, size_t entry, struct error *err)
{
	struct resolve_document *document = &run->documents[entry];
	AUTO(secret) text = SECRET_INIT;

	if (document->state != RESOLVE_UNREAD)
		return 0;
	if (resolve_read(run, entry, &text, &document->state, err) < 0)
		return -1;
	if (document->state != RESOLVE_READ ||
	    doc_parse(DOC_JSON, &text, 0, &document->doc, err) == 0)
		return 0;
	if (err->kind == ERROR_SYSTEM)
		return -1;
	error_clear(err);
	document->state = RESOLVE_BROKEN;
	return 0;
}

/* --- One id --- */

static bool resolve_has(const struct manifest_entry *entry, const char *id)
{
	if (entry->kind == MANIFEST_SECRET)
		return strcmp(entry->name, id) == 0;
	if (entry->kind != MANIFEST_DOCUMENT)
		return false;
	for (size_t i = 0; i < entry->keys.len; i++)
		if (strcmp(manifest_key_name(entry->keys.items[i]), id) == 0)
			return true;
	return entry->all_keys;
}

static enum resolve_outcome resolve_judge(struct span value)
{
	return value.len > 0 && text_is_utf8(value) ? RESOLVE_FOUND : RESOLVE_UNUSABLE;
}

static int resolve_from_secret(const struct resolve *run, size_t entry, struct secret *value,
			       enum resolve_outcome *ret_outcome, struct error *err)
{
	enum resolve_state state;

	if (resolve_read(run, entry, value, &state, err) < 0)
		return -1;
	if (value->len > 0 && value->data[value->len - 1] == '\n')
		secret_truncate(value, value->len - 1);
	*ret_outcome = state == RESOLVE_ABSENT   ? RESOLVE_NONE
		       : state == RESOLVE_BROKEN ? RESOLVE_UNUSABLE
						 : resolve_judge(secret_span(value));
	return 0;
}

static int resolve_from_document(const struct resolve *run, size_t entry, const char *id,
				 struct secret *value, enum resolve_outcome *ret_outcome,
				 struct error *err)
{
	const struct doc *doc = &run->documents[entry].doc;
	uint32_t node;

	*ret_outcome = RESOLVE_NONE;
	if (resolve_load(run, entry, err) < 0)
		return -1;
	if (run->documents[entry].state == RESOLVE_BROKEN)
		*ret_outcome = RESOLVE_UNUSABLE;
	if (run->documents[entry].state != RESOLVE_READ)
		return 0;
	node = doc_find(doc, doc_root(doc, 0), span_of_text(id));
	if (node == DOC_NONE)
		return 0;
	*ret_outcome = RESOLVE_UNUSABLE;
	if (doc->nodes[node].kind != DOC_SCALAR || doc->nodes[node].type != DOC_TYPE_STRING)
		return 0;
	*ret_outcome = resolve_judge(doc_value(doc, node));
	return secret_append_span(value, doc_value(doc, node), err);
}

/* Several places may give one value; more than one value is none. */
static enum resolve_outcome resolve_join(const struct secret *before, enum resolve_outcome had,
					 const struct secret *now, enum resolve_outcome outcome)
{
	if (had == RESOLVE_NONE || outcome == RESOLVE_NONE)
		return had == RESOLVE_NONE ? outcome : had;
	if (had != RESOLVE_FOUND || outcome != RESOLVE_FOUND)
		return RESOLVE_UNUSABLE;
	return before->len == now->len && secret_equal(before->data, now->data, now->len)
		       ? RESOLVE_FOUND
		       : RESOLVE_AMBIGUOUS;
}

static int resolve_id(const struct resolve *run, const char *id, struct secret *ret_value,
		      enum resolve_outcome *ret_outcome, struct error *err)
{
	enum resolve_outcome had = RESOLVE_NONE;

	for (size_t i = 0; i < run->manifest->len && had != RESOLVE_AMBIGUOUS; i++) {
		const struct manifest_entry *entry = &run->manifest->entries[i];
		enum resolve_outcome outcome = RESOLVE_NONE;
		AUTO(secret) value = SECRET_INIT;

		if (!resolve_has(entry, id))
			continue;
		if ((entry->kind == MANIFEST_SECRET
			     ? resolve_from_secret(run, i, &value, &outcome, err)
			     : resolve_from_document(run, i, id, &value, &outcome, err)) < 0)
			return -1;
		outcome = resolve_join(ret_value, had, &value, outcome);
		if (had == RESOLVE_NONE && outcome == RESOLVE_FOUND)
			*ret_value = secret_move(&value);
		had = outcome;
	}
	*ret_outcome = had;
	return 0;
}

/* --- The answer --- */

static const char *resolve_code(enum resolve_outcome outcome)
{
	switch (outcome) {
	case RESOLVE_AMBIGUOUS:
		return "AMBIGUOUS_DUPLICATE_KEY";
	case RESOLVE_UNUSABLE:
		return "UNUSABLE_VALUE";
	case RESOLVE_FOUND:
	case RESOLVE_NONE:
		break;
	}
	return "NOT_FOUND";
}

static int resolve_add_error(struct json_object *errors, struct span id,
			     enum resolve_outcome outcome, struct error *err)
{
	struct json_object fields;

	if (json_key(errors, id, err) < 0 || json_open(errors->out, &fields, err) < 0 ||
	    json_text(&fields, "code", span_of_text(resolve_code(outcome)), err) < 0)
		return -1;
	return json_close(&fields, err);
}

/* Each id goes into one of the two objects, which are written side by side. */
static int resolve_all(const struct resolve *run, const struct names *ids,
		       struct json_object *values, struct json_object *errors, struct error *err)
{
	for (size_t i = 0; i < ids->len; i++) {
		const struct span id = span_of_text(ids->items[i]);
		enum resolve_outcome outcome;
		AUTO(secret) value = SECRET_INIT;

		if (resolve_id(run, ids->items[i], &value, &outcome, err) < 0)
			return -1;
		if (outcome != RESOLVE_FOUND) {
			if (resolve_add_error(errors, id, outcome, err) < 0)
				return -1;
			continue;
		}
		if (json_key(values, id, err) < 0 ||
		    json_string(values->out, secret_span(&value), err) < 0)
			return -1;
		if (values->out->len > RESOLVE_ANSWER_MAX)
			return error_set(err, ERROR_LIMIT,
					 "the answer is larger than %zu KiB, which OpenClaw does "
					 "not read",
					 RESOLVE_ANSWER_MAX >> 10);
	}
	return 0;
}

static int resolve_write(const struct resolve *run, const struct names *ids, struct secret *out,
			 struct error *err)
{
	AUTO(secret) failed = SECRET_INIT;
	struct json_object answer, values, errors;

	if (json_open(out, &answer, err) < 0 ||
	    json_number(&answer, "protocolVersion", 1, err) < 0 ||
	    json_key(&answer, SPAN_LITERAL("values"), err) < 0 ||
	    json_open(out, &values, err) < 0 || json_open(&failed, &errors, err) < 0 ||
	    resolve_all(run, ids, &values, &errors, err) < 0 || json_close(&values, err) < 0 ||
	    json_close(&errors, err) < 0)
		return -1;
	if (errors.filled && (json_key(&answer, SPAN_LITERAL("errors"), err) < 0 ||
			      secret_append_span(out, secret_span(&failed), err) < 0))
		return -1;
	return json_close(&answer, err) < 0 ? -1 : secret_append(out, "\n", 1, err);
}

int resolve_answer(const struct manifest *manifest, const struct resolve_place *place,
		   const struct names *ids, struct secret *out, struct error *err)
{
	AUTO(resolve) run = { manifest, place, NULL };

	run.documents = calloc(manifest->len, sizeof(*run.documents));
	if (run.documents == NULL && manifest->len > 0)
		return error_memory(err);
	return resolve_write(&run, ids, out, err);
}
