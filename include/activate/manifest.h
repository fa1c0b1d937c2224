/* SPDX-License-Identifier: MIT */
/*
 * The activation manifest (bootseal.yaml(5)): which values of which sealed
 * files become which files on the host, whose they are, and which units are
 * told. The parser is strict: an unknown field, a name that leaves the
 * directory or two names in each other's way are errors with their line.
 */
#ifndef ACTIVATE_MANIFEST_H
#define ACTIVATE_MANIFEST_H

#include <sys/types.h>

#include "activate/names.h"
#include "doc/doc.h"
#include "util/secret.h"

#define MANIFEST_MAX ((size_t)1 << 20)
#define MANIFEST_DEFAULT "/etc/bootseal/host.yaml"
#define MANIFEST_DIRECTORY "/run/secrets"
#define MANIFEST_IDENTITY "/etc/ssh/ssh_host_ed25519_key"
#define MANIFEST_ENTRIES_MAX 4096
#define MANIFEST_LIST_MAX 1024
#define MANIFEST_KEEP_MAX 100
#define MANIFEST_PARTS_MAX 16 /* of a name */
/* Names that begin like this are ours, in every generation. */
#define MANIFEST_RESERVED ".bootseal"

enum manifest_kind {
	MANIFEST_SECRET,      /* one value, or a whole file, as it is */
	MANIFEST_ENVIRONMENT, /* values for systemd's EnvironmentFile= */
	MANIFEST_DOCUMENT,    /* values as one JSON object */
};

struct manifest_entry {
	enum manifest_kind kind;
	char *name;         /* relative, below the generation */
	size_t file;        /* index in the manifest's files */
	const char *format; /* of the file, as for --input-type, or "age"; NULL: as its name says */
	struct names keys;  /* a/b/c; a secret has one, "" for the whole file */
	bool all_keys;      /* every sealed value at the top level; keys is empty */
	char *owner, *group; /* names or numbers; NULL where not given */
	mode_t mode;
	struct names restart, reload;
};

struct manifest {
	char *directory; /* absolute: the link to the live generation */
	unsigned keep;   /* how many older generations stay */
	struct names identities;
	struct names files; /* sealed files, each once, relative to the manifest's directory */
	struct manifest_entry *entries;
	size_t len, cap;
};

#define MANIFEST_INIT ((struct manifest){ .keep = 1 })

/*
 * Reads the manifest in text, which is taken over. name is for messages. ERROR_CONFIG names
 * the line and the rule that was broken; ERROR_UNSUPPORTED for what a later version will know;
 * what doc_parse() says.
 */
MUST_USE int manifest_parse(struct secret *text, const char *name, struct manifest *ret_manifest,
			    struct error *err);
void manifest_release(struct manifest *manifest);

/* An age file, no sops one, as agenix has them: its content is one secret, whole. */
#define MANIFEST_FORMAT_AGE "age"
#define MANIFEST_SUFFIX_AGE ".age"
bool manifest_file_is_age(const struct manifest *manifest, size_t file);
/* The format of file number file, if it is none: what an entry says of it, or its name. */
enum doc_format manifest_file_format(const struct manifest *manifest, size_t file);

/* The last part of a key: "a/B" becomes the variable B. Borrowed from key. */
const char *manifest_key_name(const char *key);

/*
 * An absolute path without "..", ".", empty parts or what does not print: what directory must
 * be.
 */
MUST_USE int manifest_check_directory(const char *directory, struct error *err);

#endif
