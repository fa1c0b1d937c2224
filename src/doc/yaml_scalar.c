/* SPDX-License-Identifier: MIT */
/*
 * What a plain scalar means: go-yaml v3's rules, a mixture of YAML 1.1 and 1.2,
 * and the text that sops hashes for it.
 */
#include <string.h>

#include "yaml_number.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static enum doc_type resolve_number(struct span text)
{
	AUTO(yaml_number) number = YAML_NUMBER_INIT;
	struct yaml_integer integer;
	double value;

	if (!yaml_number_read(text, &number))
		return DOC_TYPE_STRING;
	switch (yaml_integer_read(number.text, &integer)) {
	case YAML_INT_OK:
	case YAML_INT_UNSIGNED:
		return DOC_TYPE_INT;
	case YAML_INT_NONE:
	case YAML_INT_RANGE:
		break;
	}
	return yaml_float_read(number.text, &value) ? DOC_TYPE_FLOAT : DOC_TYPE_STRING;
}

enum doc_type yaml_resolve(struct span text)
{
	const char first = text.len > 0 ? (char)text.data[0] : '~';
	char scratch[DOC_CANONICAL_MAX];
	struct span time;

	if (text.len == 0 || yaml_is_one_of(text, "~ null Null NULL"))
		return DOC_TYPE_NULL;
	if (strchr("tTfF", first) != NULL && first != '\0')
		return yaml_is_one_of(text, "true True TRUE false False FALSE") ? DOC_TYPE_BOOL
										: DOC_TYPE_STRING;
	if (first == '.' || first == '+' || first == '-')
		if (yaml_is_one_of(text, YAML_INFINITIES " " YAML_NANS))
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

static int canonical_integer(struct span text, char scratch[DOC_CANONICAL_MAX],
			     struct span *ret_text, struct error *err)
{
	AUTO(yaml_number) number = YAML_NUMBER_INIT;
	struct yaml_integer value;

	if (!yaml_number_read(text, &number) ||
	    yaml_integer_read(number.text, &value) != YAML_INT_OK)
		return error_set(err, ERROR_TYPE,
				 "an integer from 2^63 to 2^64 - 1 cannot be sealed: quote it");
	*ret_text = yaml_integer_format(&value, scratch);
	return 0;
}

static int canonical_float(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_text,
			   struct error *err)
{
	AUTO(yaml_number) number = YAML_NUMBER_INIT;
	struct yaml_integer integer;
	double value;

	if (yaml_is_one_of(text, YAML_INFINITIES " " YAML_NANS)) {
		*ret_text = yaml_special_float(text);
		return 0;
	}
	if (!yaml_number_read(text, &number))
		return error_set(err, ERROR_FORMAT, "this is no floating-point number");
	if (!yaml_float_read(number.text, &value)) {
		/* an integer in another base under a tag "!!float" */
		if (yaml_integer_read(number.text, &integer) != YAML_INT_OK)
			return error_set(err, ERROR_FORMAT, "this is no floating-point number");
		value = integer.negative ? -(double)integer.magnitude : (double)integer.magnitude;
	}
	*ret_text = yaml_float_format(value, scratch);
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
		*ret_text =
			(text.data[0] | 0x20) == 't' ? SPAN_LITERAL("True") : SPAN_LITERAL("False");
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
