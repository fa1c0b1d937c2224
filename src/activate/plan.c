/* SPDX-License-Identifier: MIT */
#include "activate/plan.h"

#include "activate/env.h"
#include "activate/json.h"
#include "activate/template.h"
#include "activate/values.h"
#include "util/text.h"

#include <stdlib.h>

/* The values of one entry: those of its sealed file that are marked with its number. */
struct plan_source {
	struct span rest;
	uint32_t entry;
};

static bool plan_next(struct plan_source *source, struct value *ret_value)
{
	while (values_take(&source->rest, ret_value))
		if (ret_value->entry == source->entry)
			return true;
	return false;
}

static int plan_secret(struct plan_source *source, struct secret *out, size_t *ret_count,
		       struct error *err)
{
	struct value value;

	for (; plan_next(source, &value); ++*ret_count)
		if (secret_append_span(out, value.bytes, err) < 0)
			return -1;
	return 0;
}

static int plan_environment(struct plan_source *source, struct secret *out, size_t *ret_count,
			    struct error *err)
{
	struct value value;

	for (; plan_next(source, &value); ++*ret_count)
		if (env_append(out, value.name, value.bytes, err) < 0)
			return -1;
	return 0;
}

static int plan_document(struct plan_source *source, struct secret *out, size_t *ret_count,
			 struct error *err)
{
	size_t start = out->len;
	struct json_object object;
	struct value value;

	if (json_open(out, &object, err) < 0)
		return -1;
	for (; plan_next(source, &value); ++*ret_count)
		if (json_key(&object, value.name, err) < 0 ||
		    json_string(out, value.bytes, err) < 0)
			return error_wrap(err, "the value of \"%s\"",
					  text_printable(value.name).text);
	if (json_close(&object, err) < 0 || secret_append(out, "\n", 1, err) < 0)
		return -1;
	if (out->len - start > PLAN_DOCUMENT_MAX)
		return error_set(
			err, ERROR_CONFIG,
			"the document is larger than %zu KiB, which OpenClaw does not read",
			PLAN_DOCUMENT_MAX >> 10);
	return 0;
}

static int plan_entry(const struct manifest_entry *entry, struct plan_source *source,
		      struct secret *out, struct error *err)
{
	size_t count = 0, expected = entry->keys.len;
	int status = -1;

	switch (entry->kind) {
	case MANIFEST_SECRET:
		status = plan_secret(source, out, &count, err);
		break;
	case MANIFEST_ENVIRONMENT:
		status = plan_environment(source, out, &count, err);
		break;
	case MANIFEST_DOCUMENT:
		status = plan_document(source, out, &count, err);
		break;
	case MANIFEST_TEMPLATE: /* plan_render() */
		return 0;
	}
	if (status < 0)
		return error_wrap(err, "\"%s\"", entry->name);
	if (entry->all_keys ? count == 0 : count != expected)
		return error_set(err, ERROR_CONFIG, "\"%s\": no sealed value for it in the file",
				 entry->name);
	return 0;
}

/* All that come from a sealed file; the bytes of templates are none yet. */
static int plan_entries(const struct manifest *manifest, const struct owner *owners,
			const struct span *values, struct faults *faults, struct plan *plan,
			struct error *err)
{
	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		struct plan_source source = { SPAN_INIT, (uint32_t)i };
		size_t offset = plan->bytes.len;
		bool good;

		if (entry->file != MANIFEST_NO_FILE)
			source.rest = values[entry->file];
		good = plan_entry(entry, &source, &plan->bytes, err) == 0;
		if (!good && faults_take(faults, i, err) < 0)
			return -1;
		if (!good)
			secret_truncate(&plan->bytes, offset);
		plan->files[plan->len++] = (struct plan_file){
			entry->name,
			offset,
			plan->bytes.len - offset,
			owners[i],
			entry->mode,
			entry->lifetime == MANIFEST_UNTIL_READY ? PLAN_ON_DEMAND : PLAN_NEW,
			good,
		};
	}
	return 0;
}

int plan_make(const struct manifest *manifest, const struct owner *owners,
	      const struct span *values, struct faults *faults, struct plan *ret_plan,
	      struct error *err)
{
	AUTO(plan) plan = PLAN_INIT;

	plan.files = calloc(manifest->len, sizeof(*plan.files));
	if (plan.files == NULL)
		return error_memory(err);
	if (plan_entries(manifest, owners, values, faults, &plan, err) < 0)
		return -1;
	*ret_plan = plan;
	plan = PLAN_INIT;
	return 0;
}

/* Rendered aside: the plan's bytes, of which they are made, would move while they grow. */
static int plan_template(const struct manifest *manifest, size_t entry, struct secret *text,
			 struct plan *plan, struct error *err)
{
	secret_truncate(text, 0);
	if (template_render(manifest, entry, plan, text, err) < 0)
		return error_wrap(err, "\"%s\"", manifest->entries[entry].name);
	plan->files[entry].offset = plan->bytes.len;
	plan->files[entry].len = text->len;
	return secret_append_span(&plan->bytes, secret_span(text), err);
}

int plan_render(const struct manifest *manifest, struct faults *faults, struct plan *plan,
		struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	for (size_t i = 0; i < manifest->len; i++) {
		if (manifest->entries[i].kind != MANIFEST_TEMPLATE)
			continue;
		if (plan_template(manifest, i, &text, plan, err) < 0 &&
		    faults_take(faults, i, err) < 0)
			return -1;
	}
	return 0;
}

struct span plan_bytes(const struct plan *plan, size_t file)
{
	return span_slice(secret_span(&plan->bytes), plan->files[file].offset,
			  plan->files[file].len);
}

void plan_release(struct plan *plan)
{
	secret_release(&plan->bytes);
	free(plan->files);
	*plan = PLAN_INIT;
}
