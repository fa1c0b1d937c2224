/* SPDX-License-Identifier: MIT */
/* INI's table. */
#include "ini.h"
#include "format.h"
#include "json.h"

const struct doc_ops doc_ini_ops = {
	.parse = ini_parse,
	.comment_shows = ini_comment_shows,
	.break_at = doc_lf_at,
	.spell = flat_spell,
	.seal = ini_seal,
	.seal_as = ini_seal_as,
	.open = ini_open,
	.set = ini_open,
	.append = ini_append,
	.replace = ini_replace,
	.remove = ini_remove,
	.add_metadata = ini_add_metadata,
	.patch = flat_patch_span,
	.finish = flat_finish,
	.emit = ini_emit,
	.emit_value = json_emit_compact,
};
