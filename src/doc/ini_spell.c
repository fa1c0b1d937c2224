/* SPDX-License-Identifier: MIT */
/* How values, keys, headers and comments are written so that they are read as themselves. */
#include <assert.h>
#include <string.h>

#include "ini.h"
#include "util/text.h"

static bool holds(struct span text, const char *bytes)
{
	for (; *bytes != '\0'; bytes++)
		if (text.len > 0 && memchr(text.data, *bytes, text.len))
			return true;
	return false;
}

static bool is_trimmed(struct span text)
{
	return ini_trim_left(text, 0, text.len) == 0 &&
	       ini_trim_right(text, 0, text.len) == text.len;
}

/* Would the reader take the quotes around it away? */
static bool looks_quoted(struct span text)
{
	const uint8_t quote = text.len >= 2 ? text.data[0] : 0;

	return (quote == '\'' || quote == '"') &&
	       memchr(text.data + 1, quote, text.len - 1) == text.data + text.len - 1;
}

static bool fits_plain(struct span value)
{
	return !holds(value, "\n#;") && is_trimmed(value) && !looks_quoted(value) &&
	       !span_starts_with(value, "`") && !span_starts_with(value, "\"\"\"") &&
	       !span_ends_with(value, "\\");
}

bool ini_fits(enum ini_style style, struct span value)
{
	switch (style) {
	case INI_PLAIN:
		return fits_plain(value);
	case INI_SINGLE:
		return !holds(value, "\n#;'");
	case INI_DOUBLE:
		return !holds(value, "\n#;\"");
	case INI_BACKTICK: /* on one line, the last one is the end */
		return !holds(value, "\n") || !holds(value, "`");
	case INI_TRIPLE:
		return !holds(value, "\n") || !memmem(value.data, value.len, "\"\"\"", 3);
	case INI_JOINED:
		break;
	}
	return false;
}

/* What sops writes, whether it fits or not. */
static enum ini_style usual_style(struct span value)
{
	if (holds(value, "\n`"))
		return INI_TRIPLE;
	if (holds(value, "#;"))
		return INI_BACKTICK;
	return is_trimmed(value) ? INI_PLAIN : INI_DOUBLE;
}

bool ini_choose_style(enum ini_style preferred, struct span value, enum ini_style *ret_style)
{
	const enum ini_style styles[] = { preferred,  usual_style(value), INI_PLAIN,   INI_DOUBLE,
					  INI_SINGLE, INI_TRIPLE,         INI_BACKTICK };

	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++)
		if (ini_fits(styles[i], value)) {
			*ret_style = styles[i];
			return true;
		}
	return false;
}

static const char *quote_of(enum ini_style style)
{
	switch (style) {
	case INI_SINGLE:
		return "'";
	case INI_DOUBLE:
		return "\"";
	case INI_BACKTICK:
		return "`";
	case INI_TRIPLE:
		return "\"\"\"";
	case INI_PLAIN:
	case INI_JOINED:
		break;
	}
	return "";
}

size_t ini_quote_len(enum ini_style style)
{
	return strlen(quote_of(style));
}

int ini_write_value(struct secret *out, enum ini_style style, struct span value, struct error *err)
{
	return secret_append_text(out, quote_of(style), err) < 0 ||
			       secret_append_span(out, value, err) < 0 ||
			       secret_append_text(out, quote_of(style), err) < 0
		       ? -1
		       : 0;
}

/* Is what was written from at on, up to a delimiter, read as key? */
static bool reads_as_key(const struct secret *out, size_t at, struct span key)
{
	const struct span line = span_slice(secret_span(out), at, out->len);
	struct ini_key read;
	const char *why;

	/* at the start of a text, a byte order mark is none of the key */
	return line.len > 0 && !holds(line, "\n") && ini_space_at(line, 0) == 0 &&
	       !span_starts_with(line, "\xef\xbb\xbf") && line.data[0] < 0xfe &&
	       !memchr("#;[", line.data[0], 3) && ini_read_key(line, 0, line.len, &read, &why) &&
	       read.value == line.len &&
	       span_equal(span_slice(line, read.start, read.end - read.start), key);
}

int ini_write_key(struct secret *out, struct span key, struct error *err)
{
	static const char *const quotes[] = { "", "`", "\"\"\"", "\"" };
	const size_t at = out->len;

	for (size_t i = 0; i < sizeof(quotes) / sizeof(*quotes); i++) {
		if (secret_append_text(out, quotes[i], err) < 0 ||
		    secret_append_span(out, key, err) < 0 ||
		    secret_append_text(out, quotes[i], err) < 0 ||
		    secret_append_text(out, "=", err) < 0)
			return -1;
		/* "-" is read as a number, in quotes too */
		if (!span_equal_text(key, "-") && reads_as_key(out, at, key)) {
			secret_truncate(out, out->len - 1);
			return 0;
		}
		secret_truncate(out, at);
	}
	return error_set(err, ERROR_DUMP, "INI cannot have \"%s\" for a key",
			 text_printable(key).text);
}

int ini_write_header(struct secret *out, struct span name, struct error *err)
{
	if (name.len == 0 || holds(name, "\n"))
		return error_set(err, ERROR_DUMP, "INI cannot have \"%s\" for a section's name",
				 text_printable(name).text);
	if (span_equal_text(name, "sops"))
		return error_set(err, ERROR_SEALED, "the section \"sops\" is the metadata's");
	return secret_append_text(out, "[", err) < 0 || secret_append_span(out, name, err) < 0 ||
			       secret_append_text(out, "]", err) < 0
		       ? -1
		       : 0;
}

static int write_comment_line(struct secret *out, struct span line, struct error *err)
{
	const bool marked = span_starts_with(line, ";") || span_starts_with(line, "#");
	const struct span text = span_slice(line, marked ? 1 : 0, line.len);
	const size_t start = ini_trim_left(text, 0, text.len);
	const size_t end = ini_trim_right(text, start, text.len);

	return secret_append(out, marked ? line.data : (const uint8_t *)";", 1, err) < 0 ||
			       secret_append_text(out, " ", err) < 0 ||
			       secret_append_span(out, span_slice(text, start, end - start), err) <
				       0
		       ? -1
		       : 0;
}

int ini_write_comment(struct secret *out, struct span text, const char *newline, struct error *err)
{
	for (bool more = true; more;) {
		const uint8_t *lf = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;
		const size_t len = lf ? (size_t)(lf - text.data) : text.len;

		if (write_comment_line(out, span_slice(text, 0, len), err) < 0)
			return -1;
		text = span_slice(text, len + 1, text.len);
		more = lf != NULL;
		if (more && secret_append_text(out, newline, err) < 0)
			return -1;
	}
	return 0;
}
