// SPDX-License-Identifier: GPL-2.0
/*
 * The clock device; see clock.h.
 *
 * Why tbf: of the shapers in every distribution's kernel it is the one whose
 * release is a plain hrtimer.  Frames are as short as Ethernet allows, and the
 * MTU is the smallest that IPv4 allows, which also keeps IPv6 off the devices
 * (it wants 1280) and keeps tbf from warning of a burst below the MTU.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "rtnl.h"

#define CLOCK_ALIAS "ipbfd transmit clock, private to bfd-agent"
#define CLOCK_MTU 68 /* bytes */
#define CLOCK_FLAGS (IFF_UP | IFF_NOARP)
#define CLOCK_HANDLE TC_H_MAKE(0xbfd0U << 16, 0)

/* Two frames: one that left late (the timer fired late) may be followed by one in time, so
 * that delays don't add up; a longer stall isn't made up for by a burst of ticks.
 */
#define CLOCK_BURST (2 * BFD_TICK_LENGTH)
#define CLOCK_LIMIT (4 * BFD_TICK_FRAMES * BFD_TICK_LENGTH)

/* What is known of one end. */
struct clock_end {
	uint32_t ifindex; /* 0: there is none */
	uint32_t peer;	  /* its other end; 0: in another namespace */
	uint32_t mtu;
	uint32_t flags;
	bool veth;
	bool alias; /* carries CLOCK_ALIAS */
};

/* What is known of the qdisc at tick0's root. */
struct clock_qdisc {
	uint32_t ifindex; /* asked for */
	bool tbf;	  /* and it is the one that clock_shape() makes */
	uint32_t rate;	  /* bytes per second */
};

static int clock_parse_link(struct nlmsghdr *header, void *context)
{
	struct nlattr *attributes[IFLA_MAX + 1], *kind[IFLA_INFO_MAX + 1];
	struct clock_end *end = context;
	struct ifinfomsg *info = nlmsg_data(header);

	if (nlmsg_parse(header, sizeof(*info), attributes, IFLA_MAX, NULL) < 0)
		return -EBADMSG;
	end->ifindex = info->ifi_index;
	end->flags = info->ifi_flags;
	if (attributes[IFLA_MTU])
		end->mtu = nla_get_u32(attributes[IFLA_MTU]);
	if (attributes[IFLA_LINK] && !attributes[IFLA_LINK_NETNSID])
		end->peer = nla_get_u32(attributes[IFLA_LINK]);
	if (attributes[IFLA_IFALIAS])
		end->alias = !strcmp(nla_get_string(attributes[IFLA_IFALIAS]), CLOCK_ALIAS);
	if (attributes[IFLA_LINKINFO] &&
	    !nla_parse_nested(kind, IFLA_INFO_MAX, attributes[IFLA_LINKINFO], NULL) &&
	    kind[IFLA_INFO_KIND])
		end->veth = !strcmp(nla_get_string(kind[IFLA_INFO_KIND]), "veth");
	return 0;
}

static int clock_get_end(struct rtnl *rtnl, const char *name, struct clock_end *end)
{
	struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	struct nl_msg *message = rtnl_message(RTM_GETLINK, 0, &info, sizeof(info));
	int error = -ENOMEM;

	memset(end, 0, sizeof(*end));
	if (message && !nla_put_string(message, IFLA_IFNAME, name))
		error = rtnl_request(rtnl, message, clock_parse_link, end);
	nlmsg_free(message);
	return error == -ENODEV ? 0 : error;
}

/* Both ends as they are.  -EEXIST: a name is taken by a device that isn't ours. */
static int clock_get_pair(struct rtnl *rtnl, struct clock_end ends[2])
{
	int error = clock_get_end(rtnl, CLOCK_TICK0_NAME, &ends[0]);

	if (!error)
		error = clock_get_end(rtnl, CLOCK_TICK1_NAME, &ends[1]);
	for (int i = 0; i < 2 && !error; i++) {
		const struct clock_end *end = &ends[i], *other = &ends[!i];

		/* The alias is set after the pair was made, so go by the pair as well. */
		if (end->ifindex &&
		    !(end->veth && (end->alias || (other->ifindex && end->peer == other->ifindex))))
			error = -EEXIST;
	}
	return error;
}

static bool clock_is_pair(const struct clock_end ends[2])
{
	return ends[0].ifindex && ends[1].ifindex && ends[0].peer == ends[1].ifindex &&
	       ends[0].mtu == CLOCK_MTU && ends[1].mtu == CLOCK_MTU;
}

static int clock_delete_end(struct rtnl *rtnl, uint32_t ifindex)
{
	struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_msg *message = rtnl_message(RTM_DELLINK, 0, &info, sizeof(info));
	int error = message ? rtnl_request(rtnl, message, NULL, NULL) : -ENOMEM;

	nlmsg_free(message);
	return error == -ENODEV ? 0 : error;
}

static int clock_delete_pair(struct rtnl *rtnl, const struct clock_end ends[2])
{
	int error = 0;

	for (int i = 0; i < 2 && !error; i++)
		if (ends[i].ifindex)
			error = clock_delete_end(rtnl, ends[i].ifindex);
	return error;
}

static int clock_put_end(struct nl_msg *message, const char *name)
{
	if (nla_put_string(message, IFLA_IFNAME, name) ||
	    nla_put_u32(message, IFLA_MTU, CLOCK_MTU) ||
	    nla_put_u32(message, IFLA_NUM_TX_QUEUES, 1) ||
	    nla_put_u32(message, IFLA_NUM_RX_QUEUES, 1))
		return -ENOMEM;
	return 0;
}

static int clock_put_pair(struct nl_msg *message)
{
	struct ifinfomsg peer_info = {.ifi_family = AF_UNSPEC};
	struct nlattr *link, *data, *peer;

	if (clock_put_end(message, CLOCK_TICK0_NAME))
		return -ENOMEM;
	link = nla_nest_start(message, IFLA_LINKINFO);
	if (!link || nla_put_string(message, IFLA_INFO_KIND, "veth"))
		return -ENOMEM;
	data = nla_nest_start(message, IFLA_INFO_DATA);
	peer = data ? nla_nest_start(message, VETH_INFO_PEER) : NULL;
	if (!peer || nlmsg_append(message, &peer_info, sizeof(peer_info), NLMSG_ALIGNTO) ||
	    clock_put_end(message, CLOCK_TICK1_NAME))
		return -ENOMEM;
	nla_nest_end(message, peer);
	nla_nest_end(message, data);
	nla_nest_end(message, link);
	return 0;
}

static int clock_create_pair(struct rtnl *rtnl)
{
	struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	struct nl_msg *message =
		rtnl_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	int error = -ENOMEM;

	if (message && !clock_put_pair(message))
		error = rtnl_request(rtnl, message, NULL, NULL);
	nlmsg_free(message);
	return error;
}

/* Up, without ARP, and with a text that says whose it is. */
static int clock_set_end(struct rtnl *rtnl, uint32_t ifindex)
{
	struct ifinfomsg info = {
		.ifi_index = (int)ifindex,
		.ifi_flags = CLOCK_FLAGS,
		.ifi_change = CLOCK_FLAGS,
	};
	struct nl_msg *message = rtnl_message(RTM_SETLINK, 0, &info, sizeof(info));
	int error = -ENOMEM;

	/* The kernel stores it without the terminating NUL and counts the length it gets. */
	if (message && !nla_put(message, IFLA_IFALIAS, strlen(CLOCK_ALIAS), CLOCK_ALIAS))
		error = rtnl_request(rtnl, message, NULL, NULL);
	nlmsg_free(message);
	return error;
}

static int clock_parse_qdisc(struct nlmsghdr *header, void *context)
{
	struct nlattr *attributes[TCA_MAX + 1], *options[TCA_TBF_MAX + 1];
	struct clock_qdisc *qdisc = context;
	struct tcmsg *info = nlmsg_data(header);
	struct tc_tbf_qopt parameters;

	if ((uint32_t)info->tcm_ifindex != qdisc->ifindex || info->tcm_parent != TC_H_ROOT)
		return 0;
	if (nlmsg_parse(header, sizeof(*info), attributes, TCA_MAX, NULL) < 0)
		return -EBADMSG;
	if (!attributes[TCA_KIND] || strcmp(nla_get_string(attributes[TCA_KIND]), "tbf") != 0 ||
	    !attributes[TCA_OPTIONS] ||
	    nla_parse_nested(options, TCA_TBF_MAX, attributes[TCA_OPTIONS], NULL) < 0 ||
	    !options[TCA_TBF_PARMS] || nla_len(options[TCA_TBF_PARMS]) < (int)sizeof(parameters))
		return 0;
	memcpy(&parameters, nla_data(options[TCA_TBF_PARMS]), sizeof(parameters));
	qdisc->tbf = info->tcm_handle == CLOCK_HANDLE && parameters.limit == CLOCK_LIMIT;
	qdisc->rate = parameters.rate.rate;
	return 0;
}

static int clock_get_qdisc(struct rtnl *rtnl, uint32_t ifindex, struct clock_qdisc *qdisc)
{
	struct tcmsg info = {.tcm_family = AF_UNSPEC, .tcm_ifindex = (int)ifindex};
	struct nl_msg *message = rtnl_message(RTM_GETQDISC, NLM_F_DUMP, &info, sizeof(info));
	int error = -ENOMEM;

	memset(qdisc, 0, sizeof(*qdisc));
	qdisc->ifindex = ifindex;
	if (message)
		error = rtnl_request(rtnl, message, clock_parse_qdisc, qdisc);
	nlmsg_free(message);
	return error;
}

/* Bytes per second that make one frame per tick. */
static uint32_t clock_rate(uint32_t tick_us)
{
	return (uint32_t)(BFD_TICK_LENGTH * 1000000ULL / tick_us);
}

/* flags: NLM_F_CREATE | NLM_F_REPLACE to put the qdisc in place, 0 to change it. */
static int clock_shape(struct rtnl *rtnl, uint32_t ifindex, uint32_t tick_us, int flags)
{
	struct tcmsg info = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = (int)ifindex,
		.tcm_handle = CLOCK_HANDLE,
		.tcm_parent = TC_H_ROOT,
	};
	struct tc_tbf_qopt parameters = {
		.rate = {.rate = clock_rate(tick_us), .linklayer = TC_LINKLAYER_ETHERNET},
		.limit = CLOCK_LIMIT,
	};
	struct nl_msg *message = rtnl_message(RTM_NEWQDISC, flags, &info, sizeof(info));
	struct nlattr *options;
	int error = -ENOMEM;

	if (!message || nla_put_string(message, TCA_KIND, "tbf"))
		goto cleanup;
	options = nla_nest_start(message, TCA_OPTIONS);
	if (!options || nla_put(message, TCA_TBF_PARMS, sizeof(parameters), &parameters) ||
	    nla_put_u32(message, TCA_TBF_BURST, CLOCK_BURST))
		goto cleanup;
	nla_nest_end(message, options);
	error = rtnl_request(rtnl, message, NULL, NULL);
cleanup:
	nlmsg_free(message);
	/* An unknown kind of qdisc is ENOENT. */
	return error == -ENOENT && (flags & NLM_F_CREATE) ? -EOPNOTSUPP : error;
}

/* Leave what is right alone: replacing a qdisc would lose the frames in it. */
static int clock_ensure_shape(struct rtnl *rtnl, uint32_t ifindex, uint32_t tick_us, bool *mended)
{
	struct clock_qdisc qdisc;
	int error = clock_get_qdisc(rtnl, ifindex, &qdisc);

	if (error)
		return error;
	if (!qdisc.tbf) {
		error = clock_shape(rtnl, ifindex, tick_us, NLM_F_CREATE | NLM_F_REPLACE);
		*mended = *mended || !error;
		return error;
	}
	if (qdisc.rate != clock_rate(tick_us))
		return clock_shape(rtnl, ifindex, tick_us, 0);
	return 0;
}

/* The pair is there, both ends up. */
static int clock_ensure_pair(struct rtnl *rtnl, struct clock_end ends[2], bool *mended)
{
	int error = clock_get_pair(rtnl, ends);

	if (!error && !clock_is_pair(ends)) {
		*mended = true;
		error = clock_delete_pair(rtnl, ends);
		if (!error)
			error = clock_create_pair(rtnl);
		if (!error)
			error = clock_get_pair(rtnl, ends);
	}
	for (int i = 0; i < 2 && !error; i++) {
		if ((ends[i].flags & CLOCK_FLAGS) == CLOCK_FLAGS && ends[i].alias)
			continue;
		*mended = true;
		error = clock_set_end(rtnl, ends[i].ifindex);
	}
	return error;
}

int clock_ensure(uint32_t tick_us, uint32_t *tick0_ifindex, uint32_t *tick1_ifindex, bool *mended)
{
	struct clock_end ends[2];
	struct rtnl *rtnl = NULL;
	bool changed = false;
	int error = rtnl_open(&rtnl);

	if (!error)
		error = clock_ensure_pair(rtnl, ends, &changed);
	if (!error) {
		*tick0_ifindex = ends[0].ifindex;
		*tick1_ifindex = ends[1].ifindex;
		error = clock_ensure_shape(rtnl, ends[0].ifindex, tick_us, &changed);
	}
	if (mended)
		*mended = changed;
	rtnl_close(rtnl);
	return error;
}

static int clock_send(int fd, uint32_t tick0_ifindex, uint16_t number, uint32_t generation)
{
	union {
		struct bfd_tick_frame frame;
		uint8_t bytes[BFD_TICK_LENGTH];
	} tick = {.frame = {.ethertype = htons(BFD_TICK_ETHERTYPE),
			    .number = number,
			    .generation = generation}};
	struct sockaddr_ll device = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(BFD_TICK_ETHERTYPE),
		.sll_ifindex = (int)tick0_ifindex,
		.sll_halen = 6,
	};

	return sendto(fd, tick.bytes, sizeof(tick.bytes), 0, (struct sockaddr *)&device,
		      sizeof(device)) < 0
		       ? -errno
		       : 0;
}

/* Protocol 0: it receives nothing. */
static int clock_socket(int *fd)
{
	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return *fd < 0 ? -errno : 0;
}

int clock_inject(uint32_t tick0_ifindex, uint32_t frames, uint32_t generation)
{
	int fd, error = clock_socket(&fd);

	if (error)
		return error;
	for (uint16_t number = 0; number < BFD_TICK_FRAMES && !error; number++)
		if (frames & (1U << number))
			error = clock_send(fd, tick0_ifindex, number, generation);
	close(fd);
	return error;
}

int clock_open_now(void)
{
	int bypass = 1, fd, error = clock_socket(&fd);

	if (error)
		return error;
	/* Past the frames that wait in tbf. */
	if (!setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof(bypass)))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int clock_tick_now(int fd, uint32_t tick0_ifindex, uint32_t generation)
{
	return clock_send(fd, tick0_ifindex, BFD_TICK_FRAMES, generation);
}

int clock_remove(void)
{
	struct clock_end ends[2];
	struct rtnl *rtnl = NULL;
	int error = rtnl_open(&rtnl);

	if (!error)
		error = clock_get_pair(rtnl, ends);
	if (!error)
		error = clock_delete_pair(rtnl, ends);
	rtnl_close(rtnl);
	return error;
}
