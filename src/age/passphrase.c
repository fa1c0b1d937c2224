/* SPDX-License-Identifier: MIT */
/* New passphrases: asked for, or made up. */
#include "age/passphrase.h"

#include <assert.h>

#include "crypto/random.h"
#include "util/buf.h"

/* Five groups of five out of 32 characters that are not taken for one another: 125 bits. */
#define GROUPS 5
#define GROUP_LEN 5

static int make_up(struct secret *passphrase, struct error *err)
{
	static const char characters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	uint8_t drawn;

	static_assert(sizeof(characters) == 32 + 1, "each byte picks one, none more often");
	if (secret_reserve(passphrase, (size_t)GROUPS * (GROUP_LEN + 1), err) < 0)
		return -1;
	for (size_t i = 0; i < (size_t)GROUPS * GROUP_LEN; i++) {
		if (i > 0 && i % GROUP_LEN == 0)
			passphrase->data[passphrase->len++] = '-';
		random_bytes(&drawn, 1);
		passphrase->data[passphrase->len++] = (uint8_t)characters[drawn % 32];
	}
	secret_wipe(&drawn, sizeof(drawn));
	return 0;
}

/* It is nowhere but on the terminal: the message is wiped, too. */
static int tell(const struct age_prompt *prompt, const struct secret *passphrase, struct error *err)
{
	AUTO(secret) message = SECRET_INIT;

	if (secret_append_text(&message, "The passphrase is: ", err) < 0 ||
	    secret_append_span(&message, secret_span(passphrase), err) < 0 ||
	    secret_append(&message, "", 1, err) < 0)
		return -1;
	return age_prompt_tell(prompt, (const char *)message.data, err);
}

int age_passphrase_new(const struct age_prompt *prompt, struct secret *ret_passphrase,
		       struct error *err)
{
	AUTO(secret) passphrase = SECRET_INIT;

	if (age_prompt_ask(prompt, AGE_ASK_NEW_PASSPHRASE, "New passphrase (empty: one is made up)",
			   &passphrase, err) < 0)
		return -1;
	if (passphrase.len == 0 &&
	    (make_up(&passphrase, err) < 0 || tell(prompt, &passphrase, err) < 0))
		return -1;
	*ret_passphrase = secret_move(&passphrase);
	return 0;
}
