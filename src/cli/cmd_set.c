/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "cli/reformat.h"
#include "cli/rule.h"
#include "cli/sealed.h"
#include "crypto/random.h"
#include "util/text.h"
#include "util/tty.h"

#define VALUE_MAX ((size_t)64 << 20)
#define GENERATE_MIN 8
#define GENERATE_MAX 4096

struct set_options {
	bool value_file, value_stdin, idempotent, ignore_mac, ignore_rule;
	unsigned long generate;
	const char *input_type, *output_type;
	const char *decryption_order;
	struct policy_options policy; /* config and indent; no more of it */
};

// clang-format off
static const struct option_spec set_options[] = {
	{ "value-file", 0, NULL, "take the value, in JSON, from the file named behind INDEX", OPTION_FLAG,
	  offsetof(struct set_options, value_file) },
	{ "value-stdin", 0, NULL, "take the value, in JSON, from stdin", OPTION_FLAG,
	  offsetof(struct set_options, value_stdin) },
	{ "generate", 0, "N", "make up a value of N letters and digits", OPTION_NUMBER,
	  offsetof(struct set_options, generate) },
	{ "idempotent", 0, NULL, "leave the file alone if the value is there already", OPTION_FLAG,
	  offsetof(struct set_options, idempotent) },
	IGNORE_MAC_OPTION(struct set_options),
	INPUT_TYPE_OPTION(struct set_options, input_type),
	READERS_OPTION(struct set_options),
	READERS_CONFIG_OPTION(struct set_options),
	ORDER_OPTION(struct set_options),
	REFORMAT_OPTIONS(struct set_options, output_type),
	{ .name = NULL },
};
// clang-format on

static int check(const struct set_options *options, bool as_sops, size_t args_len,
		 struct error *err)
{
	const int sources = options->value_file + options->value_stdin + (options->generate > 0);

	if (sources > 1)
		return error_set(err, ERROR_CONFLICT,
				 "--value-file, --value-stdin and --generate exclude each other");
	if (args_len == 3 && !options->value_file && !as_sops) {
		(void)error_set(
			err, ERROR_USAGE,
			"a value on the command line can be read by every user of this machine");
		return error_hint(
			err, "leave it out and type it, give it on stdin, or use --value-file");
	}
	if (options->value_file && args_len < 3)
		return error_set(err, ERROR_USAGE,
				 "--value-file needs the file's name behind INDEX");
	if (options->generate > 0 &&
	    (options->generate < GENERATE_MIN || options->generate > GENERATE_MAX))
		return error_set(err, ERROR_USAGE, "--generate takes a number from %d to %d",
				 GENERATE_MIN, GENERATE_MAX);
	return 0;
}

/* Each character is one of 62, all as likely: larger draws are thrown away. */
static int generate(unsigned long len, struct secret *ret_value, struct error *err)
{
	static const char characters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	AUTO(secret) value = SECRET_INIT;

	if (secret_reserve(&value, len, err) < 0)
		return -1;
	while (value.len < len) {
		uint8_t byte;

		random_bytes(&byte, 1);
		if (byte < 4 * 62)
			value.data[value.len++] = (uint8_t)characters[byte % 62];
	}
	*ret_value = secret_move(&value);
	return 0;
}

static int refuse_empty(const char *where, struct error *err)
{
	(void)error_set(err, ERROR_BAD_INDEX, "there is no value on %s", where);
	return error_hint(err, "an empty one is '\"\"' with --value-stdin");
}

static int read_typed(struct secret *ret_value, struct error *err)
{
	if (tty_read_secret("Value: ", ret_value, err) < 0)
		return error_hint(err, "a text of several lines is taken from stdin, or with "
				       "--value-file in JSON");
	return ret_value->len > 0 ? 0 : refuse_empty("the terminal", err);
}

/* Where the only line of value ends: before LF, or CR and LF. */
static size_t end_of_line(struct span value)
{
	const uint8_t *feed = value.len > 0 ? memchr(value.data, '\n', value.len) : NULL;
	const size_t end = feed ? (size_t)(feed - value.data) : value.len;

	if (!feed || end + 1 < value.len)
		return value.len;
	return end > 0 && value.data[end - 1] == '\r' ? end - 1 : end;
}

/* From stdin: the bytes as they are, but that a single line loses its line break. */
static int read_raw(struct secret *ret_value, struct error *err)
{
	AUTO(secret) value = SECRET_INIT;

	if (isatty(STDIN_FILENO))
		return read_typed(ret_value, err);
	if (input_read("-", VALUE_MAX, &value, err) < 0)
		return -1;
	secret_truncate(&value, end_of_line(secret_span(&value)));
	if (value.len == 0)
		return refuse_empty("stdin", err);
	*ret_value = secret_move(&value);
	return 0;
}

/* argument is the third one: a file's name or, from sops' users, the value. */
static int read_value(const struct set_options *options, const char *argument,
		      struct secret *ret_value, struct error *err)
{
	if (options->generate > 0)
		return generate(options->generate, ret_value, err);
	if (options->value_file || options->value_stdin)
		return input_read(options->value_stdin ? "-" : argument, VALUE_MAX, ret_value, err);
	if (argument)
		return secret_append_text(ret_value, argument, err);
	return read_raw(ret_value, err);
}

static bool is_json(const struct set_options *options, bool as_sops)
{
	return options->value_file || options->value_stdin || as_sops;
}

/* One run of the command. */
struct job {
	const struct set_options *options;
	bool as_sops;
	struct rule rule;
	struct sealed sealed;
	struct formats formats;
	struct doc_path path;
	struct secret value;
};

static void job_release(struct job *job)
{
	rule_release(&job->rule);
	sealed_release(&job->sealed);
	doc_path_release(&job->path);
	secret_release(&job->value);
}

/*
 * JSON may hold what the file's format cannot: dotenv and INI have texts alone, and nothing that would be read as
 * null again, and only JSON may have a key twice in a map.
 */
static int check_tree(const struct job *job, const struct doc_tree *tree, struct error *err)
{
	const enum doc_format format = job->sealed.format;

	for (uint32_t node = 0; node < tree->len && (format == DOC_DOTENV || format == DOC_INI);
	     node++) {
		if (tree->nodes[node].kind != DOC_SCALAR || tree->nodes[node].type != DOC_TYPE_NULL)
			continue;
		(void)error_set(err, ERROR_BAD_INDEX, "%s has no null", doc_format_name(format));
		return error_hint(err, "an empty text is '\"\"', and \"unset\" takes the key out");
	}
	if (format == DOC_JSON)
		return 0;
	return doc_tree_check_keys(tree, err) < 0
		       ? error_wrap(err, "the value cannot stand in %s", doc_format_name(format))
		       : 0;
}

/* What the value is, by how it was given. */
static int make_tree(const struct job *job, struct doc_tree *tree, struct error *err)
{
	const struct span bytes = secret_span(&job->value);

	if (is_json(job->options, job->as_sops))
		return json_value(bytes, tree, err) < 0 ? -1 : check_tree(job, tree, err);
	if (!text_is_utf8(bytes))
		return error_set(err, ERROR_BAD_INDEX,
				 "the value is not UTF-8 text, which %s needs",
				 doc_format_name(job->sealed.format));
	return doc_tree_scalar(tree, NULL, DOC_TYPE_STRING, bytes, err) < 0 ? -1 : 0;
}

/* In the sandbox: the value's type, and the sealed text with it. Empty: nothing was to be changed. */
static int make_sealed(struct job *job, struct secret *ret_text, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (make_tree(job, &tree, err) < 0 ||
	    sealed_open(&job->sealed, job->options->ignore_mac ? SOPS_IGNORE_MAC : 0, &file, err) <
		    0 ||
	    readers_check(&job->rule.source, job->as_sops, &job->sealed, &file.meta.groups, err) <
		    0 ||
	    rule_compare(&job->rule, &file, job->sealed.name, true, err) < 0 ||
	    (job->as_sops && doc_path_count_values(&file.doc, &job->path, err) < 0) ||
	    sops_file_set(&file, &job->path, &tree, job->options->idempotent, ret_text, err) < 0)
		return -1;
	if (rule_check_sealed(&job->rule, &file, job->sealed.name, ret_text, err) < 0)
		return -1;
	return reformat(&job->rule.source, &file, job->formats.output, ret_text, err);
}

/* All that may be refused before the value is asked for; and the value. */
static int prepare(struct job *job, const struct invocation *invocation, struct error *err)
{
	const struct set_options *options = invocation->options;
	const char *name = invocation->args[0];

	job->rule.source.options = &options->policy;
	if (check(options, invocation->as_sops, invocation->args_len, err) < 0 ||
	    sealed_formats(name, options->input_type, options->output_type, &job->formats, err) <
		    0 ||
	    doc_path_parse(invocation->args[1], &job->path, err) < 0 ||
	    sealed_read_early(name, job->formats.input, &job->sealed, err) < 0 ||
	    sealed_set_order(&job->sealed, options->decryption_order, err) < 0 ||
	    (!options->ignore_rule && rule_read(&options->policy, name, &job->rule, err) < 0))
		return -1;
	/* as sops it is told once, later */
	if (!job->as_sops && readers_check_early(&job->rule.source, &job->sealed, err) < 0)
		return -1;
	return read_value(options, invocation->args[2], &job->value, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	AUTO(job)
	job = { .options = invocation->options,
		.as_sops = invocation->as_sops,
		.rule = RULE_INIT,
		.sealed = SEALED_INIT,
		.path = DOC_PATH_INIT,
		.value = SECRET_INIT };
	AUTO(sealed_target) target = SEALED_TARGET_INIT;
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;

	/* the value is asked for before the lock is taken: nobody waits for one who types */
	if (prepare(&job, invocation, err) < 0 ||
	    sealed_target_take(invocation->args[0], false, &target, err) < 0 ||
	    sealed_read_again(&job.sealed, err) < 0 ||
	    output_open(target.path, OUTPUT_PUBLIC, &output, err) < 0 ||
	    output_sandbox(&output, err) < 0 || make_sealed(&job, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return 0;
	return output_finish(&output, secret_span(&text), err);
}

const struct command cmd_set = {
	.name = "set",
	.group = "files",
	.summary = "set one value of a sealed file",
	.synopsis = "[--value-stdin | --value-file | --generate N] FILE INDEX [VALUEFILE]",
	.example = "bootseal set secrets/web1.yaml '[\"db\"][\"password\"]' < password",
	.options = set_options,
	.options_size = sizeof(struct set_options),
	.min_args = 2,
	.max_args = 3,
	.run = run,
};
