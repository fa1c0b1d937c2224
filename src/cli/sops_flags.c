/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "sops_flags.h"

/* clang-format off */
const struct sops_flag sops_flags[] = {
	{ "--decrypt", 'd', false, SOPS_MODE, SOPS_BEFORE },
	{ "--encrypt", 'e', false, SOPS_MODE, SOPS_BEFORE },
	{ "--rotate", 'r', false, SOPS_MODE, SOPS_BEFORE },
	{ "--set", 0, true, SOPS_SET, SOPS_BEFORE },
	{ "--in-place", 'i', false, SOPS_PASS, SOPS_BEFORE },
	{ "--output", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--extract", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--input-type", 0, true, SOPS_TYPE, SOPS_BEFORE },
	{ "--output-type", 0, true, SOPS_TYPE, SOPS_BEFORE },
	{ "--filename-override", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--ignore-mac", 0, false, SOPS_PASS, SOPS_BEFORE },
	{ "--mac-only-encrypted", 0, false, SOPS_PASS, SOPS_GLOBAL },
	{ "--unencrypted-suffix", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--encrypted-suffix", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--unencrypted-regex", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--encrypted-regex", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--unencrypted-comment-regex", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--encrypted-comment-regex", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--config", 0, true, SOPS_PASS, SOPS_GLOBAL },
	{ "--indent", 0, true, SOPS_PASS, SOPS_GLOBAL },
	{ "--shamir-secret-sharing-threshold", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--decryption-order", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--age", 'a', true, SOPS_PASS, SOPS_BEFORE },
	{ "--pgp", 'p', true, SOPS_PASS, SOPS_BEFORE },
	{ "--add-age", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--rm-age", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--add-pgp", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--rm-pgp", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--value-file", 0, false, SOPS_PASS, SOPS_BEHIND },
	{ "--value-stdin", 0, false, SOPS_PASS, SOPS_BEHIND },
	{ "--idempotent", 0, false, SOPS_PASS, SOPS_BEHIND },
	{ "--yes", 'y', false, SOPS_PASS, SOPS_BEHIND },
	{ "--pristine", 0, false, SOPS_PASS, SOPS_BEHIND },
	{ "--same-process", 0, false, SOPS_PASS, SOPS_BEHIND },
	{ "--user", 0, true, SOPS_PASS, SOPS_BEHIND },
	{ "--no-fifo", 0, false, SOPS_PASS, SOPS_BEHIND },
	{ "--filename", 0, true, SOPS_PASS, SOPS_BEHIND },
	{ "--file", 'f', true, SOPS_PASS, SOPS_BEHIND },
	{ "--kms", 'k', true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--gcp-kms", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--hckms", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--azure-kv", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--hc-vault-transit", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--add-kms", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--add-gcp-kms", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--add-hckms", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--add-azure-kv", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--add-hc-vault-transit", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--rm-kms", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--rm-gcp-kms", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--rm-hckms", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--rm-azure-kv", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--rm-hc-vault-transit", 0, true, SOPS_PASS, SOPS_BEFORE },
	{ "--keyservice", 0, true, SOPS_REFUSE, SOPS_BEFORE },
	{ "--background", 0, false, SOPS_BACKGROUND, SOPS_BEHIND },
	{ "--aws-profile", 0, true, SOPS_IGNORE, SOPS_BEFORE },
	{ "--encryption-context", 0, true, SOPS_IGNORE, SOPS_BEFORE },
	{ "--enable-local-keyservice", 0, false, SOPS_IGNORE, SOPS_BEFORE },
	{ "--disable-version-check", 0, false, SOPS_IGNORE, SOPS_BEFORE },
	{ "--check-for-updates", 0, false, SOPS_IGNORE, SOPS_BEFORE },
	{ "--show-master-keys", 's', false, SOPS_IGNORE, SOPS_BEFORE },
	{ "--verbose", 0, false, SOPS_VERBOSE, SOPS_GLOBAL },
	{ "--help", 'h', false, SOPS_HELP, SOPS_GLOBAL },
	{ "--version", 'v', false, SOPS_VERSION, SOPS_GLOBAL },
	{ .dashed = NULL },
};

#define NO_FILE "no file specified"
#define NO_VALUE "no file specified, or index and value are missing"
#define NO_INDEX "no file specified, or index is missing"
#define NO_COMMAND "missing file to decrypt"

const struct sops_command sops_commands[] = {
	{ "encrypt", 0, 1, false, true, NO_FILE, 100, false },
	{ "decrypt", 0, 1, false, true, NO_FILE, 100, false },
	{ "edit", 1, 1, false, false, NO_FILE, 100, false },
	{ "rotate", 1, 1, false, false, NO_FILE, 100, false },
	{ "set", 2, 3, true, false, NO_VALUE, 100, false },
	{ "unset", 2, 2, true, false, NO_INDEX, 100, false },
	{ "updatekeys", 1, 4096, false, false, NO_FILE, 100, false },
	{ "filestatus", 1, 1, false, false, NO_FILE, 100, false },
	{ "exec-env", 2, 2, true, false, NO_COMMAND, 1, false },
	{ "exec-file", 2, 2, true, false, NO_COMMAND, 1, false },
	{ "groups add", 0, 0, true, false, "no positional arguments allowed", 1, false },
	{ "groups delete", 1, 1, true, false, "exactly one positional argument (index) required", 1, false },
	{ "publish", 0, 4096, false, false, NO_FILE, 100, true },
	{ "keyservice", 0, 4096, false, false, NO_FILE, 100, true },
	{ "completion", 0, 1, false, false, NO_FILE, 1, true },
	{ .name = NULL },
};
/* clang-format on */

bool sops_flag_is_idle(const struct sops_command *command, const struct sops_flag *flag)
{
	static const char *const idle[][2] = {
		{ "set", "--shamir-secret-sharing-threshold" },
		{ "unset", "--shamir-secret-sharing-threshold" },
	};

	for (size_t i = 0; i < sizeof(idle) / sizeof(*idle); i++)
		if (strcmp(command->name, idle[i][0]) == 0 &&
		    strcmp(flag->dashed, idle[i][1]) == 0)
			return true;
	return false;
}
