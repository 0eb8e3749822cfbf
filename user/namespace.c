// SPDX-License-Identifier: GPL-2.0
/*
 * The network namespace that the agent works in; see namespace.h.
 */
#define _GNU_SOURCE /* setns() */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespace.h"

#define NAMESPACE_DIR "/run/netns"

int namespace_enter(const char *name, char *error, size_t error_size)
{
	char path[PATH_MAX];
	int fd, result = 0;

	if (!name[0] || name[0] == '.' || strchr(name, '/')) {
		snprintf(error, error_size, "\"%s\" is not the name of a network namespace", name);
		return -EINVAL;
	}
	snprintf(path, sizeof(path), NAMESPACE_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		result = -errno;
		if (result == -ENOENT)
			snprintf(error, error_size, "there is no network namespace \"%s\"", name);
		else
			snprintf(error, error_size, "cannot open %s: %s", path, strerror(-result));
		return result;
	}
	if (setns(fd, CLONE_NEWNET) < 0) {
		result = -errno;
		snprintf(error, error_size, "cannot enter the network namespace \"%s\": %s", name,
			 strerror(-result));
	}
	close(fd);
	return result;
}

int namespace_watch(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int error;

	if (fd < 0)
		return -errno;
	if (inotify_add_watch(fd, NAMESPACE_DIR, IN_DELETE | IN_MOVED_FROM) >= 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

bool namespace_is_gone(int fd, const char *name)
{
	char path[PATH_MAX], buffer[4096];
	struct stat named, ours;

	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	snprintf(path, sizeof(path), NAMESPACE_DIR "/%s", name);
	if (stat("/proc/self/ns/net", &ours) < 0)
		return false;
	return stat(path, &named) < 0 ? errno == ENOENT : named.st_ino != ours.st_ino;
}

bool namespace_pins_are_private(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096], source[256], path[PATH_MAX];
	bool private = false;

	if (!mounts)
		return false;
	while (fgets(line, sizeof(line), mounts)) {
		const char *type = strstr(line, " - ");

		/* The last mount counts: it hides those before it. */
		if (!type || !strstr(line, " /sys "))
			continue;
		private = false;
		if (sscanf(type, " - sysfs %255s", source) != 1)
			continue;
		snprintf(path, sizeof(path), NAMESPACE_DIR "/%s", source);
		private = access(path, F_OK) == 0;
	}
	fclose(mounts);
	return private;
}
