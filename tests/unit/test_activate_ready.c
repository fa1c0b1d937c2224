/* SPDX-License-Identifier: MIT */
/* "lifetime: until-ready" in a manifest, activate/ready's rule on it, and activate/ready_record. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "activate/manifest.h"
#include "activate/ready.h"
#include "activate/ready_record.h"
#include "sweep.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

/* --- the manifest --- */

static int parse(const char *text, struct manifest *manifest)
{
	AUTO(secret) copy = SECRET_INIT;

	err = ERROR_INIT;
	if (secret_append_text(&copy, text, &err) < 0)
		return -1;
	return manifest_parse(&copy, "host.yaml", manifest, &err);
}

#define READY "lifetime: until-ready, unit: gw.service"

static const char several[] =
	"secrets:\n"
	"  plain: {file: first, format: json, key: A}\n"
	"  one: {file: second, key: B, owner: 7, " READY "}\n"
	"documents:\n"
	"  d/two: {file: first, keys: [C, D], mode: \"0600\", reload: [x.service], " READY "}\n"
	"  other: {file: third, keys: all, lifetime: until-ready, unit: other@1.service}\n";

START_TEST(manifest_parse__reads_lifetime_and_unit)
{
	AUTO(manifest) manifest = MANIFEST_INIT;

	ck_assert_msg(parse(several, &manifest) == 0, "%s", err.message);
	ck_assert(manifest_has_ready(&manifest));
	ck_assert_int_eq(manifest.entries[0].lifetime, MANIFEST_BOOT);
	ck_assert_ptr_null(manifest.entries[0].unit);
	ck_assert_int_eq(manifest.entries[1].lifetime, MANIFEST_UNTIL_READY);
	ck_assert_str_eq(manifest.entries[1].unit, "gw.service");
	/* It is told itself, unless the manifest says who is. */
	ck_assert_uint_eq(manifest.entries[1].restart.len, 1);
	ck_assert_str_eq(manifest.entries[1].restart.items[0], "gw.service");
	ck_assert_uint_eq(manifest.entries[2].restart.len, 0);
	ck_assert_uint_eq(manifest.entries[2].reload.len, 1);
	ck_assert_str_eq(manifest.entries[3].unit, "other@1.service");
}
END_TEST

START_TEST(manifest_parse__refuses_what_cannot_be_withdrawn)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "secrets: {a: {file: f, key: k, lifetime: until-ready}}", "has no \"unit\"" },
		{ "secrets: {a: {file: f, key: k, unit: gw.service}}", "is for the whole boot" },
		{ "secrets: {a: {file: f, key: k, lifetime: [x], unit: gw.service}}",
		  "lifetime must be boot or until-ready" },
		{ "secrets: {a: {file: f, key: k, lifetime: until-ready, unit: gw}}",
		  "\"gw\" is no unit name" },
		{ "secrets: {a: {file: f, key: k, lifetime: until-ready, unit: [gw.service]}}",
		  "\"unit\" must be a text" },
		{ "secrets: {a: {file: f, key: k, lifetime: until-ready, unit: gw.timer}}",
		  "unit \"gw.timer\" is no service" },
		{ "secrets: {a: {file: f, key: k, lifetime: until-ready, unit: gw@.service}}",
		  "unit \"gw@.service\" is a template" },
		{ "secrets: {a: {file: f, key: k, lifetime: until-ready, unit: 'g w.service'}}",
		  "\"g w.service\" is no unit name" },
		{ "secrets: {a: {file: f, key: k, lifetime: until-ready, unit: ''}}",
		  "\"\" is no unit name" },
		{ "secrets: {a: {file: f, key: k, restart: ['a\\x2d.service', 'a\\x2d.service']}}",
		  "is there twice" },
		{ "secrets: {a: {file: f, key: k, mode: \"0404\", " READY "}}",
		  "must leave group and others nothing" },
		{ "secrets: {a: {file: f, key: k, link: /x, " READY "}}", "has no \"link\"" },
		{ "secrets: {a: {file: f, key: k, " READY
		  "}}\ntemplates: {t: {content: '{{ a }}'}}",
		  "what is made of it would stay" },
		{ "environments: {a: {file: f, keys: all, mode: \"0440\", " READY "}}",
		  "must leave group and others nothing" },
		{ "environments: {a: {file: f, keys: all, unit: gw.service}}",
		  "\"unit\" needs \"lifetime: until-ready\"" },
		{ "templates: {t: {content: x, " READY "}}", "unknown field \"lifetime\"" },
		{ "credentials: {gw.service: {a: {file: f, key: k, " READY "}}}",
		  "unknown field \"lifetime\"" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		ck_assert_msg(parse(bad[i].text, &manifest) == -1, "%s", bad[i].text);
		ck_assert_msg(strstr(err.message, bad[i].message) != NULL, "\"%s\" says \"%s\"",
			      bad[i].text, err.message);
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
	}
}
END_TEST

START_TEST(manifest_narrow__leaves_what_is_for_that_unit)
{
	AUTO(manifest) manifest = MANIFEST_INIT;

	ck_assert_int_eq(parse(several, &manifest), 0);
	ck_assert_int_eq(manifest_narrow(&manifest, "gw.service", &err), 0);
	ck_assert_uint_eq(manifest.len, 2);
	ck_assert_uint_eq(manifest.files.len, 2);
	ck_assert_str_eq(manifest.entries[0].name, "one");
	ck_assert_str_eq(manifest.files.items[manifest.entries[0].file], "second");
	ck_assert_str_eq(manifest.entries[1].name, "d/two");
	ck_assert_str_eq(manifest.files.items[manifest.entries[1].file], "first");
	/* What "plain" said of the file. */
	ck_assert_int_eq(manifest_file_format(&manifest, manifest.entries[1].file), DOC_JSON);
	ck_assert_int_eq(manifest.entries[0].lifetime, MANIFEST_BOOT);
	ck_assert(!manifest_has_ready(&manifest));
}
END_TEST

START_TEST(manifest_narrow__finds_nothing_for_others)
{
	static const char *const units[] = { "gw", "gw.service ", "GW.service", "",
					     "other@.service" };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		ck_assert_int_eq(parse(several, &manifest), 0);
		ck_assert_int_eq(manifest_narrow(&manifest, units[i], &err), -1);
		ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
	}
}
END_TEST

static int narrow_anew(void)
{
	AUTO(manifest) manifest = MANIFEST_INIT;

	if (parse(several, &manifest) < 0)
		return -1;
	return manifest_narrow(&manifest, "gw.service", &err);
}

START_TEST(manifest_narrow__survives_lack_of_memory)
{
	SWEEP(narrow_anew());
}
END_TEST

/* --- values that are also given for the whole boot --- */

static const char ready_one[] = "documents: {d: {file: f, keys: [A, n/B], owner: 7, " READY "}}\n";

static const char *const apart[] = {
	"secrets: {s: {file: f, key: C, owner: 7}}",
	"secrets: {s: {file: g, key: A, owner: 7}}",
	"secrets: {s: {file: f, key: A, owner: 8}}",
	"secrets: {s: {file: f, key: A}}",
	"secrets: {s: {file: f, key: A, restart: [other.service]}}",
	"secrets: {s: {file: f, key: A, group: 4343, mode: \"0440\"}}",
	"secrets: {s: {file: f, key: A}}\ntemplates: {t: {content: '{{ s }}'}}",
	"secrets: {s: {file: f, key: C}}\ntemplates: {t: {content: '{{ s }}', owner: 7}}",
	"secrets: {s: {file: f, key: A, owner: 7, " READY "}}",
	"credentials: {other.service: {c: {file: f, key: A}}}",
	"credentials: {gw.service: {c: {file: g, key: A}}}",
};

static const char *const shared[] = {
	"secrets: {s: {file: f, key: A, owner: 7}}",
	"secrets: {s: {file: f, key: n/B, owner: 7}}",
	"secrets: {s: {file: f, key: '', owner: 7}}",
	"secrets: {s: {file: f, key: A, mode: \"0444\"}}",
	"secrets: {s: {file: f, key: A, restart: [gw.service]}}",
	"secrets: {s: {file: f, key: A, reload: [a.service, gw.service]}}",
	"environments: {s: {file: f, keys: [A], restart: [gw.service]}}",
	"environments: {s: {file: f, keys: all, owner: 7}}",
	"secrets: {q: {file: f, key: A}}\ntemplates: {s: {content: '{{ q }}', owner: 7}}",
	"secrets: {q: {file: f, key: A}}\ntemplates: {s: {content: '{{q}}', reload: [gw.service]}}",
	"credentials: {gw.service: {s: {file: f, key: A}}}",
};

static int check_with(const char *more, const char *first, struct manifest *manifest)
{
	AUTO(secret) text = SECRET_INIT;

	err = ERROR_INIT;
	if (secret_append_text(&text, first, &err) < 0 ||
	    secret_append_text(&text, more, &err) < 0 ||
	    manifest_parse(&text, "host.yaml", manifest, &err) < 0)
		return -1;
	return ready_check_shared(manifest, -1, &err);
}

START_TEST(ready_check_shared__takes_what_is_apart)
{
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		ck_assert_msg(check_with(apart[i], ready_one, &manifest) == 0, "%s: %s", apart[i],
			      err.message);
	}
}
END_TEST

START_TEST(ready_check_shared__names_both)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		ck_assert_msg(check_with(shared[i], ready_one, &manifest) == -1, "%s", shared[i]);
		ck_assert_msg(err.kind == ERROR_DENIED, "%s: %s", shared[i], err.message);
		ck_assert_ptr_nonnull(strstr(err.message, "\"d\" is withdrawn"));
		ck_assert_msg(strstr(err.message, "\"s\"") != NULL ||
				      strstr(err.message, "\"gw.service/s\"") != NULL,
			      "%s", err.message);
	}
}
END_TEST

START_TEST(ready_check_shared__knows_all_and_whole_files)
{
	static const struct {
		const char *ready, *other;
		int status;
	} cases[] = {
		{ "documents: {d: {file: f, keys: all, " READY "}}\n",
		  "secrets: {s: {file: f, key: A}}", -1 },
		{ "documents: {d: {file: f, keys: [A], owner: 7, group: 4343, " READY "}}\n",
		  "secrets: {s: {file: f, key: A, group: 4343, mode: \"0440\"}}", -1 },
		{ "documents: {d: {file: f, keys: [A], owner: 7, group: 4343, " READY "}}\n",
		  "secrets: {s: {file: f, key: A, group: 4343}}", 0 },
		{ "documents: {d: {file: f, keys: [A], owner: 0, " READY "}}\n",
		  "secrets: {s: {file: f, key: A, owner: 8, group: 0, mode: \"0440\"}}", -1 },
		{ "documents: {d: {file: f, keys: [A], owner: no-such, " READY "}}\n",
		  "secrets: {s: {file: f, key: A, owner: 8, group: no-such, mode: \"0440\"}}", -1 },
		{ "documents: {d: {file: f, keys: all, " READY "}}\n",
		  "secrets: {s: {file: f, key: a/b}}", 0 },
		{ "documents: {d: {file: f, keys: all, " READY "}}\n",
		  "secrets: {s: {file: f, key: ''}}", -1 },
		{ "documents: {d: {file: f, keys: all, " READY "}}\n",
		  "environments: {s: {file: f, keys: all}}", -1 },
		{ "secrets:\n  d: {file: f, key: '', " READY "}\n", "  s: {file: f, key: a/b}",
		  -1 },
		{ "secrets:\n  d: {file: f, key: '', " READY "}\n", "  s: {file: f, key: ''}", -1 },
		{ "secrets:\n  d: {file: f.age, " READY "}\n", "  s: {file: f.age}", -1 },
		{ "secrets:\n  d: {file: f.age, " READY "}\n", "  s: {file: g.age}", 0 },
		/* root by its number */
		{ "secrets:\n  d: {file: f, key: A, owner: 0, " READY "}\n",
		  "  s: {file: f, key: A, owner: root}", -1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		ck_assert_msg(check_with(cases[i].other, cases[i].ready, &manifest) ==
				      cases[i].status,
			      "%s%s: %s", cases[i].ready, cases[i].other, err.message);
		ck_assert_int_eq(err.kind, cases[i].status == 0 ? ERROR_NONE : ERROR_DENIED);
	}
}
END_TEST

/* --- the record --- */

static const struct ready_digest digest = { "0123456789abcdef0123456789ABCDE" };

static int make_record(struct ready_record *ret_record)
{
	AUTO(ready_record) record = READY_RECORD_INIT;

	ready_record_begin(&record);
	if (ready_record_put(&record, "a", "gw.service", &digest, &err) < 0 ||
	    ready_record_put(&record, "b/c d.json", "other@1.service", &digest, &err) < 0 ||
	    ready_record_put(&record, "e", "gw.service", &digest, &err) < 0)
		return -1;
	*ret_record = record;
	record = READY_RECORD_INIT;
	return 0;
}

static bool same(const struct ready_record *a, const struct ready_record *b)
{
	bool equal = a->len == b->len && memcmp(&a->key, &b->key, sizeof(a->key)) == 0;

	for (size_t i = 0; equal && i < a->len; i++)
		equal = strcmp(a->items[i].name, b->items[i].name) == 0 &&
			strcmp(a->items[i].unit, b->items[i].unit) == 0 &&
			memcmp(&a->items[i].digest, &b->items[i].digest, sizeof(digest)) == 0;
	return equal;
}

START_TEST(ready_record__is_read_as_it_was_written)
{
	AUTO(ready_record) record = READY_RECORD_INIT;
	AUTO(ready_record) again = READY_RECORD_INIT;
	AUTO(secret) text = SECRET_INIT;

	ck_assert_int_eq(make_record(&record), 0);
	ck_assert_int_eq(ready_record_format(&record, &text, &err), 0);
	ck_assert_int_eq(ready_record_parse(secret_span(&text), &again, &err), 0);
	ck_assert(same(&record, &again));
}
END_TEST

START_TEST(ready_record__has_keys_of_its_own)
{
	struct ready_digest first, second;
	AUTO(ready_record) a = READY_RECORD_INIT;
	AUTO(ready_record) b = READY_RECORD_INIT;
	const struct owner owner = { 1, 2 }, other = { 1, 3 };

	ready_record_begin(&a);
	ready_record_begin(&b);
	ck_assert_int_eq(ready_record_digest(&a, owner, 0400, SPAN_LITERAL("x"), &first, &err), 0);
	ck_assert_int_eq(ready_record_digest(&b, owner, 0400, SPAN_LITERAL("x"), &second, &err), 0);
	ck_assert(memcmp(&first, &second, sizeof(first)) != 0);
	ck_assert_int_eq(ready_record_digest(&a, owner, 0400, SPAN_LITERAL("x"), &second, &err), 0);
	ck_assert(memcmp(&first, &second, sizeof(first)) == 0);
	/* Other bytes, another group, another mode. */
	ck_assert_int_eq(ready_record_digest(&a, owner, 0400, SPAN_LITERAL("y"), &second, &err), 0);
	ck_assert(memcmp(&first, &second, sizeof(first)) != 0);
	ck_assert_int_eq(ready_record_digest(&a, other, 0400, SPAN_LITERAL("x"), &second, &err), 0);
	ck_assert(memcmp(&first, &second, sizeof(first)) != 0);
	ck_assert_int_eq(ready_record_digest(&a, owner, 0600, SPAN_LITERAL("x"), &second, &err), 0);
	ck_assert(memcmp(&first, &second, sizeof(first)) != 0);
}
END_TEST

START_TEST(ready_record__replaces_and_drops)
{
	const struct ready_digest later = { "another" };
	AUTO(ready_record) record = READY_RECORD_INIT;

	ck_assert_int_eq(make_record(&record), 0);
	ck_assert_int_eq(ready_record_put(&record, "a", "x.service", &later, &err), 0);
	ck_assert_uint_eq(record.len, 3);
	ck_assert_str_eq(ready_record_find(&record, "a")->unit, "x.service");
	ck_assert(memcmp(&ready_record_find(&record, "a")->digest, &later, sizeof(later)) == 0);
	ready_record_drop(&record, 1);
	ck_assert_uint_eq(record.len, 2);
	ck_assert_ptr_null(ready_record_find(&record, "b/c d.json"));
	ck_assert_ptr_nonnull(ready_record_find(&record, "e"));
	ready_record_drop(&record, 1);
	ready_record_drop(&record, 0);
	ck_assert_uint_eq(record.len, 0);
}
END_TEST

#define KEY "key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define DIGEST "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

START_TEST(ready_record_parse__takes_nothing_else)
{
	static const char *const bad[] = {
		"",
		"\n",
		"key\n",
		"key AAAA\n",
		"Key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
		"key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n",
		"key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		KEY "\n",
		KEY "x\n",
		KEY DIGEST "\n",
		KEY DIGEST " gw.service\n",
		KEY DIGEST " gw.service \n",
		KEY DIGEST "  a\n",
		KEY DIGEST " gw.service /etc/passwd\n",
		KEY DIGEST " gw.service ../x\n",
		KEY DIGEST " gw.service a/../../x\n",
		KEY DIGEST " gw.service a//b\n",
		KEY DIGEST " gw.service .bootseal.ready\n",
		KEY DIGEST " gw.service a\tb\n",
		KEY DIGEST " gw.service a\n" DIGEST " x.service a\n",
		KEY "BBBB gw.service a\n",
	};
	AUTO(ready_record) good = READY_RECORD_INIT;

	ck_assert_int_eq(ready_record_parse(SPAN_LITERAL(KEY DIGEST " gw.service a b\n"), &good,
					    &err),
			 0);
	ck_assert_str_eq(good.items[0].name, "a b");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(ready_record) record = READY_RECORD_INIT;

		err = ERROR_INIT;
		ck_assert_msg(ready_record_parse(span_of_text(bad[i]), &record, &err) == -1, "%s",
			      bad[i]);
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
	}
}
END_TEST

/* Refused, or read as something else than before: no flipped bit is passed over. */
START_TEST(ready_record_parse__sees_each_flipped_bit)
{
	AUTO(ready_record) record = READY_RECORD_INIT;
	AUTO(secret) text = SECRET_INIT;

	ck_assert_int_eq(make_record(&record), 0);
	ck_assert_int_eq(ready_record_format(&record, &text, &err), 0);
	for (size_t bit = 0; bit < 8 * text.len; bit++) {
		AUTO(ready_record) again = READY_RECORD_INIT;
		int status;

		err = ERROR_INIT;
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		status = ready_record_parse(secret_span(&text), &again, &err);
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(status < 0, err.kind != ERROR_NONE);
		/* The line feed at the very end may be missing, or be something behind the last name. */
		ck_assert_msg(status < 0 || !same(&record, &again), "bit %zu", bit);
	}
}
END_TEST

static int write_and_read(void)
{
	AUTO(ready_record) record = READY_RECORD_INIT;
	AUTO(ready_record) again = READY_RECORD_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct ready_digest made;

	if (make_record(&record) < 0 || ready_record_format(&record, &text, &err) < 0 ||
	    ready_record_digest(&record, (struct owner){ 0, 0 }, 0400, SPAN_LITERAL("x"), &made,
				&err) < 0)
		return -1;
	return ready_record_parse(secret_span(&text), &again, &err);
}

START_TEST(ready_record__survives_lack_of_memory)
{
	SWEEP(write_and_read());
}
END_TEST

static int check_anew(void)
{
	AUTO(manifest) manifest = MANIFEST_INIT;

	return check_with("templates: {}", ready_one, &manifest);
}

START_TEST(ready_check_shared__survives_lack_of_memory)
{
	SWEEP(check_anew());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_ready");
	TCase *tcase = tcase_create("ready");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, manifest_parse__reads_lifetime_and_unit);
	tcase_add_test(tcase, manifest_parse__refuses_what_cannot_be_withdrawn);
	tcase_add_test(tcase, manifest_narrow__leaves_what_is_for_that_unit);
	tcase_add_test(tcase, manifest_narrow__finds_nothing_for_others);
	tcase_add_test(tcase, manifest_narrow__survives_lack_of_memory);
	tcase_add_test(tcase, ready_check_shared__takes_what_is_apart);
	tcase_add_test(tcase, ready_check_shared__names_both);
	tcase_add_test(tcase, ready_check_shared__knows_all_and_whole_files);
	tcase_add_test(tcase, ready_check_shared__survives_lack_of_memory);
	tcase_add_test(tcase, ready_record__is_read_as_it_was_written);
	tcase_add_test(tcase, ready_record__has_keys_of_its_own);
	tcase_add_test(tcase, ready_record__replaces_and_drops);
	tcase_add_test(tcase, ready_record_parse__takes_nothing_else);
	tcase_add_test(tcase, ready_record_parse__sees_each_flipped_bit);
	tcase_add_test(tcase, ready_record__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
