/* SPDX-License-Identifier: MIT */
/*
 * The keys that the age command is given, by option and in files.
 */
#ifndef CLI_AGE_KEYS_H
#define CLI_AGE_KEYS_H

#include "age/identity.h"
#include "age/recipient.h"
#include "cli/age_options.h"
#include "util/secret.h"

/* The bytes of the files that -R or -i name, read before the sandbox is entered. */
struct age_key_files {
	const struct option_texts *names;
	struct secret contents[OPTION_TEXTS_MAX];
	struct secret publics[OPTION_TEXTS_MAX]; /* of keys that hide their public half */
};

/* Of those that hold private keys, what others may read is warned of. */
MUST_USE int age_key_files_read(struct age_key_files *files, bool are_private, struct error *err);
void age_key_files_release(struct age_key_files *files);

/*
 * In the order of -i and -j: an agent first, a file that asks for a passphrase after it. Of a file to be opened
 * one identity is enough: those that this program cannot use are passed over. ret_unused is the first one's error.
 */
MUST_USE int age_key_files_identities(const struct age_options *options,
				      const struct age_key_files *files,
				      struct age_identities *identities, struct error *ret_unused,
				      struct error *err);
MUST_USE int age_key_files_recipients(const struct age_options *options,
				      const struct age_key_files *files,
				      struct age_recipients *recipients, struct error *err);

/* Are these lines comments, and keys of age's own kinds or its plugins', all of which need no libgcrypt? */
bool age_keys_are_native(struct span lines);
bool age_key_files_are_native(const struct age_key_files *files);

#endif
