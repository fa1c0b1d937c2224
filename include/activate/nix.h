/* SPDX-License-Identifier: MIT */
/*
 * sops-nix' manifest, in JSON, which its modules for NixOS and home-manager write
 * (bootseal-sops-nix(7)). It is read as leniently as sops-install-secrets reads it:
 * unknown fields are passed over, null is what is not there, letters of a field's name
 * may be large or small, and what stands behind the JSON counts for nothing.
 */
#ifndef ACTIVATE_NIX_H
#define ACTIVATE_NIX_H

#include "activate/activate.h"
#include "activate/manifest.h"

/* Templates lie below it. */
#define NIX_RENDERED "rendered"
/* The longest text in a manifest: a template's; a name or path is much shorter. */
#define NIX_MANIFEST_MAX ((size_t)16 << 20)
#define NIX_TEMPLATE_MAX ((size_t)4 << 20)

/* What stands in a template for a secret's value. */
struct nix_placeholder {
	char *text;
	size_t entry; /* MANIFEST_NO_ENTRY: of a secret that this manifest does not have */
};

struct nix_manifest {
	/* names of templates begin with NIX_RENDERED; a number as owner is a uid, as group a gid */
	struct manifest manifest;
	char *age_key_file;    /* NULL: none; manifest.ssh_keys are the other age keys */
	char **template_files; /* one an entry; NULL: its parts are there already */
	size_t template_files_len;
	struct nix_placeholder *placeholders; /* sorted by text */
	size_t placeholders_len;
};

#define NIX_MANIFEST_INIT ((struct nix_manifest){ .manifest = MANIFEST_INIT })

/*
 * Reads the manifest in text, which is taken over. In user mode runtime_dir stands for %r.
 * name is for messages. ERROR_CONFIG, ERROR_FORMAT, ERROR_LIMIT.
 */
MUST_USE int nix_manifest_parse(struct secret *text, const char *name, const char *runtime_dir,
				struct nix_manifest *ret_manifest, struct error *err);
void nix_manifest_release(struct nix_manifest *nix);

/*
 * Splits a template's text at its placeholders, in one pass: what a secret's value holds is
 * never looked at. Where two begin at one place the longer counts.
 */
MUST_USE int nix_template_split(struct nix_manifest *nix, size_t entry, struct span text,
				struct error *err);

/* --- The whole: what sops-install-secrets does --- */

enum nix_check {
	NIX_CHECK_OFF,      /* install */
	NIX_CHECK_FILES,    /* look at the manifest and the sealed files, without a key */
	NIX_CHECK_MANIFEST, /* at the manifest alone */
};

/* Who tells units. In user mode it is always the user's systemctl. */
enum nix_way {
	NIX_BY_LISTS,     /* switch-to-configuration, which reads the lists that we write */
	NIX_BY_SYSTEMCTL, /* the systemctl in PATH, one call for all */
	NIX_BY_UNITS,     /* as for our own manifests (activate/units.h) */
};

struct nix_options {
	enum nix_check check;
	bool ignores_owners; /* looks up nobody: all belong to root, or in user mode to the user */
	bool dry_run;        /* opens everything and compares; changes nothing */
	enum nix_way way;
	bool uses_environment; /* keys are looked for where sops does, too (HOME, SOPS_AGE_KEY, …) */
};

struct nix_report {
	struct activate_report base; /* a template's name begins with NIX_RENDERED */
	bool shows_changes;          /* the manifest wants them told, and they are looked for */
};

#define NIX_REPORT_INIT ((struct nix_report){ ACTIVATE_REPORT_INIT, false })

void nix_report_release(struct nix_report *report);

/*
 * Does all of it. ERROR_PARTIAL where the generation is live, but links could not be made or
 * units not told; any other error means that what was live still is.
 */
MUST_USE int nix_activate(const char *manifest, const struct nix_options *options,
			  struct nix_report *report, struct error *err);

/* Is it a manifest of this kind, by its name? */
bool nix_is_manifest(const char *path);
/* The link and the mount that it names. Both are new. */
MUST_USE int nix_find_place(const char *manifest, char **ret_directory, char **ret_root,
			    struct error *err);

#endif
