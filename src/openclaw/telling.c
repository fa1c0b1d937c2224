/* SPDX-License-Identifier: MIT */
/* Lines that hold a secret, whatever reads them. */
#include "openclaw/known.h"
#include "openclaw/settings.h"

/* "sk-..." and the like: what a manual has in a secret's place. */
static bool is_example(struct span value)
{
	static const char *const words[] = { "...",     "\xe2\x80\xa6", "your", "xxxx",
					     "example", "placeholder",  NULL };

	return value.len == 0 || value.data[0] == '<' || value.data[0] == '$' ||
	       known_has_word(value, words);
}

/* "--token=x", "NAME=value", "Environment=NAME=value", "sk-…" */
static bool is_telling(struct span before, struct span word)
{
	struct span name, value = known_argument(before, word);

	if (value.len > 0)
		return !is_example(value);
	return known_split(word, &name, &value) && !is_example(known_argument(SPAN_INIT, value));
}

bool line_is_comment(struct span line)
{
	line = span_trim(line);
	return span_starts_with(line, "#") || span_starts_with(line, ";");
}

int line_tells_secret(struct span line, bool *ret_tells, struct error *err)
{
	AUTO(secret) before = SECRET_INIT;
	AUTO(secret) word = SECRET_INIT;
	bool more = true;

	line = span_trim(line);
	while (span_starts_with(line, "#") || span_starts_with(line, ";"))
		line = span_slice(line, 1, line.len);
	for (*ret_tells = false; !*ret_tells;) {
		if (unit_take_word(&line, &word, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		*ret_tells = is_telling(secret_span(&before), secret_span(&word));
		secret_release(&before);
		before = secret_move(&word);
	}
	return 0;
}
