/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "activate/manifest.h"
#include "activate/single.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/openclaw.h"
#include "cli/rotated_delivery.h"
#include "cli/rotated_file.h"
#include "cli/rotated_value.h"
#include "doc/doc.h"
#include "openclaw/gateway.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#define VALUE_MAX ((size_t)64 << 10)

struct rotate_options {
	const char *key, *with;
	struct openclaw_options gateway; /* manifest, url and program of it */
};

static const struct option_spec rotate_options[] = {
	{ "key", 0, "KEY", "another value than the token, taken from stdin", OPTION_TEXT,
	  offsetof(struct rotate_options, key) },
	{ "with", 0, "FILE", "the sealed file as it is to be, instead of a new value", OPTION_TEXT,
	  offsetof(struct rotate_options, with) },
	{ "manifest", 0, "FILE", "what delivers it, instead of this host's manifest", OPTION_TEXT,
	  offsetof(struct rotate_options, gateway.manifest) },
	{ "url", 0, "URL", "the gateway, on this host (default: " OPENCLAW_URL ")", OPTION_TEXT,
	  offsetof(struct rotate_options, gateway.url) },
	{ "program", 0, "FILE", "OpenClaw (default: " OPENCLAW_PROGRAM ", found in PATH)",
	  OPTION_TEXT, offsetof(struct rotate_options, gateway.program) },
	{ "for", 0, "USER", "the user that the gateway runs as", OPTION_TEXT,
	  offsetof(struct rotate_options, gateway.user) },
	{ .name = NULL },
};

/* One run. */
struct rotation {
	const struct invocation *invocation;
	const struct rotate_options *options;
	const char *manifest, *key;
	struct single_place place;
	struct single_place token_place; /* the token's, whatever is rotated */
	struct http_url url;
	struct openclaw_hearers hearers;
	struct rotated_file file;
	struct secret after;     /* --with */
	struct secret value;     /* --key */
	struct secret old_token; /* what was sealed before */
	struct secret
		left; /* what the gateway takes instead, after a rotation that was interrupted */
	unsigned warnings; /* how many secrets it lacks already */
};

#define ROTATION_INIT                                                                              \
	((struct rotation){ .place = SINGLE_PLACE_INIT,                                            \
			    .token_place = SINGLE_PLACE_INIT,                                      \
			    .hearers = OPENCLAW_HEARERS_INIT,                                      \
			    .file = ROTATED_FILE_INIT })

static void rotation_release(struct rotation *run)
{
	single_place_release(&run->place);
	single_place_release(&run->token_place);
	openclaw_hearers_release(&run->hearers);
	rotated_file_release(&run->file);
	secret_release(&run->after);
	secret_release(&run->value);
	secret_release(&run->old_token);
	secret_release(&run->left);
}

static bool is_token(const struct rotation *run)
{
	return strcmp(run->key, OPENCLAW_TOKEN) == 0;
}

/* --- Before anything is changed --- */

static int read_input(struct rotation *run, struct error *err)
{
	if (run->options->with != NULL)
		return file_read(AT_FDCWD, run->options->with, DOC_TEXT_MAX, &run->after, err);
	if (is_token(run))
		return 0;
	if (input_read(NULL, VALUE_MAX, &run->value, err) < 0)
		return -1;
	return rotated_check_value(secret_span(&run->value), err);
}

static struct rotated_delivery delivery_of(const struct rotation *run)
{
	return (struct rotated_delivery){ run->manifest, &run->place, &run->options->gateway,
					  &run->url, &run->hearers };
}

static int deliver(const struct rotation *run, const struct secret *token, unsigned *ret_warnings,
		   struct error *err)
{
	const struct rotated_delivery delivery = delivery_of(run);

	return rotated_deliver(&delivery, token, ret_warnings, err);
}

static int ask(const struct rotation *run, struct span token, enum gateway_answer *ret_answer,
	       struct error *err)
{
	const struct rotated_delivery delivery = delivery_of(run);

	if (rotated_check_listener(&delivery, err) < 0)
		return -1;
	return gateway_ask(&run->url, token, ret_answer, err);
}

/* The gateway must take token, or must not. which: the token, and when. */
static int prove(const struct rotation *run, const struct secret *token, enum gateway_answer wanted,
		 const char *which, struct error *err)
{
	enum gateway_answer answer;

	if (ask(run, secret_span(token), &answer, err) < 0)
		return -1;
	if (answer == wanted)
		return 0;
	return error_set(err, ERROR_FINDINGS, "the gateway %s the %s",
			 answer == GATEWAY_TAKES ? "still takes" : "does not take", which);
}

static int open_token(const struct rotation *run, struct secret *ret_token, struct error *err)
{
	return openclaw_open_token(run->invocation, &run->options->gateway, ret_token, err);
}

/* Sets left where it takes the token of a copy. */
static int ask_for_copies(struct rotation *run, struct error *err)
{
	struct openclaw_options options = run->options->gateway;

	for (size_t i = 0; i < ROTATED_LEN; i++) {
		AUTO(secret) token = SECRET_INIT;
		struct error unused = ERROR_INIT;
		enum gateway_answer answer;

		options.copy = run->file.copies[i];
		if (openclaw_open_token(run->invocation, &options, &token, &unused) < 0 ||
		    ask(run, secret_span(&token), &answer, &unused) < 0 || answer != GATEWAY_TAKES)
			continue;
		run->left = secret_move(&token);
		fputs("bootseal: note: a rotation was interrupted: the gateway is first given what "
		      "is "
		      "sealed now\n",
		      stderr);
		return 0;
	}
	error_set(err, ERROR_FINDINGS, "the gateway does not take the token that is sealed");
	return error_hint(err,
			  "nothing was changed: is it this manifest's gateway (--url), and was it "
			  "started since that was sealed?");
}

static int ask_first(struct rotation *run, struct error *err)
{
	enum gateway_answer answer;

	if (ask(run, secret_span(&run->old_token), &answer, err) < 0)
		return -1;
	return answer == GATEWAY_TAKES ? 0 : ask_for_copies(run, err);
}

static int begin(struct rotation *run, struct error *err)
{
	const char *url = run->options->gateway.url;
	AUTO(openclaw_program) program = OPENCLAW_PROGRAM_INIT;

	if (geteuid() != 0)
		return error_set(err, ERROR_DENIED, "only root can publish what was sealed");
	if (gateway_url_parse(url != NULL ? url : OPENCLAW_URL, &run->url, err) < 0 ||
	    single_find(run->manifest, run->key, &run->place, err) < 0 ||
	    single_find(run->manifest, OPENCLAW_TOKEN, &run->token_place, err) < 0 ||
	    rotated_check_ways(run->key, &run->place, err) < 0 ||
	    openclaw_find_hearers(run->options->gateway.user, &run->token_place, &run->hearers,
				  err) < 0 ||
	    openclaw_find_program(run->options->gateway.program, &program, err) < 0 ||
	    read_input(run, err) < 0 ||
	    rotated_file_open(run->place.file, ROTATED_COPIES, &run->file, err) < 0 ||
	    open_token(run, &run->old_token, err) < 0)
		return -1;
	if (ask_first(run, err) < 0)
		return error_hint(err, "nothing was changed");
	return 0;
}

/* --- The sealed file --- */

static int write_sealed(const struct rotation *run, struct error *err)
{
	if (run->options->with == NULL)
		return rotated_file_seal(&run->file, &run->place, secret_span(&run->value), err);
	return file_write(AT_FDCWD, run->place.file, secret_span(&run->after), 0600, err);
}

/* What failed may have written it all the same. */
static int seal(struct rotation *run, struct error *err)
{
	struct error late = ERROR_INIT;

	if (rotated_file_begin(&run->file, err) < 0)
		return -1;
	if (write_sealed(run, err) == 0)
		return 0;
	if (rotated_file_restore(&run->file, &late) < 0)
		return error_wrap(err, "the sealed file could not be put back (%s)", late.message);
	rotated_file_end(&run->file);
	return -1;
}

/* --- To the gateway, and back --- */

/* A secret that it lacks from now on is one that it had. */
static int deliver_all(const struct rotation *run, const struct secret *token, struct error *err)
{
	unsigned warnings = 0;

	if (deliver(run, token, &warnings, err) < 0)
		return -1;
	if (warnings <= run->warnings)
		return 0;
	return error_set(err, ERROR_FINDINGS,
			 "the gateway lacks secrets that it had (%u warnings, before: %u)",
			 warnings, run->warnings);
}

static int switch_over(const struct rotation *run, struct error *err)
{
	AUTO(secret) token = SECRET_INIT;
	bool same;

	if (open_token(run, &token, err) < 0)
		return -1;
	same = token.len == run->old_token.len &&
	       secret_equal(token.data, run->old_token.data, token.len);
	if (same && is_token(run))
		return error_set(err, ERROR_FINDINGS, "the sealed token is the same as before");
	if (deliver_all(run, &run->old_token, err) < 0 ||
	    prove(run, &token, GATEWAY_TAKES, same ? "token that it took before" : "new token",
		  err) < 0)
		return -1;
	return same ? 0 : prove(run, &run->old_token, GATEWAY_REFUSES, "old token", err);
}

/* What works with what is sealed now works with another value, too. */
static int rehearse(struct rotation *run, struct error *err)
{
	const bool is_left = run->left.len > 0;

	if (deliver(run, is_left ? &run->left : &run->old_token, &run->warnings, err) < 0)
		return -1;
	return is_left ? prove(run, &run->old_token, GATEWAY_TAKES,
			       "token that is sealed, which it was given", err)
		       : 0;
}

/* Which of the two the gateway takes is not known when something failed. */
static int take_back(const struct rotation *run, struct error *err)
{
	AUTO(secret) token = SECRET_INIT;
	const struct secret *taken = &run->old_token;
	enum gateway_answer answer;

	if (ask(run, secret_span(&run->old_token), &answer, err) < 0)
		return -1;
	if (answer == GATEWAY_REFUSES) {
		if (open_token(run, &token, err) < 0)
			return -1;
		taken = &token;
	}
	if (rotated_file_restore(&run->file, err) < 0 || deliver_all(run, taken, err) < 0)
		return -1;
	return prove(run, &run->old_token, GATEWAY_TAKES, "old token, which is sealed again", err);
}

/* Whatever failed, the file is first what it was. */
static int undo(const struct rotation *run, struct error *err)
{
	const struct rotated_delivery delivery = delivery_of(run);
	struct error again = ERROR_INIT, late = ERROR_INIT;

	if (take_back(run, &again) == 0) {
		rotated_file_end(&run->file);
		return error_hint(err, "all is as it was before");
	}
	error_wrap(err, "not all could be taken back (%s)", again.message);
	if (rotated_withdraw(&delivery, &late) < 0)
		error_wrap(err, "%s", late.message);
	if (rotated_file_restore(&run->file, &late) < 0)
		return error_wrap(err, "the sealed file could not be put back (%s)", late.message);
	return error_hint(err,
			  "the sealed file is as it was before: start the gateway anew, or run "
			  "this again");
}

/* --- What is left to do --- */

static void tell(const struct rotation *run)
{
	const struct text_shown file = text_printable_text(run->place.file);

	if (is_token(run))
		printf("%s: the gateway takes what is sealed now, and not what was sealed before\n",
		       run->key);
	else
		printf("%s: the gateway has read its secrets anew\n", run->key);
	if (!is_token(run) && !run->place.in_document)
		puts("now: restart the gateway, if it has this one by LoadCredential= or another "
		     "way than a SecretRef to its file");
	if (run->place.units.len > 0 && run->place.in_generation)
		puts("now: \"bootseal activate\", for the other services that it is delivered to");
	if (run->options->with != NULL)
		return;
	printf("then: commit \"%s\"; and on each other host that it is sealed to, one after the "
	       "other,\n  bootseal openclaw rotate-token%s%s --with FILE\n"
	       "  with that file as FILE, before it is there in the place of the old one\n",
	       file.text, is_token(run) ? "" : " --key ", is_token(run) ? "" : run->key);
	if (is_token(run))
		puts("last: give the new token to the clients");
}

static int run(const struct invocation *invocation, struct error *err)
{
	static const int held_off[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	const struct rotate_options *options = invocation->options;
	AUTO(rotation) run = ROTATION_INIT;

	run.invocation = invocation;
	run.options = options;
	run.manifest =
		options->gateway.manifest != NULL ? options->gateway.manifest : MANIFEST_DEFAULT;
	run.key = options->key != NULL ? options->key : OPENCLAW_TOKEN;
	if (begin(&run, err) < 0)
		return -1;
	/* from here on it is brought to an end, one or the other */
	for (size_t i = 0; i < sizeof(held_off) / sizeof(*held_off); i++)
		(void)signal(held_off[i], SIG_IGN);
	if (rehearse(&run, err) < 0 || seal(&run, err) < 0)
		return error_hint(err, "nothing was changed");
	if (switch_over(&run, err) < 0)
		return undo(&run, err);
	rotated_file_end(&run.file);
	tell(&run);
	return 0;
}

const struct command cmd_openclaw_rotate_token = {
	.name = "openclaw rotate-token",
	.group = "OpenClaw",
	.summary = "give OpenClaw a new token without downtime",
	.synopsis = "[--key KEY] [--with FILE] [--manifest FILE] [OPTION...]",
	.example = "bootseal openclaw rotate-token",
	.options = rotate_options,
	.options_size = sizeof(struct rotate_options),
	.run = run,
};
