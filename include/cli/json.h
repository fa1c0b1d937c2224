/* SPDX-License-Identifier: MIT */
/* One JSON value, as set --value-file and --value-stdin take it. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "doc/tree.h"

/*
 * Reads text (RFC 8259, white space around it allowed). A number keeps its type, and one that is the whole
 * value its spelling. ERROR_BAD_INDEX for what is no JSON.
 */
MUST_USE int json_value(struct span text, struct doc_tree *ret_value, struct error *err);

#endif
