// SPDX-License-Identifier: GPL-2.0
/*
 * Where the data plane of a namespace is pinned: one bpffs directory for each, below
 * it one for the version of kern/abi.h.  Makes it, looks into it, removes it; what is
 * pinned there is the business of the other dataplane files.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "clock.h"
#include "dataplane_internal.h"

#define BPFFS "/sys/fs/bpf"
#define PIN_ROOT BPFFS "/ipbfd"

/* Pins of one namespace stand below its cookie, which is never used again before a reboot. */
static int namespace_pin_dir(char *path, size_t size)
{
	uint64_t cookie;
	socklen_t length = sizeof(cookie);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) < 0)
		error = -errno;
	close(fd);
	if (!error)
		snprintf(path, size, PIN_ROOT "/netns-%llu", (unsigned long long)cookie);
	return error;
}

static int make_dir(const char *path)
{
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int mount_bpffs(void)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		return 0;
	return mount("bpf", BPFFS, "bpf", 0, "mode=0700") < 0 ? -errno : 0;
}

/* The version of a directory's name, -1: it is none's. */
static int version_of(const char *name)
{
	char rest;
	int version;

	return sscanf(name, "abi-%d%c", &version, &rest) == 1 && version >= 0 ? version : -1;
}

/* Pins of another version of kern/abi.h.  Returns it, 0: there are none, or a negative errno. */
static int other_version(const char *namespace_dir)
{
	DIR *dir = opendir(namespace_dir);
	struct dirent *entry;
	int found = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		int version = version_of(entry->d_name);

		/* If there are several the newest counts: others are what a crash has left. */
		if (version >= 0 && version != BFD_ABI_VERSION && version > found)
			found = version;
	}
	closedir(dir);
	return found;
}

static bool has_sessions(const char *pin_dir)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/sessions", pin_dir);
	return access(path, F_OK) == 0;
}

/* Did a newer version begin to carry our sessions over, and end before it had them all? */
static bool is_abandoned(const struct dataplane *dp, const char *newer_dir)
{
	return has_sessions(dp->pin_dir) && !dataplane_migration_is_complete(newer_dir);
}

/* Finds dp->old_pin_dir, what another version left or runs.  *left_over: it has only to go. */
static int find_other(struct dataplane *dp, const char *namespace_dir, bool *left_over, char *error,
		      size_t error_size)
{
	int version = other_version(namespace_dir);

	*left_over = false;
	if (version <= 0)
		return version;
	snprintf(dp->old_pin_dir, sizeof(dp->old_pin_dir), "%s/abi-%d", namespace_dir, version);
	if (version > BFD_ABI_VERSION && !is_abandoned(dp, dp->old_pin_dir)) {
		snprintf(error, error_size,
			 "%s holds the sessions of a newer version (abi-%d, this one's is abi-%d), "
			 "which run on; run that version's bfd-agent, or remove them with --flush "
			 "--now",
			 namespace_dir, version, BFD_ABI_VERSION);
		return -EEXIST;
	}
	/* A migration of ours that ended while the older pins went is all but over. */
	*left_over = version > BFD_ABI_VERSION || !has_sessions(dp->old_pin_dir);
	return 0;
}

/* How far did a migration to this version come? */
static int prepare_migration(struct dataplane *dp, bool left_over)
{
	int result = 0;

	if (left_over) {
		result = dataplane_pins_remove(dp->old_pin_dir);
		dp->old_pin_dir[0] = '\0';
	} else if (dp->old_pin_dir[0] && !dataplane_migration_is_complete(dp->pin_dir)) {
		/* An attempt that ended before anything was switched over begins anew. */
		result = dataplane_pins_remove(dp->pin_dir);
	}
	return result;
}

static int make_dirs(const struct dataplane *dp, const char *namespace_dir)
{
	int result = make_dir(PIN_ROOT);

	if (!result)
		result = make_dir(namespace_dir);
	return result ? result : make_dir(dp->pin_dir);
}

static int find(struct dataplane *dp, char *namespace_dir, size_t size, bool *left_over,
		char *error, size_t error_size)
{
	int result = namespace_pin_dir(namespace_dir, size);

	if (result) {
		snprintf(error, error_size, "cannot read the namespace's cookie: %s",
			 strerror(-result));
		return result;
	}
	snprintf(dp->pin_dir, sizeof(dp->pin_dir), "%s/abi-%d", namespace_dir, BFD_ABI_VERSION);
	result = dataplane_owner_check(namespace_dir, error, error_size);
	if (!result)
		result = find_other(dp, namespace_dir, left_over, error, error_size);
	if (result && !error[0])
		snprintf(error, error_size, "cannot read %s: %s", namespace_dir, strerror(-result));
	return result;
}

int dataplane_pins_find(struct dataplane *dp, char *error, size_t error_size)
{
	char namespace_dir[PATH_MAX - 64];
	bool left_over = false;
	int result = find(dp, namespace_dir, sizeof(namespace_dir), &left_over, error, error_size);

	if (left_over)
		dp->old_pin_dir[0] = '\0';
	return result;
}

int dataplane_pins_prepare(struct dataplane *dp, char *error, size_t error_size)
{
	char namespace_dir[PATH_MAX - 64];
	int result = mount_bpffs();
	bool left_over;

	if (result) {
		snprintf(error, error_size, "cannot mount bpffs on " BPFFS ": %s",
			 strerror(-result));
		return result;
	}
	result = find(dp, namespace_dir, sizeof(namespace_dir), &left_over, error, error_size);
	if (!result)
		result = prepare_migration(dp, left_over);
	if (!result)
		result = make_dirs(dp, namespace_dir);
	if (result && !error[0])
		snprintf(error, error_size, "cannot make %s: %s", dp->pin_dir, strerror(-result));
	return result;
}

int dataplane_pins_mend_dir(const struct dataplane *dp)
{
	char namespace_dir[PATH_MAX - 64];
	int result;

	if (access(dp->pin_dir, F_OK) == 0)
		return 0;
	result = mount_bpffs();
	if (!result)
		result = namespace_pin_dir(namespace_dir, sizeof(namespace_dir));
	return result ? result : make_dirs(dp, namespace_dir);
}

int dataplane_pin_missing(int fd, const char *path)
{
	if (access(path, F_OK) == 0)
		return 0;
	return bpf_obj_pin(fd, path) < 0 ? -errno : 1;
}

/* Pinned maps decide how many sessions there can be; else the option does. */
int dataplane_pins_size(const struct dataplane *dp, uint32_t *size)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	char path[PATH_MAX + 16];
	int fd, error = 0;

	if (dp->old_pin_dir[0])
		return dataplane_migrate_size(dp, size);
	snprintf(path, sizeof(path), "%s/sessions", dp->pin_dir);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		error = -errno;
	*size = info.max_entries;
	close(fd);
	return error;
}

/* Is anything attached, so that there is a data plane at work? */
static bool is_at_work(const struct dataplane *dp)
{
	DIR *dir = opendir(dp->pin_dir);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir)))
		found = strncmp(entry->d_name, "xdp-", 4) == 0;
	if (dir)
		closedir(dir);
	return found;
}

static bool is_as_declared(const struct bpf_map *map, const struct bpf_map_info *info)
{
	return info->type == bpf_map__type(map) && info->key_size == bpf_map__key_size(map) &&
	       info->value_size == bpf_map__value_size(map) &&
	       info->max_entries == bpf_map__max_entries(map);
}

/* One that came with a later build of this layout is made when it is missing. */
static bool is_optional(const struct bpf_map *map)
{
	return !strcmp(bpf_map__name(map), "subscribers");
}

/* Returns NULL or what is wrong with the pin. */
static const char *pin_fault(const struct dataplane *dp, const struct bpf_map *map,
			     const char *path)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	const char *fault = NULL;
	int fd = bpf_obj_get(path);

	if (fd < 0 && errno == ENOENT)
		return is_at_work(dp) && !is_optional(map) ? "is missing" : NULL;
	if (fd < 0)
		return "can't be opened";
	/* Also what isn't a map at all has this information, of another kind and length. */
	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0 || !is_as_declared(map, &info))
		fault = "is something else";
	close(fd);
	return fault;
}

int dataplane_pins_check(const struct dataplane *dp, struct bpf_object *object, char *error,
			 size_t error_size)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		char path[PATH_MAX + 64];
		const char *fault;

		if (!bpf_map__pin_path(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dp->pin_dir, bpf_map__name(map));
		fault = pin_fault(dp, map, path);
		if (!fault)
			continue;
		snprintf(error, error_size,
			 "%s %s: somebody changed what is pinned there; nothing is touched, "
			 "--flush --now removes it all",
			 path, fault);
		return -EINVAL;
	}
	return 0;
}

int dataplane_pins_remove(const char *path)
{
	char entry_path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(entry_path, sizeof(entry_path), "%s/%s", path, entry->d_name);
		if (unlink(entry_path) < 0 && errno == EISDIR)
			dataplane_pins_remove(entry_path);
	}
	closedir(dir);
	return rmdir(path) < 0 ? -errno : 0;
}

bool dataplane_pins_exist(void)
{
	char path[PATH_MAX - 64];

	return namespace_pin_dir(path, sizeof(path)) == 0 && access(path, F_OK) == 0;
}

int dataplane_remove_all(char *error, size_t error_size)
{
	char path[PATH_MAX - 64] = PIN_ROOT;
	int result = namespace_pin_dir(path, sizeof(path));

	error[0] = '\0';
	if (!result)
		result = dataplane_owner_check(path, error, error_size);
	/* Links first: nothing may receive or send while the rest goes. */
	if (!result) {
		dataplane_links_remove(path);
		result = dataplane_filters_sweep();
	}
	if (!result)
		result = clock_remove();
	if (!result)
		result = dataplane_pins_remove(path);
	if (result && !error[0])
		snprintf(error, error_size, "cannot remove the data plane in %s: %s", path,
			 strerror(-result));
	return result;
}
