/* SPDX-License-Identifier: MIT */
/* Where an installation lies, and paths as its configuration has them. */
#include <stdlib.h>
#include <string.h>

#include "openclaw/config.h"
#include "util/buf.h"

#define PATH_BYTES_MAX 4096

/* Appends "/part" for each part of path; ".." takes one back. */
static int append_parts(struct buf *out, struct span path, struct error *err)
{
	struct span part;

	while (span_take_until(&path, '/', &part)) {
		if (part.len == 0 || span_equal_text(part, "."))
			continue;
		if (span_equal_text(part, "..")) {
			while (out->len > 0 && out->data[--out->len] != '/')
				;
			continue;
		}
		if (buf_append(out, "/", 1, err) < 0 || buf_append_span(out, part, err) < 0)
			return -1;
	}
	return 0;
}

int config_resolve(const char *home, const char *base, struct span path, char **ret_path,
		   struct error *err)
{
	AUTO(buf) out = BUF_INIT;
	const char *slash = strrchr(base, '/'), *text;
	const bool is_home = span_equal_text(path, "~") || span_starts_with(path, "~/");
	struct span from = slash ? span_of(base, (size_t)(slash - base)) : SPAN_INIT;

	if (path.len > PATH_BYTES_MAX || (path.len > 0 && memchr(path.data, '\0', path.len)))
		return error_set(err, ERROR_FORMAT, "a path that no file can have");
	if (is_home) {
		from = span_of_text(home);
		path = span_slice(path, 1, path.len);
	} else if (span_starts_with(path, "/")) {
		from = SPAN_INIT;
	}
	if (append_parts(&out, from, err) < 0 || append_parts(&out, path, err) < 0 ||
	    (out.len == 0 && buf_append(&out, "/", 1, err) < 0) || buf_text(&out, &text, err) < 0)
		return -1;
	*ret_path = strdup(text);
	return *ret_path ? 0 : error_memory(err);
}

/* What the variable says, or name in the directory. */
static int find(const char *home, const char *said, const char *directory, const char *name,
		char **ret_path, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *path = said;

	if ((said == NULL || *said == '\0') &&
	    (buf_printf(&text, err, "%s/%s", directory, name) < 0 ||
	     buf_text(&text, &path, err) < 0))
		return -1;
	return config_resolve(home, "/", span_of_text(path), ret_path, err);
}

int config_find(const char *home, const char *(*look_up)(void *argument, const char *name),
		void *argument, struct config_where *ret_where, struct error *err)
{
	AUTO(config_where) where = CONFIG_WHERE_INIT;
	const char *own = look_up(argument, "OPENCLAW_HOME");

	if (config_resolve(home, "/", span_of_text(own && *own ? own : home), &where.home, err) <
		    0 ||
	    find(where.home, look_up(argument, "OPENCLAW_STATE_DIR"), where.home, ".openclaw",
		 &where.state, err) < 0 ||
	    find(where.home, look_up(argument, "OPENCLAW_CONFIG_PATH"), where.state,
		 "openclaw.json", &where.config, err) < 0)
		return -1;
	*ret_where = where;
	where = CONFIG_WHERE_INIT;
	return 0;
}

void config_where_release(struct config_where *where)
{
	free(where->config);
	free(where->state);
	free(where->home);
	*where = CONFIG_WHERE_INIT;
}
