/* SPDX-License-Identifier: MIT */
/* A plan that is made of an inventory made by hand. */
#ifndef TESTS_OPENCLAW_MADE_H
#define TESTS_OPENCLAW_MADE_H

#include "openclaw/plan.h"
#include "openclaw_files.h"

/* What a plan borrows from lives as long as it. */
struct made {
	struct inventory inventory;
	struct secret records;
	struct seal_plan plan;
};

#define MADE_INIT ((struct made){ INVENTORY_INIT, SECRET_INIT, SEAL_PLAN_INIT })

static inline void made_release(struct made *made)
{
	seal_plan_release(&made->plan);
	secret_release(&made->records);
	inventory_release(&made->inventory);
}

#endif
