/* SPDX-License-Identifier: MIT */
/*
 * Selection: which values of a document are sealed. At
 * most one selector is in force; without any, unencrypted_suffix "_unencrypted".
 */
#ifndef SOPS_SELECT_H
#define SOPS_SELECT_H

#include <stdbool.h>

#include "util/error.h"
#include "util/span.h"

enum sops_selector_kind {
	SOPS_UNENCRYPTED_SUFFIX,
	SOPS_ENCRYPTED_SUFFIX,
	SOPS_UNENCRYPTED_REGEX,
	SOPS_ENCRYPTED_REGEX,
	SOPS_UNENCRYPTED_COMMENT_REGEX,
	SOPS_ENCRYPTED_COMMENT_REGEX,
	SOPS_SELECTORS, /* how many there are */
};

#define SOPS_DEFAULT_SUFFIX "_unencrypted"

/* The names as in metadata and rules ("encrypted_regex"), by kind. */
extern const char *const sops_selector_names[SOPS_SELECTORS];

struct sops_selector {
	enum sops_selector_kind kind;
	char *text; /* the suffix or pattern, owned; NULL: none chosen */
};

#define SOPS_SELECTOR_INIT ((struct sops_selector){ SOPS_UNENCRYPTED_SUFFIX, NULL })

/* Sets it; a second call is ERROR_CONFLICT ("only one of …"); an empty text chooses nothing. */
MUST_USE int sops_selector_set(struct sops_selector *selector, enum sops_selector_kind kind,
			       struct span text, struct error *err);
void sops_selector_release(struct sops_selector *selector);

/*
 * A regular expression in the syntax that RE2 and PCRE2 share; what RE2 lacks (look-around,
 * back references, …) is refused with ERROR_FORMAT, aloud. Unanchored search with match limits.
 */
struct sops_regex;
MUST_USE int sops_regex_new(const char *pattern, const char *what, struct sops_regex **ret_regex,
			    struct error *err);
MUST_USE int sops_regex_match(const struct sops_regex *regex, struct span text, bool *ret_match,
			      struct error *err);
void sops_regex_free(struct sops_regex *regex);

#endif
