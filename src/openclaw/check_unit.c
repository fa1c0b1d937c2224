/* SPDX-License-Identifier: MIT */
/* A unit of systemd: what of an OpenClaw's secrets stands in it, or in files that it names. */
#include <stdlib.h>
#include <string.h>

#include "activate/values.h"
#include "check.h"
#include "openclaw/settings.h"
#include "util/buf.h"
#include "util/text.h"

static const char move_to_file[] = "take it out, give the gateway a SecretRef of source file "
				   "(bootseal-openclaw-check(1)), and issue "
				   "a new one: others may read units";

/* A setting with words in it. */
struct command {
	struct check *check;
	const struct inventory_item *unit;
	const struct unit_line *line;
	struct secret before; /* the word before this one */
	bool is_script;       /* a word of the command's, which is a command itself */
};

/* One that names another place than it says would be worse than none. */
static int set_own(struct check *check, const char *path, size_t line, struct span value,
		   char **ret_own, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *own;
	bool is_known;

	if (check_put_specifiers(check, path, value, &text, &is_known, err) < 0)
		return -1;
	if (!is_known)
		return check_note_doubt(check, path, line, "a specifier that is not known", err);
	if (buf_text(&text, &own, err) < 0)
		return -1;
	free(*ret_own);
	*ret_own = strdup(own);
	return *ret_own ? 0 : error_memory(err);
}

/* OPENCLAW_HOME and the like, where a unit sets them. */
static int take_own(struct check *check, const char *path, size_t line, struct span word,
		    struct error *err)
{
	static const char *const prefixes[CHECK_VARIABLES] = {
		[CHECK_HOME] = "OPENCLAW_HOME=",
		[CHECK_STATE_DIR] = "OPENCLAW_STATE_DIR=",
		[CHECK_CONFIG_PATH] = "OPENCLAW_CONFIG_PATH=",
		[CHECK_PORT_NUMBER] = KNOWN_PORT "=",
	};

	for (size_t i = 0; i < CHECK_VARIABLES; i++) {
		const size_t len = strlen(prefixes[i]);

		if (!span_starts_with(word, prefixes[i]))
			continue;
		return set_own(check, path, line, span_slice(word, len, word.len), &check->own[i],
			       err);
	}
	return 0;
}

/* --- Environment= --- */

static int say_variable(struct check *check, const char *path, size_t line, struct span name,
			struct error *err)
{
	return check_say(check, CHECK_PROBLEM, "unit-plaintext", path, move_to_file, err,
			 "line %zu: Environment= holds %s in plain text", line,
			 text_printable(name).text);
}

static int check_variable(void *argument, struct span word, struct error *err)
{
	const struct command *command = argument;
	struct check *check = command->check;
	const char *path = command->unit->path;
	const size_t line = command->line->line;
	struct span name, value;

	if (!known_split(word, &name, &value))
		return 0;
	if (take_own(check, path, line, word, err) < 0)
		return -1;
	if (value.len == 0 || (!known_variable(name) && !known_value(value)))
		return 0;
	if (check_keep(check, CHECK_SECRET, path, value, err) < 0 ||
	    (known_variable(name) &&
	     (names_add_once(&check->variables, text_printable(name).text, err) < 0 ||
	      check_note_place(check, CHECK_IN_UNIT, path, line, path, name, value, err) < 0)))
		return -1;
	return say_variable(check, path, line, name, err);
}

/* An empty one takes back all those before it. */
static int take_back(struct check *check, const char *path, size_t line, struct error *err)
{
	AUTO(buf) lines = BUF_INIT;

	for (size_t i = 0; i < CHECK_VARIABLES; i++) {
		free(check->own[i]);
		check->own[i] = NULL;
	}
	if (buf_printf(&lines, err, "%s\n%zu", text_printable_text(path).text, line) < 0)
		return -1;
	return values_put(check->answer,
			  &(struct value){ CHECK_RESET, buf_span(&lines), SPAN_INIT }, err);
}

/* --- Commands --- */

/* Files of the Nix store are readable for all, and stay; programs of JavaScript only speak of variables. */
static int look_into_store(struct check *check, struct span word, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (!span_starts_with(word, "/nix/store/") || span_ends_with(word, "js") ||
	    memchr(word.data, '\0', word.len))
		return 0;
	if (buf_append_span(&text, word, err) < 0 || buf_text(&text, &path, err) < 0)
		return -1;
	return check_settings_file(
		check, path, NULL,
		"take it out of the Nix expression, and issue a new one: the store is "
		"readable for all",
		err);
}

/* A container's "--env-file", and a "--password-file". */
static int look_into_file(const struct command *command, struct span option, struct span name,
			  struct error *err)
{
	struct check *check = command->check;
	const struct inventory_item *unit = command->unit;
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (!span_starts_with(option, "-") || !span_starts_with(name, "/") ||
	    !span_ends_with(option, "-file") || memchr(name.data, '\0', name.len))
		return 0;
	if (buf_append_span(&text, name, err) < 0 || buf_text(&text, &path, err) < 0 ||
	    check_trust(check, unit, path, err) < 0)
		return -1;
	if (span_ends_with(option, "env-file"))
		return check_settings_file(check, path, NULL,
					   "give the gateway a SecretRef of source file instead",
					   err);
	return known_sound(option) ? check_secret_file(check, path, unit->path, err) : 0;
}

static int take_port(struct check *check, struct span port, struct error *err)
{
	free(check->port);
	check->port = strndup((const char *)port.data, port.len);
	return check->port ? 0 : error_memory(err);
}

static int check_words(const struct command *whole, struct span words, bool is_script,
		       struct error *err);

static int check_word(const struct command *command, struct span before, struct span word,
		      struct error *err)
{
	struct span option = before, name = word, secret;
	struct check *check = command->check;

	if (look_into_store(check, word, err) < 0 ||
	    (span_equal_text(before, "--port") && word.len > 0 && take_port(check, word, err) < 0))
		return -1;
	if (span_starts_with(word, "-"))
		(void)known_split(word, &option, &name);
	if (look_into_file(command, option, name, err) < 0)
		return -1;
	/* "sh -c 'KEY=… command'" */
	if (!command->is_script && word.len > 0 && memchr(word.data, ' ', word.len) != NULL)
		return check_words(command, word, true, err);
	secret = known_argument(before, word);
	if (secret.len == 0)
		return 0;
	if (check_keep(check, CHECK_SECRET, command->unit->path, secret, err) < 0)
		return -1;
	return check_say(check, CHECK_PROBLEM, "unit-argument", command->unit->path, move_to_file,
			 err, "line %zu: %s= gives a secret in plain text to a command",
			 command->line->line, text_printable(command->line->key).text);
}

static int check_next(void *argument, struct span word, struct error *err)
{
	struct command *command = argument;

	if (check_word(command, secret_span(&command->before), word, err) < 0)
		return -1;
	secret_truncate(&command->before, 0);
	return secret_append_span(&command->before, word, err);
}

static int check_words(const struct command *whole, struct span words, bool is_script,
		       struct error *err)
{
	struct command command = *whole;
	int result;

	command.is_script = is_script;
	command.before = SECRET_INIT;
	result = unit_each_word(words, check_next, &command, err);
	secret_release(&command.before);
	return result;
}

/* --- Credentials --- */

/* "ID:PATH"; a name without a directory is one of the credential store. */
static int check_credential(struct check *check, const struct inventory_item *unit,
			    const struct unit_line *line, struct error *err)
{
	static const char *const stores[] = { "", "/etc/credstore/", "/run/credstore/",
					      "/usr/lib/credstore/" };
	struct span path = secret_span(&line->value), id = SPAN_INIT;
	const bool is_absolute = span_take_until(&path, ':', &id) && span_starts_with(path, "/");

	if (path.len == 0)
		path = id;
	if (path.len == 0 || memchr(path.data, '\0', path.len) || memchr(path.data, '%', path.len))
		return 0;
	for (size_t i = is_absolute ? 0 : 1;
	     i < (is_absolute ? 1 : sizeof(stores) / sizeof(*stores)); i++) {
		AUTO(buf) text = BUF_INIT;
		const char *name;

		if (buf_append_text(&text, stores[i], err) < 0 ||
		    buf_append_span(&text, path, err) < 0 || buf_text(&text, &name, err) < 0 ||
		    check_trust(check, unit, name, err) < 0 ||
		    check_secret_file(check, name, unit->path, err) < 0)
			return -1;
	}
	return 0;
}

static int check_literal(struct check *check, const char *path, const struct unit_line *line,
			 struct error *err)
{
	if (line->value.len == 0)
		return 0;
	return check_say(check, CHECK_PROBLEM, "unit-credential", path,
			 "LoadCredential= from a bootseal socket instead "
			 "(bootseal-credentials(8))",
			 err, "line %zu: SetCredential= holds a secret in plain text", line->line);
}

/* --- All of it --- */

bool check_is_service(struct span section)
{
	return span_equal_text(section, "Service") || span_equal_text(section, "Container") ||
	       span_equal_text(section, "Manager");
}

static int check_setting(struct check *check, const struct inventory_item *item,
			 const struct unit_line *line, struct error *err)
{
	struct command command = { check, item, line, SECRET_INIT, false };
	const struct span value = secret_span(&line->value);

	if (check_refuse_setting(check, item->path, line, err) < 0)
		return -1;
	if (span_equal_text(line->key, "Environment") ||
	    span_equal_text(line->key, "DefaultEnvironment") ||
	    span_equal_text(line->key, "ManagerEnvironment"))
		return value.len == 0 ? take_back(check, item->path, line->line, err)
				      : unit_each_word(value, check_variable, &command, err);
	if (span_equal_text(line->key, "EnvironmentFile"))
		return check_environment_file(check, item, line, err);
	if (span_equal_text(line->key, "SetCredential"))
		return check_literal(check, item->path, line, err);
	if (span_equal_text(line->key, "LoadCredential"))
		return check_credential(check, item, line, err);
	if (span_starts_with(line->key, "Exec") || span_equal_text(line->key, "PodmanArgs"))
		return check_words(&command, value, false, err);
	return 0;
}

/* In a unit that others may read, a line that was put out of use is as good as one in use. */
static int check_comments(struct check *check, const struct inventory_item *item, struct error *err)
{
	struct span rest = secret_span(&item->bytes), line;
	size_t number = 0;

	while (check->facts->unit == NULL && span_take_line(&rest, &line)) {
		bool has;

		number++;
		line = span_trim(line);
		if (!span_starts_with(line, "#") && !span_starts_with(line, ";"))
			continue;
		if (line_tells_secret(line, &has, err) < 0 ||
		    (has &&
		     check_say(check, CHECK_PROBLEM, "unit-comment", item->path,
			       "take it out, and issue a new one", err,
			       "line %zu: a comment that seems to hold a secret", number) < 0))
			return -1;
	}
	return 0;
}

int check_unit(struct check *check, const struct inventory_item *item, struct error *err)
{
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text text = { .rest = secret_span(&item->bytes) };
	const char *doubt;
	size_t doubtful;
	bool more;

	if (check_trust(check, item, item->path, err) < 0 ||
	    check_refuse_comments(check, item, err) < 0 || check_comments(check, item, err) < 0 ||
	    unit_doubt(text.rest, &doubt, &doubtful, err) < 0 ||
	    (doubt != NULL && check_note_doubt(check, item->path, doubtful, doubt, err) < 0))
		return -1;
	for (;;) {
		if (unit_take(&text, &line, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (check_is_service(line.section) && check_setting(check, item, &line, err) < 0)
			return -1;
	}
}
