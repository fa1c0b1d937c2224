/* SPDX-License-Identifier: MIT */
/*
 * SSH private keys under a passphrase. Their public half is mostly known without it, and so is then
 * whether a stanza is meant for them: only if one may be, the passphrase is asked for. An X25519
 * stanza does not tell whom it is meant for, and the converted key of an ed25519 one may be it: for
 * that, too, it is asked for, when a key that a stanza names was not there or did not open it; but
 * not where the file around it tells its recipients, as sops' do, and this is none of them.
 *
 * The private part of such an identity is its file; what was in it is kept in its state.
 */
#include <stdlib.h>
#include <string.h>

#include "age/prompt.h"
#include "age/ssh.h"
#include "ssh/convert.h"
#include "ssh/type.h"
#include "ssh/wire.h"
#include "util/text.h"

/* Nothing at first; then the key, or why it could not be had. */
struct unlocked {
	struct error problem;
	struct age_ssh_identity key;
	struct buf wire;
};

static void unlocked_release(struct unlocked *unlocked)
{
	age_ssh_identity_release(&unlocked->key);
	buf_release(&unlocked->wire);
}

static void release_state(void *state)
{
	unlocked_release(state);
	free(state);
}

static int parse(const struct age_key *key, struct span passphrase, struct unlocked *unlocked,
		 struct error *err)
{
	AUTO(ssh_private_key) opened = SSH_PRIVATE_KEY_INIT;
	struct span known = buf_span(&key->identity->wire);

	if (ssh_private_key_parse(key->private_part, passphrase, &opened, err) < 0)
		return -1;
	if (known.len > 0 && !span_equal(known, buf_span(&opened.wire)))
		return error_set(err, ERROR_FORMAT,
				 "the public key beside the private one belongs to another");
	if (age_ssh_identity_of(&opened, &unlocked->key, err) < 0)
		return -1;
	unlocked->wire = buf_move(&opened.wire);
	return 0;
}

static int ask_and_parse(const struct age_key *key, struct unlocked *unlocked, struct error *err)
{
	AUTO(secret) passphrase = SECRET_INIT;
	AUTO(buf) name = BUF_INIT;
	const char *source = text_printable_text(key->identity->source).text, *text;

	if (buf_printf(&name, err, "SSH key \"%s\"", source) < 0 ||
	    buf_text(&name, &text, err) < 0 ||
	    age_prompt_passphrase(key->identities->prompt, text, &passphrase, err) < 0)
		return -1;
	if (parse(key, secret_span(&passphrase), unlocked, err) < 0)
		return error_wrap(err, "\"%s\"", source);
	return 0;
}

/* Once: whoever mistyped it is not asked again for each of many files. */
static int unlock(const struct age_key *key, struct error *err)
{
	struct unlocked *unlocked = key->identity->state;

	if (unlocked->key.kind)
		return 0;
	if (unlocked->problem.kind == ERROR_NONE &&
	    ask_and_parse(key, unlocked, &unlocked->problem) == 0)
		return 0;
	*err = unlocked->problem;
	return -1;
}

static const struct age_identity_kind locked_some_rsa;

/* It does not say whose it is; sops does, of the files that hold its data keys. */
static bool may_be_x25519(const struct age_key *key)
{
	const struct age_recipient *meant = key->identities->meant;
	const struct age_identity *identity = key->identity;

	if (!identity->kind->recipient)
		return identity->kind != &locked_some_rsa;
	return identity->kind->recipient->has_point &&
	       (!meant || memcmp(meant->point, identity->point, sizeof(identity->point)) == 0);
}

static enum age_match match(const struct age_key *key, const struct age_stanza *stanza)
{
	const struct age_recipient_kind *kind = key->identity->kind->recipient;
	struct span arguments = stanza->arguments, tag;

	if (span_equal_text(stanza->type, "X25519"))
		return may_be_x25519(key) ? AGE_MATCH_POSSIBLE : AGE_MATCH_NONE;
	if (!ssh_type_is_usable(stanza->type))
		return AGE_MATCH_NONE;
	if (!kind)
		return key->identity->kind == &locked_some_rsa &&
				       !span_equal_text(stanza->type, SSH_RSA_TYPE)
			       ? AGE_MATCH_NONE
			       : AGE_MATCH_POSSIBLE;
	return span_equal_text(stanza->type, kind->name) && age_stanza_argument(&arguments, &tag) &&
			       age_ssh_tag_is(buf_span(&key->identity->wire), tag)
		       ? AGE_MATCH_NAMED
		       : AGE_MATCH_NONE;
}

/* The identity that it turned out to be; borrows from it. */
static struct age_identity identity_of(const struct age_key *key)
{
	const struct unlocked *unlocked = key->identity->state;
	struct age_identity identity = { .kind = unlocked->key.kind,
					 .source = key->identity->source,
					 .wire = unlocked->wire };

	memcpy(identity.point, unlocked->key.point, sizeof(identity.point));
	return identity;
}

static int open_unlocked(const struct age_key *key, const struct age_header *header,
			 bool *ret_opened, struct key32 *ret_file_key, struct error *err)
{
	const struct unlocked *unlocked = key->identity->state;
	const struct age_identity identity = identity_of(key);
	const struct age_key own = { key->identities, &identity,
				     secret_span(&unlocked->key.private_part) };

	for (size_t i = 0; i < header->len && !*ret_opened; i++)
		if (identity.kind->unwrap(&own, &header->stanzas[i], ret_opened, ret_file_key,
					  err) < 0)
			return -1;
	return 0;
}

static int open(const struct age_key *key, const struct age_header *header, bool *ret_opened,
		struct key32 *ret_file_key, struct error *err)
{
	size_t i = 0;

	*ret_opened = false;
	while (i < header->len && match(key, &header->stanzas[i]) == AGE_MATCH_NONE)
		i++;
	if (i == header->len)
		return 0;
	if (unlock(key, err) < 0)
		return -1;
	return open_unlocked(key, header, ret_opened, ret_file_key, err);
}

/* Of one that tells its public half, nothing is asked. */
static int unknown_recipient_text(const struct age_key *key, struct buf *lines, struct error *err)
{
	struct age_identity identity;
	struct age_key own = { key->identities, &identity, SPAN_INIT };

	if (unlock(key, err) < 0)
		return -1;
	identity = identity_of(key);
	return age_ssh_recipient_text(&own, lines, err);
}

static const struct age_identity_kind locked_ed25519 = {
	.name = "locked ssh-ed25519",
	.recipient = &age_ssh_ed25519_recipient,
	.recipient_text = age_ssh_recipient_text,
	.open = open,
	.match = match,
	.release_state = release_state,
};

static const struct age_identity_kind locked_rsa = {
	.name = "locked ssh-rsa",
	.recipient = &age_ssh_rsa_recipient,
	.recipient_text = age_ssh_recipient_text,
	.open = open,
	.match = match,
	.release_state = release_state,
};

static const struct age_identity_kind locked_unknown = {
	.name = "locked SSH key",
	.recipient_text = unknown_recipient_text,
	.open = open,
	.match = match,
	.release_state = release_state,
};

static const struct age_identity_kind locked_some_rsa = {
	.name = "locked RSA key",
	.recipient_text = unknown_recipient_text,
	.open = open,
	.match = match,
	.release_state = release_state,
};

/* What is public of the key, through the recipient that it is. */
static int find_kind(struct span wire, bool is_rsa, struct age_recipients *recipients,
		     struct age_identity_parts *parts, struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	parts->kind = is_rsa ? &locked_some_rsa : &locked_unknown;
	if (wire.len == 0)
		return 0;
	if (ssh_wire_text(wire, &text, err) < 0 ||
	    age_recipients_add(recipients, buf_span(&text), err) < 0)
		return -1;
	parts->kind =
		recipients->items[0].kind == &age_ssh_rsa_recipient ? &locked_rsa : &locked_ed25519;
	parts->point = recipients->items[0].point;
	return 0;
}

int age_ssh_locked_add(struct age_identities *identities, struct span file, struct span wire,
		       bool is_rsa, const char *source, struct error *err)
{
	struct age_identity_parts parts = { .wire = wire, .private_part = file };
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;

	if (find_kind(wire, is_rsa, &recipients, &parts, err) < 0)
		return -1;
	parts.state = calloc(1, sizeof(struct unlocked));
	if (!parts.state)
		return error_memory(err);
	if (age_identities_append(identities, &parts, source, err) < 0) {
		free(parts.state);
		return -1;
	}
	return 0;
}
