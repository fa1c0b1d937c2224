/* SPDX-License-Identifier: MIT */
/*
 * killed -t
 * killed [-a] BOOTSEAL TREE KEY MARK COMMAND [ARGUMENT...]: kills "BOOTSEAL COMMAND ARGUMENT... TREE", which changes
 * every sealed file below TREE, at each of its system calls in turn. Each time:
 *
 *   - every file is there, whole, with its mode, and opens with KEY to what it held; it is sealed to those
 *     that it was sealed to, or to those that the command seals it to;
 *   - nothing else is left but the journal, which its owner alone may enter, and which MARK (a text that
 *     is in all values) is not in;
 *   - the next command, one that only reads, finishes it and says so: then all files are new, or all old.
 *
 * -a: all processes are killed at once; else the one that makes the call, and the others see that.
 * -t: can a process be traced here? What is wrong goes to stdout; so does a line of figures. Status 1 where something is wrong.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/lib.h"
#include "repo/journal.h"
#include "sops/file.h"
#include "trace.h"
#include "util/file.h"

#define ENTRIES_MAX 1000
#define ARGUMENTS_MAX 16
#define WRONG_MAX 20

/* What is in the tree before the command; text, plain and the others of a sealed file alone. */
struct entry {
	char *path;
	mode_t mode;
	bool sealed;
	struct secret text, plain;
	struct secret before, after; /* whom it is sealed to */
};

/* What a kill has left. */
struct left {
	size_t seen, changed; /* entries of the tree, and those with another text */
	bool journal, index;  /* the journal, and one that is whole */
};

/* nftw() passes nothing on, so this is global. */
static struct {
	const char *tree, *mark;
	struct age_identities identities;
	struct entry entries[ENTRIES_MAX];
	size_t len, sealed;
	char journal[4096];
	char *arguments[ARGUMENTS_MAX], *next[4];
	int output_fd;
	size_t nth, wrong;
	struct left left;
} all;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "killed: %s: %s\n", what, why);
	exit(2);
}

static void need(int result, const char *what, const struct error *err)
{
	if (result < 0)
		die(what, err->message);
}

static void wrong(const char *path, const char *why)
{
	if (all.wrong++ < WRONG_MAX)
		printf("call %zu: %s: %s\n", all.nth, path, why);
}

static struct secret read_file(const char *path)
{
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;

	need(file_read_regular(AT_FDCWD, path, SECRET_MAX, &text, &err), path, &err);
	return text;
}

static bool same(const struct secret *a, const struct secret *b)
{
	return span_equal(secret_span(a), secret_span(b));
}

static int open_sealed(const char *path, const struct secret *text, struct secret *ret_plain,
		       struct secret *ret_recipients, struct error *err)
{
	const enum doc_format format = doc_format_of_name(path);
	AUTO(secret) copy = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;

	if (secret_append_span(&copy, secret_span(text), err) < 0 ||
	    sops_list_recipients(format, &copy, ret_recipients, err) < 0 ||
	    sops_open(format, &copy, &all.identities, 0, &file, err) < 0)
		return -1;
	return sops_file_plaintext(&file, ret_plain, err);
}

static struct entry *find(const char *path)
{
	for (size_t i = 0; i < all.len; i++)
		if (strcmp(all.entries[i].path, path) == 0)
			return &all.entries[i];
	return NULL;
}

static int keep_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	struct entry *entry = &all.entries[all.len++];
	struct error err = ERROR_INIT;

	if (all.len == ENTRIES_MAX)
		die(path, "too many files");
	*entry = (struct entry){ .path = strdup(path), .mode = status->st_mode };
	if (!entry->path)
		die(path, "out of memory");
	entry->sealed = kind == FTW_F && strcmp(path + where->base, ".sops.yaml") != 0;
	if (!entry->sealed)
		return 0;
	all.sealed++;
	entry->text = read_file(path);
	need(open_sealed(path, &entry->text, &entry->plain, &entry->before, &err), path, &err);
	return 0;
}

/* A file of the tree: as it was, or as the command makes it. */
static void check_entry(struct entry *entry, const struct stat *status)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) recipients = SECRET_INIT;
	struct error err = ERROR_INIT;

	all.left.seen++;
	if (status->st_mode != entry->mode)
		wrong(entry->path, "has another mode");
	if (!entry->sealed)
		return;
	text = read_file(entry->path);
	if (same(&text, &entry->text))
		return;
	all.left.changed++;
	if (open_sealed(entry->path, &text, &plain, &recipients, &err) < 0)
		wrong(entry->path, err.message);
	else if (!same(&plain, &entry->plain))
		wrong(entry->path, "opens to something else");
	else if (entry->after.len == 0) /* of the run that is not killed */
		entry->after = secret_move(&recipients);
	else if (!same(&recipients, &entry->after))
		wrong(entry->path, "is sealed to others");
}

/* What was not there before: it may be the journal, or in it. */
static void check_other(const char *path, const struct stat *status, const char *name)
{
	AUTO(secret) text = SECRET_INIT;

	if (strncmp(path, all.journal, strlen(all.journal)) != 0) {
		wrong(path, "is left");
	} else if (S_ISDIR(status->st_mode)) {
		all.left.journal = true;
		if ((status->st_mode & 07777) != 0700)
			wrong(path, "others may enter it");
	} else {
		AUTO(repo_journal) journal = REPO_JOURNAL_INIT;
		struct error err = ERROR_INIT;

		text = read_file(path);
		if (memmem(text.data, text.len, all.mark, strlen(all.mark)))
			wrong(path, "holds plaintext");
		all.left.index |= strcmp(name, REPO_INDEX) == 0 &&
				  repo_journal_parse(secret_span(&text), &journal, &err) == 0;
	}
}

static int check_path(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	struct entry *entry = find(path);

	(void)kind;
	if (entry)
		check_entry(entry, status);
	else
		check_other(path, status, path + where->base);
	return 0;
}

static void walk(int (*visit)(const char *, const struct stat *, int, struct FTW *))
{
	if (nftw(all.tree, visit, 16, FTW_PHYS) != 0)
		die(all.tree, "cannot be walked through");
}

static void look(void)
{
	all.left = (struct left){ .seen = 0 };
	walk(check_path);
	if (all.left.seen != all.len)
		wrong(all.tree, "lacks files");
}

/* Everything as it was. */
static void restore(void)
{
	struct error err = ERROR_INIT;

	need(file_remove_tree(AT_FDCWD, all.journal, &err), all.journal, &err);
	for (size_t i = 0; i < all.len; i++) {
		const struct entry *entry = &all.entries[i];
		AUTO(secret) text = SECRET_INIT;

		if (!entry->sealed)
			continue;
		text = read_file(entry->path);
		if (!same(&text, &entry->text))
			need(file_write(AT_FDCWD, entry->path, secret_span(&entry->text), 0600,
					&err),
			     entry->path, &err);
	}
}

static struct secret said(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", all.output_fd);
	return read_file(path);
}

static struct trace_result run(char *const *argv, enum trace_victim victim, size_t nth)
{
	if (ftruncate(all.output_fd, 0) < 0 || lseek(all.output_fd, 0, SEEK_SET) < 0)
		die("output", "cannot be emptied");
	return trace_run(argv, all.output_fd, victim, nth);
}

/* The next command after a kill: what it says, and what is there afterwards. */
static void finish(void)
{
	const struct left before = all.left;
	AUTO(secret) text = SECRET_INIT;
	const char *wanted =
		before.index     ? "was finished: "
		: before.journal ? "had changed all of its files, or none; what it left was removed"
				 : "";

	if (!before.journal && before.changed == 0)
		return;
	if (run(all.next, TRACE_ONE, 0).status != 0)
		wrong(all.tree, "the next command fails");
	text = said();
	if (*wanted && !memmem(text.data, text.len, wanted, strlen(wanted)))
		wrong(all.tree, "the next command does not say what it did");
	if (!*wanted && memmem(text.data, text.len, "interrupted", strlen("interrupted")))
		wrong(all.tree, "the next command speaks of an interrupted one");
	look();
	if (all.left.journal)
		wrong(all.journal, "is left by the next command");
	if (all.left.changed != 0 && all.left.changed != all.sealed)
		wrong(all.tree, "some files are new, others old");
	if (before.index && all.left.changed != all.sealed)
		wrong(all.tree, "the next command did not finish it");
}

/* The command at each of its calls; returns how many there were. */
static size_t kill_at_each(enum trace_victim victim)
{
	size_t begun = 0, forward = 0, partly = 0;

	for (all.nth = 1;; all.nth++) {
		struct trace_result result;

		restore();
		result = run(all.arguments, victim, all.nth);
		look();
		if (!result.killed)
			break;
		begun += all.left.journal;
		forward += all.left.index;
		partly += all.left.changed > 0 && all.left.changed < all.sealed;
		finish();
	}
	if (all.left.journal || all.left.changed != all.sealed)
		wrong(all.tree, "was not changed in the end");
	printf("killed at %zu calls: a journal was left by %zu, a whole one by %zu, with some "
	       "files new by %zu\n",
	       all.nth - 1, begun, forward, partly);
	if (forward == 0 || (all.sealed > 1 && partly == 0))
		wrong(all.tree, "no kill left work to finish");
	return all.nth - 1;
}

static void load(char **arguments, const char *key)
{
	AUTO(secret) identities = read_file(key);
	struct error err = ERROR_INIT;
	FILE *output = tmpfile();
	size_t len = 0;

	need(age_identities_add_file(&all.identities, secret_span(&identities), key, &err), key,
	     &err);
	snprintf(all.journal, sizeof(all.journal), "%s/%s", all.tree, REPO_JOURNAL);
	if (!output)
		die("tmpfile", "cannot be made");
	all.output_fd = fileno(output);
	walk(keep_entry);
	for (; *arguments && len < ARGUMENTS_MAX - 3; arguments++)
		all.arguments[1 + len++] = *arguments;
	all.arguments[1 + len] = (char *)(uintptr_t)all.tree;
	for (size_t i = 0; i < all.len; i++)
		if (all.entries[i].sealed)
			all.next[2] = all.entries[i].path;
}

int main(int argc, char **argv)
{
	const bool every = argc > 1 && strcmp(argv[1], "-a") == 0;
	struct error err = ERROR_INIT;
	struct trace_result whole;

	if (argc == 2 && strcmp(argv[1], "-t") == 0) {
		char *const nothing[] = { (char *)(uintptr_t) "/bin/true", NULL };

		return trace_run(nothing, STDERR_FILENO, TRACE_ONE, 0).calls == 0;
	}
	argv += every;
	argc -= every;
	if (argc < 6)
		die("usage", "killed [-a] BOOTSEAL TREE KEY MARK COMMAND [ARGUMENT...]");
	need(crypto_init(&err), "crypto", &err);
	setvbuf(stdout, NULL, _IOLBF, 0);
	all.arguments[0] = all.next[0] = argv[1];
	all.tree = argv[2];
	all.mark = argv[4];
	all.next[1] = (char *)(uintptr_t) "filestatus";
	load(argv + 5, argv[3]);
	whole = run(all.arguments, TRACE_ONE, 0);
	look();
	if (whole.status != 0 || all.left.changed != all.sealed || all.left.journal)
		die(argv[5], "fails even when it is not killed");
	(void)kill_at_each(every ? TRACE_ALL : TRACE_ONE);
	return all.wrong > 0;
}
