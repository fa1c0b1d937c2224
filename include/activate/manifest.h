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
#define MANIFEST_RUNTIME "%t" /* what directory may begin with: the user's runtime directory */
#define MANIFEST_IDENTITY "/etc/ssh/ssh_host_ed25519_key"
#define MANIFEST_ENTRIES_MAX 4096
#define MANIFEST_LIST_MAX 1024
#define MANIFEST_KEEP_MAX 100
#define MANIFEST_PARTS_MAX 16 /* of a name */
/* Bytes of a credential's name and its unit's: systemd puts both into the name of a socket. */
#define MANIFEST_CREDENTIAL_MAX 83
/* Names that begin like this are ours, in every generation. */
#define MANIFEST_RESERVED ".bootseal"

enum manifest_kind {
	MANIFEST_SECRET,      /* one value, or a whole file, as it is */
	MANIFEST_ENVIRONMENT, /* values for systemd's EnvironmentFile= */
	MANIFEST_DOCUMENT,    /* values as one JSON object */
	MANIFEST_TEMPLATE, /* a text with values of secrets in it; of no sealed file of its own */
};

/* How a secret's bytes are written into a template. */
enum manifest_encoder {
	MANIFEST_AS_IT_IS,
	MANIFEST_JSON,  /* a JSON string, in its quotes */
	MANIFEST_SHELL, /* one word of a POSIX shell, in single quotes */
	MANIFEST_ENV,   /* what follows NAME= in an environment file, in double quotes */
};

/* Of no entry: a piece of text of the template's own. */
#define MANIFEST_NO_ENTRY SIZE_MAX

/* A template is its parts, one after the other. */
struct manifest_part {
	size_t entry; /* the secret's index, or MANIFEST_NO_ENTRY: text */
	enum manifest_encoder encoder;
	size_t offset, len; /* of the text in the manifest's texts */
};

struct manifest_template {
	struct manifest_part *parts;
	size_t len, cap;
};

/* What one bad secret does. */
enum manifest_on_error {
	MANIFEST_STOP, /* nothing changes */
	MANIFEST_KEEP, /* the others are installed, and it keeps its last good value */
};

enum manifest_lifetime {
	MANIFEST_BOOT,        /* in each generation */
	MANIFEST_UNTIL_READY, /* published for a unit, and withdrawn when that is up */
};

struct manifest_entry {
	enum manifest_kind kind;
	char *name;         /* relative, below the generation */
	size_t file;        /* index in the manifest's files; MANIFEST_NO_FILE for a template */
	const char *format; /* of the file, as for --input-type, or "age"; NULL: as its name says */
	struct names keys;  /* a/b/c; a secret has one, "" for the whole file */
	bool all_keys;      /* every sealed value at the top level; keys is empty */
	char *link; /* absolute: a symlink made there to the live file, with its owner; NULL: none */
	char *owner, *group; /* names or numbers; NULL where not given */
	mode_t mode;
	struct names restart, reload;
	enum manifest_lifetime lifetime;
	char *unit; /* the service that it is published for; NULL where it is for the whole boot */
	struct manifest_template template; /* of a template alone */
};

#define MANIFEST_NO_FILE SIZE_MAX

struct manifest {
	char *directory; /* absolute, or below MANIFEST_RUNTIME: the link to the live generation */
	char *root;      /* absolute: where the generations lie; NULL: DIRECTORY.d */
	unsigned keep;   /* how many older generations stay */
	bool keep_all;   /* none is ever removed, whatever keep says */
	enum manifest_on_error on_error;
	bool links_within;          /* links may also lie below directory and root */
	bool use_tmpfs;             /* tmpfs with noswap, not ramfs */
	bool user_mode;             /* no mount of its own and no owners; units are the user's */
	bool log_keys, log_changes; /* sops-install-secrets' "logging" */
	struct names identities;    /* files of age identities, or SSH keys of hosts */
	struct names ssh_keys;      /* SSH keys; one that cannot be used is noted, and no error */
	char *gnupg_home;           /* GNUPGHOME for gpg; NULL: none */
	struct names gpg_ssh_keys;  /* RSA SSH keys as sops-nix turns them into OpenPGP ones */
	struct names files;  /* sealed files, each once, relative to the manifest's directory */
	struct secret texts; /* of all templates; no secrets, but nobody's business either */
	struct manifest_entry *entries;
	size_t len, cap;
	/*
	 * In no generation: secrets named UNIT/NAME, with their files; all else in it is empty. NULL
	 * where the manifest has none.
	 */
	struct manifest *credentials;
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

/* For parsers of manifests: appends an entry of the defaults (mode 0400). ERROR_LIMIT. */
MUST_USE int manifest_add_entry(struct manifest *manifest, struct manifest_entry **ret_entry,
				struct error *err);
/* The index of a sealed file, which is added where it is not there yet. */
MUST_USE int manifest_add_file(struct manifest *manifest, struct span path, size_t *ret_file,
			       struct error *err);
/* Appends a part to a template. */
MUST_USE int manifest_add_part(struct manifest_template *template, const struct manifest_part *part,
			       struct error *err);
/* No name or link twice, none in another's way, one format a file. ERROR_CONFIG. */
MUST_USE int manifest_check_entries(const struct manifest *manifest, struct error *err);

/* Has it anything that is published for a unit? */
bool manifest_has_ready(const struct manifest *manifest);
/*
 * Leaves of it the entries alone that are published for unit, and of the files those that they are
 * of, as if they were for the whole boot. ERROR_NOT_FOUND where there are none.
 */
MUST_USE int manifest_narrow(struct manifest *manifest, const char *unit, struct error *err);

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
 * be, and other paths that something is made at; what names it in the message.
 */
MUST_USE int manifest_check_directory(const char *directory, struct error *err);
MUST_USE int manifest_check_path(const char *path, const char *what, struct error *err);

#endif
