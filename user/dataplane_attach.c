// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching the receive program to devices, by pinned XDP links that outlive the
 * agent.  A link's pin is named after mode and device, so that all that is
 * attached can be found again.  It must not evict another XDP program.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"

/* The best first. */
static const struct {
	enum dataplane_attach mode;
	const char *name;
	__u32 flags;
} modes[] = {
	{DATAPLANE_NATIVE, "native", XDP_FLAGS_DRV_MODE},
	{DATAPLANE_GENERIC, "generic", XDP_FLAGS_SKB_MODE},
};

#define MODE_COUNT (int)(sizeof(modes) / sizeof(modes[0]))

static void link_path(const struct dataplane *dp, int mode, uint32_t ifindex, char *path,
		      size_t size)
{
	snprintf(path, size, "%s/xdp-%s-%u", dp->pin_dir, modes[mode].name, ifindex);
}

static struct dataplane_attachment *find(const struct dataplane *dp, uint32_t ifindex)
{
	for (int i = 0; i < dp->attachment_count; i++)
		if (dp->attachments[i].ifindex == ifindex)
			return &dp->attachments[i];
	return NULL;
}

static int remember(struct dataplane *dp, uint32_t ifindex, enum dataplane_attach mode, int link_fd)
{
	struct dataplane_attachment *grown = realloc(
		dp->attachments, (size_t)(dp->attachment_count + 1) * sizeof(*dp->attachments));

	if (!grown)
		return -ENOMEM;
	dp->attachments = grown;
	dp->attachments[dp->attachment_count++] = (struct dataplane_attachment){
		.ifindex = ifindex,
		.mode = mode,
		.link_fd = link_fd,
		.clsact = dataplane_filters_is_marked(dp, ifindex),
	};
	return 0;
}

/* The device of a link; 0: it is gone, and the link is an empty shell. */
static uint32_t link_ifindex(int link_fd)
{
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(link_fd, &info, &length) < 0)
		return 0;
	return info.xdp.ifindex;
}

/*
 * Take a pinned link over: this build's program from now on, without a gap.  A link that was taken
 * off its device is kept as long as the filters receive there.
 */
static int adopt(struct dataplane *dp, int mode, uint32_t ifindex, const char *path)
{
	int link_fd = bpf_obj_get(path), error = 0;

	if (link_fd < 0)
		return link_fd;
	if (link_ifindex(link_fd) == ifindex) {
		error = bpf_link_update(link_fd, dp->receive_prog_fd, NULL);
	} else if (!dataplane_filters_receive(ifindex)) {
		close(link_fd);
		return unlink(path) < 0 ? -errno : 0;
	}
	(void)dataplane_filters_attach(dp, ifindex);
	if (!error)
		error = remember(dp, ifindex, modes[mode].mode, link_fd);
	if (error)
		close(link_fd);
	return error;
}

/* Mode and device of a pin's name.  Returns the index in modes, or -1: no link's name. */
static int parse_pin(const char *name, uint32_t *ifindex)
{
	char format[32];

	for (int mode = 0; mode < MODE_COUNT; mode++) {
		snprintf(format, sizeof(format), "xdp-%s-%%u", modes[mode].name);
		if (sscanf(name, format, ifindex) == 1)
			return mode;
	}
	return -1;
}

int dataplane_links_adopt(struct dataplane *dp)
{
	DIR *dir = opendir(dp->pin_dir);
	char path[PATH_MAX + 320];
	struct dirent *entry;
	uint32_t ifindex;
	int error = 0;

	if (!dir)
		return -errno;
	while (!error && (entry = readdir(dir))) {
		int mode = parse_pin(entry->d_name, &ifindex);

		if (mode < 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dp->pin_dir, entry->d_name);
		error = adopt(dp, mode, ifindex, path);
	}
	closedir(dir);
	return error;
}

static int pin_missing(const struct dataplane *dp, const struct dataplane_attachment *attachment)
{
	char path[PATH_MAX + 64];
	int mended = 0;

	for (int mode = 0; mode < MODE_COUNT && mended >= 0; mode++) {
		if (modes[mode].mode != attachment->mode)
			continue;
		link_path(dp, mode, attachment->ifindex, path, sizeof(path));
		mended = dataplane_pin_missing(attachment->link_fd, path);
	}
	if (mended < 0 || !attachment->clsact ||
	    dataplane_filters_is_marked(dp, attachment->ifindex))
		return mended;
	mended = dataplane_filters_mark(dp, attachment->ifindex);
	return mended < 0 ? mended : 1;
}

int dataplane_links_mend(const struct dataplane *dp)
{
	int mended = 0;

	for (int i = 0; i < dp->attachment_count; i++) {
		int result = pin_missing(dp, &dp->attachments[i]);

		if (result < 0)
			return result;
		mended |= result;
	}
	return mended;
}

void dataplane_links_remove(const char *pin_dir)
{
	DIR *dir = opendir(pin_dir);
	char path[PATH_MAX + 320];
	struct dirent *entry;
	uint32_t ifindex;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", pin_dir, entry->d_name);
		if (strncmp(entry->d_name, "abi-", 4) == 0)
			dataplane_links_remove(path);
		if (parse_pin(entry->d_name, &ifindex) < 0)
			continue;
		unlink(path);
		/* A device that is gone has taken the filters along. */
		(void)dataplane_filters_detach(pin_dir, ifindex);
	}
	closedir(dir);
}

void dataplane_links_close(struct dataplane *dp)
{
	for (int i = 0; i < dp->attachment_count; i++)
		close(dp->attachments[i].link_fd);
	free(dp->attachments);
	dp->attachments = NULL;
	dp->attachment_count = 0;
}

static int attach_as(struct dataplane *dp, uint32_t ifindex, int mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = modes[mode].flags);
	char path[PATH_MAX + 64];
	int link_fd, error;

	link_fd = bpf_link_create(dp->receive_prog_fd, (int)ifindex, BPF_XDP, &options);
	if (link_fd < 0)
		return link_fd;
	link_path(dp, mode, ifindex, path, sizeof(path));
	/* A shell left by a device that had this index before. */
	unlink(path);
	error = bpf_obj_pin(link_fd, path);
	if (error)
		error = -errno;
	else
		error = remember(dp, ifindex, modes[mode].mode, link_fd);
	if (error) {
		unlink(path);
		close(link_fd);
	}
	return error;
}

/* The first attachment of the device, a link that is an empty shell; there is a newer one. */
static void forget(struct dataplane *dp, uint32_t ifindex)
{
	struct dataplane_attachment *old = find(dp, ifindex);
	enum dataplane_attach mode = old->mode;
	char path[PATH_MAX + 64];

	close(old->link_fd);
	*old = dp->attachments[--dp->attachment_count];
	for (int i = 0; i < MODE_COUNT; i++) {
		link_path(dp, i, ifindex, path, sizeof(path));
		if (modes[i].mode == mode && find(dp, ifindex)->mode != mode)
			unlink(path);
	}
}

int dataplane_attach(struct dataplane *dp, uint32_t ifindex, enum dataplane_attach best,
		     enum dataplane_attach *mode)
{
	struct dataplane_attachment *known = find(dp, ifindex);
	int error = -EOPNOTSUPP;

	if (known && link_ifindex(known->link_fd) == ifindex) {
		*mode = known->mode;
		return 0;
	}
	/* Before the first frame that XDP passes on to it. */
	(void)dataplane_filters_attach(dp, ifindex);
	for (int i = 0; i < MODE_COUNT; i++) {
		if (modes[i].mode < best)
			continue;
		error = attach_as(dp, ifindex, i);
		if (!error)
			*mode = modes[i].mode;
		/* Another program is there: the other mode would work beside it, but then its
		 * verdicts would come before ours, and it would see none of ours.
		 */
		if (!error || error == -EBUSY || error == -EEXIST)
			break;
	}
	/* One that was taken off: the filters may receive until it can be put back. */
	if (known && !error)
		forget(dp, ifindex);
	else if (error && !known)
		(void)dataplane_filters_detach(dp->pin_dir, ifindex);
	return error == -EEXIST ? -EBUSY : error;
}

int dataplane_detach(struct dataplane *dp, uint32_t ifindex)
{
	struct dataplane_attachment *known = find(dp, ifindex);
	char path[PATH_MAX + 64];

	if (!known)
		return -ENOENT;
	for (int i = 0; i < MODE_COUNT; i++) {
		link_path(dp, i, ifindex, path, sizeof(path));
		unlink(path);
	}
	/* The last reference: the kernel takes the program off. */
	close(known->link_fd);
	*known = dp->attachments[--dp->attachment_count];
	/* If the device is gone, so is the filter. */
	(void)dataplane_filters_detach(dp->pin_dir, ifindex);
	return 0;
}

bool dataplane_is_attached(const struct dataplane *dp, uint32_t ifindex)
{
	const struct dataplane_attachment *known = find(dp, ifindex);

	return known && link_ifindex(known->link_fd) == ifindex;
}

bool dataplane_receives(const struct dataplane *dp, uint32_t ifindex)
{
	return dataplane_is_attached(dp, ifindex) ||
	       (find(dp, ifindex) && dataplane_filters_receive(ifindex));
}

int dataplane_attachment(const struct dataplane *dp, uint32_t ifindex, enum dataplane_attach *mode,
			 uint32_t *program_id)
{
	const struct dataplane_attachment *known = find(dp, ifindex);
	struct bpf_link_info link = {};
	struct bpf_prog_info program = {};
	__u32 link_length = sizeof(link), program_length = sizeof(program);

	if (!known)
		return -ENOENT;
	if (bpf_obj_get_info_by_fd(known->link_fd, &link, &link_length) < 0)
		return -errno;
	if (link.xdp.ifindex == ifindex) {
		*mode = known->mode;
		*program_id = link.prog_id;
		return 0;
	}
	if (!dataplane_filters_receive(ifindex))
		return -ENOENT;
	if (bpf_obj_get_info_by_fd(dp->behind_prog_fd, &program, &program_length) < 0)
		return -errno;
	*mode = DATAPLANE_TC;
	*program_id = program.id;
	return 0;
}

int dataplane_attached(const struct dataplane *dp, uint32_t *ifindexes, int max)
{
	for (int i = 0; i < dp->attachment_count && i < max; i++)
		ifindexes[i] = dp->attachments[i].ifindex;
	return dp->attachment_count;
}
