/* SPDX-License-Identifier: MIT */
/*
 * X25519 recipients, "age1…" (C2SP age.md, "The X25519 recipient type").
 */
#include <stdio.h>
#include <string.h>

#include "age/bech32.h"
#include "age/convert.h"
#include "age/kind.h"
#include "age/share.h"

#define LABEL "age-encryption.org/v1/X25519"

static bool claims(struct span text)
{
	/* "age1" and no other "1": those are of plugins and of kinds yet to come */
	return span_starts_with(text, "age1") && !memchr(text.data + 4, '1', text.len - 4);
}

static int parse(struct span text, struct age_recipient *recipient, struct error *err)
{
	if (!age_bech32_decode(text, "age", recipient->point, sizeof(recipient->point)))
		return error_set(err, ERROR_FORMAT,
				 "not a whole age1… recipient (mistyped or cut)");
	return 0;
}

static int wrap(const struct age_recipient *recipient, const struct key32 *file_key,
		struct buf *header, struct error *err)
{
	AUTO(age_share) share = AGE_SHARE_INIT;
	char share_text[AGE_SHARE_TEXT_LEN + 1], arguments[80];
	uint8_t wrapped[AGE_WRAPPED_LEN];

	if (age_share_new(recipient->point, &share, err) < 0)
		return -1;
	age_share_text(&share, share_text);
	age_share_wrap(&share, LABEL, file_key, wrapped);
	snprintf(arguments, sizeof(arguments), "X25519 %s", share_text);
	return age_stanza_write(arguments, span_of(wrapped, sizeof(wrapped)), header, err);
}

static int recipient_text(const struct age_key *key, struct buf *lines, struct error *err)
{
	char spelled[AGE_X25519_TEXT_MAX];

	age_x25519_text(key->identity->point, spelled);
	return buf_printf(lines, err, "%s\n", spelled);
}

static int unwrap(const struct age_key *key, const struct age_stanza *stanza, bool *ret_opened,
		  struct key32 *ret_file_key, struct error *err)
{
	AUTO(age_share) share = AGE_SHARE_INIT;
	struct span arguments = stanza->arguments, text;

	*ret_opened = false;
	if (!span_equal_text(stanza->type, "X25519"))
		return 0;
	if (!age_stanza_argument(&arguments, &text) || arguments.len != 0)
		return error_set(err, ERROR_FORMAT,
				 "malformed age header: an X25519 stanza's arguments");
	if (age_share_read(text, key->private_part, key->identity->point, &share, err) < 0)
		return -1;
	return age_share_unwrap(&share, LABEL, stanza->body, ret_opened, ret_file_key, err);
}

const struct age_recipient_kind age_x25519_recipient = {
	.name = "X25519",
	.has_point = true,
	.claims = claims,
	.parse = parse,
	.wrap = wrap,
};

const struct age_identity_kind age_x25519_identity = {
	.name = "X25519",
	.recipient = &age_x25519_recipient,
	.recipient_text = recipient_text,
	.unwrap = unwrap,
};
