/* SPDX-License-Identifier: MIT */
/*
 * What the commands on sealed files share: a file read with all that may open it, then, in
 * the sandbox, opened.
 */
#ifndef CLI_SEALED_H
#define CLI_SEALED_H

#include "keyring/identity.h"
#include "keyring/keyring.h"
#include "keyring/programs.h"
#include "repo/repo.h"
#include "sops/file.h"

struct sealed {
	const char *name; /* as the user wrote it; NULL or "-": stdin */
	enum doc_format format;
	struct secret text;
	struct keyring_identities sources;
	struct keyring keyring;           /* names for messages; empty where there is no keys/ */
	struct keyring_prompt prompt;     /* who is asked for a passphrase */
	struct keyring_programs programs; /* started where the file may need it */
	struct sops_order order;
	struct age_identities identities; /* of sources, as soon as something is opened */
	bool parsed;                      /* they were made */
	bool named;                       /* the keyring was parsed */
};

#define SEALED_INIT                                                                                \
	((struct sealed){ NULL, DOC_YAML, SECRET_INIT, KEYRING_IDENTITIES_INIT, KEYRING_INIT,      \
			  KEYRING_PROMPT_INIT, KEYRING_PROGRAMS_INIT, SOPS_ORDER_DEFAULT,          \
			  AGE_IDENTITIES_INIT, false, false })

#define FORMAT_TYPES "yaml, json, dotenv, ini or binary"

/*
 * The format of a file by its name, as sops tells it, or by what --input-type says (NULL: nothing).
 * shown is the name that decides: --filename-override, or the file's; stdin is binary. ERROR_USAGE
 * for a type that there is not.
 */
MUST_USE int sealed_format(const char *shown, const char *type, enum doc_format *ret_format,
			   struct error *err);

/* What goes in and what comes out: the same, unless --output-type says another. */
struct formats {
	enum doc_format input, output;
};

MUST_USE int sealed_formats(const char *shown, const char *input_type, const char *output_type,
			    struct formats *ret_formats, struct error *err);

/* Reads the file, the identities' bytes and the names; runs the programs that print keys. */
MUST_USE int sealed_read(const char *name, enum doc_format format, struct sealed *ret_sealed,
			 struct error *err);
/* The same but for the file, whose text was read already (taken over). */
MUST_USE int sealed_take(const char *name, enum doc_format format, struct secret *text,
			 struct sealed *ret_sealed, struct error *err);
/*
 * The same for a file that is to be changed once its lock is taken; then its text is read again, as another run
 * may have changed it in between. ERROR_USAGE for stdin.
 */
MUST_USE int sealed_read_early(const char *name, enum doc_format format, struct sealed *ret_sealed,
			       struct error *err);
MUST_USE int sealed_read_again(struct sealed *sealed, struct error *err);
// clang-format off
/* For the tables of commands that open a file; type is their options struct. */
#define IGNORE_MAC_OPTION(type)                                                                    \
	{ "ignore-mac", 0, NULL, "open the file even if it was changed since it was sealed", OPTION_FLAG, \
	  offsetof(type, ignore_mac) }
#define INPUT_TYPE_OPTION(type, field)                                                                \
	{ "input-type", 0, "TYPE", "the format of FILE, whatever its name: " FORMAT_TYPES, OPTION_TEXT, \
	  offsetof(type, field) }
#define ORDER_OPTION(type)                                                                         \
	{ "decryption-order", 0, "KINDS", "which kinds of keys to try first, with commas between (default: age,pgp)", OPTION_TEXT, \
	  offsetof(type, decryption_order) }
// clang-format on

/* Reads the names alone: for a command that reads its files itself. */
void sealed_read_names(struct sealed *sealed);
/* Is what was read an age file, no sops one? */
bool sealed_is_age(const struct sealed *sealed);
/* In the sandbox: all names, as far as they can be read. */
const struct keyring *sealed_names(struct sealed *sealed);
/* In the sandbox: whose key a recipient is; NULL: nobody's. */
const char *sealed_name_of(struct sealed *sealed, struct span recipient);
/* In the sandbox: names in the place of recipients in a message; where no key opened a file, why not. */
void sealed_explain(struct sealed *sealed, struct error *err);
/*
 * The order in which kinds of keys are tried: what an option says (NULL: nothing), or
 * SOPS_DECRYPTION_ORDER. ERROR_DUPLICATE.
 */
MUST_USE int sealed_set_order(struct sealed *sealed, const char *option, struct error *err);
/* The caller's keys, and who is asked for what protects them. Part of sealed_read(). */
MUST_USE int sealed_gather(struct sealed *sealed, struct error *err);
/* All that may open it, for sops_open_with(); borrows sealed. Only memory can fail. */
MUST_USE int sealed_opener(struct sealed *sealed, struct sops_opener *ret_opener,
			   struct error *err);
/* Opens what was read; to be called in the sandbox. flags as for sops_open(). */
MUST_USE int sealed_open(struct sealed *sealed, unsigned flags, struct sops_file *ret_file,
			 struct error *err);
void sealed_release(struct sealed *sealed);

/* Parses the index of what is to be read. ERROR_BAD_EXTRACT. */
MUST_USE int sealed_parse_index(const char *text, struct doc_path *ret_path, struct error *err);

/* The numbers of lines, on stderr. */
void sealed_tell_lines(const struct sops_notes *notes);
/* Tells on stderr which lines will not come back as written, and which comments stayed sealed. */
void sealed_tell(const char *name, const struct sops_notes *notes);
/* Tells there of a document whose metadata are not the first one's, if there is one. sealed_open() does that. */
void sealed_tell_copy(const char *name, const struct sops_notes *notes);
/*
 * The same that of several documents only the first is written in that format. In place the others would be lost:
 * ERROR_DUMP.
 */
MUST_USE int sealed_tell_documents(const char *name, size_t documents, enum doc_format format,
				   bool in_place, struct error *err);

/*
 * The file that a command changes in place: symlinks followed, its repository locked until the
 * release, so that two runs wait for each other.
 */
struct sealed_target {
	char *path;
	struct repo repo; /* locked */
};

#define SEALED_TARGET_INIT ((struct sealed_target){ NULL, REPO_INIT })

/* ERROR_NO_FILE where it does not exist, unless may_be_new. */
MUST_USE int sealed_target_take(const char *name, bool may_be_new, struct sealed_target *ret_target,
				struct error *err);
void sealed_target_release(struct sealed_target *target);

#endif
