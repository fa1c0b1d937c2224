/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "age/convert.h"
#include "age/hybrid.h"
#include "age/recipient.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/prompt.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

struct keygen_options {
	bool version, convert, post_quantum;
	const char *output;
};

/* "2026-01-02T03:04:05+01:00" */
static int local_time(char *ret_text, size_t size, struct error *err)
{
	time_t now = time(NULL);
	struct tm parts;
	char zone[8];

	if (!localtime_r(&now, &parts) || strftime(zone, sizeof(zone), "%z", &parts) != 5 ||
	    strftime(ret_text, size, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
		return error_set(err, ERROR_SYSTEM, "cannot tell the local time");
	snprintf(ret_text + strlen(ret_text), size - strlen(ret_text), "%.3s:%.2s", zone, zone + 3);
	return 0;
}

static int generate(bool post_quantum, struct secret *ret_identity, struct buf *ret_recipient,
		    struct error *err)
{
	char recipient[AGE_X25519_TEXT_MAX];

	if (post_quantum)
		return age_hybrid_generate(ret_identity, ret_recipient, err);
	if (age_identity_generate(ret_identity, recipient, err) < 0)
		return -1;
	return buf_append_text(ret_recipient, recipient, err);
}

static int make_identity(bool post_quantum, struct secret *ret_text, struct buf *ret_recipient,
			 struct error *err)
{
	AUTO(secret) identity = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	char created[40];

	if (local_time(created, sizeof(created), err) < 0 ||
	    generate(post_quantum, &identity, ret_recipient, err) < 0 ||
	    secret_append_text(&text, "# created: ", err) < 0 ||
	    secret_append_text(&text, created, err) < 0 ||
	    secret_append_text(&text, "\n# public key: ", err) < 0 ||
	    secret_append_span(&text, buf_span(ret_recipient), err) < 0 ||
	    secret_append_text(&text, "\n", err) < 0 ||
	    secret_append_span(&text, secret_span(&identity), err) < 0 ||
	    secret_append_text(&text, "\n", err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

struct listing {
	const char *name;
	const struct age_prompt *prompt;
	struct secret file, public_half;
};

/* A line each. */
static int spell_all(const struct age_recipients *recipients, struct secret *text,
		     struct error *err)
{
	for (size_t i = 0; i < recipients->len; i++) {
		AUTO(buf) recipient = BUF_INIT;

		if (!age_recipient_is_spelled(&recipients->items[i])) {
			error_set(err, ERROR_UNSUPPORTED, "%s does not tell its recipient",
				  recipients->items[i].text);
			return error_hint(err, "the plugin's own program prints it");
		}
		if (age_recipient_spell(&recipients->items[i], &recipient, err) < 0 ||
		    secret_append_span(text, buf_span(&recipient), err) < 0 ||
		    secret_append_text(text, "\n", err) < 0)
			return -1;
	}
	return 0;
}

/* In a child without files. Behind the lines and a NUL stands why others are missing, if they are. */
static int recipients_of(void *argument, struct secret *ret_text, struct error *err)
{
	const struct listing *listing = argument;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error unusable = ERROR_INIT;

	identities.prompt = listing->prompt;
	if (age_identities_add_pair(&identities, secret_span(&listing->file),
				    secret_span(&listing->public_half), input_name(listing->name),
				    err) < 0)
		return -1;
	if (age_identities_check_usable(&identities, &unusable) < 0)
		identities.unusable_len = 0;
	if (age_recipients_add_own(&recipients, &identities, err) < 0 ||
	    spell_all(&recipients, ret_text, err) < 0)
		return -1;
	return unusable.kind == ERROR_NONE ? 0
	       : secret_append(ret_text, "", 1, err) < 0
		       ? -1
		       : secret_append_text(ret_text, unusable.message, err);
}

static int list_recipients(const char *name, struct secret *ret_text, struct error *err)
{
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;
	struct listing listing = { name, prompt_open(&prompt), SECRET_INIT, SECRET_INIT };
	int result = input_read_key(name, AGE_IDENTITY_FILE_MAX, &listing.file,
				    &listing.public_half, err);

	if (result == 0)
		result = child_job(recipients_of, &listing, ret_text, err);
	secret_release(&listing.file);
	secret_release(&listing.public_half);
	return result;
}

/* A key is never overwritten, and is only the owner's to read from the start. */
static int create(const char *name, int *ret_fd, struct error *err)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool exists = errno == EEXIST;

	if (fd < 0) {
		error_sys(err, "cannot create \"%s\"", text_printable_text(name).text);
		if (exists)
			error_hint(err, "a key is never overwritten: move it away first");
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

static int write_new_file(const char *name, struct span text, struct error *err)
{
	AUTO_FD int fd = -1;

	if (create(name, &fd, err) < 0)
		return -1;
	if (file_write_all(fd, text, name, err) < 0) {
		unlink(name);
		return -1;
	}
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		return error_sys(err, "cannot write \"%s\"", text_printable_text(name).text);
	return 0;
}

static void warn_if_readable_by_all(void)
{
	struct stat status;

	if (fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
	    (status.st_mode & S_IROTH))
		fputs("bootseal: warning: the private key goes to a file that everyone may read\n",
		      stderr);
}

static int write_identity(const char *output, struct span text, const struct buf *recipient,
			  struct error *err)
{
	if (input_is_dash(output)) {
		warn_if_readable_by_all();
		if (file_write_all(STDOUT_FILENO, text, "stdout", err) < 0)
			return -1;
	} else if (write_new_file(output, text, err) < 0) {
		return -1;
	}
	if (!input_is_dash(output) || !isatty(STDOUT_FILENO))
		fprintf(stderr, "Public key: %.*s\n", SPAN_PRINT(buf_span(recipient)));
	return 0;
}

/* Where some are missing, the others are shown, but no file is made that would pass for all. */
static int write_recipients(const char *output, struct span text, struct error *err)
{
	struct span lines = text, missing = text;

	(void)span_take_until(&missing, '\0', &lines);
	if (input_is_dash(output) ? file_write_all(STDOUT_FILENO, lines, "stdout", err) < 0
				  : missing.len == 0 && write_new_file(output, lines, err) < 0)
		return -1;
	return missing.len == 0 ? 0
				: error_set(err, ERROR_UNSUPPORTED, "%.*s", SPAN_PRINT(missing));
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct keygen_options *options = invocation->options;
	AUTO(secret) text = SECRET_INIT;
	AUTO(buf) recipient = BUF_INIT;

	if (options->version) {
		puts(invocation->version);
		return 0;
	}
	if (options->convert && options->post_quantum)
		return error_set(err, ERROR_CONFLICT, "keygen: -pq cannot be used with -y");
	if (!options->convert && invocation->args_len > 0) {
		error_set(err, ERROR_USAGE, "keygen: too many arguments");
		return error_hint(err, "a FILE is read with -y alone");
	}
	if ((options->convert ? list_recipients(invocation->args[0], &text, err)
			      : make_identity(options->post_quantum, &text, &recipient, err)) < 0)
		return -1;
	return options->convert
		       ? write_recipients(options->output, secret_span(&text), err)
		       : write_identity(options->output, secret_span(&text), &recipient, err);
}

#define FIELD(name) offsetof(struct keygen_options, name)

static const struct option_spec keygen_options[] = {
	{ "output", 'o', "FILE", "write to the new file FILE (mode 0600)", OPTION_TEXT,
	  FIELD(output) },
	{ "convert", 'y', NULL, "print the recipients of the identities in FILE", OPTION_FLAG,
	  FIELD(convert) },
	{ "pq", 0, NULL, "make a post-quantum one (age1pq1…, for age 1.3 and later)", OPTION_FLAG,
	  FIELD(post_quantum) },
	{ "version", 0, NULL, "print the version", OPTION_FLAG, FIELD(version) },
	{ .name = NULL },
};

const struct command cmd_keygen = {
	.name = "keygen",
	.group = "keys",
	.summary = "make an age identity, or print the recipient of one",
	.synopsis = "[--pq] [-o FILE] | -y [-o FILE] [FILE]",
	.example = "bootseal keygen -o ~/.config/sops/age/keys.txt",
	.options = keygen_options,
	.options_size = sizeof(struct keygen_options),
	.max_args = 1,
	.one_dash = true,
	.run = run,
};
