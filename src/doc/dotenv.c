/* SPDX-License-Identifier: MIT */
/* dotenv's table. */
#include "dotenv.h"
#include "format.h"

const struct doc_ops doc_dotenv_ops = {
	.parse = dotenv_parse,
	.break_at = doc_lf_at,
	.spell = flat_spell,
	.seal = dotenv_seal,
	.open = dotenv_open,
	.set = dotenv_open,
	.append = dotenv_append,
	.replace = dotenv_replace,
	.remove = dotenv_remove,
	.add_metadata = dotenv_add_metadata,
	.patch = flat_patch_span,
	.finish = flat_finish,
	.emit = dotenv_emit,
};
