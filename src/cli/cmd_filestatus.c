/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/sealed.h"

struct filestatus_options {
	const char *input_type;
};

// clang-format off
static const struct option_spec filestatus_options[] = {
	{ "input-type", 0, "TYPE", "the format of FILE, whatever its name: " FORMAT_TYPES, OPTION_TEXT,
	  offsetof(struct filestatus_options, input_type) },
	{ .name = NULL },
};
// clang-format on

static int run(const struct invocation *invocation, struct error *err)
{
	const struct filestatus_options *options = invocation->options;
	const char *name = invocation->args[0];
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;
	enum doc_format format;
	bool sealed;

	if (sealed_format(name, options->input_type, &format, err) < 0 ||
	    input_read(name, DOC_TEXT_MAX, &text, err) < 0 ||
	    output_open(NULL, OUTPUT_PUBLIC, &output, err) < 0 ||
	    output_sandbox(&output, err) < 0 || sops_is_sealed(format, &text, &sealed, err) < 0)
		return -1;
	return output_write(&output,
			    sealed ? SPAN_LITERAL("{\"encrypted\":true}\n")
				   : SPAN_LITERAL("{\"encrypted\":false}\n"),
			    err);
}

const struct command cmd_filestatus = {
	.name = "filestatus",
	.group = "files",
	.summary = "say whether a file is sealed",
	.synopsis = "FILE",
	.example = "bootseal filestatus secrets/web1.yaml",
	.options = filestatus_options,
	.options_size = sizeof(struct filestatus_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
