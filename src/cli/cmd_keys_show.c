/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "age/convert.h"
#include "age/identity.h"
#include "cli/commands.h"
#include "cli/keys.h"
#include "ssh/pubkey.h"
#include "util/text.h"

struct show_options {
	bool recipients;
};

static const struct option_spec show_options[] = {
	{ "recipients", 0, NULL, "print the recipients alone", OPTION_FLAG,
	  offsetof(struct show_options, recipients) },
	{ .name = NULL },
};

static void show_key(const struct age_recipient *recipient, struct span spelled)
{
	char text[SSH_FINGERPRINT_MAX];

	printf("key          %s\n", text_printable_text(recipient->text).text);
	printf("recipient    %.*s\n", SPAN_PRINT(spelled));
	if (age_recipient_is_ssh(recipient)) {
		ssh_fingerprint(buf_span(&recipient->wire), text);
		printf("fingerprint  %s\n", text);
	}
}

static void show_rules(const struct keys_state *state, const struct age_recipients *own)
{
	for (size_t i = 0; i < state->rules.len; i++) {
		const struct keyring_rule *rule = &state->rules.items[i];

		if (keyring_rule_has_any(rule, own))
			printf("rule         %zu (%s)\n", i + 1, keyring_rule_shown(rule).text);
	}
}

static int show(const struct keys_state *state, const char *wanted,
		const struct show_options *options, struct error *err)
{
	const struct keyring_name *name = keyring_find(&state->keyring, wanted);

	if (!name)
		return keys_no_such_name(state, wanted, err);
	if (name->problem)
		return error_set(err, ERROR_FORMAT, "%s", name->problem);
	for (size_t i = 0; i < name->recipients.len; i++) {
		const struct age_recipient *recipient = &name->recipients.items[i];
		AUTO(buf) spelled = BUF_INIT;

		if (age_recipient_spell(recipient, &spelled, err) < 0)
			return -1;
		if (options->recipients)
			printf("%.*s\n", SPAN_PRINT(buf_span(&spelled)));
		else
			show_key(recipient, buf_span(&spelled));
	}
	if (!options->recipients)
		show_rules(state, &name->recipients);
	return 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;
	AUTO(keys_state) state = KEYS_STATE_INIT;

	return keyring_root_find(NULL, &root, err) ||
			       keys_state_load(&root, &(struct keys_access){ .writing = false },
					       &state, err) ||
			       show(&state, invocation->args[0], invocation->options, err)
		       ? -1
		       : 0;
}

const struct command cmd_keys_show = {
	.name = "keys show",
	.group = "keys",
	.summary = "show a name's keys, and the rules that it is in",
	.synopsis = "[--recipients] NAME",
	.example = "bootseal keys show web1",
	.options = show_options,
	.options_size = sizeof(struct show_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
