/* SPDX-License-Identifier: MIT */
/*
 * measure RUNS COMMAND [ARGUMENT...]: runs the command RUNS times, its stdin
 * and stdout on /dev/null, and prints the mean wall time of one run in seconds,
 * the largest peak of memory in KiB, and the mean time of processors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void become(char **command)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1)
		execvp(command[0], command);
	fprintf(stderr, "measure: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* One run; its peak of memory in KiB, or -1 where it failed. Adds its time of processors to *cpu. */
static long run(char **command, double *cpu)
{
	struct rusage usage;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		become(command);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0)
		return -1;
	*cpu += seconds(usage.ru_utime) + seconds(usage.ru_stime);
	return usage.ru_maxrss;
}

int main(int argc, char **argv)
{
	long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	long peak = 0;
	double start, cpu = 0;

	if (runs < 1) {
		fprintf(stderr, "usage: measure RUNS COMMAND [ARGUMENT...]\n");
		return EXIT_FAILURE;
	}
	start = now();
	for (long i = 0; i < runs; i++) {
		long used = run(argv + 2, &cpu);

		if (used < 0) {
			fprintf(stderr, "measure: %s failed\n", argv[2]);
			return EXIT_FAILURE;
		}
		peak = used > peak ? used : peak;
	}
	printf("%.6f %ld %.6f\n", (now() - start) / (double)runs, peak, cpu / (double)runs);
	return EXIT_SUCCESS;
}
