/* SPDX-License-Identifier: MIT */
/*
 * Random bytes from the kernel, for keys (random_bytes) and for many small
 * public values such as IVs (struct random_pool: a few bytes of the kernel's for many).
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *ret_bytes, size_t len);

#define RANDOM_POOL_LEN 4096

/*
 * Bytes drawn ahead, of ChaCha20 with a key from the kernel; each is handed out once and wiped from the pool. A pool
 * must not live across a fork(): parent and child would hand out the same bytes.
 */
struct random_pool {
	uint8_t bytes[RANDOM_POOL_LEN];
	size_t left; /* the last so many of bytes are fresh */
};

#define RANDOM_POOL_INIT ((struct random_pool){ { 0 }, 0 })

/* len must not be above RANDOM_POOL_LEN. */
void random_pool_take(struct random_pool *pool, void *ret_bytes, size_t len);
void random_pool_release(struct random_pool *pool);

#endif
