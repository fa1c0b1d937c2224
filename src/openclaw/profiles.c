/* SPDX-License-Identifier: MIT */
#include "openclaw/profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openclaw/known.h"
#include "util/file.h"

#define CHUNK ((size_t)256 << 10)

/* Where a profile says which kind it is. */
static const char mark[] = "\"type\":\"";

/* "secretref-managed" and the like, or a variable's name. */
static bool is_marker(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!(value.data[i] >= 'A' && value.data[i] <= 'Z') && value.data[i] != '_' &&
		    !(value.data[i] >= '0' && value.data[i] <= '9'))
			return span_starts_with(value, "secretref-");
	return value.len == 0 || known_variable(value);
}

/* Has the profile a text under that name, which is given as "\"NAME\":\""? */
static bool has_text(struct span profile, const char *name)
{
	const size_t len = strlen(name);
	const uint8_t *at = profile.len > 0 ? memmem(profile.data, profile.len, name, len) : NULL;
	struct span rest, value = SPAN_INIT;

	if (at == NULL)
		return false;
	rest = span_slice(profile, (size_t)(at - profile.data) + len, profile.len);
	return span_take_until(&rest, '"', &value) && !is_marker(value);
}

static bool is_brace(uint8_t byte)
{
	return byte == '{' || byte == '}';
}

/*
 * From the "{" before to the "}" behind: there are no maps in one with a secret in it, and one mark. Looking back no
 * further than to the mark before, from, each byte is looked at twice at most, whatever is in the file.
 */
static struct span profile_around(struct span text, size_t from, size_t at)
{
	size_t start = at, end = at + strlen(mark);

	while (start > from && at - start < PROFILE_LEN_MAX && text.data[start - 1] != '{')
		start--;
	while (end < text.len && end - at < PROFILE_LEN_MAX && !is_brace(text.data[end]) &&
	       !span_starts_with(span_slice(text, end, text.len), mark))
		end++;
	return span_slice(text, start, end - start);
}

void profiles_look(struct span text, struct profiles *found)
{
	size_t at = 0;

	while (at < text.len) {
		const struct span rest = span_slice(text, at, text.len);
		const uint8_t *next = memmem(rest.data, rest.len, mark, strlen(mark));
		struct span type, profile;

		if (next == NULL)
			return;
		profile = profile_around(text, at, (size_t)(next - text.data));
		at = (size_t)(next - text.data) + strlen(mark);
		type = span_slice(text, at, text.len);
		if (span_starts_with(type, "api_key\""))
			found->keys = found->keys || has_text(profile, "\"key\":\"");
		else if (span_starts_with(type, "token\""))
			found->keys = found->keys || has_text(profile, "\"token\":\"");
		else if (span_starts_with(type, "oauth\""))
			found->logins = found->logins || has_text(profile, "\"access\":\"") ||
					has_text(profile, "\"refresh\":\"");
	}
}

/* Piece by piece; the end of one is the start of the next. */
static int look_at_all(int fd, struct profiles *found, struct error *err)
{
	AUTO(secret) chunk = SECRET_INIT;
	uint64_t bytes = 0;
	size_t kept = 0;

	if (secret_reserve(&chunk, CHUNK, err) < 0)
		return -1;
	while (bytes <= PROFILES_BYTES_MAX) {
		const ssize_t got = read(fd, chunk.data + kept, chunk.cap - kept);
		size_t len;

		if (got < 0 && errno == EINTR)
			continue;
		found->is_whole = got == 0;
		if (got <= 0)
			return 0;
		bytes += (uint64_t)got;
		len = kept + (size_t)got;
		profiles_look(span_of(chunk.data, len), found);
		kept = len < 2 * PROFILE_LEN_MAX ? len : 2 * PROFILE_LEN_MAX;
		memmove(chunk.data, chunk.data + len - kept, kept);
	}
	return 0;
}

int profiles_read(const char *path, struct profiles *ret_found, struct error *err)
{
	struct stat status;
	AUTO_FD int fd = file_open_inert(AT_FDCWD, path, O_NOFOLLOW, &status);

	*ret_found = (struct profiles){ .is_whole = fd >= 0 || errno != EACCES };
	if (fd < 0 || !S_ISREG(status.st_mode))
		return 0;
	return look_at_all(fd, ret_found, err);
}
