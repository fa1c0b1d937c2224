/* SPDX-License-Identifier: MIT */
#include "keyring/rules.h"

#include "keyring/keyring.h"

static int append_anchor(struct buf *text, const struct keyring_name *name, struct error *err)
{
	return buf_printf(text, err, "  - &%s ", name->name) ||
			       keyring_recipients_text(&name->recipients, name->person, text,
						       err) ||
			       buf_append_text(text, "\n", err)
		       ? -1
		       : 0;
}

int keyring_rules_new(const struct keyring_name *const *names, size_t names_len,
		      const char *pattern, struct buf *ret_text, struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	if (buf_append_text(&text,
			    "# Who may read what; \"bootseal keys\" keeps it in step with keys/.\n"
			    "keys:\n",
			    err))
		return -1;
	for (size_t i = 0; i < names_len; i++) {
		if (append_anchor(&text, names[i], err))
			return -1;
	}
	if (buf_printf(&text, err, "creation_rules:\n  - path_regex: %s\n    age:\n", pattern))
		return -1;
	for (size_t i = 0; i < names_len; i++) {
		if (buf_printf(&text, err, "      - *%s\n", names[i]->name))
			return -1;
	}
	*ret_text = buf_move(&text);
	return 0;
}
