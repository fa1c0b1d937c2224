/* SPDX-License-Identifier: MIT */
/*
 * The journal's index: which files a command changes, from which content to which. It is written when
 * every new text lies beside it; one that is cut or damaged is no index, and nothing was changed yet.
 */
#ifndef REPO_JOURNAL_H
#define REPO_JOURNAL_H

#include <stdint.h>

#include "crypto/hash.h"
#include "util/buf.h"
#include "util/error.h"

#define REPO_JOURNAL ".bootseal-journal" /* the directory, at the top */
#define REPO_INDEX "index"               /* in it, beside the new texts "0", "1", … */
#define REPO_INDEX_MAX ((size_t)256 << 20)
#define REPO_FILES_MAX 100000
#define REPO_COMMAND_MAX 32

struct repo_entry {
	char *path;                                              /* from the top on; owned */
	uint8_t before[HASH_SHA256_LEN], after[HASH_SHA256_LEN]; /* of the contents */
	bool left; /* it could not be replaced; not in the index */
};

struct repo_journal {
	char command[REPO_COMMAND_MAX]; /* whose it is: "updatekeys" */
	uint64_t
		inode; /* of the directory: a journal that came with a checkout or a copy is not ours */
	struct repo_entry *items;
	size_t len, cap;
};

#define REPO_JOURNAL_INIT ((struct repo_journal){ .items = NULL })

/*
 * A path that may be changed: relative, without "." and "..", and nothing of git's or of the journal's own.
 * What a foreign journal could name must not be more than what a command of ours would.
 */
bool repo_path_is_good(struct span path);
/* ERROR_DENIED for a path that is not good, ERROR_LIMIT. */
MUST_USE int repo_journal_add(struct repo_journal *journal, struct span path,
			      const uint8_t before[HASH_SHA256_LEN],
			      const uint8_t after[HASH_SHA256_LEN], struct error *err);
MUST_USE int repo_journal_format(const struct repo_journal *journal, struct buf *ret_text,
				 struct error *err);
/* ERROR_FORMAT for all that repo_journal_format() has not made whole. */
MUST_USE int repo_journal_parse(struct span text, struct repo_journal *ret_journal,
				struct error *err);
void repo_journal_release(struct repo_journal *journal);

#endif
