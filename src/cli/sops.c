/* SPDX-License-Identifier: MIT */
#include "cli/sops.h"

#include <stdlib.h>
#include <string.h>

#include "doc/doc.h"
#include "sops/meta.h"
#include "sops_check.h"
#include "util/buf.h"
#include "util/text.h"
#include "util/tty.h"

/* All that sops prints where it asks no network; scripts take every number in it for the version. */
#define VERSION_ANSWER "sops " SOPS_FORMAT_VERSION

#define STATUS_NO_TOPIC 3
#define STATUS_NO_FILE 100

static const struct command *find_ours(const char *name)
{
	const struct command *const *command = commands;

	while (*command && strcmp((*command)->name, name) != 0)
		command++;
	return *command;
}

static const struct sops_command *find_command(const char *name)
{
	const struct sops_command *command = sops_commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	return command;
}

/* The old form: -d, -e, -r and --set say which command it is; without any, the file is edited. */
static int choose_old_form(struct sops_words *p, struct sops_call *call, struct error *err)
{
	const char *name = "edit";
	size_t modes = 0;

	for (const struct sops_flag *flag = sops_flags; flag->dashed; flag++)
		if ((flag->use == SOPS_MODE || flag->use == SOPS_SET) &&
		    sops_words_find(p, sops_flag_name(flag))) {
			name = sops_flag_name(flag);
			modes++;
		}
	if (modes > 1)
		return error_set(err, ERROR_CONFLICT,
				 "more than one of --encrypt, --decrypt, --rotate and --set");
	p->command = find_command(name);
	if (p->args_len == 0) {
		call->status = STATUS_NO_FILE;
		return error_set(err, ERROR_NO_FILE, "no file specified");
	}
	return 0;
}

/* '["a"] "value"': INDEX and VALUE behind FILE, as the new form has them. */
static int split_set(struct sops_words *p, struct sops_call *call, struct error *err)
{
	const struct sops_given *set = p->old_form ? sops_words_find(p, "set") : NULL;
	char *blank;

	if (!set)
		return 0;
	if (p->args_len > 1)
		sops_warn_of_more(p);
	call->copy = strdup(set->value);
	if (!call->copy)
		return error_memory(err);
	blank = strstr(call->copy, "] ");
	if (!blank)
		return error_set(err, ERROR_BAD_INDEX, "Invalid --set format");
	blank[1] = '\0';
	p->args[1] = call->copy;
	p->args[2] = blank + 2;
	p->args_len = 3;
	return 0;
}

static bool has_option(const struct command *command, const char *name)
{
	const struct option_spec *option = command->options;

	while (option && option->name && strcmp(option->name, name) != 0)
		option++;
	return option && option->name;
}

static void add(struct sops_call *call, const struct sops_given *given)
{
	call->words[call->words_len++] = given->flag->dashed;
	if (given->value)
		call->words[call->words_len++] = given->value;
}

/* May a flag of that kind stand there more than once, each for one more? */
static bool repeats(const struct sops_words *p)
{
	return strcmp(p->command->name, "groups add") == 0;
}

/* Whether ours takes it, too; one that stands before the command need not. */
static int add_known(const struct sops_words *p, const struct sops_given *given,
		     struct sops_call *call, struct error *err)
{
	/* an empty text is as if it were not given */
	if (given->value && given->value[0] == '\0')
		return 0;
	if (has_option(call->command, sops_flag_name(given->flag)))
		add(call, given);
	else if (!given->global && !sops_flag_is_idle(p->command, given->flag))
		return sops_unknown_flag(sops_flag_name(given->flag), err);
	return 0;
}

/* edit writes the format that the file has: editors' plugins say it again. */
static int pass_type(const struct sops_words *p, const struct sops_given *given,
		     struct sops_call *call, struct error *err)
{
	const struct sops_given *input = sops_words_find(p, "input-type");
	const struct sops_given *name = sops_words_find(p, "filename-override");
	enum doc_format format, own;

	if (!doc_format_of_type(given->value, &format))
		return 0;
	if (strcmp(p->command->name, "edit") != 0 || given == input)
		return add_known(p, given, call, err);
	if (!input || !doc_format_of_type(input->value, &own))
		own = doc_format_of_name(name ? name->value : p->args[0]);
	if (format == own)
		return 0;
	return error_set(
		err, ERROR_UNSUPPORTED,
		"edit writes a file in the format that it has: --output-type %s is not supported",
		doc_format_name(format));
}

static int pass_on(const struct sops_words *p, const struct sops_given *given,
		   struct sops_call *call, struct error *err)
{
	switch (given->flag->use) {
	case SOPS_VERBOSE:
		call->verbose = true;
		return 0;
	case SOPS_REFUSE:
		return given->value && given->value[0] == '\0'
			       ? 0
			       : sops_refuse("", given->flag->dashed, err);
	case SOPS_BACKGROUND:
		(void)error_set(err, ERROR_UNSUPPORTED, "%s is not supported", given->flag->dashed);
		return error_hint(err, "sops itself gives it up: let a shell put the whole of it "
				       "into the background");
	case SOPS_TYPE:
		return pass_type(p, given, call, err);
	case SOPS_PASS:
		return add_known(p, given, call, err);
	case SOPS_MODE:
	case SOPS_SET:
		return given->global ? 0 : sops_unknown_flag(given->flag->dashed, err);
	case SOPS_IGNORE:
	case SOPS_HELP:
	case SOPS_VERSION:
		return 0;
	}
	return 0;
}

static int make_words(struct sops_words *p, struct sops_call *call, struct error *err)
{
	for (size_t i = 0; i < p->given_len; i++) {
		const struct sops_given *given = &p->given[i];

		if (given != sops_words_find(p, sops_flag_name(given->flag)) && !repeats(p))
			continue;
		if (pass_on(p, given, call, err) < 0)
			return -1;
	}
	/* a script is not asked which keys the file may keep; a person at a terminal is */
	if (strcmp(p->command->name, "rotate") == 0 && !tty_available() &&
	    has_option(call->command, "yes"))
		call->words[call->words_len++] = "--yes";
	call->words[call->words_len++] = "--";
	for (size_t i = 0; i < p->args_len; i++)
		call->words[call->words_len++] = p->args[i];
	call->words[call->words_len] = NULL;
	return 0;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return word && (strcmp(word, a) == 0 || strcmp(word, b) == 0);
}

/* "help" and "groups" without its second word: they are no commands of ours. */
static bool asks_for_help(const struct sops_words *p)
{
	return p->old_form && p->args_len > 0 &&
	       (is_one_of(p->args[0], "help", "h") || strcmp(p->args[0], "groups") == 0);
}

static int find_topic(const char *group, const char *word, struct sops_call *call,
		      struct error *err)
{
	for (const struct sops_command *command = sops_commands; command->name; command++) {
		const char *blank = strchr(command->name, ' ');

		if (strcmp(group ? (blank ? blank + 1 : "") : command->name, word) == 0) {
			call->command = find_ours(command->name);
			return 0;
		}
	}
	call->status = STATUS_NO_TOPIC;
	return error_set(err, ERROR_USAGE, "No help topic for '%s'",
			 text_printable_text(word).text);
}

/* "help [COMMAND]", "groups [help] [COMMAND]": a mistyped command of groups is a topic that there is not. */
static int make_help(const struct sops_words *p, struct sops_call *call, struct error *err)
{
	const char *const *word = p->args;

	call->help = true;
	if (strcmp(*word, "groups") == 0)
		call->group = *word++;
	if (is_one_of(*word, "help", "h"))
		word++;
	if (!call->group && *word && strcmp(*word, "groups") == 0)
		call->group = *word++;
	else if (*word && **word == '-' && !is_one_of(*word, "--help", "-h"))
		return sops_unknown_flag(*word, err);
	else if (*word && **word != '-')
		return find_topic(call->group, *word, call, err);
	return 0;
}

static int make_call(struct sops_words *p, struct sops_call *call, struct error *err)
{
	if (p->version) {
		call->answer = VERSION_ANSWER;
		return 0;
	}
	if (p->help) {
		call->command = p->old_form ? NULL : find_ours(p->command->name);
		call->help = true;
		return 0;
	}
	if (asks_for_help(p))
		return make_help(p, call, err);
	if ((p->old_form && choose_old_form(p, call, err) < 0) || split_set(p, call, err) < 0 ||
	    sops_words_check(p, call, err) < 0)
		return -1;
	call->command = find_ours(p->command->name);
	if (!call->command) {
		(void)error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not part of this program",
				p->command->name);
		return error_hint(err, "bootseal's own completion scripts are installed with it");
	}
	return make_words(p, call, err);
}

int sops_call_parse(int argc, const char *const *argv, struct sops_call *ret_call,
		    struct error *err)
{
	AUTO(sops_words) words = SOPS_WORDS_INIT;
	AUTO(sops_call) call = SOPS_CALL_INIT;

	/* each word of theirs is at most two of ours */
	call.words = calloc(2 * ((size_t)argc + 3) + 2, sizeof(*call.words));
	if (!call.words)
		return error_memory(err);
	if (sops_words_take(argc, argv, &words, err) < 0 || make_call(&words, &call, err) < 0) {
		ret_call->command = words.command ? find_ours(words.command->name) : NULL;
		ret_call->status = call.status;
		return -1;
	}
	*ret_call = call;
	call = SOPS_CALL_INIT;
	return 0;
}

void sops_call_release(struct sops_call *call)
{
	free(call->words);
	free(call->copy);
	*call = SOPS_CALL_INIT;
}
