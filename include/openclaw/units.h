/* SPDX-License-Identifier: MIT */
/* Where units lie that may run an OpenClaw, and which of them may. */
#ifndef OPENCLAW_UNITS_H
#define OPENCLAW_UNITS_H

#include <sys/types.h>

#include "activate/names.h"

/*
 * The directories in which systemd and podman look for units: root's alone, and those of a user with that home; what
 * comes later counts more.
 */
MUST_USE int units_places(const char *home, uid_t uid, struct names *ret_roots,
			  struct names *ret_users, struct error *err);
/* Is path, which a scan of these directories came to, in one of root's? */
bool units_is_roots(const char *path);
/* Is it of users' managers, and not the system's? */
bool units_is_users(const char *path);

/* Is OpenClaw named in it? However it is written, and by its former names. */
bool units_names_openclaw(struct span text);

/* "a.service" of "a.service", "a.service.d", "a.service.bak"; likewise of a container. SPAN_INIT: of no such unit. */
struct span units_name(struct span name);
/* Is name, of a file or of a directory of drop-ins, for that unit: an instance, a template, a prefix ("a-.service.d")? */
bool units_is_of(struct span name, struct span unit);

#endif
