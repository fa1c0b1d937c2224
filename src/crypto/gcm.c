/* SPDX-License-Identifier: MIT */
#include "crypto/gcm.h"

#include <gcrypt.h>

int gcm_init(struct gcm *gcm, const struct key32 *key, struct error *err)
{
	if (gcry_cipher_open(&gcm->handle, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, 0))
		return error_memory(err);
	if (gcry_cipher_setkey(gcm->handle, key->data, sizeof(key->data))) {
		gcm_release(gcm);
		return error_set(err, ERROR_BUG, "cannot set an AES key");
	}
	return 0;
}

/* What comes before the data. Setting the IV also forgets the last value's state. */
static int begin(struct gcm *gcm, struct span iv, struct span aad, struct error *err)
{
	if (iv.len == 0)
		return error_set(err, ERROR_FORMAT, "the initialisation vector is empty");
	if (gcry_cipher_setiv(gcm->handle, iv.data, iv.len))
		return error_set(err, ERROR_LIMIT, "the initialisation vector is too long");
	if (aad.len > 0 && gcry_cipher_authenticate(gcm->handle, aad.data, aad.len))
		return error_set(err, ERROR_LIMIT, "the additional data is too long");
	return 0;
}

int gcm_seal(struct gcm *gcm, struct span iv, struct span aad, struct span plain,
	     uint8_t *ret_sealed, uint8_t ret_tag[GCM_TAG_LEN], struct error *err)
{
	if (begin(gcm, iv, aad, err) < 0)
		return -1;
	if (plain.len > 0 &&
	    gcry_cipher_encrypt(gcm->handle, ret_sealed, plain.len, plain.data, plain.len))
		return error_set(err, ERROR_LIMIT, "the value is too long to be sealed");
	if (gcry_cipher_gettag(gcm->handle, ret_tag, GCM_TAG_LEN))
		return error_set(err, ERROR_BUG, "cannot compute an authentication tag");
	return 0;
}

int gcm_open(struct gcm *gcm, struct span iv, struct span aad, struct span sealed,
	     const uint8_t tag[GCM_TAG_LEN], uint8_t *ret_plain, struct error *err)
{
	if (begin(gcm, iv, aad, err) < 0)
		return -1;
	if (sealed.len > 0 &&
	    gcry_cipher_decrypt(gcm->handle, ret_plain, sealed.len, sealed.data, sealed.len))
		return error_set(err, ERROR_LIMIT, "the value is too long to be opened");
	if (gcry_cipher_checktag(gcm->handle, tag, GCM_TAG_LEN)) {
		if (sealed.len > 0)
			secret_wipe(ret_plain, sealed.len);
		return error_set(err, ERROR_AUTH, "changed data or a wrong key");
	}
	return 0;
}

void gcm_release(struct gcm *gcm)
{
	gcry_cipher_close(gcm->handle);
	*gcm = GCM_INIT;
}
