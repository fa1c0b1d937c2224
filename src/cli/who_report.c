/* SPDX-License-Identifier: MIT */
#include "cli/who_report.h"

#include <string.h>

#include "activate/json.h"
#include "crypto/xwing.h"
#include "util/text.h"

/* The longest name that widens the column of all. */
#define NAME_WIDTH_MAX 24

static const char *const state_names[] = {
	[WHO_NOBODY] = "no",
	[WHO_MAY] = "maybe",
	[WHO_OPENS] = "yes",
};

static const struct age_identity *identity_of(const struct who_report *report, size_t index)
{
	return &report->sealed->identities.items[index];
}

static struct text_shown source_of(const struct who_report *report, size_t index)
{
	return text_printable_text(identity_of(report, index)->source);
}

static int put_none(const struct who_report *report, const struct who_key *key, struct buf *text,
		    struct error *err)
{
	if (key->why)
		return buf_printf(text, err, "broken: %s", key->why);
	if (report->is_age && strcmp(key->kind, "scrypt") == 0)
		return buf_append_text(text, "a passphrase, which \"bootseal age -d\" asks for",
				       err);
	if (report->is_age && strcmp(key->kind, "mlkem768x25519") == 0 && !xwing_is_supported())
		return buf_append_text(text, "not opened by this program: that needs " XWING_NEEDS,
				       err);
	return buf_append_text(text, "no identity here", err);
}

/* How a recipient's identity was found, or why there is none. */
static int put_reason(const struct who_report *report, const struct who_key *key, struct buf *text,
		      struct error *err)
{
	const char *program;

	if (key->state == WHO_NOBODY)
		return put_none(report, key, text, err);
	if (key->identity == WHO_GPG)
		return buf_append_text(text, "gpg may open it", err);
	program = age_identity_program(identity_of(report, key->identity));
	return buf_printf(text, err, "%s%s%s", source_of(report, key->identity).text,
			  key->state == WHO_OPENS ? " opens it" : " may open it, and asks",
			  key->state == WHO_OPENS ? ""
			  : program               ? " a plugin"
						  : " for its passphrase");
}

static int name_width(const struct who *who)
{
	size_t width = 1;

	for (size_t i = 0; i < who->len; i++) {
		const size_t len = who->items[i].name ? strlen(who->items[i].name) : 0;

		if (len > width && len <= NAME_WIDTH_MAX)
			width = len;
	}
	return (int)width;
}

static int put_key(const struct who_report *report, const struct who_key *key, int width,
		   struct buf *text, struct error *err)
{
	if (buf_printf(text, err, "  %-*s  %s%s%s: ", width, key->name ? key->name : "-",
		       strcmp(key->kind, "age") == 0 ? "" : key->kind,
		       key->text[0] != '\0' && strcmp(key->kind, "age") != 0 ? " " : "",
		       key->text) < 0 ||
	    put_reason(report, key, text, err) < 0)
		return -1;
	return buf_append_text(text, "\n", err);
}

static int put_keys(const struct who_report *report, struct buf *text, struct error *err)
{
	const struct who *who = &report->who;
	const int width = name_width(who);
	size_t group = SIZE_MAX;

	if (buf_printf(text, err, "%s: %zu recipient%s%s\n", text_printable_text(report->file).text,
		       who->len, who->len == 1 ? "" : "s",
		       report->is_age ? " (an age file does not tell most of their names)" : "") <
	    0)
		return -1;
	if (who->groups > 1 && buf_printf(text, err, "%zu of its %zu key groups are needed\n",
					  who->needed, who->groups) < 0)
		return -1;
	for (size_t i = 0; i < who->len; i++) {
		if (who->groups > 1 && who->items[i].group != group &&
		    buf_printf(text, err, " group %zu\n", who->items[i].group) < 0)
			return -1;
		group = who->items[i].group;
		if (put_key(report, &who->items[i], width, text, err) < 0)
			return -1;
	}
	return 0;
}

static const char *use_of(enum who_state state)
{
	return state == WHO_OPENS ? "opens one of them"
	       : state == WHO_MAY ? "may open one of them"
				  : "not a recipient";
}

/* The recipient of an identity, and whose it is. */
static int spell(const struct who_report *report, size_t index, struct buf *spelled,
		 const char **ret_name, struct error *err)
{
	const struct age_identity *identity = identity_of(report, index);

	if (age_identity_spell(identity, spelled, err) < 0)
		return -1;
	*ret_name = age_identity_is_spelled(identity)
			    ? sealed_name_of(report->sealed, buf_span(spelled))
			    : NULL;
	return 0;
}

static int put_identities(const struct who_report *report, struct buf *text, struct error *err)
{
	const struct age_identities *identities = &report->sealed->identities;

	if (buf_printf(text, err, "%zu identit%s here\n", identities->len,
		       identities->len == 1 ? "y" : "ies") < 0)
		return -1;
	for (size_t i = 0; i < identities->len; i++) {
		AUTO(buf) spelled = BUF_INIT;
		const char *name;

		if (spell(report, i, &spelled, &name, err) < 0 ||
		    buf_printf(text, err, "  %s (%s%s%s): %s\n", source_of(report, i).text,
			       name ? name : "", name ? ", " : "",
			       text_printable(buf_span(&spelled)).text,
			       use_of(report->who.uses[i])) < 0)
			return -1;
	}
	return 0;
}

/* What could not be read or used: the file's own key may be among it. */
static int put_problems(const struct who_report *report, struct buf *text, struct error *err)
{
	const struct buf *problems = &report->sealed->sources.problems;
	AUTO(buf) unusable = BUF_INIT;

	if (age_identities_tell_unusable(&report->sealed->identities, &unusable, err) < 0)
		return -1;
	if (problems->len > 0 &&
	    buf_printf(text, err, "not used: %.*s\n", SPAN_PRINT(buf_span(problems))) < 0)
		return -1;
	/* it begins with "; " */
	return unusable.len > 0
		       ? buf_printf(text, err, "%.*s\n",
				    SPAN_PRINT(span_slice(buf_span(&unusable), 2, unusable.len)))
		       : 0;
}

int who_report_text(const struct who_report *report, struct buf *text, struct error *err)
{
	return put_keys(report, text, err) < 0 || put_identities(report, text, err) < 0 ||
			       put_problems(report, text, err) < 0
		       ? -1
		       : 0;
}

/* "" is left out. */
static int json_member(struct json_object *object, const char *key, const char *value,
		       struct error *err)
{
	return value && value[0] != '\0' ? json_text(object, key, span_of_text(value), err) : 0;
}

static int json_one_key(const struct who_report *report, const struct who_key *key,
			struct secret *out, struct error *err)
{
	const bool found = key->state != WHO_NOBODY;
	struct json_object object;

	if (json_open(out, &object, err) < 0 ||
	    (report->who.groups > 1 && json_number(&object, "group", key->group, err) < 0) ||
	    json_member(&object, "kind", key->kind, err) < 0 ||
	    json_member(&object, "recipient", key->text, err) < 0 ||
	    json_member(&object, "name", key->name, err) < 0 ||
	    json_member(&object, "opens", state_names[key->state], err) < 0 ||
	    (found &&
	     json_member(&object, "by",
			 key->identity == WHO_GPG ? "gpg" : source_of(report, key->identity).text,
			 err) < 0) ||
	    json_member(&object, "broken", key->why, err) < 0)
		return -1;
	return json_close(&object, err);
}

static int json_one_identity(const struct who_report *report, size_t index, struct secret *out,
			     struct error *err)
{
	AUTO(buf) spelled = BUF_INIT;
	struct json_object object;
	const char *name;

	if (spell(report, index, &spelled, &name, err) < 0 || json_open(out, &object, err) < 0 ||
	    json_member(&object, "source", source_of(report, index).text, err) < 0 ||
	    json_text(&object, "recipient", buf_span(&spelled), err) < 0 ||
	    json_member(&object, "name", name, err) < 0 ||
	    json_member(&object, "opens", state_names[report->who.uses[index]], err) < 0)
		return -1;
	return json_close(&object, err);
}

static int json_lists(const struct who_report *report, struct json_object *object,
		      struct secret *out, struct error *err)
{
	if (json_key(object, SPAN_LITERAL("recipients"), err) < 0 ||
	    secret_append_text(out, "[", err) < 0)
		return -1;
	for (size_t i = 0; i < report->who.len; i++)
		if ((i > 0 && secret_append_text(out, ",", err) < 0) ||
		    json_one_key(report, &report->who.items[i], out, err) < 0)
			return -1;
	if (secret_append_text(out, "]", err) < 0 ||
	    json_key(object, SPAN_LITERAL("identities"), err) < 0 ||
	    secret_append_text(out, "[", err) < 0)
		return -1;
	for (size_t i = 0; i < report->sealed->identities.len; i++)
		if ((i > 0 && secret_append_text(out, ",", err) < 0) ||
		    json_one_identity(report, i, out, err) < 0)
			return -1;
	return secret_append_text(out, "]", err);
}

int who_report_json(const struct who_report *report, struct buf *text, struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	AUTO(buf) problems = BUF_INIT;
	struct json_object object;

	if (json_open(&out, &object, err) < 0 ||
	    json_member(&object, "file", text_printable_text(report->file).text, err) < 0 ||
	    json_member(&object, "opens", state_names[report->who.state], err) < 0 ||
	    json_number(&object, "groups", report->who.groups, err) < 0 ||
	    json_number(&object, "needed", report->who.needed, err) < 0 ||
	    json_lists(report, &object, &out, err) < 0 ||
	    put_problems(report, &problems, err) < 0 ||
	    json_text(&object, "problems", span_trim(buf_span(&problems)), err) < 0 ||
	    json_close(&object, err) < 0 || buf_append_span(text, secret_span(&out), err) < 0)
		return -1;
	return buf_append_text(text, "\n", err);
}
