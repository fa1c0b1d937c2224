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
 *
 * It is called before the sandbox is entered, as libgcrypt reads files of its own (FIPS mode, hwf.deny).
 * Of this module crypto/aead.h alone works before, and starts libgcrypt where it is needed.
 */
MUST_USE int crypto_init(struct error *err);

#endif
