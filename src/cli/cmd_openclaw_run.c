/* SPDX-License-Identifier: MIT */
#include <limits.h>

#include "cli/commands.h"
#include "cli/openclaw.h"

static const struct option_spec run_options[] = {
	{ "manifest", 0, "FILE", "what delivers the token, instead of this host's manifest",
	  OPTION_TEXT, offsetof(struct openclaw_options, manifest) },
	{ "file", 0, "FILE", "a sealed file, which your own keys open, instead of a manifest",
	  OPTION_TEXT, offsetof(struct openclaw_options, file) },
	{ "key", 0, "KEY", "the token's key (default: " OPENCLAW_TOKEN ")", OPTION_TEXT,
	  offsetof(struct openclaw_options, key) },
	{ "url", 0, "URL", "the gateway (default: " OPENCLAW_URL ")", OPTION_TEXT,
	  offsetof(struct openclaw_options, url) },
	{ "program", 0, "FILE", "OpenClaw (default: " OPENCLAW_PROGRAM ", found in PATH)",
	  OPTION_TEXT, offsetof(struct openclaw_options, program) },
	{ "for", 0, "USER", "the user that the gateway runs as", OPTION_TEXT,
	  offsetof(struct openclaw_options, user) },
	{ .name = NULL },
};

static int run(const struct invocation *invocation, struct error *err)
{
	const struct openclaw_options *options = invocation->options;
	AUTO(secret) token = SECRET_INIT;

	if ((options->url != NULL && openclaw_check_url(options->url, err) < 0) ||
	    openclaw_open_token(invocation, options, &token, err) < 0 ||
	    openclaw_check_hearers(options, err) < 0)
		return -1;
	return openclaw_run(options, &token, invocation->args, invocation->status, err);
}

const struct command cmd_openclaw_run = {
	.name = "openclaw run",
	.group = "OpenClaw",
	.summary = "run OpenClaw's own commands with the sealed token",
	.synopsis = "[--manifest FILE | --file FILE] [OPTION...] -- ARGUMENT...",
	.example = "bootseal openclaw run -- gateway health",
	.options = run_options,
	.options_size = sizeof(struct openclaw_options),
	.min_args = 1,
	.max_args = INT_MAX,
	.run = run,
};
