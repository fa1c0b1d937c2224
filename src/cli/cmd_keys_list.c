/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "age/convert.h"
#include "age/identity.h"
#include "cli/commands.h"
#include "cli/keys.h"
#include "ssh/pubkey.h"
#include "util/text.h"

struct list_options {
	bool json;
};

static const struct option_spec list_options[] = {
	{ "json", 0, NULL, "for programs", OPTION_FLAG, offsetof(struct list_options, json) },
	{ .name = NULL },
};

static const char *kind_shown(const struct age_recipient *recipient)
{
	return age_recipient_is_ssh(recipient) ? age_recipient_kind_name(recipient) : "age";
}

static int print_line(const char *name, const struct age_recipient *recipient, int width,
		      struct error *err)
{
	char fingerprint[SSH_FINGERPRINT_MAX] = "-";
	AUTO(buf) spelled = BUF_INIT;

	if (age_recipient_spell(recipient, &spelled, err) < 0)
		return -1;
	if (age_recipient_is_ssh(recipient))
		ssh_fingerprint(buf_span(&recipient->wire), fingerprint);
	/* what is longer than an age1… one would break the table: --json and "keys show" have it */
	printf("%-*s  %-11s  %.*s  %s\n", width, name, kind_shown(recipient),
	       SPAN_PRINT(spelled.len < AGE_X25519_TEXT_MAX ? buf_span(&spelled)
							    : SPAN_LITERAL("-")),
	       fingerprint);
	return 0;
}

static int print_table(const struct keyring *keyring, struct error *err)
{
	int width = 0;

	for (size_t i = 0; i < keyring->len; i++) {
		int len = (int)strlen(keyring->names[i].name);

		if (!keyring->names[i].problem && len > width)
			width = len;
	}
	for (size_t i = 0; i < keyring->len; i++) {
		const struct keyring_name *name = &keyring->names[i];

		for (size_t k = 0; k < name->recipients.len; k++)
			if (print_line(name->name, &name->recipients.items[k], width, err) < 0)
				return -1;
	}
	return 0;
}

/* Texts that were made printable hold no control characters: these two are left. */
static void print_json_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static int print_json_key(const struct age_recipient *recipient, struct error *err)
{
	char fingerprint[SSH_FINGERPRINT_MAX];
	AUTO(buf) spelled = BUF_INIT;

	if (age_recipient_spell(recipient, &spelled, err) < 0)
		return -1;
	printf("{\"kind\":\"%s\",\"recipient\":\"%.*s\"", kind_shown(recipient),
	       SPAN_PRINT(buf_span(&spelled)));
	if (age_recipient_is_ssh(recipient)) {
		ssh_fingerprint(buf_span(&recipient->wire), fingerprint);
		printf(",\"fingerprint\":\"%s\"", fingerprint);
	}
	putchar('}');
	return 0;
}

static int print_json(const struct keyring *keyring, struct error *err)
{
	putchar('[');
	for (size_t i = 0; i < keyring->len; i++) {
		const struct keyring_name *name = &keyring->names[i];

		printf("%s\n{\"name\":", i ? "," : "");
		print_json_text(text_printable_text(name->name).text);
		fputs(",\"keys\":[", stdout);
		for (size_t k = 0; k < name->recipients.len; k++) {
			if (k)
				putchar(',');
			if (print_json_key(&name->recipients.items[k], err) < 0)
				return -1;
		}
		putchar(']');
		if (name->problem) {
			fputs(",\"problem\":", stdout);
			print_json_text(name->problem);
		}
		putchar('}');
	}
	puts(keyring->len ? "\n]" : "]");
	return 0;
}

static int tell_problems(const struct keyring *keyring, struct error *err)
{
	const char *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < keyring->len; i++) {
		if (keyring->names[i].problem && count++ == 0)
			first = keyring->names[i].problem;
	}
	if (count == 0)
		return 0;
	if (count == 1)
		return error_set(err, ERROR_PARTIAL, "%s", first);
	return error_set(err, ERROR_PARTIAL, "%s (and %zu more cannot be used)", first, count - 1);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct list_options *options = invocation->options;
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;
	AUTO(keys_state) state = KEYS_STATE_INIT;

	if (keyring_root_find(NULL, &root, err) ||
	    keys_state_load(&root, &(struct keys_access){ .writing = false }, &state, err))
		return -1;
	if ((options->json ? print_json(&state.keyring, err) : print_table(&state.keyring, err)) <
	    0)
		return -1;
	keys_tell_problems(&state, false);
	return tell_problems(&state.keyring, err);
}

const struct command cmd_keys_list = {
	.name = "keys list",
	.group = "keys",
	.summary = "list the names in keys/ and their keys",
	.synopsis = "[--json]",
	.example = "bootseal keys list",
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.run = run,
};
