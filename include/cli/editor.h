/* SPDX-License-Identifier: MIT */
/* The user's editor: SOPS_EDITOR, EDITOR, or the first of vim, nano and vi. */
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include "util/error.h"

/* Opens directory/name in it and waits. ERROR_EDITOR where there is none, or it fails. */
MUST_USE int editor_run(const char *directory, const char *name, struct error *err);

#endif
