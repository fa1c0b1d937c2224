/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/reformat.h"
#include "cli/rekey.h"
#include "repo/plan.h"
#include "util/text.h"
#include "util/tty.h"

struct rotate_options {
	struct batch_options batch;
	struct policy_options policy;
	/* by sops_key_kind; of clouds' keys only remove: it takes no cloud */
	struct option_texts add[SOPS_KEY_KINDS], remove[SOPS_KEY_KINDS];
	bool in_place, yes, lock_out;
	const char *decryption_order, *output_type;
};

// clang-format off
#define REMOVE_OPTION(name, value, what, kind)                                                     \
	{ name, 0, value, "take these " what " keys out of the file", OPTION_TEXTS,                \
	  offsetof(struct rotate_options, remove[kind]) }

static const struct option_spec rotate_options[] = {
	{ "in-place", 'i', NULL, "put the new text in the place of FILE", OPTION_FLAG,
	  offsetof(struct rotate_options, in_place) },
	{ "output", 0, "FILE", "write to FILE instead of stdout", OPTION_TEXT,
	  offsetof(struct rotate_options, batch.output) },
	{ "add-age", 0, "RECIPIENTS", "seal to these too, with commas between", OPTION_TEXTS,
	  offsetof(struct rotate_options, add[SOPS_KEY_AGE]) },
	{ "rm-age", 0, "RECIPIENTS", "seal to these no more", OPTION_TEXTS,
	  offsetof(struct rotate_options, remove[SOPS_KEY_AGE]) },
	{ "add-pgp", 0, "FINGERPRINTS", "seal to these PGP keys too", OPTION_TEXTS,
	  offsetof(struct rotate_options, add[SOPS_KEY_PGP]) },
	{ "rm-pgp", 0, "FINGERPRINTS", "seal to these PGP keys no more", OPTION_TEXTS,
	  offsetof(struct rotate_options, remove[SOPS_KEY_PGP]) },
	REMOVE_OPTION("rm-kms", "ARNS", "AWS", SOPS_KEY_KMS),
	REMOVE_OPTION("rm-gcp-kms", "IDS", "Google Cloud", SOPS_KEY_GCP_KMS),
	REMOVE_OPTION("rm-hckms", "IDS", "Huawei Cloud", SOPS_KEY_HCKMS),
	REMOVE_OPTION("rm-azure-kv", "URLS", "Azure", SOPS_KEY_AZURE_KV),
	REMOVE_OPTION("rm-hc-vault-transit", "URIS", "Vault", SOPS_KEY_HC_VAULT),
	{ "yes", 'y', NULL, "do not ask: without a rule, seal to the keys that the file itself names", OPTION_FLAG,
	  offsetof(struct rotate_options, yes) },
	{ "lock-out", 0, NULL, "go on even if no key here could open the file afterwards", OPTION_FLAG,
	  offsetof(struct rotate_options, lock_out) },
	POLICY_OPTION(struct rotate_options, "config", 0, "FILE", "take creation rules from FILE (default: .sops.yaml, here or above)", OPTION_TEXT, config),
	{ "filename-override", 0, "NAME", "choose rule and format as if FILE were called NAME", OPTION_TEXT,
	  offsetof(struct rotate_options, batch.filename_override) },
	ORDER_OPTION(struct rotate_options),
	REFORMAT_OPTIONS(struct rotate_options, output_type),
	BATCH_OPTIONS(struct rotate_options),
	{ .name = NULL },
};
// clang-format on

static int add_lists(struct sops_groups *groups, enum sops_key_kind kind,
		     const struct option_texts *lists, struct error *err)
{
	for (size_t i = 0; i < lists->len; i++)
		if (sops_groups_add_list(groups, 0, kind, span_of_text(lists->items[i]), true,
					 err) < 0)
			return -1;
	return 0;
}

/* The keys that options name, by kind, in one group. */
static int read_named(const struct option_texts *lists, struct sops_groups *ret_groups,
		      struct error *err)
{
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;

	if (sops_groups_open(&groups, err) < 0)
		return -1;
	for (unsigned kind = 0; kind < SOPS_KEY_KINDS; kind++)
		if (add_lists(&groups, (enum sops_key_kind)kind, &lists[kind], err) < 0)
			return -1;
	*ret_groups = groups;
	groups = SOPS_GROUPS_INIT;
	return 0;
}

/* What is asked for, for one file. */
struct request {
	struct sops_groups add, remove;
	struct sops_policy policy;
	bool has_rule;
};

#define REQUEST_INIT                                                                               \
	((struct request){ SOPS_GROUPS_INIT, SOPS_GROUPS_INIT, SOPS_POLICY_INIT, false })

static void request_release(struct request *request)
{
	sops_groups_release(&request->add);
	sops_groups_release(&request->remove);
	sops_policy_release(&request->policy);
}

static struct repo_wish wish_of(const struct request *request)
{
	return (struct repo_wish){ request->has_rule ? &request->policy.groups : NULL,
				   &request->add, &request->remove };
}

static int plan(const struct batch *batch, const struct batch_file *file,
		const struct sops_groups *before, struct request *request,
		struct sops_groups *ret_after, struct error *err)
{
	const struct rotate_options *options = batch->context;
	struct repo_wish wish;

	if (read_named(options->add, &request->add, err) < 0 ||
	    read_named(options->remove, &request->remove, err) < 0 ||
	    batch_rule(batch, file, false, &request->policy, &request->has_rule, err) < 0)
		return -1;
	wish = wish_of(request);
	if (repo_plan(before, &wish, ret_after, err) < 0)
		return -1;
	return sops_groups_check(ret_after, err);
}

static void show(struct batch *batch, const struct batch_file *file, const char *why,
		 const struct sops_groups *before, const struct sops_groups *after,
		 const struct sops_changes *changes)
{
	batch_say(batch);
	fprintf(stderr, "\"%s\" %s:\n", text_printable_text(file->file->shown).text, why);
	rekey_show(stderr, &batch->keys, before, after, changes);
}

static int look(struct batch *batch, struct batch_file *file, struct batch_item *item,
		struct error *err)
{
	const struct rotate_options *options = batch->context;
	AUTO(sops_file) parsed = SOPS_FILE_INIT;
	AUTO(request) request = REQUEST_INIT;
	AUTO(sops_groups) after = SOPS_GROUPS_INIT;
	AUTO(sops_changes) changes = SOPS_CHANGES_INIT;
	const struct sops_groups *before = &parsed.meta.groups;
	struct repo_wish wish;

	if (batch_parse(file, &parsed, err) < 0 ||
	    plan(batch, file, before, &request, &after, err) < 0 ||
	    sops_groups_compare(before, &after, &changes, err) < 0)
		return -1;
	wish = wish_of(&request);
	item->todo = true;
	item->ask = !request.has_rule && !options->yes && !repo_plan_is_named(before, &wish);
	if (item->ask)
		show(batch, file, "has no rule: it will be sealed to these", before, &after,
		     &changes);
	else if (rekey_is_change(before, &after, &changes))
		show(batch, file, "will be sealed to other keys", before, &after, &changes);
	return 0;
}

static int ask(struct batch *batch, bool *ret_go, struct error *err)
{
	bool must = false;

	*ret_go = true;
	for (size_t i = 0; i < batch->files.len; i++)
		must = must || batch->items[i].ask;
	if (!must)
		return 0;
	if (tty_confirm("Anybody can have put a key into that list. Are these the right ones?",
			"name each with --add-age, make a rule, or say --yes", ret_go, err) < 0)
		return -1;
	return *ret_go ? 0 : error_set(err, ERROR_CANCELLED, "cancelled: nothing was changed");
}

/* What --output-type says. */
static int write_as(const struct rotate_options *options, const struct batch_file *file,
		    const struct sops_file *opened, struct secret *text, struct error *err)
{
	struct policy_source none = POLICY_SOURCE_INIT;
	enum doc_format format;

	none.options = &options->policy;
	if (!options->output_type)
		return 0;
	if (sealed_format(NULL, options->output_type, &format, err) < 0)
		return -1;
	return reformat(file->rules ? file->rules : &none, opened, format, text, err);
}

static int make(struct batch *batch, struct batch_file *file, struct secret *ret_new,
		struct error *err)
{
	const struct rotate_options *options = batch->context;
	AUTO(sops_file) opened = SOPS_FILE_INIT;
	AUTO(request) request = REQUEST_INIT;
	AUTO(sops_groups) after = SOPS_GROUPS_INIT;
	AUTO(secret) new = SECRET_INIT;
	struct sops_opener opener;

	if (sealed_set_order(&batch->keys, options->decryption_order, err) < 0 ||
	    batch_opener(batch, &opener, err) < 0 ||
	    sops_open_with(file->format, &file->text, &opener, 0, &opened, err) < 0 ||
	    plan(batch, file, &opened.meta.groups, &request, &after, err) < 0 ||
	    sops_file_rotate(&opened, &after, opener.programs, &new, err) < 0)
		return -1;
	batch_say(batch);
	sealed_tell_copy(file->file->shown, &opened.notes);
	if (!options->lock_out && rekey_check_own(file->format, &new, &opener, err) < 0)
		return -1;
	if (write_as(options, file, &opened, &new, err) < 0)
		return -1;
	*ret_new = secret_move(&new);
	return 0;
}

static const struct batch_work work = {
	.name = "rotate",
	.verb = "rotate",
	.during = "rotating",
	.look = look,
	.ask = ask,
	.make = make,
	.opens = true,
};

static int check(const struct rotate_options *options, size_t files, struct error *err)
{
	if (options->in_place && options->batch.output)
		return error_set(err, ERROR_CONFLICT,
				 "cannot operate on both --output and --in-place");
	if (!options->batch.recursive && files < 2)
		return 0;
	return batch_check_several(options->in_place,
				   options->batch.filename_override ? "filename-override" : NULL,
				   err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct rotate_options *options = invocation->options;
	struct batch_options batch = options->batch;

	if (check(options, invocation->args_len, err) < 0)
		return -1;
	if (!options->in_place && !batch.output)
		batch.output = "-";
	return batch_run(&work, &batch, &options->policy, options, invocation, err);
}

const struct command cmd_rotate = {
	.name = "rotate",
	.group = "files",
	.summary = "seal all values of a file anew, with a new data key",
	.synopsis =
		"[-i | --output FILE] [--add-age RECIPIENTS] [--rm-age RECIPIENTS] [-r] FILE...",
	.example = "bootseal rotate -i secrets/web1.yaml",
	.options = rotate_options,
	.options_size = sizeof(struct rotate_options),
	.max_args = REPO_FILES_MAX,
	.run = run,
};
