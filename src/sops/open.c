/* SPDX-License-Identifier: MIT */
#include "sops/file.h"

#include <stdlib.h>
#include <string.h>

#include "sops/copies.h"
#include "sops/datakey.h"
#include "sops/leaves.h"
#include "sops/lookup.h"
#include "sops/mac.h"
#include "sops/walk.h"
#include "util/text.h"

/* With the metadata and the data key in their places. */
static int open_with_key(struct sops_file *file, unsigned flags, struct error *err)
{
	const struct sops_meta *meta = &file->meta;
	AUTO(sops_cipher) cipher = SOPS_CIPHER_INIT;
	AUTO(sops_mac) mac = SOPS_MAC_INIT;

	if (sops_cipher_init(&cipher, &file->data_key, err) < 0 ||
	    sops_mac_init(&mac, meta->mac_only_encrypted, err) < 0 ||
	    sops_leaves_open(file, meta, &cipher, &mac, err) < 0)
		return -1;
	if (flags & SOPS_IGNORE_MAC)
		return 0;
	if (sops_mac_check(&mac, &cipher, meta->lastmodified, meta->mac, err) < 0)
		return -1;
	file->mac_is_right = true;
	return 0;
}

static int open_parsed(struct sops_file *file, const struct sops_opener *opener, unsigned flags,
		       struct error *err)
{
	if (sops_meta_read(&file->doc, &file->meta, err) < 0)
		return -1;
	file->notes.copy_line = sops_copies_other(&file->doc, file->meta.node);
	if (sops_datakey_unwrap(&file->meta, opener, &file->data_key, err) < 0)
		return -1;
	return open_with_key(file, flags, err);
}

int sops_reopen(enum doc_format format, const struct secret *sealed, const struct key32 *data_key,
		struct sops_file *ret_file, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error reason = ERROR_INIT;

	file.meta = SOPS_META_INIT;
	memcpy(file.data_key.data, data_key->data, sizeof(file.data_key.data));
	if (secret_append_span(&text, secret_span(sealed), err) < 0)
		return -1;
	if (doc_parse(format, &text, DOC_SEALED, &file.doc, &reason) == 0 &&
	    sops_meta_read(&file.doc, &file.meta, &reason) == 0 &&
	    open_with_key(&file, 0, &reason) == 0) {
		*ret_file = file;
		file = SOPS_FILE_INIT;
		return 0;
	}
	if (reason.kind == ERROR_SYSTEM) {
		*err = reason;
		return -1;
	}
	error_set(err, ERROR_BUG, "what was sealed does not open again (%s), so it is not written",
		  reason.message);
	return error_hint(err, "please report the form of this document: it is a bug");
}

int sops_check(enum doc_format format, const struct secret *sealed, const struct key32 *data_key,
	       struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;

	return sops_reopen(format, sealed, data_key, &file, err);
}

int sops_open(enum doc_format format, struct secret *text, const struct age_identities *identities,
	      unsigned flags, struct sops_file *ret_file, struct error *err)
{
	const struct sops_opener opener = { identities, NULL, SOPS_ORDER_DEFAULT };

	return sops_open_with(format, text, &opener, flags, ret_file, err);
}

int sops_open_with(enum doc_format format, struct secret *text, const struct sops_opener *opener,
		   unsigned flags, struct sops_file *ret_file, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;

	file.meta = SOPS_META_INIT;
	if (doc_parse(format, text, DOC_SEALED, &file.doc, err) < 0)
		return -1;
	if (open_parsed(&file, opener, flags, err) < 0) {
		*text = secret_move(&file.doc.text);
		return -1;
	}
	*ret_file = file;
	file = SOPS_FILE_INIT;
	return 0;
}

void sops_file_release(struct sops_file *file)
{
	sops_meta_release(&file->meta);
	doc_release(&file->doc);
	key32_release(&file->data_key);
	secret_release(&file->plain);
	free(file->leaves);
	*file = SOPS_FILE_INIT;
}

/* Parses text for a look at its metadata, and gives it back. */
static int with_metadata(enum doc_format format, struct secret *text,
			 int (*look)(const struct sops_meta *meta, void *argument,
				     struct error *err),
			 void *argument, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(sops_meta) meta = SOPS_META_INIT;
	int result;

	if (doc_parse(format, text, DOC_SEALED, &doc, err) < 0)
		return -1;
	result = sops_meta_read(&doc, &meta, err) < 0 ? -1 : look(&meta, argument, err);
	*text = secret_move(&doc.text);
	return result;
}

static int look_for_mac(const struct sops_meta *meta, void *argument, struct error *err)
{
	bool *ret_sealed = argument;

	(void)err;
	*ret_sealed = meta->mac.len > 0;
	return 0;
}

int sops_is_sealed(enum doc_format format, struct secret *text, bool *ret_sealed, struct error *err)
{
	struct error reason = ERROR_INIT;

	if (with_metadata(format, text, look_for_mac, ret_sealed, &reason) == 0)
		return 0;
	if (reason.kind == ERROR_SYSTEM || reason.kind == ERROR_LIMIT) {
		*err = reason;
		return -1;
	}
	*ret_sealed = false;
	return 0;
}

int sops_status(enum doc_format format, struct secret *text, bool *ret_sealed, struct error *err)
{
	struct error reason = ERROR_INIT;

	if (with_metadata(format, text, look_for_mac, ret_sealed, &reason) == 0)
		return 0;
	*ret_sealed = false;
	/* any bytes are a plain binary file; for sops no bytes are a document but of JSON */
	if (reason.kind == ERROR_NO_METADATA ||
	    (format == DOC_BINARY && reason.kind == ERROR_FORMAT) ||
	    (reason.kind == ERROR_EMPTY && format != DOC_JSON))
		return 0;
	*err = reason;
	return -1;
}

static int list(const struct sops_meta *meta, void *argument, struct error *err)
{
	struct secret *lines = argument;

	for (size_t i = 0; i < meta->groups.len; i++)
		for (size_t k = 0; k < meta->groups.items[i].len; k++) {
			const struct sops_key *key = &meta->groups.items[i].items[k];

			if (key->kind == SOPS_KEY_AGE &&
			    (secret_append_text(lines, key->text, err) < 0 ||
			     secret_append_text(lines, "\n", err) < 0))
				return -1;
		}
	return 0;
}

int sops_list_recipients(enum doc_format format, struct secret *text, struct secret *ret_lines,
			 struct error *err)
{
	AUTO(secret) lines = SECRET_INIT;

	if (with_metadata(format, text, list, &lines, err) < 0)
		return -1;
	*ret_lines = secret_move(&lines);
	return 0;
}

struct can_open {
	const struct sops_opener *opener;
	bool *ret_can;
};

static int try_key(const struct sops_meta *meta, void *argument, struct error *err)
{
	const struct can_open *question = argument;
	AUTO(key32) key = KEY32_INIT;
	struct error reason = ERROR_INIT;

	*question->ret_can = sops_datakey_unwrap(meta, question->opener, &key, &reason) == 0;
	if (reason.kind != ERROR_SYSTEM)
		return 0;
	*err = reason;
	return -1;
}

int sops_can_open(enum doc_format format, struct secret *text, const struct sops_opener *opener,
		  bool *ret_can, struct error *err)
{
	struct can_open question = { opener, ret_can };

	return with_metadata(format, text, try_key, &question, err);
}
