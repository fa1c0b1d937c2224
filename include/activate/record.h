/* SPDX-License-Identifier: MIT */
/*
 * The record of an activation, kept in its generation for "status", "rollback" and the
 * next activation: when, from which commit, the digests of the manifest and of what was
 * sealed, what was made of it and who is told of its changes. It holds no secret. JSON.
 */
#ifndef ACTIVATE_RECORD_H
#define ACTIVATE_RECORD_H

#include "activate/names.h"
#include "activate/revision.h"
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
	char newest[UNSEAL_TIME_MAX];   /* the latest of all that were opened under that path */
};

/* A file that was made. */
struct record_file {
	char *name;
	char *link; /* outside of the directory, which leads to it; NULL */
	bool kept;  /* it could not be renewed, and is that of before */
	struct names restart, reload;
};

struct record {
	char time[32];               /* of the activation, RFC 3339, UTC */
	char revision[REVISION_MAX]; /* the commit of the manifest's work tree; "" where unknown */
	struct record_source *sources; /* the manifest first */
	size_t len, cap;
	struct record_file *files;
	size_t files_len, files_cap;
	struct names left; /* links of files of the generation before that no file has any more */
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
/* Adds a file without units; ret_file is borrowed until the next one is added. */
MUST_USE int record_add_file(struct record *record, struct span name, struct record_file **ret_file,
			     struct error *err);
/* Gives the file a link; path may be NULL. */
MUST_USE int record_set_link(struct record_file *file, const char *path, struct error *err);
/* What was opened before record was made, as an earlier one says: raises newest. */
void record_inherit(struct record *record, const struct record *earlier);
/* Was a later one opened under its path before? Only times in UTC are compared. */
bool record_is_older(const struct record_source *source);
MUST_USE int record_format(const struct record *record, struct secret *ret_text, struct error *err);
/* text is taken over. ERROR_FORMAT where it is no record. */
MUST_USE int record_parse(struct secret *text, struct record *ret_record, struct error *err);
/* That of generation number. ERROR_NOT_FOUND where it has none of ours. */
MUST_USE int record_load(int root_fd, uint64_t number, struct record *ret_record,
			 struct error *err);
/* The source of that path, the file of that name; NULL. */
const struct record_source *record_find(const struct record *record, const char *path);
const struct record_file *record_find_file(const struct record *record, const char *name);
void record_release(struct record *record);

#endif
