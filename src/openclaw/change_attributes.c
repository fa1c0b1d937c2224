/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes of the files of a change: what their owner set (user.*), and ACLs. Labels of a security module
 * come from its policy, as for every new file; what else is there could not be set again.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

#include "activate/values.h"
#include "change.h"
#include "util/file.h"
#include "util/text.h"

#define NAMES_MAX ((size_t)16 << 10)
#define VALUE_MAX ((size_t)64 << 10)
#define ACL "system.posix_acl_access"

static int fail(const char *name, struct error *err)
{
	return error_sys(err, "cannot keep the attributes of \"%s\"",
			 text_printable_text(name).text);
}

static bool is_kept(struct span attribute)
{
	return span_starts_with(attribute, "user.") || span_equal_text(attribute, ACL);
}

/* What the kernel and its modules make themselves. */
static bool is_made(struct span attribute)
{
	static const char *const made[] = { "security.selinux", "security.ima", "security.evm",
					    "security.apparmor" };

	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		if (span_equal_text(attribute, made[i]))
			return true;
	return span_starts_with(attribute, "security.SMACK64") ||
	       span_starts_with(attribute, "trusted.overlay.");
}

static int take_one(int fd, const char *name, const char *attribute, struct secret *out,
		    struct error *err)
{
	AUTO(secret) value = SECRET_INIT;
	ssize_t len;

	if (secret_reserve(&value, VALUE_MAX, err) < 0)
		return -1;
	len = fgetxattr(fd, attribute, value.data, VALUE_MAX);
	if (len < 0)
		return errno == ENODATA ? 0 : fail(name, err);
	value.len = (size_t)len;
	return values_put(out, &(struct value){ 0, span_of_text(attribute), secret_span(&value) },
			  err);
}

int change_attributes_take(int fd, const char *name, struct secret *ret_attributes,
			   struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	char names[NAMES_MAX];
	const ssize_t len = flistxattr(fd, names, sizeof(names));
	struct span rest = span_of(names, len > 0 ? (size_t)len : 0), attribute;

	if (len < 0 && errno != ENOTSUP)
		return fail(name, err);
	while (span_take_until(&rest, '\0', &attribute)) {
		if (is_made(attribute))
			continue;
		if (!is_kept(attribute)) {
			error_set(err, ERROR_UNSUPPORTED, "\"%s\" has an attribute \"%s\"",
				  text_printable_text(name).text, text_printable(attribute).text);
			return error_hint(err, "take it off (setfattr -x): it could not be kept");
		}
		if (take_one(fd, name, (const char *)attribute.data, &out, err) < 0)
			return -1;
	}
	*ret_attributes = secret_move(&out);
	return 0;
}

int change_attributes_clear(int fd, const char *name, struct error *err)
{
	if (fremovexattr(fd, ACL) < 0 && errno != ENODATA && errno != ENOTSUP)
		return fail(name, err);
	return 0;
}

static int set_one(int fd, const char *name, const struct value *value, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *attribute;

	if (buf_append_span(&text, value->name, err) < 0 || buf_text(&text, &attribute, err) < 0)
		return -1;
	return fsetxattr(fd, attribute, value->bytes.data, value->bytes.len, 0) < 0
		       ? fail(name, err)
		       : 0;
}

int change_attributes_set(int fd, const char *name, struct span attributes, struct error *err)
{
	struct value value;

	while (values_take(&attributes, &value))
		if (is_kept(value.name) && set_one(fd, name, &value, err) < 0)
			return -1;
	return 0;
}

static int take_of(const struct change *change, struct change_file *file, struct error *err)
{
	AUTO(change_place) place = CHANGE_PLACE_INIT;
	AUTO_FD int fd = -1;
	struct stat status;

	if (change_place_open(change, file, &place, err) < 0 ||
	    change_open_file(&place, place.name, O_RDONLY, &fd, &status, err) < 0)
		return -1;
	return fd < 0 ? 0 : change_attributes_take(fd, file->path, &file->attributes, err);
}

int change_take_attributes(struct change *change, struct error *err)
{
	for (size_t i = 0; i < change->len; i++)
		if (change->files[i].existed && take_of(change, &change->files[i], err) < 0)
			return -1;
	return 0;
}
