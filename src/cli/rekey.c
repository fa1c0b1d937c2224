/* SPDX-License-Identifier: MIT */
#include "cli/rekey.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring/who.h"
#include "util/text.h"

bool rekey_is_change(const struct sops_groups *before, const struct sops_groups *after,
		     const struct sops_changes *changes)
{
	return changes->any || before->len != after->len ||
	       before->threshold != sops_groups_threshold(after);
}

/* What the metadata say where they say nothing (trap T27). */
static bool same_selector(const struct sops_selector *a, const struct sops_selector *b)
{
	return (a->text ? a->kind : SOPS_UNENCRYPTED_SUFFIX) ==
		       (b->text ? b->kind : SOPS_UNENCRYPTED_SUFFIX) &&
	       strcmp(a->text ? a->text : SOPS_DEFAULT_SUFFIX,
		      b->text ? b->text : SOPS_DEFAULT_SUFFIX) == 0;
}

bool rekey_same_selection(enum doc_format format, const struct sops_meta *meta,
			  const struct sops_policy *policy)
{
	/* of a binary file all is sealed */
	return format == DOC_BINARY || (same_selector(&meta->selector, &policy->selector) &&
					meta->mac_only_encrypted == policy->mac_only_encrypted);
}

enum colour { PLAIN = 0, UNDERLINED = 4, RED = 31, GREEN = 32 };

/* As sops has them, on a terminal alone. */
static void print_coloured(FILE *out, enum colour colour, const char *mark, const char *text,
			   const char *name)
{
	const char *no_colour = getenv("NO_COLOR");
	const bool coloured =
		colour != PLAIN && isatty(fileno(out)) && (!no_colour || no_colour[0] == '\0');

	if (coloured)
		fprintf(out, "\033[%dm", (int)colour);
	fprintf(out, "%s%s", mark, text);
	if (name)
		fprintf(out, " (%s)", text_printable_text(name).text);
	fputs(coloured ? "\033[0m\n" : "\n", out);
}

static void show_threshold(FILE *out, unsigned before, unsigned after)
{
	char text[32];

	snprintf(text, sizeof(text), "shamir_threshold: %u", after);
	if (after > 0)
		print_coloured(out, before == after ? PLAIN : GREEN, before == after ? "" : "+++ ",
			       text, NULL);
	snprintf(text, sizeof(text), "shamir_threshold: %u", before);
	if (before > 0 && before != after)
		print_coloured(out, RED, "--- ", text, NULL);
}

static void show_change(FILE *out, struct sealed *keys, const struct sops_change *change)
{
	static const struct {
		enum colour colour;
		const char *mark;
	} looks[] = {
		[SOPS_CHANGE_NONE] = { PLAIN, "    " },
		[SOPS_CHANGE_ADDED] = { GREEN, "+++ " },
		[SOPS_CHANGE_REMOVED] = { RED, "--- " },
	};

	print_coloured(out, looks[change->kind].colour, looks[change->kind].mark,
		       text_printable_text(change->key->text).text,
		       change->key->kind == SOPS_KEY_AGE
			       ? sealed_name_of(keys, span_of_text(change->key->text))
			       : NULL);
}

void rekey_show(FILE *out, struct sealed *keys, const struct sops_groups *before,
		const struct sops_groups *after, const struct sops_changes *changes)
{
	const size_t groups = before->len > after->len ? before->len : after->len;
	size_t next = 0;

	show_threshold(out, before->threshold, sops_groups_threshold(after));
	for (size_t group = 0; group < groups; group++) {
		char title[32];

		snprintf(title, sizeof(title), "Group %zu", group + 1);
		print_coloured(out, UNDERLINED, "", title, NULL);
		for (; next < changes->len && changes->items[next].group == group; next++)
			show_change(out, keys, &changes->items[next]);
	}
}

/* gpg is asked: unlike a plugin it has just shown that it answers without asking again. */
static bool opens_by_gpg(const struct sops_opener *opener, const struct sops_group *group)
{
	bool opens = false;

	for (size_t i = 0; opener->programs && i < group->len && !opens; i++) {
		AUTO(secret) part = SECRET_INIT;
		struct error ignored = ERROR_INIT;

		opens = group->items[i].kind == SOPS_KEY_PGP &&
			opener->programs->open(opener->programs->context, group->items[i].enc,
					       &part, &ignored) == 0;
	}
	return opens;
}

/* Enough groups with an entry that an identity here opens, or gpg, or whose plugin one is of. */
static bool plugins_may_open(const struct sops_meta *meta, const struct sops_opener *opener,
			     const struct who *who)
{
	bool counted[SOPS_GROUPS_MAX] = { false };
	size_t groups = 0;

	for (size_t i = 0; i < meta->groups.len; i++)
		if (opens_by_gpg(opener, &meta->groups.items[i])) {
			counted[i] = true;
			groups++;
		}
	for (size_t i = 0; i < who->len; i++) {
		const struct who_key *key = &who->items[i];
		const struct age_identity *identity =
			key->state == WHO_NOBODY || key->identity == WHO_GPG
				? NULL
				: &opener->identities->items[key->identity];

		if (identity && !counted[key->group] &&
		    (key->state == WHO_OPENS || age_identity_program(identity))) {
			counted[key->group] = true;
			groups++;
		}
	}
	return groups >= sops_groups_needed(&meta->groups);
}

/* A plugin is not asked for what it just did: it is known by its name. */
static int look_at_plugins(enum doc_format format, const struct secret *sealed,
			   const struct sops_opener *opener, bool *ret_can, struct error *err)
{
	const struct keyring nobody = KEYRING_INIT;
	AUTO(secret) copy = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	AUTO(sops_meta) meta = SOPS_META_INIT;
	AUTO(who) who = WHO_INIT;

	if (secret_append_span(&copy, secret_span(sealed), err) < 0 ||
	    doc_parse(format, &copy, DOC_KEEP_ALIASES | DOC_SEALED, &doc, err) < 0 ||
	    sops_meta_read(&doc, &meta, err) < 0 ||
	    who_of_sops(&meta, opener, &nobody, &who, err) < 0)
		return -1;
	*ret_can = plugins_may_open(&meta, opener, &who);
	return 0;
}

bool rekey_has_plugin(const struct sops_opener *opener)
{
	const struct age_identities *identities = opener->identities;

	for (size_t i = 0; i < identities->len; i++)
		if (age_identity_program(&identities->items[i]))
			return true;
	return false;
}

int rekey_check_own(enum doc_format format, struct secret *sealed, const struct sops_opener *opener,
		    struct error *err)
{
	struct age_identities without = *opener->identities; /* borrowed: no plugin is started */
	struct sops_opener quiet = *opener;
	bool can;

	without.plugins = NULL;
	quiet.identities = &without;
	if (sops_can_open(format, sealed, &quiet, &can, err) < 0 ||
	    (!can && rekey_has_plugin(opener) &&
	     look_at_plugins(format, sealed, opener, &can, err) < 0))
		return -1;
	if (can)
		return 0;
	(void)error_set(err, ERROR_DENIED,
			"it would lock you out: no identity here could open it afterwards");
	return error_hint(err, "say --lock-out if that is meant");
}
