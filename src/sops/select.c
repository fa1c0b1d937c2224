/* SPDX-License-Identifier: MIT */
#include "sops/select.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sops/selection.h"

const char *const sops_selector_names[SOPS_SELECTORS] = {
	[SOPS_UNENCRYPTED_SUFFIX] = "unencrypted_suffix",
	[SOPS_ENCRYPTED_SUFFIX] = "encrypted_suffix",
	[SOPS_UNENCRYPTED_REGEX] = "unencrypted_regex",
	[SOPS_ENCRYPTED_REGEX] = "encrypted_regex",
	[SOPS_UNENCRYPTED_COMMENT_REGEX] = "unencrypted_comment_regex",
	[SOPS_ENCRYPTED_COMMENT_REGEX] = "encrypted_comment_regex",
};

int sops_selector_set(struct sops_selector *selector, enum sops_selector_kind kind,
		      struct span text, struct error *err)
{
	char *copy;

	if (text.len == 0)
		return 0;
	if (selector->text)
		return error_set(err, ERROR_CONFLICT,
				 "both %s and %s are given, and a file can have only one selector",
				 sops_selector_names[selector->kind], sops_selector_names[kind]);
	copy = strndup((const char *)text.data, text.len);
	if (!copy)
		return error_memory(err);
	selector->kind = kind;
	selector->text = copy;
	return 0;
}

void sops_selector_release(struct sops_selector *selector)
{
	free(selector->text);
	*selector = SOPS_SELECTOR_INIT;
}

static bool is_regex(enum sops_selector_kind kind)
{
	return kind != SOPS_UNENCRYPTED_SUFFIX && kind != SOPS_ENCRYPTED_SUFFIX;
}

static bool is_comment_regex(enum sops_selector_kind kind)
{
	return kind == SOPS_UNENCRYPTED_COMMENT_REGEX || kind == SOPS_ENCRYPTED_COMMENT_REGEX;
}

int sops_selection_init(struct sops_selection *selection, const struct sops_selector *selector,
			struct error *err)
{
	struct sops_regex *regex = NULL;

	if (selector->text && is_regex(selector->kind) &&
	    sops_regex_new(selector->text, sops_selector_names[selector->kind], &regex, err) < 0)
		return -1;
	*selection = SOPS_SELECTION_INIT;
	selection->kind = selector->text ? selector->kind : SOPS_UNENCRYPTED_SUFFIX;
	selection->suffix = selector->text ? selector->text : SOPS_DEFAULT_SUFFIX;
	selection->regex = regex;
	return 0;
}

/* FNV-1a: keys are public, and an unlucky document only costs time that DOC_NODES_MAX bounds. */
static size_t slot_of(const struct sops_selection *selection, struct span key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ key.data[i]) * 0x100000001b3u;
	hash ^= hash >> 32;
	for (size_t slot = hash & (selection->cap - 1);; slot = (slot + 1) & (selection->cap - 1))
		if (!selection->verdicts[slot].key.data ||
		    span_equal(selection->verdicts[slot].key, key))
			return slot;
}

static int grow(struct sops_selection *selection, struct error *err)
{
	struct sops_selection larger = *selection;

	larger.cap = selection->cap > 0 ? selection->cap * 2 : 64;
	larger.verdicts = calloc(larger.cap, sizeof(*larger.verdicts));
	if (!larger.verdicts)
		return error_memory(err);
	for (size_t i = 0; i < selection->cap; i++)
		if (selection->verdicts[i].key.data)
			larger.verdicts[slot_of(&larger, selection->verdicts[i].key)] =
				selection->verdicts[i];
	free(selection->verdicts);
	*selection = larger;
	return 0;
}

static int ask_regex(struct sops_selection *selection, struct span key, bool *ret_matches,
		     struct error *err)
{
	struct sops_verdict *verdict;
	bool matches;

	if (key.len == 0) /* not kept: a span without bytes may have no address */
		return sops_regex_match(selection->regex, key, ret_matches, err);
	if (selection->len * 2 >= selection->cap && grow(selection, err) < 0)
		return -1;
	verdict = &selection->verdicts[slot_of(selection, key)];
	if (!verdict->key.data) {
		if (sops_regex_match(selection->regex, key, &matches, err) < 0)
			return -1;
		*verdict = (struct sops_verdict){ key, matches };
		selection->len++;
	}
	*ret_matches = verdict->matches;
	return 0;
}

bool sops_selection_is_by_comment(const struct sops_selection *selection)
{
	return is_comment_regex(selection->kind);
}

int sops_selection_key(struct sops_selection *selection, struct span key, bool *ret_matches,
		       struct error *err)
{
	if (is_comment_regex(selection->kind)) {
		*ret_matches = false;
		return 0;
	}
	if (is_regex(selection->kind))
		return ask_regex(selection, key, ret_matches, err);
	*ret_matches = span_ends_with(key, selection->suffix);
	return 0;
}

int sops_selection_comment(const struct sops_selection *selection, struct span text,
			   bool *ret_matches, struct error *err)
{
	if (!is_comment_regex(selection->kind)) {
		*ret_matches = false;
		return 0;
	}
	return sops_regex_match(selection->regex, text, ret_matches, err);
}

bool sops_selection_seals(const struct sops_selection *selection, bool matches)
{
	switch (selection->kind) {
	case SOPS_UNENCRYPTED_SUFFIX:
	case SOPS_UNENCRYPTED_REGEX:
	case SOPS_UNENCRYPTED_COMMENT_REGEX:
		return !matches;
	case SOPS_ENCRYPTED_SUFFIX:
	case SOPS_ENCRYPTED_REGEX:
	case SOPS_ENCRYPTED_COMMENT_REGEX:
		return matches;
	case SOPS_SELECTORS:
		break;
	}
	assert(selection->kind < SOPS_SELECTORS);
	return true;
}

void sops_selection_release(struct sops_selection *selection)
{
	sops_regex_free(selection->regex);
	free(selection->verdicts);
	*selection = SOPS_SELECTION_INIT;
}
