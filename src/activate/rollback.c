/* SPDX-License-Identifier: MIT */
#include "activate/rollback.h"

#include "activate/generation.h"
#include "activate/links.h"
#include "activate/plan.h"
#include "activation.h"
#include "util/buf.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

struct rollback {
	struct target target;
	uint64_t current, number; /* what is live, and what will be */
	struct record now, then;  /* their records */
	struct plan plan;         /* of what will be */
	struct secret units;
	struct activate_report *report;
};

static void rollback_release(struct rollback *run)
{
	target_release(&run->target);
	record_release(&run->now);
	record_release(&run->then);
	plan_release(&run->plan);
	secret_release(&run->units);
}

uint64_t rollback_from(int root_fd, uint64_t current)
{
	AUTO(secret) text = SECRET_INIT;
	struct error ignored = ERROR_INIT;
	struct generation_name name = { "" };

	if (generation_read(root_fd, current, GENERATION_ROLLBACK, sizeof(name.text) - 1, &text,
			    &ignored) < 0 ||
	    text.len == 0)
		return 0;
	memcpy(name.text, text.data, text.len);
	return generation_number(name.text);
}

static int rollback_load(const struct rollback *run, uint64_t number, struct record *ret_record,
			 struct error *err)
{
	if (record_load(run->target.root_fd, number, ret_record, err) == 0)
		return 0;
	return error_wrap(err, "\"%s/%llu/" GENERATION_RECORD "\"", run->target.root,
			  (unsigned long long)number);
}

static int rollback_find(struct rollback *run, struct error *err)
{
	if (target_current(&run->target, &run->current, err) < 0)
		return -1;
	if (run->current == 0 || run->target.root_fd < 0)
		return error_set(err, ERROR_NOT_FOUND, "nothing is live in \"%s\"",
				 text_printable_text(run->target.directory).text);
	if (generation_before(run->target.root_fd, run->current, &run->number, err) < 0)
		return -1;
	if (run->number == 0) {
		error_set(err, ERROR_NOT_FOUND, "there is no generation before %llu",
			  (unsigned long long)run->current);
		return error_hint(err, "\"keep\" in the manifest says how many there are");
	}
	if (rollback_load(run, run->current, &run->now, err) < 0)
		return -1;
	return rollback_load(run, run->number, &run->then, err);
}

/* One file of the generation that comes back, as it is there. */
static int rollback_read_file(struct rollback *run, const char *name, struct error *err)
{
	struct plan_file *file = &run->plan.files[run->plan.len];
	bool there = false;

	*file = (struct plan_file){ .name = name, .offset = run->plan.bytes.len };
	if (generation_keep(run->target.root_fd, run->number, file, &run->plan.bytes, &there, err) <
	    0)
		return -1;
	if (!there)
		return error_set(err, ERROR_NOT_FOUND, "generation %llu has lost \"%s\"",
				 (unsigned long long)run->number, text_printable_text(name).text);
	file->len = run->plan.bytes.len - file->offset;
	run->plan.len++;
	return 0;
}

static int rollback_read(struct rollback *run, struct error *err)
{
	run->plan.files = calloc(run->then.files_len + 1, sizeof(*run->plan.files));
	if (run->plan.files == NULL)
		return error_memory(err);
	for (size_t i = 0; i < run->then.files_len; i++)
		if (rollback_read_file(run, run->then.files[i].name, err) < 0)
			return -1;
	return 0;
}

/* The name goes on a list, and those whom either record names are told. */
static int rollback_note(struct rollback *run, const char *name, struct names *list,
			 struct error *err)
{
	const struct record_file *files[] = { record_find_file(&run->now, name),
					      record_find_file(&run->then, name) };

	for (size_t i = 0; i < 2; i++)
		if (files[i] != NULL &&
		    units_add(&run->report->units, &files[i]->restart, &files[i]->reload, err) < 0)
			return -1;
	return names_add(list, span_of_text(name), err);
}

static int rollback_compare(struct rollback *run, struct error *err)
{
	struct activate_report *report = run->report;

	for (size_t i = 0; i < run->plan.len; i++) {
		enum generation_state state = GENERATION_NEW;

		if (generation_compare(run->target.root_fd, run->current, &run->plan, i, &state,
				       err) < 0)
			return -1;
		if (state != GENERATION_SAME &&
		    rollback_note(run, run->plan.files[i].name,
				  state == GENERATION_NEW ? &report->added : &report->changed,
				  err) < 0)
			return -1;
	}
	for (size_t i = 0; i < run->now.files_len; i++)
		if (record_find_file(&run->then, run->now.files[i].name) == NULL &&
		    rollback_note(run, run->now.files[i].name, &report->removed, err) < 0)
			return -1;
	return 0;
}

/* Those whom an earlier run did not come to tell have not read what is live either. */
static int rollback_add_pending(struct rollback *run, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (generation_read(run->target.root_fd, run->current, GENERATION_UNITS, RECORD_MAX, &text,
			    err) < 0 ||
	    units_parse(secret_span(&text), &run->report->units, err) < 0)
		return -1;
	return units_format(&run->report->units, &run->units, err);
}

static int rollback_prepare(struct rollback *run, struct error *err)
{
	if (rollback_find(run, err) < 0 || rollback_read(run, err) < 0 ||
	    rollback_compare(run, err) < 0 || rollback_add_pending(run, err) < 0)
		return -1;
	run->report->before = run->current;
	run->report->generation = run->number;
	run->report->files = run->plan.len;
	memcpy(run->report->time, run->then.time, sizeof(run->report->time));
	memcpy(run->report->revision, run->then.revision, sizeof(run->report->revision));
	return 0;
}

/* While nobody can enter it: who is to be told, and that it is no activation's. */
static int rollback_mark(const struct rollback *run, struct error *err)
{
	const uint64_t first = rollback_from(run->target.root_fd, run->current);
	const struct generation_name from = generation_name(first != 0 ? first : run->current);

	if (generation_forget(run->target.root_fd, run->number, GENERATION_UNITS, err) < 0 ||
	    (run->units.len > 0 &&
	     generation_put_own(run->target.root_fd, run->number, GENERATION_UNITS,
				secret_span(&run->units), err) < 0))
		return -1;
	return generation_put_own(run->target.root_fd, run->number, GENERATION_ROLLBACK,
				  span_of_text(from.text), err);
}

static int rollback_switch(struct rollback *run, struct error *err)
{
	const int root_fd = run->target.root_fd;
	struct error ignored = ERROR_INIT;

	if (rollback_mark(run, err) == 0 && generation_publish(root_fd, run->number, err) == 0 &&
	    target_switch(&run->target, run->number, err) == 0) {
		/* What is behind the switch is no error any more; the next run does it again. */
		(void)!generation_close_others(root_fd, run->number, &ignored);
		return 0;
	}
	(void)!generation_close_others(root_fd, run->current, &ignored);
	return -1;
}

/* Links are as the generation had them that is live again. */
static int rollback_link(struct rollback *run, struct error *err)
{
	AUTO(names) links = NAMES_INIT;

	for (size_t i = 0; i < run->then.files_len; i++) {
		const struct record_file *file = &run->then.files[i];
		struct error reason = ERROR_INIT;

		if (file->link != NULL &&
		    links_make(&run->target, file->link, file->name, run->plan.files[i].owner,
			       &reason) < 0 &&
		    names_printf(&run->report->notes, err, "%s", reason.message) < 0)
			return -1;
	}
	return links_of(&run->now, &links, err) < 0
		       ? -1
		       : links_drop(&run->target, &links, &run->then, &run->report->notes, err);
}

static int rollback_locked(struct rollback *run, struct error *err)
{
	AUTO(lock) lock = LOCK_INIT;

	if (target_lock(&run->target, &lock, err) < 0 || rollback_prepare(run, err) < 0 ||
	    target_prepare(&run->target, &run->report->notes, err) < 0)
		return -1;
	return rollback_switch(run, err) < 0 ? -1 : rollback_link(run, err);
}

int rollback_run(const char *directory, const char *root, bool dry, struct activate_report *report,
		 struct error *err)
{
	AUTO(rollback) run = { .target = TARGET_INIT, .report = report };

	report->directory = strdup(directory);
	if (report->directory == NULL)
		return error_memory(err);
	if (target_open(directory, root, &run.target, err) < 0)
		return -1;
	if (dry)
		return rollback_prepare(&run, err);
	/* What has nothing to go back to is refused before a lock file is made. */
	if (rollback_find(&run, err) < 0)
		return -1;
	record_release(&run.now);
	record_release(&run.then);
	if (rollback_locked(&run, err) < 0)
		return -1;
	return activation_tell(&run.target, run.units.len > 0, report, err);
}
