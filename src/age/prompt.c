/* SPDX-License-Identifier: MIT */
#include "age/prompt.h"

#include "util/buf.h"

int age_prompt_fail(const char *question, struct error *err)
{
	error_set(err, ERROR_DENIED, "there is no terminal to ask: %s", question);
	return error_hint(err, "BOOTSEAL_PASSPHRASE_FILE names a file with a passphrase");
}

int age_prompt_ask(const struct age_prompt *prompt, enum age_question kind, const char *question,
		   struct secret *ret_answer, struct error *err)
{
	if (!prompt)
		return age_prompt_fail(question, err);
	return prompt->ask(prompt->context, kind, question, ret_answer, err);
}

int age_prompt_confirm(const struct age_prompt *prompt, const char *question, const char *yes,
		       const char *no, bool *ret_yes, struct error *err)
{
	if (!prompt)
		return age_prompt_fail(question, err);
	return prompt->confirm(prompt->context, question, yes, no, ret_yes, err);
}

int age_prompt_tell(const struct age_prompt *prompt, const char *message, struct error *err)
{
	return prompt ? prompt->tell(prompt->context, message, err) : 0;
}

int age_prompt_passphrase(const struct age_prompt *prompt, const char *name,
			  struct secret *ret_passphrase, struct error *err)
{
	AUTO(secret) passphrase = SECRET_INIT;
	AUTO(buf) question = BUF_INIT;
	const char *text;

	if (buf_printf(&question, err, "Passphrase of %s", name) < 0 ||
	    buf_text(&question, &text, err) < 0 ||
	    age_prompt_ask(prompt, AGE_ASK_PASSPHRASE, text, &passphrase, err) < 0)
		return -1;
	if (passphrase.len == 0)
		return error_set(err, ERROR_AUTH, "an empty passphrase for %s", name);
	*ret_passphrase = secret_move(&passphrase);
	return 0;
}
