/* SPDX-License-Identifier: MIT */
#include "cli/exit.h"

/* clang-format off */
const struct exit_status exit_statuses[] = {
	{ ERROR_CONFIG,      1,   "the configuration cannot be used" },
	{ ERROR_NO_RULE,     1,   "no creation rule is for the file" },
	{ ERROR_NO_METADATA, 1,   "the document is not sealed" },
	{ ERROR_NOT_FOUND,   1,   "no such key, index or name" },
	{ ERROR_FORMAT,      2,   "the input cannot be read or parsed" },
	{ ERROR_TYPE,        2,   "a value or key is of a type that sops does not have" },
	{ ERROR_LIMIT,       2,   "the input is larger than a limit" },
	{ ERROR_SYSTEM,      3,   "a file, process or memory is not to be had" },
	{ ERROR_DUMP,        4,   "the format asked for cannot hold the document" },
	{ ERROR_BAD_INDEX,   7,   "an index or a value of set cannot be used" },
	{ ERROR_CONFLICT,    8,   "options exclude each other" },
	{ ERROR_USAGE,       30,  "the command line is wrong" },
	{ ERROR_PARTIAL,     31,  "partly done" },
	{ ERROR_DENIED,      32,  "refused, because it would be unsafe" },
	{ ERROR_UNSUPPORTED, 33,  "known, but not to this build" },
	{ ERROR_CANCELLED,   34,  "cancelled" },
	{ ERROR_FINDINGS,    35,  "a check found something" },
	{ ERROR_BUG,         39,  "a bug in bootseal" },
	{ ERROR_AUTH,        51,  "the data were changed, or the key is wrong" },
	{ ERROR_MAC,         51,  "the document was changed since it was sealed" },
	{ ERROR_NO_MAC,      51,  "there is no message authentication code" },
	{ ERROR_BAD_EXTRACT, 91,  "an index of get or --extract cannot be used" },
	{ ERROR_EMPTY,       92,  "the document is empty" },
	{ ERROR_COMMENTS,    92,  "the document holds nothing but comments" },
	{ ERROR_NO_FILE,     100, "no file is named, or it does not exist" },
	{ ERROR_DUPLICATE,   112, "a decryption order names a kind of key twice" },
	{ ERROR_NO_KEY,      128, "no identity opens the file" },
	{ ERROR_UNCHANGED,   200, "edit: nothing was changed" },
	{ ERROR_EDITOR,      201, "edit: there is no editor, or it failed" },
	{ ERROR_SEALED,      203, "the document is sealed already" },
	{ ERROR_NONE,        0,   "success" },
};
/* clang-format on */

int exit_status_of(enum error_kind kind)
{
	const struct exit_status *entry = exit_statuses;

	while (entry->kind != kind && entry->kind != ERROR_NONE)
		entry++;
	return entry->status;
}
