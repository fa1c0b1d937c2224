/* SPDX-License-Identifier: MIT */
/* openclaw/audit: what "openclaw secrets audit --json" finds, and which of it was to stay. */
#include <check.h>
#include <string.h>

#include "openclaw/audit.h"
#include "sweep.h"
#include "util/buf.h"

/* As OpenClaw 2026.9.6 writes it, but for the files. */
static const char seen[] =
	"{\n  \"version\": 1,\n  \"status\": \"findings\",\n  \"resolution\": {\n    "
	"\"refsChecked\": 1,\n"
	"    \"skippedExecRefs\": 0,\n    \"resolvabilityComplete\": true\n  },\n"
	"  \"filesScanned\": [\n    \"/s/.env\",\n    \"/s/openclaw.json\"\n  ],\n"
	"  \"summary\": {\n    \"plaintextCount\": 1,\n    \"unresolvedRefCount\": 0\n  },\n  "
	"\"findings\": [\n"
	"    {\n      \"code\": \"PLAINTEXT_FOUND\",\n      \"severity\": \"warn\",\n"
	"      \"file\": \"/s/openclaw.json\",\n      \"jsonPath\": \"hooks.token\",\n"
	"      \"message\": \"hooks.token is stored as plaintext.\",\n      \"provider\": "
	"\"openai\"\n    },\n"
	"    {\n      \"code\": \"LEGACY_RESIDUE\",\n      \"severity\": \"warn\",\n"
	"      \"file\": \"/s/agents/main/agent/auth-profiles.json\",\n      \"jsonPath\": "
	"\"<root>\",\n"
	"      \"message\": \"Retired auth source.\"\n    }\n  ]\n}\n";

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static int parse(struct span text, struct secret *answer)
{
	AUTO(secret) copy = SECRET_INIT;

	err = ERROR_INIT;
	if (secret_append_span(&copy, text, &err) < 0)
		return -1;
	return audit_parse(&copy, answer, &err);
}

/* Of the findings, how many were not to stay. */
static int count_others(struct span answer, const char *const *stays)
{
	AUTO(names) names = NAMES_INIT;
	struct value finding;
	int count = 0;

	for (; *stays != NULL; stays++)
		ck_assert_int_eq(names_add(&names, span_of_text(*stays), &err), 0);
	while (values_take(&answer, &finding))
		count += audit_stays(&finding, &names) ? 0 : 1;
	return count;
}

START_TEST(audit_parse__gives_each_finding)
{
	AUTO(secret) answer = SECRET_INIT;
	struct value finding;
	struct span rest;

	ck_assert_msg(parse(span_of_text(seen), &answer) == 0, "%s", err.message);
	rest = secret_span(&answer);
	ck_assert(values_take(&rest, &finding));
	ck_assert_uint_eq(finding.entry, AUDIT_PLAINTEXT);
	ck_assert(span_equal_text(finding.name, "/s/openclaw.json"));
	ck_assert(span_equal_text(finding.bytes, "hooks.token"));
	ck_assert(values_take(&rest, &finding));
	ck_assert_uint_eq(finding.entry, AUDIT_RESIDUE);
	ck_assert(!values_take(&rest, &finding));
}
END_TEST

START_TEST(audit_stays__only_what_was_named)
{
	static const char both[] = "/s/openclaw.json: hooks.token",
			  whole[] = "/s/agents/main/agent/auth-profiles.json";
	static const struct {
		const char *stays[3];
		int others;
	} cases[] = {
		{ { both, whole }, 0 },
		{ { both }, 1 },
		{ { whole }, 1 },
		{ { "/s/openclaw.json: hooks.toke", "/s/openclaw.jso" }, 2 },
		{ { "/s/openclaw.json: hooks.token.x", "/s/openclaw.json:hooks.token" }, 2 },
		{ { "/s/openclaw.json", whole }, 0 },
		{ { NULL }, 2 },
	};
	AUTO(secret) answer = SECRET_INIT;

	ck_assert_int_eq(parse(span_of_text(seen), &answer), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(count_others(secret_span(&answer), cases[i].stays) == cases[i].others,
			      "case %zu", i);
}
END_TEST

/* A SecretRef that leads nowhere, or is not used, is nothing that was to stay; nor is what is not known. */
START_TEST(audit_stays__never_a_reference)
{
	static const char *const codes[] = { "REF_UNRESOLVED", "REF_SHADOWED", "NEW_CODE", "" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		const char *const stays[] = { "/f", "/f: a", NULL };
		AUTO(secret) answer = SECRET_INIT;
		AUTO(buf) text = BUF_INIT;

		ck_assert_int_eq(
			buf_printf(&text, &err,
				   "{\"version\":1,\"findings\":[{\"code\":\"%s\",\"file\":"
				   "\"/f\",\"jsonPath\":\"a\"}]}",
				   codes[i]),
			0);
		ck_assert_int_eq(parse(buf_span(&text), &answer), 0);
		ck_assert_int_eq(count_others(secret_span(&answer), stays), 1);
	}
}
END_TEST

START_TEST(audit_parse__refuses_all_else)
{
	static const struct {
		const char *text;
		enum error_kind kind;
	} cases[] = {
		{ "", ERROR_FORMAT },
		{ "{}", ERROR_FORMAT },
		{ "[]", ERROR_FORMAT },
		{ "clean", ERROR_FORMAT },
		{ "{\"version\":1}", ERROR_FORMAT },
		{ "{\"findings\":[]}", ERROR_FORMAT },
		{ "{\"version\":\"1\",\"findings\":[]}", ERROR_FORMAT },
		{ "{\"version\":2,\"findings\":[]}", ERROR_UNSUPPORTED },
		{ "{\"version\":1,\"findings\":{}}", ERROR_FORMAT },
		{ "{\"version\":1,\"findings\":[1]}", ERROR_FORMAT },
		{ "{\"version\":1,\"findings\":[[]]}", ERROR_FORMAT },
		{ "{\"version\":1,\"findings\":[{\"code\":\"A\",\"file\":\"/f\"}]}", ERROR_FORMAT },
		{ "{\"version\":1,\"findings\":[{\"code\":\"A\",\"file\":7,\"jsonPath\":\"a\"}]}",
		  ERROR_FORMAT },
		{ "{\"version\":1,\"findings\":[]} {}", ERROR_FORMAT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(secret) answer = SECRET_INIT;

		ck_assert_int_eq(parse(span_of_text(cases[i].text), &answer), -1);
		ck_assert_msg(err.kind == cases[i].kind, "%s: %s", cases[i].text, err.message);
	}
}
END_TEST

/* It is refused, or says other things of as many findings: none gets lost. */
START_TEST(audit_parse__sees_each_flipped_bit)
{
	static const char *const none[] = { NULL };

	for (size_t bit = 0; bit < (sizeof(seen) - 1) * 8; bit++) {
		AUTO(secret) answer = SECRET_INIT;
		char flipped[sizeof(seen)];
		int result;

		memcpy(flipped, seen, sizeof(seen));
		flipped[bit / 8] ^= (char)(1u << bit % 8);
		result = parse(span_of(flipped, sizeof(seen) - 1), &answer);
		ck_assert_int_eq(result < 0, err.kind != ERROR_NONE);
		if (result == 0)
			ck_assert_int_eq(count_others(secret_span(&answer), none), 2);
	}
}
END_TEST

START_TEST(audit_parse__limits_its_findings)
{
	static const char one[] = "{\"code\":\"A\",\"file\":\"/f\",\"jsonPath\":\"a\"}";

	for (int more = 0; more < 2; more++) {
		AUTO(secret) answer = SECRET_INIT;
		AUTO(buf) text = BUF_INIT;

		ck_assert_int_eq(buf_append_text(&text, "{\"version\":1,\"findings\":[", &err), 0);
		for (int i = 0; i < AUDIT_FINDINGS_MAX + more; i++)
			ck_assert_int_eq(buf_printf(&text, &err, "%s%s", i > 0 ? "," : "", one), 0);
		ck_assert_int_eq(buf_append_text(&text, "]}", &err), 0);
		ck_assert_int_eq(parse(buf_span(&text), &answer), -more);
		ck_assert_int_eq(err.kind, more ? ERROR_LIMIT : ERROR_NONE);
	}
}
END_TEST

static int parse_anew(void)
{
	AUTO(secret) answer = SECRET_INIT;

	return parse(span_of_text(seen), &answer);
}

START_TEST(audit_parse__survives_without_memory)
{
	SWEEP(parse_anew());
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("openclaw/audit");
	TCase *t = tcase_create("audit");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, audit_parse__gives_each_finding);
	tcase_add_test(t, audit_stays__only_what_was_named);
	tcase_add_test(t, audit_stays__never_a_reference);
	tcase_add_test(t, audit_parse__refuses_all_else);
	tcase_add_test(t, audit_parse__sees_each_flipped_bit);
	tcase_add_test(t, audit_parse__limits_its_findings);
	tcase_add_test(t, audit_parse__survives_without_memory);
	suite_add_tcase(s, t);
	return s;
}
