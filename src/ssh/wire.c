/* SPDX-License-Identifier: MIT */
#include "ssh/wire.h"

#include <string.h>

bool ssh_wire_string(struct span *wire, struct span *ret_string)
{
	struct span rest = *wire;
	uint32_t len;

	if (!span_take_be32(&rest, &len) || !span_take(&rest, len, ret_string))
		return false;
	*wire = rest;
	return true;
}

void ssh_wire_ed25519(const uint8_t public_key[32], uint8_t ret_wire[SSH_ED25519_WIRE_LEN])
{
	static const uint8_t head[] = { 0,   0,   0,   11,  's', 's', 'h', '-', 'e', 'd',
					'2', '5', '5', '1', '9', 0,   0,   0,   32 };

	memcpy(ret_wire, head, sizeof(head));
	memcpy(ret_wire + sizeof(head), public_key, 32);
}
