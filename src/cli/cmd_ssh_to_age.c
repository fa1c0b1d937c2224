/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "age/convert.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "util/text.h"

#define INPUT_MAX ((size_t)16 << 20)
#define PASSPHRASE_VARIABLE "SSH_TO_AGE_PASSPHRASE"

struct ssh_to_age_options {
	bool private_key, stdinpass, version;
	const char *input, *output;
};

/* As ssh-to-age takes it. Gone from the environment then. */
static int take_variable(struct secret *passphrase, struct error *err)
{
	char *value = getenv(PASSPHRASE_VARIABLE);
	int result;

	if (!value)
		return 0;
	result = secret_append_text(passphrase, value, err);
	secret_wipe(value, strlen(value));
	(void)unsetenv(PASSPHRASE_VARIABLE);
	return result;
}

/* All of standard input, without the line's end. */
static int read_passphrase(struct secret *passphrase, struct error *err)
{
	if (input_read("-", KEYRING_PASSPHRASE_MAX, passphrase, err) < 0)
		return -1;
	while (passphrase->len > 0 && strchr("\r\n", passphrase->data[passphrase->len - 1]))
		secret_truncate(passphrase, passphrase->len - 1);
	return 0;
}

static int find_passphrase(const struct ssh_to_age_options *options, struct secret *ret_passphrase,
			   struct error *err)
{
	AUTO(secret) passphrase = SECRET_INIT;

	if (options->stdinpass && input_is_dash(options->input))
		return error_set(err, ERROR_NOT_FOUND,
				 "cannot read both the private key and its passphrase from "
				 "standard input");
	if (take_variable(&passphrase, err) < 0)
		return -1;
	if (options->stdinpass) {
		secret_truncate(&passphrase, 0);
		if (read_passphrase(&passphrase, err) < 0)
			return -1;
	}
	*ret_passphrase = secret_move(&passphrase);
	return 0;
}

/* A passphrase that is missing is asked for. */
static int convert_private(struct span file, struct secret *passphrase,
			   const struct age_prompt *prompt, struct secret *ret_text,
			   struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	char recipient[AGE_X25519_TEXT_MAX];
	int result = age_text_of_ssh_private(file, secret_span(passphrase), &text, recipient, err);

	if (result < 0 && err->kind == ERROR_DENIED && passphrase->len == 0) {
		error_clear(err);
		if (age_prompt_passphrase(prompt, "the SSH private key", passphrase, err) < 0)
			return -1;
		result = age_text_of_ssh_private(file, secret_span(passphrase), &text, recipient,
						 err);
	}
	if (result < 0 || secret_append_text(&text, "\n", err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

/* One line; a key of another type is told of and skipped, as ssh-keyscan prints all of a host's. */
static int convert_line(struct span line, struct secret *text, struct error *err)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	char recipient[AGE_X25519_TEXT_MAX];

	if (ssh_public_key_parse(line, &key, err) < 0)
		return -1;
	if (age_text_of_ssh(&key, recipient, err) < 0) {
		if (err->kind != ERROR_UNSUPPORTED)
			return -1;
		fprintf(stderr,
			"skipped key: got %s key type, but only ed25519 keys are supported\n",
			text_printable(key.type).text);
		error_clear(err);
		return 0;
	}
	if (secret_append_text(text, recipient, err) < 0)
		return -1;
	return secret_append_text(text, "\n", err);
}

static int convert_public(struct span file, struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	struct span line;

	for (size_t number = 1; span_take_line(&file, &line); number++) {
		if (ssh_line_is_blank(line))
			continue;
		/* the line is not quoted: it may be a private key's, given by mistake */
		if (convert_line(line, &text, err) < 0)
			return error_wrap(err, "line %zu", number);
	}
	*ret_text = secret_move(&text);
	return 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct ssh_to_age_options *options = invocation->options;
	AUTO(secret) file = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) passphrase = SECRET_INIT;
	AUTO(secret) unused = SECRET_INIT;
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;
	AUTO(output) output = OUTPUT_INIT;

	if (options->version) {
		puts(invocation->version);
		return 0;
	}
	if (options->private_key && find_passphrase(options, &passphrase, err) < 0)
		return -1;
	if (input_read_key(options->input, INPUT_MAX, &file, &unused, err) < 0) {
		err->kind = ERROR_NOT_FOUND; /* status 1, as ssh-to-age has it */
		return -1;
	}
	if (options->private_key)
		(void)prompt_open(&prompt);
	if (output_open(options->output, options->private_key ? OUTPUT_SECRET : OUTPUT_PUBLIC,
			&output, err) < 0 ||
	    output_sandbox(&output, err) < 0)
		return -1;
	if ((options->private_key ? convert_private(secret_span(&file), &passphrase,
						    keyring_prompt_use(&prompt), &text, err)
				  : convert_public(secret_span(&file), &text, err)) < 0) {
		if (!options->private_key && text_holds_private_key(secret_span(&file)))
			(void)error_hint(err, "-private-key converts a private key");
		if (err->kind != ERROR_SYSTEM)
			err->kind = ERROR_NOT_FOUND;
		return error_wrap(err, "cannot convert \"%s\"",
				  text_printable_text(input_name(options->input)).text);
	}
	return output_finish(&output, secret_span(&text), err);
}

#define FIELD(name) offsetof(struct ssh_to_age_options, name)

static const struct option_spec ssh_to_age_options[] = {
	{ "private-key", 0, NULL, "convert a private key, not public ones", OPTION_FLAG,
	  FIELD(private_key) },
	{ "input", 'i', "FILE", "read FILE, not standard input", OPTION_TEXT, FIELD(input) },
	{ "output", 'o', "FILE", "write FILE, not standard output", OPTION_TEXT, FIELD(output) },
	{ "stdinpass", 0, NULL, "read the private key's passphrase from standard input",
	  OPTION_FLAG, FIELD(stdinpass) },
	{ "version", 0, NULL, "print the version", OPTION_FLAG, FIELD(version) },
	{ .name = NULL },
};

const struct command cmd_ssh_to_age = {
	.name = "ssh-to-age",
	.group = "keys",
	.summary = "convert SSH ed25519 keys to age keys",
	.synopsis = "[-private-key [-stdinpass]] [-i FILE] [-o FILE]",
	.example = "ssh-keyscan web1.example | bootseal ssh-to-age",
	.options = ssh_to_age_options,
	.options_size = sizeof(struct ssh_to_age_options),
	.single_dash = true,
	.run = run,
};
