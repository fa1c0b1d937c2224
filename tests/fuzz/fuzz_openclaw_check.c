/* SPDX-License-Identifier: MIT */
/*
 * What a check of an OpenClaw reads, one behind the other with a byte 0xff between (see files). Whatever is in them, the
 * answer is records, and its findings are lines that print.
 */
#include "activate/values.h"
#include "fuzz_openclaw.h"

#define CONTAINERS "/etc/containers/systemd"
#define CREDENTIALS FILES_STATE "/credentials"

/* New ones come last: the corpus has what is before. */
static const char *const files[] = {
	FILES_CONFIG,
	FILES_DOCUMENT,
	UNITS "/openclaw.service",
	FILES_STATE "/.env",
	"/proc/1/environ",
	FILES_STATE "/openclaw.json.bak",
	FILES_STATE "/agents/a/agent/auth-profiles.json",
	UNITS "/openclaw.service.d/a.conf",
	UNITS "/gw.service", /* may run OpenClaw */
	CONTAINERS "/box.container",
	FILES_HOME "/gw.env",   /* by EnvironmentFile=, --env-file or tokenFile, if they name it */
	"/etc/credstore/token", /* likewise by LoadCredential= */
	CREDENTIALS "/oauth.json",
	CREDENTIALS "/bot-token",
	CREDENTIALS "/line/creds.json",
	"/etc/environment",
	FILES_HOME "/.bashrc",
};

/* With a comma behind each name, in the place of the NUL. */
static const struct {
	const char *path, *names;
} directories[] = {
	{ FILES_STATE "/agents", "a," },
	{ UNITS, "gw.service,openclaw.service,openclaw.service.d," },
	{ UNITS "/openclaw.service.d", "a.conf," },
	{ CONTAINERS, "box.container," },
	{ FILES_STATE, ".env,openclaw.json.bak," },
	{ CREDENTIALS, "bot-token,line,oauth.json," },
	{ CREDENTIALS "/line", "creds.json," },
	{ FILES_HOME, "gw.env," },
};

static void put_directory(struct inventory *inventory, const char *path, const char *names,
			  struct error *err)
{
	struct secret *bytes;

	fuzz_require(files_put_directory(inventory, path, span_of_text(names), err) == 0);
	bytes = &inventory->items[inventory->len - 1].bytes;
	for (size_t i = 0; i < bytes->len; i++)
		if (bytes->data[i] == ',')
			bytes->data[i] = '\0';
}

static char *candidates[] = { (char[]){ UNITS "/gw.service" },
			      (char[]){ CONTAINERS "/box.container" } };
static const struct names units = { candidates, 2, 2 };

static void put_all(struct inventory *inventory, struct span input)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		put(inventory, files[i], &input, &err);
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		put_directory(inventory, directories[i].path, directories[i].names, &err);
}

static void check_line(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		fuzz_require(line.data[i] >= ' ' && line.data[i] != 0x7f);
}

static void examine(struct span input, const struct check_facts *facts)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct check_finding finding;
	struct value record;
	struct span rest;
	int status;

	put_all(&inventory, input);
	status = check_examine(&inventory, facts, &answer, &err);
	fuzz_result(status, &err);
	rest = secret_span(&answer);
	while (status == 0 && values_take(&rest, &record)) {
		if (!check_finding(record.entry, record.name, record.bytes, &finding))
			continue;
		check_line(finding.where);
		check_line(finding.what);
		check_line(finding.to_do);
	}
	fuzz_require(status < 0 || rest.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct check_facts facts = { .home = FILES_HOME, .uid = FILES_UID, .units = &units };

	fuzz_start();
	examine(span_of(data, len), &facts);
	facts.unit = "openclaw.service"; /* as for a setup */
	facts.user = "openclaw";
	examine(span_of(data, len), &facts);
	fuzz_end();
	return 0;
}
