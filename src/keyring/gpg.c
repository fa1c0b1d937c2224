/* SPDX-License-Identifier: MIT */
#include "programs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

/* What gpg is given of a fingerprint as a trusted key: old versions take no longer ones. */
#define KEY_ID_LEN ((size_t)16)

/* What gpg, its agent and pinentry ask for; nothing else of ours (SOPS_AGE_KEY!) reaches them. */
static const char *const passed[] = {
	"HOME",
	"GNUPGHOME",
	"PATH",
	"GPG_TTY",
	"TERM",
	"DISPLAY",
	"WAYLAND_DISPLAY",
	"XAUTHORITY",
	"XDG_RUNTIME_DIR",
	"DBUS_SESSION_BUS_ADDRESS",
	"PINENTRY_USER_DATA",
	"USER",
	"LOGNAME",
	"LANG",
	"LC_ALL",
	"LC_CTYPE",
	"LC_MESSAGES",
	"TMPDIR",
};
#define PASSED (sizeof(passed) / sizeof(*passed))

struct environment {
	char *entries[PASSED + 1];
};

static void environment_release(struct environment *environment)
{
	for (size_t i = 0; environment->entries[i]; i++)
		free(environment->entries[i]);
}

static int make_environment(struct environment *environment, struct error *err)
{
	size_t len = 0;

	for (size_t i = 0; i < PASSED; i++) {
		const char *value = getenv(passed[i]);

		if (!value)
			continue;
		if (asprintf(&environment->entries[len], "%s=%s", passed[i], value) < 0) {
			environment->entries[len] = NULL;
			return error_memory(err);
		}
		len++;
	}
	return 0;
}

static const char *program(void)
{
	const char *named = getenv("SOPS_GPG_EXEC");

	return named && named[0] != '\0' ? named : "gpg";
}

/* How much of what gpg says is looked at, from the end. */
#define SAID_MAX 2048

/* The last line that gpg wrote, without "gpg: ": why it could not. Empty where it said nothing. */
static struct text_shown last_words(int fd)
{
	char said[SAID_MAX];
	const off_t end = lseek(fd, 0, SEEK_END);
	const off_t start = end > SAID_MAX ? end - SAID_MAX : 0;
	const ssize_t len = end > 0 ? pread(fd, said, sizeof(said), start) : 0;
	struct span rest = span_of(said, len > 0 ? (size_t)len : 0), line, last = SPAN_INIT;

	while (span_take_line(&rest, &line)) {
		line = span_trim(line);
		if (span_starts_with(line, "gpg: "))
			line = span_slice(line, 5, line.len);
		if (line.len > 0)
			last = line;
	}
	return text_printable(last);
}

static int refused(const char *program, int status, int errors_fd, struct error *err)
{
	const struct text_shown why = last_words(errors_fd);

	return error_set(err, ERROR_NO_KEY, "\"%s\" ended with status %d%s%s%s",
			 text_printable_text(program).text, status,
			 status == 0 ? " and no output" : "", why.text[0] != '\0' ? ": " : "",
			 why.text);
}

/* With ret_output, it must write something. */
static int run_gpg(const char *const *argv, struct span input, size_t max,
		   struct secret *ret_output, struct error *err)
{
	AUTO(secret) unwanted = SECRET_INIT;
	struct secret *const output = ret_output != NULL ? ret_output : &unwanted;
	AUTO(environment) environment = { { NULL } };
	struct child_command command = { .argv = argv, .input = input, .clean = true };
	AUTO_FD int errors_fd = memfd_create("gpg", MFD_CLOEXEC);
	int status;

	if (errors_fd < 0)
		return error_sys(err, "cannot make a file in memory");
	command.errors_fd = errors_fd;
	if (make_environment(&environment, err) < 0)
		return -1;
	command.environment = (const char *const *)environment.entries;
	if (child_run(&command, max, output, &status, err) < 0)
		return -1;
	if (status == 0 && (output == &unwanted || output->len > 0))
		return 0;
	return refused(argv[0], status, errors_fd, err);
}

/* Hexadecimal, perhaps with "!": who asks parses foreign bytes, and this becomes gpg's argument. */
static bool is_fingerprint(const char *text)
{
	const size_t digits = strspn(text, "0123456789abcdefABCDEF");

	return digits > 0 && strcmp(text + digits, text[digits] ? "!" : "") == 0;
}

int program_gpg_seal(const char *fingerprint, struct span plain, struct secret *ret_output,
		     struct error *err)
{
	const size_t len = strlen(fingerprint);
	/* "!" at the end counts for nothing */
	const size_t id_len = KEY_ID_LEN + (len > 0 && fingerprint[len - 1] == '!' ? 1 : 0);
	const char *id = fingerprint + (len > id_len ? len - id_len : 0);
	const char *const argv[] = {
		program(),   "--no-default-recipient", "--yes", "--encrypt",       "-a", "-r",
		fingerprint, "--trusted-key",          id,      "--no-encrypt-to", NULL
	};

	if (!is_fingerprint(fingerprint))
		return error_set(err, ERROR_FORMAT, "no fingerprint");
	return run_gpg(argv, plain, PROGRAM_MESSAGE_MAX, ret_output, err);
}

int program_gpg_open(struct span message, struct secret *ret_output, struct error *err)
{
	const char *const argv[] = { program(), "-d", NULL };

	return run_gpg(argv, message, PROGRAM_PLAIN_MAX, ret_output, err);
}

int program_gpg_import(struct span key, struct error *err)
{
	const char *const argv[] = {
		program(),  "--batch", "--no-tty", "--quiet", "--no-auto-check-trustdb",
		"--import", NULL
	};

	return run_gpg(argv, key, PROGRAM_MESSAGE_MAX, NULL, err);
}
