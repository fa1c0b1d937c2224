/* SPDX-License-Identifier: MIT */
/* What OpenClaw's databases hold of the keys and logins that it was given. */
#include <string.h>

#include "openclaw/profiles.h"
#include "survey.h"
#include "util/buf.h"

static int report(const char *path, const struct profiles *found, struct secret *findings,
		  struct error *err)
{
	if (found->keys &&
	    check_report(
		    findings, CHECK_PROBLEM, "database", path,
		    "OpenClaw's database holds a key of its auth profiles in plain text, or what "
		    "is left of one that was removed",
		    "seal it (bootseal set), give OpenClaw a SecretRef (openclaw secrets "
		    "configure), and issue a new one",
		    err) < 0)
		return -1;
	if (found->logins &&
	    check_report(
		    findings, CHECK_NOTE, "login", path,
		    "OpenClaw's database holds a login's tokens in plain text; OpenClaw takes no "
		    "SecretRef for them",
		    "keep it out of backups", err) < 0)
		return -1;
	if (found->is_whole)
		return 0;
	return check_report(findings, CHECK_NOTE, "unread", path, "not all of it was looked at",
			    "run this as root", err);
}

static int look(const char *directory, const char *agent, const char *name, struct secret *findings,
		struct error *err)
{
	static const char *const endings[] = { "", "-wal" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		AUTO(buf) text = BUF_INIT;
		struct profiles found;
		const char *path;

		if (buf_printf(&text, err, "%s/%s%s%s", directory, agent, name, endings[i]) < 0 ||
		    buf_text(&text, &path, err) < 0 || profiles_read(path, &found, err) < 0 ||
		    report(path, &found, findings, err) < 0)
			return -1;
	}
	return 0;
}

int survey_profiles(const struct inventory *inventory, const char *state, struct secret *findings,
		    struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const struct inventory_item *agents;
	struct span names, name;
	const char *path;

	if (state == NULL)
		return 0;
	if (look(state, "", "state/openclaw.sqlite", findings, err) < 0 ||
	    buf_printf(&text, err, "%s/agents", state) < 0 || buf_text(&text, &path, err) < 0)
		return -1;
	agents = inventory_find(inventory, path);
	names = agents && S_ISDIR(agents->target.st_mode) ? secret_span(&agents->bytes) : SPAN_INIT;
	while (span_take_until(&names, '\0', &name))
		if (!span_starts_with(name, ".") &&
		    look(path, (const char *)name.data, "/agent/openclaw-agent.sqlite", findings,
			 err) < 0)
			return -1;
	return 0;
}
