/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "age/file.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "keyring/programs.h"
#include "util/file.h"
#include "util/text.h"

#define KEY_FILE_MAX ((size_t)16 << 20)

struct age_options {
	bool encrypt, decrypt, armor, passphrase, version;
	struct option_texts recipients, recipients_files, identities;
	const char *output, *plugin;
};

/* The bytes of the files that -R or -i name, read before the sandbox is entered. */
struct key_files {
	const struct option_texts *names;
	struct secret contents[OPTION_TEXTS_MAX];
};

static void key_files_release(struct key_files *files)
{
	for (size_t i = 0; i < files->names->len; i++)
		secret_release(&files->contents[i]);
}

/* A UTF-8 character that the chunk before may have begun: what is read of it, and what is missing. */
struct text_state {
	uint32_t code, least;
	unsigned missing;
};

/* The output, and whether it is a terminal that must get nothing but text. */
struct result {
	struct output output;
	bool text_only;
	struct text_state state;
};

static void result_release(struct result *result)
{
	output_release(&result->output);
}

static int refuse_with(const char *option, const char *other, struct error *err)
{
	return error_set(err, ERROR_CONFLICT, "age: %s cannot be used with %s", option, other);
}

/* Options of age that this version knows in order to say no. */
static int check_support(const struct age_options *options, struct error *err)
{
	if (!options->passphrase && !options->plugin)
		return 0;
	error_set(err, ERROR_UNSUPPORTED, "age: %s are not supported by this version",
		  options->passphrase ? "passphrases" : "plugins");
	return error_hint(err, options->passphrase ? "seal to a key that \"bootseal keygen\" makes"
						   : "age itself can use them");
}

static int check_options(const struct age_options *options, struct error *err)
{
	if (check_support(options, err) < 0)
		return -1;
	if (options->output && options->output[0] == '\0')
		return error_set(err, ERROR_USAGE, "age: the name behind --output is empty");
	if (options->decrypt) {
		if (options->encrypt)
			return refuse_with("--encrypt", "--decrypt", err);
		if (options->armor) {
			refuse_with("--armor", "--decrypt", err);
			return error_hint(err, "armor is recognised without it");
		}
		if (options->recipients.len + options->recipients_files.len > 0) {
			refuse_with("a recipient", "--decrypt", err);
			return error_hint(err, "a private key is named with --identity");
		}
		if (options->identities.len > 0)
			return 0;
		error_set(err, ERROR_USAGE, "age: no identity to decrypt with");
		return error_hint(err, "name a private key with --identity FILE");
	}
	if (options->identities.len > 0 && !options->encrypt) {
		error_set(err, ERROR_CONFLICT, "age: --identity without --decrypt or --encrypt");
		return error_hint(err, "with --encrypt, its recipient is sealed to");
	}
	if (options->recipients.len + options->recipients_files.len + options->identities.len > 0)
		return 0;
	error_set(err, ERROR_USAGE, "age: no recipient to encrypt to");
	return error_hint(err, "name one with --recipient or --recipients-file");
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

static int read_key_files(struct key_files *files, struct error *err)
{
	for (size_t i = 0; i < files->names->len; i++) {
		if (input_read(files->names->items[i], KEY_FILE_MAX, &files->contents[i], err) < 0)
			return -1;
	}
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
	error_set(err, ERROR_DENIED, "binary data would go to the terminal");
	return error_hint(err, "use --armor or --output FILE; \"-o -\" forces it");
}

static int open_output(const struct age_options *options, const char *input, struct result *result,
		       struct error *err)
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

static int read_input(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	const int *fd = context;
	ssize_t got;

	do
		got = read(*fd, data, len);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_sys(err, "cannot read the input");
	*ret_len = (size_t)got;
	return 0;
}

/* Control characters, but for those of plain text. */
static bool is_control(uint32_t code)
{
	return (code < 0x20 && code != '\n' && code != '\r' && code != '\t') ||
	       (code >= 0x7f && code < 0xa0);
}

static bool begins_character(struct text_state *state, uint8_t c)
{
	if (c < 0x80)
		return !is_control(c);
	/* 0x80 to 0x9f by themselves are control characters to some terminals */
	if (c < 0xc2 || c > 0xf4)
		return false;
	state->missing = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	state->least = c < 0xe0 ? 0x80 : c < 0xf0 ? 0x800 : 0x10000;
	state->code = c & (0x3fu >> state->missing);
	return true;
}

/* UTF-8 without control characters, C1 ones included, from where state was on. */
static bool is_plain_text(struct text_state *state, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		const uint8_t c = bytes.data[i];

		if (state->missing == 0) {
			if (!begins_character(state, c))
				return false;
			continue;
		}
		if (c >> 6 != 2)
			return false;
		state->code = state->code << 6 | (c & 63u);
		if (--state->missing == 0 &&
		    (state->code < state->least || is_control(state->code)))
			return false;
	}
	return true;
}

static int write_output(void *context, struct span bytes, struct error *err)
{
	struct result *result = context;

	if (result->text_only && !is_plain_text(&result->state, bytes)) {
		error_set(err, ERROR_DENIED, "binary data would go to the terminal");
		return error_hint(err, "use --output FILE; \"-o -\" forces it");
	}
	return output_write(&result->output, bytes, err);
}

/*
 * Of a file to be opened one identity is enough: those that this program cannot use are passed over.
 * ret_unused is the first one's error.
 */
static int add_identities(const struct age_options *options, const struct key_files *files,
			  struct age_identities *identities, struct error *ret_unused,
			  struct error *err)
{
	for (size_t i = 0; i < files->names->len; i++) {
		struct error problem = ERROR_INIT;

		if (age_identities_add_file(identities, secret_span(&files->contents[i]),
					    input_name(files->names->items[i]), &problem) == 0)
			continue;
		if (!options->decrypt || problem.kind != ERROR_UNSUPPORTED) {
			*err = problem;
			return -1;
		}
		if (ret_unused->kind == ERROR_NONE)
			*ret_unused = problem;
	}
	if (identities->len > 0 || identities->unusable_len > 0 || ret_unused->kind == ERROR_NONE)
		return 0;
	*err = *ret_unused;
	return -1;
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

static int add_recipients(const struct age_options *options, const struct key_files *files,
			  struct age_recipients *recipients, struct error *err)
{
	for (size_t i = 0; i < options->recipients.len; i++) {
		if (age_recipients_add(recipients, span_of_text(options->recipients.items[i]),
				       err) < 0)
			return -1;
	}
	for (size_t i = 0; i < files->names->len; i++) {
		AUTO(buf) skipped = BUF_INIT;
		struct span lines, line;

		if (age_recipients_add_file(recipients, secret_span(&files->contents[i]),
					    input_name(files->names->items[i]), &skipped, err) < 0)
			return -1;
		lines = buf_span(&skipped);
		while (span_take_line(&lines, &line))
			fprintf(stderr, "bootseal: warning: %.*s\n", SPAN_PRINT(line));
	}
	return 0;
}

static bool files_need_programs(const struct key_files *files)
{
	for (size_t i = 0; i < files->names->len; i++)
		if (keyring_programs_are_needed(secret_span(&files->contents[i])))
			return true;
	return false;
}

/* Plugins can only be started before the sandbox is entered. */
static int prepare_programs(const struct age_options *options, const struct key_files *identities,
			    const struct key_files *recipients, struct keyring_programs *programs,
			    struct error *err)
{
	bool needed = files_need_programs(identities) || files_need_programs(recipients);

	for (size_t i = 0; i < options->recipients.len; i++)
		needed = needed ||
			 keyring_programs_are_needed(span_of_text(options->recipients.items[i]));
	return needed ? keyring_programs_start(programs, err) : 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct age_options *options = invocation->options;
	const char *file = invocation->args_len > 0 ? invocation->args[0] : "-";
	AUTO(key_files) identity_files = { .names = &options->identities };
	AUTO(key_files) recipient_files = { .names = &options->recipients_files };
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(result) result = { .output = OUTPUT_INIT };
	AUTO(keyring_programs) programs = KEYRING_PROGRAMS_INIT;
	AUTO_FD int input = -1;
	struct error unused = ERROR_INIT;
	const struct age_source source = { read_input, &input };
	const struct age_sink sink = { write_output, &result };

	if (options->version) {
		puts("bootseal " BOOTSEAL_VERSION);
		return 0;
	}
	if (check_options(options, err) < 0 || check_stdin(options, file, err) < 0 ||
	    read_key_files(&identity_files, err) < 0 || read_key_files(&recipient_files, err) < 0 ||
	    prepare_programs(options, &identity_files, &recipient_files, &programs, err) < 0 ||
	    input_open(file, &input, err) < 0 || open_output(options, file, &result, err) < 0 ||
	    output_sandbox(&result.output, err) < 0 ||
	    add_identities(options, &identity_files, &identities, &unused, err) < 0 ||
	    add_recipients(options, &recipient_files, &recipients, err) < 0)
		return -1;
	identities.plugins = recipients.plugins = keyring_programs_plugins(&programs);
	if (options->decrypt) {
		if (age_open_stream(&identities, &source, &sink, err) < 0) {
			tell_unused(&unused, err);
			return error_wrap(err, "cannot decrypt \"%s\"",
					  text_printable_text(input_name(file)).text);
		}
	} else if (age_recipients_add_own(&recipients, &identities, err) < 0 ||
		   age_seal_stream(&recipients, options->armor, &source, &sink, err) < 0) {
		return -1;
	}
	return output_commit(&result.output, err);
}

#define FIELD(name) offsetof(struct age_options, name)

static const struct option_spec age_options[] = {
	{ "version", 0, NULL, "print the version", OPTION_FLAG, FIELD(version) },
	{ "encrypt", 'e', NULL, "encrypt the input (the default)", OPTION_FLAG, FIELD(encrypt) },
	{ "decrypt", 'd', NULL, "decrypt the input", OPTION_FLAG, FIELD(decrypt) },
	{ "output", 'o', "FILE", "write to FILE, whole or not at all", OPTION_TEXT, FIELD(output) },
	{ "armor", 'a', NULL, "encrypt to text", OPTION_FLAG, FIELD(armor) },
	{ "recipient", 'r', "RECIPIENT", "encrypt to age1… or ssh-ed25519 … (repeatable)",
	  OPTION_TEXTS, FIELD(recipients) },
	{ "recipients-file", 'R', "FILE", "encrypt to those that FILE lists (repeatable)",
	  OPTION_TEXTS, FIELD(recipients_files) },
	{ "identity", 'i', "FILE", "use the age or SSH private key in FILE (repeatable)",
	  OPTION_TEXTS, FIELD(identities) },
	{ "passphrase", 'p', NULL, "refused: not supported by this version", OPTION_FLAG,
	  FIELD(passphrase) },
	{ "plugin", 'j', "PLUGIN", "refused: not supported by this version", OPTION_TEXT,
	  FIELD(plugin) },
	{ .name = NULL },
};

const struct command cmd_age = {
	.name = "age",
	.group = "keys",
	.summary = "encrypt or decrypt a stream as age does",
	.synopsis = "[-e | -d] [-a] [-r RECIPIENT]... [-R FILE]... [-i FILE]... [-o FILE] [FILE]",
	.example = "bootseal age -d -i /etc/ssh/ssh_host_ed25519_key -o data.tar data.tar.age",
	.options = age_options,
	.options_size = sizeof(struct age_options),
	.max_args = 1,
	.run = run,
};
