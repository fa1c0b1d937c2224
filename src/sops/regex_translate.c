/* SPDX-License-Identifier: MIT */
#include "sops/regex_translate.h"

#include <ctype.h>
#include <string.h>

#include "util/text.h"

struct scan {
	struct span rest;
	struct buf *out;
	bool in_class;
	/* a quantifier may not follow a quantifier: in RE2 an error, in PCRE2 something else */
	bool after_repeat;
};

static int lacks(const char *construct, struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s, which sops' regular expressions do not have",
			 construct);
}

static int invalid(const char *why, struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s", why);
}

static int put(struct scan *s, const char *text, struct error *err)
{
	return buf_append_text(s->out, text, err);
}

static int copy(struct scan *s, size_t len, struct error *err)
{
	struct span taken = span_slice(s->rest, 0, len);

	s->rest = span_slice(s->rest, len, s->rest.len);
	return buf_append_span(s->out, taken, err);
}

static void skip(struct scan *s, size_t len)
{
	s->rest = span_slice(s->rest, len, s->rest.len);
}

/* The character at offset i from here; 0 behind the end (a pattern holds no NUL). */
static char at(const struct scan *s, size_t i)
{
	return i < s->rest.len ? (char)s->rest.data[i] : '\0';
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* \123 and \0: up to three octal digits. A single digit from 1 on would be a back reference. */
static int octal(struct scan *s, struct error *err)
{
	unsigned value = 0;
	size_t i = 1;

	if (at(s, 1) > '7' || (at(s, 1) != '0' && !is_octal(at(s, 2))))
		return lacks("a back reference", err);
	for (; i <= 3 && is_octal(at(s, i)); i++)
		value = value * 8 + (unsigned)(at(s, i) - '0');
	skip(s, i);
	return buf_printf(s->out, err, "\\x{%x}", value);
}

static int hexadecimal(struct scan *s, struct error *err)
{
	size_t digits = 0;

	if (at(s, 2) != '{') {
		if (!isxdigit((unsigned char)at(s, 2)) || !isxdigit((unsigned char)at(s, 3)))
			return invalid("\\x without two hexadecimal digits", err);
		return copy(s, 4, err);
	}
	while (isxdigit((unsigned char)at(s, 3 + digits)))
		digits++;
	if (digits == 0 || digits > 8 || at(s, 3 + digits) != '}')
		return invalid("\\x{ without hexadecimal digits and }", err);
	return copy(s, 4 + digits, err);
}

/* \pL, \p{Greek}, \p{^Lu} */
static int property(struct scan *s, struct error *err)
{
	size_t len = 3;

	if (at(s, 2) != '{')
		return isalpha((unsigned char)at(s, 2)) ? copy(s, 3, err)
							: invalid("\\p without a property", err);
	if (at(s, len) == '^')
		len++;
	/* PCRE2's own properties begin with X */
	if (at(s, len) == 'X')
		return lacks("a property of PCRE2", err);
	while (isalpha((unsigned char)at(s, len)) || at(s, len) == '_')
		len++;
	if (at(s, len) != '}')
		return invalid("\\p{ without a name and }", err);
	return copy(s, len + 1, err);
}

/* \Q…\E, or to the end. */
static int quoted(struct scan *s, struct error *err)
{
	skip(s, 2);
	while (s->rest.len > 0 && !span_starts_with(s->rest, "\\E")) {
		const char c = at(s, 0);

		if (ispunct((unsigned char)c) && put(s, "\\", err) < 0)
			return -1;
		if (copy(s, 1, err) < 0)
			return -1;
	}
	skip(s, 2);
	return 0;
}

static int unknown_escape(char c, struct error *err)
{
	static const struct {
		char c;
		const char *what;
	} known[] = {
		{ 'K', "\\K" },
		{ 'R', "\\R" },
		{ 'X', "\\X" },
		{ 'N', "\\N" },
		{ 'G', "\\G" },
		{ 'Z', "\\Z" },
		{ 'h', "\\h" },
		{ 'H', "\\H" },
		{ 'V', "\\V" },
		{ 'C', "\\C" },
		{ 'g', "a back reference or subroutine (\\g)" },
		{ 'k', "a back reference (\\k)" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].c == c)
			return lacks(known[i].what, err);
	if (c == '\0')
		return invalid("a backslash at the end", err);
	return invalid("an escape that there is not", err);
}

static int escape(struct scan *s, struct error *err)
{
	const char c = at(s, 1);

	if (c >= '0' && c <= '9')
		return octal(s, err);
	if (c == 'x')
		return hexadecimal(s, err);
	if (c == 'p' || c == 'P')
		return property(s, err);
	if (c == 'Q' && !s->in_class)
		return quoted(s, err);
	if (c == 's' || c == 'S' || c == 'v') {
		/* white space without the vertical tab; \v is that tab, not a class */
		skip(s, 2);
		if (c == 'v')
			return put(s, "\\x0b", err);
		if (s->in_class)
			return put(s, c == 's' ? "\\t\\n\\f\\r " : "\\S\\x0b", err);
		return put(s, c == 's' ? "[\\t\\n\\f\\r ]" : "[^\\t\\n\\f\\r ]", err);
	}
	if (c != '\0' && strchr("afnrtdDwW", c))
		return copy(s, 2, err);
	if (c != '\0' && strchr("AbBz", c) && !s->in_class)
		return copy(s, 2, err);
	/* any ASCII character that is no letter or digit stands for itself */
	if (c > '\0' && !isalnum((unsigned char)c))
		return copy(s, 2, err);
	return unknown_escape(c, err);
}

/* [:alpha:], [:^alpha:] at "[:"; sets *ret_len to 0 where it is none. */
static int posix_class(const struct scan *s, size_t *ret_len, struct error *err)
{
	static const char *const names[] = { "alnum", "alpha", "ascii", "blank", "cntrl",
					     "digit", "graph", "lower", "print", "punct",
					     "space", "upper", "word",  "xdigit" };
	const uint8_t *end = memmem(s->rest.data, s->rest.len, ":]", 2);
	struct span name;

	*ret_len = 0;
	if (at(s, 1) != ':' || !end)
		return 0;
	name = span_slice(s->rest, 2, (size_t)(end - s->rest.data) - 2);
	if (end < s->rest.data + 2)
		return 0;
	if (span_starts_with(name, "^"))
		name = span_slice(name, 1, name.len);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_equal_text(name, names[i])) {
			*ret_len = (size_t)(end - s->rest.data) + 2;
			return 0;
		}
	return invalid("a character class [:…:] that there is not", err);
}

static int class_member(struct scan *s, struct error *err)
{
	size_t len;

	if (at(s, 0) == '\\')
		return escape(s, err);
	if (at(s, 0) != '[')
		return copy(s, 1, err);
	if (posix_class(s, &len, err) < 0)
		return -1;
	if (len > 0)
		return copy(s, len, err);
	skip(s, 1);
	return put(s, "\\[", err);
}

/* […], a "]" first is a member */
static int class(struct scan *s, struct error *err)
{
	size_t first = at(s, 1) == '^' ? 2 : 1;

	if (copy(s, first, err) < 0)
		return -1;
	if (at(s, 0) == ']') {
		skip(s, 1);
		if (put(s, "\\]", err) < 0)
			return -1;
	}
	s->in_class = true;
	while (at(s, 0) != ']') {
		if (s->rest.len == 0)
			return invalid("a \"[\" without its \"]\"", err);
		if (class_member(s, err) < 0)
			return -1;
	}
	s->in_class = false;
	return copy(s, 1, err);
}

/* (?P<name> or (?<name>, at "(?" */
static int named_group(struct scan *s, size_t start, struct error *err)
{
	size_t len = start;

	while (isalnum((unsigned char)at(s, len)) || at(s, len) == '_')
		len++;
	if (len == start || at(s, len) != '>')
		return invalid("a group's name is not letters, digits and _", err);
	/* the name is of no use here, and PCRE2's are shorter */
	skip(s, len + 1);
	return put(s, "(", err);
}

/* (?i), (?s-U:…) */
static int flags(struct scan *s, struct error *err)
{
	size_t len = 2;
	bool minus = false, any = false;

	for (;; len++) {
		const char c = at(s, len);

		if (c == ')' || c == ':')
			break;
		if (c == '-' && !minus) {
			minus = true;
			any = false;
		} else if (c != '\0' && strchr("imsU", c)) {
			any = true;
		} else {
			return lacks("a flag other than i, m, s, U", err);
		}
	}
	if (minus && !any)
		return invalid("a \"-\" without flags", err);
	return copy(s, len + 1, err);
}

static int group(struct scan *s, struct error *err)
{
	static const struct {
		const char *start, *what;
	} refused[] = {
		{ "(?=", "look-ahead (?=" },
		{ "(?!", "look-ahead (?!" },
		{ "(?<=", "look-behind (?<=" },
		{ "(?<!", "look-behind (?<!" },
		{ "(?>", "an atomic group (?>" },
		{ "(?|", "a branch reset (?|" },
		{ "(?(", "a conditional (?(" },
		{ "(?R", "recursion (?R" },
		{ "(?&", "a subroutine (?&" },
		{ "(?+", "a subroutine (?+" },
		{ "(?P>", "a subroutine (?P>" },
		{ "(?P=", "a back reference (?P=" },
		{ "(?#", "a comment (?#" },
		{ "(?C", "a callout (?C" },
		{ "(*", "a verb (*" },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (span_starts_with(s->rest, refused[i].start))
			return lacks(refused[i].what, err);
	if (at(s, 1) != '?')
		return copy(s, 1, err);
	if (at(s, 2) >= '0' && at(s, 2) <= '9')
		return lacks("recursion (?1)", err);
	if (span_starts_with(s->rest, "(?P<"))
		return named_group(s, 4, err);
	if (span_starts_with(s->rest, "(?<"))
		return named_group(s, 3, err);
	return flags(s, err);
}

static size_t digits(const struct scan *s, size_t from, unsigned *ret_value)
{
	size_t i = from;

	for (*ret_value = 0; at(s, i) >= '0' && at(s, i) <= '9'; i++)
		if (*ret_value <= SOPS_REGEX_REPEAT_MAX)
			*ret_value = *ret_value * 10 + (unsigned)(at(s, i) - '0');
	return i;
}

/* The length of {n}, {n,} or {n,m} here; 0 where the brace is a literal one. */
static int counted(const struct scan *s, size_t *ret_len, struct error *err)
{
	unsigned min, max;
	size_t i = digits(s, 1, &min);

	*ret_len = 0;
	if (i == 1)
		return 0;
	max = min;
	if (at(s, i) == ',' && at(s, i + 1) == '}')
		i++;
	else if (at(s, i) == ',') {
		const size_t from = i + 1;

		i = digits(s, from, &max);
		if (i == from)
			return 0;
	}
	if (at(s, i) != '}')
		return 0;
	if (min > SOPS_REGEX_REPEAT_MAX || max > SOPS_REGEX_REPEAT_MAX || max < min)
		return invalid("a repetition {n,m} above 1000, or of a maximum below its minimum",
			       err);
	*ret_len = i + 1;
	return 0;
}

static int repeat(struct scan *s, size_t len, struct error *err)
{
	if (s->after_repeat)
		return lacks("a possessive or doubled repetition", err);
	if (at(s, len) == '?')
		len++;
	s->after_repeat = true;
	return copy(s, len, err);
}

static int element(struct scan *s, struct error *err)
{
	const char c = at(s, 0);
	size_t len = c == '*' || c == '+' || c == '?' ? 1 : 0;

	if (c == '{' && counted(s, &len, err) < 0)
		return -1;
	if (len > 0)
		return repeat(s, len, err);
	s->after_repeat = false;
	switch (c) {
	case '\0':
		return invalid("a NUL", err);
	case '\\':
		return escape(s, err);
	case '[':
		return class(s, err);
	case '(':
		return group(s, err);
	case '{':
		skip(s, 1);
		return put(s, "\\{", err);
	default:
		return copy(s, 1, err);
	}
}

int sops_regex_translate(struct span pattern, struct buf *ret_pattern, struct error *err)
{
	struct scan s = { .rest = pattern, .out = ret_pattern };

	if (pattern.len > SOPS_REGEX_MAX)
		return error_set(err, ERROR_LIMIT, "longer than %d bytes", SOPS_REGEX_MAX);
	if (!text_is_utf8(pattern))
		return invalid("not valid UTF-8", err);
	while (s.rest.len > 0)
		if (element(&s, err) < 0)
			return -1;
	return 0;
}
