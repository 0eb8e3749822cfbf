// SPDX-License-Identifier: GPL-2.0
/*
 * The tc programs behind XDP: one sends what can't wait for a tick, its filter bound to the
 * protocol number that XDP gives such frames; one receives what XDP can't see, or all while
 * somebody has taken that off the device.  A clsact qdisc of others is shared and left; ours is
 * remembered by a pin, and in the name of a filter, for when there are no pins any more.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"
#include "rtnl.h"

#define FILTER_HANDLE 1
#define CLSACT_HANDLE TC_H_MAKE(TC_H_CLSACT, 0)

/* Ends a filter's name where the clsact qdisc is ours. */
#define OWN_CLSACT "+clsact"

enum filter { FILTER_ANSWER, FILTER_RECEIVE, FILTER_COUNT };

/* Priorities unlikely to be anybody else's: one has filters of one protocol only. */
static const struct {
	const char *name;
	uint16_t priority;
	uint16_t protocol;
} filters[FILTER_COUNT] = {
	[FILTER_ANSWER] = {"bfd_answer_frame", 3784, BFD_TICK_ETHERTYPE},
	[FILTER_RECEIVE] = {"bfd_receive_behind", 3785, ETH_P_ALL},
};

static struct tcmsg device_message(uint32_t ifindex, uint32_t handle, uint32_t parent)
{
	return (struct tcmsg){
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = (int)ifindex,
		.tcm_handle = handle,
		.tcm_parent = parent,
	};
}

static struct tcmsg filter_message(uint32_t ifindex, enum filter filter)
{
	struct tcmsg info =
		device_message(ifindex, FILTER_HANDLE, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS));

	info.tcm_info = TC_H_MAKE((uint32_t)filters[filter].priority << 16,
				  htons(filters[filter].protocol));
	return info;
}

static int request(struct rtnl *rtnl, int type, int flags, const struct tcmsg *info,
		   const char *kind, rtnl_reply_cb callback, void *context)
{
	struct nl_msg *message = rtnl_message(type, flags, info, sizeof(*info));
	int error = -ENOMEM;

	if (message && (!kind || !nla_put_string(message, TCA_KIND, kind)))
		error = rtnl_request(rtnl, message, callback, context);
	nlmsg_free(message);
	return error;
}

/* The pin that says that the clsact qdisc of a device is ours. */
static void clsact_path(const char *pin_dir, uint32_t ifindex, char *path, size_t size)
{
	snprintf(path, size, "%s/clsact-%u", pin_dir, ifindex);
}

bool dataplane_filters_is_marked(const struct dataplane *dp, uint32_t ifindex)
{
	char path[PATH_MAX + 64];

	clsact_path(dp->pin_dir, ifindex, path, sizeof(path));
	return access(path, F_OK) == 0;
}

int dataplane_filters_mark(const struct dataplane *dp, uint32_t ifindex)
{
	char path[PATH_MAX + 64];

	clsact_path(dp->pin_dir, ifindex, path, sizeof(path));
	/* Any object serves; this one lives as long as the data plane. */
	return bpf_obj_pin(dp->clock_fd, path) < 0 && errno != EEXIST ? -errno : 0;
}

/* Filters of ours on one device. */
struct own_filters {
	bool found[FILTER_COUNT];
	bool own_clsact;
};

/* The kernel keeps the beginning of a program's name. */
static bool runs_program(uint32_t program_id, const char *name)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(program_id);
	bool same;

	if (fd < 0)
		return false;
	same = bpf_obj_get_info_by_fd(fd, &info, &length) == 0 &&
	       strncmp(info.name, name, sizeof(info.name) - 1) == 0;
	close(fd);
	return same;
}

/* options: of a filter of our kind, at our place. */
static bool is_own(struct nlattr *options, enum filter filter, bool *own_clsact)
{
	size_t length = strlen(filters[filter].name);
	struct nlattr *bpf[TCA_BPF_MAX + 1];
	const char *name;

	if (!options || nla_parse_nested(bpf, TCA_BPF_MAX, options, NULL) < 0 ||
	    !bpf[TCA_BPF_NAME] || !bpf[TCA_BPF_FLAGS] || !bpf[TCA_BPF_ID] ||
	    !(nla_get_u32(bpf[TCA_BPF_FLAGS]) & TCA_BPF_FLAG_ACT_DIRECT))
		return false;
	name = nla_get_string(bpf[TCA_BPF_NAME]);
	if (strncmp(name, filters[filter].name, length) != 0)
		return false;
	*own_clsact = strcmp(name + length, OWN_CLSACT) == 0;
	return (*own_clsact || !name[length]) &&
	       runs_program(nla_get_u32(bpf[TCA_BPF_ID]), filters[filter].name);
}

static int find_own(struct nlmsghdr *header, void *context)
{
	const struct tcmsg *info = nlmsg_data(header);
	struct nlattr *attributes[TCA_MAX + 1];
	struct own_filters *own = context;
	bool own_clsact;

	if (header->nlmsg_type != RTM_NEWTFILTER ||
	    nlmsg_parse(header, sizeof(*info), attributes, TCA_MAX, NULL) < 0 ||
	    !attributes[TCA_KIND] || strcmp(nla_get_string(attributes[TCA_KIND]), "bpf") != 0 ||
	    (attributes[TCA_CHAIN] && nla_get_u32(attributes[TCA_CHAIN])) ||
	    info->tcm_handle != FILTER_HANDLE)
		return 0;
	for (int i = 0; i < FILTER_COUNT; i++) {
		if (info->tcm_info != filter_message(0, i).tcm_info ||
		    !is_own(attributes[TCA_OPTIONS], i, &own_clsact))
			continue;
		own->found[i] = true;
		own->own_clsact |= own_clsact;
	}
	return 0;
}

static int find_all_own(struct rtnl *rtnl, uint32_t ifindex, struct own_filters *own)
{
	const struct tcmsg info =
		device_message(ifindex, 0, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS));
	int error;

	do {
		*own = (struct own_filters){};
		error = request(rtnl, RTM_GETTFILTER, NLM_F_DUMP, &info, NULL, find_own, own);
	} while (error == -EINTR);
	return error;
}

static int make_clsact(struct dataplane *dp, struct rtnl *rtnl, uint32_t ifindex)
{
	struct tcmsg info = device_message(ifindex, CLSACT_HANDLE, TC_H_CLSACT);
	struct own_filters own;
	int error =
		request(rtnl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &info, "clsact", NULL, NULL);

	if (error == -EEXIST) {
		if (dataplane_filters_is_marked(dp, ifindex))
			return 0;
		/* Of a data plane whose pins went? */
		error = find_all_own(rtnl, ifindex, &own);
		if (error || !own.own_clsact)
			return error;
	}
	return error ? error : dataplane_filters_mark(dp, ifindex);
}

/* Replaces the program of an earlier agent in one step. */
static int make_filter(struct rtnl *rtnl, uint32_t ifindex, enum filter filter, int prog_fd,
		       bool own_clsact)
{
	struct tcmsg info = filter_message(ifindex, filter);
	char name[64];
	struct nl_msg *message = rtnl_message(RTM_NEWTFILTER, NLM_F_CREATE, &info, sizeof(info));
	struct nlattr *options;
	int error = -ENOMEM;

	snprintf(name, sizeof(name), "%s%s", filters[filter].name, own_clsact ? OWN_CLSACT : "");
	if (!message || nla_put_string(message, TCA_KIND, "bpf"))
		goto cleanup;
	options = nla_nest_start(message, TCA_OPTIONS);
	if (!options || nla_put_u32(message, TCA_BPF_FD, (uint32_t)prog_fd) ||
	    nla_put_string(message, TCA_BPF_NAME, name) ||
	    nla_put_u32(message, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT))
		goto cleanup;
	nla_nest_end(message, options);
	error = rtnl_request(rtnl, message, NULL, NULL);
cleanup:
	nlmsg_free(message);
	return error;
}

int dataplane_filters_attach(struct dataplane *dp, uint32_t ifindex)
{
	struct rtnl *rtnl = NULL;
	int error = rtnl_open(&rtnl);
	bool own_clsact;

	if (!error)
		error = make_clsact(dp, rtnl, ifindex);
	own_clsact = dataplane_filters_is_marked(dp, ifindex);
	if (!error)
		error = make_filter(rtnl, ifindex, FILTER_RECEIVE, dp->behind_prog_fd, own_clsact);
	if (!error)
		error = make_filter(rtnl, ifindex, FILTER_ANSWER, dp->answer_prog_fd, own_clsact);
	rtnl_close(rtnl);
	return error;
}

static int count_filter(struct nlmsghdr *header, void *context)
{
	int *count = context;

	(void)header;
	(*count)++;
	return 0;
}

/* Unless somebody's filters have joined ours. */
static int remove_empty_clsact(struct rtnl *rtnl, uint32_t ifindex)
{
	static const uint32_t hooks[] = {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS};
	struct tcmsg info;
	int count = 0, error = 0;

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]) && !error; i++) {
		info = device_message(ifindex, 0, TC_H_MAKE(TC_H_CLSACT, hooks[i]));
		error = request(rtnl, RTM_GETTFILTER, NLM_F_DUMP, &info, NULL, count_filter,
				&count);
	}
	if (error || count != 0)
		return error;
	info = device_message(ifindex, CLSACT_HANDLE, TC_H_CLSACT);
	return request(rtnl, RTM_DELQDISC, 0, &info, NULL, NULL, NULL);
}

int dataplane_filters_detach(const char *pin_dir, uint32_t ifindex)
{
	struct rtnl *rtnl = NULL;
	char path[PATH_MAX + 64];
	int error = rtnl_open(&rtnl);

	clsact_path(pin_dir, ifindex, path, sizeof(path));
	for (int i = 0; !error && i < FILTER_COUNT; i++) {
		struct tcmsg info = filter_message(ifindex, i);

		error = request(rtnl, RTM_DELTFILTER, 0, &info, "bpf", NULL, NULL);
		/* Somebody may have been quicker, or it is of a build that had only the other. */
		if (error == -ENOENT)
			error = 0;
	}
	if (unlink(path) == 0 && !error)
		error = remove_empty_clsact(rtnl, ifindex);
	rtnl_close(rtnl);
	return error;
}

static int sweep_device(struct rtnl *rtnl, uint32_t ifindex)
{
	struct own_filters own;
	int error = find_all_own(rtnl, ifindex, &own);

	for (int i = 0; i < FILTER_COUNT && !error; i++) {
		struct tcmsg info = filter_message(ifindex, i);

		if (own.found[i])
			error = request(rtnl, RTM_DELTFILTER, 0, &info, "bpf", NULL, NULL);
	}
	if (!error && own.own_clsact)
		error = remove_empty_clsact(rtnl, ifindex);
	/* Somebody was quicker, or the device is gone. */
	return error == -ENOENT || error == -ENODEV ? 0 : error;
}

struct hooked_devices {
	uint32_t *ifindexes;
	size_t count;
};

/* Devices with a qdisc that our filters can hang in: clsact, or the older ingress. */
static int collect_hooked(struct nlmsghdr *header, void *context)
{
	const struct tcmsg *info = nlmsg_data(header);
	struct hooked_devices *devices = context;
	uint32_t *grown;

	if (header->nlmsg_type != RTM_NEWQDISC || info->tcm_parent != TC_H_CLSACT)
		return 0;
	grown = realloc(devices->ifindexes, (devices->count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	devices->ifindexes = grown;
	devices->ifindexes[devices->count++] = (uint32_t)info->tcm_ifindex;
	return 0;
}

int dataplane_filters_sweep(void)
{
	const struct tcmsg all = device_message(0, 0, 0);
	struct hooked_devices devices = {};
	struct rtnl *rtnl = NULL;
	int error = rtnl_open(&rtnl);

	if (error)
		return error;
	do {
		devices.count = 0;
		error = request(rtnl, RTM_GETQDISC, NLM_F_DUMP, &all, NULL, collect_hooked,
				&devices);
	} while (error == -EINTR);
	for (size_t i = 0; i < devices.count && !error; i++)
		error = sweep_device(rtnl, devices.ifindexes[i]);
	free(devices.ifindexes);
	rtnl_close(rtnl);
	return error;
}

void dataplane_filters_stale(uint32_t ifindex, void *context)
{
	struct dataplane *dp = context;

	for (int i = 0; i < dp->attachment_count; i++)
		if (!ifindex || dp->attachments[i].ifindex == ifindex)
			dp->attachments[i].filters_stale = true;
}

static bool has_filter(uint32_t ifindex, enum filter filter)
{
	struct tcmsg info = filter_message(ifindex, filter);
	struct rtnl *rtnl = NULL;
	int count = 0, error = rtnl_open(&rtnl);

	if (!error)
		error = request(rtnl, RTM_GETTFILTER, 0, &info, "bpf", count_filter, &count);
	rtnl_close(rtnl);
	return !error && count != 0;
}

bool dataplane_filters_receive(uint32_t ifindex)
{
	return has_filter(ifindex, FILTER_RECEIVE);
}

void dataplane_filters_mend(struct dataplane *dp,
			    void (*mended)(uint32_t ifindex, bool heard, void *context),
			    void *context)
{
	for (int i = 0; i < dp->attachment_count; i++) {
		struct dataplane_attachment *attachment = &dp->attachments[i];
		uint32_t ifindex = attachment->ifindex;
		bool heard;

		if (!attachment->filters_stale)
			continue;
		attachment->filters_stale = false;
		if (has_filter(ifindex, FILTER_RECEIVE) && has_filter(ifindex, FILTER_ANSWER))
			continue;
		heard = dataplane_receives(dp, ifindex);
		/* If it fails, the device is gone, or somebody has another use for its hook. */
		if (!dataplane_filters_attach(dp, ifindex))
			mended(ifindex, heard, context);
	}
}
