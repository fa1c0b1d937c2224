/* SPDX-License-Identifier: MIT */
/*
 * Connects as systemd does for LoadCredential=NAME:SOCKET, and prints what comes to the end.
 *
 *	peer [-u UID] [-n] NAME COMMAND...	COMMAND gets the other end as standard input; ends with its status
 *	peer [-u UID] -c SOCKET NAME	the other end is who listens at SOCKET
 *
 * NAME is the abstract name to bind to, "" for none; UID is who connects; -n: what COMMAND gets does not block, and is
 * read late.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(100);
}

static socklen_t address_of(struct sockaddr_un *address, const char *path, int abstract)
{
	const size_t len = strlen(path);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len + 1 > sizeof(address->sun_path))
		die("name");
	memcpy(address->sun_path + abstract, path, len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
}

static int make_socket(void)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	return fd;
}

/* In a child, so that it alone becomes another user. */
static void print_answer(const char *user, const char *name, const struct sockaddr_un *to,
			 socklen_t to_len, int late)
{
	struct sockaddr_un own;
	char bytes[65536];
	int fd = make_socket();
	ssize_t len;

	if (user != NULL && setuid((uid_t)strtoul(user, NULL, 10)) < 0)
		die("setuid");
	if (*name != '\0' && bind(fd, (struct sockaddr *)&own, address_of(&own, name, 1)) < 0)
		die("bind");
	if (connect(fd, (const struct sockaddr *)to, to_len) < 0)
		die("connect");
	if (late)
		sleep(1);
	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		if (write(STDOUT_FILENO, bytes, (size_t)len) != len)
			die("write");
	if (len < 0)
		die("read");
	exit(0);
}

static int wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) < 0)
		die("child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

static int call(const char *user, const char *name, int late, char **command)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(address.sun_family);
	const int listening = make_socket();
	pid_t reader, caller;
	int fd, status;

	/* The kernel finds a name. */
	if (bind(listening, (struct sockaddr *)&address, len) < 0 || listen(listening, 1) < 0)
		die("listen");
	len = sizeof(address);
	if (getsockname(listening, (struct sockaddr *)&address, &len) < 0)
		die("getsockname");
	reader = fork();
	if (reader == 0)
		print_answer(user, name, &address, len, late);
	fd = accept(listening, NULL, NULL);
	if (fd < 0 || (late && fcntl(fd, F_SETFL, O_NONBLOCK) < 0))
		die("accept");
	caller = fork();
	if (caller == 0) {
		if (dup2(fd, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			die("dup2");
		close(fd);
		execvp(command[0], command);
		die(command[0]);
	}
	close(fd);
	status = wait_for(caller);
	return wait_for(reader) != 0 ? 100 : status;
}

int main(int argc, char **argv)
{
	const char *user = NULL, *socket_path = NULL;
	struct sockaddr_un address;
	socklen_t len;
	int option, late = 0;

	while ((option = getopt(argc, argv, "+u:c:n")) > 0) {
		if (option == 'u')
			user = optarg;
		else if (option == 'n')
			late = 1;
		else if (option == 'c')
			socket_path = optarg;
		else
			return 2;
	}
	if (argc - optind < (socket_path != NULL ? 1 : 2))
		return 2;
	if (socket_path == NULL)
		return call(user, argv[optind], late, argv + optind + 1);
	len = address_of(&address, socket_path, 0);
	print_answer(user, argv[optind], &address, len, 0);
}
