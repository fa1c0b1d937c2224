/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/keys.h"
#include "sops/file.h"
#include "sops/rules.h"
#include "util/file.h"
#include "util/text.h"
#include "util/tty.h"

#define FIRST_DIRECTORY "secrets"
#define FIRST_FILE "secrets/openclaw.yaml"
#define FIRST_PATTERN "^secrets/.*\\.yaml$"
#define FIRST_TEXT                                                                                 \
	"# What is secret; change it with: bootseal edit " FIRST_FILE "\n"                         \
	"example: this text is sealed\n"
#define NAMES_MAX 64

struct init_options {
	struct option_texts operators, hosts, scans, fingerprints;
};

static const struct option_spec init_options[] = {
	{ "operator", 0, "NAME[=FILE]", "a person and their key file; alone: your own key",
	  OPTION_TEXTS, offsetof(struct init_options, operators) },
	{ "host", 0, "NAME=FILE", "a host, with its public key file; - is stdin", OPTION_TEXTS,
	  offsetof(struct init_options, hosts) },
	{ "scan", 0, "NAME=HOST[:PORT]", "a host, to be asked for its key with ssh-keyscan",
	  OPTION_TEXTS, offsetof(struct init_options, scans) },
	{ "fingerprint", 0, "SHA256:...", "what a scanned key's must be, one for each --scan",
	  OPTION_TEXTS, offsetof(struct init_options, fingerprints) },
	{ .name = NULL },
};

/* The names that init is about to record. */
struct member {
	char name[KEYRING_NAME_MAX + 1];
	struct keys_taken taken;
	bool is_operator;
};

struct members {
	struct member *items;
	size_t len;
};

#define MEMBERS_INIT ((struct members){ NULL, 0 })

static void members_release(struct members *members)
{
	for (size_t i = 0; i < members->len; i++)
		keys_taken_release(&members->items[i].taken);
	free(members->items);
}

/* Room for one more; its name is checked, and new among the others. */
static int new_member(struct members *members, struct span name, bool is_operator,
		      struct member **ret_member, struct error *err)
{
	struct member *items;

	if (keyring_check_name(name, err))
		return -1;
	for (size_t i = 0; i < members->len; i++) {
		if (span_equal_text(name, members->items[i].name))
			return error_set(err, ERROR_USAGE, "the name \"%.*s\" is given twice",
					 SPAN_PRINT(name));
	}
	if (members->len == NAMES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d names", NAMES_MAX);
	items = realloc(members->items, (members->len + 1) * sizeof *items);
	if (!items)
		return error_memory(err);
	members->items = items;
	*ret_member = &items[members->len++];
	**ret_member = (struct member){ .taken = KEYS_TAKEN_INIT, .is_operator = is_operator };
	snprintf((*ret_member)->name, sizeof((*ret_member)->name), "%.*s", SPAN_PRINT(name));
	return 0;
}

static int take_own(struct members *members, struct span name, bool ask, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(buf) source = BUF_INIT;
	AUTO(buf) question = BUF_INIT;
	struct member *member = NULL;
	const char *path, *shown;
	bool yes = true;

	if (new_member(members, name, true, &member, err) || keys_find_own(&text, &source, err) ||
	    buf_text(&source, &path, err))
		return -1;
	if (buf_printf(&question, err, "Seal to your own key in %s, as \"%s\"?",
		       text_printable_text(path).text, member->name) ||
	    buf_text(&question, &shown, err) ||
	    (ask && tty_confirm(shown, "say whose key opens the files: --operator NAME[=FILE]",
				&yes, err)))
		return -1;
	if (!yes)
		return error_set(err, ERROR_CANCELLED, "nothing was changed");
	return keys_take(&(struct keys_request){ .name = member->name, .text = buf_span(&text) },
			 &member->taken, err);
}

/* "NAME=FILE" or, of an operator, "NAME" alone. */
static int take_option(struct members *members, const char *option, const char *text, bool is_scan,
		       const char *fingerprint, struct error *err)
{
	struct span rest = span_of_text(text), name;
	bool is_operator = strcmp(option, "operator") == 0;
	struct keys_request request = { .fingerprint = fingerprint };
	struct member *member = NULL;
	const char *source;

	if (!span_take_until(&rest, '=', &name))
		name = SPAN_INIT;
	if (is_operator && name.len == strlen(text))
		return take_own(members, name, false, err);
	if (name.len + 1 >= strlen(text))
		return error_set(err, ERROR_USAGE, "--%s \"%s\" is not NAME=%s", option,
				 text_printable_text(text).text, is_scan ? "HOST" : "FILE");
	if (new_member(members, name, is_operator, &member, err))
		return -1;
	source = text + name.len + 1;
	request.name = member->name;
	request.scan = is_scan ? source : NULL;
	request.from = is_scan ? NULL : source;
	return keys_take(&request, &member->taken, err);
}

/* Where nobody is named: the user, under the name of the login. */
static int take_user(struct members *members, struct error *err)
{
	char name[KEYRING_NAME_MAX + 1];
	const char *user = getenv("USER");

	keyring_propose_name(span_of_text(user && *user ? user : "operator"), name);
	return take_own(members, span_of_text(name[0] ? name : "operator"), true, err);
}

static int take_members(const struct init_options *options, struct members *members,
			struct error *err)
{
	const struct option_texts *prints = &options->fingerprints;

	if (prints->len > 0 && prints->len != options->scans.len)
		return error_set(err, ERROR_USAGE,
				 "there is not one --fingerprint for each --scan");
	if (options->operators.len == 0 && take_user(members, err))
		return -1;
	for (size_t i = 0; i < options->operators.len; i++) {
		if (take_option(members, "operator", options->operators.items[i], false, NULL, err))
			return -1;
	}
	for (size_t i = 0; i < options->hosts.len; i++) {
		if (take_option(members, "host", options->hosts.items[i], false, NULL, err))
			return -1;
	}
	for (size_t i = 0; i < options->scans.len; i++) {
		if (take_option(members, "scan", options->scans.items[i], true,
				prints->len > 0 ? prints->items[i] : NULL, err))
			return -1;
	}
	return 0;
}

/* One lost host must not be all secrets lost: no key may be an operator's and a host's. */
static int check_distinct(const struct members *members, struct error *err)
{
	for (size_t i = 0; i < members->len; i++) {
		for (size_t k = i + 1; k < members->len; k++) {
			const struct age_recipients *a = &members->items[i].taken.recipients;
			const struct age_recipients *b = &members->items[k].taken.recipients;

			for (size_t n = 0; n < a->len * b->len; n++) {
				if (!age_recipient_equal(&a->items[n / b->len],
							 &b->items[n % b->len]))
					continue;
				error_set(err, ERROR_DENIED, "\"%s\" and \"%s\" have the same key",
					  members->items[i].name, members->items[k].name);
				return error_hint(err,
						  "somebody who is not the host must be able to "
						  "open the files, or they are lost with it");
			}
		}
	}
	return 0;
}

static bool exists(int dir_fd, const char *path)
{
	struct stat status;

	return fstatat(dir_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static int refuse_existing(int root_fd, struct error *err)
{
	if (!exists(root_fd, SOPS_RULES_FILE))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is there already", SOPS_RULES_FILE);
	return error_hint(err, "add names to it with \"bootseal keys add\"");
}

/* What is to be a directory must be none yet, or one. */
static int check_directory(int root_fd, const char *name, struct error *err)
{
	struct stat status;

	if (!exists(root_fd, name) ||
	    (fstatat(root_fd, name, &status, 0) == 0 && S_ISDIR(status.st_mode)))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is there already, and is no directory", name);
	return error_hint(err, "move it away: nothing was changed");
}

static int rules_text(const struct members *members, struct buf *ret_text, struct error *err)
{
	struct keyring_name names[NAMES_MAX];
	const struct keyring_name *pointers[NAMES_MAX];

	for (size_t i = 0; i < members->len; i++) {
		names[i] = (struct keyring_name){ .name = members->items[i].name,
						  .recipients = members->items[i].taken.recipients,
						  .person = members->items[i].is_operator };
		pointers[i] = &names[i];
	}
	return keyring_rules_new(pointers, members->len, FIRST_PATTERN, ret_text, err);
}

/* What was there before this run, and stays whatever comes. */
struct before {
	bool names[NAMES_MAX];
	bool directory, file; /* FIRST_DIRECTORY, FIRST_FILE */
};

/* The first sealed file, by the rule that is about to be written. */
static int write_first(const struct keys_state *state, struct span rules, struct error *err)
{
	AUTO(secret) config = SECRET_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	bool found;

	return secret_append_span(&config, rules, err) ||
			       sops_rules_policy(&config, SOPS_RULES_FILE, FIRST_FILE, &policy,
						 &found, err) ||
			       secret_append_text(&plain, FIRST_TEXT, err) ||
			       sops_seal(DOC_YAML, &plain, &policy, &sealed, NULL, err) ||
			       file_make_directories(state->root.fd, FIRST_DIRECTORY, 0755, err) ||
			       file_write(state->root.fd, FIRST_FILE, secret_span(&sealed), 0644,
					  err)
		       ? -1
		       : 0;
}

/* .sops.yaml comes last: until it is there, a run that was killed can be made again. */
static int write_files(const struct keys_state *state, const struct members *members,
		       struct span rules, const struct before *before, struct error *err)
{
	for (size_t i = 0; i < members->len; i++) {
		if (!before->names[i] &&
		    keys_write_name(state, members->items[i].name,
				    buf_span(&members->items[i].taken.text), err))
			return -1;
	}
	return (!before->file && write_first(state, rules, err)) ||
			       keys_write_rules(state, rules, err)
		       ? -1
		       : 0;
}

static void take_back(const struct keys_state *state, const struct members *members,
		      const struct before *before)
{
	if (!before->file)
		(void)unlinkat(state->root.fd, FIRST_FILE, 0);
	if (!before->directory)
		(void)unlinkat(state->root.fd, FIRST_DIRECTORY, AT_REMOVEDIR);
	for (size_t i = 0; i < members->len; i++) {
		if (!before->names[i])
			keys_unwrite_name(state, members->items[i].name);
	}
}

static int write_all(const struct keys_state *state, const struct members *members,
		     struct error *err)
{
	AUTO(buf) rules = BUF_INIT;
	struct before before = { .directory = exists(state->root.fd, FIRST_DIRECTORY),
				 .file = exists(state->root.fd, FIRST_FILE) };

	if (state->has_rules)
		return refuse_existing(state->root.fd, err);
	if (rules_text(members, &rules, err))
		return -1;
	for (size_t i = 0; i < members->len; i++) {
		if (keys_check_new(state, members->items[i].name,
				   &members->items[i].taken.recipients, &before.names[i], err))
			return -1;
	}
	if (before.file)
		fprintf(stderr, "%s is there already, and stays as it is\n", FIRST_FILE);
	if (write_files(state, members, buf_span(&rules), &before, err)) {
		take_back(state, members, &before);
		return -1;
	}
	return 0;
}

/* What others need for it, who use sops. */
static void tell_native(const struct member *member)
{
	bool has_ssh = false;

	for (size_t i = 0; i < member->taken.recipients.len; i++)
		has_ssh = has_ssh || member->taken.recipients.items[i].wire.len > 0;
	if (member->is_operator && has_ssh)
		fprintf(stderr, "%s: sops opens files with this SSH key from its version 3.10 on\n",
			member->name);
}

static void report(const struct members *members)
{
	bool has_host = false;

	for (size_t i = 0; i < members->len; i++) {
		keys_report(members->items[i].name, &members->items[i].taken);
		has_host = has_host || !members->items[i].is_operator;
		tell_native(&members->items[i]);
	}
	fprintf(stderr, "%s/ says who exists, %s who may read what, %s is sealed to all of them\n",
		KEYRING_DIRECTORY, SOPS_RULES_FILE, FIRST_FILE);
	if (!has_host)
		fprintf(stderr, "next: bootseal keys add HOSTNAME --scan HOST\n");
	else
		fprintf(stderr, "next: bootseal edit %s\n", FIRST_FILE);
}

static int run(const struct invocation *invocation, struct error *err)
{
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;
	AUTO(keys_state) state = KEYS_STATE_INIT;
	AUTO(members) members = MEMBERS_INIT;
	const struct keys_access access = { .writing = true, .directory = FIRST_DIRECTORY };

	if (keyring_root_open(".", &root, err) || refuse_existing(root.fd, err) ||
	    check_directory(root.fd, KEYRING_DIRECTORY, err) ||
	    check_directory(root.fd, FIRST_DIRECTORY, err) ||
	    take_members(invocation->options, &members, err) || check_distinct(&members, err) ||
	    keys_state_load(&root, &access, &state, err) || write_all(&state, &members, err))
		return -1;
	report(&members);
	return 0;
}

const struct command cmd_init = {
	.name = "init",
	.group = "start",
	.summary = "make keys/, .sops.yaml and a first sealed file here",
	.synopsis = "[--operator NAME[=FILE]] [--host NAME=FILE] ...",
	.example = "bootseal init --operator alice --scan web1=web1.example",
	.options = init_options,
	.options_size = sizeof(struct init_options),
	.run = run,
};
