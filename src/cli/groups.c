/* SPDX-License-Identifier: MIT */
#include "cli/groups.h"

#include <stdio.h>

#include "cli/output.h"
#include "cli/readers.h"
#include "cli/rule.h"
#include "cli/sealed.h"
#include "util/text.h"

static int check(const struct groups_options *options, struct error *err)
{
	if (!options->file)
		return error_set(err, ERROR_NO_FILE, "no file specified: name it with --file");
	if (options->threshold > SOPS_GROUPS_MAX)
		return error_set(err, ERROR_USAGE,
				 "--shamir-secret-sharing-threshold takes a number up to %d",
				 SOPS_GROUPS_MAX);
	return 0;
}

/* Whoever runs this can open the file now: with the same keys it must be so afterwards. */
static int check_lockout(const struct groups_options *options, struct sealed *sealed,
			 const struct sops_groups *groups, struct secret *text, struct error *err)
{
	struct sops_opener opener;
	bool can;

	if (options->lock_out)
		return 0;
	if (sealed_opener(sealed, &opener, err) < 0 ||
	    sops_can_open(sealed->format, text, &opener, &can, err) < 0)
		return -1;
	if (can)
		return 0;
	(void)error_set(err, ERROR_DENIED,
			"you could not open the file any more: %zu of %zu groups would be needed, "
			"and the keys here open fewer",
			sops_groups_needed(groups), groups->len);
	return error_hint(err, "if that is meant, say --lock-out");
}

/* Who can open it from now on, on stderr: what a file says of its keys is not authenticated. */
static void tell(const struct sops_groups *groups)
{
	for (size_t i = 0; i < groups->len; i++) {
		fprintf(stderr, "Group %zu\n", i);
		for (size_t k = 0; k < groups->items[i].len; k++)
			fprintf(stderr, "    %s\n",
				text_printable_text(groups->items[i].items[k].text).text);
	}
	if (groups->len > 1)
		fprintf(stderr, "%zu of %zu groups are needed to open it\n",
			sops_groups_needed(groups), groups->len);
}

/* Is a group to come? Then whom the file is sealed to already is looked at. */
static bool compares(const struct groups_options *options)
{
	return !options->ignore_rule && (options->age.len > 0 || options->pgp.len > 0);
}

/* In the sandbox. What the rule lacks of the new group is told: updatekeys would take it out again. */
static int make_text(const struct invocation *invocation,
		     int (*change)(const struct groups_options *options, const void *argument,
				   struct sops_groups *groups, struct error *err),
		     const void *argument, const struct rule *rule, struct sealed *sealed,
		     struct secret *ret_text, struct error *err)
{
	const struct groups_options *options = invocation->options;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;

	if (sealed_open(sealed, 0, &file, err) < 0 ||
	    readers_check(&rule->source, invocation->as_sops, sealed, &file.meta.groups, err) < 0 ||
	    sops_groups_copy(&file.meta.groups, &groups, err) < 0)
		return -1;
	if (options->threshold > 0)
		groups.threshold = (unsigned)options->threshold;
	if (change(options, argument, &groups, err) < 0 ||
	    sops_file_rewrap(&file, &groups, keyring_programs_use(&sealed->programs), ret_text,
			     err) < 0 ||
	    check_lockout(options, sealed, &groups, ret_text, err) < 0)
		return error_wrap(err, "cannot change the groups of \"%s\"",
				  text_printable_text(options->file).text);
	tell(&groups);
	return readers_check(&rule->source, true, sealed, &groups, err);
}

int groups_run(const struct invocation *invocation,
	       int (*change)(const struct groups_options *options, const void *argument,
			     struct sops_groups *groups, struct error *err),
	       const void *argument, struct error *err)
{
	const struct groups_options *options = invocation->options;
	AUTO(sealed_target) target = SEALED_TARGET_INIT;
	AUTO(rule) rule = RULE_INIT;
	AUTO(sealed) sealed = SEALED_INIT;
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;
	enum doc_format format;

	if (check(options, err) < 0 ||
	    sealed_format(options->file, options->input_type, &format, err) < 0 ||
	    (compares(options) && rule_read(&options->policy, options->file, &rule, err) < 0) ||
	    (options->in_place && sealed_target_take(options->file, false, &target, err) < 0) ||
	    sealed_read(options->file, format, &sealed, err) < 0 ||
	    sealed_set_order(&sealed, options->decryption_order, err) < 0 ||
	    ((options->pgp.len > 0 || options->age.len > 0) &&
	     keyring_programs_start(&sealed.programs, err) < 0) ||
	    output_open(options->in_place ? target.path : NULL, OUTPUT_PUBLIC, &output, err) < 0 ||
	    output_sandbox(&output, err) < 0 ||
	    make_text(invocation, change, argument, &rule, &sealed, &text, err) < 0)
		return -1;
	return output_finish(&output, secret_span(&text), err);
}
