/* SPDX-License-Identifier: MIT */
/*
 * What OpenClaw calls its secrets: environment variables, and the fields of its configuration. Of openclaw 2026.9.6:
 * docs/help/environment.md and docs/reference/secretref-credential-surface.md.
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

enum known_field {
	KNOWN_NOTHING,
	KNOWN_TAKES_REFERENCE, /* plain text, ${VARIABLE} or a SecretRef */
	KNOWN_PLAIN_ALONE,     /* a secret for which OpenClaw takes no SecretRef */
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
