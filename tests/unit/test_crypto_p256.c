/* SPDX-License-Identifier: MIT */
/* crypto: P-256 and HPKE over it against a published vector; what is no point. age: the recipients that rest on them. */
#include <check.h>
#include <string.h>

#include "age/bech32.h"
#include "age/header.h"
#include "age_files.h"
#include "crypto/hpke.h"
#include "crypto/p256.h"
#include "sweep.h"
#include "util/codec.h"

#define INFO "age-encryption.org/p256tag"
/* That of age-plugin-tagtest, which is in age's own tests. */
#define TAGGED "age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h"

static void value_of(const char *name, uint8_t *ret_bytes, size_t len)
{
	AUTO(secret) file = load("hpke/p256");
	struct span text = secret_span(&file), line, key;
	char hex[2 * P256_POINT_LEN + 1];

	while (span_take_line(&text, &line) && span_take_until(&line, ':', &key))
		if (span_equal_text(key, name)) {
			snprintf(hex, sizeof(hex), "%.*s", SPAN_PRINT(span_trim(line)));
			ck_assert_uint_eq(from_hex(hex, ret_bytes), len);
			return;
		}
	ck_abort_msg("there is no %s in the vector", name);
}

static void compress(const uint8_t point[P256_POINT_LEN], uint8_t ret[P256_COMPRESSED_LEN])
{
	ret[0] = 2 | (point[P256_POINT_LEN - 1] & 1);
	memcpy(ret + 1, point + 1, P256_COMPRESSED_LEN - 1);
}

START_TEST(p256__draft_vector)
{
	AUTO(key32) scalar = KEY32_INIT;
	AUTO(key32) exchanged = KEY32_INIT;
	AUTO(key32) shared = KEY32_INIT;
	uint8_t context[2 * P256_POINT_LEN], point[P256_POINT_LEN], expected[32],
		compressed[P256_COMPRESSED_LEN];
	struct error err = ERROR_INIT;

	value_of("skRm", scalar.data, sizeof(scalar.data));
	value_of("enc", context, P256_POINT_LEN);
	value_of("pkRm", context + P256_POINT_LEN, P256_POINT_LEN);
	value_of("shared_secret", expected, sizeof(expected));
	ck_assert_ok(p256_public(&scalar, point, &err));
	ck_assert_mem_eq(point, context + P256_POINT_LEN, P256_POINT_LEN);
	compress(point, compressed);
	memset(point, 0, sizeof(point));
	ck_assert(p256_decompress(compressed, point));
	ck_assert_mem_eq(point, context + P256_POINT_LEN, P256_POINT_LEN);
	ck_assert_ok(p256(&scalar, context, &exchanged, &err));
	hpke_dh_secret(HPKE_KEM_P256, &exchanged, span_of(context, sizeof(context)), &shared);
	ck_assert_mem_eq(shared.data, expected, sizeof(expected));
}
END_TEST

static void expect_back(const struct key32 *scalar)
{
	uint8_t point[P256_POINT_LEN], again[P256_POINT_LEN], compressed[P256_COMPRESSED_LEN];
	struct error err = ERROR_INIT;

	ck_assert_ok(p256_public(scalar, point, &err));
	ck_assert_uint_eq(point[0], 4);
	compress(point, compressed);
	ck_assert(p256_decompress(compressed, again));
	ck_assert_mem_eq(point, again, sizeof(point));
}

/* 379 and 43 make points with a zero before the x, and the y. */
START_TEST(p256_decompress__gives_the_point_back)
{
	static const unsigned small[] = { 1, 2, 379, 43 };

	for (size_t i = 0; i < sizeof(small) / sizeof(*small); i++) {
		AUTO(key32) scalar = KEY32_INIT;

		scalar.data[30] = (uint8_t)(small[i] >> 8);
		scalar.data[31] = (uint8_t)small[i];
		expect_back(&scalar);
	}
	for (int i = 0; i < 20; i++) {
		AUTO(key32) scalar = KEY32_INIT;

		p256_scalar(&scalar);
		expect_back(&scalar);
	}
}
END_TEST

START_TEST(p256_decompress__refuses_what_is_none)
{
	uint8_t compressed[P256_COMPRESSED_LEN] = { 2 }, point[P256_POINT_LEN];
	int points = 0;

	/* about half of the numbers are the x of a point */
	for (int i = 0; i < 200; i++) {
		compressed[P256_COMPRESSED_LEN - 1] = (uint8_t)i;
		points += p256_decompress(compressed, point);
	}
	ck_assert_int_gt(points, 60);
	ck_assert_int_lt(points, 140);
	/* 5 is one */
	compressed[P256_COMPRESSED_LEN - 1] = 5;
	ck_assert(p256_decompress(compressed, point));
	for (int form = 0; form < 256; form++) {
		compressed[0] = (uint8_t)form;
		ck_assert_int_eq(p256_decompress(compressed, point), form == 2 || form == 3);
	}
	/* 5 + p is 5 in another spelling */
	from_hex("02ffffffff00000001000000000000000000000001000000000000000000000004", compressed);
	ck_assert(!p256_decompress(compressed, point));
	memset(compressed + 1, 0xff, P256_COMPRESSED_LEN - 1);
	ck_assert(!p256_decompress(compressed, point));
}
END_TEST

/* The recipient of a scalar of ours: what has to be in hardware is here to open with. */
static void recipient_of(const struct key32 *scalar, char ret_text[128])
{
	uint8_t point[P256_POINT_LEN], compressed[P256_COMPRESSED_LEN];
	struct error err = ERROR_INIT;

	ck_assert_ok(p256_public(scalar, point, &err));
	compress(point, compressed);
	age_bech32_encode("age1tag", span_of(compressed, sizeof(compressed)), ret_text);
	ret_text[age_bech32_len("age1tag", sizeof(compressed))] = '\0';
}

static void open_stanza(const struct key32 *scalar, const struct age_stanza *stanza,
			struct key32 *ret_file_key)
{
	AUTO(key32) exchanged = KEY32_INIT;
	AUTO(key32) shared = KEY32_INIT;
	AUTO(hpke) hpke = HPKE_INIT;
	AUTO(aead) aead = AEAD_INIT;
	uint8_t context[2 * P256_POINT_LEN];
	struct span arguments = stanza->arguments, tag, enc;
	struct error err = ERROR_INIT;
	size_t len;

	ck_assert_span(stanza->type, "p256tag");
	ck_assert(age_stanza_argument(&arguments, &tag) && age_stanza_argument(&arguments, &enc));
	ck_assert_uint_eq(tag.len, 6);
	ck_assert_uint_eq(arguments.len, 0);
	ck_assert(codec_base64_decode(enc, CODEC_BASE64_UNPADDED, context, sizeof(context), &len));
	ck_assert_uint_eq(len, P256_POINT_LEN);
	ck_assert_ok(p256_public(scalar, context + P256_POINT_LEN, &err));
	ck_assert_ok(p256(scalar, context, &exchanged, &err));
	hpke_dh_secret(HPKE_KEM_P256, &exchanged, span_of(context, sizeof(context)), &shared);
	hpke_init(&hpke, HPKE_KEM_P256, &shared, SPAN_LITERAL(INFO));
	aead_init(&aead, &hpke.key);
	ck_assert_ok(aead_open(&aead, hpke.nonce, stanza->body, ret_file_key->data, &err));
}

START_TEST(age_recipients_add__tagged)
{
	const struct key32 file_key = { "sixteen bytes!!" };
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(key32) scalar = KEY32_INIT;
	AUTO(key32) opened = KEY32_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(buf) spelled = BUF_INIT;
	struct error err = ERROR_INIT;
	char recipient[128];

	p256_scalar(&scalar);
	recipient_of(&scalar, recipient);
	ck_assert_ok(age_recipients_add(&recipients, span_of_text(recipient), &err));
	ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(TAGGED), &err));
	ck_assert_ok(age_recipient_spell(&recipients.items[0], &spelled, &err));
	ck_assert_span(buf_span(&spelled), recipient);
	ck_assert(!age_recipient_equal(&recipients.items[0], &recipients.items[1]));
	ck_assert_ok(age_header_write(&recipients, &file_key, &text, &err));
	ck_assert_ok(age_header_parse(buf_span(&text), &header, &err));
	ck_assert_uint_eq(header.len, 2);
	open_stanza(&scalar, &header.stanzas[0], &opened);
	ck_assert_mem_eq(opened.data, file_key.data, AGE_FILE_KEY_LEN);
}
END_TEST

static void expect_refused(struct age_recipients *recipients, const char *text, const char *why)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(age_recipients_add(recipients, span_of_text(text), &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_msg(strstr(err.message, why) != NULL, "%s", err.message);
	ck_assert_uint_eq(recipients->len, 0);
}

/* Neither a wrong letter nor what is no point is sealed to. */
START_TEST(age_recipients_add__tagged_and_damaged)
{
	static const uint8_t no_point[P256_COMPRESSED_LEN] = { 4 };
	char text[] = TAGGED, other[128];

	for (size_t i = sizeof("age1tag1") - 1; i < sizeof(text) - 1; i++) {
		AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
		const char before = text[i];

		text[i] = before == 'q' ? 'p' : 'q';
		expect_refused(&recipients, text, "not a whole age1tag1… recipient");
		text[i] = before;
	}
	age_bech32_encode("age1tag", span_of(no_point, sizeof(no_point)), other);
	other[age_bech32_len("age1tag", sizeof(no_point))] = '\0';
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	expect_refused(&recipients, other, "that is no public key");
}
END_TEST

static int seal(struct error *err)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) file = BUF_INIT;

	return age_recipients_add(&recipients, SPAN_LITERAL(TAGGED), err) < 0 ||
			       age_seal(&recipients, SPAN_LITERAL("text"), false, &file, err) < 0
		       ? -1
		       : 0;
}

START_TEST(age_seal__tagged_survives_want_of_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(seal(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("P-256");
	TCase *tc = tcase_create("p256");

	start_crypto();
	tcase_add_test(tc, p256__draft_vector);
	tcase_add_test(tc, p256_decompress__gives_the_point_back);
	tcase_add_test(tc, p256_decompress__refuses_what_is_none);
	tcase_add_test(tc, age_recipients_add__tagged);
	tcase_add_test(tc, age_recipients_add__tagged_and_damaged);
	tcase_add_test(tc, age_seal__tagged_survives_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
