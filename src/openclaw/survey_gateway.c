/* SPDX-License-Identifier: MIT */
/* Which token the gateway takes. */
#include <stdio.h>
#include <sys/random.h>

#include "openclaw/gateway.h"
#include "survey.h"
#include "util/codec.h"

#define REFUSED 401
#define FORBIDDEN 403
#define NOT_FOUND 404

static bool is_refused(unsigned status)
{
	return status == REFUSED || status == FORBIDDEN;
}

/* There is nothing at the path that is asked for, but only who is let in is told so. */
static bool is_taken(unsigned status)
{
	return status == NOT_FOUND || (status >= 200 && status < 300);
}

static int fail_other(unsigned status, struct error *err)
{
	return error_set(err, ERROR_FORMAT, "it answers with status %u", status);
}

static int report(struct secret *findings, enum check_level level, const char *kind, unsigned port,
		  const char *what, const char *to_do, struct error *err)
{
	char where[48];

	(void)snprintf(where, sizeof(where), "port %u of this host", port);
	return check_report(findings, level, kind, where, what, to_do, err);
}

/* One that nobody knows must be refused. */
static int ask_with_another(unsigned port, bool *ret_refused, struct secret *findings,
			    struct error *err)
{
	uint8_t random[24];
	char token[2 * sizeof(random)];
	unsigned status = 0;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return error_sys(err, "there is no randomness");
	codec_hex_lower(span_of(random, sizeof(random)), token);
	if (gateway_ask(port, span_of(token, sizeof(token)), &status, err) < 0)
		return -1;
	*ret_refused = is_refused(status);
	if (*ret_refused)
		return 0;
	if (!is_taken(status))
		return fail_other(status, err);
	return report(findings, CHECK_PROBLEM, "gateway-open", port,
		      "it takes a token that nobody knows",
		      "set gateway.auth.mode to \"token\"; or another program listens there", err);
}

static int ask_with_ours(unsigned port, struct span token, struct secret *findings,
			 struct error *err)
{
	unsigned status = 0;

	if (token.len == 0)
		return report(
			findings, CHECK_NOTE, "token-unknown", port,
			"it refuses a wrong token; which one it should take is not known here",
			"run this as root, with the manifest: bootseal openclaw check --for USER "
			"MANIFEST",
			err);
	if (gateway_ask(port, token, &status, err) < 0)
		return -1;
	if (is_refused(status))
		return report(findings, CHECK_PROBLEM, "token-refused", port,
			      "it refuses the token that it should take",
			      "openclaw secrets reload, or restart the gateway", err);
	if (!is_taken(status))
		return fail_other(status, err);
	return report(findings, CHECK_OK, "gateway", port,
		      "it is up, takes its token and refuses another", "", err);
}

int survey_gateway(const struct survey *survey, const struct survey_facts *facts,
		   enum check_gateway *ret_gateway, struct secret *findings, struct error *err)
{
	enum gateway_state state;
	struct error why = ERROR_INIT;
	bool refused = false;

	*ret_gateway = CHECK_GATEWAY_UNKNOWN;
	if (survey->skip_gateway)
		return 0;
	if (gateway_find(facts->port, survey->uid, &state, err) < 0)
		return -1;
	*ret_gateway = state == GATEWAY_UP ? CHECK_GATEWAY_UP : CHECK_GATEWAY_DOWN;
	if (state == GATEWAY_DOWN)
		return report(findings, CHECK_PROBLEM, "gateway-down", facts->port,
			      "the gateway is not up: nobody listens there",
			      "start its unit, and look into its journal", err);
	if (state == GATEWAY_ANOTHER)
		return report(findings, CHECK_PROBLEM, "gateway-other", facts->port,
			      "another user than the gateway's listens there, and was told nothing",
			      "say whose gateway it is: --for USER", err);
	if (ask_with_another(facts->port, &refused, findings, &why) == 0 &&
	    (!refused || ask_with_ours(facts->port, facts->token, findings, &why) == 0))
		return 0;
	return report(findings, CHECK_PROBLEM, "gateway", facts->port, why.message,
		      "look into the gateway's journal", err);
}
