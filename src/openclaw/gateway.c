/* SPDX-License-Identifier: MIT */
#include "openclaw/gateway.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/secret.h"
#include "util/text.h"

/* The call that is on in every configuration: 200 with the right token, 401 with another. */
#define GATEWAY_PATH "/tools/invoke"
#define GATEWAY_BODY "{\"tool\":\"agents_list\",\"args\":{}}"
#define GATEWAY_REFUSED 401

int gateway_url_parse(const char *text, struct http_url *ret_url, struct error *err)
{
	AUTO_FREE char *as_http = NULL;
	struct http_url url;

	if (strncmp(text, "ws://", 5) != 0) {
		error_set(err, ERROR_USAGE, "\"%s\" is no URL of a gateway of this host",
			  text_printable_text(text).text);
		return error_hint(err, "as in ws://127.0.0.1:18789");
	}
	if (asprintf(&as_http, "http%s", text + 2) < 0) {
		as_http = NULL;
		return error_memory(err);
	}
	if (http_url_parse(as_http, &url, err) < 0)
		return -1;
	snprintf(url.path, sizeof(url.path), "%s", GATEWAY_PATH);
	*ret_url = url;
	return 0;
}

bool gateway_can_be_told(struct span token)
{
	bool good = token.len > 0 && token.len <= GATEWAY_TOKEN_MAX &&
		    span_trim(token).len == token.len;

	for (size_t i = 0; good && i < token.len; i++)
		good = token.data[i] >= ' ' && token.data[i] < 0x7f;
	return good;
}

static int gateway_check_token(struct span token, struct error *err)
{
	if (gateway_can_be_told(token))
		return 0;
	return error_set(err, ERROR_CONFIG,
			 "the token is not of 1 to %d printable ASCII characters without a blank "
			 "at its ends",
			 GATEWAY_TOKEN_MAX);
}

static int gateway_fail(const struct http_url *url, struct error *err)
{
	if (errno == EAGAIN || errno == EINPROGRESS) /* a limit of ours */
		errno = ETIMEDOUT;
	error_sys(err, "the gateway at %s does not answer", url->host);
	err->kind = ERROR_FINDINGS;
	return -1;
}

static long long milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/*
 * The next call waits until the deadline of the whole conversation and no longer: each of many small pieces may come in time.
 * -1 with errno.
 */
static int gateway_limit(int fd, long long deadline)
{
	const long long left = deadline - milliseconds_now();
	const struct timeval limit = { .tv_sec = left / 1000, .tv_usec = left % 1000 * 1000 };

	errno = ETIMEDOUT;
	if (left <= 0)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
			       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0
		       ? -1
		       : 0;
}

static int gateway_connect(const struct http_url *url, long long deadline, int *ret_fd,
			   struct error *err)
{
	AUTO_FD int fd = socket(url->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_sys(err, "cannot make a socket");
	if (gateway_limit(fd, deadline) < 0 ||
	    connect(fd, (const struct sockaddr *)&url->address, url->address_len) < 0)
		return gateway_fail(url, err);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int gateway_make_request(const struct http_url *url, struct span token, struct secret *out,
				struct error *err)
{
	char length[32];

	snprintf(length, sizeof(length), "%zu\r\n\r\n", strlen(GATEWAY_BODY));
	if (secret_append_text(out, "POST ", err) < 0 ||
	    secret_append_text(out, url->path, err) < 0 ||
	    secret_append_text(out, " HTTP/1.1\r\nHost: ", err) < 0 ||
	    secret_append_text(out, url->host, err) < 0 ||
	    secret_append_text(out,
			       "\r\nUser-Agent: bootseal\r\nConnection: close\r\n"
			       "Content-Type: application/json\r\nAuthorization: Bearer ",
			       err) < 0 ||
	    secret_append_span(out, token, err) < 0 ||
	    secret_append_text(out, "\r\nContent-Length: ", err) < 0 ||
	    secret_append_text(out, length, err) < 0)
		return -1;
	return secret_append_text(out, GATEWAY_BODY, err);
}

static int gateway_send(int fd, const struct http_url *url, long long deadline, struct span request,
			struct error *err)
{
	while (request.len > 0) {
		const ssize_t sent = gateway_limit(fd, deadline) < 0
					     ? -1
					     : send(fd, request.data, request.len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return gateway_fail(url, err);
		request = span_slice(request, (size_t)sent, request.len);
	}
	return 0;
}

/* Up to the end of the header. Bytes that come one by one do not go on for ever. */
static int gateway_receive(int fd, const struct http_url *url, long long deadline,
			   struct secret *answer, struct error *err)
{
	if (secret_reserve(answer, HTTP_ANSWER_MAX, err) < 0)
		return -1;
	while (answer->len < HTTP_ANSWER_MAX && !http_is_complete(secret_span(answer))) {
		const ssize_t got = gateway_limit(fd, deadline) < 0
					    ? -1
					    : recv(fd, answer->data + answer->len,
						   HTTP_ANSWER_MAX - answer->len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return gateway_fail(url, err);
		if (got == 0)
			return 0;
		if (answer->len == 0 &&
		    milliseconds_now() + GATEWAY_ANSWER_SECONDS * 1000LL < deadline)
			deadline = milliseconds_now() + GATEWAY_ANSWER_SECONDS * 1000LL;
		answer->len += (size_t)got;
	}
	return 0;
}

/* In a child without any rights: what answers is a program that an agent may steer. */
static int gateway_judge(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct secret *answer = argument;
	unsigned status = 0;
	uint8_t verdict;

	if (http_status(secret_span(answer), &status, err) < 0)
		return -1;
	if (status != GATEWAY_REFUSED && (status < 200 || status > 299))
		return error_set(err, ERROR_FINDINGS, "the gateway answers with status %u", status);
	verdict = status == GATEWAY_REFUSED ? GATEWAY_REFUSES : GATEWAY_TAKES;
	return secret_append(ret_answer, &verdict, 1, err);
}

int gateway_ask(const struct http_url *url, struct span token, enum gateway_answer *ret_answer,
		struct error *err)
{
	const long long deadline = milliseconds_now() + GATEWAY_SECONDS * 1000LL;
	AUTO(secret) request = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;
	AUTO(secret) verdict = SECRET_INIT;
	AUTO_FD int fd = -1;

	if (gateway_check_token(token, err) < 0 ||
	    gateway_make_request(url, token, &request, err) < 0 ||
	    gateway_connect(url, deadline, &fd, err) < 0 ||
	    gateway_send(fd, url, deadline, secret_span(&request), err) < 0 ||
	    gateway_receive(fd, url, deadline, &answer, err) < 0)
		return -1;
	secret_release(&request);
	if (child_job(gateway_judge, &answer, &verdict, err) < 0)
		return -1;
	if (verdict.len != 1)
		return error_set(err, ERROR_BUG, "the child gave a broken answer");
	*ret_answer = verdict.data[0] == GATEWAY_TAKES ? GATEWAY_TAKES : GATEWAY_REFUSES;
	return 0;
}
