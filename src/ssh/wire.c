/* SPDX-License-Identifier: MIT */
#include "ssh/wire.h"

#include <string.h>

#include "util/codec.h"

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

int ssh_wire_text(struct span wire, struct buf *text, struct error *err)
{
	size_t len = codec_base64_len(wire.len, CODEC_BASE64_PADDED);
	struct span rest = wire, type;

	if (!ssh_wire_string(&rest, &type))
		return error_set(err, ERROR_FORMAT, "an SSH key that is cut short");
	if (buf_append_span(text, type, err) < 0 || buf_append_text(text, " ", err) < 0 ||
	    buf_grow(text, len, err) < 0)
		return -1;
	codec_base64_encode(wire, CODEC_BASE64_PADDED, (char *)text->data + text->len);
	text->len += len;
	return 0;
}
