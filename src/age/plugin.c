/* SPDX-License-Identifier: MIT */
#include "age/plugin.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "age/bech32.h"
#include "age/kind.h"
#include "plugin_talk.h"
#include "util/text.h"

#define RECIPIENT_START "age1"
#define IDENTITY_START "AGE-PLUGIN-"

bool age_plugin_name_is_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum(name.data[i]) &&
		    (name.data[i] == '\0' || !strchr("+-._", name.data[i])))
			return false;
	return name.len > 0 && name.len <= AGE_PLUGIN_NAME_MAX;
}

/* What stands between start and end in the human-readable part of text, in lower case. */
static bool take_name(struct span text, const char *start, const char *end,
		      struct age_plugin_name *ret_name)
{
	const uint8_t *separator = text.len > 0 ? memrchr(text.data, '1', text.len) : NULL;
	struct span hrp = span_of(text.data, separator ? (size_t)(separator - text.data) : 0), name;

	if (!span_starts_with(hrp, start) || !span_ends_with(hrp, end) ||
	    hrp.len < strlen(start) + strlen(end))
		return false;
	name = span_slice(hrp, strlen(start), hrp.len - strlen(start) - strlen(end));
	if (!age_plugin_name_is_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		ret_name->text[i] = (char)tolower(name.data[i]);
	ret_name->text[name.len] = '\0';
	return true;
}

bool age_plugin_of_recipient(struct span text, struct age_plugin_name *ret_name)
{
	return take_name(text, RECIPIENT_START, "", ret_name);
}

bool age_plugin_of_identity(struct span text, struct age_plugin_name *ret_name)
{
	return take_name(text, IDENTITY_START, "-", ret_name);
}

int age_plugin_identity_text(const char *name, struct buf *ret_text, struct error *err)
{
	char hrp[sizeof(IDENTITY_START) + AGE_PLUGIN_NAME_MAX + 1];
	size_t len = sizeof(IDENTITY_START) - 1;

	if (!age_plugin_name_is_valid(span_of_text(name)))
		return error_set(err, ERROR_USAGE, "\"%s\" is no name of a plugin",
				 text_printable_text(name).text);
	memcpy(hrp, IDENTITY_START, len);
	for (const char *c = name; *c != '\0'; c++)
		hrp[len++] = (char)toupper((unsigned char)*c);
	hrp[len++] = '-';
	hrp[len] = '\0';
	if (buf_grow(ret_text, age_bech32_len(hrp, 0), err) < 0)
		return -1;
	age_bech32_encode(hrp, SPAN_INIT, (char *)ret_text->data + ret_text->len);
	ret_text->len += age_bech32_len(hrp, 0);
	return 0;
}

static int broken(const char *what, struct error *err)
{
	return error_set(err, ERROR_FORMAT, "it does not keep to the protocol of plugins: %s",
			 what);
}

/* There is one file, number 0. */
static bool take_file_index(struct span *arguments)
{
	struct span index;

	return age_stanza_argument(arguments, &index) && span_equal_text(index, "0");
}

/* What a conversation has come to. */
struct wrapped {
	struct buf *header, *labels;
	size_t stanzas;
	bool has_labels;
};

static int take_stanza(struct wrapped *wrapped, const struct age_stanza *command, struct error *err)
{
	AUTO(buf) arguments = BUF_INIT;
	struct span rest = command->arguments;
	const char *text;

	if (!take_file_index(&rest) || rest.len == 0)
		return broken("a stanza for another file", err);
	if (wrapped->stanzas++ == AGE_PLUGIN_STANZAS_MAX)
		return error_set(err, ERROR_LIMIT, "it made more than %d stanzas",
				 AGE_PLUGIN_STANZAS_MAX);
	if (buf_append_span(&arguments, rest, err) < 0 || buf_text(&arguments, &text, err) < 0)
		return -1;
	return age_stanza_write(text, command->body, wrapped->header, err);
}

static int compare_labels(const void *a, const void *b)
{
	const struct span *first = a, *second = b;
	const size_t common = first->len < second->len ? first->len : second->len;
	const int order = memcmp(first->data, second->data, common);

	return order != 0 ? order : (first->len > second->len) - (first->len < second->len);
}

/* As a set: their order means nothing. */
static int take_labels(struct wrapped *wrapped, struct span arguments, struct error *err)
{
	struct span labels[AGE_PLUGIN_LABELS_MAX];
	size_t len = 0;

	if (wrapped->has_labels)
		return broken("labels twice", err);
	wrapped->has_labels = true;
	while (arguments.len > 0) {
		if (len == AGE_PLUGIN_LABELS_MAX)
			return error_set(err, ERROR_LIMIT, "it has more than %d labels",
					 AGE_PLUGIN_LABELS_MAX);
		(void)age_stanza_argument(&arguments, &labels[len++]);
	}
	qsort(labels, len, sizeof(*labels), compare_labels);
	for (size_t i = 0; i < len; i++)
		if (buf_append_span(wrapped->labels, labels[i], err) < 0 ||
		    buf_append_text(wrapped->labels, "\n", err) < 0)
			return -1;
	return 0;
}

/* The second phase, in which the plugin speaks. */
static int hear_wrapped(struct plugin_talk *talk, struct wrapped *wrapped, struct error *err)
{
	struct age_stanza command;
	bool known;

	for (;;) {
		if (plugin_talk_next(talk, &command, err) < 0)
			return -1;
		if (span_equal_text(command.type, "done"))
			break;
		known = true;
		if (span_equal_text(command.type, "recipient-stanza")) {
			if (take_stanza(wrapped, &command, err) < 0)
				return -1;
		} else if (span_equal_text(command.type, "labels")) {
			if (take_labels(wrapped, command.arguments, err) < 0)
				return -1;
		} else {
			known = false;
		}
		if (plugin_talk_answer(talk, known ? "ok" : "unsupported", err) < 0)
			return -1;
	}
	if (wrapped->stanzas > 0)
		return 0;
	if (talk->unanswered.kind == ERROR_NONE)
		return broken("it made no stanza", err);
	*err = talk->unanswered;
	return -1;
}

static int nobody(const char *name, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED,
			 "the plugin " AGE_PLUGIN_PREFIX "%s cannot be started here", name);
}

static int wrap(const struct age_plugins *plugins, const struct age_plugin_key *key,
		const struct key32 *file_key, struct wrapped *wrapped, struct error *err)
{
	AUTO(plugin_talk) talk = PLUGIN_TALK_INIT;
	AUTO(secret) out = SECRET_INIT;

	if (plugin_put(&out, key->is_identity ? "add-identity" : "add-recipient", key->text,
		       SPAN_INIT, err) < 0 ||
	    plugin_put(&out, "wrap-file-key", SPAN_INIT, span_of(file_key->data, AGE_FILE_KEY_LEN),
		       err) < 0 ||
	    plugin_put(&out, "extension-labels", SPAN_INIT, SPAN_INIT, err) < 0 ||
	    plugin_put(&out, "done", SPAN_INIT, SPAN_INIT, err) < 0 ||
	    plugin_talk_start(&talk, plugins, key->name, "recipient-v1", err) < 0 ||
	    plugin_talk_send(&talk, secret_span(&out), err) < 0)
		return -1;
	return hear_wrapped(&talk, wrapped, err);
}

int age_plugin_wrap(const struct age_plugins *plugins, const struct age_plugin_key *key,
		    const struct key32 *file_key, struct buf *header, struct buf *labels,
		    struct error *err)
{
	struct wrapped wrapped = { header, labels, 0, false };

	if (!plugins)
		return nobody(key->name, err);
	if (wrap(plugins, key, file_key, &wrapped, err) < 0)
		return error_wrap(err, AGE_PLUGIN_PREFIX "%s", key->name);
	return 0;
}

static int put_stanzas(struct secret *out, const struct age_header *header, struct error *err)
{
	for (size_t i = 0; i < header->len; i++) {
		const struct age_stanza *stanza = &header->stanzas[i];

		if (secret_append_text(out, "-> recipient-stanza 0 ", err) < 0 ||
		    secret_append_span(out, stanza->type, err) < 0 ||
		    (stanza->arguments.len > 0 &&
		     (secret_append_text(out, " ", err) < 0 ||
		      secret_append_span(out, stanza->arguments, err) < 0)) ||
		    secret_append_text(out, "\n", err) < 0 ||
		    plugin_put_body(out, stanza->body, err) < 0)
			return -1;
	}
	return 0;
}

static int take_file_key(const struct age_stanza *command, bool *opened, struct key32 *file_key,
			 struct error *err)
{
	struct span rest = command->arguments;

	if (!take_file_index(&rest) || rest.len > 0)
		return broken("the key of another file", err);
	if (*opened)
		return broken("two file keys", err);
	if (command->body.len != AGE_FILE_KEY_LEN)
		return broken("a file key of another length", err);
	memcpy(file_key->data, command->body.data, AGE_FILE_KEY_LEN);
	*opened = true;
	return 0;
}

static int hear_unwrapped(struct plugin_talk *talk, bool *opened, struct key32 *file_key,
			  struct error *err)
{
	struct age_stanza command;
	bool known;

	for (;;) {
		if (plugin_talk_next(talk, &command, err) < 0)
			return -1;
		if (span_equal_text(command.type, "done"))
			break;
		known = span_equal_text(command.type, "file-key");
		if ((known && take_file_key(&command, opened, file_key, err) < 0) ||
		    plugin_talk_answer(talk, known ? "ok" : "unsupported", err) < 0)
			return -1;
	}
	if (*opened || talk->unanswered.kind == ERROR_NONE)
		return 0;
	/* what nobody answered may be why there is no key */
	*err = talk->unanswered;
	return -1;
}

static int unwrap(const struct age_plugins *plugins, const struct age_plugin_key *key,
		  const struct age_header *header, bool *opened, struct key32 *file_key,
		  struct error *err)
{
	AUTO(plugin_talk) talk = PLUGIN_TALK_INIT;
	AUTO(secret) out = SECRET_INIT;

	if (plugin_put(&out, "add-identity", key->text, SPAN_INIT, err) < 0 ||
	    put_stanzas(&out, header, err) < 0 ||
	    plugin_put(&out, "done", SPAN_INIT, SPAN_INIT, err) < 0 ||
	    plugin_talk_start(&talk, plugins, key->name, "identity-v1", err) < 0 ||
	    plugin_talk_send(&talk, secret_span(&out), err) < 0)
		return -1;
	return hear_unwrapped(&talk, opened, file_key, err);
}

int age_plugin_unwrap(const struct age_plugins *plugins, const struct age_plugin_key *key,
		      const struct age_header *header, bool *ret_opened, struct key32 *ret_file_key,
		      struct error *err)
{
	AUTO(key32) file_key = KEY32_INIT;
	bool opened = false;

	if (!plugins)
		return nobody(key->name, err);
	if (unwrap(plugins, key, header, &opened, &file_key, err) < 0)
		return error_wrap(err, AGE_PLUGIN_PREFIX "%s", key->name);
	if (opened)
		*ret_file_key = file_key;
	*ret_opened = opened;
	return 0;
}
