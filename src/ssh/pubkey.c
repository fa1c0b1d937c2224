/* SPDX-License-Identifier: MIT */
#include "ssh/pubkey.h"

#include <string.h>

#include "crypto/hash.h"
#include "ssh/rsa.h"
#include "ssh/type.h"
#include "ssh/wire.h"
#include "util/codec.h"
#include "util/text.h"

bool ssh_line_is_blank(struct span line)
{
	struct span text = span_trim(line);

	return text.len == 0 || text.data[0] == '#';
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct span *s)
{
	while (s->len > 0 && is_blank(s->data[0]))
		*s = span_slice(*s, 1, s->len);
}

/* Takes what reaches to the next blank outside double quotes, and the blanks behind it. */
static struct span take_word(struct span *s)
{
	bool quoted = false;
	size_t len = 0;

	for (; len < s->len && (quoted || !is_blank(s->data[len])); len++) {
		if (s->data[len] == '\\' && len + 1 < s->len && s->data[len + 1] == '"')
			len++; /* sshd(8): a quote inside quotes */
		else if (s->data[len] == '"')
			quoted = !quoted;
	}

	struct span word = span_slice(*s, 0, len);
	*s = span_slice(*s, len, s->len);
	skip_blanks(s);
	return word;
}

/* Reads "type base64 [comment]"; false where text is something else. */
static int parse_key(struct span text, bool *ret_is_key, struct ssh_public_key *key,
		     struct error *err)
{
	struct span type = take_word(&text), base64 = take_word(&text);
	size_t cap = base64.len / 4 * 3 + 3, len = 0;

	*ret_is_key = false;
	buf_clear(&key->wire);
	if (type.len == 0 || base64.len == 0)
		return 0;
	if (buf_grow(&key->wire, cap, err) < 0)
		return -1;
	if (!codec_base64_decode(base64, CODEC_BASE64_PADDED, key->wire.data, cap, &len))
		return 0;
	key->wire.len = len;

	struct span wire = buf_span(&key->wire);
	if (!ssh_wire_string(&wire, &key->type) || !span_equal(type, key->type))
		return 0;
	key->comment = text;
	*ret_is_key = true;
	return 0;
}

static bool take_marker(struct span *text, enum ssh_marker *ret_marker)
{
	struct span rest = *text, word = take_word(&rest);

	if (word.len == 0 || word.data[0] != '@')
		return true;
	if (span_equal_text(word, "@revoked"))
		*ret_marker = SSH_MARKER_REVOKED;
	else if (span_equal_text(word, "@cert-authority"))
		*ret_marker = SSH_MARKER_CERT_AUTHORITY;
	else
		return false;
	*text = rest;
	return true;
}

int ssh_public_key_parse(struct span line, struct ssh_public_key *ret_key, struct error *err)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct span text = span_trim(line);
	bool is_key = false;

	if (text.len > SSH_LINE_MAX)
		return error_set(err, ERROR_LIMIT, "the line is longer than %d bytes",
				 SSH_LINE_MAX);
	if (ssh_line_is_blank(text) || memchr(text.data, '\n', text.len) ||
	    memchr(text.data, '\0', text.len))
		return error_set(err, ERROR_FORMAT, "no SSH public key");
	if (!take_marker(&text, &key.marker))
		return error_set(err, ERROR_FORMAT, "the marker before the SSH key is unknown");
	if (parse_key(text, &is_key, &key, err) < 0)
		return -1;
	if (!is_key) {
		key.prefix = take_word(&text);
		if (parse_key(text, &is_key, &key, err) < 0)
			return -1;
	}
	if (!is_key)
		return error_set(err, ERROR_FORMAT, "no SSH public key");
	*ret_key = key;
	key = SSH_PUBLIC_KEY_INIT;
	return 0;
}

int ssh_public_key_ed25519(const struct ssh_public_key *key, uint8_t ret_public[32],
			   struct error *err)
{
	struct span wire = buf_span(&key->wire), type, point;

	if (!span_equal_text(key->type, SSH_ED25519_TYPE)) {
		error_set(err, ERROR_UNSUPPORTED, "the SSH key is of type %s, not %s",
			  text_printable(key->type).text, SSH_ED25519_TYPE);
		return error_hint(err, "every OpenSSH host has an ed25519 key: "
				       "/etc/ssh/ssh_host_ed25519_key.pub");
	}
	if (!ssh_wire_string(&wire, &type) || !ssh_wire_string(&wire, &point) || point.len != 32 ||
	    wire.len != 0)
		return error_set(err, ERROR_FORMAT, "the ssh-ed25519 key is not 32 bytes long");
	memcpy(ret_public, point.data, point.len);
	return 0;
}

int ssh_public_key_rsa(const struct ssh_public_key *key, struct rsa_public *ret_public,
		       struct error *err)
{
	if (!span_equal_text(key->type, SSH_RSA_TYPE))
		return ssh_type_refuse(key->type, err);
	if (!ssh_rsa_public(buf_span(&key->wire), ret_public))
		return error_set(err, ERROR_FORMAT, "the ssh-rsa key is broken");
	return rsa_public_check(ret_public, err);
}

int ssh_public_key_check_marker(const struct ssh_public_key *key, struct error *err)
{
	if (key->marker == SSH_MARKER_REVOKED)
		return error_set(err, ERROR_DENIED, "the SSH key is marked as revoked");
	if (key->marker == SSH_MARKER_CERT_AUTHORITY)
		return error_set(err, ERROR_DENIED,
				 "the SSH key is a certificate authority's, no host's own");
	return 0;
}

void ssh_public_key_release(struct ssh_public_key *key)
{
	buf_release(&key->wire);
	*key = SSH_PUBLIC_KEY_INIT;
}

void ssh_fingerprint(struct span wire, char ret_text[SSH_FINGERPRINT_MAX])
{
	static const char prefix[] = "SHA256:";
	uint8_t digest[HASH_SHA256_LEN];
	size_t len = codec_base64_len(sizeof(digest), CODEC_BASE64_UNPADDED);

	hash_sha256(wire, digest);
	memcpy(ret_text, prefix, sizeof(prefix) - 1);
	codec_base64_encode(span_of(digest, sizeof(digest)), CODEC_BASE64_UNPADDED,
			    ret_text + sizeof(prefix) - 1);
	ret_text[sizeof(prefix) - 1 + len] = '\0';
}
