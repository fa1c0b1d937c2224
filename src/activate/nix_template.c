/* SPDX-License-Identifier: MIT */
#include "activate/nix.h"

#include <string.h>

#include "util/text.h"

/* How many bytes of text and of the placeholder are the same, from the start. */
static size_t nix_common_len(struct span text, const char *placeholder)
{
	size_t len = 0;

	while (len < text.len && placeholder[len] != '\0' &&
	       text.data[len] == (uint8_t)placeholder[len])
		len++;
	return len;
}

/* Is the placeholder, in the order of strcmp(), above text? */
static bool nix_is_above(const char *placeholder, struct span text)
{
	size_t len = nix_common_len(text, placeholder);

	if (placeholder[len] == '\0')
		return false;
	return len == text.len || (uint8_t)placeholder[len] > text.data[len];
}

/*
 * The longest placeholder that text begins with. Those that it does are below it in the order, and the
 * last one below that is none of them shares with it all that they can have.
 */
static const struct nix_placeholder *nix_find(const struct nix_manifest *nix, struct span text)
{
	for (size_t end = nix->placeholders_len;;) {
		size_t low = 0, high = end, len;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (nix_is_above(nix->placeholders[middle].text, text))
				high = middle;
			else
				low = middle + 1;
		}
		if (low == 0)
			return NULL;
		len = nix_common_len(text, nix->placeholders[low - 1].text);
		if (nix->placeholders[low - 1].text[len] == '\0')
			return &nix->placeholders[low - 1];
		text = span_slice(text, 0, len);
		end = low - 1;
	}
}

/* Does a placeholder begin with this byte? */
static void nix_mark_first(const struct nix_manifest *nix, bool first[256])
{
	memset(first, 0, 256 * sizeof(*first));
	for (size_t i = 0; i < nix->placeholders_len; i++)
		first[(uint8_t)nix->placeholders[i].text[0]] = true;
}

static int nix_add_text(struct nix_manifest *nix, size_t entry, struct span text, struct error *err)
{
	struct manifest_part part = { MANIFEST_NO_ENTRY, MANIFEST_AS_IT_IS, nix->manifest.texts.len,
				      text.len };

	if (text.len == 0)
		return 0;
	if (secret_append_span(&nix->manifest.texts, text, err) < 0)
		return -1;
	return manifest_add_part(&nix->manifest.entries[entry].template, &part, err);
}

int nix_template_split(struct nix_manifest *nix, size_t entry, struct span text, struct error *err)
{
	bool first[256];
	size_t start = 0;

	if (text.len > NIX_TEMPLATE_MAX)
		return error_set(err, ERROR_LIMIT, "a template of more than %zu MiB",
				 NIX_TEMPLATE_MAX >> 20);
	nix_mark_first(nix, first);
	for (size_t i = 0; i < text.len; i++) {
		const struct nix_placeholder *found =
			first[text.data[i]] ? nix_find(nix, span_slice(text, i, text.len)) : NULL;
		struct manifest_part part = { .encoder = MANIFEST_AS_IT_IS };

		/* One of a secret that is not here stays as it is. */
		if (found == NULL || found->entry == MANIFEST_NO_ENTRY)
			continue;
		part.entry = found->entry;
		if (nix_add_text(nix, entry, span_slice(text, start, i - start), err) < 0 ||
		    manifest_add_part(&nix->manifest.entries[entry].template, &part, err) < 0)
			return -1;
		i += strlen(found->text) - 1;
		start = i + 1;
	}
	return nix_add_text(nix, entry, span_slice(text, start, text.len), err);
}
