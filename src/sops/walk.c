/* SPDX-License-Identifier: MIT */
#include "sops/walk.h"

#include <assert.h>
#include <stdlib.h>

#include "sops/meta.h"
#include "sops/value.h"

static const struct span top_aad = { (const uint8_t *)":", 1 };

static struct sops_frame *top(const struct sops_walk *walk)
{
	return &walk->frames[walk->depth - 1];
}

static uint32_t node_at(const struct sops_walk *walk, uint32_t position)
{
	return walk->order ? walk->order[position] : position;
}

/* Where container is in walk->early; early_len where it is not. */
static size_t find_early(const struct sops_walk *walk, uint32_t container)
{
	size_t i = 0;

	while (i < walk->early_len && walk->early[i] != container)
		i++;
	return i;
}

static int add_early(struct sops_walk *walk, uint32_t container, struct error *err)
{
	if (find_early(walk, container) < walk->early_len)
		return 0;
	if (walk->early_len == walk->early_cap) {
		const size_t cap = walk->early_cap > 0 ? walk->early_cap * 2 : 8;
		uint32_t *larger = reallocarray(walk->early, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		walk->early = larger;
		walk->early_cap = cap;
	}
	walk->early[walk->early_len++] = container;
	return 0;
}

static bool take_early(struct sops_walk *walk, uint32_t container)
{
	const size_t i = find_early(walk, container);

	if (i >= walk->early_len)
		return false;
	assert(walk->early != NULL);
	walk->early[i] = walk->early[--walk->early_len];
	return true;
}

static void activate(struct sops_walk *walk, struct sops_frame *frame)
{
	if (!frame->comment_matches)
		walk->active++;
	frame->comment_matches = true;
}

/* Goes into the container at position, whose path's additional data is all that is in walk->aad. */
static int push(struct sops_walk *walk, uint32_t position, bool key_matches, struct error *err)
{
	const uint32_t container = node_at(walk, position);
	const struct sops_frame frame = {
		.container = container,
		.end = walk->doc->nodes[container].next,
		.aad_len = walk->aad.len,
		.key_matches = key_matches,
	};

	if (walk->depth == walk->cap) {
		const size_t cap = walk->cap > 0 ? walk->cap * 2 : 16;
		struct sops_frame *larger = reallocarray(walk->frames, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		walk->frames = larger;
		walk->cap = cap;
	}
	walk->frames[walk->depth++] = frame;
	if (take_early(walk, container))
		activate(walk, top(walk));
	return 0;
}

static void forget_comments(struct sops_walk *walk, struct sops_frame *frame)
{
	if (frame->comment_matches)
		walk->active--;
	frame->comment_matches = false;
}

/* Leaves the innermost container; for the one around it, that was a sibling that is no comment. */
static void pop(struct sops_walk *walk)
{
	forget_comments(walk, top(walk));
	walk->depth--;
	if (walk->depth > 0)
		forget_comments(walk, top(walk));
}

int sops_walk_init(struct sops_walk *walk, const struct doc *doc, struct sops_selection *selection,
		   bool sealed, struct error *err)
{
	AUTO(sops_walk) w = { .doc = doc, .selection = selection, .sealed = sealed, .next = 1 };

	if (sops_selection_is_by_comment(selection)) {
		w.order = calloc(doc->len, sizeof(*w.order));
		if (!w.order)
			return error_memory(err);
		doc_order(doc, w.order);
	}
	if (push(&w, 0, false, err) < 0)
		return -1;
	*walk = w;
	w = SOPS_WALK_INIT;
	return 0;
}

void sops_walk_release(struct sops_walk *walk)
{
	buf_release(&walk->aad);
	buf_release(&walk->other_aad);
	free(walk->frames);
	free(walk->order);
	free(walk->early);
	*walk = SOPS_WALK_INIT;
}

/* The additional data of the path whose keys are the first len bytes of walk->aad. */
static struct span aad_of_path(const struct sops_walk *walk, size_t len)
{
	return len > 0 ? span_of(walk->aad.data, len) : top_aad;
}

static int append_key(struct buf *aad, struct span key, struct error *err)
{
	return buf_append_span(aad, key, err) < 0 ? -1 : buf_append(aad, ":", 1, err);
}

/* Is node a document's top-level entry "sops"? Every document may carry one (trap T21). */
static bool is_metadata(const struct sops_walk *walk, uint32_t container, uint32_t node)
{
	const struct doc_node *parent = &walk->doc->nodes[container];

	return parent->kind == DOC_MAP && parent->parent == 0 &&
	       walk->doc->nodes[node].kind != DOC_COMMENT &&
	       doc_is_reserved(walk->doc->format, doc_key(walk->doc, node));
}

/* A list's element that is a comment in sealed form: sops writes list comments so (trap T1). */
static bool is_list_comment(const struct sops_walk *walk, uint32_t container, uint32_t node)
{
	struct sops_value value;

	return walk->sealed && walk->doc->nodes[container].kind == DOC_LIST &&
	       walk->doc->nodes[node].kind == DOC_SCALAR &&
	       sops_value_parse(doc_value(walk->doc, node), &value) &&
	       value.type == DOC_TYPE_COMMENT;
}

static struct sops_step make_step(const struct sops_walk *walk, enum sops_step_kind kind,
				  uint32_t node, bool matches, struct span aad)
{
	return (struct sops_step){ kind, node, sops_selection_seals(walk->selection, matches),
				   aad };
}

/* The open frame of container; NULL where it is not (or no longer) open. */
static struct sops_frame *frame_of(const struct sops_walk *walk, uint32_t container)
{
	for (size_t i = walk->depth; i > 0; i--)
		if (walk->frames[i - 1].container == container)
			return &walk->frames[i - 1];
	return NULL;
}

/* Does a key on the path to container match? */
static int path_matches(const struct sops_walk *walk, uint32_t container, bool *ret_matches,
			struct error *err)
{
	const struct doc_node *nodes = walk->doc->nodes;

	*ret_matches = false;
	for (uint32_t node = container; node != 0 && !*ret_matches; node = nodes[node].parent)
		if (nodes[nodes[node].parent].kind == DOC_MAP &&
		    sops_selection_key(walk->selection, doc_key(walk->doc, node), ret_matches,
				       err) < 0)
			return -1;
	return 0;
}

/*
 * Makes the comment active in its container. For encrypted_comment_regex it does
 * not count itself: the one that matches stays readable, what follows it is sealed.
 */
static int step_comment(struct sops_walk *walk, uint32_t node, struct sops_step *ret_step,
			struct error *err)
{
	const uint32_t container = walk->doc->nodes[node].parent;
	struct sops_frame *frame = frame_of(walk, container);
	bool before = walk->active > 0;
	bool matches, key_matches;
	struct span aad;

	if (frame) {
		key_matches = frame->key_matches;
		aad = aad_of_path(walk, frame->aad_len);
	} else {
		if (path_matches(walk, container, &key_matches, err) < 0 ||
		    sops_walk_aad_of(walk->doc, container, &walk->other_aad, err) < 0)
			return -1;
		aad = buf_span(&walk->other_aad);
		before = before || find_early(walk, container) < walk->early_len;
	}
	if (sops_selection_comment(walk->selection, doc_value(walk->doc, node), &matches, err) < 0)
		return -1;
	if (matches && doc_comment_is_seen(walk->doc, node)) {
		if (frame)
			activate(walk, frame);
		else if (add_early(walk, container, err) < 0)
			return -1;
	}
	if (walk->selection->kind == SOPS_ENCRYPTED_COMMENT_REGEX)
		matches = false;
	*ret_step = make_step(walk, SOPS_STEP_COMMENT, node, key_matches || matches || before, aad);
	return 0;
}

/* Is all that stands at position and behind it beyond frame? Not asked of comments. */
static bool is_beyond(const struct sops_walk *walk, const struct sops_frame *frame,
		      uint32_t position)
{
	return position >= walk->doc->len || node_at(walk, position) >= frame->end;
}

/* Do only comments follow, up to the end of frame? Remembers what it has seen. */
static bool only_comments_left(struct sops_walk *walk, const struct sops_frame *frame)
{
	uint32_t position = walk->comments_until > walk->next ? walk->comments_until : walk->next;

	while (position < walk->doc->len &&
	       walk->doc->nodes[node_at(walk, position)].kind == DOC_COMMENT)
		position++;
	walk->comments_until = position;
	return is_beyond(walk, frame, position);
}

static bool is_inside(const struct sops_walk *walk, uint32_t container, uint32_t node)
{
	while (node > container)
		node = walk->doc->nodes[node].parent;
	return node == container;
}

/*
 * Is the innermost container over? Before what stands behind it, and, where comments select (there they
 * may stand elsewhere than in the array), before comments at its end that belong to others.
 */
static bool is_over(struct sops_walk *walk, const struct sops_frame *frame)
{
	const struct doc_node *n;

	if (!walk->order || walk->next >= walk->doc->len)
		return is_beyond(walk, frame, walk->next);
	n = &walk->doc->nodes[node_at(walk, walk->next)];
	if (n->kind != DOC_COMMENT)
		return is_beyond(walk, frame, walk->next);
	return !is_inside(walk, frame->container, n->parent) && only_comments_left(walk, frame);
}

/* Into the value at position: its key joins the path. A container gets a frame of its own. */
static int enter(struct sops_walk *walk, uint32_t position, struct sops_step *ret_step,
		 bool *ret_is_leaf, struct error *err)
{
	const uint32_t node = node_at(walk, position);
	const struct doc_node *n = &walk->doc->nodes[node];
	struct sops_frame *frame = top(walk);
	bool matches = false;

	if (walk->doc->nodes[frame->container].kind == DOC_MAP) {
		const struct span key = doc_key(walk->doc, node);

		if (append_key(&walk->aad, key, err) < 0 ||
		    sops_selection_key(walk->selection, key, &matches, err) < 0)
			return -1;
	}
	matches = matches || frame->key_matches;
	*ret_is_leaf = n->kind == DOC_SCALAR;
	if (!*ret_is_leaf)
		return push(walk, position, matches, err);
	*ret_step = make_step(walk, n->type == DOC_TYPE_NULL ? SOPS_STEP_NULL : SOPS_STEP_VALUE,
			      node, matches || walk->active > 0, aad_of_path(walk, walk->aad.len));
	forget_comments(walk, frame);
	return 0;
}

/* Over all that stands before node; comments may stand elsewhere than in the array. */
static void skip_to(struct sops_walk *walk, uint32_t node)
{
	while (walk->next < walk->doc->len && node_at(walk, walk->next) < node)
		walk->next++;
}

int sops_walk_next(struct sops_walk *walk, struct sops_step *ret_step, struct error *err)
{
	while (walk->depth > 0) {
		struct sops_frame *frame = top(walk);
		bool is_leaf;

		if (frame->ended) {
			pop(walk);
			continue;
		}
		walk->aad.len = frame->aad_len;
		if (is_over(walk, frame)) {
			frame->ended = true;
			*ret_step = make_step(walk, SOPS_STEP_END, frame->container,
					      frame->key_matches || walk->active > 0,
					      aad_of_path(walk, frame->aad_len));
			return 0;
		}

		const uint32_t position = walk->next, node = node_at(walk, position);

		if (walk->sealed && is_metadata(walk, frame->container, node)) {
			skip_to(walk, walk->doc->nodes[node].next);
			continue;
		}
		walk->next++;
		if (walk->doc->nodes[node].kind == DOC_COMMENT ||
		    is_list_comment(walk, frame->container, node))
			return step_comment(walk, node, ret_step, err);
		if (enter(walk, position, ret_step, &is_leaf, err) < 0)
			return -1;
		if (is_leaf)
			return 0;
	}
	*ret_step = (struct sops_step){ .kind = SOPS_STEP_DONE };
	return 0;
}

int sops_walk_enter_new(struct sops_walk *walk, struct span key, struct sops_step *step,
			struct error *err)
{
	bool matches;

	assert(step->kind == SOPS_STEP_END);
	if (append_key(&walk->aad, key, err) < 0 ||
	    sops_selection_key(walk->selection, key, &matches, err) < 0)
		return -1;
	step->aad = buf_span(&walk->aad);
	if (matches)
		step->selected = sops_selection_seals(walk->selection, true);
	return 0;
}
