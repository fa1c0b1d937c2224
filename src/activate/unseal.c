/* SPDX-License-Identifier: MIT */
#include "unseal_job.h"

#include "activate/values.h"
#include "age/file.h"
#include "age/header.h"
#include "sops/mac.h"

/* At boot nobody is there: no terminal, and no variable steers a root process. */
static int unseal_nobody(void *context UNUSED, enum age_question kind UNUSED, const char *question,
			 struct secret *ret_answer UNUSED, struct error *err)
{
	error_set(err, ERROR_DENIED, "nobody is asked for a passphrase at boot: %s", question);
	return error_hint(err, "name a key without one under \"identities\"");
}

/*
 * One that cannot be used is passed over as long as there are others, as one that does not exist is: hosts have
 * ECDSA keys, too. unused tells the first one's reason.
 */
static int unseal_parse_identities(const struct unseal_job *job, struct age_identities *identities,
				   struct error *unused, struct error *err)
{
	for (size_t i = 0; i < job->identities->len; i++) {
		const struct unseal_identity *item = &job->identities->items[i];
		struct error problem = ERROR_INIT;

		if (age_identities_add_pair(identities, secret_span(&item->text),
					    secret_span(&item->public_half), item->path,
					    &problem) == 0)
			continue;
		if (problem.kind != ERROR_UNSUPPORTED) {
			*err = problem;
			return -1;
		}
		if (unused->kind == ERROR_NONE)
			*unused = problem;
	}
	if (identities->len > 0 || unused->kind == ERROR_NONE)
		return 0;
	*err = *unused;
	return -1;
}

/* An age file: each entry that names it gets all of it. It does not say when it was made. */
static int unseal_age(struct unseal_job *job, const struct age_identities *identities,
		      struct secret *out, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	const struct value time = { .entry = VALUE_TIME };

	if (age_open(identities, secret_span(job->text), &plain, err) < 0 ||
	    values_put(out, &time, err) < 0)
		return -1;
	for (size_t i = 0; i < job->manifest->len; i++) {
		job->entry = (uint32_t)i;
		if (job->manifest->entries[i].file == job->file &&
		    unseal_add(job, "", &plain, out, err) < 0)
			return -1;
	}
	return 0;
}

/* It is whole up to where a key is needed. */
static int unseal_look_at_age(const struct unseal_job *job, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(buf) binary = BUF_INIT;

	return age_read_header(secret_span(job->text), &binary, &header, err);
}

static int unseal_sops(struct unseal_job *job, const struct age_identities *identities,
		       struct secret *ret_answer, struct error *err)
{
	AUTO(sops_file) opened = SOPS_FILE_INIT;
	struct value time = { .entry = VALUE_TIME };

	if (sops_open(manifest_file_format(job->manifest, job->file), job->text, identities, 0,
		      &opened, err) < 0)
		return unseal_advise(err);
	job->opened = &opened;
	job->doc = &opened.doc;
	job->meta = &opened.meta;
	time.bytes = opened.meta.lastmodified;
	if (values_put(ret_answer, &time, err) < 0)
		return -1;
	return unseal_entries(job, ret_answer, err);
}

static int unseal_one(struct unseal_job *job, const struct age_identities *identities,
		      const struct error *unused, struct secret *ret_answer, struct error *err)
{
	if ((manifest_file_is_age(job->manifest, job->file)
		     ? unseal_age(job, identities, ret_answer, err)
		     : unseal_sops(job, identities, ret_answer, err)) == 0)
		return 0;
	if (err->kind == ERROR_NO_KEY && unused->kind != ERROR_NONE) {
		const struct error failed = *err;

		error_set(err, failed.kind, "%s; not used: %s", failed.message, unused->message);
		error_hint(err, "%s", unused->hint);
	}
	return -1;
}

/* The text of one of them; where it is all that there is, not a copy. */
static int unseal_text(struct unseal_files *files, size_t i, struct secret *ret_text,
		       struct error *err)
{
	if (files->len > 1)
		return secret_append_span(ret_text, unseal_files_text(files, i), err);
	*ret_text = secret_move(&files->texts);
	return 0;
}

static int unseal_open(void *argument, struct secret *ret_answer, struct error *err)
{
	static const struct age_prompt nobody = { NULL, unseal_nobody, NULL, NULL };
	struct unseal_job *job = argument;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	struct error unused = ERROR_INIT;

	if (job->files->others != NULL)
		secret_release(job->files->others);
	secret_keep_spares();
	identities.prompt = &nobody;
	if (unseal_parse_identities(job, &identities, &unused, err) < 0)
		return -1;
	for (size_t i = 0; i < job->files->len; i++) {
		AUTO(secret) text = SECRET_INIT;

		job->file = job->files->first + i;
		job->text = &text;
		if (unseal_text(job->files, i, &text, err) < 0 ||
		    unseal_one(job, &identities, &unused, ret_answer, err) < 0)
			return -1;
	}
	return 0;
}

static int unseal_look(void *argument, struct secret *ret_answer, struct error *err)
{
	struct unseal_job *job = argument;
	AUTO(sops_meta) meta = SOPS_META_INIT;
	AUTO(doc) doc = DOC_INIT;

	if (manifest_file_is_age(job->manifest, job->file))
		return unseal_look_at_age(job, err);
	if (doc_parse(manifest_file_format(job->manifest, job->file), job->text,
		      DOC_KEEP_ALIASES | DOC_SEALED, &doc, err) < 0 ||
	    sops_meta_read(&doc, &meta, err) < 0 || sops_mac_look(meta.mac, err) < 0)
		return unseal_advise(err);
	job->doc = &doc;
	job->meta = &meta;
	return unseal_entries(job, ret_answer, err);
}

int unseal_start(const struct manifest *manifest, struct unseal_files *files,
		 const struct unseal_identities *identities, struct children *children,
		 struct error *err)
{
	struct unseal_job job = { .manifest = manifest, .files = files, .identities = identities };

	return children_start(children, unseal_open, &job, err);
}

int unseal_file(const struct manifest *manifest, size_t file,
		const struct unseal_identities *identities, struct secret *text,
		struct secret *values, char ret_time[UNSEAL_TIME_MAX], struct error *err)
{
	/* the text is borrowed */
	struct unseal_files one = {
		.first = file, .len = 1, .others = values, .texts = *text, .ends = { text->len }
	};
	AUTO(children) children = CHILDREN_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct span rest, found;

	if (unseal_start(manifest, &one, identities, &children, err) < 0 ||
	    children_next(&children, &answer, err) < 0)
		return error_wrap(err, "cannot open \"%s\"", manifest->files.items[file]);
	rest = secret_span(&answer);
	if (!unseal_take(&rest, &found, ret_time) || rest.len > 0)
		return error_set(err, ERROR_BUG, "a child's answer is no answer");
	return secret_append_span(values, found, err);
}

int unseal_check(const struct manifest *manifest, size_t file, struct secret *text,
		 struct error *err)
{
	struct unseal_job job = { .manifest = manifest, .file = file, .text = text };
	AUTO(secret) answer = SECRET_INIT;

	if (child_job(unseal_look, &job, &answer, err) < 0)
		return error_wrap(err, "\"%s\"", manifest->files.items[file]);
	return 0;
}
