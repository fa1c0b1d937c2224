/* SPDX-License-Identifier: MIT */
/*
 * Which documents may be published for which unit, and a keyed digest of each value that the unit got, or
 * was told of, last: by that a changed value is seen without being kept. The key is of this boot, and lies
 * with them in a file that root alone may read. A line "key KEY", and "DIGEST UNIT NAME" for each document.
 */
#ifndef ACTIVATE_READY_RECORD_H
#define ACTIVATE_READY_RECORD_H

#include "activate/owner.h"
#include "crypto/hkdf.h"
#include "util/secret.h"

#define READY_RECORD_MAX ((size_t)4 << 20)

struct ready_digest {
	uint8_t bytes[HMAC_SHA256_LEN];
};

struct ready_document {
	char *name, *unit;
	struct ready_digest digest;
};

struct ready_record {
	struct key32 key;
	struct ready_document *items;
	size_t len, cap;
};

#define READY_RECORD_INIT ((struct ready_record){ .len = 0 })

/* An empty one with a key of its own. */
void ready_record_begin(struct ready_record *ret_record);
/* ERROR_FORMAT where text is no record: a name that leaves the directory, a name twice. */
MUST_USE int ready_record_parse(struct span text, struct ready_record *ret_record,
				struct error *err);
MUST_USE int ready_record_format(const struct ready_record *record, struct secret *ret_text,
				 struct error *err);
/* The document of that name; NULL. */
struct ready_document *ready_record_find(const struct ready_record *record, const char *name);
/* Adds a document, or replaces that of its name. */
MUST_USE int ready_record_put(struct ready_record *record, const char *name, const char *unit,
			      const struct ready_digest *digest, struct error *err);
/* Takes out the document at index; those behind it move up. */
void ready_record_drop(struct ready_record *record, size_t index);
/* Of the bytes, and of whose they are. */
MUST_USE int ready_record_digest(const struct ready_record *record, struct owner owner, mode_t mode,
				 struct span bytes, struct ready_digest *ret_digest,
				 struct error *err);
void ready_record_release(struct ready_record *record);

#endif
