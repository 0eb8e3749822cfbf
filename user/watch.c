// SPDX-License-Identifier: GPL-2.0
/*
 * The follower of rtnetlink; see watch.h.
 *
 * Links and addresses come over one socket.  Neighbours come over a second one
 * with a socket filter that passes only those that are wanted, so that a router
 * with thousands of neighbours doesn't wake the agent for each.
 */
#include <errno.h>
#include <net/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "address.h"
#include "log.h"
#include "loop.h"
#include "rtnl.h"
#include "watch.h"
#include "watch_filter.h"
#include "watch_index.h"

#define WATCH_BUCKETS 1024
#define WATCH_BUFFER_SIZE 65536
#define WATCH_RECEIVE_BUFFER (1 << 20) /* bytes that may wait in the kernel */
#define WATCH_BATCH 256		       /* messages before other work gets its turn */
#define WATCH_QUIET 1		       /* seconds without change before neighbours are filtered */

struct watch {
	struct rtnl *rtnl;
	int fd;		  /* links and addresses */
	int neighbour_fd; /* neighbours */
	int timer_fd;	  /* time to filter neighbours */
	struct watch_handlers handlers;
	bool started; /* handlers are set */
	void *context;
	unsigned int stamp; /* of the last full reading */
	unsigned int generation;
	bool hears_all;	     /* neighbours aren't filtered ... */
	bool filter_put_off; /* and the wanted ones have changed since the timer was set */
	struct watch_index *index;
	struct watch_link *links[WATCH_BUCKETS];
	char buffer[WATCH_BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* ---- tables ---- */

const struct watch_link *watch_link(const struct watch *watch, uint32_t ifindex)
{
	const struct watch_link *link = watch->links[ifindex % WATCH_BUCKETS];

	while (link && link->ifindex != ifindex)
		link = link->next;
	return link;
}

const struct watch_link *watch_link_by_name(const struct watch *watch, const char *name)
{
	for (size_t i = 0; i < WATCH_BUCKETS; i++)
		for (const struct watch_link *link = watch->links[i]; link; link = link->next)
			if (!strcmp(link->name, name))
				return link;
	return NULL;
}

void watch_each_link(const struct watch *watch,
		     void (*callback)(const struct watch_link *link, void *context), void *context)
{
	for (size_t i = 0; i < WATCH_BUCKETS; i++)
		for (const struct watch_link *link = watch->links[i]; link; link = link->next)
			callback(link, context);
}

unsigned int watch_generation(const struct watch *watch)
{
	return watch->generation;
}

bool watch_is_vrf(const struct watch_link *link)
{
	return !strcmp(link->kind, "vrf");
}

uint32_t watch_domain(const struct watch *watch, const struct watch_link *link)
{
	const struct watch_link *master = link->master ? watch_link(watch, link->master) : link;

	return master && watch_is_vrf(master) ? master->ifindex : 0;
}

uint32_t watch_scope(const struct watch *watch, const struct watch_link *link,
		     const struct bfd_address *address)
{
	return address_is_link_local(address) ? link->ifindex : watch_domain(watch, link);
}

const struct watch_address *watch_next_local(const struct watch *watch, uint32_t scope,
					     const struct bfd_address *address,
					     const struct watch_address *after)
{
	const struct watch_address *found = after ? after->next_hashed
						  : watch_index_first(watch->index, scope, address);

	while (found && !(address_equal(&found->address, address) &&
			  watch_scope(watch, found->link, address) == scope))
		found = found->next_hashed;
	return found;
}

const struct watch_link *watch_find_local(const struct watch *watch, uint32_t scope,
					  const struct bfd_address *address)
{
	const struct watch_address *found = NULL;
	const struct watch_link *best = NULL;

	/* In no order of time, so that a later agent finds the same. */
	while ((found = watch_next_local(watch, scope, address, found)))
		if (!best || found->link->ifindex < best->ifindex)
			best = found->link;
	return best;
}

/* Put it behind the others of its kind. */
static int watch_add_address(struct watch *watch, struct watch_link *link,
			     struct watch_address *address)
{
	bool link_local = address_is_link_local(&address->address);
	struct watch_address **place = link_local ? link->last_link_local : link->last;
	int error;

	address->link = link;
	error = watch_index_add(watch->index, address);
	if (error)
		return error;
	address->place = place;
	address->next = *place;
	*place = address;
	if (address->next)
		address->next->place = &address->next;
	if (link_local)
		link->last_link_local = &address->next;
	if (link->last == place)
		link->last = &address->next;
	return 0;
}

/* Take an address off its link, tell, and free it. */
static void watch_drop_address(struct watch *watch, struct watch_address *address)
{
	struct watch_link *link = address->link;

	watch_index_del(watch->index, address);
	*address->place = address->next;
	if (address->next)
		address->next->place = address->place;
	if (link->last_link_local == &address->next)
		link->last_link_local = address->place;
	if (link->last == &address->next)
		link->last = address->place;
	watch->generation++;
	if (watch->started)
		watch->handlers.address(link, address, true, watch->context);
	free(address);
}

static void watch_drop_link(struct watch *watch, struct watch_link **place)
{
	struct watch_link *link = *place;
	struct watch_address *address, *next;
	uint32_t ifindex = link->ifindex;

	for (address = link->addresses; address; address = next) {
		next = address->next;
		watch_drop_address(watch, address);
	}
	*place = link->next;
	free(link);
	watch->generation++;
	if (watch->started)
		watch->handlers.link_gone(ifindex, watch->context);
}

static struct watch_link **watch_link_place(struct watch *watch, uint32_t ifindex)
{
	struct watch_link **place = &watch->links[ifindex % WATCH_BUCKETS];

	while (*place && (*place)->ifindex != ifindex)
		place = &(*place)->next;
	return place;
}

/* ---- links ---- */

static void watch_parse_vlan(struct nlattr *attribute, struct watch_link *link)
{
	struct nlattr *data[IFLA_VLAN_MAX + 1];

	if (!attribute || nla_parse_nested(data, IFLA_VLAN_MAX, attribute, NULL) < 0 ||
	    !data[IFLA_VLAN_ID])
		return;
	if (data[IFLA_VLAN_PROTOCOL] && nla_get_u16(data[IFLA_VLAN_PROTOCOL]) != htons(ETH_P_8021Q))
		return;
	link->vlan = true;
	link->vlan_id = nla_get_u16(data[IFLA_VLAN_ID]);
}

/* What stands on what. */
static void watch_parse_stack(struct nlattr *const attributes[], struct watch_link *link)
{
	struct nlattr *info[IFLA_INFO_MAX + 1];

	if (attributes[IFLA_MASTER])
		link->master = nla_get_u32(attributes[IFLA_MASTER]);
	if (!attributes[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, attributes[IFLA_LINKINFO], NULL) < 0 ||
	    !info[IFLA_INFO_KIND])
		return;
	nla_strlcpy(link->kind, info[IFLA_INFO_KIND], sizeof(link->kind));
	/* One whose lower device is in another namespace is as good as a plain one.  The other
	 * end of a veth pair isn't below it.
	 */
	if (!attributes[IFLA_LINK] || attributes[IFLA_LINK_NETNSID] || !strcmp(link->kind, "veth"))
		return;
	link->lower = nla_get_u32(attributes[IFLA_LINK]);
	if (!strcmp(link->kind, "vlan"))
		watch_parse_vlan(info[IFLA_INFO_DATA], link);
}

/* Only the members that a message tells; false: not about a link of the namespace. */
static bool watch_parse_link(struct nlmsghdr *header, struct watch_link *link)
{
	struct nlattr *attributes[IFLA_MAX + 1];
	const struct ifinfomsg *info = nlmsg_data(header);

	memset(link, 0, sizeof(*link));
	/* Bridge ports are told about with AF_BRIDGE, and leave by a RTM_DELLINK. */
	if (nlmsg_parse(header, sizeof(*info), attributes, IFLA_MAX, NULL) < 0 ||
	    info->ifi_family != AF_UNSPEC || !attributes[IFLA_IFNAME])
		return false;
	link->ifindex = (uint32_t)info->ifi_index;
	nla_strlcpy(link->name, attributes[IFLA_IFNAME], sizeof(link->name));
	link->ethernet = info->ifi_type == ARPHRD_ETHER;
	link->point_to_point = info->ifi_flags & IFF_POINTOPOINT;
	link->up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING);
	if (attributes[IFLA_ADDRESS] && nla_len(attributes[IFLA_ADDRESS]) == sizeof(link->mac))
		memcpy(link->mac, nla_data(attributes[IFLA_ADDRESS]), sizeof(link->mac));
	watch_parse_stack(attributes, link);
	return true;
}

static bool watch_link_same(const struct watch_link *a, const struct watch_link *b)
{
	return !strcmp(a->name, b->name) && a->ethernet == b->ethernet && a->up == b->up &&
	       a->point_to_point == b->point_to_point && !memcmp(a->mac, b->mac, sizeof(a->mac)) &&
	       a->vlan == b->vlan && a->lower == b->lower && a->master == b->master &&
	       a->vlan_id == b->vlan_id;
}

/* What a message tells of it. */
static void watch_copy_link(struct watch_link *link, const struct watch_link *heard)
{
	link->ifindex = heard->ifindex;
	memcpy(link->name, heard->name, sizeof(link->name));
	link->ethernet = heard->ethernet;
	link->point_to_point = heard->point_to_point;
	link->up = heard->up;
	memcpy(link->mac, heard->mac, sizeof(link->mac));
	memcpy(link->kind, heard->kind, sizeof(link->kind));
	link->lower = heard->lower;
	link->master = heard->master;
	link->vlan = heard->vlan;
	link->vlan_id = heard->vlan_id;
}

static int watch_take_link(struct watch *watch, struct nlmsghdr *header)
{
	struct watch_link heard, **place, *link;
	bool same;

	if (!watch_parse_link(header, &heard))
		return 0;
	place = watch_link_place(watch, heard.ifindex);
	link = *place;
	if (header->nlmsg_type == RTM_DELLINK) {
		if (link)
			watch_drop_link(watch, place);
		return 0;
	}
	same = link && watch_link_same(link, &heard);
	if (!link) {
		link = calloc(1, sizeof(*link));
		if (!link)
			return -ENOMEM;
		link->index = watch->index;
		link->last = &link->addresses;
		link->last_link_local = &link->addresses;
		*place = link;
	}
	watch_copy_link(link, &heard);
	link->stamp = watch->stamp;
	if (!same)
		watch->generation++;
	if (!same && watch->started)
		watch->handlers.link(link, watch->context);
	return 0;
}

/* ---- addresses ---- */

static bool watch_parse_address(struct nlmsghdr *header, uint32_t *ifindex,
				struct watch_address *address)
{
	struct nlattr *attributes[IFA_MAX + 1], *local, *prefix;
	const struct ifaddrmsg *info = nlmsg_data(header);
	uint32_t flags;

	memset(address, 0, sizeof(*address));
	if (nlmsg_parse(header, sizeof(*info), attributes, IFA_MAX, NULL) < 0 ||
	    !attributes[IFA_ADDRESS])
		return false;
	/* IFA_LOCAL is ours; IFA_ADDRESS is the same, or the peer's on a point-to-point link. */
	prefix = attributes[IFA_ADDRESS];
	local = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : prefix;
	if (!address_set(&address->address, nla_data(local), nla_len(local)) ||
	    !address_set(&address->prefix, nla_data(prefix), nla_len(prefix)))
		return false;
	*ifindex = info->ifa_index;
	address->prefix_length = info->ifa_prefixlen + (info->ifa_family == AF_INET ? 96 : 0);
	if (address->prefix_length >= WATCH_PREFIX_LENGTHS)
		return false;
	flags = attributes[IFA_FLAGS] ? nla_get_u32(attributes[IFA_FLAGS]) : info->ifa_flags;
	address->usable = !(flags & IFA_F_DADFAILED) &&
			  (!(flags & IFA_F_TENTATIVE) || (flags & IFA_F_OPTIMISTIC));
	/* IFA_F_SECONDARY of IPv4 and IFA_F_TEMPORARY of IPv6 are the same bit. */
	address->preferred = !(flags & (IFA_F_DEPRECATED | IFA_F_SECONDARY));
	return true;
}

/* It is known by these three. */
static struct watch_address *watch_known_address(const struct watch_link *link,
						 const struct watch_address *heard)
{
	const struct watch_address *found = NULL;

	do
		found = watch_next_address(link, &heard->address, found);
	while (found && !(address_equal(&found->prefix, &heard->prefix) &&
			  found->prefix_length == heard->prefix_length));
	return (struct watch_address *)found;
}

static int watch_take_address(struct watch *watch, struct nlmsghdr *header)
{
	struct watch_address heard, *address;
	struct watch_link *link;
	uint32_t ifindex;
	bool same;
	int error;

	if (!watch_parse_address(header, &ifindex, &heard))
		return 0;
	link = *watch_link_place(watch, ifindex);
	if (!link)
		return 0;
	address = watch_known_address(link, &heard);
	if (header->nlmsg_type == RTM_DELADDR) {
		if (address)
			watch_drop_address(watch, address);
		return 0;
	}
	same = address && address->usable == heard.usable && address->preferred == heard.preferred;
	if (!address) {
		address = calloc(1, sizeof(*address));
		if (!address)
			return -ENOMEM;
		*address = heard;
		error = watch_add_address(watch, link, address);
		if (error) {
			free(address);
			return error;
		}
	}
	address->usable = heard.usable;
	address->preferred = heard.preferred;
	address->stamp = watch->stamp;
	if (!same)
		watch->generation++;
	if (!same && watch->started)
		watch->handlers.address(link, address, false, watch->context);
	return 0;
}

/* ---- reading it all ---- */

static int watch_take(struct nlmsghdr *header, void *context)
{
	struct watch *watch = context;
	struct neighbour neighbour;

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return watch_take_link(watch, header);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return watch_take_address(watch, header);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		if (neighbour_parse(header, &neighbour))
			watch->handlers.neighbour(&neighbour, header->nlmsg_type == RTM_DELNEIGH,
						  watch->context);
		return 0;
	default:
		return 0;
	}
}

static int watch_dump_links(struct watch *watch)
{
	struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	struct nl_msg *message = rtnl_message(RTM_GETLINK, NLM_F_DUMP, &info, sizeof(info));
	int error = -ENOMEM;

	if (message && !nla_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS))
		error = rtnl_request(watch->rtnl, message, watch_take, watch);
	nlmsg_free(message);
	return error;
}

static int watch_dump_addresses(struct watch *watch)
{
	struct ifaddrmsg info = {.ifa_family = AF_UNSPEC};
	struct nl_msg *message = rtnl_message(RTM_GETADDR, NLM_F_DUMP, &info, sizeof(info));
	int error = -ENOMEM;

	if (message)
		error = rtnl_request(watch->rtnl, message, watch_take, watch);
	nlmsg_free(message);
	return error;
}

/* Drop what the last reading didn't see. */
static void watch_sweep(struct watch *watch)
{
	for (size_t i = 0; i < WATCH_BUCKETS; i++) {
		struct watch_link **place = &watch->links[i];

		while (*place) {
			struct watch_link *link = *place;
			struct watch_address *address, *next;

			if (link->stamp != watch->stamp) {
				watch_drop_link(watch, place);
				continue;
			}
			for (address = link->addresses; address; address = next) {
				next = address->next;
				if (address->stamp != watch->stamp)
					watch_drop_address(watch, address);
			}
			place = &link->next;
		}
	}
}

/* Read links and addresses anew; handlers hear of the differences. */
static int watch_sync(struct watch *watch)
{
	int error;

	do {
		watch->stamp++;
		error = watch_dump_links(watch);
		if (!error)
			error = watch_dump_addresses(watch);
	} while (error == -EINTR);
	if (!error)
		watch_sweep(watch);
	return error;
}

/* ---- sockets ---- */

/* A socket that hears groups (a mask of RTMGRP_*).  Returns it, or a negative errno. */
static int watch_socket(uint32_t groups)
{
	struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int size = WATCH_RECEIVE_BUFFER;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	int error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (!bind(fd, (struct sockaddr *)&self, sizeof(self)))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* Read the waiting messages.  -ENOBUFS: some were lost. */
static int watch_receive(struct watch *watch, int fd)
{
	for (int i = 0; i < WATCH_BATCH; i++) {
		struct sockaddr_nl sender = {};
		socklen_t sender_length = sizeof(sender);
		struct nlmsghdr *header = (struct nlmsghdr *)watch->buffer;
		ssize_t length = recvfrom(fd, watch->buffer, sizeof(watch->buffer), 0,
					  (struct sockaddr *)&sender, &sender_length);
		int left = (int)length;

		if (length < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (sender.nl_pid) /* not the kernel */
			continue;
		for (; nlmsg_ok(header, left); header = nlmsg_next(header, &left)) {
			int error = watch_take(header, watch);

			if (error)
				return error;
		}
	}
	return 0;
}

static int watch_readable(void *context)
{
	struct watch *watch = context;
	int error = watch_receive(watch, watch->fd);

	if (error == -ENOBUFS) {
		log_debug("events of links or addresses were lost: reading all again");
		error = watch_sync(watch);
	}
	if (!error)
		watch->handlers.settle(watch->context);
	return error;
}

static int watch_neighbour_readable(void *context)
{
	struct watch *watch = context;
	int error = watch_receive(watch, watch->neighbour_fd);

	if (error == -ENOBUFS) {
		log_debug("events of neighbours were lost: asking for all again");
		watch->handlers.neighbours_lost(watch->context);
		error = 0;
	}
	if (!error)
		watch->handlers.settle(watch->context);
	return error;
}

/* ---- the filter of neighbours ---- */

static const struct itimerspec watch_quiet_time = {.it_value.tv_sec = WATCH_QUIET};

static int watch_quiet(void *context)
{
	struct watch *watch = context;
	const struct bfd_address *wanted[WATCH_FILTER_MAX];
	uint64_t expirations;
	size_t count;

	if (read(watch->timer_fd, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (watch->filter_put_off) {
		watch->filter_put_off = false;
		timerfd_settime(watch->timer_fd, 0, &watch_quiet_time, NULL);
		return 0;
	}
	watch->hears_all = false;
	count = watch->handlers.neighbours_wanted(wanted, WATCH_FILTER_MAX, watch->context);
	if (count > WATCH_FILTER_MAX)
		return 0;
	/* Too large for net.core.optmem_max: then all is heard, as it is now. */
	if (watch_filter_exact(watch->neighbour_fd, wanted, count))
		log_debug("the filter for %zu neighbours doesn't fit: hearing all", count);
	return 0;
}

void watch_neighbours_changed(struct watch *watch)
{
	/* The filter costs more than an event, so let the changes end first. */
	if (!watch->hears_all) {
		watch_filter_open(watch->neighbour_fd);
		timerfd_settime(watch->timer_fd, 0, &watch_quiet_time, NULL);
	} else {
		watch->filter_put_off = true;
	}
	watch->hears_all = true;
}

/* ---- opening and closing ---- */

int watch_open(struct watch **out)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int error;

	if (!watch)
		return -ENOMEM;
	watch->index = watch_index_new();
	error = watch->index ? rtnl_open(&watch->rtnl) : -ENOMEM;
	watch->fd = watch_socket(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
	watch->neighbour_fd = watch_socket(RTMGRP_NEIGH);
	watch->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!error && watch->fd < 0)
		error = watch->fd;
	else if (!error && watch->neighbour_fd < 0)
		error = watch->neighbour_fd;
	else if (!error && watch->timer_fd < 0)
		error = -errno;
	if (!error)
		error = watch_sync(watch);
	if (error) {
		watch_close(watch);
		return error;
	}
	*out = watch;
	return 0;
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	watch->started = false;
	for (size_t i = 0; i < WATCH_BUCKETS; i++)
		while (watch->links[i])
			watch_drop_link(watch, &watch->links[i]);
	if (watch->fd >= 0)
		close(watch->fd);
	if (watch->neighbour_fd >= 0)
		close(watch->neighbour_fd);
	if (watch->timer_fd >= 0)
		close(watch->timer_fd);
	rtnl_close(watch->rtnl);
	watch_index_free(watch->index);
	free(watch);
}

int watch_start(struct watch *watch, struct loop *loop, const struct watch_handlers *handlers,
		void *context)
{
	int error;

	watch->handlers = *handlers;
	watch->context = context;
	watch->started = true;
	error = loop_add(loop, watch->fd, watch_readable, watch);
	if (!error)
		error = loop_add(loop, watch->neighbour_fd, watch_neighbour_readable, watch);
	if (!error)
		error = loop_add(loop, watch->timer_fd, watch_quiet, watch);
	if (!error)
		watch_neighbours_changed(watch);
	return error;
}
