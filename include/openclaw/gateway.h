/* SPDX-License-Identifier: MIT */
/* A gateway of this host, asked whether it takes a token. */
#ifndef OPENCLAW_GATEWAY_H
#define OPENCLAW_GATEWAY_H

#include "activate/http.h"
#include "util/error.h"
#include "util/span.h"

/* For one question and its answer, whole; and for the answer from its first byte on, which a gateway writes at once. */
#define GATEWAY_SECONDS 120
#define GATEWAY_ANSWER_SECONDS 10
#define GATEWAY_TOKEN_MAX 4096

/*
 * Where a gateway is asked whose URL is text: ws://HOST[:PORT], of this host alone (activate/http.h), so that no
 * token goes over a network unencrypted. ERROR_USAGE.
 */
MUST_USE int gateway_url_parse(const char *text, struct http_url *ret_url, struct error *err);

enum gateway_answer { GATEWAY_TAKES, GATEWAY_REFUSES };

/* Can it stand in a header: 1 to GATEWAY_TOKEN_MAX printable ASCII characters, no blank at its ends? */
bool gateway_can_be_told(struct span token);

/*
 * Asks it for the list of agents, with the token, or the password where it takes one. ERROR_FINDINGS where it does not
 * answer, or with a status that says neither; ERROR_CONFIG for one that it cannot be told. Its answer is parsed in a
 * sandboxed child.
 */
MUST_USE int gateway_ask(const struct http_url *url, struct span token,
			 enum gateway_answer *ret_answer, struct error *err);

#endif
