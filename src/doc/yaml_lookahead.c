/* SPDX-License-Identifier: MIT */
#include "yaml_lookahead.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "yaml_ahead_text.h"

void yaml_ahead_release(struct yaml_ahead *ahead)
{
	yaml_source_free(ahead->source);
	yaml_inserts_release(&ahead->inserts);
	free(ahead->indents);
	free(ahead->keys);
	free(ahead->queue);
	free(ahead->waiting);
	free(ahead->notes);
	*ahead = (struct yaml_ahead){ .doc = NULL };
}

bool yaml_ahead_is_inserted(const struct yaml_ahead *ahead, int64_t offset)
{
	size_t at;

	return !yaml_inserts_place(&ahead->inserts, (size_t)offset, &at);
}

int yaml_ahead_grow(void **array, size_t len, size_t *cap, size_t size, struct error *err)
{
	void *grown;
	const size_t more = *cap * 2 + 16;

	if (len < *cap)
		return 0;
	grown = realloc(*array, more * size); /* offsets only */
	if (grown == NULL)
		return error_memory(err);
	*array = grown;
	*cap = more;
	return 0;
}

/* Behind a plain scalar, go-yaml has read all blanks and line breaks; a directive has its line. */
static void skip_behind(struct yaml_ahead *ahead)
{
	const bool directive =
		ahead->next.kind == YAML_T_VERSION || ahead->next.kind == YAML_T_TAG_DIRECTIVE;

	if (directive) {
		while (byte_at(ahead, position(ahead)) != 0 &&
		       break_at(ahead, position(ahead)) == 0)
			skip_character(ahead);
		if (byte_at(ahead, position(ahead)) != 0)
			skip_break(ahead);
		return;
	}
	for (;;) {
		if (break_at(ahead, position(ahead)) > 0) {
			skip_break(ahead);
			ahead->key_allowed = true;
		} else if (is_blank(byte_at(ahead, position(ahead)))) {
			skip_character(ahead);
		} else {
			return;
		}
	}
}

/* The line breaks at the end of a block scalar, behind its last line that is not blank. */
static size_t breaks_before(const struct yaml_ahead *ahead, size_t start, size_t end)
{
	size_t count = 0;

	while (end > start) {
		const uint8_t c = byte_at(ahead, end - 1);

		if (c == '\n' || c == '\r')
			count += c == '\r' || end < 2 || byte_at(ahead, end - 2) != '\r' ? 1 : 0;
		else if (!is_blank(c))
			break;
		end--;
	}
	return count;
}

static bool is_block_scalar(const struct yaml_token *token)
{
	return token->kind == YAML_T_SCALAR &&
	       (token->style == YAML_STYLE_LITERAL || token->style == YAML_STYLE_FOLDED);
}

/* Moves the mark behind the token, as far as go-yaml reads for it. */
static int consume(struct yaml_ahead *ahead, struct error *err)
{
	const struct yaml_token *token = &ahead->next;
	const struct yaml_mark start = ahead->mark;

	if (is_block_scalar(token)) {
		/* the comment in its header is found before its body is read */
		while (strchr("|>+-123456789", byte_at(ahead, position(ahead))) != NULL &&
		       byte_at(ahead, position(ahead)) != 0)
			skip_character(ahead);
		if (yaml_ahead_line_comment(ahead, start, err) < 0)
			return -1;
	}
	ahead->mark = (struct yaml_mark){ token->end, token->end_line, token->end_column };
	ahead->newlines =
		is_block_scalar(token) ? breaks_before(ahead, token->start, token->end) : 0;
	if (token->kind == YAML_T_VERSION || token->kind == YAML_T_TAG_DIRECTIVE ||
	    (token->kind == YAML_T_SCALAR && token->style == YAML_STYLE_PLAIN))
		skip_behind(ahead);
	return 0;
}

/* A value will be sealed, and then may be quoted where it was plain. */
static void set_sealed_style(struct yaml_ahead *ahead)
{
	const struct doc *doc = ahead->doc;
	struct yaml_token *token = &ahead->next;
	size_t start;

	if (!ahead->sealing || token->kind != YAML_T_SCALAR || token->style != YAML_STYLE_PLAIN ||
	    !yaml_inserts_place(&ahead->inserts, token->start, &start))
		return;
	while (ahead->value < doc->len && (doc->nodes[ahead->value].kind != DOC_SCALAR ||
					   doc->nodes[ahead->value].start < start))
		ahead->value++;
	if (ahead->value < doc->len && doc->nodes[ahead->value].start == start &&
	    !yaml_seals_plain(doc, ahead->value))
		token->style = YAML_STYLE_DOUBLE;
}

static int pull(struct yaml_ahead *ahead, struct error *err)
{
	/* what go-yaml makes of the others is made here */
	do {
		if (yaml_source_token(ahead->source, &ahead->next, err) < 0)
			return -1;
	} while (ahead->next.kind == YAML_T_BLOCK_SEQUENCE ||
		 ahead->next.kind == YAML_T_BLOCK_END || ahead->next.kind == YAML_T_BLOCK_MAPPING ||
		 (ahead->next.kind == YAML_T_KEY && ahead->next.start == ahead->next.end));
	set_sealed_style(ahead);
	return 0;
}

static int fetch(struct yaml_ahead *ahead, struct error *err)
{
	const struct yaml_mark scan = ahead->mark;
	const enum yaml_token_kind kind = ahead->next.kind;
	struct yaml_mark start, comment;

	if (!ahead->started) {
		ahead->started = true;
		return yaml_ahead_push(ahead, YAML_T_STREAM_START, ahead->mark, err);
	}
	if (yaml_ahead_to_token(ahead, err) < 0)
		return -1;
	if (kind != YAML_T_STREAM_END)
		ahead->mark = (struct yaml_mark){ ahead->next.start, ahead->next.line,
						  ahead->next.column };
	if (yaml_ahead_unroll(ahead, ahead->mark.column, scan, err) < 0)
		return -1;
	comment = ahead->mark;
	if ((ahead->flow_level == 0 && kind == YAML_T_VALUE) ||
	    (ahead->flow_level > 0 && kind == YAML_T_FLOW_ENTRY))
		comment = ahead->queue[ahead->queue_len - 1].start;
	if (yaml_ahead_prepare(ahead, err) < 0)
		return -1;
	start = ahead->mark;
	if (kind == YAML_T_STREAM_END)
		return yaml_ahead_push(ahead, kind, start, err);
	if (consume(ahead, err) < 0 || yaml_ahead_push(ahead, kind, start, err) < 0)
		return -1;
	if (kind != YAML_T_BLOCK_ENTRY && kind != YAML_T_VERSION && kind != YAML_T_TAG_DIRECTIVE &&
	    kind != YAML_T_DOCUMENT_START && kind != YAML_T_DOCUMENT_END &&
	    yaml_ahead_line_comment(ahead, comment, err) < 0)
		return -1;
	return pull(ahead, err);
}

/* Could the head of the queue still turn out to be a key? */
static bool head_may_be_key(const struct yaml_ahead *ahead)
{
	for (size_t i = 0; i <= ahead->flow_level; i++)
		if (ahead->keys[i].number == ahead->parsed &&
		    yaml_ahead_is_key(ahead, &ahead->keys[i]))
			return true;
	return false;
}

/* Comments that stand before the token, or with it, are its event's. */
static void unfold(struct yaml_ahead *ahead, const struct yaml_queued *token)
{
	while (ahead->waiting_head < ahead->waiting_len) {
		struct yaml_waiting *comment = &ahead->waiting[ahead->waiting_head];

		if (token->start.index < comment->token.index ||
		    (comment->head.first >= 0 && token->kind == YAML_T_BLOCK_END))
			return;
		yaml_notes_join(ahead, &ahead->head, &comment->head);
		yaml_notes_join(ahead, &ahead->foot, &comment->foot);
		yaml_notes_join(ahead, &ahead->line, &comment->line);
		ahead->waiting_head++;
	}
}

int yaml_ahead_peek(struct yaml_ahead *ahead, struct yaml_queued *ret_token, struct error *err)
{
	while (!ahead->available) {
		const size_t waiting = ahead->queue_len - ahead->queue_head;
		const bool ended = ahead->queue_len > 0 &&
				   ahead->queue[ahead->queue_len - 1].kind == YAML_T_STREAM_END;

		if (ended || (waiting > 2 && !head_may_be_key(ahead)))
			break;
		if (fetch(ahead, err) < 0)
			return -1;
	}
	ahead->available = true;
	assert(ahead->queue_head < ahead->queue_len);
	*ret_token = ahead->queue[ahead->queue_head];
	unfold(ahead, ret_token);
	return 0;
}

void yaml_ahead_skip(struct yaml_ahead *ahead)
{
	ahead->available = false;
	ahead->parsed++;
	ahead->queue_head++;
}

/* The document's comments, in the order of the text. */
static int list_notes(struct yaml_ahead *ahead, struct error *err)
{
	const struct doc *doc = ahead->doc;
	uint32_t count = 0;

	for (uint32_t i = 0; i < doc->len; i++)
		count += doc->nodes[i].kind == DOC_COMMENT ? 1 : 0;
	ahead->notes = calloc(count + 1, sizeof(*ahead->notes));
	if (ahead->notes == NULL)
		return error_memory(err);
	for (uint32_t i = 0; i < doc->len; i++)
		if (doc->nodes[i].kind == DOC_COMMENT)
			ahead->notes[ahead->notes_len++] = (struct yaml_note){ i, -1, false };
	return 0;
}

/* Something that stands for the metadata of each document. */
static int insert_metadata(const struct doc *doc, struct yaml_inserts *inserts, struct error *err)
{
	inserts->items = calloc(doc_documents(doc), sizeof(*inserts->items));
	if (inserts->items == NULL)
		return error_memory(err);
	for (uint32_t root = doc_child(doc, 0); root != DOC_NONE; root = doc_sibling(doc, root)) {
		if (yaml_metadata_sample(doc, root, &inserts->text, err) < 0)
			return -1;
		yaml_inserts_add(inserts, yaml_metadata_place(doc, root));
	}
	return 0;
}

int yaml_ahead_begin(struct doc *doc, struct yaml_ahead *ret_ahead, struct error *err)
{
	AUTO(yaml_ahead)
	ahead = { .doc = doc,
		  .indent = -1,
		  .key_allowed = true,
		  .head = YAML_NOTES_NONE,
		  .line = YAML_NOTES_NONE,
		  .foot = YAML_NOTES_NONE,
		  .stem = YAML_NOTES_NONE };

	ahead.sealing = doc_find(doc, doc_root(doc, 0), SPAN_LITERAL("sops")) == DOC_NONE;
	if (ahead.sealing && insert_metadata(doc, &ahead.inserts, err) < 0)
		return -1;
	ahead.mark.index = yaml_details(doc)->begin;
	ahead.indents = calloc(DOC_DEPTH_MAX + 4, sizeof(*ahead.indents));
	ahead.keys = calloc(DOC_DEPTH_MAX + 4, sizeof(*ahead.keys));
	if (ahead.indents == NULL || ahead.keys == NULL)
		return error_memory(err);
	if (list_notes(&ahead, err) < 0 ||
	    yaml_source_new(doc, &ahead.inserts, false, &ahead.source, err) < 0 ||
	    pull(&ahead, err) < 0)
		return -1;
	/* the stream's start, which go-yaml makes without reading */
	if (ahead.next.kind == YAML_T_STREAM_START && pull(&ahead, err) < 0)
		return -1;
	*ret_ahead = ahead;
	ahead = (struct yaml_ahead){ .doc = NULL };
	return 0;
}

size_t yaml_notes_count(const struct yaml_ahead *ahead, const struct yaml_notes *row)
{
	size_t len = 0;

	for (int32_t i = row->first; i >= 0; i = ahead->notes[i].next)
		len++;
	return len;
}

struct yaml_notes yaml_notes_cut(struct yaml_ahead *ahead, struct yaml_notes *row, size_t count)
{
	struct yaml_notes front = { row->first, row->first, false };

	while (--count > 0)
		front.last = ahead->notes[front.last].next;
	row->first = ahead->notes[front.last].next;
	ahead->notes[front.last].next = -1;
	if (row->first < 0) {
		front.gap_after = row->gap_after;
		*row = YAML_NOTES_NONE;
	}
	return front;
}

struct yaml_notes yaml_notes_cut_document(struct yaml_ahead *ahead)
{
	struct yaml_notes *head = &ahead->head;
	size_t count = 0, at = 0;

	if (head->first < 0)
		return YAML_NOTES_NONE;
	for (int32_t i = head->first; i >= 0; i = ahead->notes[i].next, at++)
		if (ahead->notes[i].gap_before && at > 0)
			count = at;
	if (head->gap_after)
		count = at;
	return count > 0 ? yaml_notes_cut(ahead, head, count) : YAML_NOTES_NONE;
}
