/* SPDX-License-Identifier: MIT */
#include "ssh/rsa.h"

#include "ssh/type.h"
#include "ssh/wire.h"

/* RFC 4251, mpint: positive, with a zero in front only where the number would be negative without. */
static bool take_number(struct span *wire, struct span *ret_number)
{
	struct span rest = *wire, number;

	if (!ssh_wire_string(&rest, &number) || number.len == 0 || number.data[0] >= 0x80)
		return false;
	if (number.data[0] == 0) {
		number = span_slice(number, 1, number.len);
		if (number.len == 0 || number.data[0] < 0x80)
			return false;
	}
	*wire = rest;
	*ret_number = number;
	return true;
}

/* A number's length and sign byte, in front of it. */
static size_t number_head(struct span number, uint8_t ret_head[5])
{
	const size_t sign = number.len > 0 && number.data[0] >= 0x80;
	const uint32_t len = (uint32_t)(number.len + sign);

	ret_head[0] = (uint8_t)(len >> 24);
	ret_head[1] = (uint8_t)(len >> 16);
	ret_head[2] = (uint8_t)(len >> 8);
	ret_head[3] = (uint8_t)len;
	ret_head[4] = 0;
	return 4 + sign;
}

bool ssh_rsa_public(struct span wire, struct rsa_public *ret_key)
{
	struct span type;

	return ssh_wire_string(&wire, &type) && span_equal_text(type, SSH_RSA_TYPE) &&
	       take_number(&wire, &ret_key->e) && take_number(&wire, &ret_key->n) && wire.len == 0;
}

static int put_public(struct span number, struct buf *wire, struct error *err)
{
	uint8_t head[5];

	return buf_append(wire, head, number_head(number, head), err) < 0
		       ? -1
		       : buf_append_span(wire, number, err);
}

int ssh_rsa_wire(const struct rsa_public *key, struct buf *wire, struct error *err)
{
	static const uint8_t type[] = { 0, 0, 0, 7, 's', 's', 'h', '-', 'r', 's', 'a' };

	if (buf_append(wire, type, sizeof(type), err) < 0 || put_public(key->e, wire, err) < 0)
		return -1;
	return put_public(key->n, wire, err);
}

bool ssh_rsa_private(struct span *part, struct rsa_private *ret_key)
{
	struct span rest = *part;

	if (!take_number(&rest, &ret_key->public_key.n) ||
	    !take_number(&rest, &ret_key->public_key.e) || !take_number(&rest, &ret_key->d) ||
	    !take_number(&rest, &ret_key->u) || !take_number(&rest, &ret_key->p) ||
	    !take_number(&rest, &ret_key->q))
		return false;
	*part = rest;
	return true;
}

int ssh_rsa_store(const struct rsa_private *key, struct secret *part, struct error *err)
{
	const struct span numbers[] = {
		key->public_key.n, key->public_key.e, key->d, key->u, key->p, key->q
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		uint8_t head[5];

		if (secret_append(part, head, number_head(numbers[i], head), err) < 0 ||
		    secret_append_span(part, numbers[i], err) < 0)
			return -1;
	}
	return 0;
}
