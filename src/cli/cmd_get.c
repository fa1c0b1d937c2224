/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/sealed.h"

struct get_options {
	bool ignore_mac;
	const char *input_type;
	const char *decryption_order;
};

// clang-format off
static const struct option_spec get_options[] = {
	IGNORE_MAC_OPTION(struct get_options),
	INPUT_TYPE_OPTION(struct get_options, input_type),
	ORDER_OPTION(struct get_options),
	{ .name = NULL },
};
// clang-format on

/* The value as it is; on a terminal, so that the prompt gets a line of its own, with a line break. */
static int print(const struct output *output, const struct secret *text, struct error *err)
{
	const bool ended = text->len > 0 && text->data[text->len - 1] == '\n';

	if (output_write(output, secret_span(text), err) < 0)
		return -1;
	if (!isatty(output->fd) || ended)
		return 0;
	return output_write(output, SPAN_LITERAL("\n"), err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct get_options *options = invocation->options;
	const char *name = invocation->args[0];
	AUTO(sealed) sealed = SEALED_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;
	enum doc_format format;
	enum doc_type type;

	if (sealed_format(name, options->input_type, &format, err) < 0 ||
	    sealed_parse_index(invocation->args[1], &path, err) < 0 ||
	    sealed_read(name, format, &sealed, err) < 0 ||
	    sealed_set_order(&sealed, options->decryption_order, err) < 0 ||
	    output_open(NULL, OUTPUT_SECRET, &output, err) < 0 ||
	    output_sandbox(&output, err) < 0 ||
	    sealed_open(&sealed, options->ignore_mac ? SOPS_IGNORE_MAC : 0, &file, err) < 0 ||
	    sops_file_get(&file, &path, &text, &type, err) < 0)
		return -1;
	return print(&output, &text, err);
}

const struct command cmd_get = {
	.name = "get",
	.group = "files",
	.summary = "print one value of a sealed file",
	.synopsis = "FILE INDEX",
	.example = "bootseal get secrets/web1.yaml '[\"db\"][\"password\"]'",
	.options = get_options,
	.options_size = sizeof(struct get_options),
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
