/* SPDX-License-Identifier: MIT */
#include "cli/batch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch_job.h"
#include "cli/output.h"
#include "cli/repository.h"
#include "sops/rules.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

static void batch_release(struct batch *batch)
{
	repo_files_release(&batch->files);
	free(batch->items);
	repo_release(&batch->repo);
	batch_rules_release(&batch->rules);
	sealed_release(&batch->keys);
}

const char *batch_name(const struct batch *batch, const struct repo_file *file)
{
	return batch->options->filename_override ? batch->options->filename_override : file->shown;
}

int batch_opener(struct batch *batch, struct sops_opener *ret_opener, struct error *err)
{
	return sealed_opener(&batch->keys, ret_opener, err);
}

int batch_parse(struct batch_file *file, struct sops_file *ret_file, struct error *err)
{
	AUTO(sops_file) parsed = SOPS_FILE_INIT;

	parsed.meta = SOPS_META_INIT;
	if (doc_parse(file->format, &file->text, DOC_SEALED, &parsed.doc, err) < 0 ||
	    sops_meta_read(&parsed.doc, &parsed.meta, err) < 0)
		return -1;
	*ret_file = parsed;
	parsed = SOPS_FILE_INIT;
	return 0;
}

int batch_check_several(bool in_place, const char *for_one, struct error *err)
{
	if (for_one)
		return error_set(err, ERROR_CONFLICT, "--%s is for one file", for_one);
	if (in_place)
		return 0;
	(void)error_set(err, ERROR_CONFLICT, "several files can only be changed in place");
	return error_hint(err, "say --in-place");
}

/* Named files, or with --recursive what is below directories. */
static int collect(struct batch *batch, const struct invocation *invocation, struct error *err)
{
	const bool recursive = batch->options->recursive;

	if (!recursive && invocation->args_len == 0)
		return error_set(err, ERROR_NO_FILE, "Error: no file specified");
	if (recursive && invocation->args_len == 0 &&
	    repo_files_add(&batch->files, ".", true, err) < 0)
		return -1;
	for (size_t i = 0; i < invocation->args_len; i++)
		if (repo_files_add(&batch->files, invocation->args[i], recursive, err) < 0)
			return -1;
	repo_files_sort(&batch->files);
	batch->items = calloc(batch->files.len + 1, sizeof(*batch->items));
	return batch->items ? 0 : error_memory(err);
}

/* The lock, where something is to be changed; what a killed run left is finished in any case. */
static int enter(struct batch *batch, struct error *err)
{
	const char **paths = calloc(batch->files.len, sizeof(*paths));
	const bool changes = batch->work->make && !batch->options->output;
	int result;

	if (!paths)
		return error_memory(err);
	for (size_t i = 0; i < batch->files.len; i++)
		paths[i] = batch->files.items[i].path;
	if (!changes)
		repository_look(paths[0]);
	result = changes ? repository_take(paths, batch->files.len, &batch->repo, err)
			 : repo_find(paths, batch->files.len, &batch->repo, err);
	free(paths);
	return result;
}

static int take_answer(struct batch *batch, struct secret *answer, struct error *err)
{
	if (answer->len < sizeof(batch->tally))
		return error_set(err, ERROR_BUG, "a child's answer is short");
	memcpy(&batch->tally, answer->data, sizeof(batch->tally));
	if ((unsigned)batch->tally.first > ERROR_BUG)
		batch->tally.first = ERROR_BUG;
	return 0;
}

static int look(struct batch *batch,
		int (*job)(void *argument, struct secret *ret_answer, struct error *err),
		struct error *err)
{
	const struct sandbox_files files = { NULL, 0, &batch->repo.fd, 1 };
	const size_t len = batch->files.len * sizeof(*batch->items);
	AUTO(secret) answer = SECRET_INIT;

	if (child_job_with(job, batch, &files, &answer, err) < 0 ||
	    take_answer(batch, &answer, err) < 0)
		return -1;
	if (answer.len != sizeof(batch->tally) + len)
		return error_set(err, ERROR_BUG, "a child's answer is short");
	memcpy(batch->items, answer.data + sizeof(batch->tally), len);
	return 0;
}

static int gather_keys(struct batch *batch, struct error *err)
{
	const struct sandbox_files files = { NULL, 0, &batch->repo.fd, 1 };
	AUTO(secret) recipients = SECRET_INIT;

	if (sealed_gather(&batch->keys, err) < 0)
		return -1;
	if (!keyring_identities_have_commands())
		return 0;
	if (child_job_with(batch_list_job, batch, &files, &recipients, err) < 0)
		return -1;
	return keyring_identities_run(&batch->keys.sources, secret_span(&recipients), err);
}

/* What the child says it has made must be for files that it was to make. */
static int check_paths(const struct batch *batch, const struct repo_journal *journal,
		       struct error *err)
{
	size_t k = 0;

	for (size_t i = 0; i < batch->files.len && k < journal->len; i++) {
		const char *path = repo_relative(&batch->repo, batch->files.items[i].path);

		if (batch->items[i].todo && path && strcmp(path, journal->items[k].path) == 0)
			k++;
	}
	return k == journal->len ? 0
				 : error_set(err, ERROR_BUG, "a child's answer names other files");
}

static void tell_changed(const struct batch *batch, const struct repo_journal *journal)
{
	size_t k = 0, found = 0;

	for (size_t i = 0; i < batch->files.len && k < journal->len; i++) {
		const struct repo_file *file = &batch->files.items[i];
		const char *path = repo_relative(&batch->repo, file->path);

		if (!path || strcmp(path, journal->items[k].path) != 0 || journal->items[k++].left)
			continue;
		found += !file->named;
		if (file->named && batch->work->told)
			fprintf(stderr, "File %s %s\n", text_printable_text(file->path).text,
				batch->work->told);
	}
	if (found > 0)
		fprintf(stderr, "bootseal: %s: %zu file%s changed\n", batch->work->name, found,
			found == 1 ? "" : "s");
}

static int make_in_journal(struct batch *batch, struct error *err)
{
	AUTO(repo_change) change = REPO_CHANGE_INIT;
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct batch_make make = { batch, &change, NULL };
	struct sandbox_files files = { NULL, 1, &batch->repo.fd, 1 };

	if (repo_change_begin(&batch->repo, batch->work->name, &change, err) < 0)
		return -1;
	files.writable = &change.fd;
	if (child_job_with(batch_make_job, &make, &files, &answer, err) < 0 ||
	    take_answer(batch, &answer, err) < 0 ||
	    repo_change_take(&change,
			     span_slice(secret_span(&answer), sizeof(batch->tally), answer.len),
			     err) < 0 ||
	    check_paths(batch, &change.journal, err) < 0 ||
	    repo_change_commit(&change, &outcome, err) < 0)
		return -1;
	tell_changed(batch, &change.journal);
	repository_tell_left(&outcome);
	batch->tally.done -= outcome.left;
	batch->tally.failed += outcome.left;
	return 0;
}

/* Plaintext is in no journal: each file is replaced at once. */
static int make_directly(struct batch *batch, struct error *err)
{
	const struct sandbox_files files = { &batch->repo.fd, 1, NULL, 0 };
	AUTO(secret) answer = SECRET_INIT;
	struct batch_make make = { batch, NULL, NULL };

	if (child_job_with(batch_make_job, &make, &files, &answer, err) < 0)
		return -1;
	return take_answer(batch, &answer, err);
}

/* One file's new text, to where the user wants it. */
static int make_elsewhere(struct batch *batch, struct error *err)
{
	const struct sandbox_files files = { NULL, 0, &batch->repo.fd, 1 };
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct batch_make make = { batch, NULL, NULL };

	if (child_job_with(batch_make_job, &make, &files, &answer, err) < 0 ||
	    take_answer(batch, &answer, err) < 0 ||
	    output_open(batch->options->output, OUTPUT_PUBLIC, &output, err) < 0 ||
	    output_write(&output,
			 span_slice(secret_span(&answer), sizeof(batch->tally), answer.len),
			 err) < 0)
		return -1;
	return output_commit(&output, err);
}

/* A file's own error was told, or is err; what remains is to say how many there were. */
static int conclude(const struct batch *batch, struct error *err)
{
	const struct batch_tally *tally = &batch->tally;

	if (tally->failed == 0 && tally->findings > 0)
		return error_set(err, ERROR_FINDINGS, "%s: %zu finding%s", batch->work->name,
				 tally->findings, tally->findings == 1 ? "" : "s");
	if (tally->failed == 0)
		return 0;
	if (tally->done == 0)
		return error_set(err, tally->first == ERROR_NONE ? ERROR_PARTIAL : tally->first,
				 "%s: none of %zu files could be done", batch->work->name,
				 tally->failed);
	return error_set(err, ERROR_PARTIAL, "%s: %zu of %zu files could not be done",
			 batch->work->name, tally->failed, tally->failed + tally->done);
}

static int need_rules(const struct batch *batch, struct error *err)
{
	if (!batch->work->rules || batch->rules.len > 0)
		return 0;
	(void)error_set(err, ERROR_CONFIG, "config file not found");
	return error_hint(err, "make a %s with \"bootseal init\", or name one with --config",
			  SOPS_RULES_FILE);
}

static int change(struct batch *batch, struct error *err)
{
	const struct batch_work *work = batch->work;
	const bool checks = work->check && work->asks(batch);
	bool go = true;

	if (checks && (gather_keys(batch, err) < 0 || look(batch, batch_check_job, err) < 0))
		return -1;
	if (batch->tally.changing == 0)
		return 0;
	if (work->ask && work->ask(batch, &go, err) < 0)
		return -1;
	if (!go)
		return 0;
	if (work->opens && !checks && gather_keys(batch, err) < 0)
		return -1;
	if (batch->options->output)
		return make_elsewhere(batch, err);
	return batch->work->direct ? make_directly(batch, err) : make_in_journal(batch, err);
}

int batch_run(const struct batch_work *work, const struct batch_options *options,
	      const struct policy_options *policy, const void *context,
	      const struct invocation *invocation, struct error *err)
{
	AUTO(batch)
	batch = { .work = work,
		  .options = options,
		  .context = context,
		  .files = REPO_FILES_INIT,
		  .repo = REPO_INIT,
		  .rules = BATCH_RULES_INIT,
		  .keys = SEALED_INIT };

	if (collect(&batch, invocation, err) < 0)
		return -1;
	if (batch.files.len == 0)
		return 0;
	if (enter(&batch, err) < 0 ||
	    batch_rules_read(&batch.rules, policy, &batch.files, options->filename_override, err) <
		    0 ||
	    need_rules(&batch, err) < 0)
		return -1;
	sealed_read_names(&batch.keys);
	if (sealed_set_order(&batch.keys, NULL, err) < 0 ||
	    ((work->opens || work->plain) && keyring_programs_start(&batch.keys.programs, err) < 0))
		return -1;
	if (look(&batch, batch_look_job, err) < 0)
		return -1;
	if (work->make && batch.tally.changing > 0 && change(&batch, err) < 0)
		return -1;
	return conclude(&batch, err);
}
