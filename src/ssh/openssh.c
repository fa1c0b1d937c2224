/* SPDX-License-Identifier: MIT */
/*
 * OpenSSH's own format for private keys (PROTOCOL.key).
 */
#include <string.h>

#include "crypto/bcrypt_pbkdf.h"
#include "internal.h"
#include "ssh/rsa.h"
#include "ssh/type.h"
#include "ssh/wire.h"
#include "util/text.h"

#define BLOCK_LEN 8 /* what the cipher "none" pads to */

static const struct cipher_name {
	const char *name;
	enum cipher cipher;
} cipher_names[] = {
	{ "3des-cbc", CIPHER_3DES_CBC },
	{ "aes128-cbc", CIPHER_AES128_CBC },
	{ "aes192-cbc", CIPHER_AES192_CBC },
	{ "aes256-cbc", CIPHER_AES256_CBC },
	{ "aes128-ctr", CIPHER_AES128_CTR },
	{ "aes192-ctr", CIPHER_AES192_CTR },
	{ "aes256-ctr", CIPHER_AES256_CTR },
	{ "aes128-gcm@openssh.com", CIPHER_AES128_GCM },
	{ "aes256-gcm@openssh.com", CIPHER_AES256_GCM },
	{ "chacha20-poly1305@openssh.com", CIPHER_CHACHA20_POLY1305 },
};

/* What a file consists of. */
struct outer {
	struct span cipher, kdf, kdf_options, wire;
	struct span sealed, tag; /* the private part */
};

static int read_outer(struct span bytes, struct outer *ret_outer, struct error *err)
{
	static const char magic[] = "openssh-key-v1"; /* with its NUL */
	struct span head;
	uint32_t count;

	if (!span_take(&bytes, sizeof(magic), &head) ||
	    !span_equal(head, span_of(magic, sizeof(magic))))
		return ssh_private_broken(err, "it does not begin with \"openssh-key-v1\"");
	if (!ssh_wire_string(&bytes, &ret_outer->cipher) ||
	    !ssh_wire_string(&bytes, &ret_outer->kdf) ||
	    !ssh_wire_string(&bytes, &ret_outer->kdf_options) || !span_take_be32(&bytes, &count) ||
	    !ssh_wire_string(&bytes, &ret_outer->wire) ||
	    !ssh_wire_string(&bytes, &ret_outer->sealed))
		return ssh_private_broken(err, "it is cut short");
	ret_outer->tag = bytes;
	if (count != 1)
		return ssh_private_broken(err, "it does not hold exactly one key");
	return 0;
}

static int check_type(struct span wire, struct error *err)
{
	struct span type;

	if (!ssh_wire_string(&wire, &type))
		return ssh_private_broken(err, "its public key is cut short");
	return ssh_type_is_usable(type) ? 0 : ssh_type_refuse(type, err);
}

/* The bytes 1, 2, 3, … up to the block length, and no block more. */
static bool padding_is_right(struct span padding, size_t block_len)
{
	for (size_t i = 0; i < padding.len; i++) {
		if (padding.data[i] != i + 1)
			return false;
	}
	return padding.len < block_len;
}

static int read_ed25519(struct span *part, struct ssh_private_key *key, struct error *err)
{
	struct span point, pair;

	if (!ssh_wire_string(part, &point) || !ssh_wire_string(part, &pair))
		return ssh_private_broken(err, "its private part is cut short");
	if (point.len != 32 || pair.len != 64 ||
	    !secret_equal(pair.data + 32, point.data, point.len))
		return ssh_private_broken(err,
					  "its public and private keys do not belong together");
	return ssh_private_set_ed25519(key, span_slice(pair, 0, 32), err);
}

static int read_rsa(struct span *part, struct ssh_private_key *key, struct error *err)
{
	struct rsa_private rsa;

	if (!ssh_rsa_private(part, &rsa))
		return ssh_private_broken(err, "its private part is cut short");
	return ssh_private_set_rsa(key, &rsa, err);
}

/* All places that name the public key must say what belongs to the private one. */
static int check_public(const struct outer *outer, const struct ssh_private_key *key,
			struct error *err)
{
	return span_equal(outer->wire, buf_span(&key->wire))
		       ? 0
		       : ssh_private_broken(err,
					    "its public and private keys do not belong together");
}

/* What stands behind the two equal numbers that tell if it was decrypted. */
static int read_fields(const struct outer *outer, struct span part, size_t block_len,
		       struct ssh_private_key *key, struct error *err)
{
	struct span type, comment;

	if (!ssh_wire_string(&part, &type))
		return ssh_private_broken(err, "its private part is cut short");
	if (!ssh_type_is_usable(type))
		return ssh_private_broken(err, "its private part is of another type");
	if ((span_equal_text(type, SSH_RSA_TYPE) ? read_rsa(&part, key, err)
						 : read_ed25519(&part, key, err)) < 0 ||
	    check_public(outer, key, err) < 0)
		return -1;
	if (!ssh_wire_string(&part, &comment) || !padding_is_right(part, block_len))
		return ssh_private_broken(err, "its private part is damaged");
	return 0;
}

static int read_private(const struct outer *outer, struct span part, size_t block_len,
			struct ssh_private_key *key, bool *ret_decrypted, struct error *err)
{
	uint32_t check, again;
	const size_t len = part.len;

	*ret_decrypted =
		span_take_be32(&part, &check) && span_take_be32(&part, &again) && check == again;
	if (!*ret_decrypted || len % block_len != 0)
		return ssh_private_broken(err, "its private part is damaged");
	return read_fields(outer, part, block_len, key, err);
}

/* The key and the IV, one behind the other. */
static int derive(const struct outer *outer, struct span passphrase, uint8_t *ret_key, size_t len,
		  struct error *err)
{
	struct span options = outer->kdf_options, salt;
	uint32_t rounds;

	if (!span_equal_text(outer->kdf, "bcrypt"))
		return error_set(err, ERROR_UNSUPPORTED,
				 "an SSH private key whose passphrase goes through %s",
				 text_printable(outer->kdf).text);
	if (!ssh_wire_string(&options, &salt) || !span_take_be32(&options, &rounds) ||
	    options.len != 0)
		return ssh_private_broken(err, "what belongs to its passphrase is cut short");
	return bcrypt_pbkdf(passphrase, salt, rounds, ret_key, len, err);
}

static int find_cipher(struct span name, enum cipher *ret_cipher, struct error *err)
{
	for (size_t i = 0; i < sizeof(cipher_names) / sizeof(*cipher_names); i++)
		if (span_equal_text(name, cipher_names[i].name)) {
			*ret_cipher = cipher_names[i].cipher;
			return 0;
		}
	(void)error_set(err, ERROR_UNSUPPORTED, "an SSH private key under the cipher %s",
			text_printable(name).text);
	return -1;
}

static int decrypt(const struct outer *outer, enum cipher cipher, struct span passphrase,
		   struct secret *ret_part, struct error *err)
{
	const struct cipher_sizes sizes = cipher_sizes(cipher);
	AUTO(secret) key = SECRET_INIT;
	AUTO(secret) part = SECRET_INIT;
	struct cipher_sealed sealed = { .tag = outer->tag, .text = outer->sealed };

	if (secret_reserve(&key, sizes.key + sizes.iv, err) < 0 ||
	    secret_reserve(&part, outer->sealed.len + 1, err) < 0 ||
	    derive(outer, passphrase, key.data, sizes.key + sizes.iv, err) < 0)
		return -1;
	sealed.key = span_of(key.data, sizes.key);
	sealed.iv = span_of(key.data + sizes.key, sizes.iv);
	if (cipher_open(cipher, &sealed, part.data, err) < 0)
		return -1;
	part.len = outer->sealed.len;
	*ret_part = secret_move(&part);
	return 0;
}

static int read_encrypted(const struct outer *outer, struct span passphrase,
			  struct ssh_private_key *key, struct error *err)
{
	AUTO(secret) part = SECRET_INIT;
	bool decrypted = false;
	enum cipher cipher;

	if (find_cipher(outer->cipher, &cipher, err) < 0)
		return -1;
	key->locked = passphrase.len == 0;
	if (key->locked)
		return buf_append_span(&key->wire, outer->wire, err);
	if (decrypt(outer, cipher, passphrase, &part, err) < 0)
		return err->kind == ERROR_AUTH ? ssh_private_wrong_passphrase(err) : -1;
	if (read_private(outer, secret_span(&part), cipher_sizes(cipher).block, key, &decrypted,
			 err) < 0)
		return decrypted ? -1 : ssh_private_wrong_passphrase(err);
	return 0;
}

int ssh_openssh_read(struct span bytes, struct span passphrase, struct ssh_private_key *key,
		     struct error *err)
{
	struct outer outer = { .tag = SPAN_INIT };
	bool decrypted;

	if (read_outer(bytes, &outer, err) < 0 || check_type(outer.wire, err) < 0)
		return -1;
	if (!span_equal_text(outer.cipher, "none"))
		return read_encrypted(&outer, passphrase, key, err);
	if (!span_equal_text(outer.kdf, "none") || outer.kdf_options.len != 0 || outer.tag.len != 0)
		return ssh_private_broken(err, "what belongs to a passphrase, without a cipher");
	return read_private(&outer, outer.sealed, BLOCK_LEN, key, &decrypted, err);
}
