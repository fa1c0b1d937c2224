/* SPDX-License-Identifier: MIT */
#include "ssh/type.h"

#include <string.h>

#include "util/text.h"

#define INSTEAD                                                                                    \
	"use an ed25519 or RSA key: a host has /etc/ssh/ssh_host_ed25519_key, and people make "    \
	"one with \"ssh-keygen -t ed25519\""

bool ssh_type_is_usable(struct span type)
{
	return span_equal_text(type, SSH_ED25519_TYPE) || span_equal_text(type, SSH_RSA_TYPE);
}

static int refuse(struct error *err, const char *what, const char *instead)
{
	error_set(err, ERROR_UNSUPPORTED, "%s", what);
	return error_hint(err, "%s", instead);
}

int ssh_type_refuse(struct span type, struct error *err)
{
	if (type.len > 0 && memmem(type.data, type.len, "-cert-v", strlen("-cert-v")))
		return refuse(err, "an SSH certificate is no key to seal to",
			      "give the key that it certifies: the .pub file without \"-cert\"");
	if (span_starts_with(type, "sk-"))
		return refuse(err, "an SSH key on a hardware token (sk-…) can only sign",
			      "use an age plugin for the token (age-plugin-fido2-hmac, "
			      "age-plugin-yubikey), or an ed25519 or RSA key in a file");
	if (span_starts_with(type, "ecdsa-"))
		return refuse(err, "an ECDSA SSH key can only sign", INSTEAD);
	if (span_equal_text(type, "ssh-dss"))
		return refuse(err, "a DSA SSH key can only sign", INSTEAD);
	error_set(err, ERROR_UNSUPPORTED, "an SSH key of type %s cannot be sealed to",
		  text_printable(type).text);
	return error_hint(err, INSTEAD);
}
