/* SPDX-License-Identifier: MIT */
#include "age/recipient.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "age/convert.h"
#include "age/kind.h"
#include "age/passphrase.h"
#include "ssh/pubkey.h"
#include "ssh/type.h"
#include "ssh/wire.h"
#include "util/text.h"

static const struct age_recipient_kind *const kinds[] = {
	&age_x25519_recipient, &age_ssh_ed25519_recipient, &age_ssh_rsa_recipient,
	&age_hybrid_recipient, &age_tagged_recipient,      &age_plugin_recipient,
};

const struct age_recipient_kind *age_recipient_kind_of(struct span text)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i]->claims(text))
			return kinds[i];
	}
	return NULL;
}

/* Not more than a type's name is. */
static struct span first_word(struct span text)
{
	struct span word = SPAN_INIT;

	(void)span_take_until(&text, ' ', &word);
	return span_slice(word, 0, SSH_TYPE_MAX);
}

/* Why no kind claims text; known kinds that are not built in are told from nonsense. */
static int refuse(struct span text, struct error *err)
{
	if (span_starts_with(text, "-----BEGIN PUBLIC KEY") ||
	    span_starts_with(text, "-----BEGIN RSA PUBLIC KEY")) {
		error_set(err, ERROR_UNSUPPORTED, "a public key in PEM");
		return error_hint(err,
				  "\"ssh-keygen -i -m PKCS8 -f FILE\" prints it as SSH has it");
	}
	if (text_holds_private_key(text) || span_starts_with(text, "AGE-") ||
	    span_starts_with(text, "age-") || span_starts_with(text, "-----BEGIN"))
		return error_set(err, ERROR_FORMAT,
				 "a private key where a recipient should be: keep it private");
	if (ssh_type_is_usable(first_word(text)))
		return error_set(err, ERROR_FORMAT, "not a whole SSH public key (cut or mistyped)");
	if (span_starts_with(text, "ssh-") || span_starts_with(text, "ecdsa-") ||
	    span_starts_with(text, "sk-"))
		return ssh_type_refuse(first_word(text), err);
	if (span_starts_with(text, "github:")) {
		error_set(err, ERROR_UNSUPPORTED, "keys are not fetched from GitHub");
		return error_hint(err, "fetch them: \"curl -O https://github.com/USER.keys\", look "
				       "at them, and name the file with -R");
	}
	return error_set(err, ERROR_FORMAT,
			 "neither \"age1…\" nor \"ssh-ed25519 AAAA…\" nor \"ssh-rsa AAAA…\"");
}

static int grow(struct age_recipients *recipients, struct error *err)
{
	if (recipients->len == AGE_RECIPIENTS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d recipients", AGE_RECIPIENTS_MAX);
	if (recipients->len < recipients->cap)
		return 0;

	size_t cap = recipients->cap ? recipients->cap * 2 : 4;
	struct age_recipient *items = reallocarray(recipients->items, cap, sizeof(*items));
	if (!items)
		return error_memory(err);
	recipients->items = items;
	recipients->cap = cap;
	return 0;
}

static void recipient_release(struct age_recipient *recipient)
{
	free(recipient->text);
	buf_release(&recipient->wire);
	secret_release(&recipient->hidden);
}

/* The place for one more; it counts when it is whole. */
static int begin(struct age_recipients *recipients, const struct age_recipient_kind *kind,
		 struct age_recipient **ret_recipient, struct error *err)
{
	if (grow(recipients, err) < 0)
		return -1;
	*ret_recipient = &recipients->items[recipients->len];
	**ret_recipient =
		(struct age_recipient){ .kind = kind, .wire = BUF_INIT, .hidden = SECRET_INIT };
	return 0;
}

/* A passphrase is spelled nowhere. */
int age_recipients_add_passphrase(struct age_recipients *recipients, struct span passphrase,
				  unsigned factor, struct error *err)
{
	struct age_recipient *recipient;

	if (passphrase.len == 0)
		return error_set(err, ERROR_USAGE, "the passphrase is empty");
	if (begin(recipients, &age_scrypt_recipient, &recipient, err) < 0)
		return -1;
	recipient->factor = factor;
	recipient->text = strdup("a passphrase");
	if (!recipient->text)
		return error_memory(err);
	if (secret_append_span(&recipient->hidden, passphrase, err) < 0) {
		recipient_release(recipient);
		return -1;
	}
	recipients->len++;
	return 0;
}

static int add(struct age_recipients *recipients, struct span text, struct error *err)
{
	const struct age_recipient_kind *kind =
		text_holds_private_key(text) ? NULL : age_recipient_kind_of(text);
	struct age_recipient *recipient;

	if (!kind)
		return refuse(text, err);
	if (begin(recipients, kind, &recipient, err) < 0 || kind->parse(text, recipient, err) < 0)
		return -1;
	recipient->text = strndup((const char *)text.data, text.len);
	if (!recipient->text) {
		recipient_release(recipient);
		return error_memory(err);
	}
	recipients->len++;
	return 0;
}

/* One word of nothing but letters, digits and what is in others. */
static bool is_word_of(struct span text, const char *others)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!isalnum(text.data[i]) &&
		    (text.data[i] == '\0' || !strchr(others, text.data[i])))
			return false;
	}
	return text.len > 0;
}

/* What is quoted is a public key by its looks, or too short for a private one; else nothing. */
static struct span shown_part(struct span text)
{
	struct span rest = text, type, key;
	bool is_ssh = span_take_until(&rest, ' ', &type) && is_word_of(type, "-@.") &&
		      (span_starts_with(type, "ssh-") || span_starts_with(type, "ecdsa-") ||
		       span_starts_with(type, "sk-"));

	/* without the comment, in which anything may stand */
	if (is_ssh && span_take_until(&rest, ' ', &key) && is_word_of(key, "+/="))
		return span_slice(text, 0, type.len + 1 + key.len);
	if (text_holds_private_key(text))
		return SPAN_INIT;
	if ((span_starts_with(text, "age1") && is_word_of(text, "+-._")) || text.len <= 32)
		return text;
	return SPAN_INIT;
}

int age_recipients_add(struct age_recipients *recipients, struct span text, struct error *err)
{
	struct span shown;

	text = span_trim(text);
	if (add(recipients, text, err) == 0)
		return 0;
	shown = shown_part(text);
	return shown.len > 0 ? error_wrap(err, "recipient \"%s\"", text_printable(shown).text)
			     : error_wrap(err, "recipient");
}

/*
 * Is line a whole SSH key, without options before it, though none to seal to? Its type is then shown
 * in ret_type.
 */
static int is_ssh_key(struct span line, bool *ret_is_key, struct text_shown *ret_type,
		      struct error *err)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct error problem = ERROR_INIT;

	*ret_is_key = false;
	if (ssh_public_key_parse(line, &key, &problem) < 0) {
		if (problem.kind == ERROR_SYSTEM)
			*err = problem;
		return problem.kind == ERROR_SYSTEM ? -1 : 0;
	}
	*ret_is_key = key.prefix.len == 0 && key.marker == SSH_MARKER_NONE;
	*ret_type = text_printable(key.type);
	return 0;
}

/* ret_problem is why the line was skipped, if it was. */
static int add_line(struct age_recipients *recipients, struct span line, const char *name,
		    size_t number, struct buf *skipped, struct error *ret_problem,
		    struct error *err)
{
	struct error problem = ERROR_INIT;
	struct text_shown type;
	bool is_key = false;

	if (add(recipients, line, &problem) == 0)
		return 0;
	if (problem.kind == ERROR_UNSUPPORTED && is_ssh_key(line, &is_key, &type, err) < 0)
		return -1;
	if (is_key)
		*ret_problem = problem;
	if (is_key)
		return buf_printf(skipped, err,
				  "recipients file \"%s\": ignoring unsupported SSH key of type "
				  "\"%s\" at line %zu\n",
				  text_printable_text(name).text, type.text, number);
	/* The line is not quoted: the file may be another, private one. */
	*err = problem;
	return error_wrap(err, "\"%s\", line %zu", text_printable_text(name).text, number);
}

/* problem is why the last line was skipped, if one was. */
static int none_left(const char *name, const struct error *problem, struct error *err)
{
	const struct text_shown shown = text_printable_text(name);

	if (problem->kind == ERROR_NONE)
		return error_set(err, ERROR_FORMAT, "no recipient in \"%s\"", shown.text);
	error_set(err, ERROR_UNSUPPORTED, "no supported recipient in \"%s\": %s", shown.text,
		  problem->message);
	return error_hint(err, "%s", problem->hint);
}

int age_recipients_add_file(struct age_recipients *recipients, struct span file, const char *name,
			    struct buf *ret_skipped, struct error *err)
{
	size_t before = recipients->len, number = 0;
	AUTO(buf) skipped = BUF_INIT;
	struct error problem = ERROR_INIT;
	struct span line;

	while (span_take_line(&file, &line)) {
		number++;
		if (!ssh_line_is_blank(line) && add_line(recipients, span_trim(line), name, number,
							 &skipped, &problem, err) < 0) {
			while (recipients->len > before)
				recipient_release(&recipients->items[--recipients->len]);
			return -1;
		}
	}
	if (recipients->len == before)
		return none_left(name, &problem, err);
	*ret_skipped = buf_move(&skipped);
	return 0;
}

static int add_spelled(struct age_recipients *recipients, const struct age_key *key,
		       struct error *err)
{
	AUTO(buf) line = BUF_INIT;

	if (key->identity->kind->recipient_text(key, &line, err) < 0)
		return -1;
	return add(recipients, span_trim(buf_span(&line)), err);
}

/* A plugin's, which has no recipient's text that could be parsed. */
static int add_unspelled(struct age_recipients *recipients, const struct age_identities *identities,
			 size_t index, struct error *err)
{
	const struct age_identity *identity = &identities->items[index];
	struct age_recipient *recipient;

	if (begin(recipients, identity->kind->recipient, &recipient, err) < 0)
		return -1;
	if (asprintf(&recipient->text, "an identity of %s", age_identity_program(identity)) < 0) {
		recipient->text = NULL;
		return error_memory(err);
	}
	if (secret_append_span(&recipient->hidden, age_identities_private(identities, identity),
			       err) < 0) {
		recipient_release(recipient);
		return -1;
	}
	recipients->len++;
	return 0;
}

static int add_own(struct age_recipients *recipients, const struct age_identities *identities,
		   size_t index, struct error *err)
{
	const struct age_identity *identity = &identities->items[index];
	const struct age_key key = { identities, identity,
				     age_identities_private(identities, identity) };
	const struct age_identities *held;

	/* no deeper than this: a file in a file is none */
	if (identity->kind->held)
		return identity->kind->held(&key, &held, err) < 0
			       ? -1
			       : age_recipients_add_own(recipients, held, err);
	return identity->kind->recipient_text ? add_spelled(recipients, &key, err)
					      : add_unspelled(recipients, identities, index, err);
}

int age_recipients_add_own(struct age_recipients *recipients,
			   const struct age_identities *identities, struct error *err)
{
	if (age_identities_check_usable(identities, err) < 0)
		return -1;
	for (size_t i = 0; i < identities->len; i++)
		if (add_own(recipients, identities, i, err) < 0)
			return -1;
	return 0;
}

void age_recipients_release(struct age_recipients *recipients)
{
	for (size_t i = 0; i < recipients->len; i++)
		recipient_release(&recipients->items[i]);
	free(recipients->items);
	*recipients = AGE_RECIPIENTS_INIT;
}

bool age_recipient_equal(const struct age_recipient *a, const struct age_recipient *b)
{
	if (a->kind->has_point != b->kind->has_point)
		return false;
	if (a->kind->has_point)
		return span_equal(span_of(a->point, sizeof(a->point)),
				  span_of(b->point, sizeof(b->point)));
	return a->kind == b->kind && span_equal(buf_span(&a->wire), buf_span(&b->wire)) &&
	       a->hidden.len == b->hidden.len &&
	       secret_equal(a->hidden.data, b->hidden.data, a->hidden.len);
}

bool age_recipient_is_spelled(const struct age_recipient *recipient)
{
	return recipient->hidden.len == 0;
}

bool age_recipient_is_ssh(const struct age_recipient *recipient)
{
	return recipient->kind->is_ssh;
}

const char *age_recipient_kind_name(const struct age_recipient *recipient)
{
	return recipient->kind->name;
}

int age_recipient_spell(const struct age_recipient *recipient, struct buf *text, struct error *err)
{
	char native[AGE_X25519_TEXT_MAX];

	if (recipient->kind->has_point) {
		age_x25519_text(recipient->point, native);
		return buf_append_text(text, native, err);
	}
	return recipient->kind->is_ssh ? ssh_wire_text(buf_span(&recipient->wire), text, err)
				       : buf_append_text(text, recipient->text, err);
}
