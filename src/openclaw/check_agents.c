/* SPDX-License-Identifier: MIT */
/* What OpenClaw keeps for each of its agents: keys that it was given, and the models that it made a list of. */
#include <string.h>

#include "check.h"
#include "util/buf.h"

static const struct {
	const char *file, *map, *fields[3];
} kept[] = {
	{ "auth-profiles.json", "profiles", { "key", "token" } },
	{ "models.json", "providers", { "apiKey" } },
};

#define KEPT (sizeof(kept) / sizeof(*kept))

/* What stands for a secret that is elsewhere: "secretref-managed" and the like, or a variable's name. */
static bool is_marker(struct span value)
{
	if (value.len == 0 || span_starts_with(value, "secretref-"))
		return true;
	for (size_t i = 0; i < value.len; i++)
		if (!(value.data[i] >= 'A' && value.data[i] <= 'Z') && value.data[i] != '_' &&
		    !(value.data[i] >= '0' && value.data[i] <= '9'))
			return false;
	return known_variable(value);
}

static int check_field(struct check *check, const char *path, const struct doc *doc, uint32_t map,
		       const char *field, size_t *count, struct error *err)
{
	const uint32_t node = doc_find(doc, map, span_of_text(field));

	if (node == DOC_NONE || doc->nodes[node].type != DOC_TYPE_STRING ||
	    is_marker(doc_value(doc, node)))
		return 0;
	(*count)++;
	return check_keep(check, CHECK_SECRET, path, doc_value(doc, node), err);
}

static int count_plain(struct check *check, const char *path, const struct doc *doc, size_t which,
		       size_t *count, struct error *err)
{
	const uint32_t map = doc_find(doc, 1, span_of_text(kept[which].map));

	if (map == DOC_NONE || doc->nodes[map].kind != DOC_MAP)
		return 0;
	for (uint32_t i = doc_child(doc, map); i != DOC_NONE; i = doc_sibling(doc, i))
		for (const char *const *field = kept[which].fields; *field != NULL; field++)
			if (check_field(check, path, doc, i, *field, count, err) < 0)
				return -1;
	return 0;
}

static int check_file(struct check *check, const char *path, size_t which, struct error *err)
{
	const struct inventory_item *item;
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error why = ERROR_INIT;
	size_t count = 0;

	if (check_look(check, path, &item, err) < 0)
		return -1;
	if (item == NULL || !S_ISREG(item->target.st_mode) || item->bytes.len == 0)
		return 0;
	if (secret_append_span(&text, secret_span(&item->bytes), err) < 0)
		return -1;
	if (json5_parse(&text, &doc, &why) < 0) {
		if (why.kind != ERROR_SYSTEM)
			return check_say(check, CHECK_NOTE, "unread", path, "look into it", err,
					 "it may hold secrets: %s", why.message);
		*err = why;
		return -1;
	}
	if (count_plain(check, path, &doc, which, &count, err) < 0)
		return -1;
	if (count == 0)
		return 0;
	return check_say(
		check, CHECK_PROBLEM, "agent", path,
		"seal them (bootseal set), give OpenClaw SecretRefs of source file (openclaw "
		"secrets configure), and issue new ones",
		err, "%zu secret%s in plain text", count, count == 1 ? "" : "s");
}

int check_agents(struct check *check, struct error *err)
{
	const struct inventory_item *directory;
	struct span names, name;

	if (check_look_in(check, check->where.state, "agents", &directory, err) < 0)
		return -1;
	if (directory == NULL || !S_ISDIR(directory->target.st_mode))
		return 0;
	names = secret_span(&directory->bytes);
	while (span_take_until(&names, '\0', &name))
		for (size_t i = 0; i < KEPT && !span_starts_with(name, "."); i++) {
			AUTO(buf) text = BUF_INIT;
			const char *path;

			if (buf_printf(&text, err, "%s/%s/agent/%s", directory->path,
				       (const char *)name.data, kept[i].file) < 0 ||
			    buf_text(&text, &path, err) < 0 || check_file(check, path, i, err) < 0)
				return -1;
		}
	return 0;
}
