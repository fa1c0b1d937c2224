/* SPDX-License-Identifier: MIT */
/* Pieces of OpenClaw's databases, and lines of files of variables: whatever is in them, the answer is yes or no. */
#include "fuzz.h"
#include "openclaw/known.h"
#include "openclaw/profiles.h"
#include "openclaw/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span text = span_of(data, len), line, before = SPAN_INIT;
	struct profiles found = { false, false, false };
	struct error err = ERROR_INIT;
	bool tells;

	fuzz_start();
	profiles_look(text, &found);
	while (span_take_line(&text, &line)) {
		const int status = line_tells_secret(line, &tells, &err);

		fuzz_result(status, &err);
		if (status < 0)
			error_clear(&err);
		fuzz_require(known_argument(before, line).len <= line.len);
		(void)known_value(line);
		(void)known_variable(line);
		before = line;
	}
	fuzz_end();
	return 0;
}
