/* SPDX-License-Identifier: MIT */
/* A user unit as a system unit. */
#include <string.h>

#include "openclaw/edit.h"
#include "openclaw/settings.h"

static const char *const taken[] = {
	"Unit.Description",
	"Unit.StartLimitBurst",
	"Unit.StartLimitIntervalSec",
	"Service.Type",
	"Service.ExecStart",
	"Service.WorkingDirectory",
	"Service.Environment",
	"Service.Restart",
	"Service.RestartSec",
	"Service.RestartPreventExitStatus",
	"Service.SuccessExitStatus",
	"Service.TimeoutStopSec",
	"Service.KillMode",
	"Service.OOMPolicy",
	"Service.UMask",
	"Service.NoNewPrivileges",
};

/* Not the user's own After= and Wants=: any unit can stand there, and root's systemd would start it. */
static const char network[] = "After=network-online.target\nWants=network-online.target\n";

static bool is_taken(const struct unit_line *line)
{
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		const struct span name = span_of_text(taken[i]);

		if (span_equal(span_slice(name, 0, line->section.len), line->section) &&
		    span_equal_text(span_slice(name, line->section.len, 1), ".") &&
		    span_equal(span_slice(name, line->section.len + 1, name.len), line->key))
			return true;
	}
	return false;
}

static bool is_words(const struct unit_line *line)
{
	return span_equal_text(line->key, "Environment") || span_equal_text(line->key, "ExecStart");
}

/* Of a command's first word, its program, systemd takes none of these, however they are spelled; "$" is no variable there. */
static int check_program(const char *home, struct error *err)
{
	if (strpbrk(home, "\"'\\") == NULL)
		return 0;
	return error_set(err, ERROR_UNSUPPORTED,
			 "systemd starts no program with a quote or backslash in its path, and the "
			 "home has one");
}

/* systemd puts it in its place when words are taken apart already: what is in it ends none. */
static int put_home(const struct unit_line *line, size_t at, const char *home, struct secret *out,
		    struct error *err)
{
	const struct span text = span_of_text(home);
	const struct span before = span_slice(secret_span(&line->value), 0, at);
	const bool is_command = span_equal_text(line->key, "ExecStart");
	const bool is_program = is_command && at == 0;
	AUTO(buf) spelled = BUF_INIT;

	if (is_command && at > 0 && !memchr(before.data, ' ', at) && !memchr(before.data, '\t', at))
		return error_set(err, ERROR_CONFIG, "a specifier (%%) within the program's path");
	if ((is_program && check_program(home, err) < 0) ||
	    (is_words(line) ? unit_spell_word(text, is_command && !is_program, &spelled, err)
			    : unit_spell_line(text, &spelled, err)) < 0)
		return -1;
	return secret_append_span(out, buf_span(&spelled), err);
}

/* "%h" is the home: of a system unit it would be root's. "%%" stays. */
static int put_value(const struct unit_line *line, const char *home, struct secret *out,
		     struct error *err)
{
	const struct span value = secret_span(&line->value);

	for (size_t i = 0; i < value.len; i++) {
		const uint8_t next = i + 1 < value.len ? value.data[i + 1] : 0;

		/* some of these would end the line */
		if ((value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] == 0x7f)
			return error_set(err, ERROR_CONFIG, "a control character");
		if (value.data[i] != '%') {
			if (secret_append(out, &value.data[i], 1, err) < 0)
				return -1;
			continue;
		}
		if (next != '%' && next != 'h')
			return error_set(err, ERROR_CONFIG, "a specifier (%%) that is not known");
		if ((next == '%' ? secret_append_text(out, "%%", err)
				 : put_home(line, i, home, out, err)) < 0)
			return -1;
		i++;
	}
	return 0;
}

static bool is_blank_at(struct span text, size_t i)
{
	return i >= text.len || text.data[i] == ' ' || text.data[i] == '\t';
}

/* A ";" alone begins another command, which may have a prefix of its own. */
static bool has_second_command(struct span value)
{
	for (size_t i = 1; i < value.len; i++)
		if (value.data[i] == ';' && is_blank_at(value, i - 1) && is_blank_at(value, i + 1))
			return true;
	return false;
}

/* With other rights than those of User= is what a prefix says: "+", and others. */
static int check_command(struct span value, struct error *err)
{
	if (value.len > 0 && value.data[0] != '/' && !span_starts_with(value, "%h/"))
		return error_set(err, ERROR_CONFIG, "a command that does not begin with \"/\"");
	return has_second_command(value) ? error_set(err, ERROR_CONFIG, "a second command") : 0;
}

static bool ends_otherwise(struct span text)
{
	return span_ends_with(text, " ") || span_ends_with(text, "\\");
}

static int put_line(const struct unit_line *line, const char *home, struct secret *out,
		    struct error *err)
{
	const struct span value = secret_span(&line->value);

	if (span_equal_text(line->key, "ExecStart") && check_command(value, err) < 0)
		return -1;
	if (secret_append_span(out, line->key, err) < 0 || secret_append_text(out, "=", err) < 0 ||
	    put_value(line, home, out, err) < 0)
		return -1;
	/* it would be another one, or go on in the next line */
	if (!is_words(line) && ends_otherwise(secret_span(out)))
		return error_set(err, ERROR_UNSUPPORTED,
				 "%.*s= with a home that ends with a blank or backslash",
				 SPAN_PRINT(line->key));
	return secret_append_text(out, "\n", err);
}

/* The settings of one section, in order. */
static int put_section(struct span text, const char *section, const char *home, struct secret *out,
		       struct error *err)
{
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text unit = { .rest = text };
	bool more;

	if (secret_append_text(out, "[", err) < 0 || secret_append_text(out, section, err) < 0 ||
	    secret_append_text(out, "]\n", err) < 0)
		return -1;
	for (;;) {
		if (unit_take(&unit, &line, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (span_equal_text(line.section, section) && is_taken(&line) &&
		    put_line(&line, home, out, err) < 0)
			return error_wrap(err, "line %zu", line.line);
	}
}

int edit_system_unit(struct span text, const char *home, struct secret *ret_text, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;

	if (edit_unit(text, &plain, err) < 0 ||
	    secret_append_text(&out, "# A user unit of before: bootseal openclaw setup\n", err) <
		    0 ||
	    put_section(secret_span(&plain), "Unit", home, &out, err) < 0 ||
	    secret_append_text(&out, network, err) < 0 ||
	    put_section(secret_span(&plain), "Service", home, &out, err) < 0 ||
	    secret_append_text(&out, "[Install]\nWantedBy=multi-user.target\n", err) < 0)
		return -1;
	*ret_text = secret_move(&out);
	return 0;
}
