/* SPDX-License-Identifier: MIT */
/*
 * The part of go-yaml's scanner that decides which token a comment goes with.
 *
 * sops reads comments with go-yaml, which hangs them on tokens while it scans:
 * as head, line or foot comment, by columns, blank lines and how far it has
 * looked ahead. What a comment's additional data are follows from that. libyaml
 * gives the same tokens, but drops the comments; so this walks over the text
 * between its tokens as go-yaml does, with the same queue and the same
 * look-ahead of two tokens.
 */
#ifndef DOC_YAML_LOOKAHEAD_H
#define DOC_YAML_LOOKAHEAD_H

#include "yaml_source.h"

struct yaml_mark {
	int64_t index;
	uint32_t line, column;
};

/* Comments in a row, by their number; -1 is none. Linked through yaml_ahead.notes. */
struct yaml_notes {
	int32_t first, last;
	bool gap_after; /* a blank line follows the last one */
};

#define YAML_NOTES_NONE ((struct yaml_notes){ -1, -1, false })

struct yaml_note {
	uint32_t node; /* the comment in the document */
	int32_t next;
	bool gap_before; /* a blank line comes before it, in its row */
};

struct yaml_queued {
	enum yaml_token_kind kind;
	struct yaml_mark start;
};

/* Comments that were scanned, until the token at mark token is looked at. */
struct yaml_waiting {
	struct yaml_mark scan, token, start, end;
	struct yaml_notes head, line, foot;
};

struct yaml_simple_key {
	bool possible;
	uint64_t number; /* of its token */
	struct yaml_mark mark;
};

struct yaml_ahead {
	const struct doc *doc;
	struct yaml_inserts inserts; /* the metadata, where they are thought to be */
	struct yaml_source *source;
	struct yaml_token next; /* the one to be fetched */
	bool sealing;           /* scalars are taken to be spelled as they will be sealed */
	uint32_t value;         /* the scalar node that comes next in the text */

	struct yaml_mark mark; /* up to where the text has been scanned */
	size_t newlines;       /* line breaks since the last character that was none, nor blank */
	int64_t indent;
	int64_t *indents;
	size_t indents_len;
	struct yaml_simple_key *keys; /* one for each flow level */
	size_t flow_level;
	bool key_allowed, started;

	struct yaml_queued *queue;
	size_t queue_head, queue_len, queue_cap;
	uint64_t parsed; /* tokens taken from the queue */
	bool available;

	struct yaml_waiting *waiting;
	size_t waiting_head, waiting_len, waiting_cap;
	struct yaml_note *notes; /* all comments of the document, in the order of the text */
	uint32_t notes_len;

	struct yaml_notes head, line, foot, stem; /* for the next event that takes them */
};

MUST_USE int yaml_ahead_begin(struct doc *doc, struct yaml_ahead *ret_ahead, struct error *err);
void yaml_ahead_release(struct yaml_ahead *ahead);

/* The token at the head of the queue; comments that go with it come to head, line and foot. */
MUST_USE int yaml_ahead_peek(struct yaml_ahead *ahead, struct yaml_queued *ret_token,
			     struct error *err);
void yaml_ahead_skip(struct yaml_ahead *ahead);
/* Appends the row more to row, and empties it. */
void yaml_notes_join(struct yaml_ahead *ahead, struct yaml_notes *row, struct yaml_notes *more);
size_t yaml_notes_count(const struct yaml_ahead *ahead, const struct yaml_notes *row);
/* The first count comments of row become a row of their own. */
struct yaml_notes yaml_notes_cut(struct yaml_ahead *ahead, struct yaml_notes *row, size_t count);
/* Of a document without a marker: head comments above a blank line are the document's. */
struct yaml_notes yaml_notes_cut_document(struct yaml_ahead *ahead);
/* Is offset in the text that is not there yet? */
bool yaml_ahead_is_inserted(const struct yaml_ahead *ahead, int64_t offset);

#endif
