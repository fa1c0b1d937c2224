/* SPDX-License-Identifier: MIT */
/* Which rule is for which file of a batch. */
#include <stdlib.h>
#include <string.h>

#include "cli/batch.h"
#include "util/text.h"

void batch_rules_release(struct batch_rules *rules)
{
	for (size_t i = 0; i < rules->len; i++)
		policy_source_release(&rules->items[i]);
	free(rules->items);
	free(rules->of);
	*rules = BATCH_RULES_INIT;
}

/* Are both one file, however it is called? */
static bool is_same(const struct policy_source *a, const struct policy_source *b)
{
	AUTO_FREE char *first = realpath(a->rules_name, NULL);
	AUTO_FREE char *second = realpath(b->rules_name, NULL);

	return first && second && strcmp(first, second) == 0;
}

/* Takes source over, unless it is there. */
static int add(struct batch_rules *rules, struct policy_source *source, size_t *ret_index,
	       struct error *err)
{
	struct policy_source *larger;

	for (*ret_index = 0; *ret_index < rules->len; ++*ret_index)
		if (is_same(&rules->items[*ret_index], source))
			return 0;
	larger = reallocarray(rules->items, rules->len + 1, sizeof(*larger));
	if (!larger)
		return error_memory(err);
	rules->items = larger;
	rules->items[rules->len++] = *source;
	*source = POLICY_SOURCE_INIT;
	return 0;
}

static bool same_directory(const char *a, const char *b)
{
	const size_t len = (size_t)(strrchr(a, '/') - a);

	return len == (size_t)(strrchr(b, '/') - b) && strncmp(a, b, len) == 0;
}

int batch_rules_read(struct batch_rules *rules, const struct policy_options *options,
		     const struct repo_files *files, const char *name, struct error *err)
{
	rules->of = calloc(files->len, sizeof(*rules->of));
	if (!rules->of)
		return error_memory(err);
	for (size_t i = 0; i < files->len; i++) {
		AUTO(policy_source) source = POLICY_SOURCE_INIT;
		const char *path = files->items[i].path;

		rules->of[i] = SIZE_MAX;
		if (i > 0 && same_directory(path, files->items[i - 1].path)) {
			rules->of[i] = rules->of[i - 1];
			continue;
		}
		/* as the user calls it: both are made absolute in the same way */
		if (options &&
		    policy_read(options, name ? name : files->items[i].shown, &source, err) < 0)
			return -1;
		if (source.rules_name && add(rules, &source, &rules->of[i], err) < 0)
			return -1;
	}
	return 0;
}

/* Is there a rule in the rules file? */
static int no_rules(const struct batch_file *file, struct error *err)
{
	if (!file->rules)
		return error_set(err, ERROR_CONFIG, "config file not found");
	return error_set(err, ERROR_CONFIG, "The config file %s does not contain any creation rule",
			 text_printable_text(file->rules->rules_name).text);
}

int batch_rule(const struct batch *batch, const struct batch_file *file, bool strict,
	       struct sops_policy *ret_policy, bool *ret_found, struct error *err)
{
	const bool must = strict && file->file->named;
	struct error reason = ERROR_INIT;

	*ret_found = false;
	if (!file->rules)
		return must ? no_rules(file, err) : 0;
	if (policy_rule(file->rules, batch_name(batch, file->file), ret_policy, ret_found,
			&reason) == 0)
		return must && !*ret_found ? no_rules(file, err) : 0;
	*ret_found = false;
	if (reason.kind == ERROR_NO_RULE && !must)
		return 0;
	*err = reason;
	return -1;
}

bool batch_looks_sealed(const struct batch_file *file)
{
	static const char mark[] = "ENC[AES256_GCM,";
	const struct secret *text = &file->text;

	return text->len > 0 && memmem(text->data, text->len, mark, strlen(mark)) &&
	       memmem(text->data, text->len, "sops", 4);
}

bool batch_is_wanted(const struct batch_file *file, const struct sops_policy *policy)
{
	return policy->by_path || file->format != DOC_BINARY;
}
