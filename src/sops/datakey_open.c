/* SPDX-License-Identifier: MIT */
/* The data key out of what it was sealed to. */
#include <stdlib.h>
#include <string.h>

#include "age/file.h"
#include "crypto/shamir.h"
#include "sops/datakey.h"
#include "sops/mac.h"
#include "util/text.h"

#define KEY_LEN sizeof(((struct key32 *)NULL)->data)
#define SHARE_LEN (KEY_LEN + 1)

/* One part of the order; kinds that sops does not know are passed over, as it does. */
static int take_kind(struct span name, struct span before, struct sops_order *order,
		     uint8_t *next_rank, struct error *err)
{
	const enum sops_key_kind kind = sops_key_kind_of(name);
	struct span earlier;

	while (span_take_until(&before, ',', &earlier))
		if (span_equal(earlier, name))
			return error_set(err, ERROR_DUPLICATE, "Duplicate decryption key type: %s",
					 text_printable(name).text);
	if (kind < SOPS_KEY_KINDS)
		order->rank[kind] = (*next_rank)++;
	return 0;
}

int sops_order_parse(const char *text, struct sops_order *ret_order, struct error *err)
{
	const struct span all = span_of_text(text);
	struct span rest = all, name;
	struct sops_order order;
	uint8_t rank = 0;

	memset(order.rank, SOPS_KEY_KINDS, sizeof(order.rank));
	if (all.len == 0) {
		*ret_order = SOPS_ORDER_DEFAULT;
		return 0;
	}
	while (span_take_until(&rest, ',', &name)) {
		const size_t done = (size_t)(name.data - all.data);

		if (take_kind(name, span_slice(all, 0, done), &order, &rank, err) < 0)
			return -1;
	}
	*ret_order = order;
	return 0;
}

/* What the groups gave: their parts, and which ones did. */
struct recovery {
	const struct sops_meta *meta;
	const struct sops_opener *opener;
	struct secret parts; /* one behind the other, each of part_len */
	size_t part_len;
	size_t count;                 /* groups that opened */
	bool opened[SOPS_GROUPS_MAX]; /* group by group */
	struct error worse;           /* than not being a recipient: a broken entry, no memory */
	struct error refused;         /* why a program or person could not, the first of them */
	struct age_identities quiet;  /* the opener's, borrowed: those that ask nobody */
};

#define RECOVERY_INIT ((struct recovery){ .parts = SECRET_INIT })

static void recovery_release(struct recovery *r)
{
	secret_release(&r->parts);
}

/* Nobody is asked for the passphrase of a key for which the entry is not: it says whose it is. */
static int open_age(const struct age_identities *identities, const struct sops_key *key,
		    struct secret *ret_part, struct error *err)
{
	AUTO(age_recipients) named = AGE_RECIPIENTS_INIT;
	struct age_identities borrowed = *identities;
	struct error ignored = ERROR_INIT;

	if (!identities->ask_nobody && age_identities_ask(identities) &&
	    age_recipients_add(&named, span_of_text(key->text), &ignored) == 0)
		borrowed.meant = &named.items[0];
	return age_open(&borrowed, key->enc, ret_part, err);
}

static int open_with(const struct recovery *r, const struct age_identities *identities,
		     const struct sops_key *key, struct secret *ret_part, struct error *err)
{
	const struct sops_opener *opener = r->opener;

	if (key->kind == SOPS_KEY_AGE)
		return open_age(identities, key, ret_part, err);
	if (key->kind == SOPS_KEY_PGP && opener->programs)
		return opener->programs->open(opener->programs->context, key->enc, ret_part, err);
	return error_set(err, ERROR_NO_KEY, "not a kind of key that can be used here");
}

static int open_part(struct recovery *r, const struct age_identities *identities,
		     const struct sops_key *key, struct error *err)
{
	AUTO(secret) part = SECRET_INIT;

	if (open_with(r, identities, key, &part, err) < 0)
		return -1;
	if (part.len != r->part_len)
		return error_set(err, ERROR_FORMAT, "the data key is not %zu bytes long",
				 r->part_len);
	return secret_append_span(&r->parts, secret_span(&part), err);
}

/* A reason that says more than "not a recipient" is kept, the first of them. */
static void keep_reason(struct recovery *r, const struct sops_key *key, const struct error *reason)
{
	const bool by_program = key->kind == SOPS_KEY_PGP ? r->opener->programs != NULL &&
								    reason->kind == ERROR_NO_KEY
							  : reason->kind == ERROR_DENIED;

	if (by_program && r->refused.kind == ERROR_NONE)
		r->refused = *reason;
	if (by_program || reason->kind == ERROR_NO_KEY || r->worse.kind != ERROR_NONE)
		return;
	r->worse = *reason;
	(void)error_wrap(&r->worse, "the data key for %s", text_printable_text(key->text).text);
}

/* Looks for one of a group that opens without asking anybody: then nobody is asked. */
static void open_quietly(struct recovery *r, size_t index)
{
	const struct sops_group *group = &r->meta->groups.items[index];

	for (size_t i = 0; i < group->len && !r->opened[index]; i++) {
		struct error ignored = ERROR_INIT; /* it is tried again */

		if (group->items[i].kind == SOPS_KEY_AGE &&
		    open_part(r, &r->quiet, &group->items[i], &ignored) == 0) {
			r->opened[index] = true;
			r->count++;
		}
	}
}

/* The group's keys by rank, until one opens. */
static void open_group(struct recovery *r, size_t index)
{
	const struct sops_group *group = &r->meta->groups.items[index];

	for (unsigned rank = 0; rank <= SOPS_KEY_KINDS; rank++)
		for (size_t i = 0; i < group->len; i++) {
			struct error reason = ERROR_INIT;

			if (r->opener->order.rank[group->items[i].kind] != rank)
				continue;
			if (open_part(r, r->opener->identities, &group->items[i], &reason) == 0) {
				r->opened[index] = true;
				r->count++;
				return;
			}
			keep_reason(r, &group->items[i], &reason);
		}
}

static int put_key(struct buf *message, const struct sops_key *key, struct error *err)
{
	if (key->kind != SOPS_KEY_AGE &&
	    buf_printf(message, err, "%s ", sops_key_kind_names[key->kind]) < 0)
		return -1;
	return age_recipient_tell(span_of_text(key->text), message, err);
}

/* The first of them, in sops' order: foreign kinds, of which nothing is to be had here, come last. */
static int put_keys(struct buf *message, const struct sops_group *group, struct error *err)
{
	const struct sops_order order = SOPS_ORDER_DEFAULT;
	size_t shown = 0;

	for (unsigned rank = 0; rank <= SOPS_KEY_KINDS; rank++)
		for (size_t i = 0; i < group->len && shown < AGE_TOLD_MAX; i++) {
			if (order.rank[group->items[i].kind] != rank)
				continue;
			if ((shown++ > 0 && buf_append_text(message, ", ", err) < 0) ||
			    put_key(message, &group->items[i], err) < 0)
				return -1;
		}
	return group->len > AGE_TOLD_MAX ? buf_append_text(message, ", ...", err) : 0;
}

static int put_recipients(const struct sops_group *group, struct buf *message, struct error *err)
{
	if (buf_printf(message, err, "no identity here matches its %zu recipient%s (", group->len,
		       group->len == 1 ? "" : "s") < 0 ||
	    put_keys(message, group, err) < 0)
		return -1;
	return buf_append_text(message, ")", err);
}

/* "Group 0: SUCCESS; Group 1: FAILED (age1…)": in sops' words, which scripts look for. */
static int put_groups(const struct recovery *r, struct buf *message, struct error *err)
{
	const struct sops_groups *groups = &r->meta->groups;

	if (buf_printf(message, err, "%zu of its %zu key groups are needed, and %zu opened (",
		       sops_groups_needed(groups), groups->len, r->count) < 0)
		return -1;
	for (size_t i = 0; i < groups->len && i < AGE_TOLD_MAX; i++) {
		if (buf_printf(message, err, "%sGroup %zu: %s", i > 0 ? "; " : "", i,
			       r->opened[i] ? "SUCCESS" : "FAILED (") < 0)
			return -1;
		if (!r->opened[i] && (put_keys(message, &groups->items[i], err) < 0 ||
				      buf_append_text(message, ")", err) < 0))
			return -1;
	}
	return buf_append_text(message, groups->len > AGE_TOLD_MAX ? "; ...)" : ")", err);
}

static bool has_kind(const struct sops_groups *groups, enum sops_key_kind kind)
{
	for (size_t i = 0; i < groups->len; i++)
		if (sops_group_has_kind(&groups->items[i], kind))
			return true;
	return false;
}

/* What became of our identities, where there is an entry that they could be for. */
static int put_identities(const struct recovery *r, struct buf *message, struct error *err)
{
	const struct age_identities *identities = r->opener->identities;
	const char *verdict = r->meta->groups.len == 1 ? ", not a recipient" : "";

	if (!has_kind(&r->meta->groups, SOPS_KEY_AGE))
		return 0;
	return age_identities_tell_tried(identities, verdict, message, err) < 0
		       ? -1
		       : age_identities_tell_unusable(identities, message, err);
}

static int explain(const struct recovery *r, struct error *err)
{
	const struct sops_groups *groups = &r->meta->groups;
	AUTO(buf) message = BUF_INIT;
	const char *text;

	if (r->worse.kind != ERROR_NONE) {
		*err = r->worse;
		return -1;
	}
	if ((groups->len == 1 ? put_recipients(&groups->items[0], &message, err)
			      : put_groups(r, &message, err)) < 0 ||
	    put_identities(r, &message, err) < 0 ||
	    (r->refused.kind != ERROR_NONE &&
	     buf_printf(&message, err, "; %s", r->refused.message) < 0) ||
	    buf_text(&message, &text, err) < 0)
		return -1;
	error_set(err, ERROR_NO_KEY, "%s", text);
	(void)error_hint(err, "%s", r->refused.hint);
	if (has_kind(groups, SOPS_KEY_PGP) && !has_kind(groups, SOPS_KEY_AGE))
		return error_hint(err, r->opener->programs
					       ? "\"gpg --list-secret-keys\" lists the keys that gpg "
						 "opens with"
					       : "gpg is not started here; seal it to the host's own "
						 "key, too");
	return -1;
}

/* The key itself, or made of its shares. */
static int join_parts(const struct recovery *r, struct key32 *ret_key, struct error *err)
{
	AUTO(secret) joined = SECRET_INIT;

	if (r->meta->groups.len == 1) {
		memcpy(ret_key->data, r->parts.data, sizeof(ret_key->data));
		return 0;
	}
	if (shamir_combine(secret_span(&r->parts), r->count, &joined, err) < 0)
		return -1;
	memcpy(ret_key->data, joined.data, sizeof(ret_key->data));
	return 0;
}

/*
 * Where the threshold is not said, all groups may be needed, or fewer, as sops tries: with too few the
 * key is a wrong one, and does not open the MAC.
 */
static bool open_with_fewer(const struct recovery *r, struct key32 *ret_key)
{
	const struct sops_meta *meta = r->meta;
	AUTO(key32) key = KEY32_INIT;
	struct error ignored = ERROR_INIT;

	if (meta->groups.threshold > 0 || r->count < 2 || join_parts(r, &key, &ignored) < 0 ||
	    !sops_mac_is_under(&key, meta->lastmodified, meta->mac))
		return false;
	memcpy(ret_key->data, key.data, sizeof(key.data));
	return true;
}

int sops_datakey_unwrap(const struct sops_meta *meta, const struct sops_opener *opener,
			struct key32 *ret_key, struct error *err)
{
	AUTO(recovery) r = RECOVERY_INIT;
	const struct sops_groups *groups = &meta->groups;
	const bool asks = age_identities_ask(opener->identities);

	r.meta = meta;
	r.opener = opener;
	r.part_len = groups->len == 1 ? KEY_LEN : SHARE_LEN;
	r.quiet = *opener->identities;
	r.quiet.ask_nobody = true;
	for (size_t i = 0; i < groups->len && asks; i++)
		open_quietly(&r, i);
	for (size_t i = 0; i < groups->len; i++)
		if (!r.opened[i] && !(asks && r.count >= sops_groups_needed(groups)))
			open_group(&r, i);
	if (r.count < sops_groups_needed(groups))
		return open_with_fewer(&r, ret_key) ? 0 : explain(&r, err);
	return join_parts(&r, ret_key, err);
}
