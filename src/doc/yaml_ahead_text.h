/* SPDX-License-Identifier: MIT */
/* The text as the look-ahead walks over it: characters, blanks and line breaks, and its mark. */
#ifndef DOC_YAML_AHEAD_TEXT_H
#define DOC_YAML_AHEAD_TEXT_H

#include "yaml_lookahead.h"

/* The text with the metadata in it; 0 behind its end. */
static inline uint8_t byte_at(const struct yaml_ahead *ahead, size_t i)
{
	size_t at;

	if (!yaml_inserts_place(&ahead->inserts, i, &at))
		return yaml_inserts_byte(&ahead->inserts, i);
	return at < ahead->doc->text.len ? ahead->doc->text.data[at] : 0;
}
static inline bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The length of the line break at i; 0: there is none. */
static inline size_t break_at(const struct yaml_ahead *ahead, size_t i)
{
	const uint8_t c = byte_at(ahead, i);

	if (c == '\r')
		return byte_at(ahead, i + 1) == '\n' ? 2 : 1;
	if (c == '\n')
		return 1;
	if (c == 0xc2)
		return byte_at(ahead, i + 1) == 0x85 ? 2 : 0;
	if (c == 0xe2 && byte_at(ahead, i + 1) == 0x80)
		return byte_at(ahead, i + 2) == 0xa8 || byte_at(ahead, i + 2) == 0xa9 ? 3 : 0;
	return 0;
}

static inline size_t position(const struct yaml_ahead *ahead)
{
	return (size_t)ahead->mark.index;
}

static inline void skip_character(struct yaml_ahead *ahead)
{
	if (!is_blank(byte_at(ahead, position(ahead))))
		ahead->newlines = 0;
	ahead->mark.index++;
	ahead->mark.column++;
}

static inline void skip_break(struct yaml_ahead *ahead)
{
	ahead->mark.index += (int64_t)break_at(ahead, position(ahead));
	ahead->mark.line++;
	ahead->mark.column = 0;
	ahead->newlines++;
}

/* A growing array of offsets: room for one more behind len. */
MUST_USE int yaml_ahead_grow(void **array, size_t len, size_t *cap, size_t size, struct error *err);
/* Comments behind the token on its line. */
MUST_USE int yaml_ahead_line_comment(struct yaml_ahead *ahead, struct yaml_mark token,
				     struct error *err);
/* From the mark to the next token, over blanks, line breaks and comments on lines of their own. */
MUST_USE int yaml_ahead_to_token(struct yaml_ahead *ahead, struct error *err);

/* yaml_ahead_token.c: puts a token into the queue, as the last one. */
MUST_USE int yaml_ahead_push(struct yaml_ahead *ahead, enum yaml_token_kind kind,
			     struct yaml_mark start, struct error *err);
/* Blocks end before the comments that stand at their own column or to the left of it. */
MUST_USE int yaml_ahead_unroll(struct yaml_ahead *ahead, int64_t column, struct yaml_mark scan,
			       struct error *err);
/* Can the token of key still turn out to be a key? */
bool yaml_ahead_is_key(const struct yaml_ahead *ahead, const struct yaml_simple_key *key);
/* What comes before a token is put into the queue. */
MUST_USE int yaml_ahead_prepare(struct yaml_ahead *ahead, struct error *err);

#endif
