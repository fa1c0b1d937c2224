/* SPDX-License-Identifier: MIT */
/*
 * A change as bytes: for each file a value whose name is its path and whose bytes are its status in figures, a line,
 * then one with what it was, one with what it is, and one with its extended attributes. The first value is the user. It
 * is sealed where it lies.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/values.h"
#include "openclaw/change.h"

#define RECORD_VERSION 2
#define FIGURES 10

enum record_value { RECORD_USER, RECORD_FILE, RECORD_BEFORE, RECORD_AFTER, RECORD_ATTRIBUTES };

static int put(struct secret *out, enum record_value entry, const char *name, struct span bytes,
	       struct error *err)
{
	return values_put(out, &(struct value){ entry, span_of_text(name), bytes }, err);
}

static int put_file(struct secret *out, const struct change_file *file, struct error *err)
{
	const struct stat *s = &file->status;
	AUTO(buf) line = BUF_INIT;

	if (buf_printf(&line, err, "%d %d %d %u %u %u %jd %ld %jd %ld", (int)file->kind,
		       file->as_user, file->existed, (unsigned)s->st_mode, (unsigned)s->st_uid,
		       (unsigned)s->st_gid, (intmax_t)s->st_atim.tv_sec, s->st_atim.tv_nsec,
		       (intmax_t)s->st_mtim.tv_sec, s->st_mtim.tv_nsec) < 0 ||
	    put(out, RECORD_FILE, file->path, buf_span(&line), err) < 0 ||
	    put(out, RECORD_BEFORE, "", secret_span(&file->before), err) < 0)
		return -1;
	if (put(out, RECORD_AFTER, "", secret_span(&file->after), err) < 0)
		return -1;
	return put(out, RECORD_ATTRIBUTES, "", secret_span(&file->attributes), err);
}

int change_format(const struct change *change, struct secret *ret_bytes, struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	AUTO(buf) line = BUF_INIT;

	if (buf_printf(&line, err, "%d %u %u %d", RECORD_VERSION, (unsigned)change->user.uid,
		       (unsigned)change->user.gid, change->ran) < 0 ||
	    put(&out, RECORD_USER, change->user.name, buf_span(&line), err) < 0)
		return -1;
	for (size_t i = 0; i < change->len; i++)
		if (put_file(&out, &change->files[i], err) < 0)
			return -1;
	*ret_bytes = secret_move(&out);
	return 0;
}

/* --- Back --- */

static int fail_format(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "it is no record of a setup, or of another version");
}

/* Decimal numbers with a blank between; false where there are not exactly count. */
static bool take_figures(struct span line, int64_t *figures, size_t count)
{
	struct span part;

	for (size_t i = 0; i < count; i++) {
		char text[24] = "", *end;

		if (!span_take_until(&line, ' ', &part) || part.len == 0 ||
		    part.len >= sizeof(text))
			return false;
		memcpy(text, part.data, part.len);
		figures[i] = strtoll(text, &end, 10);
		if (end != text + part.len)
			return false;
	}
	return line.len == 0;
}

static bool are_in_range(const int64_t *f)
{
	return f[0] >= CHANGE_WRITE && f[0] <= CHANGE_DIRECTORY && f[1] >= 0 && f[1] <= 1 &&
	       f[2] >= 0 && f[2] <= 1 && f[3] >= 0 && f[3] <= UINT16_MAX && f[4] >= 0 &&
	       f[4] < UINT32_MAX && f[5] >= 0 && f[5] < UINT32_MAX && f[7] >= 0 &&
	       f[7] < 1000000000 && f[9] >= 0 && f[9] < 1000000000;
}

/* Absolute, and what a path can be. */
static bool is_path(struct span path)
{
	return span_starts_with(path, "/") && path.len < 4096 &&
	       memchr(path.data, '\0', path.len) == NULL;
}

static int take_file(struct span *rest, const struct value *head, struct change *change,
		     struct error *err)
{
	struct value before, after, attributes;
	struct change_file *file;
	int64_t f[FIGURES];
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (head->entry != RECORD_FILE || !is_path(head->name) ||
	    !take_figures(head->bytes, f, FIGURES) || !are_in_range(f) ||
	    !values_take(rest, &before) || before.entry != RECORD_BEFORE ||
	    !values_take(rest, &after) || after.entry != RECORD_AFTER ||
	    !values_take(rest, &attributes) || attributes.entry != RECORD_ATTRIBUTES)
		return fail_format(err);
	if (buf_append_span(&text, head->name, err) < 0 || buf_text(&text, &path, err) < 0 ||
	    change_add(change, path, &file, err) < 0)
		return -1;
	file->kind = (enum change_kind)f[0];
	file->as_user = f[1] != 0;
	file->existed = f[2] != 0;
	file->status.st_mode = (mode_t)f[3];
	file->status.st_uid = (uid_t)f[4];
	file->status.st_gid = (gid_t)f[5];
	file->status.st_atim = (struct timespec){ f[6], (long)f[7] };
	file->status.st_mtim = (struct timespec){ f[8], (long)f[9] };
	if (secret_append_span(&file->before, before.bytes, err) < 0 ||
	    secret_append_span(&file->after, after.bytes, err) < 0)
		return -1;
	return secret_append_span(&file->attributes, attributes.bytes, err);
}

int change_parse(struct span bytes, struct change *ret_change, struct error *err)
{
	AUTO(change) change = CHANGE_INIT;
	struct value value;
	int64_t f[4];

	if (!values_take(&bytes, &value) || value.entry != RECORD_USER || value.name.len == 0 ||
	    memchr(value.name.data, '\0', value.name.len) || !take_figures(value.bytes, f, 4) ||
	    f[0] != RECORD_VERSION || f[1] <= 0 || f[1] >= UINT32_MAX || f[2] < 0 ||
	    f[2] >= UINT32_MAX || f[3] < 0 || f[3] > 1)
		return fail_format(err);
	change.user.name = strndup((const char *)value.name.data, value.name.len);
	if (change.user.name == NULL)
		return error_memory(err);
	change.user.uid = (uid_t)f[1];
	change.user.gid = (gid_t)f[2];
	change.ran = f[3] != 0;
	while (bytes.len > 0) {
		if (!values_take(&bytes, &value))
			return fail_format(err);
		if (take_file(&bytes, &value, &change, err) < 0)
			return -1;
	}
	*ret_change = change;
	change = CHANGE_INIT;
	return 0;
}
