/* SPDX-License-Identifier: MIT */
/* activate: values, json, plan, units, record's text. No host is needed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "activate/json.h"
#include "activate/plan.h"
#include "activate/record.h"
#include "activate/units.h"
#include "activate/values.h"
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

static void put(struct secret *out, uint32_t entry, const char *name, struct span bytes)
{
	struct value value = { entry, span_of_text(name), bytes };

	ck_assert_int_eq(values_put(out, &value, &err), 0);
}

START_TEST(values_take__gives_back_what_was_put)
{
	AUTO(secret) out = SECRET_INIT;
	struct value value;
	struct span in;

	put(&out, 7, "NAME", SPAN_LITERAL("a\0b"));
	put(&out, UINT32_MAX, "", SPAN_INIT);
	in = secret_span(&out);
	ck_assert(values_take(&in, &value));
	ck_assert_uint_eq(value.entry, 7);
	ck_assert(span_equal_text(value.name, "NAME"));
	ck_assert(span_equal(value.bytes, SPAN_LITERAL("a\0b")));
	ck_assert(values_take(&in, &value));
	ck_assert_uint_eq(value.entry, UINT32_MAX);
	ck_assert_uint_eq(value.bytes.len, 0);
	ck_assert(!values_take(&in, &value));
	/* The child's answer cut anywhere gives whole values or none. */
	for (size_t len = 0; len < out.len; len++) {
		in = span_slice(secret_span(&out), 0, len);
		while (values_take(&in, &value))
			ck_assert(value.bytes.data + value.bytes.len <= out.data + len);
	}
}
END_TEST

START_TEST(json_string__escapes_and_refuses)
{
	AUTO(secret) out = SECRET_INIT;

	ck_assert_int_eq(json_string(&out, SPAN_LITERAL("a\"b\\c\n\t\r\b\f\x01\x1f\x7f/é€𝄞\v"),
				     &err),
			 0);
	ck_assert(span_equal_text(secret_span(&out),
				  "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f\x7f/é€𝄞\\u000b\""));
	ck_assert_int_eq(json_string(&out, SPAN_LITERAL("\xff"), &err), -1);
	ck_assert_int_eq(json_string(&out, SPAN_LITERAL("\xed\xa0\x80"), &err), -1);
}
END_TEST

START_TEST(json_object__is_whole)
{
	AUTO(secret) out = SECRET_INIT;
	AUTO(names) names = NAMES_INIT;
	struct json_object object;

	ck_assert_int_eq(names_add(&names, SPAN_LITERAL("x"), &err), 0);
	ck_assert_int_eq(names_printf(&names, &err, "%d\"", 5), 0);
	ck_assert_int_eq(json_open(&out, &object, &err), 0);
	ck_assert_int_eq(json_text(&object, "t", SPAN_LITERAL("v"), &err), 0);
	ck_assert_int_eq(json_number(&object, "n", 18446744073709551615ULL, &err), 0);
	ck_assert_int_eq(json_flag(&object, "f", true, &err), 0);
	ck_assert_int_eq(json_names(&object, "l", &names, &err), 0);
	ck_assert_int_eq(json_close(&object, &err), 0);
	ck_assert(span_equal_text(secret_span(&out),
				  "{\"t\":\"v\",\"n\":18446744073709551615,\"f\":true,"
				  "\"l\":[\"x\",\"5\\\"\"]}"));
}
END_TEST

/* A manifest of one entry a kind: s, e (two keys), d (all). */
static struct manifest_entry entries[3];
static struct manifest manifest;
static const struct owner owners[3] = { { 1, 2 }, { 3, 4 }, { 5, 6 } };

static void make_manifest(void)
{
	static char name_s[] = "a/s", name_e[] = "e.env", name_d[] = "d.json";
	static char key_whole[] = "", key_a[] = "A", key_b[] = "x/B";
	static char *secret_keys[] = { key_whole }, *env_keys[] = { key_a, key_b };

	entries[0] = (struct manifest_entry){ .kind = MANIFEST_SECRET,
					      .name = name_s,
					      .file = 1,
					      .keys = { secret_keys, 1, 1 },
					      .mode = 0440 };
	entries[1] = (struct manifest_entry){ .kind = MANIFEST_ENVIRONMENT,
					      .name = name_e,
					      .keys = { env_keys, 2, 2 },
					      .mode = 0400 };
	entries[2] = (struct manifest_entry){
		.kind = MANIFEST_DOCUMENT, .name = name_d, .all_keys = true, .mode = 0400
	};
	manifest = (struct manifest){ .entries = entries, .len = 3 };
}

/* Two files: the first for e and d, mixed; the second for s. */
static void make_values(struct secret values[2])
{
	put(&values[0], 2, "K1", SPAN_LITERAL("1\n"));
	put(&values[0], 1, "A", SPAN_LITERAL("$a"));
	put(&values[0], 2, "K2", SPAN_LITERAL("\"2\""));
	put(&values[0], 1, "B", SPAN_LITERAL(""));
	put(&values[1], 0, "", SPAN_LITERAL("raw\0bytes"));
}

/* Takes none. */
static struct faults strict;

static int plan_from(const struct secret values[2], struct plan *ret_plan)
{
	struct span spans[2] = { secret_span(&values[0]), secret_span(&values[1]) };

	return plan_make(&manifest, owners, spans, &strict, ret_plan, &err);
}

START_TEST(plan_make__writes_each_kind)
{
	AUTO(plan) plan = PLAN_INIT;
	struct secret values[2] = { SECRET_INIT, SECRET_INIT };

	make_manifest();
	make_values(values);
	ck_assert_msg(plan_from(values, &plan) == 0, "%s", err.message);
	ck_assert_uint_eq(plan.len, 3);
	ck_assert(span_equal(plan_bytes(&plan, 0), SPAN_LITERAL("raw\0bytes")));
	ck_assert(span_equal_text(plan_bytes(&plan, 1), "A='$a'\nB=\"\"\n"));
	ck_assert(
		span_equal_text(plan_bytes(&plan, 2), "{\"K1\":\"1\\n\",\"K2\":\"\\\"2\\\"\"}\n"));
	ck_assert_str_eq(plan.files[0].name, "a/s");
	ck_assert_uint_eq(plan.files[0].mode, 0440);
	ck_assert_uint_eq(plan.files[1].owner.uid, 3);
	ck_assert_uint_eq(plan.files[2].owner.gid, 6);
	secret_release(&values[0]);
	secret_release(&values[1]);
}
END_TEST

START_TEST(plan_make__refuses_what_a_kind_cannot_carry)
{
	AUTO(plan) plan = PLAN_INIT;
	struct secret values[2] = { SECRET_INIT, SECRET_INIT };

	make_manifest();
	ck_assert_int_eq(plan_from(values, &plan), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "\"a/s\""));
	put(&values[1], 0, "", SPAN_LITERAL("x"));
	put(&values[0], 1, "A", SPAN_LITERAL("a\0b"));
	put(&values[0], 1, "B", SPAN_LITERAL("b"));
	ck_assert_int_eq(plan_from(values, &plan), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "\"e.env\""));
	/* One value too few. */
	secret_release(&values[0]);
	put(&values[0], 1, "A", SPAN_LITERAL("a"));
	ck_assert_int_eq(plan_from(values, &plan), -1);
	/* No text, for JSON. */
	put(&values[0], 1, "B", SPAN_LITERAL("b"));
	put(&values[0], 2, "K", SPAN_LITERAL("\xfe"));
	ck_assert_int_eq(plan_from(values, &plan), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "\"d.json\": the value of \"K\": no UTF-8"));
	secret_release(&values[0]);
	secret_release(&values[1]);
}
END_TEST

/* What is wrong with one entry is its own fault, and the others are as they would be. */
START_TEST(plan_make__passes_over_what_may_be_kept)
{
	AUTO(plan) plan = PLAN_INIT;
	AUTO(faults) faults = FAULTS_INIT;
	struct secret values[2] = { SECRET_INIT, SECRET_INIT };
	struct span spans[2];

	make_manifest();
	make_values(values);
	put(&values[0], 1, "C", SPAN_LITERAL("a\0b"));
	spans[0] = secret_span(&values[0]);
	spans[1] = secret_span(&values[1]);
	ck_assert_int_eq(faults_init(&faults, manifest.len, true, &err), 0);
	ck_assert_int_eq(plan_make(&manifest, owners, spans, &faults, &plan, &err), 0);
	ck_assert(faults.items[0] == NULL && faults.items[2] == NULL);
	ck_assert_ptr_nonnull(strstr(faults.items[1]->message, "\"e.env\": the value of \"C\""));
	ck_assert(plan.files[0].has_value && !plan.files[1].has_value && plan.files[2].has_value);
	ck_assert_uint_eq(plan_bytes(&plan, 1).len, 0);
	ck_assert(span_equal(plan_bytes(&plan, 0), SPAN_LITERAL("raw\0bytes")));
	ck_assert(
		span_equal_text(plan_bytes(&plan, 2), "{\"K1\":\"1\\n\",\"K2\":\"\\\"2\\\"\"}\n"));
	secret_release(&values[0]);
	secret_release(&values[1]);
}
END_TEST

START_TEST(faults_take__keeps_the_first)
{
	AUTO(faults) faults = FAULTS_INIT;

	ck_assert_int_eq(faults_init(&faults, 2, true, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		error_set(&err, ERROR_CONFIG, "reason %zu", i);
		ck_assert_int_eq(faults_take(&faults, 1, &err), 0);
		ck_assert_int_eq(err.kind, ERROR_NONE);
	}
	ck_assert_str_eq(faults.items[1]->message, "reason 0");
	error_set(&err, ERROR_CONFIG, "strict");
	ck_assert_int_eq(faults_take(&strict, 0, &err), -1);
	ck_assert_str_eq(err.message, "strict");
}
END_TEST

START_TEST(plan_make__knows_what_openclaw_reads_at_most)
{
	AUTO(plan) plan = PLAN_INIT;
	AUTO(secret) large = SECRET_INIT;
	struct secret values[2] = { SECRET_INIT, SECRET_INIT };

	make_manifest();
	make_values(values);
	ck_assert_int_eq(secret_reserve(&large, PLAN_DOCUMENT_MAX, &err), 0);
	memset(large.data, 'x', PLAN_DOCUMENT_MAX);
	large.len = PLAN_DOCUMENT_MAX;
	put(&values[0], 2, "K3", secret_span(&large));
	ck_assert_int_eq(plan_from(values, &plan), -1);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	secret_release(&values[0]);
	secret_release(&values[1]);
}
END_TEST

static int plan_anew(const struct secret *values)
{
	AUTO(plan) plan = PLAN_INIT;

	return plan_from(values, &plan);
}

/* Nothing for one entry: each lack of memory is a fault, too, and what is left is released. */
static int plan_keeping_anew(void)
{
	AUTO(plan) plan = PLAN_INIT;
	AUTO(faults) faults = FAULTS_INIT;
	const struct span nothing[2] = { SPAN_INIT, SPAN_INIT };

	if (faults_init(&faults, manifest.len, true, &err) < 0)
		return -1;
	return plan_make(&manifest, owners, nothing, &faults, &plan, &err);
}

START_TEST(plan_make__survives_lack_of_memory)
{
	struct secret values[2] = { SECRET_INIT, SECRET_INIT };

	make_manifest();
	make_values(values);
	SWEEP(plan_anew(values));
	SWEEP(plan_keeping_anew());
	secret_release(&values[0]);
	secret_release(&values[1]);
}
END_TEST

START_TEST(units__are_kept_once_and_come_back)
{
	static char a[] = "a.service", b[] = "b.service";
	static char *one[] = { a }, *two[] = { b, a };
	struct manifest_entry entry = { .restart = { one, 1, 1 }, .reload = { two, 2, 2 } };
	AUTO(units) units = UNITS_INIT;
	AUTO(units) back = UNITS_INIT;
	AUTO(secret) text = SECRET_INIT;

	ck_assert_int_eq(units_add(&units, &entry.restart, &entry.reload, &err), 0);
	ck_assert_int_eq(units_add(&units, &entry.restart, &entry.reload, &err), 0);
	ck_assert_uint_eq(units.restart.len, 1);
	ck_assert_uint_eq(units.reload.len, 2);
	ck_assert_int_eq(units_format(&units, &text, &err), 0);
	ck_assert(span_equal_text(secret_span(&text),
				  "restart a.service\nreload b.service\nreload a.service\n"));
	ck_assert_int_eq(units_parse(secret_span(&text), &back, &err), 0);
	ck_assert_uint_eq(back.restart.len, 1);
	ck_assert_uint_eq(back.reload.len, 2);
	ck_assert_int_eq(units_parse(SPAN_LITERAL("nonsense\n\nstop x.service\n"), &back, &err), 0);
	ck_assert_uint_eq(back.restart.len + back.reload.len, 3);
}
END_TEST

static void make_record(struct record *record)
{
	struct record_file *file;

	record_begin(record);
	ck_assert_int_eq(record_add(record, "/etc/host \"x\".yaml", SPAN_LITERAL("abc"), "", &err),
			 0);
	ck_assert_int_eq(record_add(record, "/etc/b.yaml", SPAN_INIT, "2026-07-01T10:00:00Z", &err),
			 0);
	strcpy(record->revision, "0123456789abcdef0123456789abcdef01234567");
	ck_assert_int_eq(record_add_file(record, SPAN_LITERAL("a/b"), &file, &err), 0);
	ck_assert_int_eq(names_add(&file->restart, SPAN_LITERAL("r.service"), &err), 0);
	ck_assert_int_eq(record_add_file(record, SPAN_LITERAL("é: #x"), &file, &err), 0);
	file->kept = true;
	ck_assert_int_eq(record_set_link(file, "/etc/a b/ü", &err), 0);
	ck_assert_int_eq(names_add(&record->left, SPAN_LITERAL("/etc/old"), &err), 0);
	/* What libyaml does not take as it is, or escaped as JSON would: a noncharacter, a smiley. */
	ck_assert_int_eq(record_add(record, "/\xef\xbf\xbe/\x7f/\xc2\x85/\xf0\x9f\x98\x80",
				    SPAN_INIT, "", &err),
			 0);
	ck_assert_int_eq(record_add(record, "/\xff/b", SPAN_INIT, "", &err), 0);
}

START_TEST(record__comes_back)
{
	AUTO(record) record = RECORD_INIT;
	AUTO(record) back = RECORD_INIT;
	AUTO(secret) text = SECRET_INIT;

	make_record(&record);
	ck_assert_int_eq(record_format(&record, &text, &err), 0);
	ck_assert_msg(record_parse(&text, &back, &err) == 0, "%s", err.message);
	ck_assert_str_eq(back.time, record.time);
	ck_assert_uint_eq(back.len, 4);
	ck_assert_str_eq(back.sources[2].path, record.sources[2].path);
	ck_assert_str_eq(back.sources[3].path, "/\\xff/b");
	ck_assert_str_eq(back.sources[0].path, "/etc/host \"x\".yaml");
	ck_assert_str_eq(back.sources[0].digest,
			 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	ck_assert_ptr_eq(record_find(&back, "/etc/b.yaml"), &back.sources[1]);
	ck_assert_str_eq(back.sources[1].time, "2026-07-01T10:00:00Z");
	ck_assert_ptr_null(record_find(&back, "/etc/c.yaml"));
	ck_assert_str_eq(back.sources[1].newest, "2026-07-01T10:00:00Z");
	ck_assert_str_eq(back.revision, record.revision);
	ck_assert_uint_eq(back.files_len, 2);
	ck_assert(!back.files[0].kept && back.files[1].kept);
	ck_assert_uint_eq(back.files[0].restart.len, 1);
	ck_assert_uint_eq(back.files[0].reload.len, 0);
	ck_assert_ptr_null(back.files[0].link);
	ck_assert_str_eq(back.files[1].link, "/etc/a b/ü");
	ck_assert_uint_eq(back.left.len, 1);
	ck_assert_str_eq(back.left.items[0], "/etc/old");
	ck_assert_ptr_eq(record_find_file(&back, "é: #x"), &back.files[1]);
	ck_assert_ptr_null(record_find_file(&back, "a"));
}
END_TEST

START_TEST(record_parse__refuses_what_is_none)
{
	static const char *const texts[] = {
		"",
		"x",
		"{}",
		"{\"files\":1,\"sources\":[]}",
		"{\"files\":[],\"sources\":[{}]}",
		"{\"files\":[{}],\"sources\":[]}",
		"{\"files\":[\"a\"],\"sources\":[]}",
		"{\"files\":[{\"name\":\"a\"}],\"sources\":[]}",
		"{\"files\":[],\"sources\":[1]}",
		"{\"files\":[],\"sources\":[],\"leftLinks\":[1]}",
		"{\"files\":[],\"sources\":[],\"leftLinks\":[\"\"]}",
		"{\"files\":[],\"sources\":[],\"leftLinks\":[\"/a/../b\"]}",
		"{\"files\":[],\"sources\":[],\"leftLinks\":[[\"/a\"]]}",
		("{\"files\":[{\"name\":\"a\",\"restart\":[],\"reload\":[],"
		 "\"link\":\"a\"}],\"sources\":[]}"),
		"[]"
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		AUTO(record) record = RECORD_INIT;
		AUTO(secret) text = SECRET_INIT;

		err = ERROR_INIT;
		ck_assert_int_eq(secret_append_text(&text, texts[i], &err), 0);
		ck_assert_int_eq(record_parse(&text, &record, &err), -1);
		ck_assert_int_ne(err.kind, ERROR_NONE);
	}
}
END_TEST

START_TEST(record_is_older__knows_what_was_opened_before)
{
	AUTO(record) first = RECORD_INIT;
	AUTO(record) second = RECORD_INIT;
	AUTO(record) third = RECORD_INIT;

	ck_assert_int_eq(record_add(&first, "/a", SPAN_INIT, "2026-07-01T10:00:00Z", &err), 0);
	ck_assert_int_eq(record_add(&second, "/b", SPAN_INIT, "2026-01-01T10:00:00Z", &err), 0);
	ck_assert_int_eq(record_add(&second, "/a", SPAN_INIT, "2026-06-01T10:00:00Z", &err), 0);
	record_inherit(&second, &first);
	ck_assert(!record_is_older(&second.sources[0]));
	ck_assert(record_is_older(&second.sources[1]));
	/* It is remembered for as long as it is true. */
	ck_assert_int_eq(record_copy(&third, &second.sources[1], &err), 0);
	record_inherit(&third, &second);
	ck_assert(record_is_older(&third.sources[0]));
	ck_assert_str_eq(third.sources[0].newest, "2026-07-01T10:00:00Z");
	/* Times of other zones are not compared. */
	strcpy(third.sources[0].time, "2026-06-01T10:00:00+02:00");
	ck_assert(!record_is_older(&third.sources[0]));
}
END_TEST

static int record_anew(const struct record *record)
{
	AUTO(record) back = RECORD_INIT;
	AUTO(secret) text = SECRET_INIT;

	return record_format(record, &text, &err) < 0 ? -1 : record_parse(&text, &back, &err);
}

START_TEST(record__survives_lack_of_memory)
{
	AUTO(record) record = RECORD_INIT;

	make_record(&record);
	SWEEP(record_anew(&record));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_plan");
	TCase *tcase = tcase_create("plan");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, values_take__gives_back_what_was_put);
	tcase_add_test(tcase, json_string__escapes_and_refuses);
	tcase_add_test(tcase, json_object__is_whole);
	tcase_add_test(tcase, plan_make__writes_each_kind);
	tcase_add_test(tcase, plan_make__refuses_what_a_kind_cannot_carry);
	tcase_add_test(tcase, plan_make__passes_over_what_may_be_kept);
	tcase_add_test(tcase, faults_take__keeps_the_first);
	tcase_add_test(tcase, plan_make__knows_what_openclaw_reads_at_most);
	tcase_add_test(tcase, plan_make__survives_lack_of_memory);
	tcase_add_test(tcase, units__are_kept_once_and_come_back);
	tcase_add_test(tcase, record__comes_back);
	tcase_add_test(tcase, record_is_older__knows_what_was_opened_before);
	tcase_add_test(tcase, record_parse__refuses_what_is_none);
	tcase_add_test(tcase, record__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
