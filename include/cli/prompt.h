/* SPDX-License-Identifier: MIT */
/* Who answers for passphrases, for commands: what keyring/prompt.h opens, and its warning told. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "keyring/prompt.h"

/* Before the sandbox is entered. ret_prompt stays where it is, for the age layer's sake. */
const struct age_prompt *prompt_open(struct keyring_prompt *ret_prompt);

#endif
