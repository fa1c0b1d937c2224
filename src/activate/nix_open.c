/* SPDX-License-Identifier: MIT */
#include "nix_job.h"

#include <stdlib.h>
#include <string.h>

#include "activate/unseal.h"
#include "activate/values.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/text.h"

/* A child costs as much as some files: fewer are not worth one of their own. */
#define NIX_FILES_EACH 8

/* No entry. */
#define NIX_END SIZE_MAX

static void nix_job_release(struct nix_job *job)
{
	keyring_identities_release(&job->sources);
	keyring_programs_release(&job->programs);
	nix_pgp_release(&job->pgp);
}

#define NIX_JOB_INIT(all, ambient)                                                                 \
	((struct nix_job){ .sealed = (all),                                                        \
			   .end = (all)->nix->manifest.files.len,                                  \
			   .uses_environment = (ambient),                                          \
			   .sources = KEYRING_IDENTITIES_INIT,                                     \
			   .programs = KEYRING_PROGRAMS_INIT,                                      \
			   .pgp = { .log_keys = (all)->nix->manifest.log_keys },                   \
			   .opener = { NULL, NULL, SOPS_ORDER_DEFAULT } })

int nix_sealed_make(const struct nix_manifest *nix, struct nix_sealed *ret_sealed,
		    struct error *err)
{
	const struct manifest *manifest = &nix->manifest;
	AUTO(nix_sealed) sealed = { .nix = nix };

	sealed.ends = calloc(manifest->files.len + 1, sizeof(*sealed.ends));
	sealed.heads = calloc(manifest->files.len + 1, sizeof(*sealed.heads));
	sealed.next = calloc(manifest->len + 1, sizeof(*sealed.next));
	sealed.starts = calloc(manifest->files.len + 1, sizeof(*sealed.starts));
	if (sealed.ends == NULL || sealed.heads == NULL || sealed.next == NULL ||
	    sealed.starts == NULL)
		return error_memory(err);
	for (size_t i = 0; i < manifest->files.len; i++)
		sealed.heads[i] = NIX_END;
	for (size_t i = manifest->len; i-- > 0;) {
		const size_t file = manifest->entries[i].file;

		if (file == MANIFEST_NO_FILE)
			continue;
		sealed.next[i] = sealed.heads[file];
		sealed.heads[file] = i;
	}
	*ret_sealed = sealed;
	sealed = NIX_SEALED_INIT;
	return 0;
}

int nix_sealed_add(struct nix_sealed *sealed, size_t file, struct span text, struct error *err)
{
	if (secret_append_span(&sealed->texts, text, err) < 0)
		return -1;
	sealed->ends[file] = sealed->texts.len;
	return 0;
}

int nix_sealed_text(const struct nix_sealed *sealed, size_t file, struct secret *ret_text,
		    struct error *err)
{
	const size_t start = file == 0 ? 0 : sealed->ends[file - 1];

	return secret_append_span(ret_text,
				  span_slice(secret_span(&sealed->texts), start,
					     sealed->ends[file] - start),
				  err);
}

void nix_sealed_release(struct nix_sealed *sealed)
{
	secret_release(&sealed->texts);
	free(sealed->ends);
	free(sealed->heads);
	free(sealed->next);
	free(sealed->starts);
	*sealed = NIX_SEALED_INIT;
}

/* --- Values --- */

static int nix_fail(const char *key, const char *why, struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND, "key \"%s\" %s", text_printable_text(key).text, why);
}

static int nix_put(size_t entry, const struct secret *text, struct secret *out, struct error *err)
{
	return values_put(out, &(struct value){ (uint32_t)entry, SPAN_INIT, secret_span(text) },
			  err);
}

static int nix_whole(const struct nix_job *job, size_t entry, const struct doc_path *empty,
		     struct secret *out, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	enum doc_type type;

	if (job->opened == NULL)
		return 0;
	if (sops_file_extract(job->opened, empty, &text, &type, err) < 0)
		return -1;
	return nix_put(entry, &text, out, err);
}

/* A text, sealed or not: the MAC covers both. */
static int nix_scalar(const struct nix_job *job, size_t entry, const char *key, uint32_t node,
		      struct secret *out, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	enum doc_type type = job->doc->nodes[node].type;

	if (job->opened != NULL && sops_file_scalar(job->opened, node, &text, &type, err) < 0)
		return -1;
	if (type != DOC_TYPE_STRING)
		return nix_fail(key, "is no text but a number, boolean, time or null", err);
	return job->opened == NULL ? 0 : nix_put(entry, &text, out, err);
}

static int nix_value(const struct nix_job *job, size_t entry, struct secret *out, struct error *err)
{
	const char *key = job->sealed->nix->manifest.entries[entry].keys.items[0];
	AUTO(doc_path) path = DOC_PATH_INIT;
	uint32_t node = DOC_NONE;
	size_t parts = 0;

	if (doc_path_parse_slashes(key, &path, err) < 0)
		return -1;
	if (path.len == 0)
		return nix_whole(job, entry, &path, out, err);
	if (doc_path_follow(job->doc, &path, &node, &parts, err) < 0)
		return -1;
	if (parts < path.len && parts > 0 && job->doc->nodes[node].kind != DOC_MAP)
		return nix_fail(key, "leads into what is no map", err);
	if (parts < path.len || doc_is_reserved(job->doc->format, doc_path_key(&path, 0)))
		return nix_fail(key, "is not in the file", err);
	if (job->doc->nodes[node].kind != DOC_SCALAR)
		return nix_fail(key, "is no single value", err);
	return nix_scalar(job, entry, key, node, out, err);
}

/* What every entry wants of this file. */
static int nix_values(const struct nix_job *job, size_t file, struct secret *out, struct error *err)
{
	for (size_t i = job->sealed->heads[file]; i != NIX_END; i = job->sealed->next[i])
		if (nix_value(job, i, out, err) < 0)
			return error_wrap(err, "\"%s\"",
					  job->sealed->nix->manifest.entries[i].name);
	return 0;
}

/* --- In the child --- */

static int nix_open_file(struct nix_job *job, size_t file, struct secret *out, struct error *err)
{
	AUTO(sops_file) opened = SOPS_FILE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct value time = { .entry = NIX_TIME };

	if (nix_sealed_text(job->sealed, file, &text, err) < 0 ||
	    sops_open_with(manifest_file_format(&job->sealed->nix->manifest, file), &text,
			   &job->opener, 0, &opened, err) < 0)
		return unseal_advise(err);
	job->opened = &opened;
	job->doc = &opened.doc;
	time.bytes = opened.meta.lastmodified;
	return values_put(out, &time, err) < 0 ? -1 : nix_values(job, file, out, err);
}

static int nix_look_at_file(struct nix_job *job, size_t file, struct error *err)
{
	AUTO(sops_meta) meta = SOPS_META_INIT;
	AUTO(secret) nothing = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;

	if (nix_sealed_text(job->sealed, file, &text, err) < 0 ||
	    doc_parse(manifest_file_format(&job->sealed->nix->manifest, file), &text,
		      DOC_KEEP_ALIASES | DOC_SEALED, &doc, err) < 0 ||
	    sops_meta_read(&doc, &meta, err) < 0)
		return -1;
	job->doc = &doc;
	return nix_values(job, file, &nothing, err);
}

/* Which of the manifest's SSH keys are used as which recipients: one child tells it. */
static int nix_tell_identities(const struct nix_job *job, const struct age_identities *identities,
			       struct secret *out, struct error *err)
{
	const struct manifest *manifest = &job->sealed->nix->manifest;

	for (size_t i = 0; manifest->log_keys && job->first == 0 && i < identities->len; i++) {
		const struct age_identity *identity = &identities->items[i];
		AUTO(buf) recipient = BUF_INIT;

		if (!names_have(&manifest->ssh_keys, identity->source))
			continue;
		if (age_identity_spell(identity, &recipient, err) < 0 ||
		    values_put(out,
			       &(struct value){ NIX_IDENTITY, span_of_text(identity->source),
						buf_span(&recipient) },
			       err) < 0)
			return -1;
	}
	return 0;
}

/* Nothing opened it: what was wrong with the keys. */
static void nix_explain(const struct nix_job *job, struct error *err)
{
	const struct span problems = buf_span(&job->sources.problems);
	const struct error before = *err;

	if (before.kind != ERROR_NO_KEY)
		return;
	if (problems.len > 0)
		(void)error_set(err, before.kind, "%s; %.*s", before.message, SPAN_PRINT(problems));
	if (job->sealed->nix->manifest.gpg_ssh_keys.len > 0)
		(void)error_hint(err, "the host's ed25519 key needs no gpg: seal to that one, too");
}

/*
 * NixOS names a host's RSA key whenever it has one: nothing to fail for where another key opens the files. The
 * first child tells it; where there are more, none of them could start gpg.
 */
static int nix_note_unused(const struct nix_job *job, struct secret *out, struct error *err)
{
	const struct names *paths = &job->sealed->nix->manifest.gpg_ssh_keys;
	AUTO(buf) note = BUF_INIT;

	if (paths->len == 0 || job->first > 0 || job->pgp.asked)
		return 0;
	if (buf_printf(&note, err, "sshKeyPaths: %s%s not used: no file needs a PGP key",
		       text_printable_text(paths->items[0]).text,
		       paths->len > 1 ? " and others are" : " is") < 0)
		return -1;
	return values_put(out, &(struct value){ NIX_PROBLEM, SPAN_INIT, buf_span(&note) }, err);
}

/* What is wrong with some of them is told. */
static int nix_parse_identities(struct nix_job *job, struct age_identities *identities,
				struct secret *out, struct error *err)
{
	const size_t told = job->sources.problems.len;
	struct value problem = { .entry = NIX_PROBLEM };

	if (keyring_identities_parse(&job->sources, identities, err) < 0)
		return -1;
	problem.bytes = span_slice(buf_span(&job->sources.problems), told > 0 ? told + 2 : 0,
				   job->sources.problems.len);
	if (problem.bytes.len > 0 && job->first == 0 && values_put(out, &problem, err) < 0)
		return -1;
	return nix_tell_identities(job, identities, out, err);
}

static int nix_open_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct nix_job *job = argument;
	const struct manifest *manifest = &job->sealed->nix->manifest;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;

	secret_keep_spares();
	if (nix_parse_identities(job, &identities, ret_answer, err) < 0)
		return -1;
	identities.plugins = keyring_programs_plugins(&job->programs);
	job->opener.identities = &identities;
	job->opener.programs = nix_pgp_use(&job->pgp, &job->programs, ret_answer);
	for (size_t i = job->first; i < job->end; i++)
		if (nix_open_file(job, i, ret_answer, err) < 0) {
			nix_explain(job, err);
			return error_wrap(err, "cannot open \"%s\"",
					  text_printable_text(manifest->files.items[i]).text);
		}
	return nix_note_unused(job, ret_answer, err);
}

static int nix_look_job(void *argument, struct secret *ret_answer UNUSED, struct error *err)
{
	struct nix_job *job = argument;
	const struct names *files = &job->sealed->nix->manifest.files;

	secret_keep_spares();
	for (size_t i = 0; i < files->len; i++)
		if (nix_look_at_file(job, i, err) < 0)
			return error_wrap(err, "\"%s\"", text_printable_text(files->items[i]).text);
	return 0;
}

static int nix_add_note(struct names *notes, struct span text, struct error *err)
{
	return text.len == 0 ? 0 : names_add(notes, text, err);
}

/* As many as there are processors; what starts programs for a child serves one. */
static size_t nix_parts(const struct nix_job *job)
{
	const size_t most = (job->end + NIX_FILES_EACH - 1) / NIX_FILES_EACH;
	const size_t at_once = children_at_once();

	if (job->programs.pid > 0 || most < 2)
		return 1;
	return most < at_once ? most : at_once;
}

/* The files of one part go to one child; they answer in the files' order. */
static int nix_open_parts(const struct nix_job *job, struct nix_answer *taken, struct error *err)
{
	const size_t parts = nix_parts(job), files = job->end;
	AUTO(children) children = CHILDREN_INIT;

	for (size_t i = 0; i < parts; i++) {
		struct nix_job part = *job;

		part.first = files * i / parts;
		part.end = files * (i + 1) / parts;
		if (children_start(&children, nix_open_job, &part, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < parts; i++) {
		AUTO(secret) answer = SECRET_INIT;

		taken->end = files * (i + 1) / parts;
		if (children_next(&children, &answer, err) < 0 ||
		    nix_answer_take(taken, secret_span(&answer), err) < 0)
			return -1;
	}
	return 0;
}

int nix_open(struct nix_sealed *sealed, bool uses_environment, struct record *record,
	     struct names *notes, struct secret *ret_values, struct error *err)
{
	AUTO(nix_job) job = NIX_JOB_INIT(sealed, uses_environment);
	AUTO(secret) values = SECRET_INIT;
	struct nix_answer taken = { record, notes, &values, sealed->starts, 0, 0 };

	if (nix_prepare_keys(&job, err) < 0 ||
	    nix_add_note(notes, buf_span(&job.sources.problems), err) < 0 ||
	    nix_open_parts(&job, &taken, err) < 0)
		return -1;
	*ret_values = secret_move(&values);
	return 0;
}

int nix_look(struct nix_sealed *sealed, struct error *err)
{
	AUTO(nix_job) job = NIX_JOB_INIT(sealed, false);
	AUTO(secret) nothing = SECRET_INIT;

	return child_job(nix_look_job, &job, &nothing, err);
}
