/* SPDX-License-Identifier: MIT */
/*
 * Plugins: programs that wrap and unwrap file keys for recipients "age1NAME1…" and identities
 * "AGE-PLUGIN-NAME-1…" (C2SP age-plugin.md, the state machines recipient-v1 and identity-v1).
 *
 * Only what is said is here. Programs are started by whoever fills the table; nothing in the age
 * layer knows a path or a process. What a plugin says is foreign bytes: it is read under limits, and
 * one that does not keep to the protocol costs one error.
 */
#ifndef AGE_PLUGIN_H
#define AGE_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "age/header.h"
#include "age/prompt.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

/* A program's name is at most a file's, and these are what plugins have. */
#define AGE_PLUGIN_NAME_MAX 64
#define AGE_PLUGIN_PREFIX "age-plugin-"
/* The first line of a command, and what stands below it when it is decoded. */
#define AGE_PLUGIN_LINE_MAX ((size_t)16 << 10)
#define AGE_PLUGIN_BODY_MAX ((size_t)64 << 10)
/* All that one plugin may say, and how many stanzas it may make for one recipient. */
#define AGE_PLUGIN_COMMANDS_MAX 1024
#define AGE_PLUGIN_STANZAS_MAX 64
#define AGE_PLUGIN_LABELS_MAX 64
/* Silence while no question is open: after the first a person is told, after both it is over. */
#define AGE_PLUGIN_NOTICE_SECONDS 5u
#define AGE_PLUGIN_SILENCE_SECONDS 115u

/* One plugin runs at a time. */
struct age_plugins {
	void *context;
	/*
	 * Starts the program "age-plugin-NAME" with machine ("recipient-v1"). name was checked; who
	 * starts it checks again. ERROR_UNSUPPORTED where there is none.
	 */
	int (*start)(void *context, const char *name, const char *machine, struct error *err);
	/* To its stdin, all of it; false in *ret_taken where it does not read on. */
	int (*write)(void *context, struct span bytes, bool *ret_taken, struct error *err);
	/*
	 * What it wrote to its stdout, up to len bytes; *ret_len is 0 at the end. *milliseconds is
	 * what there is of time, and becomes what is left of it; *ret_silent where that is nothing.
	 */
	int (*read)(void *context, unsigned *milliseconds, uint8_t *data, size_t len,
		    size_t *ret_len, bool *ret_silent, struct error *err);
	/* Ends it with all that it started; its exit status, 128 + N for signal N, or -1. */
	int (*end)(void *context);
	const struct age_prompt *prompt; /* NULL: nobody to ask */
};

struct age_plugin_name {
	char text[AGE_PLUGIN_NAME_MAX + 1]; /* lower case */
};

/* Only letters, digits and "+-._", and no more than fit. */
bool age_plugin_name_is_valid(struct span name);
/* Whose recipient or identity is it? False where text is not spelled like one. */
bool age_plugin_of_recipient(struct span text, struct age_plugin_name *ret_name);
bool age_plugin_of_identity(struct span text, struct age_plugin_name *ret_name);
/* "AGE-PLUGIN-NAME-1…" that holds no more than the name (age -j). ERROR_USAGE for what is no name. */
MUST_USE int age_plugin_identity_text(const char *name, struct buf *ret_text, struct error *err);

/* What is wrapped to, or unwrapped with: a recipient's or identity's whole text. */
struct age_plugin_key {
	const char *name;
	struct span text;
	bool is_identity;
};

/*
 * Appends the stanzas that wrap file_key for key, and to labels the plugin's, sorted, a line each.
 * The message begins with the program's name; ERROR_UNSUPPORTED where it is not there, ERROR_DENIED
 * where the plugin refused, ERROR_FORMAT and ERROR_LIMIT where it broke the rules.
 */
MUST_USE int age_plugin_wrap(const struct age_plugins *plugins, const struct age_plugin_key *key,
			     const struct key32 *file_key, struct buf *header, struct buf *labels,
			     struct error *err);
/* Tries to unwrap the file key of header; *ret_opened says if it did. Errors as above. */
MUST_USE int age_plugin_unwrap(const struct age_plugins *plugins, const struct age_plugin_key *key,
			       const struct age_header *header, bool *ret_opened,
			       struct key32 *ret_file_key, struct error *err);

/* Adds the identity that text spells; for identity.c. ERROR_FORMAT. */
MUST_USE int age_plugin_identity_add(struct age_identities *identities, struct span text,
				     const char *source, struct error *err);

#endif
