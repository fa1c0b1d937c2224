/* SPDX-License-Identifier: MIT */
/*
 * ASCII armor: PEM with one label, 64 columns, no headers (C2SP age.md, "ASCII armor").
 * The reader is strict but for CRLF, and white space around the whole.
 *
 * Both are adapters: a reader is a source that reads text from a source, a writer is a
 * sink that writes text to a sink.
 */
#ifndef AGE_ARMOR_H
#define AGE_ARMOR_H

#include <stdbool.h>
#include <stdint.h>

#include "age/file.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/span.h"

/* How many bytes at the front tell armor from a plain age file. */
#define AGE_ARMOR_PEEK 1100

/* Does an age file that begins with bytes come in armor? */
bool age_armor_likely(struct span bytes);

enum age_armor_state {
	AGE_ARMOR_START, /* before the first line */
	AGE_ARMOR_BODY,
	AGE_ARMOR_LAST, /* after a short line: only the last line may follow */
	AGE_ARMOR_END,  /* after the last line */
};

struct age_armor_reader {
	const struct age_source *source;
	enum age_armor_state state;
	bool ended;      /* the source has no more */
	struct buf text; /* read, not decoded up to text_start */
	size_t text_start;
	struct buf bytes; /* decoded, not handed out up to bytes_start */
	size_t bytes_start;
	size_t blanks; /* white space seen before the first line */
};

#define AGE_ARMOR_READER_INIT                                                                      \
	((struct age_armor_reader){ NULL, AGE_ARMOR_START, false, BUF_INIT, 0, BUF_INIT, 0, 0 })

/* An age_source's read; context is a struct age_armor_reader with its source set. ERROR_FORMAT. */
int age_armor_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err);
void age_armor_reader_release(struct age_armor_reader *reader);

struct age_armor_writer {
	const struct age_sink *sink;
	bool started;
	uint8_t held[48]; /* the beginning of a line */
	size_t held_len;
	struct buf text;
};

#define AGE_ARMOR_WRITER_INIT ((struct age_armor_writer){ NULL, false, { 0 }, 0, BUF_INIT })

/* An age_sink's write; context is a struct age_armor_writer with its sink set. */
int age_armor_write(void *context, struct span bytes, struct error *err);
/* The last lines. */
MUST_USE int age_armor_finish(struct age_armor_writer *writer, struct error *err);
void age_armor_writer_release(struct age_armor_writer *writer);

#endif
