/* SPDX-License-Identifier: MIT */
/*
 * The file as it is, and the input as what is inside the armor of each format: there the structure
 * is. With a passphrase too, where what is made of it does not take long.
 */
#include "fuzz.h"
#include "ssh/privkey.h"
#include "ssh/wire.h"
#include "util/buf.h"
#include "util/codec.h"

#define ROUNDS_MAX 2

static const char *const labels[] = { "OPENSSH PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
				      "RSA PRIVATE KEY" };

/* How many rounds of bcrypt does a key in OpenSSH's format ask for? */
static bool is_slow_bcrypt(struct span bytes)
{
	const uint8_t *at = bytes.len > 0 ? memmem(bytes.data, bytes.len, "bcrypt", 6) : NULL;
	struct span rest =
		at ? span_slice(bytes, (size_t)(at - bytes.data) + 6, bytes.len) : SPAN_INIT;
	struct span options, salt;
	uint32_t rounds;

	return at && (!ssh_wire_string(&rest, &options) || !ssh_wire_string(&options, &salt) ||
		      !span_take_be32(&options, &rounds) || rounds > ROUNDS_MAX);
}

/* Is there a DER number above 4095, which could be rounds of PBKDF2, or scrypt at all? */
static bool is_slow_der(struct span bytes)
{
	for (size_t i = 0; i + 2 < bytes.len; i++)
		if (bytes.data[i] == 2 && bytes.data[i + 1] >= 2 && bytes.data[i + 1] <= 5 &&
		    (bytes.data[i + 1] > 2 || bytes.data[i + 2] >= 0x10))
			return true;
	return bytes.len > 0 && memmem(bytes.data, bytes.len, "\xda\x47\x04\x0b", 4);
}

static void parse(struct span file, struct span passphrase)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	struct error err = ERROR_INIT;
	int result = ssh_private_key_parse(file, passphrase, &key, &err);

	fuzz_result(result, &err);
	fuzz_require(err.kind != ERROR_BUG);
	fuzz_require(result < 0 || key.locked == (key.private_part.len == 0));
	fuzz_require(!key.locked || passphrase.len == 0);
}

static void parse_inside(struct span blob, const char *label, bool slow)
{
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;
	size_t len = codec_base64_len(blob.len, CODEC_BASE64_PADDED);

	fuzz_require(buf_printf(&text, &err, "-----BEGIN %s-----\n", label) == 0);
	fuzz_require(buf_grow(&text, len, &err) == 0);
	codec_base64_encode(blob, CODEC_BASE64_PADDED, (char *)text.data + text.len);
	text.len += len;
	fuzz_require(buf_printf(&text, &err, "\n-----END %s-----\n", label) == 0);
	parse(buf_span(&text), SPAN_INIT);
	if (!slow)
		parse(buf_span(&text), SPAN_LITERAL("hunter2"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct span input = span_of(data, len);
	const bool slow = is_slow_bcrypt(input) || is_slow_der(input);

	fuzz_start();
	parse(input, SPAN_INIT);
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		parse_inside(input, labels[i], slow);
	fuzz_end();
	return 0;
}
