// SPDX-License-Identifier: GPL-2.0
/*
 * Measures what is left of every processor for a program of the lowest priority:
 * one process on each, SCHED_IDLE, reads the clock without pause.  Between two
 * readings lie some tens of nanoseconds, unless something else ran: interrupts,
 * softirqs, threads of the kernel, daemons.  The sum of those gaps is what all
 * the rest cost, whatever the tick accounting says of it.  It must not sleep.
 *
 *	spin SECONDS
 *
 * Prints, summed over the processors: microseconds lost, clock readings, and the
 * microseconds measured.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Far above two readings, far below an interrupt. */
#define GAP_NS 250

struct result {
	uint64_t lost_ns;
	uint64_t readings;
	uint64_t wall_ns;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int pin(int cpu)
{
	struct sched_param parameters = {0};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return -errno;
	if (sched_setscheduler(0, SCHED_IDLE, &parameters))
		return -errno;
	return 0;
}

/* All start together, at start_ns. */
static void spin(struct result *result, uint64_t start_ns, uint64_t duration_ns)
{
	uint64_t end_ns = start_ns + duration_ns;
	uint64_t last, now, lost = 0, readings = 0;

	do {
		last = now_ns();
	} while (last < start_ns);
	do {
		now = now_ns();
		readings++;
		if (now - last > GAP_NS)
			lost += now - last;
		last = now;
	} while (now < end_ns);
	result->lost_ns = lost;
	result->readings = readings;
	result->wall_ns = now - start_ns;
}

/* Exits, as the child that it is. */
static void run_child(int cpu, struct result *result, uint64_t start_ns, uint64_t duration_ns)
{
	int error = pin(cpu);

	if (error) {
		fprintf(stderr, "spin: cannot take processor %d: %s\n", cpu, strerror(-error));
		_exit(1);
	}
	spin(result, start_ns, duration_ns);
	_exit(0);
}

static int run(int cpus, double seconds, struct result *results)
{
	uint64_t start_ns = now_ns() + 50000000;
	int failed = 0;

	for (int cpu = 0; cpu < cpus; cpu++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("spin: fork");
			failed = 1;
			break;
		}
		if (pid == 0)
			run_child(cpu, &results[cpu], start_ns, (uint64_t)(seconds * 1e9));
	}
	for (;;) {
		int status;

		if (wait(&status) < 0)
			break;
		if (status)
			failed = 1;
	}
	return failed;
}

int main(int argc, char **argv)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct result total = {0};
	struct result *results;
	char *end = NULL;
	double seconds;

	seconds = argc == 2 ? strtod(argv[1], &end) : 0;
	if (!end || *end || !(seconds > 0 && seconds <= 3600)) {
		fprintf(stderr, "usage: spin SECONDS\n");
		return 1;
	}
	results = mmap(NULL, cpus * sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED) {
		perror("spin: mmap");
		return 1;
	}
	if (run(cpus, seconds, results))
		return 1;
	for (int cpu = 0; cpu < cpus; cpu++) {
		total.lost_ns += results[cpu].lost_ns;
		total.readings += results[cpu].readings;
		total.wall_ns += results[cpu].wall_ns;
	}
	printf("%.1f %llu %.1f\n", total.lost_ns / 1e3, (unsigned long long)total.readings,
	       total.wall_ns / 1e3);
	return 0;
}
