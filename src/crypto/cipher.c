/* SPDX-License-Identifier: MIT */
#include "crypto/cipher.h"

#include <gcrypt.h>
#include <sodium.h>

#include "util/secret.h"

static const struct specification {
	struct cipher_sizes sizes;
	int algorithm, mode; /* libgcrypt's */
} specifications[] = {
	[CIPHER_DES_CBC] = { { 8, 8, 0, 8 }, GCRY_CIPHER_DES, GCRY_CIPHER_MODE_CBC },
	[CIPHER_3DES_CBC] = { { 24, 8, 0, 8 }, GCRY_CIPHER_3DES, GCRY_CIPHER_MODE_CBC },
	[CIPHER_AES128_CBC] = { { 16, 16, 0, 16 }, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CBC },
	[CIPHER_AES192_CBC] = { { 24, 16, 0, 16 }, GCRY_CIPHER_AES192, GCRY_CIPHER_MODE_CBC },
	[CIPHER_AES256_CBC] = { { 32, 16, 0, 16 }, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_CBC },
	[CIPHER_AES128_CTR] = { { 16, 16, 0, 16 }, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CTR },
	[CIPHER_AES192_CTR] = { { 24, 16, 0, 16 }, GCRY_CIPHER_AES192, GCRY_CIPHER_MODE_CTR },
	[CIPHER_AES256_CTR] = { { 32, 16, 0, 16 }, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_CTR },
	[CIPHER_AES128_GCM] = { { 16, 12, 16, 16 }, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_GCM },
	[CIPHER_AES256_GCM] = { { 32, 12, 16, 16 }, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM },
	[CIPHER_CHACHA20_POLY1305] = { { 64, 0, 16, 8 }, 0, 0 },
	[CIPHER_AES128_CFB] = { { 16, 16, 0, 1 }, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CFB },
	[CIPHER_AES192_CFB] = { { 24, 16, 0, 1 }, GCRY_CIPHER_AES192, GCRY_CIPHER_MODE_CFB },
	[CIPHER_AES256_CFB] = { { 32, 16, 0, 1 }, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_CFB },
	[CIPHER_AES128_OFB] = { { 16, 16, 0, 1 }, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_OFB },
	[CIPHER_AES192_OFB] = { { 24, 16, 0, 1 }, GCRY_CIPHER_AES192, GCRY_CIPHER_MODE_OFB },
	[CIPHER_AES256_OFB] = { { 32, 16, 0, 1 }, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_OFB },
	[CIPHER_CAMELLIA128_CBC] = { { 16, 16, 0, 16 },
				     GCRY_CIPHER_CAMELLIA128,
				     GCRY_CIPHER_MODE_CBC },
	[CIPHER_CAMELLIA192_CBC] = { { 24, 16, 0, 16 },
				     GCRY_CIPHER_CAMELLIA192,
				     GCRY_CIPHER_MODE_CBC },
	[CIPHER_CAMELLIA256_CBC] = { { 32, 16, 0, 16 },
				     GCRY_CIPHER_CAMELLIA256,
				     GCRY_CIPHER_MODE_CBC },
};

struct cipher_sizes cipher_sizes(enum cipher cipher)
{
	return specifications[cipher].sizes;
}

static int wrong_tag(struct span text, uint8_t *ret_text, struct error *err)
{
	secret_wipe(ret_text, text.len);
	return error_set(err, ERROR_AUTH, "changed data or a wrong key");
}

/* PROTOCOL.chacha20poly1305: the first half of the key, packet 0, nothing that is not encrypted. */
static int open_chacha20(const struct cipher_sealed *sealed, uint8_t *ret_text, struct error *err)
{
	static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = { 0 };
	AUTO(key32) mac_key = KEY32_INIT;

	crypto_stream_chacha20(mac_key.data, sizeof(mac_key.data), nonce, sealed->key.data);
	if (crypto_onetimeauth_poly1305_verify(sealed->tag.data, sealed->text.data,
					       sealed->text.len, mac_key.data) != 0)
		return wrong_tag(SPAN_INIT, ret_text, err);
	crypto_stream_chacha20_xor_ic(ret_text, sealed->text.data, sealed->text.len, nonce, 1,
				      sealed->key.data);
	return 0;
}

static int set_up(gcry_cipher_hd_t handle, int mode, const struct cipher_sealed *sealed,
		  struct error *err)
{
	const gcry_error_t failure = gcry_cipher_setkey(handle, sealed->key.data, sealed->key.len);

	/* of a wrong passphrase, too, a weak key of DES may come */
	if (failure && gcry_err_code(failure) != GPG_ERR_WEAK_KEY)
		return error_set(err, ERROR_BUG, "cannot set a key");
	if (mode == GCRY_CIPHER_MODE_CTR
		    ? gcry_cipher_setctr(handle, sealed->iv.data, sealed->iv.len)
		    : gcry_cipher_setiv(handle, sealed->iv.data, sealed->iv.len))
		return error_set(err, ERROR_BUG, "cannot set an initialisation vector");
	return 0;
}

static int open_with(gcry_cipher_hd_t handle, int mode, const struct cipher_sealed *sealed,
		     uint8_t *ret_text, struct error *err)
{
	const size_t len = sealed->text.len;

	if (set_up(handle, mode, sealed, err) < 0)
		return -1;
	if (gcry_cipher_decrypt(handle, ret_text, len, sealed->text.data, len))
		return error_set(err, ERROR_BUG, "cannot decrypt");
	if (mode == GCRY_CIPHER_MODE_GCM &&
	    gcry_cipher_checktag(handle, sealed->tag.data, sealed->tag.len))
		return wrong_tag(sealed->text, ret_text, err);
	return 0;
}

int cipher_open(enum cipher cipher, const struct cipher_sealed *sealed, uint8_t *ret_text,
		struct error *err)
{
	const struct specification *is = &specifications[cipher];
	gcry_cipher_hd_t handle;
	int result;

	if (sealed->key.len != is->sizes.key || sealed->iv.len != is->sizes.iv ||
	    sealed->tag.len != is->sizes.tag || sealed->text.len == 0 ||
	    sealed->text.len % is->sizes.block != 0)
		return error_set(err, ERROR_FORMAT, "an encrypted text of a wrong length");
	if (cipher == CIPHER_CHACHA20_POLY1305)
		return open_chacha20(sealed, ret_text, err);
	if (gcry_cipher_open(&handle, is->algorithm, is->mode, 0))
		return error_memory(err);
	result = open_with(handle, is->mode, sealed, ret_text, err);
	gcry_cipher_close(handle);
	return result;
}
