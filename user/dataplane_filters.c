// SPDX-License-Identifier: GPL-2.0
/*
 * The tc programs behind XDP: one sends what can't wait for a tick, its filter bound to the
 * protocol number that XDP gives such frames; one receives what XDP can't see, or all while
 * somebody has taken that off the device.  A clsact qdisc of others is shared and left; ours is
 * remembered by a pin.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"
#include "rtnl.h"

#define FILTER_HANDLE 1
#define CLSACT_HANDLE TC_H_MAKE(TC_H_CLSACT, 0)

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

static int make_clsact(struct dataplane *dp, struct rtnl *rtnl, uint32_t ifindex)
{
	struct tcmsg info = device_message(ifindex, CLSACT_HANDLE, TC_H_CLSACT);
	int error =
		request(rtnl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &info, "clsact", NULL, NULL);

	if (error == -EEXIST)
		return 0;
	return error ? error : dataplane_filters_mark(dp, ifindex);
}

/* Replaces the program of an earlier agent in one step. */
static int make_filter(struct rtnl *rtnl, uint32_t ifindex, enum filter filter, int prog_fd)
{
	struct tcmsg info = filter_message(ifindex, filter);
	struct nl_msg *message = rtnl_message(RTM_NEWTFILTER, NLM_F_CREATE, &info, sizeof(info));
	struct nlattr *options;
	int error = -ENOMEM;

	if (!message || nla_put_string(message, TCA_KIND, "bpf"))
		goto cleanup;
	options = nla_nest_start(message, TCA_OPTIONS);
	if (!options || nla_put_u32(message, TCA_BPF_FD, (uint32_t)prog_fd) ||
	    nla_put_string(message, TCA_BPF_NAME, filters[filter].name) ||
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

	if (!error)
		error = make_clsact(dp, rtnl, ifindex);
	if (!error)
		error = make_filter(rtnl, ifindex, FILTER_RECEIVE, dp->behind_prog_fd);
	if (!error)
		error = make_filter(rtnl, ifindex, FILTER_ANSWER, dp->answer_prog_fd);
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
