/* SPDX-License-Identifier: MIT */
#include "activate/http.h"
#include "fuzz.h"

/* The first byte chooses: a URL, or an answer. */
static void fuzz_url(struct span text)
{
	struct http_url url;
	struct error err = ERROR_INIT;
	char request[HTTP_REQUEST_MAX], copy[2048];
	int status;

	if (text.len >= sizeof(copy) || (text.len > 0 && memchr(text.data, 0, text.len) != NULL))
		return;
	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	status = http_url_parse(copy, &url, &err);
	fuzz_result(status, &err);
	if (status < 0)
		return;
	fuzz_require(url.address.ss_family == AF_INET || url.address.ss_family == AF_INET6);
	fuzz_require(url.path[0] == '/' && strpbrk(url.path, " \r\n") == NULL);
	http_request(&url, request);
	fuzz_require(strcmp(request + strlen(request) - 4, "\r\n\r\n") == 0);
	/* The one empty line is at its end. */
	fuzz_require(strstr(request, "\r\n\r\n") == request + strlen(request) - 4);
}

static void fuzz_answer(struct span text)
{
	struct error err = ERROR_INIT;
	unsigned code = 0;
	int status = http_status(text, &code, &err);

	fuzz_result(status, &err);
	fuzz_require(status < 0 || (code >= 100 && code <= 599 && http_is_complete(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span text = span_of(data, len);
	uint8_t which;

	if (!span_take_u8(&text, &which))
		return 0;
	if (which == 'u')
		fuzz_url(text);
	else
		fuzz_answer(text);
	fuzz_end();
	return 0;
}
