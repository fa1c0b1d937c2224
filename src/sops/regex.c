/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "sops/select.h"

#include <pcre2.h>
#include <stdlib.h>

#include "sops/regex_translate.h"
#include "util/buf.h"
#include "util/text.h"

/* RE2 takes linear time; PCRE2 may not, so a hostile pattern ends in an error instead. */
#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT_KIB 20000

struct sops_regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

static int compile(struct sops_regex *regex, const struct buf *pattern, struct error *err)
{
	int code = 0;
	PCRE2_SIZE offset = 0;
	char why[120];

	regex->code = pcre2_compile(pattern->data ? pattern->data : (PCRE2_SPTR) "", pattern->len,
				    PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX |
					    PCRE2_NEVER_BACKSLASH_C,
				    &code, &offset, NULL);
	if (!regex->code && code == PCRE2_ERROR_HEAP_FAILED)
		return error_memory(err);
	if (!regex->code) {
		(void)pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
		return error_set(err, ERROR_CONFIG, "%s", why);
	}
	regex->match = pcre2_match_data_create(1, NULL);
	regex->limits = pcre2_match_context_create(NULL);
	if (!regex->match || !regex->limits)
		return error_memory(err);
	(void)pcre2_set_match_limit(regex->limits, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(regex->limits, DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(regex->limits, HEAP_LIMIT_KIB);
	return 0;
}

static int build(struct sops_regex *regex, const char *pattern, struct error *err)
{
	AUTO(buf) translated = BUF_INIT;

	if (sops_regex_translate(span_of_text(pattern), &translated, err) < 0)
		return -1;
	return compile(regex, &translated, err);
}

int sops_regex_new(const char *pattern, const char *what, struct sops_regex **ret_regex,
		   struct error *err)
{
	struct sops_regex *regex = calloc(1, sizeof(*regex));

	if (!regex)
		return error_memory(err);
	if (build(regex, pattern, err) < 0) {
		sops_regex_free(regex);
		return error_wrap(err, "the regular expression of %s, \"%s\"", what,
				  text_printable_text(pattern).text);
	}
	*ret_regex = regex;
	return 0;
}

int sops_regex_match(const struct sops_regex *regex, struct span text, bool *ret_match,
		     struct error *err)
{
	const int result = pcre2_match(regex->code, text.data ? text.data : (PCRE2_SPTR) "",
				       text.len, 0, 0, regex->match, regex->limits);

	if (result == PCRE2_ERROR_NOMEMORY)
		return error_memory(err);
	/* text that is no UTF-8 matches nothing: a document never holds such a key */
	if (result < 0 && result != PCRE2_ERROR_NOMATCH &&
	    !(result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21))
		return error_set(err, ERROR_LIMIT,
				 "a regular expression takes too long; write it in a simpler way");
	*ret_match = result >= 0;
	return 0;
}

void sops_regex_free(struct sops_regex *regex)
{
	if (!regex)
		return;
	pcre2_code_free(regex->code);
	pcre2_match_data_free(regex->match);
	pcre2_match_context_free(regex->limits);
	free(regex);
}
