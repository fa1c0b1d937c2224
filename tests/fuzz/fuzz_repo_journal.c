/* SPDX-License-Identifier: MIT */
/* The journal's index: what parses has good paths alone, and is formatted to the same bytes. */
#include "fuzz.h"
#include "repo/journal.h"

static void check(const struct repo_journal *journal, const uint8_t *data, size_t len)
{
	struct buf text = BUF_INIT;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < journal->len; i++)
		fuzz_require(repo_path_is_good(span_of_text(journal->items[i].path)));
	fuzz_require(repo_journal_format(journal, &text, &err) == 0);
	/* but for zeros before the inode */
	fuzz_require(text.len <= len);
	fuzz_require(text.len < len || memcmp(text.data, data, len) == 0);
	buf_release(&text);
}

/* A right end is put behind the input: a fuzzer finds no digest. */
static size_t finish(const uint8_t *data, size_t len, uint8_t **ret_text)
{
	static const char end[] = "end ";
	uint8_t digest[HASH_SHA256_LEN], *text = malloc(len + 4 + 2 * sizeof(digest) + 2);
	size_t at = len + 4;

	fuzz_require(text != NULL);
	if (len > 0)
		memcpy(text, data, len);
	memcpy(text + len, end, 4);
	hash_sha256(span_of(text, len), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		text[at++] = (uint8_t) "0123456789abcdef"[digest[i] >> 4];
		text[at++] = (uint8_t) "0123456789abcdef"[digest[i] & 15];
	}
	text[at++] = '\n';
	*ret_text = text;
	return at;
}

static void parse(const uint8_t *data, size_t len)
{
	struct repo_journal journal = REPO_JOURNAL_INIT;
	struct error err = ERROR_INIT;
	const int result = repo_journal_parse(span_of(data, len), &journal, &err);

	fuzz_result(result, &err);
	if (result == 0)
		check(&journal, data, len);
	repo_journal_release(&journal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *text;
	size_t text_len;

	fuzz_start();
	parse(data, len);
	text_len = finish(data, len, &text);
	parse(text, text_len);
	free(text);
	fuzz_end();
	return 0;
}
