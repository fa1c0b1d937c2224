/* SPDX-License-Identifier: MIT */
/*
 * age files (C2SP age.md, "age-encryption.org/v1"): whole ones in memory for
 * data keys, streams of any length in constant memory for the age command.
 */
#ifndef AGE_FILE_H
#define AGE_FILE_H

#include <stdbool.h>

#include "age/identity.h"
#include "age/recipient.h"

/* The largest file that age_open() and age_seal() take; streams have no limit. */
#define AGE_MEMORY_MAX ((size_t)64 << 20)

/* Seals plain to all recipients (at least one), armored or not. ret_file is new. */
MUST_USE int age_seal(const struct age_recipients *recipients, struct span plain, bool armored,
		      struct buf *ret_file, struct error *err);
/*
 * Opens file (armored or not, recognised by its first bytes). ERROR_NO_KEY where
 * no identity matches a stanza, ERROR_AUTH for changed data, ERROR_FORMAT.
 */
MUST_USE int age_open(const struct age_identities *identities, struct span file,
		      struct secret *ret_plain, struct error *err);

struct age_header;
/*
 * The header of file, armored or not, without a key: who it is for. ret_binary owns what it borrows.
 */
MUST_USE int age_read_header(struct span file, struct buf *ret_binary,
			     struct age_header *ret_header, struct error *err);

/* Callbacks for streams. read: up to len bytes into data, *ret_len 0 only at the end. */
struct age_source {
	int (*read)(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err);
	void *context;
};
struct age_sink {
	int (*write)(void *context, struct span bytes, struct error *err);
	void *context;
};

MUST_USE int age_seal_stream(const struct age_recipients *recipients, bool armored,
			     const struct age_source *source, const struct age_sink *sink,
			     struct error *err);
/* Writes nothing before the header was verified; what it writes was authenticated chunk by chunk. */
MUST_USE int age_open_stream(const struct age_identities *identities,
			     const struct age_source *source, const struct age_sink *sink,
			     struct error *err);

#endif
