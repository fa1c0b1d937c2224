/* SPDX-License-Identifier: MIT */
#include "batch_job.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "util/file.h"
#include "util/text.h"

static void batch_file_release(struct batch_file *file)
{
	secret_release(&file->text);
}

#define BATCH_FILE_INIT ((struct batch_file){ NULL, NULL, DOC_YAML, SECRET_INIT })

void batch_say(struct batch *batch)
{
	progress_clear(&batch->progress);
}

static void tell(struct batch *batch, const struct error *why)
{
	batch_say(batch);
	fflush(stdout);
	fprintf(stderr, "bootseal: %s%s%s\n", why->message, why->hint[0] != '\0' ? "; " : "",
		why->hint);
}

/* One file could not be done: with others it is told of, alone it is the command's error. */
static int fail_one(struct batch *batch, const struct repo_file *file, struct error *why,
		    struct error *err)
{
	(void)error_wrap(why, "cannot %s \"%s\"", batch->work->verb,
			 text_printable_text(file->shown).text);
	sealed_explain(&batch->keys, why);
	if (batch->files.len == 1) {
		*err = *why;
		return -1;
	}
	tell(batch, why);
	if (batch->tally.failed++ == 0)
		batch->tally.first = why->kind;
	return 0;
}

static int read_file(const struct batch *batch, size_t index, struct batch_file *ret_file,
		     struct error *err)
{
	const size_t rules = batch->rules.of[index];

	ret_file->file = &batch->files.items[index];
	ret_file->rules = rules < batch->rules.len ? &batch->rules.items[rules] : NULL;
	if (sealed_format(batch_name(batch, ret_file->file), batch->options->input_type,
			  &ret_file->format, err) < 0)
		return -1;
	return file_read_regular(AT_FDCWD, ret_file->file->path, DOC_TEXT_MAX, &ret_file->text,
				 err);
}

/* Is a file that was found, not named, none of those that the command is for? */
static bool is_passed_over(const struct batch *batch, const struct batch_file *file)
{
	return !file->file->named && !batch->work->plain && !batch->work->all &&
	       !batch_looks_sealed(file);
}

/* The same, seen when it was parsed. */
static bool is_other(const struct batch_file *file, const struct error *why)
{
	return !file->file->named && (why->kind == ERROR_NO_METADATA ||
				      (file->format == DOC_BINARY && why->kind == ERROR_FORMAT));
}

static int look_at(struct batch *batch, size_t index, struct error *err)
{
	AUTO(batch_file) file = BATCH_FILE_INIT;
	struct batch_item *item = &batch->items[index];
	struct error why = ERROR_INIT;

	if (read_file(batch, index, &file, &why) < 0)
		return fail_one(batch, &batch->files.items[index], &why, err);
	if (is_passed_over(batch, &file))
		return 0;
	hash_sha256(secret_span(&file.text), item->digest);
	if (batch->work->look(batch, &file, item, &why) < 0)
		return is_other(&file, &why) ? 0 : fail_one(batch, file.file, &why, err);
	batch->tally.changing += item->todo;
	batch->tally.done += !item->todo;
	return 0;
}

static int answer_tally(const struct batch *batch, struct secret *answer, struct error *err)
{
	fflush(NULL);
	return secret_append(answer, &batch->tally, sizeof(batch->tally), err);
}

/* What the parent learns: the tally, and which files are to be done. */
static int answer_items(const struct batch *batch, struct secret *answer, struct error *err)
{
	if (answer_tally(batch, answer, err) < 0)
		return -1;
	return secret_append(answer, batch->items, batch->files.len * sizeof(*batch->items), err);
}

int batch_look_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct batch *batch = argument;

	secret_keep_spares();
	progress_start(&batch->progress, "looking at", batch->files.len);
	for (size_t i = 0; i < batch->files.len; i++) {
		progress_step(&batch->progress, i, batch->files.items[i].shown);
		if (look_at(batch, i, err) < 0)
			return -1;
	}
	progress_clear(&batch->progress);
	return answer_items(batch, ret_answer, err);
}

int batch_check_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct batch *batch = argument;

	for (size_t i = 0; i < batch->files.len; i++) {
		AUTO(batch_file) file = BATCH_FILE_INIT;
		struct error why = ERROR_INIT;

		if (!batch->items[i].todo || (read_file(batch, i, &file, &why) == 0 &&
					      batch->work->check(batch, &file, &why) == 0))
			continue;
		if (fail_one(batch, &batch->files.items[i], &why, err) < 0)
			return -1;
		batch->items[i].todo = false;
		batch->tally.changing--;
	}
	return answer_items(batch, ret_answer, err);
}

static bool has_line(struct span lines, struct span wanted)
{
	struct span line;

	while (span_take_line(&lines, &line))
		if (span_equal(line, wanted))
			return true;
	return false;
}

static int add_lines(struct secret *lines, struct span more, struct error *err)
{
	struct span line;

	while (span_take_line(&more, &line))
		if (!has_line(secret_span(lines), line) &&
		    (secret_append_span(lines, line, err) < 0 ||
		     secret_append_text(lines, "\n", err) < 0))
			return -1;
	return 0;
}

int batch_list_job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct batch *batch = argument;

	for (size_t i = 0; i < batch->files.len; i++) {
		AUTO(batch_file) file = BATCH_FILE_INIT;
		AUTO(secret) lines = SECRET_INIT;
		struct error ignored = ERROR_INIT; /* told when the file is made anew */

		if (batch->items[i].todo && read_file(batch, i, &file, &ignored) == 0 &&
		    sops_list_recipients(file.format, &file.text, &lines, &ignored) == 0 &&
		    add_lines(ret_answer, secret_span(&lines), err) < 0)
			return -1;
	}
	return 0;
}

static int put(struct batch_make *make, const struct repo_file *file, const struct secret *text,
	       const uint8_t before[HASH_SHA256_LEN], struct error *err)
{
	const struct batch *batch = make->batch;
	const char *path = repo_relative(&batch->repo, file->path);

	if (batch->options->output)
		return secret_append_span(make->answer, secret_span(text), err);
	if (!make->change)
		return file_write(AT_FDCWD, file->path, secret_span(text), OUTPUT_SECRET, err);
	if (!path)
		return error_set(err, ERROR_BUG, "it is not in the repository");
	return repo_change_add(make->change, path, before, secret_span(text), err);
}

static int make_one(struct batch_make *make, size_t index, struct error *err)
{
	struct batch *batch = make->batch;
	const struct batch_item *item = &batch->items[index];
	AUTO(batch_file) file = BATCH_FILE_INIT;
	AUTO(secret) new = SECRET_INIT;
	uint8_t digest[HASH_SHA256_LEN];

	if (read_file(batch, index, &file, err) < 0)
		return -1;
	hash_sha256(secret_span(&file.text), digest);
	if (memcmp(digest, item->digest, sizeof(digest)) != 0)
		return error_set(err, ERROR_DENIED, "it was changed meanwhile");
	if (batch->work->make(batch, &file, &new, err) < 0)
		return -1;
	return put(make, file.file, &new, digest, err);
}

int batch_make_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct batch_make *make = argument;
	struct batch *batch = make->batch;
	AUTO(secret) made = SECRET_INIT;
	AUTO(buf) entries = BUF_INIT;
	size_t begun = 0;

	secret_keep_spares();
	make->answer = &made;
	progress_start(&batch->progress, batch->work->during, batch->tally.changing);
	for (size_t i = 0; i < batch->files.len; i++) {
		struct error why = ERROR_INIT;

		if (!batch->items[i].todo)
			continue;
		progress_step(&batch->progress, begun++, batch->files.items[i].shown);
		if (make_one(make, i, &why) == 0)
			batch->tally.done++;
		else if (fail_one(batch, &batch->files.items[i], &why, err) < 0)
			return -1;
	}
	progress_clear(&batch->progress);
	if (answer_tally(batch, ret_answer, err) < 0)
		return -1;
	if (make->change && repo_change_format(make->change, &entries, err) < 0)
		return -1;
	return secret_append_span(ret_answer,
				  make->change ? buf_span(&entries) : secret_span(&made), err);
}
