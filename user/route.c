// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's routing; see route.h.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "log.h"
#include "loop.h"
#include "route.h"
#include "rtnl.h"

#define ROUTE_BUFFER_SIZE 65536
#define ROUTE_RECEIVE_BUFFER (1 << 20) /* bytes that may wait in the kernel */
#define ROUTE_BATCH 256		       /* datagrams before other work gets its turn */

/* Whatever may lead packets elsewhere: routes, rules, and what routes refer to. */
static const int route_groups[] = {
	RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
	RTNLGRP_IPV6_RULE,  RTNLGRP_NEXTHOP,
};

struct route_watch {
	int fd;
	bool listening;
	struct route_watch_handlers handlers;
	void *context;
	char buffer[ROUTE_BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* ---- asking ---- */

static int route_take(struct nlmsghdr *header, void *context)
{
	struct nlattr *attributes[RTA_MAX + 1];
	const struct rtmsg *info = nlmsg_data(header);
	struct route *route = context;

	if (nlmsg_parse(header, sizeof(*info), attributes, RTA_MAX, NULL) < 0)
		return -EBADMSG;
	route->type = info->rtm_type;
	if (attributes[RTA_OIF])
		route->ifindex = nla_get_u32(attributes[RTA_OIF]);
	if (attributes[RTA_GATEWAY])
		route->has_gateway = address_set(&route->gateway, nla_data(attributes[RTA_GATEWAY]),
						 nla_len(attributes[RTA_GATEWAY]));
	if (attributes[RTA_VIA]) { /* family of the gateway, and its address */
		route->has_gateway = address_set(&route->gateway,
						 (uint8_t *)nla_data(attributes[RTA_VIA]) + 2,
						 nla_len(attributes[RTA_VIA]) - 2);
	}
	if (attributes[RTA_PREFSRC])
		route->has_source = address_set(&route->source, nla_data(attributes[RTA_PREFSRC]),
						nla_len(attributes[RTA_PREFSRC]));
	return 0;
}

int route_get(struct rtnl *rtnl, const struct bfd_address *destination,
	      const struct bfd_address *source, uint32_t domain, struct route *route)
{
	unsigned char bits = (unsigned char)(address_length(destination) * 8);
	struct rtmsg info = {
		.rtm_family = (unsigned char)address_family(destination),
		.rtm_dst_len = bits,
		.rtm_src_len = source ? bits : 0,
	};
	struct nl_msg *message = rtnl_message(RTM_GETROUTE, 0, &info, sizeof(info));
	int error = -ENOMEM;

	memset(route, 0, sizeof(*route));
	if (!message ||
	    nla_put(message, RTA_DST, address_length(destination), address_data(destination)) ||
	    (source && nla_put(message, RTA_SRC, address_length(source), address_data(source))) ||
	    (domain && nla_put_u32(message, RTA_OIF, domain)))
		goto cleanup;
	error = rtnl_request(rtnl, message, route_take, route);
cleanup:
	nlmsg_free(message);
	return error;
}

/* ---- following ---- */

static void route_changed_all(struct route_watch *watch)
{
	static const struct bfd_address any;

	watch->handlers.changed(&any, 0, watch->context);
}

static void route_heard(struct route_watch *watch, struct nlmsghdr *header)
{
	struct nlattr *attributes[RTA_MAX + 1];
	const struct rtmsg *info = nlmsg_data(header);
	struct bfd_address prefix = {};

	if ((header->nlmsg_type != RTM_NEWROUTE && header->nlmsg_type != RTM_DELROUTE) ||
	    nlmsg_parse(header, sizeof(*info), attributes, RTA_MAX, NULL) < 0) {
		route_changed_all(watch);
		return;
	}
	if (info->rtm_family != AF_INET && info->rtm_family != AF_INET6)
		return;
	/* A copy of a route that a look-up of IPv6 made. */
	if (info->rtm_flags & RTM_F_CLONED)
		return;
	/* The default route has no RTA_DST. */
	if (info->rtm_family == AF_INET)
		memcpy(prefix.bytes, address_v4_prefix, sizeof(address_v4_prefix));
	if (attributes[RTA_DST] &&
	    !address_set(&prefix, nla_data(attributes[RTA_DST]), nla_len(attributes[RTA_DST])))
		return;
	watch->handlers.changed(&prefix,
				info->rtm_dst_len + (info->rtm_family == AF_INET ? 96U : 0U),
				watch->context);
}

static int route_readable(void *context)
{
	struct route_watch *watch = context;

	for (int i = 0; i < ROUTE_BATCH; i++) {
		struct nlmsghdr *header = (struct nlmsghdr *)watch->buffer;
		ssize_t length = recv(watch->fd, watch->buffer, sizeof(watch->buffer), 0);
		int left = (int)length;

		if (length < 0 && errno == ENOBUFS) {
			log_debug("changes of routes were lost: looking all up again");
			route_changed_all(watch);
			continue;
		}
		if (length < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (length < 0)
			break;
		for (; nlmsg_ok(header, left); header = nlmsg_next(header, &left))
			route_heard(watch, header);
	}
	watch->handlers.settle(watch->context);
	return 0;
}

int route_watch_listen(struct route_watch *watch, bool listen)
{
	if (watch->listening == listen)
		return 0;
	for (size_t i = 0; i < sizeof(route_groups) / sizeof(route_groups[0]); i++)
		if (setsockopt(watch->fd, SOL_NETLINK,
			       listen ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
			       &route_groups[i], sizeof(route_groups[i])) < 0)
			return -errno;
	watch->listening = listen;
	return 0;
}

int route_watch_open(struct route_watch **out)
{
	struct route_watch *watch = calloc(1, sizeof(*watch));
	struct sockaddr_nl self = {.nl_family = AF_NETLINK};
	int size = ROUTE_RECEIVE_BUFFER, error;

	if (!watch)
		return -ENOMEM;
	watch->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (watch->fd >= 0) {
		setsockopt(watch->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
		if (!bind(watch->fd, (struct sockaddr *)&self, sizeof(self))) {
			*out = watch;
			return 0;
		}
	}
	error = -errno;
	route_watch_close(watch);
	return error;
}

void route_watch_close(struct route_watch *watch)
{
	if (!watch)
		return;
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch);
}

int route_watch_start(struct route_watch *watch, struct loop *loop,
		      const struct route_watch_handlers *handlers, void *context)
{
	watch->handlers = *handlers;
	watch->context = context;
	return loop_add(loop, watch->fd, route_readable, watch);
}
