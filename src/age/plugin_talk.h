/* SPDX-License-Identifier: MIT */
/*
 * One conversation with a plugin: commands out and in, and what every state machine shares.
 */
#ifndef AGE_PLUGIN_TALK_H
#define AGE_PLUGIN_TALK_H

#include "age/plugin.h"

struct plugin_talk {
	const struct age_plugins *plugins;
	const char *name;
	bool started;
	struct secret in; /* read, and taken up to start; never grows */
	size_t start;
	struct buf opening; /* the first line of the last command */
	struct secret body; /* its body, decoded; never grows */
	size_t commands;
	struct error unanswered; /* why a question was not, the first time */
};

#define PLUGIN_TALK_INIT                                                                           \
	((struct plugin_talk){ NULL, NULL, false, SECRET_INIT, 0, BUF_INIT, SECRET_INIT, 0,        \
			       ERROR_INIT })

MUST_USE int plugin_talk_start(struct plugin_talk *talk, const struct age_plugins *plugins,
			       const char *name, const char *machine, struct error *err);
MUST_USE int plugin_talk_send(struct plugin_talk *talk, struct span text, struct error *err);
/* The answer to the last command: "ok", "unsupported", … */
MUST_USE int plugin_talk_answer(struct plugin_talk *talk, const char *answer, struct error *err);
/*
 * The plugin's next command that is neither a question nor a message: those are dealt with.
 * Borrowed until the next call. A command "error" is ERROR_DENIED, with the plugin's words.
 */
MUST_USE int plugin_talk_next(struct plugin_talk *talk, struct age_stanza *ret_command,
			      struct error *err);
void plugin_talk_release(struct plugin_talk *talk);

/* Appends the lines of a body behind an opening line that ends in LF. */
MUST_USE int plugin_put_body(struct secret *out, struct span body, struct error *err);
/* Appends a command with one argument (none where it is empty) and a body. */
MUST_USE int plugin_put(struct secret *out, const char *command, struct span argument,
			struct span body, struct error *err);

#endif
