/* SPDX-License-Identifier: MIT */
/*
 * Documents as sops spells them: without quotes around what is sealed, comments of a list as its elements. Opened
 * and sealed again they come to the same, and so after a rotation; each part can be asked for, and taken out.
 * The first byte says the format, the selector and whether comments become elements.
 */
#include "fuzz_sops.h"

#define PARTS_MAX 12

static const enum doc_format formats[] = { DOC_YAML, DOC_JSON, DOC_DOTENV, DOC_INI };

/* Where the sealed text that starts at offset ends; 0: none starts there. */
static size_t sealed_end(struct span text, size_t at)
{
	const struct span rest = span_slice(text, at, text.len);
	const uint8_t *end =
		span_starts_with(rest, "ENC[AES") ? memchr(rest.data, ']', rest.len) : NULL;

	return end ? at + (size_t)(end - rest.data) + 1 : 0;
}

static bool is_first_on_line(struct span text, size_t at)
{
	while (at > 0 && text.data[at - 1] == ' ')
		at--;
	return at == 0 || text.data[at - 1] == '\n';
}

/* Quotes of one character go; "#ENC" in a line of its own becomes "- ENC". */
static void spell_as_sops(struct span text, bool elements, struct secret *out)
{
	struct error err = ERROR_INIT;

	for (size_t at = 0; at < text.len; at++) {
		const uint8_t c = text.data[at];
		const bool quoted = c == '"' || c == '\'' || c == '`';
		const size_t end = sealed_end(text, at + 1);
		const bool is_comment = c == '#' && elements && is_first_on_line(text, at);

		if (end > 0 && is_comment)
			fuzz_require(secret_append_text(out, "- ", &err) == 0);
		else if (end == 0 || !quoted || end >= text.len || text.data[end] != c)
			fuzz_require(secret_append(out, &c, 1, &err) == 0);
		if (end == 0)
			continue;
		fuzz_require(
			secret_append_span(out, span_slice(text, at + 1, end - at - 1), &err) == 0);
		at = quoted && end < text.len && text.data[end] == c ? end : end - 1;
	}
}

static void seal(enum doc_format format, struct span text, unsigned which,
		 struct secret *ret_sealed)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) plain = fuzz_copy(text);
	struct error err = ERROR_INIT;

	fuzz_policy(&policy);
	if (which > 0)
		fuzz_require(sops_selector_set(&policy.selector,
					       which == 1   ? SOPS_ENCRYPTED_COMMENT_REGEX
					       : which == 2 ? SOPS_UNENCRYPTED_COMMENT_REGEX
							    : SOPS_ENCRYPTED_REGEX,
					       SPAN_LITERAL("c"), &err) == 0);
	fuzz_result(sops_seal(format, &plain, &policy, ret_sealed, NULL, &err), &err);
	fuzz_require(err.kind != ERROR_BUG);
}

/* The path that leads to node. */
static void make_path(const struct doc *doc, uint32_t node, struct doc_path *path)
{
	struct error err = ERROR_INIT;
	size_t depth = 0;

	for (uint32_t i = node; doc->nodes[i].parent != 0; i = doc->nodes[i].parent)
		depth++;
	path->parts = calloc(depth + 1, sizeof(*path->parts));
	fuzz_require(path->parts != NULL);
	path->len = depth;
	for (uint32_t i = node; depth > 0; i = doc->nodes[i].parent) {
		struct doc_path_part *part = &path->parts[--depth];
		const uint32_t parent = doc->nodes[i].parent;

		part->is_index = doc->nodes[parent].kind == DOC_LIST;
		for (uint32_t k = doc_child(doc, parent); part->is_index && k != i;
		     k = doc_sibling(doc, k))
			part->index++;
		part->written = part->index;
		part->key = path->bytes.len;
		part->key_len = part->is_index ? 0 : doc_key(doc, i).len;
		fuzz_require(part->is_index ||
			     buf_append_span(&path->bytes, doc_key(doc, i), &err) == 0);
	}
}

static void take_part(struct sops_file *file, uint32_t node)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(secret) extracted = SECRET_INIT;
	AUTO(secret) got = SECRET_INIT;
	AUTO(secret) without = SECRET_INIT;
	enum doc_type type;
	struct error err = ERROR_INIT;

	make_path(&file->doc, node, &path);
	fuzz_result(sops_file_extract(file, &path, &extracted, &type, &err), &err);
	fuzz_require(err.kind != ERROR_BUG);
	error_clear(&err);
	fuzz_result(sops_file_get(file, &path, &got, &type, &err), &err);
	fuzz_require(err.kind != ERROR_BUG);
	for (size_t i = 0; i < 4; i++) {
		AUTO(secret) text = SECRET_INIT;

		error_clear(&err);
		fuzz_result(sops_file_convert(file, &path, formats[i], DOC_INDENT_SOPS, &text,
					      &err),
			    &err);
		fuzz_require(err.kind != ERROR_BUG);
	}
	error_clear(&err);
	fuzz_result(sops_file_unset(file, &path, false, &without, &err), &err);
	fuzz_require(err.kind != ERROR_BUG);
}

/* Of the first document, and not the metadata. */
static void take_parts(struct sops_file *file)
{
	const struct doc *doc = &file->doc;
	const uint32_t metadata = file->meta.node;
	unsigned taken = 0;

	for (uint32_t node = 2; node < doc->nodes[doc_root(doc, 0)].next && taken < PARTS_MAX;
	     node++)
		if (doc->nodes[node].kind != DOC_COMMENT &&
		    (node < metadata || node >= doc->nodes[metadata].next) && ++taken > 0)
			take_part(file, node);
}

static void expect_same(enum doc_format format, const struct secret *sealed, struct span before,
			const struct age_identities *identities)
{
	AUTO(secret) text = fuzz_copy(secret_span(sealed));
	AUTO(secret) plain = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(sops_open(format, &text, identities, 0, &file, &err) == 0);
	fuzz_require(sops_file_plaintext(&file, &plain, &err) == 0);
	fuzz_require(span_equal(secret_span(&plain), before));
}

static void rotate(struct sops_file *file, struct span plain,
		   const struct age_identities *identities)
{
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	struct error err = ERROR_INIT;
	int result;

	fuzz_require(sops_groups_copy(&file->meta.groups, &groups, &err) == 0);
	result = sops_file_rotate(file, &groups, NULL, &sealed, &err);
	fuzz_result(result, &err);
	fuzz_require(err.kind != ERROR_BUG);
	if (result == 0)
		expect_same(file->doc.format, &sealed, plain, identities);
}

static void seal_again(enum doc_format format, struct secret *spelled,
		       const struct age_identities *identities)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) edited = SECRET_INIT;
	AUTO(secret) again = SECRET_INIT;
	struct error err = ERROR_INIT;
	int result;

	if (sops_open(format, spelled, identities, 0, &file, &err) < 0 ||
	    sops_file_plaintext(&file, &plain, &err) < 0)
		return;
	fuzz_require(secret_append_span(&edited, secret_span(&plain), &err) == 0);
	result = sops_file_reseal(&file, &edited, &again, NULL, &err);
	fuzz_result(result, &err);
	fuzz_require(err.kind != ERROR_BUG);
	if (result == 0 && file.notes.comments_kept == 0)
		expect_same(format, &again, secret_span(&plain), identities);
	take_parts(&file);
	rotate(&file, secret_span(&plain), identities);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;

	if (len < 1 || len > 4096)
		return 0;
	fuzz_start();
	fuzz_identity(&identities);
	{
		const enum doc_format format = formats[data[0] & 3];
		AUTO(secret) sealed = SECRET_INIT;
		AUTO(secret) spelled = SECRET_INIT;

		seal(format, span_of(data + 1, len - 1), data[0] >> 2 & 3, &sealed);
		spell_as_sops(secret_span(&sealed), data[0] & 0x10, &spelled);
		if (spelled.len > 0)
			seal_again(format, &spelled, &identities);
	}
	age_identities_release(&identities);
	fuzz_end();
	return 0;
}
