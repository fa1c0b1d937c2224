/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "age/armor.h"
#include "age/file.h"
#include "age/locked_file.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/repository.h"
#include "cli/who_report.h"
#include "util/file.h"
#include "util/text.h"

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

static int look_at_age(struct who_report *report, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(buf) binary = BUF_INIT;

	if (age_read_header(secret_span(&report->sealed->text), &binary, &header, err) < 0)
		return -1;
	return who_of_age(&header, &report->sealed->identities, sealed_names(report->sealed),
			  &report->who, err);
}

static int look_at_sops(struct who_report *report, const struct sops_opener *opener,
			struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(sops_meta) meta = SOPS_META_INIT;

	if (doc_parse(report->sealed->format, &report->sealed->text, DOC_SEALED, &doc, err) < 0 ||
	    sops_meta_read(&doc, &meta, err) < 0)
		return -1;
	return who_of_sops(&meta, opener, sealed_names(report->sealed), &report->who, err);
}

static int make(struct who_report *report, bool json, struct buf *text, struct error *err)
{
	struct sops_opener opener;

	if (sealed_opener(report->sealed, &opener, err) < 0)
		return -1;
	report->is_age = sealed_is_age(report->sealed);
	if ((report->is_age ? look_at_age(report, err) : look_at_sops(report, &opener, err)) < 0)
		return error_wrap(err, "cannot look at \"%s\"",
				  text_printable_text(report->file).text);
	return json ? who_report_json(report, text, err) : who_report_text(report, text, err);
}

static void who_report_release(struct who_report *report)
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
	AUTO(who_report) report = { input_name(invocation->args[0]), &sealed, WHO_INIT, false };
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
