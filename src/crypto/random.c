/* SPDX-License-Identifier: MIT */
#include "crypto/random.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

void random_bytes(void *ret_bytes, size_t len)
{
	randombytes_buf(ret_bytes, len);
}

void random_pool_take(struct random_pool *pool, void *ret_bytes, size_t len)
{
	assert(len <= sizeof(pool->bytes) && pool->left <= sizeof(pool->bytes));
	if (pool->left < len) {
		randombytes_buf(pool->bytes, sizeof(pool->bytes));
		pool->left = sizeof(pool->bytes);
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
