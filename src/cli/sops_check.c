/* SPDX-License-Identifier: MIT */
/* What sops looks at before it does anything, and what it ends with where that is wrong. */
#include "sops_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/policy.h"
#include "doc/doc.h"
#include "util/text.h"

#define STATUS_FAILED 1
#define STATUS_NOT_READ 2
#define STATUS_NO_KEYS_TO_CHANGE 49
#define STATUS_NO_FILE 100

/* Environment variables that name keys for new files, which we cannot seal to. */
static const char *const refused_variables[] = { "SOPS_KMS_ARN", "SOPS_GCP_KMS_IDS",
						 "SOPS_HUAWEICLOUD_KMS_IDS",
						 "SOPS_AZURE_KEYVAULT_URLS", "SOPS_VAULT_URIS" };

/* As sops says it: above all flags behind the file are easily meant otherwise. */
void sops_warn_of_more(const struct sops_words *p)
{
	const char *flag = NULL;

	fputs("sops: more than one positional argument is given; only the first one is used\n",
	      stderr);
	for (size_t i = 1; i < p->args_len; i++)
		flag = p->args[i][0] == '-' ? p->args[i] : flag;
	if (flag)
		fprintf(stderr,
			"sops: \"%s\" stands behind the file and is left out: flags are given "
			"before it\n",
			text_printable_text(flag).text);
}

static bool is_command(const struct sops_words *p, const char *name)
{
	return strcmp(p->command->name, name) == 0;
}

static bool is_directory(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 && S_ISDIR(status.st_mode);
}

/* What the flag holds, or else the variable; NULL for nothing. */
static const char *find_given(const struct sops_words *p, const char *flag, const char *variable)
{
	const struct sops_given *given = sops_words_find(p, flag);
	const char *text = given && given->value[0] != '\0' ? given->value : getenv(variable);

	return text && text[0] != '\0' ? text : NULL;
}

/* A file of rules that was named must be there, whatever is done. */
static int check_config(const struct sops_words *p, struct sops_call *call, struct error *err)
{
	const char *name = find_given(p, "config", "SOPS_CONFIG");
	const int why = !name				  ? 0
			: access(name, R_OK) < 0	  ? errno
			: is_directory(name)		  ? EISDIR
							  : 0;

	if (why == 0)
		return 0;
	call->status = STATUS_FAILED;
	return error_set(err, ERROR_CONFIG, "could not read config file: cannot open \"%s\": %s",
			 text_printable_text(name).text, strerror(why));
}

/* In which format is it written? */
static enum doc_format format_of(const struct sops_words *p)
{
	static const char *const types[] = { "output-type", "input-type" };
	const struct sops_given *given = sops_words_find(p, "filename-override");
	enum doc_format format;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct sops_given *type = sops_words_find(p, types[i]);

		if (type && doc_format_of_type(type->value, &format))
			return format;
	}
	return doc_format_of_name(given ? given->value : p->args_len > 0 ? p->args[0] : "");
}

/* A negative number of columns: JSON's -1 is a tab, as without it, and some formats have none. */
static int check_indent(struct sops_words *p, struct error *err)
{
	static const char *const writers[] = { "encrypt", "decrypt", "edit", "rotate", "set", "unset" };
	const struct sops_given *given = sops_words_find(p, "indent");
	const enum doc_format format = format_of(p);
	bool writes = false;
	char *end;
	long indent;

	if (!given)
		return 0;
	indent = strtol(given->value, &end, 10);
	if (indent >= 0 || *end != '\0')
		return 0;
	for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++)
		writes = writes || is_command(p, writers[i]);
	if (writes && format == DOC_YAML)
		return error_set(err, ERROR_DUMP, "YAML Negative indentation not accepted");
	if (writes && indent < -1 &&
	    (format == DOC_JSON || (format == DOC_BINARY && !is_command(p, "decrypt"))))
		return error_set(err, ERROR_DUMP,
				 "JSON Indentation parameter smaller than -1 is not accepted");
	p->given[given - p->given].value = "0";
	return 0;
}

/* Is there a file of rules for file? */
static int find_config(const char *file, bool *ret_found, struct error *err)
{
	const struct policy_options options = { .config = NULL };
	AUTO(policy_source) source = POLICY_SOURCE_INIT;

	if (policy_read_rules(&options, file, &source, err) < 0)
		return -1;
	*ret_found = source.rules_name != NULL;
	return 0;
}

/* Rules, where there is nothing else to go by: of what is in the file, nothing is looked at before. */
static int check_policy(const struct sops_words *p, struct sops_call *call, struct error *err)
{
	const bool seals = is_command(p, "encrypt") && p->args_len > 0 &&
			   !find_given(p, "age", "SOPS_AGE_RECIPIENTS") &&
			   !find_given(p, "pgp", "SOPS_PGP_FP");
	const bool idle = is_command(p, "updatekeys") && p->args_len == 0;
	bool found;

	if ((!seals && !idle) || find_given(p, "config", "SOPS_CONFIG"))
		return 0;
	if (find_config(seals ? p->args[0] : "", &found, err) < 0)
		return -1;
	if (found)
		return 0;
	call->status = STATUS_FAILED;
	return error_set(err, ERROR_CONFIG, "%s",
			 seals ? "config file not found, or has no creation rules, and no keys "
				 "provided through command line options"
			       : "config file not found");
}

static int check_number(struct sops_words *p, struct sops_call *call, struct error *err)
{
	const struct sops_command *command = p->command;
	size_t min = command->min_args, max = command->max_args;

	if (strcmp(command->name, "set") == 0)
		min = max = sops_words_find(p, "value-stdin") ? 2 : 3;
	if (p->args_len < min || (p->args_len > max && command->exact)) {
		call->status = command->missing_status;
		return error_set(err, ERROR_USAGE, "%s", command->missing);
	}
	if (strcmp(command->name, "encrypt") == 0 && p->args_len == 0 &&
	    !sops_words_find(p, "filename-override"))
		return error_set(err, ERROR_CONFLICT,
				 "must specify --filename-override when reading from stdin");
	if (p->args_len > max) {
		sops_warn_of_more(p);
		p->args_len = max;
	}
	return 0;
}

/* Is a key to be added, or taken away? */
static bool changes_keys(const struct sops_words *p)
{
	for (size_t i = 0; i < p->given_len; i++) {
		const char *name = sops_flag_name(p->given[i].flag);

		if (strncmp(name, "add-", 4) == 0 || strncmp(name, "rm-", 3) == 0)
			return true;
	}
	return false;
}

/* A directory where a file is to be read at once. */
static int check_directory(const struct sops_words *p, struct sops_call *call, struct error *err)
{
	static const char *const others[] = { "updatekeys", "publish", "keyservice", "completion" };
	const struct sops_given *file = sops_words_find(p, "file");
	const char *name = strncmp(p->command->name, "groups ", 7) == 0
				   ? (file ? file->value : NULL)
			   : p->args_len > 0 ? p->args[0]
					     : NULL;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (is_command(p, others[i]))
			return 0;
	if (!name || !is_directory(name))
		return 0;
	if (check_policy(p, call, err) < 0)
		return -1;
	call->status = is_command(p, "filestatus") ? STATUS_FAILED : STATUS_NOT_READ;
	return error_set(err, ERROR_SYSTEM, "Error reading file: read %s: is a directory",
			 text_printable_text(name).text);
}

static int check_file(const struct sops_words *p, struct sops_call *call, struct error *err)
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
	call->status = changes                                ? STATUS_NO_KEYS_TO_CHANGE
		       : strcmp(p->command->name, "set") == 0 ? STATUS_NOT_READ
							      : STATUS_NO_FILE;
	here = name[0] == '/' ? NULL : get_current_dir_name();
	return error_set(err, ERROR_NO_FILE, "cannot %s non-existent file \"%s%s%s\"",
			 changes ? "add or remove keys on" : "operate on", here ? here : "",
			 here ? "/" : "", text_printable_text(name).text);
}

int sops_refuse(const char *what, const char *name, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED,
			 "%s%s is not supported: this is bootseal, which has age, SSH and PGP keys "
			 "and talks to nobody",
			 what, name);
}

/* Keys in the environment count for new files, as the flags do. */
static int check_environment(const struct sops_words *p, struct error *err)
{
	if (strcmp(p->command->name, "encrypt") != 0)
		return 0;
	for (size_t i = 0; i < sizeof(refused_variables) / sizeof(*refused_variables); i++) {
		const char *value = getenv(refused_variables[i]);

		if (value && value[0] != '\0')
			return sops_refuse("$", refused_variables[i], err);
	}
	return 0;
}

int sops_words_check(struct sops_words *words, struct sops_call *call, struct error *err)
{
	const bool idle = is_command(words, "updatekeys") && words->args_len == 0;

	if (idle ? check_policy(words, call, err) < 0 : check_config(words, call, err) < 0)
		return -1;
	if (check_number(words, call, err) < 0 || check_file(words, call, err) < 0 ||
	    check_directory(words, call, err) < 0 || check_indent(words, err) < 0)
		return -1;
	return check_environment(words, err);
}
