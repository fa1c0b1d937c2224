/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "activate/credential.h"
#include "fuzz.h"

/* What is taken is spelled again as it was, but for the number. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct credential credential;
	struct error err = ERROR_INIT;
	char again[2 * CREDENTIAL_NAME_MAX + sizeof("/unit//")];
	int status = credential_parse(span_of(data, len), &credential, &err);

	fuzz_require((status < 0) == (err.kind != ERROR_NONE));
	if (status < 0)
		return 0;
	snprintf(again, sizeof(again), "/unit/%s/%s", credential.unit, credential.name);
	fuzz_require(len > strlen(again) + 1 && data[0] == '\0');
	fuzz_require(memcmp(data + len - strlen(again), again, strlen(again)) == 0);
	return 0;
}
