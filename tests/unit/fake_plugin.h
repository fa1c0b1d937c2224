/* SPDX-License-Identifier: MIT */
/* A plugin whose part is written down beforehand, and somebody who answers its questions. */
#ifndef TESTS_FAKE_PLUGIN_H
#define TESTS_FAKE_PLUGIN_H

#include <stdio.h>
#include <string.h>

#include "age/plugin.h"

struct fake_plugin {
	struct span says; /* what it writes, whatever it hears */
	size_t step;      /* so much at a time */
	bool missing;     /* it cannot be started */
	bool deaf;        /* takes nothing that is written to it */
	bool silent;      /* says nothing behind that, and does not end */
	unsigned started, ended;
	struct secret heard;
	struct age_plugins plugins;
};

static inline int fake_start(void *context, const char *name, const char *machine,
			     struct error *err)
{
	struct fake_plugin *fake = context;

	if (fake->missing)
		return error_set(err, ERROR_UNSUPPORTED, "there is no such program");
	fake->started++;
	secret_truncate(&fake->heard, 0);
	return secret_append_text(&fake->heard, name, err) < 0 ||
			       secret_append_text(&fake->heard, " ", err) < 0 ||
			       secret_append_text(&fake->heard, machine, err) < 0 ||
			       secret_append_text(&fake->heard, "\n", err) < 0
		       ? -1
		       : 0;
}

static inline int fake_write(void *context, struct span bytes, bool *ret_taken, struct error *err)
{
	struct fake_plugin *fake = context;

	*ret_taken = !fake->deaf;
	return fake->deaf ? 0 : secret_append_span(&fake->heard, bytes, err);
}

static inline int fake_read(void *context, unsigned *milliseconds, uint8_t *data, size_t len,
			    size_t *ret_len, bool *ret_silent, struct error *err)
{
	struct fake_plugin *fake = context;
	struct span part = span_slice(fake->says, 0, len < fake->step ? len : fake->step);

	(void)err;
	*ret_silent = fake->silent && part.len == 0;
	if (*ret_silent)
		*milliseconds = 0;
	if (part.len > 0)
		memcpy(data, part.data, part.len);
	fake->says = span_slice(fake->says, part.len, SIZE_MAX);
	*ret_len = part.len;
	return 0;
}

static inline int fake_end(void *context)
{
	struct fake_plugin *fake = context;

	fake->ended++;
	return 7;
}

static inline void fake_plugin_init(struct fake_plugin *fake, struct span says)
{
	*fake = (struct fake_plugin){ .says = says, .step = 5, .heard = SECRET_INIT };
	fake->plugins =
		(struct age_plugins){ fake, fake_start, fake_write, fake_read, fake_end, NULL };
}

static inline void fake_plugin_release(struct fake_plugin *fake)
{
	secret_release(&fake->heard);
}

/* Answers all questions. */
struct fake_person {
	const char *types; /* NULL: nobody is there */
	bool agrees;
	char asked[512]; /* all that was said to it, a line each */
	struct age_prompt prompt;
};

static inline void fake_note(struct fake_person *person, const char *what, const char *text)
{
	const size_t len = strlen(person->asked);

	snprintf(person->asked + len, sizeof(person->asked) - len, "%s %s\n", what, text);
}

static inline int fake_ask(void *context, enum age_question kind, const char *question,
			   struct secret *ret_answer, struct error *err)
{
	struct fake_person *person = context;

	fake_note(person, kind == AGE_ASK_SECRET ? "secret" : "text", question);
	if (!person->types)
		return error_set(err, ERROR_DENIED, "nobody is there");
	return secret_append_text(ret_answer, person->types, err);
}

static inline int fake_confirm(void *context, const char *question, const char *yes, const char *no,
			       bool *ret_yes, struct error *err)
{
	struct fake_person *person = context;

	fake_note(person, "confirm", question);
	fake_note(person, yes, no ? no : "-");
	*ret_yes = person->agrees;
	return person->types ? 0 : error_set(err, ERROR_DENIED, "nobody is there");
}

static inline int fake_tell(void *context, const char *message, struct error *err)
{
	(void)err;
	fake_note(context, "tell", message);
	return 0;
}

static inline void fake_person_init(struct fake_person *person, const char *types, bool agrees)
{
	*person = (struct fake_person){ types, agrees, "", { NULL, NULL, NULL, NULL } };
	person->prompt = (struct age_prompt){ person, fake_ask, fake_confirm, fake_tell };
}

#endif
