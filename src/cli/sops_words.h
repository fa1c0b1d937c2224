/* SPDX-License-Identifier: MIT */
/* sops' command line, word by word: its flags, its command and what is left. */
#ifndef SOPS_WORDS_H
#define SOPS_WORDS_H

#include "sops_flags.h"
#include "util/error.h"

struct sops_given {
	const struct sops_flag *flag;
	const char *value; /* NULL for a flag that takes none */
	bool off;          /* "-i=false" */
	bool global;       /* of the old form, or before the command, which may not know it */
};

/* One sops_words_release() frees it; all of it but the arrays lies in argv. */
struct sops_words {
	const char *const *argv; /* what is not taken yet */
	struct sops_given *given;
	size_t given_len;
	const char **args;
	size_t args_len;
	const struct sops_command *command; /* NULL: the old form */
	bool old_form, help, version;
};

#define SOPS_WORDS_INIT ((struct sops_words){ NULL, NULL, 0, NULL, 0, NULL, false, false, false })

/* argc words at argv, which ends with NULL; there is room for two arguments more. ERROR_USAGE. */
MUST_USE int sops_words_take(int argc, const char *const *argv, struct sops_words *ret_words,
			     struct error *err);
void sops_words_release(struct sops_words *words);

/* The last of that name, which is the one that counts; NULL: it is not given, or off. */
const struct sops_given *sops_words_find(const struct sops_words *words, const char *name);
/* ERROR_USAGE: there is no such flag here. */
int sops_unknown_flag(const char *word, struct error *err);

#endif
