/* SPDX-License-Identifier: MIT */
#include "cli/repository.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/input.h"
#include "util/child.h"
#include "util/text.h"

void repository_tell_left(const struct repo_outcome *outcome)
{
	struct span rest = buf_span(&outcome->problems), line;

	while (span_take_line(&rest, &line))
		fprintf(stderr, "bootseal: %.*s\n", SPAN_PRINT(line));
}

/* In a child: what lies in a journal is foreign, although it should be ours. */
static int recover_job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct repo *repo = argument;
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	bool whole;

	(void)ret_answer;
	if (repo_recover(repo, &whole, &outcome, err) < 0)
		return -1;
	if (whole)
		fprintf(stderr,
			"bootseal: \"%s\": an interrupted %s was finished: %zu file%s changed\n",
			text_printable_text(repo->path).text, outcome.command, outcome.done,
			outcome.done == 1 ? "" : "s");
	else /* it was killed before it wrote the index, or after it had removed that */
		fprintf(stderr,
			"bootseal: \"%s\": an interrupted command had changed all of its files, or "
			"none; what it left was removed\n",
			text_printable_text(repo->path).text);
	repository_tell_left(&outcome);
	fflush(stderr);
	return 0;
}

static int recover(struct repo *repo, struct error *err)
{
	AUTO(secret) answer = SECRET_INIT;

	if (!repo_has_journal(repo))
		return 0;
	return child_job_edit(recover_job, repo, &repo->fd, 1, &answer, err);
}

/* A wait so short is not worth a word, which who reads stderr as sops' would stumble over. */
#define QUIET_TRIES 100
#define QUIET_PAUSE_NS 10000000L

static int lock_repository(struct repo *repo, struct error *err)
{
	const struct timespec pause = { .tv_nsec = QUIET_PAUSE_NS };
	bool locked = false;

	for (unsigned i = 0; i < QUIET_TRIES; i++) {
		if (repo_try_lock(repo, &locked, err) < 0)
			return -1;
		if (locked)
			return 0;
		nanosleep(&pause, NULL);
	}
	fprintf(stderr, "bootseal: \"%s\": waiting for another bootseal command\n",
		text_printable_text(repo->path).text);
	return repo_lock(repo, err);
}

int repository_take(const char *const *paths, size_t len, struct repo *ret_repo, struct error *err)
{
	AUTO(repo) repo = REPO_INIT;

	if (repo_find(paths, len, &repo, err) < 0 || lock_repository(&repo, err) < 0 ||
	    recover(&repo, err) < 0)
		return -1;
	*ret_repo = repo;
	repo = REPO_INIT;
	return 0;
}

void repository_look(const char *name)
{
	AUTO(repo) repo = REPO_INIT;
	AUTO_FREE char *path = input_is_dash(name) ? NULL : realpath(name, NULL);
	struct error ignored = ERROR_INIT;
	bool locked;

	if (path && repo_find((const char *const *)&path, 1, &repo, &ignored) == 0 &&
	    repo_has_journal(&repo) && repo_try_lock(&repo, &locked, &ignored) == 0 && locked)
		(void)!recover(&repo, &ignored);
}
