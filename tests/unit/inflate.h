/* SPDX-License-Identifier: MIT */
/*
 * Inflates zlib data (RFC 1950, 1951) from trusted fixtures: just enough to test without
 * another library. Anything unexpected aborts; the checksum at the end is not looked at.
 */
#ifndef TESTS_INFLATE_H
#define TESTS_INFLATE_H

#include <stdlib.h>

#include "util/secret.h"
#include "util/span.h"

struct inflate {
	struct span in;
	unsigned bits, held;
	struct secret out;
};

/* Canonical Huffman codes: how many there are of each length, and their symbols in order. */
struct huffman {
	unsigned short count[16], symbols[288];
};

static inline void inflate_require(bool condition)
{
	if (!condition)
		abort();
}

static inline unsigned inflate_bits(struct inflate *s, unsigned count)
{
	unsigned value;

	while (s->held < count) {
		uint8_t byte;

		inflate_require(span_take_u8(&s->in, &byte));
		s->bits |= (unsigned)byte << s->held;
		s->held += 8;
	}
	value = s->bits & ((1u << count) - 1);
	s->bits >>= count;
	s->held -= count;
	return value;
}

static inline void inflate_put(struct inflate *s, uint8_t byte)
{
	struct error err = ERROR_INIT;

	inflate_require(secret_append(&s->out, &byte, 1, &err) == 0);
}

static inline void huffman_init(struct huffman *h, const uint8_t *lengths, unsigned n)
{
	unsigned short offsets[16] = { 0 };

	for (unsigned i = 0; i < 16; i++)
		h->count[i] = 0;
	for (unsigned i = 0; i < n; i++)
		h->count[lengths[i]]++;
	for (unsigned i = 1; i < 15; i++)
		offsets[i + 1] = (unsigned short)(offsets[i] + h->count[i]);
	for (unsigned i = 0; i < n; i++) {
		if (lengths[i] > 0)
			h->symbols[offsets[lengths[i]]++] = (unsigned short)i;
	}
}

static inline unsigned inflate_symbol(struct inflate *s, const struct huffman *h)
{
	unsigned code = 0, first = 0, index = 0;

	for (unsigned len = 1; len < 16; len++) {
		code |= inflate_bits(s, 1);
		if (code < first + h->count[len])
			return h->symbols[index + code - first];
		index += h->count[len];
		first = (first + h->count[len]) << 1;
		code <<= 1;
	}
	abort();
}

static inline void inflate_codes(struct inflate *s, const struct huffman *literals,
				 const struct huffman *distances)
{
	static const unsigned short base[] = { 3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
					       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
					       67, 83, 99, 115, 131, 163, 195, 227, 258 };
	static const unsigned short extra[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
						2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
	static const unsigned short far[] = { 1,    2,    3,    4,     5,     7,    9,    13,
					      17,   25,   33,   49,    65,    97,   129,  193,
					      257,  385,  513,  769,   1025,  1537, 2049, 3073,
					      4097, 6145, 8193, 12289, 16385, 24577 };

	for (;;) {
		unsigned symbol = inflate_symbol(s, literals), len, distance;

		if (symbol == 256)
			return;
		if (symbol < 256) {
			inflate_put(s, (uint8_t)symbol);
			continue;
		}
		len = base[symbol - 257] + inflate_bits(s, extra[symbol - 257]);
		symbol = inflate_symbol(s, distances);
		distance = far[symbol] + inflate_bits(s, symbol < 2 ? 0 : symbol / 2 - 1);
		inflate_require(distance <= s->out.len);
		while (len-- > 0)
			inflate_put(s, s->out.data[s->out.len - distance]);
	}
}

static inline void inflate_dynamic(struct inflate *s)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					   11, 4,  12, 3, 13, 2, 14, 1, 15 };
	unsigned literals = inflate_bits(s, 5) + 257, distances = inflate_bits(s, 5) + 1;
	unsigned codes = inflate_bits(s, 4) + 4, n = 0;
	uint8_t lengths[320] = { 0 };
	struct huffman first, second;

	for (unsigned i = 0; i < codes; i++)
		lengths[order[i]] = (uint8_t)inflate_bits(s, 3);
	huffman_init(&first, lengths, 19);
	while (n < literals + distances) {
		unsigned symbol = inflate_symbol(s, &first), repeat = 1;
		uint8_t value = (uint8_t)symbol;

		if (symbol == 16) {
			value = lengths[n - 1];
			repeat = 3 + inflate_bits(s, 2);
		} else if (symbol > 16) {
			value = 0;
			repeat = symbol == 17 ? 3 + inflate_bits(s, 3) : 11 + inflate_bits(s, 7);
		}
		inflate_require(n + repeat <= literals + distances);
		while (repeat-- > 0)
			lengths[n++] = value;
	}
	huffman_init(&first, lengths, literals);
	huffman_init(&second, lengths + literals, distances);
	inflate_codes(s, &first, &second);
}

static inline void inflate_stored(struct inflate *s)
{
	unsigned len;

	s->held = s->bits = 0;
	len = inflate_bits(s, 16);
	inflate_bits(s, 16);
	while (len-- > 0)
		inflate_put(s, (uint8_t)inflate_bits(s, 8));
}

/* Blocks with fixed codes do not occur in the fixtures. */
static inline struct secret inflate(struct span zlib)
{
	struct inflate s = { .in = span_slice(zlib, 2, SIZE_MAX), .out = SECRET_INIT };
	bool last = false;

	while (!last) {
		last = inflate_bits(&s, 1);
		unsigned type = inflate_bits(&s, 2);

		inflate_require(type == 0 || type == 2);
		if (type == 2)
			inflate_dynamic(&s);
		else
			inflate_stored(&s);
	}
	return s.out;
}

#endif
