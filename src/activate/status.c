/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"

#include "activate/generation.h"
#include "activate/ramfs.h"
#include "doc/doc.h"
#include "util/codec.h"
#include "util/file.h"
#include "util/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* A source may have become unreadable to us, or gone: that is a state, not an error. */
static enum activate_source_state status_source(const struct record_source *source)
{
	AUTO(secret) text = SECRET_INIT;
	struct error ignored = ERROR_INIT;
	uint8_t digest[HASH_SHA256_LEN];
	char hexadecimal[RECORD_DIGEST_MAX] = "";

	if (file_read_regular(AT_FDCWD, source->path, DOC_TEXT_MAX, &text, &ignored) < 0)
		return ACTIVATE_GONE;
	hash_sha256(secret_span(&text), digest);
	codec_hex_lower(span_of(digest, sizeof(digest)), hexadecimal);
	return strcmp(hexadecimal, source->digest) == 0 ? ACTIVATE_SAME : ACTIVATE_DIFFERS;
}

static int status_parse_record(struct activate_status *status, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (generation_read(status->target.root_fd, status->generation, GENERATION_RECORD,
			    RECORD_MAX, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return error_set(err, ERROR_NOT_FOUND, "no record of bootseal's");
	return record_parse(&text, &status->record, err);
}

static int status_read_record(struct activate_status *status, struct error *err)
{
	if (status_parse_record(status, err) < 0)
		return error_wrap(err, "\"%s/%llu/" GENERATION_RECORD "\"", status->target.root,
				  (unsigned long long)status->generation);
	status->sources = calloc(status->record.len + 1, sizeof(*status->sources));
	if (status->sources == NULL)
		return error_memory(err);
	for (size_t i = 0; i < status->record.len; i++)
		status->sources[i] = status_source(&status->record.sources[i]);
	return 0;
}

int activate_status_read(const char *directory, struct activate_status *ret_status,
			 struct error *err)
{
	AUTO(activate_status) status = ACTIVATE_STATUS_INIT;
	struct error ignored = ERROR_INIT;

	if (target_open(directory, NULL, &status.target, err) < 0 ||
	    target_current(&status.target, &status.generation, err) < 0)
		return -1;
	if (status.target.kind == TARGET_ABSENT || status.generation == 0 ||
	    !generation_exists(status.target.root_fd, status.generation)) {
		error_set(err, ERROR_NOT_FOUND, "nothing is live in \"%s\"",
			  text_printable_text(directory).text);
		return error_hint(err, "run \"bootseal activate\"");
	}
	if (status_read_record(&status, err) < 0)
		return -1;
	status.read_only = ramfs_is_read_only(status.target.root_fd);
	/* Others than root may not list them. */
	(void)!generation_list(status.target.root_fd, status.generation, &status.older, &ignored);
	*ret_status = status;
	status = ACTIVATE_STATUS_INIT;
	return 0;
}

void activate_status_release(struct activate_status *status)
{
	target_release(&status->target);
	record_release(&status->record);
	names_release(&status->older);
	free(status->sources);
	status->sources = NULL;
}

int activate_remove(const char *directory, bool *ret_was_there, struct error *err)
{
	AUTO(target) target = TARGET_INIT;
	AUTO(target) now = TARGET_INIT;
	AUTO(lock) lock = LOCK_INIT;
	struct error ignored = ERROR_INIT;
	uint64_t number = 0;

	/* What is not ours is refused before a lock file is made. */
	if (target_open(directory, NULL, &target, err) < 0 ||
	    target_current(&target, &number, err) < 0 || target_lock(&target, &lock, err) < 0 ||
	    target_open(directory, NULL, &now, err) < 0 || target_current(&now, &number, err) < 0)
		return -1;
	*ret_was_there = number != 0 || now.kind != TARGET_ABSENT;
	if (target_remove(&now, err) == 0)
		return 0;
	if (number == 0)
		(void)!target_unlock(&now, &ignored);
	return -1;
}
