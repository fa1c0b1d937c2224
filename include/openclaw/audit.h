/* SPDX-License-Identifier: MIT */
/*
 * What "openclaw secrets audit --json" finds: {"version":1,"findings":[{"code":"PLAINTEXT_FOUND","file":"…",
 * "jsonPath":"gateway.auth.token"}]}. Parses foreign bytes, and runs in a sandboxed child.
 */
#ifndef OPENCLAW_AUDIT_H
#define OPENCLAW_AUDIT_H

#include "activate/names.h"
#include "activate/values.h"

#define AUDIT_MAX ((size_t)4 << 20)
#define AUDIT_FINDINGS_MAX 1024

enum audit_code {
	AUDIT_PLAINTEXT,
	AUDIT_RESIDUE, /* what an OpenClaw of before, or a login, has left */
	AUDIT_OTHER,   /* a SecretRef that leads nowhere or is not used, and what is not known */
};

/*
 * The answer is a row of values (activate/values.h): entry is the code, name is the file, and bytes is the path in it,
 * both printable. Takes the text over; other fields count for nothing. ERROR_FORMAT where it is no such report;
 * ERROR_UNSUPPORTED for another version; ERROR_LIMIT; what doc_parse() says.
 */
MUST_USE int audit_parse(struct secret *text, struct secret *answer, struct error *err);

/*
 * Is a finding what was said to stay? stays are "FILE" or "FILE: PATH", printable; a file stays with all that is in it.
 * Never where a SecretRef is concerned.
 */
bool audit_stays(const struct value *finding, const struct names *stays);

#endif
