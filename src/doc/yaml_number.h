/* SPDX-License-Identifier: MIT */
/* Numbers: as go-yaml and Go's parsers read them, and as Go writes them. */
#ifndef DOC_YAML_NUMBER_H
#define DOC_YAML_NUMBER_H

#include "internal.h"

/* What is longer is no number here; no float needs more digits. */
#define YAML_NUMBER_MAX 1100

/* A number's text without underscores, terminated. */
struct yaml_number {
	char text[YAML_NUMBER_MAX + 1];
	size_t len;
};

#define YAML_NUMBER_INIT                                                                           \
	{                                                                                          \
		.len = 0                                                                           \
	}

bool yaml_number_read(struct span text, struct yaml_number *ret_number);
void yaml_number_release(struct yaml_number *number);

struct yaml_integer {
	bool negative;
	uint64_t magnitude;
};

enum yaml_int_status {
	YAML_INT_NONE, /* no integer */
	YAML_INT_OK,
	YAML_INT_UNSIGNED, /* from 2^63 to 2^64 - 1: sops has no type for it */
	YAML_INT_RANGE,    /* beyond */
};

/* As Go's ParseInt and then ParseUint with base 0: a prefix gives the base, a leading 0 octal. */
enum yaml_int_status yaml_integer_read(const char *text, struct yaml_integer *ret_integer);
/* [+-]?[0-9]+ in the range of 64 bits. */
bool yaml_decimal_read(struct span text, struct yaml_integer *ret_integer);
/* False where text is no float, or overflows. */
bool yaml_float_read(const char *text, double *ret_value);

struct span yaml_integer_format(const struct yaml_integer *value, char scratch[DOC_CANONICAL_MAX]);
/* The shortest digits that read back as value, without an exponent: Go's 'f' with precision -1. */
struct span yaml_float_format(double value, char scratch[DOC_CANONICAL_MAX]);
/* The same digits, with an exponent of at least exponent_len digits where it is below lowest or not below highest. */
struct span yaml_float_short(double value, int lowest, int highest, int exponent_len,
			     char scratch[DOC_CANONICAL_MAX]);

/*
 * sops seals every float in digits alone and shows some with an exponent, which ours may have been written
 * without: such digits are sealed with one zero more in front, which sops reads over.
 */
enum float_style { FLOAT_OF_YAML, FLOAT_OF_JSON };

/* As sops shows a float that is finite and not 0. */
struct span yaml_float_shown(double value, enum float_style style, char scratch[DOC_CANONICAL_MAX]);
/* What is sealed for a float that is written text: one zero more where text would be shown otherwise. */
struct span yaml_float_mark(struct span text, enum float_style style,
			    char scratch[DOC_CANONICAL_MAX]);
/* The other way round: without that zero, or as sops shows it. */
struct span yaml_float_unmark(struct span plain, enum float_style style,
			      char scratch[DOC_CANONICAL_MAX]);

/* Is text one of words, which have a blank between them? */
bool yaml_is_one_of(struct span text, const char *words);

#define YAML_INFINITIES ".inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF"
#define YAML_NANS ".nan .NaN .NAN"

/* "+Inf", "-Inf" or "NaN" for one of these, or what Go's ParseFloat takes for one. */
struct span yaml_special_float(struct span text);

#endif
