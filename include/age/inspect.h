/* SPDX-License-Identifier: MIT */
/*
 * What an age file tells without a key (age-inspect): for whom it is, and how large its parts are.
 */
#ifndef AGE_INSPECT_H
#define AGE_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "age/file.h"
#include "util/buf.h"

enum age_post_quantum { AGE_POST_QUANTUM_UNKNOWN, AGE_POST_QUANTUM_NO, AGE_POST_QUANTUM_YES };

struct age_inspection {
	bool armored;
	enum age_post_quantum post_quantum;
	struct error refused; /* why it is not opened, whatever the key; ERROR_NONE: it is */
	struct buf types;     /* of its stanzas, in their order, a line each */
	/* bytes; armor is what the text has more than the binary file */
	uint64_t header, armor, overhead, payload;
};

#define AGE_INSPECTION_INIT                                                                        \
	((struct age_inspection){ false, AGE_POST_QUANTUM_UNKNOWN, ERROR_INIT, BUF_INIT, 0, 0, 0,  \
				  0 })

/*
 * Reads all of source, in constant memory. ERROR_FORMAT where it is no age file, or one of a length that no
 * age file has.
 */
MUST_USE int age_inspect(const struct age_source *source, struct age_inspection *ret_inspection,
			 struct error *err);
void age_inspection_release(struct age_inspection *inspection);

#endif
