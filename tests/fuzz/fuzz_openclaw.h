/* SPDX-License-Identifier: MIT */
/* An inventory whose files are parts of one input, with a byte 0xff between. */
#ifndef TESTS_FUZZ_OPENCLAW_H
#define TESTS_FUZZ_OPENCLAW_H

#include "../unit/openclaw_files.h"
#include "fuzz.h"

#define UNITS "/etc/systemd/system"

/* The next part, at path. */
static inline void put(struct inventory *inventory, const char *path, struct span *input,
		       struct error *err)
{
	struct span part = SPAN_INIT;

	(void)span_take_until(input, 0xff, &part);
	fuzz_require(files_put(inventory, path, part, 0600, err) == 0);
}

#endif
