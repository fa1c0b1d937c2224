/* SPDX-License-Identifier: MIT */
/*
 * How a string can be spelled: what its content allows, what sops would choose
 * (what go-yaml does), and the writers.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "util/codec.h"
#include "util/text.h"

static size_t width(uint8_t first)
{
	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static bool is_blank(struct span s, size_t i)
{
	return s.data[i] == ' ' || s.data[i] == '\t';
}

static bool is_break(struct span s, size_t i)
{
	return yaml_break_at(s, i) > 0;
}

/* go-yaml's idea of printable: no control characters, nothing beyond the BMP. */
static bool is_printable(struct span s, size_t i)
{
	const uint8_t *c = s.data + i;
	const size_t len = width(c[0]);

	if (len > s.len - i || len == 4)
		return false;
	if (len == 1)
		return c[0] == '\n' || (c[0] >= 0x20 && c[0] < 0x7f);
	if (c[0] == 0xc2)
		return c[1] >= 0xa0;
	if (c[0] == 0xed)
		return c[1] < 0xa0;
	if (c[0] == 0xef)
		return !(c[1] == 0xbb && c[2] == 0xbf) &&
		       !(c[1] == 0xbf && (c[2] == 0xbe || c[2] == 0xbf));
	return true;
}

/* What yaml_shape() collects, character by character. */
struct survey {
	bool block_indicator, flow_indicator, lines, special, tab;
	bool space_first, break_first, space_last, break_last, break_space, space_break;
};

static void survey_first(struct survey *v, char c, bool blank_follows)
{
	if (strchr("#,[]{}&*!|>'\"%@`", c) != NULL) {
		v->flow_indicator = v->block_indicator = true;
	} else if (c == '?' || c == ':') {
		v->flow_indicator = true;
		v->block_indicator |= blank_follows;
	} else if (c == '-' && blank_follows) {
		v->flow_indicator = v->block_indicator = true;
	}
}

static void survey_later(struct survey *v, char c, bool blank_before, bool blank_follows)
{
	if (strchr(",?[]{}", c) != NULL) {
		v->flow_indicator = true;
	} else if (c == ':') {
		v->flow_indicator = true;
		v->block_indicator |= blank_follows;
	} else if (c == '#' && blank_before) {
		v->flow_indicator = v->block_indicator = true;
	}
}

/* Behind the first character most tell nothing about a string's spelling; these do. */
static const bool telling[128] = { [','] = true, ['?'] = true, ['['] = true, [']'] = true,
				   ['{'] = true, ['}'] = true, [':'] = true, ['#'] = true };

static bool is_dull(uint8_t c)
{
	return c > ' ' && c < 0x7f && !telling[c];
}

static struct survey survey(struct span s)
{
	struct survey v = { .lines = false };
	bool blank_before = true, space_before = false, break_before = false;

	if (s.len >= 3 && (memcmp(s.data, "---", 3) == 0 || memcmp(s.data, "...", 3) == 0))
		v.flow_indicator = v.block_indicator = true;
	for (size_t i = 0, next; i < s.len; i = next) {
		const char c = (char)s.data[i];
		bool blank_follows;

		next = i + width(s.data[i]);
		if (i > 0 && is_dull(s.data[i])) {
			blank_before = space_before = break_before = false;
			continue;
		}
		if (next > s.len)
			next = s.len;
		blank_follows = next >= s.len || is_blank(s, next);
		if (i == 0 && c != '\0')
			survey_first(&v, c, blank_follows);
		else if (c != '\0')
			survey_later(&v, c, blank_before, blank_follows);
		if (c == '\t')
			v.tab = true;
		else if (!is_printable(s, i))
			v.special = true;
		if (c == ' ') {
			v.space_first |= i == 0;
			v.space_last = next == s.len;
			v.break_space |= break_before;
			space_before = true;
			break_before = false;
		} else if (is_break(s, i)) {
			v.lines = true;
			v.break_first |= i == 0;
			v.break_last = next == s.len;
			v.space_break |= space_before;
			space_before = false;
			break_before = true;
		} else {
			space_before = break_before = false;
		}
		blank_before = c == ' ' || c == '\t' || is_break(s, i);
	}
	return v;
}

struct yaml_shape yaml_shape(struct span text)
{
	const struct survey v = survey(text);
	const bool plain = !(v.space_first || v.break_first || v.space_last || v.break_last ||
			     v.break_space || v.space_break || v.tab || v.special || v.lines);

	return (struct yaml_shape){
		.plain_flow = plain && !v.flow_indicator && text.len > 0,
		.plain_block = plain && !v.block_indicator,
		.single = !(v.break_space || v.space_break || v.tab || v.special || v.lines),
		.literal = text.len > 0 && !(v.space_last || v.space_break || v.special),
		.lines = v.lines,
	};
}

/* "12:30:45": a number to YAML 1.1. ^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$ */
static bool is_base60(struct span s)
{
	size_t i = 0, groups = 0;

	if (i < s.len && (s.data[i] == '-' || s.data[i] == '+'))
		i++;
	if (i >= s.len || s.data[i] < '0' || s.data[i] > '9')
		return false;
	while (i < s.len && ((s.data[i] >= '0' && s.data[i] <= '9') || s.data[i] == '_'))
		i++;
	while (i < s.len && s.data[i] == ':') {
		size_t digits = 0;

		for (i++; i < s.len && digits < 2 && s.data[i] >= '0' && s.data[i] <= '9'; i++)
			digits++;
		if (digits == 0 || (digits == 2 && s.data[i - 2] > '5'))
			return false;
		groups++;
	}
	if (i < s.len && s.data[i] == '.')
		for (i++;
		     i < s.len && ((s.data[i] >= '0' && s.data[i] <= '9') || s.data[i] == '_');)
			i++;
	return groups > 0 && i == s.len;
}

static bool is_old_bool(struct span s)
{
	static const char *const words[] = { "y", "Y", "yes", "Yes", "YES", "on",  "On",  "ON",
					     "n", "N", "no",  "No",  "NO",  "off", "Off", "OFF" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_equal_text(s, words[i]))
			return true;
	return false;
}

enum yaml_style yaml_string_style(struct span text)
{
	const struct yaml_shape shape = yaml_shape(text);

	if (!text_is_utf8(text))
		return YAML_STYLE_DOUBLE;
	if (text.len > 0 && memchr(text.data, '\n', text.len) != NULL)
		return shape.literal ? YAML_STYLE_LITERAL : YAML_STYLE_DOUBLE;
	if (yaml_resolve(text) != DOC_TYPE_STRING || span_equal_text(text, "<<") ||
	    is_base60(text) || is_old_bool(text))
		return YAML_STYLE_DOUBLE;
	if (shape.plain_block)
		return YAML_STYLE_PLAIN;
	return shape.single ? YAML_STYLE_SINGLE : YAML_STYLE_DOUBLE;
}

/* Characters that no scalar of one line holds unescaped. */
static bool has_unsafe(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < 0x20 ? s.data[i] != '\t' : s.data[i] == 0x7f)
			return true;
		else if (s.data[i] >= 0x80 && is_break(s, i))
			return true;
		else if (s.data[i] == 0xc2 && i + 1 < s.len && s.data[i + 1] < 0xa0)
			return true;
		else if (s.data[i] == 0xef && i + 2 < s.len && !is_printable(s, i))
			return true;
	return false;
}

/* libyaml's and go-yaml's rules for what may start a plain scalar, and what ends one. */
bool yaml_can_be_plain(struct span s, bool in_flow, bool any_type)
{
	char first;

	if (s.len == 0 || !text_is_utf8(s) || has_unsafe(s) || is_blank(s, 0) ||
	    is_blank(s, s.len - 1) ||
	    (!any_type && (yaml_resolve(s) != DOC_TYPE_STRING || span_equal_text(s, "<<"))))
		return false;
	first = (char)s.data[0];
	if (strchr("#,[]{}&*!|>'\"%@`", first) != NULL)
		return false;
	if (first == '-' || first == '?' || first == ':')
		if (s.len == 1 || is_blank(s, 1) || (in_flow && first != '-'))
			return false;
	if (s.len >= 3 && (memcmp(s.data, "---", 3) == 0 || memcmp(s.data, "...", 3) == 0))
		return false;
	for (size_t i = 1; i < s.len; i++) {
		const char c = (char)s.data[i];

		if (c == ':' && (i + 1 == s.len || is_blank(s, i + 1)))
			return false;
		if (c == '#' && is_blank(s, i - 1))
			return false;
		if (in_flow && strchr(",[]{}?", c) != NULL)
			return false;
	}
	return true;
}

bool yaml_has_foreign_escape(struct span text)
{
	if (text.len == 0 || text.data[0] != '"')
		return false;
	for (size_t i = 1; i + 1 < text.len; i++)
		if (text.data[i] == '\\' && text.data[++i] == '/')
			return true;
	return false;
}

bool yaml_can_be_single(struct span text)
{
	return text_is_utf8(text) && !has_unsafe(text);
}

int yaml_write_single(struct secret *out, struct span text, struct error *err)
{
	if (secret_grow(out, text.len * 2 + 2, err) < 0)
		return -1;
	out->data[out->len++] = '\'';
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\'')
			out->data[out->len++] = '\'';
		out->data[out->len++] = text.data[i];
	}
	out->data[out->len++] = '\'';
	return 0;
}

/* The letter of a one-letter escape; 0 where there is none. */
static char escape_letter(uint8_t c)
{
	static const char letters[32] = { [0] = '0',  [7] = 'a',  [8] = 'b',  [9] = 't', [10] = 'n',
					  [11] = 'v', [12] = 'f', [13] = 'r', [27] = 'e' };

	return c < 32 ? letters[c] : c == '"' || c == '\\' ? (char)c : 0;
}

/* The code point of the well-formed character at text[i]. */
static unsigned code_at(struct span text, size_t i)
{
	const size_t len = width(text.data[i]);
	unsigned code = len == 1 ? text.data[i] : text.data[i] & (0xffu >> (len + 1));

	for (size_t k = 1; k < len && i + k < text.len; k++)
		code = code << 6 | (text.data[i + k] & 0x3fu);
	return code;
}

/* What is no text can only be written as base64. */
static int write_binary(struct secret *out, struct span bytes, struct error *err)
{
	const size_t len = codec_base64_len(bytes.len, CODEC_BASE64_PADDED);

	if (secret_append_text(out, "!!binary ", err) < 0 || secret_grow(out, len, err) < 0)
		return -1;
	codec_base64_encode(bytes, CODEC_BASE64_PADDED, (char *)out->data + out->len);
	out->len += len;
	return 0;
}

int yaml_write_double(struct secret *out, struct span text, struct error *err)
{
	if (!text_is_utf8(text))
		return write_binary(out, text, err);
	if (secret_grow(out, text.len + 16, err) < 0)
		return -1;
	out->data[out->len++] = '"';
	for (size_t i = 0, next; i < text.len; i = next) {
		const char letter = escape_letter(text.data[i]);
		const size_t len = width(text.data[i]);

		next = i + len < text.len ? i + len : text.len;
		if (out->cap - out->len < 16 && secret_grow(out, text.len - i + 16, err) < 0)
			return -1;
		if (letter != 0) {
			out->data[out->len++] = '\\';
			out->data[out->len++] = (uint8_t)letter;
		} else if ((len == 4 || is_printable(text, i)) && !is_break(text, i)) {
			memcpy(out->data + out->len, text.data + i, next - i);
			out->len += next - i;
		} else {
			char code[16];
			const unsigned value = code_at(text, i);

			snprintf(code, sizeof(code), value < 0x100 ? "\\x%02X" : "\\u%04X", value);
			memcpy(out->data + out->len, code, strlen(code));
			out->len += strlen(code);
		}
	}
	out->data[out->len++] = '"';
	return 0;
}

int yaml_write_indent(struct secret *out, size_t columns, struct error *err)
{
	if (columns == 0)
		return 0;
	if (secret_grow(out, columns, err) < 0)
		return -1;
	if (columns > 0) /* else out may hold nothing at all */
		memset(out->data + out->len, ' ', columns);
	out->len += columns;
	return 0;
}

/* The lines of text, without its final line breaks; blank ones stay bare. */
static int write_lines(struct secret *out, struct span text, unsigned indent, const char *newline,
		       struct error *err)
{
	struct span line;

	while (span_take_line(&text, &line)) {
		if (secret_append_text(out, newline, err) < 0)
			return -1;
		if (line.len > 0 && (yaml_write_indent(out, indent, err) < 0 ||
				     secret_append_span(out, line, err) < 0))
			return -1;
	}
	return 0;
}

int yaml_write_literal(struct secret *out, struct span text, unsigned indent, unsigned step,
		       const char *newline, struct error *err)
{
	struct span body = text;
	size_t breaks;
	char digit[2] = "";

	while (body.len > 0 && body.data[body.len - 1] == '\n')
		body.len--;
	breaks = text.len - body.len;
	if (text.data[0] == ' ' || text.data[0] == '\n' || text.data[0] == '\t')
		digit[0] = (char)('0' + step);
	if (secret_append_text(out, "|", err) < 0 || secret_append_text(out, digit, err) < 0 ||
	    secret_append_text(out,
			       breaks == 0                   ? "-"
			       : breaks > 1 || body.len == 0 ? "+"
							     : "",
			       err) < 0 ||
	    write_lines(out, body, indent, newline, err) < 0)
		return -1;
	/* the break behind the last line is not ours; without a line, the header's is */
	for (size_t i = body.len > 0 ? 1 : 0; i < breaks; i++)
		if (secret_append_text(out, newline, err) < 0)
			return -1;
	return 0;
}
