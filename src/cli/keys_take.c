/* SPDX-License-Identifier: MIT */
#include "cli/keys.h"

#include <stdio.h>
#include <string.h>

#include "age/convert.h"
#include "age/identity.h"
#include "cli/input.h"
#include "keyring/scan.h"
#include "keyring/source.h"
#include "ssh/pubkey.h"
#include "ssh/type.h"
#include "util/child.h"
#include "util/text.h"
#include "util/tty.h"

void keys_taken_release(struct keys_taken *taken)
{
	buf_release(&taken->text);
	buf_release(&taken->notes);
	age_recipients_release(&taken->recipients);
}

void keys_show_recipient(const struct age_recipient *recipient, char ret_text[KEYS_SHOWN_MAX])
{
	char fingerprint[SSH_FINGERPRINT_MAX];

	if (!age_recipient_is_ssh(recipient)) {
		snprintf(ret_text, KEYS_SHOWN_MAX, "age %.*s", KEYS_SHOWN_MAX - 5,
			 text_printable_text(recipient->text).text);
		return;
	}
	ssh_fingerprint(buf_span(&recipient->wire), fingerprint);
	snprintf(ret_text, KEYS_SHOWN_MAX, "%s %s", age_recipient_kind_name(recipient),
		 fingerprint);
}

/* What the child gets to parse. */
struct raw {
	struct secret text;
	struct secret known[KEYRING_KNOWN_FILES];
	struct keyring_host host; /* name empty: nothing was scanned */
	struct span type;         /* empty: of any */
};

#define RAW_INIT                                                                                   \
	((struct raw){ SECRET_INIT, { SECRET_INIT, SECRET_INIT }, { .port = 0 }, SPAN_INIT })

static void raw_release(struct raw *raw)
{
	secret_release(&raw->text);
	for (size_t i = 0; i < KEYRING_KNOWN_FILES; i++)
		secret_release(&raw->known[i]);
}

static int read_raw(const struct keys_request *request, struct raw *raw, struct error *err)
{
	if (request->scan)
		return keyring_host_parse(request->scan, &raw->host, err) ||
				       keyring_read_known(raw->known, err) ||
				       keyring_scan(&raw->host, &raw->text, err)
			       ? -1
			       : 0;
	if (!request->from)
		return secret_append_span(&raw->text, request->text, err);
	return input_read(request->from, KEYRING_SOURCE_MAX, &raw->text, err);
}

/* In the child: argument is a struct raw. */
static int parse_raw(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct raw *raw = argument;
	struct keyring_known known[KEYRING_KNOWN_FILES];
	AUTO(buf) lines = BUF_INIT;

	for (size_t i = 0; i < KEYRING_KNOWN_FILES; i++)
		known[i] = (struct keyring_known){ keyring_known_names[i],
						   secret_span(&raw->known[i]) };
	if (raw->host.name[0]
		    ? keyring_take_scan(secret_span(&raw->text), raw->type, raw->host.name,
					raw->host.port, known, KEYRING_KNOWN_FILES, &lines, err)
		    : keyring_take_keys(secret_span(&raw->text), raw->type, &lines, err))
		return -1;
	return secret_append_span(ret_answer, buf_span(&lines), err);
}

/* Notes ("# …") and keys go their own ways. */
static int split_answer(struct span answer, struct keys_taken *taken, struct error *err)
{
	struct span line;

	while (span_take_line(&answer, &line)) {
		bool is_note = span_starts_with(line, "# ");
		struct buf *to = is_note ? &taken->notes : &taken->text;

		if (buf_append_span(to, is_note ? span_slice(line, 2, line.len) : line, err) ||
		    buf_append_text(to, "\n", err))
			return -1;
	}
	return keyring_parse_file(buf_span(&taken->text), &taken->recipients, err);
}

/* Is the host's key in what ssh knows? Then that is part of the question. */
static int put_known(const struct keys_taken *taken, const char *type, struct buf *question,
		     struct error *err)
{
	AUTO(buf) start = BUF_INIT;
	struct span rest = buf_span(&taken->notes), line;
	const char *text;

	if (buf_printf(&start, err, "the %s key is the one in ", type) ||
	    buf_text(&start, &text, err))
		return -1;
	while (span_take_line(&rest, &line)) {
		if (span_starts_with(line, text))
			return buf_append_span(question, line, err);
	}
	return buf_append_text(question, "it is in no known_hosts file", err);
}

/* no_terminal: what is said where nobody can be asked. */
static int put_question(const struct keys_request *request, const struct raw *raw,
			const struct keys_taken *taken, struct buf *question,
			struct buf *no_terminal, struct error *err)
{
	const struct age_recipient *recipient = &taken->recipients.items[0];
	const char *type = age_recipient_kind_name(recipient);
	char shown[KEYS_SHOWN_MAX];

	keys_show_recipient(recipient, shown);
	return buf_printf(question, err, "\"%s\" shows %s (", raw->host.name, shown) ||
			       put_known(taken, type, question, err) ||
			       buf_printf(question, err, "). Is it the key of %s?",
					  request->name) ||
			       buf_printf(no_terminal, err,
					  "give its --fingerprint SHA256:…, as \"ssh-keygen -lf "
					  "/etc/ssh/ssh_host_%s_key.pub\" prints it on the host",
					  type + strlen("ssh-"))
		       ? -1
		       : 0;
}

static int confirm_scanned(const struct keys_request *request, const struct raw *raw,
			   const struct keys_taken *taken, struct error *err)
{
	AUTO(buf) question = BUF_INIT;
	AUTO(buf) no_terminal = BUF_INIT;
	const char *text, *hint;
	bool yes;

	/* what ssh-keyscan prints of one host and type is one key, and an SSH key */
	if (taken->recipients.len != 1 || !age_recipient_is_ssh(&taken->recipients.items[0]))
		return error_set(err, ERROR_DENIED, "\"%s\" shows more than one key",
				 raw->host.name);
	if (put_question(request, raw, taken, &question, &no_terminal, err) ||
	    buf_text(&question, &text, err) || buf_text(&no_terminal, &hint, err) ||
	    tty_confirm(text, hint, &yes, err))
		return -1;
	return yes ? 0 : error_set(err, ERROR_CANCELLED, "the key was not accepted");
}

int keys_take(const struct keys_request *request, struct keys_taken *ret_taken, struct error *err)
{
	AUTO(keys_taken) taken = KEYS_TAKEN_INIT;
	AUTO(raw) raw = RAW_INIT;
	AUTO(secret) answer = SECRET_INIT;
	const char *source = request->scan   ? request->scan
			     : request->from ? input_name(request->from)
					     : request->name;

	if (request->type)
		raw.type = span_of_text(request->type);
	if (read_raw(request, &raw, err))
		return -1;
	if (child_job(parse_raw, &raw, &answer, err) ||
	    split_answer(secret_span(&answer), &taken, err))
		return error_wrap(err, "\"%s\"", text_printable_text(source).text);
	if (request->fingerprint) {
		if (keyring_check_fingerprint(&taken.recipients, request->fingerprint, err))
			return error_wrap(err, "\"%s\"", request->name);
	} else if (request->scan && confirm_scanned(request, &raw, &taken, err)) {
		return -1;
	}
	*ret_taken = taken;
	taken = KEYS_TAKEN_INIT;
	return 0;
}

/* It is the one kind of a host's key that is not written as age1…. */
static const char rsa_note[] =
	"an ssh-rsa key has no age1… form and is sealed to as it is: sops opens that from 3.10 on, "
	"with the private key named in SOPS_AGE_SSH_PRIVATE_KEY_FILE or as ~/.ssh/id_rsa; "
	"\"bootseal "
	"activate\" with it under \"identities\"";

void keys_report(const char *name, const struct keys_taken *taken)
{
	struct span rest = buf_span(&taken->notes), line;
	bool has_rsa = false;

	for (size_t i = 0; i < taken->recipients.len; i++) {
		const struct age_recipient *recipient = &taken->recipients.items[i];
		char shown[KEYS_SHOWN_MAX];

		keys_show_recipient(recipient, shown);
		fprintf(stderr, "%s: %s\n", name, shown);
		has_rsa = has_rsa || strcmp(age_recipient_kind_name(recipient), SSH_RSA_TYPE) == 0;
	}
	if (has_rsa)
		fprintf(stderr, "%s: %s\n", name, rsa_note);
	while (span_take_line(&rest, &line))
		fprintf(stderr, "%s: %s\n", name, text_printable(line).text);
}
