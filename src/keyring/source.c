/* SPDX-License-Identifier: MIT */
#include "keyring/source.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/keyring.h"
#include "ssh/convert.h"
#include "ssh/hosts.h"
#include "ssh/pubkey.h"
#include "ssh/type.h"
#include "ssh/wire.h"
#include "util/text.h"

#define COMMENT_MAX 100

/* What is being collected. */
struct taking {
	struct age_recipients recipients; /* to find a key that comes twice */
	struct buf lines;
	size_t hosts;          /* keys that came with host names */
	struct span type;      /* of all SSH keys; empty: of any */
	struct span host_type; /* of those with host names */
};

#define TAKING_INIT ((struct taking){ AGE_RECIPIENTS_INIT, BUF_INIT, 0, SPAN_INIT, SPAN_INIT })

static void taking_release(struct taking *taking)
{
	age_recipients_release(&taking->recipients);
	buf_release(&taking->lines);
}

/* A comment is kept where nothing in it needs to be escaped. */
static struct span plain_comment(struct span comment)
{
	struct text_shown shown = text_printable(comment);

	comment = span_trim(comment);
	return comment.len <= COMMENT_MAX && span_equal_text(comment, shown.text) ? comment
										  : SPAN_INIT;
}

/* Adds one key's line, unless the key is there already. */
static int take_recipient(struct taking *taking, struct span text, struct span comment,
			  bool *ret_new, struct error *err)
{
	AUTO(age_recipients) one = AGE_RECIPIENTS_INIT;

	if (age_recipients_add(&one, text, err)) {
		if (err->kind == ERROR_SYSTEM)
			return -1;
		/* its message may quote */
		return error_set(err, ERROR_FORMAT, "a key that is broken");
	}
	*ret_new = false;
	if (keyring_is_own(&taking->recipients, text))
		return 0;
	*ret_new = true;
	if (taking->recipients.len == KEYRING_KEYS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d keys", KEYRING_KEYS_MAX);
	comment = plain_comment(comment);
	return age_recipients_add(&taking->recipients, text, err) ||
			       buf_append_span(&taking->lines, text, err) ||
			       (comment.len > 0 &&
				buf_printf(&taking->lines, err, " %.*s", SPAN_PRINT(comment))) ||
			       buf_append_text(&taking->lines, "\n", err)
		       ? -1
		       : 0;
}

/* Options of authorized_keys have a "=" or are one of a few words; all else are host names. */
static bool is_options(struct span prefix)
{
	static const char *const words[] = { "restrict",
					     "no-",
					     "pty",
					     "user-rc",
					     "agent-forwarding",
					     "port-forwarding",
					     "X11-forwarding",
					     "verify-required" };

	if (prefix.len > 0 && memchr(prefix.data, '=', prefix.len) &&
	    !span_starts_with(prefix, "|1|"))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (span_starts_with(prefix, words[i]))
			return true;
	}
	return false;
}

static bool is_of_host(const struct ssh_public_key *key)
{
	return key->prefix.len > 0 && !is_options(key->prefix);
}

static int take_ssh(struct taking *taking, const struct ssh_public_key *key, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	struct span comment = key->comment;
	bool is_host = is_of_host(key), is_new;

	if (comment.len == 0 && is_host && key->prefix.data[0] != '|')
		comment = key->prefix;
	if (ssh_wire_text(buf_span(&key->wire), &text, err) ||
	    take_recipient(taking, buf_span(&text), comment, &is_new, err))
		return -1;
	taking->hosts += is_host && is_new;
	if (taking->hosts < 2)
		return 0;
	error_set(err, ERROR_DENIED, "the keys of more than one host");
	return error_hint(err, "give the lines of one host, as \"ssh-keygen -F HOST\" prints them");
}

static int skip(struct taking *taking, struct span type, const char *why, struct error *err)
{
	return buf_printf(&taking->lines, err, "# skipped a key of type %s: %s\n",
			  text_printable(type).text, why);
}

/* Why an SSH key is left out; NULL: it is not. */
static const char *unwanted(const struct taking *taking, const struct ssh_public_key *key)
{
	if (key->marker == SSH_MARKER_CERT_AUTHORITY)
		return "a certificate authority's";
	if (!ssh_type_is_usable(key->type))
		return "only ssh-ed25519 and ssh-rsa can be sealed to";
	if (taking->type.len > 0)
		return span_equal(key->type, taking->type) ? NULL : "another type is wanted";
	if (is_of_host(key) && !span_equal(key->type, taking->host_type))
		return "of a host's keys, ssh-ed25519 is taken";
	return NULL;
}

/* A host whose only RSA key is too short for age may have others. */
static int check_length(const struct ssh_public_key *key, struct error *err)
{
	struct rsa_public numbers;

	return span_equal_text(key->type, SSH_RSA_TYPE) ? ssh_public_key_rsa(key, &numbers, err)
							: 0;
}

static int take_line(struct taking *taking, struct span line, struct error *err)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct error problem = ERROR_INIT;
	const char *why;
	bool is_new;

	if (span_starts_with(line, "age1"))
		return take_recipient(taking, line, SPAN_INIT, &is_new, err);
	if (ssh_public_key_parse(line, &key, err))
		return -1;
	if (key.marker == SSH_MARKER_REVOKED)
		return error_set(err, ERROR_DENIED, "a key that is marked as revoked");
	why = unwanted(taking, &key);
	if (why)
		return skip(taking, key.type, why, err);
	if (check_length(&key, &problem)) {
		if (problem.kind == ERROR_UNSUPPORTED && is_of_host(&key))
			return skip(taking, key.type, problem.message, err);
		*err = problem;
		return -1;
	}
	return take_ssh(taking, &key, err);
}

/* Of several keys of a host ssh-ed25519 is the one that every sops opens, in its age1… form. */
static int choose_host_type(struct taking *taking, struct span text, struct error *err)
{
	struct span line;

	taking->host_type = SPAN_LITERAL(SSH_RSA_TYPE);
	while (span_take_line(&text, &line)) {
		AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
		struct error ignored = ERROR_INIT;

		if (ssh_line_is_blank(line))
			continue;
		if (ssh_public_key_parse(line, &key, &ignored)) {
			if (ignored.kind == ERROR_SYSTEM) {
				*err = ignored;
				return -1;
			}
			continue;
		}
		if (key.marker == SSH_MARKER_NONE && is_of_host(&key) &&
		    span_equal_text(key.type, SSH_ED25519_TYPE))
			taking->host_type = SPAN_LITERAL(SSH_ED25519_TYPE);
	}
	return 0;
}

/* What was left out may be what was meant. */
static int none_left(const struct taking *taking, struct error *err)
{
	struct span rest = buf_span(&taking->lines), line = SPAN_INIT;
	const size_t mark = strlen("# ");

	(void)span_take_line(&rest, &line);
	error_set(err, ERROR_NOT_FOUND, "no key that can be sealed to%s%.*s", line.len ? ": " : "",
		  SPAN_PRINT(span_slice(line, mark, line.len)));
	return error_hint(err, "what is needed is an ssh-ed25519 or ssh-rsa key, or an age1… "
			       "recipient");
}

static int refuse_private(struct error *err)
{
	error_set(err, ERROR_DENIED, "this is a private key; only the public one is wanted here");
	return error_hint(err, "give the file that ends in .pub, or what \"ssh-keygen -y -f FILE\" "
			       "or \"age-keygen -y FILE\" prints");
}

int keyring_take_keys(struct span text, struct span type, struct buf *ret_lines, struct error *err)
{
	AUTO(taking) taking = TAKING_INIT;
	struct span line;

	taking.type = type;
	if (text.len > KEYRING_SOURCE_MAX)
		return error_set(err, ERROR_LIMIT, "larger than %zu bytes", KEYRING_SOURCE_MAX);
	if (keyring_has_private_key(text))
		return refuse_private(err);
	if (choose_host_type(&taking, text, err))
		return -1;
	for (size_t number = 1; span_take_line(&text, &line); number++) {
		line = span_trim(line);
		if (!ssh_line_is_blank(line) && take_line(&taking, line, err))
			return error_wrap(err, "line %zu", number);
	}
	if (taking.recipients.len == 0)
		return none_left(&taking, err);
	*ret_lines = buf_move(&taking.lines);
	return 0;
}

/* One line of known_hosts against one scanned key of the same host. */
enum verdict { VERDICT_NONE, VERDICT_SAME, VERDICT_OTHER, VERDICT_REVOKED };

static enum verdict compare_known(const struct ssh_public_key *scanned,
				  const struct ssh_public_key *known)
{
	bool same = span_equal(buf_span(&scanned->wire), buf_span(&known->wire));

	if (known->marker == SSH_MARKER_REVOKED)
		return same ? VERDICT_REVOKED : VERDICT_NONE;
	if (known->marker != SSH_MARKER_NONE || !span_equal(scanned->type, known->type))
		return VERDICT_NONE;
	return same ? VERDICT_SAME : VERDICT_OTHER;
}

/* The worst of all lines of one file; a line that says the same outweighs one that differs, as in ssh. */
static enum verdict verdict_of_file(const struct ssh_public_key *scanned, struct span text,
				    const char *host, unsigned port)
{
	enum verdict verdict = VERDICT_NONE;
	struct span line;

	while (span_take_line(&text, &line)) {
		AUTO(ssh_public_key) known = SSH_PUBLIC_KEY_INIT;
		struct error ignored = ERROR_INIT;
		enum verdict one;

		if (ssh_line_is_blank(line) || ssh_public_key_parse(line, &known, &ignored) ||
		    !ssh_hosts_match(known.prefix, host, port))
			continue;
		one = compare_known(scanned, &known);
		if (one == VERDICT_REVOKED || verdict == VERDICT_NONE ||
		    (one == VERDICT_SAME && verdict == VERDICT_OTHER))
			verdict = one;
	}
	return verdict;
}

static int compare_scanned(const struct ssh_public_key *scanned, const char *host, unsigned port,
			   const struct keyring_known *known, struct buf *notes, struct error *err)
{
	switch (verdict_of_file(scanned, known->text, host, port)) {
	case VERDICT_NONE:
		return 0;
	case VERDICT_SAME:
		return buf_printf(notes, err, "# the %s key is the one in %s\n",
				  text_printable(scanned->type).text, known->name);
	case VERDICT_OTHER:
		error_set(err, ERROR_DENIED, "the %s key that \"%s\" shows is not the one in %s",
			  text_printable(scanned->type).text, text_printable_text(host).text,
			  known->name);
		return error_hint(err,
				  "somebody may be in between; if the host has a new key, "
				  "correct %s first (ssh-keygen -R)",
				  known->name);
	case VERDICT_REVOKED:
		return error_set(err, ERROR_DENIED, "the key that \"%s\" shows is revoked in %s",
				 text_printable_text(host).text, known->name);
	}
	return error_set(err, ERROR_BUG, "no verdict on a known key");
}

int keyring_take_scan(struct span output, struct span type, const char *host, unsigned port,
		      const struct keyring_known *known, size_t known_len, struct buf *ret_lines,
		      struct error *err)
{
	AUTO(buf) lines = BUF_INIT;
	AUTO(buf) notes = BUF_INIT;
	struct span rest = output, line;

	if (keyring_take_keys(output, type, &lines, err))
		return -1;
	while (span_take_line(&rest, &line)) {
		AUTO(ssh_public_key) scanned = SSH_PUBLIC_KEY_INIT;

		if (ssh_line_is_blank(line))
			continue;
		if (ssh_public_key_parse(line, &scanned, err))
			return -1;
		for (size_t i = 0; i < known_len; i++) {
			if (compare_scanned(&scanned, host, port, &known[i], &notes, err))
				return -1;
		}
	}
	if (buf_append_span(&notes, buf_span(&lines), err))
		return -1;
	*ret_lines = buf_move(&notes);
	return 0;
}

int keyring_check_fingerprint(const struct age_recipients *recipients, const char *fingerprint,
			      struct error *err)
{
	char actual[SSH_FINGERPRINT_MAX];

	if (strncmp(fingerprint, "SHA256:", strlen("SHA256:")) != 0)
		return error_set(err, ERROR_USAGE, "\"%s\" is no fingerprint of the form SHA256:…",
				 text_printable_text(fingerprint).text);
	if (recipients->len != 1 || !age_recipient_is_ssh(&recipients->items[0]))
		return error_set(err, ERROR_USAGE,
				 "a fingerprint can be compared with one SSH key alone");
	ssh_fingerprint(buf_span(&recipients->items[0].wire), actual);
	if (strcmp(actual, fingerprint) == 0)
		return 0;
	return error_set(err, ERROR_DENIED, "the key's fingerprint is %s, not %s", actual,
			 text_printable_text(fingerprint).text);
}
