/* SPDX-License-Identifier: MIT */
#include "crypto/random.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "util/secret.h"

void random_bytes(void *ret_bytes, size_t len)
{
	randombytes_buf(ret_bytes, len);
}

/* From a new seed of the kernel's each time: its own generator costs more than sealing a value. */
static void refill(struct random_pool *pool)
{
	AUTO(key32) seed = KEY32_INIT;

	random_bytes(seed.data, sizeof(seed.data));
	randombytes_buf_deterministic(pool->bytes, sizeof(pool->bytes), seed.data);
	pool->left = sizeof(pool->bytes);
}

void random_pool_take(struct random_pool *pool, void *ret_bytes, size_t len)
{
	assert(len <= sizeof(pool->bytes) && pool->left <= sizeof(pool->bytes));
	if (pool->left < len) {
		refill(pool);
	}
	uint8_t *fresh = pool->bytes + sizeof(pool->bytes) - pool->left;
	memcpy(ret_bytes, fresh, len);
	memset(fresh, 0, len);
	pool->left -= len;
}

void random_pool_release(struct random_pool *pool)
{
	sodium_memzero(pool, sizeof(*pool));
}
