/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"

#include "activate/generation.h"
#include "activate/links.h"
#include "activate/ramfs.h"
#include "activate/rollback.h"
#include "doc/doc.h"
#include "ready.h"
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

/* record is taken over. */
static int status_add(struct activate_status *status, uint64_t number, struct record *record,
		      struct error *err)
{
	struct activate_generation *generations =
		realloc(status->generations, (status->len + 1) * sizeof(*status->generations));
	struct activate_generation *added;

	if (generations == NULL)
		return error_memory(err);
	status->generations = generations;
	added = &generations[status->len++];
	*added = (struct activate_generation){ .number = number, .record = *record };
	*record = RECORD_INIT;
	added->sources = calloc(added->record.len + 1, sizeof(*added->sources));
	if (added->sources == NULL)
		return error_memory(err);
	for (size_t i = 0; i < added->record.len; i++)
		added->sources[i] = status_source(&added->record.sources[i]);
	return 0;
}

static int status_add_live(struct activate_status *status, uint64_t number, struct error *err)
{
	AUTO(record) record = RECORD_INIT;

	if (record_load(status->target.root_fd, number, &record, err) < 0)
		return error_wrap(err, "\"%s/%llu/" GENERATION_RECORD "\"", status->target.root,
				  (unsigned long long)number);
	return status_add(status, number, &record, err);
}

/* Others than root may not list them; what has no record is none that could come back. */
static int status_add_older(struct activate_status *status, uint64_t number, struct error *err)
{
	struct error unread = ERROR_INIT;

	while (generation_before(status->target.root_fd, number, &number, &unread) == 0 &&
	       number != 0) {
		AUTO(record) record = RECORD_INIT;

		if (record_load(status->target.root_fd, number, &record, &unread) == 0 &&
		    status_add(status, number, &record, err) < 0)
			return -1;
		error_clear(&unread);
	}
	return 0;
}

int activate_status_read(const char *directory, const char *root,
			 struct activate_status *ret_status, struct error *err)
{
	AUTO(activate_status) status = ACTIVATE_STATUS_INIT;
	uint64_t number;
	bool exists;

	if (target_open(directory, root, &status.target, err) < 0 ||
	    target_current(&status.target, &number, err) < 0 ||
	    generation_exists(status.target.root_fd, number, &exists, err) < 0)
		return -1;
	if (!exists) {
		error_set(err, ERROR_NOT_FOUND, "nothing is live in \"%s\"",
			  text_printable_text(directory).text);
		return error_hint(err, "run \"bootseal activate\"");
	}
	if (status_add_live(&status, number, err) < 0 || status_add_older(&status, number, err) < 0)
		return -1;
	if (ready_look(directory, &status.ready, err) < 0)
		return -1;
	status.read_only = ramfs_is_read_only(status.target.root_fd);
	status.rolled_back_from = rollback_from(status.target.root_fd, number);
	*ret_status = status;
	status = ACTIVATE_STATUS_INIT;
	return 0;
}

void activate_status_release(struct activate_status *status)
{
	target_release(&status->target);
	ready_state_release(&status->ready);
	for (size_t i = 0; i < status->len; i++) {
		record_release(&status->generations[i].record);
		free(status->generations[i].sources);
	}
	free(status->generations);
	status->generations = NULL;
	status->len = 0;
}

int activate_remove(const char *directory, const char *root, bool *ret_was_there,
		    struct names *notes, struct error *err)
{
	AUTO(target) target = TARGET_INIT;
	AUTO(names) links = NAMES_INIT;
	AUTO(target) ready = TARGET_INIT;
	AUTO(lock) lock = LOCK_INIT;
	struct error ignored = ERROR_INIT;
	uint64_t number = 0;

	/* What is not ours is refused before a lock file is made. */
	if (target_open(directory, root, &target, err) < 0 ||
	    target_current(&target, &number, err) < 0 || ready_open(directory, &ready, err) < 0 ||
	    ready_check_ours(&ready, err) < 0 || target_lock(&target, &lock, err) < 0 ||
	    target_current(&target, &number, err) < 0)
		return -1;
	*ret_was_there = number != 0 || target.kind != TARGET_ABSENT || ready.kind != TARGET_ABSENT;
	if (target.root_fd >= 0 && links_of_all(target.root_fd, &links, err) < 0)
		return -1;
	if (ready_remove(&ready, err) == 0 && target_remove(&target, err) == 0)
		return links_drop(&target, &links, NULL, notes, err);
	if (number == 0)
		(void)!target_unlock(&target, &ignored);
	return -1;
}
