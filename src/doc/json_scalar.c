/* SPDX-License-Identifier: MIT */
/* Scalars of JSON: what is sealed for them, and how they are written. */
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
	*ret_plain = type == DOC_TYPE_FLOAT ? yaml_float_mark(text, FLOAT_OF_JSON, scratch) : text;
	return 0;
}

static int spell_float(struct span canonical, char scratch[DOC_CANONICAL_MAX],
		       struct span *ret_text, struct error *err)
{
	char text[DOC_CANONICAL_MAX];

	if (span_equal_text(canonical, "NaN") || span_ends_with(canonical, "Inf"))
		return error_set(err, ERROR_DUMP, "a number that JSON does not have");
	/* an integer to those who read it: sops would take back 0 (trap T11) */
	if (span_equal_text(canonical, "-0")) {
		*ret_text = SPAN_LITERAL("-0.0");
		return 0;
	}
	memcpy(text, canonical.data, canonical.len);
	text[canonical.len] = '\0';
	*ret_text = yaml_float_shown(strtod(text, NULL), FLOAT_OF_JSON, scratch);
	secret_wipe(text, sizeof(text));
	return 0;
}

/* As it was written, where JSON has that. */
static int respell_float(struct span plain, struct span canonical, char scratch[DOC_CANONICAL_MAX],
			 struct span *ret_text, struct error *err)
{
	char other[DOC_CANONICAL_MAX];
	const struct span written = yaml_float_unmark(plain, FLOAT_OF_JSON, other);
	bool is_int;
	int result = 0;

	if (!json_is_number(written, &is_int) || span_equal_text(written, "-0")) {
		result = spell_float(canonical, scratch, ret_text, err);
	} else if (written.data == plain.data) {
		*ret_text = plain;
	} else {
		memcpy(scratch, other, written.len);
		*ret_text = span_of(scratch, written.len);
	}
	secret_wipe(other, sizeof(other));
	return result;
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
	else if (type == DOC_TYPE_INT && json_is_number(plain, &is_int))
		*ret_text = plain; /* as it was written */
	else if (type == DOC_TYPE_FLOAT)
		return respell_float(plain, canonical, scratch, ret_text, err);
	return 0;
}

int json_write_scalar(struct secret *out, enum doc_type type, struct span value, struct error *err)
{
	char scratch[DOC_CANONICAL_MAX], again[DOC_CANONICAL_MAX];
	struct span text = SPAN_LITERAL("null");
	int result = 0;

	if (type == DOC_TYPE_STRING)
		return doc_json_string(out, value, 0, err);
	if (type == DOC_TYPE_INT || type == DOC_TYPE_FLOAT || type == DOC_TYPE_BOOL ||
	    type == DOC_TYPE_TIME)
		result = yaml_canonical(type, value, scratch, &text, err);
	if (result == 0 && type == DOC_TYPE_BOOL)
		text = text.data[0] == 'T' ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
	if (result == 0 && type == DOC_TYPE_FLOAT)
		result = spell_float(text, again, &text, err);
	if (result == 0)
		result = type == DOC_TYPE_TIME ? doc_json_string(out, text, 0, err)
					       : secret_append_span(out, text, err);
	secret_wipe(scratch, sizeof(scratch));
	secret_wipe(again, sizeof(again));
	return result;
}
