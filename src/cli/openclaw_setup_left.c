/* SPDX-License-Identifier: MIT */
/* The secrets of a setup in files that are none of the installation's: searched for, and named. */
#include <stdio.h>
#include <string.h>

#include "cli/openclaw_setup.h"
#include "openclaw/edit.h"
#include "openclaw/search.h"
#include "util/text.h"

/* As in a check: what is shorter stands in many a file by chance. */
#define VALUE_LEN_MIN 8

static void collect(const struct setup *setup, struct search_values *values)
{
	*values = (struct search_values){ .len = 0 };
	for (size_t i = 0; i < setup->plan.len; i++)
		if (setup->plan.places[i].value.len >= VALUE_LEN_MIN)
			search_add(values, setup->plan.places[i].value);
}

/* The state directory, the user's home, and what OpenClaw logs. */
static int search_all(const struct setup *setup, const struct names *passed_over,
		      struct names *found, bool *ret_whole, struct error *err)
{
	const char *home = strcmp(setup->found.home, "/") == 0 ? setup->state : setup->found.home;
	struct search_values values;
	char logs[48];
	const char *const directories[] = { setup->state, home, logs };

	*ret_whole = true;
	collect(setup, &values);
	(void)snprintf(logs, sizeof(logs), "/tmp/openclaw-%u", (unsigned)setup->survey.uid);
	if (values.len == 0)
		return 0;
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		AUTO(names) some = NAMES_INIT;
		bool whole = true;

		const uid_t owner = directories[i] == logs ? setup->survey.uid : SEARCH_ANY_OWNER;

		if (search_directory(directories[i], owner, &values, passed_over, &some, &whole,
				     err) < 0)
			return -1;
		*ret_whole = *ret_whole && whole;
		for (size_t k = 0; k < some.len; k++)
			if (names_add_once(found, some.items[k], err) < 0)
				return -1;
	}
	return 0;
}

/* One with a secret in it goes with the other copies; one of which that is not known stays, and is named. */
static int place_broken(struct setup *setup, struct error *err)
{
	struct seal_plan *plan = &setup->plan;

	for (size_t i = 0; i < plan->broken.len; i++) {
		const char *path = plan->broken.items[i];
		const struct inventory_item *item = inventory_find(&setup->inventory, path);

		if (item != NULL && item->is_read && !item->is_cut &&
		    edit_holds_secret(secret_span(&item->bytes), plan)) {
			if (names_add_once(&plan->backups, path, err) < 0)
				return -1;
		} else if (names_printf(&plan->stays, err, "%s: %s", path,
					plan->broken_why.items[i]) < 0) {
			return -1;
		}
	}
	return 0;
}

int setup_name_left(struct setup *setup, struct error *err)
{
	AUTO(names) known = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	bool whole;

	/* before they are named: a unit that is shown, and not sealed */
	if (edit_holds_secret(secret_span(&setup->system_unit), &setup->plan))
		return error_set(err, ERROR_CONFIG, "\"%s\" holds a secret in another place, too",
				 text_printable_text(setup->user_unit).text);
	if (place_broken(setup, err) < 0)
		return -1;
	for (size_t i = 0; i < setup->plan.len; i++)
		if (names_add(&known, setup->plan.places[i].file, err) < 0)
			return -1;
	for (size_t i = 0; i < setup->plan.backups.len; i++)
		if (names_add_once(&known, setup->plan.backups.items[i], err) < 0)
			return -1;
	if (search_all(setup, &known, &found, &whole, err) < 0)
		return -1;
	for (size_t i = 0; i < found.len; i++)
		if (names_printf(&setup->plan.left, err, "%s: holds one of these secrets, too",
				 text_printable_text(found.items[i]).text) < 0)
			return -1;
	return 0;
}

int setup_report_left(const struct setup *setup, struct error *err)
{
	const struct names none = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	bool whole;

	if (search_all(setup, &none, &found, &whole, err) < 0)
		return -1;
	if (!whole)
		puts("not all below the user's home could be looked at for secrets");
	if (found.len == 0)
		return 0;
	puts("in plain text there is still one of the secrets in:");
	for (size_t i = 0; i < found.len; i++)
		printf("\t%s\n", text_printable_text(found.items[i]).text);
	error_set(err, ERROR_FINDINGS,
		  "the gateway runs on sealed secrets, and %zu file%s with one in plain text %s "
		  "left",
		  found.len, found.len == 1 ? "" : "s", found.len == 1 ? "is" : "are");
	return error_hint(err, "remove them or take it out there, and issue new secrets");
}
