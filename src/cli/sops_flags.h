/* SPDX-License-Identifier: MIT */
/* sops' flags and commands, as far as they differ from ours. */
#ifndef SOPS_FLAGS_H
#define SOPS_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

enum sops_flag_use {
	SOPS_PASS,    /* ours has the same */
	SOPS_IGNORE,  /* says nothing here */
	SOPS_TYPE,    /* a format: one that there is not is as if it were not given */
	SOPS_REFUSE,  /* what we do not have, where it is more than an empty text */
	SOPS_BACKGROUND, /* of exec-env and exec-file: not here either */
	SOPS_VERBOSE, /* -v */
	SOPS_MODE,    /* the old form: which command it is */
	SOPS_SET,     /* the old form of set: its INDEX and VALUE */
	SOPS_HELP,
	SOPS_VERSION,
};

/* Where it may stand. */
enum sops_flag_place {
	SOPS_BEHIND, /* behind the command alone */
	SOPS_BEFORE, /* in the old form, too; before a command it says nothing */
	SOPS_GLOBAL, /* and commands see it */
};

struct sops_flag {
	const char *dashed; /* "--name" */
	char letter;
	bool has_value;
	enum sops_flag_use use;
	enum sops_flag_place place;
};

/* Ends with an entry whose dashed is NULL. */
extern const struct sops_flag sops_flags[];

/* "name" */
static inline const char *sops_flag_name(const struct sops_flag *flag)
{
	return flag->dashed + 2;
}

/* Ends with an entry whose name is NULL. A command of sops, and what it does with its arguments. */
struct sops_command {
	const char *name;
	size_t min_args, max_args; /* further ones are left out, with a warning */
	bool exact;                /* ... but here they are refused */
	bool needs_file;           /* which must exist */
	const char *missing;       /* what to say where there are too few */
	int missing_status;        /* 100 or 1 */
	bool not_here;             /* it only says so, whatever flags it is given */
};

extern const struct sops_command sops_commands[];

/* Is it a flag that sops' command takes, and that changes nothing there? */
bool sops_flag_is_idle(const struct sops_command *command, const struct sops_flag *flag);

#endif
