/* SPDX-License-Identifier: MIT */
/*
 * What a setup of an OpenClaw changes: its configuration, a file that it includes, .env, a unit and a user unit, one
 * behind the other with a byte 0xff between. Where there is an answer, no value of the plan's is in it, and the
 * configuration can be read.
 */
#include "activate/values.h"
#include "doc/json5.h"
#include "fuzz_openclaw.h"
#include "openclaw/edit.h"

static void put_all(struct inventory *inventory, struct span input)
{
	struct error err = ERROR_INIT;

	put(inventory, FILES_CONFIG, &input, &err);
	put(inventory, FILES_STATE "/inc.json", &input, &err);
	put(inventory, FILES_STATE "/.env", &input, &err);
	put(inventory, UNITS "/openclaw.service", &input, &err);
	fuzz_require(files_put_directory(inventory, UNITS, SPAN_LITERAL("openclaw.service\0"),
					 &err) == 0);
	fuzz_require(files_put_directory(inventory, FILES_STATE, SPAN_LITERAL(".env\0"), &err) ==
		     0);
}

static void check_answer(const struct seal_plan *plan, struct span rest)
{
	struct value value;

	while (values_take(&rest, &value)) {
		struct secret text = SECRET_INIT;
		struct error err = ERROR_INIT;
		struct doc doc = DOC_INIT;

		fuzz_require(!edit_holds_secret(value.bytes, plan));
		if (!span_equal_text(value.name, FILES_CONFIG))
			continue;
		fuzz_require(secret_append_span(&text, value.bytes, &err) == 0);
		fuzz_require(json5_parse(&text, &doc, &err) == 0);
		doc_release(&doc);
	}
	fuzz_require(rest.len == 0);
}

static void edit_all(const struct inventory *inventory, struct span records)
{
	struct seal_plan plan = SEAL_PLAN_INIT;
	struct secret answer = SECRET_INIT;
	struct error err = ERROR_INIT;
	const struct openclaw_edit edit = { inventory, &plan, FILES_CONFIG, false };
	int status = seal_plan_make(records, false, &plan, &err);

	fuzz_result(status, &err);
	if (status == 0) {
		status = openclaw_edit(&edit, &answer, &err);
		fuzz_result(status, &err);
		if (status == 0)
			check_answer(&plan, secret_span(&answer));
	}
	secret_release(&answer);
	seal_plan_release(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct check_facts facts = { .home = FILES_HOME, .uid = FILES_UID };
	struct inventory inventory = INVENTORY_INIT;
	struct secret records = SECRET_INIT, unit = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status;

	fuzz_start();
	put_all(&inventory, span_of(data, len));
	status = check_examine(&inventory, &facts, &records, &err);
	fuzz_result(status, &err);
	if (status == 0)
		edit_all(&inventory, secret_span(&records));
	error_clear(&err);
	status = edit_system_unit(span_of(data, len), FILES_HOME, &unit, &err);
	fuzz_result(status, &err);
	secret_release(&unit);
	secret_release(&records);
	inventory_release(&inventory);
	fuzz_end();
	return 0;
}
