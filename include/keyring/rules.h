/* SPDX-License-Identifier: MIT */
/*
 * .sops.yaml as its owner wrote it: who is in which creation rule, and edits that put a name
 * in or take it out and leave every other byte, comments included, as it stands.
 *
 * "keys:" lists the recipients as YAML anchors named like the files in keys/, and rules use the
 * aliases. What an edit made is read again as sops would read it: where it does not come to exactly the
 * recipients that were meant (a way of writing that is not known here), nothing is written.
 */
#ifndef KEYRING_RULES_H
#define KEYRING_RULES_H

#include "age/recipient.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/text.h"

#define KEYRING_RULES_MAX 1000

/* One creation rule. */
struct keyring_rule {
	char *pattern;         /* path_regex, owned; "" matches everything */
	struct buf recipients; /* the age ones, aliases followed, a line each */
	size_t others;         /* how many keys of other kinds (pgp, kms, …) there are */
};

struct keyring_rules {
	struct secret text;
	struct keyring_rule *items;
	size_t len, cap;
	bool person; /* may be set: the name that is added is a person's, see keyring_recipients_text() */
};

#define KEYRING_RULES_INIT ((struct keyring_rules){ SECRET_INIT, NULL, 0, 0, false })

/* Reads text, which is taken over on success. ERROR_CONFIG with the line, ERROR_LIMIT. */
MUST_USE int keyring_rules_parse(struct secret *text, struct keyring_rules *ret_rules,
				 struct error *err);
void keyring_rules_release(struct keyring_rules *rules);

/* Which rule is meant: its number, from 1 on, or its path_regex. ERROR_NOT_FOUND, with the rules in the hint. */
MUST_USE int keyring_rules_choose(const struct keyring_rules *rules, const char *chosen,
				  size_t *ret_index, struct error *err);
/* A rule's path_regex for people, with its backslashes as they are: "all files" where it has none. */
struct text_shown keyring_rule_shown(const struct keyring_rule *rule);
/* Does the rule name all keys of own, in any spelling? any: does it name one of them? */
bool keyring_rule_has_all(const struct keyring_rule *rule, const struct age_recipients *own);
bool keyring_rule_has_any(const struct keyring_rule *rule, const struct age_recipients *own);

/*
 * The text in which "keys:" holds the anchor name, and the rules at indices (indices_len of them) the alias.
 * What is there already is not put there twice; ret_text may be the text as it was. ERROR_CONFIG where this
 * cannot be edited (the hint says what to write by hand), ERROR_DENIED where the anchor belongs to another key.
 */
MUST_USE int keyring_rules_add(const struct keyring_rules *rules, const char *name,
			       const struct age_recipients *own, const size_t *indices,
			       size_t indices_len, struct secret *ret_text, struct error *err);
/*
 * The text without the anchor, its aliases and the recipients themselves. ERROR_DENIED where a rule would be
 * left without any recipient; ERROR_CONFIG as above.
 */
MUST_USE int keyring_rules_remove(const struct keyring_rules *rules, const char *name,
				  const struct age_recipients *own, struct secret *ret_text,
				  struct error *err);

/* A first .sops.yaml: one rule for pattern, and in it the names (names_len of them). */
struct keyring_name;
MUST_USE int keyring_rules_new(const struct keyring_name *const *names, size_t names_len,
			       const char *pattern, struct buf *ret_text, struct error *err);

#endif
