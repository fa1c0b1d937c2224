/* SPDX-License-Identifier: MIT */
/*
 * Variables as they stand in files: .env, EnvironmentFile=, a unit's Environment=, /proc/PID/environ. Readers that take
 * what they know and pass over the rest: they look for what should not be there, in whatever syntax its reader has.
 */
#ifndef OPENCLAW_SETTINGS_H
#define OPENCLAW_SETTINGS_H

#include "util/buf.h"
#include "util/secret.h"

#define SETTINGS_WORD_MAX ((size_t)64 << 10)

/* What leads the dynamic loader, for UnsetEnvironment= of a unit with commands of root's. */
#define UNIT_LOADER_VARIABLES                                                                      \
	"LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH LD_ORIGIN_PATH LD_DEBUG LD_DEBUG_OUTPUT LD_PROFILE "  \
	"LD_PROFILE_OUTPUT LD_TRACE_LOADED_OBJECTS GLIBC_TUNABLES GCONV_PATH LOCPATH MALLOC_TRACE"

/* One variable; borrowed from the text. The value is without the quotes around it, escapes are as they stand. */
struct setting {
	struct span name, value;
	struct span behind; /* a closing quote, on its line */
	size_t line;
	uint8_t quote; /* 0: none */
	bool is_open;  /* it is not closed, and the value is the rest of the line with it */
};

/*
 * The next "NAME=value" of a text of lines, "export" and blanks before it allowed; false at the end. A value in quotes
 * may go on over lines. text is what is left, *line (0 at first) the line that was read last.
 */
bool settings_take(struct span *text, size_t *line, struct setting *ret_setting);
/* The same of entries that end with a NUL. */
bool settings_take_environ(struct span *text, struct setting *ret_setting);

bool settings_is_name_byte(uint8_t c);

/*
 * What of a text cannot be taken exactly as its readers do: in words, with its line; NULL where there is nothing. Of a
 * unit, of what it says of the environment.
 */
const char *settings_doubt(struct span text, size_t *ret_line);
MUST_USE int unit_doubt(struct span text, const char **ret_what, size_t *ret_line,
			struct error *err);

/*
 * Does a line of either, commented out or not, seem to hold a secret: by a name, an option or its looks? What manuals have
 * in a secret's place is none.
 */
MUST_USE int line_tells_secret(struct span line, bool *ret_tells, struct error *err);
bool line_is_comment(struct span line);

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
	bool is_within_line; /* as an editor counts them */
};

/* The next setting; *ret_more is false at the end. */
MUST_USE int unit_take(struct unit_text *text, struct unit_line *line, bool *ret_more,
		       struct error *err);
void unit_line_release(struct unit_line *line);
/*
 * The next word of a value as systemd splits it: blanks between, quotes around, and its escapes (\s, \x5f, \055, …); false
 * at the end, or where it is too long. word is emptied first.
 */
MUST_USE int unit_take_word(struct span *value, struct secret *word, bool *ret_more,
			    struct error *err);
/* Each of them, until one call fails. */
MUST_USE int unit_each_word(struct span value,
			    int (*each)(void *argument, struct span word, struct error *err),
			    void *argument, struct error *err);

/*
 * settings_spell.c: text, which has no NUL, so that systemd takes it for just that, where a setting has words (part of one,
 * within quotes or not) or is a line as a whole. In a command a "$" would be a variable.
 */
MUST_USE int unit_spell_word(struct span text, bool in_command, struct buf *out, struct error *err);
MUST_USE int unit_spell_line(struct span text, struct buf *out, struct error *err);

#endif
