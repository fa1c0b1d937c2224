/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/keys.h"
#include "keyring/identity.h"
#include "keyring/sealed.h"
#include "sops/rules.h"
#include "util/file.h"
#include "util/text.h"

struct remove_options {
	bool lock_out;
};

static const struct option_spec remove_options[] = {
	{ "lock-out", 0, NULL, "go on even if no key of yours is left in a rule", OPTION_FLAG,
	  offsetof(struct remove_options, lock_out) },
	{ .name = NULL },
};

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
		fputs("where they can be opened, seal them to the others alone, with a new data "
		      "key:\n  bootseal updatekeys FILE... && bootseal rotate -i FILE...\n"
		      "and change the values themselves: older versions stay readable with that "
		      "key\n",
		      stderr);
	return 0;
}

/* What the caller opens files with, as far as it can be told without a program or passphrase. */
static void find_own(struct keyring_identities *sources, struct age_recipients *own)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	struct error ignored = ERROR_INIT;

	if (keyring_identities_parse(sources, &identities, &ignored) == 0)
		(void)!age_recipients_add_own(own, &identities, &ignored);
}

static size_t count_recipients(const struct keyring_rule *rule)
{
	struct span rest = buf_span(&rule->recipients), line;
	size_t count = rule->others;

	while (span_take_line(&rest, &line))
		count++;
	return count;
}

/* May the caller's last key leave a rule? */
static int check_own(const struct keys_state *state, const struct keyring_rules *after,
		     const struct age_recipients *own, struct error *err)
{
	for (size_t i = 0; i < after->len; i++) {
		const struct keyring_rule *rule = &after->items[i];

		if (rule->others > 0 || keyring_rule_has_any(rule, own) ||
		    !keyring_rule_has_any(&state->rules.items[i], own))
			continue;
		(void)error_set(err, ERROR_DENIED,
				"it would lock you out: no key of yours is left in rule %zu (%s)",
				i + 1, keyring_rule_shown(rule).text);
		return error_hint(err, "add another one first, or say --lock-out if that is meant");
	}
	return 0;
}

static void tell_single(const struct keys_state *state, const struct keyring_rules *after)
{
	for (size_t i = 0; i < after->len; i++)
		if (count_recipients(&after->items[i]) == 1 &&
		    count_recipients(&state->rules.items[i]) > 1)
			fprintf(stderr,
				"rule %zu (%s) has one key left: with it, all that it seals would "
				"be "
				"lost\n",
				i + 1, keyring_rule_shown(&after->items[i]).text);
}

/* Who can still open what the rules are for, when they are text. */
static int check_left(const struct keys_state *state, const struct secret *text,
		      struct keyring_identities *sources, bool lock_out, struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;
	AUTO(keyring_rules) after = KEYRING_RULES_INIT;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;

	if (secret_append_span(&copy, secret_span(text), err) < 0 ||
	    keyring_rules_parse(&copy, &after, err) < 0)
		return -1;
	find_own(sources, &own);
	if (!lock_out && check_own(state, &after, &own, err) < 0)
		return -1;
	tell_single(state, &after);
	return 0;
}

static int remove_name(const struct keys_state *state, const char *name,
		       struct keyring_identities *sources, bool lock_out, struct error *err)
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
	if (changed && check_left(state, &text, sources, lock_out, err))
		return -1;
	/* the rules first: what is left of a run that ends here is a name that nothing is sealed to */
	if (changed && keys_write_rules(state, secret_span(&text), err))
		return -1;
	if (there && remove_file(state, name, err))
		return -1;
	return report(state, name, own, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct remove_options *options = invocation->options;
	const char *name = invocation->args[0];
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;
	AUTO(keys_state) state = KEYS_STATE_INIT;
	AUTO(keyring_identities) sources = KEYRING_IDENTITIES_INIT;

	return keyring_check_name(span_of_text(name), err) || keyring_root_find(NULL, &root, err) ||
			       keyring_identities_gather(&sources, err) ||
			       keys_state_load(&root, &(struct keys_access){ .writing = true },
					       &state, err) ||
			       remove_name(&state, name, &sources, options->lock_out, err)
		       ? -1
		       : 0;
}

const struct command cmd_keys_remove = {
	.name = "keys remove",
	.group = "keys",
	.summary = "forget a host or person",
	.synopsis = "[--lock-out] NAME",
	.example = "bootseal keys remove web1",
	.options = remove_options,
	.options_size = sizeof(struct remove_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
