/* SPDX-License-Identifier: MIT */
/*
 * main() of a fuzz target that is built without libFuzzer: gives it the empty
 * input and each file named, and each file in the directories named.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)1 << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static void die(const char *name)
{
	fprintf(stderr, "%s: %s\n", name, strerror(errno));
	exit(EXIT_FAILURE);
}

/* A copy of exactly the input's size, so that a sanitizer sees reads beyond it. */
static void run(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (!copy)
		die("malloc");
	if (len > 0)
		memcpy(copy, bytes, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void run_file(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = malloc(INPUT_MAX);
	size_t len = 0;
	ssize_t got;

	if (fd < 0 || !bytes)
		die(name);
	while ((got = read(fd, bytes + len, INPUT_MAX - len)) > 0)
		len += (size_t)got;
	if (got < 0)
		die(name);
	close(fd);
	run(bytes, len);
	free(bytes);
}

static size_t run_directory(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	if (!dir)
		die(path);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		run_file(dirfd(dir), entry->d_name);
		count++;
	}
	closedir(dir);
	return count;
}

static void record(const char *name)
{
	const char *path = getenv("BOOTSEAL_RESULTS");
	FILE *results = path ? fopen(path, "a") : NULL;

	if (!path)
		return;
	if (!results)
		die(path);
	fprintf(results, "count\t%s\t1\t0\t0\n", name);
	if (fclose(results) != 0)
		die(path);
}

int main(int argc, char **argv)
{
	size_t count = 1;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	run(NULL, 0);
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) != 0)
			die(argv[i]);
		if (S_ISDIR(st.st_mode)) {
			count += run_directory(argv[i]);
		} else {
			run_file(AT_FDCWD, argv[i]);
			count++;
		}
	}
	printf("%s: %zu inputs replayed\n", argv[0], count);
	record(argv[0]);
	return EXIT_SUCCESS;
}
