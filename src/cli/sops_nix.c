/* SPDX-License-Identifier: MIT */
#include "cli/sops_nix.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "util/text.h"

static const struct {
	const char *name;
	enum nix_check check;
} check_modes[] = {
	{ "off", NIX_CHECK_OFF },
	{ "sopsfile", NIX_CHECK_FILES },
	{ "manifest", NIX_CHECK_MANIFEST },
};

static int parse_check(const char *value, enum nix_check *ret_check, struct error *err)
{
	for (size_t i = 0; i < sizeof(check_modes) / sizeof(*check_modes); i++)
		if (strcmp(value, check_modes[i].name) == 0) {
			*ret_check = check_modes[i].check;
			return 0;
		}
	return error_set(err, ERROR_USAGE,
			 "-check-mode must be manifest, sopsfile or off, not \"%s\"",
			 text_printable_text(value).text);
}

/* The words that Go takes for a truth. */
static int parse_truth(const char *value, bool *ret_truth, struct error *err)
{
	static const char *const words[] = { "1", "t", "T", "true",  "TRUE",  "True",
					     "0", "f", "F", "false", "FALSE", "False" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(value, words[i]) == 0) {
			*ret_truth = i < sizeof(words) / sizeof(*words) / 2;
			return 0;
		}
	return error_set(err, ERROR_USAGE, "\"%s\" is neither true nor false",
			 text_printable_text(value).text);
}

static bool is_flag(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncmp(word, name, len) == 0;
}

/* One flag, with one dash or two, whose value follows "=" or is the next word. */
static int parse_flag(const char *word, const char *next, struct sops_nix_call *call,
		      bool *ret_took_next, struct error *err)
{
	const char *name = word + (word[1] == '-' ? 2 : 1);
	const size_t len = strcspn(name, "=");
	const char *value = name[len] == '=' ? name + len + 1 : NULL;

	*ret_took_next = false;
	if (is_flag(name, len, "check-mode")) {
		*ret_took_next = value == NULL && next != NULL;
		value = value == NULL ? next : value;
		if (value == NULL)
			return error_set(err, ERROR_USAGE, "-check-mode needs a value");
		return parse_check(value, &call->check, err);
	}
	if (is_flag(name, len, "ignore-passwd"))
		return parse_truth(value == NULL ? "true" : value, &call->ignores_owners, err);
	call->help = is_flag(name, len, "h") || is_flag(name, len, "help");
	if (call->help)
		return 0;
	return error_set(err, ERROR_USAGE, "there is no flag \"%s\"",
			 text_printable_text(word).text);
}

int sops_nix_parse(int argc, const char *const *argv, struct sops_nix_call *ret_call,
		   struct error *err)
{
	struct sops_nix_call call = { .check = NIX_CHECK_OFF };
	int i = 0;
	bool took_next;

	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (parse_flag(argv[i], i + 1 < argc ? argv[i + 1] : NULL, &call, &took_next, err) <
		    0)
			return -1;
		i += took_next;
		if (call.help)
			break;
	}
	call.wrong_words = !call.help && argc - i != 1;
	call.manifest = call.help || call.wrong_words ? NULL : argv[i];
	*ret_call = call;
	return 0;
}

static bool is_set_to(const char *variable, const char *value)
{
	const char *set = getenv(variable);

	return set != NULL && strcmp(set, value) == 0;
}

struct nix_options sops_nix_options(const struct sops_nix_call *call)
{
	return (struct nix_options){
		.check = call->check,
		.ignores_owners = call->ignores_owners,
		.dry_run = is_set_to("NIXOS_ACTION", "dry-activate"),
		.way = is_set_to("SOPS_RESTART_UNITS_VIA_SYSTEMCTL", "1") ? NIX_BY_SYSTEMCTL
									  : NIX_BY_LISTS,
		.uses_environment = true,
	};
}

static void print_usage(const char *program)
{
	fprintf(stderr,
		"Usage: %s [OPTION] manifest.json\n"
		"  -check-mode string\n"
		"    \tValidate configuration without installing it (possible values: "
		"\"manifest\",\"sopsfile\",\"off\") (default \"off\")\n"
		"  -ignore-passwd\n"
		"    \tDon't look up anything in /etc/passwd. Causes everything to be owned by "
		"root:root or the user executing the tool in user mode\n",
		program);
}

/* --- What has changed --- */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_rendered(const char *name)
{
	return strncmp(name, NIX_RENDERED "/", strlen(NIX_RENDERED "/")) == 0;
}

/* As it is, for who compares it, unless it would steer a terminal: others than we can make files. */
static void print_name(const char *name)
{
	bool plain = true;

	for (const char *c = name; *c != '\0'; c++)
		plain = plain && (unsigned char)*c >= ' ' && *c != 0x7f;
	fputs(plain ? name : text_printable_text(name).text, stdout);
}

/* One line: "adding secrets: a, b". names is sorted. */
static void print_changed(const char *verb, const struct names *names, bool rendered)
{
	const size_t skipped = rendered ? strlen(NIX_RENDERED "/") : 0;
	const char *separator = ": ";
	size_t count = 0;

	for (size_t i = 0; i < names->len; i++)
		count += is_rendered(names->items[i]) == rendered;
	if (count == 0)
		return;
	printf("%s %ssecret%s", verb, rendered ? "rendered " : "", count == 1 ? "" : "s");
	for (size_t i = 0; i < names->len; i++)
		if (is_rendered(names->items[i]) == rendered) {
			fputs(separator, stdout);
			print_name(names->items[i] + skipped);
			separator = ", ";
		}
	printf("\n");
}

static void print_changes(const struct nix_report *report, bool dry_run)
{
	const struct names *lists[] = { &report->base.added, &report->base.changed,
					&report->base.removed };
	static const char *const verbs[] = { "adding", "modifying", "removing" };
	static const char *const dry_verbs[] = { "would add", "would modify", "would remove" };

	for (size_t i = 0; i < 3; i++)
		if (lists[i]->len > 0)
			qsort(lists[i]->items, lists[i]->len, sizeof(*lists[i]->items),
			      compare_names);
	for (int rendered = 0; rendered < 2; rendered++)
		for (size_t i = 0; i < 3; i++)
			print_changed(dry_run ? dry_verbs[i] : verbs[i], lists[i], rendered == 1);
}

static void print_units(const char *verb, const struct names *units)
{
	for (size_t i = 0; i < units->len; i++)
		fprintf(stderr, "would %s %s\n", verb, text_printable_text(units->items[i]).text);
}

static void print_report(const char *program, const struct nix_options *options,
			 const struct nix_report *report)
{
	for (size_t i = 0; i < report->base.notes.len; i++)
		fprintf(stderr, "%s: %s\n", program, report->base.notes.items[i]);
	if (options->check != NIX_CHECK_OFF)
		return;
	if (options->dry_run && options->way == NIX_BY_SYSTEMCTL) {
		print_units("restart", &report->base.units.restart);
		print_units("reload", &report->base.units.reload);
	}
	if (report->shows_changes)
		print_changes(report, options->dry_run);
}

int sops_nix_run(const char *program, int argc, const char *const *argv, struct error *err)
{
	AUTO(nix_report) report = NIX_REPORT_INIT;
	struct sops_nix_call call;
	struct nix_options options;
	int result;

	if (sops_nix_parse(argc, argv, &call, err) < 0)
		return -1;
	if (call.help || call.wrong_words) {
		print_usage(program);
		return 0;
	}
	if (command_start(err) < 0)
		return -1;
	options = sops_nix_options(&call);
	result = nix_activate(call.manifest, &options, &report, err);
	if (result == 0 || err->kind == ERROR_PARTIAL)
		print_report(program, &options, &report);
	return result;
}
