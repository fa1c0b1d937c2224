/* SPDX-License-Identifier: MIT */
/* keyring/programs: the process that starts plugins, with programs that behave in all sorts of ways. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keyring/programs.h"
#include "sweep.h"
#include "util/file.h"
#include "util/process.h"
#include "vectors.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

static char directory[] = "/tmp/bootseal-programs-XXXXXX";

/* age-plugin-NAME: a shell script. */
static void write_plugin(const char *name, const char *script)
{
	struct error err = ERROR_INIT;
	AUTO(buf) text = BUF_INIT;
	char path[128];

	snprintf(path, sizeof(path), "%s/age-plugin-%s", directory, name);
	ck_assert_ok(buf_printf(&text, &err, "#!/bin/sh\n%s\n", script));
	ck_assert_ok(file_write(AT_FDCWD, path, buf_span(&text), 0700, &err));
	ck_assert_int_eq(chmod(path, 0700), 0);
}

static void setup(void)
{
	struct error err = ERROR_INIT;
	char path[128];

	umask(027);
	ck_assert_ok(process_harden(&err));
	/* anew for each test: where Check does not fork, the last one's name stands in it */
	memcpy(strrchr(directory, '-') + 1, "XXXXXX", sizeof("XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "relative:%s::/usr/bin:/bin", directory);
	setenv("PATH", path, 1);
	setenv("SOPS_AGE_KEY", "AGE-SECRET-KEY-1", 1);
}

static void teardown(void)
{
	struct error err = ERROR_INIT;
	const int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_ok(file_remove_tree(parent, strrchr(directory, '/') + 1, &err));
	close(parent);
	ck_assert_uint_eq(secret_live(), 0);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The number of the process, which it says first, however busy the host is; and nothing behind that. */
static pid_t hear_pid(const struct age_plugins *plugins)
{
	struct error err = ERROR_INIT;
	unsigned first = 60000, behind = 300;
	size_t len = 0, got = 0;
	bool silent = false;
	char text[64] = "";

	while (!strchr(text, '\n')) {
		ck_assert_uint_lt(len + 1, sizeof(text));
		ck_assert_ok(plugins->read(plugins->context, &first, (uint8_t *)text + len,
					   sizeof(text) - 1 - len, &got, &silent, &err));
		ck_assert(!silent && got > 0);
		len += got;
	}
	ck_assert_ok(plugins->read(plugins->context, &behind, (uint8_t *)text, sizeof(text), &got,
				   &silent, &err));
	ck_assert(silent);
	return atoi(text);
}

/* All that it says within the time, as text; false where it was silent and had not ended. */
static bool hear(const struct age_plugins *plugins, unsigned milliseconds, char *ret_text,
		 size_t size)
{
	struct error err = ERROR_INIT;
	size_t len = 0, got = 1;
	bool silent = false;

	while (got > 0 && len + 1 < size) {
		ck_assert_ok(plugins->read(plugins->context, &milliseconds,
					   (uint8_t *)ret_text + len, size - 1 - len, &got, &silent,
					   &err));
		if (silent)
			break;
		len += got;
	}
	ret_text[len] = '\0';
	return !silent;
}

START_TEST(plugin__is_started_as_the_caller_would)
{
	AUTO(keyring_programs) programs = KEYRING_PROGRAMS_INIT;
	const struct age_plugins *plugins;
	struct error err = ERROR_INIT;
	char text[4096];
	bool taken;

	write_plugin("a+b",
		     "echo \"$0 $*\"; pwd; umask; echo \"key:$SOPS_AGE_KEY\"; read x; echo \"$x\"; "
		     "echo noise >&2; ls /proc/self/fd | tr '\\n' ' '; "
		     "grep SigBlk /proc/self/status; exit 5");
	/* what is ours is not handed on, what a shell gave us is */
	ck_assert_int_eq(fcntl(0, F_DUPFD_CLOEXEC, 200), 200);
	ck_assert_int_eq(fcntl(0, F_DUPFD, 201), 201);
	ck_assert_ptr_null(keyring_programs_plugins(&programs));
	ck_assert_ptr_null(keyring_programs_use(&programs));
	ck_assert_ok(keyring_programs_start(&programs, &err));
	ck_assert_ok(keyring_programs_start(&programs, &err));
	plugins = keyring_programs_plugins(&programs);
	ck_assert_ok(plugins->start(plugins->context, "a+b", "identity-v1", &err));
	ck_assert_ok(plugins->write(plugins->context, SPAN_LITERAL("said\n"), &taken, &err));
	ck_assert(taken);
	ck_assert(hear(plugins, 60000, text, sizeof(text)));
	ck_assert_ptr_nonnull(
		strstr(text, "/age-plugin-a+b --age-plugin=identity-v1\n/tmp\n0027\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nkey:\nsaid\n0 1 "));
	ck_assert_ptr_null(strstr(text, " 200 "));
	ck_assert_ptr_nonnull(strstr(text, " 201 "));
	ck_assert_ptr_nonnull(strstr(text, "SigBlk:\t0000000000000000"));
	ck_assert_int_eq(plugins->end(plugins->context), 5);
}
END_TEST

/* Nothing of it is left, and the next one starts. */
START_TEST(plugin__hangs)
{
	static const char *const scripts[] = {
		"echo $$; exec sleep 1000",
		"trap '' TERM INT HUP; echo $$; while :; do sleep 1000; done",
		"echo $$; exec <&-; exec sleep 1000",
		"echo $$; sleep 1000 & exit 0",
		"echo $$; (trap '' TERM HUP; exec sleep 1000) & exec sleep 1000",
	};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		AUTO(keyring_programs) programs = KEYRING_PROGRAMS_INIT;
		const struct age_plugins *plugins;
		struct error err = ERROR_INIT;
		double start;
		pid_t pid;

		write_plugin("hangs", scripts[i]);
		ck_assert_ok(keyring_programs_start(&programs, &err));
		plugins = keyring_programs_plugins(&programs);
		ck_assert_ok(plugins->start(plugins->context, "hangs", "recipient-v1", &err));
		pid = hear_pid(plugins);
		ck_assert_int_gt(pid, 1);
		start = seconds_now();
		(void)plugins->end(plugins->context);
		ck_assert(seconds_now() - start < 60);
		/* its process group is empty; what was killed of it may still be waited for by init */
		for (int tries = 0; kill(-pid, 0) == 0 && tries < 6000; tries++)
			usleep(10000);
		ck_assert(kill(-pid, 0) < 0 && errno == ESRCH);
	}
}
END_TEST

/* Whoever asked is gone: so is the plugin. */
START_TEST(plugin__ends_with_the_command)
{
	AUTO(keyring_programs) programs = KEYRING_PROGRAMS_INIT;
	const struct age_plugins *plugins;
	struct error err = ERROR_INIT;
	pid_t pid;

	write_plugin("stays", "echo $$; exec sleep 1000");
	ck_assert_ok(keyring_programs_start(&programs, &err));
	plugins = keyring_programs_plugins(&programs);
	ck_assert_ok(plugins->start(plugins->context, "stays", "recipient-v1", &err));
	pid = hear_pid(plugins);
	keyring_programs_release(&programs);
	ck_assert(kill(pid, 0) < 0 && errno == ESRCH);
}
END_TEST

START_TEST(plugin__does_not_read)
{
	AUTO(keyring_programs) programs = KEYRING_PROGRAMS_INIT;
	AUTO(buf) much = BUF_INIT;
	const struct age_plugins *plugins;
	struct error err = ERROR_INIT;
	bool taken;

	/* not "exec <&-; exit 3": between the two it may be ended by a signal, for it is waited for a moment alone */
	write_plugin("deaf", "exit 3");
	ck_assert_ok(buf_grow(&much, 1 << 20, &err));
	memset(much.data, 'x', 1 << 20);
	much.len = 1 << 20;
	ck_assert_ok(keyring_programs_start(&programs, &err));
	plugins = keyring_programs_plugins(&programs);
	ck_assert_ok(plugins->start(plugins->context, "deaf", "recipient-v1", &err));
	ck_assert_ok(plugins->write(plugins->context, buf_span(&much), &taken, &err));
	ck_assert(!taken);
	ck_assert_int_eq(plugins->end(plugins->context), 3);
}
END_TEST

/* After one that did not start, the next does. */
static void good_one_starts(const struct age_plugins *plugins)
{
	struct error err = ERROR_INIT;
	char text[128];

	write_plugin("good", "echo hello");
	ck_assert_ok(plugins->start(plugins->context, "good", "recipient-v1", &err));
	ck_assert(hear(plugins, 60000, text, sizeof(text)));
	ck_assert_str_eq(text, "hello\n");
	ck_assert_int_eq(plugins->end(plugins->context), 0);
}

START_TEST(plugin__cannot_be_started)
{
	static const char *const names[] = {
		"missing", "../../bin/true", "a/b", "", "a b", "data"
	};
	AUTO(keyring_programs) programs = KEYRING_PROGRAMS_INIT;
	const struct age_plugins *plugins;
	struct error err = ERROR_INIT;
	char path[128];

	write_plugin("data", "exit 0");
	snprintf(path, sizeof(path), "%s/age-plugin-data", directory);
	ck_assert_int_eq(chmod(path, 0600), 0);
	ck_assert_ok(keyring_programs_start(&programs, &err));
	plugins = keyring_programs_plugins(&programs);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ck_assert_int_eq(plugins->start(plugins->context, names[i], "recipient-v1", &err),
				 -1);
		ck_assert_msg(err.kind == ERROR_UNSUPPORTED || err.kind == ERROR_FORMAT, "%s",
			      err.message);
		err = ERROR_INIT;
	}
	good_one_starts(plugins);
}
END_TEST

START_TEST(plugin__its_interpreter_is_missing)
{
	AUTO(keyring_programs) programs = KEYRING_PROGRAMS_INIT;
	const struct age_plugins *plugins;
	struct error err = ERROR_INIT;
	char path[128];

	write_plugin("broken", "");
	snprintf(path, sizeof(path), "%s/age-plugin-broken", directory);
	ck_assert_ok(file_write(AT_FDCWD, path, SPAN_LITERAL("#!/nonexistent\n"), 0700, &err));
	ck_assert_ok(keyring_programs_start(&programs, &err));
	plugins = keyring_programs_plugins(&programs);
	ck_assert_fails(plugins->start(plugins->context, "broken", "recipient-v1", &err),
			ERROR_UNSUPPORTED);
	good_one_starts(plugins);
}
END_TEST

START_TEST(keyring_programs_are_needed__letters)
{
	static const struct {
		const char *text;
		bool needed;
	} cases[] = {
		{ "", false },
		{ "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", false },
		{ "x: age1test1qqq", true },
		{ "age1zvk,age1zvl", false },
		{ "age1a+b-c.d_e1x", true },
		{ "age1", false },
		{ "pgp:", true },
		{ "PGP MESSAGE", true },
		{ "AGE-PLUGIN-X-1", true },
		{ "AGE-SECRET-KEY-1", false },
		{ "-----BEGIN AGE ENCRYPTED FILE-----", false },
		{ "age-encryption.org/v1\n", false },
		{ "enc: age-encryption.org/v1\n", false },
		{ "pg", false },
		{ "data:pgp8Zw==,", false },
		{ "data:Wpgp,", false },
		{ "+PgP", false },
		{ "pgp/", false },
		{ "sops_pgp__list_0__map_fp=", true },
		{ "{\"pgp\":[]}", true },
		{ "pgp", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(keyring_programs_are_needed(span_of_text(cases[i].text)) ==
				      cases[i].needed,
			      "%s", cases[i].text);
}
END_TEST

START_TEST(keyring_programs_are_needed_by__encrypted_identities)
{
	ck_assert(keyring_programs_are_needed_by(
		SPAN_LITERAL("# mine\n-----BEGIN AGE ENCRYPTED FILE-----\n")));
	ck_assert(keyring_programs_are_needed_by(SPAN_LITERAL("age-encryption.org/v1\n")));
	ck_assert(keyring_programs_are_needed_by(SPAN_LITERAL("AGE-PLUGIN-X-1")));
	ck_assert(!keyring_programs_are_needed_by(SPAN_LITERAL("AGE-SECRET-KEY-1")));
	ck_assert(!keyring_programs_are_needed_by(SPAN_INIT));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("keyring_programs");
	TCase *plugins = tcase_create("plugins"), *needed = tcase_create("needed");

	tcase_add_checked_fixture(plugins, setup, teardown);
	tcase_set_timeout(plugins, 600);
	tcase_add_test(plugins, plugin__is_started_as_the_caller_would);
	tcase_add_test(plugins, plugin__hangs);
	tcase_add_test(plugins, plugin__ends_with_the_command);
	tcase_add_test(plugins, plugin__does_not_read);
	tcase_add_test(plugins, plugin__cannot_be_started);
	/* valgrind ends a process whose execve() fails, and the test with it */
	if (!RUNNING_ON_VALGRIND)
		tcase_add_test(plugins, plugin__its_interpreter_is_missing);
	tcase_add_test(needed, keyring_programs_are_needed__letters);
	tcase_add_test(needed, keyring_programs_are_needed_by__encrypted_identities);
	suite_add_tcase(s, plugins);
	suite_add_tcase(s, needed);
	return s;
}
