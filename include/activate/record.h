/* SPDX-License-Identifier: MIT */
/*
 * The record of an activation, kept in its generation for "status" and for the
 * next activation: when, from which manifest, the digests of what was sealed.
 * It holds no secret. JSON, which the YAML parser reads back.
 */
#ifndef ACTIVATE_RECORD_H
#define ACTIVATE_RECORD_H

#include "activate/names.h"
#include "activate/unseal.h"
#include "crypto/hash.h"
#include "util/secret.h"

#define RECORD_MAX ((size_t)4 << 20)
#define RECORD_DIGEST_MAX (2 * HASH_SHA256_LEN + 1)

/* A sealed file, or the manifest itself, as it was. */
struct record_source {
	char *path;                     /* absolute where it could be found out */
	char digest[RECORD_DIGEST_MAX]; /* SHA-256, hexadecimal */
	char time[UNSEAL_TIME_MAX];     /* its lastmodified; "" for the manifest */
};

struct record {
	char time[32];                 /* of the activation, RFC 3339, UTC */
	struct record_source *sources; /* the manifest first */
	size_t len, cap;
	struct names files; /* names of what was made */
};

#define RECORD_INIT ((struct record){ .len = 0 })

/* Takes down the time. */
void record_begin(struct record *record);
/* Adds a source with the digest of its content; time is its lastmodified, or "". */
MUST_USE int record_add(struct record *record, const char *path, struct span content,
			const char *time, struct error *err);
/* Adds what another record says of a source. */
MUST_USE int record_copy(struct record *record, const struct record_source *source,
			 struct error *err);
MUST_USE int record_format(const struct record *record, struct secret *ret_text, struct error *err);
/* text is taken over. ERROR_FORMAT where it is no record. */
MUST_USE int record_parse(struct secret *text, struct record *ret_record, struct error *err);
/* The source of that path; NULL. */
const struct record_source *record_find(const struct record *record, const char *path);
void record_release(struct record *record);

#endif
