/* SPDX-License-Identifier: MIT */
/*
 * From a whole journal to changed files: at the end of a command, and for one that was killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doc/doc.h"
#include "internal.h"
#include "util/file.h"
#include "util/text.h"

/* The directory of path, without following a symlink on the way. */
static int open_parent(int top_fd, const char *path, int *ret_fd, const char **ret_name,
		       struct error *err)
{
	AUTO_FD int here = fcntl(top_fd, F_DUPFD_CLOEXEC, 0);
	const char *slash;

	while (here >= 0 && (slash = strchr(path, '/'))) {
		AUTO_FREE char *part = strndup(path, (size_t)(slash - path));
		AUTO_FD int parent = here;

		if (!part)
			return error_memory(err);
		here = openat(parent, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		path = slash + 1;
	}
	if (here < 0)
		return error_sys(err, "its directory cannot be opened");
	*ret_fd = here;
	*ret_name = path;
	here = -1;
	return 0;
}

static int digest_of(int dir_fd, const char *name, uint8_t ret_digest[HASH_SHA256_LEN],
		     struct error *err)
{
	AUTO_FD int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	AUTO(secret) text = SECRET_INIT;

	if (fd < 0)
		return file_fail_open(name, err);
	if (file_read_fd(fd, name, DOC_TEXT_MAX, &text, err) < 0)
		return -1;
	hash_sha256(secret_span(&text), ret_digest);
	return 0;
}

static bool equal(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, HASH_SHA256_LEN) == 0;
}

static int replace(const struct repo *repo, int journal_fd, const struct repo_entry *entry,
		   size_t index, struct error *err)
{
	const struct repo_text_name text = repo_text_name(index);
	uint8_t there[HASH_SHA256_LEN], new[HASH_SHA256_LEN];
	AUTO_FD int fd = -1;
	const char *name;

	if (open_parent(repo->fd, entry->path, &fd, &name, err) < 0 ||
	    digest_of(fd, name, there, err) < 0)
		return -1;
	if (equal(there, entry->after))
		return 0;
	if (!equal(there, entry->before))
		return error_set(err, ERROR_DENIED, "it was changed meanwhile, and stays as it is");
	if (digest_of(journal_fd, text.text, new, err) < 0)
		return -1;
	if (!equal(new, entry->after))
		return error_set(err, ERROR_FORMAT, "its new text in the journal is damaged");
	return file_move_over(journal_fd, text.text, fd, name, err);
}

static int tell(struct repo_outcome *outcome, struct repo_entry *entry, const struct error *why,
		struct error *err)
{
	entry->left = true;
	outcome->left++;
	return buf_printf(&outcome->problems, err, "%s: %s\n",
			  text_printable_text(entry->path).text, why->message);
}

static int replace_all(const struct repo *repo, int journal_fd, struct repo_journal *journal,
		       struct repo_outcome *outcome, struct error *err)
{
	for (size_t i = 0; i < journal->len; i++) {
		struct error why = ERROR_INIT;

		if (replace(repo, journal_fd, &journal->items[i], i, &why) == 0)
			outcome->done++;
		else if (tell(outcome, &journal->items[i], &why, err) < 0)
			return -1;
	}
	return 0;
}

int repo_roll_forward(const struct repo *repo, int journal_fd, struct repo_journal *journal,
		      struct repo_outcome *ret_outcome, struct error *err)
{
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	int result;

	memcpy(outcome.command, journal->command, sizeof(outcome.command));
	secret_keep_spares();
	result = replace_all(repo, journal_fd, journal, &outcome, err);
	secret_free_spares();
	if (result < 0)
		return -1;
	/* all renames are on the disk before the index goes */
	if (syncfs(journal_fd) < 0 || unlinkat(journal_fd, REPO_INDEX, 0) < 0)
		return error_sys(err, "cannot finish the journal");
	fsync(journal_fd);
	*ret_outcome = outcome;
	outcome = REPO_OUTCOME_INIT;
	return 0;
}

bool repo_has_journal(const struct repo *repo)
{
	return faccessat(repo->fd, REPO_JOURNAL, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What others could have put there is not acted upon. */
static int check_own(const struct repo *repo, const struct stat *status, struct error *err)
{
	if (status->st_uid == geteuid() && (status->st_mode & 077) == 0)
		return 0;
	(void)error_set(err, ERROR_DENIED,
			"\"%s/%s\" is the journal of an interrupted command, and %s",
			text_printable_text(repo->path).text, REPO_JOURNAL,
			status->st_uid == geteuid() ? "others may enter it" : "another user's");
	return error_hint(err, status->st_uid == geteuid()
				       ? "remove it if you do not know where it comes from"
				       : "that user's next bootseal command there finishes it");
}

/* Reads the index; ret_whole false: there is none, or not all of it. */
static int read_index(int journal_fd, struct repo_journal *ret_journal, bool *ret_whole,
		      struct error *err)
{
	AUTO_FD int fd =
		openat(journal_fd, REPO_INDEX, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	AUTO(secret) text = SECRET_INIT;
	struct error parsing = ERROR_INIT;

	*ret_whole = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return file_fail_open(REPO_INDEX, err);
	if (file_read_fd(fd, REPO_INDEX, REPO_INDEX_MAX, &text, err) < 0)
		return -1;
	*ret_whole = repo_journal_parse(secret_span(&text), ret_journal, &parsing) == 0;
	if (*ret_whole || parsing.kind == ERROR_FORMAT)
		return 0;
	*err = parsing;
	return -1;
}

int repo_recover(const struct repo *repo, bool *ret_found, struct repo_outcome *ret_outcome,
		 struct error *err)
{
	AUTO(repo_journal) journal = REPO_JOURNAL_INIT;
	AUTO_FD int fd =
		openat(repo->fd, REPO_JOURNAL, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	*ret_found = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_sys(err, "cannot open \"%s/%s\"", text_printable_text(repo->path).text,
				 REPO_JOURNAL);
	if (check_own(repo, &status, err) < 0 || read_index(fd, &journal, ret_found, err) < 0)
		return -1;
	if (*ret_found && journal.inode != status.st_ino) {
		(void)error_set(err, ERROR_DENIED, "the journal \"%s/%s\" was not made here",
				text_printable_text(repo->path).text, REPO_JOURNAL);
		return error_hint(err, "remove it: it came with a copy or a checkout");
	}
	if (*ret_found && repo_roll_forward(repo, fd, &journal, ret_outcome, err) < 0)
		return -1;
	return file_remove_tree(repo->fd, REPO_JOURNAL, err);
}
