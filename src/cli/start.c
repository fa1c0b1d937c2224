/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
#include "crypto/lib.h"
#include "util/process.h"

int command_start(struct error *err)
{
	(void)process_lock_memory();
	return crypto_init(err);
}
