/* SPDX-License-Identifier: MIT */
/* Which token the gateway takes. */
#include <stdio.h>
#include <sys/random.h>

#include "openclaw/gateway.h"
#include "openclaw/listener.h"
#include "survey.h"
#include "util/codec.h"

static int report(struct secret *findings, enum check_level level, const char *kind, unsigned port,
		  const char *what, const char *to_do, struct error *err)
{
	char where[48];

	(void)snprintf(where, sizeof(where), "port %u of this host", port);
	return check_report(findings, level, kind, where, what, to_do, err);
}

static int ask(unsigned port, struct span token, enum gateway_answer *ret_answer, struct error *err)
{
	struct http_url url;
	char text[48];

	(void)snprintf(text, sizeof(text), "ws://127.0.0.1:%u", port);
	if (gateway_url_parse(text, &url, err) < 0)
		return -1;
	return gateway_ask(&url, token, ret_answer, err);
}

/* One that nobody knows must be refused. */
static int ask_with_another(unsigned port, enum gateway_answer *ret_answer, struct secret *findings,
			    struct error *err)
{
	uint8_t random[24];
	char token[2 * sizeof(random)];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return error_sys(err, "there is no randomness");
	codec_hex_lower(span_of(random, sizeof(random)), token);
	if (ask(port, span_of(token, sizeof(token)), ret_answer, err) < 0)
		return -1;
	if (*ret_answer == GATEWAY_REFUSES)
		return 0;
	return report(findings, CHECK_PROBLEM, "gateway-open", port,
		      "it takes a token that nobody knows",
		      "set gateway.auth.mode to \"token\"; or another program listens there", err);
}

static int ask_with_ours(unsigned port, struct span token, struct secret *findings,
			 struct error *err)
{
	enum gateway_answer answer;

	if (token.len == 0)
		return report(
			findings, CHECK_NOTE, "token-unknown", port,
			"it refuses a wrong token; which one it should take is not known here",
			"run this as root, with the manifest: bootseal openclaw check --for USER "
			"--manifest FILE",
			err);
	if (ask(port, token, &answer, err) < 0)
		return -1;
	if (answer == GATEWAY_REFUSES)
		return report(findings, CHECK_PROBLEM, "token-refused", port,
			      "it refuses the token that it should take",
			      "openclaw secrets reload, or restart the gateway", err);
	return report(findings, CHECK_OK, "gateway", port,
		      "it is up, takes its token and refuses another", "", err);
}

int survey_gateway(const struct survey *survey, const struct survey_facts *facts,
		   enum check_gateway *ret_gateway, struct secret *findings, struct error *err)
{
	enum listener_state state;
	enum gateway_answer answer = GATEWAY_TAKES;
	struct error why = ERROR_INIT;

	*ret_gateway = CHECK_GATEWAY_UNKNOWN;
	if (survey->skip_gateway)
		return 0;
	if (listener_find(facts->port, survey->uid, &state, err) < 0)
		return -1;
	*ret_gateway = state == LISTENER_UP ? CHECK_GATEWAY_UP : CHECK_GATEWAY_DOWN;
	if (state == LISTENER_DOWN)
		return report(findings, CHECK_PROBLEM, "gateway-down", facts->port,
			      "the gateway is not up: nobody listens there",
			      "start its unit, and look into its journal", err);
	if (state == LISTENER_ANOTHER)
		return report(findings, CHECK_PROBLEM, "gateway-other", facts->port,
			      "another user than the gateway's listens there, and was told nothing",
			      "say whose gateway it is: --for USER", err);
	if (ask_with_another(facts->port, &answer, findings, &why) == 0 &&
	    (answer == GATEWAY_TAKES ||
	     ask_with_ours(facts->port, facts->token, findings, &why) == 0))
		return 0;
	return report(findings, CHECK_PROBLEM, "gateway", facts->port, why.message,
		      "look into the gateway's journal", err);
}
