/* SPDX-License-Identifier: MIT */
#include "crypto/pbkdf.h"

#include <assert.h>
#include <gcrypt.h>
#include <string.h>

#include "util/secret.h"
#include "util/text.h"

#define DIGEST_MAX 64
#define MD5_LEN 16
#define SHA1_LEN ((size_t)20)
#define SHA1_BLOCK_LEN ((size_t)64)

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

static int check_rounds(const char *what, uint32_t rounds, struct error *err)
{
	if (rounds == 0)
		return error_set(err, ERROR_FORMAT, "%s of no rounds", what);
	if (rounds > PBKDF2_ROUNDS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d rounds of %s", PBKDF2_ROUNDS_MAX,
				 what);
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
	if (check_rounds("PBKDF2", rounds, err) < 0)
		return -1;
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

/* The first character of text, which is UTF-8 or has one in each byte. */
static uint32_t take_character(struct span *text, bool is_utf8)
{
	const uint8_t first = text->data[0];
	const size_t len = !is_utf8 || first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? first : first & (0x7fu >> len);

	for (size_t i = 1; i < len; i++)
		code = code << 6 | (text->data[i] & 0x3fu);
	*text = span_slice(*text, len, SIZE_MAX);
	return code;
}

static void put_be16(struct secret *text, uint32_t unit)
{
	text->data[text->len++] = (uint8_t)(unit >> 8);
	text->data[text->len++] = (uint8_t)unit;
}

/* As PKCS #12 has it: UTF-16, the higher byte first, with a zero behind. */
static int convert_to_utf16(struct span passphrase, struct secret *ret_text, struct error *err)
{
	const bool is_utf8 = text_is_utf8(passphrase);

	if (secret_reserve(ret_text, 2 * passphrase.len + 2, err) < 0)
		return -1;
	while (passphrase.len > 0) {
		uint32_t code = take_character(&passphrase, is_utf8);

		if (code >= 0x10000) {
			code -= 0x10000;
			put_be16(ret_text, 0xd800 | code >> 10);
			code = 0xdc00 | (code & 0x3ff);
		}
		put_be16(ret_text, code);
	}
	put_be16(ret_text, 0);
	return 0;
}

static size_t whole_blocks(size_t len)
{
	return (len + SHA1_BLOCK_LEN - 1) / SHA1_BLOCK_LEN * SHA1_BLOCK_LEN;
}

/* Fills whole blocks with piece, again and again. */
static void append_blocks(struct secret *input, struct span piece)
{
	const size_t len = whole_blocks(piece.len);

	for (size_t i = 0; i < len; i++)
		input->data[input->len++] = piece.data[i % piece.len];
}

/* What is hashed: the salt and the passphrase, in whole blocks. */
static int make_input(struct span passphrase, struct span salt, struct secret *ret_input,
		      struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (convert_to_utf16(passphrase, &text, err) < 0 ||
	    secret_reserve(ret_input, whole_blocks(salt.len) + whole_blocks(text.len), err) < 0)
		return -1;
	append_blocks(ret_input, salt);
	append_blocks(ret_input, secret_span(&text));
	return 0;
}

static void hash_input(gcry_md_hd_t md, uint8_t use, const struct secret *input, uint32_t rounds,
		       uint8_t link[SHA1_LEN])
{
	uint8_t diversifier[SHA1_BLOCK_LEN];

	memset(diversifier, use, sizeof(diversifier));
	gcry_md_write(md, diversifier, sizeof(diversifier));
	gcry_md_write(md, input->data, input->len);
	take_link(md, link, SHA1_LEN);
	for (uint32_t round = 1; round < rounds; round++) {
		gcry_md_write(md, link, SHA1_LEN);
		take_link(md, link, SHA1_LEN);
	}
}

/* Adds the hash, repeated, and one, to each block: for the next bytes of output. */
static void advance(struct secret *input, const uint8_t link[SHA1_LEN])
{
	for (size_t start = 0; start < input->len; start += SHA1_BLOCK_LEN) {
		unsigned sum = 1;

		for (size_t i = SHA1_BLOCK_LEN; i-- > 0;) {
			sum += (unsigned)input->data[start + i] + link[i % SHA1_LEN];
			input->data[start + i] = (uint8_t)sum;
			sum >>= 8;
		}
	}
}

int pbkdf_pkcs12(enum pbkdf_pkcs12_use use, struct span passphrase, struct span salt,
		 uint32_t rounds, uint8_t *ret_key, size_t len, struct error *err)
{
	AUTO(block) block = { .sum = { 0 } };
	AUTO(secret) input = SECRET_INIT;
	gcry_md_hd_t md;

	if (check_rounds("PKCS #12's hashing", rounds, err) < 0 ||
	    make_input(passphrase, salt, &input, err) < 0)
		return -1;
	if (gcry_md_open(&md, GCRY_MD_SHA1, 0))
		return error_memory(err);
	for (size_t done = 0; done < len; done += SHA1_LEN) {
		hash_input(md, (uint8_t)use, &input, rounds, block.link);
		advance(&input, block.link);
		memcpy(ret_key + done, block.link, len - done < SHA1_LEN ? len - done : SHA1_LEN);
	}
	gcry_md_close(md);
	return 0;
}
