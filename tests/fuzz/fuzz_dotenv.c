/* SPDX-License-Identifier: MIT */
#include "fuzz_flat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	return fuzz_flat(DOC_DOTENV, data, len);
}
