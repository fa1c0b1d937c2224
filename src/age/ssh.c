/* SPDX-License-Identifier: MIT */
#include "age/ssh.h"

#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "ssh/convert.h"
#include "ssh/wire.h"
#include "util/codec.h"

#define TAG_BYTES 4

void age_ssh_tag(struct span wire, char ret_tag[AGE_SSH_TAG_LEN + 1])
{
	uint8_t digest[HASH_SHA256_LEN];

	hash_sha256(wire, digest);
	codec_base64_encode(span_of(digest, TAG_BYTES), CODEC_BASE64_UNPADDED, ret_tag);
	ret_tag[AGE_SSH_TAG_LEN] = '\0';
}

bool age_ssh_tag_is(struct span wire, struct span tag)
{
	char own[AGE_SSH_TAG_LEN + 1];

	age_ssh_tag(wire, own);
	return span_equal_text(tag, own);
}

int age_ssh_recipient_text(const struct age_key *key, struct buf *lines, struct error *err)
{
	return ssh_wire_text(buf_span(&key->identity->wire), lines, err) < 0
		       ? -1
		       : buf_append_text(lines, "\n", err);
}

int age_ssh_identity_of(struct ssh_private_key *key, struct age_ssh_identity *ret_identity,
			struct error *err)
{
	AUTO(key32) scalar = KEY32_INIT;

	if (key->type == SSH_KEY_RSA) {
		ret_identity->kind = &age_ssh_rsa_identity;
		ret_identity->private_part = secret_move(&key->private_part);
		return 0;
	}
	ssh_private_to_x25519(key, &scalar);
	x25519_public(&scalar, ret_identity->point);
	ret_identity->kind = &age_ssh_ed25519_identity;
	return secret_append(&ret_identity->private_part, scalar.data, sizeof(scalar.data), err);
}

void age_ssh_identity_release(struct age_ssh_identity *identity)
{
	secret_release(&identity->private_part);
}
