/* SPDX-License-Identifier: MIT */
#include "openclaw/units.h"

#include <string.h>
#include <strings.h>

static const char *const roots[] = {
	"/usr/lib/systemd/system",
	"/usr/local/lib/systemd/system",
	"/run/systemd/system",
	"/run/systemd/transient",
	"/etc/systemd/system",
	"/run/systemd/system.control",
	"/etc/systemd/system.control",
	"/usr/lib/systemd/user",
	"/usr/local/lib/systemd/user",
	"/usr/share/systemd/user",
	"/run/systemd/user",
	"/etc/systemd/user",
	"/usr/share/containers/systemd",
	"/etc/containers/systemd",
	"/etc/containers/systemd/users",
};

static const char *const below_home[] = {
	".local/share/systemd/user",
	".config/systemd/user",
	".config/systemd/user.control",
	".config/containers/systemd",
};

static const char *const below_runtime[] = { "user", "transient", "user.control" };

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

int units_places(const char *home, uid_t uid, struct names *ret_roots, struct names *ret_users,
		 struct error *err)
{
	for (size_t i = 0; i < COUNT(roots); i++)
		if (names_add(ret_roots, span_of_text(roots[i]), err) < 0)
			return -1;
	if (names_printf(ret_roots, err, "/etc/containers/systemd/users/%u", (unsigned)uid) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(below_runtime); i++)
		if (names_printf(ret_users, err, "/run/user/%u/systemd/%s", (unsigned)uid,
				 below_runtime[i]) < 0)
			return -1;
	for (size_t i = 0; i < COUNT(below_home); i++)
		if (names_printf(ret_users, err, "%s/%s", home, below_home[i]) < 0)
			return -1;
	return 0;
}

bool units_is_roots(const char *path)
{
	static const char *const tops[] = { "/etc/systemd/",       "/run/systemd/",
					    "/usr/lib/systemd/",   "/usr/local/lib/systemd/",
					    "/usr/share/systemd/", "/usr/share/containers/",
					    "/etc/containers/" };

	for (size_t i = 0; i < COUNT(tops); i++)
		if (strncmp(path, tops[i], strlen(tops[i])) == 0)
			return strstr(path, "/../") == NULL;
	return false;
}

bool units_is_users(const char *path)
{
	return !units_is_roots(path) || strstr(path, "/systemd/user") != NULL ||
	       strstr(path, "/containers/systemd/users") != NULL;
}

bool units_names_openclaw(struct span text)
{
	static const char *const words[] = { "openclaw", "clawdbot", "moltbot" };

	for (size_t at = 0; at < text.len; at++)
		for (size_t i = 0; i < COUNT(words); i++) {
			const size_t len = strlen(words[i]);

			if ((text.data[at] | 0x20) == words[i][0] && len <= text.len - at &&
			    strncasecmp((const char *)text.data + at, words[i], len) == 0)
				return true;
		}
	return false;
}

static const char *const endings[] = { ".service", ".container" };

struct span units_name(struct span name)
{
	for (size_t i = 0; i < COUNT(endings); i++) {
		const size_t len = strlen(endings[i]);
		const uint8_t *at =
			name.len > len ? memmem(name.data, name.len, endings[i], len) : NULL;

		if (at != NULL && at > name.data)
			return span_slice(name, 0, (size_t)(at - name.data) + len);
	}
	return SPAN_INIT;
}

/* The part before an instance's name; all of what is none. */
static struct span template_of(struct span unit)
{
	const uint8_t *at = unit.len > 0 ? memchr(unit.data, '@', unit.len) : NULL;

	return at == NULL ? unit : span_slice(unit, 0, (size_t)(at - unit.data) + 1);
}

bool units_is_of(struct span name, struct span unit)
{
	const struct span own = units_name(name);
	const struct span dash = SPAN_LITERAL("-.service");

	if (own.len == 0)
		return false;
	if (span_equal(template_of(own), template_of(unit)))
		return true;
	/* drop-ins of all units that begin so */
	return span_ends_with(own, "-.service") && name.len > own.len &&
	       own.len - dash.len + 1 < unit.len &&
	       span_equal(span_slice(own, 0, own.len - dash.len + 1),
			  span_slice(unit, 0, own.len - dash.len + 1));
}
