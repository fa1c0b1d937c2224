/* SPDX-License-Identifier: MIT */
/* What the files of a check share. */
#ifndef OPENCLAW_CHECK_INTERNAL_H
#define OPENCLAW_CHECK_INTERNAL_H

#include "openclaw/check.h"
#include "openclaw/config.h"
#include "openclaw/settings.h"

enum check_variable { CHECK_HOME, CHECK_STATE_DIR, CHECK_CONFIG_PATH, CHECK_PORT_NUMBER };

#define CHECK_VARIABLES 4
#define CHECK_TEXT_MAX 512

struct check {
	const struct inventory *inventory;
	const struct check_facts *facts;
	struct secret *answer;
	struct names wanted;    /* and not there yet */
	struct names variables; /* names of secrets that the gateway gets from its environment */
	char *own[CHECK_VARIABLES]; /* what a unit sets; NULL: nothing */
	char *port;       /* of the unit's command, which comes before its variable; NULL: none */
	char runtime[32]; /* the user's XDG_RUNTIME_DIR, where nothing says another */
	struct config_where where;
	struct config config;
	/* that run OpenClaw, by what they say: root's, and the user's, which may have the names of others of root's */
	struct names system_units, user_units;
	struct names users;    /* of root's that name its user */
	struct names others;   /* or another one */
	struct names programs; /* that need no reading */
	bool has_config;
	bool has_user, has_system_unit; /* User= was said; of the unit that a setup is for */
};

void check_release(struct check *check);

/* One that was looked at. *ret_item is NULL, and path wanted, where it was not yet. */
MUST_USE int check_look(struct check *check, const char *path,
			const struct inventory_item **ret_item, struct error *err);
/* The names in a directory, each with a NUL behind it; SPAN_INIT where there is none yet, or it is none. */
MUST_USE int check_list(struct check *check, const char *path, struct span *ret_names,
			struct error *err);
/* check_environment.c: each file of a directory of settings (*.conf). */
MUST_USE int check_each_conf(struct check *check, const char *directory,
			     int (*look)(struct check *check, const char *path, struct error *err),
			     struct error *err);
/* The same of DIRECTORY/NAME. */
MUST_USE int check_look_in(struct check *check, const char *directory, const char *name,
			   const struct inventory_item **ret_item, struct error *err);
/*
 * May the gateway's user read it by himself? What he may not must not reach him through us: he says what is read, and
 * the token goes to his gateway.
 */
bool check_is_open_to_user(const struct check *check, const char *path);
/* What counts for OpenClaw: what a unit sets, or the environment it is started from. argument is a struct check. */
const char *check_look_up(void *argument, const char *name);
/* A finding whose "what" is printed. */
MUST_USE int check_say(struct check *check, enum check_level level, const char *kind,
		       const char *where, const char *to_do, struct error *err, const char *format,
		       ...) PRINTF_LIKE(7, 8);
/* A value that should be nowhere else: what is short, or no secret, is passed over. */
MUST_USE int check_keep(struct check *check, enum check_record type, const char *where,
			struct span value, struct error *err);

/* A place for a plan; what is no file's own text is passed over. */
MUST_USE int check_note_place(struct check *check, enum check_place place, const char *file,
			      size_t line, const char *unit, struct span name, struct span value,
			      struct error *err);
/* No finding, but what a plan cannot rest on. */
MUST_USE int check_note_doubt(struct check *check, const char *file, size_t line, const char *what,
			      struct error *err);

/* check_units.c: units and their drop-ins. */
MUST_USE int check_units(struct check *check, struct error *err);
/* check_find.c: which units run OpenClaw, and as whom. */
MUST_USE int check_find_units(struct check *check, struct error *err);
/* check_unread.c: what could not be read, and what the gateway's user could not. */
MUST_USE int check_unread(struct check *check, struct error *err);
/* Is it one whose settings say what runs? */
bool check_is_service(struct span section);
/* check_unit.c: one of them. */
MUST_USE int check_unit(struct check *check, const struct inventory_item *item, struct error *err);
/* check_environment.c: the files of variables that a unit names, and those that hold for all units of a user. */
MUST_USE int check_environment_file(struct check *check, const struct inventory_item *unit,
				    const struct unit_line *line, struct error *err);
/* Appends value as systemd reads it in that unit; *ret_known is false where it has a specifier that is not known. */
MUST_USE int check_put_specifiers(const struct check *check, const char *unit, struct span value,
				  struct buf *text, bool *ret_known, struct error *err);
MUST_USE int check_environments(struct check *check, struct error *err);
/* check_refuse.c: findings of kind "refuse", which stop a setup; for others nothing. */
MUST_USE int check_refuse_setting(struct check *check, const char *path,
				  const struct unit_line *line, struct error *err);
MUST_USE int check_refuse_comments(struct check *check, const struct inventory_item *item,
				   struct error *err);
MUST_USE int check_refuse_path(struct check *check, const char *unit, const struct unit_line *line,
			       struct error *err);
MUST_USE int check_refuse_file(struct check *check, const char *unit, const char *path,
			       struct error *err);
MUST_USE int check_refuse_user_settings(struct check *check, struct error *err);
MUST_USE int check_refuse_shared(struct check *check, const struct inventory_item *item,
				 struct error *err);
/* path was named by root, if the unit is his. */
MUST_USE int check_trust(struct check *check, const struct inventory_item *unit, const char *path,
			 struct error *err);
/* Of a place that we name, where root alone can have put it. */
MUST_USE int check_trust_path(struct check *check, const char *path, struct error *err);
/* As User= has it, by name or number. */
bool check_is_users(const struct check *check, struct span name);
bool check_is_user_unit(const char *path);

/* check_settings.c: a file of variables, which unit (NULL: none) names; .env and other files of variables; /proc/PID/environ, the journal. */
MUST_USE int check_settings_file(struct check *check, const char *path, const char *unit,
				 const char *to_do, struct error *err);
MUST_USE int check_settings(struct check *check, struct error *err);
MUST_USE int check_processes(struct check *check, struct error *err);
/* check_config.c: the configuration, and its backups. */
MUST_USE int check_config(struct check *check, struct error *err);
/* What may be a variable instead, all of which are known by then: its token, and those of its channels. */
MUST_USE int check_wants(struct check *check, struct error *err);
/* check_secret.c: its secrets. */
MUST_USE int check_secrets(struct check *check, struct error *err);
/* A file that holds nothing but a secret; where names it. */
MUST_USE int check_secret_file(struct check *check, const char *path, const char *where,
			       struct error *err);
/* "FILE: the.path" */
MUST_USE int check_name_place(const struct config *config, const struct config_place *place,
			      struct buf *text, const char **ret_where, struct error *err);
/* Of one in plain text; empty: it is none. */
struct span check_plain_value(const struct config *config, const struct config_place *place);
/* check_agents.c: the keys and models that it keeps for each agent. */
MUST_USE int check_agents(struct check *check, struct error *err);
/* check_provider.c: what the providers of SecretRefs name. */
MUST_USE int check_providers(struct check *check, struct error *err);
/* The secret that the SecretRef stands for, where that is a file which was read; empty: it is not known. */
MUST_USE int check_resolve(struct check *check, const struct config_reference *reference,
			   struct secret *ret_value, struct error *err);

#endif
