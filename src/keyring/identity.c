/* SPDX-License-Identifier: MIT */
#include "keyring/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring/keyfile.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#define HOST_KEY "/etc/ssh/ssh_host_ed25519_key"
#define HOST_RSA_KEY "/etc/ssh/ssh_host_rsa_key"
/* A program that prints a key may ask for a passphrase first. */
#define COMMAND_SECONDS 300

static const char *const key_commands[] = { "SOPS_AGE_SSH_PRIVATE_KEY_CMD", "SOPS_AGE_KEY_CMD" };

#define COMMANDS (sizeof(key_commands) / sizeof(*key_commands))

/* What a variable holds; NULL where it is not set, or empty. */
static char *variable(const char *name)
{
	char *value = getenv(name);

	return value && value[0] != '\0' ? value : NULL;
}

/* Notes what is wrong with a source; running out of memory is an error all the same. */
static int note(struct keyring_identities *sources, const struct error *problem, struct error *err)
{
	return buf_printf(&sources->problems, err, "%s%s", sources->problems.len > 0 ? "; " : "",
			  problem->message);
}

/* bytes are taken over. */
static int add(struct keyring_identities *sources, const char *name, bool is_value,
	       struct secret *bytes, struct error *err)
{
	struct keyring_identity_source *larger =
		reallocarray(sources->items, sources->len + 1, sizeof(*larger));
	struct keyring_identity_source *source;

	if (!larger)
		return error_memory(err);
	sources->items = larger;
	source = &larger[sources->len];
	source->name = strdup(name);
	if (!source->name)
		return error_memory(err);
	source->is_value = is_value;
	source->bytes = secret_move(bytes);
	source->public_half = SECRET_INIT;
	sources->len++;
	return 0;
}

/* The same for a file, with what belongs to it. */
static int add_key_file(struct keyring_identities *sources, const char *path, struct secret *bytes,
			struct error *err)
{
	AUTO(secret) public_half = SECRET_INIT;
	struct error problem = ERROR_INIT;

	if (keyring_key_warn(path, secret_span(bytes), &sources->warnings, err) < 0)
		return -1;
	if (keyring_key_public(AT_FDCWD, path, secret_span(bytes), &public_half, &problem) < 0 &&
	    note(sources, &problem, err) < 0)
		return -1;
	if (add(sources, path, false, bytes, err) < 0)
		return -1;
	sources->items[sources->len - 1].public_half = secret_move(&public_half);
	return 0;
}

static int add_file(struct keyring_identities *sources, const char *path, bool must_exist,
		    struct error *err)
{
	AUTO(secret) bytes = SECRET_INIT;
	struct error problem = ERROR_INIT;

	/* a FIFO is waited for where it was named, and nowhere else */
	if ((must_exist ? file_read(AT_FDCWD, path, KEYRING_IDENTITY_FILE_MAX, &bytes, &problem)
			: file_read_regular(AT_FDCWD, path, KEYRING_IDENTITY_FILE_MAX, &bytes,
					    &problem)) == 0)
		return add_key_file(sources, path, &bytes, err);
	if (problem.kind == ERROR_NO_FILE && !must_exist)
		return 0;
	return note(sources, &problem, err);
}

/* directory/name, where there is such a directory. */
static int add_below(struct keyring_identities *sources, const char *directory, const char *name,
		     struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	const char *text;

	if (!directory)
		return 0;
	if (buf_printf(&path, err, "%s/%s", directory, name) < 0 || buf_text(&path, &text, err) < 0)
		return -1;
	return add_file(sources, text, false, err);
}

/* What is named from here on is told with its whole path: a program that called us may be elsewhere. */
static int add_at(struct keyring_identities *sources, const char *path, struct error *err)
{
	AUTO_FREE char *here = path[0] == '/' ? NULL : get_current_dir_name();
	AUTO(buf) whole = BUF_INIT;
	const char *text;

	if (!here)
		return add_file(sources, path, true, err);
	if (buf_printf(&whole, err, "%s/%s", here, path) < 0 || buf_text(&whole, &text, err) < 0)
		return -1;
	return add_file(sources, text, true, err);
}

static int add_named(struct keyring_identities *sources, const char *name, struct error *err)
{
	const char *path = variable(name);
	struct error problem = ERROR_INIT;

	if (path && text_holds_private_key(span_of_text(path))) {
		(void)error_set(&problem, ERROR_USAGE,
				"%s holds a private key, not the name of a file (that is what "
				"SOPS_AGE_KEY is for)",
				name);
		return note(sources, &problem, err);
	}
	return path ? add_at(sources, path, err) : 0;
}

/* Moves the keys out of the environment, where programs that we start would see them. */
static int add_value(struct keyring_identities *sources, const char *name, struct error *err)
{
	AUTO(secret) bytes = SECRET_INIT;
	char *value = variable(name);

	if (!value)
		return 0;
	if (secret_append_text(&bytes, value, err) < 0)
		return -1;
	secret_wipe(value, strlen(value));
	(void)unsetenv(name);
	return add(sources, name, true, &bytes, err);
}

static int gather_own(struct keyring_identities *sources, struct error *err)
{
	const char *home = variable("HOME"), *config = variable("XDG_CONFIG_HOME");

	if (add_named(sources, "SOPS_AGE_SSH_PRIVATE_KEY_FILE", err) < 0 ||
	    add_below(sources, home, ".ssh/id_ed25519", err) < 0 ||
	    add_below(sources, home, ".ssh/id_rsa", err) < 0 ||
	    add_value(sources, "SOPS_AGE_KEY", err) < 0 ||
	    add_named(sources, "SOPS_AGE_KEY_FILE", err) < 0)
		return -1;
	return add_below(sources, config ? config : home,
			 config ? "sops/age/keys.txt" : ".config/sops/age/keys.txt", err);
}

int keyring_identities_gather_own(struct keyring_identities *ret_sources, struct error *err)
{
	AUTO(keyring_identities) sources = KEYRING_IDENTITIES_INIT;

	if (gather_own(&sources, err) < 0)
		return -1;
	*ret_sources = sources;
	sources = KEYRING_IDENTITIES_INIT;
	return 0;
}

int keyring_identities_gather(struct keyring_identities *ret_sources, struct error *err)
{
	AUTO(keyring_identities) sources = KEYRING_IDENTITIES_INIT;

	if (gather_own(&sources, err) < 0 || add_file(&sources, HOST_KEY, false, err) < 0 ||
	    add_file(&sources, HOST_RSA_KEY, false, err) < 0)
		return -1;
	*ret_sources = sources;
	sources = KEYRING_IDENTITIES_INIT;
	return 0;
}

int keyring_identities_add_file(struct keyring_identities *sources, const char *path,
				struct error *err)
{
	return add_file(sources, path, true, err);
}

bool keyring_identities_have_commands(void)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (variable(key_commands[i]))
			return true;
	return false;
}

/* Most print the same for each recipient. */
static bool is_there(const struct keyring_identities *sources, const char *name,
		     const struct secret *output)
{
	for (size_t i = 0; i < sources->len; i++) {
		const struct secret *bytes = &sources->items[i].bytes;

		if (strcmp(sources->items[i].name, name) == 0 && bytes->len == output->len &&
		    secret_equal(bytes->data, output->data, output->len))
			return true;
	}
	return false;
}

/* Runs the words once; what they print is a source. */
static int run_once(struct keyring_identities *sources, const char *name, char **words,
		    struct span recipient, struct error *err)
{
	AUTO(buf) setting = BUF_INIT;
	AUTO(secret) output = SECRET_INIT;
	struct error problem = ERROR_INIT;
	const char *environment[2] = { NULL, NULL };
	struct child_command command = { .argv = (const char *const *)words,
					 .environment = environment,
					 .timeout_seconds = COMMAND_SECONDS };
	int status = 0;

	if (buf_append_text(&setting, "SOPS_AGE_RECIPIENT=", err) < 0 ||
	    buf_append_span(&setting, recipient, err) < 0 ||
	    buf_text(&setting, &environment[0], err) < 0)
		return -1;
	if (child_run(&command, KEYRING_IDENTITY_FILE_MAX, &output, &status, &problem) < 0) {
		(void)error_wrap(&problem, "%s", name);
		return note(sources, &problem, err);
	}
	if (status != 0) {
		(void)error_set(&problem, ERROR_SYSTEM, "%s ended with status %d", name, status);
		return note(sources, &problem, err);
	}
	return output.len > 0 && !is_there(sources, name, &output)
		       ? add(sources, name, false, &output, err)
		       : 0;
}

static int run_for_all(struct keyring_identities *sources, const char *name, char **words,
		       struct span recipients, struct error *err)
{
	struct span line;

	while (span_take_line(&recipients, &line))
		if (run_once(sources, name, words, line, err) < 0)
			return -1;
	return 0;
}

int keyring_identities_run(struct keyring_identities *sources, struct span recipients,
			   struct error *err)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *line = variable(key_commands[i]);
		struct error problem = ERROR_INIT;
		char **words;
		size_t len;
		int result;

		if (!line)
			continue;
		if (child_split(line, &words, &len, &problem) < 0) {
			(void)error_wrap(&problem, "%s", key_commands[i]);
			result = note(sources, &problem, err);
		} else {
			result = run_for_all(sources, key_commands[i], words, recipients, err);
			free(words);
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Keys with blanks or line breaks between them; lines that begin with # are comments. */
static int parse_value(const struct keyring_identity_source *source,
		       struct age_identities *identities, struct error *err)
{
	struct span text = secret_span(&source->bytes), line;

	while (span_take_line(&text, &line)) {
		line = span_trim(line);
		if (line.len > 0 && line.data[0] == '#')
			continue;
		while (line.len > 0) {
			size_t len = 0;

			while (len < line.len && !is_blank(line.data[len]))
				len++;
			if (age_identities_add(identities, span_slice(line, 0, len), source->name,
					       err) < 0)
				return -1;
			line = span_trim(span_slice(line, len, line.len));
		}
	}
	return 0;
}

int keyring_identities_parse(struct keyring_identities *sources,
			     struct age_identities *ret_identities, struct error *err)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;

	identities.prompt = ret_identities->prompt;
	for (size_t i = 0; i < sources->len; i++) {
		struct keyring_identity_source *source = &sources->items[i];
		struct error problem = ERROR_INIT;
		const int result =
			source->is_value
				? parse_value(source, &identities, &problem)
				: age_identities_add_pair(&identities, secret_span(&source->bytes),
							  secret_span(&source->public_half),
							  source->name, &problem);

		secret_release(&source->bytes);
		secret_release(&source->public_half);
		if (result < 0 && problem.kind == ERROR_SYSTEM) {
			*err = problem;
			return -1;
		}
		if (result < 0 && note(sources, &problem, err) < 0)
			return -1;
	}
	*ret_identities = identities;
	identities = AGE_IDENTITIES_INIT;
	return 0;
}

void keyring_identities_release(struct keyring_identities *sources)
{
	for (size_t i = 0; i < sources->len; i++) {
		free(sources->items[i].name);
		secret_release(&sources->items[i].bytes);
		secret_release(&sources->items[i].public_half);
	}
	free(sources->items);
	buf_release(&sources->problems);
	buf_release(&sources->warnings);
	*sources = KEYRING_IDENTITIES_INIT;
}
