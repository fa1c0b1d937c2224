/* SPDX-License-Identifier: MIT */
/*
 * DER (X.690), as much of it as private keys are made of. Strict: definite lengths in their
 * shortest form, tags of one byte, whole numbers that are not negative.
 *
 * Readers: false, and *der unchanged, where something else is in front.
 */
#ifndef UTIL_DER_H
#define UTIL_DER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/span.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_CONTEXT_0 = 0xa0,           /* [0], holding others */
	DER_CONTEXT_1_PRIMITIVE = 0x81, /* [1], holding bytes */
};

/* Nothing that is longer is read. */
#define DER_LEN_MAX 65535

MUST_USE bool der_take(struct span *der, enum der_tag tag, struct span *ret_content);
/* Takes it if it is there; false only where it is there and broken. */
MUST_USE bool der_take_optional(struct span *der, enum der_tag tag, bool *ret_there,
				struct span *ret_content);
/* Its bytes without a sign byte: none for zero. */
MUST_USE bool der_take_number(struct span *der, struct span *ret_number);
MUST_USE bool der_take_u32(struct span *der, uint32_t *ret_number);

#endif
