/* SPDX-License-Identifier: MIT */
/* verify: no text is an error, what is wrong with it is told in printable lines. The first byte chooses a format. */
#include "fuzz.h"
#include "sops/verify.h"

static void check(void *context, size_t line, bool warning, const char *text)
{
	(void)context;
	(void)line;
	(void)warning;
	fuzz_require(text[0] != '\0');
	for (; *text != '\0'; text++)
		fuzz_require((unsigned char)*text >= ' ' && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sops_verifier verifier = { check, NULL, 0 };
	struct sops_file file = SOPS_FILE_INIT;
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (len == 0)
		return 0;
	fuzz_start();
	file.meta = SOPS_META_INIT;
	fuzz_require(secret_append(&text, data + 1, len - 1, &err) == 0);
	fuzz_result(sops_verify((enum doc_format)(data[0] % (DOC_BINARY + 1)), &text, &verifier,
				&file, &err),
		    &err);
	fuzz_require(file.doc.len > 0 || verifier.findings > 0 || err.kind != ERROR_NONE);
	sops_file_release(&file);
	secret_release(&text);
	fuzz_end();
	return 0;
}
