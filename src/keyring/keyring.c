/* SPDX-License-Identifier: MIT */
#include "keyring/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

static void name_release(struct keyring_name *name)
{
	free(name->name);
	free(name->problem);
	age_recipients_release(&name->recipients);
}

void keyring_release(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->len; i++)
		name_release(&keyring->names[i]);
	free(keyring->names);
	secret_release(&keyring->text);
	buf_release(&keyring->strays);
	*keyring = KEYRING_INIT;
}

/* A new last name, without recipients. */
static int append_name(struct keyring *keyring, struct span text, struct error *err)
{
	if (keyring->len == KEYRING_NAMES_MAX)
		return error_set(err, ERROR_LIMIT, "%s/ holds more than %d names",
				 KEYRING_DIRECTORY, KEYRING_NAMES_MAX);
	if (keyring->len == keyring->cap) {
		size_t cap = keyring->cap ? 2 * keyring->cap : 16;
		struct keyring_name *names = realloc(keyring->names, cap * sizeof *names);

		if (!names)
			return error_memory(err);
		keyring->names = names;
		keyring->cap = cap;
	}
	char *copy = strndup((const char *)text.data, text.len);

	if (!copy)
		return error_memory(err);
	keyring->names[keyring->len++] =
		(struct keyring_name){ .name = copy, .recipients = AGE_RECIPIENTS_INIT };
	return 0;
}

/* The error becomes the name's problem; what is no fault of the file (memory) stays an error. */
static int set_problem(struct keyring_name *name, struct error *problem, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *message;

	if (buf_printf(&text, err, "%s%s%s", problem->message, problem->hint[0] ? "; " : "",
		       problem->hint) ||
	    buf_text(&text, &message, err))
		return -1;
	name->problem = strdup(message);
	return name->problem ? 0 : error_memory(err);
}

/* keys/ never waits for a writer: what is no file is refused before it is opened. */
static int read_file(int fd, const char *file, struct secret *ret_text, struct error *err)
{
	struct stat status;

	if (fstatat(fd, file, &status, 0))
		return error_sys(err, "cannot read \"%s/%s\"", KEYRING_DIRECTORY,
				 text_printable_text(file).text);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_SYSTEM, "\"%s/%s\" is no file", KEYRING_DIRECTORY,
				 text_printable_text(file).text);
	return file_read(fd, file, KEYRING_FILE_MAX, ret_text, err);
}

static int take_file(struct keyring *keyring, int fd, const char *file, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	struct error problem = ERROR_INIT;
	struct keyring_name *name;
	struct span stem = span_slice(span_of_text(file), 0, strlen(file) - strlen(KEYRING_SUFFIX));

	if (append_name(keyring, stem, err))
		return -1;
	name = &keyring->names[keyring->len - 1];
	if (keyring_check_name(stem, &problem)) {
		(void)error_wrap(&problem, "\"%s/%s\"", KEYRING_DIRECTORY,
				 text_printable_text(file).text);
		return set_problem(name, &problem, err);
	}
	if (read_file(fd, file, &text, &problem))
		return set_problem(name, &problem, err);
	name->text = keyring->text.len;
	name->text_len = text.len;
	return secret_append_span(&keyring->text, secret_span(&text), err);
}

/* What is no NAME.pub is none of ours, but that a private key lies there is worth a word. */
static int look_at_stray(struct keyring *keyring, int fd, const char *file, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	struct error ignored = ERROR_INIT;

	if (read_file(fd, file, &text, &ignored) || !keyring_has_private_key(secret_span(&text)))
		return 0;
	return buf_printf(&keyring->strays, err, "%s\n", text_printable_text(file).text);
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int compare_names(const void *a, const void *b)
{
	const struct keyring_name *first = a, *second = b;

	return strcmp(first->name, second->name);
}

static int take_files(struct keyring *keyring, DIR *directory, struct error *err)
{
	const struct dirent *entry;

	while (errno = 0, entry = readdir(directory)) {
		struct span file = span_of_text(entry->d_name);

		bool is_name = file.len > strlen(KEYRING_SUFFIX) && file.data[0] != '.' &&
			       span_ends_with(file, KEYRING_SUFFIX);

		if (is_name ? take_file(keyring, dirfd(directory), entry->d_name, err)
			    : look_at_stray(keyring, dirfd(directory), entry->d_name, err))
			return -1;
	}
	if (errno)
		return error_sys(err, "cannot read the directory \"%s\"", KEYRING_DIRECTORY);
	if (keyring->len > 0)
		qsort(keyring->names, keyring->len, sizeof *keyring->names, compare_names);
	return 0;
}

int keyring_read(int root_fd, struct keyring *ret_keyring, struct error *err)
{
	AUTO(keyring) keyring = KEYRING_INIT;
	__attribute__((cleanup(close_directory))) DIR *directory = NULL;
	AUTO_FD int fd = openat(root_fd, KEYRING_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT)
		return error_sys(err, "cannot open the directory \"%s\"", KEYRING_DIRECTORY);
	if (fd >= 0) {
		directory = fdopendir(fd);
		if (!directory)
			return error_sys(err, "cannot read the directory \"%s\"",
					 KEYRING_DIRECTORY);
		fd = -1;
		if (take_files(&keyring, directory, err))
			return -1;
	}
	*ret_keyring = keyring;
	keyring = KEYRING_INIT;
	return 0;
}

int keyring_parse(struct keyring *keyring, struct error *err)
{
	for (size_t i = 0; i < keyring->len; i++) {
		struct keyring_name *name = &keyring->names[i];
		struct span text =
			span_slice(secret_span(&keyring->text), name->text, name->text_len);
		struct error problem = ERROR_INIT;

		if (name->problem || !keyring_parse_file(text, &name->recipients, &problem))
			continue;
		/* no file is touched here, so this is memory, and no fault of the file's */
		if (problem.kind == ERROR_SYSTEM) {
			*err = problem;
			return -1;
		}
		error_wrap(&problem, "%s/%s%s", KEYRING_DIRECTORY, name->name, KEYRING_SUFFIX);
		if (set_problem(name, &problem, err))
			return -1;
	}
	secret_release(&keyring->text);
	return 0;
}

const struct keyring_name *keyring_find(const struct keyring *keyring, const char *name)
{
	for (size_t i = 0; i < keyring->len; i++) {
		if (strcmp(keyring->names[i].name, name) == 0)
			return &keyring->names[i];
	}
	return NULL;
}
