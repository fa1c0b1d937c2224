/* SPDX-License-Identifier: MIT */
/* ssh/pgp: RSA keys as OpenPGP keys. The fingerprints are those that sops-nix' sops-install-secrets tells. */
#include <check.h>
#include <string.h>

#include "crypto/hash.h"
#include "ssh/pgp.h"
#include "ssh/privkey.h"
#include "ssh/rsa.h"
#include "sweep.h"
#include "vectors.h"

/* With the numbers borrowed from ret_key. */
static struct rsa_private rsa_of(const char *name, struct ssh_private_key *ret_key)
{
	AUTO(secret) file = load(name);
	struct error err = ERROR_INIT;
	struct rsa_private rsa;
	struct span part;

	ck_assert_ok(ssh_private_key_parse(secret_span(&file), SPAN_INIT, ret_key, &err));
	part = secret_span(&ret_key->private_part);
	ck_assert(ssh_rsa_private(&part, &rsa));
	return rsa;
}

static const struct known {
	const char *file, *fingerprint, *digest;
} known[] = {
	{ "sops-nix/ssh-key", "2504791468b153b8a3963cc97ba53d1919c5dfd4",
	  "43c25bd7947bcc6b91dcc6b7081c96fcfd002f7363464f4d4ca4d59f1cbc9e92" },
	{ "ssh/id_rsa", "3807f31d30c7250eccd387aabf3af31abddc4f74",
	  "d9d23b7df24494f91ff0c95a2e475b5f89e4c4cd6be53c1a59d6134f4c281c59" },
};

/* The packets are those that gpg 2.2.40 takes, signature and all. */
START_TEST(ssh_pgp_key__known_answers)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(secret) packets = SECRET_INIT;
	uint8_t fingerprint[SSH_PGP_FINGERPRINT_LEN], digest[HASH_SHA256_LEN];
	struct error err = ERROR_INIT;
	const struct rsa_private rsa = rsa_of(known[_i].file, &key);

	ck_assert_ok(ssh_pgp_fingerprint(&rsa.public_key, fingerprint, &err));
	ck_assert_hex(fingerprint, known[_i].fingerprint);
	ck_assert_ok(ssh_pgp_key(&rsa, &packets, &err));
	hash_sha256(secret_span(&packets), digest);
	ck_assert_hex(digest, known[_i].digest);
}
END_TEST

/* Numbers are the same with zeros in front, which is how some files have them. */
START_TEST(ssh_pgp_fingerprint__leaves_zeros_out)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(buf) n = BUF_INIT;
	uint8_t fingerprint[SSH_PGP_FINGERPRINT_LEN];
	struct error err = ERROR_INIT;
	struct rsa_private rsa = rsa_of("ssh/id_rsa", &key);

	ck_assert_ok(buf_append(&n, "\0\0", 2, &err));
	ck_assert_ok(buf_append_span(&n, rsa.public_key.n, &err));
	rsa.public_key.n = buf_span(&n);
	ck_assert_ok(ssh_pgp_fingerprint(&rsa.public_key, fingerprint, &err));
	ck_assert_hex(fingerprint, known[1].fingerprint);
}
END_TEST

static int make(const struct rsa_private *rsa, struct error *err)
{
	AUTO(secret) packets = SECRET_INIT;

	return ssh_pgp_key(rsa, &packets, err);
}

START_TEST(ssh_pgp_key__survives_want_of_memory)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	struct error err = ERROR_INIT;
	const struct rsa_private rsa = rsa_of("ssh/id_rsa", &key);

	SWEEP(make(&rsa, &err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("ssh_pgp");
	TCase *tc = tcase_create("pgp");

	start_crypto();
	tcase_add_loop_test(tc, ssh_pgp_key__known_answers, 0, sizeof(known) / sizeof(*known));
	tcase_add_test(tc, ssh_pgp_fingerprint__leaves_zeros_out);
	tcase_add_test(tc, ssh_pgp_key__survives_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
