/* SPDX-License-Identifier: MIT */
#include "cli/sops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doc/doc.h"
#include "sops/meta.h"
#include "sops_flags.h"
#include "util/buf.h"
#include "util/text.h"
#include "util/tty.h"

/* One number: scripts look for one. */
#define VERSION_ANSWER "sops " SOPS_FORMAT_VERSION " (bootseal)"

#define STATUS_NO_KEYS_TO_CHANGE 49
#define STATUS_NO_FILE 100
#define STATUS_NO_TOPIC 3

/* Environment variables that name keys for new files, which we cannot seal to. */
static const char *const refused_variables[] = { "SOPS_KMS_ARN", "SOPS_GCP_KMS_IDS",
						 "SOPS_HUAWEICLOUD_KMS_IDS",
						 "SOPS_AZURE_KEYVAULT_URLS", "SOPS_VAULT_URIS" };

struct given {
	const struct sops_flag *flag;
	const char *value; /* NULL for a flag that takes none */
	bool global;       /* stands before the command */
};

struct parser {
	const char *const *argv;
	struct given *given;
	size_t given_len;
	const char **args;
	size_t args_len;
	const struct sops_command *command;
	bool old_form, help, version;
	int status; /* see struct sops_call */
};

#define PARSER_INIT ((struct parser){ NULL, NULL, 0, NULL, 0, NULL, false, false, false, 0 })

static void parser_release(struct parser *p)
{
	free(p->given);
	free(p->args);
}

static int unknown_flag(const char *word, struct error *err)
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

/* What stands behind "-n=" of a flag that takes no value; NULL: nothing. */
static int read_truth(const struct sops_flag *flag, const char *value, bool *ret_on,
		      struct error *err)
{
	static const char *const words[2][6] = { { "false", "0", "f", "F", "FALSE", "False" },
						 { "true", "1", "t", "T", "TRUE", "True" } };

	*ret_on = true;
	for (size_t i = 0; value && i < 12; i++)
		if (strcmp(value, words[i / 6][i % 6]) == 0) {
			*ret_on = i >= 6;
			return 0;
		}
	return value ? error_set(err, ERROR_USAGE, "invalid boolean value \"%s\" for -%s",
				 text_printable_text(value).text, sops_flag_name(flag))
		     : 0;
}

/* Go's flag package: "-n", "-n value", "-n=value"; the last one counts. */
static int take_flag(struct parser *p, bool global, struct error *err)
{
	const char *word = *p->argv++, *name = word + (word[1] == '-' ? 2 : 1);
	const size_t len = strcspn(name, "=");
	const struct sops_flag *flag = find_flag(name, len);
	const char *value = name[len] == '=' ? name + len + 1 : NULL;
	bool on = true;

	if (!flag)
		return unknown_flag(word, err);
	if (flag->has_value && !value && !(value = *p->argv))
		return error_set(err, ERROR_USAGE, "flag needs an argument: -%s",
				 sops_flag_name(flag));
	if (flag->has_value && value == *p->argv)
		p->argv++;
	if (!flag->has_value && read_truth(flag, value, &on, err) < 0)
		return -1;
	if (!on)
		return 0;
	p->help = p->help || flag->use == SOPS_HELP;
	p->version = p->version || flag->use == SOPS_VERSION;
	p->given[p->given_len++] = (struct given){ flag, flag->has_value ? value : NULL, global };
	return 0;
}

/* A negative number is a value. */
static bool is_flag(const char *word)
{
	return word && word[0] == '-' && word[1] != '\0' && strcmp(word, "--") != 0 &&
	       !(word[1] >= '0' && word[1] <= '9');
}

/* The command that the next word, or two, name. */
static const struct sops_command *take_command(struct parser *p)
{
	const struct sops_command *command = sops_commands;

	for (; *p->argv && command->name; command++) {
		const char *blank = strchr(command->name, ' ');
		const size_t len = strcspn(command->name, " ");

		if (strlen(*p->argv) != len || strncmp(*p->argv, command->name, len) != 0 ||
		    (blank && (!p->argv[1] || strcmp(p->argv[1], blank + 1) != 0)))
			continue;
		p->argv += blank ? 2 : 1;
		return command;
	}
	return NULL;
}

static const struct command *find_ours(const char *name)
{
	const struct command *const *command = commands;

	while (*command && strcmp((*command)->name, name) != 0)
		command++;
	return *command;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-help") == 0 || strcmp(word, "-h") == 0;
}

/* Does it do nothing here but say so, whatever flags it is given? */
static bool is_not_here(const struct sops_command *command)
{
	const struct command *ours = command ? find_ours(command->name) : NULL;

	return command && (!ours || !ours->options);
}

static int take_words(struct parser *p, struct error *err)
{
	while (is_flag(*p->argv))
		if (take_flag(p, true, err) < 0)
			return -1;
	p->command = take_command(p);
	p->old_form = !p->command;
	while (*p->argv) {
		if (strcmp(*p->argv, "--") == 0) {
			for (p->argv++; *p->argv;)
				p->args[p->args_len++] = *p->argv++;
		} else if (is_flag(*p->argv) && (!is_not_here(p->command) || is_help(*p->argv))) {
			if (take_flag(p, p->old_form, err) < 0)
				return -1;
		} else {
			p->args[p->args_len++] = *p->argv++;
		}
	}
	return 0;
}

static const struct given *find_given(const struct parser *p, const char *name)
{
	for (size_t i = p->given_len; i > 0; i--)
		if (strcmp(sops_flag_name(p->given[i - 1].flag), name) == 0)
			return &p->given[i - 1];
	return NULL;
}

static const struct sops_command *find_command(const char *name)
{
	const struct sops_command *command = sops_commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	return command;
}

/* The old form: -d, -e, -r and --set say which command it is; without any, the file is edited. */
static int choose_old_form(struct parser *p, struct error *err)
{
	const char *name = "edit";
	size_t modes = 0;

	for (const struct sops_flag *flag = sops_flags; flag->dashed; flag++)
		if ((flag->use == SOPS_MODE || flag->use == SOPS_SET) &&
		    find_given(p, sops_flag_name(flag))) {
			name = sops_flag_name(flag);
			modes++;
		}
	if (modes > 1)
		return error_set(err, ERROR_CONFLICT,
				 "more than one of --encrypt, --decrypt, --rotate and --set");
	p->command = find_command(name);
	if (p->args_len == 0) {
		p->status = STATUS_NO_FILE;
		return error_set(err, ERROR_NO_FILE, "no file specified");
	}
	return 0;
}

/* '["a"] "value"': INDEX and VALUE behind FILE, as the new form has them. */
static int split_set(struct parser *p, struct sops_call *call, struct error *err)
{
	const struct given *set = find_given(p, "set");
	char *blank;

	if (!set)
		return 0;
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

static int check_number(struct parser *p, struct error *err)
{
	const struct sops_command *command = p->command;
	size_t min = command->min_args, max = command->max_args;

	if (strcmp(command->name, "set") == 0)
		min = max = find_given(p, "value-stdin") ? 2 : 3;
	if (p->args_len < min || (p->args_len > max && command->exact)) {
		p->status = command->missing_status;
		return error_set(err, ERROR_USAGE, "%s", command->missing);
	}
	if (strcmp(command->name, "encrypt") == 0 && p->args_len == 0 &&
	    !find_given(p, "filename-override"))
		return error_set(err, ERROR_CONFLICT,
				 "must specify --filename-override when reading from stdin");
	if (p->args_len > max) {
		fputs("sops: more than one positional argument is given; only the first one is "
		      "used\n",
		      stderr);
		p->args_len = max;
	}
	return 0;
}

/* Is a key to be added, or taken away? */
static bool changes_keys(const struct parser *p)
{
	for (size_t i = 0; i < p->given_len; i++) {
		const char *name = sops_flag_name(p->given[i].flag);

		if (strncmp(name, "add-", 4) == 0 || strncmp(name, "rm-", 3) == 0)
			return true;
	}
	return false;
}

static int check_file(struct parser *p, struct error *err)
{
	const bool changes = changes_keys(p);
	AUTO_FREE char *here = NULL;
	const char *name;

	if (p->args_len == 0 || !(p->command->needs_file || p->old_form || changes) ||
	    (p->old_form && strcmp(p->command->name, "edit") == 0 && !changes))
		return 0;
	name = p->args[0];
	if (access(name, F_OK) == 0 || errno != ENOENT || strcmp(name, "-") == 0)
		return 0;
	p->status = changes ? STATUS_NO_KEYS_TO_CHANGE : STATUS_NO_FILE;
	here = name[0] == '/' ? NULL : get_current_dir_name();
	return error_set(err, ERROR_NO_FILE, "cannot %s non-existent file \"%s%s%s\"",
			 changes ? "add or remove keys on" : "operate on", here ? here : "",
			 here ? "/" : "", text_printable_text(name).text);
}

static int refuse(const char *what, const char *name, struct error *err)
{
	if (strcmp(name, "--background") == 0)
		return error_set(err, ERROR_UNSUPPORTED,
				 "--background is not supported: let the shell do that");
	if (strcmp(name, "completion") == 0)
		return error_set(err, ERROR_UNSUPPORTED, "completion is not supported");
	return error_set(err, ERROR_UNSUPPORTED,
			 "%s%s is not supported: this is bootseal, which has age, SSH and PGP keys "
			 "and talks to nobody",
			 what, name);
}

/* Keys in the environment count for new files, as the flags do. */
static int check_environment(const struct parser *p, struct error *err)
{
	if (strcmp(p->command->name, "encrypt") != 0)
		return 0;
	for (size_t i = 0; i < sizeof(refused_variables) / sizeof(*refused_variables); i++) {
		const char *value = getenv(refused_variables[i]);

		if (value && value[0] != '\0')
			return refuse("$", refused_variables[i], err);
	}
	return 0;
}

static bool has_option(const struct command *command, const char *name)
{
	const struct option_spec *option = command->options;

	while (option && option->name && strcmp(option->name, name) != 0)
		option++;
	return option && option->name;
}

static void add(struct sops_call *call, const struct given *given)
{
	call->words[call->words_len++] = given->flag->dashed;
	if (given->value)
		call->words[call->words_len++] = given->value;
}

/* May a flag of that kind stand there more than once, each for one more? */
static bool repeats(const struct parser *p)
{
	return strcmp(p->command->name, "groups add") == 0;
}

/* sops looks for these before the command, too, and for no others. */
static bool counts_before(const struct sops_flag *flag)
{
	static const char *const names[] = { "config", "indent", "mac-only-encrypted" };
	bool counts = flag->use == SOPS_VERBOSE || flag->use == SOPS_REFUSE;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		counts = counts || strcmp(sops_flag_name(flag), names[i]) == 0;
	return counts;
}

/* A flag that a command of sops takes and that changes nothing. */
static bool is_idle(const struct sops_command *command, const struct sops_flag *flag)
{
	return (strcmp(command->name, "set") == 0 || strcmp(command->name, "unset") == 0) &&
	       strcmp(sops_flag_name(flag), "shamir-secret-sharing-threshold") == 0;
}

/* The format that the file has anyway is one that rotate can write. */
static bool is_own_type(const struct parser *p, const struct given *given)
{
	const struct given *input = find_given(p, "input-type");
	enum doc_format format, own;

	if (strcmp(sops_flag_name(given->flag), "output-type") != 0 || p->args_len == 0 ||
	    !doc_format_of_type(given->value, &format))
		return false;
	if (!input || !doc_format_of_type(input->value, &own))
		own = doc_format_of_name(p->args[0]);
	return format == own;
}

static int pass_on(const struct parser *p, const struct given *given, struct sops_call *call,
		   struct error *err)
{
	enum doc_format format;

	if (given->global && !p->old_form && !counts_before(given->flag))
		return 0;

	switch (given->flag->use) {
	case SOPS_VERBOSE:
		call->verbose = true;
		return 0;
	case SOPS_REFUSE:
		return given->value && given->value[0] == '\0'
			       ? 0
			       : refuse("", given->flag->dashed, err);
	case SOPS_TYPE:
		if (!doc_format_of_type(given->value, &format))
			return 0;
		break;
	case SOPS_PASS:
		break;
	case SOPS_IGNORE:
	case SOPS_MODE:
	case SOPS_SET:
	case SOPS_HELP:
	case SOPS_VERSION:
		return 0;
	}
	/* an empty text is as if it were not given */
	if (given->value && given->value[0] == '\0')
		return 0;
	if (has_option(call->command, sops_flag_name(given->flag)))
		add(call, given);
	else if (!given->global && !is_idle(p->command, given->flag) && !is_own_type(p, given))
		return unknown_flag(sops_flag_name(given->flag), err);
	return 0;
}

static int make_words(struct parser *p, struct sops_call *call, struct error *err)
{
	for (size_t i = 0; i < p->given_len; i++) {
		const struct given *given = &p->given[i];

		if (given != find_given(p, sops_flag_name(given->flag)) && !repeats(p))
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

/* "help", and "groups" without its second word. */
static bool asks_for_help(const struct parser *p)
{
	return p->old_form && p->args_len > 0 &&
	       (strcmp(p->args[0], "help") == 0 || strcmp(p->args[0], "h") == 0 ||
		strcmp(p->args[0], "groups") == 0);
}

/* "groups" with another second word than those that there are. */
static int check_topic(struct parser *p, struct error *err)
{
	if (!asks_for_help(p) || p->args_len < 2 || strcmp(p->args[0], "groups") != 0)
		return 0;
	p->status = STATUS_NO_TOPIC;
	return error_set(err, ERROR_USAGE, "No help topic for '%s'",
			 text_printable_text(p->args[1]).text);
}

static int make_call(struct parser *p, struct sops_call *call, struct error *err)
{
	if (p->version) {
		call->answer = VERSION_ANSWER;
		return 0;
	}
	if (check_topic(p, err) < 0)
		return -1;
	if (p->help || asks_for_help(p)) {
		call->command = p->old_form ? NULL : find_ours(p->command->name);
		call->help = true;
		return 0;
	}
	if ((p->old_form && choose_old_form(p, err) < 0) || split_set(p, call, err) < 0 ||
	    check_number(p, err) < 0 || check_file(p, err) < 0 || check_environment(p, err) < 0)
		return -1;
	call->command = find_ours(p->command->name);
	if (!call->command)
		return refuse("", p->command->name, err);
	return make_words(p, call, err);
}

int sops_call_parse(int argc, const char *const *argv, struct sops_call *ret_call,
		    struct error *err)
{
	AUTO(parser) p = PARSER_INIT;
	AUTO(sops_call) call = SOPS_CALL_INIT;
	/* --set makes three arguments of two words */
	const size_t most = (size_t)argc + 3;

	p.argv = argv;
	p.given = calloc(most, sizeof(*p.given));
	p.args = calloc(most, sizeof(*p.args));
	/* each word of theirs is at most two of ours */
	call.words = calloc(2 * most + 2, sizeof(*call.words));
	if (!p.given || !p.args || !call.words)
		return error_memory(err);
	if (take_words(&p, err) < 0 || make_call(&p, &call, err) < 0) {
		ret_call->command = p.command ? find_ours(p.command->name) : NULL;
		ret_call->status = p.status;
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
