/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/groups.h"
#include "cli/sealed.h"
#include "util/text.h"

static const struct option_spec groups_delete_options[] = {
	GROUPS_OPTIONS,
	{ .name = NULL },
};

static int parse_index(const char *text, size_t *ret_index, struct error *err)
{
	if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 4)
		return error_set(err, ERROR_USAGE, "\"%s\" is no number of a group",
				 text_printable_text(text).text);
	*ret_index = strtoul(text, NULL, 10);
	return 0;
}

static int change(const struct groups_options *options, const void *argument,
		  struct sops_groups *groups, struct error *err)
{
	const size_t index = *(const size_t *)argument;

	(void)options;
	if (index >= groups->len)
		return error_set(err, ERROR_USAGE, "there is no group %zu: it has %zu, from 0 on",
				 index, groups->len);
	if (groups->len == 1)
		return error_set(err, ERROR_DENIED,
				 "without its only key group nobody could open it any more");
	sops_groups_delete(groups, index);
	if (groups->len >= groups->threshold)
		return 0;
	(void)error_set(err, ERROR_CONFIG,
			"removing this key group will make the Shamir threshold impossible to "
			"satisfy: Shamir threshold is %u, but we only have %zu key groups",
			groups->threshold, groups->len);
	return error_hint(err, "give --shamir-secret-sharing-threshold %zu", groups->len);
}

static int run(const struct invocation *invocation, struct error *err)
{
	size_t index;

	if (parse_index(invocation->args[0], &index, err) < 0)
		return -1;
	return groups_run(invocation, change, &index, err);
}

const struct command cmd_groups_delete = {
	.name = "groups delete",
	.group = "files",
	.summary = "take a key group out of a sealed file",
	.synopsis = "[-i] [--shamir-secret-sharing-threshold N] -f FILE INDEX",
	.example = "bootseal groups delete -i -f secrets/web1.yaml 1",
	.options = groups_delete_options,
	.options_size = sizeof(struct groups_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
