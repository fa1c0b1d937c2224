/* SPDX-License-Identifier: MIT */
/*
 * Other processes: a job in a sandboxed child of our own, and programs.
 *
 * A command that mounts or starts programs parses foreign bytes in a child
 * (child_job) and does those things itself: a Landlock domain, no_new_privs,
 * umask and limits would reach every program that a sandboxed process starts.
 */
#ifndef UTIL_CHILD_H
#define UTIL_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"
#include "util/sandbox.h"
#include "util/secret.h"

/* A job's answer is at most this long. */
#define CHILD_ANSWER_MAX SECRET_MAX

/*
 * Runs job(argument) in a forked child that has no file access (Landlock
 * profile FILTER) nor any of root's privileges (util/privileges.h), and hands
 * back what it put into ret_answer, or its error. The child inherits the memory
 * of now; what it changes there is lost. A child that dies is ERROR_SYSTEM; it
 * is killed when its parent dies.
 */
MUST_USE int child_job(int (*job)(void *argument, struct secret *ret_answer, struct error *err),
		       void *argument, struct secret *ret_answer, struct error *err);

/*
 * The same, but what lies beneath the count directories writable_fds may be
 * read and changed (profile EDIT), and root stays root for that alone.
 */
MUST_USE int child_job_edit(int (*job)(void *argument, struct secret *ret_answer,
				       struct error *err),
			    void *argument, const int *writable_fds, size_t count,
			    struct secret *ret_answer, struct error *err);

/* The same for files, of which some may be read alone. Root stays root for them. */
MUST_USE int child_job_with(int (*job)(void *argument, struct secret *ret_answer,
				       struct error *err),
			    void *argument, const struct sandbox_files *files,
			    struct secret *ret_answer, struct error *err);

/* At most so many at once; what there is to do is cut accordingly. */
#define CHILDREN_MAX 16

struct child {
	pid_t pid;
	int fd; /* its answer comes from there */
};

/* Children at work at once, the oldest first. */
struct children {
	struct child items[CHILDREN_MAX];
	size_t len;
};

#define CHILDREN_INIT ((struct children){ .len = 0 })

/* How many have a processor of their own here: 1 to CHILDREN_MAX. */
size_t children_at_once(void);
/*
 * child_job() in two halves: starts one, of fewer than CHILDREN_MAX; none can read what another one
 * answers. What argument points to may change as soon as this returns.
 */
MUST_USE int children_start(struct children *children,
			    int (*job)(void *argument, struct secret *ret_answer,
				       struct error *err),
			    void *argument, struct error *err);
/* Waits for the answer of the oldest, of which there must be one; it is no longer among them. */
MUST_USE int children_next(struct children *children, struct secret *ret_answer, struct error *err);
/* Ends those that are left. */
void children_release(struct children *children);

/*
 * An error that a child told in its answer: it parsed foreign bytes, and so what it says is taken as
 * text from outside.
 */
void child_clean_error(struct error *told);

/*
 * Another user, who a program runs as; root alone can say so. It runs in a session of its own, without the caller's
 * terminal, and is told to end (SIGTERM) when the caller does.
 */
struct child_user {
	const char *name; /* whose groups it gets */
	uid_t uid;
	gid_t gid;
};

struct child_command {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	const char *const *
		environment; /* NULL-terminated: NAME=VALUE to add or replace, NAME to remove; may be NULL */
	struct span input;             /* given on stdin; empty: /dev/null */
	unsigned timeout_seconds;      /* 0: none; then the child is killed, ERROR_SYSTEM */
	bool terminal;                 /* keeps our stdin, stdout and stderr (an editor) */
	bool quiet;                    /* stderr to /dev/null */
	int errors_fd;                 /* stderr goes there; 0: it does not */
	bool clean;                    /* environment alone, nothing of the caller's */
	const struct child_user *user; /* NULL: the caller's */
};

/*
 * Runs a program as the caller would have (process_restore_for_child()), with
 * only descriptors 0 to 2, and waits for it. ret_output (may be NULL with
 * terminal) gets its stdout, at most max bytes. ret_status is its exit status,
 * 128+N for signal N. ERROR_SYSTEM where it cannot be started.
 */
MUST_USE int child_run(const struct child_command *command, size_t max, struct secret *ret_output,
		       int *ret_status, struct error *err);

/*
 * Starts a program that goes on beside us, with /dev/null as stdin, stdout and stderr, in a session of its own; it is
 * told to end (SIGTERM) when we do. ERROR_SYSTEM where it cannot be started. child_end() asks it to end, waits some
 * seconds, and kills it then, and what is left of its process group.
 */
MUST_USE int child_start(const struct child_command *command, pid_t *ret_pid, struct error *err);
void child_end(pid_t pid, unsigned seconds);

/* Waits for a child of ours. ret_status is its exit status, 128+N for signal N. */
MUST_USE int child_wait(pid_t pid, int *ret_status, struct error *err);

/*
 * Splits line into words as a POSIX shell does, without expansion: blanks,
 * 'single', "double" with backslash, backslash. ret_words is NULL-terminated; one
 * free() of the array frees all. ERROR_USAGE for an open quote or no word.
 */
MUST_USE int child_split(const char *line, char ***ret_words, size_t *ret_len, struct error *err);

#endif
