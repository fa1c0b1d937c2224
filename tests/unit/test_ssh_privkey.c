/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "ssh/privkey.h"
#include "sweep.h"
#include "util/codec.h"
#include "vectors.h"

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----\n"
#define END "-----END OPENSSH PRIVATE KEY-----\n"
#define SEED "ec068d222e40b653d092e57812a3bcd2fe742f8f168f7e17c5091f81b21c682f"

static int parse(struct span file, struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;

	if (ssh_private_key_parse(file, &key, err) < 0)
		return -1;
	ck_assert_hex(key.seed.data, SEED);
	return 0;
}

/* The bytes inside the armor. */
static size_t decode(struct span file, uint8_t *blob, size_t cap)
{
	AUTO(secret) base64 = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct span line;
	size_t len = 0;

	while (span_take_line(&file, &line)) {
		if (!span_starts_with(line, "-"))
			ck_assert_ok(secret_append_span(&base64, line, &err));
	}
	ck_assert(codec_base64_decode(secret_span(&base64), CODEC_BASE64_PADDED, blob, cap, &len));
	return len;
}

static int parse_blob(struct span blob, struct error *err)
{
	char text[4096];
	size_t len = codec_base64_len(blob.len, CODEC_BASE64_PADDED);
	size_t head = sizeof(BEGIN) - 1;

	memcpy(text, BEGIN, head);
	codec_base64_encode(blob, CODEC_BASE64_PADDED, text + head);
	memcpy(text + head + len, "\n" END, sizeof(END));
	return parse(span_of(text, head + len + sizeof(END)), err);
}

START_TEST(ssh_private_key_parse__reads_what_ssh_keygen_wrote)
{
	AUTO(secret) file = load("ssh-to-age/id_ed25519");
	AUTO(secret) crlf = SECRET_INIT;
	struct span rest = secret_span(&file), line;
	struct error err = ERROR_INIT;

	ck_assert(ssh_private_key_likely(secret_span(&file)));
	ck_assert_ok(parse(secret_span(&file), &err));
	ck_assert_ok(parse(span_trim(secret_span(&file)), &err));
	ck_assert_ok(secret_append_text(&crlf, "\r\n", &err));
	while (span_take_line(&rest, &line)) {
		ck_assert_ok(secret_append_span(&crlf, line, &err));
		ck_assert_ok(secret_append_text(&crlf, "\r\n", &err));
	}
	ck_assert_ok(parse(secret_span(&crlf), &err));
}
END_TEST

static void refuse_file(const char *name, const char *hint)
{
	AUTO(secret) file = load(name);
	struct error err = ERROR_INIT;

	ck_assert_int_eq(parse(secret_span(&file), &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	ck_assert_msg(strstr(err.hint, hint) != NULL, "%s: %s", name, err.hint);
}

START_TEST(ssh_private_key_parse__says_what_it_cannot_read)
{
	struct error err = ERROR_INIT;

	refuse_file("ssh-to-age/id_ed25519_passphrase", "without one");
	refuse_file("ssh/id_rsa", "ssh_host_ed25519_key");
	refuse_file("ssh/id_ecdsa", "ssh_host_ed25519_key");
	refuse_file("ssh/id_rsa_pem", "ssh-keygen");
	ck_assert_fails(parse(SPAN_LITERAL("PuTTY-User-Key-File-3: ssh-ed25519\n"), &err),
			ERROR_UNSUPPORTED);
	ck_assert_fails(parse(SPAN_INIT, &err), ERROR_FORMAT);
	ck_assert_fails(parse(SPAN_LITERAL("ssh-ed25519 AAAA"), &err), ERROR_FORMAT);
	ck_assert_fails(parse(SPAN_LITERAL(BEGIN END), &err), ERROR_FORMAT);
	ck_assert_fails(parse(SPAN_LITERAL(BEGIN), &err), ERROR_FORMAT);
	ck_assert_fails(parse(SPAN_LITERAL(BEGIN "AAAA\n" END), &err), ERROR_FORMAT);
	ck_assert_fails(parse(SPAN_LITERAL(BEGIN "AA!A\n" END), &err), ERROR_FORMAT);
}
END_TEST

START_TEST(ssh_private_key_parse__limits_the_file)
{
	static char text[SSH_PRIVATE_KEY_MAX + 1];
	struct error err = ERROR_INIT;

	memset(text, 'A', sizeof(text));
	memcpy(text, BEGIN, sizeof(BEGIN) - 1);
	ck_assert_fails(parse(span_of(text, SSH_PRIVATE_KEY_MAX), &err), ERROR_FORMAT);
	ck_assert_fails(parse(span_of(text, SSH_PRIVATE_KEY_MAX + 1), &err), ERROR_LIMIT);
}
END_TEST

/* All but the comment is bound: a changed bit is refused, or the key is the same. */
START_TEST(ssh_private_key_parse__each_changed_bit)
{
	AUTO(secret) file = load("ssh-to-age/id_ed25519");
	static const char comment[] = "joerg@turingmachine";
	uint8_t blob[1024];
	size_t len = decode(secret_span(&file), blob, sizeof(blob)), accepted = 0;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		struct error err = ERROR_INIT;

		blob[bit / 8] ^= (uint8_t)(1u << bit % 8);
		int result = parse_blob(span_of(blob, len), &err);
		ck_assert((result == 0) == (err.kind == ERROR_NONE));
		accepted += result == 0;
		blob[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert_uint_eq(accepted, 8 * (sizeof(comment) - 1));
}
END_TEST

START_TEST(ssh_private_key_parse__each_cut_and_addition)
{
	AUTO(secret) file = load("ssh-to-age/id_ed25519");
	struct span text = span_trim(secret_span(&file));
	struct error err = ERROR_INIT;
	uint8_t blob[1024];
	size_t len = decode(text, blob, sizeof(blob));

	for (size_t cut = 0; cut < len; cut++)
		ck_assert_fails(parse_blob(span_of(blob, cut), &err),
				err.kind == ERROR_UNSUPPORTED ? ERROR_UNSUPPORTED : ERROR_FORMAT);
	for (size_t cut = 0; cut < text.len; cut++) {
		err = ERROR_INIT;
		ck_assert_int_eq(parse(span_slice(text, 0, cut), &err), -1);
	}
	memset(blob + len, 0, 8);
	ck_assert_fails(parse_blob(span_of(blob, len + 8), &err), ERROR_FORMAT);
	ck_assert_ok(parse_blob(span_of(blob, len), &err));
}
END_TEST

START_TEST(ssh_private_key_parse__survives_want_of_memory)
{
	AUTO(secret) file = load("ssh-to-age/id_ed25519");
	struct error err = ERROR_INIT;

	SWEEP(parse(secret_span(&file), &err));
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("ssh privkey");
	TCase *tc = tcase_create("privkey");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, ssh_private_key_parse__reads_what_ssh_keygen_wrote);
	tcase_add_test(tc, ssh_private_key_parse__says_what_it_cannot_read);
	tcase_add_test(tc, ssh_private_key_parse__limits_the_file);
	tcase_add_test(tc, ssh_private_key_parse__each_changed_bit);
	tcase_add_test(tc, ssh_private_key_parse__each_cut_and_addition);
	tcase_add_test(tc, ssh_private_key_parse__survives_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
