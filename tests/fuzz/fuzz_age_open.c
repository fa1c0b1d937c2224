/* SPDX-License-Identifier: MIT */
/*
 * Whole files against an identity of every kind, so that each reads its own stanzas: a passphrase, keys of SSH, one of
 * them under a passphrase, a post-quantum one. And the input as what is within an identity file under a passphrase.
 */
#include <stdio.h>

#include "../unit/fake_plugin.h"
#include "age/file.h"
#include "age/passphrase.h"
#include "fuzz.h"

/* What the C2SP vectors are sealed to. */
#define IDENTITY "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"
#define RECIPIENT "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef"
#define HYBRID "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"
#define PASSWORD "password"
/* 2^10: a mebibyte, some milliseconds */
#define FACTOR_MAX 10

static const char *const key_names[] = { "keys/ed25519", "keys/rsa-pem-aes128", "id_rsa" };
#define KEYS_LEN (sizeof(key_names) / sizeof(*key_names))
static struct {
	uint8_t bytes[4096];
	size_t len;
} keys[KEYS_LEN];

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < KEYS_LEN; i++) {
		char path[64];
		FILE *file;

		snprintf(path, sizeof(path), "tests/vectors/ssh/%s", key_names[i]);
		file = fopen(path, "r");
		fuzz_require(file != NULL);
		keys[i].len = fread(keys[i].bytes, 1, sizeof(keys[i].bytes), file);
		fclose(file);
	}
	return 0;
}

static void add_all(struct age_identities *identities, const struct age_prompt *prompt)
{
	struct error err = ERROR_INIT;

	identities->prompt = prompt;
	fuzz_require(age_identities_add(identities, SPAN_LITERAL(IDENTITY), "x", &err) == 0);
	fuzz_require(age_identities_add(identities, SPAN_LITERAL(HYBRID), "x", &err) == 0);
	for (size_t i = 0; i < KEYS_LEN; i++)
		fuzz_require(age_identities_add_file(identities,
						     span_of(keys[i].bytes, keys[i].len),
						     key_names[i], &err) == 0);
	fuzz_require(age_identities_add_known_passphrase(identities, SPAN_LITERAL(PASSWORD), "x",
							 &err) == 0);
}

/* Its work factor is written in two digits at most, and the program's limit is higher than ours. */
static bool is_slow(const struct age_stanza *stanza)
{
	struct span arguments = stanza->arguments, salt, factor;

	if (!span_equal_text(stanza->type, "scrypt") || !age_stanza_argument(&arguments, &salt) ||
	    !age_stanza_argument(&arguments, &factor) || factor.len < 2)
		return false;
	return factor.len == 2 && (factor.data[0] - '0') * 10 + (factor.data[1] - '0') > FACTOR_MAX;
}

static bool is_slow_file(struct span file)
{
	AUTO(buf) binary = BUF_INIT;
	AUTO(age_header) header = AGE_HEADER_INIT;
	struct error err = ERROR_INIT;

	if (age_read_header(file, &binary, &header, &err) < 0)
		return false;
	for (size_t i = 0; i < header.len; i++)
		if (is_slow(&header.stanzas[i]))
			return true;
	return false;
}

static void open_file(struct span file)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct fake_person person;
	struct error err = ERROR_INIT;
	int result;

	fake_person_init(&person, "hunter2", true);
	add_all(&identities, &person.prompt);
	result = age_open(&identities, file, &plain, &err);
	fuzz_result(result, &err);
	fuzz_require(result == 0 || plain.len == 0);
}

static struct buf seal(struct age_recipients *recipients, struct span plain)
{
	struct buf file = BUF_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(age_seal(recipients, plain, false, &file, &err) == 0);
	return file;
}

/* Opens what is sealed to RECIPIENT where file, an identity file under a passphrase, holds its identity. */
static void open_with_file(struct span file)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) sealed = BUF_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct fake_person person;
	struct error err = ERROR_INIT;
	int result;

	fuzz_require(age_recipients_add(&recipients, SPAN_LITERAL(RECIPIENT), &err) == 0);
	sealed = seal(&recipients, SPAN_LITERAL("text"));
	fake_person_init(&person, PASSWORD, true);
	identities.prompt = &person.prompt;
	fuzz_require(age_identities_add_file(&identities, file, "file", &err) == 0);
	result = age_open(&identities, buf_span(&sealed), &plain, &err);
	fuzz_result(result, &err);
	fuzz_require(result < 0 || span_equal_text(secret_span(&plain), "text"));
	err = ERROR_INIT;
	fuzz_result(age_recipients_add_own(&recipients, &identities, &err), &err);
}

static void open_with_sealed(struct span lines)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(age_recipients_add_passphrase(&recipients, SPAN_LITERAL(PASSWORD), 1, &err) ==
		     0);
	file = seal(&recipients, lines);
	open_with_file(buf_span(&file));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct span input = span_of(data, len);

	fuzz_start();
	if (!is_slow_file(input)) {
		open_file(input);
		if (span_starts_with(span_trim(input), "age-encryption.org/"))
			open_with_file(input);
	}
	open_with_sealed(input);
	fuzz_end();
	return 0;
}
