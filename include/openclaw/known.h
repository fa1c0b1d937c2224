/* SPDX-License-Identifier: MIT */
/*
 * What OpenClaw calls its secrets: environment variables, and the fields of its configuration. Of openclaw 2026.9.6:
 * docs/help/environment.md, docs/gateway/authentication.md, docs/reference/secretref-credential-surface.md and what
 * "openclaw config schema" prints.
 */
#ifndef OPENCLAW_KNOWN_H
#define OPENCLAW_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "util/span.h"

#define KNOWN_TOKEN "OPENCLAW_GATEWAY_TOKEN"
#define KNOWN_PASSWORD "OPENCLAW_GATEWAY_PASSWORD"
#define KNOWN_PORT "OPENCLAW_GATEWAY_PORT"
#define KNOWN_PORT_DEFAULT 18789

/* Does a variable of this name hold a secret? One of the known ones, or of a name that ends like them. */
bool known_variable(struct span name);

/* Does a value look like a secret, whatever it is called: a key of a known issuer, a URL with a password in it? */
bool known_value(struct span value);
/* Does a name sound like that of a secret? */
bool known_sound(struct span name);
/* Is one of words, which ends with NULL, in text, in capitals or not? */
bool known_has_word(struct span text, const char *const *words);
/* "NAME=VALUE"; false where there is no "=". */
bool known_split(struct span word, struct span *ret_name, struct span *ret_value);
/* "--token", also with "=VALUE": does a secret come with it? */
bool known_option(struct span word);
/* What of a command's word, behind the word before, is a secret: of "NAME=VALUE" the value; empty: nothing. */
struct span known_argument(struct span before, struct span word);

enum known_field {
	KNOWN_NOTHING,
	KNOWN_TAKES_REFERENCE, /* plain text, ${VARIABLE} or a SecretRef */
	KNOWN_PLAIN_ALONE,     /* a secret for which OpenClaw takes no SecretRef */
	KNOWN_FILE,            /* the path of a file that has one */
};

/* The parts of a field's path from the top: "models", "providers", "openai", "apiKey". */
enum known_field known_field(const struct span *parts, size_t count);

/*
 * The field that does what a variable does; false where there is none that needs nothing beside it. And the variable
 * that stands for a field, which is also the key that it is sealed under: of an unknown field its path in capitals.
 */
#define KNOWN_NAME_MAX 128
bool known_field_of(struct span variable, char ret_field[KNOWN_NAME_MAX]);
void known_variable_of(struct span field, char ret_variable[KNOWN_NAME_MAX]);

/* A channel, and what it cannot do without: a field of its own, another in its place, or a variable. */
struct known_channel {
	const char *name;
	const char *field;
	const char *instead;  /* NULL: none */
	const char *variable; /* NULL: none */
};

/* Ends with an entry whose name is NULL; a channel that needs two has two. */
extern const struct known_channel known_channels[];

#endif
