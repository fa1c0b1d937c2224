/* SPDX-License-Identifier: MIT */
/* Providers of SecretRefs: the files and commands that OpenClaw would refuse, and why. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "util/buf.h"
#include "util/text.h"

#define FILE_BYTES_DEFAULT (1 << 20)

/* The provider of that name; NULL. */
static const struct config_place *find_provider(const struct config *config, struct span name)
{
	for (size_t i = config->len; i-- > 0;)
		if (config->places[i].kind == CONFIG_PROVIDER &&
		    span_equal_text(name, config->places[i].name))
			return &config->places[i];
	return NULL;
}

/* Is each entry of the provider one that OpenClaw knows? Its schema is strict. */
static int check_entries(struct check *check, const struct config_place *provider,
			 const char *const *known, struct error *err)
{
	const struct doc *doc = config_doc(&check->config, provider);

	for (uint32_t i = doc_child(doc, provider->node); i != DOC_NONE; i = doc_sibling(doc, i)) {
		size_t k = 0;

		while (known[k] != NULL && !span_equal_text(doc_key(doc, i), known[k]))
			k++;
		if (known[k] == NULL &&
		    check_say(check, CHECK_PROBLEM, "provider", provider->path, "take it out", err,
			      "OpenClaw knows no \"%s\" there, and refuses its whole configuration",
			      text_printable(doc_key(doc, i)).text) < 0)
			return -1;
	}
	return 0;
}

static int provider_path(struct check *check, const struct config_place *provider, const char *key,
			 char **ret_path, struct error *err)
{
	AUTO(buf) path = BUF_INIT;

	if (config_expand(config_text(&check->config, provider, key), check_look_up, check, &path,
			  err) < 0)
		return -1;
	return config_resolve(check->where.home, check->where.config, span_of(path.data, path.len),
			      ret_path, err);
}

static bool is_single(struct check *check, const struct config_place *provider)
{
	return span_equal_text(config_text(&check->config, provider, "mode"), "singleValue");
}

/* JSON pointer (RFC 6901). DOC_NONE where it leads nowhere. */
static int follow(const struct doc *doc, struct span pointer, uint32_t *ret_node, struct error *err)
{
	uint32_t node = 1;
	struct span part;

	pointer = span_slice(pointer, 1, pointer.len);
	while (node != DOC_NONE && span_take_until(&pointer, '/', &part)) {
		AUTO(secret) key = SECRET_INIT;

		for (size_t i = 0; i < part.len; i++) {
			const bool escaped = part.data[i] == '~' && i + 1 < part.len;
			const uint8_t c = !escaped                  ? part.data[i]
					  : part.data[i + 1] == '1' ? '/'
								    : '~';

			i += escaped ? 1 : 0;
			if (secret_append(&key, &c, 1, err) < 0)
				return -1;
		}
		node = doc->nodes[node].kind == DOC_MAP ? doc_find(doc, node, secret_span(&key))
							: DOC_NONE;
	}
	*ret_node = node;
	return 0;
}

/* What is wrong with it is ret_why; out of memory is an error. */
static int parse_document(const struct inventory_item *item, struct doc *ret_doc,
			  struct error *ret_why, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (secret_append_span(&text, secret_span(&item->bytes), err) < 0)
		return -1;
	if (doc_parse(DOC_JSON, &text, 0, ret_doc, ret_why) == 0 || ret_why->kind != ERROR_SYSTEM)
		return 0;
	*err = *ret_why;
	return -1;
}

int check_resolve(struct check *check, const struct config_reference *reference,
		  struct secret *ret_value, struct error *err)
{
	const struct config_place *provider = find_provider(&check->config, reference->provider);
	const struct inventory_item *item;
	AUTO_FREE char *path = NULL;
	AUTO(doc) doc = DOC_INIT;
	struct error why = ERROR_INIT;
	uint32_t node;

	if (reference->source != CONFIG_FILE || provider == NULL)
		return 0;
	if (provider_path(check, provider, "path", &path, err) < 0 ||
	    check_look(check, path, &item, err) < 0)
		return -1;
	if (item == NULL || !item->is_read || !check_is_open_to_user(check, path))
		return 0;
	if (is_single(check, provider))
		return secret_append_span(ret_value, span_trim(secret_span(&item->bytes)), err);
	if (parse_document(item, &doc, &why, err) < 0)
		return -1;
	if (why.kind != ERROR_NONE)
		return 0;
	if (follow(&doc, reference->id, &node, err) < 0)
		return -1;
	return node != DOC_NONE && doc.nodes[node].type == DOC_TYPE_STRING
		       ? secret_append_span(ret_value, doc_value(&doc, node), err)
		       : 0;
}

/* Why OpenClaw would not open the file, by what lstat() says; NULL: it would. */
static const char *refusal(const struct inventory_item *item, uid_t uid, const char **ret_to_do)
{
	const struct stat *s = &item->itself;

	*ret_to_do = "let bootseal activate publish it: owner the gateway's user, mode 0400";
	if (S_ISLNK(s->st_mode))
		return "it is a symlink";
	if (!S_ISREG(s->st_mode))
		return "it is no regular file";
	if (s->st_nlink > 1)
		return "it has a second name (a hard link)";
	if (s->st_uid != uid)
		return "it is not the gateway's user's own";
	if ((s->st_mode & 077) != 0)
		return "others may open it: its group or others have rights, or there is an ACL";
	return NULL;
}

static int say_absent(struct check *check, const struct inventory_item *item, struct error *err)
{
	if (item->reason == EACCES)
		return 0; /* which is told with all that could not be read */
	/* withdrawn, as it should be */
	if (check->facts->gateway == CHECK_GATEWAY_UP)
		return check_say(check, CHECK_OK, "withdrawn", item->path, "", err,
				 "it is not there while the gateway is up");
	if (strstr(item->path, ".ready/") != NULL)
		return check_say(check, CHECK_NOTE, "unpublished", item->path,
				 "start the gateway's unit, which publishes it", err,
				 "it is not published now");
	return check_say(check, CHECK_PROBLEM, "file", item->path,
			 "bootseal activate, or start the unit that publishes it", err,
			 "it is not there, and the gateway does not start without it");
}

static size_t max_bytes(struct check *check, const struct config_place *provider)
{
	const struct doc *doc = config_doc(&check->config, provider);
	const uint32_t node = doc_find(doc, provider->node, SPAN_LITERAL("maxBytes"));
	double number;

	if (node == DOC_NONE || !json5_number(doc, node, &number) || !(number >= 1) ||
	    number > (double)INVENTORY_FILE_MAX)
		return FILE_BYTES_DEFAULT;
	return (size_t)number;
}

static int check_document(struct check *check, const struct config_place *provider,
			  const struct inventory_item *item, struct error *err)
{
	static const char to_do[] = "seal a text under that key, and activate";
	AUTO(doc) doc = DOC_INIT;
	struct error why = ERROR_INIT;

	if (parse_document(item, &doc, &why, err) < 0)
		return -1;
	if (why.kind != ERROR_NONE)
		return check_say(check, CHECK_PROBLEM, "file", item->path,
				 "let bootseal activate write it (documents: in its manifest)", err,
				 "OpenClaw refuses it: %s", why.message);
	for (size_t i = 0; i < check->config.len; i++) {
		const struct config_place *place = &check->config.places[i];
		struct config_reference reference;
		const char *ignored;
		uint32_t node;

		if (place->kind != CONFIG_SECRET ||
		    config_value(&check->config, place) != CONFIG_REFERENCE ||
		    !config_reference(&check->config, place, &reference, &ignored) ||
		    reference.source != CONFIG_FILE ||
		    !span_equal_text(reference.provider, provider->name))
			continue;
		if (follow(&doc, reference.id, &node, err) < 0)
			return -1;
		if ((node == DOC_NONE || doc.nodes[node].type != DOC_TYPE_STRING ||
		     doc_value(&doc, node).len == 0) &&
		    check_say(check, CHECK_PROBLEM, "file", item->path, to_do, err,
			      "it has no text at \"%s\", which %s wants",
			      text_printable(reference.id).text,
			      text_printable_text(place->path).text) < 0)
			return -1;
		if (node != DOC_NONE && doc.nodes[node].type == DOC_TYPE_STRING &&
		    check_keep(check, CHECK_SECRET, item->path, doc_value(&doc, node), err) < 0)
			return -1;
	}
	return 0;
}

/* Where it lies, and for how long. */
static int check_lying(struct check *check, const struct inventory_item *item, struct error *err)
{
	if (!item->in_memory &&
	    check_say(check, CHECK_PROBLEM, "file-on-disk", item->path,
		      "let bootseal activate publish it below /run, and issue new secrets", err,
		      "it lies on a disk in plain text") < 0)
		return -1;
	if (check->facts->gateway != CHECK_GATEWAY_UP)
		return 0;
	return check_say(
		check, CHECK_PROBLEM, "file-left", item->path,
		"lifetime: until-ready in the manifest, and bootseal release in the unit "
		"(bootseal.yaml(5))",
		err, "it is still there while the gateway is up: the agent's shell can read it");
}

static int check_file(struct check *check, const struct config_place *provider, struct error *err)
{
	static const char *const known[] = {
		"source", "path", "mode", "timeoutMs", "maxBytes", NULL
	};
	const struct inventory_item *item;
	AUTO_FREE char *path = NULL;
	const char *why, *to_do;

	if (check_entries(check, provider, known, err) < 0)
		return -1;
	if (config_text(&check->config, provider, "path").len == 0)
		return check_say(check, CHECK_PROBLEM, "provider", provider->path, "give it one",
				 err, "a provider of source file without a path");
	if (provider_path(check, provider, "path", &path, err) < 0 ||
	    check_look(check, path, &item, err) < 0)
		return -1;
	if (item == NULL)
		return 0;
	if (!item->exists)
		return say_absent(check, item, err);
	why = refusal(item, check->facts->uid, &to_do);
	if (why == NULL && (size_t)item->itself.st_size > max_bytes(check, provider)) {
		why = "it is too large";
		to_do = "take out what OpenClaw does not need, or raise maxBytes";
	}
	if (why != NULL && check_say(check, CHECK_PROBLEM, "file", item->path, to_do, err,
				     "OpenClaw refuses it: %s", why) < 0)
		return -1;
	if (!S_ISREG(item->target.st_mode))
		return 0;
	if (check_lying(check, item, err) < 0)
		return -1;
	if (!item->is_read)
		return 0;
	return is_single(check, provider)
		       ? check_keep(check, CHECK_SECRET, item->path, secret_span(&item->bytes), err)
		       : check_document(check, provider, item, err);
}

/* Is the command below one of the trusted directories, if there are any? */
static bool is_trusted(struct check *check, const struct config_place *provider, const char *path)
{
	const struct doc *doc = config_doc(&check->config, provider);
	const uint32_t list = doc_find(doc, provider->node, SPAN_LITERAL("trustedDirs"));

	if (list == DOC_NONE || doc->nodes[list].kind != DOC_LIST)
		return true;
	for (uint32_t i = doc_child(doc, list); i != DOC_NONE; i = doc_sibling(doc, i)) {
		const struct span directory = doc_value(doc, i);

		if (strlen(path) > directory.len && directory.len > 0 &&
		    memcmp(path, directory.data, directory.len) == 0 &&
		    (path[directory.len] == '/' || directory.data[directory.len - 1] == '/'))
			return true;
	}
	return false;
}

static int check_exec(struct check *check, const struct config_place *provider, struct error *err)
{
	static const char *const known[] = { "source",
					     "command",
					     "args",
					     "timeoutMs",
					     "noOutputTimeoutMs",
					     "maxOutputBytes",
					     "jsonOnly",
					     "env",
					     "passEnv",
					     "trustedDirs",
					     "pluginIntegration",
					     NULL };
	const struct span command = config_text(&check->config, provider, "command");
	const struct inventory_item *item;
	AUTO_FREE char *path = NULL;
	const char *why = NULL;

	if (check_entries(check, provider, known, err) < 0)
		return -1;
	if (doc_find(config_doc(&check->config, provider), provider->node,
		     SPAN_LITERAL("pluginIntegration")) != DOC_NONE)
		return 0;
	if (!span_starts_with(command, "/"))
		return check_say(check, CHECK_PROBLEM, "provider", provider->path,
				 "give its whole path", err,
				 "a provider of source exec without an absolute command");
	if (provider_path(check, provider, "command", &path, err) < 0 ||
	    check_look(check, path, &item, err) < 0 ||
	    names_add_once(&check->programs, path, err) < 0)
		return -1;
	if (item == NULL || (!item->exists && item->reason == EACCES))
		return 0;
	if (!item->exists)
		why = "it is not there";
	else if (S_ISLNK(item->itself.st_mode))
		why = "it is a symlink";
	else if (!S_ISREG(item->itself.st_mode))
		why = "it is no regular file";
	else if (item->itself.st_uid != check->facts->uid)
		why = "it is not the gateway's user's own";
	else if ((item->itself.st_mode & 022) != 0)
		why = "others may change it";
	else if (!is_trusted(check, provider, path))
		why = "it is in none of its trustedDirs";
	if (why == NULL)
		return 0;
	return check_say(
		check, CHECK_PROBLEM, "exec", item->path,
		"a copy of the user's own, mode 0755; or source file, which needs no program", err,
		"OpenClaw refuses to run it: %s", why);
}

/* Each SecretRef has its provider, of its source. */
static int check_providers_named(struct check *check, struct error *err)
{
	for (size_t i = 0; i < check->config.len; i++) {
		const struct config_place *place = &check->config.places[i], *provider;
		struct config_reference reference;
		const char *ignored;
		struct span source;

		if (place->kind != CONFIG_SECRET ||
		    config_value(&check->config, place) != CONFIG_REFERENCE ||
		    !config_reference(&check->config, place, &reference, &ignored))
			continue;
		provider = find_provider(&check->config, reference.provider);
		source = provider ? config_text(&check->config, provider, "source") : SPAN_INIT;
		if (provider == NULL && reference.source != CONFIG_FILE &&
		    reference.source != CONFIG_EXEC)
			continue;
		if (!span_equal_text(source, config_sources[reference.source]) &&
		    check_say(check, CHECK_PROBLEM, "provider",
			      check->config.files[place->file].path, "add it to secrets.providers",
			      err, "%s wants the provider \"%s\" of source %s, which is not there",
			      text_printable_text(place->path).text,
			      text_printable(reference.provider).text,
			      config_sources[reference.source]) < 0)
			return -1;
	}
	return 0;
}

int check_providers(struct check *check, struct error *err)
{
	if (check_providers_named(check, err) < 0)
		return -1;
	for (size_t i = 0; i < check->config.len; i++) {
		const struct config_place *place = &check->config.places[i];
		struct span source;

		if (place->kind != CONFIG_PROVIDER ||
		    config_doc(&check->config, place)->nodes[place->node].kind != DOC_MAP)
			continue;
		source = config_text(&check->config, place, "source");
		if ((span_equal_text(source, "file") && check_file(check, place, err) < 0) ||
		    (span_equal_text(source, "exec") && check_exec(check, place, err) < 0))
			return -1;
	}
	return 0;
}
