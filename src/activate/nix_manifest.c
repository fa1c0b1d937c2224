/* SPDX-License-Identifier: MIT */
#include "nix_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

/* A secret or a template as it stands there; texts are borrowed from the document. */
struct nix_item {
	struct span name, key, path, owner, group, sops_file, format, mode, content, file;
	int64_t uid, gid;
	uint32_t restart, reload;
};

static const struct nix_field nix_item_fields[] = {
	{ "name", NIX_TEXT, offsetof(struct nix_item, name) },
	{ "key", NIX_TEXT, offsetof(struct nix_item, key) },
	{ "path", NIX_TEXT, offsetof(struct nix_item, path) },
	{ "owner", NIX_OPTIONAL, offsetof(struct nix_item, owner) },
	{ "uid", NIX_NUMBER, offsetof(struct nix_item, uid) },
	{ "group", NIX_OPTIONAL, offsetof(struct nix_item, group) },
	{ "gid", NIX_NUMBER, offsetof(struct nix_item, gid) },
	{ "sopsFile", NIX_TEXT, offsetof(struct nix_item, sops_file) },
	{ "format", NIX_TEXT, offsetof(struct nix_item, format) },
	{ "mode", NIX_TEXT, offsetof(struct nix_item, mode) },
	{ "content", NIX_TEXT, offsetof(struct nix_item, content) },
	{ "file", NIX_TEXT, offsetof(struct nix_item, file) },
	{ "restartUnits", NIX_LIST, offsetof(struct nix_item, restart) },
	{ "reloadUnits", NIX_LIST, offsetof(struct nix_item, reload) },
};

static const struct nix_field nix_top_fields[] = {
	{ "secrets", NIX_OBJECTS, offsetof(struct nix_top, secrets) },
	{ "templates", NIX_OBJECTS, offsetof(struct nix_top, templates) },
	{ "placeholderBySecretName", NIX_OBJECT, offsetof(struct nix_top, placeholders) },
	{ "secretsMountPoint", NIX_TEXT, offsetof(struct nix_top, mount_point) },
	{ "symlinkPath", NIX_TEXT, offsetof(struct nix_top, link) },
	{ "keepGenerations", NIX_NUMBER, offsetof(struct nix_top, keep) },
	{ "sshKeyPaths", NIX_LIST, offsetof(struct nix_top, ssh_keys) },
	{ "gnupgHome", NIX_TEXT, offsetof(struct nix_top, gnupg_home) },
	{ "ageKeyFile", NIX_TEXT, offsetof(struct nix_top, age_key_file) },
	{ "ageSshKeyPaths", NIX_LIST, offsetof(struct nix_top, age_ssh_keys) },
	{ "useTmpfs", NIX_FLAG, offsetof(struct nix_top, use_tmpfs) },
	{ "userMode", NIX_FLAG, offsetof(struct nix_top, user_mode) },
	{ "logging", NIX_OBJECT, offsetof(struct nix_top, logging) },
};

static const struct nix_field nix_logging_fields[] = {
	{ "keyImport", NIX_FLAG, offsetof(struct manifest, log_keys) },
	{ "secretChanges", NIX_FLAG, offsetof(struct manifest, log_changes) },
};

#define NIX_FIELDS(fields) (fields), sizeof(fields) / sizeof((fields)[0])

/* --- Texts --- */

int nix_copy(struct span text, const char *what, char **ret_copy, struct error *err)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] == 0x7f)
			return error_set(err, ERROR_CONFIG, "a control character in %s \"%s\"",
					 what, text_printable(text).text);
	return reader_copy(text, ret_copy, err);
}

/* In user mode %r is the runtime directory, and %% a percent sign. */
static int nix_expand(const struct nix_parse *parse, struct span text, const char *what,
		      char **ret_path, struct error *err)
{
	AUTO(buf) path = BUF_INIT;

	for (size_t i = 0; i < text.len; i++) {
		char next = i + 1 < text.len ? (char)text.data[i + 1] : '\0';
		bool twice = parse->runtime_dir != NULL && text.data[i] == '%' &&
			     (next == '%' || next == 'r');

		if (twice && next == 'r' && buf_append_text(&path, parse->runtime_dir, err) < 0)
			return -1;
		if (!(twice && next == 'r') && buf_append(&path, &text.data[i], 1, err) < 0)
			return -1;
		i += twice;
	}
	return nix_copy(buf_span(&path), what, ret_path, err);
}

/* Base 8, at most 16 bits, of which the lowest nine are the file's. */
static int nix_mode(struct span text, mode_t *ret_mode, struct error *err)
{
	unsigned mode = 0;
	bool good = text.len > 0;

	for (size_t i = 0; good && i < text.len; i++) {
		good = text.data[i] >= '0' && text.data[i] <= '7' && mode <= 0xffff >> 3;
		mode = mode * 8 + (unsigned)(text.data[i] - '0');
	}
	if (!good)
		return error_set(err, ERROR_CONFIG, "mode \"%s\" is no octal number",
				 text_printable(text).text);
	*ret_mode = mode & 0777;
	return 0;
}

/* A name of an owner, or where that is null the number. */
static int nix_owner(struct span name, int64_t number, const char *what, char **ret_owner,
		     struct error *err)
{
	char text[24];

	if (name.data != NULL)
		return nix_copy(name, what, ret_owner, err);
	if (number >= UINT32_MAX)
		return error_set(err, ERROR_CONFIG, "%s %lld is too large", what,
				 (long long)number);
	snprintf(text, sizeof(text), "%lld", (long long)number);
	return reader_copy(span_of_text(text), ret_owner, err);
}

/* --- Secrets and templates --- */

static int nix_name(struct span prefix, struct span name, struct manifest_entry *entry,
		    struct error *err)
{
	const char *fault = reader_path_fault(name);
	AUTO(buf) whole = BUF_INIT;

	if (fault == NULL && span_starts_with(name, MANIFEST_RESERVED))
		fault = "begins with \"" MANIFEST_RESERVED "\", as only this program's own may";
	if (fault != NULL)
		return error_set(err, ERROR_CONFIG, "name \"%s\" %s", text_printable(name).text,
				 fault);
	if (buf_append_span(&whole, prefix, err) < 0 || buf_append_span(&whole, name, err) < 0)
		return -1;
	return nix_copy(buf_span(&whole), "name", &entry->name, err);
}

/* No link where the path is that of the file itself, or there is none. */
static int nix_link(const struct nix_parse *parse, struct span path, struct manifest_entry *entry,
		    struct error *err)
{
	const char *directory = parse->nix->manifest.directory;
	size_t len;

	if (path.len == 0)
		return 0;
	if (nix_expand(parse, path, "path", &entry->link, err) < 0 ||
	    manifest_check_path(entry->link, "path", err) < 0)
		return -1;
	len = directory == NULL ? 0 : strlen(directory);
	if (len > 0 && strncmp(entry->link, directory, len) == 0 && entry->link[len] == '/' &&
	    strcmp(entry->link + len + 1, entry->name) == 0) {
		free(entry->link);
		entry->link = NULL;
	}
	return 0;
}

/* What a secret and a template have in common. */
static int nix_common(const struct nix_parse *parse, const struct nix_item *item,
		      struct manifest_entry *entry, struct error *err)
{
	if (nix_mode(item->mode, &entry->mode, err) < 0 ||
	    nix_owner(item->owner, item->uid, "owner", &entry->owner, err) < 0 ||
	    nix_owner(item->group, item->gid, "group", &entry->group, err) < 0 ||
	    nix_link(parse, item->path, entry, err) < 0 ||
	    nix_json_texts(&parse->reader, item->restart, &entry->restart, err) < 0)
		return -1;
	return nix_json_texts(&parse->reader, item->reload, &entry->reload, err);
}

/* What Go does not know as a format is YAML. */
static const char *nix_format(struct span name)
{
	static const enum doc_format formats[] = { DOC_JSON, DOC_BINARY, DOC_DOTENV, DOC_INI };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (span_equal_text(name, doc_format_name(formats[i])))
			return doc_format_name(formats[i]);
	return doc_format_name(DOC_YAML);
}

/* Binary files, dotenv and INI are taken whole, whatever key says. */
static int nix_key(struct span key, struct manifest_entry *entry, struct error *err)
{
	bool keyed = strcmp(entry->format, doc_format_name(DOC_YAML)) == 0 ||
		     strcmp(entry->format, doc_format_name(DOC_JSON)) == 0;

	if (keyed && key.len > 0 && memchr(key.data, 0, key.len) != NULL)
		return error_set(err, ERROR_CONFIG, "a NUL in the key \"%s\"",
				 text_printable(key).text);
	return names_add(&entry->keys, keyed ? key : SPAN_INIT, err);
}

static int nix_secret(const struct nix_parse *parse, const struct nix_item *item,
		      struct manifest_entry *entry, struct error *err)
{
	AUTO_FREE char *path = NULL;

	if (nix_name(SPAN_INIT, item->name, entry, err) < 0 ||
	    nix_common(parse, item, entry, err) < 0)
		return -1;
	if (item->sops_file.len == 0)
		return error_set(err, ERROR_CONFIG, "no sopsFile");
	if (nix_copy(item->sops_file, "sopsFile", &path, err) < 0)
		return -1;
	entry->kind = MANIFEST_SECRET;
	entry->format = nix_format(item->format);
	if (manifest_add_file(&parse->nix->manifest, item->sops_file, &entry->file, err) < 0)
		return -1;
	return nix_key(item->key, entry, err);
}

/* The content counts, and without one the file. */
static int nix_template(const struct nix_parse *parse, const struct nix_item *item,
			struct manifest_entry *entry, struct error *err)
{
	struct nix_manifest *nix = parse->nix;
	size_t index = (size_t)(entry - nix->manifest.entries);

	entry->kind = MANIFEST_TEMPLATE;
	if (nix_name(SPAN_LITERAL(NIX_RENDERED "/"), item->name, entry, err) < 0 ||
	    nix_common(parse, item, entry, err) < 0)
		return -1;
	if (item->content.len > 0)
		return nix_template_split(nix, index, item->content, err);
	if (item->file.len > 0)
		return nix_copy(item->file, "file", &nix->template_files[index], err);
	return error_set(err, ERROR_CONFIG, "neither content nor file");
}

typedef int nix_read_item(const struct nix_parse *parse, const struct nix_item *item,
			  struct manifest_entry *entry, struct error *err);

static int nix_items(const struct nix_parse *parse, uint32_t list, nix_read_item *read,
		     struct error *err)
{
	const struct doc *doc = parse->reader.doc;

	if (list == DOC_NONE)
		return 0;
	for (uint32_t node = doc_child(doc, list); node != DOC_NONE;
	     node = doc_sibling(doc, node)) {
		struct nix_item item = { .restart = DOC_NONE, .reload = DOC_NONE };
		struct manifest_entry *entry;

		if (nix_json_object(&parse->reader, node, NIX_FIELDS(nix_item_fields), &item, err) <
			    0 ||
		    manifest_add_entry(&parse->nix->manifest, &entry, err) < 0)
			return -1;
		if (read(parse, &item, entry, err) < 0)
			return error_wrap(err, "manifest \"%s\": %s \"%s\"", parse->reader.name,
					  read == nix_secret ? "secret" : "template",
					  text_printable(item.name).text);
	}
	return 0;
}

/* Without templates sops-nix' modules write no placeholders, and nobody needs any. */
static int nix_templates(const struct nix_parse *parse, struct error *err)
{
	const struct doc *doc = parse->reader.doc;
	struct nix_manifest *nix = parse->nix;
	uint32_t list = parse->top.templates;

	if (list == DOC_NONE || doc_child(doc, list) == DOC_NONE)
		return 0;
	nix->template_files = calloc(MANIFEST_ENTRIES_MAX, sizeof(*nix->template_files));
	if (nix->template_files == NULL)
		return error_memory(err);
	nix->template_files_len = MANIFEST_ENTRIES_MAX;
	if (nix_read_placeholders(parse, err) < 0)
		return -1;
	return nix_items(parse, list, nix_template, err);
}

/* --- The whole --- */

static int nix_directory(const struct nix_parse *parse, struct span text, const char *what,
			 char **ret_path, struct error *err)
{
	/* A check does without. */
	if (text.len == 0)
		return 0;
	if (nix_expand(parse, text, what, ret_path, err) < 0 ||
	    manifest_check_path(*ret_path, what, err) < 0)
		return error_wrap(err, "manifest \"%s\"", parse->reader.name);
	return 0;
}

/* "keepGenerations" counts the live one, and 0 is all of them. */
static void nix_keep(int64_t keep, struct manifest *manifest)
{
	manifest->keep_all = keep == 0;
	manifest->keep = keep == 0 || keep > INT32_MAX ? INT32_MAX : (unsigned)keep - 1;
}

static int nix_key_path(const struct nix_parse *parse, struct span text, const char *what,
			char **ret_path, struct error *err)
{
	if (text.len == 0)
		return 0;
	if (nix_copy(text, what, ret_path, err) < 0)
		return error_wrap(err, "manifest \"%s\"", parse->reader.name);
	return 0;
}

static int nix_key_files(const struct nix_parse *parse, struct error *err)
{
	const struct nix_top *top = &parse->top;
	struct manifest *manifest = &parse->nix->manifest;

	if (nix_json_texts(&parse->reader, top->age_ssh_keys, &manifest->ssh_keys, err) < 0 ||
	    nix_json_texts(&parse->reader, top->ssh_keys, &manifest->gpg_ssh_keys, err) < 0 ||
	    nix_key_path(parse, top->age_key_file, "ageKeyFile", &parse->nix->age_key_file, err) <
		    0 ||
	    nix_key_path(parse, top->gnupg_home, "gnupgHome", &manifest->gnupg_home, err) < 0)
		return -1;
	if (top->gnupg_home.len > 0 &&
	    (manifest->gpg_ssh_keys.len > 0 || top->age_key_file.len > 0))
		return error_set(err, ERROR_CONFIG,
				 "manifest \"%s\": gnupgHome and %s exclude each other",
				 parse->reader.name,
				 manifest->gpg_ssh_keys.len > 0 ? "sshKeyPaths" : "ageKeyFile");
	return 0;
}

static int nix_top(struct nix_parse *parse, struct error *err)
{
	struct nix_top *top = &parse->top;
	struct manifest *manifest = &parse->nix->manifest;

	if (nix_json_object(&parse->reader, doc_root(parse->reader.doc, 0),
			    NIX_FIELDS(nix_top_fields), top, err) < 0 ||
	    (top->logging != DOC_NONE &&
	     nix_json_object(&parse->reader, top->logging, NIX_FIELDS(nix_logging_fields), manifest,
			     err) < 0))
		return -1;
	if (!top->user_mode)
		parse->runtime_dir = NULL;
	manifest->links_within = true;
	manifest->user_mode = top->user_mode;
	manifest->use_tmpfs = top->use_tmpfs;
	nix_keep(top->keep, manifest);
	if (nix_key_files(parse, err) < 0 ||
	    nix_directory(parse, top->link, "symlinkPath", &manifest->directory, err) < 0)
		return -1;
	return nix_directory(parse, top->mount_point, "secretsMountPoint", &manifest->root, err);
}

static int nix_read(struct nix_parse *parse, struct error *err)
{
	struct manifest *manifest = &parse->nix->manifest;

	if (nix_top(parse, err) < 0 || nix_items(parse, parse->top.secrets, nix_secret, err) < 0 ||
	    nix_templates(parse, err) < 0)
		return -1;
	if (manifest_check_entries(manifest, err) < 0)
		return error_wrap(err, "manifest \"%s\"", parse->reader.name);
	return 0;
}

int nix_manifest_parse(struct secret *text, const char *name, const char *runtime_dir,
		       struct nix_manifest *ret_manifest, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;
	struct text_shown shown = text_printable_text(name);
	struct nix_parse parse = {
		.reader = { &doc, shown.text },
		.nix = &nix,
		.top = { DOC_NONE, DOC_NONE, DOC_NONE, DOC_NONE, DOC_NONE, DOC_NONE, .keep = 0 },
		.runtime_dir = runtime_dir,
	};

	if (text->len > NIX_MANIFEST_MAX)
		return error_set(err, ERROR_LIMIT, "manifest \"%s\" is larger than %zu MiB",
				 shown.text, NIX_MANIFEST_MAX >> 20);
	if (doc_parse(DOC_JSON, text, DOC_FIRST_VALUE, &doc, err) < 0)
		return error_wrap(err, "manifest \"%s\"", shown.text);
	if (nix_read(&parse, err) < 0)
		return -1;
	*ret_manifest = nix;
	nix = NIX_MANIFEST_INIT;
	return 0;
}

void nix_manifest_release(struct nix_manifest *nix)
{
	manifest_release(&nix->manifest);
	free(nix->age_key_file);
	for (size_t i = 0; i < nix->template_files_len; i++)
		free(nix->template_files[i]);
	free(nix->template_files);
	for (size_t i = 0; i < nix->placeholders_len; i++)
		free(nix->placeholders[i].text);
	free(nix->placeholders);
	*nix = NIX_MANIFEST_INIT;
}
