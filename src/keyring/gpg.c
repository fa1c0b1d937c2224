/* SPDX-License-Identifier: MIT */
#include "keyring/gpg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/child.h"
#include "util/file.h"
#include "util/process.h"
#include "util/text.h"

/* A data key or a share of it, and a message that holds one. */
#define PLAIN_MAX ((size_t)4096)
#define MESSAGE_MAX ((size_t)256 << 10)
#define FINGERPRINT_MAX 72
/* What gpg is given of a fingerprint as a trusted key: old versions take no longer ones. */
#define KEY_ID_LEN ((size_t)16)

/* One question: what to do, and the bytes that follow. */
struct request {
	char fingerprint[FINGERPRINT_MAX]; /* to seal to; "": open */
	size_t len;
};

/* Its answer: the output, or an error's message. */
struct answer {
	enum error_kind kind; /* ERROR_NONE: it was done */
	size_t len;
};

bool keyring_gpg_is_needed(struct span text)
{
	for (size_t i = 0; i + 3 <= text.len; i++)
		if ((text.data[i] | 0x20) == 'p' && (text.data[i + 1] | 0x20) == 'g' &&
		    (text.data[i + 2] | 0x20) == 'p')
			return true;
	return false;
}

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

static int run_gpg(const char *const *argv, struct span input, size_t max,
		   struct secret *ret_output, struct error *err)
{
	AUTO(environment) environment = { { NULL } };
	struct child_command command = {
		.argv = argv, .input = input, .quiet = true, .clean = true
	};
	int status;

	if (make_environment(&environment, err) < 0)
		return -1;
	command.environment = (const char *const *)environment.entries;
	if (child_run(&command, max, ret_output, &status, err) < 0)
		return -1;
	if (status == 0 && ret_output->len > 0)
		return 0;
	return error_set(err, ERROR_NO_KEY, "\"%s\" ended with status %d%s",
			 text_printable_text(argv[0]).text, status,
			 status == 0 ? " and no output" : "");
}

static int run_seal(const char *fingerprint, struct span plain, struct secret *ret_output,
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

	return run_gpg(argv, plain, MESSAGE_MAX, ret_output, err);
}

static int run_open(struct span message, struct secret *ret_output, struct error *err)
{
	const char *const argv[] = { program(), "-d", NULL };

	return run_gpg(argv, message, PLAIN_MAX, ret_output, err);
}

/* All len bytes; false at the end. */
static bool receive(int fd, void *data, size_t len)
{
	uint8_t *to = data;

	while (len > 0) {
		const ssize_t got = read(fd, to, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		len -= (size_t)got;
	}
	return true;
}

static bool receive_secret(int fd, size_t len, struct secret *out, struct error *err)
{
	if (secret_reserve(out, len > 0 ? len : 1, err) < 0 || !receive(fd, out->data, len))
		return false;
	out->len = len;
	return true;
}

/* Hexadecimal, perhaps with "!": who asks parses foreign bytes, and this becomes gpg's argument. */
static bool is_fingerprint(const char text[FINGERPRINT_MAX])
{
	const size_t digits = strspn(text, "0123456789abcdefABCDEF");

	return digits > 0 && strcmp(text + digits, text[digits] ? "!" : "") == 0;
}

static int serve_one(const struct request *request, struct span input, struct secret *ret_output,
		     struct error *err)
{
	if (request->fingerprint[0] == '\0')
		return run_open(input, ret_output, err);
	if (!is_fingerprint(request->fingerprint))
		return error_set(err, ERROR_FORMAT, "no fingerprint");
	return run_seal(request->fingerprint, input, ret_output, err);
}

/* Answers one question; false when there are no more. */
static bool serve(int fd)
{
	AUTO(secret) input = SECRET_INIT;
	AUTO(secret) output = SECRET_INIT;
	struct error err = ERROR_INIT, unsent = ERROR_INIT;
	struct request request;
	struct answer answer = { ERROR_NONE, 0 };
	struct span bytes;

	if (!receive(fd, &request, sizeof(request)) || request.len > MESSAGE_MAX ||
	    !receive_secret(fd, request.len, &input, &err))
		return false;
	request.fingerprint[FINGERPRINT_MAX - 1] = '\0';
	if (serve_one(&request, secret_span(&input), &output, &err) == 0) {
		bytes = secret_span(&output);
	} else {
		bytes = span_of_text(err.message);
		answer.kind = err.kind;
	}
	answer.len = bytes.len;
	return file_write_all(fd, span_of(&answer, sizeof(answer)), "socket", &unsent) == 0 &&
	       file_write_all(fd, bytes, "socket", &unsent) == 0;
}

static int lost(struct error *err)
{
	return error_set(err, ERROR_SYSTEM, "the process that runs gpg is gone");
}

static int ask(int fd, const struct request *request, struct span input, struct secret *ret_output,
	       struct error *err)
{
	AUTO(secret) output = SECRET_INIT;
	struct error unsent = ERROR_INIT;
	struct answer answer;

	if (file_write_all(fd, span_of(request, sizeof(*request)), "socket", &unsent) < 0 ||
	    file_write_all(fd, input, "socket", &unsent) < 0 ||
	    !receive(fd, &answer, sizeof(answer)) || answer.len > MESSAGE_MAX)
		return lost(err);
	if (!receive_secret(fd, answer.len, &output, &unsent))
		return unsent.kind == ERROR_NONE ? lost(err) : error_memory(err);
	if (answer.kind != ERROR_NONE)
		return error_set(err, answer.kind, "%.*s", SPAN_PRINT(secret_span(&output)));
	*ret_output = secret_move(&output);
	return 0;
}

static int seal(void *context, const char *fingerprint, struct span plain, struct buf *ret_enc,
		struct error *err)
{
	const struct keyring_gpg *gpg = context;
	AUTO(secret) message = SECRET_INIT;
	struct request request = { .len = plain.len };

	if (strlen(fingerprint) >= sizeof(request.fingerprint))
		return error_set(err, ERROR_FORMAT, "the fingerprint is too long");
	memcpy(request.fingerprint, fingerprint, strlen(fingerprint) + 1);
	if (ask(gpg->fd, &request, plain, &message, err) < 0)
		return error_hint(err, "\"gpg --list-keys\" lists the keys that gpg can seal to");
	/* sops keeps it without the line break at its end */
	return buf_append_span(ret_enc, span_trim(secret_span(&message)), err);
}

static int open_message(void *context, struct span enc, struct secret *ret_plain, struct error *err)
{
	const struct keyring_gpg *gpg = context;
	const struct request request = { .len = enc.len };

	if (enc.len > MESSAGE_MAX)
		return error_set(err, ERROR_LIMIT, "the PGP message is too long");
	if (ask(gpg->fd, &request, enc, ret_plain, err) == 0)
		return 0;
	/* no gpg, no key: another key of the group may do */
	if (err->kind == ERROR_SYSTEM)
		err->kind = ERROR_NO_KEY;
	return -1;
}

/* Keeps no other descriptor: locks and outputs are their owner's. */
static NORETURN void serve_all(int end)
{
	const int fd = end > 3 ? dup3(end, 3, O_CLOEXEC) : end;

	if (fd >= 0 && close_range((unsigned)fd + 1, ~0u, 0) == 0) {
		process_lock_memory(); /* which is not inherited */
		while (serve(fd))
			;
	}
	_exit(0);
}

int keyring_gpg_start(struct keyring_gpg *gpg, struct error *err)
{
	int ends[2];
	pid_t pid;

	if (gpg->fd >= 0)
		return 0;
	fflush(NULL);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_sys(err, "cannot make a socket");
	pid = fork();
	if (pid == 0)
		serve_all(ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return error_sys(err, "cannot start a child process");
	}
	gpg->fd = ends[0];
	gpg->pid = pid;
	return 0;
}

const struct sops_programs *keyring_gpg_use(struct keyring_gpg *gpg)
{
	if (gpg->fd < 0)
		return NULL;
	gpg->pgp = (struct sops_programs){ seal, open_message, gpg };
	return &gpg->pgp;
}

void keyring_gpg_release(struct keyring_gpg *gpg)
{
	if (gpg->fd >= 0)
		close(gpg->fd);
	while (gpg->pid > 0 && waitpid(gpg->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*gpg = KEYRING_GPG_INIT;
}
