/* SPDX-License-Identifier: MIT */
#include "openclaw/prove.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "activate/activate.h"
#include "activate/ready.h"
#include "activate/ready_wait.h"
#include "openclaw/audit.h"
#include "openclaw/gateway.h"
#include "openclaw/listener.h"
#include "util/buf.h"
#include "util/codec.h"
#include "util/text.h"

#define AUDIT_SECONDS 120
#define SAID_MAX ((size_t)4 << 20)
#define UNIT_SECONDS 300
#define READY_SECONDS 180
#define END_SECONDS 30
#define SYSTEMD "/run/systemd/system"
#define OTHER_LEN 24
#define ASK_SECONDS 60
#define PORT_TRIES 50 /* of a tenth of a second */
#define PORT_PAUSE 100000000
#define VARIABLES_MAX 600

bool prove_has_systemd(void)
{
	return access(SYSTEMD, F_OK) == 0;
}

int prove_systemctl(const char *word, const char *unit, struct error *err)
{
	const char *const words[] = { "systemctl", word, unit, NULL };
	AUTO(secret) said = SECRET_INIT;
	int status;

	/* "cat" of a unit that there is none of says so, and that is no news */
	if (child_run(&(struct child_command){ .argv = words,
					       .timeout_seconds = UNIT_SECONDS,
					       .quiet = strcmp(word, "cat") == 0 },
		      SAID_MAX, &said, &status, err) < 0)
		return -1;
	if (status == 0)
		return 0;
	return error_set(err, ERROR_FINDINGS, "\"systemctl %s%s%s\" ended with status %d", word,
			 unit ? " " : "", unit ? text_printable_text(unit).text : "", status);
}

/* --- OpenClaw's own programs --- */

/* As its unit would have it: nothing of the caller's. */
struct surroundings {
	struct buf own; /* "NAME=VALUE", a NUL behind each */
	const char **list;
};

static void surroundings_release(struct surroundings *s)
{
	buf_release(&s->own);
	free(s->list);
}

static int add(struct surroundings *s, const char *name, const char *value, struct error *err)
{
	if (buf_printf(&s->own, err, "%s=%s", name, value) < 0)
		return -1;
	return buf_append(&s->own, "", 1, err);
}

static int list_all(struct surroundings *s, struct span variables, struct error *err)
{
	struct span all[2] = { buf_span(&s->own), variables }, entry;
	size_t len = 0;

	s->list = calloc(VARIABLES_MAX + 1, sizeof(*s->list));
	if (s->list == NULL)
		return error_memory(err);
	for (size_t i = 0; i < 2; i++)
		while (len < VARIABLES_MAX && span_take_until(&all[i], '\0', &entry))
			s->list[len++] = (const char *)entry.data;
	return 0;
}

/* INVOCATION_ID: what is supervised goes looking for no reasons. It is a trial: nobody is to be written to. */
static int surround(const struct prove *prove, struct surroundings *s, struct error *err)
{
	static const char *const on[] = { "OPENCLAW_NO_AUTO_UPDATE", "OPENCLAW_SKIP_CHANNELS",
					  "OPENCLAW_DISABLE_BONJOUR", "OPENCLAW_OFFLINE",
					  "INVOCATION_ID" };
	const char *path = getenv("PATH");

	for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++)
		if (add(s, on[i], "1", err) < 0)
			return -1;
	if (add(s, "PATH", path ? path : "/usr/local/bin:/usr/bin:/bin", err) < 0 ||
	    add(s, "HOME", prove->home, err) < 0 ||
	    add(s, "OPENCLAW_STATE_DIR", prove->state, err) < 0 ||
	    add(s, "OPENCLAW_CONFIG_PATH", prove->config, err) < 0)
		return -1;
	return list_all(s, prove->variables, err);
}

static int audit_job(void *argument, struct secret *ret_answer, struct error *err)
{
	return audit_parse(argument, ret_answer, err);
}

/* What it finds must be what was said to stay, all of it. */
static int judge_audit(const struct prove *prove, struct secret *said, struct error *err)
{
	AUTO(secret) answer = SECRET_INIT;
	struct value finding;
	struct span rest;

	if (child_job(audit_job, said, &answer, err) < 0)
		return -1;
	rest = secret_span(&answer);
	while (values_take(&rest, &finding)) {
		if (audit_stays(&finding, prove->stays))
			continue;
		return error_set(
			err, ERROR_FINDINGS,
			"\"openclaw secrets audit\" finds what was not to stay: %.*s: %.*s",
			SPAN_PRINT(finding.name), SPAN_PRINT(finding.bytes));
	}
	return 0;
}

/* Status 1 is that there are findings. */
static int audit(const struct prove *prove, const struct surroundings *s, struct error *err)
{
	const char *const words[] = { prove->program, "secrets",      "audit", "--check",
				      "--json",       "--allow-exec", NULL };
	const struct child_command command = { .argv = words,
					       .environment = s->list,
					       .timeout_seconds = AUDIT_SECONDS,
					       .quiet = true,
					       .clean = true,
					       .user = &prove->user };
	AUTO(secret) said = SECRET_INIT;
	int status;

	if (child_run(&command, SAID_MAX, &said, &status, err) < 0)
		return -1;
	if (status == 0 || status == 1)
		return judge_audit(prove, &said, err);
	return error_set(err, ERROR_FINDINGS, "\"openclaw secrets audit\" ended with status %d: %s",
			 status,
			 status == 2 ? "it cannot resolve a SecretRef" : "it could not look");
}

/* --- The gateway --- */

static int ask_once(const struct prove *prove, struct span token, enum gateway_answer *ret_answer,
		    struct error *err)
{
	struct http_url url;
	char text[48];

	(void)snprintf(text, sizeof(text), "ws://127.0.0.1:%u", prove->port);
	if (gateway_url_parse(text, &url, err) < 0 ||
	    listener_check(&url, &prove->user.uid, 1, err) < 0)
		return -1;
	return gateway_ask(&url, token, ret_answer, err);
}

static time_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* One that has just started may refuse all calls for a while, on a busy host longer; what it answers is taken at once. */
static int ask_patiently(const struct prove *prove, struct span token,
			 enum gateway_answer *ret_answer, struct error *err)
{
	const time_t end = seconds_now() + ASK_SECONDS;

	for (;;) {
		struct error why = ERROR_INIT;

		if (ask_once(prove, token, ret_answer, &why) == 0)
			return 0;
		if (why.kind != ERROR_FINDINGS || seconds_now() >= end) {
			*err = why;
			return -1;
		}
		nanosleep(&(struct timespec){ 1, 0 }, NULL);
	}
}

static int ask(const struct prove *prove, struct span token, enum gateway_answer wanted,
	       struct error *err)
{
	enum gateway_answer answer;

	if (ask_patiently(prove, token, &answer, err) < 0)
		return -1;
	if (answer == wanted)
		return 0;
	if (answer == GATEWAY_TAKES)
		return error_set(err, ERROR_FINDINGS, "the gateway takes a %s that nobody knows",
				 prove->credential_name);
	return error_set(err, ERROR_FINDINGS, "the gateway does not take the sealed %s",
			 prove->credential_name);
}

static int ask_both(const struct prove *prove, struct error *err)
{
	uint8_t random[OTHER_LEN];
	char other[2 * OTHER_LEN];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return error_sys(err, "there is no randomness");
	codec_hex_lower(span_of(random, sizeof(random)), other);
	if (prove->credential.len > 0 && ask(prove, prove->credential, GATEWAY_TAKES, err) < 0)
		return -1;
	return ask(prove, span_of(other, sizeof(other)), GATEWAY_REFUSES, err);
}

static int publish(const struct prove *prove, struct error *err)
{
	AUTO(ready_report) report = READY_REPORT_INIT;

	return ready_publish(prove->manifest, prove->unit, &report, err);
}

static int withdraw(const struct prove *prove, struct error *err)
{
	AUTO(ready_report) report = READY_REPORT_INIT;

	return ready_withdraw_everywhere(prove->unit, &report, err);
}

/* A gateway for this alone, of which nothing stays. */
static int ask_trial(const struct prove *prove, const struct surroundings *s, struct error *err)
{
	char port[8], url[64];
	const char *const words[] = { prove->program, "gateway", "run",      "--port",
				      port,           "--bind",  "loopback", NULL };
	const struct child_command command = {
		.argv = words, .environment = s->list, .clean = true, .user = &prove->user
	};
	struct ready_wish wish = { .when = url, .seconds = READY_SECONDS };
	int result;
	pid_t pid;

	(void)snprintf(port, sizeof(port), "%u", prove->port);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/healthz", prove->port);
	if (child_start(&command, &pid, err) < 0)
		return -1;
	wish.main_pid = pid;
	result = ready_wait(&wish, -1, err);
	if (result < 0)
		error_wrap(err, "the gateway");
	if (result == 0)
		result = withdraw(prove, err);
	if (result == 0)
		result = ask_both(prove, err);
	child_end(pid, END_SECONDS);
	return result;
}

/* Another gateway would answer in the place of the one that is asked: that of before, for one. */
static int wait_for_port(const struct prove *prove, struct error *err)
{
	const struct timespec pause = { 0, PORT_PAUSE };
	enum listener_state state;

	for (unsigned tries = 0; tries < PORT_TRIES; tries++) {
		if (listener_find(prove->port, prove->user.uid, &state, err) < 0)
			return -1;
		if (state == LISTENER_DOWN)
			return 0;
		nanosleep(&pause, NULL);
	}
	return error_set(err, ERROR_FINDINGS,
			 "somebody listens on port %u, and \"%s\" is stopped: it is another",
			 prove->port, text_printable_text(prove->unit).text);
}

/* Its own unit publishes, waits and withdraws. */
static int ask_unit(const struct prove *prove, struct error *err)
{
	if (withdraw(prove, err) < 0 || prove_systemctl("daemon-reload", NULL, err) < 0 ||
	    prove_systemctl("stop", prove->unit, err) < 0 || wait_for_port(prove, err) < 0 ||
	    prove_systemctl("start", prove->unit, err) < 0)
		return -1;
	return ask_both(prove, err);
}

int prove_all(const struct prove *prove, struct error *err)
{
	AUTO(surroundings) s = { BUF_INIT, NULL };
	struct error late = ERROR_INIT;
	int result;

	if (surround(prove, &s, err) < 0)
		return -1;
	result = publish(prove, err);
	if (result == 0)
		result = audit(prove, &s, err);
	if (result == 0)
		result = prove->by_systemd ? ask_unit(prove, err) : ask_trial(prove, &s, err);
	if (withdraw(prove, result == 0 ? err : &late) < 0)
		result = -1;
	return result;
}
