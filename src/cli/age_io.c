/* SPDX-License-Identifier: MIT */
#include "cli/age_io.h"

#include <errno.h>
#include <unistd.h>

#include "cli/input.h"
#include "util/file.h"

#define LAST_LINE "-----END AGE ENCRYPTED FILE-----"

int age_io_open(const char *name, bool opens, struct age_io_input *ret_input, struct error *err)
{
	if (input_open(name, &ret_input->fd, err) < 0)
		return -1;
	ret_input->by_line = opens && isatty(ret_input->fd);
	return 0;
}

void age_io_input_release(struct age_io_input *input)
{
	file_close_pointer(&input->fd);
}

int age_io_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	struct age_io_input *input = context;
	ssize_t got;

	do
		got = input->ended ? 0 : read(input->fd, data, len);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_sys(err, "cannot read the input");
	/* a terminal hands out its lines one by one, and nobody wants to press control-D after it */
	input->ended =
		got == 0 || (input->by_line &&
			     span_equal_text(span_trim(span_of(data, (size_t)got)), LAST_LINE));
	*ret_len = (size_t)got;
	return 0;
}

/* Control characters, but for those of plain text. */
static bool is_control(uint32_t code)
{
	return (code < 0x20 && code != '\n' && code != '\r' && code != '\t') ||
	       (code >= 0x7f && code < 0xa0);
}

static bool begins_character(struct age_io_text *state, uint8_t c)
{
	if (c < 0x80)
		return !is_control(c);
	/* 0x80 to 0x9f by themselves are control characters to some terminals */
	if (c < 0xc2 || c > 0xf4)
		return false;
	state->missing = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	state->least = c < 0xe0 ? 0x80 : c < 0xf0 ? 0x800 : 0x10000;
	state->code = c & (0x3fu >> state->missing);
	return true;
}

/* UTF-8 without control characters, C1 ones included, from where state was on. */
static bool is_plain_text(struct age_io_text *state, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		const uint8_t c = bytes.data[i];

		if (state->missing == 0) {
			if (!begins_character(state, c))
				return false;
			continue;
		}
		if (c >> 6 != 2)
			return false;
		state->code = state->code << 6 | (c & 63u);
		if (--state->missing == 0 &&
		    (state->code < state->least || is_control(state->code)))
			return false;
	}
	return true;
}

int age_io_refuse(const char *hint, struct error *err)
{
	error_set(err, ERROR_DENIED, "binary data would go to the terminal");
	return error_hint(err, "use %s; \"-o -\" forces it", hint);
}

static int write_held(struct age_io_output *output, struct error *err)
{
	output->held_back = false;
	if (output->held.len > 0 &&
	    output_write(&output->output, secret_span(&output->held), err) < 0)
		return -1;
	secret_release(&output->held);
	return 0;
}

int age_io_write(void *context, struct span bytes, struct error *err)
{
	struct age_io_output *output = context;

	if (output->text_only && !is_plain_text(&output->state, bytes))
		return age_io_refuse("--output FILE", err);
	if (output->held_back && output->held.len + bytes.len <= AGE_IO_HELD_MAX)
		return secret_append_span(&output->held, bytes, err);
	return write_held(output, err) < 0 ? -1 : output_write(&output->output, bytes, err);
}

int age_io_commit(struct age_io_output *output, struct error *err)
{
	return write_held(output, err) < 0 ? -1 : output_commit(&output->output, err);
}

void age_io_output_release(struct age_io_output *output)
{
	secret_release(&output->held);
	output_release(&output->output);
}
