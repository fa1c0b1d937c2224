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
	bool removing;
};

#define EDIT_INIT ((struct edit){ DOC_INIT, PATCHES_INIT, NULL, NULL, BUF_INIT, SIZE_MAX, false })

/* Starts with a copy of the text; ret_empty: there is nothing in it but comments. */
MUST_USE int edit_begin(const struct keyring_rules *rules, const char *name,
			const struct age_recipients *own, struct edit *ret_edit, bool *ret_empty,
			struct error *err);
void edit_release(struct edit *edit);

/* That node is written in a way that is not known here; why is what it is. The hint says what to do by hand. */
int edit_cannot(const struct edit *edit, uint32_t node, const char *why, struct error *err);
/* What the edit made is not what was meant, in that rule or (DOC_NONE) somewhere. */
int edit_failed(const struct edit *edit, uint32_t rule, struct error *err);

/* The creation rule at index; DOC_NONE. */
uint32_t edit_rule(const struct edit *edit, size_t index);
struct span edit_text(const struct edit *edit);
bool edit_is_blank(uint8_t byte);
/* Where the line begins, behind a byte order mark. */
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
