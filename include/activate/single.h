/* SPDX-License-Identifier: MIT */
/*
 * One value that a manifest delivers, by its name alone: which sealed file has it, and what it is. For
 * commands of root's on the host, which need it at once and publish it nowhere.
 */
#ifndef ACTIVATE_SINGLE_H
#define ACTIVATE_SINGLE_H

#include <stdbool.h>

#include "activate/names.h"
#include "util/secret.h"

struct single_place {
	char *file;         /* the sealed file, absolute */
	char *key;          /* in it: a/b/c */
	char *identity;     /* the first of the manifest's identities, absolute */
	struct names units; /* services that it is published for until they are ready */
	bool in_generation; /* it is delivered for the whole boot, too */
	bool in_document;   /* a JSON document has it */
	bool in_file; /* or a file of its own, which a service may read again when it is told */
	struct names told;   /* by an activation then: units that restart or reload */
	struct names owners; /* of what is delivered, as the manifest has them */
};

#define SINGLE_PLACE_INIT ((struct single_place){ .file = NULL })

/*
 * Where the value of that name is: the last part of a key that an entry of the manifest has, or, where
 * none has it, a key at the top of a file of which one takes all. ERROR_NOT_FOUND where there is none,
 * ERROR_CONFIG where it may be more than one; what reading the manifest says.
 */
MUST_USE int single_find(const char *manifest, const char *name, struct single_place *ret_place,
			 struct error *err);
void single_place_release(struct single_place *place);

/*
 * The same, opened with the manifest's identities in a sandboxed child. copy: of its sealed file, absolute, with the same
 * extension, to be opened in its place; or NULL. notes: what the operator should know. What unseal_file() says.
 */
MUST_USE int single_open(const char *manifest, const char *name, const char *copy,
			 struct secret *ret_value, struct names *notes, struct error *err);

#endif
