/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>

#include "activate/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct manifest manifest = MANIFEST_INIT;
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status = secret_append(&text, data, len, &err);

	if (status == 0)
		status = manifest_parse(&text, "fuzz", &manifest, &err);
	assert((status < 0) == (err.kind != ERROR_NONE));
	manifest_release(&manifest);
	secret_release(&text);
	assert(secret_live() == 0);
	return 0;
}
