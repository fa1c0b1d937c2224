/* SPDX-License-Identifier: MIT */
/*
 * keys/: who exists. keys/NAME.pub holds the public keys of a host or person, SSH or age,
 * one a line; blank lines and those with # are skipped. Everything that prints a recipient
 * asks here for its name.
 *
 * Reading and parsing are two steps, so that a command can enter its sandbox between them:
 * keyring_read() takes the files' bytes, keyring_parse() touches no file.
 */
#ifndef KEYRING_KEYRING_H
#define KEYRING_KEYRING_H

#include "age/recipient.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define KEYRING_DIRECTORY "keys"
#define KEYRING_SUFFIX ".pub"
#define KEYRING_NAME_MAX 64
#define KEYRING_FILE_MAX ((size_t)64 << 10)
#define KEYRING_NAMES_MAX 4096
#define KEYRING_KEYS_MAX 64 /* of one name */

struct keyring_name {
	char *name; /* owned; not always a good one, so show it through text_printable_text() */
	struct age_recipients recipients;
	bool person;           /* set by who writes rules, see keyring_recipients_text() */
	char *problem;         /* why its file cannot be used, printable; owned; NULL: it can */
	size_t text, text_len; /* its file, in the keyring's text, until it is parsed */
};

struct keyring {
	struct keyring_name *names; /* sorted by name */
	size_t len, cap;
	struct secret text; /* all files as they were read: who knows what is in them */
	struct buf
		strays; /* other files there that hold a private key: printable names, a line each */
};

#define KEYRING_INIT ((struct keyring){ NULL, 0, 0, SECRET_INIT, BUF_INIT })
/* What is said of a file with a private key in it. */
#define KEYRING_PRIVATE_KEY                                                                        \
	"a private key is in it, which does not belong there; remove it, and replace that key "    \
	"if it was ever committed"

/*
 * A name is [A-Za-z0-9][A-Za-z0-9_-]*, at most KEYRING_NAME_MAX long: it is a file's name and a YAML anchor,
 * and a dot breaks those. ERROR_USAGE, with a name that would do as the hint.
 */
MUST_USE int keyring_check_name(struct span name, struct error *err);
bool keyring_is_name(struct span name);
/* The nearest good name: "web1.example" gives "web1-example"; "" where nothing is left. */
void keyring_propose_name(struct span name, char ret_name[KEYRING_NAME_MAX + 1]);

/*
 * Takes in all files of keys/ below root_fd; without that directory the keyring is empty. A file that
 * cannot be read, or is named badly, gets a problem and stops nothing. ERROR_LIMIT, ERROR_SYSTEM.
 */
MUST_USE int keyring_read(int root_fd, struct keyring *ret_keyring, struct error *err);
/* Parses what was read. A malformed file gets a problem that names the line. Only memory can fail. */
MUST_USE int keyring_parse(struct keyring *keyring, struct error *err);
/*
 * One file's recipients, at least one. Messages name the line and never quote it: it may be a private
 * key, put there by mistake. ERROR_FORMAT, ERROR_UNSUPPORTED, ERROR_LIMIT, ERROR_DENIED for a private key.
 */
MUST_USE int keyring_parse_file(struct span text, struct age_recipients *ret_recipients,
				struct error *err);
/* Is there a private key in text, SSH or age, whole or in part? */
bool keyring_has_private_key(struct span text);
void keyring_release(struct keyring *keyring);

/* NULL where there is none. */
const struct keyring_name *keyring_find(const struct keyring *keyring, const char *name);
/*
 * Whose key is this? One X25519 point is one key: an SSH key, and the age1… text that it converts to, have
 * the same owner. NULL: nobody's.
 */
const struct keyring_name *keyring_owner(const struct keyring *keyring,
					 const struct age_recipient *recipient);
/* The same for a recipient's text, as it stands in a file; NULL also for what is no recipient. */
const struct keyring_name *keyring_owner_of_text(const struct keyring *keyring,
						 struct span recipient);

/* Does text, as it stands in a file, spell key, or one of own? */
bool keyring_is_key(const struct age_recipient *key, struct span text);
bool keyring_is_own(const struct age_recipients *own, struct span text);

/*
 * Appends the keys as they stand in rules, with commas between. All in the age1… form, which every sops opens with
 * what ssh-to-age makes of a host's key; but a person's SSH key as it is, because sops opens "ssh-ed25519 …" alone
 * with ~/.ssh/id_ed25519 (from 3.10 on).
 */
MUST_USE int keyring_recipients_text(const struct age_recipients *keys, bool person,
				     struct buf *ret_text, struct error *err);
/* In a message, puts "NAME (…)" in the place of each age1… recipient that has a name. */
void keyring_name_recipients(const struct keyring *keyring, struct error *err);

#endif
