/* SPDX-License-Identifier: MIT */
/* age/plugin: both state machines against a plugin whose part is written down. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "age/kind.h"
#include "age/plugin.h"
#include "age_files.h"
#include "fake_plugin.h"
#include "sweep.h"

/* Made with the encoder of age's plugin package. */
#define RECIPIENT "age1test1vfhk7arnv4skcgr5v4ehggp3ndfl73"
#define IDENTITY "AGE-PLUGIN-TEST-1VFHK7ARNV4SKCGR5V4EHGGP3R3CK4M"
#define ODD_RECIPIENT "age1a+b-c.d_e10qqet3jm"
#define ODD_IDENTITY "AGE-PLUGIN-A+B-C.D_E-10QSYDZXK"

/* The file key is 16 times "k", and its base64. */
#define KEY "a2tra2tra2tra2tra2traw"
#define STANZA "-> recipient-stanza 0 bstest 1 2\nAAAA\n"
#define DONE "-> done\n\n"
#define OK "-> ok\n\n"

/* As ck_assert_fails(), but err keeps what was said. */
#define ck_assert_refused(call, wanted)                                                            \
	do {                                                                                       \
		ck_assert_int_eq((call), -1);                                                      \
		ck_assert_msg(err.kind == (wanted), "kind %d: %s", (int)err.kind, err.message);    \
	} while (0)

static struct key32 file_key(void)
{
	struct key32 key = KEY32_INIT;

	memset(key.data, 'k', AGE_FILE_KEY_LEN);
	return key;
}

/* "test RECIPIENT…": what came of it; says stays borrowed. */
static int wrap(struct fake_plugin *fake, struct buf *header, struct buf *labels, struct error *err)
{
	const struct key32 key = file_key();
	const struct age_plugin_key to = { "test", SPAN_LITERAL(RECIPIENT), false };

	return age_plugin_wrap(&fake->plugins, &to, &key, header, labels, err);
}

static int unwrap(struct fake_plugin *fake, const char *text, bool *ret_opened,
		  struct key32 *ret_key, struct error *err)
{
	const struct age_plugin_key with = { "test", SPAN_LITERAL(IDENTITY), true };
	AUTO(age_header) header = AGE_HEADER_INIT;

	if (age_header_parse(span_of_text(text), &header, err) < 0)
		return -1;
	return age_plugin_unwrap(&fake->plugins, &with, &header, ret_opened, ret_key, err);
}

/* A header of two stanzas, one with a body of exactly a line; its MAC is not looked at. */
static const char two_stanzas[] =
	"age-encryption.org/v1\n"
	"-> X25519 abc\nAAAA\n"
	"-> bstest\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n"
	"--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";

START_TEST(age_plugin_of__names)
{
	struct age_plugin_name name;

	ck_assert(age_plugin_of_recipient(SPAN_LITERAL(RECIPIENT), &name));
	ck_assert_str_eq(name.text, "test");
	ck_assert(age_plugin_of_identity(SPAN_LITERAL(IDENTITY), &name));
	ck_assert_str_eq(name.text, "test");
	ck_assert(age_plugin_of_recipient(SPAN_LITERAL(ODD_RECIPIENT), &name));
	ck_assert_str_eq(name.text, "a+b-c.d_e");
	ck_assert(age_plugin_of_identity(SPAN_LITERAL(ODD_IDENTITY), &name));
	ck_assert_str_eq(name.text, "a+b-c.d_e");
	ck_assert(!age_plugin_of_recipient(SPAN_LITERAL(TEST_RECIPIENT), &name));
	ck_assert(!age_plugin_of_recipient(SPAN_LITERAL("age1"), &name));
	ck_assert(!age_plugin_of_recipient(SPAN_LITERAL("age1../x1qqqqqq"), &name));
	ck_assert(!age_plugin_of_recipient(SPAN_LITERAL("age11qqqqqq"), &name));
	ck_assert(!age_plugin_of_identity(SPAN_LITERAL("AGE-PLUGIN-1QQQQQQ"), &name));
	ck_assert(!age_plugin_of_identity(SPAN_LITERAL("AGE-PLUGIN-X1QQQQQQ"), &name));
	ck_assert(!age_plugin_of_identity(SPAN_LITERAL(TEST_IDENTITY), &name));
	ck_assert(!age_plugin_of_identity(SPAN_INIT, &name));
}
END_TEST

START_TEST(age_plugin_name_is_valid__rules)
{
	char name[AGE_PLUGIN_NAME_MAX + 2];

	memset(name, 'x', sizeof(name));
	ck_assert(age_plugin_name_is_valid(span_of(name, AGE_PLUGIN_NAME_MAX)));
	ck_assert(!age_plugin_name_is_valid(span_of(name, AGE_PLUGIN_NAME_MAX + 1)));
	ck_assert(age_plugin_name_is_valid(SPAN_LITERAL("aZ09+-._")));
	ck_assert(!age_plugin_name_is_valid(SPAN_LITERAL("")));
	for (int c = 0; c < 256; c++) {
		const char byte = (char)c;
		const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				  (c >= '0' && c <= '9') || (c > 0 && strchr("+-._", c));

		ck_assert_int_eq(age_plugin_name_is_valid(span_of(&byte, 1)), good);
	}
}
END_TEST

START_TEST(age_plugin_identity_text__known_answer)
{
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_plugin_identity_text("Test", &text, &err));
	ck_assert_span(buf_span(&text), "AGE-PLUGIN-TEST-1M7420Z");
	ck_assert_fails(age_plugin_identity_text("../test", &text, &err), ERROR_USAGE);
	err = ERROR_INIT;
	ck_assert_fails(age_plugin_identity_text("", &text, &err), ERROR_USAGE);
}
END_TEST

START_TEST(age_plugin_wrap__whole_conversation)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(buf) header = BUF_INIT;
	AUTO(buf) labels = BUF_INIT;
	struct error err = ERROR_INIT;

	fake_plugin_init(&fake, SPAN_LITERAL("-> grease-x 1\nAAAA\n"
					     "-> labels zz a a-b\n\n" STANZA
					     "-> recipient-stanza 0 other\n\n" DONE "more"));
	ck_assert_ok(wrap(&fake, &header, &labels, &err));
	ck_assert_span(buf_span(&header), "-> bstest 1 2\nAAAA\n-> other\n\n");
	ck_assert_span(buf_span(&labels), "a\na-b\nzz\n");
	ck_assert_span(secret_span(&fake.heard),
		       "test recipient-v1\n-> add-recipient " RECIPIENT "\n\n-> wrap-file-key\n" KEY
		       "\n-> extension-labels\n\n" DONE "-> unsupported\n\n" OK OK OK);
	ck_assert_uint_eq(fake.started, 1);
	ck_assert_uint_eq(fake.ended, 1);
}
END_TEST

START_TEST(age_plugin_unwrap__whole_conversation)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(key32) key = KEY32_INIT;
	const struct key32 expected = file_key();
	struct error err = ERROR_INIT;
	bool opened = false;

	fake_plugin_init(&fake, SPAN_LITERAL("-> file-key 0\n" KEY "\n" DONE));
	ck_assert_ok(unwrap(&fake, two_stanzas, &opened, &key, &err));
	ck_assert(opened);
	ck_assert_mem_eq(key.data, expected.data, AGE_FILE_KEY_LEN);
	ck_assert_span(
		secret_span(&fake.heard),
		"test identity-v1\n-> add-identity " IDENTITY
		"\n\n-> recipient-stanza 0 X25519 abc\nAAAA\n-> recipient-stanza 0 bstest\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n" DONE OK);
	ck_assert_uint_eq(fake.ended, 1);
}
END_TEST

START_TEST(age_plugin_unwrap__not_meant)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(key32) key = KEY32_INIT;
	struct error err = ERROR_INIT;
	bool opened = true;

	fake_plugin_init(&fake, SPAN_LITERAL(DONE));
	ck_assert_ok(unwrap(&fake, two_stanzas, &opened, &key, &err));
	ck_assert(!opened);
}
END_TEST

struct misdeed {
	const char *says;
	enum error_kind kind;
	const char *message;
};

static const struct misdeed when_wrapping[] = {
	{ "", ERROR_DENIED, "it ended (status 7) before it was done" },
	{ STANZA, ERROR_DENIED, "it ended" },
	{ "-> recipient-stanza 0 bstest\n", ERROR_DENIED, "it ended" },
	{ DONE, ERROR_FORMAT, "it made no stanza" },
	{ "garbage\n\n", ERROR_FORMAT, "protocol" },
	{ "-> \n\n", ERROR_FORMAT, "protocol" },
	{ "->  x\n\n", ERROR_FORMAT, "protocol" },
	{ "-> msg\x1b\n\n", ERROR_FORMAT, "protocol" },
	{ "-> msg\nA\n", ERROR_FORMAT, "protocol" },
	{ "-> msg\nAB==\n", ERROR_FORMAT, "protocol" },
	{ "-> recipient-stanza 1 bstest\n\n", ERROR_FORMAT, "another file" },
	{ "-> recipient-stanza 00 bstest\n\n", ERROR_FORMAT, "another file" },
	{ "-> recipient-stanza 0\n\n", ERROR_FORMAT, "another file" },
	{ "-> recipient-stanza\n\n", ERROR_FORMAT, "another file" },
	{ "-> labels a\n\n-> labels a\n\n", ERROR_FORMAT, "labels twice" },
	{ "-> labels\n\n-> labels\n\n", ERROR_FORMAT, "labels twice" },
	{ "-> confirm\n\n", ERROR_FORMAT, "protocol" },
	{ "-> confirm YQ YQ YQ\n\n", ERROR_FORMAT, "protocol" },
	{ "-> confirm Y\n\n", ERROR_FORMAT, "protocol" },
	{ "-> error internal\nYmFkG1s\n", ERROR_DENIED, "bad\\x1b[" },
	{ "-> error recipient 0\n\n", ERROR_DENIED, "age-plugin-test: " },
};

START_TEST(age_plugin_wrap__misdeeds)
{
	for (size_t i = 0; i < sizeof(when_wrapping) / sizeof(*when_wrapping); i++) {
		const struct misdeed *misdeed = &when_wrapping[i];
		AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
		AUTO(buf) header = BUF_INIT;
		AUTO(buf) labels = BUF_INIT;
		struct error err = ERROR_INIT;

		fake_plugin_init(&fake, span_of_text(misdeed->says));
		ck_assert_int_eq(wrap(&fake, &header, &labels, &err), -1);
		ck_assert_msg(err.kind == misdeed->kind && strstr(err.message, misdeed->message) &&
				      strncmp(err.message, "age-plugin-test: ", 17) == 0,
			      "%s: kind %d: %s", misdeed->says, (int)err.kind, err.message);
		ck_assert_uint_eq(fake.ended, 1);
	}
}
END_TEST

static const struct misdeed when_unwrapping[] = {
	{ "", ERROR_DENIED, "it ended" },
	{ "-> file-key 0\n" KEY "\n", ERROR_DENIED, "it ended" },
	{ "-> file-key 1\n" KEY "\n" DONE, ERROR_FORMAT, "another file" },
	{ "-> file-key\n" KEY "\n" DONE, ERROR_FORMAT, "another file" },
	{ "-> file-key 0 0\n" KEY "\n" DONE, ERROR_FORMAT, "another file" },
	{ "-> file-key 0\nAAAA\n" DONE, ERROR_FORMAT, "another length" },
	{ "-> file-key 0\n" KEY "\n-> file-key 0\n" KEY "\n" DONE, ERROR_FORMAT, "two file keys" },
	{ "-> error stanza 0 1\nYmFk\n", ERROR_DENIED, "bad" },
};

START_TEST(age_plugin_unwrap__misdeeds)
{
	for (size_t i = 0; i < sizeof(when_unwrapping) / sizeof(*when_unwrapping); i++) {
		const struct misdeed *misdeed = &when_unwrapping[i];
		AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
		AUTO(key32) key = KEY32_INIT;
		struct error err = ERROR_INIT;
		bool opened = false;

		fake_plugin_init(&fake, span_of_text(misdeed->says));
		ck_assert_int_eq(unwrap(&fake, two_stanzas, &opened, &key, &err), -1);
		ck_assert_msg(err.kind == misdeed->kind && strstr(err.message, misdeed->message),
			      "%s: kind %d: %s", misdeed->says, (int)err.kind, err.message);
		ck_assert(!opened);
		ck_assert_uint_eq(fake.ended, 1);
	}
}
END_TEST

START_TEST(age_plugin_wrap__hindered)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(fake_plugin) deaf = { .heard = SECRET_INIT };
	AUTO(fake_plugin) silent = { .heard = SECRET_INIT };
	struct fake_person person;
	AUTO(buf) header = BUF_INIT;
	AUTO(buf) labels = BUF_INIT;
	const struct key32 key = file_key();
	const struct age_plugin_key to = { "test", SPAN_LITERAL(RECIPIENT), false };
	struct error err = ERROR_INIT;

	fake_plugin_init(&fake, SPAN_INIT);
	fake.missing = true;
	ck_assert_fails(wrap(&fake, &header, &labels, &err), ERROR_UNSUPPORTED);
	ck_assert_uint_eq(fake.ended, 0);
	err = ERROR_INIT;
	ck_assert_fails(age_plugin_wrap(NULL, &to, &key, &header, &labels, &err),
			ERROR_UNSUPPORTED);
	err = ERROR_INIT;
	fake_plugin_init(&deaf, SPAN_LITERAL(STANZA DONE));
	deaf.deaf = true;
	ck_assert_fails(wrap(&deaf, &header, &labels, &err), ERROR_DENIED);
	ck_assert_uint_eq(deaf.ended, 1);
	err = ERROR_INIT;
	fake_plugin_init(&silent, SPAN_LITERAL("-> grease\n"));
	fake_person_init(&person, NULL, false);
	silent.silent = true;
	silent.plugins.prompt = &person.prompt;
	ck_assert_refused(wrap(&silent, &header, &labels, &err), ERROR_LIMIT);
	ck_assert_str_eq(err.message, "age-plugin-test: it said nothing for 120 seconds");
	ck_assert_str_eq(person.asked, "tell waiting for age-plugin-test\n");
	ck_assert_uint_eq(silent.ended, 1);
}
END_TEST

/* A question each, with the choices of confirm where it has any. */
#define QUESTIONS                                                                                  \
	"-> msg\ndG91Y2gg4oCuaXQ\n"                                                                \
	"-> request-secret\nUElOOg\n"                                                              \
	"-> request-public\nd2hvPw\n"                                                              \
	"-> confirm eWVz bm8\nT0s/\n"                                                              \
	"-> confirm Z28\nT0s/\n"

START_TEST(age_plugin_wrap__asks_a_person)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	struct fake_person person;
	AUTO(buf) header = BUF_INIT;
	AUTO(buf) labels = BUF_INIT;
	struct error err = ERROR_INIT;

	fake_plugin_init(&fake, SPAN_LITERAL(QUESTIONS STANZA DONE));
	fake_person_init(&person, "1234", true);
	fake.plugins.prompt = &person.prompt;
	ck_assert_ok(wrap(&fake, &header, &labels, &err));
	ck_assert_str_eq(
		person.asked,
		"tell age-plugin-test: touch \\xe2\\x80\\xaeit\n"
		"secret age-plugin-test: PIN\ntext age-plugin-test: who?\n"
		"confirm age-plugin-test: OK?\nyes no\nconfirm age-plugin-test: OK?\ngo -\n");
	ck_assert(span_ends_with(secret_span(&fake.heard),
				 DONE OK "-> ok\nMTIzNA\n-> ok\nMTIzNA\n"
					 "-> ok yes\n\n-> ok yes\n\n" OK));
}
END_TEST

START_TEST(age_plugin_wrap__nobody_answers)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(fake_plugin) refuses = { .heard = SECRET_INIT };
	AUTO(fake_plugin) gone = { .heard = SECRET_INIT };
	struct fake_person person;
	AUTO(buf) header = BUF_INIT;
	AUTO(buf) labels = BUF_INIT;
	struct error err = ERROR_INIT;

	/* the plugin goes on without */
	fake_plugin_init(&fake, SPAN_LITERAL(QUESTIONS STANZA DONE));
	ck_assert_ok(wrap(&fake, &header, &labels, &err));
	ck_assert(span_ends_with(secret_span(&fake.heard), DONE
				 "-> fail\n\n-> fail\n\n-> fail\n\n-> fail\n\n-> fail\n\n" OK));
	/* or not, and then that is the reason */
	fake_plugin_init(&refuses, SPAN_LITERAL(QUESTIONS "-> error internal\nYmFk\n"));
	fake_person_init(&person, NULL, false);
	refuses.plugins.prompt = &person.prompt;
	ck_assert_refused(wrap(&refuses, &header, &labels, &err), ERROR_DENIED);
	ck_assert_str_eq(err.message, "age-plugin-test: bad (nobody is there)");
	err = ERROR_INIT;
	fake_plugin_init(&gone, SPAN_LITERAL(QUESTIONS DONE));
	gone.plugins.prompt = &person.prompt;
	ck_assert_refused(wrap(&gone, &header, &labels, &err), ERROR_DENIED);
	ck_assert_str_eq(err.message, "age-plugin-test: nobody is there");
}
END_TEST

START_TEST(age_plugin_unwrap__nobody_answers)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(key32) key = KEY32_INIT;
	struct error err = ERROR_INIT;
	bool opened = false;

	fake_plugin_init(&fake, SPAN_LITERAL("-> request-secret\nUElOOg\n" DONE));
	ck_assert_refused(unwrap(&fake, two_stanzas, &opened, &key, &err), ERROR_DENIED);
	ck_assert_str_eq(err.message,
			 "age-plugin-test: there is no terminal to ask: age-plugin-test: PIN");
}
END_TEST

/* says is first, then count times middle, then last. */
static int wrap_long(const char *first, const char *middle, size_t count, const char *last,
		     enum error_kind *ret_kind)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(buf) says = BUF_INIT;
	AUTO(buf) header = BUF_INIT;
	AUTO(buf) labels = BUF_INIT;
	struct error err = ERROR_INIT;
	int result;

	ck_assert_ok(buf_append_text(&says, first, &err));
	for (size_t i = 0; i < count; i++)
		ck_assert_ok(buf_append_text(&says, middle, &err));
	ck_assert_ok(buf_append_text(&says, last, &err));
	fake_plugin_init(&fake, buf_span(&says));
	fake.step = SIZE_MAX;
	result = wrap(&fake, &header, &labels, &err);
	*ret_kind = err.kind;
	return result;
}

#define FULL_LINE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

START_TEST(age_plugin_wrap__limits)
{
	const size_t start = strlen("-> recipient-stanza 0 ");
	enum error_kind kind;

	/* a line with its LF */
	ck_assert_int_eq(wrap_long("-> recipient-stanza 0 ", "x", AGE_PLUGIN_LINE_MAX - start - 1,
				   "\n\n" DONE, &kind),
			 0);
	ck_assert_int_eq(wrap_long("-> recipient-stanza 0 ", "x", AGE_PLUGIN_LINE_MAX - start,
				   "\n\n" DONE, &kind),
			 -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
	ck_assert_int_eq(wrap_long("-> recipient-stanza 0 x\n", FULL_LINE, 1364, "\n" DONE, &kind),
			 0);
	ck_assert_int_eq(wrap_long("-> recipient-stanza 0 x\n", FULL_LINE, 1365, "\n" DONE, &kind),
			 -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
	ck_assert_int_eq(wrap_long("", STANZA, AGE_PLUGIN_STANZAS_MAX, DONE, &kind), 0);
	ck_assert_int_eq(wrap_long("", STANZA, AGE_PLUGIN_STANZAS_MAX + 1, DONE, &kind), -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
	ck_assert_int_eq(wrap_long("-> labels", " a", AGE_PLUGIN_LABELS_MAX, "\n\n" STANZA DONE,
				   &kind),
			 0);
	ck_assert_int_eq(wrap_long("-> labels", " a", AGE_PLUGIN_LABELS_MAX + 1, "\n\n" STANZA DONE,
				   &kind),
			 -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
	ck_assert_int_eq(wrap_long(STANZA, "-> msg\n\n", AGE_PLUGIN_COMMANDS_MAX - 2, DONE, &kind),
			 0);
	ck_assert_int_eq(wrap_long(STANZA, "-> msg\n\n", AGE_PLUGIN_COMMANDS_MAX - 1, DONE, &kind),
			 -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
}
END_TEST

static int wrap_anew(struct error *err)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	struct fake_person person;
	AUTO(buf) header = BUF_INIT;
	AUTO(buf) labels = BUF_INIT;

	fake_plugin_init(&fake, SPAN_LITERAL("-> labels b a\n\n" QUESTIONS STANZA DONE));
	fake_person_init(&person, "1234", true);
	fake.plugins.prompt = &person.prompt;
	*err = ERROR_INIT;
	return wrap(&fake, &header, &labels, err);
}

static int unwrap_anew(struct error *err)
{
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(key32) key = KEY32_INIT;
	bool opened;

	fake_plugin_init(&fake, SPAN_LITERAL("-> file-key 0\n" KEY "\n" DONE));
	*err = ERROR_INIT;
	return unwrap(&fake, two_stanzas, &opened, &key, err);
}

START_TEST(age_plugin__out_of_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(wrap_anew(&err));
	SWEEP(unwrap_anew(&err));
}
END_TEST

/* Whatever one bit makes of it: an error or none, and nothing left. */
START_TEST(age_plugin__flipped_bits)
{
	const char said[] = "-> labels b a\n\n" QUESTIONS STANZA "-> file-key 0\n" KEY "\n" DONE;

	for (size_t i = 0; i < (sizeof(said) - 1) * 8; i++) {
		for (int machine = 0; machine < 2; machine++) {
			AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
			struct fake_person person;
			AUTO(buf) header = BUF_INIT;
			AUTO(buf) labels = BUF_INIT;
			AUTO(key32) key = KEY32_INIT;
			struct error err = ERROR_INIT;
			char flipped[sizeof(said)];
			bool opened = false;
			int result;

			memcpy(flipped, said, sizeof(said));
			flipped[i / 8] ^= (char)(1 << i % 8);
			fake_plugin_init(&fake, span_of(flipped, sizeof(said) - 1));
			fake.step = SIZE_MAX;
			fake_person_init(&person, "x", true);
			fake.plugins.prompt = &person.prompt;
			result = machine == 0 ? wrap(&fake, &header, &labels, &err)
					      : unwrap(&fake, two_stanzas, &opened, &key, &err);
			ck_assert_int_eq(result < 0, err.kind != ERROR_NONE);
			ck_assert_uint_eq(fake.ended, 1);
		}
	}
}
END_TEST

/* Recipients and identities of plugins among others. */
START_TEST(age_seal__plugin_beside_others)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(fake_plugin) labelled = { .heard = SECRET_INIT };
	AUTO(buf) file = BUF_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(RECIPIENT), &err));
	ck_assert_fails(age_seal(&recipients, SPAN_LITERAL("x"), false, &file, &err),
			ERROR_UNSUPPORTED);
	err = ERROR_INIT;
	fake_plugin_init(&fake, SPAN_LITERAL(STANZA DONE));
	recipients.plugins = &fake.plugins;
	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("x"), false, &file, &err));
	ck_assert(memmem(file.data, file.len, "-> bstest 1 2\nAAAA\n", 19) != NULL);
	/* who needs no plugin asks none */
	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "k", &err));
	ck_assert_ok(age_open(&identities, buf_span(&file), &plain, &err));
	ck_assert_span(secret_span(&plain), "x");
	fake_plugin_init(&labelled, SPAN_LITERAL("-> labels other\n\n" STANZA DONE));
	recipients.plugins = &labelled.plugins;
	ck_assert_int_eq(age_seal(&recipients, SPAN_LITERAL("x"), false, &file, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "mixed"));
}
END_TEST

/* Sealed to an identity (age -e -i), and opened by it when the others do not. */
START_TEST(age_open__by_plugin)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(age_identities) own = AGE_IDENTITIES_INIT;
	AUTO(age_identities) identities = test_identities();
	AUTO(fake_plugin) fake = { .heard = SECRET_INIT };
	AUTO(fake_plugin) other = { .heard = SECRET_INIT };
	AUTO(buf) file = BUF_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_file(&own, SPAN_LITERAL("# x\n" IDENTITY "\n"), "k", &err));
	ck_assert_str_eq(age_identity_program(&own.items[0]), "age-plugin-test");
	ck_assert_ok(age_recipients_add_own(&recipients, &own, &err));
	ck_assert(!age_recipient_is_spelled(&recipients.items[0]));
	fake_plugin_init(&fake, SPAN_LITERAL(STANZA DONE));
	recipients.plugins = &fake.plugins;
	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("x"), false, &file, &err));
	ck_assert_ptr_nonnull(memmem(fake.heard.data, fake.heard.len, "-> add-identity " IDENTITY,
				     strlen("-> add-identity " IDENTITY)));
	/* a key that it makes up does not fit the MAC */
	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "k", &err));
	fake_plugin_init(&other, SPAN_LITERAL("-> file-key 0\n" KEY "\n" DONE));
	identities.plugins = &other.plugins;
	ck_assert_fails(age_open(&identities, buf_span(&file), &plain, &err), ERROR_AUTH);
	err = ERROR_INIT;
	identities.ask_nobody = true;
	ck_assert_fails(age_open(&identities, buf_span(&file), &plain, &err), ERROR_NO_KEY);
	ck_assert_uint_eq(other.started, 1);
}
END_TEST

START_TEST(age_plugin__spelled_wrong)
{
	static const char *const recipients[] = {
		"age1test1vfhk7arnv4skcgr5v4ehggp3ndfl74", /* checksum */
		"age1test1",
		"AGE1TEST1VFHK7ARNV4SKCGR5V4EHGGP3NDFL73",
		"age1te/st1vfhk7arnv4skcgr5v4ehggp3ndfl73",
	};
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) list = AGE_RECIPIENTS_INIT;

	for (size_t i = 0; i < sizeof(recipients) / sizeof(*recipients); i++) {
		struct error err = ERROR_INIT;

		ck_assert_fails(age_recipients_add(&list, span_of_text(recipients[i]), &err),
				ERROR_FORMAT);
	}
	for (size_t i = 0; i < strlen(IDENTITY); i++) {
		char text[] = IDENTITY;
		struct error err = ERROR_INIT;

		text[i] = text[i] == 'Q' ? 'P' : 'Q';
		ck_assert_refused(age_identities_add(&identities, span_of_text(text), "k", &err),
				  ERROR_FORMAT);
		ck_assert_ptr_null(strstr(err.message, "VFHK7"));
	}
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age_plugin");
	TCase *names = tcase_create("names"), *talks = tcase_create("talks"),
	      *kinds = tcase_create("kinds");

	tcase_add_test(names, age_plugin_of__names);
	tcase_add_test(names, age_plugin_name_is_valid__rules);
	tcase_add_test(names, age_plugin_identity_text__known_answer);
	tcase_add_test(names, age_plugin__spelled_wrong);
	tcase_add_test(talks, age_plugin_wrap__whole_conversation);
	tcase_add_test(talks, age_plugin_wrap__misdeeds);
	tcase_add_test(talks, age_plugin_wrap__hindered);
	tcase_add_test(talks, age_plugin_wrap__asks_a_person);
	tcase_add_test(talks, age_plugin_wrap__nobody_answers);
	tcase_add_test(talks, age_plugin_wrap__limits);
	tcase_add_test(talks, age_plugin_unwrap__whole_conversation);
	tcase_add_test(talks, age_plugin_unwrap__not_meant);
	tcase_add_test(talks, age_plugin_unwrap__misdeeds);
	tcase_add_test(talks, age_plugin_unwrap__nobody_answers);
	tcase_add_test(talks, age_plugin__out_of_memory);
	tcase_add_test(talks, age_plugin__flipped_bits);
	tcase_add_test(kinds, age_seal__plugin_beside_others);
	tcase_add_test(kinds, age_open__by_plugin);
	tcase_set_timeout(talks, 600);
	suite_add_tcase(s, names);
	suite_add_tcase(s, talks);
	suite_add_tcase(s, kinds);
	return s;
}
