/* SPDX-License-Identifier: MIT */
#include "activate/revision.h"

#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REVISION_FILE_MAX ((size_t)16 << 20)
#define REVISION_DEPTH_MAX 64

static bool revision_copy_commit(struct span text, char ret_commit[REVISION_MAX])
{
	if (text.len != 40 && text.len != 64)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!(text.data[i] >= '0' && text.data[i] <= '9') &&
		    !(text.data[i] >= 'a' && text.data[i] <= 'f'))
			return false;
	memcpy(ret_commit, text.data, text.len);
	ret_commit[text.len] = '\0';
	return true;
}

/* It becomes part of a path, and must stay below the repository. */
static bool revision_copy_ref(struct span ref, char ret_ref[REVISION_REF_MAX])
{
	if (!span_starts_with(ref, "refs/") || ref.len >= REVISION_REF_MAX ||
	    memchr(ref.data, 0, ref.len) != NULL || memmem(ref.data, ref.len, "..", 2) != NULL)
		return false;
	memcpy(ret_ref, ref.data, ref.len);
	ret_ref[ref.len] = '\0';
	return true;
}

bool revision_parse_head(struct span text, char ret_commit[REVISION_MAX],
			 char ret_ref[REVISION_REF_MAX])
{
	struct span line = span_trim(text);

	ret_commit[0] = ret_ref[0] = '\0';
	if (span_starts_with(line, "ref:"))
		return revision_copy_ref(span_trim(span_slice(line, 4, line.len)), ret_ref);
	return revision_copy_commit(line, ret_commit);
}

/* Lines "COMMIT REF"; what begins with # or ^ says something else. */
bool revision_parse_packed(struct span text, const char *ref, char ret_commit[REVISION_MAX])
{
	struct span line, commit;

	while (span_take_line(&text, &line))
		if (span_take_until(&line, ' ', &commit) && span_equal_text(line, ref))
			return revision_copy_commit(commit, ret_commit);
	return false;
}

/* Who else could write it could make us say anything; no more than that, but not to root. */
static bool revision_is_ours(const struct stat *status)
{
	return (status->st_uid == 0 || status->st_uid == geteuid()) && (status->st_mode & 022) == 0;
}

static bool revision_read(int dir_fd, const char *name, struct secret *ret_text)
{
	struct error ignored = ERROR_INIT;

	return file_read_regular(dir_fd, name, REVISION_FILE_MAX, ret_text, &ignored) == 0;
}

static int revision_open_directory(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) < 0 || !revision_is_ours(&status)))
		file_close_pointer(&fd);
	return fd;
}

/* The directory that a file's one line names behind prefix, relative to dir_fd. */
static int revision_follow(int dir_fd, const char *name, const char *prefix)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO_FREE char *path = NULL;
	struct span line;

	if (!revision_read(dir_fd, name, &text))
		return -1;
	line = span_trim(secret_span(&text));
	if (!span_starts_with(line, prefix))
		return -1;
	line = span_trim(span_slice(line, strlen(prefix), line.len));
	path = line.len == 0 ? NULL : strndup((const char *)line.data, line.len);
	return path == NULL ? -1 : revision_open_directory(dir_fd, path);
}

/* .git: a directory, or in a further work tree a file that names one. */
static int revision_open_repository(int tree_fd)
{
	struct stat status;

	if (fstatat(tree_fd, ".git", &status, 0) < 0 || !revision_is_ours(&status))
		return -1;
	return S_ISDIR(status.st_mode) ? revision_open_directory(tree_fd, ".git")
				       : revision_follow(tree_fd, ".git", "gitdir:");
}

/* A ref is a file of its own, or a line among the packed ones. */
static bool revision_find_ref(int git_fd, const char *ref, char ret_commit[REVISION_MAX])
{
	AUTO(secret) loose = SECRET_INIT;
	AUTO(secret) packed = SECRET_INIT;

	if (revision_read(git_fd, ref, &loose))
		return revision_copy_commit(span_trim(secret_span(&loose)), ret_commit);
	return revision_read(git_fd, "packed-refs", &packed) &&
	       revision_parse_packed(secret_span(&packed), ref, ret_commit);
}

/* A further work tree has its own HEAD, and its refs in the first one's repository. */
static void revision_read_head(int git_fd, char ret_commit[REVISION_MAX])
{
	AUTO(secret) head = SECRET_INIT;
	char ref[REVISION_REF_MAX] = "";
	AUTO_FD int common = -1;

	if (!revision_read(git_fd, "HEAD", &head) ||
	    !revision_parse_head(secret_span(&head), ret_commit, ref) || ref[0] == '\0' ||
	    revision_find_ref(git_fd, ref, ret_commit))
		return;
	common = revision_follow(git_fd, "commondir", "");
	if (common >= 0)
		(void)!revision_find_ref(common, ref, ret_commit);
}

static bool revision_is_tree(int fd)
{
	struct stat status;

	return fstatat(fd, ".git", &status, 0) == 0;
}

void revision_find(const char *directory, char ret_commit[REVISION_MAX])
{
	AUTO_FD int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD int git_fd = -1;

	ret_commit[0] = '\0';
	for (unsigned depth = 0; fd >= 0 && !revision_is_tree(fd); depth++) {
		int parent = depth == REVISION_DEPTH_MAX
				     ? -1
				     : openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		close(fd);
		fd = parent;
	}
	git_fd = fd < 0 ? -1 : revision_open_repository(fd);
	if (git_fd >= 0)
		revision_read_head(git_fd, ret_commit);
}
