/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "activate/manifest.h"
#include "activate/values.h"
#include "cli/commands.h"
#include "cli/openclaw.h"
#include "cli/openclaw_setup.h"
#include "util/codec.h"
#include "util/file.h"
#include "util/lock.h"
#include "util/text.h"

#define UNIT "openclaw-gateway.service"
#define TOKEN_LEN 32
#define LOCK_FILE "/run/bootseal-openclaw-setup.lock"

// clang-format off
static const struct option_spec setup_options[] = {
	{ "dry-run", 0, NULL, "say what is to be done, and do nothing", OPTION_FLAG,
	  offsetof(struct setup_options, dry_run) },
	{ "undo", 0, NULL, "make all as it was before the setup", OPTION_FLAG,
	  offsetof(struct setup_options, undo) },
	{ "yes", 0, NULL, "do not ask: in a script", OPTION_FLAG,
	  offsetof(struct setup_options, yes) },
	{ "recipient", 0, "KEY", "who opens the secrets besides the host: an age or SSH public key", OPTION_TEXTS,
	  offsetof(struct setup_options, recipients) },
	OPENCLAW_PLACE_OPTIONS(struct setup_options, place),
	{ "unit", 0, "UNIT", "the gateway's unit (default: " UNIT ")", OPTION_TEXT,
	  offsetof(struct setup_options, unit) },
	{ "manifest", 0, "FILE", "the manifest, instead of this host's", OPTION_TEXT,
	  offsetof(struct setup_options, manifest) },
	{ "identity", 0, "FILE", "the host's key, instead of what the manifest says", OPTION_TEXT,
	  offsetof(struct setup_options, identity) },
	{ "program", 0, "FILE", "OpenClaw (default: openclaw, found in PATH)", OPTION_TEXT,
	  offsetof(struct setup_options, program) },
	{ .name = NULL },
};
// clang-format on

void setup_release(struct setup *setup)
{
	openclaw_found_release(&setup->found);
	inventory_release(&setup->inventory);
	secret_release(&setup->records);
	secret_release(&setup->token);
	seal_plan_release(&setup->plan);
	change_release(&setup->change);
	free(setup->config);
	free(setup->state);
	free(setup->directory);
	free(setup->user_unit);
	secret_release(&setup->system_unit);
}

/* --- What there is --- */

static int take_facts(struct setup *setup, struct error *err)
{
	struct span rest = secret_span(&setup->records);
	struct value record;

	setup->facts.port = KNOWN_PORT_DEFAULT;
	while (values_take(&rest, &record)) {
		char number[8] = "";

		if (record.entry == CHECK_PORT && record.bytes.len < sizeof(number)) {
			memcpy(number, record.bytes.data, record.bytes.len);
			setup->facts.port = (unsigned)strtoul(number, NULL, 10);
		}
		if (record.entry != CHECK_STATE || setup->state != NULL)
			continue;
		setup->state = strndup((const char *)record.name.data, record.name.len);
		setup->config = strndup((const char *)record.bytes.data, record.bytes.len);
		if (setup->state == NULL || setup->config == NULL)
			return error_memory(err);
	}
	if (setup->config == NULL)
		return error_set(err, ERROR_BUG, "the check named no configuration");
	setup->is_new = access(setup->config, F_OK) < 0 && errno == ENOENT;
	return 0;
}

/* A token that nobody has seen, in the place of none. */
static int make_token(struct setup *setup, struct error *err)
{
	uint8_t random[TOKEN_LEN];

	if (!setup->plan.makes_token)
		return 0;
	if (secret_reserve(&setup->token, 2 * sizeof(random), err) < 0)
		return -1;
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return error_sys(err, "there is no randomness");
	codec_hex_lower(span_of(random, sizeof(random)), (char *)setup->token.data);
	secret_wipe(random, sizeof(random));
	setup->token.len = 2 * sizeof(random);
	setup->plan.places[setup->plan.len - 1].value = secret_span(&setup->token);
	return 0;
}

/* A unit's line would end there, or be passed over. */
static int check_path(const char *path, struct error *err)
{
	const struct span text = span_of_text(path ? path : "");
	bool has_control = false;

	for (size_t i = 0; i < text.len; i++)
		has_control = has_control || text.data[i] < ' ' || text.data[i] == 0x7f;
	if (!has_control && text_is_utf8(text))
		return 0;
	return error_set(
		err, ERROR_UNSUPPORTED,
		"\"%s\" has a line break or another control character in it, or is no UTF-8: "
		"systemd takes no such name",
		text_printable(text).text);
}

static int check_paths(const struct setup *setup, struct error *err)
{
	const char *const paths[] = { setup->found.home, setup->config, setup->state,
				      setup->manifest,   setup->unit,   setup->options->identity };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (check_path(paths[i], err) < 0)
			return -1;
	return 0;
}

static int look(struct setup *setup, struct error *err)
{
	if (openclaw_find(&setup->options->place, &setup->found, &setup->survey, err) < 0)
		return -1;
	setup->survey.unit = setup->unit;
	setup->survey.user = setup->found.user;
	if (survey_files(&setup->survey, &setup->inventory, &setup->records, err) < 0 ||
	    take_facts(setup, err) < 0 || check_paths(setup, err) < 0 ||
	    seal_plan_make(secret_span(&setup->records), setup->is_new, &setup->plan, err) < 0 ||
	    make_token(setup, err) < 0 || setup_find_user_unit(setup, err) < 0 ||
	    setup_name_left(setup, err) < 0)
		return -1;
	setup->facts.user = setup->found.user;
	setup->facts.unit = setup->unit;
	setup->facts.config = setup->config;
	setup->facts.manifest = setup->manifest;
	setup->facts.sealed = SETUP_SEALED;
	setup->facts.user_unit = setup->user_unit;
	setup->facts.system_unit = secret_span(&setup->system_unit);
	return 0;
}

/* Nothing to seal, but something to remove: whose SecretRefs these are is not known. */
static int check_worth(const struct setup *setup, bool *ret_worth, struct error *err)
{
	*ret_worth = setup->plan.secrets > 0;
	if (*ret_worth)
		return 0;
	if (setup->plan.len == 0 && setup->plan.backups.len == 0) {
		puts("no secret stands in plain text where OpenClaw looks for one");
		return 0;
	}
	error_set(err, ERROR_FINDINGS,
		  "all fields are SecretRefs already, and old plain text is left");
	return error_hint(err, "\"bootseal openclaw check\" says where: take it out there");
}

static int show(const struct setup *setup, struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	if (seal_plan_text(&setup->plan, &setup->facts, &text, err) < 0)
		return -1;
	printf("%.*s", (int)text.len, (const char *)text.data);
	return 0;
}

/* --- The run --- */

/* The program ran as the gateway's user until now, who may own it. */
static void tell_next(struct setup *setup)
{
	AUTO(openclaw_program) program = OPENCLAW_PROGRAM_INIT;
	struct error why = ERROR_INIT;

	if (setup_service_find(setup).by_systemd)
		puts("done: the gateway runs on sealed secrets, and what the plan names is "
		     "removed");
	else
		printf("done: a gateway has run on sealed secrets, and what the plan names is "
		       "removed\n"
		       "next: a unit to run it by: systemd here knows no \"%s\" yet "
		       "(bootseal-openclaw-recipes(7))\n",
		       text_printable_text(setup->unit).text);
	puts("next: issue new ones, as who could read the old ones may have kept them "
	     "(bootseal openclaw rotate-token)");
	if (openclaw_find_program(setup->options->program, &program, &why) < 0)
		printf("      with a copy of OpenClaw that is root's alone, as --program FILE: "
		       "%s\n",
		       why.message);
}

static int set_up(struct setup *setup, struct error *err)
{
	struct setup_service service;
	bool worth;

	if (look(setup, err) < 0 || check_worth(setup, &worth, err) < 0)
		return -1;
	if (!worth)
		return 0;
	if (setup_check_before(setup, err) < 0 || setup_collect(setup, err) < 0)
		return -1;
	service = setup_service_find(setup);
	if (setup_check_ahead(setup, &service, err) < 0 || show(setup, err) < 0)
		return -1;
	if (setup->options->dry_run) {
		setup_tell_unchecked(setup);
		return 0;
	}
	if (setup_confirm(setup, "Change all this?", err) < 0 ||
	    setup_carry_out(setup, &service, err) < 0)
		return -1;
	tell_next(setup);
	return setup_report_left(setup, err);
}

static int find_directory(struct setup *setup, struct error *err)
{
	const char *slash = strrchr(setup->manifest, '/');

	if (setup->manifest[0] != '/')
		return error_set(err, ERROR_USAGE, "the manifest's path must begin with \"/\"");
	setup->directory = slash == setup->manifest
				   ? strdup("/")
				   : strndup(setup->manifest, (size_t)(slash - setup->manifest));
	return setup->directory ? 0 : error_memory(err);
}

/*
 * Two at once would each take the other's work for its own. The first lock is for all setups of this host, whose manifest's
 * directory may not be there yet; the second is what other commands take.
 */
static int lock(const struct setup *setup, struct lock *all, struct lock *lock, struct error *err)
{
	AUTO_FD int fd = -1;

	if (lock_take(AT_FDCWD, LOCK_FILE, all, err) < 0)
		return -1;
	fd = open(setup->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0
				       : error_sys(err, "cannot open \"%s\"",
						   text_printable_text(setup->directory).text);
	return lock_take_directory(fd, setup->directory, lock, err);
}

/* The secrets of an instance may stand in the template, for other instances, too. */
static int check_unit_name(const char *unit, struct error *err)
{
	if (!span_ends_with(span_of_text(unit), ".service") || strchr(unit, '/') != NULL) {
		error_set(err, ERROR_USAGE, "\"%s\" is no unit's name",
			  text_printable_text(unit).text);
		return error_hint(err, "as in " UNIT);
	}
	if (strchr(unit, '@') == NULL)
		return 0;
	error_set(err, ERROR_UNSUPPORTED, "\"%s\" is an instance of a template",
		  text_printable_text(unit).text);
	return error_hint(err, "by hand: bootseal-openclaw-recipes(7)");
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct setup_options *options = invocation->options;
	AUTO(setup) setup = SETUP_INIT;
	AUTO(lock) all = LOCK_INIT;
	AUTO(lock) held = LOCK_INIT;
	bool is_before;

	setup.options = options;
	setup.survey.skip_gateway = true;
	setup.manifest = options->manifest ? options->manifest : MANIFEST_DEFAULT;
	setup.unit = options->unit ? options->unit : UNIT;
	if (options->dry_run && options->undo)
		return error_set(err, ERROR_CONFLICT, "--dry-run and --undo exclude each other");
	if (check_unit_name(setup.unit, err) < 0 || find_directory(&setup, err) < 0)
		return -1;
	if (options->dry_run)
		return set_up(&setup, err);
	if (geteuid() != 0) {
		error_set(err, ERROR_DENIED, "only root can publish what was sealed");
		return error_hint(err, "see what is to be done: --dry-run");
	}
	if (lock(&setup, &all, &held, err) < 0 || setup_recover(&setup, &is_before, err) < 0)
		return -1;
	/* that was the undoing */
	if (options->undo && is_before)
		return 0;
	return options->undo ? setup_undo(&setup, err) : set_up(&setup, err);
}

const struct command cmd_openclaw_setup = {
	.name = "openclaw setup",
	.group = "OpenClaw",
	.summary = "seal an OpenClaw's secrets; its gateway runs on them",
	.synopsis = "[--dry-run | --undo] [--yes] [--recipient KEY]... [--for USER] "
		    "[--config FILE] [--state DIRECTORY] [--unit UNIT] [OPTION...]",
	.example = "bootseal openclaw setup --for openclaw --recipient \"$(cat alice.pub)\"",
	.options = setup_options,
	.options_size = sizeof(struct setup_options),
	.run = run,
};
