/* SPDX-License-Identifier: MIT */
/*
 * As much of HTTP/1.1 (RFC 9112) as it takes to ask a service of this host whether it is up: one GET, and
 * of the answer the status alone. Pure: nothing here connects.
 */
#ifndef ACTIVATE_HTTP_H
#define ACTIVATE_HTTP_H

#include <netinet/in.h>
#include <stdbool.h>

#include "util/error.h"
#include "util/span.h"

#define HTTP_PATH_MAX 1024
#define HTTP_REQUEST_MAX (HTTP_PATH_MAX + 256)
/* Of an answer, up to the end of its header. */
#define HTTP_ANSWER_MAX ((size_t)16 << 10)

struct http_url {
	struct sockaddr_storage address;
	socklen_t address_len;
	char host[64]; /* with the port, as it was given */
	char path[HTTP_PATH_MAX];
};

/*
 * "http://HOST[:PORT][/PATH]", where HOST is 127.0.0.1 (or another address that begins with 127), [::1], or
 * localhost, which is 127.0.0.1. ERROR_USAGE for any other: nothing of a secret's coming and going is for
 * the network, and names are looked up nowhere.
 */
MUST_USE int http_url_parse(const char *text, struct http_url *ret_url, struct error *err);
/* The request's bytes, NUL-terminated. */
void http_request(const struct http_url *url, char ret_request[HTTP_REQUEST_MAX]);
/* Is the header complete, so that http_status() can say something? */
bool http_is_complete(struct span answer);
/* The status of a complete answer: 100 to 599. ERROR_FORMAT where it is no HTTP/1 answer. */
MUST_USE int http_status(struct span answer, unsigned *ret_status, struct error *err);

#endif
