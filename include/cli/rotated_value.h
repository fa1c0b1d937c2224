/* SPDX-License-Identifier: MIT */
/* What no rotation without downtime can do, and so says before anything is changed. */
#ifndef CLI_ROTATED_VALUE_H
#define CLI_ROTATED_VALUE_H

#include "activate/single.h"
#include "util/error.h"
#include "util/span.h"

/* ERROR_UNSUPPORTED where what is at place does not come to a running service that is told to read its secrets. */
MUST_USE int rotated_check_ways(const char *key, const struct single_place *place,
				struct error *err);
/* ERROR_USAGE for what cannot be an API key: nothing, or what no header of HTTP can carry. One line break at its end may be. */
MUST_USE int rotated_check_value(struct span value, struct error *err);

#endif
