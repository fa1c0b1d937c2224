/* SPDX-License-Identifier: MIT */
/* The half of activate/credential.h that knows manifests. */
#include "activate/credential.h"

#include "activate/unseal.h"
#include "activate/values.h"
#include "activation.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

/* Is that the entry UNIT/NAME? */
static bool credential_is(const struct manifest_entry *entry, const struct credential *wanted)
{
	const char *slash = strchr(entry->name, '/');
	const size_t len = (size_t)(slash - entry->name);

	return strlen(wanted->unit) == len && strncmp(entry->name, wanted->unit, len) == 0 &&
	       strcmp(slash + 1, wanted->name) == 0;
}

static int credential_find(const struct manifest *manifest, const struct credential *wanted,
			   size_t *ret_entry, struct error *err)
{
	for (size_t i = 0; manifest->credentials != NULL && i < manifest->credentials->len; i++) {
		if (!credential_is(&manifest->credentials->entries[i], wanted))
			continue;
		*ret_entry = i;
		return 0;
	}
	error_set(err, ERROR_DENIED, "the manifest does not give it to that unit");
	return error_hint(err, "name both under \"credentials\"");
}

/* The child opens the whole file, and hands out what that entry wants of it alone. */
static int credential_unseal(struct activation *run, size_t number, struct secret *ret_value,
			     struct error *err)
{
	const struct manifest *all = run->manifest.credentials;
	struct manifest_entry entry = all->entries[number];
	const struct manifest one = { .entries = &entry, .len = 1, .files = all->files };
	AUTO(unseal_identities) identities = UNSEAL_IDENTITIES_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) values = SECRET_INIT;
	char time[UNSEAL_TIME_MAX];
	struct span rest;
	struct value value;

	/* Another entry may be the one that says it. */
	entry.format = manifest_file_is_age(all, entry.file)
			       ? MANIFEST_FORMAT_AGE
			       : doc_format_name(manifest_file_format(all, entry.file));
	if (unseal_identities_read(&run->manifest, run->dir_fd, &identities, &run->report->notes,
				   err) < 0 ||
	    activation_read_sealed(run, all->files.items[entry.file], &text, err) < 0 ||
	    unseal_file(&one, entry.file, &identities, &text, &values, time, err) < 0)
		return -1;
	rest = secret_span(&values);
	while (values_take(&rest, &value))
		if (value.entry == 0)
			return secret_append_span(ret_value, value.bytes, err);
	return error_set(err, ERROR_NOT_FOUND, "the file has no such value");
}

int credential_open(const char *manifest, const struct credential *credential,
		    struct secret *ret_value, struct names *notes, struct error *err)
{
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&report);
	AUTO(secret) value = SECRET_INIT;
	size_t entry = 0;

	if (activation_read_manifest(&run, manifest, err) < 0 ||
	    credential_find(&run.manifest, credential, &entry, err) < 0 ||
	    credential_unseal(&run, entry, &value, err) < 0)
		return -1;
	if (value.len > CREDENTIAL_MAX)
		return error_set(err, ERROR_LIMIT,
				 "systemd takes no credential of more than %zu KiB",
				 CREDENTIAL_MAX >> 10);
	*notes = report.notes;
	report.notes = NAMES_INIT;
	*ret_value = secret_move(&value);
	return 0;
}

int activation_check_credentials(const struct activation *run, struct error *err)
{
	const struct manifest *credentials = run->manifest.credentials;

	for (size_t i = 0; credentials != NULL && i < credentials->files.len; i++) {
		AUTO(secret) text = SECRET_INIT;

		if (activation_read_sealed(run, credentials->files.items[i], &text, err) < 0 ||
		    unseal_check(credentials, i, &text, err) < 0)
			return -1;
	}
	return 0;
}
