/* SPDX-License-Identifier: MIT */
/* json5_leaves <FILE: what a document of JSON5 holds (tests/unit/json5_leaves.h), or status 1 and why not. */
#include "../unit/json5_leaves.h"

#include <unistd.h>

#include "crypto/lib.h"
#include "util/file.h"

int main(void)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	if (crypto_init(&err) < 0 ||
	    file_read_fd(STDIN_FILENO, "stdin", JSON5_TEXT_MAX + 1, &text, &err) < 0 ||
	    json5_parse(&text, &doc, &err) < 0 || json5_list(&doc, &out, &err) < 0 ||
	    file_write_all(STDOUT_FILENO, secret_span(&out), "stdout", &err) < 0) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	return 0;
}
