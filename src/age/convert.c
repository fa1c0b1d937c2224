/* SPDX-License-Identifier: MIT */
#include "age/convert.h"

#include "age/bech32.h"
#include "crypto/random.h"
#include "crypto/x25519.h"
#include "ssh/convert.h"

#define HRP "AGE-SECRET-KEY-"

void age_x25519_text(const uint8_t point[32], char ret_text[AGE_X25519_TEXT_MAX])
{
	age_bech32_encode("age", span_of(point, X25519_LEN), ret_text);
	ret_text[age_bech32_len("age", X25519_LEN)] = '\0';
}

int age_text_of_ssh(const struct ssh_public_key *key, char ret_text[AGE_X25519_TEXT_MAX],
		    struct error *err)
{
	uint8_t point[X25519_LEN];

	if (ssh_public_to_x25519(key, point, err) < 0)
		return -1;
	age_x25519_text(point, ret_text);
	return 0;
}

/* Both texts of a scalar. */
static int text_of_scalar(const struct key32 *scalar, struct secret *ret_identity,
			  char ret_recipient[AGE_X25519_TEXT_MAX], struct error *err)
{
	AUTO(secret) identity = SECRET_INIT;
	uint8_t point[X25519_LEN];
	size_t len = age_bech32_len(HRP, sizeof(scalar->data));

	if (secret_reserve(&identity, len, err) < 0)
		return -1;
	age_bech32_encode(HRP, span_of(scalar->data, sizeof(scalar->data)), (char *)identity.data);
	identity.len = len;
	x25519_public(scalar, point);
	age_x25519_text(point, ret_recipient);
	*ret_identity = secret_move(&identity);
	return 0;
}

int age_text_of_ssh_private(struct span file, struct span passphrase, struct secret *ret_identity,
			    char ret_recipient[AGE_X25519_TEXT_MAX], struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(key32) scalar = KEY32_INIT;

	if (ssh_private_key_parse(file, passphrase, &key, err) < 0)
		return -1;
	if (key.locked)
		return error_set(err, ERROR_DENIED, "the SSH private key needs its passphrase");
	if (key.type != SSH_KEY_ED25519) {
		error_set(err, ERROR_UNSUPPORTED, "an RSA key has no form that is age's own");
		return error_hint(err, "age and sops take the SSH key as it is; an ed25519 key can "
				       "be converted");
	}
	ssh_private_to_x25519(&key, &scalar);
	return text_of_scalar(&scalar, ret_identity, ret_recipient, err);
}

int age_identity_generate(struct secret *ret_identity, char ret_recipient[AGE_X25519_TEXT_MAX],
			  struct error *err)
{
	AUTO(key32) scalar = KEY32_INIT;

	random_bytes(scalar.data, sizeof(scalar.data));
	return text_of_scalar(&scalar, ret_identity, ret_recipient, err);
}
