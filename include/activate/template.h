/* SPDX-License-Identifier: MIT */
/*
 * Templates: texts of a manifest with values of its secrets in them. A placeholder is
 * {{ NAME }} or {{ NAME | ENCODER }} on one line; {{ "{{" }} gives the two braces
 * themselves. What a value holds is never looked at for placeholders.
 */
#ifndef ACTIVATE_TEMPLATE_H
#define ACTIVATE_TEMPLATE_H

#include "activate/plan.h"

/*
 * Cuts content into the parts of entry number template, whose texts go to the manifest's; all
 * secrets must be in the manifest before. ERROR_CONFIG, with the line in content: a name that no
 * secret has, an unknown encoder, braces that are not closed.
 */
MUST_USE int template_parse(struct manifest *manifest, size_t template, struct span content,
			    struct error *err);
/*
 * Appends the template's text to out, with the secrets' values as plan has them. ERROR_CONFIG where
 * an encoder cannot carry one: a NUL in a shell's word, what is no UTF-8 in JSON.
 */
MUST_USE int template_render(const struct manifest *manifest, size_t template,
			     const struct plan *plan, struct secret *out, struct error *err);

#endif
