/* SPDX-License-Identifier: MIT */
/*
 * Sealed files: the whole way from text to sealed text and back. Touches no
 * file; takes and gives text.
 */
#ifndef SOPS_FILE_H
#define SOPS_FILE_H

#include "age/identity.h"
#include "age/recipient.h"
#include "doc/doc.h"
#include "doc/path.h"
#include "doc/tree.h"
#include "sops/datakey.h"
#include "sops/group.h"
#include "sops/meta.h"
#include "sops/programs.h"
#include "sops/select.h"

#define SOPS_JSON_INDENT_MAX 99

/* How a new file is sealed: what creation rules and flags come to. */
struct sops_policy {
	struct sops_groups groups;
	struct sops_selector selector;
	bool mac_only_encrypted;
	unsigned indent; /* of the metadata: 4, or stores.yaml.indent */
	bool whole;      /* a binary file, which is one value: no selector is written */
	/* What is written anew in JSON, and JSON around a binary file: stores.json.indent; -1 (DOC_INDENT_SOPS): a tab a level. */
	int json_indent, binary_indent;
	const struct sops_programs
		*programs; /* for PGP keys and plugins; borrowed; NULL: there is none */
	bool by_path;      /* its rule is for some files: it has a path_regex */
	size_t empty_line; /* of the rule's first group without a key, which nothing can be sealed to; 0: none */
};

#define SOPS_POLICY_INIT                                                                           \
	((struct sops_policy){ .groups = SOPS_GROUPS_INIT,                                         \
			       .selector = SOPS_SELECTOR_INIT,                                     \
			       .indent = 4,                                                        \
			       .json_indent = -1,                                                  \
			       .binary_indent = -1 })

void sops_policy_release(struct sops_policy *policy);

/* What a caller may want to tell: the lines that will not come back as written. */
#define SOPS_NOTES_LINES_MAX 20
struct sops_notes {
	size_t lines[SOPS_NOTES_LINES_MAX];
	size_t len;           /* how many there are in all; the first ones are in lines */
	bool no_selector;     /* sealing: a binary file, whose selectors do not count */
	size_t comments_kept; /* opening: comments that no key path opens, left as they are */
	size_t copy_line;     /* likewise: a later document whose metadata are others than the first's; 0: none */
};

#define SOPS_NOTES_INIT ((struct sops_notes){ .len = 0 })

/*
 * Seals text (taken over) to ret_sealed, with a new data key. ERROR_SEALED where it holds metadata
 * already; ERROR_FORMAT; ERROR_NO_KEY where policy has no recipient. A binary file is one value: the
 * selectors and mac_only_encrypted do not count. notes may be NULL.
 */
MUST_USE int sops_seal(enum doc_format format, struct secret *text,
		       const struct sops_policy *policy, struct secret *ret_sealed,
		       struct sops_notes *notes, struct error *err);

/*
 * A sealed file that was opened: document, metadata, data key and, per leaf, the
 * plaintext; the MAC has been checked.
 */
struct sops_leaf {
	uint32_t node;  /* in doc */
	uint32_t place; /* the node whose path it is bound to: itself, or a comment's container */
	uint32_t offset, len; /* of the plaintext, in plain */
	enum doc_type type;   /* of the plaintext */
};

struct sops_file {
	struct doc doc;
	struct sops_meta meta;
	struct key32 data_key;
	struct secret plain;      /* all opened values */
	struct sops_leaf *leaves; /* every sealed leaf, sorted by node */
	size_t leaves_len, leaves_cap;
	struct sops_notes notes;
	bool mac_is_right; /* it was checked */
};

/* No initialiser is needed beyond zero; release accepts it. */
#define SOPS_FILE_INIT ((struct sops_file){ .doc = { .format = DOC_YAML } })

/* flags */
#define SOPS_IGNORE_MAC 0x1u

/*
 * Opens text, which is taken over on success and left alone on failure. ERROR_NO_METADATA,
 * ERROR_NO_KEY (the message lists the recipients and the identities tried, with their sources; a
 * caller that knows names asks sops_list_recipients() and says it better), ERROR_NO_MAC,
 * ERROR_AUTH, ERROR_FORMAT.
 */
MUST_USE int sops_open(enum doc_format format, struct secret *text,
		       const struct age_identities *identities, unsigned flags,
		       struct sops_file *ret_file, struct error *err);
/* The same with all that may open it: PGP too, in a given order. */
MUST_USE int sops_open_with(enum doc_format format, struct secret *text,
			    const struct sops_opener *opener, unsigned flags,
			    struct sops_file *ret_file, struct error *err);
void sops_file_release(struct sops_file *file);

/* The plaintext document: without metadata, as it was before it was sealed. */
MUST_USE int sops_file_plaintext(struct sops_file *file, struct secret *ret_text,
				 struct error *err);

/*
 * One value (--extract): a scalar as raw text without a line break, in sops' own spelling, and its
 * type; for a map or list the plaintext of that part as a document of its own. An empty path is the
 * whole document. ERROR_NOT_FOUND, ERROR_BAD_EXTRACT.
 */
MUST_USE int sops_file_extract(struct sops_file *file, const struct doc_path *path,
			       struct secret *ret_text, enum doc_type *ret_type, struct error *err);
/*
 * The value at path, or with an empty path the whole, as sops prints it in another format: comments and
 * spelling go, indent blanks (DOC_INDENT_SOPS) are a level, the first of several documents stays. ERROR_DUMP for what the format cannot hold.
 */
MUST_USE int sops_file_convert(const struct sops_file *file, const struct doc_path *path,
			       enum doc_format format, unsigned indent, struct secret *ret_text,
			       struct error *err);
/* The same (get), but a number, boolean or time as it was written: 1.50, 0x1F, 2020-01-01. */
MUST_USE int sops_file_get(struct sops_file *file, const struct doc_path *path,
			   struct secret *ret_text, enum doc_type *ret_type, struct error *err);
/* Such a scalar by its node, without the way there (activate). Appends to ret_text. */
MUST_USE int sops_file_scalar(const struct sops_file *file, uint32_t node, struct secret *ret_text,
			      enum doc_type *ret_type, struct error *err);
/* The same as sops writes it where all values are strings, in dotenv: 1.0, 1E+30, true, <nil>. */
MUST_USE int sops_file_flat_scalar(const struct sops_file *file, uint32_t node,
				   struct secret *ret_text, enum doc_type *ret_type,
				   struct error *err);

/*
 * Sets the value at path, a scalar, map or list (creating the missing maps, appending to lists) and gives
 * the new sealed text: the lines of that value, mac and lastmodified change and no other. A scalar's text is
 * as in doc_edit_set(). With idempotent and an equal value ret_sealed stays empty.
 */
MUST_USE int sops_file_set(struct sops_file *file, const struct doc_path *path,
			   const struct doc_tree *value, bool idempotent, struct secret *ret_sealed,
			   struct error *err);
/*
 * Takes the value at path out, with its key. ERROR_NOT_FOUND where there is none; with idempotent
 * ret_sealed stays empty then.
 */
MUST_USE int sops_file_unset(struct sops_file *file, const struct doc_path *path, bool idempotent,
			     struct secret *ret_sealed, struct error *err);

/*
 * Seals an edited plaintext again: the file's data key, selectors and metadata; values that did not change keep
 * their ciphertext, per position. edited is taken over.
 */
MUST_USE int sops_file_reseal(struct sops_file *file, struct secret *edited,
			      struct secret *ret_sealed, struct sops_notes *notes,
			      struct error *err);

/*
 * Seals all of it by another policy, with a new data key, as sops_seal() does; of the metadata, the fields that
 * are not known here stay. Not for binary files, which no selector changes.
 */
MUST_USE int sops_file_seal_anew(struct sops_file *file, const struct sops_policy *policy,
				 struct secret *ret_sealed, struct error *err);

/*
 * Seals the same data key to other groups (updatekeys, groups): values, mac, lastmodified and version
 * stay as they are (trap T7), and so do the entries of keys that stay, where there is one group before
 * and after. ERROR_CONFIG for groups that cannot be, ERROR_UNSUPPORTED names a key (KMS, …) that
 * would have to be sealed to anew. Whether the caller can still open it is sops_can_open()'s to say.
 */
MUST_USE int sops_file_rewrap(struct sops_file *file, const struct sops_groups *groups,
			      const struct sops_programs *programs, struct secret *ret_sealed,
			      struct error *err);
/*
 * Seals everything anew, with a new data key for groups: each value with a new IV in its old place,
 * mac and lastmodified; the version and all else stays. Comments that no key path opened stay, too: see
 * file->notes. Errors as above, before anything is done. file->data_key is the new one then.
 */
MUST_USE int sops_file_rotate(struct sops_file *file, const struct sops_groups *groups,
			      const struct sops_programs *programs, struct secret *ret_sealed,
			      struct error *err);
/* Does sealed text give its data key to opener? Looks at the metadata alone; text is kept. */
MUST_USE int sops_can_open(enum doc_format format, struct secret *text,
			   const struct sops_opener *opener, bool *ret_can, struct error *err);

/*
 * Opens sealed again, with the data key: what sealing and setting do with their own result before
 * they hand it out. ERROR_BUG where it does not open. A larger text than SOPS_CHECKED_MAX they do not
 * open again: it would take as long as sealing it.
 */
#define SOPS_CHECKED_MAX ((size_t)1 << 20)
MUST_USE int sops_check(enum doc_format format, const struct secret *sealed,
			const struct key32 *data_key, struct error *err);
/* The same, and gives what was opened. */
MUST_USE int sops_reopen(enum doc_format format, const struct secret *sealed,
			 const struct key32 *data_key, struct sops_file *ret_file,
			 struct error *err);

/*
 * A sealed text of one document in another format, its values, metadata and comments (where it has them) as they are.
 * ERROR_DUMP for what the format cannot hold.
 */
MUST_USE int sops_reformat(enum doc_format from, const struct secret *sealed, enum doc_format to,
			   unsigned indent, const struct key32 *data_key, struct secret *ret_text,
			   struct error *err);

/* Is text a sealed document? Never fails on a text that is merely not. text is kept. */
MUST_USE int sops_is_sealed(enum doc_format format, struct secret *text, bool *ret_sealed,
			    struct error *err);
/* The same, but as sops' filestatus has it a text that is none of its format fails: it could be a sealed one. */
MUST_USE int sops_status(enum doc_format format, struct secret *text, bool *ret_sealed,
			 struct error *err);

/*
 * The age recipients of a sealed text, a line each "age1…\n": what a *_CMD is run for. Those of
 * other kinds are left out. text is kept.
 */
MUST_USE int sops_list_recipients(enum doc_format format, struct secret *text,
				  struct secret *ret_lines, struct error *err);

#endif
