/* SPDX-License-Identifier: MIT */
/*
 * Documents in pieces: the first byte says the format, the second how long pieces are. What opens in pieces opens
 * whole, to the same; what is sealed in pieces opens whole, to what it was, and is not begun if it cannot be ended.
 */
#include "fuzz.h"
#include "sops/pieces.h"

#define IDENTITY "AGE-SECRET-KEY-1ZTW4F0NLQ2ZWMYN6SEWZ3FMLZHF3365PQS2RUKWU7AYJEQP8XUVS6LK2J0"

static struct secret copy(struct span text)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(secret_append_span(&out, text, &err) == 0);
	return out;
}

static int read_some(void *context, uint8_t *ret_bytes, size_t cap, size_t *ret_len,
		     struct error *err)
{
	struct span *left = context;
	const struct span taken = span_slice(*left, 0, cap < 57 ? cap : 57);

	(void)err;
	if (taken.len > 0)
		memcpy(ret_bytes, taken.data, taken.len);
	*left = span_slice(*left, taken.len, left->len);
	*ret_len = taken.len;
	return 0;
}

static int append(void *context, struct span bytes, struct error *err)
{
	return secret_append_span(context, bytes, err);
}

static int plaintext(enum doc_format format, struct span sealed,
		     const struct age_identities *identities, unsigned flags,
		     struct secret *ret_text)
{
	AUTO(secret) text = copy(sealed);
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	return sops_open(format, &text, identities, flags, &file, &err) < 0
		       ? -1
		       : sops_file_plaintext(&file, ret_text, &err);
}

static void open_in_pieces(enum doc_format format, size_t piece_len, struct span text,
			   const struct age_identities *identities, unsigned flags)
{
	struct span left = text;
	const struct sops_source source = { &left, read_some, piece_len };
	const struct sops_opener opener = { identities, NULL, SOPS_ORDER_DEFAULT };
	AUTO(secret) metadata = SECRET_INIT;
	AUTO(secret) whole = SECRET_INIT;
	AUTO(sops_parts) parts = SOPS_PARTS_INIT;
	struct sops_notes notes;
	struct error err = ERROR_INIT;
	size_t at = 0;
	int result = sops_pieces_find_metadata(format, &source, &metadata, &err);

	fuzz_result(result, &err);
	if (result < 0)
		return;
	left = text;
	result = sops_pieces_open(format, &source, &metadata, &opener, flags, &parts, &notes, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	fuzz_require(plaintext(format, text, identities, flags, &whole) == 0);
	for (size_t i = 0; i < parts.len; at += parts.items[i++].len)
		fuzz_require(span_equal(secret_span(&parts.items[i]),
					span_slice(secret_span(&whole), at, parts.items[i].len)));
	fuzz_require(at == whole.len);
}

static void seal_in_pieces(enum doc_format format, size_t piece_len, struct span text,
			   const struct age_identities *identities)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) plain = copy(text);
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) whole = SECRET_INIT;
	const struct sops_sink sink = { &sealed, append, piece_len };
	struct error err = ERROR_INIT;
	AUTO(buf) recipient = BUF_INIT;
	bool begun;
	int result;

	fuzz_require(age_identity_spell(&identities->items[0], &recipient, &err) == 0 &&
		     sops_groups_open(&policy.groups, &err) == 0 &&
		     sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, buf_span(&recipient), &err) ==
			     0);
	result = sops_pieces_seal(format, &plain, &policy, &sink, &begun, &err);
	fuzz_result(result, &err);
	fuzz_require((result == 0) == begun);
	if (result < 0)
		return;
	fuzz_require(plaintext(format, secret_span(&sealed), identities, 0, &whole) == 0);
	fuzz_require(span_equal(secret_span(&whole), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;
	struct error err = ERROR_INIT;

	if (len < 2)
		return 0;
	const enum doc_format format = data[0] % 2 ? DOC_DOTENV : DOC_JSON;
	const size_t piece_len = data[1] == 0 ? 1 : (size_t)data[1] * 4;
	const struct span text = span_of(data + 2, len - 2);

	fuzz_start();
	fuzz_require(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "x", &err) == 0);
	open_in_pieces(format, piece_len, text, &identities, 0);
	open_in_pieces(format, piece_len, text, &identities, SOPS_IGNORE_MAC);
	seal_in_pieces(format, piece_len, text, &identities);
	age_identities_release(&identities);
	fuzz_end();
	return 0;
}
