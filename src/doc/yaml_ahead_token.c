/* SPDX-License-Identifier: MIT */
/* The look-ahead's queue of tokens, with those that go-yaml puts in for indentation and simple keys. */
#include <assert.h>
#include <string.h>

#include "yaml_ahead_text.h"

/* A simple key's longest distance to its colon. */
#define SIMPLE_KEY_MAX 1024

/* Puts a token before the one that is number places behind the head; SIZE_MAX: last. */
static int insert_token(struct yaml_ahead *ahead, size_t place, enum yaml_token_kind kind,
			struct yaml_mark start, struct error *err)
{
	void *array = ahead->queue;
	int status;

	/* the last two that were taken are still looked at */
	if (ahead->queue_head > 1024) {
		const size_t gone = ahead->queue_head - 2;

		ahead->queue_len -= gone;
		ahead->queue_head = 2;
		memmove(ahead->queue, ahead->queue + gone,
			ahead->queue_len * sizeof(*ahead->queue));
	}
	status = yaml_ahead_grow(&array, ahead->queue_len, &ahead->queue_cap, sizeof(*ahead->queue),
				 err);
	ahead->queue = array;
	if (status < 0)
		return -1;
	place = place == SIZE_MAX ? ahead->queue_len : ahead->queue_head + place;
	assert(place <= ahead->queue_len);
	memmove(ahead->queue + place + 1, ahead->queue + place,
		(ahead->queue_len - place) * sizeof(*ahead->queue));
	ahead->queue[place] = (struct yaml_queued){ kind, start };
	ahead->queue_len++;
	return 0;
}

int yaml_ahead_push(struct yaml_ahead *ahead, enum yaml_token_kind kind, struct yaml_mark start,
		    struct error *err)
{
	return insert_token(ahead, SIZE_MAX, kind, start, err);
}

static int roll_indent(struct yaml_ahead *ahead, uint32_t column, size_t place,
		       enum yaml_token_kind kind, struct yaml_mark mark, struct error *err)
{
	if (ahead->flow_level > 0 || ahead->indent >= (int64_t)column)
		return 0;
	assert(ahead->indents_len <= DOC_DEPTH_MAX + 1);
	ahead->indents[ahead->indents_len++] = ahead->indent;
	ahead->indent = column;
	return insert_token(ahead, place, kind, mark, err);
}

int yaml_ahead_unroll(struct yaml_ahead *ahead, int64_t column, struct yaml_mark scan,
		      struct error *err)
{
	struct yaml_mark mark = scan;

	if (ahead->flow_level > 0)
		return 0;
	mark.index--;
	while (ahead->indent > column) {
		int64_t stop = mark.index;

		for (size_t i = ahead->waiting_len; i-- > ahead->waiting_head;) {
			const struct yaml_waiting *comment = &ahead->waiting[i];

			if (comment->end.index < stop)
				break;
			if ((int64_t)comment->start.column == ahead->indent + 1)
				mark = comment->start;
			stop = comment->scan.index;
		}
		if (yaml_ahead_push(ahead, YAML_T_BLOCK_END, mark, err) < 0)
			return -1;
		ahead->indent = ahead->indents[--ahead->indents_len];
	}
	return 0;
}

static struct yaml_simple_key *top_key(struct yaml_ahead *ahead)
{
	return &ahead->keys[ahead->flow_level];
}

static void save_simple_key(struct yaml_ahead *ahead)
{
	if (ahead->key_allowed)
		*top_key(ahead) = (struct yaml_simple_key){
			true, ahead->parsed + (ahead->queue_len - ahead->queue_head), ahead->mark
		};
}

bool yaml_ahead_is_key(const struct yaml_ahead *ahead, const struct yaml_simple_key *key)
{
	return key->possible && key->mark.line >= ahead->mark.line &&
	       key->mark.index + SIMPLE_KEY_MAX >= ahead->mark.index;
}

static int fetch_value(struct yaml_ahead *ahead, struct error *err)
{
	struct yaml_simple_key *key = top_key(ahead);

	if (yaml_ahead_is_key(ahead, key)) {
		const size_t place = (size_t)(key->number - ahead->parsed);

		if (insert_token(ahead, place, YAML_T_KEY, key->mark, err) < 0 ||
		    roll_indent(ahead, key->mark.column, place, YAML_T_BLOCK_MAPPING, key->mark,
				err) < 0)
			return -1;
		key->possible = false;
		ahead->key_allowed = false;
		return 0;
	}
	if (roll_indent(ahead, ahead->mark.column, SIZE_MAX, YAML_T_BLOCK_MAPPING, ahead->mark,
			err) < 0)
		return -1;
	ahead->key_allowed = ahead->flow_level == 0;
	return 0;
}

int yaml_ahead_prepare(struct yaml_ahead *ahead, struct error *err)
{
	const enum yaml_token_kind kind = ahead->next.kind;

	switch (kind) {
	case YAML_T_FLOW_SEQUENCE:
	case YAML_T_FLOW_MAPPING:
		save_simple_key(ahead);
		ahead->flow_level++;
		assert(ahead->flow_level <= DOC_DEPTH_MAX + 1);
		top_key(ahead)->possible = false;
		ahead->key_allowed = true;
		return 0;
	case YAML_T_FLOW_SEQUENCE_END:
	case YAML_T_FLOW_MAPPING_END:
		top_key(ahead)->possible = false;
		ahead->flow_level -= ahead->flow_level > 0 ? 1 : 0;
		ahead->key_allowed = false;
		return 0;
	case YAML_T_BLOCK_ENTRY:
	case YAML_T_KEY:
		if (roll_indent(ahead, ahead->mark.column, SIZE_MAX,
				kind == YAML_T_KEY ? YAML_T_BLOCK_MAPPING : YAML_T_BLOCK_SEQUENCE,
				ahead->mark, err) < 0)
			return -1;
		top_key(ahead)->possible = false;
		ahead->key_allowed = kind == YAML_T_BLOCK_ENTRY || ahead->flow_level == 0;
		return 0;
	case YAML_T_FLOW_ENTRY:
		top_key(ahead)->possible = false;
		ahead->key_allowed = true;
		return 0;
	case YAML_T_VALUE:
		return fetch_value(ahead, err);
	case YAML_T_SCALAR:
		if (ahead->next.style == YAML_STYLE_LITERAL ||
		    ahead->next.style == YAML_STYLE_FOLDED) {
			top_key(ahead)->possible = false;
			ahead->key_allowed = true;
			return 0;
		}
		save_simple_key(ahead);
		ahead->key_allowed = false;
		return 0;
	case YAML_T_ALIAS:
	case YAML_T_ANCHOR:
	case YAML_T_TAG:
		save_simple_key(ahead);
		ahead->key_allowed = false;
		return 0;
	case YAML_T_STREAM_END:
		if (ahead->mark.column != 0) {
			ahead->mark.column = 0;
			ahead->mark.line++;
		}
		break;
	case YAML_T_STREAM_START:
	case YAML_T_VERSION:
	case YAML_T_TAG_DIRECTIVE:
	case YAML_T_DOCUMENT_START:
	case YAML_T_DOCUMENT_END:
	case YAML_T_BLOCK_SEQUENCE:
	case YAML_T_BLOCK_MAPPING:
	case YAML_T_BLOCK_END:
		break;
	}
	top_key(ahead)->possible = false;
	ahead->key_allowed = false;
	return yaml_ahead_unroll(ahead, -1, ahead->mark, err);
}
