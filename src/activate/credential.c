/* SPDX-License-Identifier: MIT */
/* The connection: who asks for what, and what is answered. */
#include "activate/credential.h"

#include "util/buf.h"
#include "util/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* systemd reads at once; who does not, keeps nobody but himself waiting. */
#define CREDENTIAL_SECONDS 30
/* Of a number of 64 bits. */
#define CREDENTIAL_DIGITS 16

static_assert(CREDENTIAL_NAME_MAX > sizeof(((struct sockaddr_un *)NULL)->sun_path),
	      "no name is cut off");

static bool credential_take_word(struct span *in, const char *word)
{
	struct span taken;

	return span_starts_with(*in, word) && span_take(in, strlen(word), &taken);
}

/* systemd's random number, with the NUL before it that makes the name an abstract one. */
static bool credential_take_random(struct span *in)
{
	uint8_t byte;
	size_t len = 0;

	if (!span_take_u8(in, &byte) || byte != '\0')
		return false;
	while (len < in->len && in->data[len] != '\0' &&
	       strchr("0123456789abcdef", in->data[len]) != NULL)
		len++;
	*in = span_slice(*in, len, in->len - len);
	return len > 0 && len <= CREDENTIAL_DIGITS;
}

/* One part of the name, neither empty nor with a NUL in it. */
static bool credential_take_part(struct span part, char ret_part[CREDENTIAL_NAME_MAX])
{
	if (part.len == 0 || part.len >= CREDENTIAL_NAME_MAX ||
	    memchr(part.data, '\0', part.len) != NULL || memchr(part.data, '/', part.len) != NULL)
		return false;
	memcpy(ret_part, part.data, part.len);
	ret_part[part.len] = '\0';
	return true;
}

int credential_parse(struct span address, struct credential *ret_credential, struct error *err)
{
	struct credential credential = CREDENTIAL_INIT;
	struct span rest = address, unit;

	if (!credential_take_random(&rest) || !credential_take_word(&rest, "/unit/") ||
	    !span_take_until(&rest, '/', &unit) || !credential_take_part(unit, credential.unit) ||
	    !credential_take_part(rest, credential.name))
		return error_set(err, ERROR_DENIED,
				 "the peer's name is none that systemd gives "
				 "(\"@NUMBER/unit/UNIT/NAME\")");
	*ret_credential = credential;
	return 0;
}

/* The kernel's word, of when the peer connected. */
static int credential_check_user(int fd, struct error *err)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return error_sys(err, "cannot ask who the peer is");
	if (peer.uid == 0 || peer.uid == geteuid())
		return 0;
	return error_set(err, ERROR_DENIED, "the peer is uid %u, not root or you",
			 (unsigned)peer.uid);
}

/* Where it did not block, a reader who is not quick enough would get a part of the value. */
static int credential_block(int fd, struct error *err)
{
	const int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return error_sys(err, "cannot set up the connection");
	return 0;
}

int credential_ask(int fd, struct credential *ret_credential, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNSPEC };
	const size_t start = offsetof(struct sockaddr_un, sun_path);
	socklen_t len = sizeof(address);

	if (getpeername(fd, (struct sockaddr *)&address, &len) < 0 ||
	    address.sun_family != AF_UNIX || len < start || len > sizeof(address)) {
		error_set(err, ERROR_USAGE, "standard input is no connection from systemd");
		return error_hint(err, "bootseal-credentials.socket starts this command");
	}
	if (credential_check_user(fd, err) < 0 || credential_block(fd, err) < 0)
		return -1;
	return credential_parse(span_of(address.sun_path, len - start), ret_credential, err);
}

int credential_give(int fd, struct span value, struct error *err)
{
	const struct timeval limit = { .tv_sec = CREDENTIAL_SECONDS };

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return error_sys(err, "cannot limit how long the peer is waited for");
	return file_write_all(fd, value, "the connection", err);
}

bool credential_refuse(int fd)
{
	static const uint8_t zeros[4096];
	const struct timeval limit = { .tv_sec = CREDENTIAL_SECONDS };
	size_t left = CREDENTIAL_MAX + 1;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return false;
	while (left > 0) {
		const ssize_t written =
			write(fd, zeros, left < sizeof(zeros) ? left : sizeof(zeros));

		if (written < 0 && errno != EINTR)
			return false;
		left -= written > 0 ? (size_t)written : 0;
	}
	return true;
}
