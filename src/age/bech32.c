/* SPDX-License-Identifier: MIT */
#include "age/bech32.h"

#include <ctype.h>
#include <string.h>

#define CHECKSUM_LEN 6

static const char charset_lower[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
static const char charset_upper[] = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/* Which letters are used is public: hrp says it. */
static const char *charset_of(const char *hrp)
{
	return isupper((unsigned char)hrp[0]) ? charset_upper : charset_lower;
}

/* 1 where a is b, else 0, without a branch; both below 2^31. */
static uint32_t is_equal(uint32_t a, uint32_t b)
{
	return ((a ^ b) - 1u) >> 31;
}

/* The value of c; 32 where charset lacks it. Looks at the whole charset always. */
static uint32_t value_of(const char *charset, uint8_t c)
{
	uint32_t value = 0, known = 0;

	for (uint32_t i = 0; i < 32; i++) {
		uint32_t equal = is_equal(c, (uint8_t)charset[i]);

		value |= i & (0u - equal);
		known |= equal;
	}
	return value | (known ^ 1u) << 5;
}

static char character_of(const char *charset, uint32_t value)
{
	uint32_t c = 0;

	for (uint32_t i = 0; i < 32; i++)
		c |= (uint8_t)charset[i] & (0u - is_equal(i, value));
	return (char)c;
}

static uint32_t checksum_step(uint32_t sum, uint32_t value)
{
	static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
					       0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (uint32_t i = 0; i < 5; i++)
		sum ^= generator[i] & (0u - (top >> i & 1u));
	return sum;
}

static uint32_t checksum_of_hrp(struct span hrp)
{
	uint32_t sum = 1;

	for (size_t i = 0; i < hrp.len; i++)
		sum = checksum_step(sum, (uint32_t)tolower(hrp.data[i]) >> 5);
	sum = checksum_step(sum, 0);
	for (size_t i = 0; i < hrp.len; i++)
		sum = checksum_step(sum, (uint32_t)tolower(hrp.data[i]) & 31);
	return sum;
}

static size_t groups_of(size_t payload_len)
{
	return (payload_len * 8 + 4) / 5;
}

size_t age_bech32_len(const char *hrp, size_t payload_len)
{
	return strlen(hrp) + 1 + groups_of(payload_len) + CHECKSUM_LEN;
}

void age_bech32_encode(const char *hrp, struct span payload, char *dst)
{
	const char *charset = charset_of(hrp);
	uint32_t sum = checksum_of_hrp(span_of_text(hrp)), bits = 0, held = 0;
	size_t next = 0;

	for (const char *c = hrp; *c != '\0'; c++)
		*dst++ = *c;
	*dst++ = '1';
	for (size_t i = 0; i < groups_of(payload.len); i++) {
		if (held < 5) {
			bits = bits << 8 | (next < payload.len ? payload.data[next] : 0);
			next++;
			held += 8;
		}
		held -= 5;
		uint32_t value = bits >> held & 31;
		sum = checksum_step(sum, value);
		*dst++ = character_of(charset, value);
	}
	for (int i = 0; i < CHECKSUM_LEN; i++)
		sum = checksum_step(sum, 0);
	sum ^= 1;
	for (uint32_t i = 0; i < CHECKSUM_LEN; i++)
		*dst++ = character_of(charset, sum >> (25 - 5 * i) & 31);
}

bool age_bech32_decode(struct span text, const char *hrp, uint8_t *ret_payload, size_t len)
{
	const char *charset = charset_of(hrp);
	size_t hrp_len = strlen(hrp), groups = groups_of(len), out = 0;
	uint32_t sum = checksum_of_hrp(span_of_text(hrp)), bits = 0, held = 0, bad = 0;

	if (text.len != age_bech32_len(hrp, len) || !span_starts_with(text, hrp) ||
	    text.data[hrp_len] != '1')
		return false;
	for (size_t i = 0; i < groups + CHECKSUM_LEN; i++) {
		uint32_t value = value_of(charset, text.data[hrp_len + 1 + i]);

		bad |= value & 32;
		sum = checksum_step(sum, value & 31);
		if (i >= groups)
			continue;
		bits = bits << 5 | (value & 31);
		held += 5;
		if (held >= 8) {
			held -= 8;
			ret_payload[out++] = (uint8_t)(bits >> held & 255);
		}
	}
	/* what is left over of the last group must be zero: one spelling only */
	bad |= bits & ((1u << held) - 1u);
	return (bad | (sum ^ 1u)) == 0;
}

/* Which letters may stand in the human-readable part: those that cannot tells is_wrong. */
static bool is_valid(struct span text, const char *charset, int (*is_wrong)(int c))
{
	const uint8_t *separator = text.len > 0 ? memrchr(text.data, '1', text.len) : NULL;
	size_t hrp_len = separator ? (size_t)(separator - text.data) : 0;
	uint32_t sum, bad = 0, last = 0, spare;

	if (hrp_len == 0 || text.len - hrp_len - 1 < CHECKSUM_LEN)
		return false;
	for (size_t i = 0; i < hrp_len; i++)
		bad |= text.data[i] < 33 || text.data[i] > 126 || is_wrong(text.data[i]) != 0;
	sum = checksum_of_hrp(span_slice(text, 0, hrp_len));
	for (size_t i = hrp_len + 1; i < text.len; i++) {
		uint32_t value = value_of(charset, text.data[i]);

		bad |= value & 32;
		sum = checksum_step(sum, value & 31);
		if (i + CHECKSUM_LEN < text.len)
			last = value & 31;
	}
	/* the bits that fill no byte: fewer than a group's, and zero */
	spare = (uint32_t)((text.len - hrp_len - 1 - CHECKSUM_LEN) * 5 % 8);
	bad |= spare >= 5 || (last & ((1u << spare) - 1u)) != 0;
	return (bad | (sum ^ 1u)) == 0;
}

bool age_bech32_is_valid_upper(struct span text)
{
	return is_valid(text, charset_upper, islower);
}

bool age_bech32_is_valid_lower(struct span text)
{
	return is_valid(text, charset_lower, isupper);
}
