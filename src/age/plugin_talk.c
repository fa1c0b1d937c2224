/* SPDX-License-Identifier: MIT */
#include "plugin_talk.h"

#include <stdio.h>
#include <string.h>

#include "util/codec.h"
#include "util/text.h"

#define COLUMNS 64
#define LINE_LEN 48 /* bytes in a full line of base64 */
#define CHOICE_MAX ((size_t)96)

int plugin_put_body(struct secret *out, struct span body, struct error *err)
{
	/* the last line is short, if need be empty */
	for (size_t offset = 0; offset <= body.len; offset += LINE_LEN) {
		const struct span part = span_slice(body, offset, LINE_LEN);
		const size_t len = codec_base64_len(part.len, CODEC_BASE64_UNPADDED);

		if (secret_grow(out, len + 1, err) < 0)
			return -1;
		codec_base64_encode(part, CODEC_BASE64_UNPADDED, (char *)out->data + out->len);
		out->len += len;
		out->data[out->len++] = '\n';
	}
	return 0;
}

int plugin_put(struct secret *out, const char *command, struct span argument, struct span body,
	       struct error *err)
{
	if (secret_append_text(out, "-> ", err) < 0 || secret_append_text(out, command, err) < 0 ||
	    (argument.len > 0 && (secret_append_text(out, " ", err) < 0 ||
				  secret_append_span(out, argument, err) < 0)) ||
	    secret_append_text(out, "\n", err) < 0)
		return -1;
	return plugin_put_body(out, body, err);
}

int plugin_talk_start(struct plugin_talk *talk, const struct age_plugins *plugins, const char *name,
		      const char *machine, struct error *err)
{
	talk->plugins = plugins;
	talk->name = name;
	if (secret_reserve(&talk->in, AGE_PLUGIN_LINE_MAX, err) < 0 ||
	    secret_reserve(&talk->body, AGE_PLUGIN_BODY_MAX, err) < 0 ||
	    plugins->start(plugins->context, name, machine, err) < 0)
		return -1;
	talk->started = true;
	return 0;
}

/* It is gone before it was done; what was refused it may be why. */
static int ended(struct plugin_talk *talk, struct error *err)
{
	const int status = talk->plugins->end(talk->plugins->context);

	talk->started = false;
	error_set(err, ERROR_DENIED, "it ended (status %d) before it was done", status);
	if (talk->unanswered.kind == ERROR_NONE)
		return error_hint(err, "with AGEDEBUG=plugin, what it writes to stderr is shown");
	error_set(err, ERROR_DENIED, "%s", talk->unanswered.message);
	return error_hint(err, "%s", talk->unanswered.hint);
}

int plugin_talk_send(struct plugin_talk *talk, struct span text, struct error *err)
{
	bool taken;

	if (talk->plugins->write(talk->plugins->context, text, &taken, err) < 0)
		return -1;
	return taken ? 0 : ended(talk, err);
}

static int answer_with(struct plugin_talk *talk, const char *answer, struct span body,
		       struct error *err)
{
	AUTO(secret) out = SECRET_INIT;

	if (plugin_put(&out, answer, SPAN_INIT, body, err) < 0)
		return -1;
	return plugin_talk_send(talk, secret_span(&out), err);
}

int plugin_talk_answer(struct plugin_talk *talk, const char *answer, struct error *err)
{
	return answer_with(talk, answer, SPAN_INIT, err);
}

/* Who waits is told once a command; *left is the time that there is for the whole of it. */
static int wait_longer(struct plugin_talk *talk, bool *told, unsigned *left, struct error *err)
{
	char message[AGE_PLUGIN_NAME_MAX + 32];

	if (*told)
		return error_set(err, ERROR_LIMIT, "it said nothing for %u seconds",
				 AGE_PLUGIN_NOTICE_SECONDS + AGE_PLUGIN_SILENCE_SECONDS);
	*told = true;
	*left = AGE_PLUGIN_SILENCE_SECONDS * 1000;
	snprintf(message, sizeof(message), "waiting for " AGE_PLUGIN_PREFIX "%s", talk->name);
	/* nobody to tell is no error */
	return age_prompt_tell(talk->plugins->prompt, message, err);
}

struct patience {
	unsigned left; /* milliseconds */
	bool told;
};

/* Reads more behind what there is. */
static int fill(struct plugin_talk *talk, struct patience *patience, struct error *err)
{
	const struct age_plugins *plugins = talk->plugins;
	struct secret *in = &talk->in;
	size_t len = 0;

	if (talk->start > 0) {
		in->len -= talk->start;
		memmove(in->data, in->data + talk->start, in->len);
		talk->start = 0;
	}
	if (in->len == AGE_PLUGIN_LINE_MAX)
		return error_set(err, ERROR_LIMIT, "it sent a line of more than %zu KiB",
				 AGE_PLUGIN_LINE_MAX >> 10);
	for (;;) {
		bool silent = false;

		if (plugins->read(plugins->context, &patience->left, in->data + in->len,
				  AGE_PLUGIN_LINE_MAX - in->len, &len, &silent, err) < 0)
			return -1;
		if (!silent)
			break;
		if (wait_longer(talk, &patience->told, &patience->left, err) < 0)
			return -1;
	}
	in->len += len;
	return len > 0 ? 0 : ended(talk, err);
}

/* Borrowed until the next call. */
static int read_line(struct plugin_talk *talk, struct patience *patience, struct span *ret_line,
		     struct error *err)
{
	struct span rest = SPAN_INIT;
	const uint8_t *end = NULL;

	for (;;) {
		rest = span_slice(secret_span(&talk->in), talk->start, SIZE_MAX);
		end = rest.len > 0 ? memchr(rest.data, '\n', rest.len) : NULL;
		if (end)
			break;
		if (fill(talk, patience, err) < 0)
			return -1;
	}
	*ret_line = span_of(rest.data, (size_t)(end - rest.data));
	talk->start += ret_line->len + 1;
	return 0;
}

static int no_command(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "it does not keep to the protocol of plugins");
}

static int read_body(struct plugin_talk *talk, struct patience *patience, struct error *err)
{
	size_t len = LINE_LEN;
	struct span line;

	secret_truncate(&talk->body, 0);
	while (len == LINE_LEN) {
		/* what decodes a line wants a little more room than it fills */
		if (talk->body.len + LINE_LEN + 3 > AGE_PLUGIN_BODY_MAX)
			return error_set(err, ERROR_LIMIT, "it sent a body of more than %zu KiB",
					 AGE_PLUGIN_BODY_MAX >> 10);
		if (read_line(talk, patience, &line, err) < 0)
			return -1;
		if (line.len > COLUMNS ||
		    !codec_base64_decode(line, CODEC_BASE64_UNPADDED,
					 talk->body.data + talk->body.len,
					 AGE_PLUGIN_BODY_MAX - talk->body.len, &len))
			return no_command(err);
		talk->body.len += len;
	}
	return 0;
}

static int read_command(struct plugin_talk *talk, struct age_stanza *ret_command, struct error *err)
{
	struct patience patience = { AGE_PLUGIN_NOTICE_SECONDS * 1000, false };
	const char *text;
	struct span line;

	if (talk->commands++ == AGE_PLUGIN_COMMANDS_MAX)
		return error_set(err, ERROR_LIMIT, "it sent more than %d commands",
				 AGE_PLUGIN_COMMANDS_MAX);
	buf_clear(&talk->opening);
	if (read_line(talk, &patience, &line, err) < 0 ||
	    buf_append_span(&talk->opening, line, err) < 0 ||
	    buf_text(&talk->opening, &text, err) < 0)
		return -1;
	if (!age_stanza_parse_opening(buf_span(&talk->opening), ret_command))
		return no_command(err);
	if (read_body(talk, &patience, err) < 0)
		return -1;
	ret_command->body = secret_span(&talk->body);
	return 0;
}

/* "age-plugin-NAME: what it says", to be shown, without a colon at the end. */
static int shown_words(const struct plugin_talk *talk, struct span words, struct buf *shown,
		       const char **ret_text, struct error *err)
{
	words = span_trim(words);
	while (span_ends_with(words, ":"))
		words.len--;
	if (buf_printf(shown, err, AGE_PLUGIN_PREFIX "%s: %s", talk->name,
		       text_printable(words).text) < 0)
		return -1;
	return buf_text(shown, ret_text, err);
}

/* Nobody was there to be asked, or would not answer: the plugin decides what comes of it. */
static int answer_fail(struct plugin_talk *talk, const struct error *why, struct error *err)
{
	if (why->kind == ERROR_SYSTEM) {
		*err = *why;
		return -1;
	}
	if (talk->unanswered.kind == ERROR_NONE) {
		talk->unanswered = *why;
		/* a file of passphrases would not help */
		talk->unanswered.hint[0] = '\0';
		if (why->kind == ERROR_DENIED)
			(void)error_hint(&talk->unanswered, "run it on a terminal");
	}
	return plugin_talk_answer(talk, "fail", err);
}

static int take_message(struct plugin_talk *talk, const struct age_stanza *command,
			struct error *err)
{
	AUTO(buf) shown = BUF_INIT;
	struct error why = ERROR_INIT;
	const char *text;

	if (shown_words(talk, command->body, &shown, &text, err) < 0)
		return -1;
	if (!talk->plugins->prompt)
		return plugin_talk_answer(talk, "fail", err);
	/* nothing said is nothing to be shown */
	if (span_trim(command->body).len > 0 &&
	    age_prompt_tell(talk->plugins->prompt, text, &why) < 0)
		return answer_fail(talk, &why, err);
	return plugin_talk_answer(talk, "ok", err);
}

static int take_question(struct plugin_talk *talk, const struct age_stanza *command,
			 enum age_question kind, struct error *err)
{
	AUTO(buf) shown = BUF_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct error why = ERROR_INIT;
	const char *text;

	if (shown_words(talk, command->body, &shown, &text, err) < 0)
		return -1;
	if (age_prompt_ask(talk->plugins->prompt, kind, text, &answer, &why) < 0)
		return answer_fail(talk, &why, err);
	return answer_with(talk, "ok", secret_span(&answer), err);
}

/* What stands on a button: base64 in the command. */
static bool read_choice(struct span *arguments, struct text_shown *ret_choice)
{
	uint8_t bytes[CHOICE_MAX + 3];
	struct span argument;
	size_t len;

	if (!age_stanza_argument(arguments, &argument) ||
	    !codec_base64_decode(argument, CODEC_BASE64_UNPADDED, bytes, sizeof(bytes), &len) ||
	    len > CHOICE_MAX)
		return false;
	*ret_choice = text_printable(span_of(bytes, len));
	return true;
}

static int take_confirm(struct plugin_talk *talk, const struct age_stanza *command,
			struct error *err)
{
	AUTO(buf) shown = BUF_INIT;
	struct span arguments = command->arguments;
	const bool has_no = arguments.len > 0 && memchr(arguments.data, ' ', arguments.len);
	struct text_shown yes, no;
	struct error why = ERROR_INIT;
	const char *text;
	bool chosen;

	if (!read_choice(&arguments, &yes) || (has_no && !read_choice(&arguments, &no)) ||
	    arguments.len > 0)
		return no_command(err);
	if (shown_words(talk, command->body, &shown, &text, err) < 0)
		return -1;
	if (age_prompt_confirm(talk->plugins->prompt, text, yes.text, has_no ? no.text : NULL,
			       &chosen, &why) < 0)
		return answer_fail(talk, &why, err);
	return plugin_talk_answer(talk, chosen ? "ok yes" : "ok no", err);
}

/* Its own words, of whatever it says went wrong. */
static int take_error(struct plugin_talk *talk, const struct age_stanza *command, struct error *err)
{
	const struct text_shown words = text_printable(span_trim(command->body));
	struct error unheard = ERROR_INIT;

	/* it may be gone already */
	(void)!plugin_talk_answer(talk, "ok", &unheard);
	if (talk->unanswered.kind == ERROR_NONE)
		return error_set(err, ERROR_DENIED, "%s", words.text);
	error_set(err, ERROR_DENIED, "%s (%s)", words.text, talk->unanswered.message);
	return error_hint(err, "%s", talk->unanswered.hint);
}

int plugin_talk_next(struct plugin_talk *talk, struct age_stanza *ret_command, struct error *err)
{
	struct age_stanza command;
	int result = 0;

	while (result == 0) {
		if (read_command(talk, &command, err) < 0)
			return -1;
		if (span_equal_text(command.type, "msg"))
			result = take_message(talk, &command, err);
		else if (span_equal_text(command.type, "request-secret"))
			result = take_question(talk, &command, AGE_ASK_SECRET, err);
		else if (span_equal_text(command.type, "request-public"))
			result = take_question(talk, &command, AGE_ASK_TEXT, err);
		else if (span_equal_text(command.type, "confirm"))
			result = take_confirm(talk, &command, err);
		else if (span_equal_text(command.type, "error"))
			return take_error(talk, &command, err);
		else
			break;
	}
	*ret_command = command;
	return result;
}

void plugin_talk_release(struct plugin_talk *talk)
{
	if (talk->started)
		(void)talk->plugins->end(talk->plugins->context);
	secret_release(&talk->in);
	secret_release(&talk->body);
	buf_release(&talk->opening);
	*talk = PLUGIN_TALK_INIT;
}
