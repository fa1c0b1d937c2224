/* SPDX-License-Identifier: MIT */
/*
 * Setting one value of an opened file, or taking it out: the lines of that value, mac and
 * lastmodified change, and no other.
 */
#include <string.h>

#include "doc/edit.h"
#include "doc/tree.h"
#include "sops/copies.h"
#include "sops/file.h"
#include "sops/lookup.h"
#include "sops/mac.h"
#include "sops/replace.h"
#include "sops/reuse.h"
#include "sops/seal_tree.h"
#include "sops/set_plain.h"
#include "sops/walk.h"

struct setter {
	struct sops_file *file;
	const struct doc_path *path;
	const struct doc_tree *value; /* NULL: what is there is taken out */
	uint32_t node; /* the value to replace, or the container that gets a new one */
	size_t parts;  /* how much of path there is */
	bool is_new;

	struct sops_selection selection;
	struct sops_walk walk;
	struct sops_cipher cipher;
	struct sops_mac mac;
	struct sops_reuse reuse;
	struct doc_edit edit;
	struct doc_tree
		wrapped;        /* the value with what is made around it, where value points then */
	struct doc_tree sealed; /* the value as it will stand in the file */
	struct buf sealed_mac;
	char now[SOPS_TIME_MAX];
};

static void setter_release(struct setter *s)
{
	doc_edit_release(&s->edit);
	sops_walk_release(&s->walk);
	sops_selection_release(&s->selection);
	sops_cipher_release(&s->cipher);
	sops_mac_release(&s->mac);
	sops_reuse_release(&s->reuse);
	doc_tree_release(&s->wrapped);
	doc_tree_release(&s->sealed);
	buf_release(&s->sealed_mac);
}

static int bad_index(const struct setter *s, size_t parts, const char *why, struct error *err)
{
	AUTO(buf) shown = BUF_INIT;
	const char *text;

	if (doc_path_format(s->path, parts, &shown, err) < 0 || buf_text(&shown, &text, err) < 0)
		return -1;
	return error_set(err, ERROR_BAD_INDEX, "cannot set a value at %s: %s", text, why);
}

/* Would "<<", or an item of its list, get what is no map? YAML's readers refuse such a file. */
static bool breaks_merge(const struct setter *s)
{
	const struct doc_path *path = s->path;

	if (s->file->doc.format != DOC_YAML || !s->value)
		return false;
	for (size_t i = 0; i < path->len; i++) {
		if (path->parts[i].is_index || !span_equal_text(doc_path_key(path, i), "<<"))
			continue;
		if (i + 1 < path->len && path->parts[i + 1].is_index)
			i++;
		if (i + 1 < path->len ? path->parts[i + 1].is_index
				      : s->value->nodes[0].kind != DOC_MAP)
			return true;
	}
	return false;
}

/* As in sops, what path names within a single value takes that value's place, made of what is new alone. */
static int wrap_value(struct setter *s, struct error *err)
{
	const struct doc_tree *value = s->value;
	struct span key = SPAN_INIT;
	size_t opened = 0;

	for (size_t part = s->parts; part < s->path->len; part++, opened++) {
		const bool is_index = s->path->parts[part].is_index;

		if (doc_tree_add(&s->wrapped, is_index ? DOC_LIST : DOC_MAP, key, DOC_TYPE_NONE,
				 SPAN_INIT, err) < 0)
			return -1;
		key = is_index ? SPAN_INIT : doc_path_key(s->path, part);
	}
	if (doc_tree_copy(&s->wrapped, key, value, err) < 0)
		return -1;
	while (opened-- > 0)
		doc_tree_close(&s->wrapped);
	s->value = &s->wrapped;
	s->parts = s->path->len;
	s->is_new = false;
	return 0;
}

/* Where does path lead, and can a value be put there? */
static int find_place(struct setter *s, struct error *err)
{
	const struct doc *doc = &s->file->doc;
	const struct doc_path_part *missing;

	if (s->path->len == 0)
		return error_set(err, ERROR_BAD_INDEX, "an index is needed, such as '[\"key\"]'");
	if (!s->path->parts[0].is_index && doc_is_reserved(doc->format, doc_path_key(s->path, 0)))
		return error_set(err, ERROR_SEALED,
				 "\"sops\" is the metadata, and is not set by hand");
	if (breaks_merge(s))
		return error_set(err, ERROR_BAD_INDEX,
				 "what \"<<\" merges are maps: no other value can stand there");
	if (doc_path_follow(doc, s->path, &s->node, &s->parts, err) < 0)
		return -1;
	s->is_new = s->parts < s->path->len;
	if (!s->is_new || !s->value)
		return 0;
	missing = &s->path->parts[s->parts];
	switch ((enum doc_kind)doc->nodes[s->node].kind) {
	case DOC_MAP:
		return missing->is_index
			       ? bad_index(s, s->parts + 1, "a map has keys, no numbers", err)
			       : 0;
	case DOC_LIST:
		return missing->is_index
			       ? 0
			       : bad_index(s, s->parts + 1, "a list has numbers, no keys", err);
	case DOC_SCALAR:
		return wrap_value(s, err);
	case DOC_STREAM:
	case DOC_ALIAS:
	case DOC_COMMENT:
		break;
	}
	return bad_index(s, s->parts + 1, "what is there is a value, neither map nor list", err);
}

/* An equal value stays as it stands: then its ciphertext stays, too. */
static int compare(const struct setter *s, bool *ret_equal, struct error *err)
{
	*ret_equal = false;
	return s->is_new ? 0 : sops_tree_equals(s->value, s->file, s->node, ret_equal, err);
}

/* The new value in the walk's order: into the MAC, and sealed where its place says so. */
static int take_new(struct setter *s, const struct sops_step *step, struct span key,
		    struct error *err)
{
	const struct sops_tree_sealer sealer = { &s->selection, &s->cipher, &s->mac, &s->reuse };

	/* a map or list in the place of another: what is the same in both keeps its ciphertext */
	if (s->value && !s->is_new && s->file->doc.nodes[s->node].kind != DOC_SCALAR &&
	    sops_reuse_init(&s->reuse, s->file, s->node, err) < 0)
		return -1;
	return s->value ? sops_seal_tree(&sealer, s->value, step->aad, step->selected, key,
					 &s->sealed, err)
			: 0;
}

/*
 * A new value: its keys that are not there yet join the path of the container that is at its end, and
 * what they stand for is made.
 */
static int take_appended(struct setter *s, struct sops_step *step, struct error *err)
{
	struct span key = SPAN_INIT;

	for (size_t part = s->parts; part < s->path->len; part++) {
		const bool is_index = s->path->parts[part].is_index;
		const enum doc_kind kind = is_index ? DOC_LIST : DOC_MAP;

		if (part > s->parts &&
		    doc_tree_add(&s->sealed, kind, key, DOC_TYPE_NONE, SPAN_INIT, err) < 0)
			return -1;
		key = is_index ? SPAN_INIT : doc_path_key(s->path, part);
		if (!is_index && sops_walk_enter_new(&s->walk, key, step, err) < 0)
			return -1;
	}
	if (take_new(s, step, key, err) < 0)
		return -1;
	for (size_t part = s->parts + 1; part < s->path->len; part++)
		doc_tree_close(&s->sealed);
	return 0;
}

static int take_old(struct setter *s, const struct sops_step *step, struct error *err)
{
	const struct sops_leaf *leaf = sops_file_leaf(s->file, step->node);

	if (!leaf)
		return sops_mac_add(&s->mac, &s->file->doc, step->node, step->selected, err);
	return sops_mac_add_plain(&s->mac, leaf->type, sops_file_plain(s->file, leaf), true, err);
}

static int take_step(struct setter *s, struct sops_step *step, struct error *err)
{
	const struct doc_node *nodes = s->file->doc.nodes;
	const bool is_target = step->node == s->node;
	const bool inside = step->node >= s->node && step->node < nodes[s->node].next;

	switch (step->kind) {
	case SOPS_STEP_END:
		if (!is_target)
			return 0;
		return s->is_new ? take_appended(s, step, err) : take_new(s, step, SPAN_INIT, err);
	case SOPS_STEP_VALUE:
	case SOPS_STEP_NULL:
		if (is_target)
			return take_new(s, step, SPAN_INIT, err);
		if (inside && !s->is_new) /* a map or list that is replaced as a whole */
			return 0;
		return step->kind == SOPS_STEP_NULL ? 0 : take_old(s, step, err);
	case SOPS_STEP_COMMENT:
	case SOPS_STEP_DONE:
		break;
	}
	return 0;
}

static int walk_all(struct setter *s, struct error *err)
{
	const struct sops_meta *meta = &s->file->meta;
	struct sops_step step;

	if (sops_selection_init(&s->selection, &meta->selector, err) < 0 ||
	    sops_cipher_init(&s->cipher, &s->file->data_key, err) < 0 ||
	    sops_mac_init(&s->mac, meta->mac_only_encrypted, err) < 0 ||
	    sops_walk_init(&s->walk, &s->file->doc, &s->selection, true, err) < 0 ||
	    sops_mac_time_now(s->now, err) < 0)
		return -1;
	do {
		if (sops_walk_next(&s->walk, &step, err) < 0 || take_step(s, &step, err) < 0)
			return -1;
	} while (step.kind != SOPS_STEP_DONE);
	return sops_mac_seal(&s->mac, &s->cipher, span_of_text(s->now), &s->sealed_mac, err);
}

static int write_value(struct setter *s, struct error *err)
{
	const struct doc_tree *tree = &s->sealed;
	struct span key = SPAN_INIT;

	if (!s->value)
		return doc_edit_remove(&s->edit, s->node, err);
	if (!s->is_new && tree->nodes[0].kind == DOC_SCALAR)
		return doc_edit_set(&s->edit, s->node, (enum doc_type)tree->nodes[0].type,
				    doc_tree_value(tree, 0), err);
	if (!s->is_new)
		return doc_edit_replace(&s->edit, s->node, tree, err);
	if (!s->path->parts[s->parts].is_index)
		key = doc_path_key(s->path, s->parts);
	return doc_edit_append(&s->edit, s->node, key, tree, err);
}

/* The node before whose text the value is written. New entries go before metadata that come last. */
static uint32_t place_of(const struct setter *s)
{
	const struct doc_node *nodes = s->file->doc.nodes;
	const uint32_t end = nodes[s->node].next, metadata = s->file->meta.node;

	if (!s->is_new)
		return s->node;
	return nodes[metadata].parent == s->node && nodes[metadata].next == end ? metadata : end;
}

/* A file that was opened although its MAC is missing gets one. */
static int add_mac(struct setter *s, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_scalar(&tree, NULL, DOC_TYPE_STRING, buf_span(&s->sealed_mac), err) < 0)
		return -1;
	return doc_edit_append(&s->edit, s->file->meta.node, SPAN_LITERAL("mac"), &tree, err);
}

/* The changes, up to three, in the order of the text. */
static int write_all(struct setter *s, bool value_stays, struct error *err)
{
	const struct doc *doc = &s->file->doc;
	const struct sops_meta *meta = &s->file->meta;
	const uint32_t place = place_of(s);
	bool value_done = value_stays;

	for (uint32_t node = meta->node; node < doc->nodes[meta->node].next; node++) {
		if (!value_done && place <= node) {
			if (write_value(s, err) < 0)
				return -1;
			value_done = true;
		}
		if (node == meta->mac_node && doc_edit_set(&s->edit, node, DOC_TYPE_STRING,
							   buf_span(&s->sealed_mac), err) < 0)
			return -1;
		if (node == meta->lastmodified_node &&
		    doc_edit_set(&s->edit, node, DOC_TYPE_STRING, span_of_text(s->now), err) < 0)
			return -1;
	}
	if (meta->mac_node == DOC_NONE && add_mac(s, err) < 0)
		return -1;
	return value_done ? 0 : write_value(s, err);
}

/* Does the value hold a backslash and "n", which dotenv knows as a line break alone? */
static bool is_unescapable(const struct setter *s)
{
	struct span text;

	if (s->file->doc.format != DOC_DOTENV || !s->value || s->value->nodes[0].kind != DOC_SCALAR)
		return false;
	text = doc_tree_value(s->value, 0);
	return text.len > 1 && memmem(text.data, text.len, "\\n", 2) != NULL;
}

/* In the place of an error that calls it a bug. */
static int has_no_place(const struct setter *s, struct error *err)
{
	error_clear(err);
	if (is_unescapable(s))
		return error_set(err, ERROR_DUMP,
				 "a value that stays readable cannot hold a backslash before an "
				 "\"n\": dotenv has it for a line break");
	(void)error_set(err, ERROR_UNSUPPORTED,
			"line %zu: how the text is written leaves no place for this %s",
			doc_line(&s->file->doc, s->node), s->value ? "value" : "change");
	return error_hint(err,
			  "\"bootseal edit\" shows the text, which can be written otherwise there");
}

/*
 * A file that nobody can open must not be written: the new text is opened again. Its comments may belong
 * elsewhere; where they select, other values may have to be sealed or opened, which is done from the plaintext.
 */
static int finish(struct setter *s, struct secret *ret_sealed, struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;

	if (doc_edit_finish(&s->edit, &sealed, err) < 0 ||
	    sops_copies_write(&s->file->doc, &sealed, true, err) < 0)
		return -1;
	if (sops_replace_comments(s->file, &sealed, err) == 0) {
		*ret_sealed = secret_move(&sealed);
		return 0;
	}
	if (err->kind == ERROR_BUG && sops_selection_is_by_comment(&s->selection)) {
		error_clear(err);
		if (sops_set_in_plaintext(s->file, s->path, s->value, ret_sealed, err) == 0)
			return 0;
	}
	return err->kind == ERROR_BUG ? has_no_place(s, err) : -1;
}

#define SETTER_INIT                                                                                \
	((struct setter){ .selection = SOPS_SELECTION_INIT,                                        \
			  .walk = SOPS_WALK_INIT,                                                  \
			  .cipher = SOPS_CIPHER_INIT,                                              \
			  .mac = SOPS_MAC_INIT,                                                    \
			  .reuse = SOPS_REUSE_INIT,                                                \
			  .edit = DOC_EDIT_INIT,                                                   \
			  .wrapped = DOC_TREE_INIT,                                                \
			  .sealed = DOC_TREE_INIT })

/* With the place known: the new text. */
static int change(struct setter *s, bool value_stays, struct secret *ret_sealed, struct error *err)
{
	const struct sops_file *file = s->file;
	const size_t more = s->value ? s->value->bytes.len * 2 + s->value->len * (size_t)160 : 0;

	if (walk_all(s, err) < 0 ||
	    doc_edit_begin(&file->doc, file->doc.text.len + more + 4096, &s->edit, err) < 0 ||
	    write_all(s, value_stays, err) < 0)
		return -1;
	return finish(s, ret_sealed, err);
}

int sops_file_set(struct sops_file *file, const struct doc_path *path, const struct doc_tree *value,
		  bool idempotent, struct secret *ret_sealed, struct error *err)
{
	AUTO(setter) s = SETTER_INIT;
	bool equal;

	s.file = file;
	s.path = path;
	s.value = value;
	if (find_place(&s, err) < 0 || compare(&s, &equal, err) < 0)
		return -1;
	return equal && idempotent ? 0 : change(&s, equal, ret_sealed, err);
}

static int not_there(const struct setter *s, struct error *err)
{
	AUTO(buf) shown = BUF_INIT;
	const char *text;

	if (doc_path_format(s->path, s->parts + 1, &shown, err) < 0 ||
	    buf_text(&shown, &text, err) < 0)
		return -1;
	return error_set(err, ERROR_NOT_FOUND, "there is no %s", text);
}

int sops_file_unset(struct sops_file *file, const struct doc_path *path, bool idempotent,
		    struct secret *ret_sealed, struct error *err)
{
	AUTO(setter) s = SETTER_INIT;

	s.file = file;
	s.path = path;
	if (find_place(&s, err) < 0)
		return -1;
	if (s.is_new)
		return idempotent ? 0 : not_there(&s, err);
	return change(&s, false, ret_sealed, err);
}
