/* SPDX-License-Identifier: MIT */
/*
 * What a plain scalar means: go-yaml v3's rules, a mixture of YAML 1.1 and 1.2
 * (sops-format.md T13 and section 5.1), and the texts that sops hashes and seals.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Longer numbers are refused as such: they are strings. No float needs more digits. */
#define NUMBER_MAX 1100

/* A number's text without underscores, terminated, on the stack. */
struct number {
	char text[NUMBER_MAX + 1];
	size_t len;
};

static void number_release(struct number *number)
{
	secret_wipe(number->text, number->len);
}

static bool number_read(struct span text, struct number *ret_number)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '_')
			continue;
		if (len == NUMBER_MAX || text.data[i] >= 0x80 || text.data[i] == '\0')
			return false;
		ret_number->text[len++] = (char)text.data[i];
	}
	ret_number->text[len] = '\0';
	ret_number->len = len;
	return len > 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

/* An integer's parts: its base is in its prefix, a leading 0 means octal. */
struct integer {
	bool negative;
	uint64_t magnitude;
};

enum int_status { INT_NONE, INT_OK, INT_UNSIGNED, INT_RANGE };

/* What comes before the digits, and the base. */
static unsigned split_base(const char **digits)
{
	const char *d = *digits;

	if (d[0] != '0' || d[1] == '\0')
		return 10;
	switch (d[1] | 0x20) {
	case 'x':
		*digits += 2;
		return 16;
	case 'o':
		*digits += 2;
		return 8;
	case 'b':
		*digits += 2;
		return 2;
	default:
		*digits += 1;
		return 8;
	}
}

/* As Go's ParseInt and then ParseUint with base 0. */
static enum int_status read_integer(const char *text, struct integer *ret_integer)
{
	struct integer value = { text[0] == '-', 0 };
	const bool sign = text[0] == '-' || text[0] == '+';
	const char *digits = text + (sign ? 1 : 0);
	const unsigned base = split_base(&digits);
	bool overflow = false;

	if (*digits == '\0')
		return INT_NONE;
	for (; *digits != '\0'; digits++) {
		const unsigned digit = digit_value(*digits);

		if (digit >= base)
			return INT_NONE;
		overflow |= __builtin_mul_overflow(value.magnitude, base, &value.magnitude);
		overflow |= __builtin_add_overflow(value.magnitude, digit, &value.magnitude);
	}
	*ret_integer = value;
	if (overflow)
		return INT_RANGE;
	if (value.magnitude <= INT64_MAX || (value.negative && value.magnitude == 1ull << 63))
		return INT_OK;
	return sign ? INT_RANGE : INT_UNSIGNED;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$ */
static bool looks_like_float(const char *s)
{
	size_t digits = 0, fraction = 0;

	if (*s == '-' || *s == '+')
		s++;
	for (; is_digit(*s); s++)
		digits++;
	if (*s == '.')
		for (s++; is_digit(*s); s++)
			fraction++;
	if (digits == 0 && fraction == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		if (*s == '-' || *s == '+')
			s++;
		if (!is_digit(*s))
			return false;
		while (is_digit(*s))
			s++;
	}
	return *s == '\0';
}

/* A float's value; false where it overflows (go-yaml then reads a string). */
static bool read_float(const char *text, double *ret_value)
{
	if (!looks_like_float(text))
		return false;
	*ret_value = strtod(text, NULL);
	return isfinite(*ret_value);
}

static bool is_one_of(struct span text, const char *words)
{
	for (const char *end; *words != '\0'; words = *end == '\0' ? end : end + 1) {
		end = strchrnul(words, ' ');
		if ((size_t)(end - words) == text.len && memcmp(words, text.data, text.len) == 0)
			return true;
	}
	return false;
}

#define INFINITIES ".inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF"
#define NANS ".nan .NaN .NAN"

static enum doc_type resolve_number(struct span text)
{
	__attribute__((cleanup(number_release))) struct number number = { .len = 0 };
	struct integer integer;
	double value;

	if (!number_read(text, &number))
		return DOC_TYPE_STRING;
	switch (read_integer(number.text, &integer)) {
	case INT_OK:
	case INT_UNSIGNED:
		return DOC_TYPE_INT;
	case INT_NONE:
	case INT_RANGE:
		break;
	}
	return read_float(number.text, &value) ? DOC_TYPE_FLOAT : DOC_TYPE_STRING;
}

enum doc_type yaml_resolve(struct span text)
{
	const char first = text.len > 0 ? (char)text.data[0] : '~';
	char scratch[DOC_CANONICAL_MAX];
	struct span time;

	if (text.len == 0 || is_one_of(text, "~ null Null NULL"))
		return DOC_TYPE_NULL;
	if (strchr("tTfF", first) != NULL && first != '\0')
		return is_one_of(text, "true True TRUE false False FALSE") ? DOC_TYPE_BOOL :
									     DOC_TYPE_STRING;
	if (first == '.' || first == '+' || first == '-')
		if (is_one_of(text, INFINITIES " " NANS))
			return DOC_TYPE_FLOAT;
	if (first == '.' && memchr(text.data, '_', text.len) != NULL)
		return DOC_TYPE_STRING; /* ParseFloat sees the underscores here */
	if (is_digit(first) && yaml_time(text, scratch, &time))
		return DOC_TYPE_TIME;
	if (is_digit(first) || first == '.' || first == '+' || first == '-') {
		const enum doc_type type = resolve_number(text);

		return first == '.' && type == DOC_TYPE_INT ? DOC_TYPE_STRING : type;
	}
	return DOC_TYPE_STRING;
}

bool yaml_resolve_tagged(struct span text, enum doc_type tag, enum doc_type *ret_type)
{
	const enum doc_type type = yaml_resolve(text);

	*ret_type = tag;
	return type == tag || (tag == DOC_TYPE_FLOAT && type == DOC_TYPE_INT);
}

/* Lays out a finite number's digits without an exponent, as Go's 'f' with precision -1. */
static struct span lay_out(bool negative, const char *digits, int len, int exponent,
			   char scratch[DOC_CANONICAL_MAX])
{
	size_t out = 0;

	if (negative)
		scratch[out++] = '-';
	if (exponent < 0) {
		scratch[out++] = '0';
		scratch[out++] = '.';
		for (int i = -1; i > exponent; i--)
			scratch[out++] = '0';
	}
	for (int i = 0; i < len; i++) {
		if (i == exponent + 1 && exponent >= 0)
			scratch[out++] = '.';
		scratch[out++] = digits[i];
	}
	for (int i = len; i <= exponent; i++)
		scratch[out++] = '0';
	return span_of(scratch, out);
}

/* "%.*e" of value, that precision; does it read back as value? */
static bool try_digits(double value, int precision, char text[40])
{
	snprintf(text, 40, "%.*e", precision, value);
	return strtod(text, NULL) == value;
}

/*
 * Below a power of two the next numbers are half as far away as above it: 16 digits may do although
 * the nearest ones of that length do not.
 */
static void try_next_digits(double value, char text[40])
{
	char longer[40];
	char *last;

	memcpy(longer, text, sizeof(longer));
	snprintf(text, 40, "%.15e", value);
	last = strchr(text, 'e') - 1;
	if (*last < '9') {
		++*last;
		if (strtod(text, NULL) == value)
			return;
	}
	memcpy(text, longer, sizeof(longer));
}

/* The shortest digits that read back as value. */
static struct span format_float(double value, char scratch[DOC_CANONICAL_MAX])
{
	char text[40], digits[24];
	const double magnitude = fabs(value);
	/* 15 digits give back any number of up to 15, but where numbers are too small and coarse */
	int precision = magnitude < 1e-290 ? 0 : 14, len = 0, exponent;

	if (value == 0)
		return signbit(value) ? span_of_text("-0") : span_of_text("0");
	while (!try_digits(magnitude, precision, text) && precision < 16)
		precision++;
	if (precision == 16)
		try_next_digits(magnitude, text);
	exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	for (const char *c = text; *c != 'e'; c++)
		if (is_digit(*c))
			digits[len++] = *c;
	while (len > 1 && digits[len - 1] == '0')
		len--;
	secret_wipe(text, sizeof(text));
	return lay_out(signbit(value), digits, len, exponent, scratch);
}

static struct span format_integer(const struct integer *value, char scratch[DOC_CANONICAL_MAX])
{
	const bool negative = value->negative && value->magnitude != 0;
	const int len = snprintf(scratch, DOC_CANONICAL_MAX, "%s%llu", negative ? "-" : "",
				 (unsigned long long)value->magnitude);

	return span_of(scratch, (size_t)len);
}

static int canonical_integer(struct span text, char scratch[DOC_CANONICAL_MAX],
			     struct span *ret_text, struct error *err)
{
	__attribute__((cleanup(number_release))) struct number number = { .len = 0 };
	struct integer value;

	if (!number_read(text, &number) || read_integer(number.text, &value) != INT_OK)
		return error_set(err, ERROR_FORMAT,
				 "an integer from 2^63 to 2^64 - 1 cannot be sealed: quote it");
	*ret_text = format_integer(&value, scratch);
	return 0;
}

/* ".inf" and its kin, with or without the dot: as sops hashes them. */
static struct span special_float(struct span text)
{
	if (text.len > 0 && text.data[0] == '-')
		return SPAN_LITERAL("-Inf");
	for (size_t i = 0; i < text.len; i++)
		if ((text.data[i] | 0x20) == 'a')
			return SPAN_LITERAL("NaN");
	return SPAN_LITERAL("+Inf");
}

static int canonical_float(struct span text, char scratch[DOC_CANONICAL_MAX],
			   struct span *ret_text, struct error *err)
{
	__attribute__((cleanup(number_release))) struct number number = { .len = 0 };
	struct integer integer;
	double value;

	if (is_one_of(text, INFINITIES " " NANS)) {
		*ret_text = special_float(text);
		return 0;
	}
	if (!number_read(text, &number))
		return error_set(err, ERROR_FORMAT, "this is no floating-point number");
	if (!read_float(number.text, &value)) {
		/* an integer in another base under a tag "!!float" */
		if (read_integer(number.text, &integer) != INT_OK)
			return error_set(err, ERROR_FORMAT, "this is no floating-point number");
		value = integer.negative ? -(double)integer.magnitude : (double)integer.magnitude;
	}
	*ret_text = format_float(value, scratch);
	return 0;
}

int yaml_canonical(enum doc_type type, struct span text, char scratch[DOC_CANONICAL_MAX],
		   struct span *ret_text, struct error *err)
{
	switch (type) {
	case DOC_TYPE_INT:
		return canonical_integer(text, scratch, ret_text, err);
	case DOC_TYPE_FLOAT:
		return canonical_float(text, scratch, ret_text, err);
	case DOC_TYPE_BOOL:
		*ret_text = (text.data[0] | 0x20) == 't' ? SPAN_LITERAL("True") :
							   SPAN_LITERAL("False");
		return 0;
	case DOC_TYPE_TIME:
		if (!yaml_time(text, scratch, ret_text))
			return error_set(err, ERROR_FORMAT, "this is no timestamp");
		return 0;
	case DOC_TYPE_NULL:
	case DOC_TYPE_NONE:
		*ret_text = SPAN_INIT;
		return 0;
	case DOC_TYPE_STRING:
	case DOC_TYPE_COMMENT:
		break;
	}
	*ret_text = text;
	return 0;
}

/* [+-]?[0-9]+, in the range of 64 bits. */
static bool read_decimal(struct span text, struct integer *ret_value)
{
	struct integer value = { text.len > 0 && text.data[0] == '-', 0 };
	size_t i = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;

	if (i == text.len)
		return false;
	for (; i < text.len; i++) {
		if (!is_digit((char)text.data[i]) ||
		    __builtin_mul_overflow(value.magnitude, 10, &value.magnitude) ||
		    __builtin_add_overflow(value.magnitude, text.data[i] - '0', &value.magnitude))
			return false;
	}
	*ret_value = value;
	return value.magnitude <= (uint64_t)INT64_MAX + (value.negative ? 1 : 0);
}

/*
 * How an integer was spelled is told by zeros before the digits: sops reads a decimal, and no
 * decimal in YAML starts with one (it would be octal).
 */
enum { SPELLINGS = 6 };

static size_t spell_binary(uint64_t value, char out[70])
{
	size_t len = 2, bits = 1;

	memcpy(out, "0b", 2);
	while (bits < 64 && value >> bits != 0)
		bits++;
	while (bits-- > 0)
		out[len++] = (char)('0' + (value >> bits & 1));
	return len;
}

static struct span spell(const struct integer *value, size_t spelling,
			 char scratch[DOC_CANONICAL_MAX])
{
	const unsigned long long magnitude = value->magnitude;
	size_t len = 0;

	if (value->negative)
		scratch[len++] = '-';
	switch (spelling) {
	case 1:
		len += (size_t)snprintf(scratch + len, 40, "0x%llx", magnitude);
		break;
	case 2:
		len += (size_t)snprintf(scratch + len, 40, "0%llo", magnitude);
		break;
	case 3:
		len += (size_t)snprintf(scratch + len, 40, "0o%llo", magnitude);
		break;
	case 4:
		len += (size_t)snprintf(scratch + len, 40, "0x%llX", magnitude);
		break;
	default:
		len += spell_binary(value->magnitude, scratch + len);
		break;
	}
	return span_of(scratch, len);
}

static int plain_integer(struct span text, char scratch[DOC_CANONICAL_MAX],
			 struct span *ret_plain, struct error *err)
{
	__attribute__((cleanup(number_release))) struct number number = { .len = 0 };
	const size_t sign = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;
	struct integer value;

	if (read_decimal(text, &value) && (text.data[sign] != '0' || text.len == sign + 1)) {
		*ret_plain = text;
		return 0;
	}
	if (!number_read(text, &number) || read_integer(number.text, &value) != INT_OK)
		return canonical_integer(text, scratch, ret_plain, err);
	for (size_t spelling = 1; spelling < SPELLINGS; spelling++) {
		if (!span_equal(spell(&value, spelling, scratch), text))
			continue;
		*ret_plain = span_of(scratch, (size_t)snprintf(scratch, DOC_CANONICAL_MAX, "%s%.*s%llu",
				     value.negative ? "-" : "", (int)spelling, "00000",
				     (unsigned long long)value.magnitude));
		return 0;
	}
	*ret_plain = format_integer(&value, scratch);
	return 0;
}

/* What stands for midnight where only a date was written; sops drops the zeros. */
#define DATE_ONLY "T00:00:00.000000000Z"

static int plain_time(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_plain,
		      struct error *err)
{
	if (yaml_time_strict(text, scratch, ret_plain) && !span_ends_with(text, DATE_ONLY)) {
		*ret_plain = text;
		return 0;
	}
	if (!yaml_time(text, scratch, ret_plain))
		return error_set(err, ERROR_FORMAT, "this is no timestamp");
	if (text.len == 10 && memcmp(text.data, ret_plain->data, 10) == 0) {
		memcpy(scratch + 10, DATE_ONLY, sizeof(DATE_ONLY) - 1);
		ret_plain->len = 10 + sizeof(DATE_ONLY) - 1;
	}
	return 0;
}

/* "true" is sops' "True", so "True" is written the other way round. */
static struct span swap_bool(struct span text)
{
	static const char *const pairs[][2] = {
		{ "true", "True" }, { "false", "False" }, { "True", "true" }, { "False", "false" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (span_equal_text(text, pairs[i][0]))
			return span_of_text(pairs[i][1]);
	return text;
}

static int plain_float(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_plain,
		       struct error *err)
{
	if (is_one_of(text, INFINITIES " " NANS)) {
		const size_t sign = text.data[0] == '.' ? 0 : 1;

		/* these are what sops writes for ".inf", "-.inf" and ".nan" */
		if (is_one_of(text, "+.Inf -.Inf .NaN"))
			return canonical_float(text, scratch, ret_plain, err);
		memcpy(scratch, text.data, sign);
		memcpy(scratch + sign, text.data + sign + 1, text.len - sign - 1);
		*ret_plain = span_of(scratch, text.len - 1);
		return 0;
	}
	if (memchr(text.data, '_', text.len) != NULL || yaml_resolve(text) != DOC_TYPE_FLOAT)
		return canonical_float(text, scratch, ret_plain, err);
	*ret_plain = text;
	return 0;
}

int yaml_to_plain(enum doc_type type, struct span text, char scratch[DOC_CANONICAL_MAX],
		  struct span *ret_plain, struct error *err)
{
	switch (type) {
	case DOC_TYPE_INT:
		return plain_integer(text, scratch, ret_plain, err);
	case DOC_TYPE_FLOAT:
		return plain_float(text, scratch, ret_plain, err);
	case DOC_TYPE_TIME:
		return plain_time(text, scratch, ret_plain, err);
	case DOC_TYPE_BOOL:
		*ret_plain = swap_bool(text);
		return 0;
	case DOC_TYPE_NULL:
	case DOC_TYPE_NONE:
	case DOC_TYPE_STRING:
	case DOC_TYPE_COMMENT:
		break;
	}
	*ret_plain = text;
	return 0;
}

static bool read_plain_bool(struct span plain, bool *ret_value)
{
	*ret_value = is_one_of(plain, "1 t T TRUE true True");
	return *ret_value || is_one_of(plain, "0 f F FALSE false False");
}

/* What Go's ParseFloat takes for infinite or no number, in any case. */
static bool is_special_plain(struct span plain)
{
	static const char *const words[] = { "inf", "infinity", "nan" };
	const struct span word =
		plain.len > 0 && (plain.data[0] == '+' || plain.data[0] == '-') ?
			span_slice(plain, 1, plain.len) : plain;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (word.len == strlen(words[i]) &&
		    strncasecmp((const char *)word.data, words[i], word.len) == 0)
			return true;
	return false;
}

int yaml_canonical_plain(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
			 struct span *ret_text, struct error *err)
{
	struct integer value;
	bool truth;

	switch (type) {
	case DOC_TYPE_INT:
		if (!read_decimal(plain, &value))
			return error_set(err, ERROR_FORMAT, "a sealed integer is none");
		*ret_text = format_integer(&value, scratch);
		return 0;
	case DOC_TYPE_FLOAT:
		if (is_special_plain(plain)) {
			*ret_text = special_float(plain);
			return 0;
		}
		return canonical_float(plain, scratch, ret_text, err);
	case DOC_TYPE_BOOL:
		if (!read_plain_bool(plain, &truth))
			return error_set(err, ERROR_FORMAT, "a sealed boolean is none");
		*ret_text = truth ? SPAN_LITERAL("True") : SPAN_LITERAL("False");
		return 0;
	case DOC_TYPE_TIME:
		if (!yaml_time_strict(plain, scratch, ret_text))
			return error_set(err, ERROR_FORMAT, "a sealed timestamp is none");
		return 0;
	case DOC_TYPE_NULL:
	case DOC_TYPE_NONE:
		return error_set(err, ERROR_FORMAT, "a sealed value has no type");
	case DOC_TYPE_STRING:
	case DOC_TYPE_COMMENT:
		break;
	}
	*ret_text = plain;
	return 0;
}

static struct span respell_integer(struct span plain, char scratch[DOC_CANONICAL_MAX])
{
	const size_t sign = plain.data[0] == '-' || plain.data[0] == '+' ? 1 : 0;
	struct integer value = { false, 0 };
	size_t zeros = 0;

	while (sign + zeros + 1 < plain.len && plain.data[sign + zeros] == '0')
		zeros++;
	if (zeros == 0 || !read_decimal(plain, &value))
		return plain;
	return zeros < SPELLINGS ? spell(&value, zeros, scratch) : format_integer(&value, scratch);
}

static struct span respell_float(struct span plain, char scratch[DOC_CANONICAL_MAX])
{
	const struct span canonical = special_float(plain);
	size_t sign;

	if (!is_special_plain(plain)) {
		/* sops has no type for integers of this range, so it must not look like one */
		if (yaml_resolve(plain) != DOC_TYPE_INT || plain.len < 19)
			return plain;
		memcpy(scratch, plain.data, plain.len);
		memcpy(scratch + plain.len, ".0", 2);
		return span_of(scratch, plain.len + 2);
	}
	sign = plain.data[0] == '-' || plain.data[0] == '+' ? 1 : 0;
	memcpy(scratch, plain.data, sign);
	scratch[sign] = '.';
	memcpy(scratch + sign + 1, plain.data + sign, 3);
	if (plain.len == sign + 3 && !is_one_of(plain, "+Inf -Inf NaN") &&
	    is_one_of(span_of(scratch, plain.len + 1), INFINITIES " " NANS))
		return span_of(scratch, plain.len + 1);
	return canonical.data[0] == '-' ? SPAN_LITERAL("-.inf") :
	       canonical.data[0] == 'N' ? SPAN_LITERAL(".nan") : SPAN_LITERAL(".inf");
}

int yaml_from_plain(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
		    struct span *ret_text, struct error *err)
{
	struct span canonical;

	if (yaml_canonical_plain(type, plain, scratch, &canonical, err) < 0)
		return -1;
	*ret_text = plain;
	if (type == DOC_TYPE_INT)
		*ret_text = respell_integer(plain, scratch);
	else if (type == DOC_TYPE_FLOAT)
		*ret_text = plain.len < 310 ? respell_float(plain, scratch) : plain;
	else if (type == DOC_TYPE_BOOL)
		*ret_text = is_one_of(plain, "TRUE FALSE") || span_equal_text(plain, "true") ||
			    span_equal_text(plain, "false") ? swap_bool(plain) :
			    canonical.data[0] == 'T' ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
	else if (type == DOC_TYPE_TIME && span_ends_with(plain, DATE_ONLY))
		*ret_text = span_slice(plain, 0, 10);
	return 0;
}
