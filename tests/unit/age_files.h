/* SPDX-License-Identifier: MIT */
/* age files in memory, for the tests of module age. */
#ifndef TESTS_AGE_FILES_H
#define TESTS_AGE_FILES_H

#include "age/file.h"
#include "vectors.h"

/* A source that gives at most step bytes at a time. */
struct drip {
	struct span left;
	size_t step;
};

static inline int drip_read(void *context, uint8_t *data, size_t len, size_t *ret_len,
			    struct error *err)
{
	struct drip *drip = context;
	struct span part = span_slice(drip->left, 0, len < drip->step ? len : drip->step);

	(void)err;
	if (part.len > 0)
		memcpy(data, part.data, part.len);
	drip->left = span_slice(drip->left, part.len, SIZE_MAX);
	*ret_len = part.len;
	return 0;
}

static inline int collect(void *context, struct span bytes, struct error *err)
{
	return buf_append_span(context, bytes, err);
}

/* The identity whose text is in the age project's tests, and its recipient. */
#define TEST_IDENTITY "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
#define TEST_RECIPIENT "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

static inline struct age_identities test_identities(void)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(TEST_IDENTITY), "test", &err));
	return identities;
}

static inline struct age_recipients test_recipients(void)
{
	struct age_recipients recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(TEST_RECIPIENT), &err));
	return recipients;
}

#endif
