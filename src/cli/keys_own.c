/* SPDX-License-Identifier: MIT */
/*
 * The operator's own key: one that opening finds again without being told. Nobody is asked for a
 * passphrase here: a key that hides its public half is none.
 */
#include "cli/keys.h"

#include <fcntl.h>
#include <stdlib.h>

#include "age/identity.h"
#include "age/recipient.h"
#include "util/child.h"
#include "util/file.h"

/* In the child: from identities to their recipients, a line each. argument is a struct secret. */
static int recipients_of(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct secret *file = argument;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;

	if (age_identities_add_file(&identities, secret_span(file), "your key", err))
		return -1;
	if (age_recipients_add_own(&own, &identities, err))
		return -1;
	for (size_t i = 0; i < own.len; i++) {
		if (!age_recipient_is_spelled(&own.items[i])) {
			(void)error_set(err, ERROR_UNSUPPORTED, "%s does not tell its recipient",
					own.items[i].text);
			return error_hint(err,
					  "the plugin's own program prints it: give that instead");
		}
		if (secret_append_text(ret_answer, own.items[i].text, err) ||
		    secret_append_text(ret_answer, "\n", err))
			return -1;
	}
	return 0;
}

/* The recipients of the identities in the file path. */
static int read_recipients(const char *path, struct secret *ret_recipients, struct error *err)
{
	AUTO(secret) file = SECRET_INIT;

	return file_read(AT_FDCWD, path, AGE_IDENTITY_FILE_MAX, &file, err) ||
			       child_job(recipients_of, &file, ret_recipients, err)
		       ? -1
		       : 0;
}

static int take_path(struct buf *path, struct span recipients, struct buf *ret_text,
		     struct buf *ret_source, struct error *err)
{
	if (buf_append_span(ret_text, recipients, err))
		return -1;
	*ret_source = buf_move(path);
	return 0;
}

/* A file that the user named is taken, or it is an error: never another one instead. */
static int take_named(const char *name, struct buf *ret_text, struct buf *ret_source,
		      struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	AUTO(secret) recipients = SECRET_INIT;

	if (buf_append_text(&path, name, err))
		return -1;
	if (read_recipients(name, &recipients, err)) {
		error_wrap(err, "SOPS_AGE_KEY_FILE");
		return error_hint(err, "correct it or unset it, or name a key with --operator "
				       "NAME=FILE");
	}
	return take_path(&path, secret_span(&recipients), ret_text, ret_source, err);
}

/* ret_text stays empty where there is no such file, or nothing in it that can be used. */
static int try_file(const char *base, const char *rest, struct buf *ret_text,
		    struct buf *ret_source, struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	AUTO(secret) recipients = SECRET_INIT;
	struct error ignored = ERROR_INIT;
	const char *text;

	if (!base || base[0] != '/' || ret_text->len > 0)
		return 0;
	if (buf_printf(&path, err, "%s%s", base, rest) || buf_text(&path, &text, err))
		return -1;
	if (read_recipients(text, &recipients, &ignored))
		return 0;
	return take_path(&path, secret_span(&recipients), ret_text, ret_source, err);
}

int keys_find_own(struct buf *ret_text, struct buf *ret_source, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(buf) source = BUF_INIT;
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
	const char *named = getenv("SOPS_AGE_KEY_FILE");

	if (named && *named)
		return take_named(named, ret_text, ret_source, err);
	/* every sops opens with the age key; with the SSH key only from 3.10 on */
	if (try_file(config, "/sops/age/keys.txt", &text, &source, err) ||
	    (!(config && *config) &&
	     try_file(home, "/.config/sops/age/keys.txt", &text, &source, err)) ||
	    try_file(home, "/.ssh/id_ed25519", &text, &source, err) ||
	    try_file(home, "/.ssh/id_rsa", &text, &source, err))
		return -1;
	if (text.len == 0) {
		error_set(err, ERROR_NO_KEY,
			  "no key of your own was found (~/.config/sops/age/keys.txt, "
			  "~/.ssh/id_ed25519 or ~/.ssh/id_rsa)");
		return error_hint(
			err, "make one: \"bootseal keygen -o ~/.config/sops/age/keys.txt\", or "
			     "name another with --operator NAME=FILE");
	}
	*ret_text = buf_move(&text);
	*ret_source = buf_move(&source);
	return 0;
}
