/* SPDX-License-Identifier: MIT */
/*
 * Post-quantum hybrid recipients, "age1pq1…" (C2SP age.md, "The mlkem768x25519 recipient
 * type"): HPKE over X-Wing. Where libsodium lacks it they are known, and refused.
 */
#include "age/hybrid.h"

#include <string.h>

#include "age/bech32.h"
#include "age/kind.h"
#include "age/share.h"
#include "crypto/hpke.h"
#include "crypto/random.h"
#include "crypto/xwing.h"
#include "util/codec.h"

#define TYPE "mlkem768x25519"
#define LABEL "age-encryption.org/mlkem768x25519"
#define RECIPIENT_HRP "age1pq"
#define IDENTITY_HRP "AGE-SECRET-KEY-PQ-"

static int unsupported(const char *what, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, "%s, which needs " XWING_NEEDS " or later", what);
}

static bool claims(struct span text)
{
	return span_starts_with(text, RECIPIENT_HRP "1");
}

/* Any 1216 bytes are no public key: it is tried. */
static int parse(struct span text, struct age_recipient *recipient, struct error *err)
{
	AUTO(key32) shared = KEY32_INIT;
	uint8_t public_key[XWING_PUBLIC_LEN], enc[XWING_ENC_LEN];

	if (!age_bech32_decode(text, RECIPIENT_HRP, public_key, sizeof(public_key)))
		return error_set(err, ERROR_FORMAT,
				 "not a whole age1pq1… recipient (mistyped or cut)");
	if (!xwing_is_supported())
		return unsupported("a post-quantum recipient", err);
	if (!xwing_enc(public_key, enc, &shared))
		return error_set(err, ERROR_FORMAT, "an age1pq1… recipient that is no public key");
	return buf_append(&recipient->wire, public_key, sizeof(public_key), err);
}

/* "mlkem768x25519 ENC" */
static int append_arguments(const uint8_t enc[XWING_ENC_LEN], struct buf *text, struct error *err)
{
	const size_t len = codec_base64_len(XWING_ENC_LEN, CODEC_BASE64_UNPADDED);

	if (buf_append_text(text, TYPE " ", err) < 0 || buf_grow(text, len, err) < 0)
		return -1;
	codec_base64_encode(span_of(enc, XWING_ENC_LEN), CODEC_BASE64_UNPADDED,
			    (char *)text->data + text->len);
	text->len += len;
	return 0;
}

static int wrap_under(const struct key32 *shared, const struct key32 *file_key,
		      uint8_t ret_wrapped[AGE_WRAPPED_LEN], struct error *err)
{
	return hpke_seal(HPKE_KEM_XWING, shared, SPAN_LITERAL(LABEL),
			 span_of(file_key->data, AGE_FILE_KEY_LEN), ret_wrapped, err);
}

static int unwrap_under(const struct key32 *shared, struct span wrapped, bool *ret_opened,
			struct key32 *ret_file_key, struct error *err)
{
	AUTO(aead) aead = AEAD_INIT;
	AUTO(hpke) hpke = HPKE_INIT;

	hpke_init(&hpke, HPKE_KEM_XWING, shared, SPAN_LITERAL(LABEL));
	aead_init(&aead, &hpke.key);
	*ret_opened = aead_open(&aead, hpke.nonce, wrapped, ret_file_key->data, err) == 0;
	if (*ret_opened)
		return 0;
	if (err->kind != ERROR_AUTH)
		return -1;
	error_clear(err);
	return 0;
}

static int wrap(const struct age_recipient *recipient, const struct key32 *file_key,
		struct buf *header, struct error *err)
{
	AUTO(key32) shared = KEY32_INIT;
	AUTO(buf) text = BUF_INIT;
	uint8_t enc[XWING_ENC_LEN], wrapped[AGE_WRAPPED_LEN];
	const char *arguments;

	if (!xwing_enc(recipient->wire.data, enc, &shared))
		return error_set(err, ERROR_FORMAT, "an age1pq1… recipient that is no public key");
	if (append_arguments(enc, &text, err) < 0 || buf_text(&text, &arguments, err) < 0 ||
	    wrap_under(&shared, file_key, wrapped, err) < 0)
		return -1;
	return age_stanza_write(arguments, span_of(wrapped, sizeof(wrapped)), header, err);
}

static int malformed(struct error *err, const char *what)
{
	return error_set(err, ERROR_FORMAT, "malformed age header: " TYPE ": %s", what);
}

static int unwrap(const struct age_key *key, const struct age_stanza *stanza, bool *ret_opened,
		  struct key32 *ret_file_key, struct error *err)
{
	AUTO(key32) seed = KEY32_INIT;
	AUTO(key32) shared = KEY32_INIT;
	struct span arguments = stanza->arguments, text;
	uint8_t enc[XWING_ENC_LEN + 3];
	size_t len = 0;

	*ret_opened = false;
	if (!span_equal_text(stanza->type, TYPE))
		return 0;
	if (!age_stanza_argument(&arguments, &text) || arguments.len != 0)
		return malformed(err, "its arguments");
	if (!codec_base64_decode(text, CODEC_BASE64_UNPADDED, enc, sizeof(enc), &len) ||
	    len != XWING_ENC_LEN)
		return malformed(err, "its share");
	/* before decrypting: a longer one could be made to open under two keys */
	if (stanza->body.len != AGE_WRAPPED_LEN)
		return malformed(err, "a wrapped file key of another length");
	memcpy(seed.data, key->private_part.data, sizeof(seed.data));
	if (!xwing_dec(&seed, enc, &shared))
		return malformed(err, "its share is of low order");
	return unwrap_under(&shared, stanza->body, ret_opened, ret_file_key, err);
}

static int append_text(struct span public_key, struct buf *text, struct error *err)
{
	const size_t len = age_bech32_len(RECIPIENT_HRP, public_key.len);

	if (buf_grow(text, len, err) < 0)
		return -1;
	age_bech32_encode(RECIPIENT_HRP, public_key, (char *)text->data + text->len);
	text->len += len;
	return 0;
}

static int recipient_text(const struct age_key *key, struct buf *lines, struct error *err)
{
	if (append_text(buf_span(&key->identity->wire), lines, err) < 0)
		return -1;
	return buf_append_text(lines, "\n", err);
}

bool age_hybrid_is_identity(struct span text)
{
	return span_starts_with(text, IDENTITY_HRP "1");
}

int age_hybrid_add(struct age_identities *identities, struct span text, const char *source,
		   struct error *err)
{
	AUTO(key32) seed = KEY32_INIT;
	uint8_t public_key[XWING_PUBLIC_LEN];

	if (!age_bech32_decode(text, IDENTITY_HRP, seed.data, sizeof(seed.data)))
		return error_set(err, ERROR_FORMAT, "a damaged identity (mistyped or cut)");
	if (!xwing_public(&seed, public_key))
		return unsupported("a post-quantum identity", err);
	return age_identities_append(identities,
				     &(struct age_identity_parts){
					     &age_hybrid_identity, NULL,
					     span_of(public_key, sizeof(public_key)),
					     span_of(seed.data, sizeof(seed.data)), NULL },
				     source, err);
}

int age_hybrid_generate(struct secret *ret_identity, struct buf *ret_recipient, struct error *err)
{
	AUTO(secret) identity = SECRET_INIT;
	AUTO(key32) seed = KEY32_INIT;
	uint8_t public_key[XWING_PUBLIC_LEN];
	const size_t len = age_bech32_len(IDENTITY_HRP, sizeof(seed.data));

	random_bytes(seed.data, sizeof(seed.data));
	if (!xwing_public(&seed, public_key))
		return unsupported("a post-quantum identity", err);
	if (secret_reserve(&identity, len, err) < 0 ||
	    append_text(span_of(public_key, sizeof(public_key)), ret_recipient, err) < 0)
		return -1;
	age_bech32_encode(IDENTITY_HRP, span_of(seed.data, sizeof(seed.data)),
			  (char *)identity.data);
	identity.len = len;
	*ret_identity = secret_move(&identity);
	return 0;
}

const struct age_recipient_kind age_hybrid_recipient = {
	.name = TYPE,
	.labels = "postquantum\n",
	.claims = claims,
	.parse = parse,
	.wrap = wrap,
};

const struct age_identity_kind age_hybrid_identity = {
	.name = TYPE,
	.recipient = &age_hybrid_recipient,
	.recipient_text = recipient_text,
	.unwrap = unwrap,
};
