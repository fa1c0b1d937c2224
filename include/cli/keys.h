/* SPDX-License-Identifier: MIT */
/* What init and the keys commands share. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "keyring/keyring.h"
#include "keyring/root.h"
#include "keyring/rules.h"
#include "keyring/sealed.h"
#include "util/buf.h"
#include "util/lock.h"

/* keys/ and .sops.yaml, read and parsed. */
struct keys_state {
	struct keyring_root root;
	struct lock lock;
	struct keyring keyring;
	struct keyring_rules rules;
	bool has_rules;     /* is there a .sops.yaml? */
	bool has_directory; /* and a keys/? */
};

#define KEYS_STATE_INIT                                                                            \
	((struct keys_state){ KEYRING_ROOT_INIT, LOCK_INIT, KEYRING_INIT, KEYRING_RULES_INIT,      \
			      false, false })

/* What a command does to what it reads. */
struct keys_access {
	bool writing;
	const char *directory; /* a directory at root that is written to as well; may be NULL */
};

/*
 * Reads what is at root (taken over) and parses it in the sandbox, which is entered here: with writing, under a
 * lock and with root alone to write in, and the directories that symlinks there lead to; without, with no file
 * at all.
 */
MUST_USE int keys_state_load(struct keyring_root *root, const struct keys_access *access,
			     struct keys_state *ret_state, struct error *err);
/* On stderr: private keys where none belong; with names, also the files in keys/ that cannot be used. */
void keys_tell_problems(const struct keys_state *state, bool names);
void keys_state_release(struct keys_state *state);

/* ERROR_NOT_FOUND, with the names that there are in the hint. */
int keys_no_such_name(const struct keys_state *state, const char *name, struct error *err);
/* Writes keys/NAME.pub, or .sops.yaml. */
MUST_USE int keys_write_name(const struct keys_state *state, const char *name, struct span text,
			     struct error *err);
/* Takes keys/NAME.pub back, and keys/ if it was not there before. */
void keys_unwrite_name(const struct keys_state *state, const char *name);
MUST_USE int keys_write_rules(const struct keys_state *state, struct span text, struct error *err);
/* A name that exists with other keys, or a key that exists under another name: ERROR_DENIED. ret_exists: both are as wanted. */
MUST_USE int keys_check_new(const struct keys_state *state, const char *name,
			    const struct age_recipients *recipients, bool *ret_exists,
			    struct error *err);

/* Where one name's public keys come from: one of from, scan and text. */
struct keys_request {
	const char *name;
	const char *from;        /* a file, or "-" */
	const char *scan;        /* HOST[:PORT] */
	struct span text;        /* the keys themselves */
	const char *type;        /* of its SSH keys, that one alone; NULL: the best there is */
	const char *fingerprint; /* what it must be; NULL: a person is asked about a scanned one */
};

struct keys_taken {
	struct buf text;  /* for keys/NAME.pub */
	struct buf notes; /* what to tell, a line each */
	struct age_recipients recipients;
};

#define KEYS_TAKEN_INIT ((struct keys_taken){ BUF_INIT, BUF_INIT, AGE_RECIPIENTS_INIT })

/* Reads or scans, parses in a sandboxed child, and asks. Before the sandbox. ERROR_CANCELLED. */
MUST_USE int keys_take(const struct keys_request *request, struct keys_taken *ret_taken,
		       struct error *err);
void keys_taken_release(struct keys_taken *taken);

/* "ssh-ed25519 SHA256:…" or "age age1…", for people. */
#define KEYS_SHOWN_MAX 128
void keys_show_recipient(const struct age_recipient *recipient, char ret_text[KEYS_SHOWN_MAX]);
/* What was taken, on stderr: the keys, then the notes. */
void keys_report(const char *name, const struct keys_taken *taken);

/* The files that were found, a line each on stderr: "NAME: WHAT: PATH". */
void keys_report_sealed(const struct keys_state *state, const char *name, const char *what,
			const struct keyring_sealed *sealed);
/* The operator's own key, where bootseal would find it when opening; text is as in a request. */
MUST_USE int keys_find_own(struct buf *ret_text, struct buf *ret_source, struct error *err);

#endif
