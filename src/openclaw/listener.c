/* SPDX-License-Identifier: MIT */
#include "openclaw/listener.h"

#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

/* The state of a socket that listens, in the kernel's tables. */
#define LISTENING 0x0a

/*
 * One of the kernel's tables: who listens on port. Somebody else may listen there on another address; what is ours
 * counts alone if nobody else does.
 */
static void look_at(const char *table, unsigned port, uid_t uid, enum listener_state *state)
{
	FILE *file = fopen(table, "re");
	char line[512];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		unsigned local, kind, owner;

		if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %u", &local,
			   &kind, &owner) != 3 ||
		    local != port || kind != LISTENING)
			continue;
		*state =
			owner != uid || *state == LISTENER_ANOTHER ? LISTENER_ANOTHER : LISTENER_UP;
	}
	if (file != NULL)
		fclose(file);
}

int listener_find(unsigned port, uid_t uid, enum listener_state *ret_state, struct error *err)
{
	enum listener_state state = LISTENER_DOWN;

	if (access("/proc/net/tcp", R_OK) < 0)
		return error_sys(err, "cannot read \"/proc/net/tcp\"");
	look_at("/proc/net/tcp", port, uid, &state);
	look_at("/proc/net/tcp6", port, uid, &state);
	*ret_state = state;
	return 0;
}

static unsigned port_of(const struct http_url *url)
{
	const void *address = &url->address;
	const struct sockaddr_in *four = address;
	const struct sockaddr_in6 *six = address;

	return ntohs(url->address.ss_family == AF_INET6 ? six->sin6_port : four->sin_port);
}

int listener_check(const struct http_url *url, const uid_t *uids, size_t len, struct error *err)
{
	const unsigned port = port_of(url);
	enum listener_state state;

	if (listener_find(port, 0, &state, err) < 0)
		return -1;
	for (size_t i = 0; i < len && state == LISTENER_ANOTHER; i++)
		if (listener_find(port, uids[i], &state, err) < 0)
			return -1;
	if (state != LISTENER_ANOTHER)
		return 0;
	error_set(err, ERROR_DENIED, "another user than the gateway's listens on port %u", port);
	return error_hint(err, "it was told no token: see who that is (ss -ltnp), and start the "
			       "gateway");
}
