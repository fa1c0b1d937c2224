/* SPDX-License-Identifier: MIT */
/*
 * OpenClaw as root runs it: whoever may write the program, what it is run by, or a directory on the way there, would be root
 * by it. The gateway's user is one who must not be: its agent's commands run as that user.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/ancestors.h"
#include "cli/openclaw.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#define LINKS_MAX 40
#define FIRST_LINE_MAX 256
#define SCRIPTS_MAX 4             /* one run by another, as the kernel has it */
#define PATH_NONE "/usr/bin:/bin" /* an empty one would be the working directory */

/* --- One file --- */

static int check_status(const char *path, const struct stat *status, struct error *err)
{
	const bool sticky = S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0;

	if (status->st_uid != 0 && !ancestors_is_unmapped(status->st_uid))
		error_set(err, ERROR_DENIED,
			  "OpenClaw would run as root, and \"%s\" belongs to uid %u",
			  text_printable_text(path).text, (unsigned)status->st_uid);
	else if (!S_ISLNK(status->st_mode) && (status->st_mode & 022) != 0 && !sticky)
		error_set(err, ERROR_DENIED,
			  "OpenClaw would run as root, and others may write \"%s\"",
			  text_printable_text(path).text);
	else
		return 0;
	return error_hint(err, "have a copy of it that is root's alone, and name that: "
			       "--program FILE");
}

/* The directory of that real path, and all above it. */
static int check_directories(const char *directory, struct error *err)
{
	AUTO_FREE char *copy = strdup(directory);
	struct stat status;

	if (copy == NULL)
		return error_memory(err);
	for (;;) {
		char *slash = strrchr(copy, '/');

		if (lstat(*copy == '\0' ? "/" : copy, &status) < 0)
			return error_sys(err, "cannot look at \"%s\"",
					 text_printable_text(copy).text);
		if (check_status(*copy == '\0' ? "/" : copy, &status, err) < 0)
			return -1;
		if (slash == NULL)
			return 0;
		*slash = '\0';
	}
}

/* path in its directory's real place, from where it does not move: that one is checked. */
static int settle(const char *path, char **ret_path, struct error *err)
{
	AUTO_FREE char *for_directory = strdup(path), *for_name = strdup(path), *directory = NULL;

	if (for_directory == NULL || for_name == NULL)
		return error_memory(err);
	directory = realpath(dirname(for_directory), NULL);
	if (directory == NULL)
		return error_sys(err, "cannot start \"%s\"", text_printable_text(path).text);
	if (check_directories(directory, err) < 0)
		return -1;
	if (asprintf(ret_path, "%s/%s", directory, basename(for_name)) < 0) {
		*ret_path = NULL;
		return error_memory(err);
	}
	return 0;
}

/* What the link at path, which is there, leads to. */
static int follow(const char *path, char **ret_path, struct error *err)
{
	char target[PATH_MAX];
	AUTO_FREE char *copy = strdup(path);
	const ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (copy == NULL)
		return error_memory(err);
	if (len < 0)
		return error_sys(err, "cannot look at \"%s\"", text_printable_text(path).text);
	target[len] = '\0';
	if (asprintf(ret_path, "%s/%s", *target == '/' ? "" : dirname(copy), target) < 0) {
		*ret_path = NULL;
		return error_memory(err);
	}
	return 0;
}

/* Each link on the way, and the file. ret_path: its name, which many a program goes by, where root alone can change it. */
static int check_file(const char *path, char **ret_path, struct error *err)
{
	AUTO_FREE char *first = NULL, *at = NULL;
	struct stat status;

	if (settle(path, &first, err) < 0)
		return -1;
	at = strdup(first);
	for (unsigned links = 0; at != NULL; links++) {
		AUTO_FREE char *next = NULL;
		char *settled;

		if (lstat(at, &status) < 0)
			return error_sys(err, "cannot start \"%s\"",
					 text_printable_text(path).text);
		if (check_status(at, &status, err) < 0)
			return -1;
		if (!S_ISLNK(status.st_mode)) {
			*ret_path = first;
			first = NULL;
			return 0;
		}
		errno = ELOOP;
		if (links == LINKS_MAX)
			return error_sys(err, "cannot start \"%s\"",
					 text_printable_text(path).text);
		if (follow(at, &next, err) < 0 || settle(next, &settled, err) < 0)
			return -1;
		free(at);
		at = settled;
	}
	return error_memory(err);
}

/* --- PATH --- */

/* The first that can be run; NULL where none can be. A directory that is not absolute is passed over. */
static int find_in(const char *path, const char *name, char **ret_found, struct error *err)
{
	struct span rest = span_of_text(path), directory;

	*ret_found = NULL;
	while (span_take_until(&rest, ':', &directory)) {
		struct stat status;
		char *candidate;

		if (!span_starts_with(directory, "/"))
			continue;
		if (asprintf(&candidate, "%.*s/%s", SPAN_PRINT(directory), name) < 0)
			return error_memory(err);
		if (access(candidate, X_OK) == 0 && stat(candidate, &status) == 0 &&
		    S_ISREG(status.st_mode)) {
			*ret_found = candidate;
			return 0;
		}
		free(candidate);
	}
	return 0;
}

/* Of PATH what is root's alone: a program that is looked up later is not another's either. */
static int make_search(const char *path, char **ret_search, struct error *err)
{
	struct span rest = span_of_text(path), directory;
	AUTO(buf) search = BUF_INIT;
	const char *text;

	while (span_take_until(&rest, ':', &directory)) {
		AUTO_FREE char *copy = strndup((const char *)directory.data, directory.len);
		AUTO_FREE char *real = copy && *copy == '/' ? realpath(copy, NULL) : NULL;
		struct error unsaid = ERROR_INIT;

		if (copy == NULL)
			return error_memory(err);
		if (real != NULL && strchr(real, ':') == NULL &&
		    check_directories(real, &unsaid) == 0 &&
		    buf_printf(&search, err, "%s%s", search.len > 0 ? ":" : "", real) < 0)
			return -1;
	}
	if (buf_text(&search, &text, err) < 0)
		return -1;
	*ret_search = strdup(*text ? text : PATH_NONE);
	return *ret_search ? 0 : error_memory(err);
}

/* --- What a script is run by --- */

static int refuse_line(const char *script, struct error *err)
{
	error_set(err, ERROR_DENIED,
		  "OpenClaw would run as root, and the first line of \"%s\" is more than bootseal "
		  "follows",
		  text_printable_text(script).text);
	return error_hint(err, "\"#!/PROGRAM\", \"#!/usr/bin/env NAME\" and "
			       "\"#!/usr/bin/env -S NAME ARGUMENT...\" are followed");
}

static char *take_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	char *end = word + strcspn(word, " \t");

	*rest = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return *word != '\0' ? word : NULL;
}

static int check_program(const char *word, const char *search, unsigned depth, struct error *err);

/*
 * "env NAME" and "env -S NAME ARGUMENT...", where nothing stands for something else: NULL for all else, in which a program
 * could be named in many ways.
 */
static char *take_name(char **rest)
{
	char *name = take_word(rest);
	bool is_split = name != NULL && strncmp(name, "-S", 2) == 0;

	if (is_split)
		name = name[2] != '\0' ? name + 2 : take_word(rest);
	if (name == NULL || *name == '-' || strpbrk(name, "=\"'\\$#") != NULL)
		return NULL;
	if (is_split)
		return strpbrk(*rest, "\"'\\$#") == NULL ? name : NULL;
	return (*rest)[strspn(*rest, " \t")] == '\0' ? name : NULL;
}

/* A program may run what its arguments name. */
static int check_arguments(char *rest, const char *script, const char *search, unsigned depth,
			   struct error *err)
{
	for (const char *word = take_word(&rest); word != NULL; word = take_word(&rest)) {
		if (strchr(word, '/') == NULL)
			continue;
		if (*word != '/')
			return refuse_line(script, err);
		if (check_program(word, search, depth, err) < 0)
			return -1;
	}
	return 0;
}

/* "#!/usr/bin/env node": the program, and what that looks up; each may be a script itself, as deep as the kernel goes. */
static int check_interpreter(const char *script, const char *search, unsigned depth,
			     struct error *err)
{
	AUTO_FD int fd = open(script, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char line[FIRST_LINE_MAX] = "", *rest = line + 2, *word;

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		return error_sys(err, "cannot read \"%s\"", text_printable_text(script).text);
	if (strncmp(line, "#!", 2) != 0)
		return 0;
	line[strcspn(line, "\n")] = '\0';
	word = take_word(&rest);
	if (word == NULL)
		return 0;
	if (*word != '/' || depth == 0)
		return refuse_line(script, err);
	if (check_program(word, search, depth - 1, err) < 0)
		return -1;
	if (strcmp(strrchr(word, '/'), "/env") == 0) {
		word = take_name(&rest);
		if (word == NULL || (strchr(word, '/') != NULL && *word != '/'))
			return refuse_line(script, err);
		if (check_program(word, search, depth - 1, err) < 0)
			return -1;
	}
	return check_arguments(rest, script, search, depth - 1, err);
}

static int check_program(const char *word, const char *search, unsigned depth, struct error *err)
{
	AUTO_FREE char *found = NULL, *settled = NULL;

	if (strchr(word, '/') == NULL && find_in(search, word, &found, err) < 0)
		return -1;
	if (strchr(word, '/') == NULL && found == NULL) {
		error_set(err, ERROR_DENIED,
			  "OpenClaw would run as root, and no directory of PATH that is root's "
			  "alone has \"%s\"",
			  text_printable_text(word).text);
		return error_hint(err, "have a copy of it that is root's alone, too");
	}
	if (check_file(found ? found : word, &settled, err) < 0)
		return -1;
	return check_interpreter(settled, search, depth, err);
}

/* --- All of it --- */

static int find_as_root(const char *program, struct openclaw_program *found, struct error *err)
{
	const char *path = getenv("PATH") ? getenv("PATH") : PATH_NONE;
	AUTO_FREE char *in_path = NULL;

	if (make_search(path, &found->search, err) < 0 ||
	    (strchr(program, '/') == NULL && find_in(path, program, &in_path, err) < 0))
		return -1;
	errno = ENOENT;
	if (strchr(program, '/') == NULL && in_path == NULL)
		return error_sys(err, "cannot start \"%s\"", text_printable_text(program).text);
	if (check_file(in_path ? in_path : program, &found->path, err) < 0)
		return -1;
	return check_interpreter(found->path, found->search, SCRIPTS_MAX, err);
}

int openclaw_find_program(const char *program, struct openclaw_program *ret_program,
			  struct error *err)
{
	AUTO(openclaw_program) found = OPENCLAW_PROGRAM_INIT;

	if (program == NULL)
		program = OPENCLAW_PROGRAM;
	if (geteuid() == 0) {
		if (find_as_root(program, &found, err) < 0)
			return -1;
	} else {
		found.path = strdup(program);
		if (found.path == NULL)
			return error_memory(err);
	}
	*ret_program = found;
	found = OPENCLAW_PROGRAM_INIT;
	return 0;
}

void openclaw_program_release(struct openclaw_program *program)
{
	free(program->path);
	free(program->search);
	*program = OPENCLAW_PROGRAM_INIT;
}
