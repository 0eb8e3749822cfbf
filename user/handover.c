// SPDX-License-Identifier: GPL-2.0
/*
 * See handover.h.  The agent before is found as a process, not by its netlink port: it may be
 * stopped and unable to answer.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handover.h"
#include "log.h"

#define NAME "bfd-agent"
#define END_MS 5000 /* it has nothing to do but to close files */

static bool read_link(const char *path, char *out, size_t size)
{
	ssize_t length = readlink(path, out, size - 1);

	if (length < 0)
		return false;
	out[length] = '\0';
	return true;
}

static bool is_agent(const char *pid)
{
	char path[64], name[sizeof(NAME) + 2] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
	return !strcmp(name, NAME);
}

static bool is_in_our_namespace(const char *pid)
{
	char path[64], theirs[64], ours[64];

	snprintf(path, sizeof(path), "/proc/%.16s/ns/net", pid);
	return read_link(path, theirs, sizeof(theirs)) &&
	       read_link("/proc/self/ns/net", ours, sizeof(ours)) && !strcmp(theirs, ours);
}

/* Returns its file descriptor, 0: there is none, or a negative errno. */
static int find_agent(pid_t *found)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int fd = 0;

	if (!dir)
		return -errno;
	while (fd <= 0 && (entry = readdir(dir))) {
		*found = (pid_t)atoi(entry->d_name);
		if (!isdigit((unsigned char)entry->d_name[0]) || *found == getpid() ||
		    !is_agent(entry->d_name) || !is_in_our_namespace(entry->d_name))
			continue;
		fd = pidfd_open(*found, 0);
		/* Now that it can't become another process: is it still the one? */
		if (fd >= 0 && !is_agent(entry->d_name)) {
			close(fd);
			fd = 0;
		}
	}
	closedir(dir);
	return fd < 0 && errno == ESRCH ? 0 : fd;
}

static bool ends(int fd)
{
	struct pollfd end = {.fd = fd, .events = POLLIN};

	return poll(&end, 1, END_MS) == 1;
}

static int end_agent(int fd, pid_t pid)
{
	if (pidfd_send_signal(fd, SIGTERM, NULL, 0) < 0)
		return errno == ESRCH ? 0 : -errno;
	(void)pidfd_send_signal(fd, SIGCONT, NULL, 0); /* it may be stopped */
	if (ends(fd))
		return 0;
	log_warning("the agent before, process %d, doesn't end: it is killed", (int)pid);
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return -errno;
	return ends(fd) ? 0 : -ETIMEDOUT;
}

int handover_take(char *error, size_t error_size)
{
	pid_t pid = 0;
	int fd, result;

	while ((fd = find_agent(&pid)) > 0) {
		log_info("taking over from process %d", (int)pid);
		result = end_agent(fd, pid);
		close(fd);
		if (result) {
			snprintf(error, error_size, "cannot end the agent before, process %d: %s",
				 (int)pid, strerror(-result));
			return result;
		}
	}
	if (fd < 0)
		snprintf(error, error_size, "cannot look for the agent before: %s", strerror(-fd));
	return fd;
}

/* A file that was replaced is called deleted; what has its name now is what we want. */
static bool program_path(char *path, size_t size)
{
	static const char deleted[] = " (deleted)";
	size_t length;

	if (!read_link("/proc/self/exe", path, size))
		return false;
	length = strlen(path);
	if (length > sizeof(deleted) - 1 && !strcmp(path + length - (sizeof(deleted) - 1), deleted))
		path[length - (sizeof(deleted) - 1)] = '\0';
	return true;
}

int handover_check_file(char *error, size_t error_size)
{
	char path[PATH_MAX];
	int status;
	pid_t pid;

	if (!program_path(path, sizeof(path))) {
		snprintf(error, error_size, "cannot find our own program file");
		return -ENOENT;
	}
	pid = fork();
	if (pid == 0) {
		execl(path, NAME, "--check", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		snprintf(error, error_size, "cannot run %s --check: %s", path, strerror(errno));
		return -errno;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	snprintf(error, error_size, "%s --check says that it can't do our work", path);
	return -ENOEXEC;
}

int handover_exec_file(char **argv)
{
	char path[PATH_MAX];

	if (!program_path(path, sizeof(path)))
		return -ENOENT;
	execv(path, argv);
	return -errno;
}
