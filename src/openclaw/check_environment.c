/* SPDX-License-Identifier: MIT */
/* Files of variables that a unit names, and those that hold for all that a user starts. */
#include <string.h>

#include "check.h"
#include "openclaw/settings.h"
#include "util/buf.h"
#include "util/text.h"

#define PATTERN_NAMES_MAX 256

/* --- Patterns --- */

static bool has_pattern(struct span text)
{
	return text.len > 0 &&
	       (memchr(text.data, '*', text.len) || memchr(text.data, '?', text.len) ||
		memchr(text.data, '[', text.len));
}

/* "[a-z]", "[!a]" at the start of pattern; its length, 0: it is none. */
static size_t match_set(struct span pattern, uint8_t c, bool *ret_in)
{
	const bool is_not = pattern.len > 1 && (pattern.data[1] == '!' || pattern.data[1] == '^');
	size_t at = is_not ? 2 : 1;
	const size_t first = at;

	*ret_in = false;
	for (; at < pattern.len && (pattern.data[at] != ']' || at == first); at++) {
		const uint8_t low = pattern.data[at];
		uint8_t high = low;

		if (at + 2 < pattern.len && pattern.data[at + 1] == '-' &&
		    pattern.data[at + 2] != ']') {
			high = pattern.data[at + 2];
			at += 2;
		}
		*ret_in = *ret_in || (c >= low && c <= high);
	}
	*ret_in = *ret_in != is_not;
	return at < pattern.len ? at + 1 : 0;
}

/* How much of pattern stands for c; 0: it is not c. */
static size_t match_byte(struct span pattern, uint8_t c)
{
	bool is_in;
	size_t len;

	if (pattern.len == 0)
		return 0;
	if (pattern.data[0] == '?')
		return 1;
	len = pattern.data[0] == '[' ? match_set(pattern, c, &is_in) : 0;
	if (len > 0)
		return is_in ? len : 0;
	return pattern.data[0] == c ? 1 : 0;
}

/* Of names without "/"; the last "*" is tried with one byte more each time. */
static bool matches(struct span pattern, struct span name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, star_n = 0;

	while (n < name.len) {
		const size_t len = match_byte(span_slice(pattern, p, pattern.len), name.data[n]);

		if (p < pattern.len && pattern.data[p] == '*') {
			star = ++p;
			star_n = n;
		} else if (len > 0) {
			p += len;
			n++;
		} else if (star != SIZE_MAX) {
			p = star;
			n = ++star_n;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

/* Each DIRECTORY/NAME that is there, for names that part stands for. Clears whole where they are more than can be taken. */
static int expand_part(struct check *check, const struct names *directories, struct span part,
		       struct names *ret_paths, bool *whole, struct error *err)
{
	for (size_t i = 0; i < directories->len; i++) {
		struct span names, name;

		if (!has_pattern(part)) {
			if (names_printf(ret_paths, err, "%s/%.*s", directories->items[i],
					 SPAN_PRINT(part)) < 0)
				return -1;
			continue;
		}
		if (check_list(check, *directories->items[i] ? directories->items[i] : "/", &names,
			       err) < 0)
			return -1;
		while (span_take_until(&names, '\0', &name)) {
			if (span_starts_with(name, ".") || !matches(part, name))
				continue;
			*whole = *whole && ret_paths->len < PATTERN_NAMES_MAX;
			if (*whole && names_printf(ret_paths, err, "%s/%.*s", directories->items[i],
						   SPAN_PRINT(name)) < 0)
				return -1;
		}
	}
	return 0;
}

/* The files that pattern, an absolute path, stands for; not all of them, where ret_whole is cleared. */
static int expand(struct check *check, struct span pattern, struct names *ret_paths,
		  bool *ret_whole, struct error *err)
{
	AUTO(names) paths = NAMES_INIT;
	struct span part;

	*ret_whole = true;
	if (names_add(&paths, SPAN_INIT, err) < 0)
		return -1;
	while (span_take_until(&pattern, '/', &part)) {
		AUTO(names) next = NAMES_INIT;

		if (part.len == 0)
			continue;
		if (expand_part(check, &paths, part, &next, ret_whole, err) < 0)
			return -1;
		names_release(&paths);
		paths = next;
		next = NAMES_INIT;
	}
	*ret_paths = paths;
	paths = NAMES_INIT;
	return 0;
}

/* --- EnvironmentFile= --- */

/* What systemd puts in the place of "%c"; false: it is not known here. */
static bool specifier(const struct check *check, const char *unit, uint8_t c, const char **ret_text)
{
	const bool is_user = check_is_user_unit(unit);

	switch (c) {
	case '%':
		*ret_text = "%";
		return true;
	case 'h':
		*ret_text = is_user ? check->facts->home : "/root";
		return true;
	case 't':
		*ret_text = is_user ? check->runtime : "/run";
		return true;
	case 'E':
		*ret_text = "/etc";
		return !is_user;
	case 'S':
		*ret_text = "/var/lib";
		return !is_user;
	default:
		return false;
	}
}

int check_put_specifiers(const struct check *check, const char *unit, struct span value,
			 struct buf *path, bool *ret_known, struct error *err)
{
	for (size_t i = 0; i < value.len; i++) {
		const char *text;

		if (value.data[i] != '%') {
			if (buf_append(path, &value.data[i], 1, err) < 0)
				return -1;
			continue;
		}
		*ret_known = ++i < value.len && specifier(check, unit, value.data[i], &text);
		if (!*ret_known)
			return 0;
		if (buf_append_text(path, text, err) < 0)
			return -1;
	}
	*ret_known = true;
	return 0;
}

static int check_named(struct check *check, const struct inventory_item *unit, const char *path,
		       struct error *err)
{
	if (check_trust(check, unit, path, err) < 0 ||
	    check_refuse_file(check, unit->path, path, err) < 0)
		return -1;
	return check_settings_file(check, path, unit->path,
				   "give the gateway a SecretRef of source file instead: what is "
				   "in its environment, every "
				   "command of the agent sees",
				   err);
}

static int say_not_followed(struct check *check, const char *unit, const struct unit_line *line,
			    struct error *err)
{
	if (check->facts->unit != NULL)
		return check_refuse_path(check, unit, line, err);
	return check_say(check, CHECK_NOTE, "unread", unit, "look into it yourself", err,
			 "line %zu: a file of variables whose name is not understood", line->line);
}

int check_environment_file(struct check *check, const struct inventory_item *unit,
			   const struct unit_line *line, struct error *err)
{
	struct span value = secret_span(&line->value);
	AUTO(names) paths = NAMES_INIT;
	AUTO(buf) text = BUF_INIT;
	bool is_known, whole;

	if (span_starts_with(value, "-"))
		value = span_slice(value, 1, value.len);
	if (value.len == 0)
		return 0;
	if (check_put_specifiers(check, unit->path, value, &text, &is_known, err) < 0)
		return -1;
	value = span_of(text.data, text.len);
	if (!is_known || !span_starts_with(value, "/") || memchr(value.data, '\0', value.len) ||
	    (has_pattern(value) && check->facts->unit != NULL))
		return say_not_followed(check, unit->path, line, err);
	if (expand(check, value, &paths, &whole, err) < 0)
		return -1;
	if (!whole &&
	    check_say(check, CHECK_NOTE, "unread", unit->path, "look into the others yourself", err,
		      "line %zu: its pattern stands for more than %d files", line->line,
		      PATTERN_NAMES_MAX) < 0)
		return -1;
	for (size_t i = 0; i < paths.len; i++)
		if (check_named(check, unit, paths.items[i], err) < 0)
			return -1;
	return 0;
}

/* --- What all of a user's programs get --- */

/* "$OTHER", "~/x" and "/x" stand for what is elsewhere. */
static bool is_elsewhere(struct span value)
{
	return value.len == 0 || strchr("$`~/", value.data[0]) != NULL;
}

static int check_shared_file(struct check *check, const char *path, struct error *err)
{
	const struct inventory_item *item;
	struct setting setting;
	struct span text;
	size_t line = 0;

	if (check_look(check, path, &item, err) < 0)
		return -1;
	if (item == NULL || !S_ISREG(item->target.st_mode))
		return 0;
	text = secret_span(&item->bytes);
	while (settings_take(&text, &line, &setting)) {
		const struct span value = setting.value;

		if (is_elsewhere(value) || (!known_variable(setting.name) && !known_value(value)))
			continue;
		if (check_keep(check, CHECK_SECRET, path, value, err) < 0 ||
		    check_say(check, CHECK_PROBLEM, "environment-all", path,
			      "take it out, and issue a new one: whatever the user starts has it",
			      err, "line %zu: %s in plain text", setting.line,
			      text_printable(setting.name).text) < 0)
			return -1;
	}
	return 0;
}

int check_each_conf(struct check *check, const char *directory,
		    int (*look)(struct check *check, const char *path, struct error *err),
		    struct error *err)
{
	struct span names, name;

	if (check_list(check, directory, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		AUTO(buf) text = BUF_INIT;
		const char *path;

		if (!span_ends_with(name, ".conf"))
			continue;
		if (buf_printf(&text, err, "%s/%.*s", directory, SPAN_PRINT(name)) < 0 ||
		    buf_text(&text, &path, err) < 0 || look(check, path, err) < 0)
			return -1;
	}
	return 0;
}

static int check_shared_in(struct check *check, const char *directory, struct error *err)
{
	return check_each_conf(check, directory, check_shared_file, err);
}

/* For a setup the user's own is refused (check_refuse_user_settings()), as his unit would lose it. */
static int check_own(struct check *check, struct error *err)
{
	static const char *const files[] = { ".bashrc",         ".bash_profile", ".bash_login",
					     ".bash_aliases",   ".profile",      ".zshrc",
					     ".zshenv",         ".zprofile",     ".env",
					     ".pam_environment" };
	AUTO(buf) text = BUF_INIT;
	const char *directory;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		AUTO(buf) name = BUF_INIT;
		const char *path;

		if (buf_printf(&name, err, "%s/%s", check->facts->home, files[i]) < 0 ||
		    buf_text(&name, &path, err) < 0 || check_shared_file(check, path, err) < 0)
			return -1;
	}
	if (check->facts->unit != NULL)
		return 0;
	if (buf_printf(&text, err, "%s/.config/environment.d", check->facts->home) < 0 ||
	    buf_text(&text, &directory, err) < 0)
		return -1;
	return check_shared_in(check, directory, err);
}

int check_environments(struct check *check, struct error *err)
{
	static const char *const directories[] = { "/etc/environment.d", "/run/environment.d",
						   "/usr/local/lib/environment.d",
						   "/usr/lib/environment.d" };

	if (check_trust_path(check, "/etc/environment", err) < 0 ||
	    check_shared_file(check, "/etc/environment", err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		if (check_shared_in(check, directories[i], err) < 0)
			return -1;
	return check_own(check, err);
}
