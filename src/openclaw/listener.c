/* SPDX-License-Identifier: MIT */
#include "openclaw/listener.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/buf.h"

/* The state of a socket that listens, in the kernel's tables. */
#define LISTENING 0x0a

static bool is_one_of(uid_t uid, const uid_t *uids, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (uids[i] == uid)
			return true;
	return false;
}

/*
 * One of the kernel's tables: who listens on port. Somebody else may listen there on another address; what is ours
 * counts alone if nobody else does.
 */
static void look_at(const char *table, unsigned port, const uid_t *uids, size_t len,
		    enum listener_state *state)
{
	FILE *file = fopen(table, "re");
	char line[512];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		unsigned local, kind, owner;

		if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %u", &local,
			   &kind, &owner) != 3 ||
		    local != port || kind != LISTENING)
			continue;
		*state = !is_one_of(owner, uids, len) || *state == LISTENER_ANOTHER
				 ? LISTENER_ANOTHER
				 : LISTENER_UP;
	}
	if (file != NULL)
		fclose(file);
}

static int find(unsigned port, const uid_t *uids, size_t len, enum listener_state *ret_state,
		struct error *err)
{
	enum listener_state state = LISTENER_DOWN;

	if (access("/proc/net/tcp", R_OK) < 0)
		return error_sys(err, "cannot read \"/proc/net/tcp\"");
	look_at("/proc/net/tcp", port, uids, len, &state);
	look_at("/proc/net/tcp6", port, uids, len, &state);
	*ret_state = state;
	return 0;
}

int listener_find(unsigned port, uid_t uid, enum listener_state *ret_state, struct error *err)
{
	return find(port, &uid, 1, ret_state, err);
}

static unsigned port_of(const struct http_url *url)
{
	const void *address = &url->address;
	const struct sockaddr_in *four = address;
	const struct sockaddr_in6 *six = address;

	return ntohs(url->address.ss_family == AF_INET6 ? six->sin6_port : four->sin_port);
}

static int judge(const struct http_url *url, const uid_t *uids, size_t len,
		 enum listener_state *ret_state, struct error *err)
{
	const unsigned port = port_of(url);
	AUTO_FREE uid_t *all = calloc(len + 1, sizeof(*all)); /* the first is root */

	if (all == NULL)
		return error_memory(err);
	for (size_t i = 0; i < len; i++)
		all[i + 1] = uids[i];
	if (find(port, all, len + 1, ret_state, err) < 0)
		return -1;
	if (*ret_state != LISTENER_ANOTHER)
		return 0;
	error_set(err, ERROR_DENIED, "another user than the gateway's listens on port %u", port);
	return error_hint(err, "it was told no token: see who that is (ss -ltnp); where it is the "
			       "gateway, say whose that is: --for USER");
}

int listener_check(const struct http_url *url, const uid_t *uids, size_t len, struct error *err)
{
	enum listener_state state;

	return judge(url, uids, len, &state, err);
}

int listener_check_up(const struct http_url *url, const uid_t *uids, size_t len, struct error *err)
{
	enum listener_state state;

	if (judge(url, uids, len, &state, err) < 0)
		return -1;
	if (state == LISTENER_UP)
		return 0;
	return error_set(err, ERROR_FINDINGS, "nobody listens on port %u: is the gateway up?",
			 port_of(url));
}
