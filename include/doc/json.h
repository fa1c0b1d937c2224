/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259), as different programs write it. */
#ifndef DOC_JSON_H
#define DOC_JSON_H

#include "doc/tree.h"

/* 0: as Go does. */
#define DOC_JSON_ASCII 0x1u     /* all beyond ASCII as \uXXXX */
#define DOC_JSON_NO_HTML 0x2u   /* < > & as they are */
#define DOC_JSON_SLASH 0x4u     /* / as \/ */
#define DOC_JSON_CAPITALS 0x8u  /* \u00FC, not \u00fc */
#define DOC_JSON_NO_LINES 0x10u /* the line breaks U+2028 and U+2029 as they are */
#define DOC_JSON_SPELLINGS 32u

/* Appends text in quotes. ERROR_DUMP where it is no UTF-8. */
MUST_USE int doc_json_string(struct secret *out, struct span text, unsigned spelling,
			     struct error *err);

/* Blanks a level of a document that is JSON; DOC_INDENT_SOPS for tabs. */
unsigned doc_json_indent(const struct doc *doc);

/*
 * Where last is a piece of the document that first begins (doc/cutter.h): would metadata be added to it just as
 * they would be to the whole? Its last entry must begin a line.
 */
bool doc_json_ends_alike(const struct doc *first, const struct doc *last);

#endif
