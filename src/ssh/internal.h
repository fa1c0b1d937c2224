/* SPDX-License-Identifier: MIT */
/* What the formats of private keys share. Each reads what is inside the armor. */
#ifndef SSH_INTERNAL_H
#define SSH_INTERNAL_H

#include "crypto/cipher.h"
#include "crypto/rsa.h"
#include "ssh/privkey.h"

/* A file between BEGIN and END. */
struct ssh_pem {
	struct span label; /* "RSA PRIVATE KEY", borrowed from the text */
	bool encrypted;    /* "Proc-Type: 4,ENCRYPTED" */
	struct span dek;   /* behind "DEK-Info: ", borrowed */
	struct secret bytes;
};

#define SSH_PEM_INIT ((struct ssh_pem){ SPAN_INIT, false, SPAN_INIT, SECRET_INIT })

MUST_USE int ssh_pem_read(struct span text, struct ssh_pem *ret_pem, struct error *err);
void ssh_pem_release(struct ssh_pem *pem);

/* OpenSSH's own format; PKCS#1 ("RSA PRIVATE KEY"); PKCS#8 ("PRIVATE KEY"). */
MUST_USE int ssh_openssh_read(struct span bytes, struct span passphrase,
			      struct ssh_private_key *key, struct error *err);
MUST_USE int ssh_pkcs1_read(struct span der, struct ssh_private_key *key, struct error *err);
MUST_USE int ssh_pkcs8_read(struct span der, struct ssh_private_key *key, struct error *err);

/* What is encrypted in a PEM file, as its DEK-Info says; in PKCS#8 ("ENCRYPTED PRIVATE KEY"). */
MUST_USE int ssh_dek_open(const struct ssh_pem *pem, struct span passphrase, struct secret *ret_der,
			  struct error *err);
MUST_USE int ssh_pbes_open(struct span der, struct span passphrase, struct secret *ret_der,
			   struct error *err);

/* Fill an empty key, once all parts of it are known. ERROR_FORMAT where they do not fit together. */
MUST_USE int ssh_private_set_ed25519(struct ssh_private_key *key, struct span seed,
				     struct error *err);
MUST_USE int ssh_private_set_rsa(struct ssh_private_key *key, const struct rsa_private *rsa,
				 struct error *err);

int ssh_private_broken(struct error *err, const char *why);
int ssh_private_wrong_passphrase(struct error *err);

#endif
