/* SPDX-License-Identifier: MIT */
#include "cli/large.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/repository.h"
#include "util/child.h"
#include "util/file.h"

void large_release(struct large *large)
{
	file_close_pointer(&large->fd);
	sops_parts_release(&large->plain);
	*large = LARGE_INIT;
}

static int read_some(void *context, uint8_t *ret_bytes, size_t cap, size_t *ret_len,
		     struct error *err)
{
	const struct large *large = context;
	ssize_t got;

	do
		got = read(large->fd, ret_bytes, cap);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_sys(err, "cannot read");
	*ret_len = (size_t)got;
	return 0;
}

/* Only a regular file is read twice. */
static bool open_large(const char *name, enum doc_format format, struct large *ret_large)
{
	AUTO(large) large = LARGE_INIT;
	struct error ignored = ERROR_INIT;
	struct stat status;

	if (input_is_dash(name) || !doc_cutter_knows(format) ||
	    input_open(name, &large.fd, &ignored) < 0 || fstat(large.fd, &status) < 0 ||
	    !S_ISREG(status.st_mode) || status.st_size < (off_t)SOPS_PIECES_MIN ||
	    status.st_size > (off_t)DOC_TEXT_MAX)
		return false;
	*ret_large = large;
	large.fd = -1;
	return true;
}

struct search {
	struct sops_source source;
	enum doc_format format;
};

/* In a child without files of its own: foreign bytes. */
static int find_job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct search *search = argument;

	secret_keep_spares();
	return sops_pieces_find_metadata(search->format, &search->source, ret_answer, err);
}

int large_read(const char *name, enum doc_format format, struct large *ret_large,
	       struct sealed *ret_sealed, struct error *err)
{
	AUTO(large) large = LARGE_INIT;
	AUTO(secret) metadata = SECRET_INIT;
	struct error ignored = ERROR_INIT;
	struct search search = { { &large, read_some, 0 }, format };

	repository_look(name);
	if (!open_large(name, format, &large) ||
	    child_job(find_job, &search, &metadata, &ignored) < 0 || metadata.len == 0)
		return sealed_read(name, format, ret_sealed, err);
	if (sealed_take(name, format, &metadata, ret_sealed, err) < 0)
		return -1;
	*ret_large = large;
	large.fd = -1;
	return 0;
}

static int read_whole(const struct large *large, struct sealed *sealed, struct error *err)
{
	secret_release(&sealed->text);
	if (lseek(large->fd, 0, SEEK_SET) < 0)
		return error_sys(err, "cannot read \"%s\"", input_name(sealed->name));
	return file_read_fd(large->fd, input_name(sealed->name), DOC_TEXT_MAX, &sealed->text, err);
}

int large_open(struct large *large, struct sealed *sealed, unsigned flags, bool *ret_done,
	       struct error *err)
{
	const struct sops_source source = { large, read_some, 0 };
	struct sops_notes notes = SOPS_NOTES_INIT;
	struct error ignored = ERROR_INIT;
	struct sops_opener opener;

	*ret_done = false;
	if (large->fd < 0)
		return 0;
	if (sealed_opener(sealed, &opener, err) < 0)
		return -1;
	secret_keep_spares();
	*ret_done = lseek(large->fd, 0, SEEK_SET) == 0 &&
		    sops_pieces_open(sealed->format, &source, &sealed->text, &opener, flags,
				     &large->plain, &notes, &ignored) == 0;
	secret_free_spares();
	if (!*ret_done)
		return read_whole(large, sealed, err);
	sealed_tell(sealed->name, &notes);
	return 0;
}

int large_write(const struct large *large, const struct output *output, struct error *err)
{
	for (size_t i = 0; i < large->plain.len; i++)
		if (output_write(output, secret_span(&large->plain.items[i]), err) < 0)
			return -1;
	return 0;
}
