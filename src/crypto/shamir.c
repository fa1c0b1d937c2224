/* SPDX-License-Identifier: MIT */
#include "crypto/shamir.h"

#include <assert.h>

#include "crypto/random.h"

/* x^8 + x^4 + x^3 + x + 1, without its highest term. */
#define REDUCTION 0x1b

/* All eight steps each time, choosing by masks. */
static uint8_t multiply(uint8_t a, uint8_t b)
{
	unsigned x = a, product = 0;

	for (unsigned bit = 0; bit < 8; bit++) {
		product ^= x & (0u - ((unsigned)(b >> bit) & 1u));
		x = ((x << 1) & 0xffu) ^ (REDUCTION & (0u - (x >> 7)));
	}
	return (uint8_t)product;
}

/* a^254, which is 1/a, and 0 for 0. */
static uint8_t invert(uint8_t a)
{
	uint8_t power = a, inverse = 1;

	for (unsigned bit = 1; bit < 8; bit++) {
		power = multiply(power, power);
		inverse = multiply(inverse, power);
	}
	return inverse;
}

/* coefficients[0] + coefficients[1] x + … by Horner's rule. */
static uint8_t evaluate(const uint8_t *coefficients, size_t count, uint8_t x)
{
	uint8_t y = 0;

	for (size_t i = count; i > 0; i--)
		y = multiply(y, x) ^ coefficients[i - 1];
	return y;
}

int shamir_split(struct span secret, size_t parts, size_t threshold, struct secret *ret_shares,
		 struct error *err)
{
	AUTO(secret) shares = SECRET_INIT;
	uint8_t coefficients[SHAMIR_PARTS_MAX];

	assert(threshold >= 2 && threshold <= parts && parts <= SHAMIR_PARTS_MAX);
	assert(secret.len > 0 && secret.len <= SHAMIR_SECRET_MAX);
	if (secret_reserve(&shares, parts * (secret.len + 1), err) < 0)
		return -1;
	shares.len = parts * (secret.len + 1);
	for (size_t i = 0; i < secret.len; i++) {
		random_bytes(coefficients, threshold);
		coefficients[0] = secret.data[i];
		for (size_t part = 0; part < parts; part++)
			shares.data[part * (secret.len + 1) + i] =
				evaluate(coefficients, threshold, (uint8_t)(part + 1));
	}
	for (size_t part = 0; part < parts; part++)
		shares.data[part * (secret.len + 1) + secret.len] = (uint8_t)(part + 1);
	secret_wipe(coefficients, sizeof(coefficients));
	*ret_shares = secret_move(&shares);
	return 0;
}

/* The points are no secret: where the same stands twice, or 0, nothing can be put together. */
static int check_points(const uint8_t *points, size_t count, struct error *err)
{
	bool seen[SHAMIR_PARTS_MAX + 1] = { true };

	for (size_t i = 0; i < count; i++) {
		if (seen[points[i]])
			return error_set(err, ERROR_FORMAT,
					 "two shares of the data key are the same, or one is none");
		seen[points[i]] = true;
	}
	return 0;
}

/* What the share at points[which] counts for at 0: the product of x / (x - own) over the others. */
static uint8_t weight_of(const uint8_t *points, size_t count, size_t which)
{
	uint8_t above = 1, below = 1;

	for (size_t i = 0; i < count; i++) {
		if (i == which)
			continue;
		above = multiply(above, points[i]);
		below = multiply(below, points[i] ^ points[which]);
	}
	return multiply(above, invert(below));
}

int shamir_combine(struct span shares, size_t count, struct secret *ret_secret, struct error *err)
{
	AUTO(secret) secret = SECRET_INIT;
	const size_t share_len = count > 0 ? shares.len / count : 0;
	uint8_t points[SHAMIR_PARTS_MAX];

	if (count < 2 || count > SHAMIR_PARTS_MAX || share_len < 2 ||
	    share_len > SHAMIR_SECRET_MAX + 1 || share_len * count != shares.len)
		return error_set(err, ERROR_FORMAT,
				 "%zu shares of the data key cannot be put together", count);
	for (size_t i = 0; i < count; i++)
		points[i] = shares.data[(i + 1) * share_len - 1];
	if (check_points(points, count, err) < 0 || secret_reserve(&secret, share_len - 1, err) < 0)
		return -1;
	secret.len = share_len - 1;
	for (size_t k = 0; k < secret.len; k++)
		secret.data[k] = 0;
	for (size_t i = 0; i < count; i++) {
		const uint8_t weight = weight_of(points, count, i);

		for (size_t k = 0; k < secret.len; k++)
			secret.data[k] ^= multiply(shares.data[i * share_len + k], weight);
	}
	*ret_secret = secret_move(&secret);
	return 0;
}
