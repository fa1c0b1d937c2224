/* SPDX-License-Identifier: MIT */
/*
 * A command on several files, in one transaction (repo/change.h). Three steps: every file is looked at, in
 * a sandboxed child that can change nothing; the user is asked; and every file that is to be changed is made
 * anew, in a child that may write into the journal alone. A file that cannot be done is told of, and the others
 * are: ERROR_PARTIAL. With one file, its error is the command's.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "cli/command.h"
#include "cli/policy.h"
#include "cli/progress.h"
#include "cli/sealed.h"
#include "crypto/hash.h"
#include "repo/change.h"
#include "repo/files.h"

/* The options of every such command; a field of its options struct, called batch. */
struct batch_options {
	bool recursive;
	const char *input_type;
	const char *filename_override; /* for one file */
	const char *output; /* not in place: where the one file's new text goes ("-": stdout) */
};

// clang-format off
#define RECURSIVE_OPTION(type, field)                                                              \
	{ "recursive", 'r', NULL, "all files of a directory (default: this one) that the command is for", OPTION_FLAG, \
	  offsetof(type, field) }
#define BATCH_OPTIONS(type)                                                                        \
	RECURSIVE_OPTION(type, batch.recursive),                                                  \
	INPUT_TYPE_OPTION(type, batch.input_type)
// clang-format on

/* One file, as it was when it was looked at. */
struct batch_item {
	bool todo;
	bool ask; /* the user has to be asked */
	uint8_t digest[HASH_SHA256_LEN];
};

/* How many files came out how. */
struct batch_tally {
	size_t done, failed;
	size_t changing;       /* that are to be changed */
	size_t findings;       /* of a command that checks */
	enum error_kind first; /* of the first that failed */
};

/* The rules files of all files: mostly one, but each directory may have its own. */
struct batch_rules {
	struct policy_source *items;
	size_t len;
	size_t *of; /* by file: which one; SIZE_MAX: none */
};

#define BATCH_RULES_INIT ((struct batch_rules){ NULL, 0, NULL })

MUST_USE int batch_rules_read(struct batch_rules *rules, const struct policy_options *options,
			      const struct repo_files *files, const char *name, struct error *err);
void batch_rules_release(struct batch_rules *rules);

struct batch {
	const struct batch_work *work;
	const struct batch_options *options;
	const void *context; /* the command's own */
	struct repo_files files;
	struct batch_item *items; /* as many */
	struct repo repo;
	struct batch_rules rules;
	struct sealed keys; /* what opens the files, and names; no file is in it */
	struct batch_tally tally;
	struct progress progress;
};

/* The file at hand. */
struct batch_file {
	const struct repo_file *file;
	const struct policy_source *rules; /* NULL: there are none */
	enum doc_format format;
	struct secret text;
};

/* What a command does; its functions run in the children, but for ask. */
struct batch_work {
	const char *name;   /* "updatekeys" */
	const char *verb;   /* "cannot VERB FILE" */
	const char *during; /* "sealing anew": for the progress line */
	/* Is it to be changed? Tells the user. Called for files that are sealed, or with plain those that are not. */
	int (*look)(struct batch *batch, struct batch_file *file, struct batch_item *item,
		    struct error *err);
	/*
	 * Before ask, where it will put a question: would what is to be made be refused? Such a file is told of and
	 * left alone. NULL: nothing is looked at.
	 */
	bool (*asks)(const struct batch *batch);
	int (*check)(struct batch *batch, struct batch_file *file, struct error *err);
	/* May it be done? NULL: yes. false in ret_go: nothing is done, and that is no error. */
	int (*ask)(struct batch *batch, bool *ret_go, struct error *err);
	/* The new text; NULL: there is nothing to be changed, the command only looks. */
	int (*make)(struct batch *batch, struct batch_file *file, struct secret *ret_new,
		    struct error *err);
	const char *told; /* "synced with new keys": of a named file; NULL: nothing */
	bool opens;       /* making takes keys */
	bool rules;       /* there must be rules */
	bool plain;       /* the files that it is for are not sealed (encrypt) */
	bool all;         /* it is for both (verify, filestatus) */
	bool direct;      /* the new texts are no sealed ones: not through the journal (decrypt) */
};

/*
 * Does it, for the files that invocation names. context is the command's own. policy says where the rules
 * are; NULL: the command needs none.
 */
MUST_USE int batch_run(const struct batch_work *work, const struct batch_options *options,
		       const struct policy_options *policy, const void *context,
		       const struct invocation *invocation, struct error *err);

/*
 * The rule for a file; ret_found false: there is none for it. With strict, that is an error for a file that
 * was named: ERROR_NO_RULE, ERROR_CONFIG.
 */
MUST_USE int batch_rule(const struct batch *batch, const struct batch_file *file, bool strict,
			struct sops_policy *ret_policy, bool *ret_found, struct error *err);
/* By its letters: does it hold sealed values and metadata? Most files that a walk finds do not. */
bool batch_looks_sealed(const struct batch_file *file);
/*
 * Does the rule that was found mean this file, although nobody named it? One without a path_regex is for all
 * files; it means those whose name says a format.
 */
bool batch_is_wanted(const struct batch_file *file, const struct sops_policy *policy);
/* Several files can only be changed in place, and some options are for one alone (NULL: none is given). */
MUST_USE int batch_check_several(bool in_place, const char *for_one, struct error *err);
/* Before a line is printed: no progress line is in its way. */
void batch_say(struct batch *batch);
/* The name that decides about rule and format. */
const char *batch_name(const struct batch *batch, const struct repo_file *file);
/* What opens files. */
MUST_USE int batch_opener(struct batch *batch, struct sops_opener *ret_opener, struct error *err);
/* Reads the text's metadata; the text is in ret_file->doc from now on. */
MUST_USE int batch_parse(struct batch_file *file, struct sops_file *ret_file, struct error *err);

#endif
