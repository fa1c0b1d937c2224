/* SPDX-License-Identifier: MIT */
/*
 * The scrypt stanza: age/passphrase.h, what opens and seals with one.
 */
#include <stdio.h>
#include <string.h>

#include "age/kind.h"
#include "age/passphrase.h"
#include "age/share.h"
#include "crypto/random.h"
#include "crypto/scrypt.h"
#include "util/codec.h"
#include "util/text.h"

#define TYPE "scrypt"
#define LABEL "age-encryption.org/v1/scrypt"
#define LABEL_LEN (sizeof(LABEL) - 1)
#define SALT_LEN 16
#define SALT_TEXT_LEN 22

/* What the stanza says of how the key was made. */
struct parameters {
	uint8_t salt[SALT_LEN];
	unsigned factor;
};

static int malformed(struct error *err, const char *what)
{
	return error_set(err, ERROR_FORMAT, "malformed age header: scrypt: %s", what);
}

/* A number in the one spelling that it has: digits, the first of them no zero. */
static int parse_factor(struct span text, unsigned *ret_factor, struct error *err)
{
	unsigned factor = 0;

	if (text.len == 0 || text.data[0] == '0')
		return malformed(err, "its work factor");
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return malformed(err, "its work factor");
		if (factor <= AGE_SCRYPT_FACTOR_MAX)
			factor = factor * 10 + (unsigned)(text.data[i] - '0');
	}
	if (factor > AGE_SCRYPT_FACTOR_MAX)
		return error_set(err, ERROR_FORMAT,
				 "malformed age header: scrypt: a work factor above %d",
				 AGE_SCRYPT_FACTOR_MAX);
	*ret_factor = factor;
	return 0;
}

static int parse_stanza(const struct age_stanza *stanza, struct parameters *ret_parameters,
			struct error *err)
{
	struct span arguments = stanza->arguments, salt_text, factor;
	uint8_t salt[SALT_LEN + 3];
	size_t len = 0;

	if (!age_stanza_argument(&arguments, &salt_text) ||
	    !age_stanza_argument(&arguments, &factor) || arguments.len != 0)
		return malformed(err, "its arguments");
	if (!codec_base64_decode(salt_text, CODEC_BASE64_UNPADDED, salt, sizeof(salt), &len) ||
	    len != SALT_LEN)
		return malformed(err, "its salt");
	if (parse_factor(factor, &ret_parameters->factor, err) < 0)
		return -1;
	/* before decrypting: a longer one could be made to open under two keys */
	if (stanza->body.len != AGE_WRAPPED_LEN)
		return malformed(err, "a wrapped file key of another length");
	memcpy(ret_parameters->salt, salt, SALT_LEN);
	return 0;
}

static int wrapping_key(struct span passphrase, const struct parameters *parameters,
			struct key32 *ret_key, struct error *err)
{
	const struct scrypt_cost cost = { parameters->factor, 8, 1 };
	uint8_t salt[LABEL_LEN + SALT_LEN];

	memcpy(salt, LABEL, LABEL_LEN);
	memcpy(salt + LABEL_LEN, parameters->salt, SALT_LEN);
	return scrypt(passphrase, span_of(salt, sizeof(salt)), &cost, ret_key->data,
		      sizeof(ret_key->data), err);
}

static int unwrap_with(struct span passphrase, const struct age_stanza *stanza, bool *ret_opened,
		       struct key32 *ret_file_key, struct error *err)
{
	AUTO(key32) wrapping = KEY32_INIT;
	struct parameters parameters;

	if (parse_stanza(stanza, &parameters, err) < 0 ||
	    wrapping_key(passphrase, &parameters, &wrapping, err) < 0)
		return -1;
	*ret_opened = aead_unwrap(&wrapping, stanza->body, ret_file_key->data);
	return 0;
}

static int unwrap(const struct age_key *key, const struct age_stanza *stanza, bool *ret_opened,
		  struct key32 *ret_file_key, struct error *err)
{
	*ret_opened = false;
	if (!span_equal_text(stanza->type, TYPE))
		return 0;
	return unwrap_with(key->private_part, stanza, ret_opened, ret_file_key, err);
}

/* Nobody types a passphrase for a stanza that is malformed. */
static int open_asking(const struct age_key *key, const struct age_header *header, bool *ret_opened,
		       struct key32 *ret_file_key, struct error *err)
{
	AUTO(secret) passphrase = SECRET_INIT;
	struct parameters parameters;

	*ret_opened = false;
	if (header->len != 1 || !span_equal_text(header->stanzas[0].type, TYPE))
		return 0;
	if (parse_stanza(&header->stanzas[0], &parameters, err) < 0 ||
	    age_prompt_passphrase(key->identities->prompt, key->identity->source, &passphrase,
				  err) < 0)
		return -1;
	if (unwrap_with(secret_span(&passphrase), &header->stanzas[0], ret_opened, ret_file_key,
			err) < 0)
		return -1;
	return *ret_opened ? 0 : error_set(err, ERROR_AUTH, "the passphrase is wrong");
}

static int append(struct age_identities *identities, const struct age_identity_kind *kind,
		  struct span passphrase, const char *source, struct error *err)
{
	return age_identities_append(identities,
				     &(struct age_identity_parts){ kind, NULL, SPAN_INIT,
								   passphrase, NULL },
				     source, err);
}

int age_identities_add_known_passphrase(struct age_identities *identities, struct span passphrase,
					const char *source, struct error *err)
{
	return append(identities, &age_scrypt_identity, passphrase, source, err);
}

int age_identities_add_passphrase(struct age_identities *identities, const char *source,
				  struct error *err)
{
	return append(identities, &age_scrypt_asked_identity, SPAN_INIT, source, err);
}

static int wrap(const struct age_recipient *recipient, const struct key32 *file_key,
		struct buf *header, struct error *err)
{
	AUTO(key32) key = KEY32_INIT;
	struct parameters parameters = { .factor = recipient->factor };
	char salt[SALT_TEXT_LEN + 1], arguments[40];
	uint8_t wrapped[AGE_WRAPPED_LEN];

	random_bytes(parameters.salt, SALT_LEN);
	if (wrapping_key(secret_span(&recipient->hidden), &parameters, &key, err) < 0)
		return -1;
	aead_wrap(&key, span_of(file_key->data, AGE_FILE_KEY_LEN), wrapped);
	codec_base64_encode(span_of(parameters.salt, SALT_LEN), CODEC_BASE64_UNPADDED, salt);
	salt[SALT_TEXT_LEN] = '\0';
	snprintf(arguments, sizeof(arguments), TYPE " %s %u", salt, parameters.factor);
	return age_stanza_write(arguments, span_of(wrapped, sizeof(wrapped)), header, err);
}

/* A passphrase has no spelling: it is no recipient that could be named. */
static bool claims(struct span text UNUSED)
{
	return false;
}

const struct age_recipient_kind age_scrypt_recipient = {
	.name = TYPE,
	.is_alone = true,
	.claims = claims,
	.wrap = wrap,
};

const struct age_identity_kind age_scrypt_identity = {
	.name = TYPE,
	.is_passphrase = true,
	.unwrap = unwrap,
};

const struct age_identity_kind age_scrypt_asked_identity = {
	.name = TYPE,
	.is_passphrase = true,
	.open = open_asking,
};
