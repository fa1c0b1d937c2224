/* SPDX-License-Identifier: MIT */
#include "keyring/keyring.h"

#include <stdio.h>
#include <string.h>

#include "ssh/wire.h"

bool keyring_is_key(const struct age_recipient *key, struct span text)
{
	AUTO(age_recipients) one = AGE_RECIPIENTS_INIT;
	struct error ignored = ERROR_INIT;

	return age_recipients_add(&one, text, &ignored) == 0 && one.len == 1 &&
	       age_recipient_equal(key, &one.items[0]);
}

bool keyring_is_own(const struct age_recipients *own, struct span text)
{
	for (size_t i = 0; i < own->len; i++) {
		if (keyring_is_key(&own->items[i], text))
			return true;
	}
	return false;
}

const struct keyring_name *keyring_owner(const struct keyring *keyring,
					 const struct age_recipient *recipient)
{
	for (size_t i = 0; i < keyring->len; i++) {
		const struct age_recipients *own = &keyring->names[i].recipients;

		for (size_t k = 0; k < own->len; k++) {
			if (age_recipient_equal(&own->items[k], recipient))
				return &keyring->names[i];
		}
	}
	return NULL;
}

const struct keyring_name *keyring_owner_of_text(const struct keyring *keyring,
						 struct span recipient)
{
	AUTO(age_recipients) one = AGE_RECIPIENTS_INIT;
	struct error ignored = ERROR_INIT;

	if (keyring->len == 0 || age_recipients_add(&one, recipient, &ignored) || one.len != 1)
		return NULL;
	return keyring_owner(keyring, &one.items[0]);
}

int keyring_recipients_text(const struct age_recipients *keys, bool person, struct buf *ret_text,
			    struct error *err)
{
	for (size_t i = 0; i < keys->len; i++) {
		const struct age_recipient *key = &keys->items[i];
		if (i > 0 && buf_append_text(ret_text, ",", err) < 0)
			return -1;
		if ((person && age_recipient_is_ssh(key)
			     ? ssh_wire_text(buf_span(&key->wire), ret_text, err)
			     : age_recipient_spell(key, ret_text, err)) < 0)
			return -1;
	}
	return 0;
}

static size_t run_of(struct span text, size_t start, const char *letters)
{
	size_t len = start;

	while (len < text.len && text.data[len] && strchr(letters, text.data[len]))
		len++;
	return len;
}

/* How many bytes of text, from its start on, are spelled like a recipient; 0: none. */
static size_t recipient_len(struct span text)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char base64[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	static const char *const ssh[] = { "ssh-ed25519 AAAA", "ssh-rsa AAAA" };

	if (span_starts_with(text, "age1"))
		return run_of(text, strlen("age1"), lower);
	for (size_t i = 0; i < sizeof ssh / sizeof *ssh; i++)
		if (span_starts_with(text, ssh[i]))
			return run_of(text, strlen(ssh[i]), base64);
	return 0;
}

static void name_in_text(const struct keyring *keyring, char *text, size_t size)
{
	char named[ERROR_MESSAGE_MAX] = ""; /* what an empty text becomes, too */
	struct span rest = span_of_text(text);
	size_t len = 0;

	while (rest.len > 0) {
		size_t taken = recipient_len(rest);
		struct span part = span_slice(rest, 0, taken ? taken : 1);
		const struct keyring_name *owner =
			taken ? keyring_owner_of_text(keyring, part) : NULL;
		int more = owner ? snprintf(named + len, size - len, "%s (%.*s)", owner->name,
					    SPAN_PRINT(part))
				 : snprintf(named + len, size - len, "%.*s", SPAN_PRINT(part));

		/* what has no room stays as it was: a whole message without names */
		if (more < 0 || (size_t)more >= size - len)
			return;
		len += (size_t)more;
		rest = span_slice(rest, part.len, rest.len);
	}
	memcpy(text, named, len + 1);
}

void keyring_name_recipients(const struct keyring *keyring, struct error *err)
{
	if (keyring->len == 0 || err->kind == ERROR_NONE)
		return;
	name_in_text(keyring, err->message, sizeof err->message);
	name_in_text(keyring, err->hint, sizeof err->hint);
}
