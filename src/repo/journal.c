/* SPDX-License-Identifier: MIT */
/*
 * The index is text: a line with the format's name, one with the command and the inode, then an entry each,
 * "BEFORE AFTER PATH" ended by a NUL, and "end DIGEST" over all that stands before it.
 */
#include "repo/journal.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/codec.h"

#define TITLE "bootseal journal 1\n"
#define END "end "
#define HEX_LEN ((size_t)2 * HASH_SHA256_LEN)
#define TAIL_LEN (sizeof(END) - 1 + HEX_LEN + 1)

void repo_journal_release(struct repo_journal *journal)
{
	for (size_t i = 0; i < journal->len; i++)
		free(journal->items[i].path);
	free(journal->items);
	*journal = REPO_JOURNAL_INIT;
}

static bool is_good_part(struct span part)
{
	char name[sizeof(REPO_JOURNAL)];

	if (part.len == 0 || span_equal_text(part, ".") || span_equal_text(part, ".."))
		return false;
	if (part.len >= sizeof(name))
		return true;
	/* some file systems do not tell .GIT from .git */
	memcpy(name, part.data, part.len);
	name[part.len] = '\0';
	return strcasecmp(name, ".git") != 0 && strcasecmp(name, REPO_JOURNAL) != 0;
}

bool repo_path_is_good(struct span path)
{
	struct span part;

	if (path.len == 0 || path.len >= PATH_MAX || memchr(path.data, '\0', path.len) ||
	    path.data[path.len - 1] == '/')
		return false;
	while (span_take_until(&path, '/', &part))
		if (!is_good_part(part))
			return false;
	return true;
}

int repo_journal_add(struct repo_journal *journal, struct span path,
		     const uint8_t before[HASH_SHA256_LEN], const uint8_t after[HASH_SHA256_LEN],
		     struct error *err)
{
	struct repo_entry *entry;

	if (!repo_path_is_good(path))
		return error_set(err, ERROR_DENIED,
				 "it is no file that is changed together with others");
	if (journal->len == REPO_FILES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d files", REPO_FILES_MAX);
	if (journal->len == journal->cap) {
		const size_t cap = journal->cap > 0 ? journal->cap * 2 : 16;
		struct repo_entry *larger = reallocarray(journal->items, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		journal->items = larger;
		journal->cap = cap;
	}
	entry = &journal->items[journal->len];
	entry->path = strndup((const char *)path.data, path.len);
	if (!entry->path)
		return error_memory(err);
	memcpy(entry->before, before, sizeof(entry->before));
	memcpy(entry->after, after, sizeof(entry->after));
	entry->left = false;
	journal->len++;
	return 0;
}

static int put_digest(struct buf *text, const uint8_t digest[HASH_SHA256_LEN], struct error *err)
{
	char hex[HEX_LEN];

	codec_hex_lower(span_of(digest, HASH_SHA256_LEN), hex);
	return buf_append(text, hex, sizeof(hex), err);
}

static int put_entry(struct buf *text, const struct repo_entry *entry, struct error *err)
{
	if (put_digest(text, entry->before, err) < 0 || buf_append_text(text, " ", err) < 0 ||
	    put_digest(text, entry->after, err) < 0 || buf_append_text(text, " ", err) < 0)
		return -1;
	return buf_append(text, entry->path, strlen(entry->path) + 1, err);
}

int repo_journal_format(const struct repo_journal *journal, struct buf *ret_text, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	uint8_t digest[HASH_SHA256_LEN];

	if (buf_printf(&text, err, TITLE "%s %" PRIu64 "\n", journal->command, journal->inode) < 0)
		return -1;
	for (size_t i = 0; i < journal->len; i++)
		if (put_entry(&text, &journal->items[i], err) < 0)
			return -1;
	hash_sha256(buf_span(&text), digest);
	if (buf_append_text(&text, END, err) < 0 || put_digest(&text, digest, err) < 0 ||
	    buf_append_text(&text, "\n", err) < 0)
		return -1;
	*ret_text = buf_move(&text);
	return 0;
}

static int fail(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "the journal is not whole");
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_digest(struct span *text, uint8_t ret_digest[HASH_SHA256_LEN])
{
	struct span hex;

	if (!span_take(text, HEX_LEN, &hex))
		return false;
	for (size_t i = 0; i < HASH_SHA256_LEN; i++) {
		const int high = digit_of(hex.data[2 * i]), low = digit_of(hex.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_digest[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Takes off the end, if it is the right one. */
static bool take_tail(struct span *text)
{
	uint8_t told[HASH_SHA256_LEN], digest[HASH_SHA256_LEN];
	struct span tail;

	if (text->len < TAIL_LEN)
		return false;
	tail = span_slice(*text, text->len - TAIL_LEN, TAIL_LEN);
	*text = span_slice(*text, 0, text->len - TAIL_LEN);
	if (!span_starts_with(tail, END) || !span_ends_with(tail, "\n"))
		return false;
	tail = span_slice(tail, sizeof(END) - 1, tail.len);
	hash_sha256(*text, digest);
	return take_digest(&tail, told) && memcmp(told, digest, sizeof(told)) == 0;
}

/* "COMMAND INODE" */
static bool read_head(struct span line, struct repo_journal *journal)
{
	struct span command;

	if (!span_take_until(&line, ' ', &command) || command.len == 0 ||
	    command.len >= sizeof(journal->command) || line.len == 0 || line.len > 20)
		return false;
	memcpy(journal->command, command.data, command.len);
	journal->command[command.len] = '\0';
	for (size_t i = 0; i < line.len; i++) {
		const uint64_t digit = (uint64_t)line.data[i] - '0';

		if (digit > 9 || journal->inode > (UINT64_MAX - digit) / 10)
			return false;
		journal->inode = journal->inode * 10 + digit;
	}
	return strspn(journal->command, "abcdefghijklmnopqrstuvwxyz-") == command.len;
}

static int read_entry(struct span *text, struct repo_journal *journal, struct error *err)
{
	uint8_t before[HASH_SHA256_LEN], after[HASH_SHA256_LEN], space;
	struct span path;
	const uint8_t *end;

	if (!take_digest(text, before) || !span_take_u8(text, &space) || space != ' ' ||
	    !take_digest(text, after) || !span_take_u8(text, &space) || space != ' ')
		return fail(err);
	end = text->len > 0 ? memchr(text->data, '\0', text->len) : NULL;
	if (!end || !span_take(text, (size_t)(end - text->data), &path) ||
	    !span_take_u8(text, &space) || !repo_path_is_good(path))
		return fail(err);
	return repo_journal_add(journal, path, before, after, err);
}

int repo_journal_parse(struct span text, struct repo_journal *ret_journal, struct error *err)
{
	AUTO(repo_journal) journal = REPO_JOURNAL_INIT;
	struct span line;

	if (!span_starts_with(text, TITLE) || !take_tail(&text))
		return fail(err);
	text = span_slice(text, sizeof(TITLE) - 1, text.len);
	/* the head's line break is there even where nothing follows */
	if (text.len == 0 || !memchr(text.data, '\n', text.len) || !span_take_line(&text, &line) ||
	    !read_head(line, &journal))
		return fail(err);
	while (text.len > 0)
		if (read_entry(&text, &journal, err) < 0)
			return -1;
	*ret_journal = journal;
	journal = REPO_JOURNAL_INIT;
	return 0;
}
