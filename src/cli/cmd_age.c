/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "age/passphrase.h"
#include "cli/age_io.h"
#include "cli/age_keys.h"
#include "cli/age_options.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/prompt.h"
#include "crypto/aead.h"
#include "keyring/programs.h"
#include "util/text.h"

/* A file or key that is named twice is hardly what was meant. */
static void warn_of_doubles(const struct option_texts *texts, const char *what)
{
	for (size_t i = 1; i < texts->len; i++) {
		size_t first = 0;

		while (strcmp(texts->items[first], texts->items[i]) != 0)
			first++;
		if (first < i)
			fprintf(stderr, "bootseal: warning: %s \"%s\" is given twice\n", what,
				text_printable_text(texts->items[i]).text);
	}
}

static size_t count_dashes(const struct option_texts *names)
{
	size_t count = 0;

	for (size_t i = 0; i < names->len; i++)
		count += input_is_dash(names->items[i]);
	return count;
}

static int check_stdin(const struct age_options *options, const char *input, struct error *err)
{
	if (count_dashes(&options->recipients_files) + count_dashes(&options->identities) +
		    input_is_dash(input) >
	    1)
		return error_set(err, ERROR_CONFLICT,
				 "age: standard input is wanted for more than one thing");
	return 0;
}

/* Would writing to output overwrite the file that name stands for? */
static bool is_same_file(const char *name, const struct stat *output)
{
	struct stat status;

	return !input_is_dash(name) && stat(name, &status) == 0 &&
	       status.st_dev == output->st_dev && status.st_ino == output->st_ino;
}

static int check_overwriting(const struct age_options *options, const char *input,
			     const struct stat *output, struct error *err)
{
	const struct option_texts *lists[] = { &options->identities, &options->recipients_files };
	bool same = is_same_file(input, output);

	for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
		for (size_t i = 0; i < lists[l]->len; i++)
			same = same || is_same_file(lists[l]->items[i], output);
	}
	if (!same)
		return 0;
	return error_set(err, ERROR_CONFLICT, "age: \"%s\" is both read and written",
			 text_printable_text(options->output).text);
}

/* To a terminal goes nothing that could steer it, unless "-o -" says so. */
static int check_terminal(const struct age_options *options, bool *ret_text_only, struct error *err)
{
	*ret_text_only = false;
	if (options->output || !isatty(STDOUT_FILENO) || (!options->decrypt && options->armor))
		return 0;
	if (options->decrypt) {
		*ret_text_only = true;
		return 0;
	}
	return age_io_refuse("--armor or --output FILE", err);
}

static int open_output(const struct age_options *options, const char *input,
		       struct age_io_output *result, struct error *err)
{
	struct stat status;

	if (!input_is_dash(options->output) && stat(options->output, &status) == 0 &&
	    check_overwriting(options, input, &status, err) < 0)
		return -1;
	if (check_terminal(options, &result->text_only, err) < 0)
		return -1;
	if (output_open(options->output, options->decrypt ? OUTPUT_SECRET : OUTPUT_PUBLIC,
			&result->output, err) < 0)
		return -1;
	/* as large as it likes, and the input is still there: no waiting for the disk */
	result->output.replace.fast = true;
	return 0;
}

/* Where no other identity fits, the one that was passed over may be the right one. */
static void tell_unused(const struct error *unused, struct error *err)
{
	const struct error failed = *err;

	if (failed.kind != ERROR_NO_KEY || unused->kind == ERROR_NONE)
		return;
	error_set(err, failed.kind, "%s; not used: %s", failed.message, unused->message);
	error_hint(err, "%s", unused->hint);
}

/* Plugins are programs, and can be started only before the sandbox is entered. */
static int start_programs(const struct age_options *options, const struct age_key_files *files,
			  const struct age_key_files *recipients, struct keyring_programs *programs,
			  struct error *err)
{
	bool needed = options->plugins.len > 0;

	for (size_t i = 0; i < options->recipients.len; i++)
		needed = needed ||
			 keyring_programs_are_needed(span_of_text(options->recipients.items[i]));
	for (size_t i = 0; i < files->names->len; i++)
		needed = needed || keyring_programs_are_needed_by(secret_span(&files->contents[i]));
	for (size_t i = 0; i < recipients->names->len; i++)
		needed = needed ||
			 keyring_programs_are_needed(secret_span(&recipients->contents[i]));
	return needed ? keyring_programs_start(programs, err) : 0;
}

/* One run of the command. */
struct job {
	const struct age_options *options;
	const char *file;
	struct age_key_files identity_files, recipient_files;
	struct keyring_prompt prompt;
	struct keyring_programs programs;
	struct age_identities identities;
	struct age_recipients recipients;
	struct age_io_input input;
	struct age_io_output result;
};

static void job_release(struct job *job)
{
	age_recipients_release(&job->recipients);
	age_identities_release(&job->identities);
	age_key_files_release(&job->identity_files);
	age_key_files_release(&job->recipient_files);
	keyring_programs_release(&job->programs);
	keyring_prompt_release(&job->prompt);
	age_io_input_release(&job->input);
	age_io_output_release(&job->result);
}

/* A file of less than a chunk and age's own keys: without libgcrypt, and with few secrets. */
static bool is_small(const struct job *job)
{
	const struct age_options *options = job->options;
	struct stat status;

	for (size_t i = 0; i < options->recipients.len; i++)
		if (!age_keys_are_native(span_of_text(options->recipients.items[i])))
			return false;
	return !options->passphrase && (!options->decrypt || options->identities.len > 0) &&
	       age_key_files_are_native(&job->identity_files) &&
	       age_key_files_are_native(&job->recipient_files) &&
	       fstat(job->input.fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_size < AEAD_LONG;
}

/* All that needs files or programs; then the sandbox. */
static int prepare(struct job *job, struct error *err)
{
	const struct age_options *options = job->options;

	if (age_options_check(options, err) < 0 || check_stdin(options, job->file, err) < 0)
		return -1;
	warn_of_doubles(&options->recipients, "the recipient");
	warn_of_doubles(&options->recipients_files, "the recipients file");
	warn_of_doubles(&options->identities, "the identity file");
	if (age_key_files_read(&job->identity_files, true, err) < 0 ||
	    age_key_files_read(&job->recipient_files, false, err) < 0 ||
	    start_programs(options, &job->identity_files, &job->recipient_files, &job->programs,
			   err) < 0)
		return -1;
	job->identities.prompt = prompt_open(&job->prompt);
	job->identities.plugins = keyring_programs_plugins(&job->programs);
	job->recipients.plugins = job->identities.plugins;
	if (age_io_open(job->file, options->decrypt, &job->input, err) < 0 ||
	    open_output(options, job->file, &job->result, err) < 0)
		return -1;
	if (!is_small(job) && command_start(err) < 0)
		return -1;
	job->result.held_back =
		job->result.text_only || (isatty(job->input.fd) && isatty(job->result.output.fd));
	return output_sandbox(&job->result.output, err);
}

static int add_asked_passphrase(struct job *job, struct error *err)
{
	char name[TEXT_PRINTABLE_MAX + 2];

	snprintf(name, sizeof(name), "\"%s\"", text_printable_text(input_name(job->file)).text);
	return age_identities_add_passphrase(&job->identities, name, err);
}

static int open_stream(struct job *job, const struct age_source *source,
		       const struct age_sink *sink, struct error *err)
{
	struct error unused = ERROR_INIT;
	const bool by_passphrase = job->options->identities.len + job->options->plugins.len == 0;

	if ((by_passphrase ? add_asked_passphrase(job, err)
			   : age_key_files_identities(job->options, &job->identity_files,
						      &job->identities, &unused, err)) < 0)
		return -1;
	if (age_open_stream(&job->identities, source, sink, err) == 0)
		return 0;
	tell_unused(&unused, err);
	if (by_passphrase && err->kind == ERROR_NO_KEY)
		(void)error_hint(err, "name a private key with --identity FILE");
	return error_wrap(err, "cannot decrypt \"%s\"",
			  text_printable_text(input_name(job->file)).text);
}

static int add_new_passphrase(struct job *job, struct error *err)
{
	AUTO(secret) passphrase = SECRET_INIT;

	if (age_passphrase_new(job->identities.prompt, &passphrase, err) < 0)
		return -1;
	return age_recipients_add_passphrase(&job->recipients, secret_span(&passphrase),
					     AGE_SCRYPT_FACTOR, err);
}

static int seal_stream(struct job *job, const struct age_source *source,
		       const struct age_sink *sink, struct error *err)
{
	struct error unused = ERROR_INIT;

	if (job->options->passphrase) {
		if (add_new_passphrase(job, err) < 0)
			return -1;
	} else if (age_key_files_recipients(job->options, &job->recipient_files, &job->recipients,
					    err) < 0 ||
		   age_key_files_identities(job->options, &job->identity_files, &job->identities,
					    &unused, err) < 0 ||
		   age_recipients_add_own(&job->recipients, &job->identities, err) < 0) {
		return -1;
	}
	return age_seal_stream(&job->recipients, job->options->armor, source, sink, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct age_options *options = invocation->options;
	AUTO(job)
	job = { .options = options,
		.file = invocation->args_len > 0 ? invocation->args[0] : "-",
		.identity_files = { .names = &options->identities },
		.recipient_files = { .names = &options->recipients_files },
		.prompt = KEYRING_PROMPT_INIT,
		.programs = KEYRING_PROGRAMS_INIT,
		.identities = AGE_IDENTITIES_INIT,
		.recipients = AGE_RECIPIENTS_INIT,
		.input = AGE_IO_INPUT_INIT,
		.result = AGE_IO_OUTPUT_INIT };
	const struct age_source source = { age_io_read, &job.input };
	const struct age_sink sink = { age_io_write, &job.result };

	if (options->version) {
		puts(invocation->version);
		return 0;
	}
	if (prepare(&job, err) < 0 ||
	    (options->decrypt ? open_stream(&job, &source, &sink, err)
			      : seal_stream(&job, &source, &sink, err)) < 0)
		return -1;
	return age_io_commit(&job.result, err);
}

#define FIELD(name) offsetof(struct age_options, name)

static const struct option_spec age_options[] = {
	{ "version", 0, NULL, "print the version", OPTION_FLAG, FIELD(version) },
	{ "encrypt", 'e', NULL, "encrypt the input (the default)", OPTION_FLAG, FIELD(encrypt) },
	{ "decrypt", 'd', NULL, "decrypt the input", OPTION_FLAG, FIELD(decrypt) },
	{ "output", 'o', "FILE", "write to FILE, whole or not at all", OPTION_TEXT, FIELD(output) },
	{ "armor", 'a', NULL, "encrypt to text", OPTION_FLAG, FIELD(armor) },
	{ "recipient", 'r', "RECIPIENT",
	  "encrypt to age1…, ssh-ed25519 … or ssh-rsa … (repeatable)", OPTION_TEXTS,
	  FIELD(recipients) },
	{ "recipients-file", 'R', "FILE", "encrypt to those that FILE lists (repeatable)",
	  OPTION_TEXTS, FIELD(recipients_files) },
	{ "identity", 'i', "FILE", "use the age or SSH private key in FILE (repeatable)",
	  OPTION_TEXTS, FIELD(identities) },
	{ "passphrase", 'p', NULL, "encrypt with a passphrase, asked for on the terminal",
	  OPTION_FLAG, FIELD(passphrase) },
	{ "plugin", 'j', "PLUGIN",
	  "use the program age-plugin-PLUGIN, without a key file (repeatable)", OPTION_TEXTS,
	  FIELD(plugins) },
	{ .name = NULL },
};

const struct command cmd_age = {
	.name = "age",
	.group = "keys",
	.summary = "encrypt or decrypt a stream as age does",
	.synopsis = "[-e | -d] [-a] [-p] [-r RECIPIENT]... [-R FILE]... [-i FILE]... [-j "
		    "PLUGIN]... [-o FILE] [FILE]",
	.example = "bootseal age -d -i /etc/ssh/ssh_host_ed25519_key -o data.tar data.tar.age",
	.options = age_options,
	.options_size = sizeof(struct age_options),
	.max_args = 1,
	.one_dash = true,
	.late_start = true,
	.run = run,
};
