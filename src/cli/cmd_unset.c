/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "cli/reformat.h"
#include "cli/rule.h"
#include "cli/sealed.h"

struct unset_options {
	bool idempotent, ignore_mac, ignore_rule;
	const char *input_type, *output_type, *decryption_order;
	struct policy_options policy; /* config and indent; no more of it */
};

// clang-format off
static const struct option_spec unset_options[] = {
	{ "idempotent", 0, NULL, "leave the file alone if there is no such value", OPTION_FLAG,
	  offsetof(struct unset_options, idempotent) },
	IGNORE_MAC_OPTION(struct unset_options),
	INPUT_TYPE_OPTION(struct unset_options, input_type),
	READERS_OPTION(struct unset_options),
	READERS_CONFIG_OPTION(struct unset_options),
	ORDER_OPTION(struct unset_options),
	REFORMAT_OPTIONS(struct unset_options, output_type),
	{ .name = NULL },
};
// clang-format on

static int make_sealed(const struct invocation *invocation, struct rule *rule,
		       struct sealed *sealed, enum doc_format output, struct doc_path *path,
		       struct secret *ret_text, struct error *err)
{
	const struct unset_options *options = invocation->options;
	AUTO(sops_file) file = SOPS_FILE_INIT;

	if (sealed_open(sealed, options->ignore_mac ? SOPS_IGNORE_MAC : 0, &file, err) < 0 ||
	    readers_check(&rule->source, invocation->as_sops, sealed, &file.meta.groups, err) < 0 ||
	    rule_compare(rule, &file, sealed->name, false, err) < 0 ||
	    (invocation->as_sops && doc_path_count_values(&file.doc, path, err) < 0))
		return -1;
	if (sops_file_unset(&file, path, options->idempotent, ret_text, err) < 0 ||
	    rule_check_sealed(rule, &file, sealed->name, ret_text, err) < 0)
		return -1;
	return reformat(&rule->source, &file, output, ret_text, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct unset_options *options = invocation->options;
	const char *name = invocation->args[0];
	AUTO(sealed_target) target = SEALED_TARGET_INIT;
	AUTO(sealed) sealed = SEALED_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(rule) rule = RULE_INIT;
	AUTO(output) output = OUTPUT_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct formats formats;

	rule.source.options = &options->policy;
	if (sealed_formats(name, options->input_type, options->output_type, &formats, err) < 0 ||
	    doc_path_parse(invocation->args[1], &path, err) < 0 ||
	    (!options->ignore_rule && rule_read(&options->policy, name, &rule, err) < 0) ||
	    sealed_target_take(name, false, &target, err) < 0 ||
	    sealed_read(name, formats.input, &sealed, err) < 0 ||
	    sealed_set_order(&sealed, options->decryption_order, err) < 0 ||
	    output_open(target.path, OUTPUT_PUBLIC, &output, err) < 0 ||
	    output_sandbox(&output, err) < 0 ||
	    make_sealed(invocation, &rule, &sealed, formats.output, &path, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return 0;
	return output_finish(&output, secret_span(&text), err);
}

const struct command cmd_unset = {
	.name = "unset",
	.group = "files",
	.summary = "take one value out of a sealed file",
	.synopsis = "[--idempotent] FILE INDEX",
	.example = "bootseal unset secrets/web1.yaml '[\"db\"][\"password\"]'",
	.options = unset_options,
	.options_size = sizeof(struct unset_options),
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
