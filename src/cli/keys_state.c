/* SPDX-License-Identifier: MIT */
#include "cli/keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sops/rules.h"
#include "util/file.h"
#include "util/sandbox.h"
#include "util/text.h"

void keys_state_release(struct keys_state *state)
{
	keyring_release(&state->keyring);
	keyring_rules_release(&state->rules);
	lock_release(&state->lock);
	keyring_root_release(&state->root);
}

static int read_rules(int root_fd, struct secret *ret_text, bool *ret_found, struct error *err)
{
	struct error reading = ERROR_INIT;

	*ret_found = file_read_regular(root_fd, SOPS_RULES_FILE, SOPS_RULES_MAX, ret_text,
				       &reading) == 0;
	if (*ret_found || reading.kind == ERROR_NO_FILE)
		return 0;
	*err = reading;
	return -1;
}

#define WRITABLE_MAX 4 /* root, and where .sops.yaml, keys/ and one more lead */

struct writable {
	int fds[WRITABLE_MAX];
	size_t len;
};

#define WRITABLE_INIT ((struct writable){ { -1, -1, -1, -1 }, 0 })

static void writable_release(struct writable *writable)
{
	/* the first is root's own */
	for (size_t i = 1; i < writable->len; i++)
		file_close_pointer(&writable->fds[i]);
}

/* Where name is a symlink: the directory that it leads to, or (is_file) that holds what it leads to. */
static int add_target(const struct keyring_root *root, const char *name, bool is_file,
		      struct writable *writable, struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	AUTO(buf) within = BUF_INIT;
	AUTO_FREE char *target = NULL;
	struct stat status;
	const char *text, *last;

	if (fstatat(root->fd, name, &status, AT_SYMLINK_NOFOLLOW) || !S_ISLNK(status.st_mode))
		return 0;
	if (buf_printf(&path, err, "%s/%s", root->path, name) || buf_text(&path, &text, err))
		return -1;
	target = realpath(text, NULL);
	if (!target) {
		error_sys(err, "cannot follow the symlink \"%s\"", text_printable_text(text).text);
		return -1;
	}
	if (buf_printf(&within, err, "%s%s", target, is_file ? "" : "/") ||
	    buf_text(&within, &text, err) ||
	    file_open_parent(AT_FDCWD, text, &writable->fds[writable->len], &last, err))
		return -1;
	writable->len++;
	return 0;
}

static int enter_sandbox(const struct keyring_root *root, const struct keys_access *access,
			 struct error *err)
{
	AUTO(writable) writable = WRITABLE_INIT;
	bool active;

	if (!access->writing)
		return sandbox_enter(SANDBOX_FILTER, NULL, 0, &active, err);
	writable.fds[writable.len++] = root->fd;
	if (add_target(root, SOPS_RULES_FILE, true, &writable, err) ||
	    add_target(root, KEYRING_DIRECTORY, false, &writable, err) ||
	    (access->directory && add_target(root, access->directory, false, &writable, err)))
		return -1;
	return sandbox_enter(SANDBOX_EDIT, writable.fds, writable.len, &active, err);
}

int keys_state_load(struct keyring_root *root, const struct keys_access *access,
		    struct keys_state *ret_state, struct error *err)
{
	AUTO(keys_state) state = KEYS_STATE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct stat status;

	state.root = *root;
	*root = KEYRING_ROOT_INIT;
	if ((access->writing && keyring_root_lock(&state.root, &state.lock, err)) ||
	    keyring_read(state.root.fd, &state.keyring, err) ||
	    read_rules(state.root.fd, &text, &state.has_rules, err) ||
	    enter_sandbox(&state.root, access, err) || keyring_parse(&state.keyring, err))
		return -1;
	state.has_directory = fstatat(state.root.fd, KEYRING_DIRECTORY, &status, 0) == 0;
	if (state.has_rules && keyring_rules_parse(&text, &state.rules, err))
		return error_wrap(err, "cannot read \"%s/%s\"", state.root.path, SOPS_RULES_FILE);
	*ret_state = state;
	state = KEYS_STATE_INIT;
	return 0;
}

void keys_tell_problems(const struct keys_state *state, bool names)
{
	struct span rest = buf_span(&state->keyring.strays), file;

	if (keyring_has_private_key(secret_span(&state->rules.text)))
		fprintf(stderr, "warning: %s: %s\n", SOPS_RULES_FILE, KEYRING_PRIVATE_KEY);
	while (span_take_line(&rest, &file))
		fprintf(stderr, "warning: %s/%.*s: %s\n", KEYRING_DIRECTORY, SPAN_PRINT(file),
			KEYRING_PRIVATE_KEY);
	for (size_t i = 0; names && i < state->keyring.len; i++) {
		if (state->keyring.names[i].problem)
			fprintf(stderr, "warning: %s\n", state->keyring.names[i].problem);
	}
}

/* Names with a comma between; as many as have room. */
static void list_names(const struct keys_state *state, char *ret_text, size_t size)
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < state->keyring.len; i++) {
		int more = snprintf(ret_text + len, size - len, "%s%s", i ? ", " : "",
				    text_printable_text(state->keyring.names[i].name).text);

		if (more < 0 || (size_t)more >= size - len) {
			ret_text[len] = '\0';
			return;
		}
		len += (size_t)more;
	}
}

int keys_no_such_name(const struct keys_state *state, const char *name, struct error *err)
{
	char names[ERROR_HINT_MAX / 2];

	list_names(state, names, sizeof names);
	error_set(err, ERROR_NOT_FOUND, "there is no \"%s\" in \"%s/%s\"",
		  text_printable_text(name).text, state->root.path, KEYRING_DIRECTORY);
	return error_hint(err, "%s%s", names[0] ? "there are: " : "nobody is", names);
}

/* Room for keys/NAME.pub. */
#define NAME_PATH_MAX (sizeof KEYRING_DIRECTORY + KEYRING_NAME_MAX + sizeof KEYRING_SUFFIX + 1)

static void path_of_name(const char *name, char ret_path[NAME_PATH_MAX])
{
	snprintf(ret_path, NAME_PATH_MAX, "%s/%s%s", KEYRING_DIRECTORY, name, KEYRING_SUFFIX);
}

void keys_unwrite_name(const struct keys_state *state, const char *name)
{
	char path[NAME_PATH_MAX];

	path_of_name(name, path);
	(void)unlinkat(state->root.fd, path, 0);
	if (!state->has_directory)
		(void)unlinkat(state->root.fd, KEYRING_DIRECTORY, AT_REMOVEDIR);
}

int keys_write_name(const struct keys_state *state, const char *name, struct span text,
		    struct error *err)
{
	char path[NAME_PATH_MAX];

	path_of_name(name, path);
	if (file_make_directories(state->root.fd, KEYRING_DIRECTORY, 0755, err) ||
	    file_write(state->root.fd, path, text, 0644, err)) {
		keys_unwrite_name(state, name);
		return -1;
	}
	return 0;
}

int keys_write_rules(const struct keys_state *state, struct span text, struct error *err)
{
	return file_write(state->root.fd, SOPS_RULES_FILE, text, 0644, err);
}

static bool has_key(const struct age_recipients *own, const struct age_recipient *key)
{
	for (size_t i = 0; i < own->len; i++) {
		if (age_recipient_equal(&own->items[i], key))
			return true;
	}
	return false;
}

static bool same_keys(const struct age_recipients *a, const struct age_recipients *b)
{
	bool same = a->len == b->len;

	for (size_t i = 0; same && i < a->len; i++)
		same = has_key(b, &a->items[i]);
	return same;
}

int keys_check_new(const struct keys_state *state, const char *name,
		   const struct age_recipients *recipients, bool *ret_exists, struct error *err)
{
	const struct keyring_name *there = keyring_find(&state->keyring, name);

	for (size_t i = 0; i < recipients->len; i++) {
		const struct keyring_name *owner =
			keyring_owner(&state->keyring, &recipients->items[i]);

		if (owner && owner != there)
			return error_set(err, ERROR_DENIED,
					 "this key is there already: it is \"%s\"'s", owner->name);
	}
	*ret_exists = there != NULL;
	if (!there || same_keys(&there->recipients, recipients))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is there already, with another key", name);
	return error_hint(err, "take another name, or run \"bootseal keys remove %s\" first", name);
}

void keys_report_sealed(const struct keys_state *state, const char *name, const char *what,
			const struct keyring_sealed *sealed)
{
	size_t position = 0;
	const char *path;

	while ((path = keyring_sealed_next(sealed, &position)))
		fprintf(stderr, "%s: %s: %s\n", name, what, text_printable_text(path).text);
	if (sealed->cut || sealed->skipped > 0)
		fprintf(stderr, "not all files below \"%s\" could be looked at\n",
			state->root.path);
}
