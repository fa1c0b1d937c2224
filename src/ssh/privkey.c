/* SPDX-License-Identifier: MIT */
#include "ssh/privkey.h"

#include <string.h>

#include "crypto/x25519.h"
#include "internal.h"
#include "ssh/rsa.h"
#include "ssh/type.h"
#include "ssh/wire.h"

#define BEGIN "-----BEGIN "
#define FRONT_LEN 512 /* the headers of a PEM file are in it */

/* What begins with the first such line: OpenSSL puts its attributes before, people their comments. */
static struct span find_begin(struct span file)
{
	const struct span text = span_trim(file);
	const uint8_t *found;

	if (text.len == 0 || span_starts_with(text, BEGIN))
		return text;
	found = memmem(text.data, text.len, "\n" BEGIN, strlen("\n" BEGIN));
	return found ? span_slice(text, (size_t)(found - text.data) + 1, text.len) : text;
}

bool ssh_private_key_likely(struct span file)
{
	return span_starts_with(find_begin(file), BEGIN);
}

bool ssh_private_key_hides_public(struct span file)
{
	struct span front = span_slice(find_begin(file), 0, FRONT_LEN);

	return span_starts_with(front, BEGIN) && !span_starts_with(front, BEGIN "OPENSSH") &&
	       memmem(front.data, front.len, "ENCRYPTED", strlen("ENCRYPTED"));
}

int ssh_private_broken(struct error *err, const char *why)
{
	return error_set(err, ERROR_FORMAT, "broken SSH private key: %s", why);
}

int ssh_private_wrong_passphrase(struct error *err)
{
	return error_set(err, ERROR_AUTH, "the passphrase is wrong");
}

int ssh_private_set_ed25519(struct ssh_private_key *key, struct span seed, struct error *err)
{
	AUTO(key32) copy = KEY32_INIT;
	uint8_t public_key[ED25519_LEN], wire[SSH_ED25519_WIRE_LEN];

	if (seed.len != sizeof(copy.data))
		return ssh_private_broken(err, "an ed25519 key that is not 32 bytes long");
	memcpy(copy.data, seed.data, seed.len);
	ed25519_public(&copy, public_key);
	ssh_wire_ed25519(public_key, wire);
	key->type = SSH_KEY_ED25519;
	return buf_append(&key->wire, wire, sizeof(wire), err) < 0
		       ? -1
		       : secret_append_span(&key->private_part, seed, err);
}

int ssh_private_set_rsa(struct ssh_private_key *key, const struct rsa_private *rsa,
			struct error *err)
{
	if (rsa_private_check(rsa, err) < 0)
		return -1;
	key->type = SSH_KEY_RSA;
	return ssh_rsa_wire(&rsa->public_key, &key->wire, err) < 0
		       ? -1
		       : ssh_rsa_store(rsa, &key->private_part, err);
}

/* What is inside an encrypted file: all that is wrong with it comes of a wrong passphrase. */
static int read_opened(int (*read)(struct span der, struct ssh_private_key *key, struct error *err),
		       const struct secret *der, struct ssh_private_key *key, struct error *err)
{
	if (read(secret_span(der), key, err) == 0)
		return 0;
	return err->kind == ERROR_FORMAT ? ssh_private_wrong_passphrase(err) : -1;
}

static int read_pkcs1(const struct ssh_pem *pem, struct span passphrase,
		      struct ssh_private_key *key, struct error *err)
{
	AUTO(secret) der = SECRET_INIT;

	if (!pem->encrypted)
		return ssh_pkcs1_read(secret_span(&pem->bytes), key, err);
	key->locked = key->is_rsa = passphrase.len == 0;
	if (key->locked)
		return 0;
	return ssh_dek_open(pem, passphrase, &der, err) < 0
		       ? -1
		       : read_opened(ssh_pkcs1_read, &der, key, err);
}

static int read_pkcs8(const struct ssh_pem *pem, struct span passphrase UNUSED,
		      struct ssh_private_key *key, struct error *err)
{
	return ssh_pkcs8_read(secret_span(&pem->bytes), key, err);
}

static int read_encrypted_pkcs8(const struct ssh_pem *pem, struct span passphrase,
				struct ssh_private_key *key, struct error *err)
{
	AUTO(secret) der = SECRET_INIT;

	key->locked = passphrase.len == 0;
	if (key->locked)
		return 0;
	return ssh_pbes_open(secret_span(&pem->bytes), passphrase, &der, err) < 0
		       ? -1
		       : read_opened(ssh_pkcs8_read, &der, key, err);
}

static int read_openssh(const struct ssh_pem *pem, struct span passphrase,
			struct ssh_private_key *key, struct error *err)
{
	return ssh_openssh_read(secret_span(&pem->bytes), passphrase, key, err);
}

static int read_ecdsa(const struct ssh_pem *pem UNUSED, struct span passphrase UNUSED,
		      struct ssh_private_key *key UNUSED, struct error *err)
{
	return ssh_type_refuse(SPAN_LITERAL("ecdsa-"), err);
}

static int read_dsa(const struct ssh_pem *pem UNUSED, struct span passphrase UNUSED,
		    struct ssh_private_key *key UNUSED, struct error *err)
{
	return ssh_type_refuse(SPAN_LITERAL("ssh-dss"), err);
}

static const struct format {
	const char *label;
	int (*read)(const struct ssh_pem *pem, struct span passphrase, struct ssh_private_key *key,
		    struct error *err);
} formats[] = {
	{ "OPENSSH PRIVATE KEY", read_openssh }, { "RSA PRIVATE KEY", read_pkcs1 },
	{ "PRIVATE KEY", read_pkcs8 },           { "ENCRYPTED PRIVATE KEY", read_encrypted_pkcs8 },
	{ "EC PRIVATE KEY", read_ecdsa },        { "EC PARAMETERS", read_ecdsa },
	{ "DSA PRIVATE KEY", read_dsa },
};

static int refuse_other_format(struct span text, struct error *err)
{
	if (span_starts_with(text, "PuTTY-User-Key-File")) {
		error_set(err, ERROR_UNSUPPORTED, "a private key in PuTTY's format");
		return error_hint(err,
				  "convert a copy with \"puttygen KEY -O private-openssh-new\"");
	}
	if (!span_starts_with(text, BEGIN))
		return error_set(err, ERROR_FORMAT, "no SSH private key");
	return error_set(err, ERROR_UNSUPPORTED, "a PEM file that holds no SSH private key");
}

static int parse(struct span text, struct span passphrase, struct ssh_private_key *key,
		 struct error *err)
{
	AUTO(ssh_pem) pem = SSH_PEM_INIT;

	if (!span_starts_with(text, BEGIN))
		return refuse_other_format(text, err);
	if (ssh_pem_read(text, &pem, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (span_equal_text(pem.label, formats[i].label))
			return formats[i].read(&pem, passphrase, key, err);
	return refuse_other_format(text, err);
}

int ssh_private_key_parse(struct span file, struct span passphrase, struct ssh_private_key *ret_key,
			  struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;

	if (file.len > SSH_PRIVATE_KEY_MAX)
		return error_set(err, ERROR_LIMIT, "an SSH private key of more than %d bytes",
				 SSH_PRIVATE_KEY_MAX);
	if (parse(find_begin(file), passphrase, &key, err) < 0)
		return -1;
	*ret_key = key;
	key = SSH_PRIVATE_KEY_INIT;
	return 0;
}

void ssh_private_key_release(struct ssh_private_key *key)
{
	buf_release(&key->wire);
	secret_release(&key->private_part);
	*key = SSH_PRIVATE_KEY_INIT;
}
