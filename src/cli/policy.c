/* SPDX-License-Identifier: MIT */
#include "cli/policy.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sops/rules.h"
#include "util/file.h"
#include "util/text.h"

/* path without "." and "..", from the root on: by its letters alone, as sops compares paths. */
static int absolute(const char *path, struct buf *ret_path, struct error *err)
{
	AUTO(buf) whole = BUF_INIT;
	AUTO_FREE char *here = path[0] == '/' ? NULL : get_current_dir_name();
	struct span rest, part;

	if (path[0] != '/' && !here)
		return error_sys(err, "cannot tell the working directory");
	if (buf_printf(&whole, err, "%s/%s", here ? here : "", path) < 0)
		return -1;
	rest = buf_span(&whole);
	while (span_take_until(&rest, '/', &part)) {
		if (part.len == 0 || span_equal_text(part, "."))
			continue;
		if (!span_equal_text(part, "..")) {
			if (buf_append_text(ret_path, "/", err) < 0 ||
			    buf_append_span(ret_path, part, err) < 0)
				return -1;
			continue;
		}
		while (ret_path->len > 0 && ret_path->data[--ret_path->len] != '/')
			;
	}
	return 0;
}

/* What path_regex is compared with: file from the directory of the rules file on, or all of it. */
static int make_target(const char *rules_name, const char *file, char **ret_target,
		       struct error *err)
{
	AUTO(buf) base = BUF_INIT;
	AUTO(buf) target = BUF_INIT;
	struct span path;

	if (absolute(rules_name, &base, err) < 0 || absolute(file, &target, err) < 0)
		return -1;
	while (base.len > 0 && base.data[base.len - 1] != '/')
		base.len--;
	path = buf_span(&target);
	if (base.len > 0 && path.len > base.len && memcmp(path.data, base.data, base.len) == 0)
		path = span_slice(path, base.len, path.len);
	*ret_target = path.len > 0 ? strndup((const char *)path.data, path.len) : strdup("");
	return *ret_target ? 0 : error_memory(err);
}

/* What is only found there never makes us wait, as a FIFO would; what was named may be one. */
static int read_rules(struct policy_source *source, const char *name, bool named, struct error *err)
{
	if ((named ? file_read(AT_FDCWD, name, SOPS_RULES_MAX, &source->rules, err)
		   : file_read_regular(AT_FDCWD, name, SOPS_RULES_MAX, &source->rules, err)) < 0) {
		/* it is not the file to be sealed that is not there */
		if (err->kind == ERROR_NO_FILE)
			err->kind = ERROR_CONFIG;
		return error_wrap(err, "could not read config file");
	}
	source->rules_name = strdup(name);
	return source->rules_name ? 0 : error_memory(err);
}

static int make_name(struct span directory, const char *name, struct buf *ret_name,
		     const char **ret_text, struct error *err)
{
	if (buf_append_span(ret_name, directory, err) < 0 ||
	    buf_append_text(ret_name, name, err) < 0)
		return -1;
	return buf_text(ret_name, ret_text, err);
}

/* Is there a file of rules? One that is called nearly so is remembered, the first of them. */
static int look_in(struct policy_source *source, struct span directory, struct buf *other,
		   struct error *err)
{
	AUTO(buf) name = BUF_INIT;
	AUTO(buf) near = BUF_INIT;
	const char *text;

	if (make_name(directory, SOPS_RULES_FILE, &name, &text, err) < 0)
		return -1;
	if (access(text, F_OK) == 0)
		return read_rules(source, text, false, err);
	if (make_name(directory, SOPS_RULES_OTHER_FILE, &near, &text, err) < 0)
		return -1;
	if (other->len == 0 && access(text, F_OK) == 0)
		*other = buf_move(&near);
	return 0;
}

/* directory ("" or "DIR/"), "../" behind it, "../../", … up to the root. */
static int find_upward(struct policy_source *source, struct span directory, struct buf *other,
		       struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	AUTO(buf) start = BUF_INIT;
	size_t levels = 0;
	const char *text;

	if (buf_append_span(&path, directory, err) < 0 || buf_text(&path, &text, err) < 0 ||
	    absolute(text, &start, err) < 0)
		return -1;
	for (size_t i = 0; i < start.len; i++)
		levels += start.data[i] == '/';
	for (size_t i = 0; i <= levels && i < SOPS_RULES_LEVELS_MAX && !source->rules_name; i++)
		if ((i > 0 && buf_append_text(&path, "../", err) < 0) ||
		    look_in(source, buf_span(&path), other, err) < 0)
			return -1;
	return 0;
}

/* From the working directory, as sops does; where there is none, from the file's own. */
static int find_rules(struct policy_source *source, const char *file, struct error *err)
{
	AUTO(buf) other = BUF_INIT;
	const char *slash = strrchr(file, '/'), *text;

	if (find_upward(source, SPAN_INIT, &other, err) < 0)
		return -1;
	if (!source->rules_name && slash &&
	    find_upward(source, span_of(file, (size_t)(slash + 1 - file)), &other, err) < 0)
		return -1;
	if (other.len == 0)
		return 0;
	if (buf_text(&other, &text, err) < 0)
		return -1;
	fprintf(stderr, "bootseal: ignoring \"%s\": the file of rules must be called \"%s\"\n",
		text_printable_text(text).text, SOPS_RULES_FILE);
	return 0;
}

/* Does one of the texts, or what the environment says in their place, name a plugin's recipient? */
static bool names_plugin(const struct option_texts *texts, const char *variable)
{
	const char *environment = getenv(variable);

	for (size_t i = 0; i < texts->len; i++)
		if (keyring_programs_are_needed(span_of_text(texts->items[i])))
			return true;
	return environment && keyring_programs_are_needed(span_of_text(environment));
}

/* gpg and plugins can only be started before the sandbox is entered, and there alone are the rules parsed. */
static int prepare_programs(struct policy_source *source, struct error *err)
{
	const char *environment = getenv("SOPS_PGP_FP");

	if (source->options->pgp.len == 0 && (!environment || environment[0] == '\0') &&
	    !names_plugin(&source->options->age, "SOPS_AGE_RECIPIENTS") &&
	    !keyring_programs_are_needed(secret_span(&source->rules)))
		return 0;
	return keyring_programs_start(&source->programs, err);
}

int policy_read_rules(const struct policy_options *options, const char *file,
		      struct policy_source *ret_source, struct error *err)
{
	AUTO(policy_source) source = POLICY_SOURCE_INIT;
	const char *named = options->config ? options->config : getenv("SOPS_CONFIG");

	source.options = options;
	if (options->indent > SOPS_JSON_INDENT_MAX)
		return error_set(err, ERROR_USAGE, "--indent takes a number from 1 to %d",
				 SOPS_JSON_INDENT_MAX);
	if (named && named[0] != '\0' ? read_rules(&source, named, true, err) < 0
				      : find_rules(&source, file, err) < 0)
		return -1;
	if (source.rules_name && make_target(source.rules_name, file, &source.target, err) < 0)
		return -1;
	*ret_source = source;
	source = POLICY_SOURCE_INIT;
	return 0;
}

int policy_read(const struct policy_options *options, const char *file,
		struct policy_source *ret_source, struct error *err)
{
	AUTO(policy_source) source = POLICY_SOURCE_INIT;

	if (policy_read_rules(options, file, &source, err) < 0 ||
	    prepare_programs(&source, err) < 0)
		return -1;
	*ret_source = source;
	source = POLICY_SOURCE_INIT;
	return 0;
}

bool policy_is_given(const struct policy_options *options)
{
	bool selects = false;

	for (unsigned kind = 0; kind < SOPS_SELECTORS; kind++)
		selects = selects || options->selectors[kind];
	return selects || options->age.len > 0 || options->pgp.len > 0 || options->threshold > 0 ||
	       options->mac_only_encrypted || options->indent > 0;
}

static int add_keys(struct sops_policy *policy, enum sops_key_kind kind, const char *list,
		    struct error *err)
{
	struct sops_groups *groups = &policy->groups;

	if (groups->len == 0 && sops_groups_open(groups, err) < 0)
		return -1;
	if (sops_groups_add_list(groups, 0, kind, span_of_text(list), true, err) == 0)
		return 0;
	if (err->kind == ERROR_FORMAT)
		err->kind = ERROR_USAGE;
	return -1;
}

/* The keys of one kind that options name or, where there are none, the environment. */
static int add_given(const struct option_texts *given, const char *variable,
		     enum sops_key_kind kind, struct sops_policy *policy, struct error *err)
{
	const char *environment = getenv(variable);

	for (size_t i = 0; i < given->len; i++)
		if (add_keys(policy, kind, given->items[i], err) < 0)
			return -1;
	if (given->len == 0 && environment && environment[0] != '\0')
		return add_keys(policy, kind, environment, err);
	return 0;
}

static int add_given_keys(const struct policy_source *source, struct sops_policy *policy,
			  struct error *err)
{
	const struct policy_options *options = source->options;

	return add_given(&options->pgp, "SOPS_PGP_FP", SOPS_KEY_PGP, policy, err) < 0
		       ? -1
		       : add_given(&options->age, "SOPS_AGE_RECIPIENTS", SOPS_KEY_AGE, policy, err);
}

static int add_given_selectors(const struct policy_source *source, struct sops_selector *selector,
			       struct error *err)
{
	for (unsigned kind = 0; kind < SOPS_SELECTORS; kind++) {
		const char *text = source->options->selectors[kind];

		if (!text)
			continue;
		/* over the rule's own of this kind; beside one of another kind it is a conflict */
		if (selector->text && selector->kind == (enum sops_selector_kind)kind)
			sops_selector_release(selector);
		if (sops_selector_set(selector, (enum sops_selector_kind)kind, span_of_text(text),
				      err) < 0)
			return -1;
	}
	return 0;
}

static int apply_rules(struct policy_source *source, struct sops_policy *policy, struct error *err)
{
	AUTO(sops_policy) rule = SOPS_POLICY_INIT;
	const bool has_keys = policy->groups.len > 0;
	bool found = false;

	if (!source->rules_name)
		return 0;
	if ((has_keys ? sops_rules_policy_but_keys
		      : sops_rules_policy)(&source->rules, source->rules_name, source->target,
					   &rule, &found, err) < 0)
		return -1;
	policy->indent = rule.indent;
	policy->json_indent = rule.json_indent;
	policy->binary_indent = rule.binary_indent;
	policy->mac_only_encrypted = rule.mac_only_encrypted;
	policy->selector = rule.selector;
	rule.selector = SOPS_SELECTOR_INIT;
	if (has_keys) {
		policy->groups.threshold = rule.groups.threshold;
		return 0;
	}
	policy->groups = rule.groups;
	rule.groups = SOPS_GROUPS_INIT;
	if (rule.empty_line == 0)
		return 0;
	/* in sops' words, which scripts look for; it names no line */
	(void)error_set(err, ERROR_CONFIG,
			"Could not generate data key: [empty key group provided]");
	return error_wrap(err, "\"%s\", line %zu", text_printable_text(source->rules_name).text,
			  rule.empty_line);
}

int policy_make(struct policy_source *source, struct sops_policy *ret_policy, struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;

	if (add_given_keys(source, &policy, err) < 0 || apply_rules(source, &policy, err) < 0 ||
	    add_given_selectors(source, &policy.selector, err) < 0)
		return -1;
	if (source->options->mac_only_encrypted)
		policy.mac_only_encrypted = true;
	if (source->options->threshold > SOPS_GROUPS_MAX)
		return error_set(err, ERROR_USAGE,
				 "--shamir-secret-sharing-threshold takes a number up to %d",
				 SOPS_GROUPS_MAX);
	if (source->options->threshold > 0)
		policy.groups.threshold = (unsigned)source->options->threshold;
	policy.programs = keyring_programs_use(&source->programs);
	if (source->options->indent > 0) {
		policy.indent = (unsigned)source->options->indent;
		policy.json_indent = policy.binary_indent = (int)source->options->indent;
	}
	if (policy.groups.len == 0) {
		(void)error_set(err, ERROR_CONFIG,
				"config file not found, or has no creation rules, and no "
				"keys provided through command line options");
		return error_hint(err, "give --age, or make a %s with \"bootseal init\"",
				  SOPS_RULES_FILE);
	}
	*ret_policy = policy;
	policy = SOPS_POLICY_INIT;
	return 0;
}

/* The same rules, to be asked about another file; what it borrows stays source's. */
static int retarget(const struct policy_source *source, const char *file, struct secret *rules,
		    char **ret_target, struct policy_source *ret_source, struct error *err)
{
	if (secret_append_span(rules, secret_span(&source->rules), err) < 0 ||
	    make_target(source->rules_name, file, ret_target, err) < 0)
		return -1;
	*ret_source = *source;
	ret_source->rules = *rules;
	ret_source->target = *ret_target;
	*rules = SECRET_INIT;
	return 0;
}

int policy_make_for(const struct policy_source *source, const char *file,
		    struct sops_policy *ret_policy, struct error *err)
{
	AUTO(secret) rules = SECRET_INIT;
	AUTO_FREE char *target = NULL;
	struct policy_source other = *source;
	int result;

	if (source->rules_name && retarget(source, file, &rules, &target, &other, err) < 0)
		return -1;
	result = policy_make(&other, ret_policy, err);
	if (source->rules_name)
		secret_release(&other.rules);
	return result;
}

int policy_rule(const struct policy_source *source, const char *file,
		struct sops_policy *ret_policy, bool *ret_found, struct error *err)
{
	AUTO(secret) rules = SECRET_INIT;
	AUTO_FREE char *target = NULL;

	*ret_found = false;
	if (!source->rules_name)
		return 0;
	if (secret_append_span(&rules, secret_span(&source->rules), err) < 0 ||
	    make_target(source->rules_name, file, &target, err) < 0)
		return -1;
	return sops_rules_policy(&rules, source->rules_name, target, ret_policy, ret_found, err);
}

int policy_indent(const struct policy_source *source, enum doc_format format, unsigned *ret_indent,
		  struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) rules = SECRET_INIT;

	if (source->options->indent > 0) {
		*ret_indent = (unsigned)source->options->indent;
		return 0;
	}
	if (source->rules_name &&
	    (secret_append_span(&rules, secret_span(&source->rules), err) < 0 ||
	     sops_rules_layout(&rules, source->rules_name, &policy, err) < 0))
		return -1;
	*ret_indent = format == DOC_JSON ? (unsigned)policy.json_indent : policy.indent;
	return 0;
}

void policy_source_release(struct policy_source *source)
{
	free(source->rules_name);
	free(source->target);
	secret_release(&source->rules);
	keyring_programs_release(&source->programs);
	*source = POLICY_SOURCE_INIT;
}
