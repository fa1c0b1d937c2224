/* SPDX-License-Identifier: MIT */
#include "age/locked_file.h"

#include <stdlib.h>

#include "age/file.h"
#include "age/kind.h"
#include "age/passphrase.h"
#include "util/text.h"

/* What came of unlocking it. */
struct state {
	bool tried;
	struct age_identities identities;
	struct error problem; /* where there are none */
};

static void release_state(void *state)
{
	struct state *of_file = state;

	age_identities_release(&of_file->identities);
	free(of_file);
}

/* A passphrase is an identity like any other: the one that opens this file. */
static int open_file(const struct age_key *key, struct secret *ret_plain, struct error *err)
{
	AUTO(age_identities) passphrase = AGE_IDENTITIES_INIT;
	AUTO(buf) name = BUF_INIT;
	const char *text;

	passphrase.prompt = key->identities->prompt;
	if (buf_printf(&name, err, "the identity file \"%s\"",
		       text_printable_text(key->identity->source).text) < 0 ||
	    buf_text(&name, &text, err) < 0 ||
	    age_identities_add_passphrase(&passphrase, text, err) < 0)
		return -1;
	return age_open(&passphrase, buf_span(&key->identity->wire), ret_plain, err);
}

static int read_file(const struct age_key *key, struct state *state, struct error *err)
{
	const char *source = key->identity->source;
	AUTO(secret) plain = SECRET_INIT;

	if (open_file(key, &plain, err) < 0)
		return error_wrap(err, "\"%s\"", text_printable_text(source).text);
	/* a file in a file in a file … could go on for ever */
	if (age_locked_file_likely(span_trim(secret_span(&plain))))
		return error_set(err, ERROR_FORMAT,
				 "\"%s\": an encrypted file in an encrypted file",
				 text_printable_text(source).text);
	state->identities.prompt = key->identities->prompt;
	state->identities.plugins = key->identities->plugins;
	return age_identities_add_file(&state->identities, secret_span(&plain), source, err);
}

/* Once: whoever mistyped it is not asked again for each of many files. */
static int unlock(const struct age_key *key, struct error *err)
{
	struct state *state = key->identity->state;

	if (!state->tried && read_file(key, state, &state->problem) < 0)
		age_identities_release(&state->identities);
	state->tried = true;
	if (state->problem.kind == ERROR_NONE)
		return 0;
	*err = state->problem;
	return -1;
}

static int fail(const struct state *state, struct error *err)
{
	*err = state->problem;
	return -1;
}

/* What a passphrase opens, no identity does: it is not asked for then. */
static int open_with_file(const struct age_key *key, const struct age_header *header,
			  bool *ret_opened, struct key32 *ret_file_key, struct error *err)
{
	const struct state *state = key->identity->state;

	*ret_opened = false;
	if (header->len == 1 && span_equal_text(header->stanzas[0].type, "scrypt"))
		return 0;
	if (unlock(key, err) < 0)
		return -1;
	return state->problem.kind != ERROR_NONE
		       ? fail(state, err)
		       : age_header_try(header, &state->identities, ret_opened, ret_file_key, err);
}

static int held(const struct age_key *key, const struct age_identities **ret_held,
		struct error *err)
{
	const struct state *state = key->identity->state;

	if (unlock(key, err) < 0)
		return -1;
	*ret_held = &state->identities;
	return state->problem.kind != ERROR_NONE ? fail(state, err) : 0;
}

bool age_locked_file_likely(struct span text)
{
	return span_starts_with(text, "age-encryption.org/") ||
	       span_starts_with(text, "-----BEGIN AGE ENCRYPTED FILE-----");
}

int age_locked_file_add(struct age_identities *identities, struct span file, const char *source,
			struct error *err)
{
	struct state *state = malloc(sizeof(*state));

	if (!state)
		return error_memory(err);
	*state = (struct state){ false, AGE_IDENTITIES_INIT, ERROR_INIT };
	if (age_identities_append(identities,
				  &(struct age_identity_parts){ &age_locked_file_identity, NULL,
								file, SPAN_INIT, state },
				  source, err) < 0) {
		free(state);
		return -1;
	}
	return 0;
}

const struct age_identity_kind age_locked_file_identity = {
	.name = "encrypted file",
	.release_state = release_state,
	.held = held,
	.open = open_with_file,
};
