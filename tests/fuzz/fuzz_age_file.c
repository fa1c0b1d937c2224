/* SPDX-License-Identifier: MIT */
/*
 * Whole files, opened with the identity that the C2SP vectors are sealed to, both ways, and inspected. A passphrase is
 * asked for as well, of nobody: what it would cost is up to the file.
 */
#include "age/file.h"
#include "age/inspect.h"
#include "age/passphrase.h"
#include "fuzz.h"

#define IDENTITY "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"

static int read_span(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	struct span *left = context, part = span_slice(*left, 0, len);

	(void)err;
	if (part.len > 0)
		memcpy(data, part.data, part.len);
	*left = span_slice(*left, part.len, SIZE_MAX);
	*ret_len = part.len;
	return 0;
}

static int collect(void *context, struct span bytes, struct error *err)
{
	return buf_append_span(context, bytes, err);
}

static void open_both(struct span file)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(buf) streamed = BUF_INIT;
	struct span left = file;
	const struct age_source source = { read_span, &left };
	const struct age_sink sink = { collect, &streamed };
	struct error err = ERROR_INIT, stream_err = ERROR_INIT;
	int result, stream_result;

	fuzz_require(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "x", &err) == 0);
	fuzz_require(age_identities_add_passphrase(&identities, "x", &err) == 0);
	result = age_open(&identities, file, &plain, &err);
	fuzz_result(result, &err);
	stream_result = age_open_stream(&identities, &source, &sink, &stream_err);
	fuzz_result(stream_result, &stream_err);
	/* of a stream, that nobody could be asked is the reason that no identity opens it */
	fuzz_require(result == stream_result &&
		     (err.kind == stream_err.kind ||
		      (err.kind == ERROR_DENIED && stream_err.kind == ERROR_NO_KEY)));
	fuzz_require(result < 0 || span_equal(secret_span(&plain), buf_span(&streamed)));
}

static void inspect(struct span file)
{
	AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
	struct span left = file;
	const struct age_source source = { read_span, &left };
	struct error err = ERROR_INIT;
	const int result = age_inspect(&source, &inspection, &err);

	fuzz_result(result, &err);
	if (result < 0)
		return;
	fuzz_require(inspection.armored || inspection.armor == 0);
	fuzz_require(inspection.header + inspection.armor + inspection.overhead +
			     inspection.payload ==
		     file.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	open_both(span_of(data, len));
	inspect(span_of(data, len));
	fuzz_end();
	return 0;
}
