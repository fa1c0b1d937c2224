/* SPDX-License-Identifier: MIT */
/*
 * What yaml_parse.c, yaml_read_scalar.c and yaml_read_alias.c share: the pass over
 * libyaml's events that fills in a document's nodes.
 */
#ifndef DOC_YAML_READER_H
#define DOC_YAML_READER_H

#include "yaml_source.h"

/* A collection that is open. */
struct yaml_level {
	uint32_t node;
	uint32_t key, key_len, entry; /* of the entry whose value comes next */
	uint32_t key_end;             /* where that key's text ends */
	uint8_t key_flags;
	bool want_key;
	bool in_flow;
};

/* An anchor and the node that it names. */
struct yaml_anchor {
	uint32_t name, name_len; /* in the text */
	uint32_t node;
};

struct yaml_reader {
	struct doc *doc;
	struct yaml_source *source;
	uint32_t gap;      /* comments have been looked for up to here */
	uint32_t last_end; /* of the last value or closing bracket */
	struct yaml_level *levels;
	size_t depth;
	struct yaml_anchor *anchors;
	size_t anchors_len, anchors_cap;
	size_t aliases;
	bool condense; /* libyaml is not shown what is sealed */
	bool retry;    /* it should have been */
	uint32_t root; /* of the document at hand, */
	bool later;    /* which is not the first */
	struct yaml_details *details;
	struct error *err;
};

/* yaml_parse.c: fails with the line of that offset. ERROR_FORMAT. */
int yaml_reader_fail(struct yaml_reader *reader, uint32_t at, const char *why);
/* A new node, the last one; NULL: ERROR_LIMIT or ERROR_SYSTEM. Moves the nodes there are. */
struct doc_node *yaml_reader_add(struct yaml_reader *reader);
/* Every "#" between what libyaml told of is a comment, up to the end of its line. */
MUST_USE int yaml_reader_take_gap(struct yaml_reader *reader, uint32_t until);
/* Fills in where a value stands and whose it is; the level then wants the next key. */
void yaml_reader_place(struct yaml_reader *reader, struct doc_node *node, uint32_t event);
bool yaml_reader_at_key(const struct yaml_reader *reader);

/* yaml_read_scalar.c: where a node's own text starts: behind its anchor and tag, blanks and comments. */
uint32_t yaml_reader_content(struct yaml_reader *reader, uint32_t at, uint32_t end, bool anchor,
			     bool tag);
/* Takes a key or a value. */
MUST_USE int yaml_reader_scalar(struct yaml_reader *reader, const struct yaml_event_text *event);

/* yaml_read_alias.c: from here on name, if there is one, means node. ERROR_LIMIT. */
MUST_USE int yaml_reader_anchor(struct yaml_reader *reader, const char *name, uint32_t event,
				uint32_t node);
MUST_USE int yaml_reader_alias(struct yaml_reader *reader, const struct yaml_event_text *event);

#endif
