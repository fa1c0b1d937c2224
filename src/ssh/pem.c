/* SPDX-License-Identifier: MIT */
/*
 * The armor of private keys (RFC 7468, and RFC 1421 for the headers of encrypted ones). Strict but
 * for the length of lines, CRLF, and white space around lines. What stands behind it, a public key or
 * a certificate, is not looked at.
 */
#include <string.h>

#include "internal.h"
#include "util/codec.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define TAIL "-----"
#define DEK "DEK-Info:"

/* "-----BEGIN label-----" */
static bool read_edge(struct span line, const char *start, struct span *ret_label)
{
	const size_t start_len = strlen(start), tail_len = strlen(TAIL);

	line = span_trim(line);
	if (!span_starts_with(line, start) || !span_ends_with(line, TAIL) ||
	    line.len <= start_len + tail_len)
		return false;
	*ret_label = span_slice(line, start_len, line.len - start_len - tail_len);
	return true;
}

static bool is_header(struct span line)
{
	return line.len > 0 && memchr(line.data, ':', line.len);
}

/* "Name: value" lines up to an empty one. */
static int take_headers(struct span *text, struct ssh_pem *pem, struct error *err)
{
	struct span rest = *text, line;
	size_t count = 0;

	for (; span_take_line(&rest, &line) && is_header(line); count++) {
		line = span_trim(line);
		if (span_starts_with(line, DEK))
			pem->dek = span_trim(span_slice(line, strlen(DEK), line.len));
		pem->encrypted = pem->encrypted || (span_starts_with(line, "Proc-Type:") &&
						    span_ends_with(line, "4,ENCRYPTED"));
		*text = rest;
	}
	if (count == 0)
		return 0;
	*text = rest;
	return span_trim(line).len == 0
		       ? 0
		       : ssh_private_broken(err, "there is no empty line behind its headers");
}

/* Joins the lines up to END. */
static int take_body(struct span text, struct span label, struct secret *base64, struct error *err)
{
	struct span line, end;

	while (span_take_line(&text, &line)) {
		if (read_edge(line, END, &end))
			return span_equal(label, end) ? 0
						      : ssh_private_broken(err, "its last line");
		if (secret_append_span(base64, span_trim(line), err) < 0)
			return -1;
	}
	return ssh_private_broken(err, "its last line is missing");
}

int ssh_pem_read(struct span text, struct ssh_pem *ret_pem, struct error *err)
{
	AUTO(ssh_pem) pem = SSH_PEM_INIT;
	AUTO(secret) base64 = SECRET_INIT;
	struct span line;

	if (!span_take_line(&text, &line) || !read_edge(line, BEGIN, &pem.label))
		return ssh_private_broken(err, "its first line");
	if (take_headers(&text, &pem, err) < 0 || secret_reserve(&base64, text.len + 1, err) < 0 ||
	    take_body(text, pem.label, &base64, err) < 0 ||
	    secret_reserve(&pem.bytes, base64.len / 4 * 3 + 3, err) < 0)
		return -1;
	if (!codec_base64_decode(secret_span(&base64), CODEC_BASE64_PADDED, pem.bytes.data,
				 pem.bytes.cap, &pem.bytes.len))
		return ssh_private_broken(err, "its base64");
	*ret_pem = pem;
	pem = SSH_PEM_INIT;
	return 0;
}

void ssh_pem_release(struct ssh_pem *pem)
{
	secret_release(&pem->bytes);
}
