/* SPDX-License-Identifier: MIT */
#include "util/der.h"

/* One byte below 128, or 0x81 or 0x82 and as many bytes: the shortest that holds the length. */
static bool take_length(struct span *der, size_t *ret_len)
{
	uint8_t first, high = 0, low;

	if (!span_take_u8(der, &first))
		return false;
	if (first < 0x80) {
		*ret_len = first;
		return true;
	}
	if ((first == 0x82 && !span_take_u8(der, &high)) || first > 0x82 || first == 0x80 ||
	    !span_take_u8(der, &low))
		return false;
	*ret_len = (size_t)high << 8 | low;
	return first == 0x82 ? high > 0 : low >= 0x80;
}

bool der_take(struct span *der, enum der_tag tag, struct span *ret_content)
{
	struct span rest = *der;
	uint8_t own;
	size_t len;

	if (!span_take_u8(&rest, &own) || own != tag || !take_length(&rest, &len) ||
	    !span_take(&rest, len, ret_content))
		return false;
	*der = rest;
	return true;
}

bool der_take_optional(struct span *der, enum der_tag tag, bool *ret_there,
		       struct span *ret_content)
{
	*ret_there = der->len > 0 && der->data[0] == tag;
	return !*ret_there || der_take(der, tag, ret_content);
}

bool der_take_number(struct span *der, struct span *ret_number)
{
	struct span rest = *der, number;

	if (!der_take(&rest, DER_INTEGER, &number) || number.len == 0 || number.data[0] >= 0x80)
		return false;
	if (number.data[0] == 0) {
		number = span_slice(number, 1, number.len);
		/* a zero in front only where the number would be negative without it */
		if (number.len > 0 && number.data[0] < 0x80)
			return false;
	}
	*der = rest;
	*ret_number = number;
	return true;
}

bool der_take_u32(struct span *der, uint32_t *ret_number)
{
	struct span rest = *der, number;
	uint32_t value = 0;

	if (!der_take_number(&rest, &number) || number.len > sizeof(value))
		return false;
	*der = rest;
	for (size_t i = 0; i < number.len; i++)
		value = value << 8 | number.data[i];
	*ret_number = value;
	return true;
}
