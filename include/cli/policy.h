/* SPDX-License-Identifier: MIT */
/*
 * How a new file is to be sealed: what flags, the environment and .sops.yaml come to.
 */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include "cli/command.h"
#include "keyring/programs.h"
#include "sops/file.h"

/* The options that say so; a field of the options struct of each command that seals new files. */
struct policy_options {
	struct option_texts age, pgp; /* each may hold several, with commas between them */
	unsigned long threshold;
	const char *selectors[SOPS_SELECTORS];
	bool mac_only_encrypted;
	const char *config;
	unsigned long indent;
};

/* Is any of them given that says how a new file is sealed? --config alone does not. */
bool policy_is_given(const struct policy_options *options);

/* Their descriptors, for a command's table; type is its options struct, which has a field policy. */
#define POLICY_SELECTOR(type, kind, long_name, value, help_text)                                   \
	{                                                                                          \
		long_name, 0, value, help_text, OPTION_TEXT,                                       \
			offsetof(type, policy) + offsetof(struct policy_options, selectors[kind])  \
	}
#define POLICY_OPTION(type, long_name, letter, value, help_text, option_type, field)               \
	{                                                                                          \
		long_name, letter, value, help_text, option_type,                                  \
			offsetof(type, policy) + offsetof(struct policy_options, field)            \
	}
// clang-format off
/* For commands that write another format and seal nothing. */
#define LAYOUT_OPTIONS(type)                                                                       \
	POLICY_OPTION(type, "config", 0, "FILE", "take the indentation of another format from FILE (default: .sops.yaml, here or above)", OPTION_TEXT, config), \
	POLICY_OPTION(type, "indent", 0, "N", "indent another format by N columns", OPTION_NUMBER, indent)
#define POLICY_OPTIONS(type)                                                                       \
	POLICY_OPTION(type, "age", 'a', "RECIPIENTS", "seal to these age or SSH public keys, with commas between", OPTION_TEXTS, age), \
	POLICY_OPTION(type, "pgp", 'p', "FINGERPRINTS", "seal to these PGP keys, with commas between", OPTION_TEXTS, pgp), \
	POLICY_OPTION(type, "shamir-secret-sharing-threshold", 0, "N", "of several key groups, let N be needed to open the file", OPTION_NUMBER, threshold), \
	POLICY_SELECTOR(type, SOPS_UNENCRYPTED_SUFFIX, "unencrypted-suffix", "SUFFIX", "leave values of keys with this ending readable"), \
	POLICY_SELECTOR(type, SOPS_ENCRYPTED_SUFFIX, "encrypted-suffix", "SUFFIX", "seal values of keys with this ending only"), \
	POLICY_SELECTOR(type, SOPS_UNENCRYPTED_REGEX, "unencrypted-regex", "REGEX", "leave values of matching keys readable"), \
	POLICY_SELECTOR(type, SOPS_ENCRYPTED_REGEX, "encrypted-regex", "REGEX", "seal values of matching keys only"), \
	POLICY_SELECTOR(type, SOPS_UNENCRYPTED_COMMENT_REGEX, "unencrypted-comment-regex", "REGEX", "leave what follows a matching comment readable"), \
	POLICY_SELECTOR(type, SOPS_ENCRYPTED_COMMENT_REGEX, "encrypted-comment-regex", "REGEX", "seal what follows a matching comment only"), \
	POLICY_OPTION(type, "mac-only-encrypted", 0, NULL, "protect only sealed values from changes", OPTION_FLAG, mac_only_encrypted), \
	POLICY_OPTION(type, "config", 0, "FILE", "take creation rules from FILE (default: .sops.yaml, here or above)", OPTION_TEXT, config), \
	POLICY_OPTION(type, "indent", 0, "N", "indent the metadata by N columns (default: 4)", OPTION_NUMBER, indent)
// clang-format on

/* The rules file, found and read but not looked at. */
struct policy_source {
	const struct policy_options *options;
	char *rules_name; /* NULL: there is no rules file */
	struct secret rules;
	char *target; /* the file's path as path_regex sees it */
	struct keyring_programs programs;
};

#define POLICY_SOURCE_INIT                                                                         \
	((struct policy_source){ NULL, NULL, SECRET_INIT, NULL, KEYRING_PROGRAMS_INIT })

/*
 * Reads the rules for file: --config, SOPS_CONFIG, or the first .sops.yaml upward from here, or where there
 * is none, upward from the file. Tells on stderr of a .sops.yml in their place.
 */
MUST_USE int policy_read(const struct policy_options *options, const char *file,
			 struct policy_source *ret_source, struct error *err);
/* The same for one who seals nothing by them: gpg is not made ready. */
MUST_USE int policy_read_rules(const struct policy_options *options, const char *file,
			       struct policy_source *ret_source, struct error *err);
/*
 * Comes to the policy, which borrows source; to be called in the sandbox. Flags win over the rule,
 * SOPS_AGE_RECIPIENTS and SOPS_PGP_FP over the rule's keys. ERROR_CONFIG, ERROR_CONFLICT, ERROR_FORMAT.
 */
MUST_USE int policy_make(struct policy_source *source, struct sops_policy *ret_policy,
			 struct error *err);
/* The same for any file, which need not be the one that source was read for; source can be used again. */
MUST_USE int policy_make_for(const struct policy_source *source, const char *file,
			     struct sops_policy *ret_policy, struct error *err);
/*
 * What the rule for file says, whatever flags and environment say. ret_found is false where there is no rules
 * file, or no rule in it. ERROR_NO_RULE where none matches.
 */
MUST_USE int policy_rule(const struct policy_source *source, const char *file,
			 struct sops_policy *ret_policy, bool *ret_found, struct error *err);
/*
 * How many blanks are a level of what is written anew in that format, by --indent or the rules file: DOC_INDENT_SOPS,
 * or a number. In the sandbox; source can be used again.
 */
MUST_USE int policy_indent(const struct policy_source *source, enum doc_format format,
			   unsigned *ret_indent, struct error *err);
void policy_source_release(struct policy_source *source);

#endif
