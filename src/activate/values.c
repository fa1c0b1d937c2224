/* SPDX-License-Identifier: MIT */
#include "activate/values.h"

static int values_put_number(struct secret *out, size_t number, struct error *err)
{
	uint8_t bytes[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
			     (uint8_t)(number >> 8), (uint8_t)number };

	if (number > UINT32_MAX)
		return error_set(err, ERROR_LIMIT, "a value of 4 GiB or more");
	return secret_append(out, bytes, sizeof(bytes), err);
}

int values_put(struct secret *out, const struct value *value, struct error *err)
{
	if (values_put_number(out, value->entry, err) < 0 ||
	    values_put_number(out, value->name.len, err) < 0 ||
	    secret_append_span(out, value->name, err) < 0 ||
	    values_put_number(out, value->bytes.len, err) < 0)
		return -1;
	return secret_append_span(out, value->bytes, err);
}

bool values_take(struct span *in, struct value *ret_value)
{
	struct span rest = *in;
	uint32_t len;

	if (!span_take_be32(&rest, &ret_value->entry) || !span_take_be32(&rest, &len) ||
	    !span_take(&rest, len, &ret_value->name) || !span_take_be32(&rest, &len) ||
	    !span_take(&rest, len, &ret_value->bytes))
		return false;
	*in = rest;
	return true;
}
