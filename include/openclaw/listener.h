/* SPDX-License-Identifier: MIT */
/* Who listens on a port of this host: a token is for the gateway alone, and whoever is first may listen there. */
#ifndef OPENCLAW_LISTENER_H
#define OPENCLAW_LISTENER_H

#include <sys/types.h>

#include "activate/http.h"
#include "util/error.h"

enum listener_state {
	LISTENER_DOWN,    /* nobody */
	LISTENER_ANOTHER, /* another user than uid, alone or beside it on another address */
	LISTENER_UP,
};

/* ERROR_SYSTEM. */
MUST_USE int listener_find(unsigned port, uid_t uid, enum listener_state *ret_state,
			   struct error *err);

/*
 * Before a token is told at url: ERROR_DENIED where somebody listens on its port who is neither root nor one of uids,
 * of which there are len. Nobody there is no error: that is found when it is asked. ERROR_SYSTEM.
 */
MUST_USE int listener_check(const struct http_url *url, const uid_t *uids, size_t len,
			    struct error *err);
/*
 * The same before a program is told the token that connects later: whoever listens there next would get it. ERROR_FINDINGS
 * where nobody does.
 */
MUST_USE int listener_check_up(const struct http_url *url, const uid_t *uids, size_t len,
			       struct error *err);

#endif
