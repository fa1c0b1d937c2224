/* SPDX-License-Identifier: MIT */
/* An index is parsed both ways; what parses can be shown, and parses again to the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "doc/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct doc_path *path)
{
	struct buf shown = BUF_INIT;
	struct error err = ERROR_INIT;
	const char *text;

	assert(doc_path_format(path, path->len, &shown, &err) == 0);
	assert(buf_text(&shown, &text, &err) == 0);
	assert(strlen(text) == shown.len);
	for (size_t i = 0; i < shown.len; i++)
		assert((uint8_t)text[i] >= 0x20);
	buf_release(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);

	assert(text != NULL);
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	for (int slashes = 0; slashes < 2; slashes++) {
		struct doc_path path = DOC_PATH_INIT;
		struct error err = ERROR_INIT;
		const int status = slashes ? doc_path_parse_slashes(text, &path, &err)
					   : doc_path_parse(text, &path, &err);

		assert((status < 0) == (err.kind != ERROR_NONE));
		if (status == 0)
			check(&path);
		doc_path_release(&path);
	}
	free(text);
	assert(secret_live() == 0);
	return 0;
}
