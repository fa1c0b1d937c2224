/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "activate/manifest.h"
#include "activate/ready.h"
#include "crypto/lib.h"
#include "util/text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct error err = ERROR_INIT;

	(void)argc;
	(void)argv;
	return crypto_init(&err);
}

static void check_template(const struct manifest *manifest,
			   const struct manifest_template *template)
{
	assert(template->len > 0);
	for (size_t i = 0; i < template->len; i++) {
		const struct manifest_part *part = &template->parts[i];

		if (part->entry == MANIFEST_NO_ENTRY)
			assert(part->len > 0 && part->offset + part->len <= manifest->texts.len);
		else
			assert(manifest->entries[part->entry].kind == MANIFEST_SECRET);
	}
}

/* A manifest of their own: one value each, for UNIT/NAME. */
static void check_credentials(const struct manifest *credentials)
{
	for (size_t i = 0; i < credentials->len; i++) {
		const struct manifest_entry *entry = &credentials->entries[i];
		const char *slash = strchr(entry->name, '/');

		assert(slash != NULL && slash > entry->name && slash[1] != '\0');
		assert(strchr(slash + 1, '/') == NULL);
		assert(strlen(entry->name) <= MANIFEST_CREDENTIAL_MAX + 1);
		assert(entry->file < credentials->files.len && entry->keys.len == 1);
	}
}

/* What is taken keeps the rules that the rest relies on. */
static void check(const struct manifest *manifest)
{
	assert(manifest->identities.len > 0);
	assert(manifest->directory[0] == '/' ||
	       strncmp(manifest->directory, MANIFEST_RUNTIME "/", 3) == 0);
	if (manifest->credentials != NULL)
		check_credentials(manifest->credentials);
	assert(manifest->len > 0 || manifest->credentials->len > 0);
	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		struct span name = span_of_text(entry->name), part;

		assert((entry->mode & ~0777u) == 0);
		if (entry->kind == MANIFEST_TEMPLATE) {
			check_template(manifest, &entry->template);
		} else {
			assert(entry->file < manifest->files.len);
			assert(entry->all_keys == (entry->keys.len == 0));
		}
		while (span_take_until(&name, '/', &part))
			assert(part.len > 0 && !span_equal_text(part, ".") &&
			       !span_equal_text(part, ".."));
	}
}

/* Of what is published until a unit is ready: it can be taken out, and looked at beside all else. */
static void check_ready(struct manifest *manifest)
{
	struct error err = ERROR_INIT;
	char unit[TEXT_PRINTABLE_MAX] = "none.service";
	bool there = false;

	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];

		assert((entry->unit != NULL) == (entry->lifetime == MANIFEST_UNTIL_READY));
		if (entry->unit == NULL)
			continue;
		assert(entry->link == NULL && (entry->mode & 077) == 0);
		assert(entry->restart.len + entry->reload.len > 0);
		snprintf(unit, sizeof(unit), "%s", entry->unit);
		there = true;
	}
	assert((ready_check_shared(manifest, -1, &err) < 0) == (err.kind != ERROR_NONE));
	assert(there == manifest_has_ready(manifest));
	err = ERROR_INIT;
	assert((manifest_narrow(manifest, unit, &err) == 0) == there);
	for (size_t i = 0; i < manifest->len; i++)
		assert(manifest->entries[i].file < manifest->files.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct manifest manifest = MANIFEST_INIT;
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status = secret_append(&text, data, len, &err);

	if (status == 0)
		status = manifest_parse(&text, "fuzz", &manifest, &err);
	assert((status < 0) == (err.kind != ERROR_NONE));
	if (status == 0)
		check(&manifest);
	if (status == 0)
		check_ready(&manifest);
	manifest_release(&manifest);
	secret_release(&text);
	assert(secret_live() == 0);
	return 0;
}
