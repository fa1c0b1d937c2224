/* SPDX-License-Identifier: MIT */
#include "cli/rule.h"

#include <stdio.h>

#include "cli/sealed.h"
#include "sops/new_values.h"
#include "sops/rules.h"
#include "util/text.h"

int rule_read(const struct policy_options *options, const char *name, struct rule *ret_rule,
	      struct error *err)
{
	return policy_read_rules(options, name, &ret_rule->source, err);
}

void rule_release(struct rule *rule)
{
	policy_source_release(&rule->source);
	sops_selector_release(&rule->selector);
}

static void tell_difference(const struct rule *rule, const struct sops_selector *file,
			    const char *name)
{
	fprintf(stderr,
		"bootseal: \"%s\" is sealed by %s \"%s\", and its rule says %s \"%s\": "
		"\"updatekeys "
		"--selectors\" applies that\n",
		text_printable_text(name).text, sops_selector_name(file),
		text_printable_text(sops_selector_text(file)).text,
		sops_selector_name(&rule->selector),
		text_printable_text(sops_selector_text(&rule->selector)).text);
}

int rule_compare(struct rule *rule, const struct sops_file *file, const char *name, bool tell,
		 struct error *err)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) text = SECRET_INIT;
	const struct policy_source *source = &rule->source;
	bool found = false;

	/* of a binary file all is sealed, always */
	if (!source->rules_name || file->doc.format == DOC_BINARY)
		return 0;
	if (secret_append_span(&text, secret_span(&source->rules), err) < 0)
		return -1;
	if (sops_rules_policy_but_keys(&text, source->rules_name, source->target, &policy, &found,
				       err) < 0) {
		if (err->kind != ERROR_NO_RULE)
			return -1;
		error_clear(err);
	}
	rule->differs = found && !sops_selector_equals(&policy.selector, &file->meta.selector);
	if (!rule->differs)
		return 0;
	sops_selector_release(&rule->selector);
	rule->selector = policy.selector;
	policy.selector = SOPS_SELECTOR_INIT;
	if (tell)
		tell_difference(rule, &file->meta.selector, name);
	return 0;
}

/* What an edit came to need not be what was meant: a key that was mistyped, a comment taken out. */
static void tell_exposed(const struct sops_file *file, const char *name,
			 const struct sops_notes *notes)
{
	if (notes->len == 0)
		return;
	fprintf(stderr, "bootseal: \"%s\": what was sealed is readable now, by %s \"%s\", in line",
		text_printable_text(name).text, sops_selector_name(&file->meta.selector),
		text_printable_text(sops_selector_text(&file->meta.selector)).text);
	sealed_tell_lines(notes);
	fputs("\n", stderr);
}

int rule_check_texts(const struct rule *rule, const struct sops_file *file, const char *name,
		     struct secret *before, struct secret *after, struct error *err)
{
	AUTO(doc) old = DOC_INIT;
	AUTO(doc) new = DOC_INIT;
	struct sops_notes exposed = SOPS_NOTES_INIT;

	if (file->doc.format == DOC_BINARY)
		return 0;
	if (doc_parse(file->doc.format, before, 0, &old, err) < 0 ||
	    doc_parse(file->doc.format, after, 0, &new, err) < 0)
		return -1;
	if (rule->differs &&
	    sops_check_new_values(&old, &new, &file->meta.selector, &rule->selector, err) < 0)
		return -1;
	if (sops_find_exposed(&old, &new, &file->meta.selector, &exposed, err) < 0)
		return -1;
	tell_exposed(file, name, &exposed);
	return 0;
}

/* Another value than the one that was set becomes readable only where a comment before it selects. */
static bool may_expose(const struct sops_selector *selector)
{
	return selector->text && (selector->kind == SOPS_UNENCRYPTED_COMMENT_REGEX ||
				  selector->kind == SOPS_ENCRYPTED_COMMENT_REGEX);
}

int rule_check_sealed(const struct rule *rule, struct sops_file *file, const char *name,
		      const struct secret *sealed, struct error *err)
{
	AUTO(sops_file) changed = SOPS_FILE_INIT;
	AUTO(secret) before = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;

	if ((!rule->differs && !may_expose(&file->meta.selector)) || sealed->len == 0)
		return 0;
	if (sops_reopen(file->doc.format, sealed, &file->data_key, &changed, err) < 0 ||
	    sops_file_plaintext(file, &before, err) < 0 ||
	    sops_file_plaintext(&changed, &after, err) < 0)
		return -1;
	return rule_check_texts(rule, file, name, &before, &after, err);
}
