// SPDX-License-Identifier: GPL-2.0
/*
 * Hears when somebody touches the clock device; see clock.h.  The kernel's words are only
 * a reason to look: clock_ensure() asks what is.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/msg.h>

#include "clock.h"

#define BUFFER 16384

int clock_watch_open(void)
{
	struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_TC};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	int error;

	if (fd < 0 || bind(fd, (struct sockaddr *)&self, sizeof(self)) == 0)
		return fd < 0 ? -errno : fd;
	error = -errno;
	close(fd);
	return error;
}

/* Of which device the message tells; 0: of none, or what we do ourselves each time. */
static uint32_t subject(const struct nlmsghdr *header)
{
	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return (uint32_t)((const struct ifinfomsg *)NLMSG_DATA(header))->ifi_index;
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_DELTFILTER:
		return (uint32_t)((const struct tcmsg *)NLMSG_DATA(header))->tcm_ifindex;
	default:
		return 0;
	}
}

static bool is_loss(const struct nlmsghdr *header)
{
	return header->nlmsg_type == RTM_DELQDISC || header->nlmsg_type == RTM_DELTFILTER;
}

int clock_watch_read(int fd, uint32_t tick0_ifindex, uint32_t tick1_ifindex,
		     void (*lost)(uint32_t ifindex, void *context), void *context)
{
	union {
		struct nlmsghdr header;
		char bytes[BUFFER];
	} buffer;
	int touched = 0;
	ssize_t length;

	while ((length = recv(fd, &buffer, sizeof(buffer), 0)) > 0) {
		struct nlmsghdr *header = &buffer.header;
		int left = (int)length;

		for (; nlmsg_ok(header, left); header = nlmsg_next(header, &left)) {
			uint32_t ifindex = subject(header);

			if (ifindex && (ifindex == tick0_ifindex || ifindex == tick1_ifindex))
				touched = 1;
			else if (ifindex && is_loss(header))
				lost(ifindex, context);
		}
	}
	if (length < 0 && errno == ENOBUFS) {
		lost(0, context);
		return 1; /* it may have been */
	}
	return length < 0 && errno != EAGAIN && errno != EINTR ? -errno : touched;
}
