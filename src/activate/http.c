/* SPDX-License-Identifier: MIT */
#include "activate/http.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "util/text.h"

#define HTTP_SCHEME "http://"
#define HTTP_PORT 80
/* "127.255.255.255", "localhost" */
#define HTTP_NAME_MAX 16

/* --- The question --- */

static int http_fail_url(const char *text, const char *why, struct error *err)
{
	error_set(err, ERROR_USAGE, "\"%s\" %s", text_printable_text(text).text, why);
	return error_hint(err, "as in http://127.0.0.1:18789/healthz");
}

static bool http_take_port(struct span text, uint16_t *ret_port)
{
	unsigned port = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || text.len > 5)
			return false;
		port = port * 10 + (unsigned)(text.data[i] - '0');
	}
	*ret_port = (uint16_t)port;
	return port > 0 && port <= UINT16_MAX;
}

static void http_set_v4(struct http_url *url, struct in_addr address, uint16_t port)
{
	const struct sockaddr_in whole = { .sin_family = AF_INET,
					   .sin_port = htons(port),
					   .sin_addr = address };

	memcpy(&url->address, &whole, sizeof(whole));
	url->address_len = sizeof(whole);
}

static bool http_take_host(struct span host, uint16_t port, struct http_url *url)
{
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
					 .sin6_port = htons(port),
					 .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct in_addr v4 = { htonl(INADDR_LOOPBACK) };
	char name[HTTP_NAME_MAX];

	if (span_equal_text(host, "[::1]")) {
		memcpy(&url->address, &v6, sizeof(v6));
		url->address_len = sizeof(v6);
		return true;
	}
	if (!span_equal_text(host, "localhost")) {
		if (host.len == 0 || host.len >= sizeof(name))
			return false;
		memcpy(name, host.data, host.len);
		name[host.len] = '\0';
		if (inet_pton(AF_INET, name, &v4) != 1 || ntohl(v4.s_addr) >> 24 != IN_LOOPBACKNET)
			return false;
	}
	http_set_v4(url, v4, port);
	return true;
}

/* HOST[:PORT]: the colon behind a bracket, or the only one. */
static bool http_take_authority(struct span authority, struct http_url *url)
{
	struct span host = authority;
	uint16_t port = HTTP_PORT;
	const uint8_t *colon =
		authority.len == 0 ? NULL : memrchr(authority.data, ':', authority.len);

	if (authority.len == 0 || authority.len >= sizeof(url->host))
		return false;
	if (colon != NULL && !span_ends_with(authority, "]")) {
		const size_t len = (size_t)(colon - authority.data);

		host = span_slice(authority, 0, len);
		if (!http_take_port(span_slice(authority, len + 1, authority.len), &port))
			return false;
	}
	memcpy(url->host, authority.data, authority.len);
	url->host[authority.len] = '\0';
	return http_take_host(host, port, url);
}

/* What stands in a request line as it is. */
static bool http_take_path(struct span path, struct http_url *url)
{
	if (path.len == 0)
		path = SPAN_LITERAL("/");
	if (path.len >= sizeof(url->path))
		return false;
	for (size_t i = 0; i < path.len; i++)
		if (path.data[i] <= ' ' || path.data[i] >= 0x7f || path.data[i] == '#')
			return false;
	memcpy(url->path, path.data, path.len);
	url->path[path.len] = '\0';
	return true;
}

int http_url_parse(const char *text, struct http_url *ret_url, struct error *err)
{
	struct http_url url = { .address_len = 0 };
	struct span rest = span_of_text(text);
	size_t len = 0;

	if (!span_starts_with(rest, HTTP_SCHEME))
		return http_fail_url(text, "is no http URL", err);
	rest = span_slice(rest, strlen(HTTP_SCHEME), rest.len);
	while (len < rest.len && rest.data[len] != '/')
		len++;
	if (!http_take_authority(span_slice(rest, 0, len), &url))
		return http_fail_url(
			text, "is not of this host: 127.0.0.1, [::1] or localhost, and a port",
			err);
	if (!http_take_path(span_slice(rest, len, rest.len), &url))
		return http_fail_url(text,
				     "has a path that is too long, or cannot stand in a request",
				     err);
	*ret_url = url;
	return 0;
}

void http_request(const struct http_url *url, char ret_request[HTTP_REQUEST_MAX])
{
	snprintf(ret_request, HTTP_REQUEST_MAX,
		 "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bootseal\r\nAccept: */*\r\n"
		 "Connection: close\r\n\r\n",
		 url->path, url->host);
}

/* --- The answer --- */

bool http_is_complete(struct span answer)
{
	return answer.len > 0 && (memmem(answer.data, answer.len, "\r\n\r\n", 4) != NULL ||
				  memmem(answer.data, answer.len, "\n\n", 2) != NULL);
}

/* "HTTP/1.1 200 OK": the reason may be missing, and says nothing. */
int http_status(struct span answer, unsigned *ret_status, struct error *err)
{
	struct span line = SPAN_INIT;
	unsigned status = 0;
	bool good = http_is_complete(answer) && span_take_line(&answer, &line);

	good = good && (span_starts_with(line, "HTTP/1.1 ") || span_starts_with(line, "HTTP/1.0 "));
	line = span_slice(line, sizeof("HTTP/1.1 ") - 1, line.len);
	for (size_t i = 0; good && i < 3; i++) {
		good = line.len > i && line.data[i] >= '0' && line.data[i] <= '9';
		status = good ? status * 10 + (unsigned)(line.data[i] - '0') : 0;
	}
	good = good && (line.len == 3 || line.data[3] == ' ' || line.data[3] == '\r');
	if (!good || status < 100 || status > 599)
		return error_set(err, ERROR_FORMAT, "the answer is not of HTTP/1.1");
	*ret_status = status;
	return 0;
}
