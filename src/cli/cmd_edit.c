/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/editor.h"
#include "cli/input.h"
#include "cli/policy.h"
#include "cli/readers.h"
#include "cli/rule.h"
#include "cli/sealed.h"
#include "cli/workspace.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"
#include "util/tty.h"

/* What a new file starts from. */
#define TEMPLATE_NOTE " Values are sealed when you leave the editor; comments, too.\n"

static const char *const templates[] = {
	[DOC_YAML] = "#" TEMPLATE_NOTE "example_key: example_value\n",
	[DOC_JSON] = "{\n\t\"example_key\": \"example_value\"\n}\n",
	[DOC_DOTENV] = "#" TEMPLATE_NOTE "example_key=example_value\n",
	[DOC_INI] = "[example]\n;" TEMPLATE_NOTE "example_key = example_value\n",
	[DOC_BINARY] = "All of this is sealed when you leave the editor.\n",
};

struct edit_options {
	bool ignore_mac, ignore_rule, on_disk;
	const char *input_type;
	struct policy_options policy;
	const char *decryption_order;
};

// clang-format off
static const struct option_spec edit_options[] = {
	IGNORE_MAC_OPTION(struct edit_options),
	{ "on-disk", 0, NULL, "edit below TMPDIR where there is no memory file system", OPTION_FLAG,
	  offsetof(struct edit_options, on_disk) },
	INPUT_TYPE_OPTION(struct edit_options, input_type),
	READERS_OPTION(struct edit_options),
	POLICY_OPTIONS(struct edit_options),
	ORDER_OPTION(struct edit_options),
	{ .name = NULL },
};
// clang-format on

/*
 * All that is parsed, is parsed in children without files: this process starts an editor,
 * which a sandbox of ours would hold in.
 */
struct session {
	const struct edit_options *options;
	const char *name;
	enum doc_format format;
	bool as_sops, is_new;
	struct sealed sealed;        /* of a file that is there */
	struct rule rule;            /* for it */
	struct policy_source policy; /* of a new one */
	struct workspace workspace;
	struct secret before, edited;
};

static void session_release(struct session *s)
{
	secret_release(&s->before);
	secret_release(&s->edited);
	sealed_release(&s->sealed);
	policy_source_release(&s->policy);
	rule_release(&s->rule);
	workspace_release(&s->workspace);
}

static int open_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct session *s = argument;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;

	if (s->is_new) { /* is there a policy? better said before than after the editor */
		if (policy_make(&s->policy, &policy, err) < 0)
			return -1;
		return secret_append_text(ret_answer, templates[s->format], err);
	}
	if (sealed_open(&s->sealed, s->options->ignore_mac ? SOPS_IGNORE_MAC : 0, &file, err) < 0 ||
	    readers_check(&s->rule.source, s->as_sops, &s->sealed, &file.meta.groups, err) < 0 ||
	    rule_compare(&s->rule, &file, s->name, true, err) < 0)
		return -1;
	return sops_file_plaintext(&file, ret_answer, err);
}

/* The edited text, by the file's own selector, but not where that leaves readable what the rule would seal. */
static int seal_edited(struct session *s, struct sops_file *file, struct secret *ret_text,
		       struct sops_notes *notes, struct error *err)
{
	AUTO(secret) before = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;

	if (rule_compare(&s->rule, file, s->name, false, err) < 0)
		return -1;
	if (secret_append_span(&before, secret_span(&s->before), err) < 0 ||
	    secret_append_span(&after, secret_span(&s->edited), err) < 0 ||
	    rule_check_texts(&s->rule, file, s->name, &before, &after, err) < 0)
		return -1;
	return sops_file_reseal(file, &s->edited, ret_text, notes, err);
}

/* The answer: notes, and behind them the sealed text. */
static int answer(const struct sops_notes *notes, const struct secret *text,
		  struct secret *ret_answer, struct error *err)
{
	if (secret_append(ret_answer, notes, sizeof(*notes), err) < 0)
		return -1;
	return secret_append_span(ret_answer, secret_span(text), err);
}

static int seal_job(void *argument, struct secret *ret_answer, struct error *err)
{
	struct session *s = argument;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT;

	if (s->is_new) {
		if (policy_make(&s->policy, &policy, err) < 0 ||
		    sops_seal(s->format, &s->edited, &policy, &text, &notes, err) < 0)
			return -1;
	} else {
		if (sealed_open(&s->sealed, s->options->ignore_mac ? SOPS_IGNORE_MAC : 0, &file,
				err) < 0 ||
		    seal_edited(s, &file, &text, &notes, err) < 0)
			return -1;
	}
	return answer(&notes, &text, ret_answer, err);
}

/* The file's own name, by which editors know its language. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Runs the editor once, and reads what it left. */
static int edit_once(struct session *s, struct error *err)
{
	const char *base = base_name(s->name);

	secret_release(&s->edited);
	if (editor_run(s->workspace.path, base, err) < 0)
		return -1;
	if (file_read(s->workspace.fd, base, DOC_TEXT_MAX, &s->edited, err) == 0)
		return 0;
	if (err->kind != ERROR_NO_FILE)
		return -1;
	return error_set(err, ERROR_EDITOR,
			 "the editor removed its copy of \"%s\", which stays as it was",
			 text_printable_text(s->name).text);
}

/* What was typed is not lost because it is not valid. */
static int keep(struct session *s, struct error *err)
{
	char former[sizeof(err->hint)]; /* there is room for one hint, and this one must be told */

	workspace_keep(&s->workspace);
	snprintf(former, sizeof(former), "%s", err->hint);
	err->hint[0] = '\0';
	return error_hint(err, "%s%swhat you wrote is kept, unsealed, in \"%s/%s\"", former,
			  former[0] != '\0' ? "; " : "", s->workspace.path,
			  text_printable_text(base_name(s->name)).text);
}

/* After something went wrong with the edited text: the user goes back, or gives up. */
static int edit_again(struct session *s, struct error *err)
{
	struct error asking = ERROR_INIT;
	bool yes = false;

	if (!tty_available())
		return keep(s, err);
	fprintf(stderr, "bootseal: %s\n", err->message);
	if (tty_confirm_unless_no("Edit it again? (no: your changes are dropped)", &yes, &asking) <
	    0)
		return keep(s, err);
	if (!yes) /* the reason was told already */
		return error_set(err, err->kind, "\"%s\" stays as it was",
				 text_printable_text(s->name).text);
	error_clear(err);
	return 0;
}

static bool is_unchanged(const struct session *s)
{
	return s->edited.len == s->before.len &&
	       secret_equal(s->edited.data, s->before.data, s->before.len);
}

/* Edits until the text can be sealed. */
static int edit(struct session *s, struct secret *ret_answer, struct error *err)
{
	for (;;) {
		if (edit_once(s, err) < 0)
			return -1;
		if (is_unchanged(s))
			return error_set(err, ERROR_UNCHANGED, "File has not changed, exiting.");
		if (child_job(seal_job, s, ret_answer, err) == 0)
			return 0;
		(void)error_wrap(err, "the edited text cannot be sealed");
		if (edit_again(s, err) < 0)
			return -1;
	}
}

/* Another run may have changed the file while the editor was open. */
static int check_still(const struct session *s, const char *path, struct error *err)
{
	AUTO(secret) now = SECRET_INIT;

	if (s->is_new)
		return access(path, F_OK) < 0 ? 0
					      : error_set(err, ERROR_CANCELLED,
							  "\"%s\" was made while you were editing",
							  text_printable_text(s->name).text);
	if (file_read(AT_FDCWD, path, DOC_TEXT_MAX, &now, err) < 0)
		return -1;
	if (now.len != s->sealed.text.len || memcmp(now.data, s->sealed.text.data, now.len) != 0)
		return error_set(err, ERROR_CANCELLED, "\"%s\" was changed while you were editing",
				 text_printable_text(s->name).text);
	return 0;
}

static int write_sealed(struct session *s, struct span text, struct error *err)
{
	AUTO(sealed_target) target = SEALED_TARGET_INIT;

	if (sealed_target_take(s->name, s->is_new, &target, err) < 0 ||
	    check_still(s, target.path, err) < 0 ||
	    file_write(AT_FDCWD, target.path, text, 0644, err) < 0)
		return keep(s, err);
	return 0;
}

/* Better said before than after the editor: a new file has a place. */
static int check_place(const struct session *s, struct error *err)
{
	AUTO_FD int directory_fd = -1;
	const char *base;

	return s->is_new ? file_open_parent(AT_FDCWD, s->name, &directory_fd, &base, err) : 0;
}

static int read_existing(struct session *s, struct error *err)
{
	const struct edit_options *options = s->options;

	if (!s->as_sops && policy_is_given(&options->policy)) {
		(void)error_set(
			err, ERROR_CONFLICT,
			"\"%s\" is there already: how a new file is sealed cannot be said of it",
			text_printable_text(s->name).text);
		return error_hint(err,
				  "\"bootseal rotate\" and \"bootseal updatekeys\" change that");
	}
	if (sealed_read(s->name, s->format, &s->sealed, err) < 0)
		return -1;
	return options->ignore_rule ? 0 : rule_read(&options->policy, s->name, &s->rule, err);
}

static int prepare(struct session *s, struct error *err)
{
	const struct workspace_need need = { .purpose = "edit", .on_disk = s->options->on_disk };

	s->is_new = access(s->name, F_OK) < 0 && errno == ENOENT;
	if ((s->is_new ? policy_read(&s->options->policy, s->name, &s->policy, err)
		       : read_existing(s, err)) < 0 ||
	    workspace_make(&need, &s->workspace, err) < 0 ||
	    sealed_set_order(&s->sealed, s->options->decryption_order, err) < 0 ||
	    child_job(open_job, s, &s->before, err) < 0 || check_place(s, err) < 0)
		return -1;
	if (!file_is_unswappable(s->workspace.fd) && file_swap_is_on())
		fputs("bootseal: the plaintext is where it may be swapped out, and swap is on\n",
		      stderr);
	return file_write(s->workspace.fd, base_name(s->name), secret_span(&s->before), 0600, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	AUTO(session)
	s = { .options = invocation->options,
	      .name = invocation->args[0],
	      .as_sops = invocation->as_sops,
	      .sealed = SEALED_INIT,
	      .rule = RULE_INIT,
	      .policy = POLICY_SOURCE_INIT,
	      .workspace = WORKSPACE_INIT };
	AUTO(secret) sealed = SECRET_INIT;
	struct sops_notes notes;

	if (input_is_dash(s.name))
		return error_set(err, ERROR_USAGE, "stdin cannot be edited");
	if (sealed_format(s.name, s.options->input_type, &s.format, err) < 0 ||
	    prepare(&s, err) < 0 || edit(&s, &sealed, err) < 0)
		return -1;
	if (sealed.len < sizeof(notes))
		return error_set(err, ERROR_BUG, "the sealing child gave a short answer");
	memcpy(&notes, sealed.data, sizeof(notes));
	if (write_sealed(&s, span_slice(secret_span(&sealed), sizeof(notes), sealed.len), err) < 0)
		return -1;
	if (s.as_sops) /* as in encrypt */
		notes.len = 0;
	sealed_tell(s.name, &notes);
	return 0;
}

const struct command cmd_edit = {
	.name = "edit",
	.group = "files",
	.summary = "edit the plaintext of a sealed file, or of a new one",
	.synopsis = "[--age RECIPIENTS] FILE",
	.example = "bootseal edit secrets/web1.yaml",
	.options = edit_options,
	.options_size = sizeof(struct edit_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
