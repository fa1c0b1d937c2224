/* SPDX-License-Identifier: MIT */
/* activate/manifest: what it reads, and every rule that can be broken. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/manifest.h"
#include "sweep.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static int parse(struct span text, struct manifest *manifest)
{
	AUTO(secret) copy = SECRET_INIT;
	int status;

	err = ERROR_INIT;
	ck_assert_int_eq(secret_append_span(&copy, text, &err), 0);
	status = manifest_parse(&copy, "host.yaml", manifest, &err);
	ck_assert_int_eq(status < 0, err.kind != ERROR_NONE);
	return status;
}

static const char whole[] = "# comment\n"
			    "identities: [/etc/key, other/key] # and one here\n"
			    "directory: /run/x/secrets\n"
			    "keep: 3\n"
			    "onError: stop\n"
			    "secrets:\n"
			    "  # a comment among names\n"
			    "  telegram/bot-token:\n"
			    "    # and one among fields\n"
			    "    file: openclaw.yaml\n"
			    "    key: a/b/TELEGRAM\n"
			    "    owner: openclaw\n"
			    "    group: 100\n"
			    "    mode: \"0440\"\n"
			    "    restart: [openclaw-gateway.service, a@b.service]\n"
			    "    reload: [c.socket]\n"
			    "  whole: { file: sub/other.yaml, format: json, key: \"\" }\n"
			    "environments:\n"
			    "  worker.env: { file: openclaw.yaml, keys: [OPENAI_API_KEY, x/_B1] }\n"
			    "documents:\n"
			    "  openclaw/secrets.json:\n"
			    "    file: openclaw.yaml\n"
			    "    keys: all\n"
			    "    lifetime: boot\n"
			    "    mode: '600'\n"
			    "templates:\n"
			    "  conf:\n"
			    "    content: |\n"
			    "      a = {{ whole }}{{telegram/bot-token | json}}\n"
			    "      b = {{ \"{{\" }}x}}\n"
			    "    owner: 7\n"
			    "    link: /home/x/.conf\n";

/* Of the last entry, a template. */
static void check_part(const struct manifest *manifest, size_t number, size_t entry,
		       const char *text)
{
	const struct manifest_part *part =
		&manifest->entries[manifest->len - 1].template.parts[number];

	ck_assert_uint_eq(part->entry, entry);
	ck_assert(
		span_equal_text(span_slice(secret_span(&manifest->texts), part->offset, part->len),
				text));
}

START_TEST(manifest_parse__reads_every_field)
{
	AUTO(manifest) manifest = MANIFEST_INIT;
	const struct manifest_entry *entry;

	ck_assert_msg(parse(span_of_text(whole), &manifest) == 0, "%s", err.message);
	ck_assert_str_eq(manifest.directory, "/run/x/secrets");
	ck_assert_uint_eq(manifest.keep, 3);
	ck_assert_uint_eq(manifest.identities.len, 2);
	ck_assert_str_eq(manifest.identities.items[1], "other/key");
	ck_assert_uint_eq(manifest.files.len, 2);
	ck_assert_int_eq(manifest_file_format(&manifest, 0), DOC_YAML);
	ck_assert_int_eq(manifest_file_format(&manifest, 1), DOC_JSON);
	ck_assert_uint_eq(manifest.len, 5);
	entry = &manifest.entries[0];
	ck_assert_int_eq(entry->kind, MANIFEST_SECRET);
	ck_assert_str_eq(entry->name, "telegram/bot-token");
	ck_assert_str_eq(entry->keys.items[0], "a/b/TELEGRAM");
	ck_assert_str_eq(manifest_key_name(entry->keys.items[0]), "TELEGRAM");
	ck_assert_str_eq(entry->owner, "openclaw");
	ck_assert_str_eq(entry->group, "100");
	ck_assert_uint_eq(entry->mode, 0440);
	ck_assert_uint_eq(entry->restart.len, 2);
	ck_assert_str_eq(entry->reload.items[0], "c.socket");
	entry = &manifest.entries[1];
	ck_assert_str_eq(entry->keys.items[0], "");
	ck_assert_uint_eq(entry->file, 1);
	ck_assert_uint_eq(entry->mode, 0400);
	ck_assert_ptr_null(entry->owner);
	entry = &manifest.entries[2];
	ck_assert_int_eq(entry->kind, MANIFEST_ENVIRONMENT);
	ck_assert_uint_eq(entry->keys.len, 2);
	entry = &manifest.entries[3];
	ck_assert_int_eq(entry->kind, MANIFEST_DOCUMENT);
	ck_assert(entry->all_keys);
	ck_assert_uint_eq(entry->mode, 0600);
	entry = &manifest.entries[4];
	ck_assert_int_eq(entry->kind, MANIFEST_TEMPLATE);
	ck_assert_uint_eq(entry->file, MANIFEST_NO_FILE);
	ck_assert_str_eq(entry->owner, "7");
	ck_assert_str_eq(entry->link, "/home/x/.conf");
	ck_assert_uint_eq(entry->template.len, 6);
	check_part(&manifest, 0, MANIFEST_NO_ENTRY, "a = ");
	check_part(&manifest, 1, 1, "");
	check_part(&manifest, 2, 0, "");
	ck_assert_int_eq(entry->template.parts[2].encoder, MANIFEST_JSON);
	check_part(&manifest, 3, MANIFEST_NO_ENTRY, "\nb = ");
	check_part(&manifest, 4, MANIFEST_NO_ENTRY, "{{");
	check_part(&manifest, 5, MANIFEST_NO_ENTRY, "x}}\n");
}
END_TEST

START_TEST(manifest_parse__has_defaults)
{
	AUTO(manifest) manifest = MANIFEST_INIT;

	ck_assert_int_eq(parse(SPAN_LITERAL("secrets: {a: {file: f.yaml, key: k}}\n"), &manifest),
			 0);
	ck_assert_str_eq(manifest.directory, "/run/secrets");
	ck_assert_uint_eq(manifest.keep, 1);
	ck_assert_uint_eq(manifest.identities.len, 1);
	ck_assert_str_eq(manifest.identities.items[0], "/etc/ssh/ssh_host_ed25519_key");
}
END_TEST

/* Each with the words that the message must have. */
static const struct {
	const char *text, *message;
} bad[] = {
	{ "", "" },
	{ "x", "" },
	{ "- a\n", "" },
	{ "secrets: {}\n", "no secrets, environments, documents or credentials" },
	{ "keep: 1\n", "no secrets, environments, documents or credentials" },
	{ "secrets: [a]\n", "\"secrets\" must be a map of names" },
	{ "secrets:\n", "\"secrets\" must be a map of names" },
	{ "secret: {a: {file: f, key: k}}\n", "line 1: unknown field \"secret\"" },
	{ "a: 1\n\nSecrets: {}\n", "line 1: unknown field \"a\"" },
	{ "keep: 1\nsecrets:\n  a:\n    file: f\n    key: k\n    Mode: x\n",
	  "line 6: unknown field \"Mode\"" },
	{ "secrets: {a: {file: f, keys: [k]}}\n", "unknown field \"keys\"" },
	{ "environments: {a: {file: f, key: k}}\n", "unknown field \"key\"" },
	{ "environments: {a: {file: f, keys: all, lifetime: soon}}\n",
	  "lifetime must be boot or until-ready" },
	{ "secrets: {a: {file: f, key: k}}\nsecrets: {}\n", "" },
	{ "secrets: {a: {file: f, key: k}, a: {file: f, key: k}}\n", "" },
	{ "secrets: {a: {file: f, key: k}}\nenvironments: {a: {file: f, keys: [k]}}\n",
	  "name \"a\" is there twice" },
	{ "secrets: {a: {file: f, key: k}, a-b: {file: f, key: k}}\n"
	  "documents: {a/b/c: {file: f, keys: [k]}}\n",
	  "name \"a\" would be a file and, for \"a/b/c\", a directory" },
	{ "secrets: {../a: {file: f, key: k}}\n", "has a part \".\" or \"..\"" },
	{ "secrets: {a/../b: {file: f, key: k}}\n", "has a part \".\" or \"..\"" },
	{ "secrets: {a/..: {file: f, key: k}}\n", "has a part \".\" or \"..\"" },
	{ "secrets: {..: {file: f, key: k}}\n", "has a part \".\" or \"..\"" },
	{ "secrets: {a/./b: {file: f, key: k}}\n", "has a part \".\" or \"..\"" },
	{ "secrets: {/etc/passwd: {file: f, key: k}}\n", "is an absolute path" },
	{ "secrets: {a//b: {file: f, key: k}}\n", "has an empty part" },
	{ "secrets: {a/: {file: f, key: k}}\n", "has an empty part" },
	{ "secrets: {\"\": {file: f, key: k}}\n", "has an empty part" },
	{ "secrets: {\"a\\e[31mb\": {file: f, key: k}}\n", "not made of printable characters" },
	{ "secrets: {\"a\\nb\": {file: f, key: k}}\n", "not made of printable characters" },
	{ "secrets: {\"a\\u202eb\": {file: f, key: k}}\n", "not made of printable characters" },
	{ "secrets: {\"a\\uFFFEb\": {file: f, key: k}}\n", "not made of printable characters" },
	{ "secrets: {\"a\\U0001FFFFb\": {file: f, key: k}}\n", "not made of printable characters" },
	{ "secrets: {\"a\\uFDD0b\": {file: f, key: k}}\n", "not made of printable characters" },
	{ "secrets: {1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17: {file: f, key: k}}\n",
	  "has more than 16 parts" },
	{ "secrets: {'a\"b': {file: f, key: k}}\n", "not made of printable characters" },
	{ "secrets: {.bootseal.json: {file: f, key: k}}\n", "as only this program's own may" },
	{ "secrets: {a: {key: k}}\n", "\"a\" has no \"file\"" },
	{ "secrets: {a: {file: f}}\n", "\"a\" has no \"key\"" },
	{ "documents: {a: {file: f}}\n", "\"a\" has no \"keys\"" },
	{ "secrets: {a: f}\n", "\"a\" must be a map" },
	{ "secrets: {a: {file: /etc/shadow, key: k}}\n",
	  "file \"/etc/shadow\" is an absolute path" },
	{ "secrets: {a: {file: ../f, key: k}}\n", "has a part \".\" or \"..\"" },
	{ "secrets: {a: {file: '', key: k}}\n", "\"file\" must be 1 to" },
	{ "secrets: {a: {file: [f], key: k}}\n", "\"file\" must be a text" },
	{ "secrets: {a: {file: 7, key: k}}\n", "\"file\" must be a text" },
	{ "secrets: {a: {file: f, key: /k}}\n", "key \"/k\" is an absolute path" },
	{ "secrets: {a: {file: f, key: k//l}}\n", "key \"k//l\" has an empty part" },
	{ "secrets: {a: {file: f, key: 7}}\n", "\"key\" must be a text" },
	{ "secrets: {a: {file: f, key: }}\n", "\"key\" must be a text" },
	{ "environments: {a: {file: f, keys: []}}\n", "\"keys\" is an empty list" },
	{ "environments: {a: {file: f, keys: ALL}}\n", "a list of keys, or all" },
	{ "environments: {a: {file: f, keys: [k, k]}}\n", "\"k\" is there twice" },
	{ "environments: {a: {file: f, keys: [x/k, y/k]}}\n",
	  "two keys would both be named \"k\"" },
	{ "environments: {a: {file: f, keys: [1k]}}\n",
	  "\"1k\" cannot name an environment variable" },
	{ "environments: {a: {file: f, keys: [k-l]}}\n", "cannot name an environment variable" },
	{ "secrets: {a: {file: f, key: k, mode: 0400}}\n", "mode must be octal digits in quotes" },
	{ "secrets: {a: {file: f, key: k, mode: \"1777\"}}\n", "mode must be octal" },
	{ "secrets: {a: {file: f, key: k, mode: \"0480\"}}\n", "mode must be octal" },
	{ "secrets: {a: {file: f, key: k, mode: \"04000\"}}\n", "mode must be octal" },
	{ "secrets: {a: {file: f, key: k, mode: \"u=r\"}}\n", "mode must be octal" },
	{ "secrets: {a: {file: f, key: k, mode: \"\"}}\n", "mode must be octal" },
	{ "secrets: {a: {file: f, key: k, mode: [\"0400\"]}}\n", "mode must be octal" },
	{ "documents: {a: {file: f, keys: all, mode: \"0440\"}}\n",
	  "leave group and others nothing" },
	{ "keep: 1\nsecrets:\n\n  a:\n    # comment\n    key: k\n",
	  "line 4: \"a\" has no \"file\"" },
	{ "keep: 1\nsecrets:\n\n  a/../b:\n    key: k\n", "line 4: name \"a/../b\"" },
	{ "environments:\n  a:\n    keys:\n      - A\n      - 1B\n", "line 3: \"1B\"" },
	{ "environments:\n  a:\n    keys:\n      - A\n      - [B]\n", "line 5: each item" },
	{ "secrets: {a: {file: f, key: k, owner: [x]}}\n", "owner or group must be a text" },
	{ "secrets: {a: {file: f, key: k, owner: true}}\n", "owner or group must be a text" },
	{ "secrets: {a: {file: f, key: k, owner: \"\"}}\n", "owner or group must be 1 to" },
	{ "secrets: {a: {file: f, key: k, restart: a.service}}\n", "\"restart\" must be a list" },
	{ "secrets: {a: {file: f, key: k, restart: [a]}}\n", "\"a\" is no unit name" },
	{ "secrets: {a: {file: f, key: k, restart: [.service]}}\n", "is no unit name" },
	{ "secrets: {a: {file: f, key: k, restart: [--now.service]}}\n", "is no unit name" },
	{ "secrets: {a: {file: f, key: k, restart: [a b.service]}}\n", "is no unit name" },
	{ "secrets: {a: {file: f, key: k, restart: [a*.service]}}\n", "is no unit name" },
	{ "secrets: {a: {file: f, key: k, restart: [../a.service]}}\n", "is no unit name" },
	{ "secrets: {a: {file: f, key: k, reload: [x.conf]}}\n", "is no unit name" },
	{ "directory: run/secrets\n", "\"run/secrets\" is no absolute path" },
	{ "directory: \"%t\"\n", "\"%t\" is no absolute path" },
	{ "directory: \"%tsecrets\"\n", "\"%tsecrets\" is no absolute path" },
	{ "directory: \"%t/../x\"\n", "has a part \".\" or \"..\"" },
	{ "directory: /run/../etc\n", "has a part \".\" or \"..\"" },
	{ "directory: /run//x\n", "has an empty part" },
	{ "directory: /run/\n", "has an empty part" },
	{ "directory: /\n", "has an empty part" },
	{ "directory: [x]\n", "\"directory\" must be a text" },
	{ "keep: -1\n", "\"keep\" must be a number from 0 to 100" },
	{ "keep: 101\n", "\"keep\" must be a number from 0 to 100" },
	{ "keep: \"1\"\n", "\"keep\" must be a number from 0 to 100" },
	{ "keep: 0x1\n", "\"keep\" must be a number from 0 to 100" },
	{ "keep: {}\n", "\"keep\" must be a number from 0 to 100" },
	{ "onError: continue\n", "\"onError\" must be stop or keep" },
	{ "onError: [keep]\n", "\"onError\" must be stop or keep" },
	{ "secrets: {a: {file: f, key: k, link: x/y}}\n", "link \"x/y\" is no absolute path" },
	{ "secrets: {a: {file: f, key: k, link: /x/../y}}\n", "has a part \".\" or \"..\"" },
	{ "secrets: {a: {file: f, key: k, link: /x/}}\n", "has an empty part" },
	{ "secrets: {a: {file: f, key: k, link: [x]}}\n", "\"link\" must be a text" },
	{ "secrets: {a: {file: f, key: k, link: /run/secrets/x/y}}\n",
	  "link \"/run/secrets/x/y\" lies in \"/run/secrets\"" },
	{ "secrets: {a: {file: f, key: k, link: /run/x}}\ndirectory: /run/x\n", "lies in" },
	{ "secrets: {a: {file: f, key: k, link: /run/secrets.ready/a}}",
	  "link \"/run/secrets.ready/a\" is in the way of what belongs to \"/run/secrets\"" },
	{ "directory: /run/x\nsecrets: {a: {file: f, key: k, link: /run/x.ready}}",
	  "link \"/run/x.ready\" is in the way of what belongs to \"/run/x\"" },
	{ "secrets: {a: {file: f, key: k, link: /x}, b: {file: f, key: k, link: /x}}\n",
	  "link \"/x\" is in the way of \"/x\"" },
	{ "secrets: {a: {file: f, key: k, link: /x/y}, b: {file: f, key: k, link: /x}}\n",
	  "link \"/x/y\" is in the way of \"/x\"" },
	{ "identities: /etc/key\n", "\"identities\" must be a list" },
	{ "identities: []\n", "\"identities\" is an empty list" },
	{ "documents: {a: {file: f, keys: all, lifetime: ever}}\n", "lifetime must be boot or" },
	{ "secrets: {a: {file: f, key: k}}\n---\nkeep: 1\n", "a second document" },
	{ "templates: {a: {content: x}}\n", "no secrets, environments, documents or credentials" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: [x]\n", "\"templates\" must be a map" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: x}\n",
	  "\"t\" must be a map with \"content:\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {mode: \"0400\"}}\n",
	  "\"t\" has no \"content\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {a: {content: x}}\n", "is there twice" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: ''}}\n",
	  "\"content\" must be a text" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: 7}}\n",
	  "\"content\" must be a text" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: [x]}}\n",
	  "\"content\" must be a text" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: x, key: k}}\n",
	  "unknown field \"key\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: x, lifetime: boot}}\n",
	  "unknown field \"lifetime\"" },
	{ "templates:\n t:\n  content: |\n   x\n   {{ a }}\n   {{ b }}\nsecrets: {a: {file: f, "
	  "key: k}}\n",
	  "line 3: \"t\": line 3 of the content: no secret is named \"b\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: \"{{ a\\n}}\"}}\n",
	  "line 1 of the content: \"{{\" is not closed" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: '{{}}'}}\n",
	  "no secret is named \"\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: '{{ a | JSON }}'}}\n",
	  "unknown encoder \"JSON\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: '{{ a | }}'}}\n",
	  "unknown encoder \"\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: '{{ t }}'}}\n",
	  "\"t\" is none of \"secrets\"" },
	{ "documents: {d: {file: f, keys: all}}\ntemplates: {t: {content: '{{ d | json }}'}}\n",
	  "\"d\" is none of \"secrets\"" },
	{ "secrets: {a: {file: f, key: k}}\ntemplates: {t: {content: '{{ a|json|env }}'}}\n",
	  "no secret is named \"a|json\"" },
};

START_TEST(manifest_parse__says_which_rule_was_broken)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		ck_assert_msg(parse(span_of_text(bad[i].text), &manifest) == -1, "%s", bad[i].text);
		ck_assert_msg(strstr(err.message, bad[i].message) != NULL, "\"%s\" says \"%s\"",
			      bad[i].text, err.message);
		ck_assert_msg(strncmp(err.message, "manifest \"host.yaml\"", 20) == 0, "%s",
			      err.message);
		ck_assert_ptr_null(strchr(err.message, '\n'));
		ck_assert_ptr_null(strchr(err.message, '\033'));
	}
}
END_TEST

/* A manifest of that many secrets. */
static struct secret many(size_t count)
{
	struct secret text = SECRET_INIT;
	char line[80];

	ck_assert_int_eq(secret_append_text(&text, "secrets:\n", &err), 0);
	for (size_t i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "  n%zu: {file: f, key: k}\n", i);
		ck_assert_int_eq(secret_append_text(&text, line, &err), 0);
	}
	return text;
}

START_TEST(manifest_parse__has_limits)
{
	AUTO(manifest) manifest = MANIFEST_INIT;
	AUTO(secret) most = many(MANIFEST_ENTRIES_MAX);
	AUTO(secret) more = many(MANIFEST_ENTRIES_MAX + 1);
	AUTO(secret) large = SECRET_INIT;

	ck_assert_msg(parse(secret_span(&most), &manifest) == 0, "%s", err.message);
	manifest_release(&manifest);
	ck_assert_int_eq(parse(secret_span(&more), &manifest), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_eq(secret_reserve(&large, MANIFEST_MAX + 1, &err), 0);
	memset(large.data, '#', MANIFEST_MAX + 1);
	large.len = MANIFEST_MAX + 1;
	ck_assert_int_eq(parse(secret_span(&large), &manifest), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

START_TEST(manifest_parse__survives_each_flipped_bit)
{
	AUTO(secret) text = SECRET_INIT;

	ck_assert_int_eq(secret_append_text(&text, whole, &err), 0);
	for (size_t bit = 0; bit < 8 * text.len; bit++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		(void)!parse(secret_span(&text), &manifest);
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(manifest_parse__survives_being_cut)
{
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		(void)!parse(span_of(whole, len), &manifest);
	}
}
END_TEST

static int parse_anew(void)
{
	AUTO(manifest) manifest = MANIFEST_INIT;
	AUTO(secret) text = SECRET_INIT;

	if (secret_append_text(&text, whole, &err) < 0)
		return -1;
	return manifest_parse(&text, "host.yaml", &manifest, &err);
}

START_TEST(manifest_parse__survives_lack_of_memory)
{
	SWEEP(parse_anew());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_manifest");
	TCase *tcase = tcase_create("manifest");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, manifest_parse__reads_every_field);
	tcase_add_test(tcase, manifest_parse__has_defaults);
	tcase_add_test(tcase, manifest_parse__says_which_rule_was_broken);
	tcase_add_test(tcase, manifest_parse__has_limits);
	tcase_add_test(tcase, manifest_parse__survives_each_flipped_bit);
	tcase_add_test(tcase, manifest_parse__survives_being_cut);
	tcase_add_test(tcase, manifest_parse__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
