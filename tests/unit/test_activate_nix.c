/* SPDX-License-Identifier: MIT */
/* activate/nix: sops-nix' manifest, read as Go's decoder reads it; templates; a link's place. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/nix.h"
#include "sweep.h"
#include "vectors.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static int parse(struct span text, struct nix_manifest *nix)
{
	AUTO(secret) copy = SECRET_INIT;
	int status;

	err = ERROR_INIT;
	ck_assert_int_eq(secret_append_span(&copy, text, &err), 0);
	status = nix_manifest_parse(&copy, "m.json", "/run/user/7", nix, &err);
	ck_assert_int_eq(status < 0, err.kind != ERROR_NONE);
	return status;
}

static const char whole[] =
	"{\"secrets\":[{\"name\":\"a/b\",\"key\":\"x/y\",\"path\":\"/etc/link\",\"owner\":\"joe\","
	"\"group\":\"staff\",\"uid\":5,\"gid\":6,\"sopsFile\":\"/f.json\",\"format\":\"json\","
	"\"mode\":\"0440\",\"restartUnits\":[\"r.service\",\"no suffix\"],\"reloadUnits\":[\"l\"],"
	"\"sopsFileHash\":\"\"},{\"name\":\"c\",\"key\":\"\",\"path\":\"/run/secrets/"
	"c\",\"mode\":\"400\","
	"\"sopsFile\":\"/f.json\",\"format\":\"json\",\"uid\":7,\"owner\":null}],"
	"\"templates\":[{\"name\":\"t\",\"path\":\"/run/secrets/rendered/t\",\"mode\":\"0400\","
	"\"content\":\"1<A>2<AB>3<C>\"},{\"name\":\"u\",\"mode\":\"1777\",\"file\":\"/t\"}],"
	"\"placeholderBySecretName\":{\"a/b\":\"<A>\",\"c\":\"<AB>\",\"other\":\"<C>\"},"
	"\"secretsMountPoint\":\"/run/secrets.d\",\"symlinkPath\":\"/run/secrets\","
	"\"keepGenerations\":3,\"sshKeyPaths\":[\"/rsa\"],\"ageKeyFile\":\"/keys.txt\","
	"\"ageSshKeyPaths\":[\"/ed\",\"/ed2\"],\"useTmpfs\":true,\"userMode\":false,"
	"\"logging\":{\"keyImport\":true,\"secretChanges\":false}}";

static void check_secrets(const struct manifest *manifest)
{
	const struct manifest_entry *entry = &manifest->entries[0];

	ck_assert_str_eq(entry->name, "a/b");
	ck_assert_str_eq(entry->keys.items[0], "x/y");
	ck_assert_str_eq(entry->link, "/etc/link");
	ck_assert_str_eq(entry->owner, "joe");
	ck_assert_str_eq(entry->group, "staff");
	ck_assert_str_eq(entry->format, "json");
	ck_assert_uint_eq(entry->mode, 0440);
	ck_assert_uint_eq(entry->restart.len, 2);
	ck_assert_str_eq(entry->restart.items[1], "no suffix");
	ck_assert_str_eq(entry->reload.items[0], "l");
	entry = &manifest->entries[1];
	ck_assert_str_eq(entry->keys.items[0], "");
	ck_assert_ptr_null(entry->link);
	ck_assert_str_eq(entry->owner, "7");
	ck_assert_str_eq(entry->group, "0");
	ck_assert_uint_eq(entry->file, manifest->entries[0].file);
}

START_TEST(nix_manifest_parse__reads_every_field)
{
	AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;
	const struct manifest *manifest = &nix.manifest;

	ck_assert_msg(parse(span_of_text(whole), &nix) == 0, "%s", err.message);
	ck_assert_str_eq(manifest->root, "/run/secrets.d");
	ck_assert_str_eq(manifest->directory, "/run/secrets");
	ck_assert_uint_eq(manifest->keep, 2);
	ck_assert(!manifest->keep_all && manifest->use_tmpfs && !manifest->user_mode);
	ck_assert(manifest->log_keys && !manifest->log_changes);
	ck_assert_str_eq(manifest->gpg_ssh_keys.items[0], "/rsa");
	ck_assert_str_eq(manifest->ssh_keys.items[1], "/ed2");
	ck_assert_str_eq(nix.age_key_file, "/keys.txt");
	ck_assert_uint_eq(manifest->len, 4);
	check_secrets(manifest);
	ck_assert_str_eq(manifest->entries[3].name, "rendered/u");
	ck_assert_uint_eq(manifest->entries[3].mode, 0777);
	ck_assert_str_eq(nix.template_files[3], "/t");
}
END_TEST

/* Text between bars stands for a value: "1|0|2|1|3<C>". */
static void spell(const struct nix_manifest *nix, size_t entry, char *out, size_t size)
{
	const struct manifest_template *template = &nix->manifest.entries[entry].template;
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < template->len; i++) {
		const struct manifest_part *part = &template->parts[i];

		if (part->entry == MANIFEST_NO_ENTRY)
			len += (size_t)snprintf(out + len, size - len, "%.*s", (int)part->len,
						(const char *)nix->manifest.texts.data +
							part->offset);
		else
			len += (size_t)snprintf(out + len, size - len, "|%zu|", part->entry);
	}
}

START_TEST(nix_template_split__takes_the_longest_and_goes_on_behind_it)
{
	static const struct {
		const char *text, *parts;
	} cases[] = {
		{ "1<A>2<AB>3<C>", "1|0|2|1|3<C>" },
		{ "<A><A><AB>", "|0||0||1|" },
		{ "<A", "<A" },
		{ "<<A>>", "<|0|>" },
		{ "<AC>", "<AC>" },
		{ "<AB", "<AB" },
		{ "<A<AB>", "<A|1|" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;
		char parts[100];

		ck_assert_int_eq(parse(span_of_text(whole), &nix), 0);
		ck_assert_int_eq(nix_template_split(&nix, 3, span_of_text(cases[i].text), &err), 0);
		spell(&nix, 3, parts, sizeof(parts));
		ck_assert_str_eq(parts, cases[i].parts);
	}
}
END_TEST

/* A long text of what a placeholder begins with is no more work than another. */
START_TEST(nix_template_split__finds_prefixes_of_prefixes)
{
	static const char text[] =
		"{\"secrets\":[{\"name\":\"a\",\"mode\":\"0\",\"sopsFile\":\"f\"},"
		"{\"name\":\"b\",\"mode\":\"0\",\"sopsFile\":\"f\"},"
		"{\"name\":\"c\",\"mode\":\"0\",\"sopsFile\":\"f\"}],"
		"\"templates\":[{\"name\":\"t\",\"mode\":\"0\",\"content\":\"abcd abcx abx a\"}],"
		"\"placeholderBySecretName\":{\"a\":\"ab\",\"b\":\"abcd\",\"c\":\"abcb\"}}";
	AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;
	char parts[100];

	ck_assert_msg(parse(span_of_text(text), &nix) == 0, "%s", err.message);
	spell(&nix, 3, parts, sizeof(parts));
	ck_assert_str_eq(parts, "|1| |0|cx |0|x a");
}
END_TEST

#define ONE(field)                                                                                 \
	"{\"secrets\":[{\"name\":\"a\",\"mode\":\"0400\",\"sopsFile\":\"/f\"," field "}]}"
#define TEMPLATE(fields)                                                                           \
	"{\"templates\":[{\"name\":\"t\",\"mode\":\"0\"" fields "}],\"placeholderBySecretName\":{" \
	"}}"

START_TEST(nix_manifest_parse__is_lenient)
{
	static const char *const good[] = {
		"{}",
		"{} and more",
		"{\"secrets\":null,\"templates\":null,\"placeholderBySecretName\":null}",
		"{\"logging\":null,\"gnupgHome\":null,\"ageKeyFile\":null,\"useTmpfs\":null}",
		"{\"userMode\":null,\"keepGenerations\":null,\"sshKeyPaths\":[null]}",
		"{\"nothing\":{\"we\":[\"know\"]}}",
		"{\"SECRETS\":[],\"SymLinkPath\":\"/x\"}",
		"{\"secrets\":7,\"secrets\":[]}",
		ONE("\"format\":\"none\""),
		ONE("\"format\":null"),
		ONE("\"uid\":null"),
		ONE("\"owner\":\"x\",\"owner\":null"),
		ONE("\"restartUnits\":null"),
		ONE("\"mode\":\"177777\""),
		ONE("\"mode\":null"),
		ONE("\"key\":\"//\""),
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;

		/* of two fields of one name each is looked at, as Go does it */
		if (strstr(good[i], ":7,")) {
			ck_assert_int_eq(parse(span_of_text(good[i]), &nix), -1);
			continue;
		}
		ck_assert_msg(parse(span_of_text(good[i]), &nix) == 0, "%s: %s", good[i],
			      err.message);
	}
}
END_TEST

/* Each with the words that the message must have. */
static const struct {
	const char *text, *message;
} bad[] = {
	{ "", "" },
	{ "null", "" },
	{ "[]", "" },
	{ "{", "" },
	{ "{\"secrets\":{}}", "\"secrets\" must be a list" },
	{ "{\"secrets\":[1]}", "a list of objects" },
	{ "{\"symlinkPath\":\"run\"}", "no absolute path" },
	{ "{\"symlinkPath\":\"/a/../b\"}", "\"..\"" },
	{ "{\"secretsMountPoint\":\"/\"}", "empty part" },
	{ "{\"gnupgHome\":\"/g\",\"ageKeyFile\":\"/k\"}", "exclude each other" },
	{ "{\"gnupgHome\":\"/g\",\"sshKeyPaths\":[\"/k\"]}", "exclude each other" },
	{ "{\"keepGenerations\":-1}", "not below 0" },
	{ "{\"keepGenerations\":1.5}", "whole number" },
	{ "{\"keepGenerations\":99999999999999999999}", "whole number" },
	{ "{\"userMode\":1}", "true or false" },
	{ "{\"sshKeyPaths\":[1]}", "a list of texts" },
	{ "{\"sshKeyPaths\":[\"a\\nb\"]}", "one line" },
	{ "{\"logging\":[]}", "an object" },
	{ "{\"ageKeyFile\":\"a\\u0007\"}", "control character" },
	{ ONE("\"name\":\"\""), "empty part" },
	{ ONE("\"name\":\"/a\""), "absolute" },
	{ ONE("\"name\":\"a/../b\""), "\"..\"" },
	{ ONE("\"name\":\"a\\nb\""), "control character" },
	{ ONE("\"name\":\".bootseal.json\""), "only this program" },
	{ ONE("\"name\":1"), "\"name\" must be a text" },
	{ ONE("\"mode\":\"\""), "octal" },
	{ ONE("\"mode\":\"8\""), "octal" },
	{ ONE("\"mode\":\"200000\""), "octal" },
	{ ONE("\"uid\":4294967295"), "too large" },
	{ ONE("\"gid\":\"1\""), "whole number" },
	{ ONE("\"sopsFile\":\"\""), "no sopsFile" },
	{ ONE("\"path\":\"x\""), "no absolute path" },
	{ ONE("\"key\":\"a\\u0000b\""), "NUL" },
	{ "{\"secrets\":[{\"name\":\"a\",\"mode\":\"0\",\"sopsFile\":\"f\"},"
	  "{\"name\":\"a\",\"mode\":\"0\",\"sopsFile\":\"f\"}]}",
	  "twice" },
	{ "{\"secrets\":[{\"name\":\"a\",\"mode\":\"0\",\"sopsFile\":\"f\"},"
	  "{\"name\":\"a/b\",\"mode\":\"0\",\"sopsFile\":\"f\"}]}",
	  "directory" },
	{ "{\"secrets\":[{\"name\":\"a\",\"mode\":\"0\",\"sopsFile\":\"f\"},"
	  "{\"name\":\"b\",\"mode\":\"0\",\"sopsFile\":\"f\",\"format\":\"json\"}]}",
	  "json" },
	{ TEMPLATE(""), "neither content nor file" },
	{ TEMPLATE(",\"content\":\"x\",\"path\":\"y\""), "no absolute path" },
	{ "{\"secrets\":[{\"name\":\"a\",\"mode\":\"0\",\"sopsFile\":\"f\"}],"
	  "\"templates\":[{\"name\":\"t\",\"mode\":\"0\",\"content\":\"x\"}]}",
	  "no placeholder for \"a\"" },
	{ "{\"templates\":[{\"name\":\"t\",\"mode\":\"0\",\"content\":\"x\"}],"
	  "\"placeholderBySecretName\":{\"a\":\"\"}}",
	  "not empty" },
};

START_TEST(nix_manifest_parse__says_which_rule_was_broken)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;

		ck_assert_msg(parse(span_of_text(bad[i].text), &nix) == -1, "%s", bad[i].text);
		ck_assert_msg(strstr(err.message, bad[i].message) != NULL, "%s: %s", bad[i].text,
			      err.message);
		ck_assert_msg(strstr(err.message, "m.json") != NULL, "%s", err.message);
	}
}
END_TEST

/* Letters of other scripts that Go folds into two of ours: the Kelvin sign and the long s. */
START_TEST(nix_manifest_parse__takes_fields_in_any_case)
{
	static const char *const good[] = { "symlinkPath", "SYMLINKPATH", "symlin\xe2\x84\xaaPath",
					    "\xc5\xbfymlinkpath" };
	static const char *const other[] = { "symlinkPat", "symlinkPathh", "symlin\xe2\x84\xabPath",
					     "ymlinkpath", "" };
	static const char rest[] = "\"secretsMountPoint\":\"/run/s.d\",\"secrets\":[]}";
	char text[300];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;

		snprintf(text, sizeof(text), "{\"%s\":\"/run/s\",%s", good[i], rest);
		ck_assert_msg(parse(span_of_text(text), &nix) == 0, "%s: %s", good[i], err.message);
		ck_assert_str_eq(nix.manifest.directory, "/run/s");
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;

		snprintf(text, sizeof(text), "{\"%s\":\"/run/s\",%s", other[i], rest);
		ck_assert_msg(parse(span_of_text(text), &nix) == 0, "%s: %s", other[i],
			      err.message);
		ck_assert_ptr_null(nix.manifest.directory);
	}
}
END_TEST

START_TEST(nix_manifest_parse__expands_in_user_mode_alone)
{
	static const char text[] =
		"{\"symlinkPath\":\"%r/%%/%z%\",\"secretsMountPoint\":\"%r/s.d\",\"secrets\":[{"
		"\"name\":\"n\",\"mode\":\"0\",\"sopsFile\":\"%r\",\"path\":\"%r/%%r\"}]%s}";
	char user[300], host[300];
	AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;

	snprintf(user, sizeof(user), "%.*s,\"userMode\":true}", (int)sizeof(text) - 4, text);
	ck_assert_msg(parse(span_of_text(user), &nix) == 0, "%s", err.message);
	ck_assert_str_eq(nix.manifest.root, "/run/user/7/s.d");
	ck_assert_str_eq(nix.manifest.entries[0].link, "/run/user/7/%r");
	ck_assert_str_eq(nix.manifest.files.items[0], "%r");
	nix_manifest_release(&nix);
	snprintf(host, sizeof(host), "%.*s}", (int)sizeof(text) - 4, text);
	ck_assert_int_eq(parse(span_of_text(host), &nix), -1);
}
END_TEST

START_TEST(nix_manifest_parse__has_limits)
{
	AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;
	AUTO(secret) large = SECRET_INIT;
	AUTO(secret) many = SECRET_INIT;
	char one[80];

	ck_assert_int_eq(secret_reserve(&large, NIX_MANIFEST_MAX + 1, &err), 0);
	memset(large.data, ' ', NIX_MANIFEST_MAX + 1);
	large.len = NIX_MANIFEST_MAX + 1;
	ck_assert_int_eq(parse(secret_span(&large), &nix), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	err = ERROR_INIT;
	ck_assert_int_eq(secret_append_text(&many, "{\"secrets\":[", &err), 0);
	for (size_t i = 0; i <= MANIFEST_ENTRIES_MAX; i++) {
		snprintf(one, sizeof(one),
			 "%s{\"name\":\"n%zu\",\"mode\":\"0\",\"sopsFile\":\"f\"}",
			 i > 0 ? "," : "", i);
		ck_assert_int_eq(secret_append_text(&many, one, &err), 0);
	}
	ck_assert_int_eq(secret_append_text(&many, "]}", &err), 0);
	ck_assert_int_eq(parse(secret_span(&many), &nix), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

START_TEST(nix_manifest_parse__survives_each_flipped_bit)
{
	AUTO(secret) text = SECRET_INIT;

	ck_assert_int_eq(secret_append_text(&text, whole, &err), 0);
	for (size_t bit = 0; bit < 8 * text.len; bit += stride(1)) {
		AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;

		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		(void)!parse(secret_span(&text), &nix);
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(nix_manifest_parse__survives_being_cut)
{
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;

		ck_assert_int_eq(parse(span_of(whole, len), &nix), -1);
	}
}
END_TEST

static int parse_anew(void)
{
	AUTO(nix_manifest) nix = NIX_MANIFEST_INIT;
	AUTO(secret) text = SECRET_INIT;

	if (secret_append_text(&text, whole, &err) < 0)
		return -1;
	return nix_manifest_parse(&text, "m.json", "/run", &nix, &err);
}

START_TEST(nix_manifest_parse__survives_lack_of_memory)
{
	SWEEP(parse_anew());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_nix");
	TCase *tcase = tcase_create("nix");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, nix_manifest_parse__reads_every_field);
	tcase_add_test(tcase, nix_template_split__takes_the_longest_and_goes_on_behind_it);
	tcase_add_test(tcase, nix_template_split__finds_prefixes_of_prefixes);
	tcase_add_test(tcase, nix_manifest_parse__is_lenient);
	tcase_add_test(tcase, nix_manifest_parse__says_which_rule_was_broken);
	tcase_add_test(tcase, nix_manifest_parse__takes_fields_in_any_case);
	tcase_add_test(tcase, nix_manifest_parse__expands_in_user_mode_alone);
	tcase_add_test(tcase, nix_manifest_parse__has_limits);
	tcase_add_test(tcase, nix_manifest_parse__survives_each_flipped_bit);
	tcase_add_test(tcase, nix_manifest_parse__survives_being_cut);
	tcase_add_test(tcase, nix_manifest_parse__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
