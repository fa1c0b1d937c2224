/* SPDX-License-Identifier: MIT */
/*
 * Whoever can be asked: for a passphrase when a key turns out to need one, and for what a plugin
 * wants to know. The age layer gets a table of callbacks; NULL stands for nobody.
 */
#ifndef AGE_PROMPT_H
#define AGE_PROMPT_H

#include <stdbool.h>

#include "util/error.h"
#include "util/secret.h"

enum age_question {
	AGE_ASK_PASSPHRASE,     /* of a key or file there is; a file of passphrases may answer */
	AGE_ASK_NEW_PASSPHRASE, /* the same for one to come; empty: one is to be made up */
	AGE_ASK_SECRET,         /* a plugin's (a PIN): typed without echo, by a person alone */
	AGE_ASK_TEXT,           /* a plugin's: typed with echo */
};

struct age_prompt {
	void *context;
	/* ret_answer may be empty. question ends in no colon; it was made printable. */
	int (*ask)(void *context, enum age_question kind, const char *question,
		   struct secret *ret_answer, struct error *err);
	/* Two choices, named; no is NULL where there is but one. */
	int (*confirm)(void *context, const char *question, const char *yes, const char *no,
		       bool *ret_yes, struct error *err);
	/* A line to be read and not answered. */
	int (*tell)(void *context, const char *message, struct error *err);
};

/* ERROR_DENIED, with a hint, where there is nobody to ask (prompt is NULL, or has no terminal). */
MUST_USE int age_prompt_ask(const struct age_prompt *prompt, enum age_question kind,
			    const char *question, struct secret *ret_answer, struct error *err);
MUST_USE int age_prompt_confirm(const struct age_prompt *prompt, const char *question,
				const char *yes, const char *no, bool *ret_yes, struct error *err);
MUST_USE int age_prompt_tell(const struct age_prompt *prompt, const char *message,
			     struct error *err);
/* The error of there being nobody to ask. */
int age_prompt_fail(const char *question, struct error *err);
/*
 * The passphrase of name, "identity file "/root/key.age"". ERROR_AUTH where it is empty: no key and
 * no file has such a one.
 */
MUST_USE int age_prompt_passphrase(const struct age_prompt *prompt, const char *name,
				   struct secret *ret_passphrase, struct error *err);

#endif
