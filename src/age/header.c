/* SPDX-License-Identifier: MIT */
#include "age/header.h"

#include <stdlib.h>
#include <string.h>

#include "age/kind.h"
#include "crypto/hkdf.h"
#include "util/codec.h"
#include "util/text.h"

#define INTRO "age-encryption.org/v1\n"
#define COLUMNS 64
#define LINE_LEN 48 /* bytes in a full line of base64 */
#define MAC_TEXT_LEN 43

static int malformed(struct error *err, const char *why)
{
	return error_set(err, ERROR_FORMAT, "malformed age header: %s", why);
}

/* Windows' PowerShell makes text of all that it redirects: UTF-16, or with CRLF. */
static int not_age(struct span bytes, struct error *err)
{
	const struct span crlf = SPAN_LITERAL("age-encryption.org/v1\r"),
			  utf16 = SPAN_LITERAL("\xff\xfe"
					       "a\0g\0e\0-\0"),
			  utf16_armor = SPAN_LITERAL("\xff\xfe-\0-\0-\0-\0");

	error_set(err, ERROR_FORMAT, "not an age file");
	if (!span_equal(span_slice(bytes, 0, crlf.len), crlf) &&
	    !span_equal(span_slice(bytes, 0, utf16.len), utf16) &&
	    !span_equal(span_slice(bytes, 0, utf16_armor.len), utf16_armor))
		return -1;
	return error_hint(err, "a redirection of PowerShell changed it, it seems: use -o FILE, or "
			       "-a, when sealing");
}

int age_header_find_end(struct span bytes, size_t *ret_len, struct error *err)
{
	struct span intro = SPAN_LITERAL(INTRO), rest = bytes, line;
	size_t common = bytes.len < intro.len ? bytes.len : intro.len;

	if (!span_equal(span_slice(bytes, 0, common), span_slice(intro, 0, common)))
		return not_age(bytes, err);
	*ret_len = 0;
	while (rest.len > 0 && memchr(rest.data, '\n', rest.len) && span_take_line(&rest, &line)) {
		if (span_starts_with(line, "---")) {
			*ret_len = bytes.len - rest.len;
			break;
		}
	}
	if (*ret_len > AGE_HEADER_MAX || (*ret_len == 0 && bytes.len > AGE_HEADER_MAX))
		return error_set(err, ERROR_LIMIT, "an age header of more than %zu MiB",
				 AGE_HEADER_MAX >> 20);
	return 0;
}

bool age_stanza_argument(struct span *arguments, struct span *ret_argument)
{
	return span_take_until(arguments, ' ', ret_argument);
}

/* "-> type argument…": one space between, each at least one visible ASCII character. */
bool age_stanza_parse_opening(struct span line, struct age_stanza *ret_stanza)
{
	struct span rest, argument;

	if (!span_starts_with(line, "-> ") || line.data[line.len - 1] == ' ')
		return false;
	rest = span_slice(line, 3, line.len);
	ret_stanza->arguments = rest;
	while (age_stanza_argument(&rest, &argument)) {
		if (argument.len == 0)
			return false;
		for (size_t i = 0; i < argument.len; i++) {
			if (argument.data[i] < 33 || argument.data[i] > 126)
				return false;
		}
	}
	return age_stanza_argument(&ret_stanza->arguments, &ret_stanza->type);
}

/* Lines of base64 up to the first that is not full. bodies has room for all of them. */
static int parse_body(struct span *rest, struct buf *bodies, struct age_stanza *stanza,
		      struct error *err)
{
	size_t start = bodies->len, len = LINE_LEN;
	struct span line;

	while (len == LINE_LEN) {
		if (!span_take_line(rest, &line) || span_starts_with(line, "-"))
			return malformed(err, "a stanza does not end with a short line");
		if (line.len > COLUMNS ||
		    !codec_base64_decode(line, CODEC_BASE64_UNPADDED, bodies->data + bodies->len,
					 bodies->cap - bodies->len, &len))
			return malformed(err, "a line of a stanza is not the base64 it should be");
		bodies->len += len;
	}
	stanza->body = span_slice(buf_span(bodies), start, bodies->len - start);
	return 0;
}

static int add_stanza(struct age_header *header, size_t *cap, const struct age_stanza *stanza,
		      struct error *err)
{
	if (header->len == AGE_STANZAS_MAX)
		return error_set(err, ERROR_LIMIT, "an age header of more than %d stanzas",
				 AGE_STANZAS_MAX);
	if (header->len == *cap) {
		size_t larger = *cap ? *cap * 2 : 4;
		struct age_stanza *stanzas =
			reallocarray(header->stanzas, larger, sizeof(*stanzas));

		if (!stanzas)
			return error_memory(err);
		header->stanzas = stanzas;
		*cap = larger;
	}
	header->stanzas[header->len++] = *stanza;
	return 0;
}

static int parse_closing_line(struct span line, struct age_header *header, struct error *err)
{
	struct span text = span_slice(line, 4, line.len);
	uint8_t mac[AGE_MAC_LEN + 1];
	size_t len = 0;

	if (!span_starts_with(line, "--- ") || text.len != MAC_TEXT_LEN ||
	    !codec_base64_decode(text, CODEC_BASE64_UNPADDED, mac, sizeof(mac), &len) ||
	    len != AGE_MAC_LEN)
		return malformed(err, "its closing line");
	memcpy(header->mac, mac, AGE_MAC_LEN);
	return 0;
}

static int parse(struct span text, struct age_header *header, struct error *err)
{
	struct span rest = text, line;
	size_t cap = 0;

	if (!span_starts_with(text, INTRO) || !span_ends_with(text, "\n"))
		return error_set(err, ERROR_FORMAT, "not an age file");
	/* once, so that what the stanzas point to stays where it is */
	if (buf_grow(&header->bodies, text.len, err) < 0)
		return -1;
	rest = span_slice(text, sizeof(INTRO) - 1, text.len);
	while (span_take_line(&rest, &line)) {
		struct age_stanza stanza = { SPAN_INIT, SPAN_INIT, SPAN_INIT };

		if (span_starts_with(line, "---")) {
			header->covered =
				span_slice(text, 0,
					   (size_t)(line.data - text.data) + sizeof("---") - 1);
			if (rest.len != 0)
				return malformed(err, "text behind its closing line");
			return parse_closing_line(line, header, err);
		}
		if (!age_stanza_parse_opening(line, &stanza))
			return malformed(err, "the first line of a stanza");
		if (parse_body(&rest, &header->bodies, &stanza, err) < 0 ||
		    add_stanza(header, &cap, &stanza, err) < 0)
			return -1;
	}
	return malformed(err, "it has no closing line");
}

static bool is_passphrase(const struct age_stanza *stanza)
{
	return span_equal_text(stanza->type, "scrypt");
}

/* C2SP age.md: a passphrase stanza stands alone, or an attacker could add himself. */
int age_header_check(const struct age_header *header, struct error *err)
{
	for (size_t i = 0; header->len > 1 && i < header->len; i++) {
		if (is_passphrase(&header->stanzas[i]))
			return malformed(err, "a passphrase stanza that is not alone");
	}
	return 0;
}

int age_header_look(struct span text, struct age_header *ret_header, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;

	if (parse(text, &header, err) < 0)
		return -1;
	*ret_header = header;
	header = AGE_HEADER_INIT;
	return 0;
}

int age_header_parse(struct span text, struct age_header *ret_header, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;

	if (parse(text, &header, err) < 0 || age_header_check(&header, err) < 0)
		return -1;
	*ret_header = header;
	header = AGE_HEADER_INIT;
	return 0;
}

void age_header_release(struct age_header *header)
{
	free(header->stanzas);
	buf_release(&header->bodies);
	*header = AGE_HEADER_INIT;
}

void age_header_mac(const struct key32 *file_key, struct span covered, uint8_t ret_mac[AGE_MAC_LEN])
{
	AUTO(key32) key = KEY32_INIT;

	hkdf_sha256(span_of(file_key->data, AGE_FILE_KEY_LEN), SPAN_INIT, SPAN_LITERAL("header"),
		    &key);
	hmac_sha256(span_of(key.data, sizeof(key.data)), covered, ret_mac);
}

int age_stanza_write(const char *arguments, struct span body, struct buf *text, struct error *err)
{
	char line[COLUMNS];

	if (buf_printf(text, err, "-> %s\n", arguments) < 0)
		return -1;
	/* the last line is short, if need be empty */
	for (size_t offset = 0; offset <= body.len; offset += LINE_LEN) {
		struct span part = span_slice(body, offset, LINE_LEN);

		codec_base64_encode(part, CODEC_BASE64_UNPADDED, line);
		if (buf_append(text, line, codec_base64_len(part.len, CODEC_BASE64_UNPADDED), err) <
			    0 ||
		    buf_append_text(text, "\n", err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Stanzas with different labels must not stand in one file (C2SP age.md: a post-quantum recipient beside
 * one that is not would promise what the file does not keep).
 */
static int check_labels(const struct buf *first, const struct buf *labels, struct error *err)
{
	if (span_equal(buf_span(first), buf_span(labels)))
		return 0;
	error_set(err, ERROR_DENIED, "recipients that must not be mixed in one file");
	return error_hint(err, "seal to those of one kind alone");
}

/* Who knows the key of another recipient could change the file, and a passphrase is trusted to show that nobody did. */
static int check_alone(const struct age_recipients *recipients, struct error *err)
{
	for (size_t i = 0; recipients->len > 1 && i < recipients->len; i++)
		if (recipients->items[i].kind->is_alone)
			return error_set(err, ERROR_CONFLICT,
					 "a file with a passphrase has no other recipients");
	return 0;
}

static int wrap_for(const struct age_recipients *recipients, size_t index,
		    const struct key32 *file_key, struct buf *text, struct buf *labels,
		    struct error *err)
{
	const struct age_recipient *recipient = &recipients->items[index];
	const struct age_recipient_kind *kind = recipient->kind;

	if (kind->wrap_by)
		return kind->wrap_by(recipients->plugins, recipient, file_key, text, labels, err);
	if (kind->labels && buf_append_text(labels, kind->labels, err) < 0)
		return -1;
	return kind->wrap(recipient, file_key, text, err);
}

static int wrap_for_all(const struct age_recipients *recipients, const struct key32 *file_key,
			struct buf *text, struct error *err)
{
	AUTO(buf) first = BUF_INIT;

	for (size_t i = 0; i < recipients->len; i++) {
		AUTO(buf) labels = BUF_INIT;

		if (wrap_for(recipients, i, file_key, text, i == 0 ? &first : &labels, err) < 0 ||
		    (i > 0 && check_labels(&first, &labels, err) < 0))
			return -1;
	}
	return 0;
}

int age_header_write(const struct age_recipients *recipients, const struct key32 *file_key,
		     struct buf *text, struct error *err)
{
	size_t start = text->len;
	uint8_t mac[AGE_MAC_LEN];
	char mac_text[MAC_TEXT_LEN];

	if (recipients->len == 0)
		return error_set(err, ERROR_USAGE, "no recipient to seal to");
	if (check_alone(recipients, err) < 0 || buf_append_text(text, INTRO, err) < 0 ||
	    wrap_for_all(recipients, file_key, text, err) < 0 ||
	    buf_append_text(text, "---", err) < 0)
		return -1;
	age_header_mac(file_key, span_slice(buf_span(text), start, text->len), mac);
	codec_base64_encode(span_of(mac, sizeof(mac)), CODEC_BASE64_UNPADDED, mac_text);
	if (buf_append_text(text, " ", err) < 0 ||
	    buf_append(text, mac_text, sizeof(mac_text), err) < 0)
		return -1;
	return buf_append_text(text, "\n", err);
}
