/* SPDX-License-Identifier: MIT */
/* What sops-nix' manifest may hold without being wrong, and what would be found out late: it is told. */
#include "nix_run.h"

#include <string.h>

#include "util/text.h"

/* As sops-nix' modules write it: a digest of the secret's name between these two. */
#define NIX_PLACEHOLDER_BEGIN "<SOPS:"
#define NIX_PLACEHOLDER_END ":PLACEHOLDER>"
#define NIX_PLACEHOLDER_DIGEST 64
#define NIX_PLACEHOLDER_LEN                                                                        \
	(sizeof(NIX_PLACEHOLDER_BEGIN) - 1 + NIX_PLACEHOLDER_DIGEST +                              \
	 sizeof(NIX_PLACEHOLDER_END) - 1)

static bool nix_is_placeholder(struct span text)
{
	return span_starts_with(text, NIX_PLACEHOLDER_BEGIN) &&
	       span_ends_with(text, NIX_PLACEHOLDER_END);
}

/* One that no secret of this manifest has: of those for users, say, which are another manifest's. */
static int nix_tell_placeholders(struct nix_run *run, const struct manifest_entry *entry,
				 struct span text, struct error *err)
{
	for (size_t i = 0; i + NIX_PLACEHOLDER_LEN <= text.len; i++) {
		const struct span here = span_slice(text, i, i + NIX_PLACEHOLDER_LEN);

		if (text.data[i] != '<' || !nix_is_placeholder(here))
			continue;
		if (names_printf(nix_notes(run), err,
				 "\"%s\": %s is of no secret of this manifest, and stays as it is",
				 entry->name, text_printable(here).text) < 0)
			return -1;
	}
	return 0;
}

static int nix_tell_template(struct nix_run *run, const struct manifest_entry *entry,
			     struct error *err)
{
	const struct span texts = secret_span(&run->nix.manifest.texts);

	for (size_t i = 0; i < entry->template.len; i++) {
		const struct manifest_part *part = &entry->template.parts[i];
		const size_t end = part->offset + part->len;

		if (part->entry == MANIFEST_NO_ENTRY &&
		    nix_tell_placeholders(run, entry, span_slice(texts, part->offset, end), err) <
			    0)
			return -1;
	}
	return 0;
}

/* systemctl takes "a" for "a.service"; who reads the lists does not. */
static int nix_tell_short_units(struct nix_run *run, const struct manifest_entry *entry,
				const struct names *units, struct error *err)
{
	for (size_t i = 0; i < units->len; i++)
		if (strchr(units->items[i], '.') == NULL &&
		    names_printf(nix_notes(run), err,
				 "\"%s\": \"%s\" is no unit's whole name, as \"%s.service\" is: a "
				 "switch of NixOS passes it over",
				 entry->name, text_printable_text(units->items[i]).text,
				 text_printable_text(units->items[i]).text) < 0)
			return -1;
	return 0;
}

int nix_tell_slips(struct nix_run *run, struct error *err)
{
	const bool lists = run->options->way == NIX_BY_LISTS && !run->nix.manifest.user_mode;

	for (size_t i = 0; i < run->nix.manifest.len; i++) {
		const struct manifest_entry *entry = &run->nix.manifest.entries[i];

		if (nix_tell_template(run, entry, err) < 0 ||
		    (lists && (nix_tell_short_units(run, entry, &entry->restart, err) < 0 ||
			       nix_tell_short_units(run, entry, &entry->reload, err) < 0)))
			return -1;
	}
	return 0;
}
