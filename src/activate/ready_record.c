/* SPDX-License-Identifier: MIT */
#include "activate/ready_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/manifest.h"
#include "crypto/random.h"
#include "internal.h"
#include "util/buf.h"
#include "util/codec.h"

#define READY_KEY "key "
/* 32 bytes in base64, without padding. */
#define READY_TEXT_LEN 43

void ready_record_begin(struct ready_record *ret_record)
{
	*ret_record = READY_RECORD_INIT;
	random_bytes(ret_record->key.data, sizeof(ret_record->key.data));
}

struct ready_document *ready_record_find(const struct ready_record *record, const char *name)
{
	for (size_t i = 0; i < record->len; i++)
		if (strcmp(record->items[i].name, name) == 0)
			return &record->items[i];
	return NULL;
}

static int ready_record_reserve(struct ready_record *record, struct error *err)
{
	size_t cap = record->cap == 0 ? 8 : record->cap * 2;
	struct ready_document *items;

	if (record->len < record->cap)
		return 0;
	if (record->len >= MANIFEST_ENTRIES_MAX)
		return error_set(err, ERROR_LIMIT, "a record of more than %d documents",
				 MANIFEST_ENTRIES_MAX);
	items = realloc(record->items, cap * sizeof(*items));
	if (items == NULL)
		return error_memory(err);
	record->items = items;
	record->cap = cap;
	return 0;
}

static void ready_document_release(struct ready_document *document)
{
	free(document->name);
	free(document->unit);
}

int ready_record_put(struct ready_record *record, const char *name, const char *unit,
		     const struct ready_digest *digest, struct error *err)
{
	struct ready_document *there = ready_record_find(record, name);
	struct ready_document document = { strdup(name), strdup(unit), *digest };

	if (document.name == NULL || document.unit == NULL) {
		ready_document_release(&document);
		return error_memory(err);
	}
	if (there != NULL) {
		ready_document_release(there);
		*there = document;
		return 0;
	}
	if (ready_record_reserve(record, err) < 0) {
		ready_document_release(&document);
		return -1;
	}
	record->items[record->len++] = document;
	return 0;
}

void ready_record_drop(struct ready_record *record, size_t index)
{
	ready_document_release(&record->items[index]);
	record->len--;
	memmove(&record->items[index], &record->items[index + 1],
		(record->len - index) * sizeof(*record->items));
}

int ready_record_digest(const struct ready_record *record, struct owner owner, mode_t mode,
			struct span bytes, struct ready_digest *ret_digest, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	char whose[64];

	snprintf(whose, sizeof(whose), "%u:%u:%o\n", (unsigned)owner.uid, (unsigned)owner.gid,
		 (unsigned)mode);
	if (secret_append_text(&text, whose, err) < 0 || secret_append_span(&text, bytes, err) < 0)
		return -1;
	hmac_sha256(span_of(record->key.data, sizeof(record->key.data)), secret_span(&text),
		    ret_digest->bytes);
	return 0;
}

/* --- Its text --- */

static int ready_append_bytes(struct secret *out, const uint8_t *bytes, struct error *err)
{
	if (secret_grow(out, READY_TEXT_LEN, err) < 0)
		return -1;
	codec_base64_encode(span_of(bytes, HMAC_SHA256_LEN), CODEC_BASE64_UNPADDED,
			    (char *)out->data + out->len);
	out->len += READY_TEXT_LEN;
	return 0;
}

static int ready_format_document(const struct ready_document *document, struct secret *out,
				 struct error *err)
{
	if (ready_append_bytes(out, document->digest.bytes, err) < 0 ||
	    secret_append(out, " ", 1, err) < 0 ||
	    secret_append_text(out, document->unit, err) < 0 ||
	    secret_append(out, " ", 1, err) < 0 || secret_append_text(out, document->name, err) < 0)
		return -1;
	return secret_append(out, "\n", 1, err);
}

int ready_record_format(const struct ready_record *record, struct secret *ret_text,
			struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (secret_append_text(&text, READY_KEY, err) < 0 ||
	    ready_append_bytes(&text, record->key.data, err) < 0 ||
	    secret_append(&text, "\n", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < record->len; i++)
		if (ready_format_document(&record->items[i], &text, err) < 0)
			return -1;
	*ret_text = secret_move(&text);
	return 0;
}

static int ready_fail_parse(struct error *err)
{
	return error_set(err, ERROR_FORMAT,
			 "the record of what is published until a unit is ready is damaged");
}

static bool ready_take_bytes(struct span text, uint8_t *ret_bytes)
{
	uint8_t bytes[READY_TEXT_LEN / 4 * 3 + 3];
	size_t len = 0;
	bool good = text.len == READY_TEXT_LEN &&
		    codec_base64_decode(text, CODEC_BASE64_UNPADDED, bytes, sizeof(bytes), &len) &&
		    len == HMAC_SHA256_LEN;

	if (good)
		memcpy(ret_bytes, bytes, HMAC_SHA256_LEN);
	secret_wipe(bytes, sizeof(bytes));
	return good;
}

/* It is removed by that name: below the directory, and no file of ours. */
static bool ready_name_is_good(struct span name)
{
	return reader_is_plain(name) && reader_path_fault(name) == NULL &&
	       !span_starts_with(name, MANIFEST_RESERVED);
}

static int ready_parse_line(struct span line, struct ready_record *record, struct error *err)
{
	struct text_shown unit, name;
	struct ready_digest digest;
	struct span part;

	if (!span_take_until(&line, ' ', &part) || !ready_take_bytes(part, digest.bytes) ||
	    !span_take_until(&line, ' ', &part) || !reader_is_unit(part) ||
	    !ready_name_is_good(line))
		return ready_fail_parse(err);
	snprintf(unit.text, sizeof(unit.text), "%.*s", SPAN_PRINT(part));
	name = text_printable(line);
	if (ready_record_find(record, name.text) != NULL)
		return ready_fail_parse(err);
	return ready_record_put(record, name.text, unit.text, &digest, err);
}

int ready_record_parse(struct span text, struct ready_record *ret_record, struct error *err)
{
	AUTO(ready_record) record = READY_RECORD_INIT;
	struct span line;

	if (!span_take_line(&text, &line) || !span_starts_with(line, READY_KEY) ||
	    !ready_take_bytes(span_slice(line, strlen(READY_KEY), line.len), record.key.data))
		return ready_fail_parse(err);
	while (span_take_line(&text, &line))
		if (ready_parse_line(line, &record, err) < 0)
			return -1;
	*ret_record = record;
	record = READY_RECORD_INIT;
	return 0;
}

void ready_record_release(struct ready_record *record)
{
	for (size_t i = 0; i < record->len; i++)
		ready_document_release(&record->items[i]);
	free(record->items);
	key32_release(&record->key);
	*record = READY_RECORD_INIT;
}
