/* SPDX-License-Identifier: MIT */
/* JSON's table. */
#include "json.h"

#include "format.h"

unsigned doc_json_indent(const struct doc *doc)
{
	const struct span unit = json_layout_of(doc)->unit;

	return unit.len > 0 && unit.data[0] == '\t' ? DOC_INDENT_SOPS : (unsigned)unit.len;
}

const struct doc_ops doc_json_ops = {
	.parse = json_parse,
	.break_at = doc_lf_at,
	.plain = json_to_plain,
	.spell = json_from_plain,
	.metadata_place = json_metadata_place,
	.seal = json_edit_seal,
	.open = json_edit_open,
	.set = json_edit_set,
	.append = json_edit_append,
	.replace = json_edit_replace,
	.remove = json_edit_remove,
	.add_metadata = json_edit_add_metadata,
	.column = json_column,
	.emit = json_emit,
	.emit_value = json_emit_single,
};
