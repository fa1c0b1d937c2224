/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <string.h>

/* By enum doc_format: the name as in --input-type, and the suffixes of file names. */
static const struct {
	const char *name;
	const char *suffixes[2];
	const struct doc_ops *ops;
} formats[] = {
	[DOC_YAML] = { "yaml", { ".yaml", ".yml" }, &doc_yaml_ops },
	[DOC_JSON] = { "json", { ".json" }, &doc_json_ops },
	[DOC_DOTENV] = { "dotenv", { ".env" }, &doc_dotenv_ops },
	[DOC_INI] = { "ini", { ".ini" }, &doc_ini_ops },
	[DOC_BINARY] = { "binary", { NULL }, &doc_binary_ops },
};

#define FORMATS (sizeof(formats) / sizeof(*formats))

const struct doc_ops *doc_ops_of(enum doc_format format)
{
	return formats[format].ops;
}

const char *doc_format_name(enum doc_format format)
{
	return formats[format].name;
}

enum doc_format doc_format_of_name(const char *file_name)
{
	const struct span name = span_of_text(file_name);

	for (size_t i = 0; i < FORMATS; i++)
		for (size_t j = 0; j < 2 && formats[i].suffixes[j]; j++)
			if (span_ends_with(name, formats[i].suffixes[j]))
				return (enum doc_format)i;
	return DOC_BINARY;
}

bool doc_format_of_type(const char *type, enum doc_format *ret_format)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(type, formats[i].name) == 0) {
			*ret_format = (enum doc_format)i;
			return true;
		}
	return false;
}

size_t doc_lf_at(struct span text, size_t at)
{
	return at < text.len && text.data[at] == '\n' ? 1 : 0;
}
