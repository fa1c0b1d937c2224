/* SPDX-License-Identifier: MIT */
/*
 * What seals and opens data keys with PGP: a program that others run, since nothing here starts any.
 */
#ifndef SOPS_PGP_H
#define SOPS_PGP_H

#include "util/buf.h"
#include "util/secret.h"

struct sops_programs {
	/* Seals plain to the key of that fingerprint, armored. */
	int (*seal)(void *context, const char *fingerprint, struct span plain, struct buf *ret_enc,
		    struct error *err);
	/* Opens an armored message. ERROR_NO_KEY where the program cannot. */
	int (*open)(void *context, struct span enc, struct secret *ret_plain, struct error *err);
	void *context;
};

#endif
