/* SPDX-License-Identifier: MIT */
/* .sops.yaml as text: what putting a name in and taking it out have in common. */
#ifndef KEYRING_RULES_TEXT_H
#define KEYRING_RULES_TEXT_H

#include "doc/doc.h"
#include "keyring/patch.h"
#include "keyring/rules.h"

/* An edit of .sops.yaml for one name. */
struct edit {
	struct doc doc; /* with its aliases kept */
	struct patches patches;
	const char *name;
	const struct age_recipients *own; /* the name's keys */
	struct buf value;                 /* and as they are written: "age1…,age1…" */
	size_t anchor;                    /* where the anchor stands or comes; SIZE_MAX: nowhere */
};

#define EDIT_INIT ((struct edit){ DOC_INIT, PATCHES_INIT, NULL, NULL, BUF_INIT, SIZE_MAX })

/* Starts with a copy of the text; ret_empty: there is nothing in it but comments. */
MUST_USE int edit_begin(const struct keyring_rules *rules, const char *name,
			const struct age_recipients *own, struct edit *ret_edit, bool *ret_empty,
			struct error *err);
void edit_release(struct edit *edit);

/* That node, or some place, is written in a way that is not known here: to be done by hand. */
int edit_cannot(const struct edit *edit, uint32_t node, struct error *err);
int edit_not_understood(const struct edit *edit, struct error *err);

struct span edit_text(const struct edit *edit);
bool edit_is_blank(uint8_t byte);
size_t edit_line_start(struct span text, size_t at);
/* The offset behind the line's LF, or the end of the text. */
size_t edit_next_line(struct span text, size_t at);
/* The dash of an item of a list in block style; false: it is no such item. */
bool edit_find_dash(const struct edit *edit, uint32_t node, size_t *ret_at);
/* The anchor "&name" among what stands between a node's entry and its content; false: none. */
bool edit_find_anchor(const struct edit *edit, uint32_t node, size_t *ret_at);
/* How many of a scalar's comma-separated parts there are, and how many of them are own. */
void edit_count_parts(const struct edit *edit, uint32_t node, size_t *ret_all, size_t *ret_own);

/* Reads what the edit made: it must be rules again, and as many. */
MUST_USE int edit_read_again(const struct edit *edit, const struct keyring_rules *rules,
			     struct secret *text, struct keyring_rules *ret_after,
			     struct error *err);
/* Is the rule the same, but that it may lack what is in less and have what is in more (NULL: nothing)? */
bool edit_same_rule(const struct keyring_rule *before, const struct keyring_rule *after,
		    const struct age_recipients *less, const struct age_recipients *more);

#endif
