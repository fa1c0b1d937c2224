/* SPDX-License-Identifier: MIT */
/* Texts in, texts out: what the tests of each format of doc do with them (on doc_fake.h). */
#ifndef TESTS_DOC_TEXT_H
#define TESTS_DOC_TEXT_H

#include <check.h>

#include "doc_fake.h"

UNUSED static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

UNUSED static void secret_of(const char *text, struct secret *ret_secret)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_text(ret_secret, text, &err), 0);
}

UNUSED static int parse_as(enum doc_format format, const char *text, unsigned flags,
			   struct doc *ret_doc, struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;

	secret_of(text, &copy);
	return doc_parse(format, &copy, flags, ret_doc, err);
}

UNUSED static void parse_well(enum doc_format format, const char *text, struct doc *ret_doc)
{
	struct error err = ERROR_INIT;

	ck_assert_msg(parse_as(format, text, 0, ret_doc, &err) == 0, "%s\n%s", err.message, text);
}

UNUSED static void seal(enum doc_format format, const char *text, struct secret *ret_sealed,
			bool *ret_exact)
{
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	secret_of(text, &plain);
	ck_assert_msg(fake_seal_as(format, &plain, ret_sealed, ret_exact, &err) == 0, "%s\n%s",
		      err.message, text);
}

UNUSED static void open_again(enum doc_format format, struct secret *sealed,
			      struct secret *ret_text)
{
	struct error err = ERROR_INIT;

	ck_assert_msg(fake_open_as(format, sealed, ret_text, &err) == 0, "%s", err.message);
}

UNUSED static void check_text(struct span text, const char *expected)
{
	ck_assert_msg(span_equal_text(text, expected), "got:\n%.*s\nexpected:\n%s",
		      SPAN_PRINT(text), expected);
}

/* text comes back as expected; sealing says beforehand whether that will be text itself. */
UNUSED static void check_round_trip(enum doc_format format, const char *text, const char *expected,
				    bool exact)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	bool is_exact;

	seal(format, text, &sealed, &is_exact);
	ck_assert_msg(is_exact == exact, "%s", text);
	open_again(format, &sealed, &opened);
	check_text(secret_span(&opened), expected);
}

/* The node of a key, at any depth. */
UNUSED static uint32_t find(const struct doc *doc, const char *key)
{
	for (uint32_t i = 1; i < doc->len; i++)
		if (doc->nodes[i].kind != DOC_COMMENT && span_equal_text(doc_key(doc, i), key))
			return i;
	ck_abort_msg("no key %s", key);
	return DOC_NONE;
}

/* The value of key is set: after (NULL: refused) is all that comes of before. */
UNUSED static void check_set(enum doc_format format, const char *before, const char *key,
			     enum doc_type type, const char *value, const char *after)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status;

	parse_well(format, before, &doc);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	status = doc_edit_set(&edit, find(&doc, key), type, span_of_text(value), &err);
	ck_assert_msg((status == 0) == (after != NULL), "%s: %s", before, err.message);
	if (status < 0)
		return;
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(secret_span(&text), after);
}

#endif
