/* SPDX-License-Identifier: MIT */
/*
 * What can be seen of a sealed text without a key: is its form right, is everything sealed that
 * its selector says, and nothing else?
 */
#ifndef SOPS_VERIFY_H
#define SOPS_VERIFY_H

#include <stdbool.h>

#include "sops/file.h"

/* Of one text so many are told; the rest is counted. */
#define SOPS_FINDINGS_MAX 100

struct sops_verifier {
	/* line 0: none is known. warning: it could be meant so (a comment that is not sealed). */
	void (*tell)(void *context, size_t line, bool warning, const char *text);
	void *context;
	size_t findings; /* without the warnings */
};

/*
 * Looks at text, which is taken over. What is wrong with it is told and is no error. ret_file (which stays
 * empty where the text or its metadata cannot be read) has the document and its metadata, for more questions.
 */
MUST_USE int sops_verify(enum doc_format format, struct secret *text,
			 struct sops_verifier *verifier, struct sops_file *ret_file,
			 struct error *err);
/* Tells one more finding. */
void sops_verify_tell(struct sops_verifier *verifier, size_t line, const char *format, ...)
	PRINTF_LIKE(3, 4);

#endif
