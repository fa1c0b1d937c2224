/* SPDX-License-Identifier: MIT */
/*
 * The same values for other keys: the data key sealed anew (updatekeys, groups), or everything
 * under a new one (rotate).
 */
#include <string.h>

#include "crypto/random.h"
#include "doc/edit.h"
#include "sops/copies.h"
#include "sops/file.h"
#include "sops/lookup.h"
#include "sops/mac.h"
#include "sops/meta_edit.h"
#include "sops/replace.h"
#include "sops/walk.h"

/* What an edited text may grow by for each key: an entry with its armored file. */
#define ENTRY_LEN 1024

struct rewrapper {
	struct sops_file *file;
	struct sops_entries entries;
	struct sops_meta_change change;
	struct doc_edit edit;
	char now[SOPS_TIME_MAX];
	struct sops_seal_stamp stamp;

	/* of a rotation */
	struct sops_selection selection;
	struct sops_walk walk;
	struct sops_cipher cipher;
	struct sops_mac mac;
	struct buf text; /* the sealed value at hand */
	struct buf sealed_mac;
	struct buf aad;
};

#define REWRAPPER_INIT                                                                             \
	((struct rewrapper){ .entries = SOPS_ENTRIES_INIT,                                         \
			     .edit = DOC_EDIT_INIT,                                                \
			     .selection = SOPS_SELECTION_INIT,                                     \
			     .walk = SOPS_WALK_INIT,                                               \
			     .cipher = SOPS_CIPHER_INIT,                                           \
			     .mac = SOPS_MAC_INIT })

static void rewrapper_release(struct rewrapper *r)
{
	sops_entries_release(&r->entries);
	doc_edit_release(&r->edit);
	sops_selection_release(&r->selection);
	sops_walk_release(&r->walk);
	sops_cipher_release(&r->cipher);
	sops_mac_release(&r->mac);
	buf_release(&r->text);
	buf_release(&r->sealed_mac);
	buf_release(&r->aad);
}

static int begin(struct rewrapper *r, struct sops_file *file, const struct sops_groups *groups,
		 struct error *err)
{
	const size_t len = file->doc.text.len + sops_groups_count(groups) * ENTRY_LEN;

	r->file = file;
	r->change = (struct sops_meta_change){
		&file->doc, &file->meta, { groups, &r->entries, &file->doc, r->now }, NULL
	};
	if (sops_mac_time_now(r->now, err) < 0)
		return -1;
	return doc_edit_begin(&file->doc, len, &r->edit, err);
}

/* The new text must have the new groups: it is read again. Its values were not touched. */
static int check_groups(const struct rewrapper *r, struct secret *text, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(sops_meta) meta = SOPS_META_INIT;
	struct error reason = ERROR_INIT;
	const struct sops_groups *groups = r->change.keys.groups;
	bool same = false;

	if (doc_parse(r->file->doc.format, text, DOC_SEALED, &doc, &reason) == 0) {
		if (sops_meta_read(&doc, &meta, &reason) == 0)
			same = sops_groups_same_keys(&meta.groups, groups) &&
			       meta.groups.threshold == sops_groups_threshold(groups);
		*text = secret_move(&doc.text);
	}
	if (same)
		return 0;
	if (reason.kind == ERROR_SYSTEM) {
		*err = reason;
		return -1;
	}
	return error_set(err, ERROR_UNSUPPORTED,
			 "line %zu: how the metadata is written leaves no place for these keys",
			 doc_line(&r->file->doc, r->file->meta.node));
}

/* The file with its values opened: itself, or ret_opened (updatekeys looks at no value); NULL: it does not open. */
static int open_values(struct sops_file *file, struct sops_file *ret_opened,
		       struct sops_file **ret_file, struct error *err)
{
	struct error reason = ERROR_INIT;

	*ret_file = file->mac_is_right ? file : NULL;
	if (file->mac_is_right)
		return 0;
	if (sops_reopen(file->doc.format, &file->doc.text, &file->data_key, ret_opened, &reason) ==
	    0) {
		*ret_file = ret_opened;
		return 0;
	}
	if (reason.kind != ERROR_SYSTEM)
		return 0;
	*err = reason;
	return -1;
}

/*
 * The other documents' copies, too. A document that has none (it is from an earlier version, or was added by hand)
 * gets one, as from sops, but not where a comment that belongs elsewhere then could change what is sealed.
 */
static int write_copies(struct sops_file *file, struct secret *sealed, struct error *err)
{
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;
	AUTO(sops_file) opened = SOPS_FILE_INIT;
	struct sops_file *old = NULL;

	if (sops_copies_are_missing(&file->doc) &&
	    (sops_selection_init(&selection, &file->meta.selector, err) < 0 ||
	     (!sops_selection_is_by_comment(&selection) &&
	      open_values(file, &opened, &old, err) < 0)))
		return -1;
	if (sops_copies_write(&file->doc, sealed, old != NULL, err) < 0)
		return -1;
	return old ? sops_replace_comments(old, sealed, err) : 0;
}

int sops_file_rewrap(struct sops_file *file, const struct sops_groups *groups,
		     const struct sops_programs *programs, struct secret *ret_sealed,
		     struct error *err)
{
	AUTO(rewrapper) r = REWRAPPER_INIT;
	AUTO(secret) sealed = SECRET_INIT;

	if (sops_datakey_wrap(groups, &file->data_key, &file->meta.groups, programs, &r.entries,
			      err) < 0 ||
	    begin(&r, file, groups, err) < 0 || sops_meta_edit(&r.change, &r.edit, err) < 0 ||
	    sops_meta_edit_end(&r.change, &r.edit, err) < 0 ||
	    doc_edit_finish(&r.edit, &sealed, err) < 0 || check_groups(&r, &sealed, err) < 0 ||
	    write_copies(file, &sealed, err) < 0)
		return -1;
	*ret_sealed = secret_move(&sealed);
	return 0;
}

static int take_value(struct rewrapper *r, const struct sops_step *step, struct error *err)
{
	const struct sops_leaf *leaf = sops_file_leaf(r->file, step->node);

	if (!leaf)
		return sops_mac_add(&r->mac, &r->file->doc, step->node, step->selected, err);
	return sops_mac_add_plain(&r->mac, leaf->type, sops_file_plain(r->file, leaf), true, err);
}

/* The MAC of the same values, under the new key. */
static int make_mac(struct rewrapper *r, const struct key32 *key, struct error *err)
{
	const struct sops_meta *meta = &r->file->meta;
	struct sops_step step;

	if (sops_selection_init(&r->selection, &meta->selector, err) < 0 ||
	    sops_cipher_init(&r->cipher, key, err) < 0 ||
	    sops_mac_init(&r->mac, meta->mac_only_encrypted, err) < 0 ||
	    sops_walk_init(&r->walk, &r->file->doc, &r->selection, true, err) < 0)
		return -1;
	do {
		if (sops_walk_next(&r->walk, &step, err) < 0 ||
		    (step.kind == SOPS_STEP_VALUE && take_value(r, &step, err) < 0))
			return -1;
	} while (step.kind != SOPS_STEP_DONE);
	r->stamp.lastmodified = span_of_text(r->now);
	if (sops_mac_seal(&r->mac, &r->cipher, r->stamp.lastmodified, &r->sealed_mac, err) < 0)
		return -1;
	r->stamp.mac = buf_span(&r->sealed_mac);
	r->change.stamp = &r->stamp;
	return 0;
}

static int seal_leaf(struct rewrapper *r, const struct sops_leaf *leaf, struct error *err)
{
	const struct doc *doc = &r->file->doc;
	struct sops_value old;
	bool found = false;

	if (sops_walk_aad_of(doc, leaf->place, &r->aad, err) < 0 ||
	    sops_cipher_seal(&r->cipher, leaf->type, sops_file_plain(r->file, leaf),
			     buf_span(&r->aad), &r->text, err) < 0)
		return -1;
	if (sops_value_parse(doc_value(doc, leaf->node), &old) &&
	    doc_edit_swap(&r->edit, leaf->node, old.text, buf_span(&r->text), &found, err) < 0)
		return -1;
	if (found)
		return 0;
	if (doc->nodes[leaf->node].kind == DOC_COMMENT)
		return error_set(err, ERROR_UNSUPPORTED,
				 "line %zu: how the comment is written "
				 "leaves no place for another seal",
				 doc_line(doc, leaf->node));
	return doc_edit_set(&r->edit, leaf->node, DOC_TYPE_STRING, buf_span(&r->text), err);
}

/* Leaves and metadata in the order of the text. */
static int seal_leaves(struct rewrapper *r, struct error *err)
{
	const struct doc *doc = &r->file->doc;
	bool edited = false;

	for (size_t i = 0; i <= r->file->leaves_len; i++) {
		const bool done = i == r->file->leaves_len;
		const uint32_t node = done ? DOC_NONE : r->file->leaves[i].node;

		if (!edited && sops_meta_is_before(doc, r->file->meta.node, node)) {
			if (sops_meta_edit(&r->change, &r->edit, err) < 0)
				return -1;
			edited = true;
		}
		if (!done && seal_leaf(r, &r->file->leaves[i], err) < 0)
			return -1;
	}
	return 0;
}

int sops_file_rotate(struct sops_file *file, const struct sops_groups *groups,
		     const struct sops_programs *programs, struct secret *ret_sealed,
		     struct error *err)
{
	AUTO(rewrapper) r = REWRAPPER_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(key32) key = KEY32_INIT;

	if (file->meta.mac_node == DOC_NONE) {
		(void)error_set(err, ERROR_NO_MAC, "the file has no MAC that could be made anew");
		return error_hint(err, "a change by \"edit --ignore-mac\" makes one");
	}
	random_bytes(key.data, sizeof(key.data));
	if (sops_datakey_wrap(groups, &key, NULL, programs, &r.entries, err) < 0 ||
	    begin(&r, file, groups, err) < 0 || make_mac(&r, &key, err) < 0 ||
	    seal_leaves(&r, err) < 0 || sops_meta_edit_end(&r.change, &r.edit, err) < 0 ||
	    doc_edit_finish(&r.edit, &sealed, err) < 0 || check_groups(&r, &sealed, err) < 0)
		return -1;
	memcpy(file->data_key.data, key.data, sizeof(key.data));
	if (write_copies(file, &sealed, err) < 0)
		return -1;
	if (sealed.len <= SOPS_CHECKED_MAX && sops_check(file->doc.format, &sealed, &key, err) < 0)
		return -1;
	*ret_sealed = secret_move(&sealed);
	return 0;
}
