/* SPDX-License-Identifier: MIT */
#include "activate/nix.h"
#include "fuzz.h"

/* What is taken keeps the rules that the rest relies on. */
static void check(const struct nix_manifest *nix)
{
	const struct manifest *manifest = &nix->manifest;

	fuzz_require(nix->template_files_len == 0 || nix->template_files_len >= manifest->len);
	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		struct span name = span_of_text(entry->name), part;

		fuzz_require(entry->owner != NULL && entry->group != NULL);
		fuzz_require((entry->mode & ~0777u) == 0);
		fuzz_require(entry->link == NULL || entry->link[0] == '/');
		fuzz_require(entry->kind == MANIFEST_TEMPLATE ||
			     (entry->keys.len == 1 && entry->file < manifest->files.len));
		while (span_take_until(&name, '/', &part))
			fuzz_require(part.len > 0 && !span_equal_text(part, ".") &&
				     !span_equal_text(part, ".."));
		for (size_t k = 0; k < entry->template.len; k++)
			fuzz_require(entry->template.parts[k].entry == MANIFEST_NO_ENTRY ||
				     entry->template.parts[k].entry < manifest->len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct nix_manifest nix = NIX_MANIFEST_INIT;
	struct error err = ERROR_INIT;
	struct secret text;
	int result;

	fuzz_start();
	text = fuzz_copy(span_of(data, len));
	result = nix_manifest_parse(&text, "fuzz", "/run", &nix, &err);
	fuzz_result(result, &err);
	if (result == 0)
		check(&nix);
	nix_manifest_release(&nix);
	secret_release(&text);
	fuzz_end();
	return 0;
}
