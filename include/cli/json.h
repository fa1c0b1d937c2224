/* SPDX-License-Identifier: MIT */
/* One JSON scalar, as set --value-file and --value-stdin take it. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "doc/doc.h"

/*
 * Reads text (RFC 8259, white space around it allowed). ret_value is a string's content, or the
 * spelling of anything else. ERROR_BAD_INDEX for what is no JSON, and for maps and lists.
 */
MUST_USE int json_scalar(struct span text, struct secret *ret_value, enum doc_type *ret_type,
			 struct error *err);

#endif
