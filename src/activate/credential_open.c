/* SPDX-License-Identifier: MIT */
/* The half of activate/credential.h that knows manifests. */
#include "activate/credential.h"

#include "activate/unseal.h"
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

int credential_open(const char *manifest, const struct credential *credential,
		    struct secret *ret_value, struct names *notes, struct error *err)
{
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&report);
	AUTO(secret) value = SECRET_INIT;
	size_t entry = 0;

	if (activation_read_manifest(&run, manifest, err) < 0 ||
	    credential_find(&run.manifest, credential, &entry, err) < 0 ||
	    activation_open_entry(&run, run.manifest.credentials,
				  &run.manifest.credentials->entries[entry], &value, err) < 0)
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
