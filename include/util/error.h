/* SPDX-License-Identifier: MIT */
/*
 * One error, carried by value in the caller, that becomes one line on stderr.
 *
 * Every function that can fail takes a "struct error *err" last and returns 0
 * or -1. It leaves err untouched on success and sets it whenever it returns -1.
 * Only cli/main.c prints. Wording: lower case, no full stop, names in double
 * quotes, the reason, no function names; never plaintext, key bytes or the
 * length of a passphrase. What was read from a file goes through text_printable().
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include "util/attr.h"

#define ERROR_MESSAGE_MAX 768
#define ERROR_HINT_MAX 384

/* The kind says what went wrong; cli/exit.c turns it into an exit status. */
enum error_kind {
	ERROR_NONE = 0,
	ERROR_USAGE,       /* the command line */
	ERROR_SYSTEM,      /* the kernel said no: file, memory, process */
	ERROR_FORMAT,      /* malformed input */
	ERROR_TYPE,        /* a value or key of a type that sops does not have, or not there */
	ERROR_LIMIT,       /* a named limit was exceeded */
	ERROR_AUTH,        /* changed data or a wrong key */
	ERROR_MAC,         /* each value is whole, and the document is not what it was */
	ERROR_NO_KEY,      /* no identity opens this */
	ERROR_NO_MAC,      /* no message authentication code where one must be */
	ERROR_DENIED,      /* refused on purpose: unsafe owner, mode, recipient */
	ERROR_UNSUPPORTED, /* known, but not to this build */
	ERROR_NO_RULE,     /* .sops.yaml has rules, and none for this file */
	ERROR_FINDINGS,    /* verify, --check: not as it should be */
	ERROR_CONFIG,      /* .sops.yaml or a manifest */
	ERROR_NOT_FOUND,   /* a key, index or name that is not there */
	ERROR_NO_METADATA, /* the document is not sealed */
	ERROR_SEALED,      /* the document is sealed already */
	ERROR_BAD_INDEX,   /* an index or a value of set that cannot be used */
	ERROR_BAD_EXTRACT, /* an index of get or --extract that cannot be used */
	ERROR_CONFLICT,    /* options that exclude each other */
	ERROR_DUMP,        /* what the format asked for cannot hold */
	ERROR_UNCHANGED,   /* edit: nothing was changed */
	ERROR_EDITOR,      /* edit: no editor, or it failed */
	ERROR_NO_FILE,     /* no file named, or it does not exist */
	ERROR_EMPTY,       /* an empty document */
	ERROR_COMMENTS,    /* a document with nothing but comments */
	ERROR_PARTIAL,     /* partly done */
	ERROR_CANCELLED,   /* the user said no */
	ERROR_DUPLICATE,   /* a kind of key named twice in an order */
	ERROR_BUG,         /* a broken invariant of this program */
};

struct error {
	enum error_kind kind;
	char message[ERROR_MESSAGE_MAX]; /* always terminated; cut with "..." */
	char hint[ERROR_HINT_MAX];       /* what to do next; may be empty */
};

#define ERROR_INIT ((struct error){ .kind = ERROR_NONE })

/* Each returns -1, so that a failing function can "return error_set(...)". */

/* Sets kind and message; drops an earlier message. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* Like error_set() with ERROR_SYSTEM, and appends ": " and the text of errno. */
int error_sys(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Out of memory, as an ordinary error. */
int error_memory(struct error *err);

/* Puts "format: " before the message that is there; kind and hint stay. */
int error_wrap(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Adds what to do next. The first hint wins: the deepest code knows best. */
int error_hint(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Forgets everything: for an error that was handled. */
void error_clear(struct error *err);

#endif
