/* SPDX-License-Identifier: MIT */
/*
 * Variables as they stand in files: .env, EnvironmentFile=, a unit's Environment=, /proc/PID/environ. Readers that take
 * what they know and pass over the rest: they look for what should not be there, in whatever syntax its reader has.
 */
#ifndef OPENCLAW_SETTINGS_H
#define OPENCLAW_SETTINGS_H

#include "util/secret.h"

#define SETTINGS_WORD_MAX ((size_t)64 << 10)

/* One variable; borrowed from the text. The value is without the quotes around it, escapes are as they stand. */
struct setting {
	struct span name, value;
	size_t line;
};

/*
 * The next "NAME=value" of a text of lines, "export" and blanks before it allowed; false at the end. A value in quotes
 * may go on over lines. text is what is left, *line (0 at first) the line that was read last.
 */
bool settings_take(struct span *text, size_t *line, struct setting *ret_setting);
/* The same of entries that end with a NUL. */
bool settings_take_environ(struct span *text, struct setting *ret_setting);

/* A setting of a unit file: [section] key=value, with the lines that a backslash continues. */
struct unit_line {
	struct span section, key; /* borrowed from the text */
	struct secret value;      /* continued lines joined by a blank */
	size_t line;
};

#define UNIT_LINE_INIT ((struct unit_line){ SPAN_INIT, SPAN_INIT, SECRET_INIT, 0 })

/* What is being read of a unit file; begins as { text }. */
struct unit_text {
	struct span rest, section;
	size_t line;
};

/* The next setting; *ret_more is false at the end. */
MUST_USE int unit_take(struct unit_text *text, struct unit_line *line, bool *ret_more,
		       struct error *err);
void unit_line_release(struct unit_line *line);
/*
 * The next word of a value as systemd splits it: blanks between, quotes around, a backslash before a character; false
 * at the end, or where it is too long. word is emptied first.
 */
MUST_USE int unit_take_word(struct span *value, struct secret *word, bool *ret_more,
			    struct error *err);

#endif
