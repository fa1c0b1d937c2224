/* SPDX-License-Identifier: MIT */
#include "util/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "util/file.h"

static const int caught_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };
/* How long a terminal may take between the pieces of what is pasted. */
#define PASTE_WAIT_MS 100
#define CAUGHT (sizeof(caught_signals) / sizeof(caught_signals[0]))

/* The signal that came while the echo was off; it is raised again afterwards. */
static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

int tty_open(void)
{
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

bool tty_available(void)
{
	AUTO_FD int fd = tty_open();

	return fd >= 0;
}

/* One line, without its LF; ret_end: there was none. Ends early on a signal that was caught. */
static int read_line(int fd, struct secret *line, bool *ret_end, struct error *err)
{
	*ret_end = false;
	for (;;) {
		uint8_t byte;
		const ssize_t got = read(fd, &byte, 1);

		if (got < 0 && errno == EINTR && caught == 0)
			continue;
		if (got < 0)
			return error_set(err, ERROR_CANCELLED, "interrupted");
		*ret_end = got == 0 && line->len == 0;
		if (got == 0 || byte == '\n')
			return 0;
		if (line->len == TTY_LINE_MAX)
			return error_set(err, ERROR_LIMIT,
					 "a line of the terminal is longer than %d "
					 "bytes",
					 TTY_LINE_MAX);
		if (secret_append(line, &byte, 1, err) < 0)
			return -1;
		secret_wipe(&byte, 1);
	}
}

static int ask(const char *question, const char *choice, const char *hint, struct secret *ret_line,
	       bool *ret_end, struct error *err)
{
	AUTO_FD int fd = tty_open();

	if (fd < 0) {
		error_set(err, ERROR_USAGE, "there is no terminal to ask: %s", question);
		return error_hint(err, "%s", hint);
	}
	return tty_write_on(fd, question, err) < 0 || tty_write_on(fd, choice, err) < 0 ||
			       read_line(fd, ret_line, ret_end, err) < 0
		       ? -1
		       : 0;
}

static bool is_word(const struct secret *line, const char *word)
{
	return (line->len == 1 || line->len == strlen(word)) &&
	       strncasecmp((const char *)line->data, word, line->len) == 0;
}

int tty_confirm(const char *question, const char *hint, bool *ret_yes, struct error *err)
{
	AUTO(secret) line = SECRET_INIT;
	bool end;

	if (ask(question, " [y/N] ", hint, &line, &end, err) < 0)
		return -1;
	*ret_yes = is_word(&line, "yes");
	return 0;
}

int tty_confirm_unless_no(const char *question, bool *ret_yes, struct error *err)
{
	AUTO(secret) line = SECRET_INIT;
	bool end;

	if (ask(question, " [Y/n] ", "", &line, &end, err) < 0)
		return -1;
	if (end)
		return error_set(err, ERROR_CANCELLED, "nobody answered");
	*ret_yes = !is_word(&line, "no");
	return 0;
}

/*
 * Is there more input than the line that was read: was a text of several lines pasted? Then it goes, or it would be
 * the shell's next commands. Without line mode the beginning of a line counts as well, and what comes in pieces
 * is waited for.
 */
static bool drain(int fd, const struct termios *quiet)
{
	struct termios raw = *quiet;
	struct pollfd more = { .fd = fd, .events = POLLIN };
	bool any = false;

	raw.c_lflag &= ~(tcflag_t)ICANON;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSANOW, &raw) < 0)
		return false;
	while (poll(&more, 1, PASTE_WAIT_MS) > 0 && (more.revents & POLLIN) != 0) {
		any = true;
		if (tcflush(fd, TCIFLUSH) < 0)
			break;
	}
	return any;
}

int tty_write_on(int fd, const char *text, struct error *err)
{
	return file_write_all(fd, span_of_text(text), "/dev/tty", err);
}

int tty_read_line_on(int fd, const char *prompt, struct secret *ret_line, struct error *err)
{
	AUTO(secret) line = SECRET_INIT;
	bool end;

	if (tty_write_on(fd, prompt, err) < 0 || read_line(fd, &line, &end, err) < 0)
		return -1;
	if (end)
		return error_set(err, ERROR_CANCELLED, "nobody answered");
	*ret_line = secret_move(&line);
	return 0;
}

int tty_read_secret(const char *prompt, struct secret *ret_line, struct error *err)
{
	AUTO_FD int fd = tty_open();

	return tty_read_secret_on(fd, prompt, ret_line, err);
}

int tty_read_secret_on(int fd, const char *prompt, struct secret *ret_line, struct error *err)
{
	struct sigaction action = { .sa_handler = catch }, old[CAUGHT];
	AUTO(secret) line = SECRET_INIT;
	struct termios before, quiet;
	bool end;
	int result;

	if (fd < 0 || tcgetattr(fd, &before) < 0)
		return error_set(err, ERROR_USAGE, "there is no terminal to type on");
	caught = 0;
	for (size_t i = 0; i < CAUGHT; i++)
		sigaction(caught_signals[i], &action, &old[i]);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	/* the prompt comes after it: whoever sees that can type */
	result = tcsetattr(fd, TCSAFLUSH, &quiet) < 0
			 ? error_sys(err, "cannot turn off the terminal's echo")
			 : tty_write_on(fd, prompt, err);
	if (result == 0)
		result = read_line(fd, &line, &end, err);
	if (drain(fd, &quiet) && result == 0)
		result = error_set(err, ERROR_CANCELLED, "more than one line was typed or pasted");
	tcsetattr(fd, TCSAFLUSH, &before);
	(void)!write(fd, "\n", 1);
	for (size_t i = 0; i < CAUGHT; i++)
		sigaction(caught_signals[i], &old[i], NULL);
	if (caught != 0) {
		raise(caught);
		/* only a signal that is ignored comes back here */
		return result < 0 ? -1 : error_set(err, ERROR_CANCELLED, "interrupted");
	}
	if (result < 0)
		return -1;
	*ret_line = secret_move(&line);
	return 0;
}
