// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps every processor from whatever has a lower real-time priority: one process on each,
 * SCHED_FIFO, that never sleeps.  What starts it may not run again before it ends, so it ends
 * by itself: by the clock, by the kernel's limit of real-time work if that should fail,
 * and with its parent.  It must not be able to last.
 *
 *	hog PRIORITY SECONDS
 *
 * Prints how much of the processors' time it had; the rest went to the kernel's fair server, which
 * leaves ordinary processes some 5 %, and to deadline tasks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_SECONDS 600
#define NS_PER_S 1000000000ULL

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Become a hog of one processor, that dies with its parent. */
static int prepare(int cpu, int priority, double seconds, pid_t parent)
{
	struct sched_param parameters = {.sched_priority = priority};
	rlim_t most_us = (rlim_t)(seconds * 1e6) + 1000000;
	struct rlimit limit = {.rlim_cur = most_us, .rlim_max = most_us};
	cpu_set_t set;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -errno;
	if (getppid() != parent)
		return -ESRCH;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || setrlimit(RLIMIT_RTTIME, &limit))
		return -errno;
	return sched_setscheduler(0, SCHED_FIFO, &parameters) ? -errno : 0;
}

/* All start together, when each has its priority.  Exits, as the child that it is. */
static void run_child(int cpu, int priority, uint64_t start_ns, double seconds, pid_t parent,
		      uint64_t *ran_ns)
{
	struct timespec start = {.tv_sec = start_ns / NS_PER_S, .tv_nsec = start_ns % NS_PER_S};
	uint64_t end_ns = start_ns + (uint64_t)(seconds * NS_PER_S);
	int error = prepare(cpu, priority, seconds, parent);

	if (error) {
		fprintf(stderr, "hog: processor %d at priority %d: %s\n", cpu, priority,
			strerror(-error));
		_exit(1);
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &start, NULL);
	while (clock_ns(CLOCK_MONOTONIC) < end_ns)
		;
	*ran_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	_exit(0);
}

/* How many were started; all of them have ended. */
static int run(const cpu_set_t *cpus, int priority, double seconds, uint64_t *ran_ns, int *failed)
{
	uint64_t start_ns = clock_ns(CLOCK_MONOTONIC) + NS_PER_S / 10;
	pid_t parent = getpid();
	int count = 0, status;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		pid_t pid;

		if (!CPU_ISSET(cpu, cpus))
			continue;
		pid = fork();
		if (pid < 0) {
			perror("hog: fork");
			*failed = 1;
			break;
		}
		if (pid == 0)
			run_child(cpu, priority, start_ns, seconds, parent, &ran_ns[cpu]);
		count++;
	}
	while (wait(&status) >= 0)
		*failed |= status != 0;
	return count;
}

int main(int argc, char **argv)
{
	char *priority_end = NULL, *seconds_end = NULL;
	long priority = argc == 3 ? strtol(argv[1], &priority_end, 10) : 0;
	double seconds = argc == 3 ? strtod(argv[2], &seconds_end) : 0;
	uint64_t *ran_ns, total_ns = 0;
	int count, failed = 0;
	cpu_set_t cpus;

	if (priority < 1 || priority > 99 || *priority_end || *seconds_end ||
	    !(seconds > 0 && seconds <= MOST_SECONDS)) {
		fprintf(stderr, "usage: hog PRIORITY SECONDS (1 to 99, at most %d)\n",
			MOST_SECONDS);
		return 1;
	}
	ran_ns = mmap(NULL, CPU_SETSIZE * sizeof(*ran_ns), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* Should this process be killed while its children wait for their start, they die too. */
	if (ran_ns == MAP_FAILED || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    sched_getaffinity(0, sizeof(cpus), &cpus)) {
		perror("hog");
		return 1;
	}
	count = run(&cpus, (int)priority, seconds, ran_ns, &failed);
	if (failed)
		return 1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		total_ns += ran_ns[cpu];
	printf("FIFO %ld had %.1f %% of %d processors\n", priority,
	       100.0 * total_ns / (seconds * NS_PER_S) / count, count);
	return 0;
}
