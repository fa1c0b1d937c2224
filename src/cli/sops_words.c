/* SPDX-License-Identifier: MIT */
#include "sops_words.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "util/text.h"

void sops_words_release(struct sops_words *words)
{
	free(words->given);
	free(words->args);
	*words = SOPS_WORDS_INIT;
}

int sops_unknown_flag(const char *word, struct error *err)
{
	(void)error_set(err, ERROR_USAGE, "flag provided but not defined: -%s",
			text_printable_text(word + strspn(word, "-")).text);
	return error_hint(err, "see \"sops --help\"");
}

/* Both "-name" and "--name" are names; one letter is a short one. */
static const struct sops_flag *find_flag(const char *name, size_t len)
{
	const struct sops_flag *flag = sops_flags;

	for (; flag->dashed; flag++)
		if ((strlen(sops_flag_name(flag)) == len &&
		     strncmp(sops_flag_name(flag), name, len) == 0) ||
		    (len == 1 && flag->letter == name[0]))
			return flag;
	return NULL;
}

/* Those that Go's strconv.ParseBool() knows. */
static int parse_bool(const char *name, const char *value, bool *ret_value, struct error *err)
{
	static const char *const words[] = { "false", "true", "0", "1",	    "f",     "t",
					     "F",     "T",    "FALSE", "TRUE", "False", "True" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(value, words[i]) == 0) {
			*ret_value = i % 2 == 1;
			return 0;
		}
	return error_set(err, ERROR_USAGE, "invalid boolean value \"%s\" for -%.*s: parse error",
			 text_printable_text(value).text, (int)strcspn(name, "="), name);
}

/* Go's flag package: "-n", "-n value", "-n=value". */
static int take_flag(struct sops_words *words, bool global, struct error *err)
{
	const char *word = *words->argv++, *name = word + (word[1] == '-' ? 2 : 1);
	const size_t len = strcspn(name, "=");
	const struct sops_flag *flag = find_flag(name, len);
	const char *value = name[len] == '=' ? name + len + 1 : NULL;
	bool on = true;

	if (!flag || (global && flag->place == SOPS_BEHIND))
		return sops_unknown_flag(word, err);
	if (flag->has_value && !value && !(value = *words->argv))
		return error_set(err, ERROR_USAGE, "flag needs an argument: -%s",
				 sops_flag_name(flag));
	if (flag->has_value && value == *words->argv)
		words->argv++;
	if (!flag->has_value && value && parse_bool(name, value, &on, err) < 0)
		return -1;
	words->help = words->help || (on && flag->use == SOPS_HELP);
	words->version = words->version || (on && flag->use == SOPS_VERSION);
	words->given[words->given_len++] =
		(struct sops_given){ flag, flag->has_value ? value : NULL, !on, global };
	return 0;
}

static bool is_flag(const char *word)
{
	return word && word[0] == '-' && word[1] != '\0' && strcmp(word, "--") != 0;
}

/* No flag begins with a digit: behind an argument it is a value, "-5". */
static bool is_number(const struct sops_words *words, const char *word)
{
	return words->args_len > 0 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

/* The command that the next word, or two, name. */
static const struct sops_command *take_command(struct sops_words *words)
{
	const struct sops_command *command = sops_commands;

	for (; *words->argv && command->name; command++) {
		const char *blank = strchr(command->name, ' ');
		const size_t len = strcspn(command->name, " ");

		if (strlen(*words->argv) != len ||
		    strncmp(*words->argv, command->name, len) != 0 ||
		    (blank && (!words->argv[1] || strcmp(words->argv[1], blank + 1) != 0)))
			continue;
		words->argv += blank ? 2 : 1;
		return command;
	}
	return NULL;
}

/* sops' commands do not see what stands before them, but for a few flags: above all no "-i". */
static void drop_old_form(struct sops_words *words)
{
	size_t kept = 0;

	for (size_t i = 0; i < words->given_len; i++)
		if (words->given[i].flag->place == SOPS_GLOBAL)
			words->given[kept++] = words->given[i];
	words->given_len = kept;
}

static void take_arguments(struct sops_words *words)
{
	while (*words->argv)
		words->args[words->args_len++] = *words->argv++;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-help") == 0 || strcmp(word, "-h") == 0;
}

/* What follows a command: flags before, between and behind its arguments. */
static int take_behind(struct sops_words *words, struct error *err)
{
	while (*words->argv) {
		const char *word = *words->argv;

		if (strcmp(word, "--") == 0) {
			words->argv++;
			take_arguments(words);
		} else if (is_flag(word) && !is_number(words, word) &&
			   (!words->command->not_here || is_help(word))) {
			if (take_flag(words, false, err) < 0)
				return -1;
		} else {
			words->args[words->args_len++] = word;
			words->argv++;
		}
	}
	return 0;
}

/* In the old form flags stand before the file alone. */
static int take_all(struct sops_words *words, struct error *err)
{
	while (is_flag(*words->argv))
		if (take_flag(words, true, err) < 0)
			return -1;
	if (*words->argv && strcmp(*words->argv, "--") == 0)
		words->argv++;
	words->command = take_command(words);
	words->old_form = !words->command;
	if (words->old_form) {
		take_arguments(words);
		return 0;
	}
	drop_old_form(words);
	return take_behind(words, err);
}

int sops_words_take(int argc, const char *const *argv, struct sops_words *ret_words,
		    struct error *err)
{
	AUTO(sops_words) words = SOPS_WORDS_INIT;
	/* --set makes three arguments of two words */
	const size_t most = (size_t)argc + 3;

	words.argv = argv;
	words.given = calloc(most, sizeof(*words.given));
	words.args = calloc(most, sizeof(*words.args));
	if (!words.given || !words.args)
		return error_memory(err);
	if (take_all(&words, err) < 0) {
		/* whose command line it was */
		ret_words->command = words.command;
		return -1;
	}
	*ret_words = words;
	words = SOPS_WORDS_INIT;
	return 0;
}

const struct sops_given *sops_words_find(const struct sops_words *words, const char *name)
{
	for (size_t i = words->given_len; i > 0; i--)
		if (strcmp(sops_flag_name(words->given[i - 1].flag), name) == 0)
			return words->given[i - 1].off ? NULL : &words->given[i - 1];
	return NULL;
}
