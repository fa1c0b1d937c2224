/* SPDX-License-Identifier: MIT */
/* Secrets that were left where nobody looks: the state directory's other files, logs, the journal. */
#include <string.h>

#include "activate/values.h"
#include "openclaw/search.h"
#include "survey.h"
#include "util/buf.h"
#include "util/child.h"

#define JOURNAL_MAX ((size_t)128 << 20)
#define JOURNAL_SECONDS 20
#define JOURNAL_LINES "--lines=50000"

static void collect(struct span records, struct search_values *values)
{
	struct value record;

	while (values_take(&records, &record))
		if (record.entry == CHECK_SECRET || record.entry == CHECK_TOKEN)
			search_add(values, record.bytes);
}

static int search_files(const struct search_places *places, const struct search_values *values,
			const struct names *judged, struct secret *findings, struct error *err)
{
	AUTO(names) found = NAMES_INIT;
	bool whole;

	if (search_all(places, values, judged, &found, &whole, err) < 0)
		return -1;
	for (size_t i = 0; i < found.len; i++)
		if (check_report(findings, CHECK_PROBLEM, "left", found.items[i],
				 "it holds a secret in plain text",
				 "remove it or take the secret out, and issue a new one", err) < 0)
			return -1;
	if (whole)
		return 0;
	return check_report(
		findings, CHECK_NOTE, "unread", places->home ? places->home : places->state,
		"not all below it was looked at: some cannot be read, or there is too much",
		"run this as root, or look yourself", err);
}

#define JOURNAL_UNITS_MAX 64

/* "a@*.service" of a template; a name with more in it than systemd's has none. */
static int add_pattern(struct names *words, struct span unit, bool is_users, struct error *err)
{
	static const char wild[] = "*?[\\";
	const uint8_t *at = unit.len > 0 ? memchr(unit.data, '@', unit.len) : NULL;
	const size_t len = at ? (size_t)(at - unit.data) + 1 : unit.len;
	AUTO(buf) text = BUF_INIT;
	const char *name;

	for (size_t i = 0; i < unit.len; i++)
		if (unit.data[i] <= ' ' || strchr(wild, unit.data[i]))
			return 0;
	if (words->len >= 2 * (size_t)JOURNAL_UNITS_MAX)
		return 0;
	if (buf_append(&text, unit.data, len, err) < 0 ||
	    (at != NULL && buf_append_text(&text, "*", err) < 0) ||
	    buf_append_span(&text, span_slice(unit, len, unit.len), err) < 0 ||
	    buf_text(&text, &name, err) < 0)
		return -1;
	return names_printf(words, err, "--%s=%s", is_users ? "user-unit" : "unit", name);
}

/* Those of that name, the system's and users', and what else runs OpenClaw. */
static int list_units(struct span records, struct names *words, struct error *err)
{
	struct value record;

	if (names_printf(words, err, "--unit=openclaw*") < 0 ||
	    names_printf(words, err, "--user-unit=openclaw*") < 0)
		return -1;
	while (values_take(&records, &record))
		if (record.entry == CHECK_UNIT &&
		    add_pattern(words, record.name, record.bytes.len > 0, err) < 0)
			return -1;
	return 0;
}

static int search_journal(const struct search_values *values, struct span records,
			  struct secret *findings, struct error *err)
{
	const char *command[2 * JOURNAL_UNITS_MAX + 8] = { "journalctl", "--quiet", "--no-pager",
							   "--output=cat", JOURNAL_LINES };
	AUTO(names) words = NAMES_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error why = ERROR_INIT;
	int status = 0;

	if (list_units(records, &words, err) < 0)
		return -1;
	for (size_t i = 0; i < words.len; i++)
		command[5 + i] = words.items[i];
	if (child_run(&(struct child_command){ .argv = command,
					       .timeout_seconds = JOURNAL_SECONDS,
					       .quiet = true },
		      JOURNAL_MAX, &text, &status, &why) < 0)
		return check_report(findings, CHECK_NOTE, "unread", "the journal",
				    "it was not looked at", "install journalctl, or look yourself",
				    err);
	if (!search_text(secret_span(&text), values))
		return 0;
	return check_report(findings, CHECK_PROBLEM, "left", "the journal",
			    "the gateway's units have written a secret into it",
			    "issue a new one; journalctl --rotate --vacuum-time=1s forgets all",
			    err);
}

int survey_left(const struct survey *survey, const struct inventory *inventory, const char *state,
		struct span records, struct secret *findings, struct error *err)
{
	struct search_values values = { .len = 0 };
	AUTO(names) judged = NAMES_INIT;
	const struct search_places places = { state, survey->home, survey->uid, survey->gid,
					      survey->user };

	collect(records, &values);
	if (values.len == 0)
		return 0;
	for (size_t i = 0; i < inventory->len; i++)
		if (inventory->items[i].is_read && S_ISREG(inventory->items[i].target.st_mode) &&
		    names_add(&judged, span_of_text(inventory->items[i].path), err) < 0)
			return -1;
	if (search_files(&places, &values, &judged, findings, err) < 0)
		return -1;
	return search_journal(&values, records, findings, err);
}
