/* SPDX-License-Identifier: MIT */
/* Files of lines: variables, and units. All that is no secret stays as it is. */
#include "openclaw/edit.h"
#include "openclaw/known.h"
#include "openclaw/settings.h"
#include "util/text.h"

void edit_values(const struct seal_plan *plan, struct search_values *ret_values)
{
	*ret_values = (struct search_values){ .len = 0 };
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].value.len >= EDIT_VALUE_LEN_MIN)
			search_add(ret_values, plan->places[i].value);
}

bool edit_holds_secret(struct span text, const struct seal_plan *plan)
{
	struct search_values values;

	edit_values(plan, &values);
	return search_text(text, &values);
}

/* Up to the next line break, which is part of it. */
static struct span take_raw_line(struct span *text)
{
	const uint8_t *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
	const size_t len = end ? (size_t)(end - text->data) + 1 : text->len;
	const struct span line = span_slice(*text, 0, len);

	*text = span_slice(*text, len, text->len);
	return line;
}

/* A comment that holds one of the values, or seems to hold another: old lines, put out of use. */
static int goes(struct span line, const struct search_values *values, bool *ret_goes,
		struct error *err)
{
	*ret_goes = line_is_comment(line) && search_text(line, values);
	if (*ret_goes || !line_is_comment(line))
		return 0;
	return line_tells_secret(line, ret_goes, err);
}

/* Copies all but comments that hold a secret. What another variable has is not ours to drop. */
static int copy_lines(struct span text, const struct search_values *values, struct secret *out,
		      struct error *err)
{
	while (text.len > 0) {
		const struct span line = take_raw_line(&text);
		bool is_gone;

		if (goes(line, values, &is_gone, err) < 0 ||
		    (!is_gone && secret_append_span(out, line, err) < 0))
			return -1;
	}
	return 0;
}

/* Which of the lines that copy_lines() has before it go. */
static int name_lines(const char *path, size_t number, struct span text,
		      const struct search_values *values, struct secret *answer, struct error *err)
{
	for (; text.len > 0; number++) {
		const struct span line = take_raw_line(&text);
		AUTO(buf) name = BUF_INIT;
		bool is_gone;

		if (goes(line, values, &is_gone, err) < 0)
			return -1;
		if (is_gone &&
		    (buf_printf(&name, err, "%s, line %zu: a comment with a secret in it\n",
				text_printable_text(path).text, number) < 0 ||
		     secret_append_span(answer, buf_span(&name), err) < 0))
			return -1;
	}
	return 0;
}

/* What was read between two states of a text of which the second is the rest of the first. */
static struct span between(struct span before, struct span after)
{
	return span_slice(before, 0, before.len - after.len);
}

/* The first count lines. */
static struct span lines_before(struct span text, size_t count)
{
	struct span rest = text;

	while (count-- > 0)
		(void)take_raw_line(&rest);
	return between(text, rest);
}

int edit_settings(struct span text, const struct seal_plan *plan, struct secret *ret_text,
		  struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	struct search_values values;
	struct setting setting;
	struct span rest = text;
	size_t line = 0;

	edit_values(plan, &values);
	for (;;) {
		const struct span before = rest;
		const size_t line_before = line;
		const bool more = settings_take(&rest, &line, &setting);
		struct span read = between(before, rest);

		if (!more) {
			/* what is behind the last one */
			if (copy_lines(read, &values, &out, err) < 0)
				return -1;
			break;
		}
		for (size_t i = line_before + 1; i < setting.line; i++)
			if (copy_lines(take_raw_line(&read), &values, &out, err) < 0)
				return -1;
		if (known_variable(setting.name) && setting.value.len > 0 &&
		    !span_starts_with(setting.value, "${"))
			continue;
		/* of a value over lines none is a comment */
		if (secret_append_span(&out, read, err) < 0)
			return -1;
	}
	*ret_text = secret_move(&out);
	return 0;
}

int edit_comments(const char *path, struct span text, const struct seal_plan *plan,
		  struct secret *answer, struct error *err)
{
	struct search_values values;
	struct setting setting;
	size_t line = 0;
	bool more = true;

	edit_values(plan, &values);
	while (more) {
		const struct span before = text;
		const size_t first = line + 1;
		struct span read;

		more = settings_take(&text, &line, &setting);
		read = between(before, text);
		if (more)
			read = lines_before(read, setting.line - first);
		if (name_lines(path, first, read, &values, answer, err) < 0)
			return -1;
	}
	return 0;
}

/* --- Units --- */

static bool is_secret_word(struct span word)
{
	const uint8_t *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;
	const struct span name =
		equals ? span_slice(word, 0, (size_t)(equals - word.data)) : SPAN_INIT;

	return equals != NULL && known_variable(name) && word.len > name.len + 1;
}

/* The words that stay, as they are spelled; *ret_any: did one go? */
static int keep_words(struct span value, struct secret *kept, bool *ret_any, struct error *err)
{
	AUTO(secret) word = SECRET_INIT;
	bool more;

	*ret_any = false;
	for (;;) {
		const struct span before = value;

		if (unit_take_word(&value, &word, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (is_secret_word(secret_span(&word))) {
			*ret_any = true;
			continue;
		}
		if ((kept->len > 0 && secret_append_text(kept, " ", err) < 0) ||
		    secret_append_span(kept, span_trim(between(before, value)), err) < 0)
			return -1;
	}
}

/* A setting as it is, or, where a word of it goes, on one line with what is left. */
static int copy_setting(const struct unit_line *line, struct span raw, struct secret *out,
			struct error *err)
{
	AUTO(secret) kept = SECRET_INIT;
	bool any = false;

	if (span_equal_text(line->section, "Service") &&
	    span_equal_text(line->key, "Environment") &&
	    keep_words(secret_span(&line->value), &kept, &any, err) < 0)
		return -1;
	if (!any)
		return secret_append_span(out, raw, err);
	if (kept.len == 0)
		return 0;
	if (secret_append_text(out, "Environment=", err) < 0 ||
	    secret_append_span(out, secret_span(&kept), err) < 0)
		return -1;
	return secret_append_text(out, "\n", err);
}

int edit_unit(struct span text, struct secret *ret_text, struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text unit = { .rest = text };
	bool more;

	for (;;) {
		const struct span before = unit.rest;
		const size_t line_before = unit.line;
		struct span read;

		if (unit_take(&unit, &line, &more, err) < 0)
			return -1;
		read = between(before, unit.rest);
		for (size_t i = line_before + 1; more && i < line.line; i++)
			if (secret_append_span(&out, take_raw_line(&read), err) < 0)
				return -1;
		if (!more) {
			if (secret_append_span(&out, read, err) < 0)
				return -1;
			break;
		}
		if (copy_setting(&line, read, &out, err) < 0)
			return -1;
	}
	*ret_text = secret_move(&out);
	return 0;
}
