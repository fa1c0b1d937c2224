/* SPDX-License-Identifier: MIT */
/* What "keys who" says of a file: for people, and for programs. */
#ifndef CLI_WHO_REPORT_H
#define CLI_WHO_REPORT_H

#include "cli/sealed.h"
#include "keyring/who.h"
#include "util/buf.h"

/* What is told of, and who tells it. */
struct who_report {
	const char *file;
	struct sealed *sealed;
	struct who who;
	bool is_age;
};

/* Each appends to text. */
MUST_USE int who_report_text(const struct who_report *report, struct buf *text, struct error *err);
MUST_USE int who_report_json(const struct who_report *report, struct buf *text, struct error *err);

#endif
