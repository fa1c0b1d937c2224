/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON (RFC 8259): documents for OpenClaw, records and --json answers.
 */
#ifndef ACTIVATE_JSON_H
#define ACTIVATE_JSON_H

#include <stdbool.h>

#include "activate/names.h"
#include "util/secret.h"

/*
 * Appends text in quotes; control characters, quotes and backslashes are
 * escaped, all else stands as it is. ERROR_FORMAT where text is no UTF-8.
 */
MUST_USE int json_string(struct secret *out, struct span text, struct error *err);

/* An object being written: members in call order, commas as needed. */
struct json_object {
	struct secret *out;
	bool filled;
};

MUST_USE int json_open(struct secret *out, struct json_object *ret_object, struct error *err);
MUST_USE int json_text(struct json_object *object, const char *key, struct span value,
		       struct error *err);
MUST_USE int json_number(struct json_object *object, const char *key, unsigned long long value,
			 struct error *err);
MUST_USE int json_flag(struct json_object *object, const char *key, bool value, struct error *err);
MUST_USE int json_names(struct json_object *object, const char *key, const struct names *names,
			struct error *err);
/* "key": and nothing more; the caller writes the value. */
MUST_USE int json_key(struct json_object *object, struct span key, struct error *err);
MUST_USE int json_close(struct json_object *object, struct error *err);

#endif
