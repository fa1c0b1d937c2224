/* SPDX-License-Identifier: MIT */
/*
 * PEM files under a passphrase: the older kind, with a DEK-Info line (OpenSSL's traditional format),
 * and PKCS#8 with PBES2 (RFC 8018), or with the one scheme before it that OpenSSL still reads.
 */
#include <stdio.h>
#include <string.h>

#include "crypto/pbkdf.h"
#include "crypto/scrypt.h"
#include "internal.h"
#include "util/der.h"
#include "util/text.h"

#define DEK_SALT_LEN 8
/* What OpenSSL itself allows scrypt by default: 32 MiB. */
#define SCRYPT_MEMORY_MAX ((uint64_t)32 << 20)
#define SCRYPT_P_MAX 16

/* Object identifiers, as they are encoded. */
#define OID_PBES2 "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"
#define OID_PBE_SHA1_3DES "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03"
#define OID_PBKDF2 "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"
#define OID_SCRYPT "\x2b\x06\x01\x04\x01\xda\x47\x04\x0b"

/* The ciphers, by both their names. */
static const struct pem_cipher {
	const char *name;
	struct span oid;
	enum cipher cipher;
} ciphers[] = {
	{ "AES-128-CBC",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x02", 9 },
	  CIPHER_AES128_CBC },
	{ "AES-128-OFB",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x03", 9 },
	  CIPHER_AES128_OFB },
	{ "AES-128-CFB",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x04", 9 },
	  CIPHER_AES128_CFB },
	{ "AES-192-CBC",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x16", 9 },
	  CIPHER_AES192_CBC },
	{ "AES-192-OFB",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x17", 9 },
	  CIPHER_AES192_OFB },
	{ "AES-192-CFB",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x18", 9 },
	  CIPHER_AES192_CFB },
	{ "AES-256-CBC",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x2a", 9 },
	  CIPHER_AES256_CBC },
	{ "AES-256-OFB",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x2b", 9 },
	  CIPHER_AES256_OFB },
	{ "AES-256-CFB",
	  { (const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x01\x2c", 9 },
	  CIPHER_AES256_CFB },
	{ "CAMELLIA-128-CBC",
	  { (const uint8_t *)"\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x02", 11 },
	  CIPHER_CAMELLIA128_CBC },
	{ "CAMELLIA-192-CBC",
	  { (const uint8_t *)"\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x03", 11 },
	  CIPHER_CAMELLIA192_CBC },
	{ "CAMELLIA-256-CBC",
	  { (const uint8_t *)"\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x04", 11 },
	  CIPHER_CAMELLIA256_CBC },
	{ "DES-CBC", { (const uint8_t *)"\x2b\x0e\x03\x02\x07", 5 }, CIPHER_DES_CBC },
	{ "DES-EDE3-CBC",
	  { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x03\x07", 8 },
	  CIPHER_3DES_CBC },
};

#define CIPHERS_LEN (sizeof(ciphers) / sizeof(*ciphers))

static const struct prf {
	struct span oid;
	enum pbkdf2_hash hash;
} prfs[] = {
	{ { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x02\x07", 8 }, PBKDF2_SHA1 },
	{ { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x02\x08", 8 }, PBKDF2_SHA224 },
	{ { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x02\x09", 8 }, PBKDF2_SHA256 },
	{ { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x02\x0a", 8 }, PBKDF2_SHA384 },
	{ { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x02\x0b", 8 }, PBKDF2_SHA512 },
	{ { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x02\x0c", 8 }, PBKDF2_SHA512_224 },
	{ { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x02\x0d", 8 }, PBKDF2_SHA512_256 },
};

/* what is "a cipher PQR" */
static int unknown(struct error *err, const char *what)
{
	error_set(err, ERROR_UNSUPPORTED, "an SSH private key under %s, which is not supported",
		  what);
	return error_hint(err, "rewrite a copy: \"openssl pkcs8 -topk8 -in KEY -out COPY\"");
}

/* An object identifier in the form that OpenSSL and registries know it by; cut where it is too long. */
static int unknown_oid(struct error *err, const char *what, struct span oid)
{
	char text[120];
	int len = snprintf(text, sizeof(text), "%s with the identifier ", what);
	uint64_t arc = 0;

	for (size_t i = 0; i < oid.len && (size_t)len < sizeof(text); i++) {
		arc = arc << 7 | (oid.data[i] & 0x7f);
		if (oid.data[i] & 0x80)
			continue;
		/* the first number holds two */
		len += i == 0 ? snprintf(text + len, sizeof(text) - (size_t)len, "%d.%d",
					 oid.data[0] / 40, oid.data[0] % 40)
			      : snprintf(text + len, sizeof(text) - (size_t)len, ".%llu",
					 (unsigned long long)arc);
		arc = 0;
	}
	return unknown(err, text);
}

/* As many bytes at the end as the last one says, all of which say it. */
static bool strip_padding(struct secret *text, size_t block_len)
{
	const uint8_t last = text->len > 0 ? text->data[text->len - 1] : 0;
	uint8_t difference = 0;

	if (last == 0 || last > block_len || last > text->len)
		return false;
	for (size_t i = 1; i <= last; i++)
		difference |= text->data[text->len - i] ^ last;
	if (difference != 0)
		return false;
	secret_truncate(text, text->len - last);
	return true;
}

static int open_text(enum cipher cipher, const struct cipher_sealed *sealed, struct secret *ret_der,
		     struct error *err)
{
	AUTO(secret) der = SECRET_INIT;

	if (secret_reserve(&der, sealed->text.len + 1, err) < 0 ||
	    cipher_open(cipher, sealed, der.data, err) < 0)
		return -1;
	der.len = sealed->text.len;
	if (cipher_sizes(cipher).block > 1 && !strip_padding(&der, cipher_sizes(cipher).block))
		return ssh_private_wrong_passphrase(err);
	*ret_der = secret_move(&der);
	return 0;
}

static bool read_hex(struct span text, uint8_t *ret_bytes, size_t len)
{
	static const char digits[] = "0123456789ABCDEF0123456789abcdef";

	if (text.len != 2 * len || memchr(text.data, '\0', text.len))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char *digit = strchr(digits, text.data[i]);

		if (!digit)
			return false;
		ret_bytes[i / 2] =
			(uint8_t)(ret_bytes[i / 2] << 4 | (uint8_t)((digit - digits) % 16));
	}
	return true;
}

/* "AES-128-CBC,0123…": the IV, whose first bytes are the salt too. */
int ssh_dek_open(const struct ssh_pem *pem, struct span passphrase, struct secret *ret_der,
		 struct error *err)
{
	AUTO(secret) key = SECRET_INIT;
	struct span iv_text = pem->dek, name;
	uint8_t iv[CIPHER_IV_MAX] = { 0 };
	size_t i = 0;

	if (!span_take_until(&iv_text, ',', &name))
		return ssh_private_broken(err, "its DEK-Info line");
	while (i < CIPHERS_LEN && !span_equal_text(name, ciphers[i].name))
		i++;
	if (i == CIPHERS_LEN)
		return unknown(err, text_printable(name).text);

	const struct cipher_sizes sizes = cipher_sizes(ciphers[i].cipher);
	if (!read_hex(iv_text, iv, sizes.iv))
		return ssh_private_broken(err, "its DEK-Info line");
	if (secret_reserve(&key, sizes.key, err) < 0 ||
	    pbkdf_md5(passphrase, span_of(iv, DEK_SALT_LEN), key.data, sizes.key, err) < 0)
		return -1;
	return open_text(ciphers[i].cipher,
			 &(struct cipher_sealed){ .key = span_of(key.data, sizes.key),
						  .iv = span_of(iv, sizes.iv),
						  .text = secret_span(&pem->bytes) },
			 ret_der, err);
}

static int broken(struct error *err)
{
	return ssh_private_broken(err, "what belongs to its passphrase");
}

/* An algorithm: its name, and what comes with it. */
static bool take_algorithm(struct span *der, struct span *ret_oid, struct span *ret_parameters)
{
	return der_take(der, DER_SEQUENCE, ret_parameters) &&
	       der_take(ret_parameters, DER_OID, ret_oid);
}

static int find_prf(struct span parameters, enum pbkdf2_hash *ret_hash, struct error *err)
{
	struct span oid, rest, nothing;
	bool is_null;

	*ret_hash = PBKDF2_SHA1;
	if (parameters.len == 0)
		return 0;
	if (!take_algorithm(&parameters, &oid, &rest) || parameters.len != 0 ||
	    !der_take_optional(&rest, DER_NULL, &is_null, &nothing) || rest.len != 0)
		return broken(err);
	for (size_t i = 0; i < sizeof(prfs) / sizeof(*prfs); i++)
		if (span_equal(oid, prfs[i].oid)) {
			*ret_hash = prfs[i].hash;
			return 0;
		}
	return unknown_oid(err, "a hash", oid);
}

/* An optional length of the key, which must be what the cipher wants. */
static bool take_key_len(struct span *parameters, size_t key_len)
{
	uint32_t len;

	if (parameters->len == 0 || parameters->data[0] != DER_INTEGER)
		return true;
	return der_take_u32(parameters, &len) && len == key_len;
}

static int derive_pbkdf2(struct span der, struct span passphrase, uint8_t *ret_key, size_t len,
			 struct error *err)
{
	enum pbkdf2_hash hash;
	struct span parameters, salt;
	uint32_t rounds;

	if (!der_take(&der, DER_SEQUENCE, &parameters) || der.len != 0 ||
	    !der_take(&parameters, DER_OCTETS, &salt) || !der_take_u32(&parameters, &rounds) ||
	    !take_key_len(&parameters, len))
		return broken(err);
	if (find_prf(parameters, &hash, err) < 0)
		return -1;
	return pbkdf2(hash, passphrase, salt, rounds, ret_key, len, err);
}

static int derive_scrypt(struct span der, struct span passphrase, uint8_t *ret_key, size_t len,
			 struct error *err)
{
	struct scrypt_cost cost = { 0, 0, 0 };
	struct span parameters, salt;
	uint32_t n;

	if (!der_take(&der, DER_SEQUENCE, &parameters) || der.len != 0 ||
	    !der_take(&parameters, DER_OCTETS, &salt) || !der_take_u32(&parameters, &n) ||
	    !der_take_u32(&parameters, &cost.r) || !der_take_u32(&parameters, &cost.p) ||
	    !take_key_len(&parameters, len) || parameters.len != 0 || n < 2 || (n & (n - 1)) != 0 ||
	    cost.r == 0 || cost.p == 0)
		return broken(err);
	if ((uint64_t)n * cost.r > SCRYPT_MEMORY_MAX / 128 || cost.p > SCRYPT_P_MAX)
		return error_set(err, ERROR_LIMIT, "scrypt that takes more than %u MiB",
				 (unsigned)(SCRYPT_MEMORY_MAX >> 20));
	while (1u << cost.log_n < n)
		cost.log_n++;
	return scrypt(passphrase, salt, &cost, ret_key, len, err);
}

static int derive(struct span oid, struct span parameters, struct span passphrase, uint8_t *ret_key,
		  size_t len, struct error *err)
{
	if (span_equal(oid, SPAN_LITERAL(OID_PBKDF2)))
		return derive_pbkdf2(parameters, passphrase, ret_key, len, err);
	if (span_equal(oid, SPAN_LITERAL(OID_SCRYPT)))
		return derive_scrypt(parameters, passphrase, ret_key, len, err);
	return unknown_oid(err, "a way from the passphrase to the key", oid);
}

static int open_3des(struct span parameters, struct span sealed, struct span passphrase,
		     struct secret *ret_der, struct error *err)
{
	const struct cipher_sizes sizes = cipher_sizes(CIPHER_3DES_CBC);
	AUTO(secret) key = SECRET_INIT;
	struct span salt;
	uint8_t iv[CIPHER_IV_MAX];
	uint32_t rounds;

	if (!der_take(&parameters, DER_OCTETS, &salt) || !der_take_u32(&parameters, &rounds) ||
	    parameters.len != 0)
		return broken(err);
	if (secret_reserve(&key, sizes.key, err) < 0 ||
	    pbkdf_pkcs12(PBKDF_PKCS12_KEY, passphrase, salt, rounds, key.data, sizes.key, err) <
		    0 ||
	    pbkdf_pkcs12(PBKDF_PKCS12_IV, passphrase, salt, rounds, iv, sizes.iv, err) < 0)
		return -1;
	return open_text(CIPHER_3DES_CBC,
			 &(struct cipher_sealed){ .key = span_of(key.data, sizes.key),
						  .iv = span_of(iv, sizes.iv),
						  .text = sealed },
			 ret_der, err);
}

/* What PBES2 is told: how the key is made, and what with it. */
struct pbes2 {
	struct span kdf, kdf_parameters, cipher, iv;
};

static bool read_pbes2(struct span parameters, struct pbes2 *ret_parts)
{
	struct span rest;

	return take_algorithm(&parameters, &ret_parts->kdf, &ret_parts->kdf_parameters) &&
	       take_algorithm(&parameters, &ret_parts->cipher, &rest) && parameters.len == 0 &&
	       der_take(&rest, DER_OCTETS, &ret_parts->iv) && rest.len == 0;
}

static int open_pbes2(struct span parameters, struct span sealed, struct span passphrase,
		      struct secret *ret_der, struct error *err)
{
	AUTO(secret) key = SECRET_INIT;
	struct pbes2 parts;
	size_t i = 0;

	if (!read_pbes2(parameters, &parts))
		return broken(err);
	while (i < CIPHERS_LEN && !span_equal(parts.cipher, ciphers[i].oid))
		i++;
	if (i == CIPHERS_LEN)
		return unknown_oid(err, "a cipher", parts.cipher);

	const struct cipher_sizes sizes = cipher_sizes(ciphers[i].cipher);
	if (parts.iv.len != sizes.iv)
		return broken(err);
	if (secret_reserve(&key, sizes.key, err) < 0 ||
	    derive(parts.kdf, parts.kdf_parameters, passphrase, key.data, sizes.key, err) < 0)
		return -1;
	return open_text(ciphers[i].cipher,
			 &(struct cipher_sealed){ .key = span_of(key.data, sizes.key),
						  .iv = parts.iv,
						  .text = sealed },
			 ret_der, err);
}

int ssh_pbes_open(struct span der, struct span passphrase, struct secret *ret_der,
		  struct error *err)
{
	struct span parts, oid, scheme, parameters, sealed;

	if (!der_take(&der, DER_SEQUENCE, &parts) || der.len != 0 ||
	    !take_algorithm(&parts, &oid, &scheme) || !der_take(&parts, DER_OCTETS, &sealed) ||
	    parts.len != 0)
		return broken(err);
	if (!span_equal(oid, SPAN_LITERAL(OID_PBES2)) &&
	    !span_equal(oid, SPAN_LITERAL(OID_PBE_SHA1_3DES)))
		return unknown_oid(err, "a scheme", oid);
	if (!der_take(&scheme, DER_SEQUENCE, &parameters) || scheme.len != 0)
		return broken(err);
	return span_equal(oid, SPAN_LITERAL(OID_PBES2))
		       ? open_pbes2(parameters, sealed, passphrase, ret_der, err)
		       : open_3des(parameters, sealed, passphrase, ret_der, err);
}
