/* SPDX-License-Identifier: MIT */
/*
 * Which container each comment belongs to for sops, and what sops sees after it.
 *
 * This follows go-yaml's parser over the tokens (which event takes the comments
 * that wait), its making of nodes (a foot comment goes to a key), and how sops
 * then lines up a node's comments with its children.
 */
#include <assert.h>

#include "yaml_place.h"

static int parse_node(struct yaml_placer *p, bool block, bool indentless, bool is_key,
		      struct yaml_parsed *ret, struct error *err);

static int peek(struct yaml_placer *p, struct yaml_queued *token, struct error *err)
{
	return yaml_ahead_peek(&p->ahead, token, err);
}

static int skip_and_peek(struct yaml_placer *p, struct yaml_queued *token, struct error *err)
{
	yaml_ahead_skip(&p->ahead);
	return peek(p, token, err);
}

/* The event takes all comments that wait. */
static void take(struct yaml_placer *p, struct yaml_parsed *parsed)
{
	parsed->head = p->ahead.head;
	parsed->line = p->ahead.line;
	parsed->foot = p->ahead.foot;
	p->ahead.head = p->ahead.line = p->ahead.foot = p->ahead.stem = YAML_NOTES_NONE;
}

static uint32_t next_node(struct yaml_placer *p)
{
	while (p->next_node < p->doc->len && p->doc->nodes[p->next_node].kind == DOC_COMMENT)
		p->next_node++;
	assert(p->next_node < p->doc->len);
	return p->next_node++;
}

/* The head comment of a list's element that is a block itself belongs to all of it. */
static int split_stem(struct yaml_placer *p, size_t prior, struct error *err)
{
	struct yaml_queued token;

	if (prior == 0)
		return 0;
	if (peek(p, &token, err) < 0)
		return -1;
	if (token.kind == YAML_T_BLOCK_SEQUENCE || token.kind == YAML_T_BLOCK_MAPPING)
		p->ahead.stem = yaml_notes_cut(&p->ahead, &p->ahead.head, prior);
	return 0;
}

static int parse_item(struct yaml_placer *p, const struct yaml_queued *token, bool indentless,
		      uint32_t list, struct error *err)
{
	const enum yaml_token_kind kind = token->kind;
	struct yaml_parsed item = YAML_PARSED_NONE;

	if (kind == YAML_T_BLOCK_ENTRY || kind == YAML_T_BLOCK_END ||
	    (indentless && (kind == YAML_T_KEY || kind == YAML_T_VALUE)))
		item.node = list == DOC_NONE ? DOC_NONE : next_node(p);
	else if (parse_node(p, true, false, false, &item, err) < 0)
		return -1;
	yaml_place_item(p, list, &item);
	return 0;
}

static int parse_block_list(struct yaml_placer *p, bool indentless, uint32_t list,
			    struct error *err)
{
	struct yaml_queued token;

	if (!indentless) {
		if (peek(p, &token, err) < 0)
			return -1;
		yaml_ahead_skip(&p->ahead);
	}
	if (peek(p, &token, err) < 0)
		return -1;
	while (token.kind == YAML_T_BLOCK_ENTRY) {
		const size_t prior = yaml_notes_count(&p->ahead, &p->ahead.head);

		yaml_ahead_skip(&p->ahead);
		if (split_stem(p, prior, err) < 0 || peek(p, &token, err) < 0 ||
		    parse_item(p, &token, indentless, list, err) < 0 || peek(p, &token, err) < 0)
			return -1;
	}
	if (!indentless)
		yaml_ahead_skip(&p->ahead);
	return 0;
}

/* A value that may be missing: present says whether the token can start one. */
static int parse_value(struct yaml_placer *p, bool present, bool block, uint32_t map,
		       struct yaml_parsed *value, struct error *err)
{
	if (present)
		return parse_node(p, block, block, false, value, err);
	value->node = map == DOC_NONE ? DOC_NONE : next_node(p);
	return 0;
}

static bool starts_block_node(enum yaml_token_kind kind)
{
	return kind != YAML_T_KEY && kind != YAML_T_VALUE && kind != YAML_T_BLOCK_END;
}

static int parse_block_entry(struct yaml_placer *p, uint32_t map, struct yaml_last_entry *last,
			     struct error *err)
{
	struct yaml_parsed key = YAML_PARSED_NONE, value = YAML_PARSED_NONE;
	struct yaml_queued token;
	bool present = false;

	if (skip_and_peek(p, &token, err) < 0)
		return -1;
	if (starts_block_node(token.kind) && parse_node(p, true, true, true, &key, err) < 0)
		return -1;
	if (peek(p, &token, err) < 0)
		return -1;
	if (token.kind == YAML_T_VALUE) {
		if (skip_and_peek(p, &token, err) < 0)
			return -1;
		present = starts_block_node(token.kind);
	}
	if (parse_value(p, present, true, map, &value, err) < 0)
		return -1;
	yaml_place_entry(p, map, true, &key, &value, last);
	return 0;
}

static int parse_block_map(struct yaml_placer *p, struct yaml_parsed *map, struct error *err)
{
	struct yaml_last_entry last = { .there = false };
	const struct yaml_notes head = map->head;
	struct yaml_queued token;

	if (peek(p, &token, err) < 0 || skip_and_peek(p, &token, err) < 0)
		return -1;
	while (token.kind == YAML_T_KEY)
		if (parse_block_entry(p, map->node, &last, err) < 0 || peek(p, &token, err) < 0)
			return -1;
	take(p, map);
	/* of the end's comments, only line and foot are kept */
	map->head = head;
	yaml_ahead_skip(&p->ahead);
	yaml_place_map(p, map, true, &last);
	return 0;
}

static bool starts_flow_node(enum yaml_token_kind kind, enum yaml_token_kind end)
{
	return kind != YAML_T_VALUE && kind != YAML_T_FLOW_ENTRY && kind != end;
}

/* "key: value" in a flow collection, from its key on. */
static int parse_flow_entry(struct yaml_placer *p, uint32_t map, enum yaml_token_kind end,
			    struct yaml_last_entry *last, struct error *err)
{
	struct yaml_parsed key = YAML_PARSED_NONE, value = YAML_PARSED_NONE;
	struct yaml_queued token;
	bool present = false;

	if (peek(p, &token, err) < 0)
		return -1;
	if (starts_flow_node(token.kind, end) && parse_node(p, false, false, true, &key, err) < 0)
		return -1;
	if (peek(p, &token, err) < 0)
		return -1;
	if (token.kind == YAML_T_VALUE) {
		if (skip_and_peek(p, &token, err) < 0)
			return -1;
		present = token.kind != YAML_T_FLOW_ENTRY && token.kind != end;
	}
	if (parse_value(p, present, false, map, &value, err) < 0)
		return -1;
	yaml_place_entry(p, map, false, &key, &value, last);
	return 0;
}

/* "[key: value]": a map of one entry, without brackets of its own. */
static int parse_flow_pair(struct yaml_placer *p, uint32_t list, struct error *err)
{
	struct yaml_last_entry last = { .there = false };
	struct yaml_parsed map = YAML_PARSED_NONE;
	struct yaml_queued token;

	map.node = list == DOC_NONE ? DOC_NONE : next_node(p);
	yaml_ahead_skip(&p->ahead);
	if (parse_flow_entry(p, map.node, YAML_T_FLOW_SEQUENCE_END, &last, err) < 0 ||
	    peek(p, &token, err) < 0)
		return -1;
	yaml_place_map(p, &map, false, &last);
	return 0;
}

/* To the next entry: over the comma, where one must be. */
static int next_flow_entry(struct yaml_placer *p, bool first, struct yaml_queued *token,
			   struct error *err)
{
	if (peek(p, token, err) < 0)
		return -1;
	if (!first && token->kind == YAML_T_FLOW_ENTRY)
		return skip_and_peek(p, token, err);
	return 0;
}

static int parse_flow(struct yaml_placer *p, struct yaml_parsed *container, bool is_map,
		      struct error *err)
{
	const enum yaml_token_kind end =
		is_map ? YAML_T_FLOW_MAPPING_END : YAML_T_FLOW_SEQUENCE_END;
	const struct yaml_notes head = container->head;
	struct yaml_last_entry last = { .there = false };
	struct yaml_queued token;

	if (peek(p, &token, err) < 0)
		return -1;
	yaml_ahead_skip(&p->ahead);
	for (bool first = true;; first = false) {
		struct yaml_parsed item = YAML_PARSED_NONE;

		if (next_flow_entry(p, first, &token, err) < 0)
			return -1;
		if (token.kind == end)
			break;
		if (is_map) {
			if (token.kind == YAML_T_KEY)
				yaml_ahead_skip(&p->ahead);
			if (parse_flow_entry(p, container->node, end, &last, err) < 0)
				return -1;
		} else if (token.kind == YAML_T_KEY) {
			if (parse_flow_pair(p, container->node, err) < 0)
				return -1;
		} else {
			if (parse_node(p, false, false, false, &item, err) < 0)
				return -1;
			yaml_place_item(p, container->node, &item);
		}
	}
	take(p, container);
	container->head = head;
	yaml_ahead_skip(&p->ahead);
	yaml_place_map(p, container, false, &last);
	return 0;
}

/* Over anchor and tag; ret_any: there was one. */
static int skip_properties(struct yaml_placer *p, struct yaml_queued *token, bool *ret_any,
			   struct error *err)
{
	*ret_any = false;
	if (peek(p, token, err) < 0)
		return -1;
	while (token->kind == YAML_T_ANCHOR || token->kind == YAML_T_TAG) {
		*ret_any = true;
		if (skip_and_peek(p, token, err) < 0)
			return -1;
	}
	return 0;
}

static int parse_container(struct yaml_placer *p, enum yaml_token_kind kind,
			   struct yaml_parsed *ret, struct error *err)
{
	ret->is_container = true;
	if (kind == YAML_T_BLOCK_ENTRY)
		return parse_block_list(p, true, ret->node, err);
	if (kind == YAML_T_BLOCK_SEQUENCE || kind == YAML_T_BLOCK_MAPPING) {
		ret->head = p->ahead.stem;
		p->ahead.stem = YAML_NOTES_NONE;
		return kind == YAML_T_BLOCK_SEQUENCE ? parse_block_list(p, false, ret->node, err)
						     : parse_block_map(p, ret, err);
	}
	take(p, ret);
	return parse_flow(p, ret, kind == YAML_T_FLOW_MAPPING, err);
}

static int parse_node(struct yaml_placer *p, bool block, bool indentless, bool is_key,
		      struct yaml_parsed *ret, struct error *err)
{
	const bool is_root = p->at_root;
	struct yaml_queued token;
	bool properties;

	p->at_root = false;
	if (peek(p, &token, err) < 0)
		return -1;
	/* of the metadata, only the map that it makes of an empty document is there */
	if (!is_key && (is_root || !yaml_ahead_is_inserted(&p->ahead, token.start.index)))
		ret->node = next_node(p);
	if (skip_properties(p, &token, &properties, err) < 0)
		return -1;
	if (token.kind == YAML_T_SCALAR || token.kind == YAML_T_ALIAS) {
		take(p, ret);
		yaml_ahead_skip(&p->ahead);
		return 0;
	}
	if ((token.kind == YAML_T_BLOCK_ENTRY && indentless) ||
	    token.kind == YAML_T_FLOW_SEQUENCE || token.kind == YAML_T_FLOW_MAPPING ||
	    (block && (token.kind == YAML_T_BLOCK_SEQUENCE || token.kind == YAML_T_BLOCK_MAPPING)))
		return parse_container(p, token.kind, ret, err);
	if (properties)
		return 0; /* an anchor or tag alone: an empty value */
	return error_set(err, ERROR_BUG, "the text was parsed before and cannot be parsed again");
}

/* Up to a document's first token; ret_end: there is no more document. */
static int begin_document(struct yaml_placer *p, bool implicit, struct yaml_notes *ret_head,
			  struct yaml_queued *token, bool *ret_end, struct error *err)
{
	*ret_head = YAML_NOTES_NONE;
	if (peek(p, token, err) < 0)
		return -1;
	while (!implicit && token->kind == YAML_T_DOCUMENT_END)
		if (skip_and_peek(p, token, err) < 0)
			return -1;
	*ret_end = token->kind == YAML_T_STREAM_END;
	if (*ret_end)
		return 0;
	if (implicit && token->kind != YAML_T_VERSION && token->kind != YAML_T_TAG_DIRECTIVE &&
	    token->kind != YAML_T_DOCUMENT_START) {
		*ret_head = yaml_notes_cut_document(&p->ahead);
		return 0;
	}
	while (token->kind == YAML_T_VERSION || token->kind == YAML_T_TAG_DIRECTIVE)
		if (skip_and_peek(p, token, err) < 0)
			return -1;
	return skip_and_peek(p, token, err);
}

static int parse_document(struct yaml_placer *p, bool implicit, bool *ret_end, struct error *err)
{
	struct yaml_parsed root = YAML_PARSED_NONE, end = YAML_PARSED_NONE;
	struct yaml_notes head;
	struct yaml_queued token;

	if (begin_document(p, implicit, &head, &token, ret_end, err) < 0)
		return -1;
	if (*ret_end)
		return 0;
	p->at_root = true;
	if (token.kind == YAML_T_DOCUMENT_START || token.kind == YAML_T_DOCUMENT_END ||
	    token.kind == YAML_T_STREAM_END || token.kind == YAML_T_VERSION ||
	    token.kind == YAML_T_TAG_DIRECTIVE)
		root.node = next_node(p);
	else if (parse_node(p, true, false, false, &root, err) < 0)
		return -1;
	yaml_place_head(p, &head, root.node);
	yaml_place_head(p, &root.head, root.node);
	yaml_place_head(p, &root.line, root.node);
	yaml_place_foot(p, &root.foot, root.node);
	if (peek(p, &token, err) < 0)
		return -1;
	if (token.kind == YAML_T_DOCUMENT_END)
		yaml_ahead_skip(&p->ahead);
	take(p, &end);
	if (end.head.first >= 0 && end.foot.first < 0)
		end.foot = end.head;
	yaml_place_foot(p, &end.foot, root.node);
	return 0;
}

int yaml_scan_comments(struct doc *doc, struct error *err)
{
	struct yaml_placer placer = { .doc = doc, .next_node = 1 };
	AUTO(yaml_ahead) ahead = { .doc = NULL };
	struct yaml_queued token;
	bool end = false;
	int status;

	if (!yaml_details(doc)->has_comments)
		return 0;
	if (yaml_ahead_begin(doc, &placer.ahead, err) < 0)
		return -1;
	status = peek(&placer, &token, err);
	if (status == 0)
		yaml_ahead_skip(&placer.ahead);
	for (bool first = true; status == 0 && !end; first = false)
		status = parse_document(&placer, first, &end, err);
	ahead = placer.ahead;
	return status;
}

int yaml_place_comments(struct doc *doc, struct error *err)
{
	return yaml_place_plain_comments(doc) ? 0 : yaml_scan_comments(doc, err);
}
