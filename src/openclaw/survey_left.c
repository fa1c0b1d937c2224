/* SPDX-License-Identifier: MIT */
/* Secrets that were left where nobody looks: the state directory's other files, logs, the journal. */
#include "activate/values.h"
#include "openclaw/search.h"
#include "survey.h"
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

/* Of the units of that name, the system's and users'. */
static int search_journal(const struct search_values *values, struct secret *findings,
			  struct error *err)
{
	static const char *const command[] = { "journalctl",
					       "--quiet",
					       "--no-pager",
					       "--output=cat",
					       JOURNAL_LINES,
					       "--unit=openclaw*",
					       "--user-unit=openclaw*",
					       NULL };
	AUTO(secret) text = SECRET_INIT;
	struct error why = ERROR_INIT;
	int status = 0;

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
	return search_journal(&values, findings, err);
}
