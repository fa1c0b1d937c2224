/* SPDX-License-Identifier: MIT */
/*
 * Metadata of any layout: read, and given other keys. What comes out must be read again with those keys,
 * and a document's other entries must stay as they were. The first byte says the format and the keys.
 */
#include "fuzz.h"
#include "sops/file.h"

#define ALICE "age1kgp3cjt6ypywa40u3f62z62f6x000mf948hdm69sphluddxmy48sqkzmg7"
#define FINGERPRINT "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"

static int fake_seal(void *context, const char *fingerprint, struct span plain, struct buf *ret_enc,
		     struct error *err)
{
	(void)context;
	(void)plain;
	return buf_append_text(ret_enc, fingerprint, err);
}

static int fake_open(void *context, struct span enc, struct secret *ret_plain, struct error *err)
{
	(void)context;
	return enc.len == 0 ? error_set(err, ERROR_NO_KEY, "no message")
			    : secret_append_span(ret_plain, span_slice(enc, 0, 33), err);
}

static const struct sops_programs fake_gpg = { fake_seal, fake_open, NULL, NULL };

/* 0: what the file has; 1: and one more; 2: two groups; 3: PGP alone */
static int choose(const struct sops_groups *old, unsigned which, struct sops_groups *groups,
		  struct error *err)
{
	if (which < 2)
		return sops_groups_copy(old, groups, err) < 0 || groups->len == 0 ||
				       (which == 1 && sops_groups_add(groups, 0, SOPS_KEY_AGE,
								      SPAN_LITERAL(ALICE), err) < 0)
			       ? -1
			       : 0;
	if (sops_groups_open(groups, err) < 0 ||
	    sops_groups_add(groups, 0, SOPS_KEY_PGP, SPAN_LITERAL(FINGERPRINT), err) < 0)
		return -1;
	return which == 3 ? 0
	       : sops_groups_open(groups, err) < 0
		       ? -1
		       : sops_groups_add(groups, 1, SOPS_KEY_AGE, SPAN_LITERAL(ALICE), err);
}

static bool is_inside(const struct doc *doc, uint32_t node, uint32_t container)
{
	while (node != 0 && node != container)
		node = doc->nodes[node].parent;
	return node == container;
}

/* How many scalars and comments there are outside of the metadata, and their text. */
static size_t outside(const struct doc *doc, struct buf *out)
{
	const uint32_t metadata = doc_find_metadata(doc, doc_root(doc, 0));
	struct error err = ERROR_INIT;
	size_t count = 0;

	if (doc_root(doc, 1) != DOC_NONE) /* each document has metadata of its own */
		return 0;
	for (uint32_t node = 1; node < doc->len; node++) {
		if (doc->nodes[node].kind != DOC_SCALAR || is_inside(doc, node, metadata))
			continue;
		fuzz_require(buf_append_span(out, doc_key(doc, node), &err) == 0 &&
			     buf_append_span(out, doc_value(doc, node), &err) == 0);
		count++;
	}
	return count;
}

static void compare(const struct doc *before, struct span text)
{
	AUTO(secret) own = fuzz_copy(text);
	AUTO(doc) after = DOC_INIT;
	AUTO(buf) a = BUF_INIT;
	AUTO(buf) b = BUF_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(doc_parse(before->format, &own, DOC_SEALED, &after, &err) == 0);
	fuzz_require(outside(before, &a) == outside(&after, &b));
	fuzz_require(span_equal(buf_span(&a), buf_span(&b)));
}

static void give_keys(struct sops_file *file, unsigned which)
{
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	int result;

	if (choose(&file->meta.groups, which, &groups, &err) < 0)
		return;
	result = sops_file_rewrap(file, &groups, &fake_gpg, &text, &err);
	fuzz_result(result, &err);
	fuzz_require(err.kind != ERROR_BUG);
	if (result == 0)
		compare(&file->doc, secret_span(&text));
}

static void ask(enum doc_format format, struct secret *text)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	const struct sops_opener opener = { &identities, &fake_gpg, SOPS_ORDER_DEFAULT };
	struct error err = ERROR_INIT;
	bool can;

	fuzz_result(sops_can_open(format, text, &opener, &can, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const enum doc_format formats[] = { DOC_YAML, DOC_JSON, DOC_DOTENV, DOC_INI };
	struct error err = ERROR_INIT;

	fuzz_start();
	if (len > 0) {
		AUTO(secret) text = fuzz_copy(span_of(data + 1, len - 1));
		AUTO(sops_file) file = SOPS_FILE_INIT;
		int result;

		file.meta = SOPS_META_INIT;
		ask(formats[data[0] & 3], &text);
		result = doc_parse(formats[data[0] & 3], &text, DOC_SEALED, &file.doc, &err);
		if (result == 0)
			result = sops_meta_read(&file.doc, &file.meta, &err);
		fuzz_result(result, &err);
		if (result == 0)
			give_keys(&file, (data[0] >> 2) & 3);
	}
	fuzz_end();
	return 0;
}
