/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/values.h"
#include "util/buf.h"
#include "util/text.h"

/* What is shorter stands in many a file by chance. */
#define SECRET_LEN_MIN 8

const char *const check_levels[CHECK_LEVELS] = {
	[CHECK_OK] = "ok",
	[CHECK_NOTE] = "note",
	[CHECK_PROBLEM] = "problem",
};

int check_report(struct secret *answer, enum check_level level, const char *kind, const char *where,
		 const char *what, const char *to_do, struct error *err)
{
	AUTO(buf) lines = BUF_INIT;

	if (buf_printf(&lines, err, "%s\n%s\n%s", text_printable_text(where).text, what, to_do) < 0)
		return -1;
	return values_put(answer,
			  &(struct value){ CHECK_FINDING | (uint32_t)level << CHECK_LEVEL_SHIFT,
					   span_of_text(kind), buf_span(&lines) },
			  err);
}

bool check_finding(uint32_t type, struct span name, struct span bytes,
		   struct check_finding *ret_finding)
{
	const uint32_t level = type >> CHECK_LEVEL_SHIFT;

	if ((type & ((1u << CHECK_LEVEL_SHIFT) - 1)) != CHECK_FINDING || level >= CHECK_LEVELS ||
	    !span_take_line(&bytes, &ret_finding->where) ||
	    !span_take_line(&bytes, &ret_finding->what))
		return false;
	ret_finding->level = (enum check_level)level;
	ret_finding->kind = name;
	ret_finding->to_do = bytes;
	return true;
}

int check_say(struct check *check, enum check_level level, const char *kind, const char *where,
	      const char *to_do, struct error *err, const char *format, ...)
{
	char what[CHECK_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return check_report(check->answer, level, kind, where, what, to_do, err);
}

int check_keep(struct check *check, enum check_record type, const char *where, struct span value,
	       struct error *err)
{
	value = span_trim(value);
	if (value.len < SECRET_LEN_MIN && type == CHECK_SECRET)
		return 0;
	return values_put(check->answer, &(struct value){ type, span_of_text(where), value }, err);
}

int check_note_place(struct check *check, enum check_place place, const char *file, size_t line,
		     const char *unit, struct span name, struct span value, struct error *err)
{
	AUTO(buf) lines = BUF_INIT;

	if (buf_printf(&lines, err, "%d\n%s\n%zu\n%s\n%s", (int)place,
		       text_printable_text(file).text, line, text_printable_text(unit).text,
		       text_printable(name).text) < 0)
		return -1;
	return values_put(check->answer,
			  &(struct value){ CHECK_PLACE, buf_span(&lines), span_trim(value) }, err);
}

int check_note_doubt(struct check *check, const char *file, size_t line, const char *what,
		     struct error *err)
{
	AUTO(buf) lines = BUF_INIT;

	if (buf_printf(&lines, err, "%s\n%zu", text_printable_text(file).text, line) < 0)
		return -1;
	return values_put(check->answer,
			  &(struct value){ CHECK_DOUBT, buf_span(&lines), span_of_text(what) },
			  err);
}

int check_look(struct check *check, const char *path, const struct inventory_item **ret_item,
	       struct error *err)
{
	*ret_item = inventory_find(check->inventory, path);
	if (*ret_item != NULL || names_have(&check->wanted, path))
		return 0;
	if (names_add(&check->wanted, span_of_text(path), err) < 0)
		return -1;
	return values_put(check->answer,
			  &(struct value){ CHECK_WANTED, span_of_text(path), SPAN_INIT }, err);
}

int check_list(struct check *check, const char *path, struct span *ret_names, struct error *err)
{
	const struct inventory_item *directory;

	if (check_look(check, path, &directory, err) < 0)
		return -1;
	*ret_names = directory && S_ISDIR(directory->target.st_mode)
			     ? secret_span(&directory->bytes)
			     : SPAN_INIT;
	return 0;
}

bool check_is_open_to_user(const struct check *check, const char *path)
{
	const struct inventory_item *item = inventory_find(check->inventory, path);

	if (item == NULL || !S_ISREG(item->target.st_mode))
		return false;
	if (item->rights != INVENTORY_CALLERS)
		return item->is_read && item->rights == INVENTORY_USERS;
	return item->target.st_uid == check->facts->uid || (item->target.st_mode & 004) != 0;
}

int check_look_in(struct check *check, const char *directory, const char *name,
		  const struct inventory_item **ret_item, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (buf_printf(&text, err, "%s/%s", directory, name) < 0 || buf_text(&text, &path, err) < 0)
		return -1;
	return check_look(check, path, ret_item, err);
}

void check_release(struct check *check)
{
	names_release(&check->wanted);
	names_release(&check->variables);
	names_release(&check->system_units);
	names_release(&check->user_units);
	names_release(&check->users);
	names_release(&check->others);
	names_release(&check->programs);
	for (size_t i = 0; i < CHECK_VARIABLES; i++)
		free(check->own[i]);
	free(check->port);
	config_where_release(&check->where);
	config_release(&check->config);
}

const char *check_look_up(void *argument, const char *name)
{
	static const char *const names[CHECK_VARIABLES] = {
		[CHECK_HOME] = "OPENCLAW_HOME",
		[CHECK_STATE_DIR] = "OPENCLAW_STATE_DIR",
		[CHECK_CONFIG_PATH] = "OPENCLAW_CONFIG_PATH",
		[CHECK_PORT_NUMBER] = KNOWN_PORT,
	};
	const struct check *check = argument;
	const size_t len = strlen(name);

	if (check->facts->state && strcmp(name, names[CHECK_STATE_DIR]) == 0)
		return check->facts->state;
	if (check->facts->config && strcmp(name, names[CHECK_CONFIG_PATH]) == 0)
		return check->facts->config;
	for (size_t i = 0; i < CHECK_VARIABLES; i++)
		if (strcmp(name, names[i]) == 0 && check->own[i])
			return check->own[i];
	for (const char *const *e = check->facts->environment; e != NULL && *e != NULL; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e + len + 1;
	return strcmp(name, "XDG_RUNTIME_DIR") == 0 ? check->runtime : NULL;
}

static bool is_port(double number)
{
	return number >= 1 && number <= 65535;
}

static int tell_port(struct check *check, struct error *err)
{
	const char *said = check->port ? check->port : check_look_up(check, KNOWN_PORT);
	const struct config_place *place =
		check->has_config ? config_find_place(&check->config, "gateway.port") : NULL;
	double port = check->facts->port ? check->facts->port : said ? strtod(said, NULL) : 0;
	char text[16];

	if (!is_port(port) &&
	    (place == NULL || !json5_number(config_doc(&check->config, place), place->node, &port)))
		port = 0;
	(void)snprintf(text, sizeof(text), "%d", is_port(port) ? (int)port : KNOWN_PORT_DEFAULT);
	return values_put(check->answer,
			  &(struct value){ CHECK_PORT, SPAN_INIT, span_of_text(text) }, err);
}

int check_examine(const struct inventory *inventory, const struct check_facts *facts,
		  struct secret *answer, struct error *err)
{
	AUTO(check) check = { .inventory = inventory, .facts = facts, .answer = answer };

	(void)snprintf(check.runtime, sizeof(check.runtime), "/run/user/%u", (unsigned)facts->uid);
	if (check_units(&check, err) < 0 ||
	    config_find(facts->home, check_look_up, &check, &check.where, err) < 0 ||
	    check_config(&check, err) < 0 || check_agents(&check, err) < 0 ||
	    check_settings(&check, err) < 0 || check_processes(&check, err) < 0)
		return -1;
	if (check.has_config && (check_wants(&check, err) < 0 || check_providers(&check, err) < 0))
		return -1;
	if (check_unread(&check, err) < 0 || tell_port(&check, err) < 0)
		return -1;
	return values_put(answer,
			  &(struct value){ CHECK_STATE, span_of_text(check.where.state),
					   span_of_text(check.where.config) },
			  err);
}
