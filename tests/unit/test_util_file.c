/* SPDX-License-Identifier: MIT */
/* util: file, lock, child, sandbox. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sweep.h"
#include "util/child.h"
#include "util/file.h"
#include "util/lock.h"
#include "util/sandbox.h"

static char directory[] = "/tmp/bootseal-unit-XXXXXX";
static int dir_fd;

static void setup(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir_fd, 0);
}

static void teardown(void)
{
	struct error err = ERROR_INIT;
	char *slash = strrchr(directory, '/');
	const int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	close(dir_fd);
	ck_assert_int_eq(file_remove_tree(parent, slash + 1, &err), 0);
	close(parent);
	ck_assert_uint_eq(secret_live(), 0);
}

static void put(const char *name, const char *text, mode_t mode)
{
	struct error err = ERROR_INIT;

	ck_assert_msg(file_write(dir_fd, name, span_of_text(text), mode, &err) == 0, "%s",
		      err.message);
}

static void expect(const char *name, const char *text)
{
	AUTO(secret) data = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(file_read(dir_fd, name, 1000, &data, &err) == 0, "%s", err.message);
	ck_assert(span_equal_text(secret_span(&data), text));
}

static int count_entries(void)
{
	char command[100];
	FILE *out;
	int count;

	snprintf(command, sizeof(command), "ls -A %s | wc -l", directory);
	out = popen(command, "r");
	ck_assert_int_eq(fscanf(out, "%d", &count), 1);
	pclose(out);
	return count;
}

START_TEST(file_write__replaces_and_keeps_the_mode)
{
	struct stat status;

	put("a", "one", 0640);
	ck_assert_int_eq(fstatat(dir_fd, "a", &status, 0), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0640);
	put("a", "two", 0600);
	expect("a", "two");
	ck_assert_int_eq(fstatat(dir_fd, "a", &status, 0), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0640);
	ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(file_write__replaces_a_symlinks_target)
{
	struct stat status;

	ck_assert_int_eq(mkdirat(dir_fd, "real", 0700), 0);
	put("real/a", "one", 0600);
	ck_assert_int_eq(symlinkat("real/a", dir_fd, "link"), 0);
	ck_assert_int_eq(symlinkat("link", dir_fd, "link2"), 0);
	put("link2", "two", 0600);
	expect("real/a", "two");
	ck_assert_int_eq(fstatat(dir_fd, "link", &status, AT_SYMLINK_NOFOLLOW), 0);
	ck_assert(S_ISLNK(status.st_mode));
}
END_TEST

START_TEST(file_write__refuses_what_is_no_file)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(mkdirat(dir_fd, "d", 0700), 0);
	ck_assert_int_eq(file_write(dir_fd, "d", SPAN_LITERAL("x"), 0600, &err), -1);
	ck_assert_int_ne(err.kind, ERROR_NONE);
	ck_assert_int_eq(symlinkat("loop", dir_fd, "loop"), 0);
	ck_assert_int_eq(file_write(dir_fd, "loop", SPAN_LITERAL("x"), 0600, &err), -1);
	ck_assert_int_eq(file_write(dir_fd, "no/such", SPAN_LITERAL("x"), 0600, &err), -1);
	ck_assert_int_eq(count_entries(), 2);
}
END_TEST

START_TEST(file_replace__uncommitted_changes_nothing)
{
	struct file_replace replace = FILE_REPLACE_INIT;
	struct error err = ERROR_INIT;

	put("a", "one", 0600);
	ck_assert_int_eq(file_replace_begin(dir_fd, "a", 0600, &replace, &err), 0);
	ck_assert_int_eq(file_write_all(replace.fd, SPAN_LITERAL("two"), "a", &err), 0);
	file_replace_release(&replace);
	expect("a", "one");
	ck_assert_int_eq(count_entries(), 1);
}
END_TEST

static bool has_nameless_files(void)
{
	const int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* A killed run may leave a temporary file; a living one's is not touched, nor what is not ours. */
START_TEST(file_replace__removes_what_a_killed_run_left)
{
	static const char *const names[] = { ".a.bootseal-deadbeef",  ".a.bootseal-notes",
					     ".a.bootseal-deadbeef0", ".a.bootseal-DEADBEEF",
					     ".ab.bootseal-deadbeef", "a.bootseal-deadbeef" };
	struct file_replace living = FILE_REPLACE_INIT;
	struct error err = ERROR_INIT;
	int named = has_nameless_files() ? 0 : 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const int stale = openat(dir_fd, names[i], O_CREAT | O_WRONLY, 0600);

		ck_assert_int_ge(stale, 0);
		close(stale);
	}
	ck_assert_int_eq(file_replace_begin(dir_fd, "a", 0600, &living, &err), 0);
	ck_assert_int_eq(faccessat(dir_fd, names[0], F_OK, 0), -1);
	ck_assert_int_eq(count_entries(), 5 + named);
	for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(unlinkat(dir_fd, names[i], 0), 0);
	put("a", "two", 0600);
	ck_assert_int_eq(count_entries(), 1 + named);
	ck_assert_int_eq(file_write_all(living.fd, SPAN_LITERAL("one"), "a", &err), 0);
	ck_assert_int_eq(file_replace_commit(&living, &err), 0);
	expect("a", "one");
	ck_assert_int_eq(count_entries(), 1);
}
END_TEST

/* The hash of 255 times "l". */
static const char long_stem[] = "10e5d0e58b40eaf4e2765740e13393d2";

/* A name that leaves no place for more behind it: the temporary file has a short one of its own. */
START_TEST(file_replace__takes_names_of_any_length)
{
	const int lengths[] = { 235, 236, 237, 238, 245, 254, 255 };
	char name[256];

	memset(name, 'l', sizeof(name));
	name[lengths[_i]] = '\0';
	put(name, "one", 0600);
	put(name, "two", 0600);
	expect(name, "two");
	ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(file_replace__removes_what_a_killed_run_left_of_a_long_name)
{
	char name[256];
	char *temporary;
	struct file_replace replace = FILE_REPLACE_INIT;
	struct error err = ERROR_INIT;

	memset(name, 'l', sizeof(name));
	name[255] = '\0';
	put(name, "one", 0600);
	/* what it is called: as at a link that fails, a file system without nameless files, a kill */
	ck_assert_int_gt(asprintf(&temporary, ".%s.bootseal-deadbeef", long_stem), 0);
	ck_assert_int_eq(close(openat(dir_fd, temporary, O_CREAT | O_WRONLY, 0600)), 0);
	ck_assert_int_eq(file_replace_begin(dir_fd, name, 0600, &replace, &err), 0);
	ck_assert_int_eq(faccessat(dir_fd, temporary, F_OK, 0), -1);
	file_replace_release(&replace);
	free(temporary);
	expect(name, "one");
}
END_TEST

static int write_once(void)
{
	struct error err = ERROR_INIT;

	return file_write(dir_fd, "swept", SPAN_LITERAL("x"), 0600, &err);
}

START_TEST(file_write__survives_no_memory)
{
	put("swept", "old", 0600);
	SWEEP(write_once());
	expect("swept", "x");
	ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(file_read__says_what_is_wrong)
{
	AUTO(secret) data = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(file_read(dir_fd, "missing\x1b[m", 10, &data, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_FILE);
	ck_assert_str_eq(err.message, "cannot open \"missing\\x1b[m\": No such file or directory");
	ck_assert_int_eq(file_read(dir_fd, ".", 10, &data, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	put("ten", "0123456789", 0600);
	ck_assert_int_eq(file_read(dir_fd, "ten", 9, &data, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_eq(file_read(dir_fd, "ten", 10, &data, &err), 0);
	ck_assert_uint_eq(data.len, 10);
}
END_TEST

START_TEST(file_read__reads_pipes_up_to_the_limit)
{
	AUTO(secret) data = SECRET_INIT;
	struct error err = ERROR_INIT;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "0123456789", 10), 10);
	close(ends[1]);
	ck_assert_int_eq(file_read_fd(ends[0], "pipe", 9, &data, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	close(ends[0]);
}
END_TEST

START_TEST(file_remove_tree__follows_no_symlink)
{
	struct error err = ERROR_INIT;
	struct stat status;

	put("outside", "x", 0600);
	ck_assert_int_eq(file_make_directories(dir_fd, "t/u/v", 0700, &err), 0);
	put("t/u/file", "x", 0600);
	ck_assert_int_eq(symlinkat("../../outside", dir_fd, "t/u/link"), 0);
	ck_assert_int_eq(symlinkat("/", dir_fd, "t/root"), 0);
	ck_assert_int_eq(file_remove_tree(dir_fd, "t", &err), 0);
	ck_assert_int_eq(file_remove_tree(dir_fd, "t", &err), 0);
	ck_assert_int_eq(fstatat(dir_fd, "outside", &status, 0), 0);
	ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(lock_take__makes_the_second_wait)
{
	struct lock lock = LOCK_INIT;
	struct error err = ERROR_INIT;
	int status;
	pid_t pid;

	ck_assert_int_eq(lock_take_directory(dir_fd, "d", &lock, &err), 0);
	pid = fork();
	if (pid == 0) {
		struct lock second = LOCK_INIT;

		/* a fork shares the lock: only without this copy is it the parent's alone */
		lock_release(&lock);
		_exit(lock_take_directory(dir_fd, "d", &second, &err) == 0 &&
				      faccessat(dir_fd, "released", F_OK, 0) == 0
			      ? 0
			      : 1);
	}
	usleep(50000);
	put("released", "", 0600);
	lock_release(&lock);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static int answer(void *argument, struct secret *ret_answer, struct error *err)
{
	const char *what = argument;

	if (strcmp(what, "die") == 0)
		abort();
	if (strcmp(what, "fail") == 0) {
		error_set(err, ERROR_AUTH, "no\x1b way");
		return error_hint(err, "hint");
	}
	if (strcmp(what, "open") == 0) {
		const int fd = open("/etc/passwd", O_RDONLY);

		return secret_append_text(ret_answer, fd < 0 ? "denied" : "opened", err);
	}
	for (int i = 0; i < 20000; i++)
		if (secret_append_text(ret_answer, "0123456789", err) < 0)
			return -1;
	return 0;
}

START_TEST(child_job__hands_back_answer_or_error)
{
	AUTO(secret) got = SECRET_INIT;
	struct error err = ERROR_INIT;
	char what[8] = "long";

	ck_assert_int_eq(child_job(answer, what, &got, &err), 0);
	ck_assert_uint_eq(got.len, 200000);
	strcpy(what, "fail");
	ck_assert_int_eq(child_job(answer, what, &got, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_AUTH);
	ck_assert_str_eq(err.message, "no? way");
	ck_assert_str_eq(err.hint, "hint");
	strcpy(what, "die");
	ck_assert_int_eq(child_job(answer, what, &got, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
}
END_TEST

/* Does this kernel have Landlock? Then a profile must really block. */
static bool has_landlock(void)
{
	int status;
	const pid_t pid = fork();

	if (pid == 0) {
		struct error err = ERROR_INIT;
		bool active = false;

		_exit(sandbox_enter(SANDBOX_FILTER, NULL, 0, &active, &err) == 0 && active ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

/* Who the child is, what it may do, and whether it can let others into a file of root's. */
struct privileges {
	uid_t uid;
	gid_t gid;
	int groups, chmod_result;
	uint32_t effective[2], permitted[2], inheritable[2];
	int dumpable, parent_death;
};

static int report_privileges(void *argument, struct secret *ret_answer, struct error *error)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	struct privileges is = { .uid = geteuid(), .gid = getegid(), .groups = getgroups(0, NULL) };

	if (syscall(SYS_capget, &header, data) < 0)
		return error_sys(error, "capget");
	for (int i = 0; i < 2; i++) {
		is.effective[i] = data[i].effective;
		is.permitted[i] = data[i].permitted;
		is.inheritable[i] = data[i].inheritable;
	}
	is.chmod_result = chmod(argument, 0777);
	is.dumpable = prctl(PR_GET_DUMPABLE);
	prctl(PR_GET_PDEATHSIG, &is.parent_death);
	return secret_append(ret_answer, &is, sizeof(is), error);
}

static void ask_privileges(bool edit, struct privileges *ret_is)
{
	struct error err = ERROR_INIT;
	AUTO(secret) got = SECRET_INIT;
	char name[] = "/tmp/bootseal-test-XXXXXX";
	AUTO_FD int fd = mkstemp(name);
	AUTO_FD int dir = open("/tmp", O_RDONLY | O_DIRECTORY);
	int result = edit ? child_job_edit(report_privileges, name, &dir, 1, &got, &err)
			  : child_job(report_privileges, name, &got, &err);

	unlink(name);
	ck_assert_int_ge(fd, 0);
	ck_assert_msg(result == 0, "%s", err.message);
	ck_assert_uint_eq(got.len, sizeof(*ret_is));
	memcpy(ret_is, got.data, sizeof(*ret_is));
	ck_assert_int_eq(ret_is->dumpable, 0);
	ck_assert_int_eq(ret_is->parent_death, SIGKILL);
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(ret_is->inheritable[i], 0);
}

#define SANDBOX_UID 1879060065

/* Not in a user namespace without it, nor without CAP_SETUID. */
static bool may_become(uid_t id)
{
	int status;
	const pid_t pid = fork();

	if (pid == 0)
		_exit(setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0 ? 0 : 1);
	waitpid(pid, &status, 0);
	return status == 0;
}

START_TEST(child_job__is_not_root)
{
	const uint32_t files = 1u << CAP_CHOWN | 1u << CAP_FOWNER | 1u << CAP_DAC_OVERRIDE;
	struct privileges is;

	ask_privileges(false, &is);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(is.effective[i], 0);
		ck_assert_uint_eq(is.permitted[i], 0);
	}
	if (geteuid() != 0 || !may_become(65534))
		return;
	ck_assert_uint_eq(is.uid, may_become(SANDBOX_UID) ? SANDBOX_UID : 65534);
	ck_assert_uint_eq(is.gid, is.uid);
	ck_assert_int_eq(is.groups, 0);
	ck_assert_int_eq(is.chmod_result, -1);
	/* The one that writes a generation stays root for that alone. */
	ask_privileges(true, &is);
	ck_assert_uint_eq(is.uid, 0);
	ck_assert_uint_eq(is.effective[0] & ~files, 0);
	ck_assert_uint_eq(is.permitted[0] & ~files, 0);
	ck_assert_uint_eq(is.effective[1] | is.permitted[1], 0);
}
END_TEST

START_TEST(child_job__has_no_files)
{
	AUTO(secret) got = SECRET_INIT;
	struct error err = ERROR_INIT;
	char what[8] = "open";

	ck_assert_int_eq(child_job(answer, what, &got, &err), 0);
	ck_assert(span_equal_text(secret_span(&got), has_landlock() ? "denied" : "opened"));
}
END_TEST

/* In a child, which cannot leave the sandbox again: 0 where the profile holds. */
static int try_edit_profile(void)
{
	struct error err = ERROR_INIT;
	bool active;

	if (sandbox_enter(SANDBOX_EDIT, &dir_fd, 1, &active, &err) < 0 ||
	    file_write(dir_fd, "in", SPAN_LITERAL("y"), 0600, &err) < 0 ||
	    file_write(dir_fd, "new", SPAN_LITERAL("z"), 0600, &err) < 0)
		return 1;
	if (!active)
		return 0;
	if (open("/etc/passwd", O_RDONLY) >= 0 ||
	    open("/tmp/bootseal-outside", O_WRONLY | O_CREAT, 0600) >= 0)
		return 2;
	/* started, it would end with another status */
	execl("/bin/false", "false", (char *)NULL);
	return 0;
}

START_TEST(sandbox_enter__edit_keeps_only_its_directory)
{
	int status;
	pid_t pid;

	put("in", "x", 0600);
	pid = fork();
	if (pid == 0)
		_exit(try_edit_profile());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	expect("in", "y");
	expect("new", "z");
	ck_assert_int_eq(count_entries(), 2);
}
END_TEST

/* As the program is: undumpable, its files in /proc root's; in a child, for good. */
static int write_undumpable(uid_t uid)
{
	struct error err = ERROR_INIT;
	bool active;

	if ((uid != 0 && (setgid(uid) < 0 || setuid(uid) < 0)) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    sandbox_enter(SANDBOX_EDIT, &dir_fd, 1, &active, &err) < 0 ||
	    file_write(dir_fd, "in", SPAN_LITERAL("y"), 0600, &err) < 0 ||
	    file_write(dir_fd, "new", SPAN_LITERAL("z"), 0600, &err) < 0)
		return 1;
	return 0;
}

START_TEST(file_write__as_an_undumpable_process)
{
	int status;
	pid_t pid;

	put("in", "x", 0600);
	/* write and search, no right to list */
	ck_assert_int_eq(fchmod(dir_fd, 0333), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(fchown(dir_fd, 65534, 65534), 0);
		ck_assert_int_eq(fchownat(dir_fd, "in", 65534, 65534, 0), 0);
	}
	close(dir_fd);
	dir_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid = fork();
	if (pid == 0)
		_exit(write_undumpable(geteuid() == 0 ? 65534 : 0));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(chmod(directory, 0700), 0);
	expect("in", "y");
	expect("new", "z");
	ck_assert_int_eq(count_entries(), 2);
}
END_TEST

static int run_program(const char *script, unsigned timeout, struct span input, size_t max,
		       struct secret *output, int *status, struct error *err)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	const char *environment[] = { "BOOTSEAL_UNIT=yes", NULL };
	const struct child_command command = {
		.argv = argv, .environment = environment, .input = input, .timeout_seconds = timeout
	};

	return child_run(&command, max, output, status, err);
}

START_TEST(child_run__gives_output_and_status)
{
	AUTO(secret) output = SECRET_INIT;
	AUTO(secret) big = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status;

	ck_assert_int_eq(run_program("echo $BOOTSEAL_UNIT; exit 3", 0, SPAN_INIT, 100, &output,
				     &status, &err),
			 0);
	ck_assert_int_eq(status, 3);
	ck_assert(span_equal_text(secret_span(&output), "yes\n"));
	secret_release(&output);
	ck_assert_int_eq(secret_reserve(&big, 1000000, &err), 0);
	memset(big.data, 'x', 1000000);
	big.len = 1000000;
	ck_assert_int_eq(run_program("cat", 120, secret_span(&big), 2000000, &output, &status,
				     &err),
			 0);
	ck_assert_uint_eq(output.len, 1000000);
}
END_TEST

START_TEST(child_run__stops_what_misbehaves)
{
	AUTO(secret) output = SECRET_INIT;
	struct error err = ERROR_INIT;
	const char *missing[] = { "bootseal-no-such-program", NULL };
	const struct child_command command = { .argv = missing };
	int status;

	ck_assert_int_eq(run_program("sleep 60", 1, SPAN_INIT, 10, &output, &status, &err), -1);
	/* without stdout, too */
	ck_assert_int_eq(run_program("exec >&-; sleep 60", 1, SPAN_INIT, 10, &output, &status,
				     &err),
			 -1);
	ck_assert_str_eq(err.message, "\"sh\" did not end within 1 seconds");
	ck_assert_int_eq(run_program("exec >&-; cat >/dev/null; exit 5", 120, SPAN_LITERAL("x"), 10,
				     &output, &status, &err),
			 0);
	ck_assert_int_eq(status, 5);
	secret_release(&output);
	ck_assert_int_eq(run_program("yes", 0, SPAN_INIT, 1000, &output, &status, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_eq(child_run(&command, 10, &output, &status, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "No such file"));
	ck_assert_int_eq(run_program("kill -9 $$", 0, SPAN_INIT, 10, &output, &status, &err), 0);
	ck_assert_int_eq(status, 128 + 9);
}
END_TEST

START_TEST(file_open_beneath__goes_through_no_link)
{
	static const char *const refused[] = { "link/file", "a/link", "..",   "a/../a/file",
					       "a/",        "a/none", "fifo", "" };
	struct stat status;
	int fd;

	ck_assert_int_eq(mkdirat(dir_fd, "a", 0700), 0);
	put("a/file", "it", 0600);
	ck_assert_int_eq(symlinkat("a", dir_fd, "link"), 0);
	ck_assert_int_eq(symlinkat("file", dir_fd, "a/link"), 0);
	ck_assert_int_eq(mkfifoat(dir_fd, "fifo", 0600), 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		ck_assert_msg(file_open_beneath(dir_fd, refused[i], &status) < 0, "%s", refused[i]);
	fd = file_open_beneath(dir_fd, "a//./file", &status);
	ck_assert_int_ge(fd, 0);
	ck_assert(S_ISREG(status.st_mode) && status.st_size == 2);
	close(fd);
	fd = file_open_beneath(dir_fd, "a", &status);
	ck_assert_int_ge(fd, 0);
	ck_assert(S_ISDIR(status.st_mode));
	close(fd);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("util_file");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 600);
	tcase_add_test(t, file_write__replaces_and_keeps_the_mode);
	tcase_add_test(t, file_write__replaces_a_symlinks_target);
	tcase_add_test(t, file_write__refuses_what_is_no_file);
	tcase_add_test(t, file_replace__uncommitted_changes_nothing);
	tcase_add_test(t, file_replace__removes_what_a_killed_run_left);
	tcase_add_test(t, file_replace__removes_what_a_killed_run_left_of_a_long_name);
	tcase_add_loop_test(t, file_replace__takes_names_of_any_length, 0, 7);
	tcase_add_test(t, file_write__survives_no_memory);
	tcase_add_test(t, file_read__says_what_is_wrong);
	tcase_add_test(t, file_read__reads_pipes_up_to_the_limit);
	tcase_add_test(t, file_open_beneath__goes_through_no_link);
	tcase_add_test(t, file_remove_tree__follows_no_symlink);
	tcase_add_test(t, lock_take__makes_the_second_wait);
	tcase_add_test(t, child_job__hands_back_answer_or_error);
	tcase_add_test(t, child_job__is_not_root);
	tcase_add_test(t, child_job__has_no_files);
	tcase_add_test(t, child_run__gives_output_and_status);
	tcase_add_test(t, child_run__stops_what_misbehaves);
	tcase_add_test(t, file_write__as_an_undumpable_process);
	tcase_add_test(t, sandbox_enter__edit_keeps_only_its_directory);
	suite_add_tcase(s, t);
	return s;
}
