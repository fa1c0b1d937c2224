/* SPDX-License-Identifier: MIT */
#include "ssh/hosts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "crypto/hkdf.h"
#include "util/codec.h"
#include "util/secret.h"

#define HOST_MAX 512

/* "|1|salt|hash": both base64 of 20 bytes; the hash is HMAC-SHA1(salt, name). */
static bool matches_hashed(struct span pattern, struct span name)
{
	uint8_t salt[HMAC_SHA1_LEN + 3], expected[HMAC_SHA1_LEN + 3], mac[HMAC_SHA1_LEN];
	struct span part;
	size_t salt_len = 0, expected_len = 0;

	pattern = span_slice(pattern, 3, pattern.len);
	if (!span_take_until(&pattern, '|', &part) ||
	    !codec_base64_decode(part, CODEC_BASE64_PADDED, salt, sizeof(salt), &salt_len) ||
	    !codec_base64_decode(pattern, CODEC_BASE64_PADDED, expected, sizeof(expected),
				 &expected_len) ||
	    salt_len != HMAC_SHA1_LEN || expected_len != HMAC_SHA1_LEN)
		return false;
	hmac_sha1(span_of(salt, salt_len), name, mac);
	return secret_equal(mac, expected, sizeof(mac));
}

/*
 * '*' is any text, '?' any character. Goes back to the last '*' alone: that takes no
 * more than pattern.len * name.len steps.
 */
static bool matches_glob(struct span pattern, struct span name)
{
	size_t p = 0, n = 0, star = pattern.len, star_n = 0;

	while (n < name.len) {
		if (p < pattern.len && pattern.data[p] == '*') {
			star = p++;
			star_n = n;
		} else if (p < pattern.len &&
			   (pattern.data[p] == '?' || tolower(pattern.data[p]) == name.data[n])) {
			p++;
			n++;
		} else if (star < pattern.len) {
			p = star + 1;
			n = ++star_n;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

bool ssh_hosts_match(struct span hosts, const char *host, unsigned port)
{
	char name[HOST_MAX];
	int len = port == 22 ? snprintf(name, sizeof(name), "%s", host)
			     : snprintf(name, sizeof(name), "[%s]:%u", host, port);
	struct span pattern;
	bool matched = false;

	if (len < 0 || (size_t)len >= sizeof(name))
		return false;
	for (int i = 0; i < len; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	while (span_take_until(&hosts, ',', &pattern)) {
		bool negated = span_starts_with(pattern, "!");

		if (negated)
			pattern = span_slice(pattern, 1, pattern.len);
		if (span_starts_with(pattern, "|1|") ? matches_hashed(pattern, span_of_text(name))
						     : matches_glob(pattern, span_of_text(name))) {
			if (negated)
				return false;
			matched = true;
		}
	}
	return matched;
}
