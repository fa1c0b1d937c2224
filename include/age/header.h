/* SPDX-License-Identifier: MIT */
/*
 * The header of an age file: an intro line, stanzas, and a closing line with a MAC
 * (C2SP age.md, "Header"). Strict: there is one spelling for everything.
 */
#ifndef AGE_HEADER_H
#define AGE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "age/identity.h"
#include "age/recipient.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define AGE_HEADER_MAX ((size_t)4 << 20)
#define AGE_STANZAS_MAX 4096
#define AGE_FILE_KEY_LEN 16
#define AGE_MAC_LEN 32

struct age_stanza {
	struct span type;
	struct span arguments; /* what follows the type, "a b c"; see age_stanza_argument() */
	struct span body;      /* decoded */
};

struct age_header {
	struct span covered; /* what the MAC covers: from the intro to "---"; borrowed */
	uint8_t mac[AGE_MAC_LEN];
	struct age_stanza *stanzas;
	size_t len;
	struct buf bodies; /* owns what the stanzas' bodies point to */
};

#define AGE_HEADER_INIT ((struct age_header){ SPAN_INIT, { 0 }, NULL, 0, BUF_INIT })

/*
 * How long is the header that bytes begins with? 0 where more bytes are needed to tell.
 * ERROR_FORMAT where this is no age file, ERROR_LIMIT above AGE_HEADER_MAX.
 */
MUST_USE int age_header_find_end(struct span bytes, size_t *ret_len, struct error *err);
/* Parses text, a whole header and nothing more. It stays borrowed. */
MUST_USE int age_header_parse(struct span text, struct age_header *ret_header, struct error *err);
/* The same, but for age_header_check(): to be looked at, and not opened. */
MUST_USE int age_header_look(struct span text, struct age_header *ret_header, struct error *err);
/* Is it one that may be opened? ERROR_FORMAT for stanzas that must not stand together. */
int age_header_check(const struct age_header *header, struct error *err);
/* The MAC of covered; for those who open and write headers. */
void age_header_mac(const struct key32 *file_key, struct span covered,
		    uint8_t ret_mac[AGE_MAC_LEN]);
/* The first line of a stanza, "-> type argument…": its type and arguments, borrowed; false where it is none. */
bool age_stanza_parse_opening(struct span line, struct age_stanza *ret_stanza);
/* Takes the next argument of a stanza from the front of *arguments; false at the end. */
bool age_stanza_argument(struct span *arguments, struct span *ret_argument);
/*
 * Finds an identity that opens a stanza, and checks the MAC. ERROR_NO_KEY where none does,
 * ERROR_DENIED where one that asks a program or person (they come last) could not,
 * ERROR_FORMAT for a malformed stanza of a known type, ERROR_AUTH for a wrong MAC.
 */
MUST_USE int age_header_open(const struct age_header *header,
			     const struct age_identities *identities, struct key32 *ret_file_key,
			     struct error *err);
/*
 * The same, without the MAC, and *ret_opened false where no identity opens a stanza: for those that
 * hold others.
 */
MUST_USE int age_header_try(const struct age_header *header,
			    const struct age_identities *identities, bool *ret_opened,
			    struct key32 *ret_file_key, struct error *err);
void age_header_release(struct age_header *header);

/* Appends a whole header that wraps file_key for each of the recipients. */
MUST_USE int age_header_write(const struct age_recipients *recipients, const struct key32 *file_key,
			      struct buf *text, struct error *err);
/* Appends one stanza; arguments (with its type) is the text behind "-> ". For the kinds. */
MUST_USE int age_stanza_write(const char *arguments, struct span body, struct buf *text,
			      struct error *err);

#endif
