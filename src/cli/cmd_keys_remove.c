/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/keys.h"
#include "keyring/sealed.h"
#include "sops/rules.h"
#include "util/file.h"
#include "util/text.h"

static int remove_file(const struct keys_state *state, const char *name, struct error *err)
{
	char file[KEYRING_NAME_MAX + sizeof KEYRING_SUFFIX];
	AUTO_FD int fd =
		openat(state->root.fd, KEYRING_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	snprintf(file, sizeof file, "%s%s", name, KEYRING_SUFFIX);
	if (fd < 0 || unlinkat(fd, file, 0) || fsync(fd))
		return error_sys(err, "cannot remove \"%s/%s\"", KEYRING_DIRECTORY, file);
	return 0;
}

static int report(const struct keys_state *state, const char *name,
		  const struct age_recipients *own, struct error *err)
{
	AUTO(keyring_sealed) sealed = KEYRING_SEALED_INIT;

	if (keyring_find_sealed(state->root.fd, &state->rules, own, false, &sealed, err))
		return -1;
	fprintf(stderr, "%s: removed\n", name);
	keys_report_sealed(state, name, "can still open this file", &sealed);
	if (sealed.paths.len > 0)
		fputs("seal each of them again, with a new data key, where they can be "
		      "opened:\n" KEYS_SEAL_AGAIN "and change the values themselves: older "
		      "versions stay readable with that key\n",
		      stderr);
	return 0;
}

static int remove_name(const struct keys_state *state, const char *name, struct error *err)
{
	const struct age_recipients none = AGE_RECIPIENTS_INIT;
	const struct keyring_name *there = keyring_find(&state->keyring, name);
	const struct age_recipients *own = there ? &there->recipients : &none;
	AUTO(secret) text = SECRET_INIT;
	bool changed;

	if (state->has_rules && keyring_rules_remove(&state->rules, name, own, &text, err))
		return error_wrap(err, "cannot edit \"%s/%s\"", state->root.path, SOPS_RULES_FILE);
	changed = !span_equal(secret_span(&text), secret_span(&state->rules.text));
	if (!there && !changed)
		return keys_no_such_name(state, name, err);
	/* the rules first: what is left of a run that ends here is a name that nothing is sealed to */
	if (changed && keys_write_rules(state, secret_span(&text), err))
		return -1;
	if (there && remove_file(state, name, err))
		return -1;
	return report(state, name, own, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const char *name = invocation->args[0];
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;
	AUTO(keys_state) state = KEYS_STATE_INIT;

	return keyring_check_name(span_of_text(name), err) || keyring_root_find(NULL, &root, err) ||
			       keys_state_load(&root, &(struct keys_access){ .writing = true },
					       &state, err) ||
			       remove_name(&state, name, err)
		       ? -1
		       : 0;
}

const struct command cmd_keys_remove = {
	.name = "keys remove",
	.group = "keys",
	.summary = "forget a host or person",
	.synopsis = "NAME",
	.example = "bootseal keys remove web1",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
