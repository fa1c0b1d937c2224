/* SPDX-License-Identifier: MIT */
/*
 * What it takes to seal an OpenClaw's secrets, made of what a check found (openclaw/check.h): a text that says which
 * secret goes under which key, what takes its place, and what is removed at last. It names no value.
 */
#ifndef OPENCLAW_PLAN_H
#define OPENCLAW_PLAN_H

#include "util/secret.h"

struct plan_facts {
	const char *user; /* whom the gateway runs as */
	const char *unit; /* the gateway's */
};

/* The number of secrets that stand in plain text; ret_text is empty where there is none. ERROR_SYSTEM. */
MUST_USE int openclaw_plan(struct span records, const struct plan_facts *facts,
			   struct secret *ret_text, size_t *ret_secrets, struct error *err);

#endif
