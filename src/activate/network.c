/* SPDX-License-Identifier: MIT */
#include "activate/network.h"

#include "util/buf.h"
#include "util/file.h"
#include "util/secret.h"

#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A longer unit file is not looked at. */
#define NETWORK_UNIT_MAX ((size_t)64 << 10)

/* A unit's name is at most that long, and so is a mount's that has one. */
#define NETWORK_NAME_MAX 256

static void network_close(FILE **table)
{
	if (*table != NULL)
		endmntent(*table);
}

static bool network_is(const struct mntent *mount)
{
	static const char *const types[] = { "afs",       "ceph",   "cifs", "davfs", "gfs",  "gfs2",
					     "glusterfs", "lustre", "ncp",  "ncpfs", "nfs",  "nfs4",
					     "ocfs2",     "pvfs2",  "smb3", "smbfs", "sshfs" };
	const char *type = mount->mnt_type;

	if (strncmp(type, "fuse.", 5) == 0)
		type += 5;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return hasmntopt(mount, "_netdev") != NULL;
}

/* Does path lie on that mount point, or below it? */
static bool network_is_below(const char *path, const char *mount)
{
	size_t len = strlen(mount);

	while (len > 0 && mount[len - 1] == '/')
		len--;
	return strncmp(path, mount, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool network_by_table(const char *path)
{
	__attribute__((cleanup(network_close))) FILE *table = setmntent("/etc/fstab", "re");
	char line[PATH_MAX];
	struct mntent mount;

	while (table != NULL && getmntent_r(table, &mount, line, sizeof(line)) != NULL)
		if (network_is_below(path, mount.mnt_dir) && network_is(&mount))
			return true;
	return false;
}

/* As systemd.unit(5) has it: "/srv/a-b" is srv-a\x2db.mount. False where that is too long. */
static bool network_unit_name(struct span path, char name[NETWORK_NAME_MAX])
{
	size_t len = 0;

	for (size_t i = 1; i < path.len; i++) {
		const char c = (char)path.data[i];
		const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				   (c >= '0' && c <= '9') || c == ':' || c == '_' ||
				   (c == '.' && i > 1);

		if (len + sizeof("\\x00.mount") > NETWORK_NAME_MAX)
			return false;
		if (c == '/' || plain)
			name[len++] = c == '/' ? '-' : c;
		else
			len += (size_t)snprintf(name + len, NETWORK_NAME_MAX - len, "\\x%02x",
						(unsigned)(unsigned char)c);
	}
	memcpy(name + len, ".mount", sizeof(".mount"));
	return len > 0;
}

/* What stands behind the last "KEY =" of a unit, at most size - 1 bytes. */
static void network_take(struct span text, const char *key, char *value, size_t size)
{
	struct span line;

	value[0] = '\0';
	while (span_take_line(&text, &line)) {
		line = span_trim(line);
		if (!span_starts_with(line, key))
			continue;
		line = span_trim(span_slice(line, strlen(key), line.len));
		if (!span_starts_with(line, "="))
			continue;
		line = span_trim(span_slice(line, 1, line.len));
		snprintf(value, size, "%.*s", SPAN_PRINT(line));
	}
}

static bool network_by_unit(const char *path)
{
	char type[64], options[1024];
	struct error ignored = ERROR_INIT;
	AUTO(secret) text = SECRET_INIT;

	if (file_read_regular(AT_FDCWD, path, NETWORK_UNIT_MAX, &text, &ignored) < 0)
		return false;
	network_take(secret_span(&text), "Type", type, sizeof(type));
	network_take(secret_span(&text), "Options", options, sizeof(options));
	return network_is(&(struct mntent){ .mnt_type = type, .mnt_opts = options });
}

/* The unit that counts is the first one of its name. One that systemd-mount(1) makes is among the transient ones. */
static bool network_by_units(struct span mount)
{
	static const char *const directories[] = {
		"/etc/systemd/system",           "/run/systemd/transient",  "/run/systemd/system",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
	};
	char name[NETWORK_NAME_MAX], path[NETWORK_NAME_MAX + 64];

	if (!network_unit_name(mount, name))
		return false;
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directories[i], name);
		if (access(path, F_OK) == 0)
			return network_by_unit(path);
	}
	return false;
}

bool network_has(const char *path)
{
	const struct span all = span_of_text(path);

	if (network_by_table(path))
		return true;
	for (size_t len = 2; len <= all.len; len++)
		if ((len == all.len || path[len] == '/') &&
		    network_by_units(span_slice(all, 0, len)))
			return true;
	return false;
}
