/* SPDX-License-Identifier: MIT */
/* The secrets of a setup in files that are none of the installation's: searched for, and named. */
#include <stdio.h>

#include "cli/openclaw_setup.h"
#include "openclaw/edit.h"
#include "openclaw/search.h"
#include "util/child.h"
#include "util/text.h"

static int search(const struct setup *setup, const struct names *passed_over, struct names *found,
		  bool *ret_whole, struct error *err)
{
	const struct search_places places = { setup->state, setup->found.home, setup->survey.uid,
					      setup->survey.gid, setup->found.user };
	struct search_values values;

	edit_values(&setup->plan, &values);
	return search_all(&places, &values, passed_over, found, ret_whole, err);
}

/* In a child: of each file of variables that is changed, the comments that go with its secrets. */
static int comments_job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct setup *setup = argument;

	for (size_t i = 0; i < setup->plan.len; i++) {
		const struct seal_place *place = &setup->plan.places[i];
		const struct inventory_item *item;

		if (place->kind != CHECK_BY_UNIT && place->kind != CHECK_IN_FILE)
			continue;
		item = inventory_find_shown(&setup->inventory, place->file);
		if (item != NULL && edit_comments(item->path, secret_span(&item->bytes),
						  &setup->plan, ret_answer, err) < 0)
			return -1;
	}
	return 0;
}

/* A file has several places, and each comment is named once. */
static int name_comments(struct setup *setup, struct error *err)
{
	AUTO(secret) answer = SECRET_INIT;
	struct span rest, line;

	if (child_job(comments_job, setup, &answer, err) < 0)
		return -1;
	rest = secret_span(&answer);
	while (span_take_line(&rest, &line)) {
		AUTO(buf) text = BUF_INIT;
		const char *name;

		if (buf_append_span(&text, line, err) < 0 || buf_text(&text, &name, err) < 0 ||
		    names_add_once(&setup->plan.comments, name, err) < 0)
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
		const struct inventory_item *item =
			inventory_find_shown(&setup->inventory, span_of_text(path));

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

/* The path of a file that is named as it is shown. */
static int add_known(const struct setup *setup, struct span shown, struct names *known,
		     struct error *err)
{
	const struct inventory_item *item = inventory_find_shown(&setup->inventory, shown);

	return item ? names_add_once(known, item->path, err) : 0;
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
		if (add_known(setup, setup->plan.places[i].file, &known, err) < 0)
			return -1;
	for (size_t i = 0; i < setup->plan.backups.len; i++)
		if (add_known(setup, span_of_text(setup->plan.backups.items[i]), &known, err) < 0)
			return -1;
	if (name_comments(setup, err) < 0 || search(setup, &known, &found, &whole, err) < 0)
		return -1;
	for (size_t i = 0; i < found.len; i++)
		if (names_printf(&setup->plan.left, err, "%s: holds one of these secrets, too",
				 text_printable_text(found.items[i]).text) < 0)
			return -1;
	return 0;
}

/* What could not be searched for. */
static void name_short(const struct setup *setup)
{
	for (size_t i = 0; i < setup->plan.len; i++) {
		const struct seal_place *place = &setup->plan.places[i];

		if (place->counts && place->value.len < EDIT_VALUE_LEN_MIN)
			printf("%s is shorter than %d bytes: it was not searched for\n", place->key,
			       EDIT_VALUE_LEN_MIN);
	}
}

int setup_report_left(const struct setup *setup, struct error *err)
{
	const struct names none = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	bool whole;

	if (search(setup, &none, &found, &whole, err) < 0)
		return -1;
	name_short(setup);
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
