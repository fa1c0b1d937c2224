/* SPDX-License-Identifier: MIT */
/*
 * Private keys in DER: PKCS#1 (RFC 8017 appendix A.1.2) and PKCS#8 (RFC 5958, RFC 8410).
 */
#include "internal.h"
#include "ssh/type.h"
#include "util/der.h"

/* Object identifiers, as they are encoded. */
#define OID_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_DSA "\x2a\x86\x48\xce\x38\x04\x01"
#define OID_EC "\x2a\x86\x48\xce\x3d\x02\x01"
#define OID_ED25519 "\x2b\x65\x70"

static int broken(struct error *err)
{
	return ssh_private_broken(err, "its DER");
}

/* version, n, e, d, p, q, two exponents that are not needed, and the inverse of q */
int ssh_pkcs1_read(struct span der, struct ssh_private_key *key, struct error *err)
{
	struct rsa_private rsa;
	struct span numbers, unused;
	uint32_t version;

	if (!der_take(&der, DER_SEQUENCE, &numbers) || der.len != 0 ||
	    !der_take_u32(&numbers, &version) || version > 1)
		return broken(err);
	if (version == 1) {
		error_set(err, ERROR_UNSUPPORTED, "an RSA key of more than two primes");
		return error_hint(err, "make another: \"ssh-keygen -t ed25519\"");
	}
	if (!der_take_number(&numbers, &rsa.public_key.n) ||
	    !der_take_number(&numbers, &rsa.public_key.e) || !der_take_number(&numbers, &rsa.d) ||
	    !der_take_number(&numbers, &rsa.p) || !der_take_number(&numbers, &rsa.q) ||
	    !der_take_number(&numbers, &unused) || !der_take_number(&numbers, &unused) ||
	    !der_take_number(&numbers, &rsa.u) || numbers.len != 0)
		return broken(err);
	return ssh_private_set_rsa(key, &rsa, err);
}

static int read_ed25519(struct span der, struct ssh_private_key *key, struct error *err)
{
	struct span seed;

	if (!der_take(&der, DER_OCTETS, &seed) || der.len != 0)
		return broken(err);
	return ssh_private_set_ed25519(key, seed, err);
}

/* By what the algorithm is called, and what comes with that name. */
static int read_key(struct span algorithm, struct span der, struct ssh_private_key *key,
		    struct error *err)
{
	struct span oid, parameters;

	if (!der_take(&algorithm, DER_OID, &oid))
		return broken(err);
	if (span_equal(oid, SPAN_LITERAL(OID_ED25519)))
		return algorithm.len == 0 ? read_ed25519(der, key, err) : broken(err);
	if (span_equal(oid, SPAN_LITERAL(OID_RSA)))
		return der_take(&algorithm, DER_NULL, &parameters) && parameters.len == 0 &&
				       algorithm.len == 0
			       ? ssh_pkcs1_read(der, key, err)
			       : broken(err);
	if (span_equal(oid, SPAN_LITERAL(OID_EC)))
		return ssh_type_refuse(SPAN_LITERAL("ecdsa-"), err);
	if (span_equal(oid, SPAN_LITERAL(OID_DSA)))
		return ssh_type_refuse(SPAN_LITERAL("ssh-dss"), err);
	return error_set(err, ERROR_UNSUPPORTED, "a private key that is neither ed25519 nor RSA");
}

/* version, algorithm, the key; attributes and, in version 1, the public key may follow */
int ssh_pkcs8_read(struct span der, struct ssh_private_key *key, struct error *err)
{
	struct span parts, algorithm, inner, unused;
	uint32_t version;
	bool has_public;

	if (!der_take(&der, DER_SEQUENCE, &parts) || der.len != 0 ||
	    !der_take_u32(&parts, &version) || version > 1 ||
	    !der_take(&parts, DER_SEQUENCE, &algorithm) || !der_take(&parts, DER_OCTETS, &inner) ||
	    !der_take_optional(&parts, DER_CONTEXT_0, &(bool){ false }, &unused) ||
	    !der_take_optional(&parts, DER_CONTEXT_1_PRIMITIVE, &has_public, &unused) ||
	    (has_public && version == 0) || parts.len != 0)
		return broken(err);
	return read_key(algorithm, inner, key, err);
}
