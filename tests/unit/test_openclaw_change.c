/* SPDX-License-Identifier: MIT */
/* openclaw/change: files changed together, put back, forgotten, and made anew from their record. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "openclaw/change.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"
#include "util/process.h"
#include "vectors.h"

static char place[] = "/tmp/bootseal-change-XXXXXX";
static char path_of[512];

static const char *at(const char *name)
{
	snprintf(path_of, sizeof(path_of), "%s/%s", place, name);
	return path_of;
}

static void put(const char *name, const char *text, mode_t mode)
{
	const struct timespec times[2] = { { 1000000000, 1 }, { 1000000001, 2 } };
	int fd;

	(void)chmod(at(name), 0600); /* which may be there, and not be written to */
	fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	ck_assert_int_eq(futimens(fd, times), 0);
	close(fd);
}

/* NULL: it is not there. */
static void holds(const char *name, const char *text, mode_t mode)
{
	AUTO(secret) now = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct stat status;

	if (text == NULL) {
		ck_assert_msg(lstat(at(name), &status) < 0, "%s is there", name);
		return;
	}
	ck_assert_msg(file_read(AT_FDCWD, at(name), 1000, &now, &err) == 0, "%s", err.message);
	ck_assert_msg(span_equal_text(secret_span(&now), text), "%s: %.*s", name,
		      SPAN_PRINT(secret_span(&now)));
	ck_assert_int_eq(stat(at(name), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, mode);
}

static void add(struct change *change, const char *name, enum change_kind kind, const char *after)
{
	struct change_file *file = NULL;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(change_add(change, at(name), &file, &err), 0);
	file->kind = kind;
	ck_assert_int_eq(change_look(change, at(name), false, &file->existed, &file->status,
				     &file->before, &err),
			 0);
	if (!file->existed) {
		file->status.st_mode = kind == CHANGE_DIRECTORY ? 0755 : 0640;
		file->status.st_uid = geteuid();
		file->status.st_gid = getegid();
	}
	ck_assert_int_eq(secret_append_text(&file->after, after, &err), 0);
}

static void make(struct change *change)
{
	put("a", "before a", 0600);
	put("b", "before b", 0400);
	change->user.name = strdup("somebody");
	change->user.uid = geteuid();
	change->user.gid = getegid();
	add(change, "d", CHANGE_DIRECTORY, "");
	add(change, "d/new", CHANGE_WRITE, "new");
	add(change, "a", CHANGE_WRITE, "after a");
	add(change, "b", CHANGE_REMOVE, "");
}

static void is_before(void)
{
	struct stat status;

	holds("a", "before a", 0600);
	holds("b", "before b", 0400);
	holds("d", NULL, 0);
	ck_assert_int_eq(stat(at("a"), &status), 0);
	ck_assert_int_eq(status.st_mtim.tv_sec, 1000000001);
	ck_assert_int_eq(status.st_mtim.tv_nsec, 2);
	holds(".a.bootseal-old", NULL, 0);
	holds(".b.bootseal-old", NULL, 0);
	holds(".a.bootseal-new", NULL, 0);
}

static void is_after(void)
{
	holds("a", "after a", 0600);
	holds("b", NULL, 0);
	holds("d/new", "new", 0640);
}

static void setup(void)
{
	snprintf(place, sizeof(place), "/tmp/bootseal-change-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(place));
}

static void teardown(void)
{
	struct error err = ERROR_INIT;

	ck_assert_uint_eq(secret_live(), 0);
	ck_assert_int_eq(scratch_remove(place, &err), 0);
}

START_TEST(change__is_put_back)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;
	bool aside;

	make(&change);
	ck_assert_msg(change_apply(&change, &err) == 0, "%s", err.message);
	is_after();
	ck_assert_int_eq(change_is_aside(&change, &aside, &err), 0);
	ck_assert(aside);
	ck_assert_int_eq(change_take_back(&change, &err), 0);
	is_before();
	/* once more is no harm */
	ck_assert_int_eq(change_take_back(&change, &err), 0);
	is_before();
}
END_TEST

START_TEST(change__is_forgotten_and_restored)
{
	AUTO(change) change = CHANGE_INIT;
	AUTO(buf) lines = BUF_INIT;
	struct error err = ERROR_INIT;
	bool aside;
	int fd;

	make(&change);
	ck_assert_int_eq(change_apply(&change, &err), 0);
	/* what is overwritten is what was there, not a new file */
	fd = open(at(".b.bootseal-old"), O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_msg(change_forget(&change, &err) == 0, "%s", err.message);
	{
		char bytes[9] = "xxxxxxxx";

		ck_assert_int_eq(read(fd, bytes, 8), 8);
		ck_assert_mem_eq(bytes, "\0\0\0\0\0\0\0\0", 8);
	}
	close(fd);
	is_after();
	ck_assert_int_eq(change_is_aside(&change, &aside, &err), 0);
	ck_assert(!aside);
	ck_assert_int_eq(change_compare(&change, &lines, &err), 0);
	ck_assert_uint_eq(lines.len, 0);
	put("a", "another", 0600);
	ck_assert_int_eq(change_compare(&change, &lines, &err), 0);
	ck_assert(span_starts_with(buf_span(&lines), place) &&
		  span_ends_with(buf_span(&lines), "/a\n"));
	ck_assert_msg(change_restore(&change, &err) == 0, "%s", err.message);
	is_before();
	ck_assert_int_eq(change_restore(&change, &err), 0);
	is_before();
	/* a link in its place is another file, and goes */
	ck_assert_int_eq(unlink(at("a")), 0);
	ck_assert_int_eq(symlink("b", at("a")), 0);
	buf_release(&lines);
	ck_assert_msg(change_compare(&change, &lines, &err) == 0, "%s", err.message);
	ck_assert(span_ends_with(buf_span(&lines), "/a\n"));
	ck_assert_int_eq(change_restore(&change, &err), 0);
	is_before();
}
END_TEST

START_TEST(change__stops_where_a_file_is_another)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;

	make(&change);
	put("b", "changed", 0400);
	ck_assert_int_eq(change_apply(&change, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FINDINGS);
	ck_assert_int_eq(change_take_back(&change, &err), 0);
	holds("a", "before a", 0600);
	holds("b", "changed", 0400);
	holds("d", NULL, 0);
}
END_TEST

static int check_one(const char *name, enum change_kind kind, struct error *err)
{
	AUTO(change) change = CHANGE_INIT;

	add(&change, name, kind, "after");
	return change_check(&change, err);
}

START_TEST(change_check__says_beforehand_what_would_fail)
{
	AUTO(change) change = CHANGE_INIT;
	struct change_file *file = NULL;
	struct error err = ERROR_INIT;

	put("written", "before", 0600);
	add(&change, "written", CHANGE_WRITE, "after");
	add(&change, "made", CHANGE_DIRECTORY, "");
	ck_assert_int_eq(change_add(&change, at("made/within"), &file, &err), 0);
	ck_assert_msg(change_check(&change, &err) == 0, "%s", err.message);
	file = NULL;
	ck_assert_int_eq(change_add(&change, at("nowhere/within"), &file, &err), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(change_check(&change, &err), -1);
		ck_assert_ptr_nonnull(strstr(err.message, "cannot be made by \"root\": No such"));
		error_clear(&err);
		put(".written.bootseal-old", "another's", 0600);
		ck_assert_int_eq(check_one("written", CHANGE_WRITE, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_FINDINGS);
	} else {
		/* of what is root's nothing is known to others */
		ck_assert_int_eq(change_check(&change, &err), 0);
	}
}
END_TEST

START_TEST(change_check__is_of_whom_it_is_done_by)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;

	if (geteuid() != 0)
		return;
	put("written", "before", 0600);
	add(&change, "written", CHANGE_WRITE, "after");
	change.user.name = strdup("nobody");
	change.user.uid = change.user.gid = 65534;
	change.files[0].as_user = true;
	ck_assert_int_eq(chmod(place, 0755), 0);
	ck_assert_int_eq(change_check(&change, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "cannot be changed by \"nobody\": Permission"));
	error_clear(&err);
	ck_assert_int_eq(chmod(place, 0777), 0);
	change.files[0].status.st_gid = 65533;
	ck_assert_int_eq(change_check(&change, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "is none of those of \"nobody\""));
	error_clear(&err);
	/* a directory that gives its own */
	ck_assert_int_eq(chown(place, 0, 65533), 0);
	ck_assert_int_eq(chmod(place, 02777), 0);
	ck_assert_msg(change_check(&change, &err) == 0, "%s", err.message);
	change.files[0].status.st_gid = 65534;
	ck_assert_int_eq(change_check(&change, &err), 0);
	ck_assert_int_eq(chmod(place, 0700), 0);
	ck_assert_int_eq(chown(place, 0, 0), 0);
}
END_TEST

static int sweep_check(void)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;
	struct change_file *file;

	if (change_add(&change, "/etc/none", &file, &err) < 0)
		return -1;
	return change_check(&change, &err);
}

START_TEST(change_check__sweep)
{
	SWEEP(sweep_check());
}
END_TEST

START_TEST(change__follows_no_link)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;

	make(&change);
	ck_assert_int_eq(unlink(at("b")), 0);
	ck_assert_int_eq(symlink("a", at("b")), 0);
	ck_assert_int_eq(change_apply(&change, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	ck_assert_int_eq(change_take_back(&change, &err), 0);
	holds("a", "before a", 0600);
}
END_TEST

/* --- Extended attributes --- */

/* user:1:r-- beside rw-, ---, mask r--, ---: group and others have nothing, and the mode shows the mask. */
static const unsigned char acl[] = {
	2, 0, 0,   0,   1,   0,   6,  0, 255, 255, 255, 255, 2,   0,   4,
	0, 1, 0,   0,   0,   4,   0,  0, 0,   255, 255, 255, 255, 16,  0,
	4, 0, 255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255,
};

static bool set_attributes(const char *name)
{
	return setxattr(at(name), "user.mark", "value", 5, 0) == 0 &&
	       setxattr(at(name), "system.posix_acl_access", acl, sizeof(acl), 0) == 0;
}

static void has_attributes(const char *name)
{
	char value[sizeof(acl) + 1];

	ck_assert_int_eq(getxattr(at(name), "user.mark", value, sizeof(value)), 5);
	ck_assert_mem_eq(value, "value", 5);
	ck_assert_int_eq(getxattr(at(name), "system.posix_acl_access", value, sizeof(value)),
			 (int)sizeof(acl));
	ck_assert_mem_eq(value, acl, sizeof(acl));
}

START_TEST(change__keeps_attributes)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;

	make(&change);
	if (!set_attributes("a") || !set_attributes("b"))
		return; /* this file system has none */
	ck_assert_msg(change_take_attributes(&change, &err) == 0, "%s", err.message);
	for (size_t i = 0; i < change.len; i++) /* an ACL is in the mode, too */
		if (change.files[i].existed)
			ck_assert_int_eq(stat(change.files[i].path, &change.files[i].status), 0);
	ck_assert_msg(change_apply(&change, &err) == 0, "%s", err.message);
	has_attributes("a");
	ck_assert_int_eq(change_forget(&change, &err), 0);
	ck_assert_msg(change_restore(&change, &err) == 0, "%s", err.message);
	has_attributes("a");
	has_attributes("b");
	holds("a", "before a", 0640);
}
END_TEST

/* Who may not write a file may not set its attributes either, but for root: the gateway's user does it here. */
START_TEST(change__keeps_attributes_of_what_is_read_only)
{
	const uid_t uid = geteuid() == 0 ? 4242 : geteuid();
	const gid_t gid = geteuid() == 0 ? 4242 : getegid();
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;
	struct change_file *file;
	char value[8];

	put("a", "before a", 0600);
	change.user = (struct change_user){ strdup("somebody"), uid, gid };
	if (setxattr(at("a"), "user.mark", "value", 5, 0) < 0)
		return; /* this file system has none */
	ck_assert_int_eq(chmod(at("a"), 0400), 0);
	ck_assert_int_eq(chown(at("a"), uid, gid), 0);
	ck_assert_int_eq(chown(place, uid, gid), 0);
	add(&change, "a", CHANGE_WRITE, "after a");
	file = &change.files[0];
	file->as_user = true;
	ck_assert_msg(change_take_attributes(&change, &err) == 0, "%s", err.message);
	ck_assert_msg(change_apply(&change, &err) == 0, "%s", err.message);
	holds("a", "after a", 0400);
	ck_assert_int_eq(getxattr(at("a"), "user.mark", value, sizeof(value)), 5);
	ck_assert_int_eq(change_forget(&change, &err), 0);
	ck_assert_msg(change_restore(&change, &err) == 0, "%s", err.message);
	holds("a", "before a", 0400);
	ck_assert_int_eq(getxattr(at("a"), "user.mark", value, sizeof(value)), 5);
}
END_TEST

/* What a directory gives to each new file in it would open it to others. */
START_TEST(change__inherits_no_acl)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;

	make(&change);
	if (setxattr(place, "system.posix_acl_default", acl, sizeof(acl), 0) < 0)
		return;
	ck_assert_int_eq(chmod(at("a"), 0640), 0);
	ck_assert_int_eq(stat(at("a"), &change.files[2].status), 0);
	ck_assert_msg(change_apply(&change, &err) == 0, "%s", err.message);
	holds("a", "after a", 0640);
	ck_assert_int_lt(getxattr(at("a"), "system.posix_acl_access", NULL, 0), 0);
	ck_assert_int_eq(errno, ENODATA);
	ck_assert_int_eq(change_take_back(&change, &err), 0);
}
END_TEST

START_TEST(change__refuses_what_it_could_not_set_again)
{
	AUTO(change) change = CHANGE_INIT;
	struct error err = ERROR_INIT;

	make(&change);
	if (setxattr(at("a"), "trusted.mark", "x", 1, 0) < 0)
		return; /* not root, or no such attributes here */
	ck_assert_int_eq(change_take_attributes(&change, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.message, "trusted.mark"));
}
END_TEST

#define LOCKED_LIMIT ((size_t)1 << 20) /* of users who are not root */

/* As the command does it: all memory is locked, and the file is another's where this is root. */
static int look_at_what_is_large(void)
{
	const struct rlimit limit = { LOCKED_LIMIT, LOCKED_LIMIT };
	AUTO(change) change = CHANGE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct stat status;
	bool exists;

	change.user.name = strdup("nobody");
	change.user.uid = geteuid() == 0 ? 65534 : geteuid();
	change.user.gid = geteuid() == 0 ? 65534 : getegid();
	if (change.user.name == NULL || chown(place, change.user.uid, change.user.gid) < 0 ||
	    setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return 1;
	(void)process_lock_memory();
	if (change_look(&change, at("large"), true, &exists, &status, &text, &err) < 0)
		return 2;
	return !exists || text.len != 2 * LOCKED_LIMIT;
}

START_TEST(change_look__has_room_with_another_user_s_rights)
{
	pid_t pid;
	int status;

	put("large", "", 0644);
	ck_assert_int_eq(truncate(at("large"), (off_t)(2 * LOCKED_LIMIT)), 0);
	pid = fork();
	if (pid == 0)
		_exit(look_at_what_is_large());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* --- The record --- */

static void same(const struct change *a, const struct change *b)
{
	ck_assert_uint_eq(a->len, b->len);
	ck_assert_str_eq(a->user.name, b->user.name);
	ck_assert_int_eq(a->ran, b->ran);
	for (size_t i = 0; i < a->len; i++) {
		ck_assert_str_eq(a->files[i].path, b->files[i].path);
		ck_assert_int_eq(a->files[i].kind, b->files[i].kind);
		ck_assert_int_eq(a->files[i].existed, b->files[i].existed);
		ck_assert_uint_eq(a->files[i].status.st_mode, b->files[i].status.st_mode);
		ck_assert_int_eq(a->files[i].status.st_mtim.tv_nsec,
				 b->files[i].status.st_mtim.tv_nsec);
		ck_assert(span_equal(secret_span(&a->files[i].before),
				     secret_span(&b->files[i].before)));
		ck_assert(span_equal(secret_span(&a->files[i].after),
				     secret_span(&b->files[i].after)));
		ck_assert(span_equal(secret_span(&a->files[i].attributes),
				     secret_span(&b->files[i].attributes)));
	}
}

static void make_record(struct change *change, struct secret *bytes)
{
	struct error err = ERROR_INIT;

	make(change);
	change->user.uid = 1000;
	change->ran = true;
	ck_assert_int_eq(secret_append_text(&change->files[2].attributes, "of a", &err), 0);
	ck_assert_int_eq(change_format(change, bytes, &err), 0);
}

START_TEST(change_parse__gives_back_what_was_formatted)
{
	AUTO(change) change = CHANGE_INIT;
	AUTO(change) again = CHANGE_INIT;
	AUTO(secret) bytes = SECRET_INIT;
	struct error err = ERROR_INIT;

	make_record(&change, &bytes);
	ck_assert_msg(change_parse(secret_span(&bytes), &again, &err) == 0, "%s", err.message);
	same(&change, &again);
}
END_TEST

/* age has authenticated it; here it must only be no harm. */
START_TEST(change_parse__flipped_bits)
{
	AUTO(change) change = CHANGE_INIT;
	AUTO(secret) bytes = SECRET_INIT;

	make_record(&change, &bytes);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		AUTO(change) again = CHANGE_INIT;
		struct error err = ERROR_INIT;
		int result;

		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		result = change_parse(secret_span(&bytes), &again, &err);
		ck_assert_int_eq(result < 0, err.kind != ERROR_NONE);
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 1; len < bytes.len; len++) {
		AUTO(change) again = CHANGE_INIT;
		struct error err = ERROR_INIT;

		if (change_parse(span_slice(secret_span(&bytes), 0, len), &again, &err) == 0)
			ck_assert_uint_lt(again.len, change.len);
	}
}
END_TEST

static struct secret record_bytes;

static int parse_one(void)
{
	AUTO(change) again = CHANGE_INIT;
	AUTO(secret) bytes = SECRET_INIT;
	struct error err = ERROR_INIT;

	return change_parse(secret_span(&record_bytes), &again, &err) < 0 ||
			       change_format(&again, &bytes, &err) < 0
		       ? -1
		       : 0;
}

START_TEST(change_parse__sweep)
{
	AUTO(change) change = CHANGE_INIT;

	make_record(&change, &record_bytes);
	SWEEP(parse_one());
	secret_release(&record_bytes);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("openclaw/change");
	TCase *tc = tcase_create("change");

	start_crypto();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, change__is_put_back);
	tcase_add_test(tc, change__is_forgotten_and_restored);
	tcase_add_test(tc, change__stops_where_a_file_is_another);
	tcase_add_test(tc, change_check__says_beforehand_what_would_fail);
	tcase_add_test(tc, change_check__is_of_whom_it_is_done_by);
	tcase_add_test(tc, change_check__sweep);
	tcase_add_test(tc, change__follows_no_link);
	tcase_add_test(tc, change__keeps_attributes);
	tcase_add_test(tc, change__keeps_attributes_of_what_is_read_only);
	tcase_add_test(tc, change__inherits_no_acl);
	tcase_add_test(tc, change__refuses_what_it_could_not_set_again);
	tcase_add_test(tc, change_look__has_room_with_another_user_s_rights);
	tcase_add_test(tc, change_parse__gives_back_what_was_formatted);
	tcase_add_test(tc, change_parse__flipped_bits);
	tcase_add_test(tc, change_parse__sweep);
	suite_add_tcase(s, tc);
	return s;
}
