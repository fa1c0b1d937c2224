/* SPDX-License-Identifier: MIT */
#ifndef AGE_HEADER_MAC_H
#define AGE_HEADER_MAC_H

#include "age/header.h"

/* The MAC of a header's text up to "---" (C2SP age.md, "Header MAC"). */
void age_header_mac(const struct key32 *file_key, struct span covered,
		    uint8_t ret_mac[AGE_MAC_LEN]);

#endif
