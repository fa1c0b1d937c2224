/* SPDX-License-Identifier: MIT */
/*
 * Where comments go: how sops lines up those that hang on a node with the container's children.
 */
#ifndef DOC_YAML_PLACE_H
#define DOC_YAML_PLACE_H

#include "yaml_lookahead.h"

struct yaml_placer {
	struct doc *doc;
	struct yaml_ahead ahead;
	uint32_t next_node; /* in the document, the one that was parsed last + 1 */
	uint32_t placed;    /* comments so far */
	bool at_root;       /* a document's own node comes next */
};

/* What parsing a node gives: its number and the comments that hang on it. */
struct yaml_parsed {
	uint32_t node; /* DOC_NONE for a key, and for what is not there yet */
	bool is_container;
	struct yaml_notes head, line, foot;
};

#define YAML_PARSED_NONE                                                                           \
	((struct yaml_parsed){ DOC_NONE, false, YAML_NOTES_NONE, YAML_NOTES_NONE, YAML_NOTES_NONE })

/* The last entry of a map that is being parsed: its key's foot comes when the next is known. */
struct yaml_last_entry {
	bool there;
	uint32_t node;
	struct yaml_notes foot;
};

void yaml_place_item(struct yaml_placer *p, uint32_t list, struct yaml_parsed *item);
/* Key and value are parsed; the entry before gets what key's foot means for it. */
void yaml_place_entry(struct yaml_placer *p, uint32_t map, bool block, struct yaml_parsed *key,
		      struct yaml_parsed *value, struct yaml_last_entry *last);
/* The end of a map: its own foot goes to the last key of a block. */
void yaml_place_map(struct yaml_placer *p, struct yaml_parsed *map, bool block,
		    struct yaml_last_entry *last);
/* The root's comments before its first child (head), and behind its last (foot). */
void yaml_place_head(struct yaml_placer *p, struct yaml_notes *row, uint32_t root);
void yaml_place_foot(struct yaml_placer *p, struct yaml_notes *row, uint32_t root);

#endif
