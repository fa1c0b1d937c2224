/* SPDX-License-Identifier: MIT */
#include "cli/openclaw.h"

#include <stdio.h>
#include <stdlib.h>

#include "activate/manifest.h"
#include "activate/single.h"
#include "cli/sealed.h"
#include "cli/shell.h"
#include "cli/workspace.h"
#include "doc/path.h"
#include "openclaw/gateway.h"
#include "openclaw/reload.h"
#include "util/child.h"
#include "util/text.h"

/* What would send OpenClaw elsewhere than to the empty directory and the URL. */
static const char *const misleading[] = { "OPENCLAW_CONFIG_PATH", "OPENCLAW_HOME",
					  "OPENCLAW_PROFILE", "OPENCLAW_GATEWAY_PORT",
					  "OPENCLAW_GATEWAY_PASSWORD" };

#define VARIABLES 4 /* prepare_call() */

/* --- The token --- */

/* For the job in the child. */
struct openclaw_file {
	struct sealed sealed;
	struct doc_path path;
};

static void openclaw_file_release(struct openclaw_file *file)
{
	sealed_release(&file->sealed);
	doc_path_release(&file->path);
}

static int token_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct openclaw_file *token = argument;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	enum doc_type type;

	if (sealed_open(&token->sealed, 0, &file, err) < 0)
		return -1;
	return sops_file_get(&file, &token->path, ret_answer, &type, err);
}

static int open_from_file(const char *name, const char *key, struct secret *ret_token,
			  struct error *err)
{
	AUTO(openclaw_file) token = { SEALED_INIT, DOC_PATH_INIT };
	enum doc_format format;

	if (doc_path_parse_slashes(key, &token.path, err) < 0 ||
	    sealed_format(name, NULL, &format, err) < 0 ||
	    sealed_read(name, format, &token.sealed, err) < 0)
		return -1;
	return child_job(token_job, &token, ret_token, err);
}

static int open_from_manifest(const struct invocation *invocation, const char *manifest,
			      const char *key, const char *copy, struct secret *ret_token,
			      struct error *err)
{
	AUTO(names) notes = NAMES_INIT;

	if (single_open(manifest, key, copy, ret_token, &notes, err) < 0)
		return -1;
	for (size_t i = 0; invocation->verbose && i < notes.len; i++)
		fprintf(stderr, "bootseal: %s\n", notes.items[i]);
	return 0;
}

static int check_token(const struct secret *token, const char *key, struct error *err)
{
	if (token->len > 0 && memchr(token->data, '\0', token->len) == NULL)
		return 0;
	return error_set(err, ERROR_CONFIG, "the value \"%s\" is empty, or has a NUL in it",
			 text_printable_text(key).text);
}

int openclaw_open_token(const struct invocation *invocation, const struct openclaw_options *options,
			struct secret *ret_token, struct error *err)
{
	const char *key = options->key != NULL ? options->key : OPENCLAW_TOKEN;
	const char *manifest = options->manifest != NULL ? options->manifest : MANIFEST_DEFAULT;
	AUTO(secret) value = SECRET_INIT;
	AUTO(secret) token = SECRET_INIT;

	if (options->file != NULL && options->manifest != NULL)
		return error_set(err, ERROR_CONFLICT, "--file and --manifest exclude each other");
	if ((options->file != NULL ? open_from_file(options->file, key, &value, err)
				   : open_from_manifest(invocation, manifest, key, options->copy,
							&value, err)) < 0 ||
	    secret_append_span(&token, span_trim(secret_span(&value)), err) < 0 ||
	    check_token(&token, key, err) < 0)
		return -1;
	*ret_token = secret_move(&token);
	return 0;
}

/* --- OpenClaw --- */

int openclaw_check_url(const char *url, struct error *err)
{
	struct error unused = ERROR_INIT;
	struct http_url parsed;

	if (strncmp(url, "wss://", 6) == 0 && url[6] != '\0')
		return 0;
	if (strncmp(url, "ws://", 5) != 0)
		return error_set(err, ERROR_USAGE, "\"%s\" is no URL of a gateway: ws:// or wss://",
				 text_printable_text(url).text);
	if (gateway_url_parse(url, &parsed, &unused) == 0)
		return 0;
	error_set(err, ERROR_DENIED, "to \"%s\" the token would go unencrypted",
		  text_printable_text(url).text);
	return error_hint(err, "use wss://, or a tunnel to 127.0.0.1");
}

static int add_variable(struct secret *values, const char *name, struct span value,
			struct error *err)
{
	if (secret_append_text(values, name, err) < 0 || secret_append(values, "=", 1, err) < 0 ||
	    secret_append_span(values, value, err) < 0)
		return -1;
	return secret_append(values, "", 1, err);
}

/* PROGRAM and its words, borrowed. */
static int make_words(const char *program, const char *const *words, const char ***ret_words,
		      struct error *err)
{
	size_t len = 0;

	while (words[len] != NULL)
		len++;
	*ret_words = calloc(len + 2, sizeof(**ret_words));
	if (*ret_words == NULL)
		return error_memory(err);
	(*ret_words)[0] = program;
	memcpy(*ret_words + 1, words, len * sizeof(*words));
	return 0;
}

/* What one run of it has: released when it has ended. */
struct openclaw_call {
	struct openclaw_program program;
	struct workspace workspace;
	struct secret values; /* "NAME=VALUE", each with a NUL behind it */
	const char **words;
};

#define OPENCLAW_CALL_INIT                                                                         \
	((struct openclaw_call){ OPENCLAW_PROGRAM_INIT, WORKSPACE_INIT, SECRET_INIT, NULL })

static void openclaw_call_release(struct openclaw_call *call)
{
	openclaw_program_release(&call->program);
	workspace_release(&call->workspace);
	secret_release(&call->values);
	free(call->words);
}

static int prepare_call(const struct openclaw_options *options, const struct secret *token,
			const char *const *words, struct openclaw_call *call, struct error *err)
{
	const char *url = options->url != NULL ? options->url : OPENCLAW_URL;
	const struct workspace_need need = { .purpose = "openclaw" };

	for (size_t i = 0; i < sizeof(misleading) / sizeof(*misleading); i++)
		unsetenv(misleading[i]);
	if (openclaw_find_program(options->program, &call->program, err) < 0 ||
	    make_words(call->program.path, words, &call->words, err) < 0 ||
	    workspace_make(&need, &call->workspace, err) < 0 ||
	    add_variable(&call->values, OPENCLAW_TOKEN, secret_span(token), err) < 0 ||
	    add_variable(&call->values, "OPENCLAW_GATEWAY_URL", span_of_text(url), err) < 0)
		return -1;
	if (call->program.search != NULL &&
	    add_variable(&call->values, "PATH", span_of_text(call->program.search), err) < 0)
		return -1;
	return add_variable(&call->values, "OPENCLAW_STATE_DIR", span_of_text(call->workspace.path),
			    err);
}

int openclaw_run(const struct openclaw_options *options, const struct secret *token,
		 const char *const *words, int *ret_status, struct error *err)
{
	AUTO(openclaw_call) call = OPENCLAW_CALL_INIT;
	AUTO(shell_environment) environment = SHELL_ENVIRONMENT_INIT;
	const struct shell_setting setting = { false, NULL, &call.values };
	struct shell_command command = { .environment = &environment };

	if (prepare_call(options, token, words, &call, err) < 0 ||
	    shell_environment_make(&setting, &environment, err) < 0)
		return -1;
	command.words = call.words;
	return shell_run(&command, ret_status, err);
}

int openclaw_tell(const struct openclaw_options *options, const struct secret *token,
		  const char *const *words, size_t max, struct secret *ret_said, struct error *err)
{
	const char *program = options->program != NULL ? options->program : OPENCLAW_PROGRAM;
	AUTO(openclaw_call) call = OPENCLAW_CALL_INIT;
	const char *environment[VARIABLES + 1] = { NULL };
	struct child_command command = { .environment = environment,
					 .timeout_seconds = OPENCLAW_SECONDS };
	int status;

	if (prepare_call(options, token, words, &call, err) < 0)
		return -1;
	for (size_t i = 0, at = 0; at < call.values.len; i++) {
		environment[i] = (const char *)call.values.data + at;
		at += strlen(environment[i]) + 1;
	}
	command.argv = call.words;
	if (child_run(&command, max, ret_said, &status, err) < 0)
		return -1;
	if (status == 0)
		return 0;
	return error_set(err, ERROR_FINDINGS, "\"%s %s\" ended with status %d",
			 text_printable_text(program).text, words[0], status);
}

/* In a child: what OpenClaw says is text from outside. */
static int warnings_job(void *argument, struct secret *ret_answer, struct error *err)
{
	unsigned warnings = 0;

	if (reload_parse(argument, &warnings, err) < 0)
		return -1;
	return secret_append(ret_answer, &warnings, sizeof(warnings), err);
}

int openclaw_reload(const struct openclaw_options *options, const struct secret *token,
		    unsigned *ret_warnings, struct error *err)
{
	static const char *const words[] = { "secrets", "reload", "--json", NULL };
	AUTO(secret) said = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;

	if (openclaw_tell(options, token, words, RELOAD_MAX, &said, err) < 0 ||
	    child_job(warnings_job, &said, &answer, err) < 0)
		return -1;
	if (answer.len != sizeof(*ret_warnings))
		return error_set(err, ERROR_BUG, "the child gave a broken answer");
	memcpy(ret_warnings, answer.data, sizeof(*ret_warnings));
	return 0;
}
