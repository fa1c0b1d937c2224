/* SPDX-License-Identifier: MIT */
#include "cli/age_options.h"

static int refuse(const char *message, const char *hint, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "age: %s", message);
	return hint ? error_hint(err, "%s", hint) : -1;
}

#define OF_DECRYPTING(option) option " can't be used with -d/--decrypt"
#define WITH_PASSPHRASE(option) "-p/--passphrase can't be combined with " option
#define PRIVATE_KEY "did you mean to use -i/--identity to specify a private key?"

static int check_decrypting(const struct age_options *options, struct error *err)
{
	if (options->encrypt)
		return refuse(OF_DECRYPTING("-e/--encrypt"), NULL, err);
	if (options->armor)
		return refuse(OF_DECRYPTING("-a/--armor"),
			      "note that armored files are detected automatically, try again "
			      "without -a/--armor",
			      err);
	if (options->passphrase)
		return refuse(OF_DECRYPTING("-p/--passphrase"),
			      "note that password protected files are detected automatically", err);
	if (options->recipients.len > 0)
		return refuse(OF_DECRYPTING("-r/--recipient"), PRIVATE_KEY, err);
	return options->recipients_files.len > 0
		       ? refuse(OF_DECRYPTING("-R/--recipients-file"), PRIVATE_KEY, err)
		       : 0;
}

static int check_encrypting(const struct age_options *options, struct error *err)
{
	const size_t identities = options->identities.len + options->plugins.len;

	if (identities > 0 && !options->encrypt)
		return refuse("-i/--identity and -j can't be used in encryption mode unless "
			      "symmetric encryption is explicitly selected with -e/--encrypt",
			      "did you forget to specify -d/--decrypt?", err);
	if (options->recipients.len + options->recipients_files.len + identities == 0 &&
	    !options->passphrase) {
		error_set(err, ERROR_USAGE, "age: missing recipients");
		return error_hint(err, "did you forget to specify -r/--recipient, "
				       "-R/--recipients-file or -p/--passphrase?");
	}
	if (!options->passphrase)
		return 0;
	if (options->recipients.len > 0)
		return refuse(WITH_PASSPHRASE("-r/--recipient"), NULL, err);
	if (options->recipients_files.len > 0)
		return refuse(WITH_PASSPHRASE("-R/--recipients-file"), NULL, err);
	return identities > 0 ? refuse(WITH_PASSPHRASE("-i/--identity and -j"), NULL, err) : 0;
}

int age_options_check(const struct age_options *options, struct error *err)
{
	if (options->output && options->output[0] == '\0')
		return error_set(err, ERROR_USAGE, "age: the name behind --output is empty");
	return options->decrypt ? check_decrypting(options, err) : check_encrypting(options, err);
}
