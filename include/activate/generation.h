/* SPDX-License-Identifier: MIT */
/*
 * Generations: numbered directories of opened files. A new one is built where
 * only root may enter and becomes visible whole.
 */
#ifndef ACTIVATE_GENERATION_H
#define ACTIVATE_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "activate/plan.h"
#include "activate/record.h"

/* Beside the plan's files: what was activated (activate/record.h), and units still to be told. */
#define GENERATION_RECORD MANIFEST_RESERVED ".json"
#define GENERATION_UNITS MANIFEST_RESERVED ".units"

/* Where it is live by a rollback: the number of the generation that was. */
#define GENERATION_ROLLBACK MANIFEST_RESERVED ".rollback"

struct generation_name {
	char text[24];
};

struct generation_name generation_name(uint64_t number);
/* "7" is 7; 0 for what is no generation's name (0, 07, 1x, more than 18 digits). */
uint64_t generation_number(const char *name);

/*
 * Writes generation number below root_fd: directories 0751, each file with its
 * owner and mode before its first byte, whatever the umask; record and units
 * beside them. Only root may enter it yet (0700). What an earlier, killed run
 * left above current is removed first; after an error nothing is left either. ERROR_SYSTEM.
 */
struct generation_new {
	int root_fd;
	uint64_t current, number;
	const struct plan *plan;
	struct span record, units;
	bool has_group;
	gid_t group; /* of its directories, where there is one */
};
MUST_USE int generation_build(const struct generation_new *new, struct error *err);
/* The same with record in it, in a child that of all the host's files can write below root_fd alone. */
MUST_USE int generation_build_apart(struct generation_new *new, const struct record *record,
				    struct error *err);
/* Lets others enter (0751), just before the link is switched to it. */
MUST_USE int generation_publish(int root_fd, uint64_t number, struct error *err);

enum generation_state { GENERATION_NEW, GENERATION_CHANGED, GENERATION_SAME };

/* How the plan's file compares with what generation number holds: bytes, owner, mode. */
MUST_USE int generation_compare(int root_fd, uint64_t number, const struct plan *plan, size_t file,
				enum generation_state *ret_state, struct error *err);
/*
 * Takes over what generation number holds under file's name: its bytes, which are appended, its
 * owner and mode. ret_there is false, and nothing is taken, where that is no file.
 */
MUST_USE int generation_keep(int root_fd, uint64_t number, struct plan_file *file,
			     struct secret *bytes, bool *ret_there, struct error *err);
/* Reads one of our own files of a generation; ret_text stays empty where it is not there. */
MUST_USE int generation_read(int root_fd, uint64_t number, const char *name, size_t max,
			     struct secret *ret_text, struct error *err);
/* Opens one of our own files of a generation for changing it in place; -1. */
int generation_open_own(int root_fd, uint64_t number, const char *name);
/* Writes one of our own files of a generation, in the place of what is there. */
MUST_USE int generation_put_own(int root_fd, uint64_t number, const char *name, struct span bytes,
				struct error *err);
/* Removes one of our own files of a generation. */
MUST_USE int generation_forget(int root_fd, uint64_t number, const char *name, struct error *err);
/*
 * Is it there? Never where there is no root (-1) or number (0). Where that cannot be seen it is an error, and not the
 * first activation, after which no unit is told.
 */
MUST_USE int generation_exists(int root_fd, uint64_t number, bool *ret_exists, struct error *err);
/* Closes all generations but current to all but root. */
MUST_USE int generation_close_others(int root_fd, uint64_t current, struct error *err);
/* Removes those below oldest and those above newest. */
MUST_USE int generation_remove_beyond(int root_fd, uint64_t oldest, uint64_t newest,
				      struct error *err);
/*
 * Closes the generations before current to all but root, and removes all but
 * the last keep of them. What is not named like a generation is left alone.
 */
MUST_USE int generation_prune(int root_fd, uint64_t current, unsigned keep, struct error *err);
/* The greatest number below root_fd that is less than below; 0 where there is none. */
MUST_USE int generation_before(int root_fd, uint64_t below, uint64_t *ret_number,
			       struct error *err);
MUST_USE int generation_remove(int root_fd, uint64_t number, struct error *err);
MUST_USE int generation_remove_all(int root_fd, struct error *err);
/* Has each of them a record, or nothing in it? Else another program made it. */
MUST_USE int generation_all_ours(int root_fd, bool *ret_ours, struct error *err);
MUST_USE int generation_is_empty(int fd, bool *ret_empty, struct error *err);

#endif
