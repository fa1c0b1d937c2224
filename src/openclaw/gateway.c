/* SPDX-License-Identifier: MIT */
#include "openclaw/gateway.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "activate/http.h"
#include "util/child.h"
#include "util/file.h"

#define SECONDS 5
#define LISTENING 0x0a

/*
 * One of the kernel's tables: who listens on port. Somebody else may listen there on another address; what is ours
 * counts alone if nobody else does.
 */
static void look_at(const char *table, unsigned port, uid_t uid, enum gateway_state *state)
{
	FILE *file = fopen(table, "re");
	char line[512];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		unsigned local, kind, owner;

		if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %u", &local,
			   &kind, &owner) != 3 ||
		    local != port || kind != LISTENING)
			continue;
		*state = owner != uid || *state == GATEWAY_ANOTHER ? GATEWAY_ANOTHER : GATEWAY_UP;
	}
	if (file != NULL)
		fclose(file);
}

int gateway_find(unsigned port, uid_t uid, enum gateway_state *ret_state, struct error *err)
{
	enum gateway_state state = GATEWAY_DOWN;

	if (access("/proc/net/tcp", R_OK) < 0)
		return error_sys(err, "cannot read \"/proc/net/tcp\"");
	look_at("/proc/net/tcp", port, uid, &state);
	look_at("/proc/net/tcp6", port, uid, &state);
	*ret_state = state;
	return 0;
}

static int connect_to(unsigned port, int *ret_fd, struct error *err)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	const struct sockaddr_in6 other = {
		.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	const struct timeval patience = { .tv_sec = SECONDS };

	for (int attempt = 0; attempt < 2; attempt++) {
		AUTO_FD int fd =
			socket(attempt == 0 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		if ((attempt == 0
			     ? connect(fd, (const struct sockaddr *)&address, sizeof(address))
			     : connect(fd, (const struct sockaddr *)&other, sizeof(other))) == 0) {
			*ret_fd = fd;
			fd = -1;
			return 0;
		}
	}
	return error_sys(err, "cannot connect to port %u of this host", port);
}

struct question {
	int fd;
	unsigned port;
	struct span token;
};

static int write_question(const struct question *question, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	char host[64];

	(void)snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%u\r\n", question->port);
	if (secret_append_text(&text, "GET /api/channels HTTP/1.1\r\nAuthorization: Bearer ", err) <
		    0 ||
	    secret_append_span(&text, question->token, err) < 0 ||
	    secret_append_text(&text, host, err) < 0 ||
	    secret_append_text(&text, "Connection: close\r\n\r\n", err) < 0)
		return -1;
	return file_write_all(question->fd, secret_span(&text), "the gateway's port", err);
}

/* In the child. */
static int ask(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct question *question = argument;
	AUTO(secret) text = SECRET_INIT;
	unsigned status;

	if (write_question(question, err) < 0 || secret_reserve(&text, HTTP_ANSWER_MAX, err) < 0)
		return -1;
	while (text.len < HTTP_ANSWER_MAX && !http_is_complete(secret_span(&text))) {
		const ssize_t got =
			read(question->fd, text.data + text.len, HTTP_ANSWER_MAX - text.len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, "port %u of this host does not answer",
					 question->port);
		if (got == 0)
			break;
		text.len += (size_t)got;
	}
	if (!http_is_complete(secret_span(&text)))
		return error_set(err, ERROR_FORMAT,
				 "port %u of this host does not answer with HTTP", question->port);
	if (http_status(secret_span(&text), &status, err) < 0)
		return -1;
	return secret_append(ret_answer, &status, sizeof(status), err);
}

int gateway_ask(unsigned port, struct span token, unsigned *ret_status, struct error *err)
{
	AUTO_FD int fd = -1;
	AUTO(secret) answer = SECRET_INIT;
	struct question question = { .port = port, .token = token };

	for (size_t i = 0; i < token.len; i++)
		if (token.data[i] <= ' ' || token.data[i] >= 0x7f)
			return error_set(err, ERROR_FORMAT,
					 "the token is none that HTTP can carry");
	if (connect_to(port, &fd, err) < 0)
		return -1;
	question.fd = fd;
	if (child_job(ask, &question, &answer, err) < 0)
		return -1;
	if (answer.len != sizeof(*ret_status))
		return error_set(err, ERROR_BUG, "a child's answer of another length");
	memcpy(ret_status, answer.data, sizeof(*ret_status));
	return 0;
}
