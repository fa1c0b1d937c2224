/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/exec.h"
#include "util/child.h"
#include "util/text.h"

struct exec_env_options {
	bool pristine, same_process, ignore_mac;
	const char *user, *input_type, *decryption_order;
};

// clang-format off
static const struct option_spec exec_env_options[] = {
	{ "pristine", 0, NULL, "give COMMAND the values alone, nothing of this environment", OPTION_FLAG,
	  offsetof(struct exec_env_options, pristine) },
	{ "same-process", 0, NULL, "become COMMAND instead of waiting for it", OPTION_FLAG,
	  offsetof(struct exec_env_options, same_process) },
	{ "user", 0, "NAME", "run COMMAND as this user", OPTION_TEXT,
	  offsetof(struct exec_env_options, user) },
	IGNORE_MAC_OPTION(struct exec_env_options),
	INPUT_TYPE_OPTION(struct exec_env_options, input_type),
	ORDER_OPTION(struct exec_env_options),
	{ .name = NULL },
};
// clang-format on

static int refuse(const char *why, struct span key, struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s: \"%s\"", why, text_printable(key).text);
}

/* What a value is in an environment: as it was written, but "true" for TRUE, and "" for null; or as sops has it. */
static int append_value(const struct exec *exec, const struct sops_file *file, uint32_t node,
			struct secret *out, struct error *err)
{
	const size_t start = out->len;
	enum doc_type type = DOC_TYPE_NONE;

	if ((exec->invocation->as_sops ? sops_file_flat_scalar : sops_file_scalar)(file, node, out,
										   &type, err) < 0)
		return -1;
	if (type == DOC_TYPE_NULL && !exec->invocation->as_sops)
		secret_truncate(out, start);
	if (type == DOC_TYPE_BOOL)
		for (size_t i = start; i < out->len; i++)
			out->data[i] = (uint8_t)tolower(out->data[i]);
	if (out->len > start && memchr(out->data + start, '\0', out->len - start))
		return error_set(err, ERROR_CONFIG,
				 "an environment has no place for a value with a NUL in it");
	return 0;
}

static int append_entry(const struct exec *exec, const struct sops_file *file, uint32_t node,
			struct secret *out, struct error *err)
{
	const struct span key = doc_key(&file->doc, node);

	if (file->doc.nodes[node].kind != DOC_SCALAR)
		return refuse("cannot use complex value in environment; offending key", key, err);
	if (key.len == 0 || memchr(key.data, '=', key.len) || memchr(key.data, '\0', key.len))
		return refuse("cannot use keys with '=' in environment", key, err);
	if (secret_append_span(out, key, err) < 0 || secret_append(out, "=", 1, err) < 0)
		return -1;
	if (append_value(exec, file, node, out, err) < 0)
		return error_wrap(err, "\"%s\"", text_printable(key).text);
	return secret_append(out, "", 1, err);
}

/* In the child: "NAME=VALUE" and a NUL for each value of the first document. */
static int values_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct exec *exec = argument;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	uint32_t root;

	if (sealed_open(&exec->sealed, exec->ignore_mac ? SOPS_IGNORE_MAC : 0, &file, err) < 0)
		return -1;
	root = doc_root(&file.doc, 0);
	for (uint32_t node = doc_child(&file.doc, root); node != DOC_NONE;
	     node = doc_sibling(&file.doc, node))
		if (node != file.meta.node && append_entry(exec, &file, node, ret_answer, err) < 0)
			return -1;
	return 0;
}

/* What the child says is used as it should be, whatever became of the child. */
static int check_answer(const struct secret *values, struct error *err)
{
	bool ended = true;

	for (size_t i = 0; i < values->len; i += strlen((char *)values->data + i) + 1) {
		ended = memchr(values->data + i, '\0', values->len - i) != NULL;
		if (!ended || !strchr((char *)values->data + i, '='))
			return error_set(err, ERROR_BUG, "the child gave a broken answer");
	}
	return 0;
}

static int run_with(const struct exec *exec, const struct exec_env_options *options,
		    struct secret *values, struct error *err)
{
	AUTO(shell_environment) environment = SHELL_ENVIRONMENT_INIT;
	AUTO(secret) all = SECRET_INIT;
	const struct shell_setting setting = { options->pristine,
					       exec->has_user ? &exec->user : NULL, &all };
	const struct shell_command command = { .line = exec->invocation->args[1],
					       .environment = &environment,
					       .user = exec->has_user ? &exec->user : NULL };

	if ((!options->pristine && secret_append_span(&all, secret_span(&exec->kept), err) < 0) ||
	    secret_append_span(&all, secret_span(values), err) < 0)
		return -1;
	secret_release(values);
	if (shell_environment_make(&setting, &environment, err) < 0)
		return -1;
	return options->same_process ? shell_become(&command, err)
				     : shell_run(&command, exec->invocation->status, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct exec_env_options *options = invocation->options;
	AUTO(exec) exec = EXEC_INIT;
	AUTO(secret) values = SECRET_INIT;
	enum doc_format format;

	if (sealed_format(invocation->args[0], options->input_type, &format, err) < 0 ||
	    exec_read(invocation, format, options->user, &exec, err) < 0 ||
	    sealed_set_order(&exec.sealed, options->decryption_order, err) < 0)
		return -1;
	exec.ignore_mac = options->ignore_mac;
	if (child_job(values_job, &exec, &values, err) < 0 || check_answer(&values, err) < 0)
		return -1;
	keyring_programs_release(&exec.sealed.programs); /* no child of the command's */
	return run_with(&exec, options, &values, err);
}

const struct command cmd_exec_env = {
	.name = "exec-env",
	.group = "files",
	.summary = "run a command with the values in its environment",
	.synopsis = "[--pristine] [--same-process] [--user NAME] FILE COMMAND",
	.example = "bootseal exec-env secrets/worker.yaml 'exec ./worker'",
	.options = exec_env_options,
	.options_size = sizeof(struct exec_env_options),
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
