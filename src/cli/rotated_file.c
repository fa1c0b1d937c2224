/* SPDX-License-Identifier: MIT */
#include "cli/rotated_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doc/doc.h"
#include "doc/path.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#define GENERATED "43" /* letters and digits: 256 bits */
#define SAID_MAX ((size_t)64 << 10)
#define SEAL_SECONDS 120
#define OURSELVES "/proc/self/exe"

static const char *const copy_names[ROTATED_LEN] = {
	[ROTATED_BEFORE] = "before",
	[ROTATED_AFTER] = "after",
};

void rotated_file_release(struct rotated_file *file)
{
	lock_release(&file->lock);
	secret_release(&file->before);
	for (size_t i = 0; i < ROTATED_LEN; i++)
		free(file->copies[i]);
	*file = ROTATED_FILE_INIT;
}

/* With no "..", by which a copy's name would lead out of the directory, and at worst to the file itself. */
static int rotated_find_parent(const char *path, char **ret_parent, struct error *err)
{
	AUTO_FREE char *copy = strdup(path);

	if (copy == NULL)
		return error_memory(err);
	*ret_parent = realpath(dirname(copy), NULL);
	return *ret_parent != NULL ? 0
				   : error_sys(err, "cannot open the directory of \"%s\"",
					       text_printable_text(path).text);
}

/* Two files never have one copy, and each copy has its file's extension. */
static int rotated_name_copies(struct rotated_file *file, struct error *err)
{
	AUTO_FREE char *parent = NULL;

	if (rotated_find_parent(file->path, &parent, err) < 0)
		return -1;
	for (size_t i = 0; i < ROTATED_LEN; i++) {
		if (asprintf(&file->copies[i], "%s/%s%s%s", file->directory, copy_names[i], parent,
			     strrchr(file->path, '/')) >= 0)
			continue;
		file->copies[i] = NULL;
		return error_memory(err);
	}
	return 0;
}

static int rotated_lock(const char *directory, struct lock *ret_lock, struct error *err)
{
	AUTO_FD int fd = -1;

	if (file_make_directories(AT_FDCWD, directory, 0700, err) < 0)
		return -1;
	fd = open(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, "cannot open \"%s\"", text_printable_text(directory).text);
	return lock_take_directory(fd, directory, ret_lock, err);
}

/* Read when it is locked: another rotation may just have changed it. */
int rotated_file_open(const char *path, const char *directory, struct rotated_file *ret_file,
		      struct error *err)
{
	AUTO(rotated_file) file = ROTATED_FILE_INIT;

	file.path = path;
	file.directory = directory;
	if (rotated_name_copies(&file, err) < 0 || rotated_lock(directory, &file.lock, err) < 0 ||
	    file_read(AT_FDCWD, path, DOC_TEXT_MAX, &file.before, err) < 0)
		return -1;
	*ret_file = file;
	file = ROTATED_FILE_INIT;
	return 0;
}

static int rotated_keep(const struct rotated_file *file, enum rotated_copy which, struct span text,
			struct error *err)
{
	AUTO_FREE char *directory = strdup(file->copies[which]);

	if (directory == NULL)
		return error_memory(err);
	if (file_make_directories(AT_FDCWD, dirname(directory), 0700, err) < 0)
		return -1;
	return file_write(AT_FDCWD, file->copies[which], text, 0600, err);
}

int rotated_file_begin(struct rotated_file *file, struct error *err)
{
	return rotated_keep(file, ROTATED_BEFORE, secret_span(&file->before), err);
}

/* Our own "set", which knows what may be refused; it opens the file with the manifest's first identity. */
int rotated_file_seal(const struct rotated_file *file, const struct single_place *place,
		      struct span value, struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(buf) index = BUF_INIT;
	AUTO(buf) ssh_key = BUF_INIT;
	AUTO(buf) age_key = BUF_INIT;
	AUTO(secret) said = SECRET_INIT;
	const char *environment[3] = { NULL };
	const char *words[] = { OURSELVES, "set", file->path, NULL, NULL, NULL, NULL };
	const struct child_command command = { .argv = words,
					       .environment = environment,
					       .input = value,
					       .timeout_seconds = SEAL_SECONDS };
	int status;

	if (value.len == 0) {
		words[4] = "--generate";
		words[5] = GENERATED;
	}
	if (doc_path_parse_slashes(place->key, &path, err) < 0 ||
	    doc_path_format(&path, path.len, &index, err) < 0 ||
	    buf_text(&index, &words[3], err) < 0 ||
	    buf_printf(&ssh_key, err, "SOPS_AGE_SSH_PRIVATE_KEY_FILE=%s", place->identity) < 0 ||
	    buf_printf(&age_key, err, "SOPS_AGE_KEY_FILE=%s", place->identity) < 0 ||
	    buf_text(&ssh_key, &environment[0], err) < 0 ||
	    buf_text(&age_key, &environment[1], err) < 0 ||
	    child_run(&command, SAID_MAX, &said, &status, err) < 0)
		return -1;
	if (status == 0)
		return 0;
	return error_set(err, ERROR_FINDINGS, "\"%s\" could not be sealed: status %d",
			 text_printable_text(place->key).text, status);
}

/* Without a copy of what it is now there is still one of what it was. */
int rotated_file_restore(const struct rotated_file *file, struct error *err)
{
	AUTO(secret) now = SECRET_INIT;
	struct error unkept = ERROR_INIT;

	if (file_read(AT_FDCWD, file->path, DOC_TEXT_MAX, &now, &unkept) == 0) {
		if (span_equal(secret_span(&now), secret_span(&file->before)))
			return 0;
		(void)!rotated_keep(file, ROTATED_AFTER, secret_span(&now), &unkept);
	}
	return file_write(AT_FDCWD, file->path, secret_span(&file->before), 0600, err);
}

/* And the directories that were made for them; the one that is locked stays. */
static void rotated_remove(const struct rotated_file *file, const char *copy)
{
	AUTO_FREE char *path = strdup(copy);

	if (path == NULL || (unlink(path) < 0 && errno != ENOENT))
		return;
	for (;;) {
		*strrchr(path, '/') = '\0';
		if (strcmp(path, file->directory) == 0 || (rmdir(path) < 0 && errno != ENOENT))
			return;
	}
}

void rotated_file_end(const struct rotated_file *file)
{
	for (size_t i = 0; i < ROTATED_LEN; i++)
		rotated_remove(file, file->copies[i]);
}
