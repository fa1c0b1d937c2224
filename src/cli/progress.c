/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "util/text.h"

#define INTERVAL_MS 100
#define NAME_WIDTH 50

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void progress_start(struct progress *progress, const char *what, size_t total)
{
	*progress = (struct progress){ what, total, false, total < 2 || !isatty(STDERR_FILENO), 0 };
}

void progress_step(struct progress *progress, size_t done, const char *name)
{
	const long time = progress->off ? 0 : now();

	if (progress->off || time - progress->last < INTERVAL_MS)
		return;
	progress->last = time;
	progress->shown = true;
	fprintf(stderr, "\r\033[K%s %zu of %zu: %.*s", progress->what, done + 1, progress->total,
		NAME_WIDTH, text_printable_text(name).text);
	fflush(stderr);
}

void progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
