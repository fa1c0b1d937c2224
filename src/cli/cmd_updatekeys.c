/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "age/kind.h"
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/rekey.h"
#include "sops/copies.h"
#include "util/text.h"

struct updatekeys_options {
	struct batch_options batch;
	struct policy_options policy;
	bool yes, dry_run, check, selectors, lock_out;
};

// clang-format off
static const struct option_spec updatekeys_options[] = {
	{ "yes", 'y', NULL, "do not ask", OPTION_FLAG, offsetof(struct updatekeys_options, yes) },
	{ "dry-run", 0, NULL, "show what would be done, and do nothing", OPTION_FLAG,
	  offsetof(struct updatekeys_options, dry_run) },
	{ "check", 0, NULL, "the same, with a status that says whether all is up to date", OPTION_FLAG,
	  offsetof(struct updatekeys_options, check) },
	{ "selectors", 0, NULL, "seal anew what the rule selects, where the file selects otherwise", OPTION_FLAG,
	  offsetof(struct updatekeys_options, selectors) },
	{ "lock-out", 0, NULL, "go on even if no key here could open the file afterwards", OPTION_FLAG,
	  offsetof(struct updatekeys_options, lock_out) },
	POLICY_OPTION(struct updatekeys_options, "config", 0, "FILE", "take creation rules from FILE (default: .sops.yaml, here or above)", OPTION_TEXT, config),
	BATCH_OPTIONS(struct updatekeys_options),
	{ .name = NULL },
};
// clang-format on

static const struct updatekeys_options *options_of(const struct batch *batch)
{
	return batch->context;
}

static void tell_selection(struct batch *batch, const struct batch_file *file,
			   const struct sops_meta *meta, const struct sops_policy *policy)
{
	const struct sops_selector *const selectors[] = { &meta->selector, &policy->selector };
	struct text_shown shown[2];
	const char *names[2];

	for (size_t i = 0; i < 2; i++) {
		const struct sops_selector *s = selectors[i];

		names[i] = sops_selector_names[s->text ? s->kind : SOPS_UNENCRYPTED_SUFFIX];
		shown[i] = text_printable_text(s->text ? s->text : SOPS_DEFAULT_SUFFIX);
	}
	batch_say(batch);
	fprintf(stderr,
		"bootseal: \"%s\" is sealed by %s \"%s\"%s, and its rule says %s \"%s\"%s%s\n",
		text_printable_text(file->file->shown).text, names[0], shown[0].text,
		meta->mac_only_encrypted ? " with mac_only_encrypted" : "", names[1], shown[1].text,
		policy->mac_only_encrypted ? " with mac_only_encrypted" : "",
		options_of(batch)->selectors ? "" : "; --selectors applies that");
}

static void show(struct batch *batch, const struct batch_file *file, const struct sops_meta *meta,
		 const struct sops_policy *policy, const struct sops_changes *changes)
{
	batch_say(batch);
	if (batch->files.len > 1)
		printf("%s\n", text_printable_text(file->file->shown).text);
	puts("The following changes will be made to the file's groups:");
	rekey_show(stdout, &batch->keys, &meta->groups, &policy->groups, changes);
}

static int look(struct batch *batch, struct batch_file *file, struct batch_item *item,
		struct error *err)
{
	AUTO(sops_file) parsed = SOPS_FILE_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(sops_changes) changes = SOPS_CHANGES_INIT;
	bool found, moves, selects;

	if (file->file->named && !options_of(batch)->check)
		fprintf(stderr, "Syncing keys for file %s\n",
			text_printable_text(file->file->path).text);
	if (batch_parse(file, &parsed, err) < 0 ||
	    batch_rule(batch, file, true, &policy, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	if (sops_groups_check(&policy.groups, err) < 0 ||
	    sops_groups_compare(&parsed.meta.groups, &policy.groups, &changes, err) < 0)
		return -1;
	moves = rekey_is_change(&parsed.meta.groups, &policy.groups, &changes);
	selects = !rekey_same_selection(file->format, &parsed.meta, &policy);
	if (selects)
		tell_selection(batch, file, &parsed.meta, &policy);
	item->todo = moves || (selects && options_of(batch)->selectors);
	if (moves)
		show(batch, file, &parsed.meta, &policy, &changes);
	else if (!item->todo && file->file->named && !options_of(batch)->check)
		fprintf(stderr, "File %s already up to date\n",
			text_printable_text(file->file->path).text);
	return 0;
}

/* sops' own question, on stdin as there; other answers than y and n are asked again. */
static int ask_yes(bool *ret_yes, struct error *err)
{
	char line[256];

	for (;;) {
		fputs("Is this okay? (y/n):", stdout);
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return error_set(err, ERROR_CONFIG, "nobody answered: nothing was changed");
		line[strcspn(line, " \t\r\n")] = '\0';
		*ret_yes = strcmp(line, "y") == 0;
		if (*ret_yes || strcmp(line, "n") == 0)
			return 0;
	}
}

static int ask(struct batch *batch, bool *ret_go, struct error *err)
{
	const struct updatekeys_options *options = options_of(batch);

	*ret_go = false;
	if (options->check)
		return error_set(err, ERROR_FINDINGS,
				 "%zu file%s not up to date: run \"bootseal updatekeys\"",
				 batch->tally.changing,
				 batch->tally.changing == 1 ? " is" : "s are");
	if (options->dry_run)
		return 0;
	*ret_go = options->yes;
	if (!options->yes && ask_yes(ret_go, err) < 0)
		return -1;
	for (size_t i = 0; !*ret_go && i < batch->files.len; i++)
		if (batch->items[i].todo && batch->files.items[i].named)
			fprintf(stderr, "File %s left unchanged\n",
				text_printable_text(batch->files.items[i].path).text);
	return 0;
}

/* Everything sealed anew, by another selector. */
static int seal_anew(struct batch_file *file, const struct sops_opener *opener,
		     const struct sops_policy *policy, struct secret *ret_new, struct error *err)
{
	AUTO(sops_file) opened = SOPS_FILE_INIT;

	if (sops_open_with(file->format, &file->text, opener, 0, &opened, err) < 0)
		return -1;
	return sops_file_seal_anew(&opened, policy, ret_new, err);
}

/* The same data key for the rule's groups. The values are not opened, as sops does not. */
static int rewrap(struct batch_file *file, const struct sops_opener *opener,
		  const struct sops_policy *policy, struct secret *ret_new,
		  struct sops_notes *notes, struct error *err)
{
	AUTO(sops_file) parsed = SOPS_FILE_INIT;

	if (batch_parse(file, &parsed, err) < 0 ||
	    sops_datakey_unwrap(&parsed.meta, opener, &parsed.data_key, err) < 0)
		return -1;
	notes->copy_line = sops_copies_other(&parsed.doc, parsed.meta.node);
	return sops_file_rewrap(&parsed, &policy->groups, policy->programs, ret_new, err);
}

static bool must_seal_anew(const struct batch *batch, struct batch_file *file,
			   const struct sops_policy *policy)
{
	AUTO(sops_file) parsed = SOPS_FILE_INIT;
	struct error ignored = ERROR_INIT;
	bool anew;

	if (!options_of(batch)->selectors || batch_parse(file, &parsed, &ignored) < 0)
		return false;
	anew = !rekey_same_selection(file->format, &parsed.meta, policy);
	file->text = secret_move(&parsed.doc.text);
	return anew;
}

/* Whom the rule names, and what opens the file. */
static int prepare(struct batch *batch, struct batch_file *file, struct sops_policy *policy,
		   struct sops_opener *ret_opener, struct error *err)
{
	bool found;

	if (batch_rule(batch, file, true, policy, &found, err) < 0 ||
	    batch_opener(batch, ret_opener, err) < 0)
		return -1;
	policy->programs = ret_opener->programs;
	return 0;
}

static int make(struct batch *batch, struct batch_file *file, struct secret *ret_new,
		struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) new = SECRET_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT;
	struct sops_opener opener;

	if (prepare(batch, file, &policy, &opener, err) < 0)
		return -1;
	if (must_seal_anew(batch, file, &policy) ? seal_anew(file, &opener, &policy, &new, err) < 0
						 : rewrap(file, &opener, &policy, &new, &notes, err) < 0)
		return -1;
	batch_say(batch);
	sealed_tell_copy(file->file->shown, &notes);
	if (!options_of(batch)->lock_out && rekey_check_own(file->format, &new, &opener, err) < 0)
		return -1;
	*ret_new = secret_move(&new);
	return 0;
}

static bool asks(const struct batch *batch)
{
	const struct updatekeys_options *options = options_of(batch);

	return !options->yes && !options->dry_run && !options->check && !options->lock_out;
}

/* Is one of the recipients a plugin's, which would be started? */
static bool names_plugin(const struct sops_groups *groups)
{
	for (size_t i = 0; i < groups->len; i++)
		for (size_t k = 0; k < groups->items[i].len; k++) {
			const struct sops_key *key = &groups->items[i].items[k];

			if (key->kind == SOPS_KEY_AGE &&
			    age_recipient_kind_of(span_of_text(key->text)) == &age_plugin_recipient)
				return true;
		}
	return false;
}

/*
 * Who would be locked out learns it before the question, not after having answered it. But a plugin is asked
 * once, and that is when the file is made: then this is looked at there alone.
 */
static int check(struct batch *batch, struct batch_file *file, struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) new = SECRET_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT; /* told when the file is made */
	struct age_identities without;
	struct sops_opener opener;

	if (prepare(batch, file, &policy, &opener, err) < 0)
		return -1;
	if (names_plugin(&policy.groups))
		return 0;
	without = *opener.identities; /* borrowed */
	without.plugins = NULL;
	opener.identities = &without;
	if (rewrap(file, &opener, &policy, &new, &notes, err) == 0)
		return rekey_check_own(file->format, &new, &opener, err);
	if (!rekey_has_plugin(&opener))
		return -1;
	error_clear(err);
	return 0;
}

static const struct batch_work work = {
	.name = "updatekeys",
	.verb = "update the keys of",
	.during = "sealing to the new keys:",
	.told = "synced with new keys",
	.look = look,
	.asks = asks,
	.check = check,
	.ask = ask,
	.make = make,
	.opens = true,
	.rules = true,
};

static int run(const struct invocation *invocation, struct error *err)
{
	const struct updatekeys_options *options = invocation->options;

	return batch_run(&work, &options->batch, &options->policy, options, invocation, err);
}

const struct command cmd_updatekeys = {
	.name = "updatekeys",
	.group = "files",
	.summary = "seal files to the keys that their rules name now",
	.synopsis = "[-y | --dry-run | --check] [-r] FILE...",
	.example = "bootseal updatekeys -r secrets",
	.options = updatekeys_options,
	.options_size = sizeof(struct updatekeys_options),
	.max_args = REPO_FILES_MAX,
	.run = run,
};
