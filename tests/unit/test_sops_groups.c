/* SPDX-License-Identifier: MIT */
/*
 * Keys and key groups: read, compared, sealed to, opened with, changed; and what stays in a file as it
 * stands. The traps named are those of the reference.
 */
#include <stdlib.h>
#include <string.h>

#include "sops_text.h"
#include "sweep.h"

#define ALICE RECIPIENT
#define BOB "age1n2607mx799jr4jkrzspef4n74k5sek8yprksp2c9w4csqznayahq7zh604"
#define CAROL "age1m204666x9kppkfvtqu8k5ex5tfj7lgjvt4x47hnlvpy98hjr9vzqaeway8"
#define FINGERPRINT "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"

#define DOCUMENT                                                                                   \
	"# top\n"                                                                                  \
	"db:\n"                                                                                    \
	"  password: \"hunter2\"  # inline\n"                                                      \
	"  ratio: 2.50\n"                                                                          \
	"  empty: ''\n"                                                                            \
	"list:\n"                                                                                  \
	"- same\n"                                                                                 \
	"# in the list\n"                                                                          \
	"- same\n"                                                                                 \
	"open_unencrypted: plain\n"                                                                \
	"text: |\n"                                                                                \
	"  one\n"                                                                                  \
	"  two\n"

/* "AB|C": groups of alice, bob, carol; P is the PGP key. */
static int make_groups(const char *spelled, unsigned threshold, struct sops_groups *groups,
		       struct error *err)
{
	static const char *const people[] = { ALICE, BOB, CAROL };

	groups->threshold = threshold;
	if (sops_groups_open(groups, err) < 0)
		return -1;
	for (; *spelled; spelled++) {
		const size_t last = groups->len - 1;

		if (*spelled == '|' ? sops_groups_open(groups, err) < 0
		    : *spelled == 'P'
			    ? sops_groups_add(groups, last, SOPS_KEY_PGP, SPAN_LITERAL(FINGERPRINT),
					      err) < 0
			    : sops_groups_add(groups, last, SOPS_KEY_AGE,
					      span_of_text(people[*spelled - 'A']), err) < 0)
			return -1;
	}
	return 0;
}

/* A gpg of our own: a message is the plaintext behind a mark; it can be out of order. */
static bool gpg_works = true;

static int fake_seal(void *context, const char *fingerprint, struct span plain, struct buf *ret_enc,
		     struct error *err)
{
	(void)context;
	ck_assert_str_eq(fingerprint, FINGERPRINT);
	for (size_t i = 0; i < plain.len; i++)
		if (buf_printf(ret_enc, err, "%s%02x", i == 0 ? "pgp:" : "", plain.data[i]) < 0)
			return -1;
	return 0;
}

static int fake_open(void *context, struct span enc, struct secret *ret_plain, struct error *err)
{
	uint8_t bytes[64];
	char text[160] = "";

	(void)context;
	if (!gpg_works || !span_starts_with(enc, "pgp:") || enc.len >= sizeof(text))
		return error_set(err, ERROR_NO_KEY, "gpg cannot");
	memcpy(text, enc.data, enc.len);
	return secret_append(ret_plain, bytes, from_hex(text + 4, bytes), err);
}

static const struct sops_programs fake_gpg = { fake_seal, fake_open, NULL, NULL };

static int seal_to(const char *spelled, unsigned threshold, const char *plain,
		   struct secret *ret_sealed, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;

	policy.programs = &fake_gpg;
	if (secret_append_text(&text, plain, err) < 0 ||
	    make_groups(spelled, threshold, &policy.groups, err) < 0)
		return -1;
	return sops_seal(DOC_YAML, &text, &policy, ret_sealed, NULL, err);
}

static struct secret seal(const char *spelled, unsigned threshold)
{
	struct secret sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(seal_to(spelled, threshold, DOCUMENT, &sealed, &err));
	return sealed;
}

static int add_identities(const char *people, struct age_identities *identities, struct error *err)
{
	for (; *people; people++) {
		char name[32];

		snprintf(name, sizeof(name), "sops/keys/age%d.txt", *people - 'A' + 1);
		AUTO(secret) file = load(name);
		if (age_identities_add_file(identities, secret_span(&file), name, err) < 0)
			return -1;
	}
	return 0;
}

static int open_copy(struct span sealed, const struct sops_opener *opener,
		     struct sops_file *ret_file, struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;

	if (secret_append_span(&copy, sealed, err) < 0)
		return -1;
	return sops_open_with(DOC_YAML, &copy, opener, 0, ret_file, err);
}

/* With the keys of people, and with gpg where P is among them (at the end). */
static int open_as(const char *people, struct span sealed, struct sops_file *ret_file,
		   struct error *err)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	const bool pgp = strchr(people, 'P') != NULL;
	const struct sops_opener opener = { &identities, pgp ? &fake_gpg : NULL,
					    SOPS_ORDER_DEFAULT };
	char own[8] = "";

	memcpy(own, people, strlen(people) - pgp);
	return add_identities(own, &identities, err) < 0
		       ? -1
		       : open_copy(sealed, &opener, ret_file, err);
}

static void expect_opens(const char *people, const struct secret *sealed, bool expected)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (!expected) {
		ck_assert_fails(open_as(people, secret_span(sealed), &file, &err), ERROR_NO_KEY);
		return;
	}
	ck_assert_ok(open_as(people, secret_span(sealed), &file, &err));
	ck_assert_ok(sops_file_plaintext(&file, &text, &err));
	ck_assert_span(secret_span(&text), DOCUMENT);
}

START_TEST(sops_groups_add__takes_each_key_once)
{
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(sops_groups_open(&groups, &err));
	/* trap T32 */
	ck_assert_ok(sops_groups_add_list(&groups, 0, SOPS_KEY_AGE,
					  SPAN_LITERAL(ALICE ", " BOB "," ALICE), true, &err));
	ck_assert_ok(sops_groups_add(&groups, 0, SOPS_KEY_PGP,
				     SPAN_LITERAL("FBC7 B9E2 A4F9 289A C0C1  D484 3D16 CEE4 A273 "
						  "81B4"),
				     &err));
	ck_assert_ok(sops_groups_add(&groups, 0, SOPS_KEY_PGP, SPAN_LITERAL(FINGERPRINT), &err));
	ck_assert_uint_eq(groups.items[0].len, 3);
	ck_assert_ptr_nonnull(sops_groups_find(&groups, SOPS_KEY_PGP, SPAN_LITERAL(FINGERPRINT)));
	ck_assert_ptr_null(sops_groups_find(&groups, SOPS_KEY_AGE, SPAN_LITERAL(FINGERPRINT)));
	/* an empty part: passed over in rules, refused on a command line */
	ck_assert_ok(sops_groups_add_list(&groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(CAROL ",,"), false,
					  &err));
	ck_assert_uint_eq(sops_groups_count(&groups), 4);
	ck_assert_fails(sops_groups_add_list(&groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(BOB ","), true,
					     &err),
			ERROR_USAGE);
	ck_assert_fails(sops_groups_add_list(&groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(""), true,
					     &err),
			ERROR_USAGE);
	ck_assert_fails(sops_groups_add(&groups, 0, SOPS_KEY_AGE, SPAN_LITERAL("age1x"), &err),
			ERROR_FORMAT);
	ck_assert_fails(sops_groups_add(&groups, 0, SOPS_KEY_PGP, SPAN_LITERAL("--version"), &err),
			ERROR_FORMAT);
}
END_TEST

START_TEST(sops_groups_check__refuses_what_cannot_be_sealed_to)
{
	static const struct {
		const char *groups;
		unsigned threshold;
		bool good;
	} cases[] = {
		{ "A", 0, true },   { "A", 2, true },    { "", 0, false },
		{ "A|", 0, false }, { "A|B", 0, true },  { "A|B", 1, false },
		{ "A|B", 2, true }, { "A|B", 3, false }, { "A|B|C", 2, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
		struct error err = ERROR_INIT;

		ck_assert_ok(make_groups(cases[i].groups, cases[i].threshold, &groups, &err));
		if (cases[i].good)
			ck_assert_ok(sops_groups_check(&groups, &err));
		else
			ck_assert_fails(sops_groups_check(&groups, &err), ERROR_CONFIG);
	}
}
END_TEST

START_TEST(sops_groups_compare__tells_group_by_group)
{
	static const struct {
		const char *before, *after, *told; /* group, kind, person */
	} cases[] = {
		{ "AB", "BA", "0 B 0 A " },
		{ "AB", "BC", "0 B 0+C 0-A " },
		{ "A|B", "A", "0 A 1-B " },
		{ "A", "B|A", "0+B 0-A 1+A " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(sops_groups) before = SOPS_GROUPS_INIT;
		AUTO(sops_groups) after = SOPS_GROUPS_INIT;
		AUTO(sops_changes) changes = SOPS_CHANGES_INIT;
		AUTO(buf) told = BUF_INIT;
		struct error err = ERROR_INIT;

		ck_assert_ok(make_groups(cases[i].before, 0, &before, &err));
		ck_assert_ok(make_groups(cases[i].after, 0, &after, &err));
		ck_assert_ok(sops_groups_compare(&before, &after, &changes, &err));
		for (size_t k = 0; k < changes.len; k++) {
			const char *text = changes.items[k].key->text;

			ck_assert_ok(buf_printf(&told, &err, "%zu%c%c ", changes.items[k].group,
						" +-"[changes.items[k].kind],
						strcmp(text, ALICE) == 0 ? 'A'
						: strcmp(text, BOB) == 0 ? 'B'
									 : 'C'));
		}
		ck_assert_span(buf_span(&told), cases[i].told);
		ck_assert(changes.any == !sops_groups_same_keys(&before, &after));
	}
}
END_TEST

START_TEST(sops_order_parse__ranks_the_kinds)
{
	struct sops_order order;
	struct error err = ERROR_INIT;

	ck_assert_ok(sops_order_parse("", &order, &err));
	ck_assert_uint_lt(order.rank[SOPS_KEY_AGE], order.rank[SOPS_KEY_PGP]);
	ck_assert_uint_lt(order.rank[SOPS_KEY_PGP], order.rank[SOPS_KEY_KMS]);
	ck_assert_ok(sops_order_parse("pgp,unheard-of,kms", &order, &err));
	ck_assert_uint_lt(order.rank[SOPS_KEY_PGP], order.rank[SOPS_KEY_KMS]);
	ck_assert_uint_lt(order.rank[SOPS_KEY_KMS], order.rank[SOPS_KEY_AGE]);
	ck_assert_fails(sops_order_parse("age,pgp,age", &order, &err), ERROR_DUPLICATE);
	ck_assert_ok(sops_order_parse("hc_vault,azure_kv,hckms,gcp_kms,kms,pgp,age", &order, &err));
	ck_assert_uint_eq(order.rank[SOPS_KEY_AGE], 6);
}
END_TEST

/* As sops shows them: compared with what its updatekeys prints. */
START_TEST(sops_meta_read__knows_all_kinds)
{
	static const char *const texts[] = {
		("arn:aws:kms:us-east-1:656532927350:key/920aff2e+arn:aws:iam::1:role/"
		 "r|app:x,foo:bar|ops"),
		"arn:aws:kms:us-west-2:656532927350:key/plain",
		"projects/p/locations/l/keyRings/r/cryptoKeys/k",
		"tr-west-1:12345678-1234-1234-1234-123456789abc",
		"https://vault.example.net/keys/key-name/abc123",
		"https://vault.example.org:8200/v1/transit/keys/dev",
		FINGERPRINT,
		ALICE,
	};
	AUTO(secret) sealed = load("sops/enc/foreign_keys.yaml");
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(open_as("A", secret_span(&sealed), &file, &err));
	ck_assert_uint_eq(file.meta.groups.len, 1);
	ck_assert_uint_eq(file.meta.groups.items[0].len, 8);
	for (size_t i = 0; i < 8; i++)
		ck_assert_str_eq(file.meta.groups.items[0].items[i].text, texts[i]);
}
END_TEST

static struct secret replaced(const struct secret *text, const char *old, const char *new)
{
	const uint8_t *found = memmem(text->data, text->len, old, strlen(old));
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t at;

	ck_assert_ptr_nonnull(found);
	at = (size_t)(found - text->data);
	ck_assert_ok(secret_append(&out, text->data, at, &err));
	ck_assert_ok(secret_append_text(&out, new, &err));
	ck_assert_ok(secret_append(&out, text->data + at + strlen(old),
				   text->len - at - strlen(old), &err));
	return out;
}

START_TEST(sops_meta_read__takes_every_layout)
{
	static const struct {
		const char *groups, *old, *new;
	} cases[] = {
		{ "A", "    age:\n", "    kms: []\n    pgp: null\n    AGE:\n" },
		{ "A", "          recipient:", "          Recipient:" },
		{ "A", "    lastmodified:", "    hc_vault: []\n    LastModified:" },
		/* trap T35: lists win */
		{ "A", "    lastmodified:",
		  "    key_groups:\n        - age: []\n        - age: []\n    lastmodified:" },
		{ "A", "    lastmodified:", "    shamir_threshold: \"2\"\n    lastmodified:" },
		{ "A|B", "    lastmodified:", "    age: []\n    pgp: null\n    lastmodified:" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = seal(cases[i].groups, 0);
		AUTO(secret) other = replaced(&sealed, cases[i].old, cases[i].new);

		expect_opens("AB", &other, true);
	}
}
END_TEST

START_TEST(sops_meta_read__refuses_what_is_malformed)
{
	static const struct {
		const char *groups, *old, *new;
	} cases[] = {
		{ "A", "    age:\n", "    kms: x\n    age:\n" },
		{ "A", "    age:\n", "    kms: [x]\n    age:\n" },
		{ "A", "    age:\n", "    kms:\n        - arn: [x]\n    age:\n" },
		{ "A", "    age:\n",
		  "    kms:\n        - arn: x\n          context: {a: {b: c}}\n    age:\n" },
		{ "A|B", "    shamir_threshold: 2\n", "    shamir_threshold: x\n" },
		{ "A|B", "    shamir_threshold: 2\n", "    shamir_threshold: 256\n" },
		{ "A|B", "    shamir_threshold: 2\n", "    shamir_threshold: [2]\n" },
		{ "A|B", "    key_groups:\n", "    key_groups:\n        - x\n" },
		{ "A", "    version: 3.13.3\n", "    version: 3.13\n" }, /* trap T26 */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = seal(cases[i].groups, 0);
		AUTO(secret) other = replaced(&sealed, cases[i].old, cases[i].new);
		AUTO(sops_file) file = SOPS_FILE_INIT;
		struct error err = ERROR_INIT;

		ck_assert_fails(open_as("AB", secret_span(&other), &file, &err), ERROR_FORMAT);
	}
}
END_TEST

START_TEST(sops_open__needs_the_threshold)
{
	static const struct {
		const char *groups;
		unsigned threshold;
		const char *people;
		bool opens;
	} cases[] = {
		{ "A|B|C", 2, "AB", true },  { "A|B|C", 2, "AC", true },
		{ "A|B|C", 2, "CB", true },  { "A|B|C", 2, "ABC", true },
		{ "A|B|C", 2, "B", false },  { "A|B|C", 0, "AB", false },
		{ "A|B|C", 0, "ABC", true }, { "A|B|C", 3, "ABC", true },
		{ "AB|C", 2, "BC", true },   { "AB|C", 2, "AB", false },
		{ "A|P", 2, "AP", true },    { "A|P", 2, "A", false },
		{ "BP", 0, "P", true },      { "BP", 0, "B", true },
		{ "B", 5, "B", true }, /* of one group the threshold says nothing */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = seal(cases[i].groups, cases[i].threshold);

		expect_opens(cases[i].people, &sealed, cases[i].opens);
	}
}
END_TEST

START_TEST(sops_open__tells_the_state_of_each_group)
{
	AUTO(secret) sealed = seal("A|B|CP", 2);
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	gpg_works = false;
	ck_assert_int_eq(open_as("AP", secret_span(&sealed), &file, &err), -1);
	gpg_works = true;
	ck_assert_int_eq(err.kind, ERROR_NO_KEY);
	ck_assert_ptr_nonnull(strstr(err.message, "2 of its 3 key groups are needed"));
	ck_assert_ptr_nonnull(strstr(err.message, "Group 0: SUCCESS; Group 1: FAILED (" BOB ")"));
	ck_assert_ptr_nonnull(strstr(err.message, "gpg cannot"));
}
END_TEST

START_TEST(sops_open__opens_what_sops_split)
{
	static const char *const people[] = { "AB", "AC", "BC" };
	AUTO(secret) sealed = load("sops/enc/shamir_select.yaml");
	AUTO(secret) expected = load("sops/dec/shamir_select.yaml");

	for (size_t i = 0; i < 3; i++) {
		AUTO(sops_file) file = SOPS_FILE_INIT;
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_ok(open_as(people[i], secret_span(&sealed), &file, &err));
		ck_assert_ok(sops_file_plaintext(&file, &text, &err));
		ck_assert(span_equal(secret_span(&text), secret_span(&expected)));
	}
}
END_TEST

/* The lines of a that b does not have, in order. */
static void collect_new_lines(const struct secret *a, const struct secret *b, struct buf *out)
{
	struct span rest = secret_span(a), line;
	struct error err = ERROR_INIT;

	while (span_take_line(&rest, &line))
		if (line.len > 0 && !memmem(b->data, b->len, line.data, line.len))
			ck_assert_ok(buf_printf(out, &err, "%.*s\n", SPAN_PRINT(line)));
}

static void rewrap(const struct secret *sealed, const char *people, const char *spelled,
		   unsigned threshold, struct secret *ret_text)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(open_as(people, secret_span(sealed), &file, &err));
	ck_assert_ok(make_groups(spelled, threshold, &groups, &err));
	ck_assert_ok(sops_file_rewrap(&file, &groups, &fake_gpg, ret_text, &err));
}

START_TEST(sops_file_rewrap__changes_nothing_but_keys)
{
	static const struct {
		const char *before, *people, *after;
		unsigned threshold;
		const char *opens, *opens_not;
	} cases[] = {
		{ "A", "A", "AB", 0, "B", "C" },       { "AB", "A", "B", 0, "B", "A" },
		{ "A", "A", "A|B|C", 2, "BC", "B" },   { "A|B|C", "ABC", "A|B", 2, "AB", "A" },
		{ "A|B", "AB", "C", 0, "C", "A" },     { "A", "A", "P", 0, "P", "A" },
		{ "AP", "P", "A|P", 2, "AP", "A" },    { "P", "P", "AB", 0, "B", "P" },
		{ "A|B", "AB", "AC|B", 2, "CB", "B" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = seal(cases[i].before, 0);
		AUTO(secret) text = SECRET_INIT;
		const uint8_t *metadata;

		rewrap(&sealed, cases[i].people, cases[i].after, cases[i].threshold, &text);
		expect_opens(cases[i].opens, &text, true);
		expect_opens(cases[i].opens_not, &text, false);
		/* trap T7: values, mac, lastmodified and version */
		metadata = memmem(sealed.data, sealed.len, "\nsops:", 6);
		ck_assert_mem_eq(text.data, sealed.data, (size_t)(metadata - sealed.data));
		for (const char *const *line =
			     (const char *const[]){ "    mac: ", "    lastmodified: ", NULL };
		     *line; line++) {
			const uint8_t *old = memmem(sealed.data, sealed.len, *line, strlen(*line)),
				      *new = memmem(text.data, text.len, *line, strlen(*line));
			const size_t len = (size_t)((const uint8_t *)memchr(old, '\n', 4096) - old);

			ck_assert_mem_eq(old, new, len);
		}
	}
}
END_TEST

START_TEST(sops_file_rewrap__keeps_the_entries_of_keys_that_stay)
{
	AUTO(secret) sealed = seal("AP", 0);
	AUTO(secret) text = SECRET_INIT;
	AUTO(buf) gone = BUF_INIT;

	rewrap(&sealed, "A", "PBA", 0, &text);
	collect_new_lines(&sealed, &text, &gone);
	ck_assert_span(buf_span(&gone), "");
	/* and where nothing changes, no byte does */
	secret_release(&text);
	rewrap(&sealed, "A", "PA", 0, &text);
	ck_assert(span_equal(secret_span(&text), secret_span(&sealed)));
}
END_TEST

/* "A" with alice's and all foreign entries, and then: B bob. */
static int rewrap_foreign(struct span sealed, bool with_bob, bool rotate, struct secret *ret_text,
			  struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;

	if (open_as("A", sealed, &file, err) < 0 ||
	    sops_groups_copy(&file.meta.groups, &groups, err) < 0 ||
	    (with_bob && sops_groups_add(&groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(BOB), err) < 0))
		return -1;
	return rotate ? sops_file_rotate(&file, &groups, &fake_gpg, ret_text, err)
		      : sops_file_rewrap(&file, &groups, &fake_gpg, ret_text, err);
}

/* Trap T25: unknown fields and comments, and the entries of all other kinds, byte for byte. */
START_TEST(sops_file_rewrap__keeps_what_is_foreign)
{
	AUTO(secret) sealed = load("sops/enc/foreign_keys.yaml");
	AUTO(secret) text = SECRET_INIT;
	AUTO(buf) gone = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(rewrap_foreign(secret_span(&sealed), true, false, &text, &err));
	collect_new_lines(&sealed, &text, &gone);
	ck_assert_span(buf_span(&gone), "");
	ck_assert_uint_gt(text.len, sealed.len);
	/* what is new stands in one piece, before what followed the list */
	const uint8_t *comment = memmem(text.data, text.len, "    # who may open it\n", 22);
	const size_t tail = (size_t)(text.data + text.len - comment);

	ck_assert_ptr_nonnull(comment);
	ck_assert_mem_eq(comment, sealed.data + sealed.len - tail, tail);
}
END_TEST

/* The lines of a that are not in b: how many, when each begins with one of "mac" and "lastmodified". */
static size_t count_stamps(const struct secret *a, const struct secret *b)
{
	AUTO(buf) gone = BUF_INIT;
	struct span rest, line;
	size_t count = 0;

	collect_new_lines(a, b, &gone);
	rest = buf_span(&gone);
	while (span_take_line(&rest, &line)) {
		ck_assert(span_starts_with(line, "    mac: ") ||
			  span_starts_with(line, "    lastmodified: "));
		count++;
	}
	return count;
}

START_TEST(sops_file_reseal__keeps_what_is_foreign)
{
	AUTO(secret) sealed = load("sops/enc/foreign_keys.yaml");
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(open_as("A", secret_span(&sealed), &file, &err));
	ck_assert_ok(sops_file_plaintext(&file, &plain, &err));
	ck_assert_ok(secret_append_text(&plain, "new: value\n", &err));
	ck_assert_ok(sops_file_reseal(&file, &plain, &text, NULL, &err));
	ck_assert_uint_eq(count_stamps(&sealed, &text), 2);
	ck_assert_ptr_nonnull(memmem(text.data, text.len, "new: ENC[", 9));
}
END_TEST

START_TEST(sops_file_set__keeps_what_is_foreign)
{
	AUTO(secret) sealed = load("sops/enc/foreign_keys.yaml");
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_tree) value = DOC_TREE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(open_as("A", secret_span(&sealed), &file, &err));
	ck_assert_ok(doc_path_parse("[\"new\"]", &path, &err));
	ck_assert_ok(doc_tree_scalar(&value, NULL, DOC_TYPE_STRING, SPAN_LITERAL("value"), &err));
	ck_assert_ok(sops_file_set(&file, &path, &value, false, &text, &err));
	ck_assert_uint_eq(count_stamps(&sealed, &text), 2);
}
END_TEST

START_TEST(sops_file_rotate__refuses_keys_that_it_cannot_seal_to)
{
	AUTO(secret) sealed = load("sops/enc/foreign_keys.yaml");
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(rewrap_foreign(secret_span(&sealed), false, true, &text, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.message, "kms key \"arn:aws:kms:us-east-1:"));
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

static int rotate(struct span sealed, const char *people, const char *spelled,
		  struct secret *ret_text, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;

	return open_as(people, sealed, &file, err) < 0 ||
			       make_groups(spelled, 0, &groups, err) < 0 ||
			       sops_file_rotate(&file, &groups, &fake_gpg, ret_text, err) < 0
		       ? -1
		       : 0;
}

/* Every sealed text is another one, and all around them is what it was. */
static void expect_all_new(struct span before, struct span after)
{
	static const char mark[] = "ENC[AES256_GCM,";
	size_t count = 0;

	for (;;) {
		const uint8_t *a = memmem(before.data, before.len, mark, strlen(mark)),
			      *b = memmem(after.data, after.len, mark, strlen(mark));

		ck_assert((a == NULL) == (b == NULL));
		if (!a)
			break;
		const size_t a_at = (size_t)(a - before.data), b_at = (size_t)(b - after.data);
		/* the metadata's keys stand before its mac */
		if (!memmem(before.data, a_at, "\nsops:", 6)) {
			ck_assert_uint_eq(a_at, b_at);
			ck_assert_mem_eq(before.data, after.data, a_at);
		}
		ck_assert_mem_ne(a, b, 100);
		before = span_slice(before, a_at + strlen(mark), before.len);
		after = span_slice(after, b_at + strlen(mark), after.len);
		before = span_slice(before,
				    (size_t)((const uint8_t *)memchr(before.data, ']', before.len) -
					     before.data),
				    before.len);
		after = span_slice(after,
				   (size_t)((const uint8_t *)memchr(after.data, ']', after.len) -
					    after.data),
				   after.len);
		count++;
	}
	ck_assert_uint_gt(count, 2);
}

START_TEST(sops_file_rotate__seals_everything_anew_where_it_stands)
{
	static const struct {
		const char *before, *people, *after, *opens, *opens_not;
	} cases[] = {
		{ "A", "A", "A", "A", "B" },
		{ "AB", "A", "B", "B", "A" },
		{ "A", "A", "B|C", "BC", "A" },
		{ "A|B", "AB", "P", "P", "AB" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = seal(cases[i].before, 0);
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_ok(
			rotate(secret_span(&sealed), cases[i].people, cases[i].after, &text, &err));
		expect_opens(cases[i].opens, &text, true);
		expect_opens(cases[i].opens_not, &text, false);
		expect_all_new(secret_span(&sealed), secret_span(&text));
	}
}
END_TEST

/* Several documents (trap T21: each has the metadata), comments, types: as sops wrote them. */
START_TEST(sops_file_rotate__rotates_what_sops_sealed)
{
	static const char *const names[] = { "comments",          "multidoc",       "scalars",
					     "empties",           "indent2",        "sel_mac_only",
					     "sel_unenc_comment", "legacy373_shape" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char name[64];
		struct error err = ERROR_INIT;

		snprintf(name, sizeof(name), "sops/enc/%s.yaml", names[i]);
		AUTO(secret) sealed = load(name);
		AUTO(secret) text = SECRET_INIT;
		AUTO(secret) before = SECRET_INIT;
		AUTO(secret) after = SECRET_INIT;
		AUTO(sops_file) old = SOPS_FILE_INIT;
		AUTO(sops_file) new = SOPS_FILE_INIT;

		ck_assert_ok(open_as("A", secret_span(&sealed), &old, &err));
		ck_assert_msg(rotate(secret_span(&sealed), "A", "B", &text, &err) == 0, "%s: %s",
			      names[i], err.message);
		ck_assert_ok(open_as("B", secret_span(&text), &new, &err));
		ck_assert_ok(sops_file_plaintext(&old, &before, &err));
		ck_assert_ok(sops_file_plaintext(&new, &after, &err));
		ck_assert(span_equal(secret_span(&before), secret_span(&after)));
		ck_assert_ptr_null(memmem(text.data, text.len, ALICE, strlen(ALICE)));
		ck_assert(span_equal(old.meta.version, new.meta.version));
	}
}
END_TEST

START_TEST(sops_can_open__asks_the_metadata_alone)
{
	AUTO(secret) sealed = seal("A|B", 0);
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	const struct sops_opener opener = { &identities, NULL, SOPS_ORDER_DEFAULT };
	struct error err = ERROR_INIT;
	bool can;

	ck_assert_ok(add_identities("A", &identities, &err));
	ck_assert_ok(sops_can_open(DOC_YAML, &sealed, &opener, &can, &err));
	ck_assert(!can);
	ck_assert_ok(add_identities("B", &identities, &err));
	ck_assert_ok(sops_can_open(DOC_YAML, &sealed, &opener, &can, &err));
	ck_assert(can);
	ck_assert_uint_gt(sealed.len, 0);
}
END_TEST

/* One bit in each byte: what opens then has the same values. */
START_TEST(sops_open__notices_flipped_bits_in_groups)
{
	AUTO(secret) sealed = seal("A|B", 0);
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	const struct sops_opener opener = { &identities, NULL, SOPS_ORDER_DEFAULT };
	struct error err = ERROR_INIT;
	const uint8_t *metadata = memmem(sealed.data, sealed.len, "\nsops:", 6);

	ck_assert_ok(add_identities("AB", &identities, &err));
	for (size_t i = (size_t)(metadata - sealed.data); i < sealed.len; i++) {
		const uint8_t bit = (uint8_t)(1u << i % 8);
		AUTO(sops_file) file = SOPS_FILE_INIT;

		err = ERROR_INIT;
		sealed.data[i] ^= bit;
		if (open_copy(secret_span(&sealed), &opener, &file, &err) == 0) {
			AUTO(secret) text = SECRET_INIT;

			ck_assert_ok(sops_file_plaintext(&file, &text, &err));
			ck_assert_ptr_nonnull(memmem(text.data, text.len, "hunter2", 7));
		} else {
			ck_assert_int_ne(err.kind, ERROR_NONE);
		}
		sealed.data[i] ^= bit;
	}
}
END_TEST

static struct secret swept;
static struct age_identities swept_identities;

static int open_swept(struct sops_file *file, struct error *err)
{
	const struct sops_opener opener = { &swept_identities, &fake_gpg, SOPS_ORDER_DEFAULT };

	return open_copy(secret_span(&swept), &opener, file, err);
}

static int seal_all(struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;

	return seal_to("A|BP", 2, "a: 1 # c\n", &sealed, err);
}

static int rewrap_all(const char *spelled, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
	AUTO(secret) text = SECRET_INIT;

	return open_swept(&file, err) < 0 || make_groups(spelled, 0, &groups, err) < 0 ||
			       sops_file_rewrap(&file, &groups, &fake_gpg, &text, err) < 0
		       ? -1
		       : 0;
}

static int rotate_all(struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
	AUTO(secret) text = SECRET_INIT;

	return open_swept(&file, err) < 0 || make_groups("A|P", 0, &groups, err) < 0 ||
			       sops_file_rotate(&file, &groups, &fake_gpg, &text, err) < 0
		       ? -1
		       : 0;
}

START_TEST(all__survives_failing_allocations)
{
	struct error err = ERROR_INIT;

	ck_assert_ok(add_identities("AB", &swept_identities, &err));
	SWEEP(seal_all(&err));
	ck_assert_ok(seal_to("A|B", 2, "a: 1 # c\n", &swept, &err));
	SWEEP(rewrap_all("A|B", &err));
	SWEEP(rewrap_all("AP", &err));
	SWEEP(rotate_all(&err));
	secret_release(&swept);
	age_identities_release(&swept_identities);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_groups");
	TCase *t = tcase_create("all");

	start_crypto();
	tcase_set_timeout(t, 600);
	tcase_add_checked_fixture(t, NULL, expect_no_secrets);
	tcase_add_test(t, sops_groups_add__takes_each_key_once);
	tcase_add_test(t, sops_groups_check__refuses_what_cannot_be_sealed_to);
	tcase_add_test(t, sops_groups_compare__tells_group_by_group);
	tcase_add_test(t, sops_order_parse__ranks_the_kinds);
	tcase_add_test(t, sops_meta_read__knows_all_kinds);
	tcase_add_test(t, sops_meta_read__takes_every_layout);
	tcase_add_test(t, sops_meta_read__refuses_what_is_malformed);
	tcase_add_test(t, sops_open__needs_the_threshold);
	tcase_add_test(t, sops_open__tells_the_state_of_each_group);
	tcase_add_test(t, sops_open__opens_what_sops_split);
	tcase_add_test(t, sops_file_rewrap__changes_nothing_but_keys);
	tcase_add_test(t, sops_file_rewrap__keeps_the_entries_of_keys_that_stay);
	tcase_add_test(t, sops_file_rewrap__keeps_what_is_foreign);
	tcase_add_test(t, sops_file_reseal__keeps_what_is_foreign);
	tcase_add_test(t, sops_file_set__keeps_what_is_foreign);
	tcase_add_test(t, sops_file_rotate__refuses_keys_that_it_cannot_seal_to);
	tcase_add_test(t, sops_file_rotate__seals_everything_anew_where_it_stands);
	tcase_add_test(t, sops_file_rotate__rotates_what_sops_sealed);
	tcase_add_test(t, sops_can_open__asks_the_metadata_alone);
	tcase_add_test(t, sops_open__notices_flipped_bits_in_groups);
	tcase_add_test(t, all__survives_failing_allocations);
	suite_add_tcase(s, t);
	return s;
}
