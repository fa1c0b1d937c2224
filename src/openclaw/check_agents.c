/* SPDX-License-Identifier: MIT */
/* What OpenClaw keeps by itself: keys and logins of its agents, the models that it made a list of, its channels' sessions. */
#include <string.h>

#include "check.h"
#include "util/buf.h"

/* Of versions before, too: a map of profiles, or of providers, however deep. */
static const char *const keys[] = { "key", "token", "apiKey", NULL };
static const char *const logins[] = { "access",       "refresh",      "accessToken",
				      "refreshToken", "access_token", "refresh_token",
				      "idToken",      "id_token",     NULL };

struct kept {
	size_t keys, logins;
};

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

static bool is_one_of(struct span key, const char *const *list)
{
	for (; *list != NULL; list++)
		if (span_equal_text(key, *list))
			return true;
	return false;
}

static int count_text(struct check *check, const char *path, const struct doc *doc, uint32_t node,
		      struct span key, struct kept *kept, struct error *err)
{
	const struct span value = doc_value(doc, node);
	const bool is_key = is_one_of(key, keys) || known_value(value);

	if (doc->nodes[node].type != DOC_TYPE_STRING || is_marker(value) ||
	    (!is_key && !is_one_of(key, logins)))
		return 0;
	*(is_key ? &kept->keys : &kept->logins) += 1;
	return check_keep(check, CHECK_SECRET, path, value, err);
}

/* Not deeper than the parser goes. */
static int count_plain(struct check *check, const char *path, const struct doc *doc, uint32_t node,
		       struct kept *kept, struct error *err)
{
	const bool is_map = doc->nodes[node].kind == DOC_MAP;

	if (doc->nodes[node].kind == DOC_SCALAR)
		return 0;
	for (uint32_t i = doc_child(doc, node); i != DOC_NONE; i = doc_sibling(doc, i))
		if ((doc->nodes[i].kind == DOC_SCALAR
			     ? count_text(check, path, doc, i, is_map ? doc_key(doc, i) : SPAN_INIT,
					  kept, err)
			     : count_plain(check, path, doc, i, kept, err)) < 0)
			return -1;
	return 0;
}

static int say_kept(struct check *check, const char *path, const struct kept *kept,
		    struct error *err)
{
	if (kept->keys > 0 &&
	    check_say(check, CHECK_PROBLEM, "agent", path,
		      "seal them (bootseal set), give OpenClaw SecretRefs of source file (openclaw "
		      "secrets configure), and issue new ones",
		      err, "%zu secret%s in plain text", kept->keys,
		      kept->keys == 1 ? "" : "s") < 0)
		return -1;
	if (kept->logins == 0)
		return 0;
	return check_say(check, CHECK_PROBLEM, "oauth", path,
			 "let OpenClaw take them over (openclaw doctor --fix), and shred the file; "
			 "OpenClaw takes no SecretRef for them",
			 err, "%zu token%s of a login in plain text", kept->logins,
			 kept->logins == 1 ? "" : "s");
}

static int check_file(struct check *check, const char *path, struct error *err)
{
	const struct inventory_item *item;
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error why = ERROR_INIT;
	struct kept kept = { 0, 0 };

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
	if (count_plain(check, path, &doc, 1, &kept, err) < 0)
		return -1;
	return say_kept(check, path, &kept, err);
}

static int check_agent(struct check *check, const char *directory, struct span name,
		       struct error *err)
{
	static const char *const files[] = { "auth-profiles.json", "auth.json", "models.json" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		AUTO(buf) text = BUF_INIT;
		const char *path;

		if (buf_printf(&text, err, "%s/%.*s/agent/%s", directory, SPAN_PRINT(name),
			       files[i]) < 0 ||
		    buf_text(&text, &path, err) < 0 || check_file(check, path, err) < 0)
			return -1;
	}
	return 0;
}

/* --- STATE/credentials --- */

static int say_session(struct check *check, const char *path, struct error *err)
{
	const struct inventory_item *item;

	if (check_look(check, path, &item, err) < 0)
		return -1;
	if (item == NULL || !S_ISREG(item->target.st_mode))
		return 0;
	return check_say(check, CHECK_NOTE, "session", path,
			 "keep it out of backups; who has it is logged in", err,
			 "a channel's login, which OpenClaw keeps in plain text");
}

/* "oauth.json"; whatever calls itself a token; a channel's "creds.json". */
static int check_credential(struct check *check, const char *path, struct span name,
			    struct error *err)
{
	if (span_equal_text(name, "creds.json"))
		return say_session(check, path, err);
	if (span_ends_with(name, ".json"))
		return check_file(check, path, err);
	return known_sound(name) ? check_secret_file(check, path, "OpenClaw", err) : 0;
}

/* depth: of directories below; "whatsapp/ACCOUNT/creds.json". */
static int check_credentials(struct check *check, const char *directory, unsigned depth,
			     struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (check_list(check, directory, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_starts_with(name, "."))
			continue;
		if (check_look_in(check, directory, (const char *)name.data, &item, err) < 0)
			return -1;
		if (item == NULL)
			continue;
		if (S_ISREG(item->target.st_mode) &&
		    check_credential(check, item->path, name, err) < 0)
			return -1;
		if (S_ISDIR(item->target.st_mode) && !S_ISLNK(item->itself.st_mode) && depth > 0 &&
		    check_credentials(check, item->path, depth - 1, err) < 0)
			return -1;
	}
	return 0;
}

/* --- Other profiles: HOME/.openclaw-NAME, and those of former names --- */

static bool is_state(struct span name)
{
	static const char *const states[] = { ".openclaw", ".clawdbot", ".moltbot" };

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (span_equal_text(name, states[i]) ||
		    (span_starts_with(name, states[i]) && name.data[strlen(states[i])] == '-'))
			return true;
	return false;
}

/* One with a configuration in it; all else may be left of something. */
static int say_profile(struct check *check, const struct inventory_item *item, struct error *err)
{
	struct span names = secret_span(&item->bytes), name;

	if (!S_ISDIR(item->target.st_mode) || strcmp(item->path, check->where.state) == 0)
		return 0;
	while (span_take_until(&names, '\0', &name))
		if (span_equal_text(name, "openclaw.json") ||
		    span_equal_text(name, "clawdbot.json") || span_equal_text(name, "moltbot.json"))
			return check_say(check, CHECK_NOTE, "profile", item->path,
					 "check it, too: --state and that directory", err,
					 "another profile's state, which is not looked into");
	return 0;
}

static int check_profiles(struct check *check, struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (check_list(check, check->facts->home, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (!is_state(name))
			continue;
		if (check_look_in(check, check->facts->home, (const char *)name.data, &item, err) <
			    0 ||
		    (item != NULL && say_profile(check, item, err) < 0))
			return -1;
	}
	return 0;
}

int check_agents(struct check *check, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const struct inventory_item *directory;
	struct span names, name;
	const char *credentials;

	if (buf_printf(&text, err, "%s/credentials", check->where.state) < 0 ||
	    buf_text(&text, &credentials, err) < 0 ||
	    check_credentials(check, credentials, 2, err) < 0 || check_profiles(check, err) < 0 ||
	    check_look_in(check, check->where.state, "agents", &directory, err) < 0)
		return -1;
	if (directory == NULL || !S_ISDIR(directory->target.st_mode))
		return 0;
	names = secret_span(&directory->bytes);
	while (span_take_until(&names, '\0', &name))
		if (!span_starts_with(name, ".") &&
		    check_agent(check, directory->path, name, err) < 0)
			return -1;
	return 0;
}
