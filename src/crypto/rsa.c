/* SPDX-License-Identifier: MIT */
#include "crypto/rsa.h"

#include <assert.h>
#include <gcrypt.h>
#include <string.h>

/* A number of libgcrypt's: it wipes them when they are freed. */
struct number {
	gcry_mpi_t mpi;
};

#define NUMBER_INIT ((struct number){ NULL })

static void number_release(struct number *number)
{
	gcry_mpi_release(number->mpi);
	number->mpi = NULL;
}

/* An expression of libgcrypt's; see crypto_init() for how it is wiped. */
struct sexp {
	gcry_sexp_t sexp;
};

#define SEXP_INIT ((struct sexp){ NULL })

static void sexp_release(struct sexp *expression)
{
	gcry_sexp_release(expression->sexp);
	expression->sexp = NULL;
}

static int read_number(struct span bytes, struct number *ret_number, struct error *err)
{
	if (gcry_mpi_scan(&ret_number->mpi, GCRYMPI_FMT_USG, bytes.data, bytes.len, NULL))
		return error_memory(err);
	return 0;
}

static int broken(struct error *err, const char *why)
{
	return error_set(err, ERROR_FORMAT, "a broken RSA key: %s", why);
}

static struct span without_zeros(struct span number)
{
	while (number.len > 0 && number.data[0] == 0)
		number = span_slice(number, 1, number.len);
	return number;
}

static bool is_odd(struct span number)
{
	return number.len > 0 && (number.data[number.len - 1] & 1) == 1;
}

int rsa_public_check(const struct rsa_public *key, struct error *err)
{
	struct span n = without_zeros(key->n), e = without_zeros(key->e);

	/* as age counts: a modulus that fills its last byte only partly is as good */
	if (n.len < RSA_BITS_MIN / 8) {
		error_set(err, ERROR_UNSUPPORTED, "an RSA key of %zu bits is too short", n.len * 8);
		return error_hint(err, "age and sops want %d bits at least", RSA_BITS_MIN);
	}
	if (n.len > RSA_BITS_MAX / 8)
		return error_set(err, ERROR_LIMIT, "an RSA key of more than %d bits", RSA_BITS_MAX);
	if (!is_odd(n) || !is_odd(e) || e.len > RSA_EXPONENT_MAX_LEN ||
	    (e.len == 1 && e.data[0] == 1))
		return broken(err, "its modulus or exponent");
	return 0;
}

/* a * b = 1, modulo m - less */
static bool is_inverse(gcry_mpi_t a, gcry_mpi_t b, gcry_mpi_t m, unsigned long less)
{
	struct number modulus = { gcry_mpi_snew(0) }, product = { gcry_mpi_snew(0) };
	bool is_one;

	gcry_mpi_sub_ui(modulus.mpi, m, less);
	gcry_mpi_mul(product.mpi, a, b);
	gcry_mpi_mod(product.mpi, product.mpi, modulus.mpi);
	is_one = gcry_mpi_cmp_ui(product.mpi, 1) == 0;
	number_release(&modulus);
	number_release(&product);
	return is_one;
}

static bool is_product(gcry_mpi_t n, gcry_mpi_t p, gcry_mpi_t q)
{
	struct number product = { gcry_mpi_snew(0) };
	bool is_equal;

	gcry_mpi_mul(product.mpi, p, q);
	is_equal = gcry_mpi_cmp(product.mpi, n) == 0;
	number_release(&product);
	return is_equal;
}

int rsa_private_check(const struct rsa_private *key, struct error *err)
{
	AUTO(number) n = NUMBER_INIT;
	AUTO(number) e = NUMBER_INIT;
	AUTO(number) d = NUMBER_INIT;
	AUTO(number) p = NUMBER_INIT;
	AUTO(number) q = NUMBER_INIT;
	AUTO(number) u = NUMBER_INIT;

	if (rsa_public_check(&key->public_key, err) < 0)
		return -1;
	if (key->d.len > key->public_key.n.len + 1 || key->p.len > key->public_key.n.len ||
	    key->q.len > key->public_key.n.len || key->u.len > key->public_key.n.len)
		return broken(err, "a part is longer than the whole");
	if (read_number(key->public_key.n, &n, err) < 0 ||
	    read_number(key->public_key.e, &e, err) < 0 || read_number(key->d, &d, err) < 0 ||
	    read_number(key->p, &p, err) < 0 || read_number(key->q, &q, err) < 0 ||
	    read_number(key->u, &u, err) < 0)
		return -1;
	if (gcry_mpi_cmp_ui(p.mpi, 2) <= 0 || gcry_mpi_cmp_ui(q.mpi, 2) <= 0 ||
	    !is_product(n.mpi, p.mpi, q.mpi) || !is_inverse(e.mpi, d.mpi, p.mpi, 1) ||
	    !is_inverse(e.mpi, d.mpi, q.mpi, 1) || !is_inverse(u.mpi, q.mpi, p.mpi, 0))
		return broken(err, "its parts do not belong together");
	return 0;
}

static int failed(gcry_error_t failure, struct error *err, const char *what)
{
	if (gcry_err_code(failure) == GPG_ERR_ENOMEM)
		return error_memory(err);
	return error_set(err, ERROR_BUG, "%s: %s", what, gcry_strerror(failure));
}

/* The number called name in an expression, to exactly len bytes at dst. */
static void write_number(gcry_sexp_t expression, const char *name, uint8_t *dst, size_t len)
{
	struct sexp part = { gcry_sexp_find_token(expression, name, 0) };
	size_t own_len = 0;
	const char *own = part.sexp ? gcry_sexp_nth_data(part.sexp, 1, &own_len) : NULL;
	struct span number = without_zeros(span_of(own, own_len));

	assert(number.len > 0 && number.len <= len);
	memset(dst, 0, len - number.len);
	memcpy(dst + len - number.len, number.data, number.len);
	sexp_release(&part);
}

int rsa_oaep_seal(const struct rsa_public *key, const char *label, struct span plain,
		  struct buf *sealed, struct error *err)
{
	AUTO(sexp) public_key = SEXP_INIT;
	AUTO(sexp) data = SEXP_INIT;
	AUTO(sexp) result = SEXP_INIT;
	const size_t len = without_zeros(key->n).len;
	gcry_error_t failure;

	failure = gcry_sexp_build(&public_key.sexp, NULL, "(public-key (rsa (n %b) (e %b)))",
				  (int)key->n.len, key->n.data, (int)key->e.len, key->e.data);
	if (!failure)
		failure = gcry_sexp_build(
			&data.sexp, NULL,
			"(data (flags oaep) (hash-algo sha256) (label %b) (value %b))",
			(int)strlen(label), label, (int)plain.len, plain.data);
	if (!failure)
		failure = gcry_pk_encrypt(&result.sexp, data.sexp, public_key.sexp);
	if (gcry_err_code(failure) == GPG_ERR_TOO_SHORT)
		return error_set(err, ERROR_LIMIT, "more than an RSA key can seal");
	if (failure)
		return failed(failure, err, "RSA");
	if (buf_grow(sealed, len, err) < 0)
		return -1;
	write_number(result.sexp, "a", sealed->data + sealed->len, len);
	sealed->len += len;
	return 0;
}

/* libgcrypt calls q what is p here: u is its p's inverse. */
static gcry_error_t build_private(const struct rsa_private *key, struct sexp *ret_key)
{
	const struct rsa_public *public_key = &key->public_key;

	return gcry_sexp_build(&ret_key->sexp, NULL,
			       "(private-key (rsa (n %b) (e %b) (d %b) (p %b) (q %b) (u %b)))",
			       (int)public_key->n.len, public_key->n.data, (int)public_key->e.len,
			       public_key->e.data, (int)key->d.len, key->d.data, (int)key->q.len,
			       key->q.data, (int)key->p.len, key->p.data, (int)key->u.len,
			       key->u.data);
}

int rsa_oaep_open(const struct rsa_private *key, const char *label, struct span sealed,
		  struct secret *ret_plain, struct error *err)
{
	AUTO(sexp) private_key = SEXP_INIT;
	AUTO(sexp) data = SEXP_INIT;
	AUTO(sexp) result = SEXP_INIT;
	gcry_error_t failure;
	const char *plain;
	size_t len = 0;

	if (sealed.len != without_zeros(key->public_key.n).len)
		return error_set(err, ERROR_AUTH, "it is not as long as the RSA key");
	failure = build_private(key, &private_key);
	if (!failure)
		failure = gcry_sexp_build(
			&data.sexp, NULL,
			"(enc-val (flags oaep) (hash-algo sha256) (label %b) (rsa (a %b)))",
			(int)strlen(label), label, (int)sealed.len, sealed.data);
	if (failure)
		return failed(failure, err, "RSA");
	failure = gcry_pk_decrypt(&result.sexp, data.sexp, private_key.sexp);
	if (gcry_err_code(failure) == GPG_ERR_ENOMEM)
		return error_memory(err);
	plain = failure ? NULL : gcry_sexp_nth_data(result.sexp, 1, &len);
	if (!plain)
		return error_set(err, ERROR_AUTH, "changed data or a wrong RSA key");
	return secret_append(ret_plain, plain, len, err);
}

int rsa_sign(const struct rsa_private *key, const uint8_t digest[HASH_SHA256_LEN],
	     struct buf *signature, struct error *err)
{
	AUTO(sexp) private_key = SEXP_INIT;
	AUTO(sexp) data = SEXP_INIT;
	AUTO(sexp) result = SEXP_INIT;
	const size_t len = without_zeros(key->public_key.n).len;
	gcry_error_t failure = build_private(key, &private_key);

	if (!failure)
		failure = gcry_sexp_build(&data.sexp, NULL, "(data (flags pkcs1) (hash sha256 %b))",
					  HASH_SHA256_LEN, digest);
	if (!failure)
		failure = gcry_pk_sign(&result.sexp, data.sexp, private_key.sexp);
	if (failure)
		return failed(failure, err, "RSA");
	if (buf_grow(signature, len, err) < 0)
		return -1;
	write_number(result.sexp, "s", signature->data + signature->len, len);
	signature->len += len;
	return 0;
}
