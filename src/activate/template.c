/* SPDX-License-Identifier: MIT */
#include "activate/template.h"

#include "activate/env.h"
#include "activate/json.h"
#include "util/text.h"

#include <string.h>

#define TEMPLATE_OPEN "{{"
#define TEMPLATE_CLOSE "}}"

/* --- Cutting one into its parts --- */

struct template_cutter {
	struct manifest *manifest;
	struct manifest_template *template;
	struct span rest;
	size_t line;
};

static const struct {
	const char *name;
	enum manifest_encoder encoder;
} template_encoders[] = {
	{ "json", MANIFEST_JSON },
	{ "shell", MANIFEST_SHELL },
	{ "env", MANIFEST_ENV },
};

static int template_add_text(struct template_cutter *cutter, struct span text, struct error *err)
{
	struct manifest_part part = { MANIFEST_NO_ENTRY, MANIFEST_AS_IT_IS,
				      cutter->manifest->texts.len, text.len };

	if (text.len == 0)
		return 0;
	for (size_t i = 0; i < text.len; i++)
		cutter->line += text.data[i] == '\n';
	if (secret_append_span(&cutter->manifest->texts, text, err) < 0)
		return -1;
	return manifest_add_part(cutter->template, &part, err);
}

static int template_find_encoder(struct span name, enum manifest_encoder *ret_encoder,
				 struct error *err)
{
	for (size_t i = 0; i < sizeof(template_encoders) / sizeof(template_encoders[0]); i++)
		if (span_equal_text(name, template_encoders[i].name)) {
			*ret_encoder = template_encoders[i].encoder;
			return 0;
		}
	return error_set(err, ERROR_CONFIG, "unknown encoder \"%s\"; there are json, shell and env",
			 text_printable(name).text);
}

static int template_find_secret(const struct manifest *manifest, struct span name,
				size_t *ret_entry, struct error *err)
{
	struct text_shown shown = text_printable(name);

	for (size_t i = 0; i < manifest->len; i++) {
		if (!span_equal_text(name, manifest->entries[i].name))
			continue;
		*ret_entry = i;
		if (manifest->entries[i].lifetime == MANIFEST_UNTIL_READY)
			return error_set(err, ERROR_CONFIG,
					 "\"%s\" is withdrawn when its unit is ready, and what is "
					 "made of it would stay",
					 shown.text);
		if (manifest->entries[i].kind == MANIFEST_SECRET)
			return 0;
		return error_set(err, ERROR_CONFIG, "\"%s\" is none of \"secrets\"", shown.text);
	}
	return error_set(err, ERROR_CONFIG, "no secret is named \"%s\"", shown.text);
}

/* What stands between the braces. */
static int template_add_value(struct template_cutter *cutter, struct span inner, struct error *err)
{
	struct manifest_part part = { .encoder = MANIFEST_AS_IT_IS };
	struct span name = span_trim(inner);
	const uint8_t *bar = name.len == 0 ? NULL : memrchr(name.data, '|', name.len);

	if (span_equal_text(name, "\"" TEMPLATE_OPEN "\""))
		return template_add_text(cutter, SPAN_LITERAL(TEMPLATE_OPEN), err);
	if (bar != NULL) {
		size_t len = (size_t)(bar - name.data);

		if (template_find_encoder(span_trim(span_slice(name, len + 1, name.len)),
					  &part.encoder, err) < 0)
			return -1;
		name = span_trim(span_slice(name, 0, len));
	}
	if (template_find_secret(cutter->manifest, name, &part.entry, err) < 0)
		return -1;
	return manifest_add_part(cutter->template, &part, err);
}

static const uint8_t *template_find(struct span text, const char *pair)
{
	return text.len == 0 ? NULL : memmem(text.data, text.len, pair, 2);
}

/* Text up to the next placeholder, and that. */
static int template_step(struct template_cutter *cutter, struct error *err)
{
	struct span rest = cutter->rest, inner, line;
	const uint8_t *found = template_find(rest, TEMPLATE_OPEN);
	size_t len = found == NULL ? rest.len : (size_t)(found - rest.data);

	if (template_add_text(cutter, span_slice(rest, 0, len), err) < 0)
		return -1;
	cutter->rest = span_slice(rest, len, rest.len);
	if (found == NULL)
		return 0;
	inner = line = span_slice(cutter->rest, 2, rest.len);
	(void)!span_take_line(&inner, &line);
	found = template_find(line, TEMPLATE_CLOSE);
	if (found == NULL)
		return error_set(err, ERROR_CONFIG,
				 "\"" TEMPLATE_OPEN "\" is not closed by \"" TEMPLATE_CLOSE "\"");
	len = (size_t)(found - line.data);
	if (template_add_value(cutter, span_slice(line, 0, len), err) < 0)
		return -1;
	cutter->rest = span_slice(cutter->rest, len + 4, rest.len);
	return 0;
}

int template_parse(struct manifest *manifest, size_t template, struct span content,
		   struct error *err)
{
	struct template_cutter cutter = { manifest, &manifest->entries[template].template, content,
					  1 };

	while (cutter.rest.len > 0)
		if (template_step(&cutter, err) < 0)
			return error_wrap(err, "\"%s\": line %zu of the content",
					  manifest->entries[template].name, cutter.line);
	return 0;
}

/* --- Filling it in --- */

/* 'value', and each quote in it as '\'': one word, whatever it holds. */
static int template_append_shell(struct secret *out, struct span value, struct error *err)
{
	if (value.len > 0 && memchr(value.data, 0, value.len) != NULL)
		return error_set(err, ERROR_CONFIG,
				 "it holds a NUL byte, which no word of a shell can carry");
	if (secret_grow(out, 4 * value.len + 2, err) < 0 || secret_append(out, "'", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < value.len; i++) {
		bool quote = value.data[i] == '\'';

		if (secret_append(out, quote ? "'\\''" : (const char *)&value.data[i],
				  quote ? 4 : 1, err) < 0)
			return -1;
	}
	return secret_append(out, "'", 1, err);
}

static int template_append(struct secret *out, const struct manifest_entry *entry,
			   enum manifest_encoder encoder, struct span value, struct error *err)
{
	int status = -1;

	switch (encoder) {
	case MANIFEST_AS_IT_IS:
		return secret_append_span(out, value, err);
	case MANIFEST_JSON:
		status = json_string(out, value, err);
		break;
	case MANIFEST_SHELL:
		status = template_append_shell(out, value, err);
		break;
	case MANIFEST_ENV:
		return env_append_value(out, span_of_text(entry->name), value, err);
	}
	return status < 0 ? error_wrap(err, "the value of \"%s\"", entry->name) : 0;
}

int template_render(const struct manifest *manifest, size_t template, const struct plan *plan,
		    struct secret *out, struct error *err)
{
	const struct manifest_template *parts = &manifest->entries[template].template;

	for (size_t i = 0; i < parts->len; i++) {
		const struct manifest_part *part = &parts->parts[i];
		int status;

		if (part->entry != MANIFEST_NO_ENTRY && !plan->files[part->entry].has_value)
			return error_set(err, ERROR_NOT_FOUND,
					 "the secret \"%s\" in it has no value",
					 manifest->entries[part->entry].name);
		if (part->entry == MANIFEST_NO_ENTRY)
			status = secret_append_span(out,
						    span_slice(secret_span(&manifest->texts),
							       part->offset, part->len),
						    err);
		else
			status = template_append(out, &manifest->entries[part->entry],
						 part->encoder, plan_bytes(plan, part->entry), err);
		if (status < 0)
			return -1;
	}
	return 0;
}
