/* SPDX-License-Identifier: MIT */
/* Files in pieces: the same as whole, wherever they are cut and however they are read. */
#include <check.h>
#include <string.h>

#include "sops/pieces.h"
#include "sweep.h"
#include "vectors.h"

#define BASE64_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
#define RECIPIENT "age1kgp3cjt6ypywa40u3f62z62f6x000mf948hdm69sphluddxmy48sqkzmg7"

static const struct {
	enum doc_format format;
	const char *plain;
} documents[] = {
	{ DOC_DOTENV, "# c\nA=one\n\nB=two\\nthree\nA=again\nE=\n#\nP_unencrypted=x\nZ=last\n" },
	{ DOC_DOTENV, "A=one\nB=two" },
	{ DOC_DOTENV, "A=\n" },
	{ DOC_JSON,
	  "{\n  \"a\": {\"x\": \"1,2\", \"y\": [1, {\"sops\": \"no\"}]},\n  \"b\": \"}{\\\"\",\n"
	  "  \"c\\\\\": [],\n  \"d\\\\\\\"\": 1.50, \"e\": null\n,\"a\": \"again\"}\n" },
	{ DOC_JSON, "{\"a\":\"one\",\"b\":\"two\",\"c\":\"three\"}" },
	{ DOC_JSON, " {\"only\" : \"one\"}" },
	{ DOC_JSON, "{\n\t\"a\": \"one\",\n\t\"b\": [\"=one\", 2.50, true],\n\t\"c\": "
		    "null,\n\t\"d\": 7\n}\n" },
};

#define DOCUMENTS (sizeof(documents) / sizeof(*documents))

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

/* A text that is given a few bytes at a time. */
struct reader {
	struct span left;
	size_t step;
};

static int read_some(void *context, uint8_t *ret_bytes, size_t cap, size_t *ret_len,
		     struct error *err)
{
	struct reader *reader = context;
	const struct span taken =
		span_slice(reader->left, 0, reader->step < cap ? reader->step : cap);

	(void)err;
	if (taken.len > 0)
		memcpy(ret_bytes, taken.data, taken.len);
	reader->left = span_slice(reader->left, taken.len, reader->left.len);
	*ret_len = taken.len;
	return 0;
}

static int append(void *context, struct span bytes, struct error *err)
{
	return secret_append_span(context, bytes, err);
}

static struct age_identities identity(void)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;
	AUTO(secret) bytes = load("sops/keys/age1.txt");
	struct error err = ERROR_INIT;

	ck_assert_int_eq(age_identities_add_file(&identities, secret_span(&bytes), "x", &err), 0);
	return identities;
}

static void set_policy(struct sops_policy *policy)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(sops_groups_open(&policy->groups, &err), 0);
	ck_assert_int_eq(sops_groups_add(&policy->groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(RECIPIENT),
					 &err),
			 0);
}

static struct secret copy_of(struct span text)
{
	struct secret copy = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_span(&copy, text, &err), 0);
	return copy;
}

static struct secret seal_text(enum doc_format format, const char *plain)
{
	AUTO(secret) text = copy_of(span_of_text(plain));
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct secret sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	set_policy(&policy);
	ck_assert_int_eq(sops_seal(format, &text, &policy, &sealed, NULL, &err), 0);
	return sealed;
}

static struct secret seal_whole(size_t i)
{
	return seal_text(documents[i].format, documents[i].plain);
}

static int seal_pieces(enum doc_format format, struct span plain, size_t piece_len,
		       struct secret *ret_sealed, bool *ret_begun, struct error *err)
{
	AUTO(secret) text = copy_of(plain);
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	const struct sops_sink sink = { &sealed, append, piece_len };

	set_policy(&policy);
	if (sops_pieces_seal(format, &text, &policy, &sink, ret_begun, err) < 0)
		return -1;
	*ret_sealed = secret_move(&sealed);
	return 0;
}

/* The plaintext of a sealed text, opened in pieces. */
static int open_pieces(enum doc_format format, struct span sealed, size_t piece_len, size_t step,
		       const struct age_identities *identities, unsigned flags,
		       struct secret *ret_text, struct error *err)
{
	struct reader reader = { sealed, step };
	const struct sops_source source = { &reader, read_some, piece_len };
	const struct sops_opener opener = { identities, NULL, SOPS_ORDER_DEFAULT };
	AUTO(secret) metadata = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_parts) parts = SOPS_PARTS_INIT;
	struct sops_notes notes;

	if (sops_pieces_find_metadata(format, &source, &metadata, err) < 0)
		return -1;
	if (metadata.len == 0)
		return error_set(err, ERROR_NO_METADATA, "no metadata in one piece");
	reader.left = sealed;
	if (sops_pieces_open(format, &source, &metadata, &opener, flags, &parts, &notes, err) < 0)
		return -1;
	for (size_t i = 0; i < parts.len; i++)
		if (secret_append_span(&text, secret_span(&parts.items[i]), err) < 0)
			return -1;
	*ret_text = secret_move(&text);
	return 0;
}

static int open_whole(enum doc_format format, struct span sealed,
		      const struct age_identities *identities, unsigned flags,
		      struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = copy_of(sealed);
	AUTO(sops_file) file = SOPS_FILE_INIT;

	return sops_open(format, &text, identities, flags, &file, err) < 0
		       ? -1
		       : sops_file_plaintext(&file, ret_text, err);
}

START_TEST(doc_cutter__cuts_into_documents)
{
	for (size_t i = 0; i < DOCUMENTS; i++)
		for (size_t least = 1; least < 60; least++) {
			struct doc_cutter cutter = doc_cutter_init(documents[i].format, least);
			struct span left = span_of_text(documents[i].plain), piece;
			AUTO(secret) text = SECRET_INIT;
			struct error err = ERROR_INIT;
			size_t len;

			do {
				AUTO(doc) doc = DOC_INIT;

				ck_assert(doc_cutter_cut(&cutter, left, true, &len));
				ck_assert(len >= least || len == left.len);
				ck_assert_int_eq(doc_cutter_wrap(&cutter, span_slice(left, 0, len),
								 len == left.len, &text, &err),
						 0);
				ck_assert(doc_cutter_unwrap(&cutter, secret_span(&text),
							    len == left.len, &piece));
				ck_assert(span_equal(piece, span_slice(left, 0, len)));
				ck_assert_msg(doc_parse(documents[i].format, &text, 0, &doc,
							&err) == 0,
					      "%zu, %zu: %s", i, least, err.message);
				left = len == left.len
					       ? SPAN_INIT
					       : span_slice(left, doc_cutter_next(&cutter, len),
							    left.len);
			} while (left.len > 0);
		}
}
END_TEST

/* Exactly what is a document, and has no metadata. */
START_TEST(doc_cutter__knows_plain_lines)
{
	static const char *const lines[] = {
		"A=1\n",    "\n",          "#\n",      "=\n", "A\n", "\r\n", "sops_x=1\n",
		"sops_x\n", "#sops_x=1\n", "sops=1\n", " \n", "=",   "A"
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		for (size_t j = 0; j < sizeof(lines) / sizeof(*lines); j++) {
			AUTO(secret) text = copy_of(span_of_text(lines[i]));
			AUTO(doc) doc = DOC_INIT;
			struct error err = ERROR_INIT;
			bool plain;

			ck_assert_int_eq(secret_append_text(&text, lines[j], &err), 0);
			plain = doc_cutter_has_plain_lines(secret_span(&text));
			ck_assert(plain ==
				  (doc_parse(DOC_DOTENV, &text, 0, &doc, &err) == 0 &&
				   doc_find_metadata(&doc, doc_root(&doc, 0)) == DOC_NONE));
		}
}
END_TEST

START_TEST(sops_pieces_open__gives_what_the_whole_gives)
{
	struct age_identities identities = identity();
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < DOCUMENTS; i++) {
		AUTO(secret) sealed = seal_whole(i);

		for (size_t least = 1; least < sealed.len + 2; least = least * 3 / 2 + 1)
			for (size_t step = 1; step < 1000; step = step * 7 + 3) {
				AUTO(secret) text = SECRET_INIT;

				ck_assert_msg(open_pieces(documents[i].format, secret_span(&sealed),
							  least, step, &identities, 0, &text,
							  &err) == 0,
					      "%zu, %zu: %s", i, least, err.message);
				ck_assert(span_equal_text(secret_span(&text), documents[i].plain));
			}
	}
	age_identities_release(&identities);
}
END_TEST

START_TEST(sops_pieces_seal__opens_as_a_whole)
{
	struct age_identities identities = identity();
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < DOCUMENTS; i++)
		for (size_t least = 1; documents[i].format == DOC_DOTENV && least < 90; least++) {
			AUTO(secret) sealed = SECRET_INIT;
			AUTO(secret) text = SECRET_INIT;
			bool begun;

			ck_assert_int_eq(seal_pieces(DOC_DOTENV, span_of_text(documents[i].plain),
						     least, &sealed, &begun, &err),
					 0);
			ck_assert(begun);
			ck_assert_ptr_null(memmem(sealed.data, sealed.len, "=one", 4));
			ck_assert_int_eq(open_whole(DOC_DOTENV, secret_span(&sealed), &identities,
						    0, &text, &err),
					 0);
			ck_assert(span_equal_text(secret_span(&text), documents[i].plain));
		}
	age_identities_release(&identities);
}
END_TEST

/* Of the same length and form, but for what is drawn by lot: base64 and the time. */
static bool is_same_form(const struct secret *a, const struct secret *b)
{
	bool same = a->len == b->len;

	for (size_t i = 0; same && i < a->len; i++)
		same = a->data[i] == b->data[i] || (strchr(BASE64_CHARACTERS, a->data[i]) &&
						    strchr(BASE64_CHARACTERS, b->data[i]));
	return same;
}

/* However it is laid out: not begun, or as the whole is sealed. */
START_TEST(sops_pieces_seal__json_is_as_the_whole)
{
	static const char *const texts[] = {
		"{\n  \"a\": 1,\n  \"b\": {\"x\": [1.50, \"two\", null]},\n  \"c\": \"three\"\n}\n",
		"{\r\n\t\"a\" :1,\r\n\t\"b\" :true,\r\n\t\"c_unencrypted\" :\"three\"\r\n}",
		"{\"a\": 1,\n\"b\": 2,\n\"c\": {\n}}",
		"  { \"a\": 1,\n    \"b\":2,\n  \"c\": 3 }",
		"{\n\"a\": 1,\"b\": 2,\"c\": 3}",
		"{\n\"a\": 1,\n\"b\": 2,\"c\": 3}",
		"{\"a\":1,\"b\":2,\"c\":3}",
		"{\n  \"a\": 1\n , \"b\": 2\n , \"c\": 3\n}",
		"{\n  \"a\":  1,\n  \"b\": 2,\n     \"c\": {\"sops\": {}}\n}",
	};
	struct age_identities identities = identity();
	size_t begun_count = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		AUTO(secret) whole = seal_text(DOC_JSON, texts[i]);

		for (size_t least = 1; least < strlen(texts[i]) + 2; least += stride(1) / 8 + 1) {
			AUTO(secret) sealed = SECRET_INIT;
			AUTO(secret) text = SECRET_INIT;
			struct error err = ERROR_INIT;
			bool begun;
			const int result = seal_pieces(DOC_JSON, span_of_text(texts[i]), least,
						       &sealed, &begun, &err);

			ck_assert_int_eq(result, begun ? 0 : -1);
			if (!begun)
				continue;
			begun_count++;
			ck_assert_msg(is_same_form(&sealed, &whole), "%zu, %zu: %.*s", i, least,
				      (int)sealed.len, sealed.data);
			ck_assert_int_eq(open_whole(DOC_JSON, secret_span(&sealed), &identities, 0,
						    &text, &err),
					 0);
			ck_assert(span_equal_text(secret_span(&text), texts[i]));
		}
	}
	ck_assert_uint_ge(begun_count, 3);
	age_identities_release(&identities);
}
END_TEST

/* What cannot be sealed, or of which something is to be said, is found out before anything was written. */
START_TEST(sops_pieces_seal__begins_nothing_it_cannot_end)
{
	static const struct {
		enum doc_format format;
		const char *text;
	} bad[] = {
		{ DOC_DOTENV, "A=1\nB=2\nno value\n" },
		{ DOC_DOTENV, "A=1\nsops_mac=x\n" },
		{ DOC_DOTENV, "A=1\n\r\nB=2\n" },
		{ DOC_JSON, "{\n\"a\": 1,\n\"b\": 2,\n\"c\": }" },
		{ DOC_JSON, "{\n\"a\": 1,\n\"b\": 2,\n}" },
		{ DOC_JSON, "{\n\"a\": 1,\n\"b\": 2,\n\"c\": 3}}" },
		{ DOC_JSON, "[\n\"a\",\n\"b\",\n\"c\"\n]" },
		{ DOC_JSON, "{\n\"a\": 1,\n\"b\": 2,\n\"sops\": 3\n}" },
		{ DOC_JSON, "{\n\"sops\": 1,\n\"b\": 2,\n\"c\": 3\n}" },
		{ DOC_JSON, "{\n\"a\": 1,\n\"\\u0073ops\": 2,\n\"c\": 3\n}" },
		/* comes back as "A" */
		{ DOC_JSON, "{\n\"a\": 1,\n\"b\": \"\\u0041\",\n\"c\": 3\n}" },
		/* one piece is no piece */
		{ DOC_JSON, "{\n\"a\": 1\n}" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(secret) sealed = SECRET_INIT;
		struct error err = ERROR_INIT;
		bool begun = true;

		ck_assert_int_eq(seal_pieces(bad[i].format, span_of_text(bad[i].text), 1, &sealed,
					     &begun, &err),
				 -1);
		ck_assert(!begun);
	}
}
END_TEST

/* Never another text than the whole gives; and none at all where the MAC counts. */
START_TEST(sops_pieces_open__takes_no_changed_bit)
{
	struct age_identities identities = identity();

	for (size_t i = 0; i < DOCUMENTS; i++) {
		AUTO(secret) sealed = seal_whole(i);

		for (size_t bit = (size_t)_i; bit < sealed.len * 8; bit += stride(13)) {
			AUTO(secret) text = SECRET_INIT;
			AUTO(secret) whole = SECRET_INIT;
			struct error err = ERROR_INIT, other = ERROR_INIT;

			sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			for (unsigned flags = 0; flags <= SOPS_IGNORE_MAC; flags++) {
				int result = open_pieces(documents[i].format, secret_span(&sealed),
							 30, 64, &identities, flags, &text, &err);

				ck_assert((result < 0) == (err.kind != ERROR_NONE));
				if (result == 0) {
					ck_assert_int_eq(open_whole(documents[i].format,
								    secret_span(&sealed),
								    &identities, flags, &whole,
								    &other),
							 0);
					ck_assert(span_equal(secret_span(&text),
							     secret_span(&whole)));
				}
				secret_release(&text);
				secret_release(&whole);
				error_clear(&err);
			}
			sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	age_identities_release(&identities);
}
END_TEST

/* A value of another file, moved or left out in a piece of its own. */
START_TEST(sops_pieces_open__checks_the_mac_over_all_pieces)
{
	struct age_identities identities = identity();
	AUTO(secret) sealed = seal_whole(0);
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	uint8_t *line = memmem(sealed.data, sealed.len, "\nB=", 3), *end;

	ck_assert_ptr_nonnull(line);
	end = memchr(line + 1, '\n', sealed.len - (size_t)(line + 1 - sealed.data));
	memmove(line, end, sealed.len - (size_t)(end - sealed.data));
	secret_truncate(&sealed, sealed.len - (size_t)(end - line));
	ck_assert_int_eq(open_pieces(DOC_DOTENV, secret_span(&sealed), 1, 100, &identities, 0,
				     &text, &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_MAC);
	error_clear(&err);
	ck_assert_int_eq(open_pieces(DOC_DOTENV, secret_span(&sealed), 1, 100, &identities,
				     SOPS_IGNORE_MAC, &text, &err),
			 0);
	age_identities_release(&identities);
}
END_TEST

/* What a JSON parser refuses is not made right by cutting; and there is one set of metadata. */
START_TEST(sops_pieces_open__leaves_the_odd_to_the_whole)
{
	static const char *const odd[] = { "{\"a\":1,,\"b\":2,\"sops\":{}}",
					   "{\"a\":1, ,\"sops\":{}}",
					   "{\"a\":1,\"sops\":{},}",
					   "[1,\"sops\",2]",
					   "{\"a\":1},{\"sops\":{}}",
					   "{\"a\":1,\"sops\":{}",
					   "{\"sops\":{},\"b\":1,\"sops\":{}}",
					   "{}",
					   "",
					   "," };
	struct age_identities identities = identity();

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_int_eq(open_pieces(DOC_JSON, span_of_text(odd[i]), 1, 3, &identities, 0,
					     &text, &err),
				 -1);
		ck_assert(err.kind != ERROR_NONE);
	}
	age_identities_release(&identities);
}
END_TEST

static struct age_identities swept_identities;
static struct span swept;

static int sweep_open(void)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	return open_pieces(DOC_JSON, swept, 100, 500, &swept_identities, 0, &text, &err);
}

static size_t swept_document;

static int sweep_seal(void)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	const struct sops_sink sink = { &sealed, append, 8 };
	struct error err = ERROR_INIT;
	bool begun;

	if (secret_append_text(&text, documents[swept_document].plain, &err) < 0 ||
	    sops_groups_open(&policy.groups, &err) < 0 ||
	    sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(RECIPIENT), &err) < 0)
		return -1;
	return sops_pieces_seal(documents[swept_document].format, &text, &policy, &sink, &begun,
				&err);
}

START_TEST(sops_pieces__survive_no_memory)
{
	AUTO(secret) sealed = seal_whole(3);

	swept_identities = identity();
	swept = secret_span(&sealed);
	SWEEP(sweep_open());
	SWEEP(sweep_seal());
	swept_document = 6;
	SWEEP(sweep_seal());
	age_identities_release(&swept_identities);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops pieces");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_set_timeout(t, 600);
	tcase_add_test(t, doc_cutter__cuts_into_documents);
	tcase_add_test(t, doc_cutter__knows_plain_lines);
	tcase_add_test(t, sops_pieces_open__gives_what_the_whole_gives);
	tcase_add_test(t, sops_pieces_seal__opens_as_a_whole);
	tcase_add_test(t, sops_pieces_seal__json_is_as_the_whole);
	tcase_add_test(t, sops_pieces_seal__begins_nothing_it_cannot_end);
	tcase_add_loop_test(t, sops_pieces_open__takes_no_changed_bit, 0, 13);
	tcase_add_test(t, sops_pieces_open__checks_the_mac_over_all_pieces);
	tcase_add_test(t, sops_pieces_open__leaves_the_odd_to_the_whole);
	tcase_add_test(t, sops_pieces__survive_no_memory);
	suite_add_tcase(s, t);
	return s;
}
