/* SPDX-License-Identifier: MIT */
#include "keyring/keyring.h"

#include <string.h>
#include <strings.h>

/* Letters of any case: a key that somebody wrote down otherwise is one all the same. */
static bool is_at(struct span text, size_t at, const char *mark)
{
	size_t len = strlen(mark);

	return len <= text.len - at && strncasecmp((const char *)text.data + at, mark, len) == 0;
}

bool keyring_has_private_key(struct span text)
{
	/* the base64 ones are how the body of an OpenSSH and of a PKCS#8 ed25519 key begins */
	static const char *const words[] = { "PRIVATE KEY", "AGE-SECRET-KEY-", "AGE-PLUGIN-",
					     "PuTTY-User-Key-File", "Private-Lines:" };
	static const char *const bodies[] = { "b3BlbnNzaC1rZXktdjE", "MC4CAQAwBQYDK2Vw" };

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		if (text.len > 0 && memmem(text.data, text.len, bodies[i], strlen(bodies[i])))
			return true;
	}
	for (size_t at = 0; at < text.len; at++) {
		for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
			if (is_at(text, at, words[i]))
				return true;
		}
	}
	return false;
}

static int add_line(struct age_recipients *recipients, struct span line, struct error *err)
{
	if (recipients->len == KEYRING_KEYS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d keys", KEYRING_KEYS_MAX);
	if (age_recipients_add(recipients, line, err) == 0)
		return 0;
	if (err->kind == ERROR_SYSTEM)
		return -1;
	/* in words of our own: those of below quote the line */
	if (err->kind == ERROR_UNSUPPORTED)
		return error_set(err, ERROR_UNSUPPORTED,
				 "a kind of key that cannot be sealed to (ssh-ed25519, ssh-rsa and "
				 "age1… can)");
	return error_set(err, ERROR_FORMAT, "neither an SSH public key nor an age1… recipient");
}

int keyring_parse_file(struct span text, struct age_recipients *ret_recipients, struct error *err)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct span line;

	if (text.len > KEYRING_FILE_MAX)
		return error_set(err, ERROR_LIMIT, "larger than %zu bytes", KEYRING_FILE_MAX);
	if (keyring_has_private_key(text)) {
		error_set(err, ERROR_DENIED, "a private key is in it, which does not belong there");
		return error_hint(err, "remove it, and replace that key if it was ever committed");
	}
	for (size_t number = 1; span_take_line(&text, &line); number++) {
		line = span_trim(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		if (add_line(&recipients, line, err))
			return error_wrap(err, "line %zu", number);
	}
	if (recipients.len == 0)
		return error_set(err, ERROR_EMPTY, "no key in it");
	*ret_recipients = recipients;
	recipients = AGE_RECIPIENTS_INIT;
	return 0;
}
