/* SPDX-License-Identifier: MIT */
/*
 * What a check of an OpenClaw reads: its configuration, the document of its provider, a unit, .env, an environment, a
 * copy of the configuration, and what an agent has, one behind the other with a byte 0xff between. Whatever is in them,
 * the answer is records, and its findings are lines that print.
 */
#include "activate/values.h"
#include "fuzz_openclaw.h"

static void put_all(struct inventory *inventory, struct span input)
{
	struct error err = ERROR_INIT;

	put(inventory, FILES_CONFIG, &input, &err);
	put(inventory, FILES_DOCUMENT, &input, &err);
	put(inventory, UNITS "/openclaw.service", &input, &err);
	put(inventory, FILES_STATE "/.env", &input, &err);
	put(inventory, "/proc/1/environ", &input, &err);
	put(inventory, FILES_STATE "/openclaw.json.bak", &input, &err);
	put(inventory, FILES_STATE "/agents/a/agent/auth-profiles.json", &input, &err);
	fuzz_require(files_put_directory(inventory, FILES_STATE "/agents", SPAN_LITERAL("a\0"),
					 &err) == 0);
	fuzz_require(files_put_directory(inventory, UNITS, SPAN_LITERAL("openclaw.service\0"),
					 &err) == 0);
	fuzz_require(files_put_directory(inventory, FILES_STATE,
					 SPAN_LITERAL("openclaw.json.bak\0.env\0"), &err) == 0);
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
	struct check_facts facts = { .home = FILES_HOME, .uid = FILES_UID };

	fuzz_start();
	examine(span_of(data, len), &facts);
	facts.unit = "openclaw.service"; /* as for a setup */
	facts.user = "openclaw";
	examine(span_of(data, len), &facts);
	fuzz_end();
	return 0;
}
