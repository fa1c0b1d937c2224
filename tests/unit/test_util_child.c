/* SPDX-License-Identifier: MIT */
/* Programs as another user, and beside us; what a command asks of one is tested with its callers. */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/child.h"
#include "vectors.h"

#define SAID_MAX 4096
/* Session, and process group. */
#define SAY_WHERE                                                                                  \
	"read -r pid name state parent group session rest </proc/self/stat; echo $session $group"

/* What a shell says. */
static int say(const char *script, const struct child_user *user, char said[SAID_MAX],
	       struct error *err)
{
	const char *const words[] = { "sh", "-c", script, NULL };
	AUTO(secret) output = SECRET_INIT;
	int status;

	if (child_run(&(struct child_command){ .argv = words, .user = user, .timeout_seconds = 60 },
		      SAID_MAX - 1, &output, &status, err) < 0)
		return -1;
	ck_assert_int_eq(status, 0);
	(void)snprintf(said, SAID_MAX, "%.*s", (int)output.len, (const char *)output.data);
	return 0;
}

START_TEST(child_run__keeps_our_session)
{
	struct error err = ERROR_INIT;
	char said[SAID_MAX];
	int session;

	ck_assert_ok(say(SAY_WHERE, NULL, said, &err));
	ck_assert_int_eq(sscanf(said, "%d", &session), 1);
	ck_assert_int_eq(session, getsid(0));
}
END_TEST

/* He would type into it. */
START_TEST(child_run__gives_another_user_no_terminal_of_ours)
{
	const struct child_user user = { "nobody", 65534, 65534 };
	struct error err = ERROR_INIT;
	char said[SAID_MAX];
	int session, group;

	if (geteuid() != 0)
		return;
	ck_assert_ok(say(SAY_WHERE, &user, said, &err));
	ck_assert_int_eq(sscanf(said, "%d %d", &session, &group), 2);
	ck_assert_int_ne(session, getsid(0));
	ck_assert_int_eq(session, group);
	ck_assert_ok(say("id -u", &user, said, &err));
	ck_assert_str_eq(said, "65534\n");
}
END_TEST

START_TEST(child_start__says_what_cannot_be_started)
{
	const char *const words[] = { "/nowhere/at-all", NULL };
	struct error err = ERROR_INIT;
	pid_t pid = -7;

	ck_assert_int_eq(child_start(&(struct child_command){ .argv = words }, &pid, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(pid, -7);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* One that does not let itself be ended, and another that it started: both hold the pipe open. */
START_TEST(child_end__leaves_nothing_of_it)
{
	const char *const words[] = { "sh", "-c",
				      "trap '' TERM; sleep 300 & echo >&\"$FD\"; exec sleep 300",
				      NULL };
	char variable[16];
	const char *const environment[] = { variable, NULL };
	struct error err = ERROR_INIT;
	struct pollfd end;
	int ends[2];
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	(void)snprintf(variable, sizeof(variable), "FD=%d", ends[1]);
	ck_assert_ok(
		child_start(&(struct child_command){ .argv = words, .environment = environment },
			    &pid, &err));
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	child_end(pid, 0);
	ck_assert_int_eq(kill(pid, 0), -1);
	end = (struct pollfd){ ends[0], POLLIN, 0 };
	ck_assert_int_eq(poll(&end, 1, 60 * 1000), 1);
	ck_assert_int_eq(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("util/child");
	TCase *t = tcase_create("programs");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, child_run__keeps_our_session);
	tcase_add_test(t, child_run__gives_another_user_no_terminal_of_ours);
	tcase_add_test(t, child_start__says_what_cannot_be_started);
	tcase_add_test(t, child_end__leaves_nothing_of_it);
	suite_add_tcase(s, t);
	return s;
}
