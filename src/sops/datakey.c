/* SPDX-License-Identifier: MIT */
#include "sops/datakey.h"

#include <string.h>

#include "age/file.h"
#include "util/text.h"

/* How many recipients and identities a message lists, so that it fits. */
#define SHOWN_MAX 4
/* How much of a recipient is shown: all of an age1… one, which a caller may put a name to. */
#define SHOWN_LEN 62

int sops_datakey_wrap(const struct age_recipient *recipient, const struct key32 *key,
		      struct buf *ret_enc, struct error *err)
{
	struct age_recipient one = *recipient; /* a view: what it points to stays recipient's */
	const struct age_recipients recipients = { &one, 1, 1 };

	return age_seal(&recipients, span_of(key->data, sizeof(key->data)), true, ret_enc, err);
}

/* Appends a printable recipient, cut where it is long. */
static int put_short(struct buf *message, struct span name, struct error *err)
{
	const bool cut = name.len > SHOWN_LEN;

	return buf_printf(message, err, "%s%s", text_printable(span_slice(name, 0, SHOWN_LEN)).text,
			  cut ? "..." : "");
}

static int put_recipients(const struct sops_meta *meta, struct buf *message, struct error *err)
{
	if (buf_printf(message, err, "no identity here matches its %zu recipient%s (",
		       meta->recipients_len, meta->recipients_len == 1 ? "" : "s") < 0)
		return -1;
	for (size_t i = 0; i < meta->recipients_len && i < SHOWN_MAX; i++) {
		const struct sops_recipient *r = &meta->recipients[i];

		if (i > 0 && buf_append_text(message, ", ", err) < 0)
			return -1;
		if (strcmp(r->kind, "age") != 0 && buf_printf(message, err, "%s ", r->kind) < 0)
			return -1;
		if (put_short(message, r->recipient, err) < 0)
			return -1;
	}
	return buf_append_text(message, meta->recipients_len > SHOWN_MAX ? ", ...)" : ")", err);
}

static int put_identities(const struct age_identities *identities, struct buf *message,
			  struct error *err)
{
	if (identities->len == 0)
		return buf_append_text(message, "; there is no identity at all", err);
	for (size_t i = 0; i < identities->len && i < SHOWN_MAX; i++) {
		char recipient[AGE_X25519_TEXT_MAX];

		if (age_identities_recipient(identities, i, recipient, err) < 0 ||
		    buf_printf(message, err, "%s%s (", i == 0 ? "; tried " : ", ",
			       text_printable_text(identities->items[i].source).text) < 0 ||
		    put_short(message, span_of_text(recipient), err) < 0 ||
		    buf_append_text(message, ", not a recipient)", err) < 0)
			return -1;
	}
	return identities->len > SHOWN_MAX ? buf_append_text(message, ", ...", err) : 0;
}

static int explain(const struct sops_meta *meta, const struct age_identities *identities,
		   struct error *err)
{
	AUTO(buf) message = BUF_INIT;
	const char *text;

	if (put_recipients(meta, &message, err) < 0 ||
	    put_identities(identities, &message, err) < 0 ||
	    age_identities_tell_unusable(identities, &message, err) < 0 ||
	    buf_text(&message, &text, err) < 0)
		return -1;
	return error_set(err, ERROR_NO_KEY, "%s", text);
}

static int unwrap_one(const struct sops_recipient *recipient,
		      const struct age_identities *identities, struct key32 *ret_key,
		      struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;

	if (age_open(identities, recipient->enc, &plain, err) < 0)
		return -1;
	if (plain.len != sizeof(ret_key->data))
		return error_set(err, ERROR_FORMAT, "the data key is not %zu bytes long",
				 sizeof(ret_key->data));
	memcpy(ret_key->data, plain.data, plain.len);
	return 0;
}

int sops_datakey_unwrap(const struct sops_meta *meta, const struct age_identities *identities,
			struct key32 *ret_key, struct error *err)
{
	struct error worse = ERROR_INIT; /* than not being a recipient: a broken entry, no memory */

	if (meta->has_groups)
		return error_set(
			err, ERROR_UNSUPPORTED,
			"its data key is shared among several key groups (Shamir), which this "
			"version cannot put together");
	for (size_t i = 0; i < meta->recipients_len; i++) {
		struct error reason = ERROR_INIT;

		if (strcmp(meta->recipients[i].kind, "age") != 0)
			continue;
		if (unwrap_one(&meta->recipients[i], identities, ret_key, &reason) == 0)
			return 0;
		if (reason.kind != ERROR_NO_KEY && worse.kind == ERROR_NONE) {
			worse = reason;
			(void)error_wrap(&worse, "the data key for %s",
					 text_printable(meta->recipients[i].recipient).text);
		}
	}
	if (worse.kind != ERROR_NONE) {
		*err = worse;
		return -1;
	}
	return explain(meta, identities, err);
}
