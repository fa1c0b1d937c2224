/* SPDX-License-Identifier: MIT */
#include "age/locked.h"

#include <stdlib.h>

#include "age/file.h"
#include "age/passphrase.h"
#include "util/text.h"

int age_locked_append(struct age_identities *identities, const struct age_identity_parts *parts,
		      const char *source, struct error *err)
{
	struct age_locked *locked = malloc(sizeof(*locked));

	if (!locked)
		return error_memory(err);
	*locked = (struct age_locked){ false, AGE_IDENTITIES_INIT, ERROR_INIT };
	if (age_identities_append(identities, parts, source, err) < 0) {
		free(locked);
		return -1;
	}
	identities->items[identities->len - 1].locked = locked;
	return 0;
}

bool age_locked_is(const struct age_identity *identity)
{
	return identity->locked && !identity->locked->tried;
}

void age_locked_free(struct age_locked *locked)
{
	if (locked)
		age_identities_release(&locked->identities);
	free(locked);
}

/* An identity is const to who opens files with it; what came of unlocking it is not. */
static int unlock(const struct age_key *key, struct error *err)
{
	struct age_locked *locked = key->identity->locked;
	struct error problem = ERROR_INIT;

	if (locked->tried)
		return 0;
	locked->identities.prompt = key->identities->prompt;
	if (key->identity->kind->unlock(key, &locked->identities, &problem) < 0) {
		age_identities_release(&locked->identities);
		if (problem.kind == ERROR_CANCELLED || problem.kind == ERROR_SYSTEM) {
			*err = problem;
			return -1;
		}
		locked->problem = problem;
	}
	locked->tried = true;
	return 0;
}

int age_locked_unwrap(const struct age_key *key, const struct age_stanza *stanza, bool *ret_opened,
		      struct key32 *ret_file_key, struct error *err)
{
	const struct age_identities *unlocked = &key->identity->locked->identities;

	*ret_opened = false;
	if (unlock(key, err) < 0)
		return -1;
	for (size_t i = 0; i < unlocked->len && !*ret_opened; i++) {
		const struct age_identity *identity = &unlocked->items[i];
		const struct age_key inner = { unlocked, identity,
					       age_identities_private(unlocked, identity) };

		if (identity->kind->unwrap(&inner, stanza, ret_opened, ret_file_key, err) < 0)
			return -1;
	}
	return 0;
}

int age_locked_tell(const struct age_identities *identities, struct buf *message, struct error *err)
{
	for (size_t i = 0; i < identities->len; i++) {
		const struct age_locked *locked = identities->items[i].locked;

		if (locked && locked->problem.kind != ERROR_NONE &&
		    buf_printf(message, err, "; not unlocked: %s", locked->problem.message) < 0)
			return -1;
	}
	return 0;
}

/* Takes all that unlocked holds to the end of identities. */
static int take_over(struct age_identities *identities, const struct age_identities *unlocked,
		     struct error *err)
{
	for (size_t i = 0; i < unlocked->len; i++) {
		const struct age_identity *identity = &unlocked->items[i];
		const struct age_identity_parts parts = {
			identity->kind, identity->point, buf_span(&identity->wire),
			age_identities_private(unlocked, identity)
		};

		if (age_identities_append(identities, &parts, identity->source, err) < 0)
			return -1;
	}
	return age_identities_check_usable(unlocked, err);
}

int age_identities_unlock(struct age_identities *identities, struct error *err)
{
	AUTO(age_identities) all = AGE_IDENTITIES_INIT;

	for (size_t i = 0; i < identities->len; i++) {
		const struct age_identity *identity = &identities->items[i];
		const struct age_key key = { identities, identity,
					     age_identities_private(identities, identity) };
		const struct age_identity_parts parts = { identity->kind, identity->point,
							  buf_span(&identity->wire),
							  key.private_part };

		if (!identity->locked) {
			if (age_identities_append(&all, &parts, identity->source, err) < 0)
				return -1;
			continue;
		}
		if (unlock(&key, err) < 0)
			return -1;
		if (identity->locked->problem.kind != ERROR_NONE) {
			*err = identity->locked->problem;
			return -1;
		}
		if (take_over(&all, &identity->locked->identities, err) < 0)
			return -1;
	}
	all.prompt = identities->prompt;
	all.unusable_len = identities->unusable_len;
	all.unusable = buf_move(&identities->unusable);
	age_identities_release(identities);
	*identities = all;
	all = AGE_IDENTITIES_INIT;
	return 0;
}

bool age_locked_file_likely(struct span text)
{
	return span_starts_with(text, "age-encryption.org/") ||
	       span_starts_with(text, "-----BEGIN AGE ENCRYPTED FILE-----");
}

int age_locked_file_add(struct age_identities *identities, struct span file, const char *source,
			struct error *err)
{
	return age_locked_append(identities,
				 &(struct age_identity_parts){ &age_locked_file_identity, NULL,
							       file, SPAN_INIT },
				 source, err);
}

/* The passphrase, in the age layer's own words: what opens the file is a key like any other. */
static int open_file(const struct age_key *key, struct secret *ret_plain, struct error *err)
{
	AUTO(age_identities) passphrase = AGE_IDENTITIES_INIT;
	AUTO(buf) name = BUF_INIT;
	const char *text;

	passphrase.prompt = key->identities->prompt;
	if (buf_printf(&name, err, "the identity file \"%s\"",
		       text_printable_text(key->identity->source).text) < 0 ||
	    buf_text(&name, &text, err) < 0 ||
	    age_identities_add_passphrase(&passphrase, text, err) < 0)
		return -1;
	if (age_open(&passphrase, buf_span(&key->identity->wire), ret_plain, err) == 0)
		return 0;
	if (err->kind == ERROR_NO_KEY)
		err->kind = ERROR_AUTH;
	return -1;
}

static int unlock_file(const struct age_key *key, struct age_identities *unlocked,
		       struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;

	if (open_file(key, &plain, err) < 0)
		return error_wrap(err, "\"%s\"", text_printable_text(key->identity->source).text);
	/* a file in a file in a file … is none of age's, and would never end */
	if (age_locked_file_likely(span_trim(secret_span(&plain))))
		return error_set(err, ERROR_FORMAT, "\"%s\": an encrypted file in an encrypted file",
				 text_printable_text(key->identity->source).text);
	return age_identities_add_file(unlocked, secret_span(&plain), key->identity->source, err);
}

/* A file that a passphrase opens, no identity can. */
static int unwrap_with_file(const struct age_key *key, const struct age_stanza *stanza,
			    bool *ret_opened, struct key32 *ret_file_key, struct error *err)
{
	*ret_opened = false;
	if (span_equal_text(stanza->type, "scrypt"))
		return 0;
	return age_locked_unwrap(key, stanza, ret_opened, ret_file_key, err);
}

const struct age_identity_kind age_locked_file_identity = {
	.name = "encrypted file",
	.unlock = unlock_file,
	.unwrap = unwrap_with_file,
};
