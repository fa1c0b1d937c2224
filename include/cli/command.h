/* SPDX-License-Identifier: MIT */
/*
 * Commands: each cmd_NAME.c ends with its const descriptor, cli/main.c lists
 * them in help order. Parsing, --help, completions and the lint that compares
 * them with the man pages all come from these tables.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"
#include "util/sandbox.h"

enum option_type {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char *, borrowed from argv; given once */
	OPTION_TEXTS,  /* struct option_texts: may be repeated */
	OPTION_NUMBER, /* unsigned long */
};

#define OPTION_TEXTS_MAX 256

struct option_texts {
	const char *items[OPTION_TEXTS_MAX];
	size_t at[OPTION_TEXTS_MAX]; /* the order of several such options: each one's place */
	size_t len;
};

/* A table of these ends with an entry whose name is NULL. */
struct option_spec {
	const char *name;  /* "in-place": long, without dashes */
	char letter;       /* 'i', or 0 */
	const char *value; /* "FILE" in the help; NULL for a flag */
	const char *help;  /* one line, lower case, no full stop */
	enum option_type type;
	size_t offset; /* of the field in the command's own options struct */
};

/* What a command's run gets. */
struct invocation {
	const struct command *command;
	const void *options;     /* the command's options struct, zeroed and filled */
	const char *const *args; /* positional arguments, NULL-terminated */
	size_t args_len;
	bool verbose; /* -v before or after the command */
	bool as_sops; /* called as sops (cli/sops.h) */
	const char *version; /* what a tool's --version prints */
	int *status; /* what the program ends with where run succeeds: 0, unless run says otherwise */
};

struct command {
	const char *name;                  /* "decrypt", or two words: "keys add" */
	const char *group;                 /* heading in the overview: "files", "keys", "host" */
	const char *summary;               /* one line */
	const char *synopsis;              /* "[-i | --output FILE] [FILE]" */
	const char *example;               /* one line that runs */
	const struct option_spec *options; /* NULL: none but --help */
	size_t options_size;               /* sizeof the options struct; 0: none */
	size_t min_args, max_args;
	bool single_dash; /* long options are taken with one dash, too, and letters are not bundled */
	bool one_dash; /* long options are taken with one dash, too; letters are bundled where they are none */
	bool late_start; /* run calls command_start() where it needs it */
	/* Returns 0 or -1; the exit status comes from err->kind (cli/exit.h). */
	int (*run)(const struct invocation *invocation, struct error *err);
	/* What must be done all the same where the options cannot be read; NULL: nothing. */
	void (*refused)(int argc, const char *const *argv);
};

/*
 * Locks all memory and starts libgcrypt (util/process.h, crypto/lib.h), which is most of what a small
 * file costs. It comes before run() and the sandbox; a late one must know that it handles no secret
 * but in locked memory of our own, and calls it otherwise.
 */
MUST_USE int command_start(struct error *err);

/* All commands in help order, NULL-terminated (src/cli/commands.c). */
extern const struct command *const commands[];

#endif
