/* SPDX-License-Identifier: MIT */
/*
 * libyaml: events and tokens of a document, with byte offsets. The one file that
 * includes <yaml.h> is yaml_source.c.
 *
 * libyaml leaves plaintext behind in its events, tokens and input buffers: all are
 * wiped here. It takes no allocator of ours, so what it moved while a long scalar
 * grew is beyond reach.
 */
#ifndef DOC_YAML_SOURCE_H
#define DOC_YAML_SOURCE_H

#include "yaml_input.h"

enum yaml_event_kind {
	YAML_E_SCALAR,
	YAML_E_ALIAS,
	YAML_E_MAP,
	YAML_E_LIST,
	YAML_E_END,
	YAML_E_DOCUMENT_END,
	YAML_E_STREAM_END,
	YAML_E_BAD_VERSION, /* a document that begins with a %YAML that go-yaml refuses */
	YAML_E_OTHER,
};

/* Borrowed from the source until the next event. */
struct yaml_event_text {
	enum yaml_event_kind kind;
	enum yaml_style style;    /* of a scalar, or FLOW or EMPTY of a container's start */
	uint32_t start, end;      /* with anchor and tag */
	size_t left_out;          /* so many bytes of it are not in value */
	struct span value;        /* of a scalar; an alias' name */
	const char *anchor, *tag; /* may be NULL */
};

enum yaml_token_kind {
	YAML_T_STREAM_START,
	YAML_T_STREAM_END,
	YAML_T_VERSION,
	YAML_T_TAG_DIRECTIVE,
	YAML_T_DOCUMENT_START,
	YAML_T_DOCUMENT_END,
	YAML_T_BLOCK_SEQUENCE,
	YAML_T_BLOCK_MAPPING,
	YAML_T_BLOCK_END,
	YAML_T_FLOW_SEQUENCE,
	YAML_T_FLOW_SEQUENCE_END,
	YAML_T_FLOW_MAPPING,
	YAML_T_FLOW_MAPPING_END,
	YAML_T_BLOCK_ENTRY,
	YAML_T_FLOW_ENTRY,
	YAML_T_KEY,
	YAML_T_VALUE,
	YAML_T_ALIAS,
	YAML_T_ANCHOR,
	YAML_T_TAG,
	YAML_T_SCALAR,
};

struct yaml_token {
	enum yaml_token_kind kind;
	enum yaml_style style; /* of a scalar */
	uint32_t start, end;   /* bytes in the text that was scanned */
	uint32_t line, column; /* from 0; columns are characters */
	uint32_t end_line, end_column;
};

struct yaml_source;

/*
 * Reads doc's text (its details are filled in), with inserts (borrowed) put in.
 * condense: sealed texts are shown shortened, without inserts alone.
 */
MUST_USE int yaml_source_new(const struct doc *doc, const struct yaml_inserts *inserts,
			     bool condense, struct yaml_source **ret_source, struct error *err);
void yaml_source_free(struct yaml_source *source);
/* One or the other, not both of one source. ERROR_FORMAT with the line, ERROR_SYSTEM. */
MUST_USE int yaml_source_event(struct yaml_source *source, struct yaml_event_text *ret_event,
			       struct error *err);
MUST_USE int yaml_source_token(struct yaml_source *source, struct yaml_token *ret_token,
			       struct error *err);
/* Was anything left out so far? */
bool yaml_source_has_cuts(const struct yaml_source *source);

#endif
