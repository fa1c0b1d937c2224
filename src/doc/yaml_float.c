/* SPDX-License-Identifier: MIT */
/* How sops shows floats, and how it is kept that one was written otherwise. */
#include <string.h>

#include "yaml_number.h"

/* The longest that Go writes without an exponent, its sign, and a few zeros in front. */
#define DIGITS_MAX 340

struct span yaml_float_shown(double value, enum float_style style, char scratch[DOC_CANONICAL_MAX])
{
	/* Go's 'g', and its encoder of JSON */
	return style == FLOAT_OF_YAML ? yaml_float_short(value, -4, 6, 2, scratch)
				      : yaml_float_short(value, -6, 21, 1, scratch);
}

static size_t sign_len(struct span text)
{
	return text.len > 0 && text.data[0] == '-' ? 1 : 0;
}

/* How many zeros stand before the first digit of the whole part. */
static size_t count_zeros(struct span text)
{
	size_t i = sign_len(text), zeros = 0;

	while (i + 1 < text.len && text.data[i] == '0' && text.data[i + 1] >= '0' &&
	       text.data[i + 1] <= '9') {
		i++;
		zeros++;
	}
	return zeros;
}

/*
 * Is text, but for zeros in front, what sops seals for a float that it shows with an exponent?
 * That is *ret_shown, in scratch.
 */
static bool is_shown_otherwise(struct span text, enum float_style style, size_t zeros,
			       char scratch[DOC_CANONICAL_MAX], struct span *ret_shown)
{
	const size_t sign = sign_len(text);
	char digits[DOC_CANONICAL_MAX];
	struct span plain;
	double value;
	bool is = false;

	if (text.len > DIGITS_MAX || text.len == 0)
		return false;
	memcpy(digits, text.data, sign);
	memcpy(digits + sign, text.data + sign + zeros, text.len - sign - zeros);
	digits[text.len - zeros] = '\0';
	plain = span_of(digits, text.len - zeros);
	if (yaml_float_read(digits, &value) && value != 0 &&
	    span_equal(yaml_float_format(value, scratch), plain)) {
		*ret_shown = yaml_float_shown(value, style, scratch);
		is = !span_equal(*ret_shown, plain);
	}
	secret_wipe(digits, sizeof(digits));
	return is;
}

struct span yaml_float_mark(struct span text, enum float_style style,
			    char scratch[DOC_CANONICAL_MAX])
{
	const size_t sign = sign_len(text);
	struct span shown;

	if (!is_shown_otherwise(text, style, count_zeros(text), scratch, &shown))
		return text;
	memcpy(scratch, text.data, sign);
	scratch[sign] = '0';
	memcpy(scratch + sign + 1, text.data + sign, text.len - sign);
	return span_of(scratch, text.len + 1);
}

struct span yaml_float_unmark(struct span plain, enum float_style style,
			      char scratch[DOC_CANONICAL_MAX])
{
	const size_t zeros = count_zeros(plain), sign = sign_len(plain);
	struct span shown;

	if (!is_shown_otherwise(plain, style, zeros, scratch, &shown))
		return plain;
	if (zeros == 0)
		return shown;
	memcpy(scratch, plain.data, sign);
	memcpy(scratch + sign, plain.data + sign + 1, plain.len - sign - 1);
	return span_of(scratch, plain.len - 1);
}
