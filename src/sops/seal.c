/* SPDX-License-Identifier: MIT */
/*
 * Sealing whole documents: the half of sops/file.h that writes.
 */
#include "crypto/random.h"
#include "doc/json.h"
#include "sealer.h"
#include "sops/copies.h"
#include "sops/same.h"

/* With the metadata in their place. */
static int finish(struct sealer *s, const struct key32 *data_key, struct secret *ret_sealed,
		  struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;

	if (doc_edit_finish(&s->edit, &sealed, err) < 0 ||
	    sops_copies_write(&s->doc, &sealed, true, err) < 0 ||
	    (sealed.len <= SOPS_CHECKED_MAX &&
	     sops_check(s->doc.format, &sealed, data_key, err) < 0))
		return -1;
	*ret_sealed = secret_move(&sealed);
	return 0;
}

void new_file_release(struct new_file *file)
{
	sops_entries_release(&file->entries);
}

static int make_new(const void *argument, const struct sops_seal_stamp *stamp,
		    struct doc_tree *ret_tree, struct error *err)
{
	const struct new_file *file = argument;

	return sops_meta_tree_new(file->policy, &file->entries, file->former, stamp, ret_tree, err);
}

struct metadata_maker new_file_maker(const struct new_file *file)
{
	return (struct metadata_maker){ make_new, file, file->policy->indent, NULL };
}

int new_file_wrap(struct new_file *file, const struct key32 *key, struct error *err)
{
	const struct sops_policy *policy = file->policy;

	if (policy->groups.len == 0) {
		(void)error_set(err, ERROR_CONFIG, "there is nobody to seal it to");
		return error_hint(err, "give --age, or a creation rule in .sops.yaml");
	}
	return sops_datakey_wrap(&policy->groups, key, NULL, policy->programs, &file->entries, err);
}

static int seal_by(enum doc_format format, struct secret *text, const struct sops_policy *policy,
		   const struct sops_file *former, struct secret *ret_sealed,
		   struct sops_notes *notes, struct error *err)
{
	AUTO(key32) key = KEY32_INIT;
	AUTO(new_file) file = { policy, former, SOPS_ENTRIES_INIT };
	AUTO(sealer) s = SEALER_INIT;
	const struct metadata_maker maker = new_file_maker(&file);

	s.notes = notes;
	random_bytes(key.data, sizeof(key.data));
	if (sealer_read(&s, format, text, &policy->selector, err) < 0 ||
	    sealer_begin(&s, policy->mac_only_encrypted, &key, err) < 0 ||
	    new_file_wrap(&file, &key, err) < 0 || sealer_leaves(&s, err) < 0 ||
	    sealer_sign(&s, &maker, err) < 0)
		return -1;
	return finish(&s, &key, ret_sealed, err);
}

int sops_seal(enum doc_format format, struct secret *text, const struct sops_policy *policy,
	      struct secret *ret_sealed, struct sops_notes *notes, struct error *err)
{
	struct sops_policy whole = *policy; /* borrowed */

	if (format != DOC_BINARY)
		return seal_by(format, text, policy, NULL, ret_sealed, notes, err);
	if (notes)
		notes->no_selector = policy->selector.text != NULL || policy->mac_only_encrypted;
	whole.selector = SOPS_SELECTOR_INIT;
	whole.mac_only_encrypted = false;
	whole.whole = true;
	whole.indent = (unsigned)policy->binary_indent;
	return seal_by(format, text, &whole, NULL, ret_sealed, notes, err);
}

int sops_file_seal_anew(struct sops_file *file, const struct sops_policy *policy,
			struct secret *ret_sealed, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;

	if (sops_file_plaintext(file, &plain, err) < 0)
		return -1;
	return seal_by(file->doc.format, &plain, policy, file, ret_sealed, NULL, err);
}

static int make_copy(const void *argument, const struct sops_seal_stamp *stamp,
		     struct doc_tree *ret_tree, struct error *err)
{
	const struct sops_file *file = argument;

	return sops_meta_tree_copy(&file->doc, &file->meta, stamp, ret_tree, err);
}

static int copy_lines(const void *argument, const struct sops_seal_stamp *stamp,
		      struct secret *ret_lines, struct error *err)
{
	const struct sops_file *file = argument;

	return sops_meta_lines(&file->doc, &file->meta, stamp, ret_lines, err);
}

/* What file holds, only written otherwise, has the right MAC already. */
static int sign_again(struct sealer *s, const struct sops_file *file,
		      const struct metadata_maker *maker, struct error *err)
{
	const struct sops_seal_stamp stamp = { .mac = file->meta.mac,
					       .lastmodified = file->meta.lastmodified };
	bool same = file->mac_is_right && !s->any_new && s->reuse.in_order &&
		    s->reuse.taken == file->leaves_len;

	if (same && sops_same_readable(file, &s->doc, &same, err) < 0)
		return -1;
	return same ? sealer_add_metadata(s, maker, &stamp, err) : sealer_sign(s, maker, err);
}

int sops_file_reseal(struct sops_file *file, struct secret *edited, struct secret *ret_sealed,
		     struct sops_notes *notes, struct error *err)
{
	AUTO(sealer) s = SEALER_INIT;
	const struct metadata_maker maker = { make_copy, file,
					      file->doc.format == DOC_BINARY
						      ? doc_json_indent(&file->doc)
						      : sops_meta_indent(&file->doc, &file->meta),
					      copy_lines };

	s.notes = notes;
	if (sealer_read(&s, file->doc.format, edited, &file->meta.selector, err) < 0 ||
	    sealer_begin(&s, file->meta.mac_only_encrypted, &file->data_key, err) < 0 ||
	    sops_reuse_init(&s.reuse, file, 0, err) < 0 || sealer_leaves(&s, err) < 0 ||
	    sign_again(&s, file, &maker, err) < 0)
		return -1;
	return finish(&s, &file->data_key, ret_sealed, err);
}

void sops_policy_release(struct sops_policy *policy)
{
	sops_groups_release(&policy->groups);
	sops_selector_release(&policy->selector);
	*policy = SOPS_POLICY_INIT;
}
