/* SPDX-License-Identifier: MIT */
/* The gateway on this host: is it up, and which token does it take? */
#ifndef OPENCLAW_GATEWAY_H
#define OPENCLAW_GATEWAY_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/secret.h"

enum gateway_state {
	GATEWAY_DOWN,    /* nobody listens on its port */
	GATEWAY_ANOTHER, /* another user than the gateway's does: it is told nothing */
	GATEWAY_UP,
};

/* Who listens on the port of the loopback address. ERROR_SYSTEM. */
MUST_USE int gateway_find(unsigned port, uid_t uid, enum gateway_state *ret_state,
			  struct error *err);
/*
 * The status with which it answers a request that carries token (401: it refuses it, 404 or 200: it takes it). The
 * answer is parsed in a sandboxed child. ERROR_SYSTEM where there is none within some seconds; ERROR_FORMAT for an
 * answer that is not HTTP, and a token that no header can carry.
 */
MUST_USE int gateway_ask(unsigned port, struct span token, unsigned *ret_status, struct error *err);

#endif
