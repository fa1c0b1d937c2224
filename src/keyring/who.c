/* SPDX-License-Identifier: MIT */
#include "keyring/who.h"

#include <stdlib.h>
#include <string.h>

#include "age/file.h"
#include "age/plugin.h"
#include "age/ssh.h"
#include "util/text.h"

/* What age itself knows; others are a plugin's affair. */
static const char *const own_types[] = { "X25519", "ssh-ed25519", "ssh-rsa", "scrypt",
					 "mlkem768x25519" };

void who_release(struct who *who)
{
	for (size_t i = 0; i < who->len; i++) {
		free(who->items[i].kind);
		free(who->items[i].text);
		free(who->items[i].why);
	}
	free(who->items);
	free(who->uses);
	*who = WHO_INIT;
}

/* Both texts are copied. The place is there: see begin(). */
static int add(struct who *who, size_t group, struct span kind, struct span text, struct error *err)
{
	struct who_key *key = &who->items[who->len];

	*key = (struct who_key){ .group = group, .identity = WHO_GPG };
	who->len++;
	key->kind = strdup(text_printable(kind).text);
	key->text = strndup((const char *)text.data, text.len);
	return key->kind && key->text ? 0 : error_memory(err);
}

static int begin(struct who *who, size_t keys, size_t identities, struct error *err)
{
	/* never nothing: then there is an address */
	who->items = calloc(keys + 1, sizeof(*who->items));
	who->uses = calloc(identities + 1, sizeof(*who->uses));
	return who->items && who->uses ? 0 : error_memory(err);
}

/* identities with one alone, borrowed; it asks nobody. */
static struct age_identities alone(const struct age_identities *identities, size_t index)
{
	struct age_identities one = *identities;

	one.items += index;
	one.len = 1;
	one.unusable_len = 0;
	one.ask_nobody = true;
	return one;
}

/* Of the last key that was added. */
static void mark(struct who *who, enum who_state state, size_t identity)
{
	struct who_key *key = &who->items[who->len - 1];

	if (identity != WHO_GPG && state > who->uses[identity])
		who->uses[identity] = state;
	if (state <= key->state)
		return;
	key->state = state;
	key->identity = identity;
}

/* Memory is an error; anything but not being meant says that the entry is broken. */
static int note_broken(struct who_key *key, const struct error *reason, struct error *err)
{
	if (reason->kind == ERROR_SYSTEM) {
		*err = *reason;
		return -1;
	}
	if (reason->kind == ERROR_NO_KEY || reason->kind == ERROR_DENIED || key->why)
		return 0;
	key->why = strdup(reason->message);
	return key->why ? 0 : error_memory(err);
}

/* Is recipient the public half of an identity that has first to be unlocked? */
static bool is_own(const struct age_identity *identity, struct span recipient)
{
	AUTO(age_recipients) one = AGE_RECIPIENTS_INIT;
	AUTO(buf) text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	return age_identity_spell(identity, &text, &ignored) == 0 &&
	       age_recipients_add(&one, buf_span(&text), &ignored) == 0 &&
	       keyring_is_key(&one.items[0], recipient);
}

/* The type of the stanza that is sealed for recipient. */
static struct span type_for(struct span recipient)
{
	struct span type;

	if (span_starts_with(recipient, "age1pq1"))
		return SPAN_LITERAL("mlkem768x25519");
	return span_starts_with(recipient, "ssh-") && span_take_until(&recipient, ' ', &type)
		       ? type
		       : SPAN_LITERAL("X25519");
}

/* Of an identity that asks: might it be the one for recipient? */
static bool might_open(const struct age_identities *identities, const struct age_identity *identity,
		       struct span recipient)
{
	struct age_stanza stanza = { SPAN_INIT, SPAN_INIT, SPAN_INIT };
	const char *program = age_identity_program(identity);
	struct age_plugin_name name;

	if (program)
		return age_plugin_of_recipient(recipient, &name) &&
		       strcmp(program + strlen(AGE_PLUGIN_PREFIX), name.text) == 0;
	if (age_identity_is_spelled(identity))
		return is_own(identity, recipient);
	/* in a locked file any identity may be, a plugin's too */
	stanza.type = age_plugin_of_recipient(recipient, &name) ? span_of_text(name.text)
								: type_for(recipient);
	return age_identity_may_open(identities, identity, &stanza);
}

static int try_age(struct who *who, const struct sops_key *entry,
		   const struct age_identities *identities, struct error *err)
{
	for (size_t i = 0; i < identities->len; i++) {
		const struct age_identities one = alone(identities, i);
		AUTO(secret) part = SECRET_INIT;
		struct error reason = ERROR_INIT;

		if (age_identities_ask(&one)) {
			if (might_open(&one, one.items, span_of_text(entry->text)))
				mark(who, WHO_MAY, i);
		} else if (age_open(&one, entry->enc, &part, &reason) == 0) {
			mark(who, WHO_OPENS, i);
		} else if (note_broken(&who->items[who->len - 1], &reason, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static enum who_state state_of_group(const struct who *who, size_t group)
{
	enum who_state state = WHO_NOBODY;

	for (size_t i = 0; i < who->len; i++)
		if (who->items[i].group == group && who->items[i].state > state)
			state = who->items[i].state;
	return state;
}

static void conclude(struct who *who)
{
	size_t open = 0, may = 0;

	for (size_t i = 0; i < who->groups; i++) {
		const enum who_state state = state_of_group(who, i);

		open += state == WHO_OPENS;
		may += state != WHO_NOBODY;
	}
	who->state = open >= who->needed ? WHO_OPENS : may >= who->needed ? WHO_MAY : WHO_NOBODY;
}

static int add_sops(struct who *who, size_t group, const struct sops_key *entry,
		    const struct sops_opener *opener, const struct keyring *keyring,
		    struct error *err)
{
	const struct span text = span_of_text(entry->text);
	const struct keyring_name *owner;
	struct who_key *key;

	if (add(who, group, span_of_text(sops_key_kind_names[entry->kind]),
		span_of_text(text_printable(text).text), err) < 0)
		return -1;
	key = &who->items[who->len - 1];
	if (entry->kind == SOPS_KEY_PGP && opener->programs)
		mark(who, WHO_MAY, WHO_GPG);
	if (entry->kind != SOPS_KEY_AGE)
		return 0;
	owner = keyring_owner_of_text(keyring, text);
	key->name = owner ? owner->name : NULL;
	return try_age(who, entry, opener->identities, err);
}

int who_of_sops(const struct sops_meta *meta, const struct sops_opener *opener,
		const struct keyring *keyring, struct who *ret_who, struct error *err)
{
	const struct sops_groups *groups = &meta->groups;
	AUTO(who) who = WHO_INIT;

	if (begin(&who, sops_groups_count(groups), opener->identities->len, err) < 0)
		return -1;
	who.groups = groups->len;
	who.needed = sops_groups_needed(groups);
	for (size_t i = 0; i < groups->len; i++)
		for (size_t k = 0; k < groups->items[i].len; k++)
			if (add_sops(&who, i, &groups->items[i].items[k], opener, keyring, err) < 0)
				return -1;
	conclude(&who);
	*ret_who = who;
	who = WHO_INIT;
	return 0;
}

static bool is_own_type(struct span type)
{
	for (size_t i = 0; i < sizeof(own_types) / sizeof(*own_types); i++)
		if (span_equal_text(type, own_types[i]))
			return true;
	return false;
}

/* What is locked might open what its kind does, but for passphrases; a plugin whatever it likes. */
static bool might_open_stanza(const struct age_identities *one, const struct age_stanza *stanza)
{
	if (age_identity_program(one->items))
		return !is_own_type(stanza->type);
	return !span_equal_text(stanza->type, "scrypt") &&
	       age_identity_may_open(one, one->items, stanza);
}

static int try_stanza(struct who *who, const struct age_header *stanza,
		      const struct age_identities *identities, struct error *err)
{
	for (size_t i = 0; i < identities->len; i++) {
		const struct age_identities one = alone(identities, i);
		AUTO(key32) file_key = KEY32_INIT;
		struct error reason = ERROR_INIT;

		if (age_identities_ask(&one)) {
			if (might_open_stanza(&one, stanza->stanzas))
				mark(who, WHO_MAY, i);
		} else if (age_header_open(stanza, &one, &file_key, &reason) == 0) {
			mark(who, WHO_OPENS, i);
		} else if (note_broken(&who->items[who->len - 1], &reason, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* An SSH key's stanza carries a short name of it in the open; the others tell nothing. */
static const char *owner_of_stanza(const struct keyring *keyring, const struct age_stanza *stanza)
{
	struct span arguments = stanza->arguments, tag;

	if (!span_starts_with(stanza->type, "ssh-") || !age_stanza_argument(&arguments, &tag))
		return NULL;
	for (size_t i = 0; i < keyring->len; i++) {
		const struct age_recipients *own = &keyring->names[i].recipients;

		for (size_t k = 0; k < own->len; k++)
			if (age_recipient_is_ssh(&own->items[k]) &&
			    age_ssh_tag_is(buf_span(&own->items[k].wire), tag))
				return keyring->names[i].name;
	}
	return NULL;
}

int who_of_age(const struct age_header *header, const struct age_identities *identities,
	       const struct keyring *keyring, struct who *ret_who, struct error *err)
{
	AUTO(who) who = WHO_INIT;

	if (begin(&who, header->len, identities->len, err) < 0)
		return -1;
	who.groups = who.needed = 1;
	for (size_t i = 0; i < header->len; i++) {
		struct age_header stanza = *header; /* borrowed: with one of its stanzas */

		stanza.stanzas += i;
		stanza.len = 1;
		if (add(&who, 0, stanza.stanzas->type, SPAN_LITERAL(""), err) < 0 ||
		    try_stanza(&who, &stanza, identities, err) < 0)
			return -1;
		who.items[i].name = owner_of_stanza(keyring, stanza.stanzas);
	}
	conclude(&who);
	*ret_who = who;
	who = WHO_INIT;
	return 0;
}
