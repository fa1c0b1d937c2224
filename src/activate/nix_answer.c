/* SPDX-License-Identifier: MIT */
#include "nix_job.h"

#include <string.h>

#include "activate/unseal.h"
#include "activate/values.h"
#include "util/text.h"

static int nix_take_time(struct nix_answer *answer, struct span time, struct error *err)
{
	struct record_source *source;

	if (answer->files == answer->end)
		return error_set(err, ERROR_BUG, "a child's answer is too long");
	answer->starts[answer->files++] = answer->values->len;
	source = &answer->record->sources[answer->files];
	if (time.len >= UNSEAL_TIME_MAX || !text_is_utf8(time))
		return 0;
	memcpy(source->time, time.data, time.len);
	source->time[time.len] = '\0';
	memcpy(source->newest, source->time, sizeof(source->newest));
	return 0;
}

/* A sentence of the child's, on one line. */
static int nix_take_problem(struct nix_answer *answer, struct span text, struct error *err)
{
	char *note;

	if (names_add(answer->notes, text, err) < 0)
		return -1;
	note = answer->notes->items[answer->notes->len - 1];
	for (; *note != '\0'; note++)
		if ((unsigned char)*note < ' ' || *note == 0x7f)
			*note = '?';
	return 0;
}

static int nix_take(struct nix_answer *answer, const struct value *value, struct error *err)
{
	if (value->entry == NIX_TIME)
		return nix_take_time(answer, value->bytes, err);
	if (value->entry == NIX_PROBLEM)
		return nix_take_problem(answer, value->bytes, err);
	if (value->entry == NIX_IDENTITY)
		return names_printf(answer->notes, err, "imported %s as age key %s",
				    text_printable(value->name).text,
				    text_printable(value->bytes).text);
	if (value->entry == NIX_PGP_KEY)
		return names_printf(answer->notes, err, "imported %s as PGP key %s",
				    text_printable(value->name).text,
				    text_printable(value->bytes).text);
	return values_put(answer->values, value, err);
}

int nix_answer_take(struct nix_answer *answer, struct span rest, struct error *err)
{
	struct value value;

	while (values_take(&rest, &value))
		if (nix_take(answer, &value, err) < 0)
			return -1;
	answer->starts[answer->files] = answer->values->len;
	return rest.len == 0 && answer->files == answer->end
		       ? 0
		       : error_set(err, ERROR_BUG, "a child's answer is no answer");
}
