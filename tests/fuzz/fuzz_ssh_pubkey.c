/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "ssh/convert.h"
#include "ssh/hosts.h"
#include "ssh/pubkey.h"

static void parse(struct span line)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct error err = ERROR_INIT;
	char fingerprint[SSH_FINGERPRINT_MAX];
	struct rsa_public rsa;
	uint8_t point[32];
	int result = ssh_public_key_parse(line, &key, &err);

	fuzz_result(result, &err);
	if (result < 0)
		return;
	fuzz_require(!ssh_line_is_blank(line));
	ssh_fingerprint(buf_span(&key.wire), fingerprint);
	fuzz_require(strlen(fingerprint) == 50);
	ssh_hosts_match(key.prefix, "host.example", 22);
	ssh_hosts_match(key.prefix, "host.example", 2222);
	fuzz_result(ssh_public_to_x25519(&key, point, &err), &err);
	error_clear(&err);
	fuzz_result(ssh_public_key_rsa(&key, &rsa, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	parse(span_of(data, len));
	fuzz_end();
	return 0;
}
