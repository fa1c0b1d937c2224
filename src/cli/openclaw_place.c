/* SPDX-License-Identifier: MIT */
#include "cli/openclaw_place.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/text.h"

/* Whose gateway it is: the environment counts where it is the caller's own. */
static int find_user(const struct openclaw_place *options, struct openclaw_found *found,
		     struct survey *survey, struct error *err)
{
	const char *home = options->user ? NULL : getenv("HOME");
	const struct passwd *entry = options->user ? getpwnam(options->user) : getpwuid(geteuid());

	if (options->user && entry == NULL) {
		error_set(err, ERROR_CONFIG, "there is no user \"%s\"",
			  text_printable_text(options->user).text);
		return error_hint(err, "name the one that the gateway runs as (User= in its unit)");
	}
	if (!options->user && geteuid() == 0 && !options->config && !options->state) {
		error_set(err, ERROR_USAGE, "whose OpenClaw it is is not known");
		return error_hint(err, "name the user that the gateway runs as: --for USER");
	}
	survey->uid = entry ? entry->pw_uid : geteuid();
	survey->gid = entry ? entry->pw_gid : getegid();
	survey->environment = options->user ? NULL : (const char *const *)environ;
	if (home == NULL || *home != '/')
		home = entry ? entry->pw_dir : "/";
	found->home = strdup(home);
	found->user = entry ? strdup(entry->pw_name) : strdup("USER");
	survey->home = found->home;
	return found->home && found->user ? 0 : error_memory(err);
}

/* An absolute path for what the caller named from here. */
static int make_absolute(const char *path, char **ret_path, struct error *err)
{
	AUTO_FREE char *here = NULL;
	AUTO(buf) text = BUF_INIT;
	const char *whole = path;

	if (path == NULL)
		return 0;
	if (*path != '/') {
		here = getcwd(NULL, 0);
		if (here == NULL)
			return error_sys(err, "cannot tell the working directory");
		if (buf_printf(&text, err, "%s/%s", here, path) < 0 ||
		    buf_text(&text, &whole, err) < 0)
			return -1;
	}
	*ret_path = strdup(whole);
	return *ret_path ? 0 : error_memory(err);
}

int openclaw_find(const struct openclaw_place *place, struct openclaw_found *ret_found,
		  struct survey *survey, struct error *err)
{
	if (find_user(place, ret_found, survey, err) < 0 ||
	    make_absolute(place->config, &ret_found->config, err) < 0 ||
	    make_absolute(place->state, &ret_found->state, err) < 0)
		return -1;
	survey->config = ret_found->config;
	survey->state = ret_found->state;
	return 0;
}

void openclaw_found_release(struct openclaw_found *found)
{
	free(found->user);
	free(found->home);
	free(found->config);
	free(found->state);
	*found = OPENCLAW_FOUND_INIT;
}
