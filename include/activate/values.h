/* SPDX-License-Identifier: MIT */
/*
 * The values that a sealed file gave for the manifest's entries. They come out
 * of the sandboxed child that opened the file as one run of bytes: per value
 * the entry, the name and the value, each with its length.
 */
#ifndef ACTIVATE_VALUES_H
#define ACTIVATE_VALUES_H

#include "util/secret.h"
#include "util/span.h"

/* Beside an entry: it has no value; the bytes are the struct error that says why. */
#define VALUE_FAILED 0x80000000u

/* In an entry's place: what follows is the next file's; the bytes are the time of its last change. */
#define VALUE_TIME (~VALUE_FAILED)

struct value {
	uint32_t entry;   /* index in the manifest */
	struct span name; /* of the variable or member; the key of a secret */
	struct span bytes;
};

/* Appends one value to out. ERROR_LIMIT, ERROR_SYSTEM. */
MUST_USE int values_put(struct secret *out, const struct value *value, struct error *err);
/* Takes the next one from *in; false at its end, or where the rest is no value. */
bool values_take(struct span *in, struct value *ret_value);

#endif
