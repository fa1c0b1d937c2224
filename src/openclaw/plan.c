/* SPDX-License-Identifier: MIT */
#include "openclaw/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/values.h"
#include "util/text.h"

void seal_plan_release(struct seal_plan *plan)
{
	free(plan->places);
	names_release(&plan->backups);
	names_release(&plan->comments);
	names_release(&plan->stays);
	names_release(&plan->stays_at);
	names_release(&plan->broken);
	names_release(&plan->broken_why);
	names_release(&plan->left);
	*plan = SEAL_PLAN_INIT;
}

static bool take_place(const struct value *record, struct seal_place *place)
{
	struct span rest = record->name, kind;

	if (!span_take_line(&rest, &kind) || kind.len != 1 ||
	    !span_take_line(&rest, &place->file) || !span_take_line(&rest, &place->line) ||
	    !span_take_line(&rest, &place->unit))
		return false;
	place->kind = (enum check_place)(kind.data[0] - '0');
	place->name = rest;
	place->value = record->bytes;
	if (place->kind == CHECK_IN_CONFIG) {
		known_variable_of(rest, place->key);
		(void)snprintf(place->field, sizeof(place->field), "%.*s", SPAN_PRINT(rest));
		return true;
	}
	(void)snprintf(place->key, sizeof(place->key), "%.*s", SPAN_PRINT(rest));
	if (!known_field_of(rest, place->field))
		place->field[0] = '\0';
	return true;
}

/* Is its field a SecretRef already? Then OpenClaw uses that. */
static bool is_referenced(struct span records, const struct seal_place *place)
{
	struct value record;

	while (values_take(&records, &record))
		if (record.entry == CHECK_REFERENCED && span_equal_text(record.name, place->field))
			return true;
	return false;
}

/* What stands before an empty Environment= of its unit. */
static void take_back(struct seal_plan *plan, struct span records)
{
	struct value record;

	while (values_take(&records, &record)) {
		struct span line = record.name, file;

		if (record.entry != CHECK_RESET || !span_take_line(&line, &file))
			continue;
		for (size_t i = 0; i < plan->len; i++)
			plan->places[i].is_taken_back =
				plan->places[i].is_taken_back ||
				seal_place_is_before_line(&plan->places[i], file,
							  seal_line_number(line));
	}
}

static void choose(struct seal_plan *plan, struct span records)
{
	for (size_t i = 0; i < plan->len; i++) {
		struct seal_place *place = &plan->places[i];

		place->counts = !place->is_taken_back && !is_referenced(records, place);
		for (size_t j = 0; j < plan->len; j++)
			if (strcmp(plan->places[j].key, place->key) == 0 &&
			    seal_place_comes_before(&plan->places[j], place))
				place->counts = false;
		plan->secrets += place->counts ? 1 : 0;
		plan->has_variable =
			plan->has_variable || (place->counts && place->field[0] == '\0');
	}
}

const struct seal_place *seal_plan_chosen(const struct seal_plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].counts && strcmp(plan->places[i].key, key) == 0)
			return &plan->places[i];
	return NULL;
}

/* --- What the check said --- */

/* Two paths may have the same key; then the second gets a number. */
static bool is_same_secret(const struct seal_place *a, const struct seal_place *b)
{
	return a->kind != CHECK_IN_CONFIG || b->kind != CHECK_IN_CONFIG ||
	       strcmp(a->field, b->field) == 0;
}

static void number_key(struct seal_plan *plan, struct seal_place *place)
{
	const size_t len = strnlen(place->key, sizeof(place->key) - 8);
	unsigned number = 1;

	for (size_t i = 0; i < plan->len; i++)
		if (strcmp(plan->places[i].key, place->key) == 0 &&
		    !is_same_secret(&plan->places[i], place)) {
			(void)snprintf(place->key + len, sizeof(place->key) - len, "_%u", ++number);
			i = SIZE_MAX; /* from the start */
		}
}

static int add_place(struct seal_plan *plan, const struct value *record, struct error *err)
{
	if (plan->len == SEAL_PLACES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d secrets in plain text",
				 SEAL_PLACES_MAX);
	if (!take_place(record, &plan->places[plan->len]))
		return error_set(err, ERROR_BUG, "a place that is none");
	if (plan->places[plan->len].name.len >= KNOWN_NAME_MAX)
		return error_set(err, ERROR_LIMIT, "%.*s: a name of more than %d bytes",
				 SPAN_PRINT(plan->places[plan->len].file), KNOWN_NAME_MAX - 1);
	number_key(plan, &plan->places[plan->len]);
	plan->len++;
	return 0;
}

static bool is_one_of(struct span text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (span_equal_text(text, *list))
			return true;
	return false;
}

static int add_stays(struct seal_plan *plan, const struct check_finding *finding, struct error *err)
{
	if (names_printf(&plan->stays, err, "%.*s: %.*s", SPAN_PRINT(finding->where),
			 SPAN_PRINT(finding->what)) < 0)
		return -1;
	return names_add(&plan->stays_at, finding->where, err);
}

/* What is no part of the installation, OpenClaw's audit may know, too. */
static int add_left(struct seal_plan *plan, const struct check_finding *finding, struct error *err)
{
	if (names_printf(&plan->left, err, "%.*s: %.*s", SPAN_PRINT(finding->where),
			 SPAN_PRINT(finding->what)) < 0)
		return -1;
	return names_add(&plan->stays_at, finding->where, err);
}

/* A copy of the configuration, which OpenClaw does not read: it must not stop what can be done. */
static bool is_copy(struct span config, struct span path)
{
	const struct text_shown shown = text_printable(config);
	size_t len;

	config = span_of_text(shown.text);
	len = config.len;
	while (len > 0 && config.data[len - 1] != '/')
		len--;
	if (len == 0 || path.len < len ||
	    !span_equal(span_slice(path, 0, len), span_slice(config, 0, len)))
		return false;
	path = span_slice(path, len, path.len);
	return span_starts_with(path, "openclaw.json") &&
	       memchr(path.data, '/', path.len) == NULL &&
	       !span_equal(path, span_slice(config, len, config.len));
}

static int add_broken(struct seal_plan *plan, const struct check_finding *finding,
		      struct error *err)
{
	if (names_add(&plan->broken, finding->where, err) < 0)
		return -1;
	return names_add(&plan->broken_why, finding->what, err);
}

/* A configuration that cannot be read holds nobody knows what. */
static int take_finding(struct seal_plan *plan, const struct check_finding *finding, bool is_new,
			struct span config, struct error *err)
{
	static const char *const stops[] = { "config", "unread", NULL };
	static const char *const left[] = { "other-unit",
					    "plaintext-odd",
					    "environment-all",
					    "secret-file",
					    "secret-file-mode",
					    "secret-file-owner",
					    "oauth",
					    "session",
					    "login",
					    "profile",
					    NULL };
	static const char *const stays[] = { "plaintext-only", "agent", "unit-credential",
					     "database", NULL };

	if (span_equal_text(finding->kind, "no-token"))
		plan->makes_token = true;
	if (span_equal_text(finding->kind, "backup"))
		return names_add(&plan->backups, finding->where, err);
	if (is_one_of(finding->kind, left))
		return add_left(plan, finding, err);
	if (span_equal_text(finding->kind, "refuse")) {
		error_set(err, ERROR_CONFIG, "%.*s: %.*s", SPAN_PRINT(finding->where),
			  SPAN_PRINT(finding->what));
		return error_hint(err, "%.*s", SPAN_PRINT(finding->to_do));
	}
	if (span_equal_text(finding->kind, "unread") && is_copy(config, finding->where))
		return add_broken(plan, finding, err);
	if (is_one_of(finding->kind, stops) &&
	    !(is_new && span_equal_text(finding->kind, "config"))) {
		error_set(err, ERROR_CONFIG, "%.*s: %.*s", SPAN_PRINT(finding->where),
			  SPAN_PRINT(finding->what));
		return error_hint(err, "files are read with the rights of the gateway's user, but "
				       "for those that root named");
	}
	if (is_one_of(finding->kind, stays))
		return add_stays(plan, finding, err);
	return 0;
}

static bool is_changed(const struct seal_plan *plan, struct span file)
{
	for (size_t i = 0; i < plan->len; i++)
		if (span_equal(plan->places[i].file, file))
			return true;
	return false;
}

/* Comments in files that stay as they are; elsewhere they go (edit_comments()). */
static int add_comments(struct seal_plan *plan, struct span records, struct error *err)
{
	struct check_finding finding;
	struct value record;

	while (values_take(&records, &record))
		if (check_finding(record.entry, record.name, record.bytes, &finding) &&
		    span_equal_text(finding.kind, "comment") && !is_changed(plan, finding.where) &&
		    names_printf(&plan->left, err, "%.*s: %.*s", SPAN_PRINT(finding.where),
				 SPAN_PRINT(finding.what)) < 0)
			return -1;
	return 0;
}

static struct span config_of(struct span records)
{
	struct value record;

	while (values_take(&records, &record))
		if (record.entry == CHECK_STATE)
			return record.bytes;
	return SPAN_INIT;
}

/* A gateway without a token starts with one that nobody knows; a SecretRef is what it does not start without. */
static void add_token(struct seal_plan *plan)
{
	struct seal_place *place = &plan->places[plan->len];

	plan->makes_token = plan->makes_token && seal_plan_chosen(plan, KNOWN_TOKEN) == NULL;
	if (!plan->makes_token)
		return;
	*place = (struct seal_place){ .kind = CHECK_NOWHERE, .counts = true };
	(void)snprintf(place->key, sizeof(place->key), KNOWN_TOKEN);
	(void)known_field_of(span_of_text(KNOWN_TOKEN), place->field);
	plan->len++;
	plan->secrets++;
}

/* What OpenClaw and systemd would each read in a way of their own. */
static bool is_plain_word(const struct seal_place *place)
{
	for (size_t i = 0; i < place->value.len; i++) {
		const uint8_t c = place->value.data[i];

		if (c <= ' ' || c >= 0x7f || strchr("#\\\"'`$", c) ||
		    (c == '%' && place->kind == CHECK_IN_UNIT))
			return false;
	}
	return true;
}

static int check_values(const struct seal_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->len; i++) {
		const struct seal_place *place = &plan->places[i];

		if (!place->counts || place->kind == CHECK_IN_CONFIG || is_plain_word(place))
			continue;
		error_set(err, ERROR_CONFIG,
			  "%.*s, line %.*s: a value with a blank, quote, \"#\", \"$\" or backslash "
			  "in it is not taken over",
			  SPAN_PRINT(place->file), SPAN_PRINT(place->line));
		return error_hint(err, "its readers differ in what it is: seal it by hand "
				       "(bootseal set), and take it out there");
	}
	return 0;
}

/* The wrong one would be sealed, and the right one removed. */
static int check_force(const struct seal_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->len; i++) {
		const struct seal_place *place = &plan->places[i];
		const struct seal_place *chosen = seal_plan_chosen(plan, place->key);

		if (chosen == NULL || chosen == place || span_equal(chosen->value, place->value) ||
		    !seal_place_is_unclear(chosen, place))
			continue;
		error_set(err, ERROR_FINDINGS,
			  "%.*s, line %.*s: %s has another value than in %.*s, line %.*s, and "
			  "which is "
			  "in force is not known",
			  SPAN_PRINT(place->file), SPAN_PRINT(place->line), place->key,
			  SPAN_PRINT(chosen->file), SPAN_PRINT(chosen->line));
		return error_hint(err, "leave the one in use, and begin again");
	}
	return 0;
}

/* What may be another value, or another variable, for who reads it. */
static int check_doubts(struct span records, struct error *err)
{
	struct value record;

	while (values_take(&records, &record)) {
		struct span line = record.name, file;

		if (record.entry == CHECK_DOUBT && span_take_line(&line, &file))
			return error_set(err, ERROR_FINDINGS,
					 "%.*s, line %.*s: %.*s, which its readers take "
					 "differently: write it as KEY=value and begin again",
					 SPAN_PRINT(file), SPAN_PRINT(line),
					 SPAN_PRINT(record.bytes));
	}
	return 0;
}

int seal_plan_make(struct span records, bool is_new, struct seal_plan *ret_plan, struct error *err)
{
	AUTO(seal_plan) plan = SEAL_PLAN_INIT;
	struct span rest = records;
	struct value record;
	struct check_finding finding;

	plan.makes_token = is_new;
	plan.places = calloc(SEAL_PLACES_MAX + 1, sizeof(*plan.places));
	if (plan.places == NULL)
		return error_memory(err);
	while (values_take(&rest, &record)) {
		if (record.entry == CHECK_PLACE && add_place(&plan, &record, err) < 0)
			return -1;
		if (check_finding(record.entry, record.name, record.bytes, &finding) &&
		    take_finding(&plan, &finding, is_new, config_of(records), err) < 0)
			return -1;
	}
	take_back(&plan, records);
	choose(&plan, records);
	if (seal_plan_find_mode(&plan, records, err) < 0 || add_comments(&plan, records, err) < 0 ||
	    check_values(&plan, err) < 0 || check_doubts(records, err) < 0 ||
	    check_force(&plan, err) < 0)
		return -1;
	add_token(&plan);
	*ret_plan = plan;
	plan = SEAL_PLAN_INIT;
	return 0;
}
