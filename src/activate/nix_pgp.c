/* SPDX-License-Identifier: MIT */
#include "nix_job.h"

#include "activate/values.h"
#include "ssh/pgp.h"
#include "ssh/privkey.h"
#include "ssh/rsa.h"
#include "util/codec.h"
#include "util/text.h"

int nix_pgp_read(struct nix_pgp *pgp, const struct names *paths, struct error *err)
{
	for (size_t i = 0; i < paths->len; i++)
		if (keyring_identities_add_file(&pgp->sources, paths->items[i], err) < 0)
			return -1;
	return 0;
}

void nix_pgp_release(struct nix_pgp *pgp)
{
	keyring_identities_release(&pgp->sources);
}

/* --- In the child --- */

static int nix_pgp_parse(struct span file, struct ssh_private_key *key,
			 struct rsa_private *ret_numbers, struct error *err)
{
	struct span part;

	if (ssh_private_key_parse(file, SPAN_INIT, key, err) < 0)
		return -1;
	if (key->locked)
		return error_set(err, ERROR_DENIED, "it has a passphrase");
	part = secret_span(&key->private_part);
	if (key->type != SSH_KEY_RSA || !ssh_rsa_private(&part, ret_numbers))
		return error_set(err, ERROR_UNSUPPORTED, "it is no RSA key");
	return 0;
}

static int nix_pgp_log(const struct nix_pgp *pgp, const char *name, const struct rsa_public *key,
		       struct error *err)
{
	uint8_t fingerprint[SSH_PGP_FINGERPRINT_LEN];
	char text[2 * SSH_PGP_FINGERPRINT_LEN];

	if (!pgp->log_keys)
		return 0;
	if (ssh_pgp_fingerprint(key, fingerprint, err) < 0)
		return -1;
	codec_hex_lower(span_of(fingerprint, sizeof(fingerprint)), text);
	return values_put(pgp->answer,
			  &(struct value){ NIX_PGP_KEY, span_of_text(name),
					   span_of(text, sizeof(text)) },
			  err);
}

static int nix_pgp_import(const struct nix_pgp *pgp, const struct keyring_identity_source *source,
			  struct error *err)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(secret) packets = SECRET_INIT;
	struct rsa_private numbers;

	if (nix_pgp_parse(secret_span(&source->bytes), &key, &numbers, err) < 0 ||
	    ssh_pgp_key(&numbers, &packets, err) < 0 ||
	    keyring_programs_import(pgp->starter, secret_span(&packets), err) < 0)
		return -1;
	return nix_pgp_log(pgp, source->name, &numbers.public_key, err);
}

/* What is wrong with one is told: another may do. */
static int nix_pgp_tell(struct nix_pgp *pgp, struct span why, struct error *err)
{
	AUTO(buf) note = BUF_INIT;

	if (buf_printf(&note, err, "sshKeyPaths: %.*s", SPAN_PRINT(why)) < 0)
		return -1;
	if (pgp->unusable.kind == ERROR_NONE)
		(void)error_set(&pgp->unusable, ERROR_NO_KEY, "%.*s", SPAN_PRINT(buf_span(&note)));
	return values_put(pgp->answer, &(struct value){ NIX_PROBLEM, SPAN_INIT, buf_span(&note) },
			  err);
}

/* Each key to gpg, once. */
static int nix_pgp_import_all(struct nix_pgp *pgp, struct error *err)
{
	const struct span unread = buf_span(&pgp->sources.problems);
	bool usable = false;

	if (unread.len > 0 && nix_pgp_tell(pgp, unread, err) < 0)
		return -1;
	for (size_t i = 0; i < pgp->sources.len; i++) {
		const struct keyring_identity_source *source = &pgp->sources.items[i];
		struct error why = ERROR_INIT;

		if (nix_pgp_import(pgp, source, &why) == 0) {
			usable = true;
			continue;
		}
		(void)error_wrap(&why, "\"%s\" cannot be a PGP key",
				 text_printable_text(source->name).text);
		if (nix_pgp_tell(pgp, span_of_text(why.message), err) < 0)
			return -1;
	}
	if (usable)
		pgp->unusable = ERROR_INIT;
	return 0;
}

/* gpg is started where no other key opens a file: most hosts have no need of it, and many do not have it. */
static int nix_pgp_open(void *context, struct span enc, struct secret *ret_plain, struct error *err)
{
	struct nix_pgp *pgp = context;

	if (!pgp->asked && nix_pgp_import_all(pgp, err) < 0)
		return -1;
	pgp->asked = true;
	if (pgp->unusable.kind != ERROR_NONE) {
		*err = pgp->unusable;
		return -1;
	}
	return pgp->gpg->open(pgp->gpg->context, enc, ret_plain, err);
}

const struct sops_programs *nix_pgp_use(struct nix_pgp *pgp, struct keyring_programs *programs,
					struct secret *answer)
{
	const struct sops_programs *own = keyring_programs_use(programs);

	if (own == NULL || (pgp->sources.len == 0 && pgp->sources.problems.len == 0))
		return own;
	pgp->starter = programs;
	pgp->gpg = own;
	pgp->answer = answer;
	pgp->programs = *own;
	pgp->programs.open = nix_pgp_open;
	pgp->programs.context = pgp;
	return &pgp->programs;
}
