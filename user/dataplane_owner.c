// SPDX-License-Identifier: GPL-2.0
/*
 * Whose data plane the transmit clock of this namespace serves.  There is one clock, but there may
 * be several file systems to pin in: below `ip netns exec` is another one, and what is pinned
 * elsewhere isn't seen.  It must not change anything.
 */
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "clock.h"
#include "dataplane_internal.h"

/* Both are used by each version's tick. */
static const char *const own_maps[] = {"clock_state", "sessions"};

/* The program that the clock runs, as a descriptor; negative: none does, or we may not look. */
static int open_tick_program(void)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(CLOCK_TICK1_NAME),
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, found, .handle = 1, .priority = 1);

	if (!hook.ifindex || bpf_tc_query(&hook, &found))
		return -ENOENT;
	return bpf_prog_get_fd_by_id(found.prog_id);
}

/* Does it use maps that are pinned here, of whatever version? */
static bool is_pinned_here(int program_fd, const char *namespace_dir)
{
	DIR *dir = opendir(namespace_dir);
	char path[2 * PATH_MAX];
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		for (size_t i = 0; i < sizeof(own_maps) / sizeof(own_maps[0]); i++) {
			snprintf(path, sizeof(path), "%s/%s/%s", namespace_dir, entry->d_name,
				 own_maps[i]);
			found |= dataplane_uses_map(program_fd, dataplane_map_id(path));
		}
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool link_shares_maps(int link_fd, int program_fd)
{
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);
	bool shares;
	int fd;

	if (bpf_obj_get_info_by_fd(link_fd, &info, &length) < 0 || info.type != BPF_LINK_TYPE_XDP)
		return false;
	fd = bpf_prog_get_fd_by_id(info.prog_id);
	if (fd < 0)
		return false;
	shares = dataplane_share_map(fd, program_fd);
	close(fd);
	return shares;
}

/*
 * Does anybody, a pin or a process, hold what receives into the maps of this program?  Else it is
 * only what was left when the pins of its data plane went.
 */
static bool is_alive(int program_fd)
{
	bool found = false;
	__u32 id = 0;

	while (!found && bpf_link_get_next_id(id, &id) == 0) {
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		found = link_shares_maps(fd, program_fd);
		close(fd);
	}
	return found;
}

int dataplane_owner_check(const char *namespace_dir, char *error, size_t error_size)
{
	int fd = open_tick_program();
	bool foreign;

	if (fd < 0)
		return 0;
	foreign = !is_pinned_here(fd, namespace_dir) && is_alive(fd);
	close(fd);
	if (!foreign)
		return 0;
	snprintf(error, error_size,
		 "%s serves a data plane that is pinned elsewhere, and not in %s as seen from here "
		 "(is this below `ip netns exec`?); it is left alone",
		 CLOCK_TICK1_NAME, namespace_dir);
	return -EBUSY;
}
