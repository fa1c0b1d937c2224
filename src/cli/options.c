/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/usage.h"
#include "util/text.h"

/* How far apart two names may be for one to be offered for the other. */
#define NEAR 3
#define NAME_MAX_COMPARED 40

static const struct option_spec no_options[] = { { .name = NULL } };

/* The least number of inserted, removed and changed characters (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	const size_t a_len = strlen(a), b_len = strlen(b);
	size_t row[NAME_MAX_COMPARED + 1];

	if (a_len > NAME_MAX_COMPARED || b_len > NAME_MAX_COMPARED)
		return NAME_MAX_COMPARED;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			const size_t changed = diagonal + (a[i - 1] != b[j - 1]);
			size_t best = row[j] + 1;

			diagonal = row[j];
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			row[j] = changed < best ? changed : best;
		}
	}
	return row[b_len];
}

static void offer(const char *candidate, const char *word, size_t *best, const char **nearest)
{
	const size_t apart = distance(word, candidate);

	if (apart < *best) {
		*best = apart;
		*nearest = candidate;
	}
}

static int fail_usage(const struct command *command, struct error *err)
{
	return error_hint(err, "see \"bootseal help %s\"", command->name);
}

/* As Go's flags say it, which are what the tools have that we are called as. */
static int fail_as_go(const char *what, const char *word, struct error *err)
{
	const char *bare = word + strspn(word, "-");

	return error_set(err, ERROR_USAGE, "%s-%s", what,
			 text_printable(span_of(bare, strcspn(bare, "="))).text);
}

static int fail_unknown(const struct command *command, const char *word, struct error *err)
{
	const struct option_spec *option = command->options ? command->options : no_options;
	const char *nearest = NULL, *bare = word + strspn(word, "-");
	size_t best = NEAR;

	error_set(err, ERROR_USAGE, "%s: unknown option \"%s\"", command->name,
		  text_printable_text(word).text);
	for (; option->name != NULL; option++)
		offer(option->name, bare, &best, &nearest);
	if (nearest != NULL)
		return error_hint(err, "did you mean --%s?", nearest);
	return fail_usage(command, err);
}

static const struct option_spec *find_long(const struct command *command, const char *name,
					   size_t len)
{
	const struct option_spec *option = command->options ? command->options : no_options;

	for (; option->name != NULL; option++)
		if (strlen(option->name) == len && strncmp(option->name, name, len) == 0)
			return option;
	return NULL;
}

static const struct option_spec *find_letter(const struct command *command, char letter)
{
	const struct option_spec *option = command->options ? command->options : no_options;

	for (; option->name != NULL; option++)
		if (option->letter == letter)
			return option;
	return NULL;
}

static int fail_repeated(const struct command *command, const struct option_spec *option,
			 struct error *err)
{
	error_set(err, ERROR_USAGE, "%s: --%s is given twice", command->name, option->name);
	return fail_usage(command, err);
}

static int store_number(const struct command *command, const struct option_spec *option,
			const char *value, unsigned long *field, struct error *err)
{
	char *end;

	errno = 0;
	*field = strtoul(value, &end, 10);
	if (value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0)
		return 0;
	error_set(err, ERROR_USAGE, "%s: --%s takes a whole number, not \"%s\"", command->name,
		  option->name, text_printable_text(value).text);
	return fail_usage(command, err);
}

struct parser {
	const struct command *command;
	const char *const *argv; /* what is left, NULL-terminated */
	struct options *options;
	uint64_t seen; /* a bit for each of the command's options */
	size_t stored; /* values of repeated options */
	bool as_go;    /* as a tool of that name: the last of several counts, and errors are Go's */
};

/* value is NULL for a flag; repeated: was it given before, and may not be given twice? */
static int store(struct parser *p, const struct option_spec *option, const char *value,
		 bool repeated, struct error *err)
{
	const struct command *command = p->command;
	void *field = (char *)p->options->values + option->offset;
	struct option_texts *texts = field;

	if (repeated && option->type != OPTION_TEXTS)
		return fail_repeated(command, option, err);
	switch (option->type) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)field = value;
		return 0;
	case OPTION_NUMBER:
		return store_number(command, option, value, field, err);
	case OPTION_TEXTS:
		if (texts->len == OPTION_TEXTS_MAX)
			return error_set(err, ERROR_USAGE, "%s: --%s is given more than %d times",
					 command->name, option->name, OPTION_TEXTS_MAX);
		texts->at[texts->len] = p->stored++;
		texts->items[texts->len++] = value;
		return 0;
	}
	return error_set(err, ERROR_BUG, "an option has no type");
}

/* Go's flags take "=true" and "=false"; so do those of a command that is written with one dash. */
static bool take_truth(const struct command *command, const char *value, bool *ret_on)
{
	static const char *const words[2][6] = { { "false", "0", "f", "F", "FALSE", "False" },
						 { "true", "1", "t", "T", "TRUE", "True" } };

	for (size_t i = 0; (command->single_dash || command->one_dash) && i < 12; i++) {
		*ret_on = i >= 6;
		if (strcmp(value, words[i / 6][i % 6]) == 0)
			return true;
	}
	return false;
}

static int take_flag(struct parser *p, const struct option_spec *option, const char *word,
		     const char *inline_value, bool repeated, struct error *err)
{
	bool on = true;

	if (inline_value == NULL || take_truth(p->command, inline_value, &on))
		return on ? store(p, option, NULL, repeated, err) : 0;
	if (p->as_go) {
		const char *bare = word + strspn(word, "-");

		return error_set(err, ERROR_USAGE,
				 "invalid boolean value \"%s\" for -%.*s: parse error",
				 text_printable_text(inline_value).text, (int)strcspn(bare, "="),
				 bare);
	}
	error_set(err, ERROR_USAGE, "%s: --%s takes no value", p->command->name, option->name);
	return fail_usage(p->command, err);
}

/* Takes the value of option, as word spells it: inline_value, or the next word. */
static int take_value(struct parser *p, const struct option_spec *option, const char *word,
		      const char *inline_value, struct error *err)
{
	const uint64_t bit = (uint64_t)1 << (option - p->command->options);
	const bool repeated = (p->seen & bit) != 0 && !p->as_go;

	p->seen |= bit;
	if (option->type == OPTION_FLAG)
		return take_flag(p, option, word, inline_value, repeated, err);
	if (inline_value == NULL && *p->argv == NULL) {
		if (p->as_go)
			return fail_as_go("flag needs an argument: ", word, err);
		error_set(err, ERROR_USAGE, "%s: --%s needs a value (%s)", p->command->name,
			  option->name, option->value);
		return fail_usage(p->command, err);
	}
	return store(p, option, inline_value != NULL ? inline_value : *p->argv++, repeated, err);
}

/* name: the word without its dashes. */
static int take_long(struct parser *p, const char *word, const char *name, struct error *err)
{
	const char *equals = strchr(name, '=');
	const size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_spec *option = find_long(p->command, name, len);

	/* Go's flags: one letter is a name like any other */
	if (option == NULL && p->command->single_dash && len == 1)
		option = find_letter(p->command, name[0]);
	if (option != NULL)
		return take_value(p, option, word, equals ? equals + 1 : NULL, err);
	if (strcmp(name, "help") == 0) {
		p->options->help = true;
		return 0;
	}
	if (strcmp(name, "verbose") == 0) {
		p->options->verbose = true;
		return 0;
	}
	return p->as_go ? fail_as_go("flag provided but not defined: ", word, err)
			: fail_unknown(p->command, word, err);
}

/* "-i", "-oFILE", "-da": flags may share a dash with one another and, last, an option with a value. */
static int take_letters(struct parser *p, const char *word, struct error *err)
{
	for (const char *letter = word + 1; *letter != '\0'; letter++) {
		const struct option_spec *option = find_letter(p->command, *letter);

		/* "-o=FILE" is Go's */
		if (option != NULL && p->command->one_dash && letter[1] == '=')
			return take_value(p, option, word, letter + 2, err);
		if (option == NULL && *letter == 'h') {
			p->options->help = true;
		} else if (option == NULL && *letter == 'v') {
			p->options->verbose = true;
		} else if (option == NULL) {
			return p->as_go ? fail_as_go("flag provided but not defined: ", word, err)
					: fail_unknown(p->command, word, err);
		} else if (option->type == OPTION_FLAG) {
			if (take_value(p, option, word, NULL, err) < 0)
				return -1;
		} else {
			return take_value(p, option, word, letter[1] != '\0' ? letter + 1 : NULL,
					  err);
		}
	}
	return 0;
}

static int take_word(struct parser *p, const char *word, bool *only_args, struct error *err)
{
	if (*only_args || word[0] != '-' || word[1] == '\0') {
		p->options->args[p->options->args_len++] = word;
		return 0;
	}
	if (strcmp(word, "--") == 0) {
		*only_args = true;
		return 0;
	}
	if (word[1] == '-')
		return take_long(p, word, word + 2, err);
	/* "age -version", "-armor", "-output=FILE", as Go's flags have it */
	if ((p->command->single_dash && word[2] != '\0') || strcmp(word, "-version") == 0 ||
	    (p->command->one_dash && find_long(p->command, word + 1, strcspn(word + 1, "="))))
		return take_long(p, word, word + 1, err);
	return take_letters(p, word, err);
}

static int check_arguments(const struct command *command, const struct options *options,
			   struct error *err)
{
	if (options->args_len < command->min_args) {
		error_set(err, ERROR_USAGE, "%s: an argument is missing: %s", command->name,
			  command->synopsis);
		return fail_usage(command, err);
	}
	if (options->args_len > command->max_args) {
		error_set(err, ERROR_USAGE, "%s: one argument too many: \"%s\"", command->name,
			  text_printable_text(options->args[command->max_args]).text);
		return fail_usage(command, err);
	}
	return 0;
}

int options_parse(const struct command *command, bool as_go, int argc, const char *const *argv,
		  struct options *ret_options, struct error *err)
{
	AUTO(options) options = OPTIONS_INIT;
	struct parser p = { .command = command, .argv = argv, .options = &options, .as_go = as_go };
	bool only_args = false;

	options.values = calloc(1, command->options_size + 1);
	options.args = calloc((size_t)argc + 1, sizeof(*options.args));
	if (options.values == NULL || options.args == NULL)
		return error_memory(err);
	while (*p.argv != NULL)
		if (take_word(&p, *p.argv++, &only_args, err) < 0)
			return -1;
	if (!options.help && !as_go && check_arguments(command, &options, err) < 0)
		return -1;
	*ret_options = options;
	options = OPTIONS_INIT;
	return 0;
}

void options_release(struct options *options)
{
	free(options->values);
	free(options->args);
	*options = OPTIONS_INIT;
}

/* Does name, "one" or "one two", stand at the front of argv? Returns its number of words, 0 for no. */
static int match_name(const char *name, int argc, const char *const *argv)
{
	const char *blank = strchr(name, ' ');
	const size_t first = blank ? (size_t)(blank - name) : strlen(name);

	if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0)
		return 0;
	if (blank == NULL)
		return 1;
	return argc >= 2 && strcmp(argv[1], blank + 1) == 0 ? 2 : 0;
}

/* word is "keys" of "keys add", "keys list", …: the hint lists them. */
static int fail_group(const char *word, struct error *err)
{
	char names[ERROR_HINT_MAX] = "";
	size_t used = 0;

	for (const struct command *const *c = commands; *c != NULL && used < sizeof(names); c++) {
		const char *blank = strchr((*c)->name, ' ');

		if (blank != NULL && strncmp((*c)->name, word, strlen(word)) == 0)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used > 0 ? ", " : "", blank + 1);
	}
	error_set(err, ERROR_USAGE, "\"%s\" needs a command of its own behind it", word);
	return error_hint(err, "there are: %s", names);
}

int options_find_command(int argc, const char *const *argv, const struct command **ret_command,
			 int *ret_words, struct error *err)
{
	const char *nearest = NULL;
	size_t best = NEAR;

	for (const struct command *const *c = commands; *c != NULL; c++) {
		const int words = match_name((*c)->name, argc, argv);

		if (words > 0) {
			*ret_command = *c;
			*ret_words = words;
			return 0;
		}
	}
	if (usage_is_group(argv[0]))
		return fail_group(argv[0], err);
	for (const struct command *const *c = commands; *c != NULL; c++)
		offer((*c)->name, argv[0], &best, &nearest);
	error_set(err, ERROR_USAGE, "there is no command \"%s\"",
		  text_printable_text(argv[0]).text);
	if (nearest != NULL)
		return error_hint(err, "did you mean \"%s\"?", nearest);
	return error_hint(err, "see \"bootseal help\"");
}
