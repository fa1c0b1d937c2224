/* SPDX-License-Identifier: MIT */
/*
 * Many files changed together. Every new text is first written into the journal, a directory at the
 * repository's top that its owner alone may enter; then the index, which says that the journal is whole;
 * then each file is replaced by a rename. Killed before the index is there, a run has changed nothing;
 * killed later, its work is finished by the next command. At any moment every file is whole, old or new.
 *
 * The repository is locked throughout. The journal holds sealed texts alone: never plaintext.
 */
#ifndef REPO_CHANGE_H
#define REPO_CHANGE_H

#include "repo/journal.h"
#include "repo/repo.h"
#include "util/secret.h"

struct repo_change {
	const struct repo *repo; /* borrowed */
	int fd;                  /* the journal's directory */
	struct repo_journal journal;
};

#define REPO_CHANGE_INIT ((struct repo_change){ NULL, -1, REPO_JOURNAL_INIT })

/* What became of the files of a change. */
struct repo_outcome {
	char command[REPO_COMMAND_MAX]; /* whose it was */
	size_t done, left;   /* how many have the new text, how many stayed as they are */
	struct buf problems; /* a printable line for each that stayed: "PATH: why" */
};

#define REPO_OUTCOME_INIT ((struct repo_outcome){ .problems = BUF_INIT })

/* Makes the journal's directory; what was left of a killed run has been dealt with. */
MUST_USE int repo_change_begin(const struct repo *repo, const char *command,
			       struct repo_change *ret_change, struct error *err);
/* Writes the new text of path (from the top on); before is the digest of the content that it replaces. */
MUST_USE int repo_change_add(struct repo_change *change, const char *path,
			     const uint8_t before[HASH_SHA256_LEN], struct span after,
			     struct error *err);
/*
 * What repo_change_add() collected in another process that shares the journal's directory: it formats its
 * entries, and they are taken over here, in the place of none.
 */
MUST_USE int repo_change_format(const struct repo_change *change, struct buf *ret_text,
				struct error *err);
MUST_USE int repo_change_take(struct repo_change *change, struct span text, struct error *err);
/*
 * Writes the index and replaces the files. One that was changed since it was read, by whomever, is left as it
 * is and told of in ret_outcome. -1: nothing was changed, or what is missing is made up for by the next command.
 */
MUST_USE int repo_change_commit(struct repo_change *change, struct repo_outcome *ret_outcome,
				struct error *err);
/* Removes the journal; without a commit, nothing has changed. */
void repo_change_release(struct repo_change *change);

/* Is there a journal? To be asked before the lock is waited for. */
bool repo_has_journal(const struct repo *repo);
/*
 * Deals with what a killed run has left, under the lock: a whole journal is rolled forward, any other
 * removed. ret_found: there was one that was whole. ERROR_DENIED for a journal that is not ours.
 */
MUST_USE int repo_recover(const struct repo *repo, bool *ret_found,
			  struct repo_outcome *ret_outcome, struct error *err);
void repo_outcome_release(struct repo_outcome *outcome);

#endif
