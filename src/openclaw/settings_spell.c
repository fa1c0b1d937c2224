/* SPDX-License-Identifier: MIT */
#include "openclaw/settings.h"

#include <string.h>

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("/._-+:,@=~", c) != NULL);
}

int unit_spell_word(struct span text, bool in_command, struct buf *out, struct error *err)
{
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t c = text.data[i];
		int result;

		if (c == '%')
			result = buf_append_text(out, "%%", err);
		else if (c == '$')
			result = buf_append_text(out, in_command ? "$$" : "$", err);
		else if (is_plain(c))
			result = buf_append(out, &c, 1, err);
		else
			result = buf_printf(out, err, "\\x%02x", c);
		if (result < 0)
			return -1;
	}
	return 0;
}

int unit_spell_line(struct span text, struct buf *out, struct error *err)
{
	for (size_t i = 0; i < text.len; i++)
		if (buf_append(out, &text.data[i], 1, err) < 0 ||
		    (text.data[i] == '%' && buf_append_text(out, "%", err) < 0))
			return -1;
	return 0;
}
