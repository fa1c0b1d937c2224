/* SPDX-License-Identifier: MIT */
#include "survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activate/values.h"
#include "openclaw/known.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/rights.h"

/* A file names the next one; OpenClaw includes ten deep. */
#define ROUNDS_MAX 24

struct judged {
	const struct inventory *inventory;
	struct check_facts facts;
};

/* In the child. */
static int judge(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct judged *judged = argument;

	return check_examine(judged->inventory, &judged->facts, ret_answer, err);
}

static bool is_beneath(const char *top, const char *path)
{
	const size_t len = top ? strlen(top) : 0;

	return len > 1 && strncmp(path, top, len) == 0 && path[len] == '/';
}

/*
 * With root's rights what nobody else can have made, or led elsewhere; and what lies in the user's own directories, which
 * a setup, that changes it, leaves to him.
 */
static int add_path(const struct survey *survey, struct inventory *inventory, struct span records,
		    const char *path, struct error *err)
{
	if (survey_is_trusted(survey, records, path))
		return inventory_add_trusted(inventory, path, err);
	if (geteuid() != 0 || survey->unit != NULL)
		return inventory_add(inventory, path, err);
	if (is_beneath(survey->home, path))
		return inventory_add_beneath(inventory, survey->home, path, err);
	if (is_beneath(survey->state, path))
		return inventory_add_beneath(inventory, survey->state, path, err);
	return inventory_add(inventory, path, err);
}

/* Adds what is wanted; ret_any: was something? */
static int add_wanted(const struct survey *survey, struct inventory *inventory, struct span all,
		      bool *ret_any, struct error *err)
{
	struct span records = all;
	struct value record;

	*ret_any = false;
	while (values_take(&records, &record)) {
		AUTO(buf) text = BUF_INIT;
		const char *path;

		if (record.entry != CHECK_WANTED)
			continue;
		*ret_any = true;
		if (buf_append_span(&text, record.name, err) < 0 ||
		    buf_text(&text, &path, err) < 0 ||
		    add_path(survey, inventory, all, path, err) < 0)
			return -1;
	}
	return 0;
}

static int judge_all(const struct survey *survey, struct inventory *inventory,
		     const struct judged *judged, struct secret *ret_records, struct error *err)
{
	bool any = true;

	for (unsigned round = 0; any && round < ROUNDS_MAX; round++) {
		struct judged copy = *judged;

		secret_release(ret_records);
		if (child_job(judge, &copy, ret_records, err) < 0 ||
		    add_wanted(survey, inventory, secret_span(ret_records), &any, err) < 0)
			return -1;
	}
	return 0;
}

/* state gets a copy. */
static int take_facts(struct span records, struct survey_facts *ret_facts, struct buf *state,
		      struct error *err)
{
	struct value record;

	*ret_facts = (struct survey_facts){ KNOWN_PORT_DEFAULT, SPAN_INIT, NULL };
	while (values_take(&records, &record)) {
		char number[8] = "";

		if (record.entry == CHECK_TOKEN)
			ret_facts->token = record.bytes;
		if (record.entry == CHECK_PORT && record.bytes.len < sizeof(number)) {
			memcpy(number, record.bytes.data, record.bytes.len);
			ret_facts->port = (unsigned)strtoul(number, NULL, 10);
		}
		if (record.entry == CHECK_STATE && state->len == 0 &&
		    (buf_append_span(state, record.name, err) < 0 ||
		     buf_text(state, &ret_facts->state, err) < 0))
			return -1;
	}
	return 0;
}

static struct judged judged_of(const struct survey *survey, const struct inventory *inventory,
			       const struct names *units)
{
	return (struct judged){ .inventory = inventory,
				.facts = { .home = survey->home,
					   .uid = survey->uid,
					   .config = survey->config,
					   .state = survey->state,
					   .environment = survey->environment,
					   .port = survey->port,
					   .sealed = survey->sealed,
					   .unit = survey->unit,
					   .user = survey->user,
					   .units = units,
					   .is_root = geteuid() == 0 } };
}

int survey_take_rights(const struct survey *survey, struct rights *rights, struct error *err)
{
	return survey->user == NULL
		       ? 0
		       : rights_take(survey->user, survey->uid, survey->gid, rights, err);
}

static int look_at_profiles(const struct survey *survey, const struct inventory *inventory,
			    const char *state, struct secret *findings, struct error *err)
{
	AUTO(rights) rights = RIGHTS_INIT;

	if (survey_take_rights(survey, &rights, err) < 0)
		return -1;
	return survey_profiles(inventory, state, findings, err);
}

static struct inventory_user user_of(const struct survey *survey)
{
	return (struct inventory_user){ survey->user, survey->uid, survey->gid };
}

int survey_files(const struct survey *survey, struct inventory *ret_inventory,
		 struct secret *ret_records, struct error *err)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	AUTO(secret) records = SECRET_INIT;
	AUTO(secret) findings = SECRET_INIT;
	AUTO(names) units = NAMES_INIT;
	AUTO(buf) state = BUF_INIT;
	struct survey_facts facts;
	const struct judged judged = judged_of(survey, &inventory, &units);

	inventory.user = user_of(survey);
	if (survey_units(survey, &units, &findings, err) < 0 ||
	    judge_all(survey, &inventory, &judged, &records, err) < 0 ||
	    take_facts(secret_span(&records), &facts, &state, err) < 0 ||
	    look_at_profiles(survey, &inventory, facts.state, &findings, err) < 0 ||
	    secret_append_span(&records, secret_span(&findings), err) < 0)
		return -1;
	*ret_records = secret_move(&records);
	*ret_inventory = inventory;
	inventory = INVENTORY_INIT;
	return 0;
}

int survey_run(const struct survey *survey, struct secret *ret_answer, struct error *err)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	AUTO(secret) records = SECRET_INIT;
	AUTO(secret) findings = SECRET_INIT;
	AUTO(names) units = NAMES_INIT;
	AUTO(buf) state = BUF_INIT;
	struct survey_facts facts;
	struct judged judged = judged_of(survey, &inventory, &units);

	/* what we name in /proc, with our own rights */
	if (survey_processes(survey, &inventory, &findings, err) < 0)
		return -1;
	inventory.user = user_of(survey);
	if (survey_units(survey, &units, &findings, err) < 0 ||
	    judge_all(survey, &inventory, &judged, &records, err) < 0 ||
	    take_facts(secret_span(&records), &facts, &state, err) < 0 ||
	    survey_gateway(survey, &facts, &judged.facts.gateway, &findings, err) < 0 ||
	    /* once more: what should be there depends on whether the gateway is up */
	    judge_all(survey, &inventory, &judged, &records, err) < 0 ||
	    look_at_profiles(survey, &inventory, facts.state, &findings, err) < 0 ||
	    survey_host(survey, &findings, err) < 0 ||
	    survey_left(survey, &inventory, facts.state, secret_span(&records), &findings, err) <
		    0 ||
	    secret_append_span(&records, secret_span(&findings), err) < 0)
		return -1;
	*ret_answer = secret_move(&records);
	return 0;
}
