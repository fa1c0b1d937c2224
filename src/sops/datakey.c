/* SPDX-License-Identifier: MIT */
#include "sops/datakey.h"

#include <stdlib.h>
#include <string.h>

#include "age/file.h"
#include "crypto/shamir.h"
#include "util/text.h"

static struct text_shown shown_key(const struct sops_key *key)
{
	return text_printable_text(key->text);
}

static int seal_to_age(const struct sops_key *key, struct span part,
		       const struct sops_programs *programs, struct buf *ret_enc, struct error *err)
{
	AUTO(age_recipients) parsed = AGE_RECIPIENTS_INIT;
	struct age_recipients recipients = key->age; /* borrowed */

	if (recipients.len == 0) {
		if (age_recipients_add(&parsed, span_of_text(key->text), err) < 0)
			return -1;
		recipients = parsed;
	}
	recipients.plugins = programs ? programs->plugins : NULL;
	return age_seal(&recipients, part, true, ret_enc, err);
}

static int seal_to(const struct sops_key *key, struct span part,
		   const struct sops_programs *programs, struct buf *ret_enc, struct error *err)
{
	int result;

	if (key->kind == SOPS_KEY_AGE)
		result = seal_to_age(key, part, programs, ret_enc, err);
	else if (key->kind == SOPS_KEY_PGP && programs)
		result = programs->seal(programs->context, key->text, part, ret_enc, err);
	else
		return error_set(err, ERROR_UNSUPPORTED,
				 "the data key would have to be sealed to the %s key \"%s\", which "
				 "this program cannot do",
				 sops_key_kind_names[key->kind], shown_key(key).text);
	if (result == 0)
		return 0;
	/* nothing was to be opened: a key is named that gpg has not */
	if (err->kind == ERROR_NO_KEY)
		err->kind = ERROR_CONFIG;
	return error_wrap(err, "cannot seal the data key to %s", shown_key(key).text);
}

/* The same key's entry that may stay: of one group, for the same data key. */
static const struct sops_key *kept_entry(const struct sops_key *key,
					 const struct sops_groups *groups,
					 const struct sops_groups *kept)
{
	const struct sops_key *old;

	if (!kept || kept->len != 1 || groups->len != 1)
		return NULL;
	old = sops_group_find(&kept->items[0], key->kind, span_of_text(key->text));
	return old && old->enc.len > 0 ? old : NULL;
}

/* What the groups hold, one behind the other: the key itself, or its shares. */
static int make_parts(const struct sops_groups *groups, const struct key32 *key,
		      struct secret *ret_parts, struct error *err)
{
	if (groups->len == 1)
		return secret_append(ret_parts, key->data, sizeof(key->data), err);
	return shamir_split(span_of(key->data, sizeof(key->data)), groups->len,
			    sops_groups_needed(groups), ret_parts, err);
}

void sops_entries_release(struct sops_entries *entries)
{
	for (size_t i = 0; i < entries->len; i++)
		buf_release(&entries->items[i].enc);
	free(entries->items);
	*entries = SOPS_ENTRIES_INIT;
}

/* All that can be known to fail does so before the first key is sealed to: a program may ask a person. */
static int find_kept(const struct sops_groups *groups, const struct sops_groups *kept,
		     const struct sops_programs *programs, struct sops_entries *entries,
		     struct error *err)
{
	AUTO(buf) unused = BUF_INIT;
	size_t next = 0;

	for (size_t i = 0; i < groups->len; i++)
		for (size_t k = 0; k < groups->items[i].len; k++) {
			const struct sops_key *key = &groups->items[i].items[k];
			struct sops_entry *entry = &entries->items[next++];

			entry->kept = kept_entry(key, groups, kept);
			if (!entry->kept && key->kind != SOPS_KEY_AGE &&
			    (key->kind != SOPS_KEY_PGP || !programs))
				return seal_to(key, SPAN_INIT, NULL, &unused, err);
		}
	return 0;
}

static int seal_all(const struct sops_groups *groups, struct span parts,
		    const struct sops_programs *programs, struct sops_entries *entries,
		    struct error *err)
{
	const size_t len = parts.len / groups->len;
	size_t next = 0;

	for (size_t i = 0; i < groups->len; i++)
		for (size_t k = 0; k < groups->items[i].len; k++) {
			struct sops_entry *entry = &entries->items[next++];

			if (!entry->kept &&
			    seal_to(&groups->items[i].items[k], span_slice(parts, i * len, len),
				    programs, &entry->enc, err) < 0)
				return -1;
		}
	return 0;
}

int sops_datakey_wrap(const struct sops_groups *groups, const struct key32 *key,
		      const struct sops_groups *kept, const struct sops_programs *programs,
		      struct sops_entries *ret_entries, struct error *err)
{
	AUTO(sops_entries) entries = SOPS_ENTRIES_INIT;
	AUTO(secret) parts = SECRET_INIT;

	if (sops_groups_check(groups, err) < 0)
		return -1;
	entries.items = calloc(sops_groups_count(groups), sizeof(*entries.items));
	if (!entries.items)
		return error_memory(err);
	entries.len = sops_groups_count(groups);
	if (find_kept(groups, kept, programs, &entries, err) < 0 ||
	    make_parts(groups, key, &parts, err) < 0 ||
	    seal_all(groups, secret_span(&parts), programs, &entries, err) < 0)
		return -1;
	*ret_entries = entries;
	entries = SOPS_ENTRIES_INIT;
	return 0;
}
