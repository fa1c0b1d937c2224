/* SPDX-License-Identifier: MIT */
/* The gateway's processes, and what else on the host lets the agent's shell read secrets. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "activate/manifest.h"
#include "survey.h"
#include "util/file.h"

#define PROCESSES_MAX 256
#define COMMAND_MAX ((size_t)64 << 10)

/* By its command line; this very program, which is called "bootseal openclaw …", is none. */
static bool is_ours(const char *directory)
{
	AUTO(secret) line = SECRET_INIT;
	struct error ignored = ERROR_INIT;
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/cmdline", directory);
	if (file_read(AT_FDCWD, path, COMMAND_MAX, &line, &ignored) < 0 || line.len == 0)
		return false;
	return memmem(line.data, line.len, "openclaw", 8) != NULL &&
	       memmem(line.data, line.len, "bootseal", 8) == NULL;
}

static int add_process(const struct survey *survey, const char *name, struct inventory *inventory,
		       struct secret *findings, struct error *err)
{
	const struct inventory_item *item;
	char path[64], directory[48];
	struct stat status;

	(void)snprintf(directory, sizeof(directory), "/proc/%.20s", name);
	(void)snprintf(path, sizeof(path), "%s/environ", directory);
	/* the owner of its files is root where it is not dumpable, its directory's is whose it is */
	if (stat(directory, &status) < 0 || status.st_uid != survey->uid || !is_ours(directory))
		return 0;
	if (inventory_add(inventory, path, err) < 0)
		return -1;
	item = inventory_find(inventory, path);
	if (item->is_read || item->reason != EACCES)
		return 0;
	return check_report(findings, CHECK_NOTE, "unread", path, "it cannot be read from here",
			    "run this as root", err);
}

int survey_processes(const struct survey *survey, struct inventory *inventory,
		     struct secret *findings, struct error *err)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	int result = 0;

	if (processes == NULL)
		return error_sys(err, "cannot list \"/proc\"");
	while (result == 0 && inventory->len < PROCESSES_MAX &&
	       (entry = readdir(processes)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]))
			result = add_process(survey, entry->d_name, inventory, findings, err);
	closedir(processes);
	return result;
}

/* What Yama says of reading the memory of one's own processes; -1: there is no Yama. */
static int ptrace_scope(void)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = -1;

	if (file == NULL)
		return -1;
	if (fscanf(file, "%d", &scope) != 1)
		scope = -1;
	fclose(file);
	return scope;
}

int survey_host(const struct survey *survey, struct secret *findings, struct error *err)
{
	struct stat key;

	if (survey->uid == 0)
		return check_report(
			findings, CHECK_PROBLEM, "root", "the gateway's user",
			"it is root: the agent's shell can read everything, the host's key too",
			"run the gateway as a user of its own (User= in a system unit)", err);
	if (ptrace_scope() <= 0 &&
	    check_report(
		    findings, CHECK_PROBLEM, "ptrace", "/proc/sys/kernel/yama/ptrace_scope",
		    "the agent's shell can read the gateway's memory, and with it every secret",
		    "sysctl kernel.yama.ptrace_scope=1, for good in /etc/sysctl.d", err) < 0)
		return -1;
	if (stat(MANIFEST_IDENTITY, &key) < 0 ||
	    (key.st_uid != survey->uid && (key.st_mode & 007) == 0))
		return 0;
	return check_report(
		findings, CHECK_PROBLEM, "identity", MANIFEST_IDENTITY,
		"the gateway's user can read the host's key, which opens what is sealed to it",
		"chown root:root and chmod 600", err);
}
