/* SPDX-License-Identifier: MIT */
/*
 * The half of age/header.h that finds the key.
 */
#include <string.h>

#include "age/header.h"
#include "age/kind.h"
#include "header_mac.h"
#include "util/text.h"

/* Says which kinds of stanzas there are, each once, as far as the text has room. */
static int no_key(const struct age_header *header, const struct age_identities *identities,
		  struct error *err)
{
	AUTO(buf) types = BUF_INIT;
	const char *text;

	for (size_t i = 0; i < header->len && types.len < 200; i++) {
		size_t same = 0;

		while (same < i && !span_equal(header->stanzas[same].type, header->stanzas[i].type))
			same++;
		if (same == i && buf_printf(&types, err, "%s%s", i ? ", " : "",
					    text_printable(header->stanzas[i].type).text) < 0)
			return -1;
	}
	if (buf_append_text(&types, ")", err) < 0 ||
	    age_identities_tell_unusable(identities, &types, err) < 0 ||
	    buf_text(&types, &text, err) < 0)
		return -1;
	error_set(err, ERROR_NO_KEY, "no identity of the %zu here opens one of its %zu stanzas (%s",
		  identities->len, header->len, text);
	return -1;
}

/* Where a passphrase is wanted, or given, that alone is the reason. */
static int no_match(const struct age_header *header, const struct age_identities *identities,
		    struct error *err)
{
	const bool wanted = header->len == 1 && span_equal_text(header->stanzas[0].type, "scrypt");
	bool given = false, others = false;

	for (size_t i = 0; i < identities->len; i++) {
		given = given || identities->items[i].kind->is_passphrase;
		others = others || !identities->items[i].kind->is_passphrase;
	}
	if (wanted && given)
		return error_set(err, ERROR_NO_KEY, "the passphrase is wrong");
	if (wanted)
		return error_set(err, ERROR_NO_KEY,
				 "it is sealed with a passphrase, and no identity opens it");
	if (given && !others)
		return error_set(err, ERROR_NO_KEY,
				 "it is not sealed with a passphrase: an identity is needed");
	return no_key(header, identities, err);
}

void age_found_release(struct age_found *found)
{
	key32_release(&found->file_key);
}

/* All stanzas. */
static int try_one(const struct age_header *header, const struct age_identities *identities,
		   size_t index, struct age_found *found, struct error *err)
{
	const struct age_identity *identity = &identities->items[index];
	const struct age_key key = { identities, identity,
				     age_identities_private(identities, identity) };

	if (identity->kind->open)
		return identity->kind->open(&key, header, found, err);
	for (size_t s = 0; s < header->len && !found->opened; s++)
		if (identity->kind->unwrap(&key, &header->stanzas[s], &found->opened,
					   &found->file_key, err) < 0)
			return -1;
	return 0;
}

/*
 * Tries the identities that ask somebody, or those that do not. That one who was asked could not is
 * no error, another may do: ret_failed is the first one's reason.
 */
static int try_all(const struct age_header *header, const struct age_identities *identities,
		   bool asking, struct age_found *found, struct error *err)
{
	for (size_t i = 0; i < identities->len && !found->opened; i++) {
		struct error failed = ERROR_INIT;

		if (age_identity_asks(&identities->items[i]) != asking ||
		    try_one(header, identities, i, found, &failed) == 0)
			continue;
		if (!identities->items[i].kind->open || failed.kind == ERROR_SYSTEM ||
		    failed.kind == ERROR_CANCELLED) {
			*err = failed;
			return -1;
		}
		if (found->failed.kind == ERROR_NONE)
			found->failed = failed;
	}
	return 0;
}

int age_header_try(const struct age_header *header, const struct age_identities *identities,
		   struct age_found *found, struct error *err)
{
	if (try_all(header, identities, false, found, err) < 0)
		return -1;
	/* nobody is asked where another identity does */
	return found->opened || identities->ask_nobody
		       ? 0
		       : try_all(header, identities, true, found, err);
}

static int find_file_key(const struct age_header *header, const struct age_identities *identities,
			 struct key32 *ret_file_key, struct error *err)
{
	AUTO(age_found) found = AGE_FOUND_INIT;

	if (age_header_try(header, identities, &found, err) < 0)
		return -1;
	if (found.opened) {
		*ret_file_key = found.file_key;
		return 0;
	}
	if (found.failed.kind == ERROR_NONE)
		return no_match(header, identities, err);
	/* what was not to be had may be what opens it */
	*err = found.failed;
	err->kind = ERROR_DENIED;
	return -1;
}

int age_header_open(const struct age_header *header, const struct age_identities *identities,
		    struct key32 *ret_file_key, struct error *err)
{
	AUTO(key32) file_key = KEY32_INIT;
	uint8_t mac[AGE_MAC_LEN];

	if (find_file_key(header, identities, &file_key, err) < 0)
		return -1;
	age_header_mac(&file_key, header->covered, mac);
	if (!secret_equal(mac, header->mac, sizeof(mac)))
		return error_set(err, ERROR_AUTH, "the age header was changed");
	*ret_file_key = file_key;
	return 0;
}
