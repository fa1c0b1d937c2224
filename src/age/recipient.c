/* SPDX-License-Identifier: MIT */
#include "age/recipient.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "age/convert.h"
#include "age/kind.h"
#include "ssh/pubkey.h"
#include "ssh/wire.h"
#include "util/codec.h"
#include "util/text.h"

static const struct age_recipient_kind *const kinds[] = {
	&age_x25519_recipient,
	&age_ssh_ed25519_recipient,
};

const struct age_recipient_kind *age_recipient_kind_of(struct span text)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i]->claims(text))
			return kinds[i];
	}
	return NULL;
}

/* Why no kind claims text; known kinds that are not built in are told from nonsense. */
static int refuse(struct span text, struct error *err)
{
	if (text_holds_private_key(text) || span_starts_with(text, "AGE-") ||
	    span_starts_with(text, "age-") || span_starts_with(text, "-----BEGIN"))
		return error_set(err, ERROR_FORMAT,
				 "a private key where a recipient should be: keep it private");
	if (span_starts_with(text, "age1"))
		return error_set(err, ERROR_UNSUPPORTED,
				 "a plugin's or post-quantum recipient, which is not supported");
	if (span_starts_with(text, "ssh-") || span_starts_with(text, "ecdsa-") ||
	    span_starts_with(text, "sk-"))
		return error_set(err, ERROR_UNSUPPORTED,
				 "an SSH key that is not ed25519, which is not supported");
	return error_set(err, ERROR_FORMAT, "neither \"age1…\" nor \"ssh-ed25519 AAAA…\"");
}

static int grow(struct age_recipients *recipients, struct error *err)
{
	if (recipients->len == AGE_RECIPIENTS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d recipients", AGE_RECIPIENTS_MAX);
	if (recipients->len < recipients->cap)
		return 0;

	size_t cap = recipients->cap ? recipients->cap * 2 : 4;
	struct age_recipient *items = reallocarray(recipients->items, cap, sizeof(*items));
	if (!items)
		return error_memory(err);
	recipients->items = items;
	recipients->cap = cap;
	return 0;
}

static void recipient_release(struct age_recipient *recipient)
{
	free(recipient->text);
	buf_release(&recipient->wire);
}

static int add(struct age_recipients *recipients, struct span text, struct error *err)
{
	const struct age_recipient_kind *kind = age_recipient_kind_of(text);
	struct age_recipient *recipient;

	if (!kind)
		return refuse(text, err);
	if (grow(recipients, err) < 0)
		return -1;
	recipient = &recipients->items[recipients->len];
	*recipient = (struct age_recipient){ .kind = kind, .wire = BUF_INIT };
	if (kind->parse(text, recipient, err) < 0)
		return -1;
	recipient->text = strndup((const char *)text.data, text.len);
	if (!recipient->text) {
		recipient_release(recipient);
		return error_memory(err);
	}
	recipients->len++;
	return 0;
}

/* One word of nothing but letters, digits and what is in others. */
static bool is_word_of(struct span text, const char *others)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!isalnum(text.data[i]) &&
		    (text.data[i] == '\0' || !strchr(others, text.data[i])))
			return false;
	}
	return text.len > 0;
}

/* What is quoted is a public key by its looks, or too short for a private one; else nothing. */
static struct span shown_part(struct span text)
{
	struct span rest = text, type, key;
	bool is_ssh = span_take_until(&rest, ' ', &type) && is_word_of(type, "-@.") &&
		      (span_starts_with(type, "ssh-") || span_starts_with(type, "ecdsa-") ||
		       span_starts_with(type, "sk-"));

	/* without the comment, in which anything may stand */
	if (is_ssh && span_take_until(&rest, ' ', &key) && is_word_of(key, "+/="))
		return span_slice(text, 0, type.len + 1 + key.len);
	if ((span_starts_with(text, "age1") && is_word_of(text, "")) || text.len <= 32)
		return text;
	return SPAN_INIT;
}

int age_recipients_add(struct age_recipients *recipients, struct span text, struct error *err)
{
	struct span shown;

	text = span_trim(text);
	if (add(recipients, text, err) == 0)
		return 0;
	shown = shown_part(text);
	return shown.len > 0 ? error_wrap(err, "recipient \"%s\"", text_printable(shown).text)
			     : error_wrap(err, "recipient");
}

int age_recipients_add_file(struct age_recipients *recipients, struct span file, const char *name,
			    struct error *err)
{
	size_t before = recipients->len, number = 0;
	struct span line;

	while (span_take_line(&file, &line)) {
		number++;
		if (ssh_line_is_blank(line))
			continue;
		/* The line is not quoted: the file may be another, private one. */
		if (add(recipients, span_trim(line), err) < 0) {
			while (recipients->len > before)
				recipient_release(&recipients->items[--recipients->len]);
			return error_wrap(err, "\"%s\", line %zu", text_printable_text(name).text,
					  number);
		}
	}
	if (recipients->len == before)
		return error_set(err, ERROR_FORMAT, "no recipient in \"%s\"",
				 text_printable_text(name).text);
	return 0;
}

/* "ssh-ed25519 AAAA…" of a key in wire form. */
static int ssh_text(struct span wire, struct buf *ret_text, struct error *err)
{
	size_t len = codec_base64_len(wire.len, CODEC_BASE64_PADDED);

	if (buf_append_text(ret_text, SSH_ED25519_TYPE " ", err) < 0 ||
	    buf_grow(ret_text, len, err) < 0)
		return -1;
	codec_base64_encode(wire, CODEC_BASE64_PADDED, (char *)ret_text->data + ret_text->len);
	ret_text->len += len;
	return 0;
}

int age_recipients_add_own(struct age_recipients *recipients,
			   const struct age_identities *identities, struct error *err)
{
	for (size_t i = 0; i < identities->len; i++) {
		const struct age_identity *identity = &identities->items[i];
		AUTO(buf) text = BUF_INIT;
		char native[AGE_X25519_TEXT_MAX];

		age_x25519_text(identity->point, native);
		if ((identity->wire.len > 0 ? ssh_text(buf_span(&identity->wire), &text, err)
					    : buf_append_text(&text, native, err)) < 0 ||
		    add(recipients, buf_span(&text), err) < 0)
			return -1;
	}
	return 0;
}

void age_recipients_release(struct age_recipients *recipients)
{
	for (size_t i = 0; i < recipients->len; i++)
		recipient_release(&recipients->items[i]);
	free(recipients->items);
	*recipients = AGE_RECIPIENTS_INIT;
}
