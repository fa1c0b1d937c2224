/* SPDX-License-Identifier: MIT */
/*
 * Compiler attributes: the only place where extensions to C17 are named.
 */
#ifndef UTIL_ATTR_H
#define UTIL_ATTR_H

/* The result must be looked at: every function that can fail carries this. */
#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define UNUSED __attribute__((unused))
#define NORETURN __attribute__((noreturn))
#define NOINLINE __attribute__((noinline))

/*
 * AUTO(secret) text = SECRET_INIT; releases text with secret_release() when it
 * goes out of scope. Always initialise on the same line; never jump over one.
 */
#define AUTO(type) __attribute__((cleanup(type##_release))) struct type

#endif
