/* SPDX-License-Identifier: MIT */
#include "keyring/prompt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "util/file.h"
#include "util/text.h"
#include "util/tty.h"

/* The first line, without its end: what an editor or echo put behind it is none of it. */
static int keep_line(struct keyring_prompt *prompt, const struct secret *file, struct error *err)
{
	struct span rest = secret_span(file), line = SPAN_INIT;

	(void)span_take_line(&rest, &line);
	if (span_ends_with(line, "\r"))
		line.len--;
	if (span_trim(rest).len > 0)
		return error_set(err, ERROR_FORMAT, "it holds more than one line");
	if (line.len == 0)
		return error_set(err, ERROR_EMPTY, "it holds no passphrase");
	return secret_append_span(&prompt->passphrase, line, err);
}

/* A pipe (process substitution) is waited for; a device or socket may never end. */
static int check_kind(struct keyring_prompt *prompt, int fd, const char *path, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at it");
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
		return error_set(err, ERROR_DENIED, "it is neither a regular file nor a pipe");
	if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRGRP | S_IROTH)) != 0)
		return buf_printf(&prompt->warning, err,
				  "the passphrase in \"%s\" can be read by others (mode %04o)",
				  text_printable_text(path).text, status.st_mode & 07777u);
	return 0;
}

static int read_passphrase(struct keyring_prompt *prompt, const char *path, struct error *err)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	AUTO(secret) file = SECRET_INIT;

	if (fd < 0)
		return file_fail_open(path, err);
	if (check_kind(prompt, fd, path, err) < 0 ||
	    file_read_fd(fd, path, KEYRING_PASSPHRASE_MAX, &file, err) < 0 ||
	    keep_line(prompt, &file, err) < 0)
		return error_wrap(err, "\"%s\"", text_printable_text(path).text);
	prompt->has_passphrase = true;
	return 0;
}

void keyring_prompt_open(struct keyring_prompt *ret_prompt)
{
	const char *path = getenv(KEYRING_PASSPHRASE_VARIABLE);
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;

	if (path && path[0] != '\0' && read_passphrase(&prompt, path, &prompt.problem) < 0)
		(void)error_wrap(&prompt.problem, KEYRING_PASSPHRASE_VARIABLE);
	prompt.terminal = tty_open();
	if (prompt.terminal >= 0)
		prompt.answers = keyring_answers_new();
	*ret_prompt = prompt;
	prompt = KEYRING_PROMPT_INIT;
}

static int no_terminal(const struct keyring_prompt *prompt, const char *question, struct error *err)
{
	return prompt->terminal < 0 ? age_prompt_fail(question, err) : 0;
}

static int make_text(struct buf *text, const char **ret_text, const char *question,
		     const char *behind, struct error *err)
{
	return buf_printf(text, err, "%s%s", question, behind) < 0 ||
			       buf_text(text, ret_text, err) < 0
		       ? -1
		       : 0;
}

/* tty_read_line_on(), or tty_read_secret_on(): without echo. */
typedef int read_on(int terminal, const char *prompt, struct secret *ret_line, struct error *err);

static int type(const struct keyring_prompt *prompt, const char *question, read_on *read,
		struct secret *ret_answer, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *shown;

	if (no_terminal(prompt, question, err) < 0 ||
	    make_text(&text, &shown, question, ": ", err) < 0)
		return -1;
	return read(prompt->terminal, shown, ret_answer, err);
}

static int type_secret(const struct keyring_prompt *prompt, const char *question,
		       struct secret *ret_answer, struct error *err)
{
	return type(prompt, question, tty_read_secret_on, ret_answer, err);
}

/* Nobody sees what is typed: twice the same, or it is not what was meant. */
static int type_twice(const struct keyring_prompt *prompt, const char *question,
		      struct secret *ret_answer, struct error *err)
{
	AUTO(secret) first = SECRET_INIT;
	AUTO(secret) again = SECRET_INIT;

	if (type_secret(prompt, question, &first, err) < 0)
		return -1;
	if (first.len > 0) {
		if (type_secret(prompt, "Once more", &again, err) < 0)
			return -1;
		if (again.len != first.len || !secret_equal(again.data, first.data, first.len))
			return error_set(err, ERROR_CANCELLED, "two different passphrases");
	}
	*ret_answer = secret_move(&first);
	return 0;
}

static int type_once(const struct keyring_prompt *prompt, const char *question,
		     struct secret *ret_answer, struct error *err)
{
	bool found;

	if (keyring_answers_find(prompt->answers, question, &found, ret_answer, err) < 0)
		return -1;
	if (found)
		return 0;
	if (type_secret(prompt, question, ret_answer, err) < 0)
		return -1;
	keyring_answers_add(prompt->answers, question, secret_span(ret_answer));
	return 0;
}

static int ask(void *context, enum age_question kind, const char *question,
	       struct secret *ret_answer, struct error *err)
{
	const struct keyring_prompt *prompt = context;

	if (kind == AGE_ASK_SECRET)
		return type_secret(prompt, question, ret_answer, err);
	if (kind == AGE_ASK_TEXT)
		return type(prompt, question, tty_read_line_on, ret_answer, err);
	if (prompt->problem.kind != ERROR_NONE) {
		*err = prompt->problem;
		return -1;
	}
	if (prompt->has_passphrase)
		return secret_append_span(ret_answer, secret_span(&prompt->passphrase), err);
	return kind == AGE_ASK_PASSPHRASE ? type_once(prompt, question, ret_answer, err)
					  : type_twice(prompt, question, ret_answer, err);
}

/* Whether answer is the choice of that number. */
static bool is_choice(const struct secret *answer, char number)
{
	return answer->len == 1 && answer->data[0] == (uint8_t)number;
}

static int confirm(void *context, const char *question, const char *yes, const char *no,
		   bool *ret_yes, struct error *err)
{
	const struct keyring_prompt *prompt = context;
	AUTO(secret) answer = SECRET_INIT;
	AUTO(buf) text = BUF_INIT;
	const char *shown;

	if (no_terminal(prompt, question, err) < 0 ||
	    buf_printf(&text, err, "%s\n  1: %s\n%s%s%s", question, yes, no ? "  2: " : "",
		       no ? no : "", no ? "\n" : "") < 0 ||
	    make_text(&text, &shown, no ? "1 or 2" : "1", ": ", err) < 0)
		return -1;
	do {
		secret_release(&answer);
		if (tty_read_line_on(prompt->terminal, shown, &answer, err) < 0)
			return -1;
	} while (!is_choice(&answer, '1') && !(no && is_choice(&answer, '2')));
	*ret_yes = is_choice(&answer, '1');
	return 0;
}

static int tell(void *context, const char *message, struct error *err)
{
	const struct keyring_prompt *prompt = context;
	/* "touch the token" is for whoever reads the log, where there is no terminal */
	const int fd = prompt->terminal < 0 ? STDERR_FILENO : prompt->terminal;

	/* no copy is made: it may hold a passphrase */
	return tty_write_on(fd, message, err) < 0 ? -1 : tty_write_on(fd, "\n", err);
}

const struct age_prompt *keyring_prompt_use(struct keyring_prompt *prompt)
{
	prompt->prompt = (struct age_prompt){ prompt, ask, confirm, tell };
	return &prompt->prompt;
}

void keyring_prompt_release(struct keyring_prompt *prompt)
{
	file_close_pointer(&prompt->terminal);
	keyring_answers_free(prompt->answers);
	secret_release(&prompt->passphrase);
	buf_release(&prompt->warning);
	*prompt = KEYRING_PROMPT_INIT;
}
