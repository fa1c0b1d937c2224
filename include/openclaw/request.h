/* SPDX-License-Identifier: MIT */
/*
 * What OpenClaw asks its exec provider: one JSON object on stdin, protocol version 1,
 * {"protocolVersion":1,"provider":"NAME","ids":["ID",…]}.
 */
#ifndef OPENCLAW_REQUEST_H
#define OPENCLAW_REQUEST_H

#include "activate/names.h"
#include "util/secret.h"

/* OpenClaw's own limits. */
#define REQUEST_MAX ((size_t)256 << 10)
#define REQUEST_IDS_MAX 512
#define REQUEST_ID_MAX 256

/*
 * The ids of a request, whose text is taken over. Fields that version 1 does not have count for nothing.
 * ERROR_FORMAT for what is no request, ERROR_UNSUPPORTED for another version, ERROR_LIMIT; what
 * doc_parse() says. An id begins with a letter or digit, goes on with those and . _ : / # -, has no part
 * "." or ".." between slashes, and is there once.
 */
MUST_USE int request_parse(struct secret *text, struct names *ret_ids, struct error *err);

#endif
