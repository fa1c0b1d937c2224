/* SPDX-License-Identifier: MIT */
/*
 * Opening a header: the half of age/header.h that tries identities.
 */
#include "age/header.h"
#include "age/kind.h"
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
	    age_identities_tell_tried(identities, "", &types, err) < 0 ||
	    age_identities_tell_unusable(identities, &types, err) < 0 ||
	    buf_text(&types, &text, err) < 0)
		return -1;
	return error_set(err, ERROR_NO_KEY,
			 "no identity of the %zu here opens one of its %zu stanzas (%s",
			 identities->len, header->len, text);
}

/* Where a passphrase is wanted, or was all that there is, that alone is the reason. */
static int no_match(const struct age_header *header, const struct age_identities *identities,
		    struct error *err)
{
	const bool wanted = header->len == 1 && span_equal_text(header->stanzas[0].type, "scrypt");
	size_t given = 0;

	for (size_t i = 0; i < identities->len; i++)
		given += identities->items[i].kind->is_passphrase;
	if (wanted && given == 0) {
		error_set(err, ERROR_NO_KEY,
			  "it is sealed with a passphrase, which no identity opens");
		return error_hint(err, "it is asked for where no identity is named");
	}
	if (!wanted && given > 0 && given == identities->len)
		return error_set(err, ERROR_NO_KEY,
				 "it is not sealed with a passphrase: an identity is needed");
	return no_key(header, identities, err);
}

static struct age_key key_of(const struct age_identities *identities, size_t index)
{
	const struct age_identity *identity = &identities->items[index];

	return (struct age_key){ identities, identity,
				 age_identities_private(identities, identity) };
}

static int try_all_stanzas(const struct age_key *key, const struct age_header *header, bool *opened,
			   struct key32 *ret_file_key, struct error *err)
{
	for (size_t s = 0; s < header->len && !*opened; s++)
		if (key->identity->kind->unwrap(key, &header->stanzas[s], opened, ret_file_key,
						err) < 0)
			return -1;
	return 0;
}

/*
 * Those that need nothing but themselves. Age's own come before SSH keys, as in age: a damaged stanza that names an
 * SSH key is an error, and hinders no other key so.
 */
static int try_quietly(const struct age_header *header, const struct age_identities *identities,
		       bool *opened, struct key32 *ret_file_key, struct error *err)
{
	const size_t len = identities->len;

	for (size_t i = 0; i < 2 * len && !*opened; i++) {
		const struct age_key key = key_of(identities, i < len ? i : i - len);
		const struct age_identity_kind *kind = key.identity->kind;
		const bool is_ssh = kind->recipient && kind->recipient->is_ssh;

		if (!kind->open && is_ssh == (i >= len) &&
		    try_all_stanzas(&key, header, opened, ret_file_key, err) < 0)
			return -1;
	}
	return 0;
}

/* Does a stanza name this one in the open? Then it comes before those that can but be tried. */
static bool is_named(const struct age_key *key, const struct age_header *header)
{
	for (size_t i = 0; key->identity->kind->match && i < header->len; i++)
		if (key->identity->kind->match(key, &header->stanzas[i]) == AGE_MATCH_NAMED)
			return true;
	return false;
}

/* That it failed hinders no other, unless it is a person's word; ret_failed is the first one's reason. */
static int try_one(const struct age_key *key, const struct age_header *header, bool *opened,
		   struct key32 *ret_file_key, struct error *ret_failed, struct error *err)
{
	struct error failed = ERROR_INIT;

	if (key->identity->kind->open(key, header, opened, ret_file_key, &failed) == 0)
		return 0;
	if (failed.kind == ERROR_SYSTEM || failed.kind == ERROR_CANCELLED ||
	    key->identity->kind->is_passphrase) {
		*err = failed;
		return -1;
	}
	if (ret_failed->kind == ERROR_NONE)
		*ret_failed = failed;
	return 0;
}

/* Those that ask, the ones that are named first. */
static int try_asking(const struct age_header *header, const struct age_identities *identities,
		      bool *opened, struct key32 *ret_file_key, struct error *ret_failed,
		      struct error *err)
{
	const size_t len = identities->len;

	for (size_t i = 0; i < 2 * len && !identities->ask_nobody; i++) {
		const struct age_key key = key_of(identities, i < len ? i : i - len);

		if (!key.identity->kind->open || is_named(&key, header) != (i < len))
			continue;
		if (try_one(&key, header, opened, ret_file_key, ret_failed, err) < 0)
			return -1;
		if (*opened)
			return 0;
	}
	return 0;
}

int age_header_try(const struct age_header *header, const struct age_identities *identities,
		   bool *ret_opened, struct key32 *ret_file_key, struct error *err)
{
	struct error failed = ERROR_INIT;

	*ret_opened = false;
	if (try_quietly(header, identities, ret_opened, ret_file_key, err) < 0)
		return -1;
	if (!*ret_opened &&
	    try_asking(header, identities, ret_opened, ret_file_key, &failed, err) < 0)
		return -1;
	if (*ret_opened || failed.kind == ERROR_NONE)
		return 0;
	/* what was not to be had may be what opens it */
	if (failed.kind != ERROR_AUTH)
		failed.kind = ERROR_DENIED;
	*err = failed;
	return -1;
}

int age_header_open(const struct age_header *header, const struct age_identities *identities,
		    struct key32 *ret_file_key, struct error *err)
{
	AUTO(key32) file_key = KEY32_INIT;
	uint8_t mac[AGE_MAC_LEN];
	bool opened;

	if (age_header_try(header, identities, &opened, &file_key, err) < 0)
		return -1;
	if (!opened)
		return no_match(header, identities, err);
	age_header_mac(&file_key, header->covered, mac);
	if (!secret_equal(mac, header->mac, sizeof(mac)))
		return error_set(err, ERROR_AUTH, "the age header was changed");
	*ret_file_key = file_key;
	return 0;
}
