/* SPDX-License-Identifier: MIT */
/*
 * The process that starts programs: what is asked of it, and its two halves.
 */
#ifndef KEYRING_PROGRAMS_INTERNAL_H
#define KEYRING_PROGRAMS_INTERNAL_H

#include "keyring/programs.h"

/* A data key or a share of it, and a message that holds one. */
#define PROGRAM_PLAIN_MAX ((size_t)4096)
#define PROGRAM_MESSAGE_MAX ((size_t)256 << 10)
/* A fingerprint's or plugin's name, with its terminator. */
#define PROGRAM_NAME_MAX 72

enum program_task {
	PROGRAM_GPG_SEAL, /* to the key called name */
	PROGRAM_GPG_OPEN,
	PROGRAM_GPG_IMPORT,       /* a key, into a home that gpg has of its own from then on */
	PROGRAM_RECIPIENT_PLUGIN, /* start the plugin called name; its ends of pipes come back */
	PROGRAM_IDENTITY_PLUGIN,
	PROGRAM_PLUGIN_END, /* its status comes back */
};

/* One question, and len bytes that follow. */
struct program_request {
	enum program_task task;
	char name[PROGRAM_NAME_MAX];
	size_t len;
};

/* Its answer: the output, or an error's message. */
struct program_answer {
	enum error_kind kind; /* ERROR_NONE: it was done */
	size_t len;
	char hint[ERROR_HINT_MAX];
};

/* A plugin that runs. */
struct plugin_process {
	pid_t pid;    /* and its process group; 0: none */
	int to, from; /* our ends, until they are handed over */
};

#define PLUGIN_PROCESS_INIT ((struct plugin_process){ 0, -1, -1 })

/* In that process. */
MUST_USE int program_gpg_seal(const char *fingerprint, struct span plain, struct secret *ret_output,
			      struct error *err);
MUST_USE int program_gpg_open(struct span message, struct secret *ret_output, struct error *err);
/* Goes on as another process, which has a GNUPGHOME in memory that nobody else can see, and ends with it. */
MUST_USE int program_gpg_home(struct error *err);
MUST_USE int program_gpg_import(struct span key, struct error *err);
MUST_USE int program_plugin_start(struct plugin_process *plugin, const char *name,
				  const char *machine, struct error *err);
/* Waits a moment for its end, then makes it end, and with it its process group; its status. */
int program_plugin_end(struct plugin_process *plugin);

/* The other half: a request made, and answered. fds (may be NULL) gets two descriptors. */
MUST_USE int program_ask(const struct keyring_programs *programs,
			 const struct program_request *request, struct span input,
			 struct secret *ret_output, int fds[2], struct error *err);
/* What age/plugin.h wants, with a struct keyring_programs as context. */
extern const struct age_plugins program_plugins;

#endif
