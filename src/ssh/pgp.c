/* SPDX-License-Identifier: MIT */
#include "ssh/pgp.h"

#include <string.h>

#include "crypto/hash.h"

#define PGP_VERSION 4
#define PGP_RSA 1 /* to sign and to encrypt */
#define PGP_SHA256 8
#define PGP_POSITIVE_CERTIFICATION 0x13

enum pgp_tag { PGP_SIGNATURE = 2, PGP_SECRET_KEY = 5, PGP_USER_ID = 13 };

/* The name that sops-nix gives it; it is no part of the fingerprint. */
static const char user_id[] = "root (Imported from SSH) <root@localhost>";

static int put_number(size_t number, size_t len, struct secret *out, struct error *err)
{
	const uint8_t bytes[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				   (uint8_t)(number >> 8), (uint8_t)number };

	return secret_append(out, bytes + sizeof(bytes) - len, len, err);
}

/* A number: how many bits it has, and its bytes without zeros in front. */
static int put_mpi(struct span number, struct secret *out, struct error *err)
{
	size_t bits;

	while (number.len > 0 && number.data[0] == 0)
		number = span_slice(number, 1, number.len);
	bits = number.len * 8;
	for (unsigned top = number.len > 0 ? number.data[0] : 0x80u; top < 0x80u; top <<= 1)
		bits--;
	return put_number(bits, 2, out, err) < 0 ? -1 : secret_append_span(out, number, err);
}

/* Of the lengths that a packet may have, the one that any fits in. */
static int put_packet(enum pgp_tag tag, struct span body, struct secret *out, struct error *err)
{
	const uint8_t head[] = { (uint8_t)(0xc0 | tag), 0xff };

	if (secret_append(out, head, sizeof(head), err) < 0 ||
	    put_number(body.len, 4, out, err) < 0)
		return -1;
	return secret_append_span(out, body, err);
}

/* What the fingerprint is of, and what the secret key's packet begins with. */
static int put_public(const struct rsa_public *key, struct secret *out, struct error *err)
{
	static const uint8_t head[] = { PGP_VERSION, 0, 0, 0, 0, PGP_RSA };

	if (secret_append(out, head, sizeof(head), err) < 0 || put_mpi(key->n, out, err) < 0)
		return -1;
	return put_mpi(key->e, out, err);
}

/* The same as it is hashed. */
static int put_hashed_public(const struct rsa_public *key, struct secret *out, struct error *err)
{
	AUTO(secret) body = SECRET_INIT;

	if (put_public(key, &body, err) < 0 || put_number(0x99, 1, out, err) < 0 ||
	    put_number(body.len, 2, out, err) < 0)
		return -1;
	return secret_append_span(out, secret_span(&body), err);
}

/* OpenPGP's u is the inverse of its p modulo its q: p and q change places. */
static int put_private(const struct rsa_private *key, struct secret *out, struct error *err)
{
	size_t start, sum = 0;

	if (put_public(&key->public_key, out, err) < 0 || put_number(0, 1, out, err) < 0)
		return -1;
	start = out->len;
	if (put_mpi(key->d, out, err) < 0 || put_mpi(key->q, out, err) < 0 ||
	    put_mpi(key->p, out, err) < 0 || put_mpi(key->u, out, err) < 0)
		return -1;
	for (size_t i = start; i < out->len; i++)
		sum += out->data[i];
	return put_number(sum & 0xffff, 2, out, err);
}

/* What the signature says: made in 1970, of what this key may do, that it is its name, and by whom. */
static int put_statements(const uint8_t fingerprint[SSH_PGP_FINGERPRINT_LEN], struct secret *out,
			  struct error *err)
{
	static const uint8_t statements[] = {
		PGP_VERSION, PGP_POSITIVE_CERTIFICATION,
		PGP_RSA,     PGP_SHA256,
		0,           35, /* bytes that follow */
		5,           2,
		0,           0,
		0,           0,
		2,           27,
		0x0f, /* certify, sign, encrypt */
		2,           25,
		1, /* the primary name */
		22,          33,
		PGP_VERSION,
	};

	if (secret_append(out, statements, sizeof(statements), err) < 0)
		return -1;
	return secret_append(out, fingerprint, SSH_PGP_FINGERPRINT_LEN, err);
}

/* Of the key, its name and the statements. */
static int digest_all(const struct rsa_public *key, struct span statements,
		      uint8_t ret_digest[HASH_SHA256_LEN], struct error *err)
{
	AUTO(secret) all = SECRET_INIT;

	if (put_hashed_public(key, &all, err) < 0 || put_number(0xb4, 1, &all, err) < 0 ||
	    put_number(strlen(user_id), 4, &all, err) < 0 ||
	    secret_append_text(&all, user_id, err) < 0 ||
	    secret_append_span(&all, statements, err) < 0 ||
	    put_number(PGP_VERSION << 8 | 0xff, 2, &all, err) < 0 ||
	    put_number(statements.len, 4, &all, err) < 0)
		return -1;
	hash_sha256(secret_span(&all), ret_digest);
	return 0;
}

static int put_signature(const struct rsa_private *key, struct secret *out, struct error *err)
{
	static const uint8_t issuer[] = { 0, 10, 9, 16 }; /* and the fingerprint's last 8 bytes */
	uint8_t fingerprint[SSH_PGP_FINGERPRINT_LEN], digest[HASH_SHA256_LEN];
	AUTO(buf) signature = BUF_INIT;

	if (ssh_pgp_fingerprint(&key->public_key, fingerprint, err) < 0 ||
	    put_statements(fingerprint, out, err) < 0 ||
	    digest_all(&key->public_key, secret_span(out), digest, err) < 0 ||
	    rsa_sign(key, digest, &signature, err) < 0 ||
	    secret_append(out, issuer, sizeof(issuer), err) < 0 ||
	    secret_append(out, fingerprint + sizeof(fingerprint) - 8, 8, err) < 0 ||
	    secret_append(out, digest, 2, err) < 0)
		return -1;
	return put_mpi(buf_span(&signature), out, err);
}

int ssh_pgp_fingerprint(const struct rsa_public *key,
			uint8_t ret_fingerprint[SSH_PGP_FINGERPRINT_LEN], struct error *err)
{
	AUTO(secret) hashed = SECRET_INIT;

	if (put_hashed_public(key, &hashed, err) < 0)
		return -1;
	hash_sha1(secret_span(&hashed), ret_fingerprint);
	return 0;
}

int ssh_pgp_key(const struct rsa_private *key, struct secret *ret_packets, struct error *err)
{
	AUTO(secret) packets = SECRET_INIT;
	AUTO(secret) body = SECRET_INIT;
	AUTO(secret) signature = SECRET_INIT;

	if (put_private(key, &body, err) < 0 ||
	    put_packet(PGP_SECRET_KEY, secret_span(&body), &packets, err) < 0 ||
	    put_packet(PGP_USER_ID, span_of_text(user_id), &packets, err) < 0 ||
	    put_signature(key, &signature, err) < 0 ||
	    put_packet(PGP_SIGNATURE, secret_span(&signature), &packets, err) < 0)
		return -1;
	*ret_packets = secret_move(&packets);
	return 0;
}
