/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "activate/values.h"
#include "cli/commands.h"
#include "cli/openclaw_place.h"
#include "openclaw/plan.h"

#define UNIT "openclaw-gateway.service"

struct setup_options {
	struct openclaw_place place;
	const char *unit;
	bool dry_run;
};

// clang-format off
static const struct option_spec setup_options[] = {
	{ "dry-run", 0, NULL, "say what is to be done, and do nothing", OPTION_FLAG,
	  offsetof(struct setup_options, dry_run) },
	OPENCLAW_PLACE_OPTIONS(struct setup_options, place),
	{ "unit", 0, "UNIT", "the gateway's unit (default: " UNIT ")", OPTION_TEXT,
	  offsetof(struct setup_options, unit) },
	{ .name = NULL },
};
// clang-format on

/* What the plan would rest on: a configuration that cannot be read holds nobody knows what. */
static int check_readable(struct span records, struct error *err)
{
	struct value record;
	struct check_finding finding;

	while (values_take(&records, &record))
		if (check_finding(record.entry, record.name, record.bytes, &finding) &&
		    (span_equal_text(finding.kind, "config") ||
		     span_equal_text(finding.kind, "unread")))
			return error_set(err, ERROR_CONFIG, "%.*s: %.*s", SPAN_PRINT(finding.where),
					 SPAN_PRINT(finding.what));
	return 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct setup_options *options = invocation->options;
	AUTO(openclaw_found) found = OPENCLAW_FOUND_INIT;
	AUTO(secret) records = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct survey survey = { .skip_gateway = true };
	struct plan_facts facts = { .unit = options->unit ? options->unit : UNIT };
	size_t secrets = 0;

	if (!options->dry_run) {
		error_set(err, ERROR_UNSUPPORTED,
			  "this version changes no installation of OpenClaw");
		return error_hint(err, "see what is to be done: --dry-run");
	}
	if (openclaw_find(&options->place, &found, &survey, err) < 0 ||
	    survey_files(&survey, &records, err) < 0 ||
	    check_readable(secret_span(&records), err) < 0)
		return -1;
	facts.user = found.user;
	if (openclaw_plan(secret_span(&records), &facts, &text, &secrets, err) < 0)
		return -1;
	if (secrets == 0)
		puts("no secret stands in plain text where OpenClaw looks for one");
	else
		printf("%.*s", (int)text.len, (const char *)text.data);
	return 0;
}

const struct command cmd_openclaw_setup = {
	.name = "openclaw setup",
	.group = "OpenClaw",
	.summary = "say how an OpenClaw's secrets are sealed",
	.synopsis = "--dry-run [--for USER] [--config FILE] [--state DIRECTORY] [--unit UNIT]",
	.example = "bootseal openclaw setup --dry-run --for openclaw",
	.options = setup_options,
	.options_size = sizeof(struct setup_options),
	.run = run,
};
