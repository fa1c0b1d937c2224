/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "ssh/privkey.h"
#include "ssh/pubkey.h"
#include "sweep.h"
#include "util/codec.h"
#include "vectors.h"

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----\n"
#define END "-----END OPENSSH PRIVATE KEY-----\n"
#define SEED "ec068d222e40b653d092e57812a3bcd2fe742f8f168f7e17c5091f81b21c682f"

static int parse(struct span file, struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;

	if (ssh_private_key_parse(file, SPAN_INIT, &key, err) < 0)
		return -1;
	ck_assert(!key.locked && key.type == SSH_KEY_ED25519);
	ck_assert_uint_eq(key.private_part.len, 32);
	ck_assert_hex(key.private_part.data, SEED);
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

static int parse_blob_with(struct span blob, const char *passphrase, struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	char text[4096];
	size_t len = codec_base64_len(blob.len, CODEC_BASE64_PADDED);
	size_t head = sizeof(BEGIN) - 1;
	uint8_t seed[32];

	from_hex(SEED, seed);

	memcpy(text, BEGIN, head);
	codec_base64_encode(blob, CODEC_BASE64_PADDED, text + head);
	memcpy(text + head + len, "\n" END, sizeof(END));
	if (ssh_private_key_parse(span_of(text, head + len + sizeof(END)), span_of_text(passphrase),
				  &key, err) < 0)
		return -1;
	ck_assert(key.locked || memcmp(key.private_part.data, seed, sizeof(seed)) == 0);
	return 0;
}

static int parse_blob(struct span blob, struct error *err)
{
	return parse_blob_with(blob, "", err);
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

#define PASSPHRASE "hunter2"

/* What has no passphrase; what tells its public half; what hides it. All are one of two keys. */
static const struct file {
	const char *name;
	enum { OPEN, TELLS, HIDES } kind;
} files[] = {
	{ "ed25519", OPEN },
	{ "ed25519-3des-cbc", TELLS },
	{ "ed25519-aes128-cbc", TELLS },
	{ "ed25519-aes128-ctr", TELLS },
	{ "ed25519-aes128-gcm", TELLS },
	{ "ed25519-aes192-cbc", TELLS },
	{ "ed25519-aes192-ctr", TELLS },
	{ "ed25519-aes256-cbc", TELLS },
	{ "ed25519-aes256-ctr", TELLS },
	{ "ed25519-aes256-gcm", TELLS },
	{ "ed25519-chacha20-poly1305", TELLS },
	{ "ed25519-pkcs8", OPEN },
	{ "ed25519-pkcs8-aes256", HIDES },
	{ "rsa", OPEN },
	{ "rsa-aes256-ctr", TELLS },
	{ "rsa-pem", OPEN },
	{ "rsa-pem-aes128", HIDES },
	{ "rsa-pem-aes192", HIDES },
	{ "rsa-pem-aes256", HIDES },
	{ "rsa-pem-des", HIDES },
	{ "rsa-pem-des3", HIDES },
	{ "rsa-pkcs8", OPEN },
	{ "rsa-pkcs8-aes256", HIDES },
	{ "rsa-pkcs8-aes256-cfb", HIDES },
	{ "rsa-pkcs8-aes128-ofb", HIDES },
	{ "rsa-pkcs8-camellia256", HIDES },
	{ "rsa-pkcs8-des3", HIDES },
	{ "rsa-pkcs8-pbe-3des", HIDES },
	{ "rsa-pkcs8-scrypt", HIDES },
	{ "rsa-pkcs8-sha1", HIDES },
	{ "rsa-pkcs8-sha224", HIDES },
	{ "rsa-pkcs8-sha384", HIDES },
	{ "rsa-pkcs8-sha512", HIDES },
	{ "rsa-pkcs8-sha512-224", HIDES },
	{ "rsa-pkcs8-sha512-256", HIDES },
};

#define FILES (int)(sizeof(files) / sizeof(*files))

static struct secret load_key(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "ssh/keys/%s", name);
	return load(path);
}

/* The wire form in ed25519.pub or rsa.pub. */
static struct buf wire_of(const char *name)
{
	AUTO(secret) line = load_key(name[0] == 'e' ? "ed25519.pub" : "rsa.pub");
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(ssh_public_key_parse(secret_span(&line), &key, &err));
	return buf_move(&key.wire);
}

static int parse_with(struct span file, const char *passphrase, struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;

	return ssh_private_key_parse(file, span_of_text(passphrase), &key, err);
}

START_TEST(ssh_private_key_parse__reads_every_format)
{
	const struct file *f = &files[_i];
	AUTO(secret) file = load_key(f->name);
	AUTO(buf) wire = wire_of(f->name);
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(ssh_private_key) locked = SSH_PRIVATE_KEY_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(
		ssh_private_key_parse(secret_span(&file), SPAN_LITERAL(PASSPHRASE), &key, &err));
	ck_assert(!key.locked);
	ck_assert_int_eq(key.type, f->name[0] == 'e' ? SSH_KEY_ED25519 : SSH_KEY_RSA);
	ck_assert(span_equal(buf_span(&key.wire), buf_span(&wire)));
	ck_assert_ok(ssh_private_key_parse(secret_span(&file), SPAN_INIT, &locked, &err));
	ck_assert(locked.locked == (f->kind != OPEN));
	ck_assert_uint_eq(locked.wire.len, f->kind == HIDES ? 0 : wire.len);
	ck_assert((locked.private_part.len == 0) == locked.locked);
	ck_assert(ssh_private_key_hides_public(secret_span(&file)) == (f->kind == HIDES));
}
END_TEST

/* As age, sops and ssh-keygen: attributes and comments before, a public key, a certificate or another key behind. */
START_TEST(ssh_private_key_parse__does_not_look_around_it)
{
	static const char *const around[][2] = {
		{ "", "ssh-ed25519 AAAA\n" },
		{ "Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n", "" },
		{ "# a host's\r\n\r\n",
		  "\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
		{ "x -----BEGIN RSA PRIVATE KEY-----\n", "-----BEGIN OPENSSH PRIVATE KEY-----\n" },
	};
	AUTO(secret) file = load_key(files[_i].name);
	AUTO(buf) wire = wire_of(files[_i].name);

	for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
		AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_ok(secret_append_text(&text, around[i][0], &err));
		ck_assert_ok(secret_append_span(&text, secret_span(&file), &err));
		ck_assert_ok(secret_append_text(&text, around[i][1], &err));
		ck_assert_ok(secret_append(&text, "\0\0", 2, &err));
		ck_assert(ssh_private_key_likely(secret_span(&text)));
		ck_assert(ssh_private_key_hides_public(secret_span(&text)) ==
			  (files[_i].kind == HIDES));
		ck_assert_ok(ssh_private_key_parse(secret_span(&text), SPAN_LITERAL(PASSPHRASE),
						   &key, &err));
		ck_assert(span_equal(buf_span(&key.wire), buf_span(&wire)));
	}
}
END_TEST

START_TEST(ssh_private_key_parse__refuses_a_wrong_passphrase)
{
	AUTO(secret) file = load_key(files[_i].name);
	struct error err = ERROR_INIT;
	static const char *const wrong[] = { "hunter", "hunter2\n", "Hunter2", " " };

	if (files[_i].kind == OPEN)
		return;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_fails(parse_with(secret_span(&file), wrong[i], &err), ERROR_AUTH);
}
END_TEST

/* Whatever bit is changed: it ends, with an error or without. Some are skipped for RSA takes its time. */
START_TEST(ssh_private_key_parse__changed_bits_of_every_format)
{
	AUTO(secret) file = load_key(files[_i].name);
	const size_t step = stride(files[_i].kind == OPEN ? 29 : 331);
	/* not the rounds of bcrypt: they take their time, too */
	const size_t start = files[_i].kind == TELLS ? 8 * 180 : 0;

	for (size_t bit = start; bit < 8 * file.len; bit += step) {
		struct error err = ERROR_INIT;
		int result;

		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		result = parse_with(secret_span(&file), PASSPHRASE, &err);
		ck_assert((result == 0) == (err.kind == ERROR_NONE));
		ck_assert(err.kind != ERROR_BUG);
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(ssh_private_key_parse__every_format_survives_want_of_memory)
{
	AUTO(secret) file = load_key(files[_i].name);
	struct error err = ERROR_INIT;

	SWEEP(parse_with(secret_span(&file), PASSPHRASE, &err));
}
END_TEST

static void refuse_file(const char *name, const char *message, const char *hint)
{
	AUTO(secret) file = load(name);
	struct error err = ERROR_INIT;

	ck_assert_int_eq(parse_with(secret_span(&file), PASSPHRASE, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	ck_assert_msg(strstr(err.message, message) != NULL, "%s: %s", name, err.message);
	ck_assert_msg(strstr(err.hint, hint) != NULL, "%s: %s", name, err.hint);
}

/* The rounds stand behind the salt, which is 16 bytes long. */
START_TEST(ssh_private_key_parse__limits_the_rounds)
{
	AUTO(secret) file = load_key("ed25519-aes256-ctr");
	uint8_t blob[1024];
	size_t len = decode(secret_span(&file), blob, sizeof(blob));
	uint8_t *rounds = memmem(blob, len, "bcrypt", 6);
	struct error err = ERROR_INIT;

	ck_assert_ptr_nonnull(rounds);
	rounds += 6 + 4 + 4 + 16;
	ck_assert_uint_eq(rounds[3], 2);
	memset(rounds, 0xff, 4);
	ck_assert_fails(parse_blob_with(span_of(blob, len), PASSPHRASE, &err), ERROR_LIMIT);
	memset(rounds, 0, 4);
	ck_assert_fails(parse_blob_with(span_of(blob, len), PASSPHRASE, &err), ERROR_FORMAT);
}
END_TEST

START_TEST(ssh_private_key_parse__says_what_it_cannot_read)
{
	struct error err = ERROR_INIT;

	refuse_file("ssh/id_ecdsa", "ECDSA", "ssh_host_ed25519_key");
	refuse_file("ssh/keys/ecdsa", "ECDSA", "ssh-keygen -t ed25519");
	refuse_file("ssh/keys/ecdsa-pem", "ECDSA", "ssh-keygen -t ed25519");
	refuse_file("ssh/keys/ecdsa-pkcs8", "ECDSA", "ssh-keygen -t ed25519");
	refuse_file("ssh/keys/dsa", "DSA", "ssh-keygen -t ed25519");
	refuse_file("ssh/keys/dsa-pem", "DSA", "ssh-keygen -t ed25519");
	refuse_file("ssh/keys/sk-ed25519", "hardware token", "plugin");
	refuse_file("ssh/keys/rsa-1024", "1024 bits", "2048");
	refuse_file("ssh/keys/bad-pbes1",
		    "under a scheme with the identifier 1.2.840.113549.1.5.3,", "openssl pkcs8");
	refuse_file("ssh/keys/rsa-pem-3-primes", "an RSA key of more than two primes",
		    "ssh-keygen -t ed25519");
	refuse_file("ssh/keys/x25519-pkcs8", "neither ed25519 nor RSA", "");
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
		ck_assert_fails(parse_blob(span_of(blob, cut), &err), ERROR_FORMAT);
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
	tcase_add_loop_test(tc, ssh_private_key_parse__reads_every_format, 0, FILES);
	tcase_add_loop_test(tc, ssh_private_key_parse__does_not_look_around_it, 0, FILES);
	tcase_add_loop_test(tc, ssh_private_key_parse__refuses_a_wrong_passphrase, 0, FILES);
	tcase_add_loop_test(tc, ssh_private_key_parse__changed_bits_of_every_format, 0, FILES);
	tcase_add_loop_test(tc, ssh_private_key_parse__every_format_survives_want_of_memory, 0,
			    FILES);
	tcase_add_test(tc, ssh_private_key_parse__limits_the_rounds);
	tcase_add_test(tc, ssh_private_key_parse__says_what_it_cannot_read);
	tcase_add_test(tc, ssh_private_key_parse__limits_the_file);
	tcase_add_test(tc, ssh_private_key_parse__each_changed_bit);
	tcase_add_test(tc, ssh_private_key_parse__each_cut_and_addition);
	tcase_add_test(tc, ssh_private_key_parse__survives_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
