/* SPDX-License-Identifier: MIT */
/*
 * What seals and opens data keys with PGP, and with plugins of age: programs that others run, since
 * nothing here starts any.
 */
#ifndef SOPS_PROGRAMS_H
#define SOPS_PROGRAMS_H

#include "age/plugin.h"
#include "util/buf.h"
#include "util/secret.h"

struct sops_programs {
	/* Seals plain to the key of that fingerprint, armored. */
	int (*seal)(void *context, const char *fingerprint, struct span plain, struct buf *ret_enc,
		    struct error *err);
	/* Opens an armored message. ERROR_NO_KEY where the program cannot. */
	int (*open)(void *context, struct span enc, struct secret *ret_plain, struct error *err);
	void *context;
	const struct age_plugins *plugins; /* for recipients; NULL: none */
};

#endif
