/* SPDX-License-Identifier: MIT */
/* Who listens on a port of this host: a token is for the gateway alone, and whoever is first may listen there. */
#ifndef OPENCLAW_LISTENER_H
#define OPENCLAW_LISTENER_H

#include <sys/types.h>

#include "util/error.h"

enum listener_state {
	LISTENER_DOWN,    /* nobody */
	LISTENER_ANOTHER, /* another user than uid, alone or beside it on another address */
	LISTENER_UP,
};

/* ERROR_SYSTEM. */
MUST_USE int listener_find(unsigned port, uid_t uid, enum listener_state *ret_state,
			   struct error *err);

#endif
