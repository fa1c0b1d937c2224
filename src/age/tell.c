/* SPDX-License-Identifier: MIT */
/*
 * What is said of identities where none of them opened a file.
 */
#include "age/identity.h"
#include "age/kind.h"
#include "util/text.h"

int age_recipient_tell(struct span recipient, struct buf *message, struct error *err)
{
	const bool cut = recipient.len > AGE_TOLD_LEN;

	return buf_printf(message, err, "%s%s",
			  text_printable(span_slice(recipient, 0, AGE_TOLD_LEN)).text,
			  cut ? "..." : "");
}

/* Of one that asks, it is not known that it is none of the recipients. */
static const char *verdict_on(const struct age_identity *identity, const char *verdict)
{
	if (!identity->kind->open)
		return verdict;
	return age_identity_program(identity) || !age_identity_is_spelled(identity)
		       ? ""
		       : ", under a passphrase";
}

int age_identities_tell_tried(const struct age_identities *identities, const char *verdict,
			      struct buf *message, struct error *err)
{
	if (identities->len == 0)
		return buf_append_text(message, "; there is no identity at all", err);
	for (size_t i = 0; i < identities->len && i < AGE_TOLD_MAX; i++) {
		AUTO(buf) recipient = BUF_INIT;

		if (age_identity_spell(&identities->items[i], &recipient, err) < 0 ||
		    buf_printf(message, err, "%s%s (", i == 0 ? "; tried " : ", ",
			       text_printable_text(identities->items[i].source).text) < 0 ||
		    age_recipient_tell(buf_span(&recipient), message, err) < 0 ||
		    buf_printf(message, err, "%s)", verdict_on(&identities->items[i], verdict)) < 0)
			return -1;
	}
	return identities->len > AGE_TOLD_MAX ? buf_append_text(message, ", ...", err) : 0;
}
