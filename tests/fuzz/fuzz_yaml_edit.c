/* SPDX-License-Identifier: MIT */
/*
 * What can be sealed can be opened, and comes back byte for byte unless sealing
 * said that it will not; then opening gives the same values.
 */
#include <assert.h>
#include <sodium.h>
#include <stdint.h>

#include "../unit/doc_fake.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return sodium_init() < 0 ? -1 : 0;
}

/* The canonical values, in the order of the text. */
static void list_values(const struct secret *text, struct secret *ret_values)
{
	struct secret copy = SECRET_INIT;
	struct doc doc = DOC_INIT;
	struct error err = ERROR_INIT;
	char scratch[DOC_CANONICAL_MAX];
	struct span value;

	assert(secret_append_span(&copy, secret_span(text), &err) == 0);
	assert(doc_parse(DOC_YAML, &copy, 0, &doc, &err) == 0);
	for (uint32_t i = 0; i < doc.len; i++) {
		if (doc.nodes[i].kind != DOC_SCALAR)
			continue;
		assert(doc_canonical(&doc, i, scratch, &value, &err) == 0);
		assert(secret_append_span(ret_values, doc_key(&doc, i), &err) == 0);
		assert(secret_append(ret_values, "\0:", 2, &err) == 0);
		assert(secret_append_span(ret_values, value, &err) == 0);
		assert(secret_append(ret_values, "\0", 1, &err) == 0);
	}
	doc_release(&doc);
	secret_release(&copy);
}

static void check_opened(const struct secret *before, struct secret *sealed, bool exact)
{
	struct secret opened = SECRET_INIT, old_values = SECRET_INIT, new_values = SECRET_INIT;
	struct error err = ERROR_INIT;

	assert(fake_open(sealed, &opened, &err) == 0);
	if (exact) {
		assert(span_equal(secret_span(&opened), secret_span(before)));
	} else {
		list_values(before, &old_values);
		list_values(&opened, &new_values);
		assert(span_equal(secret_span(&old_values), secret_span(&new_values)));
	}
	secret_release(&opened);
	secret_release(&old_values);
	secret_release(&new_values);
}

/* A value that reads as sealed is one, to these tests: nothing follows from it. */
static bool looks_sealed(const uint8_t *data, size_t len)
{
	return len > 6 && memmem(data, len, ",type:", 6) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct secret text = SECRET_INIT, before = SECRET_INIT, sealed = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool exact;
	int status = looks_sealed(data, len) ? error_set(&err, ERROR_SEALED, "sealed already")
					     : secret_append(&text, data, len, &err);

	if (status == 0)
		status = secret_append(&before, data, len, &err);
	if (status == 0)
		status = fake_seal(&text, &sealed, &exact, &err);
	assert((status < 0) == (err.kind != ERROR_NONE));
	assert(err.kind != ERROR_BUG);
	if (status == 0)
		check_opened(&before, &sealed, exact);
	secret_release(&text);
	secret_release(&before);
	secret_release(&sealed);
	assert(secret_live() == 0);
	return 0;
}
