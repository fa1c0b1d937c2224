/* SPDX-License-Identifier: MIT */
#include "sops/mac.h"

#include <string.h>
#include <time.h>

#include "util/codec.h"

#define MAC_TEXT_LEN ((size_t)HASH_SHA512_LEN * 2)

int sops_mac_init(struct sops_mac *mac, bool only_sealed, struct error *err)
{
	uint8_t mark[HASH_SHA256_LEN];

	if (hash_init(&mac->hash, HASH_SHA512, err) < 0)
		return -1;
	mac->only_sealed = only_sealed;
	if (only_sealed) { /* so that the two kinds of MAC never agree */
		hash_sha256(SPAN_LITERAL("sops"), mark);
		hash_update(&mac->hash, span_of(mark, sizeof(mark)));
	}
	return 0;
}

void sops_mac_release(struct sops_mac *mac)
{
	hash_release(&mac->hash);
	*mac = SOPS_MAC_INIT;
}

/* Apart from strings, which need no scratch (and clearing it would take longer than hashing them). */
NOINLINE static int add_canonical(struct sops_mac *mac, const struct doc *doc, uint32_t node,
				  struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct span text;

	if (doc_canonical(doc, node, scratch, &text, err) < 0)
		return -1;
	hash_update(&mac->hash, text);
	secret_wipe(scratch, sizeof(scratch));
	return 0;
}

int sops_mac_add(struct sops_mac *mac, const struct doc *doc, uint32_t node, bool selected,
		 struct error *err)
{
	if (mac->only_sealed && !selected)
		return 0;
	if (doc->nodes[node].type != DOC_TYPE_STRING)
		return add_canonical(mac, doc, node, err);
	hash_update(&mac->hash, doc_value(doc, node));
	return 0;
}

NOINLINE static int add_canonical_plain(struct sops_mac *mac, enum doc_type type, struct span plain,
					struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct span text;

	if (doc_canonical_plain(type, plain, scratch, &text, err) < 0)
		return -1;
	hash_update(&mac->hash, text);
	secret_wipe(scratch, sizeof(scratch));
	return 0;
}

int sops_mac_add_plain(struct sops_mac *mac, enum doc_type type, struct span plain, bool selected,
		       struct error *err)
{
	if (mac->only_sealed && !selected)
		return 0;
	if (type != DOC_TYPE_STRING)
		return add_canonical_plain(mac, type, plain, err);
	hash_update(&mac->hash, plain);
	return 0;
}

/* The digest in hexadecimal. It is a hash of secrets, so it is kept as one. */
static int finish(struct sops_mac *mac, struct secret *ret_hex, struct error *err)
{
	uint8_t digest[HASH_SHA512_LEN];

	if (secret_reserve(ret_hex, MAC_TEXT_LEN, err) < 0)
		return -1;
	hash_final(&mac->hash, digest);
	codec_hex_upper(span_of(digest, sizeof(digest)), (char *)ret_hex->data);
	ret_hex->len = MAC_TEXT_LEN;
	secret_wipe(digest, sizeof(digest));
	return 0;
}

int sops_mac_seal(struct sops_mac *mac, struct sops_cipher *cipher, struct span lastmodified,
		  struct buf *ret_text, struct error *err)
{
	AUTO(secret) hex = SECRET_INIT;

	if (finish(mac, &hex, err) < 0)
		return -1;
	return sops_cipher_seal(cipher, DOC_TYPE_STRING, secret_span(&hex), lastmodified, ret_text,
				err);
}

/* lastmodified as it is bound: in whole seconds, UTC as "Z" (trap T6). */
static int bound_time(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_time,
		      struct error *err)
{
	struct span time;
	const uint8_t *point;

	if (doc_canonical_plain(DOC_TYPE_TIME, text, scratch, &time, err) < 0)
		return error_set(err, ERROR_FORMAT,
				 "the metadata's \"lastmodified\" is no RFC 3339 time");
	if (time.data != (const uint8_t *)scratch) {
		memcpy(scratch, time.data, time.len);
		time.data = (const uint8_t *)scratch;
	}
	point = memchr(time.data, '.', time.len);
	if (point) {
		char *dst = scratch + (point - time.data);
		size_t from = (size_t)(point - time.data) + 1;

		while (from < time.len && time.data[from] >= '0' && time.data[from] <= '9')
			from++;
		memmove(dst, scratch + from, time.len - from);
		time.len = (size_t)(dst - scratch) + time.len - from;
	}
	*ret_time = time;
	return 0;
}

static int mismatch(struct error *err)
{
	(void)error_set(
		err, ERROR_MAC,
		"MAC mismatch: a value was changed, added, removed or moved since it was sealed");
	return error_hint(err, "restore the file, or look at what it holds with --ignore-mac");
}

/* What to do is the same, whatever is wrong with it: it is not as it was sealed. */
static int restore(struct error *err)
{
	return error_hint(
		err, "it was changed without its key: take it back from git, or look at what it "
		     "holds with --ignore-mac");
}

static int no_mac(struct error *err)
{
	(void)error_set(err, ERROR_NO_MAC, "MAC mismatch: the file has no MAC");
	return restore(err);
}

static int parse(struct span sealed, struct sops_value *ret_value, struct error *err)
{
	if (sealed.len == 0)
		return no_mac(err);
	return sops_value_parse(sealed, ret_value)
		       ? 0
		       : error_set(err, ERROR_MAC, "the metadata's \"mac\" is no sealed value");
}

int sops_mac_look(struct span sealed, struct error *err)
{
	struct sops_value value;

	return parse(sealed, &value, err);
}

int sops_mac_check(struct sops_mac *mac, struct sops_cipher *cipher, struct span lastmodified,
		   struct span sealed, struct error *err)
{
	AUTO(secret) hex = SECRET_INIT;
	AUTO(secret) plain = SECRET_INIT;
	char scratch[DOC_CANONICAL_MAX];
	struct sops_value value;
	struct span aad;

	if (parse(sealed, &value, err) < 0 || finish(mac, &hex, err) < 0 ||
	    bound_time(lastmodified, scratch, &aad, err) < 0)
		return -1;
	if (sops_cipher_open(cipher, &value, aad, &plain, err) < 0) {
		if (err->kind == ERROR_AUTH)
			err->kind = ERROR_MAC;
		(void)error_wrap(err, "cannot open the MAC");
		return restore(err);
	}
	if (plain.len != hex.len || !secret_equal(plain.data, hex.data, hex.len))
		return mismatch(err);
	return 0;
}

bool sops_mac_is_under(const struct key32 *key, struct span lastmodified, struct span sealed)
{
	AUTO(sops_cipher) cipher = SOPS_CIPHER_INIT;
	AUTO(secret) plain = SECRET_INIT;
	char scratch[DOC_CANONICAL_MAX];
	struct error ignored = ERROR_INIT;
	struct sops_value value;
	struct span aad;

	return sops_value_parse(sealed, &value) &&
	       bound_time(lastmodified, scratch, &aad, &ignored) == 0 &&
	       sops_cipher_init(&cipher, key, &ignored) == 0 &&
	       sops_cipher_open(&cipher, &value, aad, &plain, &ignored) == 0;
}

int sops_mac_time_now(char ret_text[SOPS_TIME_MAX], struct error *err)
{
	const time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc) ||
	    strftime(ret_text, SOPS_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		return error_set(err, ERROR_SYSTEM, "cannot read the clock");
	return 0;
}
