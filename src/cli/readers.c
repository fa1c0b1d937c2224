/* SPDX-License-Identifier: MIT */
#include "cli/readers.h"

#include <stdio.h>

#include "cli/input.h"
#include "repo/plan.h"
#include "util/child.h"
#include "util/text.h"

static int refuse_key(const struct policy_source *rules, struct sealed *sealed,
		      const struct sops_key *key, struct error *err)
{
	const char *name =
		key->kind == SOPS_KEY_AGE ? sealed_name_of(sealed, span_of_text(key->text)) : NULL;
	const struct text_shown file = text_printable_text(input_name(sealed->name));

	(void)error_set(err, ERROR_DENIED,
			"\"%s\" is sealed to %s%s%s%s too, which its rule in \"%s\" does not name",
			file.text, text_printable_text(key->text).text, name ? " (" : "",
			name ? text_printable_text(name).text : "", name ? ")" : "",
			text_printable_text(rules->rules_name).text);
	return error_hint(
		err,
		"\"bootseal updatekeys %s\" takes it out, and \"bootseal rotate -i %s\" then "
		"changes the data key, which its maker knows; or name it in the rule, or "
		"say --ignore-rule",
		file.text, file.text);
}

static int refuse_groups(const struct sealed *sealed, const struct sops_groups *file,
			 const struct sops_groups *rule, struct error *err)
{
	const struct text_shown name = text_printable_text(input_name(sealed->name));

	(void)error_set(err, ERROR_DENIED,
			"\"%s\" opens with %zu of its key groups, and its rule says %zu", name.text,
			sops_groups_needed(file), sops_groups_needed(rule));
	return error_hint(err, "run \"bootseal updatekeys %s\", or say --ignore-rule", name.text);
}

static int compare(const struct policy_source *rules, struct sealed *sealed,
		   const struct sops_groups *file, struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	const struct sops_key *stranger;
	struct error reason = ERROR_INIT;
	bool found;

	if (policy_rule(rules, sealed->name, &policy, &found, &reason) < 0) {
		if (reason.kind == ERROR_NO_RULE)
			return 0;
		*err = reason;
		return error_hint(err, "say --ignore-rule to go on without a rule");
	}
	if (!found || sops_groups_count(&policy.groups) == 0)
		return 0;
	stranger = repo_plan_stranger(file, &policy.groups);
	if (stranger)
		return refuse_key(rules, sealed, stranger, err);
	if (sops_groups_needed(file) < sops_groups_needed(&policy.groups))
		return refuse_groups(sealed, file, &policy.groups, err);
	return 0;
}

int readers_check(const struct policy_source *rules, bool only_warns, struct sealed *sealed,
		  const struct sops_groups *groups, struct error *err)
{
	struct error reason = ERROR_INIT;

	if (compare(rules, sealed, groups, &reason) == 0)
		return 0;
	if (!only_warns) {
		*err = reason;
		return -1;
	}
	fprintf(stderr, "bootseal: warning: %s\n", reason.message);
	fflush(stderr);
	return 0;
}

struct early {
	const struct policy_source *rules;
	struct sealed *sealed;
};

static int early_job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct early *early = argument;
	struct sealed *sealed = early->sealed;
	AUTO(sops_file) parsed = SOPS_FILE_INIT;

	(void)ret_answer;
	parsed.meta = SOPS_META_INIT;
	if (doc_parse(sealed->format, &sealed->text, DOC_SEALED, &parsed.doc, err) < 0 ||
	    sops_meta_read(&parsed.doc, &parsed.meta, err) < 0)
		return error_wrap(err, "cannot open \"%s\"",
				  text_printable_text(input_name(sealed->name)).text);
	return readers_check(early->rules, false, sealed, &parsed.meta.groups, err);
}

int readers_check_early(const struct policy_source *rules, struct sealed *sealed, struct error *err)
{
	struct early early = { rules, sealed };
	AUTO(secret) nothing = SECRET_INIT;

	return child_job(early_job, &early, &nothing, err);
}
