/* SPDX-License-Identifier: MIT */
/* The configuration: what OpenClaw would refuse, and secrets in plain text. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "activate/values.h"
#include "check.h"
#include "util/buf.h"
#include "util/text.h"

/* Files for config_read(): those of the inventory; one that is not there yet is wanted. */
static int read_item(void *argument, const char *path, struct secret *ret_text, struct error *err)
{
	struct check *check = argument;
	const struct inventory_item *item;

	if (check_look(check, path, &item, err) < 0)
		return -1;
	if (item == NULL || (!item->exists && item->reason != EACCES))
		return error_set(err, ERROR_NO_FILE, "it is not there");
	if (!item->is_read || S_ISDIR(item->target.st_mode))
		return error_set(err, ERROR_DENIED, "it cannot be read%s",
				 item->reason == EACCES ? " from here; run this as root" : "");
	return secret_append_span(ret_text, secret_span(&item->bytes), err);
}

static struct config_reader reader_of(struct check *check)
{
	return (struct config_reader){ read_item, check };
}

/* What the gateway should take: of the configuration, in the open or from a file. */
static int tell_token(struct check *check, const struct config_place *place, struct error *err)
{
	const struct doc *doc = config_doc(&check->config, place);
	AUTO(secret) value = SECRET_INIT;
	struct config_reference reference;
	const char *why;

	if (check->facts->sealed.len > 0)
		return check_keep(check, CHECK_TOKEN, "", check->facts->sealed, err);
	if (!check_is_open_to_user(check, check->config.files[place->file].path))
		return 0;
	if (config_value(&check->config, place) == CONFIG_PLAIN)
		return check_keep(check, CHECK_TOKEN, "", doc_value(doc, place->node), err);
	if (config_value(&check->config, place) != CONFIG_REFERENCE ||
	    !config_reference(&check->config, place, &reference, &why))
		return 0;
	if (check_resolve(check, &reference, &value, err) < 0)
		return -1;
	return value.len > 0 ? check_keep(check, CHECK_TOKEN, "", secret_span(&value), err) : 0;
}

static int check_token(struct check *check, struct error *err)
{
	const struct config *config = &check->config;
	const struct config_place *mode = config_find_place(config, "gateway.auth.mode");
	const struct config_place *token = config_find_place(config, "gateway.auth.token");
	const struct config_place *password = config_find_place(config, "gateway.auth.password");
	const struct span said = mode ? doc_value(config_doc(config, mode), mode->node) : SPAN_INIT;

	if (span_equal_text(said, "none"))
		return check_say(check, CHECK_PROBLEM, "no-auth", check->where.config,
				 "set gateway.auth.mode to \"token\"", err,
				 "whoever reaches the gateway may use it");
	/* which comes before a token where no mode is said */
	if (span_equal_text(said, "password") || span_equal_text(said, "trusted-proxy") ||
	    (said.len == 0 && password && config_value(config, password) != CONFIG_EMPTY))
		return 0;
	/* likewise; a setup looks itself which variables reach the gateway */
	if (said.len == 0 && check->facts->unit == NULL &&
	    names_have(&check->variables, KNOWN_PASSWORD))
		return 0;
	if (token == NULL || config_value(config, token) == CONFIG_EMPTY)
		return check_say(
			check, CHECK_PROBLEM, "no-token", check->where.config,
			"make gateway.auth.token a SecretRef of source file", err,
			"gateway.auth.token is not there: without the variable, too, the gateway "
			"starts with a token that nobody knows");
	return tell_token(check, token, err);
}

static uint32_t entry_of(const struct doc *doc, uint32_t map, const char *key)
{
	return doc->nodes[map].kind == DOC_MAP ? doc_find(doc, map, span_of_text(key)) : DOC_NONE;
}

static bool is_set(const struct doc *doc, uint32_t map, const char *key)
{
	const uint32_t node = key ? entry_of(doc, map, key) : DOC_NONE;

	return node != DOC_NONE &&
	       (doc->nodes[node].kind == DOC_MAP || span_trim(doc_value(doc, node)).len > 0);
}

static bool is_off(const struct doc *doc, uint32_t map)
{
	const uint32_t node = entry_of(doc, map, "enabled");

	return node != DOC_NONE && span_equal_text(doc_value(doc, node), "false");
}

/* In the channel itself, or in one of its accounts. */
static bool channel_has(const struct doc *doc, uint32_t channel, const struct known_channel *known)
{
	const uint32_t accounts = entry_of(doc, channel, "accounts");

	if (is_set(doc, channel, known->field) || is_set(doc, channel, known->instead))
		return true;
	if (accounts == DOC_NONE || doc->nodes[accounts].kind == DOC_SCALAR)
		return false;
	for (uint32_t i = doc_child(doc, accounts); i != DOC_NONE; i = doc_sibling(doc, i))
		if (is_set(doc, i, known->field) || is_set(doc, i, known->instead))
			return true;
	return false;
}

static int check_channel(struct check *check, const struct config_place *place, struct error *err)
{
	const struct doc *doc = config_doc(&check->config, place);
	AUTO(buf) text = BUF_INIT;
	const char *where;

	if (doc->nodes[place->node].kind != DOC_MAP || is_off(doc, place->node))
		return 0;
	if (check_name_place(&check->config, place, &text, &where, err) < 0)
		return -1;
	for (const struct known_channel *known = known_channels; known->name != NULL; known++)
		if (strcmp(known->name, place->name) == 0 &&
		    !channel_has(doc, place->node, known) &&
		    !names_have(&check->variables, known->variable) &&
		    check_say(
			    check, CHECK_PROBLEM, "channel", where,
			    "seal it (bootseal set), and make the field a SecretRef of source file",
			    err, "the channel has no %s", known->field) < 0)
			return -1;
	return 0;
}

/* The secrets that a copy still holds; what is used no more is no matter else. */
static int check_left_over(struct check *check, const struct config *config, const char *path,
			   struct error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < config->len; i++) {
		const struct span value = check_plain_value(config, &config->places[i]);

		if (value.len == 0)
			continue;
		count++;
		if (check_keep(check, CHECK_SECRET, path, value, err) < 0)
			return -1;
	}
	if (count == 0)
		return 0;
	return check_say(check, CHECK_PROBLEM, "backup", path,
			 "shred -u, and issue new secrets where these are still in use", err,
			 "a copy of the configuration with %zu secret%s in plain text", count,
			 count == 1 ? "" : "s");
}

#define BACKUPS_MAX 256

/* OpenClaw's copies of the file before a change, and others beside it. */
static int check_backup(struct check *check, const char *path, struct error *err)
{
	AUTO(config) config = CONFIG_INIT;
	const struct config_reader reader = reader_of(check);
	struct error why = ERROR_INIT;

	if (config_read(path, &reader, &config, &why) == 0)
		return check_left_over(check, &config, path, err);
	if (why.kind == ERROR_SYSTEM) {
		*err = why; /* out of memory */
		return -1;
	}
	if (why.kind == ERROR_NO_FILE)
		return 0;
	return check_say(check, CHECK_NOTE, "unread", path, "look into it, or remove it", err,
			 "it may hold secrets: %s", why.message);
}

static int check_backups(struct check *check, struct error *err)
{
	const char *slash = strrchr(check->where.config, '/');
	AUTO(buf) text = BUF_INIT;
	const struct inventory_item *directory;
	const char *path;
	struct span names, name;
	unsigned count = 0;

	if (buf_append(&text, check->where.config, (size_t)(slash - check->where.config), err) <
		    0 ||
	    buf_text(&text, &path, err) < 0 || check_look(check, path, &directory, err) < 0)
		return -1;
	names = directory && directory->is_read ? secret_span(&directory->bytes) : SPAN_INIT;
	while (span_take_until(&names, '\0', &name)) {
		AUTO(buf) beside = BUF_INIT;

		if (!span_starts_with(name, "openclaw.json") || span_equal_text(name, slash + 1))
			continue;
		/* who can make files there must not keep the rest from being looked at */
		if (count++ == BACKUPS_MAX)
			return check_say(
				check, CHECK_PROBLEM, "unread", path,
				"remove those that are not needed", err,
				"more than %d copies of the configuration: the others were "
				"not looked at",
				BACKUPS_MAX);
		if (buf_printf(&beside, err, "%s/%.*s", path, SPAN_PRINT(name)) < 0 ||
		    buf_text(&beside, &path, err) < 0 || check_backup(check, path, err) < 0 ||
		    buf_text(&text, &path, err) < 0)
			return -1;
	}
	return 0;
}

/* Others may read what should be for OpenClaw alone. */
static int check_modes(struct check *check, struct error *err)
{
	for (size_t i = 0; i < check->config.files_len; i++) {
		const struct inventory_item *item =
			inventory_find(check->inventory, check->config.files[i].path);

		if (item != NULL && (item->target.st_mode & 077) != 0 &&
		    check_say(check, CHECK_NOTE, "mode", item->path, "chmod 600", err,
			      "others than its owner may open it (mode %04o)",
			      item->target.st_mode & 07777) < 0)
			return -1;
	}
	for (size_t i = 0; i < check->config.faults.len; i++)
		if (check_say(check, CHECK_PROBLEM, "config", check->where.config,
			      "put the file there, or take out the \"$include\"", err,
			      "OpenClaw refuses what it includes: %s",
			      check->config.faults.items[i]) < 0)
			return -1;
	return 0;
}

/* How the gateway knows its clients, for a plan: a token and a password exclude each other where no mode is said. */
static int tell_auth(struct check *check, struct error *err)
{
	static const char *const paths[] = { "gateway.auth.mode", "gateway.auth.token",
					     "gateway.auth.password" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct config_place *place = config_find_place(&check->config, paths[i]);
		const enum config_value value =
			place ? config_value(&check->config, place) : CONFIG_EMPTY;
		const struct span said = value == CONFIG_REFERENCE ? SPAN_LITERAL("reference")
								   : SPAN_LITERAL("text");

		if (value == CONFIG_EMPTY)
			continue;
		if (values_put(check->answer,
			       &(struct value){ CHECK_AUTH, span_of_text(paths[i]),
						i > 0 ? said
						      : doc_value(config_doc(&check->config, place),
								  place->node) },
			       err) < 0)
			return -1;
	}
	return 0;
}

int check_wants(struct check *check, struct error *err)
{
	if (check_token(check, err) < 0)
		return -1;
	for (size_t i = 0; i < check->config.len; i++)
		if (check->config.places[i].kind == CONFIG_CHANNEL &&
		    check_channel(check, &check->config.places[i], err) < 0)
			return -1;
	return 0;
}

int check_config(struct check *check, struct error *err)
{
	const struct config_reader reader = reader_of(check);
	struct error why = ERROR_INIT;

	if (check_backups(check, err) < 0)
		return -1;
	check->has_config = config_read(check->where.config, &reader, &check->config, &why) == 0;
	if (check->has_config)
		return check_modes(check, err) < 0 || check_secrets(check, err) < 0
			       ? -1
			       : tell_auth(check, err);
	if (why.kind == ERROR_SYSTEM) {
		*err = why;
		return -1;
	}
	return check_say(check, CHECK_PROBLEM, "config", check->where.config,
			 why.kind == ERROR_FORMAT ? "mend it"
						  : "say where it is: --config FILE, --for USER",
			 err, "OpenClaw has no configuration that it can read: %s", why.message);
}
