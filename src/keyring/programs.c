/* SPDX-License-Identifier: MIT */
#include "keyring/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "programs_internal.h"
#include "util/file.h"
#include "util/process.h"
#include "util/tty.h"

/* Descriptors that a shell may have given us lie below. */
#define INHERITED_MAX 256u

static bool is_base64(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '/';
}

/* Three letters stand in any long enough text of base64, which every sealed value is: as a word alone. */
static bool has_pgp(struct span text, size_t at)
{
	return at + 3 <= text.len && (text.data[at + 1] | 0x20) == 'g' &&
	       (text.data[at + 2] | 0x20) == 'p' && (at == 0 || !is_base64(text.data[at - 1])) &&
	       (at + 3 == text.len || !is_base64(text.data[at + 3]));
}

/* "age1…1…" in one word, or "AGE-PLUGIN-". */
static bool has_plugin(struct span text, size_t at)
{
	const struct span rest = span_slice(text, at, text.len);

	if (!span_starts_with(rest, "age1"))
		return span_starts_with(rest, "AGE-PLUGIN-");
	for (size_t i = 4; i < rest.len; i++) {
		const uint8_t c = rest.data[i];

		if (c == '1')
			return true;
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      (c != '\0' && strchr("+-._", c))))
			return false;
	}
	return false;
}

bool keyring_programs_are_needed(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (((text.data[i] | 0x20) == 'p' && has_pgp(text, i)) ||
		    ((text.data[i] | 0x20) == 'a' && has_plugin(text, i)))
			return true;
	return false;
}

bool keyring_programs_are_needed_by(struct span identities)
{
	static const char armor[] = "AGE ENCRYPTED FILE";

	return span_starts_with(identities, "age-encryption.org/") ||
	       (identities.len > 0 &&
		memmem(identities.data, identities.len, armor, sizeof(armor) - 1) != NULL) ||
	       keyring_programs_are_needed(identities);
}

bool keyring_programs_are_needed_for(const struct keyring_identities *sources)
{
	for (size_t i = 0; i < sources->len; i++)
		if (keyring_programs_are_needed_by(secret_span(&sources->items[i].bytes)))
			return true;
	return false;
}

/* --- In the process that starts programs --- */

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

/* What that process remembers. */
struct server {
	struct plugin_process plugin;
	bool has_home; /* gpg has one of its own */
};

static int import_key(struct server *server, struct span key, struct error *err)
{
	if (!server->has_home && program_gpg_home(err) < 0)
		return -1;
	server->has_home = true;
	return program_gpg_import(key, err);
}

static int end_plugin(struct plugin_process *plugin, struct secret *ret_output, struct error *err)
{
	const int status = program_plugin_end(plugin);

	return secret_append(ret_output, &status, sizeof(status), err);
}

/* Who asks parses foreign bytes: each task checks what it is given. */
static int serve_one(const struct program_request *request, struct span input,
		     struct server *server, struct secret *ret_output, struct error *err)
{
	struct plugin_process *plugin = &server->plugin;

	switch (request->task) {
	case PROGRAM_GPG_SEAL:
		return program_gpg_seal(request->name, input, ret_output, err);
	case PROGRAM_GPG_OPEN:
		return program_gpg_open(input, ret_output, err);
	case PROGRAM_GPG_IMPORT:
		return import_key(server, input, err);
	case PROGRAM_RECIPIENT_PLUGIN:
		return program_plugin_start(plugin, request->name, "recipient-v1", err);
	case PROGRAM_IDENTITY_PLUGIN:
		return program_plugin_start(plugin, request->name, "identity-v1", err);
	case PROGRAM_PLUGIN_END:
		return end_plugin(plugin, ret_output, err);
	}
	return error_set(err, ERROR_FORMAT, "no task for programs");
}

union control {
	char bytes[CMSG_SPACE(2 * sizeof(int))];
	struct cmsghdr align;
};

/* The answer's first part, and with it a new plugin's pipes, which are then no longer ours. */
static bool send_answer(int fd, const struct program_answer *answer, struct plugin_process *plugin)
{
	union control control = { { 0 } };
	struct iovec part = { (void *)(uintptr_t)answer, sizeof(*answer) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	const int fds[2] = { plugin->to, plugin->from };
	bool sent;

	if (plugin->to >= 0) {
		struct cmsghdr *header = &control.align;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		*header = (struct cmsghdr){ CMSG_LEN(sizeof(fds)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(header), fds, sizeof(fds));
	}
	sent = sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(*answer);
	file_close_pointer(&plugin->to);
	file_close_pointer(&plugin->from);
	return sent;
}

/* Answers one question; false when there are no more. */
static bool serve(int fd, struct server *server)
{
	AUTO(secret) input = SECRET_INIT;
	AUTO(secret) output = SECRET_INIT;
	struct error err = ERROR_INIT, unsent = ERROR_INIT;
	struct program_answer answer = { ERROR_NONE, 0, "" };
	struct program_request request;
	struct span bytes;

	if (!receive(fd, &request, sizeof(request)) || request.len > PROGRAM_MESSAGE_MAX ||
	    !receive_secret(fd, request.len, &input, &err))
		return false;
	request.name[PROGRAM_NAME_MAX - 1] = '\0';
	if (serve_one(&request, secret_span(&input), server, &output, &err) == 0) {
		bytes = secret_span(&output);
	} else {
		bytes = span_of_text(err.message);
		answer.kind = err.kind;
		memcpy(answer.hint, err.hint, sizeof(answer.hint));
	}
	answer.len = bytes.len;
	return send_answer(fd, &answer, &server->plugin) &&
	       file_write_all(fd, bytes, "socket", &unsent) == 0;
}

/* Locks and outputs are their owner's: what of ours is open is closed, and what a shell gave us stays. */
static void close_others(int own)
{
	for (unsigned fd = 3; fd < INHERITED_MAX; fd++) {
		const int flags = fcntl((int)fd, F_GETFD);

		if ((int)fd != own && flags >= 0 && (flags & FD_CLOEXEC))
			close((int)fd);
	}
	close_range((unsigned)own < INHERITED_MAX ? INHERITED_MAX : (unsigned)own + 1, ~0u, 0);
}

/*
 * Signals from the terminal are for the command and for what runs; this one ends when the command does, of
 * whatever, and has then still to end a plugin. What is started gets its signals back.
 */
static void block_signals(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGQUIT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

static NORETURN void serve_all(int fd)
{
	struct server server = { PLUGIN_PROCESS_INIT, false };

	block_signals();
	close_others(fd);
	process_lock_memory(); /* which is not inherited */
	while (serve(fd, &server))
		;
	program_plugin_end(&server.plugin);
	_exit(0);
}

/* --- In the command --- */

static int lost(struct error *err)
{
	return error_set(err, ERROR_SYSTEM, "the process that runs programs is gone");
}

/* The answer's first part, and the two descriptors that came with it. */
static bool receive_answer(int fd, struct program_answer *answer, int fds[2])
{
	union control control;
	struct iovec part = { answer, sizeof(*answer) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	const struct cmsghdr *header;
	ssize_t got;

	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(2 * sizeof(int)))
		memcpy(fds, CMSG_DATA(header), 2 * sizeof(int));
	return got > 0 && receive(fd, (uint8_t *)answer + got, sizeof(*answer) - (size_t)got);
}

static int ask(int fd, const struct program_request *request, struct span input,
	       struct secret *ret_output, int fds[2], struct error *err)
{
	AUTO(secret) output = SECRET_INIT;
	struct error unsent = ERROR_INIT;
	struct program_answer answer;

	if (file_write_all(fd, span_of(request, sizeof(*request)), "socket", &unsent) < 0 ||
	    file_write_all(fd, input, "socket", &unsent) < 0 || !receive_answer(fd, &answer, fds) ||
	    answer.len > PROGRAM_MESSAGE_MAX)
		return lost(err);
	if (!receive_secret(fd, answer.len, &output, &unsent))
		return unsent.kind == ERROR_NONE ? lost(err) : error_memory(err);
	if (answer.kind != ERROR_NONE) {
		error_set(err, answer.kind, "%.*s", SPAN_PRINT(secret_span(&output)));
		return error_hint(err, "%s", answer.hint);
	}
	*ret_output = secret_move(&output);
	return 0;
}

int program_ask(const struct keyring_programs *programs, const struct program_request *request,
		struct span input, struct secret *ret_output, int fds[2], struct error *err)
{
	int unwanted[2] = { -1, -1 };
	const int result = ask(programs->fd, request, input, ret_output, fds ? fds : unwanted, err);

	file_close_pointer(&unwanted[0]);
	file_close_pointer(&unwanted[1]);
	return result;
}

static int seal(void *context, const char *fingerprint, struct span plain, struct buf *ret_enc,
		struct error *err)
{
	const struct keyring_programs *programs = context;
	AUTO(secret) message = SECRET_INIT;
	struct program_request request = { .task = PROGRAM_GPG_SEAL, .len = plain.len };

	if (strlen(fingerprint) >= sizeof(request.name))
		return error_set(err, ERROR_FORMAT, "the fingerprint is too long");
	memcpy(request.name, fingerprint, strlen(fingerprint) + 1);
	if (program_ask(programs, &request, plain, &message, NULL, err) < 0)
		return error_hint(err, "\"gpg --list-keys\" lists the keys that gpg can seal to");
	/* sops keeps it without the line break at its end */
	return buf_append_span(ret_enc, span_trim(secret_span(&message)), err);
}

static int open_message(void *context, struct span enc, struct secret *ret_plain, struct error *err)
{
	const struct keyring_programs *programs = context;
	const struct program_request request = { .task = PROGRAM_GPG_OPEN, .len = enc.len };

	if (enc.len > PROGRAM_MESSAGE_MAX)
		return error_set(err, ERROR_LIMIT, "the PGP message is too long");
	if (program_ask(programs, &request, enc, ret_plain, NULL, err) == 0)
		return 0;
	/* no gpg, no key: another key of the group may do */
	if (err->kind == ERROR_SYSTEM)
		err->kind = ERROR_NO_KEY;
	return -1;
}

int keyring_programs_start(struct keyring_programs *programs, struct error *err)
{
	int ends[2];
	pid_t pid;

	if (programs->fd >= 0)
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
	programs->fd = ends[0];
	programs->pid = pid;
	programs->prompt.terminal = tty_open();
	return 0;
}

const struct sops_programs *keyring_programs_use(struct keyring_programs *programs)
{
	if (programs->fd < 0)
		return NULL;
	programs->programs = (struct sops_programs){ seal, open_message, programs,
						     keyring_programs_plugins(programs) };
	return &programs->programs;
}

const struct age_plugins *keyring_programs_plugins(struct keyring_programs *programs)
{
	if (programs->fd < 0)
		return NULL;
	programs->plugins = program_plugins;
	programs->plugins.context = programs;
	programs->plugins.prompt = keyring_prompt_use(&programs->prompt);
	return &programs->plugins;
}

void keyring_programs_release(struct keyring_programs *programs)
{
	file_close_pointer(&programs->to_plugin);
	file_close_pointer(&programs->from_plugin);
	file_close_pointer(&programs->fd);
	keyring_prompt_release(&programs->prompt);
	while (programs->pid > 0 && waitpid(programs->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*programs = KEYRING_PROGRAMS_INIT;
}
