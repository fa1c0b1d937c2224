/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/groups.h"
#include "cli/readers.h"
#include "cli/sealed.h"

// clang-format off
static const struct option_spec groups_add_options[] = {
	GROUPS_OPTIONS,
	{ "age", 'a', "RECIPIENTS", "age or SSH public keys of the new group, with commas between", OPTION_TEXTS,
	  offsetof(struct groups_options, age) },
	{ "pgp", 'p', "FINGERPRINTS", "PGP keys of the new group, with commas between", OPTION_TEXTS,
	  offsetof(struct groups_options, pgp) },
	READERS_OPTION(struct groups_options),
	READERS_CONFIG_OPTION(struct groups_options),
	{ .name = NULL },
};
// clang-format on

static int add_keys(const struct option_texts *given, enum sops_key_kind kind,
		    struct sops_groups *groups, struct error *err)
{
	for (size_t i = 0; i < given->len; i++)
		if (sops_groups_add_list(groups, groups->len - 1, kind,
					 span_of_text(given->items[i]), true, err) < 0)
			return -1;
	return 0;
}

static int change(const struct groups_options *options, const void *argument,
		  struct sops_groups *groups, struct error *err)
{
	(void)argument;
	if (sops_groups_open(groups, err) < 0 ||
	    add_keys(&options->pgp, SOPS_KEY_PGP, groups, err) < 0)
		return -1;
	return add_keys(&options->age, SOPS_KEY_AGE, groups, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct groups_options *options = invocation->options;

	/* groups_run() asks for the file */
	if (options->file && options->age.len == 0 && options->pgp.len == 0)
		return error_set(err, ERROR_USAGE, "a group needs a key: give --age or --pgp");
	return groups_run(invocation, change, NULL, err);
}

const struct command cmd_groups_add = {
	.name = "groups add",
	.group = "files",
	.summary = "add a key group to a sealed file",
	.synopsis = "[-i] [--age RECIPIENTS] [--pgp FINGERPRINTS] -f FILE",
	.example = "bootseal groups add -i -f secrets/web1.yaml --age age1...",
	.options = groups_add_options,
	.options_size = sizeof(struct groups_options),
	.run = run,
};
