/* SPDX-License-Identifier: MIT */
/* A keys/NAME.pub, and where its keys come from: a file of any kind, and the answer of a host. */
#include <assert.h>
#include <stdint.h>

#include "crypto/lib.h"
#include "keyring/keyring.h"
#include "keyring/source.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct error err = ERROR_INIT;

	(void)argc;
	(void)argv;
	return crypto_init(&err);
}

static void parse(struct span text)
{
	struct age_recipients recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;
	int status = keyring_parse_file(text, &recipients, &err);

	assert((status < 0) == (err.kind != ERROR_NONE));
	assert((status == 0) == (recipients.len > 0));
	age_recipients_release(&recipients);
}

/* What is taken from anywhere can be read as a file of keys/. */
static void take(struct span text)
{
	struct age_recipients recipients = AGE_RECIPIENTS_INIT;
	struct buf lines = BUF_INIT;
	struct error err = ERROR_INIT;
	int status = keyring_take_keys(text, SPAN_INIT, &lines, &err);

	assert((status < 0) == (err.kind != ERROR_NONE));
	if (status == 0)
		assert(keyring_parse_file(buf_span(&lines), &recipients, &err) == 0);
	buf_release(&lines);
	age_recipients_release(&recipients);
}

static void scan(struct span text)
{
	const struct keyring_known known = { "known", text };
	struct buf lines = BUF_INIT;
	struct error err = ERROR_INIT;
	int status = keyring_take_scan(text, SPAN_INIT, "web1", 22, &known, 1, &lines, &err);

	assert((status < 0) == (err.kind != ERROR_NONE));
	buf_release(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	parse(span_of(data, len));
	take(span_of(data, len));
	scan(span_of(data, len));
	assert(secret_live() == 0);
	return 0;
}
