/* SPDX-License-Identifier: MIT */
/*
 * Stands in for a gateway that reads its secrets from a file when it starts, and as strictly as OpenClaw does:
 *
 *	gateway [-f DOCUMENT] [-w MILLISECONDS] [-e MILLISECONDS] [-d MILLISECONDS] [-b MILLISECONDS] [-n] PORT|FILE
 *
 * Reads DOCUMENT (-f), which must be a regular file of its own, with one link and nothing for group and others, waits
 * (-w), and listens at 127.0.0.1:PORT, or anywhere there, with the port in FILE. It answers /healthz with 200, or
 * always with 503 (-n), and /has/TEXT with 200 where DOCUMENT has TEXT in it, else with 401. As OpenClaw it answers
 * POST /tools/invoke with 200 for the token that is OPENCLAW_GATEWAY_TOKEN in DOCUMENT, or the password likewise, else
 * with 401, and takes DOCUMENT anew when it is told (SIGHUP), where it may. Behind each byte of an answer it waits
 * (-d). When it has just begun to listen it answers all but /healthz with 503 for that long (-b). It ends by itself
 * that long after it listens (-e), with status 3; with 1 where it may not use DOCUMENT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char document[65536];
static volatile sig_atomic_t is_told;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "gateway: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* -1 with errno where it may not, and what it had stays. */
static int read_document(const char *path)
{
	char text[sizeof(document)] = "";
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	ssize_t len;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	errno = EPERM;
	if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || (status.st_mode & 077) != 0 ||
	    status.st_uid != getuid() || len <= 0)
		return -1;
	memcpy(document, text, sizeof(document));
	return 0;
}

static void pause_for(long milliseconds)
{
	const struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void end(int signal)
{
	(void)signal;
	_exit(3);
}

static void end_after(long milliseconds)
{
	const struct itimerval timer = { .it_value = { milliseconds / 1000,
						       milliseconds % 1000 * 1000 } };

	signal(SIGALRM, end);
	if (setitimer(ITIMER_REAL, &timer, NULL) < 0)
		die("timer");
}

static int listen_at(const char *where)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
	const char *digits = "0123456789";
	const int is_port = strspn(where, digits) == strlen(where);
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	FILE *file;

	if (is_port)
		address.sin_port = htons((uint16_t)strtoul(where, NULL, 10));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		die("listen");
	if (is_port)
		return fd;
	file = fopen(where, "w");
	if (file == NULL || fprintf(file, "%u\n", (unsigned)ntohs(address.sin_port)) < 0 ||
	    fclose(file) != 0)
		die(where);
	return fd;
}

/* The token has no character that JSON would escape. */
static int takes(const char *request)
{
	static const char header[] = "\r\nAuthorization: Bearer ";
	static const char *const keys[] = { "TOKEN", "PASSWORD" };
	const char *token = strstr(request, header);
	char member[4096];

	if (token == NULL)
		return 0;
	token += strlen(header);
	for (int i = 0; i < 2; i++) {
		snprintf(member, sizeof(member), "\"OPENCLAW_GATEWAY_%s\":\"%.*s\"", keys[i],
			 (int)strcspn(token, "\r"), token);
		if (strstr(document, member) != NULL)
			return 1;
	}
	return 0;
}

static long milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* never, or until then: it is not ready. */
static const char *answer_to(char *request, int never, long then)
{
	static const char health[] = "GET /healthz ", has[] = "GET /has/",
			  invoke[] = "POST /tools/invoke ";
	char *space;

	if (never || (milliseconds_now() < then && strncmp(request, health, strlen(health)) != 0))
		return "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
	if (strncmp(request, health, strlen(health)) == 0)
		return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	if (strncmp(request, invoke, strlen(invoke)) == 0 && takes(request))
		return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	if (strncmp(request, has, strlen(has)) == 0) {
		request += strlen(has);
		space = strchr(request, ' ');
		if (space != NULL)
			*space = '\0';
		if (strstr(document, request) != NULL)
			return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	}
	return "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
}

/* Says so, for who told it. */
static void take_anew(const char *path)
{
	is_told = 0;
	if (path == NULL || read_document(path) < 0)
		perror("gateway: stays with what it has");
	else
		fputs("gateway: took it anew\n", stderr);
}

static void tell(int signal)
{
	(void)signal;
	is_told = 1;
}

static void write_answer(int connection, const char *answer, long drop)
{
	const size_t whole = strlen(answer), piece = drop > 0 ? 1 : whole;

	for (size_t at = 0; at < whole; at += piece) {
		if (write(connection, answer + at, piece) < 0) {
			perror("gateway: answer");
			return;
		}
		pause_for(drop);
	}
}

/* Into zeros, up to the end of its header: who asks may write it in pieces. */
static size_t read_request(int connection, char *request, size_t size)
{
	size_t len = 0;
	ssize_t got = 1;

	while (got > 0 && len < size - 1 && strstr(request, "\r\n\r\n") == NULL) {
		got = read(connection, request + len, size - 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	return len;
}

static _Noreturn void serve(int fd, int never, long busy, long drop, const char *path)
{
	const long then = milliseconds_now() + busy;
	sigset_t held, none;

	sigemptyset(&none);
	sigemptyset(&held);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, NULL); /* but while it waits: none is missed */
	for (;;) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		const int connection =
			ppoll(&waiting, 1, NULL, &none) < 0 ? -1 : accept(fd, NULL, NULL);
		char request[4096] = "";

		if (connection < 0 && errno != EINTR)
			die("accept");
		/* who tells, and then connects, is found waiting by one ppoll(), which leaves the signal pending */
		sigprocmask(SIG_SETMASK, &none, NULL);
		sigprocmask(SIG_BLOCK, &held, NULL);
		if (is_told)
			take_anew(path);
		if (connection < 0)
			continue;
		if (read_request(connection, request, sizeof(request)) > 0)
			write_answer(connection, answer_to(request, never, then), drop);
		close(connection);
	}
}

int main(int argc, char **argv)
{
	const struct sigaction told = { .sa_handler = tell };
	const char *path = NULL;
	long wait = 0, drop = 0, life = 0, busy = 0;
	int option, never = 0, fd;

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGHUP, &told, NULL);
	while ((option = getopt(argc, argv, "f:w:e:d:b:n")) != -1)
		switch (option) {
		case 'f':
			path = optarg;
			if (read_document(path) < 0)
				die(path);
			break;
		case 'w':
			wait = strtol(optarg, NULL, 10);
			break;
		case 'e':
			life = strtol(optarg, NULL, 10);
			break;
		case 'd':
			drop = strtol(optarg, NULL, 10);
			break;
		case 'b':
			busy = strtol(optarg, NULL, 10);
			break;
		case 'n':
			never = 1;
			break;
		default:
			return 2;
		}
	if (optind != argc - 1)
		return 2;
	pause_for(wait);
	fd = listen_at(argv[optind]);
	if (life > 0)
		end_after(life);
	serve(fd, never, busy, drop, path);
}
