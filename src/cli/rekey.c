/* SPDX-License-Identifier: MIT */
#include "cli/rekey.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/text.h"

bool rekey_is_change(const struct sops_groups *before, const struct sops_groups *after,
		     const struct sops_changes *changes)
{
	return changes->any || before->len != after->len ||
	       before->threshold != sops_groups_threshold(after);
}

/* What the metadata say where they say nothing (trap T27). */
static bool same_selector(const struct sops_selector *a, const struct sops_selector *b)
{
	return (a->text ? a->kind : SOPS_UNENCRYPTED_SUFFIX) ==
		       (b->text ? b->kind : SOPS_UNENCRYPTED_SUFFIX) &&
	       strcmp(a->text ? a->text : SOPS_DEFAULT_SUFFIX,
		      b->text ? b->text : SOPS_DEFAULT_SUFFIX) == 0;
}

bool rekey_same_selection(enum doc_format format, const struct sops_meta *meta,
			  const struct sops_policy *policy)
{
	/* of a binary file all is sealed */
	return format == DOC_BINARY || (same_selector(&meta->selector, &policy->selector) &&
					meta->mac_only_encrypted == policy->mac_only_encrypted);
}

enum colour { PLAIN = 0, UNDERLINED = 4, RED = 31, GREEN = 32 };

/* As sops has them, on a terminal alone. */
static void print_coloured(FILE *out, enum colour colour, const char *mark, const char *text,
			   const char *name)
{
	const char *no_colour = getenv("NO_COLOR");
	const bool coloured =
		colour != PLAIN && isatty(fileno(out)) && (!no_colour || no_colour[0] == '\0');

	if (coloured)
		fprintf(out, "\033[%dm", (int)colour);
	fprintf(out, "%s%s", mark, text);
	if (name)
		fprintf(out, " (%s)", text_printable_text(name).text);
	fputs(coloured ? "\033[0m\n" : "\n", out);
}

static void show_threshold(FILE *out, unsigned before, unsigned after)
{
	char text[32];

	snprintf(text, sizeof(text), "shamir_threshold: %u", after);
	if (after > 0)
		print_coloured(out, before == after ? PLAIN : GREEN, before == after ? "" : "+++ ",
			       text, NULL);
	snprintf(text, sizeof(text), "shamir_threshold: %u", before);
	if (before > 0 && before != after)
		print_coloured(out, RED, "--- ", text, NULL);
}

static void show_change(FILE *out, struct sealed *keys, const struct sops_change *change)
{
	static const struct {
		enum colour colour;
		const char *mark;
	} looks[] = {
		[SOPS_CHANGE_NONE] = { PLAIN, "    " },
		[SOPS_CHANGE_ADDED] = { GREEN, "+++ " },
		[SOPS_CHANGE_REMOVED] = { RED, "--- " },
	};

	print_coloured(out, looks[change->kind].colour, looks[change->kind].mark,
		       text_printable_text(change->key->text).text,
		       change->key->kind == SOPS_KEY_AGE
			       ? sealed_name_of(keys, span_of_text(change->key->text))
			       : NULL);
}

void rekey_show(FILE *out, struct sealed *keys, const struct sops_groups *before,
		const struct sops_groups *after, const struct sops_changes *changes)
{
	const size_t groups = before->len > after->len ? before->len : after->len;
	size_t next = 0;

	show_threshold(out, before->threshold, sops_groups_threshold(after));
	for (size_t group = 0; group < groups; group++) {
		char title[32];

		snprintf(title, sizeof(title), "Group %zu", group + 1);
		print_coloured(out, UNDERLINED, "", title, NULL);
		for (; next < changes->len && changes->items[next].group == group; next++)
			show_change(out, keys, &changes->items[next]);
	}
}

int rekey_check_own(enum doc_format format, struct secret *sealed, const struct sops_opener *opener,
		    struct error *err)
{
	bool can;

	if (sops_can_open(format, sealed, opener, &can, err) < 0)
		return -1;
	if (can)
		return 0;
	(void)error_set(err, ERROR_DENIED,
			"it would lock you out: no identity here could open it afterwards");
	return error_hint(err, "say --lock-out if that is meant");
}
