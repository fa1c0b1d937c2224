/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "activate/json.h"
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/repository.h"
#include "cli/sealed.h"
#include "util/text.h"

struct filestatus_options {
	struct batch_options batch;
};

// clang-format off
static const struct option_spec filestatus_options[] = {
	BATCH_OPTIONS(struct filestatus_options),
	{ .name = NULL },
};
// clang-format on

/* One of several: a line each that says which. */
static int look(struct batch *batch, struct batch_file *file, struct batch_item *item,
		struct error *err)
{
	AUTO(secret) line = SECRET_INIT;
	struct json_object object;
	bool sealed;

	(void)item;
	/* what was merely found may be a template, which no parser reads, unless it looks sealed */
	if ((file->file->named || batch_looks_sealed(file)
		     ? sops_status(file->format, &file->text, &sealed, err)
		     : sops_is_sealed(file->format, &file->text, &sealed, err)) < 0 ||
	    json_open(&line, &object, err) < 0 ||
	    json_flag(&object, "encrypted", sealed, err) < 0 ||
	    json_text(&object, "file", span_of_text(file->file->shown), err) < 0 ||
	    json_close(&object, err) < 0)
		return -1;
	batch_say(batch);
	printf("%.*s\n", SPAN_PRINT(secret_span(&line)));
	return 0;
}

static const struct batch_work work = {
	.name = "filestatus",
	.verb = "look at",
	.look = look,
	.all = true,
};

static int run_one(const struct filestatus_options *options, const char *name, struct error *err)
{
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;
	enum doc_format format;
	bool sealed;

	repository_look(name);
	if (sealed_format(name, options->batch.input_type, &format, err) < 0 ||
	    input_read(name, DOC_TEXT_MAX, &text, err) < 0 ||
	    output_open(NULL, OUTPUT_PUBLIC, &output, err) < 0 ||
	    output_sandbox(&output, err) < 0)
		return -1;
	if (sops_status(format, &text, &sealed, err) < 0)
		return error_wrap(err, "cannot look at \"%s\"",
				  text_printable_text(input_name(name)).text);
	return output_write(&output,
			    sealed ? SPAN_LITERAL("{\"encrypted\":true}\n")
				   : SPAN_LITERAL("{\"encrypted\":false}\n"),
			    err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct filestatus_options *options = invocation->options;

	if (!options->batch.recursive && invocation->args_len == 1)
		return run_one(options, invocation->args[0], err);
	return batch_run(&work, &options->batch, NULL, options, invocation, err);
}

const struct command cmd_filestatus = {
	.name = "filestatus",
	.group = "files",
	.summary = "say whether a file is sealed",
	.synopsis = "[-r] FILE...",
	.example = "bootseal filestatus secrets/web1.yaml",
	.options = filestatus_options,
	.options_size = sizeof(struct filestatus_options),
	.max_args = REPO_FILES_MAX,
	.run = run,
};
