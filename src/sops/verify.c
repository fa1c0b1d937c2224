/* SPDX-License-Identifier: MIT */
#include "sops/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sops/copies.h"
#include "sops/value.h"
#include "sops/walk.h"
#include "util/text.h"

static void PRINTF_LIKE(4, 0) tell(struct sops_verifier *verifier, size_t line, bool warning,
				   const char *format, va_list arguments)
{
	char text[ERROR_MESSAGE_MAX];

	verifier->findings += !warning;
	if (verifier->findings > SOPS_FINDINGS_MAX)
		return;
	vsnprintf(text, sizeof(text), format, arguments);
	verifier->tell(verifier->context, line, warning, text);
}

void sops_verify_tell(struct sops_verifier *verifier, size_t line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(verifier, line, false, format, arguments);
	va_end(arguments);
}

static void PRINTF_LIKE(3, 4)
	warn(struct sops_verifier *verifier, size_t line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(verifier, line, true, format, arguments);
	va_end(arguments);
}

/* Messages begin with "line N: " where they know it. */
static void tell_error(struct sops_verifier *verifier, const struct error *why)
{
	size_t line = 0;
	int len = 0;

	if (sscanf(why->message, "line %9zu: %n", &line, &len) < 1 || len == 0) {
		sops_verify_tell(verifier, 0, "%s", why->message);
		return;
	}
	sops_verify_tell(verifier, line, "%s", why->message + len);
}

/* The key under which a value stands, or the list does that it stands in. */
static struct text_shown name_of(const struct doc *doc, uint32_t node)
{
	while (doc->nodes[node].key_len == 0 && doc->nodes[node].parent != node && node != 0)
		node = doc->nodes[node].parent;
	return text_printable(doc_key(doc, node));
}

/* A line is counted from the top: not for more than are told. */
static size_t line_of(const struct sops_verifier *verifier, const struct doc *doc, uint32_t node)
{
	return verifier->findings < SOPS_FINDINGS_MAX ? doc_line(doc, node) : 0;
}

/* What stands where a sealed value must. */
static void tell_unsealed(struct sops_verifier *verifier, const struct doc *doc, uint32_t node,
			  bool is_text)
{
	const struct span text = doc_value(doc, node);
	const size_t line = line_of(verifier, doc, node);
	struct span type;

	if (!is_text || !sops_value_is_sealed(text))
		sops_verify_tell(verifier, line, "the value of \"%s\" is not sealed, and must be",
				 name_of(doc, node).text);
	else if (sops_value_has_other_type(text, &type))
		sops_verify_tell(verifier, line,
				 "the sealed value of \"%s\" is of the type \"%s\", which sops "
				 "does not open",
				 name_of(doc, node).text, text_printable(type).text);
	else
		sops_verify_tell(verifier, line, "the sealed value of \"%s\" is damaged",
				 name_of(doc, node).text);
}

/* Has the sealed value data, IV and tag that could be opened? what: which one it is. */
static int check_sealed(struct sops_verifier *verifier, const struct doc *doc, uint32_t node,
			const struct sops_value *value, const char *what, struct error *err)
{
	AUTO(buf) scratch = BUF_INIT;
	struct error reason = ERROR_INIT;

	if (sops_value_check(value, &scratch, &reason) == 0)
		return 0;
	if (reason.kind != ERROR_FORMAT) {
		*err = reason;
		return -1;
	}
	sops_verify_tell(verifier, line_of(verifier, doc, node), "%s: %s", what, reason.message);
	return 0;
}

static int check_value(struct sops_verifier *verifier, const struct doc *doc,
		       const struct sops_step *step, struct error *err)
{
	const struct span text = doc_value(doc, step->node);
	const bool is_text = doc->nodes[step->node].type == DOC_TYPE_STRING;
	struct sops_value value;

	if (step->selected) {
		/* an empty value stays one (trap T4) */
		if (!is_text || (text.len > 0 && !sops_value_parse(text, &value)))
			tell_unsealed(verifier, doc, step->node, is_text);
		else if (text.len > 0)
			return check_sealed(verifier, doc, step->node, &value,
					    name_of(doc, step->node).text, err);
	} else if (is_text && sops_value_is_sealed(text)) {
		sops_verify_tell(
			verifier, line_of(verifier, doc, step->node),
			"the value of \"%s\" is sealed, and is not to be: nothing opens it",
			name_of(doc, step->node).text);
	}
	return 0;
}

/* One that begins as a sealed one does. */
static int check_comment(struct sops_verifier *verifier, const struct doc *doc,
			 const struct sops_step *step, struct error *err)
{
	const struct span text = doc_value(doc, step->node);
	struct sops_value value;

	if (!step->selected || !sops_value_is_sealed(text))
		return 0;
	if (sops_value_parse(text, &value))
		return check_sealed(verifier, doc, step->node, &value, "comment", err);
	sops_verify_tell(verifier, line_of(verifier, doc, step->node),
			 "the sealed comment is damaged");
	return 0;
}

static bool is_readable(const struct doc *doc, const struct sops_step *step)
{
	const struct span text = doc_value(doc, step->node);

	return step->selected && text.len > 0 && !sops_value_is_sealed(text);
}

/* ret_readable: is there a comment that is not sealed, and should be where it seems to stand? */
static int check_steps(struct sops_verifier *verifier, const struct doc *doc,
		       struct sops_selection *selection, bool *ret_readable, struct error *err)
{
	AUTO(sops_walk) walk = SOPS_WALK_INIT;
	struct sops_step step;

	*ret_readable = false;
	if (sops_walk_init(&walk, doc, selection, true, err) < 0)
		return -1;
	do {
		if (sops_walk_next(&walk, &step, err) < 0)
			return -1;
		if (step.kind == SOPS_STEP_VALUE && check_value(verifier, doc, &step, err) < 0)
			return -1;
		if (step.kind == SOPS_STEP_COMMENT && check_comment(verifier, doc, &step, err) < 0)
			return -1;
		if (step.kind == SOPS_STEP_COMMENT && is_readable(doc, &step))
			*ret_readable = true;
	} while (step.kind != SOPS_STEP_DONE);
	return 0;
}

/* Of the comments, where sops puts them. */
static int warn_of_comments(struct sops_verifier *verifier, const struct doc *doc,
			    struct sops_selection *selection, struct error *err)
{
	AUTO(sops_walk) walk = SOPS_WALK_INIT;
	struct sops_step step;

	if (sops_walk_init(&walk, doc, selection, true, err) < 0)
		return -1;
	do {
		if (sops_walk_next(&walk, &step, err) < 0)
			return -1;
		if (step.kind == SOPS_STEP_COMMENT && is_readable(doc, &step))
			warn(verifier, line_of(verifier, doc, step.node),
			     "this comment is not sealed");
	} while (step.kind != SOPS_STEP_DONE);
	return 0;
}

static int check_values(struct sops_verifier *verifier, struct sops_file *file, struct error *err)
{
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;
	bool placed, readable;

	if (sops_selection_init(&selection, &file->meta.selector, err) < 0)
		return -1;
	placed = sops_selection_is_by_comment(&selection);
	if ((placed && doc_place_comments(&file->doc, err) < 0) ||
	    check_steps(verifier, &file->doc, &selection, &readable, err) < 0)
		return -1;
	/* what it belongs to was a guess, which mostly need not be looked into */
	if (!readable)
		return 0;
	return !placed && doc_place_comments(&file->doc, err) < 0
		       ? -1
		       : warn_of_comments(verifier, &file->doc, &selection, err);
}

static void check_key(struct sops_verifier *verifier, const struct doc *doc,
		      const struct sops_key *key)
{
	static const char begin[] = "-----BEGIN AGE ENCRYPTED FILE-----\n",
			  end[] = "-----END AGE ENCRYPTED FILE-----";
	const struct span enc = span_trim(key->enc);

	if (enc.len == 0 || (key->kind == SOPS_KEY_AGE &&
			     (!span_starts_with(enc, begin) || !span_ends_with(enc, end))))
		sops_verify_tell(verifier, doc_line(doc, key->node),
				 "the data key that is sealed to %s is %s",
				 text_printable_text(key->text).text,
				 enc.len == 0 ? "missing" : "damaged");
}

static int check_mac(struct sops_verifier *verifier, const struct sops_file *file,
		     struct error *err)
{
	const struct sops_meta *meta = &file->meta;
	struct sops_value value;

	if (meta->mac.len > 0 && sops_value_parse(meta->mac, &value))
		return check_sealed(verifier, &file->doc, meta->mac_node, &value, "mac", err);
	if (meta->mac.len == 0)
		sops_verify_tell(verifier, doc_line(&file->doc, meta->node),
				 "there is no mac: changes would not be noticed");
	else
		sops_verify_tell(verifier, doc_line(&file->doc, meta->mac_node),
				 "the mac is damaged");
	return 0;
}

/* They count for nobody who reads the whole, but for a program that takes the documents apart. */
static void check_copies(struct sops_verifier *verifier, const struct sops_file *file)
{
	const size_t line = sops_copies_other(&file->doc, file->meta.node);

	if (line > 0)
		sops_verify_tell(verifier, line,
				 "this document's metadata are not those of the first one");
}

static void check_metadata(struct sops_verifier *verifier, const struct sops_file *file)
{
	const struct sops_meta *meta = &file->meta;
	const size_t line = doc_line(&file->doc, meta->node);
	char scratch[DOC_CANONICAL_MAX];
	struct error reason = ERROR_INIT;
	struct span time;

	if (doc_canonical_plain(DOC_TYPE_TIME, meta->lastmodified, scratch, &time, &reason) < 0)
		sops_verify_tell(verifier, doc_line(&file->doc, meta->lastmodified_node),
				 "lastmodified is no time");
	if (sops_groups_needed(&meta->groups) > meta->groups.len)
		sops_verify_tell(verifier, line,
				 "it takes %zu key groups to open it, and there are %zu",
				 sops_groups_needed(&meta->groups), meta->groups.len);
	for (size_t g = 0; g < meta->groups.len; g++)
		for (size_t k = 0; k < meta->groups.items[g].len; k++)
			check_key(verifier, &file->doc, &meta->groups.items[g].items[k]);
	check_copies(verifier, file);
}

/* Is it the text's fault? Then it is told. */
static int blame(struct sops_verifier *verifier, const struct error *reason, struct error *err)
{
	if (reason->kind == ERROR_SYSTEM) {
		*err = *reason;
		return -1;
	}
	tell_error(verifier, reason);
	return 0;
}

int sops_verify(enum doc_format format, struct secret *text, struct sops_verifier *verifier,
		struct sops_file *ret_file, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error reason = ERROR_INIT;

	file.meta = SOPS_META_INIT;
	if (doc_parse(format, text, DOC_SEALED | DOC_CHECK_MERGES, &file.doc, &reason) < 0 ||
	    sops_meta_read(&file.doc, &file.meta, &reason) < 0) {
		/* any bytes are a plain one: nothing is wrong with them */
		if (format == DOC_BINARY && reason.kind == ERROR_FORMAT) {
			error_clear(&reason);
			(void)error_set(&reason, ERROR_NO_METADATA, "the file is not sealed");
		}
		return blame(verifier, &reason, err);
	}
	if (check_mac(verifier, &file, err) < 0)
		return -1;
	check_metadata(verifier, &file);
	if (check_values(verifier, &file, &reason) < 0 && blame(verifier, &reason, err) < 0)
		return -1;
	*ret_file = file;
	file = SOPS_FILE_INIT;
	return 0;
}
