/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files that make an activation: one run, from the manifest to the switch.
 */
#ifndef ACTIVATE_ACTIVATION_H
#define ACTIVATE_ACTIVATION_H

#include "activate/activate.h"
#include "activate/faults.h"
#include "activate/plan.h"
#include "activate/ready_record.h"

struct activation {
	int dir_fd; /* the manifest's directory */
	char *base; /* its absolute path */
	struct manifest manifest;
	struct owner *owners; /* one an entry */
	struct faults faults;
	struct secret values; /* what the sealed files gave, one after the other */
	struct record record; /* of this run */
	struct record live;   /* of the generation that is live */
	struct plan plan;
	struct target target;
	uint64_t current;           /* the live generation; 0: none */
	struct secret units;        /* for GENERATION_UNITS */
	struct target ready_target; /* where documents are published on demand, */
	struct ready_record ready;  /* what their units will know of them, */
	struct names ready_gone;    /* and those that nobody wants any more */
	struct activate_report *report;
};

#define ACTIVATION_INIT(told)                                                                      \
	((struct activation){ .dir_fd = -1,                                                        \
			      .manifest = MANIFEST_INIT,                                           \
			      .target = TARGET_INIT,                                               \
			      .ready_target = TARGET_INIT,                                         \
			      .report = (told) })

void activation_release(struct activation *run);

/* Opens and reads the manifest; sets dir_fd, base, manifest and its source in the record. */
MUST_USE int activation_read_manifest(struct activation *run, const char *path, struct error *err);
/* The same, and owners: what is checked before anything is opened. */
MUST_USE int activation_begin(struct activation *run, const char *path, bool check,
			      struct error *err);
/* Of each entry; in a check, who does not exist here is a note. */
MUST_USE int activation_find_owners(struct activation *run, bool check, struct error *err);
/* Puts the directory that MANIFEST_RUNTIME stands for into the manifest's. ERROR_CONFIG. */
MUST_USE int activation_place(struct activation *run, struct error *err);
/*
 * Who may write the open manifest or sealed file? ERROR_DENIED where that is anyone but root and
 * the caller.
 */
MUST_USE int activation_check_writers(int fd, bool is_sealed, const char *path, struct error *err);
/* The absolute path of a file that the manifest names. ret_path is new. */
MUST_USE int activation_path(const struct activation *run, const char *name, char **ret_path,
			     struct error *err);
/* Adds a file to the record. */
MUST_USE int activation_add_source(struct activation *run, const char *name, struct span content,
				   const char *time, struct error *err);
/* A sealed file of that name, read. */
MUST_USE int activation_read_sealed(const struct activation *run, const char *name,
				    struct secret *ret_text, struct error *err);
/*
 * One entry's value, of all, whose files it names: a child opens the whole file, and hands out what the
 * entry wants of it alone.
 */
MUST_USE int activation_open_entry(struct activation *run, const struct manifest *all,
				   const struct manifest_entry *wanted, struct secret *ret_value,
				   struct error *err);
/*
 * Opens all sealed files and makes the plan of what they give; what cannot be renewed, and may
 * be kept, is taken from the live generation.
 */
MUST_USE int activation_open(struct activation *run, struct error *err);
/* The manifest's credentials, as activate_check() checks all else. */
MUST_USE int activation_check_credentials(const struct activation *run, struct error *err);
/*
 * Tells the report's units; pending: they are in the live generation's GENERATION_UNITS. After the
 * lock is dropped: a unit's own start may wait for another activation.
 */
MUST_USE int activation_tell(const struct target *target, bool pending,
			     struct activate_report *report, struct error *err);

#endif
