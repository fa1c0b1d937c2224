/* SPDX-License-Identifier: MIT */
/* The configuration's secrets: in plain text, as SecretRefs, and in files that it names. */
#include <string.h>

#include "activate/values.h"
#include "check.h"
#include "util/buf.h"
#include "util/text.h"

static const char seal_it[] =
	"seal it (bootseal set), give OpenClaw a SecretRef of source file, and issue a new one";

int check_name_place(const struct config *config, const struct config_place *place,
		     struct buf *text, const char **ret_where, struct error *err)
{
	if (buf_printf(text, err, "%s: %s", config->files[place->file].path,
		       text_printable_text(place->path).text) < 0)
		return -1;
	return buf_text(text, ret_where, err);
}

struct span check_plain_value(const struct config *config, const struct config_place *place)
{
	if (place->kind != CONFIG_SECRET && place->kind != CONFIG_SECRET_PLAIN)
		return SPAN_INIT;
	switch (config_value(config, place)) {
	case CONFIG_PLAIN:
		return doc_value(config_doc(config, place), place->node);
	case CONFIG_OBJECT:
		return config_object_key(config, place);
	case CONFIG_EMPTY:
	case CONFIG_VARIABLE:
	case CONFIG_REFERENCE:
	case CONFIG_OTHER:
		break;
	}
	return SPAN_INIT;
}

static int say_plain_alone(struct check *check, const char *where, size_t line, struct error *err)
{
	return check_say(check, CHECK_NOTE, "plaintext-only", where,
			 "keep the file for its owner alone, and out of backups and repositories",
			 err,
			 "line %zu: a secret in plain text, for which OpenClaw takes no SecretRef",
			 line);
}

static int check_plain(struct check *check, const struct config *config,
		       const struct config_place *place, const char *where, struct span value,
		       struct error *err)
{
	const size_t line = doc_line(config_doc(config, place), place->node);

	if (place->kind == CONFIG_SECRET_PLAIN)
		return say_plain_alone(check, where, line, err);
	if (check_note_place(check, CHECK_IN_CONFIG, config->files[place->file].path, line, "",
			     span_of_text(place->path), value, err) < 0)
		return -1;
	return check_say(check, CHECK_PROBLEM, "plaintext", where, seal_it, err,
			 "line %zu: a secret in plain text", line);
}

/* OpenClaw takes its JSON as a text, too. */
static int check_object(struct check *check, const struct config *config,
			const struct config_place *place, const char *where, struct error *err)
{
	AUTO(secret) json = SECRET_INIT;

	if (config_object(config, place, &json, err) < 0)
		return -1;
	if (json.len > 0)
		return check_plain(check, config, place, where, secret_span(&json), err);
	return check_say(check, CHECK_NOTE, "plaintext-odd", where, seal_it, err,
			 "line %zu: an account with a private key, and with what is no text in it",
			 doc_line(config_doc(config, place), place->node));
}

static int check_reference(struct check *check, const struct config *config,
			   const struct config_place *place, const char *where, struct error *err)
{
	struct config_reference reference;
	const char *why;

	if (!config_reference(config, place, &reference, &why))
		return check_say(check, CHECK_PROBLEM, "reference", where,
				 "write { source: \"file\", provider: NAME, id: \"/KEY\" }", err,
				 "OpenClaw refuses it: %s", why);
	if (values_put(check->answer,
		       &(struct value){ CHECK_REFERENCED, span_of_text(place->path), SPAN_INIT },
		       err) < 0)
		return -1;
	if (reference.source == CONFIG_ENV)
		return check_say(
			check, CHECK_PROBLEM, "reference-env", where,
			"use source file: what is in the gateway's environment, every command of "
			"the agent sees",
			err, "it comes from the environment");
	if (reference.source == CONFIG_STORE)
		return check_say(check, CHECK_PROBLEM, "reference-store", where,
				 "use source file: OpenClaw's store keeps secrets in plain text",
				 err, "it comes from OpenClaw's own store");
	return 0;
}

/* Where OpenClaw takes no SecretRef, there is no better way. */
static int check_in_variable(struct check *check, const struct config_place *place,
			     const char *where, struct error *err)
{
	if (place->kind == CONFIG_SECRET_PLAIN)
		return check_say(check, CHECK_NOTE, "variable-only", where,
				 "none: OpenClaw takes no SecretRef there", err,
				 "it comes from a variable, which every command of the agent sees");
	return check_say(check, CHECK_PROBLEM, "variable", where,
			 "use a SecretRef of source file: every command of the agent inherits the "
			 "environment",
			 err,
			 "it comes from a variable, and OpenClaw starts where that is not set");
}

static int check_secret(struct check *check, const struct config *config,
			const struct config_place *place, struct error *err)
{
	const struct span value = check_plain_value(config, place);
	AUTO(buf) text = BUF_INIT;
	const char *where;

	if (check_name_place(config, place, &text, &where, err) < 0 ||
	    (value.len > 0 && check_keep(check, CHECK_SECRET, where, value, err) < 0))
		return -1;
	switch (config_value(config, place)) {
	case CONFIG_PLAIN:
		return check_plain(check, config, place, where, value, err);
	case CONFIG_OBJECT:
		return check_object(check, config, place, where, err);
	case CONFIG_VARIABLE:
		return check_in_variable(check, place, where, err);
	case CONFIG_REFERENCE:
		return check_reference(check, config, place, where, err);
	case CONFIG_EMPTY:
	case CONFIG_OTHER:
		break;
	}
	return 0;
}

/* --- Files that hold one --- */

static const char not_for_disks[] =
	"seal it (bootseal set), make the field beside it a SecretRef of source file, remove the "
	"file, and issue a new one";

static int check_file_itself(struct check *check, const char *where,
			     const struct inventory_item *item, struct error *err)
{
	const mode_t mode = item->target.st_mode;

	if (!item->exists || !S_ISREG(mode))
		return 0;
	if (item->is_read &&
	    check_keep(check, CHECK_SECRET, item->path, secret_span(&item->bytes), err) < 0)
		return -1;
	if ((mode & 077) != 0 &&
	    check_say(check, CHECK_PROBLEM, "secret-file-mode", item->path, "chmod 600", err,
		      "others than its owner may open it (mode %04o), and it holds a secret",
		      mode & 07777) < 0)
		return -1;
	if (item->target.st_uid != check->facts->uid && item->target.st_uid != 0 &&
	    check_say(check, CHECK_PROBLEM, "secret-file-owner", item->path,
		      "chown it to the gateway's user", err,
		      "it holds a secret, and belongs to another than the gateway's user") < 0)
		return -1;
	return item->in_memory || !item->is_read
		       ? 0
		       : check_say(check, CHECK_PROBLEM, "secret-file", item->path, not_for_disks,
				   err, "it lies on a disk in plain text; %s names it", where);
}

int check_secret_file(struct check *check, const char *path, const char *where, struct error *err)
{
	const struct inventory_item *item;

	if (check_look(check, path, &item, err) < 0)
		return -1;
	return item ? check_file_itself(check, where, item, err) : 0;
}

static int check_named_file(struct check *check, const struct config *config,
			    const struct config_place *place, struct error *err)
{
	const struct span name = doc_value(config_doc(config, place), place->node);
	AUTO(buf) text = BUF_INIT;
	AUTO_FREE char *path = NULL;

	if (span_trim(name).len == 0 || memchr(name.data, '\0', name.len) != NULL)
		return 0;
	if (config_expand(name, check_look_up, check, &text, err) < 0 ||
	    config_resolve(check->where.home, check->where.config, span_of(text.data, text.len),
			   &path, err) < 0)
		return -1;
	return check_secret_file(check, path, text_printable_text(place->path).text, err);
}

int check_secrets(struct check *check, struct error *err)
{
	const struct config *config = &check->config;

	for (size_t i = 0; i < config->len; i++) {
		const struct config_place *place = &config->places[i];
		int result = 0;

		if (place->kind == CONFIG_SECRET || place->kind == CONFIG_SECRET_PLAIN)
			result = check_secret(check, config, place, err);
		else if (place->kind == CONFIG_SECRET_FILE)
			result = check_named_file(check, config, place, err);
		if (result < 0)
			return -1;
	}
	return 0;
}
