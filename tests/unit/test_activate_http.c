/* SPDX-License-Identifier: MIT */
/* activate/http, and activate/ready_wait against a service of this process' own. */
#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "activate/http.h"
#include "activate/ready_wait.h"
#include "sweep.h"
#include "util/file.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

/* --- URLs --- */

START_TEST(http_url_parse__takes_urls_of_this_host)
{
	static const struct {
		const char *text, *host, *path;
		const char *address;
		unsigned port;
	} good[] = {
		{ "http://127.0.0.1:18789/healthz", "127.0.0.1:18789", "/healthz", "127.0.0.1",
		  18789 },
		{ "http://127.0.0.1", "127.0.0.1", "/", "127.0.0.1", 80 },
		{ "http://127.1.2.3:1/", "127.1.2.3:1", "/", "127.1.2.3", 1 },
		{ "http://localhost:65535/a?b=c%20", "localhost:65535", "/a?b=c%20", "127.0.0.1",
		  65535 },
		{ "http://[::1]:8080/x", "[::1]:8080", "/x", "::1", 8080 },
		{ "http://[::1]", "[::1]", "/", "::1", 80 },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char shown[INET6_ADDRSTRLEN] = "";
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct http_url url;

		ck_assert_msg(http_url_parse(good[i].text, &url, &err) == 0, "%s", good[i].text);
		ck_assert_str_eq(url.host, good[i].host);
		ck_assert_str_eq(url.path, good[i].path);
		memcpy(&v4, &url.address, sizeof(v4));
		memcpy(&v6, &url.address, sizeof(v6));
		if (v4.sin_family == AF_INET)
			inet_ntop(AF_INET, &v4.sin_addr, shown, sizeof(shown));
		else
			inet_ntop(AF_INET6, &v6.sin6_addr, shown, sizeof(shown));
		ck_assert_str_eq(shown, good[i].address);
		ck_assert_uint_eq(ntohs(v4.sin_family == AF_INET ? v4.sin_port : v6.sin6_port),
				  good[i].port);
	}
}
END_TEST

START_TEST(http_url_parse__takes_no_other)
{
	static const char *const bad[] = {
		"",
		"http:",
		"http://",
		"http:///x",
		"https://127.0.0.1/",
		"HTTP://127.0.0.1/",
		"127.0.0.1:80",
		"http://10.0.0.1/",
		"http://example.org/",
		"http://0.0.0.0/",
		"http://126.0.0.1/",
		"http://128.0.0.1/",
		"http://[::]/",
		"http://::1/",
		"http://[::1",
		"http://[::1]x/",
		"http://[::1]:/",
		"http://127.0.0.1:/",
		"http://127.0.0.1:0/",
		"http://127.0.0.1:65536/",
		"http://127.0.0.1:000080/",
		"http://127.0.0.1:8o/",
		"http://127.0.0.1:-1/",
		"http://127.0.0.1:80:80/",
		"http://user@127.0.0.1/",
		"http://127.0.0.1@10.0.0.1/",
		"http://127.0.0.1.evil.org/",
		"http://127.1/",
		"http://127.0.0.1 /",
		"http://127.0.0.1/a b",
		"http://127.0.0.1/a#b",
		"http://127.0.0.1/\r\nX: y",
		"http://127.0.0.1/\xc3\xa4",
		"http://127.0.0.1?x",
		"http://localhost.:80/",
		"http://LOCALHOST/",
	};
	char longest[sizeof("http://127.0.0.1") + HTTP_PATH_MAX + 1] = "http://127.0.0.1/";
	struct http_url url;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err = ERROR_INIT;
		ck_assert_msg(http_url_parse(bad[i], &url, &err) == -1, "%s", bad[i]);
		ck_assert_int_eq(err.kind, ERROR_USAGE);
		ck_assert_ptr_null(strchr(err.message, '\n'));
	}
	memset(longest + strlen(longest), 'x', HTTP_PATH_MAX - 1);
	longest[strlen("http://127.0.0.1") + HTTP_PATH_MAX] = '\0';
	ck_assert_int_eq(http_url_parse(longest, &url, &err), -1);
	longest[strlen("http://127.0.0.1") + HTTP_PATH_MAX - 1] = '\0';
	ck_assert_int_eq(http_url_parse(longest, &url, &err), 0);
}
END_TEST

START_TEST(http_request__is_one_get)
{
	char request[HTTP_REQUEST_MAX];
	struct http_url url;

	ck_assert_int_eq(http_url_parse("http://127.0.0.1:1/healthz", &url, &err), 0);
	http_request(&url, request);
	ck_assert_int_eq(strncmp(request, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:1\r\n", 42), 0);
	ck_assert_str_eq(request + strlen(request) - 4, "\r\n\r\n");
}
END_TEST

/* --- answers --- */

static const char answer[] = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";

START_TEST(http_status__reads_the_first_line)
{
	static const struct {
		const char *text;
		unsigned status;
	} good[] = {
		{ answer, 204 },
		{ "HTTP/1.0 200 OK\r\n\r\n", 200 },
		{ "HTTP/1.1 503\r\n\r\n", 503 },
		{ "HTTP/1.1 100 \r\n\r\n", 100 },
		{ "HTTP/1.1 599 x\n\n", 599 },
		{ "HTTP/1.1 301 Moved\r\nLocation: http://x/\r\n\r\nbody", 301 },
	};
	unsigned status;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(http_status(span_of_text(good[i].text), &status, &err), 0);
		ck_assert_uint_eq(status, good[i].status);
	}
}
END_TEST

START_TEST(http_status__takes_nothing_else)
{
	static const char *const bad[] = {
		"",
		"\r\n\r\n",
		"HTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 OK\r\nA: b\r\n",
		"HTTP/2 200 OK\r\n\r\n",
		"HTTP/1.2 200 OK\r\n\r\n",
		"http/1.1 200 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 600 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1\r\n\r\n",
		"HTTP/1.1 \r\n\r\n",
		"HTTP/1.1 200OK\r\n\r\n",
		"200 OK\r\n\r\n",
		"\nHTTP/1.1 200 OK\r\n\r\n",
		"SSH-2.0-x\r\n\r\n",
	};
	unsigned status;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err = ERROR_INIT;
		ck_assert_msg(http_status(span_of_text(bad[i]), &status, &err) == -1, "%s", bad[i]);
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
	}
}
END_TEST

START_TEST(http_status__survives_each_flipped_bit_and_cut)
{
	uint8_t text[sizeof(answer) - 1];

	memcpy(text, answer, sizeof(text));
	for (size_t bit = 0; bit < 8 * sizeof(text); bit++) {
		unsigned status = 0;

		err = ERROR_INIT;
		text[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(http_status(span_of(text, sizeof(text)), &status, &err) < 0,
				 err.kind != ERROR_NONE);
		/* Nothing but the three digits makes it another status. */
		if (err.kind == ERROR_NONE && (bit < 9 * 8 || bit >= 12 * 8))
			ck_assert_uint_eq(status, 204);
		text[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 0; len < sizeof(text); len++) {
		unsigned status;

		err = ERROR_INIT;
		ck_assert_int_eq(http_status(span_of(text, len), &status, &err), -1);
	}
}
END_TEST

/* --- waiting --- */

struct service {
	pid_t pid;
	char url[64];
};

/* Answers each connection with the next of answers, the last one for ever. */
static void serve(int fd, const char *const *answers)
{
	for (;;) {
		const int connection = accept(fd, NULL, NULL);
		char request[4096];

		if (connection < 0)
			_exit(1);
		(void)!read(connection, request, sizeof(request));
		(void)!write(connection, answers[0], strlen(answers[0]));
		close(connection);
		if (answers[1] != NULL)
			answers++;
	}
}

static struct service start(const char *const *answers)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);
	struct service service;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(service.url, sizeof(service.url), "http://127.0.0.1:%u/healthz",
		 (unsigned)ntohs(address.sin_port));
	service.pid = fork();
	ck_assert_int_ge(service.pid, 0);
	if (service.pid == 0)
		serve(fd, answers);
	close(fd);
	return service;
}

static void stop(const struct service *service)
{
	kill(service->pid, SIGKILL);
	waitpid(service->pid, NULL, 0);
}

/* Not by every kernel, nor under every tool. */
static bool can_watch(void)
{
	AUTO_FD int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	return fd >= 0;
}

static int wait_for(const char *when, pid_t pid, unsigned long seconds)
{
	const struct ready_wish wish = { when, can_watch() ? pid : 0, seconds };

	err = ERROR_INIT;
	return ready_wait(&wish, -1, &err);
}

START_TEST(ready_wait__ends_with_a_good_answer)
{
	static const char *const answers[] = { "",
					       "HTTP/1.1 503 Not yet\r\n\r\n",
					       "nonsense",
					       "HTTP/1.1 302 Elsewhere\r\n\r\n",
					       "HTTP/1.1 200 OK\r\n\r\nok",
					       NULL };
	const struct service service = start(answers);

	ck_assert_msg(wait_for(service.url, service.pid, 30) == 0, "%s", err.message);
	stop(&service);
}
END_TEST

START_TEST(ready_wait__ends_in_time)
{
	static const char *const answers[] = { "HTTP/1.1 500 Never\r\n\r\n", NULL };
	const struct service service = start(answers);

	ck_assert_int_eq(wait_for(service.url, service.pid, 1), -1);
	ck_assert_int_eq(err.kind, ERROR_FINDINGS);
	ck_assert_str_eq(err.message, "it was not ready in time");
	stop(&service);
	/* Nobody listens there now; nor is the process there. */
	ck_assert_int_eq(wait_for(service.url, 0, 1), -1);
	ck_assert_int_eq(err.kind, ERROR_FINDINGS);
	ck_assert_int_eq(wait_for(service.url, service.pid, can_watch() ? 30 : 1), -1);
	if (can_watch())
		ck_assert_str_eq(err.message, "its main process ended before it was ready");
}
END_TEST

/* An answer without an end is cut off, and is none. */
START_TEST(ready_wait__reads_no_more_than_it_may)
{
	AUTO(secret) text = SECRET_INIT;
	const char *answers[] = { NULL, NULL };
	struct service service;

	ck_assert_int_eq(secret_append_text(&text, "HTTP/1.1 200 OK\r\nX: ", &err), 0);
	for (size_t i = 0; i < HTTP_ANSWER_MAX; i++)
		ck_assert_int_eq(secret_append(&text, "x", 1, &err), 0);
	ck_assert_int_eq(secret_append(&text, "\r\n\r\n", 5, &err), 0);
	answers[0] = (const char *)text.data;
	service = start(answers);
	ck_assert_int_eq(wait_for(service.url, service.pid, 1), -1);
	ck_assert_int_eq(err.kind, ERROR_FINDINGS);
	stop(&service);
}
END_TEST

START_TEST(ready_wait__looks_for_a_path)
{
	ck_assert_int_eq(wait_for("/", 0, 30), 0);
	ck_assert_int_eq(wait_for("/proc/self/no-such-file", 0, 1), -1);
	ck_assert_int_eq(err.kind, ERROR_FINDINGS);
	ck_assert_int_eq(wait_for("relative/path", 0, 1), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
}
END_TEST

/* In a child: its signals stay blocked. */
START_TEST(ready_wait__ends_with_a_signal)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		const struct ready_wish wish = { "/proc/self/no-such-file", 0, 30 };
		AUTO_FD int fd = -1;

		if (ready_wait_block(&fd, &err) < 0 || raise(SIGTERM) != 0 ||
		    ready_wait(&wish, fd, &err) == 0)
			_exit(1);
		_exit(err.kind == ERROR_FINDINGS && strstr(err.message, "signal") != NULL ? 0 : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

static int wait_again(const struct service *service)
{
	return wait_for(service->url, 0, 30);
}

START_TEST(ready_wait__survives_lack_of_memory)
{
	static const char *const answers[] = { "HTTP/1.1 200 OK\r\n\r\n", NULL };
	const struct service service = start(answers);

	SWEEP(wait_again(&service));
	stop(&service);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_http");
	TCase *tcase = tcase_create("http");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, http_url_parse__takes_urls_of_this_host);
	tcase_add_test(tcase, http_url_parse__takes_no_other);
	tcase_add_test(tcase, http_request__is_one_get);
	tcase_add_test(tcase, http_status__reads_the_first_line);
	tcase_add_test(tcase, http_status__takes_nothing_else);
	tcase_add_test(tcase, http_status__survives_each_flipped_bit_and_cut);
	tcase_add_test(tcase, ready_wait__ends_with_a_good_answer);
	tcase_add_test(tcase, ready_wait__ends_in_time);
	tcase_add_test(tcase, ready_wait__reads_no_more_than_it_may);
	tcase_add_test(tcase, ready_wait__looks_for_a_path);
	tcase_add_test(tcase, ready_wait__ends_with_a_signal);
	tcase_add_test(tcase, ready_wait__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
