/* SPDX-License-Identifier: MIT */
/*
 * SSH keys of type ssh-ed25519 (C2SP age.md, "The ssh-ed25519 recipient type"). Their
 * identities open X25519 stanzas of the converted key too: what ssh-to-age is used for.
 */
#include <stdio.h>
#include <string.h>

#include "age/kind.h"
#include "age/share.h"
#include "age/ssh.h"
#include "crypto/hkdf.h"
#include "ssh/convert.h"
#include "ssh/wire.h"

#define LABEL "age-encryption.org/v1/ssh-ed25519"

static bool claims(struct span text)
{
	return span_starts_with(text, SSH_ED25519_TYPE " ") ||
	       span_starts_with(text, SSH_ED25519_TYPE "\t");
}

static int parse(struct span text, struct age_recipient *recipient, struct error *err)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;

	if (ssh_public_key_parse(text, &key, err) < 0 ||
	    ssh_public_to_x25519(&key, recipient->point, err) < 0)
		return -1;
	recipient->wire = buf_move(&key.wire);
	return 0;
}

/* Binds the shared secret to the SSH key: it is multiplied by a scalar made of its wire form. */
static int tweak(struct span wire, struct age_share *share, struct error *err)
{
	AUTO(key32) scalar = KEY32_INIT;
	AUTO(key32) tweaked = KEY32_INIT;

	hkdf_sha256(SPAN_INIT, wire, SPAN_LITERAL(LABEL), &scalar);
	if (!x25519(&scalar, share->shared.data, &tweaked))
		return error_set(err, ERROR_FORMAT, "the ssh-ed25519 key is of low order");
	share->shared = tweaked;
	return 0;
}

static int wrap(const struct age_recipient *recipient, const struct key32 *file_key,
		struct buf *header, struct error *err)
{
	AUTO(age_share) share = AGE_SHARE_INIT;
	char share_text[AGE_SHARE_TEXT_LEN + 1], tag[AGE_SSH_TAG_LEN + 1], arguments[80];
	uint8_t wrapped[AGE_WRAPPED_LEN];

	if (age_share_new(recipient->point, &share, err) < 0 ||
	    tweak(buf_span(&recipient->wire), &share, err) < 0)
		return -1;
	age_share_text(&share, share_text);
	age_ssh_tag(buf_span(&recipient->wire), tag);
	age_share_wrap(&share, LABEL, file_key, wrapped);
	snprintf(arguments, sizeof(arguments), "ssh-ed25519 %s %s", tag, share_text);
	return age_stanza_write(arguments, span_of(wrapped, sizeof(wrapped)), header, err);
}

static int unwrap_native(const struct age_key *key, const struct age_stanza *stanza,
			 bool *ret_opened, struct key32 *ret_file_key, struct error *err)
{
	const struct age_identity *identity = key->identity;
	AUTO(age_share) share = AGE_SHARE_INIT;
	struct span arguments = stanza->arguments, tag, text;

	*ret_opened = false;
	if (!age_stanza_argument(&arguments, &tag) || !age_stanza_argument(&arguments, &text) ||
	    arguments.len != 0)
		return error_set(err, ERROR_FORMAT,
				 "malformed age header: an ssh-ed25519 stanza's arguments");
	if (!age_ssh_tag_is(buf_span(&identity->wire), tag))
		return 0;
	if (age_share_read(text, key->private_part, identity->point, &share, err) < 0 ||
	    tweak(buf_span(&identity->wire), &share, err) < 0)
		return -1;
	return age_share_unwrap(&share, LABEL, stanza->body, ret_opened, ret_file_key, err);
}

static int unwrap(const struct age_key *key, const struct age_stanza *stanza, bool *ret_opened,
		  struct key32 *ret_file_key, struct error *err)
{
	if (span_equal_text(stanza->type, SSH_ED25519_TYPE))
		return unwrap_native(key, stanza, ret_opened, ret_file_key, err);
	return age_x25519_identity.unwrap(key, stanza, ret_opened, ret_file_key, err);
}

const struct age_recipient_kind age_ssh_ed25519_recipient = {
	.name = "ssh-ed25519",
	.is_ssh = true,
	.has_point = true,
	.claims = claims,
	.parse = parse,
	.wrap = wrap,
};

const struct age_identity_kind age_ssh_ed25519_identity = {
	.name = "ssh-ed25519",
	.recipient = &age_ssh_ed25519_recipient,
	.recipient_text = age_ssh_recipient_text,
	.unwrap = unwrap,
};
