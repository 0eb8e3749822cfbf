// SPDX-License-Identifier: GPL-2.0
/*
 * The programs, pinned beside their maps under a name that tells the build: an agent that starts
 * anew over the programs of its own build has nothing to load, and so nothing to have the kernel
 * verify, which takes far longer than all the rest.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"

#define PIN_PREFIX "program-"
#define MAPS_MAX 64 /* of a program */

static const char *const names[DATAPLANE_PROGRAMS] = {"receive", "behind", "answer", "tick",
						      "control"};

static int *program_fd(struct dataplane *dp, int program)
{
	int *const fds[DATAPLANE_PROGRAMS] = {&dp->receive_prog_fd, &dp->behind_prog_fd,
					      &dp->answer_prog_fd, &dp->tick_prog_fd,
					      &dp->control_prog_fd};

	return fds[program];
}

/* FNV-1a of 64 bits.  Whoever could forge a build may write to bpffs anyway. */
uint64_t dataplane_build_of(const void *object, size_t size)
{
	const uint8_t *bytes = object;
	uint64_t hash = 14695981039346656037ULL;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 1099511628211ULL;
	return hash;
}

static void pin_path(const struct dataplane *dp, int program, char *path, size_t size)
{
	snprintf(path, size, "%s/" PIN_PREFIX "%s-%016llx", dp->pin_dir, names[program],
		 (unsigned long long)dp->build);
}

uint32_t dataplane_map_id(const char *path)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	int fd = bpf_obj_get(path);

	if (fd < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		info.id = 0;
	close(fd);
	return info.id;
}

/* Returns how many they are. */
static __u32 maps_of(int program_fd, __u32 ids[MAPS_MAX])
{
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (__u64)(uintptr_t)ids};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(program_fd, &info, &length) < 0)
		return 0;
	return info.nr_map_ids < MAPS_MAX ? info.nr_map_ids : MAPS_MAX;
}

bool dataplane_uses_map(int program_fd, uint32_t id)
{
	__u32 ids[MAPS_MAX] = {0}, count = id ? maps_of(program_fd, ids) : 0;

	for (__u32 i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

bool dataplane_share_map(int program_fd, int other_fd)
{
	__u32 ids[MAPS_MAX] = {0}, count = maps_of(program_fd, ids);

	for (__u32 i = 0; i < count; i++)
		if (dataplane_uses_map(other_fd, ids[i]))
			return true;
	return false;
}

void dataplane_programs_close(struct dataplane *dp)
{
	for (int i = 0; dp->programs_reused && i < DATAPLANE_PROGRAMS; i++)
		if (*program_fd(dp, i) >= 0)
			close(*program_fd(dp, i));
	dp->programs_reused = false;
}

bool dataplane_programs_reuse(struct dataplane *dp)
{
	char path[PATH_MAX + 64];
	uint32_t sessions;

	snprintf(path, sizeof(path), "%s/sessions", dp->pin_dir);
	sessions = dataplane_map_id(path);
	for (int i = 0; i < DATAPLANE_PROGRAMS; i++)
		*program_fd(dp, i) = -1;
	dp->programs_reused = true;
	for (int i = 0; i < DATAPLANE_PROGRAMS; i++) {
		pin_path(dp, i, path, sizeof(path));
		*program_fd(dp, i) = bpf_obj_get(path);
		/* Not others that had their pins here before these. */
		if (*program_fd(dp, i) < 0 || !dataplane_uses_map(*program_fd(dp, i), sessions)) {
			dataplane_programs_close(dp);
			return false;
		}
	}
	return true;
}

/* Those of other builds, which an agent of theirs would find if it came back. */
static void unpin_others(const struct dataplane *dp)
{
	char path[PATH_MAX + 320], build[24];
	DIR *dir = opendir(dp->pin_dir);
	struct dirent *entry;

	snprintf(build, sizeof(build), "-%016llx", (unsigned long long)dp->build);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, PIN_PREFIX, strlen(PIN_PREFIX)) != 0 ||
		    strstr(entry->d_name, build))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dp->pin_dir, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
}

int dataplane_programs_pin(struct dataplane *dp)
{
	char path[PATH_MAX + 64];

	unpin_others(dp);
	for (int i = 0; i < DATAPLANE_PROGRAMS; i++) {
		pin_path(dp, i, path, sizeof(path));
		/* Of maps that are gone. */
		if (!dp->programs_reused)
			unlink(path);
		if (bpf_obj_pin(*program_fd(dp, i), path) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int dataplane_programs_mend(struct dataplane *dp)
{
	char path[PATH_MAX + 64];
	int mended = 0;

	for (int i = 0; i < DATAPLANE_PROGRAMS; i++) {
		int result;

		pin_path(dp, i, path, sizeof(path));
		result = dataplane_pin_missing(*program_fd(dp, i), path);
		if (result < 0)
			return result;
		mended |= result;
	}
	return mended;
}
