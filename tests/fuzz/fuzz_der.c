/* SPDX-License-Identifier: MIT */
/* Each reader on each place: what it takes is in front, and it takes nothing where it says false. */
#include "fuzz.h"
#include "util/der.h"

static const enum der_tag tags[] = { DER_INTEGER,
				     DER_OCTETS,
				     DER_NULL,
				     DER_OID,
				     DER_SEQUENCE,
				     DER_CONTEXT_0,
				     DER_CONTEXT_1_PRIMITIVE };

static void check_rest(struct span before, struct span after, bool taken)
{
	fuzz_require(taken ? after.len < before.len : after.len == before.len);
	fuzz_require(before.len == 0 || after.data + after.len == before.data + before.len ||
		     after.len == 0);
}

static void walk(struct span der, unsigned depth)
{
	struct span rest = der, content;
	uint32_t number;
	bool there, taken = false;

	check_rest(der, rest, der_take_number(&rest, &content));
	rest = der;
	check_rest(der, rest, der_take_u32(&rest, &number));
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags) && !taken; i++) {
		rest = der;
		taken = der_take(&rest, tags[i], &content);
		check_rest(der, rest, taken);
		if (taken && depth < 8) {
			walk(content, depth + 1);
			walk(rest, depth + 1);
		}
		rest = der;
		fuzz_require(der_take_optional(&rest, tags[i], &there, &content) ==
			     (taken || !there));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	walk(span_of(data, len), 0);
	fuzz_end();
	return 0;
}
