/* SPDX-License-Identifier: MIT */
/* The plan in words, which hold no value. */
#include "openclaw/plan.h"

#include <stdio.h>
#include <string.h>

#include "activate/manifest.h"
#include "openclaw/settings.h"
#include "util/text.h"

/* Each part appends to text. */
struct telling {
	const struct seal_plan *plan;
	const struct seal_facts *facts;
	struct buf *text;
};

static int tell_place(const struct telling *t, const struct seal_place *place, struct error *err)
{
	if (place->kind == CHECK_NOWHERE)
		return buf_printf(t->text, err, "\t%s: a new one, which nobody has seen\n",
				  place->key);
	return buf_printf(t->text, err, "\t%s: %.*s, line %.*s: %.*s\n", place->key,
			  SPAN_PRINT(place->file), SPAN_PRINT(place->line),
			  SPAN_PRINT(place->name));
}

static int tell_secrets(const struct telling *t, struct error *err)
{
	if (buf_printf(t->text, err, "1. Sealed in %s:\n", t->facts->sealed) < 0)
		return -1;
	for (size_t i = 0; i < t->plan->len; i++)
		if (t->plan->places[i].counts && tell_place(t, &t->plan->places[i], err) < 0)
			return -1;
	return 0;
}

int seal_plan_keys(const struct seal_plan *plan, bool with_field, struct buf *text,
		   struct error *err)
{
	bool any = false;

	for (size_t i = 0; i < plan->len; i++) {
		const struct seal_place *place = &plan->places[i];

		if (!place->counts || (place->field[0] != '\0') != with_field)
			continue;
		if (buf_printf(text, err, "%s%s", any ? ", " : "", place->key) < 0)
			return -1;
		any = true;
	}
	return 0;
}

static bool has_field(const struct seal_plan *plan)
{
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].counts && plan->places[i].field[0] != '\0')
			return true;
	return false;
}

/* One entry of the manifest. */
static int tell_entry(const struct telling *t, bool with_field, struct error *err)
{
	const char *owner = with_field ? t->facts->user : "root";

	if (buf_printf(t->text, err, "\t%s:\n\t  %s:\n\t    file: %s\n\t    keys: [",
		       with_field ? "documents" : "environments",
		       with_field ? SEAL_DOCUMENT : SEAL_ENVIRONMENT, t->facts->sealed) < 0 ||
	    seal_plan_keys(t->plan, with_field, t->text, err) < 0)
		return -1;
	return buf_printf(t->text, err,
			  "]\n\t    owner: %s\n\t    lifetime: until-ready\n\t    unit: %s\n",
			  owner, t->facts->unit);
}

static int tell_manifest(const struct telling *t, struct error *err)
{
	if (buf_printf(t->text, err, "\n2. In %s:\n",
		       text_printable_text(t->facts->manifest).text) < 0 ||
	    (has_field(t->plan) && tell_entry(t, true, err) < 0))
		return -1;
	if (!t->plan->has_variable)
		return 0;
	if (buf_append_text(t->text,
			    "\t# OpenClaw has no field for these: every command of the agent sees "
			    "them\n",
			    err) < 0)
		return -1;
	return tell_entry(t, false, err);
}

/* A word more for each command, unless it is the manifest that they take without being told. */
static int spell_manifest(const struct seal_facts *facts, struct buf *word, struct error *err)
{
	if (strcmp(facts->manifest, MANIFEST_DEFAULT) == 0)
		return 0;
	if (buf_append_text(word, " ", err) < 0)
		return -1;
	return unit_spell_word(span_of_text(facts->manifest), true, word, err);
}

int seal_plan_drop_in(const struct seal_plan *plan, const struct seal_facts *facts,
		      struct buf *text, struct error *err)
{
	AUTO(buf) word = BUF_INIT;
	const char *manifest;

	if (spell_manifest(facts, &word, err) < 0 || buf_text(&word, &manifest, err) < 0)
		return -1;
	if (buf_printf(text, err,
		       "[Unit]\nWants=bootseal.service\nAfter=bootseal.service\n\n"
		       "[Service]\nUser=%s\nTimeoutStartSec=120\n",
		       facts->user) < 0)
		return -1;
	/* "-": it is read before the first command, too, which publishes it */
	if (plan->has_variable &&
	    buf_append_text(text, "EnvironmentFile=-/run/secrets.ready/" SEAL_ENVIRONMENT "\n",
			    err) < 0)
		return -1;
	/* what has "+" is root's, with the variables of files that may be the user's */
	return buf_printf(text, err,
			  "UnsetEnvironment=" UNIT_LOADER_VARIABLES "\n"
			  "ExecStartPre=+/usr/bin/bootseal activate --for %%n%s\n"
			  "ExecStartPost=+/usr/bin/bootseal release --for %%n --when "
			  "http://127.0.0.1:%u/healthz%s\n"
			  "ExecStopPost=+/usr/bin/bootseal release --for %%n%s\n",
			  manifest, facts->port, manifest, manifest);
}

/* Which are all ours, and of printable bytes. */
static int tell_lines(const struct telling *t, struct span rest, struct error *err)
{
	struct span line;

	while (span_take_line(&rest, &line))
		if (line.len > 0 && buf_printf(t->text, err, "\t%.*s\n", SPAN_PRINT(line)) < 0)
			return -1;
	return 0;
}

/* What is the user's own is named, and not shown: "Environment=NAME". */
static int tell_names(const struct telling *t, struct span line, struct error *err)
{
	AUTO(secret) word = SECRET_INIT;
	struct span key, name;
	bool more;

	if (!span_take_until(&line, '=', &key))
		return 0;
	if (!span_equal_text(key, "Environment"))
		return buf_printf(t->text, err, "\t%s=\n", text_printable(key).text);
	if (line.len == 0)
		return buf_append_text(t->text, "\tEnvironment=\n", err);
	for (;;) {
		struct span rest;

		if (unit_take_word(&line, &word, &more, err) < 0)
			return -1;
		rest = secret_span(&word);
		if (!more)
			return 0;
		if (span_take_until(&rest, '=', &name) &&
		    buf_printf(t->text, err, "\tEnvironment=%s\n", text_printable(name).text) < 0)
			return -1;
	}
}

/* Only root gives, and takes away again. */
static int tell_system_unit(const struct telling *t, struct error *err)
{
	struct span rest = t->facts->system_unit, line;

	if (t->facts->user_unit == NULL)
		return 0;
	if (buf_printf(t->text, err,
		       "\n   A user unit cannot withdraw secrets: %s\n   goes, and in "
		       "/etc/systemd/system/%s, with the values that are in it:\n",
		       text_printable_text(t->facts->user_unit).text, t->facts->unit) < 0)
		return -1;
	while (span_take_line(&rest, &line))
		if ((span_starts_with(line, "#") || span_starts_with(line, "[")
			     ? buf_printf(t->text, err, "\t%s\n", text_printable(line).text)
			     : tell_names(t, line, err)) < 0)
			return -1;
	return 0;
}

static int tell_drop_in(const struct telling *t, struct error *err)
{
	AUTO(buf) lines = BUF_INIT;

	if (buf_printf(t->text, err, "\n3. In /etc/systemd/system/%s.d/50-bootseal.conf:\n",
		       t->facts->unit) < 0 ||
	    seal_plan_drop_in(t->plan, t->facts, &lines, err) < 0 ||
	    tell_lines(t, buf_span(&lines), err) < 0)
		return -1;
	return tell_system_unit(t, err);
}

static int tell_config(const struct telling *t, struct error *err)
{
	if (buf_printf(t->text, err,
		       "\n4. In %s:\n\tsecrets.providers." SEAL_PROVIDER
		       ": { source: \"file\", path: \"/run/secrets.ready/" SEAL_DOCUMENT "\" }\n",
		       text_printable_text(t->facts->config).text) < 0)
		return -1;
	if (t->plan->mode != NULL &&
	    buf_printf(t->text, err,
		       "\tgateway.auth.mode: \"%s\", which it is now without being said\n",
		       t->plan->mode) < 0)
		return -1;
	for (size_t i = 0; i < t->plan->len; i++) {
		const struct seal_place *place = &t->plan->places[i];

		if (place->counts && place->field[0] != '\0' &&
		    buf_printf(t->text, err,
			       "\t%s: { source: \"file\", provider: \"" SEAL_PROVIDER
			       "\", id: \"/%s\" }\n",
			       place->field, place->key) < 0)
			return -1;
	}
	return 0;
}

/* Of what goes, and is not what was sealed. */
static const char *remark(const struct seal_plan *plan, const struct seal_place *place)
{
	const struct seal_place *chosen = seal_plan_chosen(plan, place->key);

	if (place->is_taken_back)
		return " (not in use: an empty Environment= behind it takes it back)";
	return chosen != NULL && !span_equal(chosen->value, place->value)
		       ? " (another value than the one in use)"
		       : "";
}

static int tell_removals(const struct telling *t, struct error *err)
{
	if (buf_printf(
		    t->text, err,
		    "\n5. Proven: by \"openclaw secrets audit\", and by the gateway, which takes "
		    "the sealed %s and\n\trefuses another. If not, all is put back as it "
		    "was.\n\n6. Only then removed, overwritten first; issue new ones: who could "
		    "read these may have kept them:\n",
		    t->plan->takes_password ? "password" : "token") < 0)
		return -1;
	for (size_t i = 0; i < t->plan->len; i++) {
		const struct seal_place *place = &t->plan->places[i];

		if (place->kind != CHECK_NOWHERE &&
		    buf_printf(t->text, err, "\t%.*s, line %.*s: %.*s%s\n", SPAN_PRINT(place->file),
			       SPAN_PRINT(place->line), SPAN_PRINT(place->name),
			       remark(t->plan, place)) < 0)
			return -1;
	}
	for (size_t i = 0; i < t->plan->comments.len; i++)
		if (buf_printf(t->text, err, "\t%s\n", t->plan->comments.items[i]) < 0)
			return -1;
	for (size_t i = 0; i < t->plan->backups.len; i++)
		if (buf_printf(t->text, err, "\t%s, whole: a copy\n", t->plan->backups.items[i]) <
		    0)
			return -1;
	return 0;
}

static int tell_stays(const struct telling *t, struct error *err)
{
	if (t->plan->stays.len + t->plan->left.len > 0 &&
	    buf_append_text(t->text, "\nLeft as it is, for you to look at:\n", err) < 0)
		return -1;
	for (size_t i = 0; i < t->plan->stays.len; i++)
		if (buf_printf(t->text, err, "\t%s\n", t->plan->stays.items[i]) < 0)
			return -1;
	for (size_t i = 0; i < t->plan->left.len; i++)
		if (buf_printf(t->text, err, "\t%s\n", t->plan->left.items[i]) < 0)
			return -1;
	return 0;
}

int seal_plan_text(const struct seal_plan *plan, const struct seal_facts *facts, struct buf *text,
		   struct error *err)
{
	const struct telling telling = { plan, facts, text };

	if (tell_secrets(&telling, err) < 0 || tell_manifest(&telling, err) < 0 ||
	    tell_drop_in(&telling, err) < 0 || tell_config(&telling, err) < 0 ||
	    tell_removals(&telling, err) < 0)
		return -1;
	return tell_stays(&telling, err);
}
