/* SPDX-License-Identifier: MIT */
/* The half of util/child.h that runs jobs of our own. */
#include "util/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/privileges.h"
#include "util/process.h"

#define READ_CHUNK ((size_t)64 << 10)

/* Most answers are shorter than the room that a new buffer has. */
static int read_all(int fd, size_t max, struct secret *out, struct error *err)
{
	size_t room = sizeof(struct error) + 1;

	for (;; room = READ_CHUNK) {
		ssize_t got;

		if (out->len == out->cap && secret_grow(out, room, err) < 0)
			return -1;
		got = read(fd, out->data + out->len, out->cap - out->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, "cannot read from a child process");
		if (got == 0)
			return 0;
		out->len += (size_t)got;
		if (out->len > max)
			return error_set(err, ERROR_LIMIT,
					 "a child process wrote more than %zu bytes", max);
	}
}

/*
 * Who wants the answer may be killed: nobody is to work on for nobody, with whatever foreign bytes make him do. To
 * become another user takes that back, and so comes before.
 */
static int end_with_parent(pid_t parent, struct error *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return error_sys(err, "cannot be bound to the parent process");
	/* it may have ended before */
	return getppid() == parent ? 0 : error_set(err, ERROR_SYSTEM, "the parent process ended");
}

static NORETURN void job_in_child(int (*job)(void *, struct secret *, struct error *),
				  void *argument, const struct sandbox_files *files, pid_t parent,
				  int fd)
{
	struct error err = ERROR_INIT, unread = ERROR_INIT;
	AUTO(secret) answer = SECRET_INIT;
	bool active;

	int result = privileges_drop(files->writable_len + files->readable_len > 0, &err);

	if (result == 0)
		result = end_with_parent(parent, &err);
	/* the parent's are not locked here */
	secret_forget_spares();
	/* with what is allowed to whom it is now */
	process_lock_memory();
	if (result == 0 && sandbox_enter_with(files, &active, &err) == 0 &&
	    job(argument, &answer, &err) == 0)
		err.kind = ERROR_NONE;
	/* a parent that cannot be told notices the short answer */
	if (file_write_all(fd, span_of(&err, sizeof(err)), "pipe", &unread) == 0 &&
	    err.kind == ERROR_NONE)
		(void)!file_write_all(fd, secret_span(&answer), "pipe", &unread);
	secret_release(&answer);
	_exit(unread.kind == ERROR_NONE ? 0 : 1);
}

static void make_printable(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void child_clean_error(struct error *told)
{
	make_printable(told->message, sizeof(told->message));
	make_printable(told->hint, sizeof(told->hint));
	if ((unsigned)told->kind > ERROR_BUG)
		told->kind = ERROR_BUG;
}

size_t children_at_once(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return count < 1 ? 1 : count > CHILDREN_MAX ? CHILDREN_MAX : (size_t)count;
}

static int start(struct children *children,
		 int (*job)(void *argument, struct secret *ret_answer, struct error *err),
		 void *argument, const struct sandbox_files *files, struct error *err)
{
	const pid_t own = getpid();
	int ends[2];
	pid_t pid;

	assert(children->len < CHILDREN_MAX);
	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, "cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		for (size_t i = 0; i < children->len; i++)
			close(children->items[i].fd);
		job_in_child(job, argument, files, own, ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return error_sys(err, "cannot start a child process");
	}
	children->items[children->len++] = (struct child){ pid, ends[0] };
	return 0;
}

int children_start(struct children *children,
		   int (*job)(void *argument, struct secret *ret_answer, struct error *err),
		   void *argument, struct error *err)
{
	return start(children, job, argument, &SANDBOX_FILES_NONE, err);
}

/* The error that the answer begins with; what is left of the answer is the job's. */
static int take_error(struct secret *answer, struct error *err)
{
	struct error told;

	memcpy(&told, answer->data, sizeof(told));
	if (told.kind != ERROR_NONE) {
		child_clean_error(&told);
		*err = told;
		return -1;
	}
	answer->len -= sizeof(told);
	memmove(answer->data, answer->data + sizeof(told), answer->len);
	return 0;
}

int children_next(struct children *children, struct secret *ret_answer, struct error *err)
{
	AUTO(secret) answer = SECRET_INIT;
	struct child child;
	int status, result;

	assert(children->len > 0);
	child = children->items[0];
	children->len--;
	memmove(&children->items[0], &children->items[1], children->len * sizeof(child));
	result = read_all(child.fd, CHILD_ANSWER_MAX + sizeof(struct error), &answer, err);
	close(child.fd);
	if (child_wait(child.pid, &status, err) < 0 || result < 0)
		return -1;
	if (answer.len < sizeof(struct error) || status != 0)
		return error_set(err, ERROR_SYSTEM, "a child process died (status %d)", status);
	if (take_error(&answer, err) < 0)
		return -1;
	*ret_answer = secret_move(&answer);
	return 0;
}

void children_release(struct children *children)
{
	for (size_t i = 0; i < children->len; i++) {
		struct error ignored = ERROR_INIT;
		int status;

		kill(children->items[i].pid, SIGKILL);
		close(children->items[i].fd);
		(void)!child_wait(children->items[i].pid, &status, &ignored);
	}
	*children = CHILDREN_INIT;
}

int child_job(int (*job)(void *argument, struct secret *ret_answer, struct error *err),
	      void *argument, struct secret *ret_answer, struct error *err)
{
	return child_job_with(job, argument, &SANDBOX_FILES_NONE, ret_answer, err);
}

int child_job_edit(int (*job)(void *argument, struct secret *ret_answer, struct error *err),
		   void *argument, const int *writable_fds, size_t count, struct secret *ret_answer,
		   struct error *err)
{
	const struct sandbox_files files = { writable_fds, count, NULL, 0 };

	return child_job_with(job, argument, &files, ret_answer, err);
}

int child_job_with(int (*job)(void *argument, struct secret *ret_answer, struct error *err),
		   void *argument, const struct sandbox_files *files, struct secret *ret_answer,
		   struct error *err)
{
	AUTO(children) children = CHILDREN_INIT;

	if (start(&children, job, argument, files, err) < 0)
		return -1;
	return children_next(&children, ret_answer, err);
}
