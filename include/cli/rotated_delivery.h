/* SPDX-License-Identifier: MIT */
/* How a rotation brings what is sealed to the running gateway. */
#ifndef CLI_ROTATED_DELIVERY_H
#define CLI_ROTATED_DELIVERY_H

#include "activate/single.h"
#include "cli/openclaw.h"
#include "util/error.h"
#include "util/secret.h"

/* All borrowed. */
struct rotated_delivery {
	const char *manifest;
	const struct single_place *place; /* of the value that is rotated */
	const struct openclaw_options *gateway;
	const struct http_url *url;
	const struct openclaw_hearers *hearers;
};

/* Who listens at the URL may hear a token (openclaw/listener.h). */
MUST_USE int rotated_check_listener(const struct rotated_delivery *delivery, struct error *err);
/*
 * Publishes what is sealed, has the gateway read it anew, telling it the token that it takes by now, and withdraws it, whatever
 * fails. ret_warnings: how many secrets it lacks then.
 */
MUST_USE int rotated_deliver(const struct rotated_delivery *delivery, const struct secret *token,
			     unsigned *ret_warnings, struct error *err);
/* What is published for the value's units is there no more; tried twice. What is left the agent can read. */
MUST_USE int rotated_withdraw(const struct rotated_delivery *delivery, struct error *err);

#endif
