/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/rekey.h"
#include "sops/verify.h"
#include "util/text.h"

struct verify_options {
	struct batch_options batch;
	struct policy_options policy;
};

// clang-format off
static const struct option_spec verify_options[] = {
	POLICY_OPTION(struct verify_options, "config", 0, "FILE", "take creation rules from FILE (default: .sops.yaml, here or above)", OPTION_TEXT, config),
	BATCH_OPTIONS(struct verify_options),
	{ .name = NULL },
};
// clang-format on

/* The file that findings are about. */
struct subject {
	struct batch *batch;
	const char *name;
};

static void tell(void *context, size_t line, bool warning, const char *text)
{
	const struct subject *subject = context;
	FILE *out = warning ? stderr : stdout;

	batch_say(subject->batch);
	fprintf(out, "%s:", text_printable_text(subject->name).text);
	if (line > 0)
		fprintf(out, "%zu:", line);
	fprintf(out, " %s%s\n", warning ? "warning: " : "", text);
}

static size_t line_of_key(const struct sops_file *file, const struct sops_key *key)
{
	return doc_line(&file->doc, key->node != DOC_NONE ? key->node : file->meta.node);
}

static void tell_key(struct batch *batch, struct sops_verifier *verifier,
		     const struct sops_file *file, const struct sops_change *change)
{
	const struct sops_key *key = change->key;
	const char *name = key->kind == SOPS_KEY_AGE
				   ? sealed_name_of(&batch->keys, span_of_text(key->text))
				   : NULL;

	sops_verify_tell(verifier, line_of_key(file, key),
			 "it is %ssealed to %s%s%s%s, whom its rule %s",
			 change->kind == SOPS_CHANGE_ADDED ? "not " : "",
			 name ? text_printable_text(name).text : "", name ? " (" : "",
			 text_printable_text(key->text).text, name ? ")" : "",
			 change->kind == SOPS_CHANGE_ADDED ? "names" : "does not name");
}

/* Whom the file is sealed to, and what of it is, beside what its rule says. */
static int compare(struct batch *batch, struct sops_verifier *verifier, enum doc_format format,
		   const struct sops_file *file, const struct sops_policy *policy,
		   struct error *err)
{
	const struct sops_groups *before = &file->meta.groups, *after = &policy->groups;
	AUTO(sops_changes) changes = SOPS_CHANGES_INIT;

	if (sops_groups_compare(before, after, &changes, err) < 0)
		return -1;
	for (size_t i = 0; i < changes.len; i++)
		if (changes.items[i].kind != SOPS_CHANGE_NONE)
			tell_key(batch, verifier, file, &changes.items[i]);
	if (!changes.any && rekey_is_change(before, after, &changes))
		sops_verify_tell(verifier, doc_line(&file->doc, file->meta.node),
				 "its rule has another number of key groups, or needed ones");
	if (!rekey_same_selection(format, &file->meta, policy))
		sops_verify_tell(verifier, doc_line(&file->doc, file->meta.node),
				 "its rule selects other values: see \"updatekeys --selectors\"");
	return 0;
}

static int verify(struct batch *batch, struct batch_file *file, bool has_rule,
		  const struct sops_policy *policy, struct error *err)
{
	struct subject subject = { batch, file->file->shown };
	struct sops_verifier verifier = { tell, &subject, 0 };
	AUTO(sops_file) parsed = SOPS_FILE_INIT;

	parsed.meta = SOPS_META_INIT;
	if (sops_verify(file->format, &file->text, &verifier, &parsed, err) < 0)
		return -1;
	if (has_rule && parsed.meta.node != DOC_NONE && parsed.doc.len > 0 &&
	    compare(batch, &verifier, file->format, &parsed, policy, err) < 0)
		return -1;
	if (verifier.findings > SOPS_FINDINGS_MAX)
		tell(&subject, 0, true, "there are more findings than are shown");
	batch->tally.findings += verifier.findings;
	return 0;
}

/*
 * Of files that were merely found, two kinds are meant: those that look sealed, and those that a rule wants
 * sealed. Any text may quote a sealed value: what no name tells a format of must be sealed indeed.
 */
static int is_meant(struct batch_file *file, bool has_rule, const struct sops_policy *policy,
		    bool *ret_meant, struct error *err)
{
	*ret_meant = file->file->named || (has_rule && batch_is_wanted(file, policy));
	if (*ret_meant || !batch_looks_sealed(file))
		return 0;
	*ret_meant = true;
	return file->format != DOC_BINARY
		       ? 0
		       : sops_is_sealed(file->format, &file->text, ret_meant, err);
}

static int look(struct batch *batch, struct batch_file *file, struct batch_item *item,
		struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	bool has_rule, meant;

	(void)item;
	if (batch_rule(batch, file, false, &policy, &has_rule, err) < 0)
		return -1;
	if (is_meant(file, has_rule, &policy, &meant, err) < 0)
		return -1;
	return !meant ? 0 : verify(batch, file, has_rule, &policy, err);
}

static const struct batch_work work = {
	.name = "verify",
	.verb = "verify",
	.look = look,
	.all = true,
};

static int run(const struct invocation *invocation, struct error *err)
{
	const struct verify_options *options = invocation->options;

	return batch_run(&work, &options->batch, &options->policy, options, invocation, err);
}

const struct command cmd_verify = {
	.name = "verify",
	.group = "files",
	.summary = "check files without a key: form, sealing, recipients",
	.synopsis = "[-r] FILE...",
	.example = "bootseal verify -r secrets",
	.options = verify_options,
	.options_size = sizeof(struct verify_options),
	.max_args = REPO_FILES_MAX,
	.run = run,
};
