/* SPDX-License-Identifier: MIT */
/*
 * What private key files rest on: ciphers, ways from a passphrase to a key, RSA-OAEP. Answers without
 * a source named were computed by Python's cryptography and hashlib.
 */
#include <check.h>
#include <string.h>

#include "crypto/bcrypt_pbkdf.h"
#include "crypto/cipher.h"
#include "crypto/pbkdf.h"
#include "crypto/rsa.h"
#include "crypto/x25519.h"
#include "ssh/privkey.h"
#include "ssh/rsa.h"
#include "sweep.h"
#include "vectors.h"

#define TEXT_LEN 64
#define LABEL "age-encryption.org/v1/ssh-rsa"

/* The text 0, 1, 2, … under the key 1, 2, 3, … and the IV 100, 101, 102, …; the tag behind it. */
static const struct answer {
	enum cipher cipher;
	const char *sealed;
} answers[] = {
	{ CIPHER_3DES_CBC, "cc0f23ba57c81cfe50d9ad1894da8df8f2de760e4d0af4198c5c1a8daca12bda"
			   "0059e8e7b5fd97e5838d008173173b5496160540b208457e9cfbe8a2dc8de7aa" },
	{ CIPHER_AES128_CBC, "ea9eb6dc7945da63a3f1c57e292291bbb1b926e9ae998b0f7f5798e5ff42bc7f"
			     "6fc07e7677ed20970d10ce9a07d83a18a1084609e676fbd90d20fcb3a2938ba3" },
	{ CIPHER_AES192_CBC, "b9fcd718c4471df02becbc195b087f2e095fe9eb9d30632971993e2f0042a10b"
			     "f0c6d56eb59fa4fc61968708b35d6e960c889cd46b30e62e63e98986ec066cd3" },
	{ CIPHER_AES256_CBC, "e158de1a3f4c6f0c0a38ff12bbb491e496f306dff165e3a2acfb354bd2996736"
			     "5b55059b65ce930b20deef6d7a936e619a228f5b8d50c6ebb41315144809cf95" },
	{ CIPHER_AES128_CTR, "8fddcbb155d7fce3100b00801b4a5010088434b10545701875b138ccacdf1cea"
			     "54b917e063bfb2a196a73ecaf6cf3b763084ae7e10d090c7cd50c3ce2b1c3ef2" },
	{ CIPHER_AES192_CTR, "5f58b92388887e2a4027f86d1fd21a419d6a9b6e5882baa71cbbac699c747138"
			     "aa4ff726b649ff5b2b4e1791debc3b9e0a6f97adc782e9f1fbc8948e3673bf0f" },
	{ CIPHER_AES256_CTR, "12f946fc2d829dc8b4271b1d72710f5ee3340492d0b7de5c64a57b58af89ac20"
			     "8d4373773b98fe05ec530310c3841eecc7fe034db75007cd5388f64cf6194d7c" },
	{ CIPHER_AES128_GCM, "2b59fefb89317a27a75d610b162fd75ad878fa5425b8ddc94c78b2ff1967367f"
			     "b7a8b898c8e19b3ca0ff7060a8e89449f37de84574f92885c3ef5f4edf4544bc"
			     "710b3f741ee717cf8c1b16f0345b0d1f" },
	{ CIPHER_AES256_GCM, "605e714f9587ba7ef05ea5931421f633e48e0ad8ebf3e116b8cbf8e465fcf76c"
			     "5fa1fa66ad30cd20223da5526a3fc94adadcbaf9cc4a8aeebec3b5432fdbc807"
			     "2f14c76883c8456ded3518d7d7284f9a" },
	{ CIPHER_CHACHA20_POLY1305,
	  "638bd51563c7af3e93423c5b9bd3a337ebcd9dea4dd17a1b31bb9c17dca5adce"
	  "eaf775b30faab625d37ba2a495a61a1aa275950394b4a4984f22c7c2c0caa900"
	  "77ec977358a9b6ef83e570b7efaf6169" },
	{ CIPHER_AES128_CFB, "8fddcbb155d7fce3100b00801b4a5010d08ed40f37cb2a3e75bdc05fd995058c"
			     "ca8b90f86c945ed3712269cc95caca5e98142d3b07f332ede9e468004b505a8e" },
	{ CIPHER_AES192_CFB, "5f58b92388887e2a4027f86d1fd21a414a416098c0e41a8f074ca3954c7687a4"
			     "fdda32bfe738c24ab6d8f049016e89b1f04d55127f85a5caa6c8a477ff1434af" },
	{ CIPHER_AES256_CFB, "12f946fc2d829dc8b4271b1d72710f5e829e2a1367988b8739833cdbdad09e7d"
			     "dab52e20142bb6b96f4040ffc3eefe606f14f8bf1d103c7edaa3db9e94fc01a0" },
	{ CIPHER_AES128_OFB, "8fddcbb155d7fce3100b00801b4a5010535c312b767cb95ecf076b65d12964c4"
			     "6449c77c581ff72590e449573c4efc68022d69333526802aeb63dfb35330494e" },
	{ CIPHER_AES192_OFB, "5f58b92388887e2a4027f86d1fd21a4108da2cf0a24b08585c17cf4ecfb63fa1"
			     "3014745b3fac3dd38c05fb7c81e1e29b070be9979917fe948229fe67a0084413" },
	{ CIPHER_AES256_OFB, "12f946fc2d829dc8b4271b1d72710f5e086f8ee7bd8e7dcc629c05cf6d04078d"
			     "a32c3a959d390fedb6cf110b3cd9ab80a567e33769ecb167155f84d402302b71" },
	{ CIPHER_CAMELLIA128_CBC,
	  "c4e8add1924eaf12dea7675bdb43d136a513c6eabbae3848f756f25e5f285003"
	  "5a04273f05ff5212de9a914fa3e5f13ad02659205a6e5d40c957d90c8303e0c1" },
	{ CIPHER_CAMELLIA192_CBC,
	  "71ed4af870326e5d1bfb41f1c642d735fbf996369ddd10140b5bee6366da1d69"
	  "54517367ab991465ab42790eff32b4dd432e39cdb6382482ba91fa51301b631a" },
	{ CIPHER_CAMELLIA256_CBC,
	  "ff99cb1ae94c95d822c6b161ae7418843787bcfc152802f672d1ba3c5a5fcca1"
	  "95786c4e0f1d8d727d8912222db5ed4aa7634fe0a8b2a5d5542a59dde9bc834c" },
};

#define ANSWERS (int)(sizeof(answers) / sizeof(*answers))

/* One of the answers, with all that opens it. */
struct opening {
	uint8_t key[CIPHER_KEY_MAX], iv[CIPHER_IV_MAX], bytes[TEXT_LEN + 16];
	struct cipher_sealed sealed;
};

static void opening_init(struct opening *o, const struct answer *answer)
{
	const struct cipher_sizes sizes = cipher_sizes(answer->cipher);

	for (size_t i = 0; i < sizeof(o->key); i++)
		o->key[i] = (uint8_t)(i + 1);
	for (size_t i = 0; i < sizeof(o->iv); i++)
		o->iv[i] = (uint8_t)(i + 100);
	ck_assert_uint_eq(from_hex(answer->sealed, o->bytes), TEXT_LEN + sizes.tag);
	o->sealed = (struct cipher_sealed){ span_of(o->key, sizes.key), span_of(o->iv, sizes.iv),
					    span_of(o->bytes + TEXT_LEN, sizes.tag),
					    span_of(o->bytes, TEXT_LEN) };
}

START_TEST(cipher_open__known_answers)
{
	struct opening o;
	uint8_t text[TEXT_LEN];
	struct error err = ERROR_INIT;

	opening_init(&o, &answers[_i]);
	ck_assert_ok(cipher_open(answers[_i].cipher, &o.sealed, text, &err));
	for (size_t i = 0; i < TEXT_LEN; i++)
		ck_assert_uint_eq(text[i], i);
	/* in place */
	ck_assert_ok(cipher_open(answers[_i].cipher, &o.sealed, o.bytes, &err));
	ck_assert_mem_eq(o.bytes, text, TEXT_LEN);
}
END_TEST

START_TEST(cipher_open__refuses_other_lengths)
{
	struct opening o;
	uint8_t text[TEXT_LEN];
	struct error err = ERROR_INIT;
	struct span *parts[4];

	opening_init(&o, &answers[_i]);
	parts[0] = &o.sealed.key;
	parts[1] = &o.sealed.iv;
	parts[2] = &o.sealed.tag;
	parts[3] = &o.sealed.text;
	for (size_t i = 0; i < 4; i++) {
		const struct span whole = *parts[i];

		for (size_t len = 0; len < whole.len; len++) {
			if (i == 3 && len > 0 && len % cipher_sizes(answers[_i].cipher).block == 0)
				continue;
			parts[i]->len = len;
			ck_assert_fails(cipher_open(answers[_i].cipher, &o.sealed, text, &err),
					ERROR_FORMAT);
		}
		*parts[i] = whole;
	}
}
END_TEST

START_TEST(cipher_open__notices_each_changed_bit)
{
	struct opening o;
	const struct cipher_sizes sizes = cipher_sizes(answers[_i].cipher);
	struct error err = ERROR_INIT;

	opening_init(&o, &answers[_i]);
	for (size_t bit = 0; sizes.tag > 0 && bit < 8 * (TEXT_LEN + sizes.tag); bit += stride(1)) {
		uint8_t text[TEXT_LEN] = { 0 };

		o.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_fails(cipher_open(answers[_i].cipher, &o.sealed, text, &err), ERROR_AUTH);
		for (size_t i = 0; i < TEXT_LEN; i++)
			ck_assert_uint_eq(text[i], 0);
		o.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(cipher_open__survives_want_of_memory)
{
	struct opening o;
	uint8_t text[TEXT_LEN];
	struct error err = ERROR_INIT;

	opening_init(&o, &answers[_i]);
	SWEEP(cipher_open(answers[_i].cipher, &o.sealed, text, &err));
}
END_TEST

/* Made by OpenBSD's implementation, published with others (Go's and Rust's among them). */
START_TEST(bcrypt_pbkdf__known_answers)
{
	const struct {
		struct span passphrase, salt;
		uint32_t rounds;
		size_t len;
		const char *key;
	} known[] = {
		{ SPAN_LITERAL("password"), SPAN_LITERAL("salt"), 4, 32,
		  "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9" },
		{ SPAN_LITERAL("password"), SPAN_LITERAL("salt"), 12, 32,
		  "1ae42c05d487bc02f64921a4ebe4ea93bcacfe135fda99974c06b7b01fae149a" },
		{ SPAN_LITERAL("passwordy\0PASSWORD\0"), SPAN_LITERAL("salty\0SALT\0"), 3, 32,
		  "7f310bd3e78c3280c59ce4595211a2928e8d4ec744c1ed2efc9f764e3388e0ad" },
		{ SPAN_LITERAL("секретное слово"), SPAN_LITERAL("посолить немножко"), 8, 88,
		  "8df43fc6fe131fc47f0c9e39224bd94c70b6fcc8ee8135faddf61156e6cb2733"
		  "ea765f315a3e1e4afc35bf8687d189254c1e05a6fe80c0617f9183d67260d6a1"
		  "15c6c94e3603e2303fbb43a76a64523ffda686b1d4518543" },
	};
	struct error err = ERROR_INIT;
	uint8_t key[128];

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		ck_assert_ok(bcrypt_pbkdf(known[i].passphrase, known[i].salt, known[i].rounds, key,
					  known[i].len, &err));
		ck_assert_hex(key, known[i].key);
	}
}
END_TEST

START_TEST(bcrypt_pbkdf__refuses)
{
	struct error err = ERROR_INIT;
	uint8_t key[32];

	ck_assert_fails(bcrypt_pbkdf(SPAN_INIT, SPAN_LITERAL("s"), 1, key, 32, &err), ERROR_FORMAT);
	ck_assert_fails(bcrypt_pbkdf(SPAN_LITERAL("p"), SPAN_INIT, 1, key, 32, &err), ERROR_FORMAT);
	ck_assert_fails(bcrypt_pbkdf(SPAN_LITERAL("p"), SPAN_LITERAL("s"), 0, key, 32, &err),
			ERROR_FORMAT);
	ck_assert_fails(bcrypt_pbkdf(SPAN_LITERAL("p"), SPAN_LITERAL("s"), BCRYPT_ROUNDS_MAX + 1,
				     key, 32, &err),
			ERROR_LIMIT);
}
END_TEST

/* RFC 6070 (SHA-1) and RFC 7914 section 11 (SHA-256). */
START_TEST(pbkdf2__known_answers)
{
	static const struct {
		enum pbkdf2_hash hash;
		const char *passphrase, *salt;
		uint32_t rounds;
		size_t len;
		const char *key;
	} known[] = {
		{ PBKDF2_SHA1, "password", "salt", 1, 20,
		  "0c60c80f961f0e71f3a9b524af6012062fe037a6" },
		{ PBKDF2_SHA1, "password", "salt", 4096, 20,
		  "4b007901b765489abead49d926f721d065a429c1" },
		{ PBKDF2_SHA1, "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt",
		  4096, 25, "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038" },
		{ PBKDF2_SHA256, "passwd", "salt", 1, 64,
		  "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
		  "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783" },
		{ PBKDF2_SHA384, "hunter2", "salt of tests", 77, 48,
		  "85614ea9db552cc84045f22abe61a43940200becc7f4485f807cbd4659c272ef"
		  "a3773753954ec596d7ffd7698d2f4895" },
		{ PBKDF2_SHA512, "hunter2", "salt of tests", 77, 64,
		  "36fd81d23219fe4fba27c4590b112000ba1a1e08426f9ec0e31a1cfb959a759b"
		  "1b933db398b0b30ce77c00f78b01839d85989810237ae3419c94282551789a11" },
	};
	struct error err = ERROR_INIT;
	uint8_t key[PBKDF_KEY_MAX];

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		ck_assert_ok(pbkdf2(known[i].hash, span_of_text(known[i].passphrase),
				    span_of_text(known[i].salt), known[i].rounds, key, known[i].len,
				    &err));
		ck_assert_hex(key, known[i].key);
	}
	ck_assert_fails(pbkdf2(PBKDF2_SHA1, SPAN_INIT, SPAN_INIT, 0, key, 20, &err), ERROR_FORMAT);
	ck_assert_fails(pbkdf2(PBKDF2_SHA1, SPAN_INIT, SPAN_INIT, PBKDF2_ROUNDS_MAX + 1, key, 20,
			       &err),
			ERROR_LIMIT);
	SWEEP(pbkdf2(PBKDF2_SHA512, SPAN_LITERAL("p"), SPAN_LITERAL("s"), 2, key, 64, &err));
}
END_TEST

/* The test vectors for PKCS #12 of Stephen Henson. */
START_TEST(pbkdf_pkcs12__known_answers)
{
	static const struct {
		enum pbkdf_pkcs12_use use;
		const char *passphrase, *salt;
		uint32_t rounds;
		const char *answer;
	} known[] = {
		{ PBKDF_PKCS12_KEY, "smeg", "0a58cf64530d823f", 1,
		  "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3" },
		{ PBKDF_PKCS12_IV, "smeg", "0a58cf64530d823f", 1, "79993dfe048d3b76" },
		{ PBKDF_PKCS12_KEY, "queeg", "05dec959acff72f7", 1000,
		  "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4" },
		{ PBKDF_PKCS12_IV, "queeg", "05dec959acff72f7", 1000, "11dedad7758d4860" },
	};
	uint8_t key[PBKDF_KEY_MAX], answer[PBKDF_KEY_MAX], salt[8];
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const size_t len = from_hex(known[i].answer, answer);

		from_hex(known[i].salt, salt);
		ck_assert_ok(pbkdf_pkcs12(known[i].use, span_of_text(known[i].passphrase),
					  span_of(salt, sizeof(salt)), known[i].rounds, key, len,
					  &err));
		ck_assert_mem_eq(key, answer, len);
	}
	ck_assert_fails(pbkdf_pkcs12(PBKDF_PKCS12_KEY, SPAN_INIT, SPAN_INIT, 0, key, 20, &err),
			ERROR_FORMAT);
	ck_assert_fails(pbkdf_pkcs12(PBKDF_PKCS12_KEY, SPAN_INIT, SPAN_INIT, PBKDF2_ROUNDS_MAX + 1,
				     key, 20, &err),
			ERROR_LIMIT);
	SWEEP(pbkdf_pkcs12(PBKDF_PKCS12_IV, SPAN_LITERAL("p"), SPAN_LITERAL("s"), 2, key, 8, &err));
}
END_TEST

START_TEST(pbkdf_md5__known_answer)
{
	static const uint8_t salt[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct error err = ERROR_INIT;
	uint8_t key[32];

	ck_assert_ok(pbkdf_md5(SPAN_LITERAL("hunter2"), span_of(salt, sizeof(salt)), key,
			       sizeof(key), &err));
	ck_assert_hex(key, "06940008fff3c7ae9eee41d8ebff03dfb475b35c08d5076741b2d3d48ffbd02b");
	SWEEP(pbkdf_md5(SPAN_LITERAL("p"), span_of(salt, sizeof(salt)), key, sizeof(key), &err));
}
END_TEST

/* The fixtures' RSA key; what it borrows from stays in ret_key. */
static struct rsa_private rsa_of(struct ssh_private_key *ret_key)
{
	AUTO(secret) file = load("ssh/keys/rsa");
	struct error err = ERROR_INIT;
	struct rsa_private rsa;
	struct span part;

	ck_assert_ok(ssh_private_key_parse(secret_span(&file), SPAN_INIT, ret_key, &err));
	part = secret_span(&ret_key->private_part);
	ck_assert(ssh_rsa_private(&part, &rsa));
	return rsa;
}

static int open_oaep(const struct rsa_private *rsa, struct span sealed, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;

	if (rsa_oaep_open(rsa, LABEL, sealed, &plain, err) < 0)
		return -1;
	ck_assert_span(secret_span(&plain), "sixteen bytes ok");
	return 0;
}

START_TEST(rsa_oaep__known_answers)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(secret) sealed = load("ssh/keys/oaep");
	AUTO(secret) of_label = load("ssh/keys/oaep-label");
	AUTO(secret) of_sha1 = load("ssh/keys/oaep-sha1");
	const struct rsa_private rsa = rsa_of(&key);
	struct error err = ERROR_INIT;

	ck_assert_ok(open_oaep(&rsa, secret_span(&sealed), &err));
	ck_assert_fails(open_oaep(&rsa, secret_span(&of_label), &err), ERROR_AUTH);
	ck_assert_fails(open_oaep(&rsa, secret_span(&of_sha1), &err), ERROR_AUTH);
	ck_assert_fails(open_oaep(&rsa, span_slice(secret_span(&sealed), 0, 255), &err),
			ERROR_AUTH);
	memset(sealed.data, 0, sealed.len);
	ck_assert_fails(open_oaep(&rsa, secret_span(&sealed), &err), ERROR_AUTH);
	memset(sealed.data, 0xff, sealed.len);
	ck_assert_fails(open_oaep(&rsa, secret_span(&sealed), &err), ERROR_AUTH);
}
END_TEST

START_TEST(rsa_oaep_seal__opens_again)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(buf) sealed = BUF_INIT;
	AUTO(buf) again = BUF_INIT;
	const struct rsa_private rsa = rsa_of(&key);
	struct error err = ERROR_INIT;
	static uint8_t plain[256 - 66 + 1] = { 0 };

	/* often enough for one that begins with a zero */
	for (int round = 0; round < 300; round++) {
		buf_clear(&sealed);
		ck_assert_ok(rsa_oaep_seal(&rsa.public_key, LABEL, SPAN_LITERAL("sixteen bytes ok"),
					   &sealed, &err));
		ck_assert_uint_eq(sealed.len, 256);
		if (round < 20 || sealed.data[0] == 0)
			ck_assert_ok(open_oaep(&rsa, buf_span(&sealed), &err));
	}
	ck_assert_ok(rsa_oaep_seal(&rsa.public_key, LABEL, span_of(plain, sizeof(plain) - 1),
				   &again, &err));
	ck_assert_fails(rsa_oaep_seal(&rsa.public_key, LABEL, span_of(plain, sizeof(plain)), &again,
				      &err),
			ERROR_LIMIT);
}
END_TEST

START_TEST(rsa_oaep_open__refuses_changed_bits)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(secret) sealed = load("ssh/keys/oaep");
	const struct rsa_private rsa = rsa_of(&key);
	struct error err = ERROR_INIT;

	for (size_t bit = 0; bit < 8 * sealed.len; bit += 31) {
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_fails(open_oaep(&rsa, secret_span(&sealed), &err), ERROR_AUTH);
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(rsa_private_check__refuses_parts_of_others)
{
	static const uint8_t one[] = { 1 }, two[] = { 2 }, three[] = { 3 };
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	const struct rsa_private rsa = rsa_of(&key);
	struct error err = ERROR_INIT;
	struct rsa_private other = rsa;
	struct span *parts[] = { &other.d, &other.p, &other.q, &other.u };

	ck_assert_ok(rsa_private_check(&rsa, &err));
	for (size_t i = 0; i < 4; i++) {
		const struct span values[] = { SPAN_INIT, span_of(one, 1), span_of(two, 1),
					       span_of(three, 1), rsa.public_key.n };

		for (size_t v = 0; v < 5; v++) {
			*parts[i] = values[v];
			ck_assert_fails(rsa_private_check(&other, &err), ERROR_FORMAT);
		}
		other = rsa;
	}
	other.public_key.e = span_of(one, 1);
	ck_assert_fails(rsa_private_check(&other, &err), ERROR_FORMAT);
	other.public_key.e = span_of(two, 1);
	ck_assert_fails(rsa_private_check(&other, &err), ERROR_FORMAT);
	other.public_key = rsa.public_key;
	other.public_key.n.len = RSA_BITS_MIN / 8 - 1;
	ck_assert_fails(rsa_private_check(&other, &err), ERROR_UNSUPPORTED);
}
END_TEST

/* The points of small order, in all their spellings: what is multiplied with them is known. */
START_TEST(ed25519_to_x25519__refuses_low_order)
{
	static const char *const points[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	};
	uint8_t public_key[ED25519_LEN], point[X25519_LEN];

	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		from_hex(points[i], public_key);
		ck_assert_msg(!ed25519_to_x25519(public_key, point), "%s", points[i]);
	}
	/* the base points of both */
	from_hex("5866666666666666666666666666666666666666666666666666666666666666", public_key);
	ck_assert(ed25519_to_x25519(public_key, point));
	ck_assert_hex(point, "0900000000000000000000000000000000000000000000000000000000000000");
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("crypto of keys");
	TCase *tc = tcase_create("keys");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, cipher_open__known_answers, 0, ANSWERS);
	tcase_add_loop_test(tc, cipher_open__refuses_other_lengths, 0, ANSWERS);
	tcase_add_loop_test(tc, cipher_open__notices_each_changed_bit, 0, ANSWERS);
	tcase_add_loop_test(tc, cipher_open__survives_want_of_memory, 0, ANSWERS);
	tcase_add_test(tc, bcrypt_pbkdf__known_answers);
	tcase_add_test(tc, bcrypt_pbkdf__refuses);
	tcase_add_test(tc, pbkdf2__known_answers);
	tcase_add_test(tc, pbkdf_pkcs12__known_answers);
	tcase_add_test(tc, pbkdf_md5__known_answer);
	tcase_add_test(tc, rsa_oaep__known_answers);
	tcase_add_test(tc, rsa_oaep_seal__opens_again);
	tcase_add_test(tc, rsa_oaep_open__refuses_changed_bits);
	tcase_add_test(tc, rsa_private_check__refuses_parts_of_others);
	tcase_add_test(tc, ed25519_to_x25519__refuses_low_order);
	suite_add_tcase(s, tc);
	return s;
}
