/* SPDX-License-Identifier: MIT */
#include "sops/group.h"

#include <stdlib.h>
#include <string.h>

#include "doc/doc.h"
#include "util/text.h"

const char *const sops_key_kind_names[SOPS_KEY_KINDS] = {
	[SOPS_KEY_KMS] = "kms",           [SOPS_KEY_GCP_KMS] = "gcp_kms",
	[SOPS_KEY_HCKMS] = "hckms",       [SOPS_KEY_AZURE_KV] = "azure_kv",
	[SOPS_KEY_HC_VAULT] = "hc_vault", [SOPS_KEY_PGP] = "pgp",
	[SOPS_KEY_AGE] = "age",
};

enum sops_key_kind sops_key_kind_of(struct span name)
{
	unsigned kind = 0;

	while (kind < SOPS_KEY_KINDS && !span_equal_text(name, sops_key_kind_names[kind]))
		kind++;
	return (enum sops_key_kind)kind;
}

static void key_release(struct sops_key *key)
{
	free(key->text);
	age_recipients_release(&key->age);
}

static void group_release(struct sops_group *group)
{
	for (size_t k = 0; k < group->len; k++)
		key_release(&group->items[k]);
	free(group->items);
}

void sops_groups_release(struct sops_groups *groups)
{
	for (size_t i = 0; i < groups->len; i++)
		group_release(&groups->items[i]);
	free(groups->items);
	*groups = SOPS_GROUPS_INIT;
}

void sops_groups_delete(struct sops_groups *groups, size_t index)
{
	group_release(&groups->items[index]);
	for (size_t i = index + 1; i < groups->len; i++)
		groups->items[i - 1] = groups->items[i];
	groups->len--;
}

int sops_groups_open(struct sops_groups *groups, struct error *err)
{
	if (groups->len == SOPS_GROUPS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d key groups", SOPS_GROUPS_MAX);
	if (groups->len == groups->cap) {
		const size_t cap = groups->cap > 0 ? groups->cap * 2 : 1;
		struct sops_group *larger = reallocarray(groups->items, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		groups->items = larger;
		groups->cap = cap;
	}
	groups->items[groups->len++] = (struct sops_group){ NULL, 0, 0 };
	return 0;
}

int sops_group_append(struct sops_group *group, enum sops_key_kind kind, char *text,
		      struct sops_key **ret_key, struct error *err)
{
	if (group->len == SOPS_GROUP_KEYS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d keys in a group",
				 SOPS_GROUP_KEYS_MAX);
	if (group->len == group->cap) {
		const size_t cap = group->cap > 0 ? group->cap * 2 : 4;
		struct sops_key *larger = reallocarray(group->items, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		group->items = larger;
		group->cap = cap;
	}
	group->items[group->len] = (struct sops_key){
		.kind = kind, .text = text, .age = AGE_RECIPIENTS_INIT, .node = DOC_NONE
	};
	*ret_key = &group->items[group->len++];
	return 0;
}

const struct sops_key *sops_group_find(const struct sops_group *group, enum sops_key_kind kind,
				       struct span text)
{
	for (size_t i = 0; i < group->len; i++)
		if (group->items[i].kind == kind && span_equal_text(text, group->items[i].text))
			return &group->items[i];
	return NULL;
}

const struct sops_key *sops_groups_find(const struct sops_groups *groups, enum sops_key_kind kind,
					struct span text)
{
	const struct sops_key *key = NULL;

	for (size_t i = 0; i < groups->len && !key; i++)
		key = sops_group_find(&groups->items[i], kind, text);
	return key;
}

/* Is key, in whatever spelling, that recipient? */
static bool is_same_age(const struct sops_key *key, const struct age_recipient *recipient)
{
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;
	struct error ignored = ERROR_INIT;

	return key->kind == SOPS_KEY_AGE &&
	       age_recipients_add(&own, span_of_text(key->text), &ignored) == 0 &&
	       age_recipient_equal(&own.items[0], recipient);
}

bool sops_groups_have(const struct sops_groups *groups, const struct sops_key *key)
{
	AUTO(age_recipients) age = AGE_RECIPIENTS_INIT;
	struct error ignored = ERROR_INIT;

	if (sops_groups_find(groups, key->kind, span_of_text(key->text)))
		return true;
	if (key->kind != SOPS_KEY_AGE ||
	    age_recipients_add(&age, span_of_text(key->text), &ignored) < 0)
		return false;
	for (size_t g = 0; g < groups->len; g++)
		for (size_t k = 0; k < groups->items[g].len; k++)
			if (is_same_age(&groups->items[g].items[k], &age.items[0]))
				return true;
	return false;
}

static bool is_fingerprint(const char *text)
{
	const size_t digits = strspn(text, "0123456789abcdefABCDEF");

	/* "!" asks gpg for that very subkey */
	return digits >= 8 && digits <= 64 && strcmp(text + digits, text[digits] ? "!" : "") == 0;
}

/* text without its blanks: what gpg prints, and sops takes. */
static int parse_fingerprint(struct span text, char **ret_text, struct error *err)
{
	AUTO_FREE char *copy = calloc(1, text.len + 1);
	size_t len = 0;

	if (!copy)
		return error_memory(err);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != ' ')
			copy[len++] = (char)text.data[i];
	if (!is_fingerprint(copy))
		return error_set(err, ERROR_FORMAT, "\"%s\" is no PGP fingerprint",
				 text_printable(text).text);
	*ret_text = copy;
	copy = NULL;
	return 0;
}

/* The key that text spells, as it is kept and compared. */
static int parse_key(enum sops_key_kind kind, struct span text, struct age_recipients *ret_age,
		     char **ret_text, struct error *err)
{
	if (kind == SOPS_KEY_PGP)
		return parse_fingerprint(text, ret_text, err);
	if (kind == SOPS_KEY_AGE && age_recipients_add(ret_age, text, err) < 0)
		return -1;
	if (text.len > 0 && memchr(text.data, 0, text.len))
		return error_set(err, ERROR_FORMAT, "a NUL in the name of a key");
	*ret_text = strndup(text.len > 0 ? (const char *)text.data : "", text.len);
	return *ret_text ? 0 : error_memory(err);
}

int sops_groups_add(struct sops_groups *groups, size_t index, enum sops_key_kind kind,
		    struct span text, struct error *err)
{
	struct sops_group *group = &groups->items[index];
	AUTO(age_recipients) age = AGE_RECIPIENTS_INIT;
	AUTO_FREE char *own = NULL;
	struct sops_key *key;

	if (parse_key(kind, span_trim(text), &age, &own, err) < 0)
		return -1;
	if (sops_group_find(group, kind, span_of_text(own)))
		return 0;
	if (sops_group_append(group, kind, own, &key, err) < 0)
		return -1;
	own = NULL;
	key->age = age;
	age = AGE_RECIPIENTS_INIT;
	return 0;
}

int sops_groups_add_copy(struct sops_groups *groups, size_t index, const struct sops_key *key,
			 struct error *err)
{
	AUTO_FREE char *own = NULL;
	struct sops_key *copy;

	if (sops_group_find(&groups->items[index], key->kind, span_of_text(key->text)))
		return 0;
	own = strdup(key->text);
	if (!own)
		return error_memory(err);
	if (sops_group_append(&groups->items[index], key->kind, own, &copy, err) < 0)
		return -1;
	own = NULL;
	return 0;
}

int sops_groups_copy(const struct sops_groups *groups, struct sops_groups *ret_copy,
		     struct error *err)
{
	AUTO(sops_groups) copy = SOPS_GROUPS_INIT;

	copy.threshold = groups->threshold;
	for (size_t i = 0; i < groups->len; i++) {
		if (sops_groups_open(&copy, err) < 0)
			return -1;
		for (size_t k = 0; k < groups->items[i].len; k++)
			if (sops_groups_add_copy(&copy, i, &groups->items[i].items[k], err) < 0)
				return -1;
	}
	*ret_copy = copy;
	copy = SOPS_GROUPS_INIT;
	return 0;
}

static int empty_part(enum sops_key_kind kind, struct span list, struct error *err)
{
	return error_set(err, ERROR_USAGE, "an empty %s in \"%s\"",
			 kind == SOPS_KEY_AGE ? "recipient" : "key", text_printable(list).text);
}

/* What a command prints, put between quotes: one key a line. */
static int add_lines(struct sops_groups *groups, size_t index, enum sops_key_kind kind,
		     struct span lines, struct error *err)
{
	struct span line;

	while (span_take_line(&lines, &line))
		if (span_trim(line).len > 0 && sops_groups_add(groups, index, kind, line, err) < 0)
			return -1;
	return 0;
}

int sops_groups_add_list(struct sops_groups *groups, size_t index, enum sops_key_kind kind,
			 struct span list, bool strict, struct error *err)
{
	struct span rest = list, part;

	if (strict && (list.len == 0 || span_ends_with(list, ",")))
		return empty_part(kind, list, err);
	while (span_take_until(&rest, ',', &part)) {
		if (span_trim(part).len > 0) {
			if (strict ? add_lines(groups, index, kind, part, err) < 0
				   : sops_groups_add(groups, index, kind, part, err) < 0)
				return -1;
		} else if (strict) {
			return empty_part(kind, list, err);
		}
	}
	return 0;
}

size_t sops_groups_count(const struct sops_groups *groups)
{
	size_t count = 0;

	for (size_t i = 0; i < groups->len; i++)
		count += groups->items[i].len;
	return count;
}

size_t sops_groups_needed(const struct sops_groups *groups)
{
	if (groups->len < 2)
		return 1;
	return groups->threshold > 0 ? groups->threshold : groups->len;
}

unsigned sops_groups_threshold(const struct sops_groups *groups)
{
	return groups->len < 2 ? groups->threshold : (unsigned)sops_groups_needed(groups);
}

bool sops_group_has_kind(const struct sops_group *group, enum sops_key_kind kind)
{
	for (size_t i = 0; i < group->len; i++)
		if (group->items[i].kind == kind)
			return true;
	return false;
}

static bool has_all(const struct sops_group *group, const struct sops_group *keys)
{
	for (size_t i = 0; i < keys->len; i++)
		if (!sops_group_find(group, keys->items[i].kind, span_of_text(keys->items[i].text)))
			return false;
	return true;
}

bool sops_groups_same_keys(const struct sops_groups *a, const struct sops_groups *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (!has_all(&a->items[i], &b->items[i]) || !has_all(&b->items[i], &a->items[i]))
			return false;
	return true;
}

int sops_groups_check(const struct sops_groups *groups, struct error *err)
{
	if (groups->len == 0)
		return error_set(err, ERROR_CONFIG, "there is nobody to seal it to");
	for (size_t i = 0; i < groups->len; i++)
		if (groups->items[i].len == 0)
			return error_set(err, ERROR_CONFIG,
					 "Could not generate data key: [empty key group provided]");
	if (groups->len == 1 || groups->threshold == 0)
		return 0;
	if (groups->threshold < 2)
		return error_set(err, ERROR_CONFIG,
				 "a Shamir threshold of 1 would make each of the %zu key groups "
				 "hold the whole data key: put their keys into one group",
				 groups->len);
	if (groups->threshold > groups->len)
		return error_set(err, ERROR_CONFIG,
				 "a Shamir threshold of %u cannot be met by %zu key groups",
				 groups->threshold, groups->len);
	return 0;
}

static void add_change(struct sops_changes *changes, size_t group, enum sops_change_kind kind,
		       const struct sops_key *key)
{
	changes->items[changes->len++] = (struct sops_change){ group, kind, key };
	changes->any = changes->any || kind != SOPS_CHANGE_NONE;
}

/* Those of one that are in other as well, or those that are not. */
static void add_changes(struct sops_changes *changes, size_t group, enum sops_change_kind kind,
			const struct sops_group *one, const struct sops_group *other)
{
	for (size_t i = 0; i < one->len; i++) {
		const struct sops_key *key = &one->items[i];
		const bool common = sops_group_find(other, key->kind, span_of_text(key->text));

		if (common == (kind == SOPS_CHANGE_NONE))
			add_change(changes, group, kind, key);
	}
}

int sops_groups_compare(const struct sops_groups *before, const struct sops_groups *after,
			struct sops_changes *ret_changes, struct error *err)
{
	static const struct sops_group none;
	const size_t most = before->len > after->len ? before->len : after->len;
	struct sops_changes changes = SOPS_CHANGES_INIT;

	changes.items = calloc(sops_groups_count(before) + sops_groups_count(after) + 1,
			       sizeof(*changes.items));
	if (!changes.items)
		return error_memory(err);
	for (size_t i = 0; i < most; i++) {
		const struct sops_group *old = i < before->len ? &before->items[i] : &none;
		const struct sops_group *new = i < after->len ? &after->items[i] : &none;

		add_changes(&changes, i, SOPS_CHANGE_NONE, new, old);
		add_changes(&changes, i, SOPS_CHANGE_ADDED, new, old);
		add_changes(&changes, i, SOPS_CHANGE_REMOVED, old, new);
	}
	*ret_changes = changes;
	return 0;
}

void sops_changes_release(struct sops_changes *changes)
{
	free(changes->items);
	*changes = SOPS_CHANGES_INIT;
}
