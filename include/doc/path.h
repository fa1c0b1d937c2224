/* SPDX-License-Identifier: MIT */
/*
 * A place in a document: sops' index syntax ["a"][0]['b'], as for --extract and
 * set, and the manifest's a/b/c.
 */
#ifndef DOC_PATH_H
#define DOC_PATH_H

#include "doc/doc.h"
#include "util/buf.h"

#define DOC_PATH_MAX 128

struct doc_path_part {
	bool is_index;
	size_t index;
	size_t written;      /* index as it was given: doc_path_count_values() changes the other */
	size_t key, key_len; /* in bytes */
};

struct doc_path {
	struct doc_path_part *parts;
	size_t len;
	struct buf bytes;
};

#define DOC_PATH_INIT ((struct doc_path){ NULL, 0, BUF_INIT })

/* '["a"][0]'. Keys are taken as they stand: no escapes. ERROR_BAD_INDEX. */
MUST_USE int doc_path_parse(const char *text, struct doc_path *ret_path, struct error *err);
/* "a/b/c"; "" is the whole document. */
MUST_USE int doc_path_parse_slashes(const char *text, struct doc_path *ret_path, struct error *err);
void doc_path_release(struct doc_path *path);

struct span doc_path_key(const struct doc_path *path, size_t part);
/* As '["a"][0]', printable, for messages. */
MUST_USE int doc_path_format(const struct doc_path *path, size_t parts, struct buf *ret_text,
			     struct error *err);

/*
 * Follows path in the first document as far as it goes: ret_node is the last node reached,
 * ret_parts how many parts were followed. List indices do not count comments, sealed ones neither.
 * ERROR_BAD_INDEX for a key into a list, and an index into a map.
 */
MUST_USE int doc_path_follow(const struct doc *doc, const struct doc_path *path, uint32_t *ret_node,
			     size_t *ret_parts, struct error *err);
/*
 * Of a path whose list indices count comments, too, as sops does (trap T23), makes one that counts values
 * alone, for all else here. What leads nowhere stays as it is. ERROR_BAD_INDEX for a comment. Places doc's
 * comments.
 */
MUST_USE int doc_path_count_values(struct doc *doc, struct doc_path *path, struct error *err);

#endif
