/* SPDX-License-Identifier: MIT */
#include "repo/plan.h"

#include "util/text.h"

static bool has(const struct sops_groups *groups, const struct sops_key *key)
{
	return groups && sops_groups_have(groups, key);
}

/* The first key of file that nothing names. */
static const struct sops_key *find_stranger(const struct sops_groups *file,
					    const struct repo_wish *wish)
{
	for (size_t g = 0; g < file->len; g++)
		for (size_t k = 0; k < file->items[g].len; k++) {
			const struct sops_key *key = &file->items[g].items[k];

			if (!has(wish->rule, key) && !has(wish->add, key) &&
			    !has(wish->remove, key))
				return key;
		}
	return NULL;
}

const struct sops_key *repo_plan_stranger(const struct sops_groups *file,
					  const struct sops_groups *rule)
{
	const struct sops_groups none = SOPS_GROUPS_INIT;
	const struct repo_wish wish = { rule, &none, &none };

	return find_stranger(file, &wish);
}

bool repo_plan_is_named(const struct sops_groups *file, const struct repo_wish *wish)
{
	return !find_stranger(file, wish);
}

static int refuse(const struct sops_key *stranger, struct error *err)
{
	(void)error_set(err, ERROR_DENIED, "it is sealed to %s, whom the rule does not name",
			text_printable_text(stranger->text).text);
	if (stranger->kind != SOPS_KEY_AGE && stranger->kind != SOPS_KEY_PGP)
		return error_hint(err, "run \"bootseal updatekeys\" first, or take it out: see "
				       "\"bootseal help rotate\"");
	return error_hint(err,
			  "if that is meant, name it with --add-%s, else with --rm-%s, or run "
			  "\"bootseal updatekeys\" first",
			  sops_key_kind_names[stranger->kind], sops_key_kind_names[stranger->kind]);
}

static int copy_group(const struct sops_group *group, const struct sops_groups *without,
		      size_t index, struct sops_groups *groups, struct error *err)
{
	for (size_t k = 0; k < group->len; k++)
		if (!has(without, &group->items[k]) &&
		    sops_groups_add(groups, index, group->items[k].kind,
				    span_of_text(group->items[k].text), err) < 0)
			return -1;
	return 0;
}

int repo_plan(const struct sops_groups *file, const struct repo_wish *wish,
	      struct sops_groups *ret_groups, struct error *err)
{
	const struct sops_groups *base = wish->rule ? wish->rule : file;
	const struct sops_key *stranger = wish->rule ? find_stranger(file, wish) : NULL;
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;

	if (stranger)
		return refuse(stranger, err);
	groups.threshold = base->threshold;
	for (size_t g = 0; g < base->len; g++)
		if (sops_groups_open(&groups, err) < 0 ||
		    copy_group(&base->items[g], wish->remove, g, &groups, err) < 0)
			return -1;
	for (size_t g = 0; g < wish->add->len; g++)
		if (copy_group(&wish->add->items[g], wish->remove, 0, &groups, err) < 0)
			return -1;
	*ret_groups = groups;
	groups = SOPS_GROUPS_INIT;
	return 0;
}
