/* SPDX-License-Identifier: MIT */
/* Several jobs at once; one alone is tested with util/file. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/child.h"
#include "vectors.h"

/* Its number; the first ones take longest. */
static int count(void *argument, struct secret *ret_answer, struct error *err)
{
	const int *number = argument;
	const struct timespec pause = { .tv_nsec = 1000000L * (20 - *number) };

	nanosleep(&pause, NULL);
	if (*number == 3)
		return error_set(err, ERROR_AUTH, "the third");
	return secret_append(ret_answer, number, sizeof(*number), err);
}

START_TEST(children__answer_in_the_order_they_were_started_in)
{
	AUTO(children) children = CHILDREN_INIT;
	struct error err = ERROR_INIT;

	for (int i = 0; i < CHILDREN_MAX; i++) {
		int number = i;

		ck_assert_ok(children_start(&children, count, &number, &err));
		number = -1;
	}
	for (int i = 0; i < CHILDREN_MAX; i++) {
		AUTO(secret) answer = SECRET_INIT;

		if (i == 3) {
			ck_assert_fails(children_next(&children, &answer, &err), ERROR_AUTH);
			continue;
		}
		ck_assert_ok(children_next(&children, &answer, &err));
		ck_assert_uint_eq(answer.len, sizeof(i));
		ck_assert_mem_eq(answer.data, &i, sizeof(i));
	}
	ck_assert_uint_eq(children.len, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* Which descriptors beyond the standard ones are pipes that can be read from. */
static int list_pipes(void *argument UNUSED, struct secret *ret_answer, struct error *err)
{
	for (int fd = 3; fd < 256; fd++) {
		const int flags = fcntl(fd, F_GETFL);

		if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY && lseek(fd, 0, SEEK_CUR) < 0 &&
		    errno == ESPIPE && secret_append(ret_answer, "x", 1, err) < 0)
			return -1;
	}
	return 0;
}

START_TEST(children__do_not_read_each_others_answers)
{
	AUTO(children) children = CHILDREN_INIT;
	AUTO(secret) alone = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(child_job(list_pipes, NULL, &alone, &err));
	for (int i = 0; i < 4; i++)
		ck_assert_ok(children_start(&children, list_pipes, NULL, &err));
	for (int i = 0; i < 4; i++) {
		AUTO(secret) answer = SECRET_INIT;

		ck_assert_ok(children_next(&children, &answer, &err));
		ck_assert_uint_eq(answer.len, alone.len);
	}
}
END_TEST

static int wait_forever(void *argument UNUSED, struct secret *ret_answer UNUSED,
			struct error *err UNUSED)
{
	for (;;)
		pause();
	return -1;
}

static int use_spares(void *argument UNUSED, struct secret *ret_answer, struct error *err)
{
	return secret_append(ret_answer, "spare", 5, err);
}

START_TEST(children__that_are_left_are_ended)
{
	struct children children = CHILDREN_INIT;
	struct error err = ERROR_INIT;

	for (int i = 0; i < 3; i++)
		ck_assert_ok(children_start(&children, wait_forever, NULL, &err));
	children_release(&children);
	ck_assert_uint_eq(children.len, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* Says that it is at work, and holds what it was given open until it ends. */
static int work_on(void *argument, struct secret *ret_answer, struct error *err)
{
	const int *fd = argument;

	return write(*fd, "w", 1) == 1 ? wait_forever(NULL, ret_answer, err) : -1;
}

START_TEST(child_job__ends_with_its_parent)
{
	struct pollfd polled = { .events = POLLIN };
	int ends[2], status;
	pid_t parent;
	char byte;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	parent = fork();
	ck_assert_int_ge(parent, 0);
	if (parent == 0) {
		AUTO(secret) answer = SECRET_INIT;
		struct error err = ERROR_INIT;

		close(ends[0]);
		_exit(child_job(work_on, &ends[1], &answer, &err) == 0);
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(kill(parent, SIGKILL), 0);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	polled.fd = ends[0];
	ck_assert_msg(poll(&polled, 1, 60000) == 1, "it works on");
	ck_assert_int_eq(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}
END_TEST

START_TEST(children__use_memory_of_their_own)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	secret_keep_spares();
	ck_assert_ok(secret_append_text(&answer, "kept", &err));
	secret_release(&answer);
	ck_assert_ok(child_job(use_spares, NULL, &answer, &err));
	ck_assert(span_equal_text(secret_span(&answer), "spare"));
	secret_release(&answer);
	secret_free_spares();
}
END_TEST

START_TEST(children_at_once__is_within_bounds)
{
	ck_assert_uint_ge(children_at_once(), 1);
	ck_assert_uint_le(children_at_once(), CHILDREN_MAX);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("util_child_job");
	TCase *t = tcase_create("children");

	tcase_add_test(t, children__answer_in_the_order_they_were_started_in);
	tcase_add_test(t, children__do_not_read_each_others_answers);
	tcase_add_test(t, children__that_are_left_are_ended);
	tcase_add_test(t, child_job__ends_with_its_parent);
	tcase_add_test(t, children__use_memory_of_their_own);
	tcase_add_test(t, children_at_once__is_within_bounds);
	suite_add_tcase(s, t);
	return s;
}
