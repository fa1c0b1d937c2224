/* SPDX-License-Identifier: MIT */
/* What openclaw setup seals: the secrets, and the record of what was there before. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "activate/activate.h"
#include "age/file.h"
#include "cli/openclaw_setup.h"
#include "doc/tree.h"
#include "keyring/identity.h"
#include "sops/file.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#define SETUP_RECORD_MAX ((size_t)128 << 20)

enum sealing_way { SEALING_VALUES, SEALING_RECORD, SEALING_OPEN, SEALING_RECIPIENTS };

/* For the child. */
struct sealing {
	const struct setup *setup;
	enum sealing_way way;
	struct keyring_identities sources; /* the host's keys */
	struct secret text;
};

static void sealing_release(struct sealing *sealing)
{
	keyring_identities_release(&sealing->sources);
	secret_release(&sealing->text);
}

/* --- In the child --- */

static int take_named(const struct option_texts *texts, struct age_recipients *recipients,
		      struct error *err)
{
	for (size_t i = 0; i < texts->len; i++)
		if (age_recipients_add(recipients, span_of_text(texts->items[i]), err) < 0)
			return -1;
	return 0;
}

/* Whom it is sealed to: the host first. One lost host must not be all secrets lost. */
static int take_recipients(const struct sealing *sealing, const struct age_identities *identities,
			   struct age_recipients *recipients, struct error *err)
{
	const struct option_texts *texts = &sealing->setup->options->recipients;
	size_t own;
	/* a dry run says that one is still to be named */
	bool another = sealing->setup->options->dry_run && texts->len == 0;

	if (age_recipients_add_own(recipients, identities, err) < 0)
		return -1;
	own = recipients->len;
	if (take_named(texts, recipients, err) < 0)
		return -1;
	for (size_t i = own; i < recipients->len; i++) {
		bool is_host = false;

		for (size_t k = 0; k < own; k++)
			is_host = is_host ||
				  age_recipient_equal(&recipients->items[i], &recipients->items[k]);
		another = another || !is_host;
	}
	if (another)
		return 0;
	error_set(err, ERROR_DENIED,
		  "no recipient is named besides the host: with it, all secrets would be lost");
	return error_hint(err, "name a person's: --recipient \"$(cat ~/.ssh/id_ed25519.pub)\"");
}

static int seal_values(struct sealing *sealing, const struct age_recipients *recipients,
		       struct secret *ret_sealed, struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;

	if (sops_groups_open(&policy.groups, err) < 0)
		return -1;
	for (size_t i = 0; i < recipients->len; i++) {
		AUTO(buf) text = BUF_INIT;

		if (age_recipient_spell(&recipients->items[i], &text, err) < 0 ||
		    sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, buf_span(&text), err) < 0)
			return -1;
	}
	return sops_seal(DOC_YAML, &sealing->text, &policy, ret_sealed, NULL, err);
}

static int seal_record(const struct sealing *sealing, const struct age_recipients *recipients,
		       struct secret *ret_sealed, struct error *err)
{
	AUTO(buf) sealed = BUF_INIT;

	if (age_seal(recipients, secret_span(&sealing->text), false, &sealed, err) < 0)
		return -1;
	return secret_append_span(ret_sealed, buf_span(&sealed), err);
}

static int job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct sealing *sealing = argument;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;

	if (sealing->way == SEALING_RECIPIENTS)
		return take_named(&sealing->setup->options->recipients, &recipients, err);
	if (keyring_identities_parse(&sealing->sources, &identities, err) < 0)
		return -1;
	if (sealing->way == SEALING_OPEN)
		return age_open(&identities, secret_span(&sealing->text), ret_answer, err);
	if (identities.len == 0) {
		error_set(err, ERROR_NO_KEY, "the host's key cannot be used");
		return error_hint(err, "name it: --identity FILE");
	}
	if (take_recipients(sealing, &identities, &recipients, err) < 0)
		return -1;
	return sealing->way == SEALING_VALUES ? seal_values(sealing, &recipients, ret_answer, err)
					      : seal_record(sealing, &recipients, ret_answer, err);
}

/* --- In the parent --- */

/* The one that is named, those of the manifest, or the host's. */
static int gather(const struct setup *setup, struct keyring_identities *sources, struct error *err)
{
	AUTO(manifest) manifest = MANIFEST_INIT;
	struct error why = ERROR_INIT;

	if (setup->options->identity != NULL)
		return keyring_identities_add_file(sources, setup->options->identity, err);
	if (activate_read_manifest(setup->manifest, &manifest, &why) < 0)
		return keyring_identities_add_file(sources, MANIFEST_IDENTITY, err);
	for (size_t i = 0; i < manifest.identities.len; i++) {
		AUTO_FREE char *path = NULL;
		const char *name = manifest.identities.items[i];

		if (name[0] == '/' ? (path = strdup(name)) == NULL
				   : setup_path(setup, name, &path, err) < 0)
			return name[0] == '/' ? error_memory(err) : -1;
		if (keyring_identities_add_file(sources, path, err) < 0)
			return -1;
	}
	return 0;
}

/* What is known without the host's key. */
static int check_named(const struct setup *setup, struct error *err)
{
	AUTO(sealing) sealing = { .setup = setup, .way = SEALING_RECIPIENTS };
	AUTO(secret) unused = SECRET_INIT;

	return child_job(job, &sealing, &unused, err);
}

static int run_job(struct sealing *sealing, struct secret *ret_answer, struct error *err)
{
	if (gather(sealing->setup, &sealing->sources, err) < 0)
		return -1;
	return child_job(job, sealing, ret_answer, err);
}

int setup_seal_values(const struct setup *setup, struct secret *ret_sealed, struct error *err)
{
	AUTO(sealing) sealing = { .setup = setup, .way = SEALING_VALUES };
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	/* a dry run */
	if (geteuid() != 0)
		return check_named(setup, err);
	if (doc_tree_open_map(&tree, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < setup->plan.len; i++) {
		const struct seal_place *place = &setup->plan.places[i];

		if (place->counts &&
		    doc_tree_scalar(&tree, place->key, DOC_TYPE_STRING, place->value, err) < 0)
			return -1;
	}
	doc_tree_close(&tree);
	if (doc_tree_emit_yaml(&tree, 0, 4, 0, &sealing.text, err) < 0)
		return -1;
	return run_job(&sealing, ret_sealed, err);
}

int setup_seal_record(const struct setup *setup, struct secret *ret_sealed, struct error *err)
{
	AUTO(sealing) sealing = { .setup = setup, .way = SEALING_RECORD };

	if (change_format(&setup->change, &sealing.text, err) < 0)
		return -1;
	return run_job(&sealing, ret_sealed, err);
}

/* Only what root wrote says what root writes. */
static int read_record(const char *path, struct secret *ret_text, struct error *err)
{
	AUTO_FD int fd = -1;
	struct stat status;

	if (file_open_regular(AT_FDCWD, path, &fd, err) < 0)
		return -1;
	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", text_printable_text(path).text);
	if (status.st_uid != 0 || (status.st_mode & 022) != 0)
		return error_set(err, ERROR_DENIED, "\"%s\" is not root's alone to write",
				 text_printable_text(path).text);
	return file_read_fd(fd, path, SETUP_RECORD_MAX, ret_text, err);
}

int setup_open_record(const struct setup *setup, const char *path, struct change *ret_change,
		      struct error *err)
{
	AUTO(sealing) sealing = { .setup = setup, .way = SEALING_OPEN };
	AUTO(secret) opened = SECRET_INIT;

	if (read_record(path, &sealing.text, err) < 0 || run_job(&sealing, &opened, err) < 0 ||
	    change_parse(secret_span(&opened), ret_change, err) < 0)
		return error_wrap(err, "\"%s\"", text_printable_text(path).text);
	return 0;
}
