/* SPDX-License-Identifier: MIT */
#include "age/armor.h"

#include <string.h>

#include "util/codec.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define END "-----END AGE ENCRYPTED FILE-----"
#define COLUMNS 64
#define LINE_LEN 48
#define BLANKS_MAX 1024
#define TEXT_LEN ((size_t)65536)

bool age_armor_likely(struct span bytes)
{
	if (span_starts_with(bytes, "age-encryption.org/"))
		return false;
	/* also with text before it, which the reader then complains of */
	return bytes.len > 0 && memmem(bytes.data, bytes.len, "-----BEGIN AGE", 14) != NULL;
}

/* How long is the character of white space that text begins with? 0 where it is none. As Go's TrimSpace() has it. */
static size_t space_len(struct span text)
{
	static const char *const wide[] = {
		"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if (text.data[0] == ' ' || (text.data[0] >= '\t' && text.data[0] <= '\r'))
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (span_starts_with(text, wide[i]))
			return strlen(wide[i]);
	/* U+2000 to U+200A */
	return span_starts_with(text, "\xe2\x80") && text.len > 2 && text.data[2] >= 0x80 &&
			       text.data[2] <= 0x8a
		       ? 3
		       : 0;
}

static bool is_blank(struct span text)
{
	size_t len = 1;

	while (text.len > 0 && (len = space_len(text)) > 0)
		text = span_slice(text, len, SIZE_MAX);
	return text.len == 0;
}

static int malformed(struct error *err, const char *why)
{
	return error_set(err, ERROR_FORMAT, "malformed age armor: %s", why);
}

/* Moves what is left to the front and reads once. */
static int fill(struct age_armor_reader *reader, struct error *err)
{
	struct buf *text = &reader->text;
	size_t len = 0;

	if (reader->text_start > 0)
		memmove(text->data, text->data + reader->text_start,
			text->len - reader->text_start);
	text->len -= reader->text_start;
	reader->text_start = 0;
	if (buf_widen(text, TEXT_LEN, err) < 0 ||
	    reader->source->read(reader->source->context, text->data + text->len,
				 text->cap - text->len, &len, err) < 0)
		return -1;
	text->len += len;
	reader->ended = len == 0;
	return 0;
}

/* The next line, its LF or CRLF removed; false where more text is needed or there is none. */
static bool take_line(struct age_armor_reader *reader, struct span *ret_line)
{
	struct span rest = span_slice(buf_span(&reader->text), reader->text_start, SIZE_MAX);

	if (rest.len == 0 || (!reader->ended && !memchr(rest.data, '\n', rest.len)))
		return false;
	span_take_line(&rest, ret_line);
	reader->text_start = reader->text.len - rest.len;
	if (span_ends_with(*ret_line, "\r"))
		ret_line->len--;
	return true;
}

/* Each end of a line before the first counts as one. */
static int take_blanks(struct age_armor_reader *reader, struct span line, struct error *err)
{
	reader->blanks += line.len + 1;
	if (reader->blanks > BLANKS_MAX)
		return malformed(err, "too much white space before it");
	return 0;
}

/* What is behind the last line: blanks, and fewer than before the first, ends of lines as they are. */
static int check_end(const struct age_armor_reader *reader, struct error *err)
{
	const struct span rest =
		span_slice(buf_span(&reader->text), reader->text_start, BLANKS_MAX);

	if (!reader->ended && rest.len < BLANKS_MAX)
		return 0;
	if (!is_blank(rest))
		return malformed(err, "text behind its last line");
	if (rest.len == BLANKS_MAX)
		return malformed(err, "too much white space behind it");
	return 0;
}

static int take_body_line(struct age_armor_reader *reader, struct span line, struct error *err)
{
	struct buf *bytes = &reader->bytes;
	size_t len = 0;

	if (span_equal_text(line, END)) {
		reader->state = AGE_ARMOR_END;
		return 0;
	}
	if (reader->state == AGE_ARMOR_LAST)
		return malformed(err, "no last line behind a short one");
	if (line.len == 0 || line.len > COLUMNS)
		return malformed(err, "a line that is empty or too long");
	if (!codec_base64_decode(line, CODEC_BASE64_PADDED, bytes->data + bytes->len,
				 bytes->cap - bytes->len, &len))
		return malformed(err, "a line that is no base64");
	bytes->len += len;
	if (len < LINE_LEN)
		reader->state = AGE_ARMOR_LAST;
	return 0;
}

static int take(struct age_armor_reader *reader, struct span line, struct error *err)
{
	switch (reader->state) {
	case AGE_ARMOR_START:
		if (span_equal_text(line, BEGIN)) {
			reader->state = AGE_ARMOR_BODY;
			return 0;
		}
		if (!is_blank(line))
			return malformed(err, "its first line");
		return take_blanks(reader, line, err);
	case AGE_ARMOR_BODY:
	case AGE_ARMOR_LAST:
		return take_body_line(reader, line, err);
	case AGE_ARMOR_END:
		break;
	}
	return error_set(err, ERROR_BUG, "an armor reader in no state");
}

/* Decodes all lines that there are in the text; reads more first where there is none. */
static int decode_some(struct age_armor_reader *reader, struct error *err)
{
	struct span line;

	buf_clear(&reader->bytes);
	reader->bytes_start = 0;
	/* what is decoded is shorter than its text */
	if (fill(reader, err) < 0 || buf_grow(&reader->bytes, reader->text.len, err) < 0)
		return -1;
	while (reader->state != AGE_ARMOR_END && take_line(reader, &line)) {
		if (take(reader, line, err) < 0)
			return -1;
	}
	if (reader->state == AGE_ARMOR_END)
		return check_end(reader, err);
	if (!reader->ended && reader->text.len - reader->text_start > BLANKS_MAX)
		return malformed(err, "a line that is too long");
	if (reader->ended)
		return malformed(err, "its last line is missing");
	return 0;
}

int age_armor_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	struct age_armor_reader *reader = context;
	struct span ready;

	while (reader->bytes_start == reader->bytes.len && !reader->ended) {
		if (decode_some(reader, err) < 0)
			return -1;
	}
	ready = span_slice(buf_span(&reader->bytes), reader->bytes_start, len);
	if (ready.len > 0)
		memcpy(data, ready.data, ready.len);
	reader->bytes_start += ready.len;
	*ret_len = ready.len;
	return 0;
}

void age_armor_reader_release(struct age_armor_reader *reader)
{
	buf_release(&reader->text);
	buf_release(&reader->bytes);
	*reader = AGE_ARMOR_READER_INIT;
}

/* Appends a line; text has room for it. */
static void encode_line(struct buf *text, struct span bytes)
{
	size_t len = codec_base64_len(bytes.len, CODEC_BASE64_PADDED);

	codec_base64_encode(bytes, CODEC_BASE64_PADDED, (char *)text->data + text->len);
	text->len += len;
	text->data[text->len++] = '\n';
}

static int flush(struct age_armor_writer *writer, struct error *err)
{
	if (writer->sink->write(writer->sink->context, buf_span(&writer->text), err) < 0)
		return -1;
	buf_clear(&writer->text);
	return 0;
}

static int start(struct age_armor_writer *writer, struct error *err)
{
	if (writer->started)
		return 0;
	writer->started = true;
	return buf_append_text(&writer->text, BEGIN "\n", err);
}

int age_armor_write(void *context, struct span bytes, struct error *err)
{
	struct age_armor_writer *writer = context;
	size_t lines = bytes.len / LINE_LEN + 1;

	if (start(writer, err) < 0 || buf_grow(&writer->text, lines * (COLUMNS + 1), err) < 0)
		return -1;
	if (writer->held_len > 0) {
		struct span more = span_slice(bytes, 0, LINE_LEN - writer->held_len);

		if (more.len > 0)
			memcpy(writer->held + writer->held_len, more.data, more.len);
		writer->held_len += more.len;
		bytes = span_slice(bytes, more.len, bytes.len);
		if (writer->held_len < LINE_LEN)
			return 0;
		encode_line(&writer->text, span_of(writer->held, LINE_LEN));
	}
	while (bytes.len >= LINE_LEN) {
		encode_line(&writer->text, span_slice(bytes, 0, LINE_LEN));
		bytes = span_slice(bytes, LINE_LEN, bytes.len);
	}
	if (bytes.len > 0)
		memcpy(writer->held, bytes.data, bytes.len);
	writer->held_len = bytes.len;
	return flush(writer, err);
}

int age_armor_finish(struct age_armor_writer *writer, struct error *err)
{
	if (start(writer, err) < 0 || buf_grow(&writer->text, COLUMNS + 1, err) < 0)
		return -1;
	if (writer->held_len > 0)
		encode_line(&writer->text, span_of(writer->held, writer->held_len));
	writer->held_len = 0;
	if (buf_append_text(&writer->text, END "\n", err) < 0)
		return -1;
	return flush(writer, err);
}

void age_armor_writer_release(struct age_armor_writer *writer)
{
	buf_release(&writer->text);
	*writer = AGE_ARMOR_WRITER_INIT;
}
