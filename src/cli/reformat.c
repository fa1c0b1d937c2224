/* SPDX-License-Identifier: MIT */
#include "cli/reformat.h"

int reformat(const struct policy_source *source, const struct sops_file *file,
	     enum doc_format format, struct secret *text, struct error *err)
{
	AUTO(secret) other = SECRET_INIT;
	unsigned indent;

	if (text->len == 0 || format == file->doc.format)
		return 0;
	if (policy_indent(source, format, &indent, err) < 0)
		return -1;
	if (sops_reformat(file->doc.format, text, format, indent, &file->data_key, &other, err) < 0)
		return error_wrap(err, "cannot write it as %s", doc_format_name(format));
	secret_release(text);
	*text = secret_move(&other);
	return 0;
}
