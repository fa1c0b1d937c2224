/* SPDX-License-Identifier: MIT */
#include "ssh/privkey.h"

#include <string.h>

#include "crypto/x25519.h"
#include "ssh/wire.h"
#include "util/codec.h"
#include "util/text.h"

#define BEGIN "-----BEGIN "
#define BEGIN_OPENSSH "-----BEGIN OPENSSH PRIVATE KEY-----"
#define END_OPENSSH "-----END OPENSSH PRIVATE KEY-----"
#define BLOCK_LEN 8 /* what the cipher "none" pads to */

bool ssh_private_key_likely(struct span file)
{
	return span_starts_with(span_trim(file), BEGIN);
}

static int broken(struct error *err, const char *why)
{
	return error_set(err, ERROR_FORMAT, "broken OpenSSH private key: %s", why);
}

static int refuse_other_format(struct span text, struct error *err)
{
	if (span_starts_with(text, "PuTTY-User-Key-File")) {
		error_set(err, ERROR_UNSUPPORTED, "a private key in PuTTY's format");
		return error_hint(err,
				  "convert a copy with \"puttygen KEY -O private-openssh-new\"");
	}
	if (!span_starts_with(text, BEGIN))
		return error_set(err, ERROR_FORMAT, "no SSH private key");
	error_set(err, ERROR_UNSUPPORTED, "a private key that is not in OpenSSH's own format");
	return error_hint(err, "ed25519 keys made by ssh-keygen are; an RSA or ECDSA key cannot "
			       "be used");
}

/* Joins the lines between BEGIN and END. */
static int take_armor(struct span text, struct secret *base64, struct error *err)
{
	struct span line;

	if (!span_take_line(&text, &line) || !span_equal_text(span_trim(line), BEGIN_OPENSSH))
		return broken(err, "text behind its first line");
	while (span_take_line(&text, &line)) {
		line = span_trim(line);
		if (span_equal_text(line, END_OPENSSH))
			return text.len == 0 ? 0 : broken(err, "text behind its last line");
		if (secret_append_span(base64, line, err) < 0)
			return -1;
	}
	return broken(err, "its last line is missing");
}

static int decode(struct span text, struct secret *ret_blob, struct error *err)
{
	AUTO(secret) base64 = SECRET_INIT;
	AUTO(secret) blob = SECRET_INIT;

	if (secret_reserve(&base64, text.len, err) < 0 || take_armor(text, &base64, err) < 0 ||
	    secret_reserve(&blob, base64.len / 4 * 3 + 3, err) < 0)
		return -1;
	if (!codec_base64_decode(secret_span(&base64), CODEC_BASE64_PADDED, blob.data, blob.cap,
				 &blob.len))
		return broken(err, "its base64");
	*ret_blob = secret_move(&blob);
	return 0;
}

/* What stands before the private part: names of the ciphers, and the public key. */
static int read_outer(struct span *blob, struct span *ret_wire, struct span *ret_private,
		      struct error *err)
{
	static const char magic[] = "openssh-key-v1"; /* with its NUL */
	struct span head, cipher, kdf, options;
	uint32_t count;

	if (!span_take(blob, sizeof(magic), &head) ||
	    !span_equal(head, span_of(magic, sizeof(magic))))
		return broken(err, "it does not begin with \"openssh-key-v1\"");
	if (!ssh_wire_string(blob, &cipher) || !ssh_wire_string(blob, &kdf) ||
	    !ssh_wire_string(blob, &options) || !span_take_be32(blob, &count) ||
	    !ssh_wire_string(blob, ret_wire) || !ssh_wire_string(blob, ret_private))
		return broken(err, "it is cut short");
	if (blob->len != 0 || count != 1)
		return broken(err, "it does not hold exactly one key");
	if (span_equal_text(cipher, "none") && span_equal_text(kdf, "none") && options.len == 0)
		return 0;
	error_set(err, ERROR_UNSUPPORTED, "the SSH private key is protected by a passphrase");
	return error_hint(err, "use a key without one: a host's own, or a new one made by "
			       "\"bootseal keygen\"");
}

static int check_type(struct span wire, struct error *err)
{
	struct span type;

	if (!ssh_wire_string(&wire, &type))
		return broken(err, "its public key is cut short");
	if (span_equal_text(type, SSH_ED25519_TYPE))
		return 0;
	error_set(err, ERROR_UNSUPPORTED, "an SSH private key of type %s, not %s",
		  text_printable(type).text, SSH_ED25519_TYPE);
	return error_hint(err, "every OpenSSH host has an ed25519 key: "
			       "/etc/ssh/ssh_host_ed25519_key");
}

/* PROTOCOL.key: the bytes 1, 2, 3, … up to the block length, and no block more. */
static bool padding_is_right(struct span padding)
{
	for (size_t i = 0; i < padding.len; i++) {
		if (padding.data[i] != i + 1)
			return false;
	}
	return padding.len < BLOCK_LEN;
}

static int read_private(struct span part, struct ssh_private_key *ret_key, struct error *err)
{
	size_t len = part.len;
	struct span type, point, pair, comment;
	uint32_t check, again;

	if (!span_take_be32(&part, &check) || !span_take_be32(&part, &again) ||
	    !ssh_wire_string(&part, &type) || !ssh_wire_string(&part, &point) ||
	    !ssh_wire_string(&part, &pair) || !ssh_wire_string(&part, &comment))
		return broken(err, "its private part is cut short");
	if (check != again || len % BLOCK_LEN != 0 || !padding_is_right(part))
		return broken(err, "its private part is damaged");
	if (!span_equal_text(type, SSH_ED25519_TYPE) || point.len != 32 || pair.len != 64)
		return broken(err, "its private part is of another type");
	memcpy(ret_key->seed.data, pair.data, 32);
	memcpy(ret_key->public_key, point.data, 32);
	if (!span_equal(span_slice(pair, 32, 32), point))
		return broken(err, "its public and private keys do not belong together");
	return 0;
}

/* All three places that name the public key must say what belongs to the seed. */
static int check_pair(const struct ssh_private_key *key, struct span wire, struct error *err)
{
	uint8_t expected[32], expected_wire[SSH_ED25519_WIRE_LEN];

	ed25519_public(&key->seed, expected);
	ssh_wire_ed25519(expected, expected_wire);
	if (!secret_equal(expected, key->public_key, sizeof(expected)) ||
	    !span_equal(wire, span_of(expected_wire, sizeof(expected_wire))))
		return broken(err, "its public and private keys do not belong together");
	return 0;
}

int ssh_private_key_parse(struct span file, struct ssh_private_key *ret_key, struct error *err)
{
	AUTO(secret) blob = SECRET_INIT;
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	struct span text = span_trim(file), rest, wire, part;

	if (file.len > SSH_PRIVATE_KEY_MAX)
		return error_set(err, ERROR_LIMIT, "an SSH private key of more than %d bytes",
				 SSH_PRIVATE_KEY_MAX);
	if (!span_starts_with(text, BEGIN_OPENSSH))
		return refuse_other_format(text, err);
	if (decode(text, &blob, err) < 0)
		return -1;
	rest = secret_span(&blob);
	if (read_outer(&rest, &wire, &part, err) < 0 || check_type(wire, err) < 0 ||
	    read_private(part, &key, err) < 0 || check_pair(&key, wire, err) < 0)
		return -1;
	*ret_key = key;
	return 0;
}

void ssh_private_key_release(struct ssh_private_key *key)
{
	key32_release(&key->seed);
	*key = SSH_PRIVATE_KEY_INIT;
}
