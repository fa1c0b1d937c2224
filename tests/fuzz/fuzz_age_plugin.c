/* SPDX-License-Identifier: MIT */
/* What a plugin says, in both state machines; and the names in recipients and identities. */
#include <stdio.h>

#include "../unit/fake_plugin.h"
#include "age/file.h"
#include "age/plugin.h"
#include "fuzz.h"

#define RECIPIENT "age1test1vfhk7arnv4skcgr5v4ehggp3ndfl73"
static const char header_text[] = "age-encryption.org/v1\n-> x y\nAAAA\n"
				  "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";

static void listen(struct span says, bool answers)
{
	const struct age_plugin_key key = { "test", SPAN_LITERAL("text"), false };
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	struct fake_person person;
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(buf) stanzas = BUF_INIT;
	AUTO(buf) labels = BUF_INIT;
	AUTO(key32) file_key = KEY32_INIT;
	struct error err = ERROR_INIT;
	bool opened = false;

	fake_person_init(&person, answers ? "1234" : NULL, answers);
	fake_plugin_init(&fake, says);
	fake.step = answers ? SIZE_MAX : 3;
	fake.plugins.prompt = &person.prompt;
	fuzz_result(age_plugin_wrap(&fake.plugins, &key, &file_key, &stanzas, &labels, &err), &err);
	err = ERROR_INIT;
	fuzz_require(age_header_parse(SPAN_LITERAL(header_text), &header, &err) == 0);
	fake.says = says;
	fuzz_result(age_plugin_unwrap(&fake.plugins, &key, &header, &opened, &file_key, &err),
		    &err);
	fuzz_require(err.kind == ERROR_NONE || !opened);
	fuzz_require(fake.started == 2 && fake.ended == 2);
}

/* The same by way of a file: what opens and seals one knows no plugin. */
static void use_file(struct span says)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(buf) file = BUF_INIT;
	AUTO(buf) file_to_own = BUF_INIT;
	struct error err = ERROR_INIT;

	fake_plugin_init(&fake, says);
	identities.plugins = recipients.plugins = own.plugins = &fake.plugins;
	fuzz_require(age_identities_add_plugin(&identities, "test", &err) == 0);
	fuzz_require(age_recipients_add(&recipients, SPAN_LITERAL(RECIPIENT), &err) == 0);
	fuzz_result(age_seal(&recipients, SPAN_LITERAL("text"), false, &file, &err), &err);
	err = ERROR_INIT;
	fake.says = says;
	fuzz_require(age_recipients_add_own(&own, &identities, &err) == 0);
	fuzz_result(age_seal(&own, SPAN_LITERAL("text"), false, &file_to_own, &err), &err);
	err = ERROR_INIT;
	fake.says = says;
	fuzz_result(age_open(&identities, SPAN_LITERAL(header_text), &plain, &err), &err);
	fuzz_require(fake.started == 3 && fake.ended == 3);
}

static void name(struct span text)
{
	struct age_plugin_name found;

	if (age_plugin_of_recipient(text, &found) || age_plugin_of_identity(text, &found))
		fuzz_require(age_plugin_name_is_valid(span_of_text(found.text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	listen(span_of(data, len), false);
	listen(span_of(data, len), true);
	use_file(span_of(data, len));
	name(span_of(data, len));
	fuzz_end();
	return 0;
}
