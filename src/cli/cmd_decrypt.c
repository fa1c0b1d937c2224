/* SPDX-License-Identifier: MIT */
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/large.h"
#include "cli/output.h"
#include "cli/policy.h"
#include "cli/sealed.h"
#include "util/text.h"

struct decrypt_options {
	bool in_place, ignore_mac, recursive;
	const char *output, *extract;
	const char *input_type, *output_type, *filename_override;
	const char *decryption_order;
	struct policy_options policy;
};

// clang-format off
static const struct option_spec decrypt_options[] = {
	{ "in-place", 'i', NULL, "put the plaintext in the place of FILE", OPTION_FLAG,
	  offsetof(struct decrypt_options, in_place) },
	{ "output", 0, "FILE", "write to FILE (mode 0600) instead of stdout", OPTION_TEXT,
	  offsetof(struct decrypt_options, output) },
	{ "extract", 0, "INDEX", "only this part, such as '[\"db\"][\"password\"]'", OPTION_TEXT,
	  offsetof(struct decrypt_options, extract) },
	IGNORE_MAC_OPTION(struct decrypt_options),
	INPUT_TYPE_OPTION(struct decrypt_options, input_type),
	{ "output-type", 0, "TYPE", "the format to write: " FORMAT_TYPES, OPTION_TEXT,
	  offsetof(struct decrypt_options, output_type) },
	{ "filename-override", 0, "NAME", "choose the format as if FILE were called NAME", OPTION_TEXT,
	  offsetof(struct decrypt_options, filename_override) },
	ORDER_OPTION(struct decrypt_options),
	LAYOUT_OPTIONS(struct decrypt_options),
	RECURSIVE_OPTION(struct decrypt_options, recursive),
	{ .name = NULL },
};
// clang-format on

static int check(const struct decrypt_options *options, const char *name,
		 struct formats *ret_formats, struct error *err)
{
	const char *shown = options->filename_override ? options->filename_override : name;

	if (options->in_place && options->output)
		return error_set(err, ERROR_CONFLICT,
				 "cannot operate on both --output and --in-place");
	if (options->in_place && options->extract)
		return error_set(err, ERROR_CONFLICT,
				 "--extract with --in-place would throw the rest of the file away");
	if (options->in_place && input_is_dash(name))
		return error_set(err, ERROR_CONFLICT, "stdin cannot be opened in place");
	return sealed_formats(shown, options->input_type, options->output_type, ret_formats, err);
}

/* In a list sops counts comments, too. */
static int count_values(struct sops_file *file, struct doc_path *path, struct error *err)
{
	if (doc_path_count_values(&file->doc, path, err) == 0)
		return 0;
	if (err->kind == ERROR_BAD_INDEX)
		err->kind = ERROR_BAD_EXTRACT;
	return -1;
}

/* In YAML sops ends the line of a scalar that is no string, and of no other. */
static int end_line(bool as_sops, enum doc_format output, enum doc_type type, struct secret *text,
		    struct error *err)
{
	return as_sops && output == DOC_YAML && type != DOC_TYPE_NONE && type != DOC_TYPE_STRING
		       ? secret_append_text(text, "\n", err)
		       : 0;
}

static unsigned flags_of(const struct decrypt_options *options)
{
	return options->ignore_mac ? SOPS_IGNORE_MAC : 0;
}

/* In pieces where all of it is wanted as it is. */
static int read_file(const struct decrypt_options *options, const char *name,
		     const struct formats *formats, struct large *ret_large,
		     struct sealed *ret_sealed, struct error *err)
{
	if (options->extract || formats->output != formats->input)
		return sealed_read(name, formats->input, ret_sealed, err);
	return large_read(name, formats->input, ret_large, ret_sealed, err);
}

static int open_text(const struct decrypt_options *options, bool as_sops, struct sealed *sealed,
		     const struct policy_source *source, enum doc_format output,
		     struct doc_path *path, struct secret *ret_text, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	enum doc_type type;
	unsigned indent;

	if (sealed_open(sealed, flags_of(options), &file, err) < 0)
		return -1;
	sealed_tell(sealed->name, &file.notes);
	if (as_sops && count_values(&file, path, err) < 0)
		return -1;
	if (output == sealed->format)
		return sops_file_extract(&file, path, ret_text, &type, err) < 0
			       ? -1
			       : end_line(as_sops, output, type, ret_text, err);
	if (policy_indent(source, output, &indent, err) < 0)
		return -1;
	if (sops_file_convert(&file, path, output, indent, ret_text, err) == 0 &&
	    (path->len > 0 || sealed_tell_documents(sealed->name, doc_documents(&file.doc), output,
						    options->in_place, err) == 0))
		return 0;
	return error_wrap(err, "cannot write \"%s\" as %s",
			  text_printable_text(input_name(sealed->name)).text,
			  doc_format_name(output));
}

/* One of several files. */
static int look(struct batch *batch, struct batch_file *file, struct batch_item *item,
		struct error *err)
{
	AUTO(sops_file) parsed = SOPS_FILE_INIT;

	(void)batch;
	if (batch_parse(file, &parsed, err) < 0)
		return -1;
	item->todo = true;
	return 0;
}

static int make(struct batch *batch, struct batch_file *file, struct secret *ret_new,
		struct error *err)
{
	const struct decrypt_options *options = batch->context;
	AUTO(sops_file) opened = SOPS_FILE_INIT;
	struct sops_opener opener;

	if (sealed_set_order(&batch->keys, options->decryption_order, err) < 0 ||
	    batch_opener(batch, &opener, err) < 0 ||
	    sops_open_with(file->format, &file->text, &opener, flags_of(options), &opened, err) < 0)
		return -1;
	batch_say(batch);
	sealed_tell(file->file->shown, &opened.notes);
	sealed_tell_copy(file->file->shown, &opened.notes);
	return sops_file_plaintext(&opened, ret_new, err);
}

static const struct batch_work work = {
	.name = "decrypt",
	.verb = "open",
	.during = "opening",
	.look = look,
	.make = make,
	.opens = true,
	.direct = true,
};

static int run_several(const struct invocation *invocation, struct error *err)
{
	const struct decrypt_options *options = invocation->options;
	const struct batch_options batch = { .recursive = options->recursive,
					     .input_type = options->input_type };
	const char *for_one = options->output              ? "output"
			      : options->extract           ? "extract"
			      : options->output_type       ? "output-type"
			      : options->filename_override ? "filename-override"
							   : NULL;

	if (batch_check_several(options->in_place, for_one, err) < 0)
		return -1;
	return batch_run(&work, &batch, NULL, options, invocation, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct decrypt_options *options = invocation->options;
	const char *name = invocation->args[0];
	const char *shown = options->filename_override ? options->filename_override : name;
	AUTO(sealed_target) target = SEALED_TARGET_INIT;
	AUTO(sealed) sealed = SEALED_INIT;
	AUTO(policy_source) source = POLICY_SOURCE_INIT;
	AUTO(large) large = LARGE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct formats formats;
	bool opened;

	if (options->recursive || invocation->args_len > 1)
		return run_several(invocation, err);
	if (check(options, name, &formats, err) < 0)
		return -1;
	if (options->extract && sealed_parse_index(options->extract, &path, err) < 0)
		return error_wrap(err, "--extract");
	if (options->in_place && sealed_target_take(name, false, &target, err) < 0)
		return -1;
	if (formats.output != formats.input &&
	    policy_read_rules(&options->policy, input_name(shown), &source, err) < 0)
		return -1;
	if (read_file(options, name, &formats, &large, &sealed, err) < 0 ||
	    sealed_set_order(&sealed, options->decryption_order, err) < 0 ||
	    output_open(options->in_place ? target.path : options->output, OUTPUT_SECRET, &output,
			err) < 0 ||
	    output_sandbox(&output, err) < 0 ||
	    large_open(&large, &sealed, flags_of(options), &opened, err) < 0)
		return -1;
	if (opened)
		return large_write(&large, &output, err) < 0 ? -1 : output_commit(&output, err);
	if (open_text(options, invocation->as_sops, &sealed, &source, formats.output, &path, &text,
		      err) < 0)
		return -1;
	return output_finish(&output, secret_span(&text), err);
}

const struct command cmd_decrypt = {
	.name = "decrypt",
	.group = "files",
	.summary = "open a sealed file",
	.synopsis = "[-i | --output FILE] [--extract INDEX] [-r] [FILE...]",
	.example = "bootseal decrypt secrets/web1.yaml",
	.options = decrypt_options,
	.options_size = sizeof(struct decrypt_options),
	.max_args = REPO_FILES_MAX,
	.run = run,
};
