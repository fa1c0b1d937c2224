/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "activate/json.h"
#include "age/armor.h"
#include "age/file.h"
#include "age/locked_file.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/repository.h"
#include "cli/sealed.h"
#include "crypto/xwing.h"
#include "keyring/who.h"
#include "util/file.h"
#include "util/text.h"

/* The longest name that widens the column of all. */
#define NAME_WIDTH_MAX 24
/* In so much, also of text, is a header. */
#define AGE_FRONT_MAX (2 * AGE_HEADER_MAX)

struct who_options {
	const char *input_type;
	bool json;
};

static const struct option_spec who_options[] = {
	{ "input-type", 0, "TYPE", "the file's format: " FORMAT_TYPES, OPTION_TEXT,
	  offsetof(struct who_options, input_type) },
	{ "json", 0, NULL, "for programs", OPTION_FLAG, offsetof(struct who_options, json) },
	{ .name = NULL },
};

/* What is told of, and who tells it. */
struct report {
	const char *file;
	struct sealed *sealed;
	struct who who;
	bool is_age;
};

static const char *const state_names[] = {
	[WHO_NOBODY] = "no",
	[WHO_MAY] = "maybe",
	[WHO_OPENS] = "yes",
};

static const struct age_identity *identity_of(const struct report *report, size_t index)
{
	return &report->sealed->identities.items[index];
}

static struct text_shown source_of(const struct report *report, size_t index)
{
	return text_printable_text(identity_of(report, index)->source);
}

static int put_none(const struct report *report, const struct who_key *key, struct buf *text,
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
static int put_reason(const struct report *report, const struct who_key *key, struct buf *text,
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

static int put_key(const struct report *report, const struct who_key *key, int width,
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

static int put_keys(const struct report *report, struct buf *text, struct error *err)
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
static int spell(const struct report *report, size_t index, struct buf *spelled,
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

static int put_identities(const struct report *report, struct buf *text, struct error *err)
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
static int put_problems(const struct report *report, struct buf *text, struct error *err)
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

static int write_text(const struct report *report, struct buf *text, struct error *err)
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

static int json_one_key(const struct report *report, const struct who_key *key, struct secret *out,
			struct error *err)
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

static int json_one_identity(const struct report *report, size_t index, struct secret *out,
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

static int json_lists(const struct report *report, struct json_object *object, struct secret *out,
		      struct error *err)
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

static int write_json(const struct report *report, struct buf *text, struct error *err)
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

static int look_at_age(struct report *report, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(buf) binary = BUF_INIT;

	if (age_read_header(secret_span(&report->sealed->text), &binary, &header, err) < 0)
		return -1;
	return who_of_age(&header, &report->sealed->identities, sealed_names(report->sealed),
			  &report->who, err);
}

static int look_at_sops(struct report *report, const struct sops_opener *opener, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(sops_meta) meta = SOPS_META_INIT;

	if (doc_parse(report->sealed->format, &report->sealed->text, DOC_SEALED, &doc, err) < 0 ||
	    sops_meta_read(&doc, &meta, err) < 0)
		return -1;
	return who_of_sops(&meta, opener, sealed_names(report->sealed), &report->who, err);
}

static int make(struct report *report, bool json, struct buf *text, struct error *err)
{
	struct sops_opener opener;

	if (sealed_opener(report->sealed, &opener, err) < 0)
		return -1;
	report->is_age = sealed_is_age(report->sealed);
	if ((report->is_age ? look_at_age(report, err) : look_at_sops(report, &opener, err)) < 0)
		return error_wrap(err, "cannot look at \"%s\"",
				  text_printable_text(report->file).text);
	return json ? write_json(report, text, err) : write_text(report, text, err);
}

static void report_release(struct report *report)
{
	who_release(&report->who);
}

/* Up to len bytes, behind what there is. */
static int read_up_to(int fd, const char *name, size_t len, struct secret *text, struct error *err)
{
	ssize_t got = 1;

	if (secret_grow(text, len - text->len, err) < 0)
		return -1;
	while (text->len < len && got != 0) {
		got = read(fd, text->data + text->len, len - text->len);
		if (got < 0 && errno != EINTR)
			return error_sys(err, "cannot read \"%s\"", text_printable_text(name).text);
		text->len += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

/* Of an age file, which may be of any size, the header is enough. */
static int read_text(const char *file, struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) rest = SECRET_INIT;
	AUTO_FD int fd = -1;

	if (input_open(file, &fd, err) < 0 ||
	    read_up_to(fd, input_name(file), AGE_ARMOR_PEEK, &text, err) < 0)
		return -1;
	if (age_locked_file_likely(span_trim(secret_span(&text)))) {
		if (read_up_to(fd, input_name(file), AGE_FRONT_MAX, &text, err) < 0)
			return -1;
	} else if (file_read_fd(fd, input_name(file), DOC_TEXT_MAX, &rest, err) < 0 ||
		   secret_append_span(&text, secret_span(&rest), err) < 0) {
		return -1;
	}
	*ret_text = secret_move(&text);
	return 0;
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct who_options *options = invocation->options;
	AUTO(sealed) sealed = SEALED_INIT;
	AUTO(output) output = OUTPUT_INIT;
	AUTO(report) report = { input_name(invocation->args[0]), &sealed, WHO_INIT, false };
	AUTO(secret) file = SECRET_INIT;
	AUTO(buf) text = BUF_INIT;
	enum doc_format format;

	repository_look(invocation->args[0]);
	if (sealed_format(invocation->args[0], options->input_type, &format, err) < 0 ||
	    read_text(invocation->args[0], &file, err) < 0 ||
	    sealed_take(invocation->args[0], format, &file, &sealed, err) < 0 ||
	    output_open(NULL, OUTPUT_PUBLIC, &output, err) < 0 ||
	    output_sandbox(&output, err) < 0 || make(&report, options->json, &text, err) < 0 ||
	    output_write(&output, buf_span(&text), err) < 0)
		return -1;
	if (report.who.state != WHO_NOBODY)
		return 0;
	return error_set(err, ERROR_NO_KEY, "no identity here opens \"%s\"",
			 text_printable_text(report.file).text);
}

const struct command cmd_keys_who = {
	.name = "keys who",
	.group = "keys",
	.summary = "tell who opens a file, and whether one of the keys here does",
	.synopsis = "[--json] [--input-type TYPE] FILE",
	.example = "bootseal keys who secrets/web1.yaml",
	.options = who_options,
	.options_size = sizeof(struct who_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
