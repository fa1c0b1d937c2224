/* SPDX-License-Identifier: MIT */
/* The comments between two tokens: which row each belongs to, and which token the row waits for. */
#include "yaml_ahead_text.h"

/* So many blanks in a row are looked over for a comment. */
#define PEEK_MAX 512

void yaml_notes_join(struct yaml_ahead *ahead, struct yaml_notes *row, struct yaml_notes *more)
{
	if (more->first >= 0) {
		if (row->first >= 0) {
			ahead->notes[row->last].next = more->first;
			ahead->notes[more->first].gap_before |= row->gap_after;
		} else {
			row->first = more->first;
		}
		row->last = more->last;
		row->gap_after = more->gap_after;
	}
	*more = YAML_NOTES_NONE;
}

/* The comment of the document that starts at offset, a row of its own; empty: it is in none. */
static struct yaml_notes note_at(const struct yaml_ahead *ahead, size_t offset)
{
	size_t low = 0, high = ahead->notes_len;

	if (!yaml_inserts_place(&ahead->inserts, offset, &offset))
		return YAML_NOTES_NONE;
	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (ahead->doc->nodes[ahead->notes[middle].node].start < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == ahead->notes_len || ahead->doc->nodes[ahead->notes[low].node].start != offset)
		return YAML_NOTES_NONE;
	return (struct yaml_notes){ (int32_t)low, (int32_t)low, false };
}

static int add_waiting(struct yaml_ahead *ahead, const struct yaml_waiting *comment,
		       struct error *err)
{
	void *array = ahead->waiting;
	int status;

	if (ahead->waiting_head == ahead->waiting_len)
		ahead->waiting_head = ahead->waiting_len = 0;
	status = yaml_ahead_grow(&array, ahead->waiting_len, &ahead->waiting_cap, sizeof(*comment),
				 err);
	ahead->waiting = array;
	if (status == 0)
		ahead->waiting[ahead->waiting_len++] = *comment;
	return status;
}

/* A comment behind the token on its line. */
int yaml_ahead_line_comment(struct yaml_ahead *ahead, struct yaml_mark token, struct error *err)
{
	struct yaml_waiting comment = { .token = token,
					.head = YAML_NOTES_NONE,
					.foot = YAML_NOTES_NONE };
	size_t peek = 0;

	if (ahead->newlines > 0)
		return 0;
	while (peek < PEEK_MAX && is_blank(byte_at(ahead, position(ahead) + peek)))
		peek++;
	if (peek == PEEK_MAX || byte_at(ahead, position(ahead) + peek) != '#')
		return 0;
	for (; peek > 0; peek--)
		skip_character(ahead);
	comment.start = ahead->mark;
	comment.line = note_at(ahead, position(ahead));
	while (byte_at(ahead, position(ahead)) != 0 && break_at(ahead, position(ahead)) == 0)
		skip_character(ahead);
	return add_waiting(ahead, &comment, err);
}

/* What scan_comments() keeps from line to line. */
struct block {
	struct yaml_waiting comment; /* its marks, and the row so far in foot */
	struct yaml_notes row;
	int64_t next_indent;
	uint32_t line;
	int64_t column;
	bool open; /* a row has begun */
	bool recent_empty, first_empty;
	int64_t foot_line;
	enum yaml_token_kind kind; /* of the token before */
};

/* The row so far is a foot comment of what comes before. */
static int end_foot(struct yaml_ahead *ahead, struct block *b, size_t peek, struct error *err)
{
	const struct yaml_mark here = { ahead->mark.index + (int64_t)peek, b->line,
					(uint32_t)b->column };

	b->comment.end = here;
	b->comment.foot = b->row;
	b->comment.head = b->comment.line = YAML_NOTES_NONE;
	if (add_waiting(ahead, &b->comment, err) < 0)
		return -1;
	b->comment.scan = b->comment.token = here;
	b->row = YAML_NOTES_NONE;
	b->open = false;
	return 0;
}

/* A line break, the text's end or a closing bracket was met after peek blanks. */
static int on_empty(struct yaml_ahead *ahead, struct block *b, size_t peek, bool close_flow,
		    struct error *err)
{
	const struct yaml_mark *start = &b->comment.start;
	/* columns of comments count from 1 */
	const bool dedented = (int64_t)start->column - 1 < b->next_indent;

	if (!close_flow && b->recent_empty)
		return 0;
	if (close_flow ||
	    (b->first_empty &&
	     (((int64_t)start->line == b->foot_line && b->kind != YAML_T_VALUE) || dedented))) {
		if (!b->open)
			return 0;
		if (dedented)
			b->comment.token = *start;
		return end_foot(ahead, b, peek, err);
	}
	if (b->open && byte_at(ahead, position(ahead) + peek) != 0)
		b->row.gap_after = true;
	return 0;
}

/* Takes the comment that starts after peek blanks. */
static void take_comment(struct yaml_ahead *ahead, struct block *b, size_t peek)
{
	const size_t hash = position(ahead) + peek;
	struct yaml_notes note = note_at(ahead, hash);

	if (!b->open)
		b->comment.start =
			(struct yaml_mark){ (int64_t)hash, b->line, (uint32_t)b->column };
	b->open = true;
	yaml_notes_join(ahead, &b->row, &note);
	b->recent_empty = false;
	while (position(ahead) < hash)
		if (break_at(ahead, position(ahead)) > 0)
			skip_break(ahead);
		else
			skip_character(ahead);
	while (byte_at(ahead, position(ahead)) != 0 && break_at(ahead, position(ahead)) == 0)
		skip_character(ahead);
}

static struct block begin_block(const struct yaml_ahead *ahead, struct yaml_mark scan)
{
	const struct yaml_queued *token = &ahead->queue[ahead->queue_len - 1];
	struct block b = {
		.row = YAML_NOTES_NONE,
		.next_indent = ahead->indent < 0 ? 0 : ahead->indent,
		.line = ahead->mark.line,
		.column = ahead->mark.column,
		.first_empty = ahead->newlines <= 1,
		.foot_line = -1,
	};

	if (token->kind == YAML_T_FLOW_ENTRY && ahead->queue_len > 1)
		token--;
	b.kind = token->kind;
	b.comment.scan = scan;
	b.comment.token = token->start;
	if (scan.line > 0) {
		b.foot_line = (int64_t)ahead->mark.line - (int64_t)ahead->newlines + 1;
		if (ahead->newlines == 0 && ahead->mark.column > 1)
			b.foot_line++;
	}
	return b;
}

/* Comments on lines of their own, from the one at the mark to the next token. */
static int scan_comments(struct yaml_ahead *ahead, struct yaml_mark scan, struct error *err)
{
	struct block b = begin_block(ahead, scan);
	size_t peek;

	for (peek = 0; peek < PEEK_MAX; peek++) {
		const size_t here = position(ahead) + peek;
		const uint8_t c = byte_at(ahead, here);
		const bool close_flow = ahead->flow_level > 0 && (c == ']' || c == '}');
		const bool is_break = break_at(ahead, here) > 0;

		b.column++;
		if (is_blank(c))
			continue;
		if (close_flow || is_break || c == 0) {
			if (on_empty(ahead, &b, peek, close_flow, err) < 0)
				return -1;
			if (!is_break)
				break;
			b.first_empty = false;
			b.recent_empty = true;
			b.column = 0;
			b.line++;
			continue;
		}
		if (b.open && b.column - 1 < b.next_indent &&
		    b.column != (int64_t)b.comment.start.column &&
		    end_foot(ahead, &b, peek, err) < 0)
			return -1;
		if (c != '#')
			break;
		take_comment(ahead, &b, peek);
		peek = 0;
		b.column = 0;
		b.line = ahead->mark.line;
		b.next_indent = ahead->indent < 0 ? 0 : ahead->indent;
	}
	if (!b.open)
		return 0;
	b.comment.token = b.comment.start;
	b.comment.end = (struct yaml_mark){ ahead->mark.index + (int64_t)peek - 1, b.line,
					    (uint32_t)b.column };
	b.comment.head = b.row;
	b.comment.line = b.comment.foot = YAML_NOTES_NONE;
	return add_waiting(ahead, &b.comment, err);
}

/* "- # comment" with more below it: the line comment becomes the head of what follows. */
static void turn_line_to_head(struct yaml_ahead *ahead)
{
	struct yaml_waiting *comment;

	if (ahead->waiting_head == ahead->waiting_len || ahead->queue_len < 2 ||
	    ahead->queue[ahead->queue_len - 2].kind != YAML_T_BLOCK_SEQUENCE ||
	    ahead->queue[ahead->queue_len - 1].kind != YAML_T_BLOCK_ENTRY)
		return;
	comment = &ahead->waiting[ahead->waiting_len - 1];
	if (comment->line.first < 0 || break_at(ahead, position(ahead)) > 0)
		return;
	comment->head = comment->line;
	comment->line = YAML_NOTES_NONE;
	if (comment->start.line + 1 == ahead->mark.line)
		comment->token = ahead->mark;
}

int yaml_ahead_to_token(struct yaml_ahead *ahead, struct error *err)
{
	const struct yaml_mark scan = ahead->mark;

	for (;;) {
		while (is_blank(byte_at(ahead, position(ahead))))
			skip_character(ahead);
		turn_line_to_head(ahead);
		if (byte_at(ahead, position(ahead)) == '#' && scan_comments(ahead, scan, err) < 0)
			return -1;
		if (break_at(ahead, position(ahead)) == 0)
			return 0;
		skip_break(ahead);
		if (ahead->flow_level == 0)
			ahead->key_allowed = true;
	}
}
