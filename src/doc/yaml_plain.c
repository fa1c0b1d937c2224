/* SPDX-License-Identifier: MIT */
/*
 * What is sealed for a value: the text as written where sops reads it back as the
 * same value, else sops' own text, with a sign of how it was spelled.
 */
#include <stdio.h>
#include <string.h>

#include "yaml_number.h"

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

static struct span spell(const struct yaml_integer *value, size_t spelling,
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

static int plain_integer(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_plain,
			 struct error *err)
{
	AUTO(yaml_number) number = YAML_NUMBER_INIT;
	const size_t sign = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;
	struct yaml_integer value;

	if (yaml_decimal_read(text, &value) && (text.data[sign] != '0' || text.len == sign + 1)) {
		*ret_plain = text;
		return 0;
	}
	if (!yaml_number_read(text, &number) ||
	    yaml_integer_read(number.text, &value) != YAML_INT_OK)
		return yaml_canonical(DOC_TYPE_INT, text, scratch, ret_plain, err);
	for (size_t spelling = 1; spelling < SPELLINGS; spelling++) {
		if (!span_equal(spell(&value, spelling, scratch), text))
			continue;
		*ret_plain =
			span_of(scratch,
				(size_t)snprintf(scratch, DOC_CANONICAL_MAX, "%s%.*s%llu",
						 value.negative ? "-" : "", (int)spelling, "00000",
						 (unsigned long long)value.magnitude));
		return 0;
	}
	*ret_plain = yaml_integer_format(&value, scratch);
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
		{ "true", "True" },
		{ "false", "False" },
		{ "True", "true" },
		{ "False", "false" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (span_equal_text(text, pairs[i][0]))
			return span_of_text(pairs[i][1]);
	return text;
}

static int plain_float(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_plain,
		       struct error *err)
{
	if (yaml_is_one_of(text, YAML_INFINITIES " " YAML_NANS)) {
		const size_t sign = text.data[0] == '.' ? 0 : 1;

		/* these are what sops writes for ".inf", "-.inf" and ".nan" */
		if (yaml_is_one_of(text, "+.Inf -.Inf .NaN"))
			return yaml_canonical(DOC_TYPE_FLOAT, text, scratch, ret_plain, err);
		memcpy(scratch, text.data, sign);
		memcpy(scratch + sign, text.data + sign + 1, text.len - sign - 1);
		*ret_plain = span_of(scratch, text.len - 1);
		return 0;
	}
	if (memchr(text.data, '_', text.len) != NULL || yaml_resolve(text) != DOC_TYPE_FLOAT)
		return yaml_canonical(DOC_TYPE_FLOAT, text, scratch, ret_plain, err);
	*ret_plain = yaml_float_mark(text, FLOAT_OF_YAML, scratch);
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
	*ret_value = yaml_is_one_of(plain, "1 t T TRUE true True");
	return *ret_value || yaml_is_one_of(plain, "0 f F FALSE false False");
}

/* What Go's ParseFloat takes for infinite or no number, in any case. */
static bool is_special_plain(struct span plain)
{
	static const char *const words[] = { "inf", "infinity", "nan" };
	const struct span word = plain.len > 0 && (plain.data[0] == '+' || plain.data[0] == '-')
					 ? span_slice(plain, 1, plain.len)
					 : plain;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (word.len == strlen(words[i]) &&
		    strncasecmp((const char *)word.data, words[i], word.len) == 0)
			return true;
	return false;
}

int yaml_canonical_plain(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
			 struct span *ret_text, struct error *err)
{
	struct yaml_integer value;
	bool truth;

	switch (type) {
	case DOC_TYPE_INT:
		if (!yaml_decimal_read(plain, &value))
			return error_set(err, ERROR_FORMAT, "a sealed integer is none");
		*ret_text = yaml_integer_format(&value, scratch);
		return 0;
	case DOC_TYPE_FLOAT:
		if (is_special_plain(plain)) {
			*ret_text = yaml_special_float(plain);
			return 0;
		}
		return yaml_canonical(DOC_TYPE_FLOAT, plain, scratch, ret_text, err);
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
	struct yaml_integer value = { false, 0 };
	size_t zeros = 0;

	while (sign + zeros + 1 < plain.len && plain.data[sign + zeros] == '0')
		zeros++;
	if (zeros == 0 || !yaml_decimal_read(plain, &value))
		return plain;
	return zeros < SPELLINGS ? spell(&value, zeros, scratch)
				 : yaml_integer_format(&value, scratch);
}

/* sops writes a whole float of up to six digits like an integer. */
#define INTEGER_LIKE_MAX 6

static struct span respell_float(struct span plain, char scratch[DOC_CANONICAL_MAX])
{
	const struct span canonical = yaml_special_float(plain);
	const size_t sign = plain.data[0] == '-' || plain.data[0] == '+' ? 1 : 0;

	if (!is_special_plain(plain)) {
		const struct span shown = yaml_float_unmark(plain, FLOAT_OF_YAML, scratch);

		/* must not look like an integer; lesser ones do, as sops shows them */
		if (shown.data != plain.data || yaml_resolve(plain) != DOC_TYPE_INT ||
		    (plain.len - sign <= INTEGER_LIKE_MAX && !span_equal_text(plain, "-0")))
			return shown;
		memcpy(scratch, plain.data, plain.len);
		memcpy(scratch + plain.len, ".0", 2);
		return span_of(scratch, plain.len + 2);
	}
	memcpy(scratch, plain.data, sign);
	scratch[sign] = '.';
	memcpy(scratch + sign + 1, plain.data + sign, 3);
	if (plain.len == sign + 3 && !yaml_is_one_of(plain, "+Inf -Inf NaN") &&
	    yaml_is_one_of(span_of(scratch, plain.len + 1), YAML_INFINITIES " " YAML_NANS))
		return span_of(scratch, plain.len + 1);
	return canonical.data[0] == '-'   ? SPAN_LITERAL("-.inf")
	       : canonical.data[0] == 'N' ? SPAN_LITERAL(".nan")
					  : SPAN_LITERAL(".inf");
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
		*ret_text = yaml_is_one_of(plain, "TRUE FALSE") || span_equal_text(plain, "true") ||
					    span_equal_text(plain, "false")
				    ? swap_bool(plain)
			    : canonical.data[0] == 'T' ? SPAN_LITERAL("true")
						       : SPAN_LITERAL("false");
	else if (type == DOC_TYPE_TIME && span_ends_with(plain, DATE_ONLY))
		*ret_text = span_slice(plain, 0, 10);
	return 0;
}
