/* SPDX-License-Identifier: MIT */
/*
 * Recipients and identities of plugins. What their texts hold is the plugin's own affair: only the
 * encoding is checked here.
 */
#include <ctype.h>
#include <string.h>

#include "age/bech32.h"
#include "age/kind.h"
#include "age/plugin.h"

static bool claims(struct span text)
{
	/* one word, "age1" and another "1" behind it: kinds that are built in are asked before */
	for (size_t i = 0; i < text.len; i++)
		if (!islower(text.data[i]) && !isdigit(text.data[i]) &&
		    (text.data[i] == '\0' || !strchr("+-._", text.data[i])))
			return false;
	return span_starts_with(text, "age1") && memchr(text.data + 4, '1', text.len - 4);
}

/* Of a key in hardware, and post-quantum: no program is called so, and what age itself does is not here. */
static int refuse_tagged(struct error *err)
{
	error_set(err, ERROR_UNSUPPORTED,
		  "a post-quantum recipient of a key in hardware (age1tagpq1…) is not sealed to "
		  "here");
	return error_hint(err, "seal with age 1.3, or to the plugin's own recipient; opening needs "
			       "the plugin alone");
}

static int parse(struct span text, struct age_recipient *recipient, struct error *err)
{
	struct age_plugin_name name;

	if (!age_bech32_is_valid_lower(text))
		return error_set(err, ERROR_FORMAT,
				 "not a whole age1… recipient (mistyped or cut)");
	if (!age_plugin_of_recipient(text, &name))
		return error_set(err, ERROR_FORMAT,
				 "a plugin's recipient, but no plugin can have "
				 "such a name");
	if (strcmp(name.text, "tagpq") == 0)
		return refuse_tagged(err);
	return buf_append_span(&recipient->wire, text, err);
}

static int wrap_by(const struct age_plugins *plugins, const struct age_recipient *recipient,
		   const struct key32 *file_key, struct buf *header, struct buf *labels,
		   struct error *err)
{
	const bool is_identity = recipient->hidden.len > 0;
	struct age_plugin_key key = { .is_identity = is_identity };
	struct age_plugin_name name;

	key.text = is_identity ? secret_span(&recipient->hidden) : buf_span(&recipient->wire);
	if (is_identity ? !age_plugin_of_identity(key.text, &name)
			: !age_plugin_of_recipient(key.text, &name))
		return error_set(err, ERROR_BUG, "a plugin without a name");
	key.name = name.text;
	return age_plugin_wrap(plugins, &key, file_key, header, labels, err);
}

static int open(const struct age_key *key, const struct age_header *header, bool *ret_opened,
		struct key32 *ret_file_key, struct error *err)
{
	struct age_plugin_key plugin = { .text = key->private_part, .is_identity = true };
	struct age_plugin_name name;

	if (!age_plugin_of_identity(key->private_part, &name))
		return error_set(err, ERROR_BUG, "a plugin without a name");
	plugin.name = name.text;
	return age_plugin_unwrap(key->identities->plugins, &plugin, header, ret_opened,
				 ret_file_key, err);
}

int age_plugin_identity_add(struct age_identities *identities, struct span text, const char *source,
			    struct error *err)
{
	char program[sizeof(AGE_PLUGIN_PREFIX) + AGE_PLUGIN_NAME_MAX] = AGE_PLUGIN_PREFIX;
	struct age_plugin_name name;
	size_t len;

	if (!age_bech32_is_valid_upper(text))
		return error_set(err, ERROR_FORMAT, "a damaged identity (mistyped or cut)");
	if (!age_plugin_of_identity(text, &name))
		return error_set(err, ERROR_FORMAT,
				 "an identity of a plugin, but no plugin can "
				 "have such a name");
	len = strlen(name.text) + 1;
	memcpy(program + sizeof(AGE_PLUGIN_PREFIX) - 1, name.text, len);
	/* with its terminator */
	return age_identities_append(identities,
				     &(struct age_identity_parts){
					     &age_plugin_identity, NULL,
					     span_of(program, sizeof(AGE_PLUGIN_PREFIX) - 1 + len),
					     text, NULL },
				     source, err);
}

int age_identities_add_plugin(struct age_identities *identities, const char *name,
			      struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	if (age_plugin_identity_text(name, &text, err) < 0)
		return -1;
	return age_plugin_identity_add(identities, buf_span(&text), "-j", err);
}

const char *age_identity_program(const struct age_identity *identity)
{
	return identity->kind == &age_plugin_identity ? (const char *)identity->wire.data : NULL;
}

const struct age_recipient_kind age_plugin_recipient = {
	.name = "plugin",
	.claims = claims,
	.parse = parse,
	.wrap_by = wrap_by,
};

const struct age_identity_kind age_plugin_identity = {
	.name = "plugin",
	.recipient = &age_plugin_recipient,
	.open = open,
};
