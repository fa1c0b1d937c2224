/* SPDX-License-Identifier: MIT */
/*
 * This process: made safe to hold secrets, first thing in main().
 */
#ifndef UTIL_PROCESS_H
#define UTIL_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

/*
 * Re-opens closed standard descriptors on /dev/null, umask 077, no core files,
 * not dumpable (nor traceable by others of this uid), soft limit for locked
 * memory raised to the hard one, libsodium initialised, SIGPIPE ignored (a
 * closed pipe is an ordinary write error).
 * Where locked memory has no limit (root), the stack is locked.
 */
MUST_USE int process_harden(struct error *err);

/*
 * Where locked memory has no limit (root), all that is mapped now or later is locked as it is touched
 * (mlockall, MCL_ONFAULT): the memory of libraries, too. A forked child does not inherit it. Not locking
 * is no error; false says that secrets are locked one by one, as far as the limit allows.
 */
bool process_lock_memory(void);

/* The umask of before process_harden(): for new files that the caller asked for. */
mode_t process_caller_umask(void);

/* What the caller had before process_harden(), for a program that we start. */
void process_restore_for_child(void);

/*
 * Of the environment nothing stays but a PATH of the system's own directories: for what runs with rights that its
 * author may not have.
 */
MUST_USE int process_forget_environment(struct error *err);

#endif
