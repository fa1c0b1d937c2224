/* SPDX-License-Identifier: MIT */
/*
 * The plan: every file of a new generation, as it will be. Pure: nothing here
 * looks at the host.
 */
#ifndef ACTIVATE_PLAN_H
#define ACTIVATE_PLAN_H

#include "activate/faults.h"
#include "activate/manifest.h"
#include "activate/owner.h"
#include "util/secret.h"
#include "util/span.h"

/* What OpenClaw reads at most of a file (its default for maxBytes). */
#define PLAN_DOCUMENT_MAX ((size_t)1 << 20)

enum plan_fate {
	PLAN_NEW,       /* as the manifest and the sealed files say */
	PLAN_KEPT,      /* as it is live */
	PLAN_LEFT_OUT,  /* not at all */
	PLAN_ON_DEMAND, /* in no generation (activate/ready.h) */
};

struct plan_file {
	const char *name;   /* borrowed from the manifest */
	size_t offset, len; /* of its bytes, in the plan's */
	struct owner owner;
	mode_t mode;
	enum plan_fate fate;
	bool has_value; /* for templates, whatever its fate */
};

struct plan {
	struct secret bytes;
	struct plan_file *files; /* one an entry, in the manifest's order */
	size_t len;
};

#define PLAN_INIT ((struct plan){ SECRET_INIT, NULL, 0 })

/*
 * All but the text of templates. values: per sealed file of the manifest what values_put() wrote.
 * owners: one an entry. ERROR_CONFIG where an entry has no value, or one that its kind cannot
 * carry; the message names the entry. It goes to faults where those take it.
 */
MUST_USE int plan_make(const struct manifest *manifest, const struct owner *owners,
		       const struct span *values, struct faults *faults, struct plan *ret_plan,
		       struct error *err);
/* The templates, of the values that the plan has by now. What template_render() says. */
MUST_USE int plan_render(const struct manifest *manifest, struct faults *faults, struct plan *plan,
			 struct error *err);
struct span plan_bytes(const struct plan *plan, size_t file);
void plan_release(struct plan *plan);

#endif
