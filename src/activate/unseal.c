/* SPDX-License-Identifier: MIT */
#include "activate/unseal.h"

#include "activate/env.h"
#include "activate/values.h"
#include "age/file.h"
#include "age/header.h"
#include "doc/path.h"
#include "sops/file.h"
#include "sops/mac.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

/* --- Walking over the wanted keys --- */

/* What the child works on; the parent's memory as of the fork. */
struct unseal_job {
	const struct manifest *manifest;
	struct unseal_files *files;
	const struct unseal_identities *identities;
	size_t file; /* at hand */
	struct secret *text;
	struct sops_file *opened; /* NULL: only looking, at doc */
	const struct doc *doc;
	const struct sops_meta *meta;
	uint32_t entry;
};

/* The leaves are sorted by node. */
static bool unseal_was_opened(const struct sops_file *opened, uint32_t node)
{
	size_t low = 0, high = opened->leaves_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (opened->leaves[middle].node == node)
			return true;
		if (opened->leaves[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static bool unseal_is_sealed(const struct unseal_job *job, uint32_t node)
{
	struct span text;

	if (job->opened != NULL)
		return unseal_was_opened(job->opened, node);
	text = doc_value(job->doc, node);
	/* that of a block scalar ends with line breaks */
	while (span_ends_with(text, "\n"))
		text.len--;
	return span_starts_with(text, "ENC[") && span_ends_with(text, "]");
}

static int unseal_fail(const struct unseal_job *job, const char *key, const char *why,
		       struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND, "\"%s\": key \"%s\" %s",
			 job->manifest->entries[job->entry].name, text_printable_text(key).text,
			 why);
}

static int unseal_add(const struct unseal_job *job, const char *name, const struct secret *text,
		      struct secret *out, struct error *err)
{
	return values_put(out, &(struct value){ job->entry, span_of_text(name), secret_span(text) },
			  err);
}

/* The value of a node, as it was written. */
static int unseal_node(const struct unseal_job *job, uint32_t node, const char *name,
		       struct secret *out, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	enum doc_type type;

	if (job->opened == NULL)
		return 0;
	if (sops_file_scalar(job->opened, node, &text, &type, err) < 0)
		return -1;
	return unseal_add(job, name, &text, out, err);
}

static int unseal_whole(const struct unseal_job *job, const struct doc_path *empty,
			struct secret *out, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	enum doc_type type;

	if (job->meta->mac_only_encrypted) {
		error_set(err, ERROR_DENIED,
			  "\"%s\": what is not sealed in the file is not authenticated "
			  "(mac_only_encrypted), so that it cannot be taken whole",
			  job->manifest->entries[job->entry].name);
		return error_hint(err, "name the keys");
	}
	if (job->opened == NULL)
		return 0;
	if (sops_file_extract(job->opened, empty, &text, &type, err) < 0)
		return -1;
	return unseal_add(job, "", &text, out, err);
}

static int unseal_key(const struct unseal_job *job, const char *key, struct secret *out,
		      struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	uint32_t node = DOC_NONE;
	size_t parts = 0;

	if (doc_path_parse_slashes(key, &path, err) < 0)
		return -1;
	if (path.len == 0)
		return unseal_whole(job, &path, out, err);
	if (doc_path_follow(job->doc, &path, &node, &parts, err) < 0)
		return -1;
	if (parts < path.len || doc_is_reserved(job->doc->format, doc_path_key(&path, 0)))
		return unseal_fail(job, key, "is not in the file", err);
	if (job->doc->nodes[node].kind != DOC_SCALAR)
		return unseal_fail(job, key, "is no single value", err);
	if (!unseal_is_sealed(job, node))
		return unseal_fail(job, key, "is empty or not sealed", err);
	return unseal_node(job, node, manifest_key_name(key), out, err);
}

/* What no list of keys shows, and no name may be. */
static int unseal_check_name(const struct unseal_job *job, struct span key, const char *shown,
			     struct error *err)
{
	if (key.len == 0 || !span_equal_text(key, shown) || memchr(key.data, '/', key.len) != NULL)
		return unseal_fail(job, shown, "cannot be a name", err);
	if (job->manifest->entries[job->entry].kind == MANIFEST_ENVIRONMENT &&
	    !env_name_is_valid(key))
		return unseal_fail(job, shown,
				   "cannot name an environment variable: letters, digits and \"_\" "
				   "only, no digit first",
				   err);
	return 0;
}

/*
 * Every sealed value of the top level, which must be all that there are: a list around one, or a document
 * of its own, would take it out of sight without a key (bootseal-format(7)).
 */
static int unseal_all_keys(const struct unseal_job *job, struct secret *out, struct error *err)
{
	size_t found = 0;

	if (doc_root(job->doc, 1) != DOC_NONE)
		return error_set(
			err, ERROR_NOT_FOUND,
			"\"%s\": the file has several documents, so that \"all\" cannot be "
			"meant",
			job->manifest->entries[job->entry].name);
	for (uint32_t node = doc_child(job->doc, doc_root(job->doc, 0)); node != DOC_NONE;
	     node = doc_sibling(job->doc, node)) {
		struct span key = doc_key(job->doc, node);
		struct text_shown shown = text_printable(key);

		if (job->doc->nodes[node].kind == DOC_COMMENT ||
		    doc_is_reserved(job->doc->format, key))
			continue;
		if (job->doc->nodes[node].kind != DOC_SCALAR)
			return unseal_fail(job, shown.text,
					   "is no single value, so that \"all\" cannot be meant",
					   err);
		if (!unseal_is_sealed(job, node))
			continue;
		if (unseal_check_name(job, key, shown.text, err) < 0 ||
		    unseal_node(job, node, shown.text, out, err) < 0)
			return -1;
		found++;
	}
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "\"%s\": the file has no sealed value",
				 job->manifest->entries[job->entry].name);
	return 0;
}

static int unseal_entry(const struct unseal_job *job, struct secret *out, struct error *err)
{
	const struct manifest_entry *entry = &job->manifest->entries[job->entry];

	if (entry->all_keys && unseal_all_keys(job, out, err) < 0)
		return -1;
	for (size_t i = 0; i < entry->keys.len; i++)
		if (unseal_key(job, entry->keys.items[i], out, err) < 0)
			return -1;
	return 0;
}

/* What is wrong with one entry of a file that opened need not be wrong with the others. */
static int unseal_pass(const struct unseal_job *job, size_t before, struct secret *out,
		       struct error *err)
{
	const struct error why = *err;
	const struct value value = { job->entry | VALUE_FAILED, SPAN_INIT,
				     span_of(&why, sizeof(why)) };

	if (job->manifest->on_error != MANIFEST_KEEP || job->opened == NULL)
		return -1;
	secret_truncate(out, before);
	error_clear(err);
	return values_put(out, &value, err);
}

/* What every entry wants of this file. */
static int unseal_entries(struct unseal_job *job, struct secret *out, struct error *err)
{
	for (size_t i = 0; i < job->manifest->len; i++) {
		const size_t before = out->len;

		if (job->manifest->entries[i].file != job->file)
			continue;
		job->entry = (uint32_t)i;
		if (unseal_entry(job, out, err) < 0 && unseal_pass(job, before, out, err) < 0)
			return -1;
	}
	return 0;
}

/* --- The two jobs --- */

/* At boot nobody is there: no terminal, and no variable steers a root process. */
static int unseal_nobody(void *context UNUSED, enum age_question kind UNUSED, const char *question,
			 struct secret *ret_answer UNUSED, struct error *err)
{
	error_set(err, ERROR_DENIED, "nobody is asked for a passphrase at boot: %s", question);
	return error_hint(err, "name a key without one under \"identities\"");
}

/*
 * One that cannot be used is passed over as long as there are others, as one that does not exist is: hosts have
 * ECDSA keys, too. unused tells the first one's reason.
 */
static int unseal_parse_identities(const struct unseal_job *job, struct age_identities *identities,
				   struct error *unused, struct error *err)
{
	for (size_t i = 0; i < job->identities->len; i++) {
		const struct unseal_identity *item = &job->identities->items[i];
		struct error problem = ERROR_INIT;

		if (age_identities_add_pair(identities, secret_span(&item->text),
					    secret_span(&item->public_half), item->path,
					    &problem) == 0)
			continue;
		if (problem.kind != ERROR_UNSUPPORTED) {
			*err = problem;
			return -1;
		}
		if (unused->kind == ERROR_NONE)
			*unused = problem;
	}
	if (identities->len > 0 || unused->kind == ERROR_NONE)
		return 0;
	*err = *unused;
	return -1;
}

/* An age file: each entry that names it gets all of it. It does not say when it was made. */
static int unseal_age(struct unseal_job *job, const struct age_identities *identities,
		      struct secret *out, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	const struct value time = { .entry = VALUE_TIME };

	if (age_open(identities, secret_span(job->text), &plain, err) < 0 ||
	    values_put(out, &time, err) < 0)
		return -1;
	for (size_t i = 0; i < job->manifest->len; i++) {
		job->entry = (uint32_t)i;
		if (job->manifest->entries[i].file == job->file &&
		    unseal_add(job, "", &plain, out, err) < 0)
			return -1;
	}
	return 0;
}

/* It is whole up to where a key is needed. */
static int unseal_look_at_age(const struct unseal_job *job, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(buf) binary = BUF_INIT;

	return age_read_header(secret_span(job->text), &binary, &header, err);
}

static int unseal_sops(struct unseal_job *job, const struct age_identities *identities,
		       struct secret *ret_answer, struct error *err)
{
	AUTO(sops_file) opened = SOPS_FILE_INIT;
	struct value time = { .entry = VALUE_TIME };

	if (sops_open(manifest_file_format(job->manifest, job->file), job->text, identities, 0,
		      &opened, err) < 0)
		return unseal_advise(err);
	job->opened = &opened;
	job->doc = &opened.doc;
	job->meta = &opened.meta;
	time.bytes = opened.meta.lastmodified;
	if (values_put(ret_answer, &time, err) < 0)
		return -1;
	return unseal_entries(job, ret_answer, err);
}

static int unseal_one(struct unseal_job *job, const struct age_identities *identities,
		      const struct error *unused, struct secret *ret_answer, struct error *err)
{
	if ((manifest_file_is_age(job->manifest, job->file)
		     ? unseal_age(job, identities, ret_answer, err)
		     : unseal_sops(job, identities, ret_answer, err)) == 0)
		return 0;
	if (err->kind == ERROR_NO_KEY && unused->kind != ERROR_NONE) {
		const struct error failed = *err;

		error_set(err, failed.kind, "%s; not used: %s", failed.message, unused->message);
		error_hint(err, "%s", unused->hint);
	}
	return -1;
}

/* The text of one of them; where it is all that there is, not a copy. */
static int unseal_text(struct unseal_files *files, size_t i, struct secret *ret_text,
		       struct error *err)
{
	if (files->len > 1)
		return secret_append_span(ret_text, unseal_files_text(files, i), err);
	*ret_text = secret_move(&files->texts);
	return 0;
}

static int unseal_open(void *argument, struct secret *ret_answer, struct error *err)
{
	static const struct age_prompt nobody = { NULL, unseal_nobody, NULL, NULL };
	struct unseal_job *job = argument;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	struct error unused = ERROR_INIT;

	if (job->files->others != NULL)
		secret_release(job->files->others);
	secret_keep_spares();
	identities.prompt = &nobody;
	if (unseal_parse_identities(job, &identities, &unused, err) < 0)
		return -1;
	for (size_t i = 0; i < job->files->len; i++) {
		AUTO(secret) text = SECRET_INIT;

		job->file = job->files->first + i;
		job->text = &text;
		if (unseal_text(job->files, i, &text, err) < 0 ||
		    unseal_one(job, &identities, &unused, ret_answer, err) < 0)
			return -1;
	}
	return 0;
}

static int unseal_look(void *argument, struct secret *ret_answer, struct error *err)
{
	struct unseal_job *job = argument;
	AUTO(sops_meta) meta = SOPS_META_INIT;
	AUTO(doc) doc = DOC_INIT;

	if (manifest_file_is_age(job->manifest, job->file))
		return unseal_look_at_age(job, err);
	if (doc_parse(manifest_file_format(job->manifest, job->file), job->text,
		      DOC_KEEP_ALIASES | DOC_SEALED, &doc, err) < 0 ||
	    sops_meta_read(&doc, &meta, err) < 0 || sops_mac_look(meta.mac, err) < 0)
		return unseal_advise(err);
	job->doc = &doc;
	job->meta = &meta;
	return unseal_entries(job, ret_answer, err);
}

int unseal_start(const struct manifest *manifest, struct unseal_files *files,
		 const struct unseal_identities *identities, struct children *children,
		 struct error *err)
{
	struct unseal_job job = { .manifest = manifest, .files = files, .identities = identities };

	return children_start(children, unseal_open, &job, err);
}

int unseal_file(const struct manifest *manifest, size_t file,
		const struct unseal_identities *identities, struct secret *text,
		struct secret *values, char ret_time[UNSEAL_TIME_MAX], struct error *err)
{
	/* the text is borrowed */
	struct unseal_files one = {
		.first = file, .len = 1, .others = values, .texts = *text, .ends = { text->len }
	};
	AUTO(children) children = CHILDREN_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct span rest, found;

	if (unseal_start(manifest, &one, identities, &children, err) < 0 ||
	    children_next(&children, &answer, err) < 0)
		return error_wrap(err, "cannot open \"%s\"", manifest->files.items[file]);
	rest = secret_span(&answer);
	if (!unseal_take(&rest, &found, ret_time) || rest.len > 0)
		return error_set(err, ERROR_BUG, "a child's answer is no answer");
	return secret_append_span(values, found, err);
}

int unseal_check(const struct manifest *manifest, size_t file, struct secret *text,
		 struct error *err)
{
	struct unseal_job job = { .manifest = manifest, .file = file, .text = text };
	AUTO(secret) answer = SECRET_INIT;

	if (child_job(unseal_look, &job, &answer, err) < 0)
		return error_wrap(err, "\"%s\"", manifest->files.items[file]);
	return 0;
}
