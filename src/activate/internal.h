/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files that read a manifest: fields of a parsed document, taken
 * strictly, with errors that name the manifest and the line.
 */
#ifndef ACTIVATE_INTERNAL_H
#define ACTIVATE_INTERNAL_H

#include "activate/manifest.h"
#include "activate/record.h"
#include "activate/target.h"
#include "doc/doc.h"
#include "util/text.h"

/* What every field's reader gets. */
struct reader {
	const struct doc *doc;
	const char *name; /* the manifest's, printable */
};

/* ERROR_CONFIG: manifest "NAME" line N: what is wrong. */
#define READER_ERROR(reader, node, err, ...)                                                       \
	(error_set(err, ERROR_CONFIG, __VA_ARGS__), reader_place(reader, node, err))
/* Puts manifest and line before the message that is there; returns -1, as the next two do. */
int reader_place(const struct reader *reader, uint32_t node, struct error *err);
int reader_unknown(const struct reader *reader, uint32_t node, struct error *err);
int reader_later(const struct reader *reader, uint32_t node, struct error *err);

/* Children, without the comments among them; DOC_NONE at the end. */
uint32_t reader_child(const struct reader *reader, uint32_t node);
uint32_t reader_sibling(const struct reader *reader, uint32_t node);

/* The node's key for a message; it lies in shown. */
const char *reader_field(const struct reader *reader, uint32_t node, struct text_shown *shown);
/* An error that says what the node must be, where it is not of that kind. */
MUST_USE int reader_expect(const struct reader *reader, uint32_t node, enum doc_kind kind,
			   const char *what, struct error *err);
/* A text, not empty, that a message, a log and a terminal can show as it is. */
MUST_USE int reader_text(const struct reader *reader, uint32_t node, const char *what,
			 struct span *ret_text, struct error *err);
bool reader_is_plain(struct span text);
/* The same, of any characters. */
MUST_USE int reader_string(const struct reader *reader, uint32_t node, const char *what,
			   struct span *ret_text, struct error *err);
typedef int reader_item_read(const struct reader *reader, uint32_t node, const char *what,
			     struct span *ret_text, struct error *err);
/* Of the characters that systemd.unit(5) lets be in a unit's name, with backslashes for all others. */
#define READER_UNIT_MAX 236
bool reader_is_unit(struct span text);
/*
 * What is wrong with a path of parts between slashes, of which none may be empty, "." or "..";
 * NULL.
 */
const char *reader_path_fault(struct span path);
/* Replaces *ret_copy by a copy of text. */
MUST_USE int reader_copy(struct span text, char **ret_copy, struct error *err);

/* A list of texts, not empty, no two the same, each passed by check (which may be NULL). */
typedef int reader_item_check(const struct reader *reader, uint32_t node, struct span text,
			      struct error *err);
MUST_USE int reader_list(const struct reader *reader, uint32_t list, reader_item_check *check,
			 struct names *names, struct error *err);

/* Is path directory, or below it? Both as they are written. */
bool manifest_is_below(const char *path, const char *directory);

/* Looks at root anew: sets root_fd and kind. */
MUST_USE int target_look(struct target *target, struct error *err);

/* Takes away root's mount; root_fd may then be written through, and removed from. */
MUST_USE int target_unmount(struct target *target, struct error *err);

/* A source of nothing but its path, appended to the record's. */
MUST_USE int record_add_source(struct record *record, struct span path, struct error *err);

/* One name with its fields, appended to the manifest's entries. */
MUST_USE int manifest_read_entry(const struct reader *reader, uint32_t node,
				 enum manifest_kind kind, struct manifest *manifest,
				 struct error *err);
/* Its parts: a unit's name; one field that says what it is made of; what must be there. */
reader_item_check manifest_check_unit;
MUST_USE int manifest_read_source(const struct reader *reader, uint32_t node,
				  struct manifest *manifest, struct manifest_entry *entry,
				  struct error *err);
MUST_USE int manifest_check_entry(const struct reader *reader, uint32_t node,
				  const struct manifest *manifest, struct manifest_entry *entry,
				  struct error *err);
/* "lifetime" and "unit"; and what they mean for all else that the entry says. */
MUST_USE int manifest_read_lifetime(const struct reader *reader, uint32_t node,
				    struct manifest_entry *entry, struct error *err);
MUST_USE int manifest_read_ready_unit(const struct reader *reader, uint32_t node,
				      struct manifest_entry *entry, struct error *err);
MUST_USE int manifest_check_ready(const struct reader *reader, uint32_t node,
				  struct manifest_entry *entry, struct error *err);
/* Frees what an entry holds. */
void manifest_entry_release(struct manifest_entry *entry);
/* What the first entry that says one calls the format of that file; else what its name says. */
const char *manifest_format_name(const struct manifest *manifest, size_t file);
/* The map "credentials". */
MUST_USE int manifest_read_credentials(const struct reader *reader, uint32_t node,
				       struct manifest *manifest, struct error *err);

#endif
