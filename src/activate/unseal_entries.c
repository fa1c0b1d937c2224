/* SPDX-License-Identifier: MIT */
/* The keys that a manifest wants of a sealed file. */
#include "unseal_job.h"

#include "activate/env.h"
#include "activate/values.h"
#include "doc/path.h"
#include "sops/lookup.h"
#include "util/text.h"

#include <string.h>

static bool unseal_is_sealed(const struct unseal_job *job, uint32_t node)
{
	struct span text;

	if (job->opened != NULL)
		return sops_file_leaf(job->opened, node) != NULL;
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

int unseal_add(const struct unseal_job *job, const char *name, const struct secret *text,
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

int unseal_entries(struct unseal_job *job, struct secret *out, struct error *err)
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
