/* SPDX-License-Identifier: MIT */
#include "repo/change.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "util/file.h"
#include "util/text.h"

void repo_outcome_release(struct repo_outcome *outcome)
{
	buf_release(&outcome->problems);
	*outcome = REPO_OUTCOME_INIT;
}

struct repo_text_name repo_text_name(size_t index)
{
	struct repo_text_name name;

	snprintf(name.text, sizeof(name.text), "%zu", index);
	return name;
}

int repo_change_begin(const struct repo *repo, const char *command, struct repo_change *ret_change,
		      struct error *err)
{
	AUTO(repo_change) change = REPO_CHANGE_INIT;
	struct stat status;

	if (mkdirat(repo->fd, REPO_JOURNAL, 0700) < 0)
		return error_sys(err, "cannot make \"%s/%s\"", text_printable_text(repo->path).text,
				 REPO_JOURNAL);
	change.repo = repo;
	change.fd = openat(repo->fd, REPO_JOURNAL, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (change.fd < 0 || fstat(change.fd, &status) < 0)
		return error_sys(err, "cannot open \"%s\"", REPO_JOURNAL);
	snprintf(change.journal.command, sizeof(change.journal.command), "%s", command);
	change.journal.inode = status.st_ino;
	*ret_change = change;
	change = REPO_CHANGE_INIT;
	return 0;
}

static int write_new(int dir_fd, const char *name, struct span text, bool sync, struct error *err)
{
	AUTO_FD int fd =
		openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_sys(err, "cannot write the journal");
	if (file_write_all(fd, text, REPO_JOURNAL, err) < 0)
		return -1;
	return sync && fsync(fd) < 0 ? error_sys(err, "cannot write the journal") : 0;
}

int repo_change_add(struct repo_change *change, const char *path,
		    const uint8_t before[HASH_SHA256_LEN], struct span after, struct error *err)
{
	const size_t index = change->journal.len;
	uint8_t new[HASH_SHA256_LEN];

	hash_sha256(after, new);
	if (repo_journal_add(&change->journal, span_of_text(path), before, new, err) < 0)
		return -1;
	return write_new(change->fd, repo_text_name(index).text, after, false, err);
}

int repo_change_format(const struct repo_change *change, struct buf *ret_text, struct error *err)
{
	return repo_journal_format(&change->journal, ret_text, err);
}

int repo_change_take(struct repo_change *change, struct span text, struct error *err)
{
	AUTO(repo_journal) journal = REPO_JOURNAL_INIT;

	if (repo_journal_parse(text, &journal, err) < 0)
		return -1;
	if (journal.inode != change->journal.inode ||
	    strcmp(journal.command, change->journal.command) != 0)
		return error_set(err, ERROR_FORMAT, "the journal is another one");
	repo_journal_release(&change->journal);
	change->journal = journal;
	journal = REPO_JOURNAL_INIT;
	return 0;
}

/* The texts are on the disk before the index is, and the index before a file is touched. */
static int write_index(struct repo_change *change, struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	if (repo_journal_format(&change->journal, &text, err) < 0)
		return -1;
	if (syncfs(change->fd) < 0)
		return error_sys(err, "cannot write the journal");
	if (write_new(change->fd, REPO_INDEX, buf_span(&text), true, err) < 0)
		return -1;
	/* a directory that cannot be synced (NFS) is on the disk already */
	fsync(change->fd);
	return 0;
}

int repo_change_commit(struct repo_change *change, struct repo_outcome *ret_outcome,
		       struct error *err)
{
	if (change->journal.len > 0 &&
	    (write_index(change, err) < 0 ||
	     repo_roll_forward(change->repo, change->fd, &change->journal, ret_outcome, err) < 0))
		return -1;
	return 0;
}

void repo_change_release(struct repo_change *change)
{
	struct error ignored = ERROR_INIT;

	/* an index is left where it is: the next command goes on with it */
	if (change->fd >= 0 && faccessat(change->fd, REPO_INDEX, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT)
		(void)!file_remove_tree(change->repo->fd, REPO_JOURNAL, &ignored);
	file_close_pointer(&change->fd);
	repo_journal_release(&change->journal);
	*change = REPO_CHANGE_INIT;
}
