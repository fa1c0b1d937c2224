/* SPDX-License-Identifier: MIT */
#include "age/bech32.h"
#include "fuzz.h"

/* What is taken is spelled as we spell it. */
static void decode(struct span text, const char *hrp)
{
	uint8_t payload[32];
	char again[128];

	if (!age_bech32_decode(text, hrp, payload, sizeof(payload)))
		return;
	age_bech32_encode(hrp, span_of(payload, sizeof(payload)), again);
	fuzz_require(span_equal(text, span_of(again, age_bech32_len(hrp, sizeof(payload)))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	decode(span_of(data, len), "age");
	decode(span_of(data, len), "AGE-SECRET-KEY-");
	return 0;
}
