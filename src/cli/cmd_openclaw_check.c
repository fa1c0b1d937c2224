/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "activate/json.h"
#include "activate/manifest.h"
#include "activate/values.h"
#include "cli/commands.h"
#include "cli/openclaw.h"
#include "cli/openclaw_place.h"
#include "openclaw/survey.h"

#define PORT_MAX 65535

struct check_options {
	struct openclaw_options token; /* where the gateway's token is */
	struct openclaw_place place;
	unsigned long port;
	bool json, no_gateway;
};

// clang-format off
static const struct option_spec check_options[] = {
	OPENCLAW_PLACE_OPTIONS(struct check_options, place),
	{ "manifest", 0, "FILE", "what delivers the token, instead of this host's manifest", OPTION_TEXT,
	  offsetof(struct check_options, token.manifest) },
	{ "file", 0, "FILE", "a sealed file, which your own keys open, instead of a manifest", OPTION_TEXT,
	  offsetof(struct check_options, token.file) },
	{ "key", 0, "KEY", "the token's key (default: " OPENCLAW_TOKEN ")", OPTION_TEXT,
	  offsetof(struct check_options, token.key) },
	{ "port", 0, "PORT", "the gateway's port, instead of what its unit or configuration says", OPTION_NUMBER,
	  offsetof(struct check_options, port) },
	{ "no-gateway", 0, NULL, "do not ask the gateway: it need not be up", OPTION_FLAG,
	  offsetof(struct check_options, no_gateway) },
	{ "json", 0, NULL, "the answer as one JSON object", OPTION_FLAG,
	  offsetof(struct check_options, json) },
	{ .name = NULL },
};
// clang-format on

/* What was asked for must be there; the host's own manifest counts where root finds it. */
static int open_token(const struct invocation *invocation, const struct check_options *options,
		      struct secret *token, struct secret *findings, struct error *err)
{
	const bool is_asked = options->token.manifest || options->token.file || options->token.key;
	struct error why = ERROR_INIT;

	if (!is_asked && (geteuid() != 0 || access(MANIFEST_DEFAULT, R_OK) < 0))
		return 0;
	if (openclaw_open_token(invocation, &options->token, token, &why) == 0)
		return 0;
	if (is_asked) {
		*err = why;
		return -1;
	}
	return check_report(findings, CHECK_NOTE, "sealed", MANIFEST_DEFAULT,
			    "the sealed token could not be opened to compare it",
			    "bootseal openclaw check --manifest " MANIFEST_DEFAULT " says why",
			    err);
}

/* Calls for each finding; counts the problems. */
static int each_finding(struct span records, size_t *ret_problems,
			int (*print)(const struct check_finding *finding, void *argument,
				     struct error *err),
			void *argument, struct error *err)
{
	struct value record;
	struct check_finding finding;

	*ret_problems = 0;
	while (values_take(&records, &record)) {
		if (!check_finding(record.entry, record.name, record.bytes, &finding))
			continue;
		*ret_problems += finding.level == CHECK_PROBLEM ? 1 : 0;
		if (print(&finding, argument, err) < 0)
			return -1;
	}
	return 0;
}

static int print_text(const struct check_finding *finding, void *argument, struct error *err)
{
	(void)argument;
	(void)err;
	printf("%-7s %.*s: %.*s\n", check_levels[finding->level], SPAN_PRINT(finding->where),
	       SPAN_PRINT(finding->what));
	if (finding->to_do.len > 0)
		printf("        -> %.*s\n", SPAN_PRINT(finding->to_do));
	return 0;
}

static int print_object(const struct check_finding *finding, void *argument, struct error *err)
{
	struct json_object object, *list = argument;

	if (list->filled && secret_append(list->out, ",", 1, err) < 0)
		return -1;
	list->filled = true;
	if (json_open(list->out, &object, err) < 0 ||
	    json_text(&object, "level", span_of_text(check_levels[finding->level]), err) < 0 ||
	    json_text(&object, "kind", finding->kind, err) < 0 ||
	    json_text(&object, "where", finding->where, err) < 0 ||
	    json_text(&object, "what", finding->what, err) < 0 ||
	    json_text(&object, "do", finding->to_do, err) < 0)
		return -1;
	return json_close(&object, err);
}

static int print_json(struct span records, size_t *ret_problems, struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	struct json_object whole, list = { .out = &out };

	if (json_open(&out, &whole, err) < 0 ||
	    json_key(&whole, SPAN_LITERAL("findings"), err) < 0 ||
	    secret_append(&out, "[", 1, err) < 0 ||
	    each_finding(records, ret_problems, print_object, &list, err) < 0 ||
	    secret_append(&out, "]", 1, err) < 0 ||
	    json_number(&whole, "problems", *ret_problems, err) < 0 || json_close(&whole, err) < 0)
		return -1;
	printf("%.*s\n", (int)out.len, (const char *)out.data);
	return 0;
}

static int print(const struct check_options *options, struct span records, struct error *err)
{
	size_t problems = 0;
	const int result = options->json ? print_json(records, &problems, err)
					 : each_finding(records, &problems, print_text, NULL, err);

	if (result < 0 || problems == 0)
		return result;
	return error_set(err, ERROR_FINDINGS, "openclaw check: %zu problem%s", problems,
			 problems == 1 ? "" : "s");
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct check_options *options = invocation->options;
	AUTO(openclaw_found) found = OPENCLAW_FOUND_INIT;
	AUTO(secret) token = SECRET_INIT;
	AUTO(secret) findings = SECRET_INIT;
	AUTO(secret) records = SECRET_INIT;
	struct survey survey = { .skip_gateway = options->no_gateway };

	if (options->port > PORT_MAX)
		return error_set(err, ERROR_USAGE, "there is no port %lu", options->port);
	survey.port = (unsigned)options->port;
	if (openclaw_find(&options->place, &found, &survey, err) < 0 ||
	    open_token(invocation, options, &token, &findings, err) < 0)
		return -1;
	survey.user = found.user;
	survey.sealed = secret_span(&token);
	if (survey_run(&survey, &records, err) < 0 ||
	    secret_append_span(&findings, secret_span(&records), err) < 0)
		return -1;
	return print(options, secret_span(&findings), err);
}

const struct command cmd_openclaw_check = {
	.name = "openclaw check",
	.group = "OpenClaw",
	.summary = "say what of an OpenClaw is not safe, or would not start",
	.synopsis =
		"[--for USER] [--config FILE] [--state DIRECTORY] [--manifest FILE | --file FILE] "
		"[--key KEY] [--port PORT | --no-gateway] [--json]",
	.example = "bootseal openclaw check --for openclaw",
	.options = check_options,
	.options_size = sizeof(struct check_options),
	.run = run,
};
