/* SPDX-License-Identifier: MIT */
/*
 * What a format brings: doc.c and edit.c are the same for all, and find here what
 * differs. A format is one table and the files that begin with its name.
 *
 * Types of scalars, canonical texts, paths and the tree of nodes are the same for
 * all formats. Metadata look the same, too: a map "sops" among the top-level
 * entries of the first document, whatever stands for it in the text.
 */
#ifndef DOC_FORMAT_H
#define DOC_FORMAT_H

#include "doc/doc.h"
#include "doc/edit.h"
#include "doc/tree.h"

struct doc_ops {
	/* As doc_parse(): takes *text over on success alone. Sets ret_doc->format. */
	int (*parse)(struct secret *text, unsigned flags, struct doc *ret_doc, struct error *err);
	/* As doc_place_comments(). NULL: the parser does it. */
	int (*place_comments)(struct doc *doc, struct error *err);
	/* As doc_comment_shows(). NULL: false. */
	int (*comment_shows)(const struct doc *doc, uint32_t comment, struct span plain,
			     bool *ret_shows, struct error *err);
	/* The length of the line break at offset at; 0: there is none. */
	size_t (*break_at)(struct span text, size_t at);
	/* As doc_check_unsealed(). NULL: sops reads whatever is valid. */
	int (*check_unsealed)(const struct doc *doc, uint32_t node, struct error *err);
	/* As doc_plain(), for a text of that type. NULL: what is sealed is the text itself. */
	int (*plain)(enum doc_type type, struct span text, char scratch[DOC_CANONICAL_MAX],
		     struct span *ret_plain, struct error *err);
	/* As doc_spelled_plain(). */
	int (*spell)(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
		     struct span *ret_text, struct error *err);

	/* Where in the old text the metadata will go; edit->metadata follows it. NULL: at the end. */
	size_t (*metadata_place)(const struct doc *doc);
	/* As the functions of doc/edit.h. */
	int (*seal)(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		    struct error *err);
	/* NULL: a sealed text has one spelling, or that of the value decides. */
	int (*seal_as)(struct doc_edit *edit, uint32_t node, struct span sealed,
		       const struct doc_former *former, bool *ret_done, struct error *err);
	int (*open)(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
		    struct error *err);
	int (*set)(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span value,
		   struct error *err);
	int (*append)(struct doc_edit *edit, uint32_t container, struct span key,
		      const struct doc_tree *value, struct error *err);
	int (*replace)(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		       struct error *err);
	int (*remove)(struct doc_edit *edit, uint32_t node, struct error *err);
	int (*add_metadata)(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
			    uint32_t *ret_changed, struct error *err);
	/* As doc_edit_add_copy(). NULL where there is one document. */
	int (*add_copy)(struct doc_edit *edit, uint32_t root, const struct doc_tree *metadata,
			unsigned indent, struct error *err);
	/* As doc_entry_lines() and doc_edit_add_lines(). NULL: false. */
	bool (*entry_lines)(const struct doc *doc, uint32_t node, size_t *ret_start,
			    size_t *ret_end);
	int (*add_lines)(struct doc_edit *edit, struct span lines, bool *ret_done,
			 uint32_t *ret_changed, struct error *err);
	/* Where nodes are not in the order of the text: puts text in the place of start to end. */
	int (*patch)(struct doc_edit *edit, size_t start, size_t end, struct span text,
		     struct error *err);
	/* As doc_edit_finish(). NULL: what is left is copied. */
	int (*finish)(struct doc_edit *edit, struct secret *ret_text, struct error *err);

	/* How many blanks stand before a container's lines that it has not in a text of its own. */
	size_t (*column)(const struct doc *doc, uint32_t container);
	/* As doc_tree_emit(): a whole document of that tree. */
	int (*emit)(const struct doc_tree *tree, unsigned indent, struct secret *out,
		    struct error *err);
	/* As doc_tree_emit_value(). NULL: ERROR_DUMP. */
	int (*emit_value)(const struct doc_tree *tree, unsigned indent, struct secret *out,
			  struct error *err);
};

/* NULL for a format that this build does not have. */
const struct doc_ops *doc_ops_of(enum doc_format format);

/* A table for each format, in the file of its name. */
extern const struct doc_ops doc_yaml_ops, doc_json_ops, doc_binary_ops;
extern const struct doc_ops doc_dotenv_ops;
extern const struct doc_ops doc_ini_ops;

/* A break_at for formats whose lines end in LF. */
size_t doc_lf_at(struct span text, size_t at);

#endif
