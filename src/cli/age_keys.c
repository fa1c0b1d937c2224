/* SPDX-License-Identifier: MIT */
#include "cli/age_keys.h"

#include "cli/input.h"

#define KEY_FILE_MAX ((size_t)16 << 20)

void age_key_files_release(struct age_key_files *files)
{
	for (size_t i = 0; i < files->names->len; i++) {
		secret_release(&files->contents[i]);
		secret_release(&files->publics[i]);
	}
}

int age_key_files_read(struct age_key_files *files, bool are_private, struct error *err)
{
	for (size_t i = 0; i < files->names->len; i++) {
		const char *name = files->names->items[i];
		struct secret *content = &files->contents[i];

		if ((are_private
			     ? input_read_key(name, KEY_FILE_MAX, content, &files->publics[i], err)
			     : input_read(name, KEY_FILE_MAX, content, err)) < 0)
			return -1;
	}
	return 0;
}

static int add_identity_file(const struct age_options *options, const struct age_key_files *files,
			     size_t index, struct age_identities *identities,
			     struct error *ret_unused, struct error *err)
{
	struct error problem = ERROR_INIT;

	if (age_identities_add_pair(identities, secret_span(&files->contents[index]),
				    secret_span(&files->publics[index]),
				    input_name(files->names->items[index]), &problem) == 0)
		return 0;
	if (!options->decrypt || problem.kind != ERROR_UNSUPPORTED) {
		*err = problem;
		return -1;
	}
	if (ret_unused->kind == ERROR_NONE)
		*ret_unused = problem;
	return 0;
}

int age_key_files_identities(const struct age_options *options, const struct age_key_files *files,
			     struct age_identities *identities, struct error *ret_unused,
			     struct error *err)
{
	const struct option_texts *names = files->names, *plugins = &options->plugins;
	size_t i = 0, j = 0;

	while (i < names->len || j < plugins->len) {
		const bool is_plugin =
			i == names->len || (j < plugins->len && plugins->at[j] < names->at[i]);

		if ((is_plugin ? age_identities_add_plugin(identities, plugins->items[j++], err)
			       : add_identity_file(options, files, i++, identities, ret_unused,
						   err)) < 0)
			return -1;
	}
	if (identities->len > 0 || identities->unusable_len > 0 || ret_unused->kind == ERROR_NONE)
		return 0;
	*err = *ret_unused;
	return -1;
}

int age_key_files_recipients(const struct age_options *options, const struct age_key_files *files,
			     struct age_recipients *recipients, struct error *err)
{
	for (size_t i = 0; i < options->recipients.len; i++) {
		if (age_recipients_add(recipients, span_of_text(options->recipients.items[i]),
				       err) < 0)
			return -1;
	}
	for (size_t i = 0; i < files->names->len; i++) {
		AUTO(buf) skipped = BUF_INIT;

		if (age_recipients_add_file(recipients, secret_span(&files->contents[i]),
					    input_name(files->names->items[i]), &skipped, err) < 0)
			return -1;
		input_warn(buf_span(&skipped));
	}
	return 0;
}

/* Tagged recipients rest on libgcrypt too. */
static bool is_native(struct span line)
{
	return line.len == 0 || span_starts_with(line, "#") || span_starts_with(line, "AGE-") ||
	       (span_starts_with(line, "age1") && !span_starts_with(line, "age1tag"));
}

bool age_keys_are_native(struct span lines)
{
	struct span line;

	while (span_take_line(&lines, &line)) {
		if (!is_native(span_trim(line)))
			return false;
	}
	return true;
}

bool age_key_files_are_native(const struct age_key_files *files)
{
	bool are = true;

	for (size_t i = 0; i < files->names->len; i++)
		are = are && age_keys_are_native(secret_span(&files->contents[i]));
	return are;
}
