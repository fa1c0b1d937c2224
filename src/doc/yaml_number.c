/* SPDX-License-Identifier: MIT */
#include "yaml_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void yaml_number_release(struct yaml_number *number)
{
	secret_wipe(number->text, number->len);
}

bool yaml_number_read(struct span text, struct yaml_number *ret_number)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '_')
			continue;
		if (len == YAML_NUMBER_MAX || text.data[i] >= 0x80 || text.data[i] == '\0')
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

enum yaml_int_status yaml_integer_read(const char *text, struct yaml_integer *ret_integer)
{
	struct yaml_integer value = { text[0] == '-', 0 };
	const bool sign = text[0] == '-' || text[0] == '+';
	const char *digits = text + (sign ? 1 : 0);
	const unsigned base = split_base(&digits);
	bool overflow = false;

	if (*digits == '\0')
		return YAML_INT_NONE;
	for (; *digits != '\0'; digits++) {
		const unsigned digit = digit_value(*digits);

		if (digit >= base)
			return YAML_INT_NONE;
		overflow |= __builtin_mul_overflow(value.magnitude, base, &value.magnitude);
		overflow |= __builtin_add_overflow(value.magnitude, digit, &value.magnitude);
	}
	*ret_integer = value;
	if (overflow)
		return YAML_INT_RANGE;
	if (value.magnitude <= INT64_MAX || (value.negative && value.magnitude == 1ull << 63))
		return YAML_INT_OK;
	return sign ? YAML_INT_RANGE : YAML_INT_UNSIGNED;
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

bool yaml_float_read(const char *text, double *ret_value)
{
	if (!looks_like_float(text))
		return false;
	*ret_value = strtod(text, NULL);
	return isfinite(*ret_value);
}

bool yaml_is_one_of(struct span text, const char *words)
{
	for (const char *end; *words != '\0'; words = *end == '\0' ? end : end + 1) {
		end = strchrnul(words, ' ');
		if ((size_t)(end - words) == text.len && memcmp(words, text.data, text.len) == 0)
			return true;
	}
	return false;
}

struct span yaml_special_float(struct span text)
{
	if (text.len > 0 && text.data[0] == '-')
		return SPAN_LITERAL("-Inf");
	for (size_t i = 0; i < text.len; i++)
		if ((text.data[i] | 0x20) == 'a')
			return SPAN_LITERAL("NaN");
	return SPAN_LITERAL("+Inf");
}

struct span yaml_integer_format(const struct yaml_integer *value, char scratch[DOC_CANONICAL_MAX])
{
	const bool negative = value->negative && value->magnitude != 0;
	const int len = snprintf(scratch, DOC_CANONICAL_MAX, "%s%llu", negative ? "-" : "",
				 (unsigned long long)value->magnitude);

	return span_of(scratch, (size_t)len);
}

bool yaml_decimal_read(struct span text, struct yaml_integer *ret_value)
{
	struct yaml_integer value = { text.len > 0 && text.data[0] == '-', 0 };
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

/* The shortest digits of a number that is not 0, and the exponent of the first one. */
static int shortest(double value, char digits[24], int *ret_exponent)
{
	char text[40];
	const double magnitude = fabs(value);
	/* 15 digits give back any number of up to 15, but where numbers are too small and coarse */
	int precision = magnitude < 1e-290 ? 0 : 14, len = 0;

	while (!try_digits(magnitude, precision, text) && precision < 16)
		precision++;
	if (precision == 16)
		try_next_digits(magnitude, text);
	*ret_exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	for (const char *c = text; *c != 'e'; c++)
		if (is_digit(*c))
			digits[len++] = *c;
	while (len > 1 && digits[len - 1] == '0')
		len--;
	secret_wipe(text, sizeof(text));
	return len;
}

struct span yaml_float_format(double value, char scratch[DOC_CANONICAL_MAX])
{
	char digits[24] = "0";
	int len, exponent;

	if (value == 0)
		return signbit(value) ? span_of_text("-0") : span_of_text("0");
	len = shortest(value, digits, &exponent);
	return lay_out(signbit(value), digits, len, exponent, scratch);
}

struct span yaml_float_short(double value, int lowest, int highest, int exponent_len,
			     char scratch[DOC_CANONICAL_MAX])
{
	char digits[24] = "0";
	int len, exponent, end;

	if (value == 0)
		return yaml_float_format(value, scratch);
	len = shortest(value, digits, &exponent);
	if (exponent >= lowest && exponent < highest)
		return lay_out(signbit(value), digits, len, exponent, scratch);
	end = snprintf(scratch, DOC_CANONICAL_MAX, "%s%c%s%.*se%c%0*d", signbit(value) ? "-" : "",
		       digits[0], len > 1 ? "." : "", len - 1, digits + 1, exponent < 0 ? '-' : '+',
		       exponent_len, abs(exponent));
	secret_wipe(digits, sizeof(digits));
	return span_of(scratch, (size_t)end);
}
