/* SPDX-License-Identifier: MIT */
#include "yaml_place.h"

/* Where comments stand by their node: behind what ends before it, at its head, at its start. */
enum rank { AT_END = YAML_RANK_END, AT_HEAD = YAML_RANK_HEAD, AT_START = YAML_RANK_START };

/* Gives the comments of a row to container; sops sees them by the given node. */
static void place(struct yaml_placer *p, struct yaml_notes *row, uint32_t container, uint32_t node,
		  enum rank rank)
{
	for (int32_t i = row->first; i >= 0; i = p->ahead.notes[i].next) {
		struct doc_node *comment = &p->doc->nodes[p->ahead.notes[i].node];

		if (container == DOC_NONE)
			continue;
		comment->parent = container;
		comment->key = node;
		comment->key_len = (uint32_t)rank << YAML_RANK_SHIFT | p->placed++;
		comment->flags |= YAML_PLACED;
	}
	*row = YAML_NOTES_NONE;
}

static uint32_t behind(const struct yaml_placer *p, uint32_t node)
{
	return p->doc->nodes[node].next;
}

/*
 * An entry of a map: what hangs on key and value. Comments of the metadata, which is not there yet,
 * come last in the map.
 */
static void place_entry(struct yaml_placer *p, uint32_t map, struct yaml_parsed *key,
			struct yaml_parsed *value)
{
	const uint32_t node = value->node;
	uint32_t before = node;

	if (map == DOC_NONE)
		return;
	if (node == DOC_NONE)
		before = behind(p, map);
	place(p, &key->head, map, before, AT_HEAD);
	place(p, &key->line, map, before, AT_HEAD);
	if (value->is_container && node != DOC_NONE) {
		place(p, &value->head, node, node, AT_START);
		place(p, &value->line, node, node, AT_START);
		place(p, &value->foot, node, behind(p, node), AT_END);
	} else {
		place(p, &value->head, map, before, AT_HEAD);
		place(p, &value->line, map, before, AT_HEAD);
		place(p, &value->foot, map, node == DOC_NONE ? before : behind(p, node), AT_END);
	}
}

void yaml_place_item(struct yaml_placer *p, uint32_t list, struct yaml_parsed *item)
{
	if (list == DOC_NONE || item->node == DOC_NONE)
		return;
	place(p, &item->head, list, item->node, AT_HEAD);
	place(p, &item->line, list, item->node, AT_HEAD);
	place(p, &item->foot, list, behind(p, item->node), AT_END);
}

static void place_foot(struct yaml_placer *p, uint32_t map, struct yaml_last_entry *last)
{
	if (last->there && map != DOC_NONE)
		place(p, &last->foot, map,
		      last->node == DOC_NONE ? behind(p, map) : behind(p, last->node), AT_END);
	last->there = false;
}

void yaml_place_entry(struct yaml_placer *p, uint32_t map, bool block, struct yaml_parsed *key,
		      struct yaml_parsed *value, struct yaml_last_entry *last)
{
	if (block && key->foot.first >= 0 && last->there) {
		/* dedented: a foot of the value before */
		last->foot = key->foot;
		key->foot = YAML_NOTES_NONE;
	}
	place_foot(p, map, last);
	if (key->foot.first < 0 && value->foot.first >= 0) {
		key->foot = value->foot;
		value->foot = YAML_NOTES_NONE;
	}
	place_entry(p, map, key, value);
	*last = (struct yaml_last_entry){ true, value->node, key->foot };
}

void yaml_place_map(struct yaml_placer *p, struct yaml_parsed *map, bool block,
		    struct yaml_last_entry *last)
{
	if (block && map->foot.first >= 0 && last->there) {
		last->foot = map->foot;
		map->foot = YAML_NOTES_NONE;
	}
	place_foot(p, map->node, last);
}

void yaml_place_head(struct yaml_placer *p, struct yaml_notes *row, uint32_t root)
{
	place(p, row, root, root, AT_START);
}

void yaml_place_foot(struct yaml_placer *p, struct yaml_notes *row, uint32_t root)
{
	place(p, row, root, behind(p, root), AT_END);
}
