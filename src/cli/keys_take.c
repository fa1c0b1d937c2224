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
};

#define RAW_INIT ((struct raw){ SECRET_INIT, { SECRET_INIT, SECRET_INIT }, { .port = 0 } })

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
		    ? keyring_take_scan(secret_span(&raw->text), raw->host.name, raw->host.port,
					known, KEYRING_KNOWN_FILES, &lines, err)
		    : keyring_take_keys(secret_span(&raw->text), &lines, err))
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
static struct span known_note(const struct keys_taken *taken)
{
	struct span rest = buf_span(&taken->notes), line;

	while (span_take_line(&rest, &line)) {
		if (span_starts_with(line, "the ssh-ed25519 key is the one in "))
			return line;
	}
	return SPAN_LITERAL("it is in no known_hosts file");
}

static int confirm_scanned(const struct keys_request *request, const struct raw *raw,
			   const struct keys_taken *taken, struct error *err)
{
	AUTO(buf) question = BUF_INIT;
	char shown[KEYS_SHOWN_MAX];
	const char *text;
	bool yes;

	if (taken->recipients.len != 1)
		return error_set(err, ERROR_DENIED, "\"%s\" shows more than one ssh-ed25519 key",
				 raw->host.name);
	keys_show_recipient(&taken->recipients.items[0], shown);
	if (buf_printf(&question, err, "\"%s\" shows %s (%.*s). Is it the key of %s?",
		       raw->host.name, shown, SPAN_PRINT(known_note(taken)), request->name) ||
	    buf_text(&question, &text, err) ||
	    tty_confirm(text,
			"give its --fingerprint SHA256:…, as \"ssh-keygen -lf "
			"/etc/ssh/ssh_host_ed25519_key.pub\" prints it on the host",
			&yes, err))
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

void keys_report(const char *name, const struct keys_taken *taken)
{
	struct span rest = buf_span(&taken->notes), line;

	for (size_t i = 0; i < taken->recipients.len; i++) {
		char shown[KEYS_SHOWN_MAX];

		keys_show_recipient(&taken->recipients.items[i], shown);
		fprintf(stderr, "%s: %s\n", name, shown);
	}
	while (span_take_line(&rest, &line))
		fprintf(stderr, "%s: %s\n", name, text_printable(line).text);
}
