/* SPDX-License-Identifier: MIT */
#include "cli/prompt.h"

#include <stdio.h>

const struct age_prompt *prompt_open(struct keyring_prompt *ret_prompt)
{
	keyring_prompt_open(ret_prompt);
	if (ret_prompt->warning.len > 0)
		fprintf(stderr, "bootseal: warning: %.*s\n",
			SPAN_PRINT(buf_span(&ret_prompt->warning)));
	return keyring_prompt_use(ret_prompt);
}
