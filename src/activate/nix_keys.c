/* SPDX-License-Identifier: MIT */
#include "nix_job.h"

#include <stdlib.h>

#include "util/child.h"

/* One that the manifest names, and that must be there. */
static int nix_add_key_file(struct nix_job *job, const char *path, struct error *err)
{
	struct keyring_identities *sources = &job->sources;
	const size_t before = sources->len, told = sources->problems.len;

	if (keyring_identities_add_file(sources, path, err) < 0)
		return -1;
	if (sources->len > before)
		return 0;
	return error_set(err, ERROR_NO_FILE, "ageKeyFile: %.*s",
			 (int)(sources->problems.len - told),
			 (const char *)sources->problems.data + told);
}

/* Those of sops first; of its files, the manifest's take the place of one. */
static int nix_gather(struct nix_job *job, struct error *err)
{
	const struct nix_manifest *nix = job->sealed->nix;
	const struct names *ssh_keys = &nix->manifest.ssh_keys;

	if (nix->age_key_file != NULL || ssh_keys->len > 0)
		(void)unsetenv("SOPS_AGE_KEY_FILE");
	if (job->uses_environment && keyring_identities_gather_own(&job->sources, err) < 0)
		return -1;
	for (size_t i = 0; i < ssh_keys->len; i++)
		if (keyring_identities_add_file(&job->sources, ssh_keys->items[i], err) < 0)
			return -1;
	return nix->age_key_file == NULL ? 0 : nix_add_key_file(job, nix->age_key_file, err);
}

static int nix_list_job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct nix_job *job = argument;
	const struct manifest *manifest = &job->sealed->nix->manifest;

	for (size_t i = 0; i < manifest->files.len; i++) {
		AUTO(secret) lines = SECRET_INIT;
		AUTO(secret) text = SECRET_INIT;

		if (nix_sealed_text(job->sealed, i, &text, err) < 0 ||
		    sops_list_recipients(manifest_file_format(manifest, i), &text, &lines, err) <
			    0 ||
		    secret_append_span(ret_answer, secret_span(&lines), err) < 0)
			return -1;
	}
	return 0;
}

/* What the programs that the environment names print, once for each recipient. */
static int nix_run_commands(struct nix_job *job, struct error *err)
{
	AUTO(secret) recipients = SECRET_INIT;

	if (!job->uses_environment || !keyring_identities_have_commands())
		return 0;
	if (child_job(nix_list_job, job, &recipients, err) < 0)
		return -1;
	return keyring_identities_run(&job->sources, secret_span(&recipients), err);
}

static bool nix_needs_programs(const struct nix_job *job)
{
	return keyring_programs_are_needed_for(&job->sources) ||
	       keyring_programs_are_needed(secret_span(&job->sealed->texts));
}

/* gpg and plugins are started by a process that is no child of the sandboxed one. */
static int nix_start_programs(struct nix_job *job, struct error *err)
{
	const struct manifest *manifest = &job->sealed->nix->manifest;
	const char *home = manifest->gnupg_home;

	if (!nix_needs_programs(job))
		return 0;
	if (home != NULL && setenv("GNUPGHOME", home, 1) < 0)
		return error_memory(err);
	if (nix_pgp_read(&job->pgp, &manifest->gpg_ssh_keys, err) < 0)
		return -1;
	return keyring_programs_start(&job->programs, err);
}

int nix_prepare_keys(struct nix_job *job, struct error *err)
{
	if (nix_gather(job, err) < 0 || nix_run_commands(job, err) < 0)
		return -1;
	return nix_start_programs(job, err);
}
