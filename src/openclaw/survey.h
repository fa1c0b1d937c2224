/* SPDX-License-Identifier: MIT */
/* What the files of a survey share. */
#ifndef OPENCLAW_SURVEY_INTERNAL_H
#define OPENCLAW_SURVEY_INTERNAL_H

#include "openclaw/survey.h"
#include "util/rights.h"

/* What the children said that is no finding. */
struct survey_facts {
	unsigned port;
	struct span token; /* empty: it is not known */
	const char *state; /* as a text; NULL: it is not known */
};

/* The user's, where one is named (util/rights.h). */
MUST_USE int survey_take_rights(const struct survey *survey, struct rights *rights,
				struct error *err);
/* survey_units.c: the files in the directories of units in which OpenClaw, or its state, is named at all. */
MUST_USE int survey_units(const struct survey *survey, struct names *ret_paths,
			  struct secret *findings, struct error *err);
/* survey_host.c: the environments of the gateway's processes go to the inventory. */
MUST_USE int survey_processes(const struct survey *survey, struct inventory *inventory,
			      struct secret *findings, struct error *err);
/* survey_profiles.c: OpenClaw's databases. */
MUST_USE int survey_profiles(const struct inventory *inventory, const char *state,
			     struct secret *findings, struct error *err);
/* What keeps the agent's shell from the gateway's memory, and from the host's key. */
MUST_USE int survey_host(const struct survey *survey, struct secret *findings, struct error *err);
/* survey_gateway.c */
MUST_USE int survey_gateway(const struct survey *survey, const struct survey_facts *facts,
			    enum check_gateway *ret_gateway, struct secret *findings,
			    struct error *err);
/* survey_left.c: secrets of the records in files that nobody named, and in the journal. */
MUST_USE int survey_left(const struct survey *survey, const struct inventory *inventory,
			 const char *state, struct span records, struct secret *findings,
			 struct error *err);

/* survey_trust.c: did root name it, where root alone can have put it? */
bool survey_is_trusted(const struct survey *survey, struct span records, const char *path);

#endif
