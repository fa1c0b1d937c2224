/* SPDX-License-Identifier: MIT */
/* The file as it is, and the input as what is inside its armor: there the structure is. */
#include "fuzz.h"
#include "ssh/privkey.h"
#include "util/buf.h"
#include "util/codec.h"

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----\n"
#define END "\n-----END OPENSSH PRIVATE KEY-----\n"

static void parse(struct span file)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	struct error err = ERROR_INIT;

	fuzz_result(ssh_private_key_parse(file, &key, &err), &err);
}

static void parse_inside(struct span blob)
{
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;
	size_t len = codec_base64_len(blob.len, CODEC_BASE64_PADDED);

	fuzz_require(buf_append_text(&text, BEGIN, &err) == 0);
	fuzz_require(buf_grow(&text, len, &err) == 0);
	codec_base64_encode(blob, CODEC_BASE64_PADDED, (char *)text.data + text.len);
	text.len += len;
	fuzz_require(buf_append_text(&text, END, &err) == 0);
	parse(buf_span(&text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	parse(span_of(data, len));
	parse_inside(span_of(data, len));
	fuzz_end();
	return 0;
}
