/* SPDX-License-Identifier: MIT */
/*
 * Objects of sops-nix' manifest as Go's decoder takes them, field by field as a table says.
 */
#ifndef ACTIVATE_NIX_JSON_H
#define ACTIVATE_NIX_JSON_H

#include "doc/doc.h"
#include "internal.h"

enum nix_type {
	NIX_TEXT,     /* struct span, borrowed from the document */
	NIX_OPTIONAL, /* the same; null takes it back */
	NIX_NUMBER,   /* int64_t */
	NIX_FLAG,     /* bool */
	NIX_LIST,     /* uint32_t: the node of a list of texts; null: DOC_NONE */
	NIX_OBJECT,   /* uint32_t: the node of an object; null: DOC_NONE */
	NIX_OBJECTS,  /* uint32_t: the node of a list of objects; null: DOC_NONE */
};

struct nix_field {
	const char *name;
	enum nix_type type;
	size_t offset; /* of the field in the target */
};

/*
 * Fills target from the object at node: a null object leaves it as it is, a later field of a
 * name counts. ERROR_CONFIG for a value of another type.
 */
MUST_USE int nix_json_object(const struct reader *reader, uint32_t node,
			     const struct nix_field *fields, size_t len, void *target,
			     struct error *err);
/* A list's texts. One that is null is empty, as in Go. ERROR_CONFIG where one holds a NUL or a line break. */
MUST_USE int nix_json_texts(const struct reader *reader, uint32_t list, struct names *names,
			    struct error *err);

#endif
