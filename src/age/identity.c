/* SPDX-License-Identifier: MIT */
#include "age/identity.h"

#include <stdlib.h>
#include <string.h>

#include "age/bech32.h"
#include "age/convert.h"
#include "age/hybrid.h"
#include "age/kind.h"
#include "age/locked_file.h"
#include "age/plugin.h"
#include "age/ssh.h"
#include "crypto/x25519.h"
#include "crypto/xwing.h"
#include "ssh/pubkey.h"
#include "ssh/wire.h"
#include "util/text.h"

#define HRP "AGE-SECRET-KEY-"

static int grow(struct age_identities *identities, size_t private_len, struct error *err)
{
	if (identities->len == AGE_IDENTITIES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d identities", AGE_IDENTITIES_MAX);
	if (secret_grow(&identities->keys, private_len, err) < 0)
		return -1;
	if (identities->len < identities->cap)
		return 0;

	size_t cap = identities->cap ? identities->cap * 2 : 4;
	struct age_identity *items = reallocarray(identities->items, cap, sizeof(*items));
	if (!items)
		return error_memory(err);
	identities->items = items;
	identities->cap = cap;
	return 0;
}

static void identity_release(struct age_identity *identity)
{
	if (identity->state)
		identity->kind->release_state(identity->state);
	free(identity->source);
	buf_release(&identity->wire);
}

/* Forgets and wipes all from len on, and of the unusable ones. */
static void cut(struct age_identities *identities, size_t len, size_t unusable_len)
{
	while (identities->len > len) {
		struct age_identity *last = &identities->items[--identities->len];

		secret_truncate(&identities->keys, last->private_start);
		identity_release(last);
	}
	identities->unusable_len = unusable_len;
	if (unusable_len == 0)
		buf_clear(&identities->unusable);
}

int age_identities_append(struct age_identities *identities, const struct age_identity_parts *parts,
			  const char *source, struct error *err)
{
	struct age_identity identity = { .kind = parts->kind, .wire = BUF_INIT };

	if (grow(identities, parts->private_part.len, err) < 0 ||
	    buf_append_span(&identity.wire, parts->wire, err) < 0)
		return -1;
	identity.source = strdup(source);
	if (!identity.source) {
		identity_release(&identity);
		return error_memory(err);
	}
	if (parts->point)
		memcpy(identity.point, parts->point, sizeof(identity.point));
	identity.private_start = identities->keys.len;
	identity.private_len = parts->private_part.len;
	identity.state = parts->state;
	identities->items[identities->len++] = identity;
	/* there is room for it: see grow() */
	return secret_append_span(&identities->keys, parts->private_part, err);
}

struct span age_identities_private(const struct age_identities *identities,
				   const struct age_identity *identity)
{
	return span_slice(secret_span(&identities->keys), identity->private_start,
			  identity->private_len);
}

/* An identity of age's own. */
static int append_scalar(struct age_identities *identities, const struct key32 *scalar,
			 const char *source, struct error *err)
{
	const struct span private_part = span_of(scalar->data, sizeof(scalar->data));
	uint8_t point[X25519_LEN];

	x25519_public(scalar, point);
	return age_identities_append(identities,
				     &(struct age_identity_parts){ .kind = &age_x25519_identity,
								   .point = point,
								   .private_part = private_part },
				     source, err);
}

/* What a well-formed identity of a kind that is not built in is called; NULL for all else. */
static const char *unusable_kind(struct span text)
{
	const char *kind = age_hybrid_is_identity(text) && !xwing_is_supported()
				   ? "a post-quantum identity, which needs " XWING_NEEDS
				   : NULL;

	return kind && age_bech32_is_valid_upper(text) ? kind : NULL;
}

static int note_unusable(struct age_identities *identities, const char *kind, const char *source,
			 struct error *err)
{
	/* the first is enough to know what is missing */
	if (identities->unusable_len == 0 && buf_printf(&identities->unusable, err, "%s (%s)", kind,
							text_printable_text(source).text) < 0)
		return -1;
	identities->unusable_len++;
	return 0;
}

/* Text is never quoted. */
static int refuse(struct span text, struct error *err)
{
	if (span_starts_with(text, "AGE-SECRET-KEY-PQ-"))
		return error_set(err, ERROR_FORMAT, "a damaged identity (mistyped or cut)");
	if (span_starts_with(text, "age1") || span_starts_with(text, "ssh-"))
		return error_set(err, ERROR_FORMAT,
				 "a recipient (public key) where an identity should be");
	return error_set(err, ERROR_FORMAT, "no age identity (AGE-SECRET-KEY-1…)");
}

static int add(struct age_identities *identities, struct span text, const char *source,
	       struct error *err)
{
	AUTO(key32) scalar = KEY32_INIT;

	const char *unusable = unusable_kind(text);

	if (span_starts_with(text, "AGE-PLUGIN-"))
		return age_plugin_identity_add(identities, text, source, err);
	if (unusable)
		return note_unusable(identities, unusable, source, err);
	if (age_hybrid_is_identity(text))
		return age_hybrid_add(identities, text, source, err);
	if (!span_starts_with(text, HRP "1"))
		return refuse(text, err);
	if (!age_bech32_decode(text, HRP, scalar.data, sizeof(scalar.data)))
		return error_set(err, ERROR_FORMAT, "a damaged age identity (mistyped or cut)");
	return append_scalar(identities, &scalar, source, err);
}

int age_identities_add(struct age_identities *identities, struct span text, const char *source,
		       struct error *err)
{
	if (add(identities, span_trim(text), source, err) < 0)
		return error_wrap(err, "%s", text_printable_text(source).text);
	return 0;
}

/*
 * The wire form of the first key in a .pub file; ret_wire stays empty where there is none: then the
 * passphrase tells, and is asked for more often.
 */
static int read_public(struct span file, struct buf *ret_wire, struct error *err)
{
	struct span line;

	while (span_take_line(&file, &line)) {
		AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
		struct error problem = ERROR_INIT;

		if (ssh_public_key_parse(line, &key, &problem) == 0) {
			*ret_wire = buf_move(&key.wire);
			return 0;
		}
		if (problem.kind == ERROR_SYSTEM) {
			*err = problem;
			return -1;
		}
	}
	return 0;
}

static int add_locked(struct age_identities *identities, struct span file,
		      struct ssh_private_key *key, struct span public_file, const char *source,
		      struct error *err)
{
	if (key->wire.len == 0 && read_public(public_file, &key->wire, err) < 0)
		return -1;
	return age_ssh_locked_add(identities, file, buf_span(&key->wire), key->is_rsa, source, err);
}

static int add_ssh(struct age_identities *identities, struct span file, struct span public_file,
		   const char *source, struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(age_ssh_identity) identity = AGE_SSH_IDENTITY_INIT;
	struct age_identity_parts parts = { .point = identity.point };

	if (ssh_private_key_parse(file, SPAN_INIT, &key, err) < 0)
		return -1;
	if (key.locked)
		return add_locked(identities, file, &key, public_file, source, err);
	if (age_ssh_identity_of(&key, &identity, err) < 0)
		return -1;
	parts.kind = identity.kind;
	parts.wire = buf_span(&key.wire);
	parts.private_part = secret_span(&identity.private_part);
	return age_identities_append(identities, &parts, source, err);
}

static int add_lines(struct age_identities *identities, struct span file, const char *source,
		     struct error *err)
{
	size_t before = identities->len, unusable = identities->unusable_len, number = 0;
	struct span line;

	while (span_take_line(&file, &line)) {
		line = span_trim(line);
		number++;
		if (line.len == 0 || line.data[0] == '#')
			continue;
		if (add(identities, line, source, err) < 0) {
			cut(identities, before, unusable);
			return error_wrap(err, "line %zu", number);
		}
	}
	if (identities->len == before && identities->unusable_len == unusable)
		return error_set(err, ERROR_FORMAT, "no identity in it");
	return 0;
}

/* Comments may stand before an SSH key, but no identities of age's own, which would be passed over. */
static bool is_ssh(struct span text)
{
	return span_starts_with(text, "PuTTY-User-Key-File") ||
	       (ssh_private_key_likely(text) && !memmem(text.data, text.len, HRP, strlen(HRP)) &&
		!memmem(text.data, text.len, "AGE-PLUGIN-", strlen("AGE-PLUGIN-")));
}

static int add_file(struct age_identities *identities, struct span file, struct span public_file,
		    const char *source, struct error *err)
{
	struct span text = span_trim(file);

	if (file.len > AGE_IDENTITY_FILE_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB of identities",
				 AGE_IDENTITY_FILE_MAX >> 20);
	if (age_locked_file_likely(text))
		return age_locked_file_add(identities, file, source, err);
	if (is_ssh(text))
		return add_ssh(identities, file, public_file, source, err);
	return add_lines(identities, file, source, err);
}

int age_identities_add_pair(struct age_identities *identities, struct span file,
			    struct span public_file, const char *source, struct error *err)
{
	if (add_file(identities, file, public_file, source, err) < 0)
		return error_wrap(err, "\"%s\"", text_printable_text(source).text);
	return 0;
}

int age_identities_add_file(struct age_identities *identities, struct span file, const char *source,
			    struct error *err)
{
	return age_identities_add_pair(identities, file, SPAN_INIT, source, err);
}

int age_identity_spell(const struct age_identity *identity, struct buf *text, struct error *err)
{
	const struct age_key key = { NULL, identity, SPAN_INIT };
	char native[AGE_X25519_TEXT_MAX];

	if (!age_identity_is_spelled(identity))
		return age_identity_program(identity)
			       ? buf_printf(text, err, "of %s", age_identity_program(identity))
			       : buf_append_text(text, "locked", err);
	if (!identity->kind->recipient->has_point) {
		if (identity->kind->recipient_text(&key, text, err) < 0)
			return -1;
		text->len--; /* its LF */
		return 0;
	}
	age_x25519_text(identity->point, native);
	return buf_append_text(text, native, err);
}

bool age_identity_is_spelled(const struct age_identity *identity)
{
	return identity->kind->recipient && identity->kind->recipient_text;
}

bool age_identity_may_open(const struct age_identities *identities,
			   const struct age_identity *identity, const struct age_stanza *stanza)
{
	const struct age_key key = { identities, identity,
				     age_identities_private(identities, identity) };

	return !identity->kind->match || identity->kind->match(&key, stanza) != AGE_MATCH_NONE;
}

bool age_identities_ask(const struct age_identities *identities)
{
	for (size_t i = 0; i < identities->len; i++)
		if (identities->items[i].kind->open)
			return true;
	return false;
}

int age_identities_check_usable(const struct age_identities *identities, struct error *err)
{
	if (identities->unusable_len == 0)
		return 0;
	return error_set(err, ERROR_UNSUPPORTED, "not supported here: %.*s",
			 SPAN_PRINT(buf_span(&identities->unusable)));
}

int age_identities_tell_unusable(const struct age_identities *identities, struct buf *message,
				 struct error *err)
{
	if (identities->unusable_len == 0)
		return 0;
	return buf_printf(message, err, "; not supported: %.*s%s",
			  SPAN_PRINT(buf_span(&identities->unusable)),
			  identities->unusable_len > 1 ? " and others" : "");
}

void age_identities_release(struct age_identities *identities)
{
	cut(identities, 0, 0);
	buf_release(&identities->unusable);
	free(identities->items);
	secret_release(&identities->keys);
	*identities = AGE_IDENTITIES_INIT;
}
