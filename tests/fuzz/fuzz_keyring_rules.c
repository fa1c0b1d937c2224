/* SPDX-License-Identifier: MIT */
/* A .sops.yaml: a name is put in and taken out, and what comes of it is rules again. */
#include <assert.h>
#include <stdint.h>

#include "crypto/lib.h"
#include "keyring/rules.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct error err = ERROR_INIT;

	(void)argc;
	(void)argv;
	return crypto_init(&err);
}

static void edit(const struct keyring_rules *rules, const struct age_recipients *own)
{
	struct secret text = SECRET_INIT;
	struct keyring_rules after = KEYRING_RULES_INIT;
	struct error err = ERROR_INIT;
	size_t first = 0;
	int status = keyring_rules_add(rules, "web1", own, &first, rules->len > 0, &text, &err);

	assert((status < 0) == (err.kind != ERROR_NONE));
	if (status == 0) {
		assert(keyring_rules_parse(&text, &after, &err) == 0);
		assert(after.len == rules->len);
		assert(after.len == 0 || keyring_rule_has_all(&after.items[0], own));
	}
	keyring_rules_release(&after);
	secret_release(&text);
}

static void take_out(const struct keyring_rules *rules, const struct age_recipients *own)
{
	struct secret text = SECRET_INIT;
	struct keyring_rules after = KEYRING_RULES_INIT;
	struct error err = ERROR_INIT;
	int status = keyring_rules_remove(rules, "web1", own, &text, &err);

	assert((status < 0) == (err.kind != ERROR_NONE));
	if (status == 0) {
		assert(keyring_rules_parse(&text, &after, &err) == 0);
		for (size_t i = 0; i < after.len; i++)
			assert(!keyring_rule_has_any(&after.items[i], own));
	}
	keyring_rules_release(&after);
	secret_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct keyring_rules rules = KEYRING_RULES_INIT;
	struct age_recipients own = AGE_RECIPIENTS_INIT;
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status = age_recipients_add(
		&own,
		SPAN_LITERAL("age1a8pk4akrdamj7nvqy3zywgtny8dxz7t5xzu7u8v9mhrayp9freqsqatyrs"),
		&err);

	assert(status == 0);
	status = secret_append(&text, data, len, &err);
	if (status == 0)
		status = keyring_rules_parse(&text, &rules, &err);
	assert((status < 0) == (err.kind != ERROR_NONE));
	if (status == 0) {
		edit(&rules, &own);
		take_out(&rules, &own);
	}
	keyring_rules_release(&rules);
	secret_release(&text);
	age_recipients_release(&own);
	assert(secret_live() == 0);
	return 0;
}
