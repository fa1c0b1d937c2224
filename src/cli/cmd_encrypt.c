/* SPDX-License-Identifier: MIT */
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/policy.h"
#include "cli/sealed.h"
#include "doc/tree.h"
#include "sops/pieces.h"
#include "util/text.h"

struct encrypt_options {
	bool in_place, recursive;
	const char *output;
	const char *input_type, *output_type, *filename_override;
	struct policy_options policy;
};

// clang-format off
static const struct option_spec encrypt_options[] = {
	{ "in-place", 'i', NULL, "put the sealed file in the place of FILE", OPTION_FLAG,
	  offsetof(struct encrypt_options, in_place) },
	{ "output", 0, "FILE", "write to FILE instead of stdout", OPTION_TEXT,
	  offsetof(struct encrypt_options, output) },
	POLICY_OPTIONS(struct encrypt_options),
	INPUT_TYPE_OPTION(struct encrypt_options, input_type),
	{ "output-type", 0, "TYPE", "the format to write: " FORMAT_TYPES, OPTION_TEXT,
	  offsetof(struct encrypt_options, output_type) },
	{ "filename-override", 0, "NAME", "choose rule and format as if FILE were called NAME", OPTION_TEXT,
	  offsetof(struct encrypt_options, filename_override) },
	RECURSIVE_OPTION(struct encrypt_options, recursive),
	{ .name = NULL },
};
// clang-format on

static int check(const struct encrypt_options *options, const char *name, const char *shown,
		 struct formats *ret_formats, struct error *err)
{
	if (options->in_place && options->output)
		return error_set(err, ERROR_CONFLICT,
				 "cannot operate on both --output and --in-place");
	if (options->in_place && input_is_dash(name))
		return error_set(err, ERROR_CONFLICT, "stdin cannot be sealed in place");
	if (input_is_dash(name) && !options->filename_override)
		return error_set(err, ERROR_USAGE,
				 "must specify --filename-override when reading from stdin");
	return sealed_formats(shown, options->input_type, options->output_type, ret_formats, err);
}

/* What a binary file is sealed to is JSON: so is anything else that is to look like one. */
static int convert(const char *name, bool in_place, struct formats *formats,
		   const struct sops_policy *policy, struct secret *text, struct error *err)
{
	AUTO(secret) converted = SECRET_INIT;
	size_t documents;
	unsigned indent;

	if (formats->output == DOC_BINARY && formats->input != DOC_BINARY)
		formats->output = DOC_JSON;
	if (formats->input == formats->output)
		return 0;
	indent = formats->output == DOC_JSON ? (unsigned)policy->json_indent : policy->indent;
	if (doc_convert(formats->input, text, formats->output, indent, &converted, &documents,
			err) < 0)
		return -1;
	if (sealed_tell_documents(name, documents, formats->output, in_place, err) < 0)
		return -1;
	secret_release(text);
	*text = secret_move(&converted);
	return 0;
}

/* One of several. Of those that were merely found: what a rule means, and is not sealed. */
static int look(struct batch *batch, struct batch_file *file, struct batch_item *item,
		struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	bool found, sealed = false;

	item->todo = file->file->named;
	if (item->todo)
		return 0;
	if (batch_rule(batch, file, false, &policy, &found, err) < 0)
		return -1;
	if (!found || !batch_is_wanted(file, &policy))
		return 0;
	if (batch_looks_sealed(file) && sops_is_sealed(file->format, &file->text, &sealed, err) < 0)
		return -1;
	item->todo = !sealed;
	return 0;
}

static int make(struct batch *batch, struct batch_file *file, struct secret *ret_new,
		struct error *err)
{
	const struct encrypt_options *options = batch->context;
	struct policy_source none = POLICY_SOURCE_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT;

	none.options = &options->policy;
	if (policy_make_for(file->rules ? file->rules : &none, batch_name(batch, file->file),
			    &policy, err) < 0)
		return -1;
	policy.programs = keyring_programs_use(&batch->keys.programs);
	if (sops_seal(file->format, &file->text, &policy, ret_new, &notes, err) < 0)
		return -1;
	batch_say(batch);
	sealed_tell(file->file->shown, &notes);
	return 0;
}

static const struct batch_work work = {
	.name = "encrypt",
	.verb = "seal",
	.during = "sealing",
	.look = look,
	.make = make,
	.plain = true,
};

static int run_several(const struct invocation *invocation, struct error *err)
{
	const struct encrypt_options *options = invocation->options;
	const struct batch_options batch = { .recursive = options->recursive,
					     .input_type = options->input_type };
	const char *for_one = options->output              ? "output"
			      : options->output_type       ? "output-type"
			      : options->filename_override ? "filename-override"
							   : NULL;

	if (batch_check_several(options->in_place, for_one, err) < 0)
		return -1;
	return batch_run(&work, &batch, &options->policy, options, invocation, err);
}

static int write_piece(void *context, struct span bytes, struct error *err)
{
	return output_write(context, bytes, err);
}

/* A large text goes out as it is sealed. ret_done false: it is not one, or there is something to be said about it. */
static int seal_large(enum doc_format format, const struct secret *text,
		      const struct sops_policy *policy, struct output *output, bool *ret_done,
		      struct error *err)
{
	const struct sops_sink sink = { output, write_piece, 0 };
	struct error reason = ERROR_INIT;
	bool begun = false;

	*ret_done = false;
	if (!sops_pieces_can_seal(format, text, policy))
		return 0;
	secret_keep_spares();
	*ret_done = sops_pieces_seal(format, text, policy, &sink, &begun, &reason) == 0;
	secret_free_spares();
	if (*ret_done || !begun)
		return 0;
	*err = reason;
	return -1;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct encrypt_options *options = invocation->options;
	const char *name = invocation->args[0];
	const char *shown = options->filename_override ? options->filename_override : name;
	AUTO(sealed_target) target = SEALED_TARGET_INIT;
	AUTO(policy_source) source = POLICY_SOURCE_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT;
	struct formats formats;
	bool done;

	if (options->recursive || invocation->args_len > 1)
		return run_several(invocation, err);
	if (check(options, name, shown, &formats, err) < 0)
		return -1;
	if (options->in_place && sealed_target_take(name, false, &target, err) < 0)
		return -1;
	if (input_read(name, DOC_TEXT_MAX, &text, err) < 0 ||
	    policy_read(&options->policy, shown, &source, err) < 0 ||
	    output_open(options->in_place ? target.path : options->output, OUTPUT_PUBLIC, &output,
			err) < 0 ||
	    output_sandbox(&output, err) < 0)
		return -1;
	if (policy_make(&source, &policy, err) < 0 ||
	    convert(name, options->in_place, &formats, &policy, &text, err) < 0 ||
	    seal_large(formats.output, &text, &policy, &output, &done, err) < 0 ||
	    (!done && sops_seal(formats.output, &text, &policy, &sealed, &notes, err) < 0))
		return error_wrap(err, "cannot seal \"%s\"",
				  text_printable_text(input_name(name)).text);
	if (output_finish(&output, secret_span(&sealed), err) < 0)
		return -1;
	/* sops promises nobody his own lines, and its callers take stderr for a part of the file */
	if (invocation->as_sops)
		notes.len = 0;
	sealed_tell(name, &notes);
	return 0;
}

const struct command cmd_encrypt = {
	.name = "encrypt",
	.group = "files",
	.summary = "seal the values of a file",
	.synopsis = "[-i | --output FILE] [--age RECIPIENTS] [-r] [FILE...]",
	.example = "bootseal encrypt -i secrets/web1.yaml",
	.options = encrypt_options,
	.options_size = sizeof(struct encrypt_options),
	.max_args = REPO_FILES_MAX,
	.run = run,
};
