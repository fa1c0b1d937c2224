/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/keys.h"
#include "keyring/sealed.h"
#include "sops/rules.h"
#include "ssh/type.h"
#include "util/text.h"

struct add_options {
	const char *from, *scan, *type, *fingerprint;
	struct option_texts rules;
	bool no_rule, person;
};

static const struct option_spec add_options[] = {
	{ "from", 0, "FILE", "public key file or known_hosts lines; - is stdin", OPTION_TEXT,
	  offsetof(struct add_options, from) },
	{ "scan", 0, "HOST[:PORT]", "ask the host, with ssh-keyscan", OPTION_TEXT,
	  offsetof(struct add_options, scan) },
	{ "type", 0, "TYPE", "take the ssh-ed25519 or the ssh-rsa key, and no other SSH key",
	  OPTION_TEXT, offsetof(struct add_options, type) },
	{ "fingerprint", 0, "SHA256:...", "what the key's fingerprint must be", OPTION_TEXT,
	  offsetof(struct add_options, fingerprint) },
	{ "rule", 0, "RULE", "put it in this rule: a number or path_regex", OPTION_TEXTS,
	  offsetof(struct add_options, rules) },
	{ "no-rule", 0, NULL, "grant nothing, record the key only", OPTION_FLAG,
	  offsetof(struct add_options, no_rule) },
	{ "person", 0, NULL,
	  "it is a person's: an SSH key is written as it is, which sops opens with it", OPTION_FLAG,
	  offsetof(struct add_options, person) },
	{ .name = NULL },
};

static int check_options(const char *name, const struct add_options *options, struct error *err)
{
	if (keyring_check_name(span_of_text(name), err))
		return -1;
	if (options->from && options->scan)
		return error_set(err, ERROR_CONFLICT, "--from and --scan exclude each other");
	if (options->no_rule && options->rules.len > 0)
		return error_set(err, ERROR_CONFLICT, "--rule and --no-rule exclude each other");
	if (options->type && !ssh_type_is_usable(span_of_text(options->type)))
		return error_set(err, ERROR_USAGE, "--type is ssh-ed25519 or ssh-rsa, not \"%s\"",
				 text_printable_text(options->type).text);
	if (options->from || options->scan)
		return 0;
	error_set(err, ERROR_USAGE, "no key is given");
	return error_hint(err, "give --from FILE or --scan HOST");
}

/* Which rules get the name: those that are named, or the only one. */
static int choose_rules(const struct keys_state *state, const struct add_options *options,
			size_t indices[OPTION_TEXTS_MAX], size_t *ret_len, struct error *err)
{
	*ret_len = 0;
	if (options->no_rule)
		return 0;
	for (size_t i = 0; i < options->rules.len; i++) {
		if (keyring_rules_choose(&state->rules, options->rules.items[i],
					 &indices[(*ret_len)++], err))
			return -1;
	}
	if (*ret_len > 0 || state->rules.len == 0)
		return 0;
	indices[(*ret_len)++] = 0;
	if (state->rules.len == 1)
		return 0;
	error_set(err, ERROR_USAGE, "%s has %zu creation rules", SOPS_RULES_FILE, state->rules.len);
	return error_hint(err, "say which: --rule with a number or path_regex, or --no-rule");
}

static void report_rules(const struct keys_state *state, const char *name, const size_t *indices,
			 size_t len)
{
	if (!state->has_rules)
		fprintf(stderr, "%s: there is no %s: run \"bootseal init\"\n", name,
			SOPS_RULES_FILE);
	else if (len == 0)
		fprintf(stderr, "%s: is in no rule of %s by this\n", name, SOPS_RULES_FILE);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, "%s: is in rule %zu of %s (%s)\n", name, indices[i] + 1,
			SOPS_RULES_FILE, keyring_rule_shown(&state->rules.items[indices[i]]).text);
}

/* What is not sealed to the name yet, by the rules as they are now. */
static int report_sealed(const struct keys_state *state, const char *name, struct secret *text,
			 const struct age_recipients *own, struct error *err)
{
	AUTO(keyring_sealed) sealed = KEYRING_SEALED_INIT;
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;

	if (keyring_rules_parse(text, &rules, err) ||
	    keyring_find_sealed(state->root.fd, &rules, own, true, &sealed, err))
		return -1;
	keys_report_sealed(state, name, "cannot open this file yet", &sealed);
	if (sealed.paths.len > 0)
		fputs("where they can be opened, seal them to it, too: bootseal updatekeys "
		      "FILE...\n",
		      stderr);
	return 0;
}

static int add(struct keys_state *state, const char *name, const struct keys_taken *taken,
	       const struct add_options *options, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	size_t indices[OPTION_TEXTS_MAX + 1], len;
	bool exists;

	state->rules.person = options->person;
	if (keys_check_new(state, name, &taken->recipients, &exists, err) ||
	    choose_rules(state, options, indices, &len, err))
		return -1;
	if (state->has_rules &&
	    keyring_rules_add(&state->rules, name, &taken->recipients, indices, len, &text, err))
		return error_wrap(err, "cannot edit \"%s/%s\"", state->root.path, SOPS_RULES_FILE);
	/* the key first: a run that is killed here is completed by the next one */
	if (!exists && keys_write_name(state, name, buf_span(&taken->text), err))
		return -1;
	if (state->has_rules && !span_equal(secret_span(&text), secret_span(&state->rules.text)) &&
	    keys_write_rules(state, secret_span(&text), err)) {
		if (!exists)
			keys_unwrite_name(state, name);
		return -1;
	}
	keys_tell_problems(state, true);
	keys_report(name, taken);
	fprintf(stderr, "%s: %s in %s/%s/%s%s\n", name, exists ? "is there already," : "written",
		state->root.path, KEYRING_DIRECTORY, name, KEYRING_SUFFIX);
	report_rules(state, name, indices, len);
	return state->has_rules ? report_sealed(state, name, &text, &taken->recipients, err) : 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct add_options *options = invocation->options;
	const char *name = invocation->args[0];
	const struct keys_request request = { .name = name,
					      .from = options->from,
					      .scan = options->scan,
					      .type = options->type,
					      .fingerprint = options->fingerprint };
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;
	AUTO(keys_taken) taken = KEYS_TAKEN_INIT;
	AUTO(keys_state) state = KEYS_STATE_INIT;

	return check_options(name, options, err) || keyring_root_find(NULL, &root, err) ||
			       keys_take(&request, &taken, err) ||
			       keys_state_load(&root, &(struct keys_access){ .writing = true },
					       &state, err) ||
			       add(&state, name, &taken, options, err)
		       ? -1
		       : 0;
}

const struct command cmd_keys_add = {
	.name = "keys add",
	.group = "keys",
	.summary = "record the public key of a host or person",
	.synopsis = "NAME --from FILE | NAME --scan HOST[:PORT]",
	.example = "bootseal keys add web1 --scan web1.example",
	.options = add_options,
	.options_size = sizeof(struct add_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
