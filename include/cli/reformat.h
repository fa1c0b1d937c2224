/* SPDX-License-Identifier: MIT */
/* --output-type of the commands that change a sealed file: the whole of it, still sealed, in another format. */
#ifndef CLI_REFORMAT_H
#define CLI_REFORMAT_H

#include "cli/policy.h"
#include "cli/sealed.h"

// clang-format off
#define REFORMAT_OPTIONS(type, field)                                                              \
	{ "output-type", 0, "TYPE", "write the whole file in another format: " FORMAT_TYPES, OPTION_TEXT, \
	  offsetof(type, field) },                                                                 \
	POLICY_OPTION(type, "indent", 0, "N", "indent another format by N columns", OPTION_NUMBER, indent)
// clang-format on

/* In the sandbox: text is file as it was sealed just now, and is written as format instead. */
MUST_USE int reformat(const struct policy_source *source, const struct sops_file *file,
		      enum doc_format format, struct secret *text, struct error *err);

#endif
