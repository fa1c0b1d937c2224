/* SPDX-License-Identifier: MIT */
#include "openclaw/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/values.h"
#include "openclaw/check.h"
#include "openclaw/known.h"
#include "util/buf.h"

#define PLACES_MAX 512
#define DOCUMENT "openclaw/secrets.json"
#define PROVIDER "bootseal"

struct place {
	enum check_place kind;
	struct span file, line, name, value;
	char key[KNOWN_NAME_MAX];   /* that it is sealed under */
	char field[KNOWN_NAME_MAX]; /* that takes the SecretRef; "": there is none */
	bool counts;                /* it is the one that OpenClaw uses */
};

struct plan {
	struct place *places;
	size_t len, secrets;
	const struct plan_facts *facts;
	struct buf text;
};

static void plan_release(struct plan *plan)
{
	free(plan->places);
	buf_release(&plan->text);
}

static bool take_place(const struct value *record, struct place *place)
{
	struct span rest = record->name, kind;

	if (record->entry != CHECK_PLACE || !span_take_line(&rest, &kind) || kind.len != 1 ||
	    !span_take_line(&rest, &place->file) || !span_take_line(&rest, &place->line))
		return false;
	place->kind = (enum check_place)(kind.data[0] - '0');
	place->name = rest;
	place->value = record->bytes;
	if (place->kind != CHECK_IN_CONFIG) {
		(void)snprintf(place->key, sizeof(place->key), "%.*s", SPAN_PRINT(rest));
		if (!known_field_of(rest, place->field))
			place->field[0] = '\0';
		return true;
	}
	known_variable_of(rest, place->key);
	(void)snprintf(place->field, sizeof(place->field), "%.*s", SPAN_PRINT(rest));
	return true;
}

/* Does OpenClaw use that one, and not this? The configuration comes before a unit's environment, and that before files. */
static bool comes_before(const struct place *that, const struct place *this)
{
	return strcmp(that->key, this->key) == 0 &&
	       (that->kind < this->kind || (that->kind == this->kind && that < this));
}

static void choose(struct plan *plan)
{
	for (size_t i = 0; i < plan->len; i++) {
		struct place *place = &plan->places[i];

		place->counts = true;
		for (size_t j = 0; j < plan->len; j++)
			if (comes_before(&plan->places[j], place))
				place->counts = false;
		plan->secrets += place->counts ? 1 : 0;
	}
}

static int collect(struct plan *plan, struct span records, struct error *err)
{
	struct value record;

	plan->places = calloc(PLACES_MAX, sizeof(*plan->places));
	if (plan->places == NULL)
		return error_memory(err);
	while (values_take(&records, &record)) {
		if (plan->len == PLACES_MAX)
			return error_set(err, ERROR_LIMIT, "more than %d secrets in plain text",
					 PLACES_MAX);
		if (take_place(&record, &plan->places[plan->len]))
			plan->len++;
	}
	choose(plan);
	return 0;
}

static const struct place *chosen(const struct plan *plan, const struct place *place)
{
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].counts && strcmp(plan->places[i].key, place->key) == 0)
			return &plan->places[i];
	return place;
}

static int write_seals(struct plan *plan, struct error *err)
{
	if (buf_append_text(&plan->text,
			    "1. Seal each value (it is asked for, or taken from stdin):\n",
			    err) < 0)
		return -1;
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].counts &&
		    buf_printf(&plan->text, err,
			       "\tbootseal set secrets/openclaw.yaml '[\"%s\"]'\n"
			       "\t\t# it stands in %.*s, line %.*s: %.*s\n",
			       plan->places[i].key, SPAN_PRINT(plan->places[i].file),
			       SPAN_PRINT(plan->places[i].line),
			       SPAN_PRINT(plan->places[i].name)) < 0)
			return -1;
	return 0;
}

/* The keys of those with a field, or of those without. */
static int write_keys(struct plan *plan, bool with_field, bool *ret_any, struct error *err)
{
	*ret_any = false;
	for (size_t i = 0; i < plan->len; i++) {
		const struct place *place = &plan->places[i];

		if (!place->counts || (place->field[0] != '\0') != with_field)
			continue;
		if (buf_printf(&plan->text, err, "%s%s", *ret_any ? ", " : "", place->key) < 0)
			return -1;
		*ret_any = true;
	}
	return 0;
}

static int write_manifest(struct plan *plan, struct error *err)
{
	AUTO(buf) before = BUF_INIT;
	bool any;

	if (buf_append_text(&plan->text,
			    "\n2. On the host, in /etc/bootseal/host.yaml:\n"
			    "\tdocuments:\n\t  " DOCUMENT
			    ":\n\t    file: openclaw.yaml\n\t    keys: [",
			    err) < 0 ||
	    write_keys(plan, true, &any, err) < 0 ||
	    buf_printf(&plan->text, err,
		       "]\n\t    owner: %s\n\t    lifetime: until-ready\n\t    unit: %s\n",
		       plan->facts->user, plan->facts->unit) < 0)
		return -1;
	before = buf_move(&plan->text);
	if (write_keys(plan, false, &any, err) < 0)
		return -1;
	if (any &&
	    (buf_append_text(&before,
			     "\t# OpenClaw has no field for these: every command of the agent sees "
			     "them\n\tenvironments:\n\t  openclaw.env:\n\t    file: openclaw.yaml\n"
			     "\t    keys: [",
			     err) < 0 ||
	     buf_append_span(&before, buf_span(&plan->text), err) < 0 ||
	     buf_append_text(&before, "]\n", err) < 0))
		return -1;
	buf_release(&plan->text);
	plan->text = buf_move(&before);
	return 0;
}

static int write_unit(struct plan *plan, struct error *err)
{
	return buf_printf(&plan->text, err,
			  "\n3. In /etc/systemd/system/%s.d/50-bootseal.conf (a user unit cannot: "
			  "make it a system unit):\n"
			  "\t[Unit]\n\tWants=bootseal.service\n\tAfter=bootseal.service\n"
			  "\t[Service]\n\tUser=%s\n\tTimeoutStartSec=120\n"
			  "\tExecStartPre=+/usr/bin/bootseal activate --for %%n\n"
			  "\tExecStartPost=+/usr/bin/bootseal release --for %%n --when "
			  "http://127.0.0.1:%d/healthz\n"
			  "\tExecStopPost=+/usr/bin/bootseal release --for %%n\n",
			  plan->facts->unit, plan->facts->user, KNOWN_PORT_DEFAULT);
}

static int write_config(struct plan *plan, struct error *err)
{
	if (buf_append_text(&plan->text,
			    "\n4. In OpenClaw's configuration:\n\tsecrets.providers." PROVIDER
			    ": { source: \"file\", path: \"/run/secrets.ready/" DOCUMENT "\" }\n",
			    err) < 0)
		return -1;
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].counts && plan->places[i].field[0] != '\0' &&
		    buf_printf(&plan->text, err,
			       "\t%s: { source: \"file\", provider: \"" PROVIDER
			       "\", id: \"/%s\" }\n",
			       plan->places[i].field, plan->places[i].key) < 0)
			return -1;
	return 0;
}

static int write_removals(struct plan *plan, struct error *err)
{
	if (buf_append_text(&plan->text,
			    "\n5. Prove it:\n\topenclaw secrets audit --allow-exec\n"
			    "\tsystemctl daemon-reload; systemctl restart ",
			    err) < 0 ||
	    buf_printf(&plan->text, err, "%s\n\tbootseal openclaw check --for %s\n",
		       plan->facts->unit, plan->facts->user) < 0 ||
	    buf_append_text(
		    &plan->text,
		    "\n6. Only then take out what is left, and issue new secrets: who could read "
		    "these may have kept them.\n",
		    err) < 0)
		return -1;
	for (size_t i = 0; i < plan->len; i++) {
		const struct place *place = &plan->places[i];
		const bool differs = !span_equal(chosen(plan, place)->value, place->value);

		/* of a field of the configuration nothing is left */
		if ((place->kind != CHECK_IN_CONFIG || !place->counts) &&
		    buf_printf(&plan->text, err, "\t%.*s, line %.*s: %.*s%s\n",
			       SPAN_PRINT(place->file), SPAN_PRINT(place->line),
			       SPAN_PRINT(place->name),
			       differs ? " (another value than the one in use)" : "") < 0)
			return -1;
	}
	return 0;
}

int openclaw_plan(struct span records, const struct plan_facts *facts, struct secret *ret_text,
		  size_t *ret_secrets, struct error *err)
{
	AUTO(plan) plan = { .facts = facts, .text = BUF_INIT };

	if (collect(&plan, records, err) < 0)
		return -1;
	*ret_secrets = plan.secrets;
	if (plan.secrets == 0)
		return 0;
	if (write_seals(&plan, err) < 0 || write_manifest(&plan, err) < 0 ||
	    write_unit(&plan, err) < 0 || write_config(&plan, err) < 0 ||
	    write_removals(&plan, err) < 0)
		return -1;
	return secret_append_span(ret_text, buf_span(&plan.text), err);
}
