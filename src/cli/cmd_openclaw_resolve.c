/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "activate/activate.h"
#include "activate/nix.h"
#include "cli/commands.h"
#include "cli/host.h"
#include "cli/input.h"
#include "openclaw/request.h"
#include "openclaw/resolve.h"
#include "util/file.h"
#include "util/sandbox.h"

/* From here on nothing but what is published can be read. */
static int enter_sandbox(const struct resolve_place *place, struct error *err)
{
	struct sandbox_files files = SANDBOX_FILES_NONE;
	int readable[2];
	bool active;

	if (place->live_fd >= 0)
		readable[files.readable_len++] = place->live_fd;
	if (place->ready_fd >= 0)
		readable[files.readable_len++] = place->ready_fd;
	files.readable = readable;
	return sandbox_enter_with(&files, &active, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const char *path = host_manifest(invocation);
	AUTO(manifest) manifest = MANIFEST_INIT;
	AUTO(resolve_place) place = RESOLVE_PLACE_INIT;
	AUTO(secret) request = SECRET_INIT;
	AUTO(names) ids = NAMES_INIT;
	AUTO(secret) answer = SECRET_INIT;

	if (nix_is_manifest(path))
		return error_set(err, ERROR_UNSUPPORTED,
				 "this answers from a manifest of bootseal.yaml(5) alone");
	if (activate_read_manifest(path, &manifest, err) < 0 ||
	    resolve_open(&manifest, &place, err) < 0 ||
	    input_read(NULL, REQUEST_MAX, &request, err) < 0 || enter_sandbox(&place, err) < 0 ||
	    request_parse(&request, &ids, err) < 0 ||
	    resolve_answer(&manifest, &place, &ids, &answer, err) < 0)
		return -1;
	return file_write_all(STDOUT_FILENO, secret_span(&answer), "stdout", err);
}

const struct command cmd_openclaw_resolve = {
	.name = "openclaw resolve",
	.group = "OpenClaw",
	.summary = "answer OpenClaw's exec provider",
	.synopsis = "[MANIFEST]",
	.example = "bootseal openclaw resolve /etc/bootseal/host.yaml",
	.max_args = 1,
	.late_start = true,
	.run = run,
};
