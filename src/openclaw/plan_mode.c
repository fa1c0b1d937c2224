/* SPDX-License-Identifier: MIT */
/*
 * By what the gateway knows its clients. Where the configuration does not say it (gateway.auth.mode), a password that
 * OpenClaw finds comes before a token, wherever both stand; a password that is a SecretRef only where there is no token.
 * Of the two as fields without a mode it makes nothing, and does not start.
 */
#include "activate/values.h"
#include "openclaw/plan.h"
#include "util/text.h"

static const char token_field[] = "gateway.auth.token", password_field[] = "gateway.auth.password";

/* What the configuration has there; empty: nothing. */
static struct span said_of(struct span records, const char *field)
{
	struct value record;

	while (values_take(&records, &record))
		if (record.entry == CHECK_AUTH && span_equal_text(record.name, field))
			return record.bytes;
	return SPAN_INIT;
}

/* Does a variable of that name reach the gateway? */
static bool has_variable(const struct seal_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].kind != CHECK_IN_CONFIG &&
		    span_equal_text(plan->places[i].name, name) &&
		    seal_place_is_live(&plan->places[i]))
			return true;
	return false;
}

static bool takes_password(const struct seal_plan *plan, struct span password)
{
	if (span_equal_text(password, "reference"))
		return !has_variable(plan, KNOWN_TOKEN);
	return password.len > 0 || has_variable(plan, KNOWN_PASSWORD);
}

int seal_plan_find_mode(struct seal_plan *plan, struct span records, struct error *err)
{
	const struct span mode = said_of(records, "gateway.auth.mode");
	const struct span password = said_of(records, password_field);

	if (span_equal_text(mode, "none")) {
		error_set(err, ERROR_CONFIG,
			  "gateway.auth.mode is \"none\": there is no token that could prove a "
			  "setup, and "
			  "whoever reaches the gateway may use it");
		return error_hint(err, "set it to \"token\"");
	}
	plan->takes_password =
		mode.len > 0 ? span_equal_text(mode, "password") : takes_password(plan, password);
	if (mode.len > 0)
		return 0;
	if (password.len > 0 && said_of(records, token_field).len > 0) {
		error_set(err, ERROR_CONFIG,
			  "%s and %s are both set, and gateway.auth.mode is not: OpenClaw does not "
			  "start so",
			  token_field, password_field);
		return error_hint(err, "set gateway.auth.mode to \"token\" or \"password\"");
	}
	plan->makes_token = plan->makes_token && !plan->takes_password;
	if (seal_plan_chosen(plan, KNOWN_PASSWORD) != NULL ||
	    (password.len > 0 && seal_plan_chosen(plan, KNOWN_TOKEN) != NULL))
		plan->mode = plan->takes_password ? "password" : "token";
	return 0;
}
