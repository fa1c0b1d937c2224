/* SPDX-License-Identifier: MIT */
/*
 * SSH keys of type ssh-rsa (C2SP age.md, "The ssh-rsa recipient type"): the file key lies under
 * RSA-OAEP.
 */
#include <string.h>

#include "age/kind.h"
#include "age/ssh.h"
#include "ssh/pubkey.h"
#include "ssh/rsa.h"
#include "ssh/type.h"
#include "ssh/wire.h"

#define LABEL "age-encryption.org/v1/ssh-rsa"

static bool claims(struct span text)
{
	return span_starts_with(text, SSH_RSA_TYPE " ") ||
	       span_starts_with(text, SSH_RSA_TYPE "\t");
}

static int parse(struct span text, struct age_recipient *recipient, struct error *err)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct rsa_public rsa;

	if (ssh_public_key_parse(text, &key, err) < 0 ||
	    ssh_public_key_check_marker(&key, err) < 0 || ssh_public_key_rsa(&key, &rsa, err) < 0)
		return -1;
	recipient->wire = buf_move(&key.wire);
	return 0;
}

static int wrap(const struct age_recipient *recipient, const struct key32 *file_key,
		struct buf *header, struct error *err)
{
	char arguments[sizeof(SSH_RSA_TYPE " ") + AGE_SSH_TAG_LEN] = SSH_RSA_TYPE " ";
	AUTO(buf) wrapped = BUF_INIT;
	struct rsa_public rsa;

	if (!ssh_rsa_public(buf_span(&recipient->wire), &rsa))
		return error_set(err, ERROR_BUG, "an ssh-rsa recipient that was not checked");
	if (rsa_oaep_seal(&rsa, LABEL, span_of(file_key->data, AGE_FILE_KEY_LEN), &wrapped, err) <
	    0)
		return -1;
	age_ssh_tag(buf_span(&recipient->wire), arguments + strlen(arguments));
	return age_stanza_write(arguments, buf_span(&wrapped), header, err);
}

static int open_body(struct span private_part, struct span body, struct key32 *ret_file_key,
		     struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	struct rsa_private rsa;

	if (!ssh_rsa_private(&private_part, &rsa))
		return error_set(err, ERROR_BUG, "an RSA key that was not checked");
	if (rsa_oaep_open(&rsa, LABEL, body, &plain, err) < 0)
		return error_wrap(err, "an ssh-rsa stanza");
	if (plain.len != AGE_FILE_KEY_LEN)
		return error_set(err, ERROR_FORMAT,
				 "malformed age header: a wrapped file key of %zu bytes",
				 plain.len);
	memcpy(ret_file_key->data, plain.data, plain.len);
	return 0;
}

static int unwrap(const struct age_key *key, const struct age_stanza *stanza, bool *ret_opened,
		  struct key32 *ret_file_key, struct error *err)
{
	struct span arguments = stanza->arguments, tag;

	*ret_opened = false;
	if (!span_equal_text(stanza->type, SSH_RSA_TYPE))
		return 0;
	if (!age_stanza_argument(&arguments, &tag) || arguments.len != 0)
		return error_set(err, ERROR_FORMAT,
				 "malformed age header: an ssh-rsa stanza's arguments");
	if (!age_ssh_tag_is(buf_span(&key->identity->wire), tag))
		return 0;
	if (open_body(key->private_part, stanza->body, ret_file_key, err) < 0)
		return -1;
	*ret_opened = true;
	return 0;
}

const struct age_recipient_kind age_ssh_rsa_recipient = {
	.name = SSH_RSA_TYPE,
	.is_ssh = true,
	.claims = claims,
	.parse = parse,
	.wrap = wrap,
};

const struct age_identity_kind age_ssh_rsa_identity = {
	.name = SSH_RSA_TYPE,
	.recipient = &age_ssh_rsa_recipient,
	.recipient_text = age_ssh_recipient_text,
	.unwrap = unwrap,
};
