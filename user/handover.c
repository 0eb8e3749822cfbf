// SPDX-License-Identifier: GPL-2.0
/*
 * See handover.h.  The agent before is found by what it holds: it may have any name, and may be
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

#include "../kern/limits.h"
#include "handover.h"
#include "log.h"
#include "netlink_port.h"

#define NAME "bfd-agent"
#define END_MS 5000    /* it has nothing to do but to close files */
#define START_MS 20000 /* until one that has begun serves */
#define LOOK_MS 100
#define AGAIN "BFD_AGENT_AGAIN"

/* Of the agent's netlink port. */
struct holder {
	pid_t pid;
	/* And of the signalfd that an agent has, from when it serves.  One that only begins, or a
	 * --flush at its goodbye, has none yet: it must not be ended in the midst of that.
	 */
	bool serves;
};

static bool read_link(const char *path, char *out, size_t size)
{
	ssize_t length = readlink(path, out, size - 1);

	if (length < 0)
		return false;
	out[length] = '\0';
	return true;
}

/* Of a process: the target of each of its descriptors, until one is. */
static bool holds(const char *pid, const char *target)
{
	char path[PATH_MAX], link[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%.16s/fd/%.16s", pid, entry->d_name);
		found = read_link(path, link, sizeof(link)) && !strcmp(link, target);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Who holds the socket.  Returns its file descriptor, 0: nobody, or a negative errno. */
static int find_holder(const char *socket, struct holder *holder)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int fd = 0;

	if (!dir)
		return -errno;
	while (fd == 0 && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !holds(entry->d_name, socket))
			continue;
		holder->pid = (pid_t)atoi(entry->d_name);
		fd = pidfd_open(holder->pid, 0);
		if (fd < 0 && errno != ESRCH)
			fd = -errno;
		else if (fd < 0)
			fd = 0;
		/* Now that it can't become another process: is it still the one? */
		if (fd > 0 && !holds(entry->d_name, socket)) {
			close(fd);
			fd = 0;
		}
		holder->serves = fd > 0 && holds(entry->d_name, "anon_inode:[signalfd]");
	}
	closedir(dir);
	return fd;
}

/*
 * Who has the agent's netlink port.  Returns its file descriptor, 0: nobody, or a negative errno,
 * -EPERM: it isn't seen from here.
 */
static int find_agent(struct holder *holder)
{
	uint64_t inode = netlink_port_inode(BFD_USERSOCK_PORT);
	char socket[64];
	int fd;

	if (!inode)
		return 0;
	snprintf(socket, sizeof(socket), "socket:[%llu]", (unsigned long long)inode);
	fd = find_holder(socket, holder);
	if (fd == 0 && netlink_port_inode(BFD_USERSOCK_PORT) == inode)
		return -EPERM;
	return fd;
}

static bool ends(int fd, int within_ms)
{
	struct pollfd end = {.fd = fd, .events = POLLIN};

	return poll(&end, 1, within_ms) == 1;
}

static int end_agent(int fd, pid_t pid)
{
	if (pidfd_send_signal(fd, SIGTERM, NULL, 0) < 0)
		return errno == ESRCH ? 0 : -errno;
	(void)pidfd_send_signal(fd, SIGCONT, NULL, 0); /* it may be stopped */
	if (ends(fd, END_MS))
		return 0;
	log_warning("the agent before, process %d, doesn't end: it is killed", (int)pid);
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return -errno;
	return ends(fd, END_MS) ? 0 : -ETIMEDOUT;
}

int handover_take(char *error, size_t error_size)
{
	int waits = START_MS / LOOK_MS, fd, result = 0;
	struct holder holder = {};

	while (!result && (fd = find_agent(&holder)) > 0) {
		if (holder.serves) {
			log_info("taking over from process %d", (int)holder.pid);
			result = end_agent(fd, holder.pid);
		} else if (!ends(fd, LOOK_MS) && --waits < 0) {
			result = -EBUSY;
		}
		close(fd);
	}
	if (result == -EBUSY)
		snprintf(error, error_size,
			 "process %d has the agent's netlink port, but doesn't serve: it is left "
			 "alone",
			 (int)holder.pid);
	else if (result)
		snprintf(error, error_size, "cannot end the agent before, process %d: %s",
			 (int)holder.pid, strerror(-result));
	else if (fd == -EPERM)
		snprintf(error, error_size,
			 "cannot see which process has the agent's netlink port");
	else if (fd < 0)
		snprintf(error, error_size, "cannot look for the agent before: %s", strerror(-fd));
	return result ? result : fd;
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
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
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

bool handover_began_again(void)
{
	const char *pid = getenv(AGAIN);
	bool again = pid && atoi(pid) == getpid();

	unsetenv(AGAIN);
	return again;
}

int handover_exec_file(char **argv)
{
	char path[PATH_MAX], pid[24];

	if (!program_path(path, sizeof(path)))
		return -ENOENT;
	/* Which stays the same, so that it means nothing to anybody who inherits it. */
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (setenv(AGAIN, pid, 1) < 0)
		return -errno;
	execv(path, argv);
	return -errno;
}
