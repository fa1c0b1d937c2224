/* SPDX-License-Identifier: MIT */
/*
 * OpenClaw's configuration (openclaw.json, JSON5) with the files that it includes: where its secrets stand, and as
 * what. It is read as text with places in it (doc/json5.h), so that one of them can be changed and all else kept.
 */
#ifndef OPENCLAW_CONFIG_H
#define OPENCLAW_CONFIG_H

#include "activate/names.h"
#include "doc/json5.h"
#include "openclaw/known.h"
#include "util/buf.h"

#define CONFIG_FILES_MAX 64
#define CONFIG_INCLUDE_DEPTH_MAX 10 /* OpenClaw's own */
#define CONFIG_PLACES_MAX 4096

/* Where an installation lies. */
struct config_where {
	char *config; /* openclaw.json */
	char *state;  /* the directory of .env, gateway.systemd.env, agents/ */
	char *home;
};

#define CONFIG_WHERE_INIT ((struct config_where){ NULL, NULL, NULL })

/*
 * As OpenClaw finds it: OPENCLAW_HOME stands for home, OPENCLAW_STATE_DIR (HOME/.openclaw) is the state,
 * OPENCLAW_CONFIG_PATH (STATE/openclaw.json) the configuration. look_up gives a variable's value or NULL; what begins
 * with "~/" is below the home.
 */
MUST_USE int config_find(const char *home, const char *(*look_up)(void *argument, const char *name),
			 void *argument, struct config_where *ret_where, struct error *err);
void config_where_release(struct config_where *where);
/* path, "~" being home, from the directory of the file base where it is relative; without "." and "..". */
MUST_USE int config_resolve(const char *home, const char *base, struct span path, char **ret_path,
			    struct error *err);

enum config_kind {
	CONFIG_SECRET,       /* a secret that may be a SecretRef */
	CONFIG_SECRET_PLAIN, /* one that may not */
	CONFIG_SECRET_FILE,  /* the path of a file that has one */
	CONFIG_PROVIDER,     /* secrets.providers.NAME */
	CONFIG_CHANNEL,      /* channels.NAME */
	CONFIG_PORT,         /* gateway.port */
	CONFIG_AUTH_MODE,    /* gateway.auth.mode */
};

struct config_place {
	enum config_kind kind;
	char *path; /* "gateway.auth.token" */
	char *name; /* the last part of it */
	size_t file;
	uint32_t node;
};

struct config_file {
	char *path;
	struct doc doc;
};

struct config {
	struct config_file *files; /* the first is openclaw.json itself */
	size_t files_len;
	struct config_place
		*places; /* what is included comes before what stands beside the "$include" */
	size_t len, cap;
	struct names faults; /* of files that are included, a sentence each */
};

#define CONFIG_INIT ((struct config){ NULL, 0, NULL, 0, 0, NAMES_INIT })

/* How files are read: ERROR_NO_FILE for one that is not there; ERROR_SYSTEM ends it all. */
struct config_reader {
	int (*read)(void *argument, const char *path, struct secret *ret_text, struct error *err);
	void *argument;
};

/* An included file that cannot be read is a fault. What json5_parse() says; ERROR_LIMIT; what the reader says. */
MUST_USE int config_read(const char *path, const struct config_reader *reader,
			 struct config *ret_config, struct error *err);
void config_release(struct config *config);

const struct doc *config_doc(const struct config *config, const struct config_place *place);
/* The last place of that path, which is the one that counts; NULL. */
const struct config_place *config_find_place(const struct config *config, const char *path);
/* The text of an entry of a place that is a map; an empty one where it is no string. */
struct span config_text(const struct config *config, const struct config_place *place,
			const char *key);

/* Appends text with what look_up says in the place of each "${NAME}"; one that it does not know stays as it is. */
MUST_USE int config_expand(struct span text,
			   const char *(*look_up)(void *argument, const char *name), void *argument,
			   struct buf *out, struct error *err);

enum config_value {
	CONFIG_EMPTY,
	CONFIG_PLAIN,
	CONFIG_VARIABLE,  /* "${NAME}", in it or all of it */
	CONFIG_REFERENCE, /* an object */
	CONFIG_OBJECT,    /* one that is the secret itself: an account with its private key */
	CONFIG_OTHER,     /* number, list, … */
};

enum config_value config_value(const struct config *config, const struct config_place *place);

/* A CONFIG_OBJECT as JSON, which OpenClaw takes in its place; empty where something in it is no text. */
MUST_USE int config_object(const struct config *config, const struct config_place *place,
			   struct secret *ret_json, struct error *err);
/* The private key in it. */
struct span config_object_key(const struct config *config, const struct config_place *place);

enum config_source { CONFIG_ENV, CONFIG_FILE, CONFIG_EXEC, CONFIG_STORE };

#define CONFIG_SOURCES 4
extern const char *const config_sources[CONFIG_SOURCES];

struct config_reference {
	enum config_source source;
	struct span provider, id; /* borrowed from the configuration */
};

/* False, and why, where OpenClaw would not take it for a SecretRef. */
bool config_reference(const struct config *config, const struct config_place *place,
		      struct config_reference *ret_reference, const char **ret_why);

#endif
