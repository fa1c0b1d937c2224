/* SPDX-License-Identifier: MIT */
#include "keyring/sealed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/keyring.h"
#include "sops/rules.h"
#include "util/file.h"

/* A walk through the directories. */
struct walk {
	const struct keyring_rules *rules;
	const struct age_recipients *own;
	bool wanted;
	size_t entries;
	struct keyring_sealed found;
};

#define WALK_INIT ((struct walk){ NULL, NULL, false, 0, KEYRING_SEALED_INIT })

static void walk_release(struct walk *walk)
{
	keyring_sealed_release(&walk->found);
}

void keyring_sealed_release(struct keyring_sealed *sealed)
{
	buf_release(&sealed->paths);
}

const char *keyring_sealed_next(const struct keyring_sealed *sealed, size_t *position)
{
	const char *path;

	if (*position >= sealed->paths.len)
		return NULL;
	path = (const char *)sealed->paths.data + *position;
	*position += strlen(path) + 1;
	return path;
}

/* Most files are not sealed: those are told apart without parsing them. */
static bool looks_sealed(struct span text)
{
	static const char mark[] = "ENC[AES256_GCM,";

	return text.len > 0 && memmem(text.data, text.len, mark, strlen(mark)) != NULL;
}

static bool lists_all(const struct age_recipients *own, struct span lines, bool *ret_any)
{
	size_t count = 0;

	for (size_t i = 0; i < own->len; i++) {
		struct span rest = lines, line;
		bool found = false;

		while (!found && span_take_line(&rest, &line))
			found = keyring_is_key(&own->items[i], line);
		count += found;
	}
	*ret_any = count > 0;
	return count == own->len;
}

static bool names_key(const struct sops_groups *groups, const struct age_recipient *key)
{
	for (size_t i = 0; i < groups->len; i++)
		for (size_t k = 0; k < groups->items[i].len; k++) {
			const struct age_recipients *age = &groups->items[i].items[k].age;

			if (age->len > 0 && age_recipient_equal(key, &age->items[0]))
				return true;
		}
	return false;
}

/* Does the rule for path have all of own? */
static int rule_has_own(struct walk *walk, const char *path, bool *ret_has, struct error *err)
{
	AUTO(secret) rules = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct error reading = ERROR_INIT;
	bool found;

	*ret_has = false;
	if (secret_append_span(&rules, secret_span(&walk->rules->text), err))
		return -1;
	if (sops_rules_policy(&rules, SOPS_RULES_FILE, path, &policy, &found, &reading)) {
		if (reading.kind == ERROR_SYSTEM) {
			*err = reading;
			return -1;
		}
		walk->found.skipped += reading.kind == ERROR_UNSUPPORTED;
		return 0;
	}
	*ret_has = found && walk->own->len > 0;
	for (size_t i = 0; i < walk->own->len && *ret_has; i++)
		*ret_has = names_key(&policy.groups, &walk->own->items[i]);
	return 0;
}

static int look_at(struct walk *walk, const char *path, struct secret *text, struct error *err)
{
	AUTO(secret) lines = SECRET_INIT;
	struct error parse = ERROR_INIT;
	const enum doc_format format = doc_format_of_name(path);
	bool any, all, matters;

	if (!looks_sealed(secret_span(text)))
		return 0;
	if (sops_list_recipients(format, text, &lines, &parse)) {
		/* what has no name of a format may be anything that speaks of sealed values */
		walk->found.skipped += parse.kind != ERROR_NO_METADATA && format != DOC_BINARY;
		return 0;
	}
	all = lists_all(walk->own, secret_span(&lines), &any);
	matters = walk->wanted ? !all : any;
	if (matters && walk->wanted && rule_has_own(walk, path, &matters, err))
		return -1;
	return matters ? buf_append(&walk->found.paths, path, strlen(path) + 1, err) : 0;
}

static int look_into(struct walk *walk, int dir_fd, const char *prefix, unsigned depth,
		     struct error *err);

static int visit(struct walk *walk, int dir_fd, const char *prefix, const char *name,
		 unsigned depth, struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error reading = ERROR_INIT;
	struct stat status;
	const char *shown;

	if (name[0] == '.' || fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (buf_printf(&path, err, "%s%s%s", prefix, prefix[0] ? "/" : "", name) ||
	    buf_text(&path, &shown, err))
		return -1;
	if (S_ISDIR(status.st_mode)) {
		AUTO_FD int fd =
			openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		return fd < 0 ? 0 : look_into(walk, fd, shown, depth + 1, err);
	}
	if (!S_ISREG(status.st_mode) || status.st_size > (off_t)KEYRING_SEALED_FILE_MAX)
		return 0;
	if (file_read(dir_fd, name, KEYRING_SEALED_FILE_MAX, &text, &reading)) {
		walk->found.skipped++;
		return 0;
	}
	return look_at(walk, shown, &text, err);
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int look_into(struct walk *walk, int dir_fd, const char *prefix, unsigned depth,
		     struct error *err)
{
	AUTO_FD int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	__attribute__((cleanup(close_directory))) DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!directory)
		return error_sys(err, "cannot read the directory \"%s\"", prefix);
	fd = -1;
	rewinddir(directory);
	while ((entry = readdir(directory))) {
		if (depth > KEYRING_SEALED_DEPTH_MAX ||
		    walk->entries++ == KEYRING_SEALED_ENTRIES_MAX) {
			walk->found.cut = true;
			return 0;
		}
		if (visit(walk, dir_fd, prefix, entry->d_name, depth, err))
			return -1;
	}
	return 0;
}

int keyring_find_sealed(int root_fd, const struct keyring_rules *rules,
			const struct age_recipients *own, bool wanted,
			struct keyring_sealed *ret_sealed, struct error *err)
{
	AUTO(walk) walk = WALK_INIT;

	walk.rules = rules;
	walk.own = own;
	walk.wanted = wanted;
	if (look_into(&walk, root_fd, "", 0, err))
		return -1;
	*ret_sealed = walk.found;
	walk.found = KEYRING_SEALED_INIT;
	return 0;
}
