/* SPDX-License-Identifier: MIT */
/* Scalars of JSON: what is sealed for them, and how they are written. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "yaml_number.h"

int json_to_plain(enum doc_type type, struct span text, char scratch[DOC_CANONICAL_MAX],
		  struct span *ret_plain, struct error *err)
{
	/* sops' parser takes every number that JSON has, as it is written */
	if (type == DOC_TYPE_BOOL)
		return yaml_canonical(type, text, scratch, ret_plain, err);
	*ret_plain = text;
	return 0;
}

/* As Go's encoder writes floats: with an exponent where they are large or small. */
static struct span format_float(double value, char scratch[DOC_CANONICAL_MAX])
{
	const double magnitude = fabs(value);
	struct span digits = yaml_float_format(value, scratch);
	char mantissa[40];
	size_t len = 0, first = 0, last, point;
	long exponent;

	if (value == 0 || (magnitude >= 1e-6 && magnitude < 1e21))
		return digits;
	/* the digits without zeros around them, and where the point is */
	point = digits.len;
	for (size_t i = 0; i < digits.len; i++)
		if (digits.data[i] == '.')
			point = i;
	while (digits.data[first] < '1' || digits.data[first] > '9')
		first++;
	last = digits.len;
	while (digits.data[last - 1] == '0' || digits.data[last - 1] == '.')
		last--;
	if (value < 0)
		mantissa[len++] = '-';
	mantissa[len++] = (char)digits.data[first];
	for (size_t i = first + 1; i < last; i++) {
		if (digits.data[i] == '.')
			continue;
		if (i == first + 1 || (i == first + 2 && digits.data[first + 1] == '.'))
			mantissa[len++] = '.';
		mantissa[len++] = (char)digits.data[i];
	}
	exponent = first < point ? (long)(point - first) - 1 : -(long)(first - point);
	digits.len = (size_t)snprintf(scratch, DOC_CANONICAL_MAX, "%.*se%+ld", (int)len, mantissa,
				      exponent);
	secret_wipe(mantissa, sizeof(mantissa));
	return digits;
}

static int spell_float(struct span canonical, char scratch[DOC_CANONICAL_MAX],
		       struct span *ret_text, struct error *err)
{
	char text[DOC_CANONICAL_MAX];

	if (span_equal_text(canonical, "NaN") || span_ends_with(canonical, "Inf"))
		return error_set(err, ERROR_FORMAT, "a number that JSON does not have");
	/* an integer to those who read it: sops would take back 0 (trap T11) */
	if (span_equal_text(canonical, "-0")) {
		*ret_text = SPAN_LITERAL("-0.0");
		return 0;
	}
	memcpy(text, canonical.data, canonical.len);
	text[canonical.len] = '\0';
	*ret_text = format_float(strtod(text, NULL), scratch);
	secret_wipe(text, sizeof(text));
	return 0;
}

int json_from_plain(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
		    struct span *ret_text, struct error *err)
{
	struct span canonical;
	bool is_int;

	if (yaml_canonical_plain(type, plain, scratch, &canonical, err) < 0)
		return -1;
	*ret_text = canonical;
	if (type == DOC_TYPE_BOOL)
		*ret_text = canonical.data[0] == 'T' ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
	else if ((type == DOC_TYPE_INT || type == DOC_TYPE_FLOAT) &&
		 json_is_number(plain, &is_int) &&
		 !(type == DOC_TYPE_FLOAT && span_equal_text(plain, "-0")))
		*ret_text = plain; /* as it was written */
	else if (type == DOC_TYPE_FLOAT)
		return spell_float(canonical, scratch, ret_text, err);
	return 0;
}

int json_write_scalar(struct secret *out, enum doc_type type, struct span value, struct error *err)
{
	char scratch[DOC_CANONICAL_MAX], again[DOC_CANONICAL_MAX];
	struct span text = SPAN_LITERAL("null");
	int result = 0;

	if (type == DOC_TYPE_STRING)
		return json_write_string(out, value, 0, err);
	if (type == DOC_TYPE_INT || type == DOC_TYPE_FLOAT || type == DOC_TYPE_BOOL ||
	    type == DOC_TYPE_TIME)
		result = yaml_canonical(type, value, scratch, &text, err);
	if (result == 0 && type == DOC_TYPE_BOOL)
		text = text.data[0] == 'T' ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
	if (result == 0 && type == DOC_TYPE_FLOAT)
		result = spell_float(text, again, &text, err);
	if (result == 0)
		result = type == DOC_TYPE_TIME ? json_write_string(out, text, 0, err)
					       : secret_append_span(out, text, err);
	secret_wipe(scratch, sizeof(scratch));
	secret_wipe(again, sizeof(again));
	return result;
}
