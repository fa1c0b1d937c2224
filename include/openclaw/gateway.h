/* SPDX-License-Identifier: MIT */
/* A gateway of this host, asked whether it takes a token. */
#ifndef OPENCLAW_GATEWAY_H
#define OPENCLAW_GATEWAY_H

#include "activate/http.h"
#include "util/error.h"
#include "util/span.h"

/* For one question: to connect, to write, and for each piece of the answer. */
#define GATEWAY_SECONDS 60
#define GATEWAY_TOKEN_MAX 4096

/*
 * Where a gateway is asked whose URL is text: ws://HOST[:PORT], of this host alone (activate/http.h), so that no
 * token goes over a network unencrypted. ERROR_USAGE.
 */
MUST_USE int gateway_url_parse(const char *text, struct http_url *ret_url, struct error *err);

enum gateway_answer { GATEWAY_TAKES, GATEWAY_REFUSES };

/*
 * Asks it for the list of agents, with the token. ERROR_FINDINGS where it does not answer, or with a status that
 * says neither; ERROR_CONFIG for a token that cannot stand in a header (1 to GATEWAY_TOKEN_MAX printable ASCII
 * characters, no blank). Its answer is parsed in a sandboxed child.
 */
MUST_USE int gateway_ask(const struct http_url *url, struct span token,
			 enum gateway_answer *ret_answer, struct error *err);

#endif
