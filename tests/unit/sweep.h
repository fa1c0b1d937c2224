/* SPDX-License-Identifier: MIT */
/*
 * The allocation sweep: a call is run with its 1st, its 2nd, … allocation failing,
 * until it succeeds. Each failed run must return -1 and leave no secret behind;
 * with a sanitizer or valgrind, no memory either.
 *
 * The linker puts the functions of sweep.c before malloc and its kin (--wrap, see
 * the Makefile) in everything of ours that a unit test links, and before the calls of
 * libgcrypt, libyaml and PCRE2 that take memory for us.
 *
 *	AUTO(secret) text = SECRET_INIT;
 *	struct error err = ERROR_INIT;
 *	SWEEP(secret_append_text(&text, "x", &err));
 *
 * What the call is given must be the same each time: a call that consumes or
 * changes an argument goes into a static function that makes it anew.
 */
#ifndef TESTS_SWEEP_H
#define TESTS_SWEEP_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/secret.h"

#define SWEEP_MAX 200000

/* From now on the nth allocation fails, the first being 1. */
void sweep_arm(size_t nth);
/* Allocations work again. Did one fail since sweep_arm()? */
bool sweep_disarm(void);

#define SWEEP(call)                                                                                \
	do {                                                                                       \
		size_t sweep_live = secret_live();                                                 \
		for (size_t sweep_nth = 1;; sweep_nth++) {                                         \
			sweep_arm(sweep_nth);                                                      \
			int sweep_status = (call);                                                 \
			bool sweep_failed = sweep_disarm();                                        \
			if (sweep_status == 0)                                                     \
				break;                                                             \
			ck_assert_int_eq(sweep_status, -1);                                        \
			ck_assert_msg(sweep_failed, "fails although no allocation did");           \
			ck_assert_msg(secret_live() == sweep_live,                                 \
				      "a secret is left when allocation %zu fails", sweep_nth);    \
			ck_assert_uint_lt(sweep_nth, SWEEP_MAX);                                   \
		}                                                                                  \
	} while (0)

#endif
