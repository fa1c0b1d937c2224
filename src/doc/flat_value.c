/* SPDX-License-Identifier: MIT */
/* Values of other types than strings, as sops writes them into documents that have strings alone. */
#include <stdio.h>
#include <string.h>

#include "flat.h"
#include "internal.h"

struct digits {
	char text[DOC_CANONICAL_MAX];
	int len;
	int point; /* how many stand before the decimal point */
};

/* The digits of a number without exponent, without zeros around them. */
static struct digits take_digits(struct span number)
{
	struct digits d = { .len = 0 };
	bool fraction = false;

	for (size_t i = 0; i < number.len; i++) {
		if (number.data[i] == '.') {
			fraction = true;
		} else if (number.data[i] != '0' || d.len > 0) {
			d.text[d.len++] = (char)number.data[i];
			d.point += fraction ? 0 : 1;
		} else {
			d.point -= fraction ? 1 : 0;
		}
	}
	while (d.len > 0 && d.text[d.len - 1] == '0')
		d.len--;
	return d;
}

/* Go's 'G' with precision -1, of a number in 'f'; integers get ".0". */
static struct span spell_float(struct span number, char scratch[DOC_CANONICAL_MAX])
{
	const bool negative = span_starts_with(number, "-");
	struct digits d = take_digits(span_slice(number, negative ? 1 : 0, number.len));
	const int exponent = d.point - 1;
	char out[DOC_CANONICAL_MAX];
	int len;

	if (d.len > 0 && (exponent < -4 || exponent >= 6))
		len = snprintf(out, sizeof(out), "%s%c%s%.*sE%c%02d", negative ? "-" : "",
			       d.text[0], d.len > 1 ? "." : "", d.len - 1, d.text + 1,
			       exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
	else
		len = snprintf(out, sizeof(out), "%.*s%s", SPAN_PRINT(number),
			       memchr(number.data, '.', number.len) ? "" : ".0");
	memcpy(scratch, out, (size_t)len);
	secret_wipe(&d, sizeof(d));
	secret_wipe(out, sizeof(out));
	return span_of(scratch, (size_t)len);
}

/* Without the fraction of a second. */
static struct span spell_time(struct span time, char scratch[DOC_CANONICAL_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < time.len; i++) {
		if (time.data[i] == '.')
			while (i + 1 < time.len && time.data[i + 1] >= '0' &&
			       time.data[i + 1] <= '9')
				i++;
		else
			scratch[len++] = (char)time.data[i];
	}
	return span_of(scratch, len);
}

int flat_spell(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
	       struct span *ret_text, struct error *err)
{
	struct span canonical = plain;

	if (type == DOC_TYPE_NULL) {
		*ret_text = SPAN_LITERAL("<nil>");
		return 0;
	}
	if (type == DOC_TYPE_INT || type == DOC_TYPE_FLOAT || type == DOC_TYPE_BOOL ||
	    type == DOC_TYPE_TIME)
		if (doc_canonical_plain(type, plain, scratch, &canonical, err) < 0)
			return -1;
	if (type == DOC_TYPE_BOOL)
		canonical = span_equal_text(canonical, "True") ? SPAN_LITERAL("true")
							       : SPAN_LITERAL("false");
	else if (type == DOC_TYPE_FLOAT && canonical.len > 0 &&
		 memchr("0123456789", canonical.data[canonical.len - 1], 10))
		canonical = spell_float(canonical, scratch);
	else if (type == DOC_TYPE_TIME)
		canonical = spell_time(canonical, scratch);
	*ret_text = canonical;
	return 0;
}

int flat_write_escaped(struct secret *out, struct span text, struct error *err)
{
	const uint8_t *end;

	while ((end = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL)) {
		const size_t len = (size_t)(end - text.data);

		if (secret_append(out, text.data, len, err) < 0 ||
		    secret_append(out, "\\n", 2, err) < 0)
			return -1;
		text = span_slice(text, len + 1, text.len);
	}
	return secret_append_span(out, text, err);
}
