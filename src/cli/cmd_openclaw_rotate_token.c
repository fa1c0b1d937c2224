/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "activate/activate.h"
#include "activate/ready.h"
#include "activate/single.h"
#include "cli/commands.h"
#include "cli/host.h"
#include "cli/input.h"
#include "cli/openclaw.h"
#include "doc/doc.h"
#include "doc/path.h"
#include "openclaw/gateway.h"
#include "openclaw/reload.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#define GENERATED "43" /* letters and digits: 256 bits */
#define VALUE_MAX ((size_t)64 << 10)
#define SEAL_SECONDS 120
#define OURSELVES "/proc/self/exe"

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
	{ .name = NULL },
};

/* One run. */
struct rotation {
	const struct invocation *invocation;
	const struct rotate_options *options;
	const char *manifest, *key;
	struct single_place place;
	struct http_url url;
	struct secret before;    /* the sealed file's text */
	struct secret after;     /* --with */
	struct secret value;     /* --key */
	struct secret old_token; /* what the gateway takes */
	unsigned warnings;       /* how many secrets it lacks already */
};

#define ROTATION_INIT ((struct rotation){ .place = SINGLE_PLACE_INIT })

static void rotation_release(struct rotation *run)
{
	single_place_release(&run->place);
	secret_release(&run->before);
	secret_release(&run->after);
	secret_release(&run->value);
	secret_release(&run->old_token);
}

static bool is_token(const struct rotation *run)
{
	return strcmp(run->key, OPENCLAW_TOKEN) == 0;
}

/* --- Before anything is changed --- */

static int check_ways(const struct rotation *run, struct error *err)
{
	if (run->place.units.len > 0 || (run->place.in_generation && run->place.told.len == 0))
		return 0;
	error_set(err, ERROR_UNSUPPORTED,
		  "\"%s\" comes to its services by a restart: of \"%s\", for one", run->key,
		  run->place.told.items[0]);
	return error_hint(err, "give it \"lifetime: until-ready\", or no \"restart\" and "
			       "\"reload\": the gateway is told by this command");
}

static int read_input(struct rotation *run, struct error *err)
{
	if (run->options->with != NULL)
		return file_read(AT_FDCWD, run->options->with, DOC_TEXT_MAX, &run->after, err);
	if (is_token(run))
		return 0;
	if (input_read(NULL, VALUE_MAX, &run->value, err) < 0)
		return -1;
	return run->value.len > 0 ? 0 : error_set(err, ERROR_USAGE, "there is no value on stdin");
}

/* The gateway must take token, or must not. */
static int prove(const struct rotation *run, const struct secret *token, enum gateway_answer wanted,
		 const char *which, struct error *err)
{
	enum gateway_answer answer;

	if (gateway_ask(&run->url, secret_span(token), &answer, err) < 0)
		return -1;
	if (answer == wanted)
		return 0;
	return error_set(err, ERROR_FINDINGS, "the gateway %s the token that %s",
			 answer == GATEWAY_TAKES ? "still takes" : "does not take", which);
}

static int open_token(const struct rotation *run, struct secret *ret_token, struct error *err)
{
	return openclaw_open_token(run->invocation, &run->options->gateway, ret_token, err);
}

static int begin(struct rotation *run, struct error *err)
{
	const char *url = run->options->gateway.url;

	if (geteuid() != 0)
		return error_set(err, ERROR_DENIED, "only root can publish what was sealed");
	if (gateway_url_parse(url != NULL ? url : OPENCLAW_URL, &run->url, err) < 0 ||
	    single_find(run->manifest, run->key, &run->place, err) < 0 ||
	    check_ways(run, err) < 0 || read_input(run, err) < 0 ||
	    open_token(run, &run->old_token, err) < 0)
		return -1;
	if (prove(run, &run->old_token, GATEWAY_TAKES, "is sealed now", err) < 0)
		return error_hint(err, "nothing was changed");
	return file_read(AT_FDCWD, run->place.file, DOC_TEXT_MAX, &run->before, err);
}

/* --- The sealed file --- */

/* Our own "set", which knows what may be refused; it opens the file with the manifest's first identity. */
static int seal_value(const struct rotation *run, struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(buf) index = BUF_INIT;
	AUTO(buf) ssh_key = BUF_INIT;
	AUTO(buf) age_key = BUF_INIT;
	AUTO(secret) said = SECRET_INIT;
	const char *environment[3] = { NULL };
	const char *words[] = { OURSELVES, "set", run->place.file, NULL, NULL, NULL, NULL };
	const struct child_command command = { .argv = words,
					       .environment = environment,
					       .input = secret_span(&run->value),
					       .timeout_seconds = SEAL_SECONDS };
	int status;

	if (is_token(run)) {
		words[4] = "--generate";
		words[5] = GENERATED;
	}
	if (doc_path_parse_slashes(run->place.key, &path, err) < 0 ||
	    doc_path_format(&path, path.len, &index, err) < 0 ||
	    buf_text(&index, &words[3], err) < 0 ||
	    buf_printf(&ssh_key, err, "SOPS_AGE_SSH_PRIVATE_KEY_FILE=%s", run->place.identity) <
		    0 ||
	    buf_printf(&age_key, err, "SOPS_AGE_KEY_FILE=%s", run->place.identity) < 0 ||
	    buf_text(&ssh_key, &environment[0], err) < 0 ||
	    buf_text(&age_key, &environment[1], err) < 0 ||
	    child_run(&command, VALUE_MAX, &said, &status, err) < 0)
		return -1;
	if (status == 0)
		return 0;
	return error_set(err, ERROR_FINDINGS, "\"%s\" could not be sealed: status %d",
			 text_printable_text(run->place.key).text, status);
}

static int seal(const struct rotation *run, struct error *err)
{
	if (run->options->with == NULL)
		return seal_value(run, err);
	return file_write(AT_FDCWD, run->place.file, secret_span(&run->after), 0600, err);
}

/* --- To the gateway, and back --- */

static int publish(const struct rotation *run, struct error *err)
{
	AUTO(activate_report) activated = ACTIVATE_REPORT_INIT;

	for (size_t i = 0; i < run->place.units.len; i++) {
		AUTO(ready_report) report = READY_REPORT_INIT;

		if (ready_publish(run->manifest, run->place.units.items[i], &report, err) < 0)
			return -1;
	}
	if (run->place.units.len > 0)
		return 0;
	return activate_run(run->manifest, &activated, err);
}

static int withdraw(const struct rotation *run, struct error *err)
{
	AUTO(host_place) host = HOST_PLACE_INIT;

	if (run->place.units.len == 0)
		return 0;
	if (activate_directory(run->manifest, &host.directory, &host.root, err) < 0)
		return -1;
	for (size_t i = 0; i < run->place.units.len; i++) {
		AUTO(ready_report) report = READY_REPORT_INIT;

		if (ready_withdraw(host.directory, run->place.units.items[i], &report, err) < 0)
			return -1;
	}
	return 0;
}

/* In a child: what OpenClaw says is text from outside. */
static int warnings_job(void *argument, struct secret *ret_answer, struct error *err)
{
	unsigned warnings = 0;

	if (reload_parse(argument, &warnings, err) < 0)
		return -1;
	return secret_append(ret_answer, &warnings, sizeof(warnings), err);
}

static int reload(const struct rotation *run, const struct secret *token, unsigned *ret_warnings,
		  struct error *err)
{
	static const char *const words[] = { "secrets", "reload", "--json", NULL };
	AUTO(secret) said = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;

	if (openclaw_tell(&run->options->gateway, token, words, RELOAD_MAX, &said, err) < 0 ||
	    child_job(warnings_job, &said, &answer, err) < 0)
		return -1;
	if (answer.len != sizeof(*ret_warnings))
		return error_set(err, ERROR_BUG, "the child gave a broken answer");
	memcpy(ret_warnings, answer.data, sizeof(*ret_warnings));
	return 0;
}

/* Published only while the gateway reads it. */
static int deliver(const struct rotation *run, const struct secret *token, unsigned *ret_warnings,
		   struct error *err)
{
	struct error late = ERROR_INIT;
	int result = publish(run, err);

	if (result == 0)
		result = reload(run, token, ret_warnings, err);
	if (withdraw(run, result == 0 ? err : &late) < 0)
		result = -1;
	return result;
}

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
	    prove(run, &token, GATEWAY_TAKES, "is sealed now", err) < 0)
		return -1;
	return same ? 0 : prove(run, &run->old_token, GATEWAY_REFUSES, "was sealed before", err);
}

/* Which of the two the gateway takes is not known when something failed. */
static int take_back(const struct rotation *run, struct error *err)
{
	AUTO(secret) token = SECRET_INIT;
	const struct secret *taken = &run->old_token;
	enum gateway_answer answer;

	if (gateway_ask(&run->url, secret_span(&run->old_token), &answer, err) < 0)
		return -1;
	if (answer == GATEWAY_REFUSES) {
		if (open_token(run, &token, err) < 0)
			return -1;
		taken = &token;
	}
	if (file_write(AT_FDCWD, run->place.file, secret_span(&run->before), 0600, err) < 0 ||
	    deliver_all(run, taken, err) < 0)
		return -1;
	return prove(run, &run->old_token, GATEWAY_TAKES, "is sealed again", err);
}

/* Whatever failed, the file is first what it was. */
static int undo(const struct rotation *run, struct error *err)
{
	struct error again = ERROR_INIT, ignored = ERROR_INIT;

	if (take_back(run, &again) == 0)
		return error_hint(err, "all is as it was before");
	(void)!file_write(AT_FDCWD, run->place.file, secret_span(&run->before), 0600, &ignored);
	(void)!withdraw(run, &ignored);
	error_wrap(err, "not all could be taken back (%s)", again.message);
	return error_hint(err, "the sealed file is as it was before: start the gateway anew");
}

/* --- What is left to do --- */

static void tell(const struct rotation *run)
{
	const struct text_shown file = text_printable_text(run->place.file);

	printf("%s: the gateway takes what is sealed now%s\n", run->key,
	       is_token(run) ? ", and not what was sealed before" : "");
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
	/* what works with what is sealed now works with another value, too */
	if (deliver(&run, &run.old_token, &run.warnings, err) < 0 || seal(&run, err) < 0)
		return error_hint(err, "nothing was changed");
	if (switch_over(&run, err) < 0)
		return undo(&run, err);
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
