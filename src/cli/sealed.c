/* SPDX-License-Identifier: MIT */
#include "cli/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "age/locked_file.h"
#include "cli/input.h"
#include "cli/prompt.h"
#include "cli/repository.h"
#include "keyring/root.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

/* What tells an age file from others stands in its first bytes, perhaps behind white space. */
#define AGE_PEEK 1100

int sealed_format(const char *shown, const char *type, enum doc_format *ret_format,
		  struct error *err)
{
	if (!type)
		*ret_format = input_is_dash(shown) ? DOC_BINARY : doc_format_of_name(shown);
	else if (!doc_format_of_type(type, ret_format))
		return error_set(err, ERROR_USAGE, "\"%s\" is no format: it is " FORMAT_TYPES,
				 text_printable_text(type).text);
	return 0;
}

int sealed_formats(const char *shown, const char *input_type, const char *output_type,
		   struct formats *ret_formats, struct error *err)
{
	if (sealed_format(shown, input_type, &ret_formats->input, err) < 0 ||
	    sealed_format(shown, output_type, &ret_formats->output, err) < 0)
		return -1;
	/* the name says nothing: it stays what it is */
	if (!output_type && ret_formats->output == DOC_BINARY)
		ret_formats->output = ret_formats->input;
	return 0;
}

bool sealed_is_age(const struct sealed *sealed)
{
	return age_locked_file_likely(
		span_trim(span_slice(secret_span(&sealed->text), 0, AGE_PEEK)));
}

/* The recipients, parsed in a child without files: ours still has to start programs. */
static int list_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct sealed *sealed = argument;

	return sops_list_recipients(sealed->format, &sealed->text, ret_answer, err);
}

static int run_commands(struct sealed *sealed, struct error *err)
{
	AUTO(secret) recipients = SECRET_INIT;

	if (!keyring_identities_have_commands())
		return 0;
	if (sealed_is_age(sealed))
		return buf_printf(&sealed->sources.problems, err,
				  "%sno program that prints keys was run: an age file does not "
				  "tell the recipient that it is to be given",
				  sealed->sources.problems.len > 0 ? "; " : "");
	if (child_job(list_job, sealed, &recipients, err) < 0)
		return error_wrap(err, "cannot open \"%s\"",
				  text_printable_text(input_name(sealed->name)).text);
	return keyring_identities_run(&sealed->sources, secret_span(&recipients), err);
}

/* Names are a help in messages: that there are none, or that they cannot be read, is no error. */
void sealed_read_names(struct sealed *sealed)
{
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;
	struct error ignored = ERROR_INIT;

	if (keyring_root_find(NULL, &root, &ignored) == 0 &&
	    keyring_read(root.fd, &sealed->keyring, &ignored) < 0)
		keyring_release(&sealed->keyring);
}

int sealed_gather(struct sealed *sealed, struct error *err)
{
	if (keyring_identities_gather(&sealed->sources, err) < 0)
		return -1;
	input_warn(buf_span(&sealed->sources.warnings));
	(void)prompt_open(&sealed->prompt);
	return 0;
}

/* Programs can only be started before the sandbox is entered. */
static int prepare_programs(struct sealed *sealed, struct error *err)
{
	if (!keyring_programs_are_needed(secret_span(&sealed->text)) &&
	    !keyring_programs_are_needed_for(&sealed->sources))
		return 0;
	return keyring_programs_start(&sealed->programs, err);
}

int sealed_take(const char *name, enum doc_format format, struct secret *text,
		struct sealed *ret_sealed, struct error *err)
{
	AUTO(sealed) sealed = SEALED_INIT;

	sealed.name = name;
	sealed.format = format;
	sealed.text = secret_move(text);
	if (sealed_set_order(&sealed, NULL, err) < 0 || sealed_gather(&sealed, err) < 0 ||
	    run_commands(&sealed, err) < 0 || prepare_programs(&sealed, err) < 0)
		return -1;
	sealed_read_names(&sealed);
	*ret_sealed = sealed;
	sealed = SEALED_INIT;
	return 0;
}

int sealed_read(const char *name, enum doc_format format, struct sealed *ret_sealed,
		struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	repository_look(name);
	return input_read(name, DOC_TEXT_MAX, &text, err) < 0
		       ? -1
		       : sealed_take(name, format, &text, ret_sealed, err);
}

static int refuse_stdin(const char *name, struct error *err)
{
	return input_is_dash(name) ? error_set(err, ERROR_USAGE,
					       "a file is needed, stdin cannot be changed in place")
				   : 0;
}

int sealed_read_early(const char *name, enum doc_format format, struct sealed *ret_sealed,
		      struct error *err)
{
	return refuse_stdin(name, err) < 0 ? -1 : sealed_read(name, format, ret_sealed, err);
}

int sealed_read_again(struct sealed *sealed, struct error *err)
{
	secret_release(&sealed->text);
	return input_read(sealed->name, DOC_TEXT_MAX, &sealed->text, err);
}

int sealed_set_order(struct sealed *sealed, const char *option, struct error *err)
{
	const char *environment = getenv("SOPS_DECRYPTION_ORDER");

	return sops_order_parse(option        ? option
				: environment ? environment
					      : "",
				&sealed->order, err);
}

/* Nothing opened it: what was wrong with our keys. */
static void explain_no_key(struct sealed *sealed, struct error *err)
{
	struct error ignored = ERROR_INIT;
	const char *problems;

	if (sealed->sources.problems.len > 0 &&
	    buf_text(&sealed->sources.problems, &problems, &ignored) == 0) {
		const struct error before = *err;

		(void)error_set(err, before.kind, "%s; %s", before.message, problems);
	}
	(void)error_hint(err, "name a key of one of them in SOPS_AGE_KEY_FILE or "
			      "SOPS_AGE_SSH_PRIVATE_KEY_FILE; \"bootseal keys who\" tells more");
}

/* Names are parsed when the first is asked for. */
static bool has_names(struct sealed *sealed)
{
	struct error ignored = ERROR_INIT;

	if (!sealed->named)
		sealed->named = keyring_parse(&sealed->keyring, &ignored) == 0;
	return sealed->named;
}

const struct keyring *sealed_names(struct sealed *sealed)
{
	/* where they cannot be parsed there are none */
	(void)has_names(sealed);
	return &sealed->keyring;
}

const char *sealed_name_of(struct sealed *sealed, struct span recipient)
{
	const struct keyring_name *owner =
		has_names(sealed) ? keyring_owner_of_text(&sealed->keyring, recipient) : NULL;

	return owner ? owner->name : NULL;
}

void sealed_explain(struct sealed *sealed, struct error *err)
{
	if (has_names(sealed))
		keyring_name_recipients(&sealed->keyring, err);
	if (err->kind == ERROR_NO_KEY)
		explain_no_key(sealed, err);
}

int sealed_opener(struct sealed *sealed, struct sops_opener *ret_opener, struct error *err)
{
	sealed->identities.prompt = keyring_prompt_use(&sealed->prompt);
	if (!sealed->parsed &&
	    keyring_identities_parse(&sealed->sources, &sealed->identities, err) < 0)
		return -1;
	sealed->parsed = true;
	sealed->identities.plugins = keyring_programs_plugins(&sealed->programs);
	*ret_opener =
		(struct sops_opener){ &sealed->identities, keyring_programs_use(&sealed->programs),
				      sealed->order };
	return 0;
}

int sealed_open(struct sealed *sealed, unsigned flags, struct sops_file *ret_file,
		struct error *err)
{
	struct sops_opener opener;

	if (sealed_opener(sealed, &opener, err) < 0)
		return -1;
	if (sops_open_with(sealed->format, &sealed->text, &opener, flags, ret_file, err) == 0) {
		sealed_tell_copy(sealed->name, &ret_file->notes);
		return 0;
	}
	sealed_explain(sealed, err);
	return error_wrap(err, "cannot open \"%s\"",
			  text_printable_text(input_name(sealed->name)).text);
}

void sealed_release(struct sealed *sealed)
{
	secret_release(&sealed->text);
	keyring_identities_release(&sealed->sources);
	keyring_release(&sealed->keyring);
	keyring_prompt_release(&sealed->prompt);
	keyring_programs_release(&sealed->programs);
	age_identities_release(&sealed->identities);
}

int sealed_parse_index(const char *text, struct doc_path *ret_path, struct error *err)
{
	if (doc_path_parse(text, ret_path, err) == 0)
		return 0;
	if (err->kind == ERROR_BAD_INDEX)
		err->kind = ERROR_BAD_EXTRACT;
	return -1;
}

/* From the top down: they were noted kind by kind. */
void sealed_tell_lines(const struct sops_notes *notes)
{
	const size_t len = notes->len < SOPS_NOTES_LINES_MAX ? notes->len : SOPS_NOTES_LINES_MAX;
	size_t last = 0;

	for (size_t i = 0; i < len; i++) {
		size_t next = SIZE_MAX;

		for (size_t k = 0; k < len; k++)
			if (notes->lines[k] > last && notes->lines[k] < next)
				next = notes->lines[k];
		if (next < SIZE_MAX)
			fprintf(stderr, " %zu", next);
		last = next;
	}
	if (notes->len > len)
		fputs(" ...", stderr);
}

void sealed_tell(const char *name, const struct sops_notes *notes)
{
	const char *shown = input_name(name);

	if (notes->len > 0) {
		fprintf(stderr,
			"bootseal: \"%s\": opening it will not give back these lines as written "
			"(their values are the same):",
			text_printable_text(shown).text);
		sealed_tell_lines(notes);
		fputs("\n", stderr);
	}
	if (notes->no_selector)
		fprintf(stderr,
			"bootseal: \"%s\": selectors do not apply to a binary file, which is "
			"sealed "
			"as a whole\n",
			text_printable_text(shown).text);
	if (notes->comments_kept > 0)
		fprintf(stderr,
			"bootseal: \"%s\": %zu sealed comment%s could not be opened and stayed as "
			"%s\n",
			text_printable_text(shown).text, notes->comments_kept,
			notes->comments_kept == 1 ? "" : "s",
			notes->comments_kept == 1 ? "it was" : "they were");
}

void sealed_tell_copy(const char *name, const struct sops_notes *notes)
{
	if (notes->copy_line > 0)
		fprintf(stderr,
			"bootseal: warning: \"%s\": line %zu: this document's metadata are not those of the first "
			"one, which count\n",
			text_printable_text(input_name(name)).text, notes->copy_line);
}

int sealed_tell_documents(const char *name, size_t documents, enum doc_format format, bool in_place,
			  struct error *err)
{
	if (documents > 1 && in_place)
		return error_set(err, ERROR_DUMP,
				 "%s has no place for %zu documents: in place, all but the first "
				 "would be lost",
				 doc_format_name(format), documents);
	if (documents > 1)
		fprintf(stderr,
			"bootseal: \"%s\" has %zu documents, and %s holds one: only the first is "
			"written\n",
			text_printable_text(input_name(name)).text, documents,
			doc_format_name(format));
	return 0;
}

/* The repository of a file that need not exist yet. */
static int take_repository(const char *path, struct repo *ret_repo, struct error *err)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	AUTO_FREE char *real = parent ? realpath(parent, NULL) : NULL;

	if (!real)
		return error_sys(err, "cannot open the directory \"%s\"",
				 text_printable_text(parent ? parent : path).text);
	return repository_take((const char *const *)&real, 1, ret_repo, err);
}

int sealed_target_take(const char *name, bool may_be_new, struct sealed_target *ret_target,
		       struct error *err)
{
	AUTO(sealed_target) target = SEALED_TARGET_INIT;

	if (refuse_stdin(name, err) < 0)
		return -1;
	target.path = realpath(name, NULL);
	if (!target.path && errno == ENOENT && may_be_new)
		target.path = strdup(name);
	if (!target.path) {
		const bool missing = errno == ENOENT;

		(void)error_sys(err, "cannot open \"%s\"", text_printable_text(name).text);
		if (missing)
			err->kind = ERROR_NO_FILE;
		return -1;
	}
	if (take_repository(target.path, &target.repo, err) < 0)
		return -1;
	*ret_target = target;
	target = SEALED_TARGET_INIT;
	return 0;
}

void sealed_target_release(struct sealed_target *target)
{
	free(target->path);
	repo_release(&target->repo);
	*target = SEALED_TARGET_INIT;
}
