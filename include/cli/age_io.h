/* SPDX-License-Identifier: MIT */
/*
 * What the age command reads from and writes to. A terminal that is read from ends with the armor's
 * last line; one that is written to gets nothing that could steer it.
 */
#ifndef CLI_AGE_IO_H
#define CLI_AGE_IO_H

#include "age/file.h"
#include "cli/output.h"

struct age_io_input {
	int fd;
	bool by_line; /* a terminal, with armor typed or pasted */
	bool ended;
};

#define AGE_IO_INPUT_INIT ((struct age_io_input){ -1, false, false })

/* A UTF-8 character that the chunk before may have begun: what is read of it, and what is missing. */
struct age_io_text {
	uint32_t code, least;
	unsigned missing;
};

struct age_io_output {
	struct output output;
	bool text_only; /* a terminal that must get nothing but text */
	struct age_io_text state;
	/* until all is known to be whole and text, and was typed on the same terminal, which shows it between */
	bool held_back;
	struct secret held;
};

#define AGE_IO_OUTPUT_INIT                                                                         \
	((struct age_io_output){ OUTPUT_INIT, false, { 0, 0, 0 }, false, SECRET_INIT })
/* More than anybody types or reads goes out as it comes. */
#define AGE_IO_HELD_MAX ((size_t)16 << 20)

MUST_USE int age_io_open(const char *name, bool opens, struct age_io_input *ret_input,
			 struct error *err);
void age_io_input_release(struct age_io_input *input);
/* An age_source's read; context is a struct age_io_input. */
int age_io_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err);
/* An age_sink's write; context is a struct age_io_output. ERROR_DENIED for what is no text. */
int age_io_write(void *context, struct span bytes, struct error *err);
/* What was held back, and all that output_commit() does. */
MUST_USE int age_io_commit(struct age_io_output *output, struct error *err);
/* The error of binary data going to a terminal; hint says how it would not. */
int age_io_refuse(const char *hint, struct error *err);
void age_io_output_release(struct age_io_output *output);

#endif
