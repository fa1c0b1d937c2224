/* SPDX-License-Identifier: MIT */
#include "crypto/pbkdf.h"

#include <assert.h>
#include <gcrypt.h>
#include <string.h>

#include "util/secret.h"

#define DIGEST_MAX 64
#define MD5_LEN 16

/* One block of output, and the last link of the chain that it is the sum of. */
struct block {
	uint8_t link[DIGEST_MAX];
	uint8_t sum[DIGEST_MAX];
};

static void block_release(struct block *block)
{
	secret_wipe(block, sizeof(*block));
}

/* The key of the MAC stays set; the bytes fed so far give a link. */
static void take_link(gcry_md_hd_t mac, uint8_t *link, size_t len)
{
	const uint8_t *digest = gcry_md_read(mac, 0);

	assert(digest != NULL);
	memcpy(link, digest, len);
	gcry_md_reset(mac);
}

static void derive_block(gcry_md_hd_t mac, size_t digest_len, struct span salt, uint32_t rounds,
			 uint32_t number, struct block *block)
{
	const uint8_t index[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				   (uint8_t)(number >> 8), (uint8_t)number };

	gcry_md_write(mac, salt.data, salt.len);
	gcry_md_write(mac, index, sizeof(index));
	take_link(mac, block->link, digest_len);
	memcpy(block->sum, block->link, digest_len);
	for (uint32_t round = 1; round < rounds; round++) {
		gcry_md_write(mac, block->link, digest_len);
		take_link(mac, block->link, digest_len);
		for (size_t i = 0; i < digest_len; i++)
			block->sum[i] ^= block->link[i];
	}
}

static int derive(gcry_md_hd_t mac, size_t digest_len, struct span passphrase, struct span salt,
		  uint32_t rounds, uint8_t *ret_key, size_t len, struct error *err)
{
	AUTO(block) block = { .sum = { 0 } };
	uint32_t number = 1;

	if (gcry_md_setkey(mac, passphrase.data, passphrase.len))
		return error_memory(err);
	for (size_t done = 0; done < len; done += digest_len, number++) {
		derive_block(mac, digest_len, salt, rounds, number, &block);
		memcpy(ret_key + done, block.sum,
		       len - done < digest_len ? len - done : digest_len);
	}
	return 0;
}

int pbkdf2(enum pbkdf2_hash hash, struct span passphrase, struct span salt, uint32_t rounds,
	   uint8_t *ret_key, size_t len, struct error *err)
{
	static const int algorithms[] = { [PBKDF2_SHA1] = GCRY_MD_SHA1,
					  [PBKDF2_SHA224] = GCRY_MD_SHA224,
					  [PBKDF2_SHA256] = GCRY_MD_SHA256,
					  [PBKDF2_SHA384] = GCRY_MD_SHA384,
					  [PBKDF2_SHA512] = GCRY_MD_SHA512,
					  [PBKDF2_SHA512_224] = GCRY_MD_SHA512_224,
					  [PBKDF2_SHA512_256] = GCRY_MD_SHA512_256 };
	gcry_md_hd_t mac;
	int result;

	assert(len <= PBKDF_KEY_MAX);
	if (rounds == 0)
		return error_set(err, ERROR_FORMAT, "PBKDF2 of no rounds");
	if (rounds > PBKDF2_ROUNDS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d rounds of PBKDF2",
				 PBKDF2_ROUNDS_MAX);
	if (gcry_md_open(&mac, algorithms[hash], GCRY_MD_FLAG_HMAC))
		return error_memory(err);
	result = derive(mac, gcry_md_get_algo_dlen(algorithms[hash]), passphrase, salt, rounds,
			ret_key, len, err);
	gcry_md_close(mac);
	return result;
}

int pbkdf_md5(struct span passphrase, struct span salt, uint8_t *ret_key, size_t len,
	      struct error *err)
{
	AUTO(block) block = { .sum = { 0 } };
	gcry_md_hd_t md;

	if (gcry_md_open(&md, GCRY_MD_MD5, 0))
		return error_memory(err);
	for (size_t done = 0; done < len; done += MD5_LEN) {
		if (done > 0)
			gcry_md_write(md, block.link, MD5_LEN);
		gcry_md_write(md, passphrase.data, passphrase.len);
		gcry_md_write(md, salt.data, salt.len);
		take_link(md, block.link, MD5_LEN);
		memcpy(ret_key + done, block.link, len - done < MD5_LEN ? len - done : MD5_LEN);
	}
	gcry_md_close(md);
	return 0;
}
