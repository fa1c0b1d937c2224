/* SPDX-License-Identifier: MIT */
#include "keyring/keyring.h"

#include <string.h>

#include "util/text.h"

static bool is_alphanumeric(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z');
}

bool keyring_is_name(struct span name)
{
	if (name.len == 0 || name.len > KEYRING_NAME_MAX || !is_alphanumeric(name.data[0]))
		return false;
	for (size_t i = 1; i < name.len; i++) {
		if (!is_alphanumeric(name.data[i]) && name.data[i] != '_' && name.data[i] != '-')
			return false;
	}
	return true;
}

void keyring_propose_name(struct span name, char ret_name[KEYRING_NAME_MAX + 1])
{
	size_t len = 0;

	/* a proposal would show it */
	if (text_holds_private_key(name))
		name = SPAN_INIT;
	for (size_t i = 0; i < name.len && len < KEYRING_NAME_MAX; i++) {
		if (is_alphanumeric(name.data[i]) || (len > 0 && name.data[i] == '_'))
			ret_name[len++] = (char)name.data[i];
		else if (len > 0 && ret_name[len - 1] != '-')
			ret_name[len++] = '-';
	}
	while (len > 0 && ret_name[len - 1] == '-')
		len--;
	ret_name[len] = '\0';
}

int keyring_check_name(struct span name, struct error *err)
{
	char proposal[KEYRING_NAME_MAX + 1];

	/* what is no name may be a key in the wrong place: it is not told, nor is a part of it */
	if (keyring_has_private_key(name)) {
		error_set(err, ERROR_USAGE, "a private key is given as a name");
		return error_hint(err, "it is in the shell's history now: replace it");
	}
	if (name.len > KEYRING_NAME_MAX)
		return error_set(err, ERROR_USAGE, "a name of %zu characters is longer than %d",
				 name.len, KEYRING_NAME_MAX);
	if (keyring_is_name(name))
		return 0;
	error_set(err, ERROR_USAGE,
		  "the name \"%s\" is not of letters, digits, \"-\" and \"_\", with a letter or "
		  "digit "
		  "first",
		  text_printable(name).text);
	keyring_propose_name(name, proposal);
	return proposal[0] ? error_hint(err, "try \"%s\"", proposal) : -1;
}
