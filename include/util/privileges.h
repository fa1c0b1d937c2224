/* SPDX-License-Identifier: MIT */
/*
 * What root may do beyond others: given up in children that parse foreign bytes. Landlock does
 * not keep root from chmod, chown or chroot.
 */
#ifndef UTIL_PRIVILEGES_H
#define UTIL_PRIVILEGES_H

#include <stdbool.h>

#include "util/error.h"

/*
 * For a child of ours, for good: it dies with its parent. As root it becomes a user that nobody
 * else is (1879060065, or 65534 where this namespace has no such one; no groups) without any
 * capability; with keep_files it stays root, with those capabilities alone that writing others'
 * files takes. Where 65534 is none either it stays who it is, without capabilities. Memory may be locked without a limit, where root could lift it.
 */
MUST_USE int privileges_drop(bool keep_files, struct error *err);

#endif
