/* SPDX-License-Identifier: MIT */
/*
 * The libraries below this module: libsodium and libgcrypt.
 */
#ifndef CRYPTO_LIB_H
#define CRYPTO_LIB_H

#include "util/error.h"

/*
 * Initialises both libraries; called once at the start of the program (and of
 * each test), again does no harm. libgcrypt's own pool of locked memory stays off:
 * it is small and fixed, and what is long-lived is in a struct secret. ERROR_SYSTEM.
 */
MUST_USE int crypto_init(struct error *err);

#endif
